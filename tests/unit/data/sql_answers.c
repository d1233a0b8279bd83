/* What a database answers is judged as the engine judges: rows, numbers, sets, other tables, and nonsense. */

#include "check_support.h"

#include "runtime/data/sql.h"

static const char *const COLUMN[] = {"a"};

static struct check_result judged(struct arena *arena, const struct check *check, const char *object)
{
    static const char *const none[] = {NULL};
    struct check_report report;
    const char *why = NULL;
    const char *answer = arena_printf(arena, "[{\"n\": 10}, {\"check\": 0, %s}]\n", object);
    assert_true(sql_results(arena, check, 1, none, answer, strlen(answer), &report, &why));
    assert_int_equal(report.rows, 10);
    return report.results[0];
}

static void rows_are_counted(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check check = {.kind = CHECK_BETWEEN, .columns = COLUMN, .column_count = 1, .mostly = 0.75};
    struct check_result result = judged(arena, &check, "\"judged\": 8, \"unexpected\": 2");
    assert_int_equal(result.status, CHECK_PASSED);
    assert_int_equal(result.element_count, 10);
    assert_int_equal(result.missing_count, 2);
    assert_int_equal(result.unexpected_count, 2);
    assert_true(result.unexpected_percent == 25);
    check.mostly = 0.76;
    assert_int_equal(judged(arena, &check, "\"judged\": 8, \"unexpected\": 2").status, CHECK_FAILED);
    assert_int_equal(judged(arena, &check, "\"judged\": 0, \"unexpected\": 0").status, CHECK_PASSED);
    arena_free(arena);
}

/* Of 10 rows the condition lets 6 through, of which one has no value. */
static void a_row_condition_has_rows_of_its_own(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check check = {.kind = CHECK_BETWEEN, .columns = COLUMN, .column_count = 1, .mostly = 1};
    struct check_result result = judged(arena, &check, "\"rows\": 6, \"judged\": 5, \"unexpected\": 0");
    assert_int_equal(result.element_count, 6);
    assert_int_equal(result.missing_count, 1);
    check.kind = CHECK_NOT_NULL;
    result = judged(arena, &check, "\"rows\": 6, \"judged\": 6, \"unexpected\": 1");
    assert_int_equal(result.missing_count, 1);
    arena_free(arena);
}

static void numbers_are_held_against_bounds(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check check = {
        .kind = CHECK_MAX, .columns = COLUMN, .column_count = 1, .max = value_int(arena, 5, 0)};
    assert_int_equal(judged(arena, &check, "\"measure\": 7").status, CHECK_FAILED);
    assert_int_equal(judged(arena, &check, "\"measure\": 5").status, CHECK_PASSED);
    check.strict_max = true;
    assert_int_equal(judged(arena, &check, "\"measure\": 5").status, CHECK_FAILED);
    struct check_result result = judged(arena, &check, "\"measure\": null");
    assert_int_equal(result.status, CHECK_FAILED);
    assert_non_null(result.reason);
    result = judged(arena, &check, "\"measure\": \"NaN\"");
    assert_int_equal(result.status, CHECK_FAILED);
    assert_int_equal(result.observed->kind, VALUE_NULL);
    result = judged(arena, &check, "\"measure\": NaN, \"note\": \"NaN \\\"Infinity\""); /* as DuckDB */
    assert_int_equal(result.status, CHECK_FAILED);
    result = judged(arena, &check, "\"measure\": -Infinity");
    assert_int_equal(result.status, CHECK_PASSED);
    assert_string_equal(result.reason, "it is minus infinity");
    assert_int_equal(judged(arena, &check, "\"measure\": \"Infinity\"").status, CHECK_FAILED);
    check.kind = CHECK_SUM; /* of nothing: 0 */
    assert_int_equal(judged(arena, &check, "\"measure\": null").status, CHECK_PASSED);
    check.max = value_string(arena, "2024-01-02T10:00:00", 0);
    check.kind = CHECK_MAX;
    assert_int_equal(judged(arena, &check, "\"measure\": \"2024-01-02 09:00:00\"").status, CHECK_PASSED);
    arena_free(arena);
}

static void sets_and_other_tables(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct value *items[] = {value_int(arena, 1, 0), value_int(arena, 2, 0), value_int(arena, 1, 0),
                                   value_null(arena, 0)};
    struct check check = {.kind = CHECK_DISTINCT_EQUAL_SET,
                          .columns = COLUMN,
                          .column_count = 1,
                          .set = value_list(arena, items, 4, 0)};
    const char *both = "\"inside\": 2, \"outside\": 1, \"measure\": [1, 2, 3]";
    assert_int_equal(judged(arena, &check, both).status, CHECK_FAILED);
    check.kind = CHECK_DISTINCT_CONTAIN_SET;
    assert_int_equal(judged(arena, &check, both).status, CHECK_PASSED);
    assert_int_equal(judged(arena, &check, both).observed->count, 3);
    check.kind = CHECK_DISTINCT_IN_SET;
    assert_int_equal(judged(arena, &check, both).status, CHECK_FAILED);
    check = (struct check){.kind = CHECK_ROWS_EQUAL_OTHER};
    assert_int_equal(judged(arena, &check, "\"measure\": 10, \"other\": 10").status, CHECK_PASSED);
    assert_int_equal(judged(arena, &check, "\"measure\": 10, \"other\": 9").status, CHECK_FAILED);
    check.max = value_int(arena, 1, 0); /* of the difference */
    assert_int_equal(judged(arena, &check, "\"measure\": 10, \"other\": 9").status, CHECK_PASSED);
    struct check_result result = judged(arena, &check, "\"measure\": null, \"other\": 9");
    assert_int_equal(result.status, CHECK_FAILED);
    assert_true(value_get(result.observed, "other")->integer == 9);
    arena_free(arena);
}

/* 2^53 + 1 is no double, and neither are 30 digits. */
static void numbers_are_not_rounded(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check check = {.kind = CHECK_MAX,
                          .columns = COLUMN,
                          .column_count = 1,
                          .max = value_int(arena, INT64_C(9007199254740992), 0)};
    assert_int_equal(judged(arena, &check, "\"measure\": 9007199254740993").status, CHECK_FAILED);
    assert_int_equal(judged(arena, &check, "\"measure\": 9007199254740992.0001").status, CHECK_FAILED);
    assert_int_equal(judged(arena, &check, "\"measure\": 9007199254740992.0000").status, CHECK_PASSED);
    struct check_result result = judged(arena, &check, "\"measure\": 12345678901234567890123456789.50");
    assert_string_equal(result.observed->digits, "12345678901234567890123456789.50");
    check = (struct check){
        .kind = CHECK_MEASURE_EQUAL_OTHER, .measure = CHECK_SUM, .columns = COLUMN, .column_count = 1};
    const char *beside = "\"measure\": 123456789012345678901, \"other\": 123456789012345678900";
    assert_int_equal(judged(arena, &check, beside).status, CHECK_FAILED);
    assert_int_equal(judged(arena, &check, "\"measure\": null, \"other\": 0").status, CHECK_PASSED);
    check.max = value_int(arena, 1, 0);
    check.strict_max = true;
    assert_int_equal(judged(arena, &check, beside).status, CHECK_FAILED);
    check.strict_max = false;
    assert_int_equal(judged(arena, &check, beside).status, CHECK_PASSED);
    arena_free(arena);
}

static void quantiles_have_ranges(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check check = {.kind = CHECK_QUANTILES,
                          .columns = COLUMN,
                          .column_count = 1,
                          .set = parse_json(arena, "[0.1, 0.9]"),
                          .ranges = parse_json(arena, "[[null, 2], [3, 5]]")};
    assert_int_equal(judged(arena, &check, "\"quantiles\": [1, 4]").status, CHECK_PASSED);
    assert_int_equal(judged(arena, &check, "\"quantiles\": [1, 6]").status, CHECK_FAILED);
    assert_int_equal(judged(arena, &check, "\"quantiles\": [1]").status, CHECK_ERROR);
    assert_int_equal(judged(arena, &check, "\"quantiles\": [1, \"2024-01-01\"]").status, CHECK_ERROR);
    assert_int_equal(judged(arena, &check, "\"quantiles\": {\"at0\": 1, \"at1\": 4}").status, CHECK_PASSED);
    assert_int_equal(judged(arena, &check, "\"quantiles\": {\"at0\": 1, \"at1\": 6}").status, CHECK_FAILED);
    assert_int_equal(judged(arena, &check, "\"quantiles\": [null, 4]").status, CHECK_FAILED);
    check.ranges = parse_json(arena, "[[3, 2], [3, 5]]");
    assert_int_equal(judged(arena, &check, "\"quantiles\": [1, 4]").status, CHECK_ERROR);
    arena_free(arena);
}

static struct check_result judged_columns(struct arena *arena, const struct check *check, const char *columns)
{
    static const char *const none[] = {NULL};
    struct check_report report;
    const char *why = NULL;
    const char *answer =
        arena_printf(arena, "[{\"n\": 10}, {\"columns\": %s}, {\"check\": 0, \"columns\": true}]\n", columns);
    assert_true(sql_results(arena, check, 1, none, answer, strlen(answer), &report, &why));
    return report.results[0];
}

static void columns_are_judged_as_the_engine_does(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"true", "[1]", "[{\"name\": \"a\"}]", "[{\"type\": \"int\"}]",
                                        "[{\"name\": 1, \"type\": \"int\"}]"};
    struct arena *arena = arena_new();
    const char *found =
        "[{\"name\": \"b\", \"type\": \"uuid\", \"text\": false}, {\"name\": \"a\", \"type\": "
        "\"NUMERIC(40,2)\", \"text\": false}]";
    struct check check = {.kind = CHECK_COLUMN_EXISTS, .columns = COLUMN, .column_count = 1};
    struct check_result result = judged_columns(arena, &check, found);
    assert_int_equal(result.status, CHECK_PASSED);
    assert_int_equal(result.observed->integer, 1);
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_int_equal(judged_columns(arena, &check, WRONG[i]).status, CHECK_ERROR);
    check = (struct check){.kind = CHECK_COLUMN_COUNT, .max = value_int(arena, 2, 0), .strict_max = true};
    result = judged_columns(arena, &check, found);
    assert_int_equal(result.status, CHECK_FAILED);
    assert_int_equal(result.observed->integer, 2);
    check = (struct check){.kind = CHECK_COLUMNS_MATCH_LIST, .set = parse_json(arena, "[\"b\", \"a\"]")};
    assert_int_equal(judged_columns(arena, &check, found).status, CHECK_PASSED);
    check = (struct check){.kind = CHECK_TYPE, .columns = COLUMN, .column_count = 1};
    check.set = parse_json(arena, "[\"decimal\"]");
    result = judged_columns(arena, &check, found);
    assert_int_equal(result.status, CHECK_PASSED);
    assert_string_equal(result.observed->text, "decimal(40,2)");
    check.set = parse_json(arena, "[\"decimal(40,3)\", \"int\"]");
    assert_int_equal(judged_columns(arena, &check, found).status, CHECK_FAILED);
    result = judged_columns(arena, &check, "[{\"name\": \"b\", \"type\": \"uuid\"}]");
    assert_int_equal(result.status, CHECK_ERROR);
    assert_string_equal(result.error, "the data has no column \"a\"; it has \"b\"");
    arena_free(arena);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *const left_out[] = {"not in SQL", NULL};
    const struct check checks[] = {
        {.kind = CHECK_INCREASING, .columns = COLUMN, .column_count = 1, .mostly = 1},
        {.kind = CHECK_NOT_NULL, .columns = COLUMN, .column_count = 1, .mostly = 1},
    };
    static const char *const wrong[] = {"oops", "[]", "{\"n\": 1}", "[{\"n\": -1}]", "[1]", ""};
    struct check_report report;
    const char *why = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        why = NULL;
        assert_false(sql_results(arena, checks, 2, left_out, wrong[i], strlen(wrong[i]), &report, &why));
        assert_non_null(why);
    }
    const char *more = "[{\"n\": 3}, {\"check\": 1, \"judged\": 4, \"unexpected\": 1}, {\"check\": 7}, 5]";
    assert_true(sql_results(arena, checks, 2, left_out, more, strlen(more), &report, &why));
    assert_string_equal(report.results[0].error, "not in SQL");
    assert_int_equal(report.results[1].status, CHECK_ERROR); /* more rows judged than there are */
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_counted),
        cmocka_unit_test(a_row_condition_has_rows_of_its_own),
        cmocka_unit_test(numbers_are_held_against_bounds),
        cmocka_unit_test(sets_and_other_tables),
        cmocka_unit_test(numbers_are_not_rounded),
        cmocka_unit_test(quantiles_have_ranges),
        cmocka_unit_test(columns_are_judged_as_the_engine_does),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
