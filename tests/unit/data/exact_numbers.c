/* Checks count exactly: 64-bit ints, decimals, infinities, times with zones; and arguments that cannot be
 * meant are refused. */

#include "check_support.h"

struct row {
    const char *csv, *type, *kwargs;
    const char *outcome;  /* passed, failed, error */
    const char *observed; /* as JSON; NULL: not looked at */
};

static const char *const STATUS[] = {"passed", "failed", "error", "skipped"};

#define BIG                                                                                                  \
    "b,c\n9007199254740991,9007199254740991\n9007199254740992,9007199254740993\n9007199254740993,"           \
    "9007199254740992\n"
#define INFINITE "x\n1.5\ninf\n2.5\n"
#define BOTH "x\n-inf\n1.5\ninf\n"
#define ZONES "a,b,n\n2020-01-01T00:00:00Z,2020-01-01T01:00:00+01:00,2020-01-01 00:00:00\n"
#define EDGE "i\n9223372036854775807\n-9223372036854775808\n"
#define OFFSET "x\n100000000000000.5\n100000000000001\n100000000000001.5\n"

static const struct row ROWS[] = {
    /* sums, bounds, sets, orders and conditions beyond 2^53 */
    {BIG, "expect_column_sum_to_be_between",
     "\"column\":\"b\",\"min_value\":27021597764222976,\"max_value\":27021597764222976", "passed",
     "27021597764222976"},
    {BIG, "expect_column_sum_to_be_between", "\"column\":\"b\",\"max_value\":27021597764222975", "failed",
     "27021597764222976"},
    {BIG, "expect_column_max_to_be_between",
     "\"column\":\"b\",\"max_value\":9007199254740993,\"strict_max\":true", "failed", "9007199254740993"},
    {BIG, "expect_column_unique_value_count_to_be_between",
     "\"column\":\"b\",\"min_value\":3,\"max_value\":3", "passed", "3"},
    {BIG, "expect_column_values_to_be_increasing", "\"column\":\"b\",\"strictly\":true", "passed", NULL},
    {BIG, "expect_table_row_count_to_equal",
     "\"value\":1,\"row_condition\":\"b == c\",\"condition_parser\":\"pandas\"", "passed", "1"},
    {BIG, "expect_table_row_count_to_equal",
     "\"value\":1,\"row_condition\":\"b > 9007199254740992\",\"condition_parser\":\"pandas\"", "passed", "1"},
    {BIG, "expect_column_pair_values_to_be_equal", "\"column_A\":\"b\",\"column_B\":\"c\",\"mostly\":0.3",
     "passed", NULL},
    {EDGE, "expect_column_values_to_be_between",
     "\"column\":\"i\",\"min_value\":9223372036854775807,\"strict_min\":true,\"mostly\":0.1", "failed", NULL},
    {EDGE, "expect_column_values_to_be_between", "\"column\":\"i\",\"min_value\":1e19,\"mostly\":0.1",
     "failed", NULL},
    {EDGE, "expect_column_values_to_be_between", "\"column\":\"i\",\"max_value\":1e19", "passed", NULL},
    {EDGE, "expect_column_sum_to_be_between", "\"column\":\"i\",\"min_value\":-1,\"max_value\":-1", "passed",
     "-1"},
    /* infinite values are values */
    {INFINITE, "expect_column_mean_to_be_between", "\"column\":\"x\",\"min_value\":0,\"max_value\":10",
     "failed", NULL},
    {INFINITE, "expect_column_mean_to_be_between", "\"column\":\"x\",\"min_value\":0", "passed", NULL},
    {INFINITE, "expect_column_max_to_be_between", "\"column\":\"x\",\"max_value\":10", "failed", NULL},
    {INFINITE, "expect_column_min_to_be_between", "\"column\":\"x\",\"min_value\":1.5,\"max_value\":1.5",
     "passed", "1.5"},
    {INFINITE, "expect_column_median_to_be_between", "\"column\":\"x\",\"min_value\":2.5,\"max_value\":2.5",
     "passed", "2.5"},
    {INFINITE, "expect_column_stdev_to_be_between", "\"column\":\"x\",\"min_value\":0", "failed", "null"},
    {BOTH, "expect_column_sum_to_be_between", "\"column\":\"x\",\"min_value\":-1e300", "failed", "null"},
    {BOTH, "expect_column_median_to_be_between", "\"column\":\"x\",\"min_value\":1.5,\"max_value\":1.5",
     "passed", "1.5"},
    {BOTH, "expect_column_values_to_be_between", "\"column\":\"x\",\"max_value\":2,\"mostly\":0.6", "passed",
     NULL},
    /* deviations near a large mean */
    {OFFSET, "expect_column_stdev_to_be_between", "\"column\":\"x\",\"min_value\":0.5,\"max_value\":0.5",
     "passed", NULL},
    /* times */
    {ZONES, "expect_column_pair_values_to_be_equal", "\"column_A\":\"a\",\"column_B\":\"b\"", "passed", NULL},
    {ZONES, "expect_column_pair_values_to_be_equal", "\"column_A\":\"a\",\"column_B\":\"n\"", "error", NULL},
    {ZONES, "satisfies", "\"condition\":\"a == n\"", "error", NULL},
    {ZONES, "expect_column_values_to_be_between", "\"column\":\"n\",\"min_value\":\"2019-01-01T00:00:00Z\"",
     "error", NULL},
    /* arguments that cannot be meant */
    {BIG, "expect_column_values_to_be_between", "\"column\":\"b\",\"min_valu\":1,\"max_value\":9e18", "error",
     NULL},
    {BIG, "expect_column_mean_to_be_between", "\"column\":\"b\",\"min_value\":1,\"mostly\":0.5", "error",
     NULL},
    {BIG, "between", "\"column\":\"b\"", "error", NULL},
    {BIG, "rows", "\"min_value\":3", "passed", "3"},
    {BIG, "change", "\"measure\":\"rows\"", "skipped", NULL},
    {BIG, "z_score", "\"column\":\"b\",\"threshold\":3,\"double_sided\":true", "passed", NULL},
    {BIG, "matches", "\"column\":\"b\",\"regex\":\"^9\"", "passed", NULL},
    {"a,t\n1,x\n2,y\n", "expect_column_pair_values_a_to_be_greater_than_b",
     "\"column_A\":\"a\",\"column_B\":\"t\"", "error", NULL},
    {BIG, "expect_column_values_to_not_match_regex_list", "\"column\":\"b\",\"regex_list\":[]", "error",
     NULL},
    /* sets and places */
    {BIG, "expect_column_distinct_values_to_contain_set",
     "\"column\":\"b\",\"value_set\":[9007199254740993,null]", "failed", NULL},
    {BIG, "expect_column_most_common_value_to_be_in_set",
     "\"column\":\"b\",\"value_set\":null,\"ties_okay\":true", "failed", NULL},
    {BIG, "expect_column_to_exist", "\"column\":\"c\",\"column_index\":-1", "passed", NULL},
    {BIG, "expect_column_to_exist", "\"column\":\"c\",\"column_index\":0", "failed", NULL},
    /* conditions */
    {BIG, "rows",
     "\"min_value\":1,\"max_value\":1,\"row_condition\":\"b % 2 == 0 and b.isin([9007199254740992])\"",
     "passed", "1"},
    {BIG, "rows",
     "\"min_value\":3,\"max_value\":3,\"row_condition\":\"-7 // 2 == -4 and -7 % 3 == 2 and 2 ** 3 == 8 and "
     "b > 0\"",
     "passed", "3"},
};

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct arena *arena = arena_new();
        const struct row *row = &ROWS[i];
        const struct value *kwargs = parse_json(arena, arena_printf(arena, "{%s}", row->kwargs));
        bool known;
        struct check check = suite_check(arena, row->type, kwargs, &known);
        assert_true(known);
        struct check_result result = run_check(arena, row->csv, &check);
        if (strcmp(STATUS[result.status], row->outcome) != 0)
            fail_msg("%s {%s}: %s%s%s", row->type, row->kwargs, STATUS[result.status],
                     result.error ? ": " : "", result.error ? result.error : "");
        if (row->observed) {
            assert_non_null(result.observed);
            if (!value_equal(result.observed, parse_json(arena, row->observed)))
                fail_msg("%s {%s}: another value than %s", row->type, row->kwargs, row->observed);
        }
        if (result.observed && result.observed->kind == VALUE_NULL)
            assert_non_null(result.reason);
        arena_free(arena);
    }
}

/* Decimals that no double holds. */
static void decimals(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *path = write_text("m\n99999999999999999999.99\n-0.01\n0.02\n", 38);
    struct column_option column = {.name = "m", .type = "decimal(38,2)"};
    struct table_options options = {
        .format = FORMAT_CSV, .header = HEADER_YES, .columns = &column, .column_count = 1};
    struct data_error error;
    struct table *table = table_open((const char *const *)&path, 1, &options, &error);
    assert_non_null(table);
    const char *const m[] = {"m"};
    struct check checks[] = {{.kind = CHECK_MAX, .columns = m, .column_count = 1},
                             {.kind = CHECK_MIN, .columns = m, .column_count = 1},
                             {.kind = CHECK_SUM, .columns = m, .column_count = 1}};
    checks[2].min = checks[2].max = value_float(arena, 1e20, 0);
    struct check_report report;
    assert_true(check_run(arena, table, checks, 3, NULL, &report, &error));
    assert_string_equal(report.results[0].observed->text, "99999999999999999999.99");
    assert_string_equal(report.results[1].observed->text, "-0.01");
    assert_int_equal(report.results[2].status, CHECK_PASSED); /* …99.99 - 0.01 + 0.02 is 10^20 */
    table_close(table);
    remove(path);
    free(path);
    arena_free(arena);
}

/* Years that nanoseconds in 64 bits cannot reach, beside nanoseconds: kept as texts, and no error. */
static void far_years(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check check = {.kind = CHECK_ROWS};
    struct check_result result =
        run_check(arena, "t\n2020-01-01T00:00:00.123456789\n0001-01-01T00:00:00\n", &check);
    assert_true(observed_number(&result) == 2);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(decimals),
        cmocka_unit_test(far_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
