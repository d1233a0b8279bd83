#ifndef MLC_TESTS_CHECK_SUPPORT_H
#define MLC_TESTS_CHECK_SUPPORT_H

/* What tests of checks share: a table from CSV text, and running checks over it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/documents/json.h"
#include "runtime/data/check_run.h"
#include "runtime/data/condition.h"
#include "runtime/data/source.h"
#include "runtime/data/suite.h"

/* A temporary file with the text; the caller frees the name after remove(). */
static inline char *write_text(const char *text, size_t length)
{
    const char *folder = getenv("TMPDIR");
    char name[512];
    snprintf(name, sizeof name, "%s/mlc-test-XXXXXX", folder && *folder ? folder : P_tmpdir);
    int descriptor = mkstemp(name);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, length), (ssize_t)length);
    close(descriptor);
    return strdup(name);
}

/* CSV text with columns of declared types. */
static inline struct table *open_columns(const char *csv, const struct column_option *columns, size_t count,
                                         char **path)
{
    struct table_options options = {
        .format = FORMAT_CSV, .header = HEADER_YES, .columns = columns, .column_count = count};
    struct data_error error;
    *path = write_text(csv, strlen(csv));
    struct table *table = table_open((const char *const *)path, 1, &options, &error);
    if (!table)
        fail_msg("%s", error.message);
    return table;
}

static inline struct table *open_typed(const char *csv, const char *name, const char *type, char **path)
{
    struct column_option column = {.name = name, .type = type};
    return open_columns(csv, &column, 1, path);
}

static inline struct table *open_text(const char *text, char **path)
{
    return open_columns(text, NULL, 0, path);
}

static inline const struct value *parse_json(struct arena *arena, const char *text)
{
    const char *why = NULL;
    const struct value *value = json_read_text(arena, text, strlen(text), &why);
    if (!value)
        fail_msg("%s: %s", text, why);
    return value;
}

/* The results of checks over CSV text. */
static inline struct check_report run_checks(struct arena *arena, const char *csv, const struct check *checks,
                                             size_t count, const struct check_options *options)
{
    struct check_report report;
    struct data_error error;
    char *path;
    struct table *table = open_text(csv, &path);
    if (!check_run(arena, table, checks, count, options, &report, &error))
        fail_msg("%s", error.message);
    report.findings = NULL; /* lives with the table */
    table_close(table);
    remove(path);
    free(path);
    return report;
}

static inline struct check_result run_check(struct arena *arena, const char *csv, const struct check *check)
{
    return run_checks(arena, csv, check, 1, NULL).results[0];
}

static inline double observed_number(const struct check_result *result)
{
    assert_non_null(result->observed);
    if (result->observed->kind == VALUE_INT)
        return (double)result->observed->integer;
    assert_int_equal(result->observed->kind, VALUE_FLOAT);
    return result->observed->number;
}

static inline const struct expr *parse_condition(struct arena *arena, const char *text)
{
    const char *why = NULL;
    const struct expr *expr = condition_parse(arena, text, strlen(text), &why);
    if (!expr)
        fail_msg("%s", why);
    return expr;
}

#endif
