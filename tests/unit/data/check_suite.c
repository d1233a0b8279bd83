/* Suites of Great Expectations become checks. */

#include "check_support.h"
#include "runtime/data/check_values.h"

static const char *const SUITE =
    "{\"name\": \"s\", \"expectations\": ["
    "{\"type\": \"expect_column_values_to_be_between\", \"kwargs\": {\"column\": \"a\", \"min_value\": 1, "
    "\"strict_max\": true, \"max_value\": 9, \"mostly\": 0.9, \"row_condition\": \"b == 'x'\", "
    "\"condition_parser\": \"pandas\"}},"
    "{\"type\": \"expect_compound_columns_to_be_unique\", \"kwargs\": {\"column_list\": [\"a\", \"b\"]}},"
    "{\"expectation_type\": \"expect_column_quantile_values_to_be_between\", \"kwargs\": {\"column\": \"a\", "
    "\"quantile_ranges\": {\"quantiles\": [0.5], \"value_ranges\": [[1, null]]}}, \"severity\": \"warning\"},"
    "{\"type\": \"expect_column_values_to_match_regex\", \"kwargs\": {\"column\": \"b\", \"regex\": \"^x\"}},"
    "{\"type\": \"expect_column_to_teleport\", \"kwargs\": {}},"
    "{\"kwargs\": {}}]}";

static void is_read(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct suite *suite = suite_read(arena, parse_json(arena, SUITE), &why);
    assert_non_null(suite);
    assert_int_equal(suite->count, 6);
    assert_true(suite->checks[0].strict_max);
    assert_non_null(suite->checks[0].where);
    assert_int_equal(suite->checks[2].severity, CHECK_WARNING);
    assert_int_equal(suite->checks[2].interpolation, RANK_NEAREST);
    assert_non_null(suite->checks[4].error); /* unknown: its own error, not the suite's */
    assert_non_null(suite->checks[5].error);
    arena_free(arena);
}

static void conditions_as_records(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct expr *expr = condition_from_value(
        arena,
        parse_json(
            arena,
            "{\"type\": \"and\", \"conditions\": [{\"type\": \"comparison\", \"column\": {\"name\": \"a\"}, "
            "\"operator\": \">=\", \"parameter\": 3}, {\"type\": \"nullity\", \"column\": {\"name\": "
            "\"b\"}, \"is_null\": false}]}"),
        &why);
    assert_non_null(expr);
    struct check rows = {.kind = CHECK_ROWS, .where = expr};
    struct check_result result = run_check(arena, "a,b\n3,x\n4,\n2,x\n", &rows);
    assert_true(observed_number(&result) == 1);
    assert_null(
        condition_from_value(arena, parse_json(arena, "{\"type\": \"or\", \"conditions\": []}"), &why));
    rows.where = condition_from_value(
        arena, parse_json(arena, "{\"type\": \"pass_through\", \"pass_through_filter\": \"a > 2\"}"), &why);
    assert_non_null(rows.where);
    result = run_check(arena, "a,b\n3,x\n4,\n2,x\n", &rows);
    assert_true(observed_number(&result) == 2);
    assert_null(condition_from_value(
        arena, parse_json(arena, "{\"type\": \"pass_through\", \"pass_through_filter\": \"a >\"}"), &why));
    assert_string_equal(why, "row condition, column 4: the condition ends too early");
    assert_null(condition_from_value(arena, parse_json(arena, "{\"type\": \"pass_through\"}"), &why));
    arena_free(arena);
}

/* What is told is heeded or refused: `"strict_max": "true"` would otherwise be no bound at all. */
static void arguments_of_the_wrong_kind_are_refused(void **state)
{
    static const char *const WRONG[][2] = {
        {"expect_column_max_to_be_between", "\"max_value\": 1, \"strict_max\": \"true\""},
        {"expect_column_max_to_be_between", "\"max_value\": 1, \"strict_min\": 1"},
        {"expect_column_values_to_be_increasing", "\"strictly\": \"yes\""},
        {"expect_table_columns_to_match_set", "\"column_set\": [], \"exact_match\": 0"},
        {"expect_column_values_to_match_regex_list", "\"regex_list\": [\"a\"], \"match_on\": 1"},
        {"expect_compound_columns_to_be_unique", "\"column_list\": [\"a\", \"b\"], \"ignore_row_if\": true"},
        {"max", "\"strict_max\": []"}};
    struct arena *arena = arena_new();
    bool known;
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        const char *kwargs = arena_printf(arena, "{\"column\": \"a\", %s}", WRONG[i][1]);
        struct check check = suite_check(arena, WRONG[i][0], parse_json(arena, kwargs), &known);
        assert_true(known);
        assert_non_null(check.error);
        assert_non_null(strstr(check.error->text, " must be "));
    }
    const char *kwargs = "{\"column\": \"a\", \"max_value\": 1, \"strict_max\": null}";
    assert_null(
        suite_check(arena, "expect_column_max_to_be_between", parse_json(arena, kwargs), &known).error);
    arena_free(arena);
}

/* What Great Expectations refuses to load is no check here either; the engine's own kinds know more. */
static void what_others_refuse_is_refused(void **state)
{
    static const struct {
        const char *type, *kwargs;
        bool refused;
    } CASES[] = {
        {"expect_table_row_count_to_be_between", "\"min_value\": 1, \"strict_min\": true", false},
        {"expect_table_column_count_to_be_between", "\"max_value\": 1, \"strict_max\": false", true},
        {"expect_column_unique_value_count_to_be_between", "\"min_value\": 1, \"strict_min\": true", false},
        {"expect_compound_columns_to_be_unique", "\"ignore_row_if\": \"neither\"", true},
        {"expect_compound_columns_to_be_unique", "\"ignore_row_if\": \"never\"", false},
        {"expect_column_pair_values_to_be_equal", "\"column_A\": \"a\", \"ignore_row_if\": \"never\"", true},
        {"expect_column_pair_values_to_be_equal", "\"column_A\": \"a\", \"ignore_row_if\": \"neither\"",
         false},
        {"expect_column_values_to_match_json_schema", "\"json_schema\": true", true},
        {"expect_column_mean_to_be_between", "\"min_value\": \"1.5\", \"max_value\": \"2\"", false},
    };
    struct arena *arena = arena_new();
    bool known;
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *kwargs = arena_printf(arena,
                                          "{\"column\": \"a\", \"column_B\": \"b\", \"column_list\": "
                                          "[\"a\", \"b\"], %s}",
                                          CASES[i].kwargs);
        struct check check = suite_check(arena, CASES[i].type, parse_json(arena, kwargs), &known);
        if (!known || (check.error != NULL) != CASES[i].refused)
            fail_msg("%s %s: %s", CASES[i].type, CASES[i].kwargs, check.error ? check.error->text : "taken");
    }
    arena_free(arena);
}

/* What nearly is a suite says what it is, and nothing misspelt makes a check weaker. */
static void near_misses_are_told(void **state)
{
    (void)state;
    static const char *const WANTED[][2] = {
        {"[]", "a suite must be a record with a list `expectations`, not a list"},
        {"{\"validation_definitions\": []}", "a checkpoint: name the suite that it runs"},
        {"{\"data\": {}, \"suite\": {}}", "a validation definition: name the suite that it runs"},
        {"{\"success\": true, \"results\": []}", "this is a result of one"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        const char *why = NULL;
        assert_null(suite_read(arena, parse_json(arena, WANTED[i][0]), &why));
        assert_non_null(strstr(why, WANTED[i][1]));
    }
    const char *why = NULL, *text = "{\"expectations\": ["
                                    "{\"type\": \"expect_column_to_exist\", \"kwargs\": {\"column\": \"\"}},"
                                    "{\"kwargs\": {}},"
                                    "{\"type\": \"rows\", \"kwargs\": {}, \"severity\": \"Warning\"},"
                                    "{\"type\": \"rows\", \"kwargs\": {}, \"severity\": \"info\"}]}";
    const struct suite *suite = suite_read(arena, parse_json(arena, text), &why);
    assert_non_null(suite);
    assert_non_null(suite->checks[0].error); /* as in Great Expectations */
    assert_string_equal(suite->checks[1].label, "expectation 2, without a type");
    assert_string_equal(suite->checks[2].error->text, "the severity must be critical, warning or info");
    assert_int_equal(suite->checks[2].severity, CHECK_CRITICAL);
    assert_int_equal(suite->checks[3].severity, CHECK_WARNING);
    arena_free(arena);
}

static void own_kinds_have_a_place(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *why = NULL, *csv = "x,g\n1,a\n2,a\n9,b\n8,b\n";
    const struct suite *suite = suite_read(
        arena,
        parse_json(
            arena,
            "{\"expectations\": [{\"type\": \"mean\", \"kwargs\": {\"column\": \"x\", \"max_value\": 6, "
            "\"slice_by\": [\"g\"]}}, {\"type\": \"drift\", \"kwargs\": {\"column\": \"x\", \"measure\": "
            "\"psi\", \"max_value\": 0.1, \"reference\": {\"edges\": [5], \"weights\": [0.5, 0.5]}}}, "
            "{\"type\": \"satisfies\", \"kwargs\": {\"condition\": \"x > 1\", \"mostly\": 0.75}}, {\"type\": "
            "\"change\", \"kwargs\": {\"measure\": \"size\"}}]}"),
        &why);
    struct check_report report = run_checks(arena, csv, suite->checks, suite->count, NULL);
    assert_int_equal(report.result_count, 6);
    assert_int_equal(report.results[0].status, CHECK_PASSED);
    assert_int_equal(report.results[1].status, CHECK_PASSED);
    assert_int_equal(report.results[2].status, CHECK_FAILED); /* g=b */
    assert_int_equal(report.results[3].status, CHECK_PASSED);
    assert_true(observed_number(&report.results[3]) == 0);
    assert_int_equal(report.results[4].status, CHECK_PASSED);
    assert_int_equal(report.results[5].status, CHECK_ERROR);
    arena_free(arena);
}

static void misspelt_types_have_a_suggestion(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct suite *suite = suite_read(
        arena,
        parse_json(arena, "{\"expectations\": [{\"type\": \"expect_colum_values_to_be_unique\"}, "
                          "{\"type\": \"entropie\"}, {\"type\": \"expect_nothing_of_the_kind\"}]}"),
        &why);
    const char *const wanted[] = {
        "expect_colum_values_to_be_unique is not supported; did you mean "
        "\"expect_column_values_to_be_unique\"?",
        "entropie is not supported; did you mean \"entropy\"?",
        "expect_nothing_of_the_kind is not supported",
    };
    assert_int_equal(suite->count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(value_string_or(suite->checks[i].error, ""), wanted[i]);
    arena_free(arena);
}

/* Those that compare a measure need its columns as the measure itself would. */
static void measures_of_measures_need_their_columns(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct suite *suite = suite_read(
        arena,
        parse_json(arena, "{\"expectations\": [{\"type\": \"measure_equal_other\", \"kwargs\": {}}, "
                          "{\"type\": \"change\", \"kwargs\": {\"measure\": \"unique\", \"column\": \"x\"}}, "
                          "{\"type\": \"change\", \"kwargs\": {\"measure\": \"distinct_count\"}}, "
                          "{\"type\": \"change\", \"kwargs\": {\"measure\": \"rows\", \"column\": \"x\"}}, "
                          "{\"type\": \"measure_equal_other\", \"kwargs\": {\"measure\": \"mean\", "
                          "\"column_list\": [\"x\", \"x\"], \"other\": \"t\"}}]}"),
        &why);
    const char *const wanted[] = {
        "measure_equal_other is of a measure, such as rows or mean: say which one",
        "change is of a measure, such as rows or mean: say which one",
        "change of distinct_count wants 1 to 32 columns, not 0",
        "change of rows wants 0 columns, not 1",
        "measure_equal_other of mean wants 1 column, not 2",
    };
    struct check_report report = run_checks(arena, "x\n1\n", suite->checks, suite->count, NULL);
    assert_int_equal(report.result_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(report.results[i].status, CHECK_ERROR);
        assert_string_equal(report.results[i].error, wanted[i]);
    }
    arena_free(arena);
}

/* What is refused can still be written back. */
static void too_few_other_columns_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct suite *suite = suite_read(
        arena,
        parse_json(arena, "{\"expectations\": [{\"type\": \"exists_in\", \"kwargs\": {\"column_list\": "
                          "[\"a\", \"b\"], \"other\": \"t\", \"other_columns\": [\"x\"]}}]}"),
        &why);
    assert_non_null(strstr(value_string_or(suite->checks[0].error, ""), "as many columns"));
    const struct value *record = checks_to_value(arena, suite->checks, 1)->items[0];
    assert_int_equal(value_get(record, "other_columns")->count, 2);
    arena_free(arena);
}

/* Pairs of unlike columns are compared without rounding, or not at all. */
static void pairs_of_unlike_columns(void **state)
{
    (void)state;
    static const struct {
        const char *csv, *kind;
        bool or_equal;
        enum check_status status;
    } cases[] = {
        {"a,b\n9007199254740993,9.007199254740992e15\n", "pair_equal", false, CHECK_FAILED},
        {"a,b\n9007199254740993,9.007199254740992e15\n", "pair_greater", false, CHECK_PASSED},
        {"a,b\n9.007199254740992e15,9007199254740993\n", "pair_greater", true, CHECK_FAILED},
        {"a,b\n3,2.5e0\n-3,-3.5e0\n", "pair_greater", false, CHECK_PASSED},
        {"a,b\n3,-1e300\n", "pair_greater", false, CHECK_PASSED},
        {"a,b\n1.50,1.500\n-0.10,-0.100\n", "pair_equal", false, CHECK_PASSED},
        {"a,b\n0.1,1e-1\n", "pair_equal", false, CHECK_PASSED},
        {"a,b\n99999999999999999999999999999999999999,0.00000000000000000000000000000000000001\n",
         "pair_greater", false, CHECK_PASSED},
        {"a,b\n2024-01-31T10:00:00.000001,2024-01-31T10:00:00.000000999\n", "pair_greater", false,
         CHECK_PASSED},
        {"a,b\n2024-01-31T10:00:00.5,2024-01-31T10:00:00.500000000\n", "pair_equal", false, CHECK_PASSED},
        {"a,b\n1970-01-03,2\n", "pair_equal", false, CHECK_FAILED},
        {"a,b\n1970-01-03,1\n", "pair_greater", false, CHECK_ERROR},
        {"a,b\n2024-01-02,2024-01-01T05:00:00\n", "pair_greater", false, CHECK_ERROR},
        {"a,b\n2024-01-01,2024-01-01T00:00:00\n", "pair_equal", false, CHECK_ERROR},
        {"a,b\nnan,1e0\n", "pair_greater", true, CHECK_FAILED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        const char *why = NULL;
        const char *text = arena_printf(
            arena,
            "{\"expectations\": [{\"type\": \"%s\", \"kwargs\": {\"column_list\": [\"a\", \"b\"]%s}}]}",
            cases[i].kind, cases[i].or_equal ? ", \"or_equal\": true" : "");
        const struct suite *suite = suite_read(arena, parse_json(arena, text), &why);
        struct check_report report = run_checks(arena, cases[i].csv, suite->checks, suite->count, NULL);
        if (report.results[0].status != cases[i].status)
            fail_msg("%s of %s is %d", cases[i].kind, cases[i].csv, report.results[0].status);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read),
        cmocka_unit_test(conditions_as_records),
        cmocka_unit_test(arguments_of_the_wrong_kind_are_refused),
        cmocka_unit_test(what_others_refuse_is_refused),
        cmocka_unit_test(near_misses_are_told),
        cmocka_unit_test(own_kinds_have_a_place),
        cmocka_unit_test(misspelt_types_have_a_suggestion),
        cmocka_unit_test(measures_of_measures_need_their_columns),
        cmocka_unit_test(too_few_other_columns_are_refused),
        cmocka_unit_test(pairs_of_unlike_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
