/* Texts for other engines: quoting of hostile names and values, what is left out and why. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "cli/data_templates.h"
#include "core/documents/json.h"
#include "runtime/data/suite.h"

struct bench {
    struct cli cli;
    struct arena *arena;
};

static int set_up(void **state)
{
    static struct bench bench;
    bench.cli = (struct cli){.out = stdout, .err = stderr, .width = 100};
    bench.arena = arena_new();
    *state = &bench;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((struct bench *)*state)->arena);
    return 0;
}

static const struct suite *suite_of(struct bench *bench, const char *expectations)
{
    const char *why = NULL;
    const char *text = arena_printf(bench->arena, "{\"name\": \"s\", \"expectations\": [%s]}", expectations);
    const struct value *document = json_read_text(bench->arena, text, strlen(text), &why);
    assert_non_null(document);
    const struct suite *suite = suite_read(bench->arena, document, &why);
    assert_non_null(suite);
    return suite;
}

static struct sql_query query_of(struct bench *bench, const char *dialect, const char *expectations)
{
    struct sql_query query;
    const struct suite *suite = suite_of(bench, expectations);
    assert_true(
        templates_sql(&bench->cli, bench->arena, dialect, "s.t\"", suite->checks, suite->count, &query));
    return query;
}

static void holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in %s", part, text);
}

static void names_and_texts_are_quoted(void **state)
{
    struct sql_query query =
        query_of(*state, "postgres",
                 "{\"type\": \"expect_column_values_to_be_in_set\", \"kwargs\": {\"column\": \"a\\\"; drop "
                 "table t; --\", "
                 "\"value_set\": [\"'; drop table t; --\", \"\\\\\", \"\\\\(x)\", null], "
                 "\"row_condition\": \"b == \\\"it's\\\"\", \"condition_parser\": \"pandas\"}}");
    holds(query.text, "\"a\"\"; drop table t; --\"");
    holds(query.text, "IN ('''; drop table t; --', '\\', '\\(x)')");
    holds(query.text, "coalesce(\"b\" = 'it''s', FALSE)");
    holds(query.text, "FROM \"s\".\"t\"\"\";");
    assert_null(query.left_out[0]);
}

static void what_cannot_be_said_is_left_out_alone(void **state)
{
    struct sql_query query =
        query_of(*state, "duckdb",
                 "{\"type\": \"expect_column_values_to_be_increasing\", \"kwargs\": {\"column\": \"a\"}},"
                 "{\"type\": \"mean\", \"kwargs\": {\"column\": \"a\", \"slice_by\": [\"b\"]}},"
                 "{\"type\": \"expect_column_values_to_be_in_set\", \"kwargs\": {\"column\": \"a\", "
                 "\"value_set\": [1, \"x\"]}},"
                 "{\"type\": \"expect_column_values_to_be_in_set\", \"kwargs\": {\"column\": \"a\", "
                 "\"value_set\": [\"\\u0000\"]}},"
                 "{\"type\": \"satisfies\", \"kwargs\": {\"condition\": \"a / b > 1\"}},"
                 "{\"type\": \"mean\", \"kwargs\": {\"column\": \"a\", \"min_value\": 3, \"max_value\": 2}},"
                 "{\"type\": \"mean\", \"kwargs\": {}},"
                 "{\"type\": \"expect_nothing\", \"kwargs\": {}},"
                 "{\"type\": \"mean\", \"kwargs\": {\"column\": \"c\"}}");
    holds(query.left_out[0], "SQL cannot express this check");
    holds(query.left_out[1], "slices");
    holds(query.left_out[2], "texts and other values");
    holds(query.left_out[3], "no literal");
    holds(query.left_out[4], "`/`");
    holds(query.left_out[5], "greater than the greatest");
    holds(query.left_out[6], "a column is required");
    holds(query.left_out[7], "expect_nothing is not supported");
    assert_null(query.left_out[8]);
    holds(query.text, "'check', 8, 'measure', avg(\"c\"))");
    assert_null(strstr(query.text, "'check', 0"));
}

/* One object a check in one query: no function of a database takes the members of all. */
static void many_checks_are_one_query(void **state)
{
    struct buf many = {0};
    for (int i = 0; i < 500; i++)
        buf_printf(&many, "%s{\"type\": \"max\", \"kwargs\": {\"column\": \"c%d\"}}", i ? "," : "", i);
    struct sql_query query = query_of(*state, "postgres", buf_str(&many));
    holds(query.text, "'check', 499, 'measure', max(\"c499\"))\n]) AS result\n");
    assert_null(strchr(strchr(query.text, ';') + 1, ';'));
    buf_free(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_and_texts_are_quoted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_said_is_left_out_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_checks_are_one_query, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
