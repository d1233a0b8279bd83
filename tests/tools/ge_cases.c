/* Runs a file of cases in the format of ge_cases.jsonl (one JSON record a line: data, an expectation with its
 * arguments, the outcome) and prints where the engine disagrees, and totals. Exit 1 when any case disagrees.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "runtime/data/check_run.h"
#include "runtime/data/suite.h"
#include "tests/tools/parts/case_values.h"
#include "tests/tools/parts/pandas_column.h"

static bool number_of(const struct value *value, double *out)
{
    if (value->kind == VALUE_INT)
        *out = (double)value->integer;
    else if (value->kind == VALUE_FLOAT)
        *out = value->number;
    else if (value->kind == VALUE_BOOL)
        *out = value->boolean;
    else
        return false;
    return true;
}

/* One time in two spellings: "2020-01-01 10:00:00", "2020-01-01T10:00:00.000000000", "…Z", "…+00:00". */
static bool same_time(const struct value *wanted, const struct value *found)
{
    struct column_schema schema = {.type = COLUMN_TIMESTAMP, .ticks = 1000000000, .declared = true};
    struct cell a, b;
    if (wanted->kind != VALUE_STRING || found->kind != VALUE_STRING || wanted->length < 10 ||
        found->length < 10)
        return false;
    schema.zoned = true; /* a zone is allowed, and none is UTC */
    return cell_parse(&schema, wanted->text, wanted->length, &a) &&
           cell_parse(&schema, found->text, found->length, &b) && a.integer == b.integer;
}

/* Numbers within a relative tolerance; a record of cells equals a list of them in order. */
static bool agrees(const struct value *wanted, const struct value *found, double tolerance)
{
    double a, b;
    if (!found)
        return wanted->kind == VALUE_NULL;
    if (wanted->kind == VALUE_FLOAT && isinf(wanted->number) && found->kind == VALUE_STRING)
        return strcmp(found->text, wanted->number > 0 ? "inf" : "-inf") == 0; /* infinite cells are texts */
    if (wanted->kind == VALUE_STRING && strcmp(wanted->text, "NaT") == 0 && found->kind == VALUE_NULL)
        return true;
    if (number_of(wanted, &a) && number_of(found, &b))
        return a == b || fabs(a - b) <= tolerance * fmax(fabs(a), fabs(b));
    if (wanted->kind == VALUE_LIST && found->kind == VALUE_LIST) {
        bool same = wanted->count == found->count;
        for (size_t i = 0; same && i < wanted->count; i++)
            same = agrees(wanted->items[i], found->items[i], tolerance);
        return same;
    }
    if (wanted->kind == VALUE_LIST && found->kind == VALUE_RECORD) {
        bool same = wanted->count == found->field_count;
        for (size_t i = 0; same && i < wanted->count; i++)
            same = agrees(wanted->items[i], found->fields[i].value, tolerance);
        return same;
    }
    if (wanted->kind == VALUE_RECORD && found->kind == VALUE_RECORD) {
        bool same = wanted->field_count > 0 || found->field_count == 0;
        for (size_t i = 0; same && i < wanted->field_count; i++) {
            const struct value *other = value_get(found, wanted->fields[i].key);
            same = other && agrees(wanted->fields[i].value, other, tolerance);
        }
        return same;
    }
    return value_equal(wanted, found) || same_time(wanted, found);
}

struct outcome {
    struct buf wrong;
    const struct value *expect;
    double tolerance;
};

/* Great Expectations lists 200 unexpected values at most. */
static const struct value *first_values(struct arena *arena, const struct value *list,
                                        const struct value *wanted)
{
    enum { LISTED = 200 };
    bool cut = wanted && wanted->kind == VALUE_LIST && wanted->count == LISTED && list->count > LISTED;
    return cut ? value_list(arena, list->items, LISTED, 0) : list;
}

static void compare(struct outcome *outcome, const char *key, const struct value *found)
{
    const struct value *wanted = value_get(outcome->expect, key);
    if (!wanted || agrees(wanted, found, outcome->tolerance))
        return;
    buf_printf(&outcome->wrong, "  %s: expected ", key);
    value_print(&outcome->wrong, wanted);
    buf_add_str(&outcome->wrong, ", found ");
    if (found)
        value_print(&outcome->wrong, found);
    else
        buf_add_str(&outcome->wrong, "nothing");
    buf_add_char(&outcome->wrong, '\n');
}

/* Whether a case states more than its verdict: a refusal agrees with a bare "success": false, as there. */
static bool states_findings(const struct value *expect)
{
    static const char *const BARE[] = {"success", "element_count", "missing_count", "rtol"};
    for (size_t i = 0; i < expect->field_count; i++) {
        bool bare = expect->fields[i].value->kind == VALUE_NULL;
        for (size_t j = 0; j < sizeof BARE / sizeof *BARE && !bare; j++)
            bare = strcmp(expect->fields[i].key, BARE[j]) == 0;
        if (!bare)
            return true;
    }
    return false;
}

static void compare_result(struct arena *arena, struct outcome *outcome, const struct check_result *result)
{
    bool error = result->status == CHECK_ERROR;
    compare(outcome, "success", value_bool(arena, result->status == CHECK_PASSED, 0));
    if (value_get(outcome->expect, "error") && !error)
        buf_add_str(&outcome->wrong, "  an error was expected: none came\n");
    if (error && !value_get(outcome->expect, "error") && states_findings(outcome->expect))
        buf_printf(&outcome->wrong, "  unexpected error: %s\n", result->error);
    if (error)
        return;
    struct list_builder rows = list_begin(arena), values = list_begin(arena);
    for (size_t i = 0; i < result->sample_count; i++) {
        list_add(&rows, value_int(arena, (int64_t)result->samples[i].row, 0));
        list_add(&values, result->samples[i].value);
    }
    compare(outcome, "observed_value", result->observed);
    compare(outcome, "unexpected_rows", list_end(&rows, 0));
    compare(outcome, "unexpected_list",
            first_values(arena, list_end(&values, 0), value_get(outcome->expect, "unexpected_list")));
    compare(outcome, "unexpected_count", value_int(arena, (int64_t)result->unexpected_count, 0));
    enum check_kind kind = result->check->kind;
    bool all_rows = kind == CHECK_NOT_NULL || kind == CHECK_IS_NULL;
    bool none = result->element_count == (all_rows ? 0 : result->missing_count);
    compare(outcome, "unexpected_percent",
            none ? value_null(arena, 0) : value_float(arena, result->unexpected_percent, 0));
    compare(outcome, "element_count", value_int(arena, (int64_t)result->element_count, 0));
    compare(outcome, "missing_count", value_int(arena, (int64_t)result->missing_count, 0));
    compare(outcome, "details", result->details);
    static const char *const INSIDE[] = {"value_counts", "observed_partition", "expected_partition"};
    for (size_t i = 0; i < 3; i++)
        compare(outcome, INSIDE[i], result->details ? value_get(result->details, INSIDE[i]) : NULL);
}

static bool is_skipped(const struct value *line)
{
    const struct value *tags = value_get(line, "tags");
    for (size_t i = 0; tags && tags->kind == VALUE_LIST && i < tags->count; i++)
        if (strcmp(value_string_or(tags->items[i], ""), "pandas-dtype") == 0)
            return true;
    return false;
}

/* Empty when the engine agrees; else what differs. */
static char *run_case(struct arena *arena, const struct value *line)
{
    const struct value *columns = value_get(line, "columns"), *dtypes = value_get(line, "dtypes");
    size_t count = columns->field_count;
    struct column_schema *schemas = arena_array(arena, count + 1, sizeof *schemas);
    struct column *data = arena_array(arena, count + 1, sizeof *data);
    struct chunk chunk = {.columns = data};
    for (size_t i = 0; i < count; i++) {
        const char *name = columns->fields[i].key;
        const char *dtype = dtypes ? value_string_or(value_get(dtypes, name), "") : "";
        pandas_column(arena, name, columns->fields[i].value, dtype, &schemas[i], &data[i]);
        chunk.rows = (uint32_t)columns->fields[i].value->count;
    }
    struct table_schema schema = {schemas, count};
    struct table *table = table_of_chunk(&schema, &chunk);
    bool known;
    struct check check = suite_check(arena, value_string_or(value_get(line, "expectation"), ""),
                                     case_resolve(arena, value_get(line, "kwargs")), &known);
    struct check_options options = {.threads = 1, .samples = CHECK_ALL_SAMPLES, .strict_types = true};
    struct check_report report;
    struct data_error error;
    struct outcome outcome = {.expect = case_resolve(arena, value_get(line, "expect")), .tolerance = 1e-9};
    const struct value *tolerance = value_get(outcome.expect, "rtol");
    if (tolerance)
        number_of(tolerance, &outcome.tolerance);
    if (check_run(arena, table, &check, 1, &options, &report, &error))
        compare_result(arena, &outcome, &report.results[0]);
    else
        buf_printf(&outcome.wrong, "  %s\n", error.message);
    table_close(table);
    return buf_take(&outcome.wrong);
}

int main(int argc, char **argv)
{
    struct buf text = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: ge_cases FILE\n");
        return 64;
    }
    if (file_read(argv[1], (size_t)1 << 30, &text) < 0) {
        fprintf(stderr, "ge_cases: cannot read %s\n", argv[1]);
        return 1;
    }
    size_t agree = 0, disagree = 0, skipped = 0, number = 0;
    for (size_t at = 0; at < text.length;) {
        const char *start = text.data + at, *end = memchr(start, '\n', text.length - at);
        size_t length = end ? (size_t)(end - start) : text.length - at;
        struct arena *arena = arena_new();
        const char *why = NULL;
        at += length + 1;
        number++;
        const struct value *line = length ? json_read_text(arena, start, length, &why) : NULL;
        if (length && (!line || line->kind != VALUE_RECORD || !value_get(line, "columns") ||
                       !value_get(line, "kwargs") || !value_get(line, "expect"))) {
            printf("line %zu: %s\n", number, why ? why : "not a case");
            disagree++;
        } else if (line && is_skipped(line)) {
            skipped++;
        } else if (line) {
            char *wrong = run_case(arena, line);
            if (wrong && *wrong)
                printf("%s\n%s", value_string_or(value_get(line, "id"), "?"), wrong);
            disagree += wrong && *wrong;
            agree += !(wrong && *wrong);
            free(wrong);
        }
        arena_free(arena);
    }
    buf_free(&text);
    printf("cases %zu, agree %zu, disagree %zu, skipped %zu (pandas type names)\n",
           agree + disagree + skipped, agree, disagree, skipped);
    return disagree ? 1 : 0;
}
