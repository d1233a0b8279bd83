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

/* The query for all checks, and why some are not in it. */
struct written_query {
    const char *text;
    const char *const *left_out;
};

static struct sql_query parts_of(struct bench *bench, const char *dialect, const char *expectations)
{
    struct sql_query query;
    const struct suite *suite = suite_of(bench, expectations);
    assert_true(templates_sql(&bench->cli, bench->arena, dialect, "\"s\".\"t\"\"\"", suite->checks,
                              suite->count, &query));
    return query;
}

static const char *written_text(struct bench *bench, const struct sql_query *query, const size_t *places,
                                size_t count)
{
    struct buf out = {0};
    sql_query_write(query, places, count, &out);
    const char *text = arena_strdup(bench->arena, buf_str(&out));
    buf_free(&out);
    return text;
}

static struct written_query query_of(struct bench *bench, const char *dialect, const char *expectations)
{
    struct sql_query query = parts_of(bench, dialect, expectations);
    return (struct written_query){written_text(bench, &query, NULL, 0), query.left_out};
}

static void holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in %s", part, text);
}

static void names_and_texts_are_quoted(void **state)
{
    struct written_query query =
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
    struct written_query query =
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

/* The catalogue is asked once, and only for checks that need it. */
static void columns_are_asked_once(void **state)
{
    static const char *const DIALECTS[] = {"postgres", "duckdb"}, *const SOURCES[] = {"pg_attribute",
                                                                                      "DESCRIBE"};
    struct bench *bench = *state;
    for (size_t i = 0; i < 2; i++) {
        struct sql_query query =
            parts_of(bench, DIALECTS[i],
                     "{\"type\": \"expect_column_to_exist\", \"kwargs\": {\"column\": \"a\"}},"
                     "{\"type\": \"mean\", \"kwargs\": {\"column\": \"a\"}},"
                     "{\"type\": \"columns\", \"kwargs\": {\"max_value\": 3}}");
        const char *all = written_text(bench, &query, NULL, 0), *asked = strstr(all, SOURCES[i]);
        assert_non_null(asked);
        assert_null(strstr(asked + 1, SOURCES[i]));
        holds(all, "'check', 2, 'columns', TRUE)");
        assert_null(strstr(written_text(bench, &query, (const size_t[]){1}, 1), SOURCES[i]));
        assert_non_null(strstr(written_text(bench, &query, (const size_t[]){1, 2}, 2), SOURCES[i]));
    }
}

/* One object a check in one query: no function of a database takes the members of all. */
static void many_checks_are_one_query(void **state)
{
    struct buf many = {0};
    for (int i = 0; i < 500; i++)
        buf_printf(&many, "%s{\"type\": \"max\", \"kwargs\": {\"column\": \"c%d\"}}", i ? "," : "", i);
    struct written_query query = query_of(*state, "postgres", buf_str(&many));
    holds(query.text, "'check', 499, 'measure', max(\"c499\"))\n]) AS result\n");
    assert_null(strchr(strchr(query.text, ';') + 1, ';'));
    buf_free(&many);
}

/* Each keeps the place that it has in the suite; a query of none asks for the rows. */
static void some_checks_are_a_query_too(void **state)
{
    struct sql_query query = parts_of(*state, "postgres",
                                      "{\"type\": \"max\", \"kwargs\": {\"column\": \"a\"}}, {\"type\": "
                                      "\"max\", \"kwargs\": {\"column\": \"b\"}},"
                                      "{\"type\": \"expect_nothing\", \"kwargs\": {}}, {\"type\": \"max\", "
                                      "\"kwargs\": {\"column\": \"c\"}}");
    assert_int_equal(query.count, 4);
    assert_null(query.objects[2]);
    const size_t places[] = {1, 3};
    assert_string_equal(written_text(*state, &query, places, 2),
                        "SELECT to_jsonb(ARRAY[\n  jsonb_build_object('n', count(*)),\n"
                        "  jsonb_build_object('check', 1, 'measure', max(\"b\")),\n"
                        "  jsonb_build_object('check', 3, 'measure', max(\"c\"))\n"
                        "]) AS result\nFROM \"s\".\"t\"\"\";\n");
    assert_string_equal(written_text(*state, &query, places, 0),
                        "SELECT to_jsonb(ARRAY[\n  jsonb_build_object('n', count(*))\n"
                        "]) AS result\nFROM \"s\".\"t\"\"\";\n");
}

static const struct value *written(struct bench *bench, const struct check *checks, size_t count,
                                   const char *const **left_out)
{
    struct buf out = {0};
    const char *why = NULL;
    assert_true(templates_suite(&bench->cli, bench->arena, "s", checks, count, &out, left_out));
    const struct value *document = json_read_text(bench->arena, buf_str(&out), out.length, &why);
    assert_non_null(document);
    buf_free(&out);
    return document;
}

#define E "expect_column_values_to_"
#define D "expect_column_distinct_values_to_"

/* Every expectation that has a check, as it is written: what is read from them is written so again. */
static const char *const SUITE[][2] = {
    {"expect_column_to_exist", "\"column\": \"a\", \"column_index\": 2"},
    {"expect_table_columns_to_match_set", "\"column_set\": [\"a\", \"b\"], \"exact_match\": false"},
    {"expect_table_columns_to_match_ordered_list", "\"column_list\": [\"a\", \"b\"]"},
    {"expect_table_column_count_to_be_between", "\"min_value\": 1, \"max_value\": 3"},
    {"expect_table_row_count_to_be_between", "\"min_value\": 1"},
    {E "not_be_null", "\"column\": \"a\", \"mostly\": 0.9"},
    {E "be_null", "\"column\": \"a\""},
    {E "be_unique", "\"column\": \"a\""},
    {"expect_compound_columns_to_be_unique", "\"column_list\": [\"a\", \"b\"], \"ignore_row_if\": \"never\""},
    {"expect_select_column_values_to_be_unique_within_record",
     "\"column_list\": [\"a\", \"b\"], \"ignore_row_if\": \"any_value_is_missing\""},
    {"expect_multicolumn_sum_to_equal",
     "\"column_list\": [\"a\", \"b\"], \"ignore_row_if\": \"all_values_are_missing\", \"sum_total\": 3"},
    {"expect_column_unique_value_count_to_be_between", "\"column\": \"a\", \"min_value\": 1"},
    {"expect_column_proportion_of_unique_values_to_be_between", "\"column\": \"a\", \"max_value\": 0.5"},
    {E "be_between", "\"column\": \"a\", \"min_value\": 1, \"max_value\": 9.5, \"strict_max\": true, "
                     "\"row_condition\": \"`b c` == \\\"x\\\" and (not (d) or e in [1, 2]) and "
                     "f.notnull() and (g % 2) == 1 and (h ** 2) > (i // 3)\", \"condition_parser\": "
                     "\"pandas\", \"mostly\": 0.25"},
    {"expect_column_value_lengths_to_be_between", "\"column\": \"a\", \"max_value\": 3"},
    {"expect_column_min_to_be_between", "\"column\": \"a\", \"min_value\": \"2024-01-02\""},
    {"expect_column_max_to_be_between", "\"column\": \"a\", \"max_value\": 5"},
    {"expect_column_mean_to_be_between", "\"column\": \"a\", \"max_value\": 5, \"strict_max\": true"},
    {"expect_column_sum_to_be_between", "\"column\": \"a\", \"min_value\": 1, \"max_value\": 5"},
    {"expect_column_stdev_to_be_between", "\"column\": \"a\", \"max_value\": 5"},
    {"expect_column_median_to_be_between", "\"column\": \"a\", \"max_value\": 5"},
    {"expect_column_quantile_values_to_be_between", "\"column\": \"a\", \"quantile_ranges\": {\"quantiles\": "
                                                    "[0.5, 0.9], \"value_ranges\": [[1, null], [null, 3]]}, "
                                                    "\"allow_relative_error\": \"nearest\""},
    {E "be_in_set", "\"column\": \"a\", \"value_set\": [1, null, \"x\"]"},
    {E "not_be_in_set", "\"column\": \"a\", \"value_set\": []"},
    {D "be_in_set", "\"column\": \"a\", \"value_set\": [1]"},
    {D "equal_set", "\"column\": \"a\", \"value_set\": [1]"},
    {D "contain_set", "\"column\": \"a\", \"value_set\": [1]"},
    {"expect_column_most_common_value_to_be_in_set",
     "\"column\": \"a\", \"value_set\": [1], \"ties_okay\": true"},
    {E "match_regex", "\"column\": \"a\", \"regex\": \"^x\\\\d\""},
    {E "not_match_regex", "\"column\": \"a\", \"regex\": \"^x\""},
    {E "match_regex_list", "\"column\": \"a\", \"regex_list\": [\"^x\", \"y\"], \"match_on\": \"all\""},
    {E "not_match_regex_list", "\"column\": \"a\", \"regex_list\": [\"^x\", \"y\"]"},
    {E "match_like_pattern", "\"column\": \"a\", \"like_pattern\": \"x%\""},
    {E "not_match_like_pattern", "\"column\": \"a\", \"like_pattern\": \"x%\""},
    {E "match_like_pattern_list",
     "\"column\": \"a\", \"like_pattern_list\": [\"x%\", \"y_\"], \"match_on\": \"any\""},
    {E "match_strftime_format", "\"column\": \"a\", \"strftime_format\": \"%Y\""},
    {E "be_dateutil_parseable", "\"column\": \"a\""},
    {E "be_json_parseable", "\"column\": \"a\""},
    {E "match_json_schema",
     "\"column\": \"a\", \"json_schema\": {\"type\": \"object\", \"required\": [\"k\"]}"},
    {E "be_increasing", "\"column\": \"a\", \"strictly\": true"},
    {E "be_decreasing", "\"column\": \"a\""},
    {"expect_column_pair_values_to_be_equal",
     "\"column_A\": \"a\", \"column_B\": \"b\", \"ignore_row_if\": \"neither\""},
    {"expect_column_pair_values_a_to_be_greater_than_b",
     "\"column_A\": \"a\", \"column_B\": \"b\", \"ignore_row_if\": \"either_value_is_missing\", "
     "\"or_equal\": true"},
    {"expect_column_pair_values_to_be_in_set",
     "\"column_A\": \"a\", \"column_B\": \"b\", \"ignore_row_if\": "
     "\"both_values_are_missing\", \"value_pairs_set\": [[1, \"x\"], [null, 2]]"},
    {"expect_column_value_z_scores_to_be_less_than",
     "\"column\": \"a\", \"threshold\": 3, \"double_sided\": true"},
    {"expect_column_values_to_not_be_outliers", "\"column\": \"a\", \"method\": \"std\", \"multiplier\": 2"},
    {"expect_multicolumn_values_to_be_equal",
     "\"column_list\": [\"a\", \"b\"], \"ignore_row_if\": \"never\""},
    {"expect_column_kl_divergence_to_be_less_than",
     "\"column\": \"a\", \"partition_object\": {\"values\": [\"x\"], \"weights\": [1]}, \"threshold\": 0.1, "
     "\"bucketize_data\": true, \"tail_weight_holdout\": 0, \"internal_weight_holdout\": 0"},
};

static void suites_are_written_as_they_are_read(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof SUITE / sizeof *SUITE; i++) {
        const char *text =
            arena_printf(bench->arena, "{\"type\": \"%s\", \"kwargs\": {%s}, \"meta\": {\"n\": 1}%s}",
                         SUITE[i][0], SUITE[i][1], i % 2 ? ", \"severity\": \"warning\"" : "");
        const struct suite *suite = suite_of(bench, text);
        const char *const *left_out, *why = NULL;
        const struct value *expectations =
            value_get(written(bench, suite->checks, suite->count, &left_out), "expectations");
        if (left_out[0])
            fail_msg("%s: %s", SUITE[i][0], left_out[0]);
        const struct value *expected = json_read_text(bench->arena, text, strlen(text), &why);
        struct buf found = {0};
        json_write(&found, expectations->items[0], (struct json_style){JSON_COMPACT, false}, NULL);
        if (!value_equal(expectations->items[0], expected))
            fail_msg("%s became %s", text, buf_str(&found));
        buf_free(&found);
    }
}

static void what_a_suite_cannot_say_has_a_reason(void **state)
{
    struct bench *bench = *state;
    const struct suite *suite = suite_of(
        bench, "{\"type\": \"entropy\", \"kwargs\": {\"column\": \"a\"}},"
               "{\"type\": \"mean\", \"kwargs\": {\"column\": \"a\", \"slice_by\": [\"b\"]}},"
               "{\"type\": \"type\", \"kwargs\": {\"column\": \"a\"}},"
               "{\"type\": \"format\", \"kwargs\": {\"column\": \"a\", \"value_set\": [\"email\"]}},"
               "{\"type\": \"null_fraction\", \"kwargs\": {\"column\": \"a\", \"min_value\": 0.1}},"
               "{\"type\": \"rows\", \"kwargs\": {\"row_condition\": \"`a` > 1 and col(\\\"b`c\\\") > 1\", "
               "\"condition_parser\": \"pandas\"}},"
               "{\"type\": \"rows\", \"kwargs\": {\"row_condition\": \"`b\\nc` > 1\", "
               "\"condition_parser\": \"pandas\"}},"
               "{\"type\": \"rows\", \"kwargs\": {}}, {\"type\": \"rows\", \"kwargs\": {}}");
    const char *const *left_out;
    const struct value *document = written(bench, suite->checks, suite->count, &left_out);
    static const char *const REASONS[] = {"means the same", "slices", "type names", "format",
                                          "upper",          "pandas", "pandas"};
    for (size_t i = 0; i < sizeof REASONS / sizeof *REASONS; i++)
        holds(left_out[i], REASONS[i]);
    assert_int_equal(value_get(document, "expectations")->count, 1); /* of two that are the same */
}

static void shares_of_missing_values_become_mostly(void **state)
{
    struct bench *bench = *state;
    static const char *const COLUMN[] = {"a"};
    const struct check checks[] = {
        {.kind = CHECK_NULL_FRACTION,
         .columns = COLUMN,
         .column_count = 1,
         .max = value_quantity(bench->arena, 1, UNIT_PERCENT, 0)},
        {.kind = CHECK_NULL_FRACTION,
         .columns = COLUMN,
         .column_count = 1,
         .max = value_int(bench->arena, 0, 0)},
    };
    const char *const *left_out;
    const struct value *list = value_get(written(bench, checks, 2, &left_out), "expectations");
    assert_string_equal(value_string_or(value_get(list->items[0], "type"), ""), E "not_be_null");
    assert_true(value_path(list->items[0], "kwargs", "mostly", NULL)->number == 0.99);
    assert_null(value_path(list->items[1], "kwargs", "mostly", NULL));
}

/* What is read is written with the same meaning: no operation loses its parentheses. */
static void conditions_keep_their_parentheses(void **state)
{
    static const char *const CONDITIONS[] = {
        "-(x + y) < 3",     "-(-x) > 0",       "(x + y) ** 2 > 1",  "(-x) ** 2 > 1",     "(x + y) % 2 == 1",
        "x - (y - z) > 0",  "x / (y * z) > 1", "(x * y) // 2 == 1", "x * (y + z) > 2",   "-x * y > 0",
        "(x + y) * z == 1", "x - y - z == 0",  "x ** (y + 1) > 2",  "(x // 2) ** 2 == 4"};
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof CONDITIONS / sizeof *CONDITIONS; i++) {
        const struct suite *read =
            suite_of(bench, arena_printf(bench->arena,
                                         "{\"type\": \"rows\", \"kwargs\": {\"row_condition\": \"%s\", "
                                         "\"condition_parser\": \"pandas\"}}",
                                         CONDITIONS[i]));
        const char *const *left_out;
        const struct value *list = value_get(written(bench, read->checks, 1, &left_out), "expectations");
        const char *text = value_string_or(value_path(list->items[0], "kwargs", "row_condition", NULL), "");
        const struct suite *again =
            suite_of(bench, arena_printf(bench->arena,
                                         "{\"type\": \"rows\", \"kwargs\": {\"row_condition\": \"%s\", "
                                         "\"condition_parser\": \"pandas\"}}",
                                         text));
        if (!expr_equal(read->checks[0].where, again->checks[0].where))
            fail_msg("%s became %s", CONDITIONS[i], text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_and_texts_are_quoted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_said_is_left_out_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(suites_are_written_as_they_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_suite_cannot_say_has_a_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shares_of_missing_values_become_mostly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(columns_are_asked_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_checks_are_one_query, set_up, tear_down),
        cmocka_unit_test_setup_teardown(some_checks_are_a_query_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(conditions_keep_their_parentheses, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
