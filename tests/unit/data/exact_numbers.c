/* Checks count exactly: 64-bit ints, decimals, infinities, times with zones; and arguments that cannot be
 * meant are refused. */

#include <math.h>
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
    {"x\n9007199254740993\n9007199254740993\n", "expect_column_quantile_values_to_be_between",
     "\"column\":\"x\",\"quantile_ranges\":{\"quantiles\":[0.5],\"value_ranges\":[[9007199254740993,"
     "9007199254740993]]}",
     "passed", "{\"quantiles\":[0.5],\"values\":[9007199254740993]}"},
    {"x\n9007199254740993\n9007199254740993\n", "quantiles",
     "\"column\":\"x\",\"quantile_ranges\":{\"quantiles\":[0.5],\"value_ranges\":[[null,9007199254740992]]}",
     "failed", NULL},
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
    char *path;
    struct data_error error;
    struct table *table =
        open_typed("m\n99999999999999999999.99\n-0.01\n0.02\n", "m", "decimal(38,2)", &path);
    const char *const m[] = {"m"};
    struct check checks[] = {{.kind = CHECK_MAX, .columns = m, .column_count = 1},
                             {.kind = CHECK_MIN, .columns = m, .column_count = 1},
                             {.kind = CHECK_SUM, .columns = m, .column_count = 1}};
    checks[2].min = checks[2].max = value_float(arena, 1e20, 0);
    struct check_report report;
    assert_true(check_run(arena, table, checks, 3, NULL, &report, &error));
    assert_string_equal(report.results[0].observed->digits, "99999999999999999999.99");
    assert_string_equal(report.results[1].observed->digits, "-0.01");
    assert_int_equal(report.results[2].status, CHECK_PASSED); /* …99.99 - 0.01 + 0.02 is 10^20 */
    table_close(table);
    remove(path);
    free(path);
    arena_free(arena);
}

/* "stdev", or "quantile 0.1". */
static struct check named_check(const char *name, const char *const *column)
{
    struct check check = {.columns = column, .column_count = 1};
    bool quantile = strncmp(name, "quantile ", 9) == 0;
    check.kind = check_kind_by_name(quantile ? "quantile" : name);
    check.quantile = quantile ? strtod(name + 9, NULL) : 0;
    return check;
}

static void expect_observed(const char *type, const char *name, const struct check_result *result,
                            const char *expected)
{
    struct buf text = {0};
    const struct value *bad;
    bool root = strncmp(name, "stdev", 5) == 0;
    assert_non_null(result->observed);
    assert_true(json_write(&text, result->observed, (struct json_style){.layout = JSON_COMPACT}, &bad));
    double number = strtod(buf_str(&text), NULL), wanted = strtod(expected, NULL);
    /* the root of the nearest double is at most the next one of the nearest root */
    bool good = root ? number >= nextafter(wanted, 0) && number <= nextafter(wanted, INFINITY)
                : strcmp(name, "mean") == 0 || strcmp(name, "variance") == 0
                    ? number == wanted
                    : strcmp(buf_str(&text), expected) == 0;
    if (!good)
        fail_msg("%s of %s: %s instead of %s", name, type, buf_str(&text), expected);
    buf_free(&text);
}

static void run_case(struct arena *arena, const struct value *item)
{
    static const char *const column[] = {"x"};
    const char *type = value_get(item, "type")->text, *csv = value_get(item, "csv")->text;
    const struct value *observed = value_get(item, "observed");
    char *path;
    for (size_t i = 0; i < observed->field_count; i++) {
        struct table *table = open_typed(csv, "x", type, &path);
        struct check check = named_check(observed->fields[i].key, column);
        struct check_report report;
        struct data_error error;
        assert_true(check_run(arena, table, &check, 1, NULL, &report, &error));
        expect_observed(type, observed->fields[i].key, &report.results[0], observed->fields[i].value->text);
        table_close(table);
        remove(path);
        free(path);
    }
}

/* Against fractions: tests/fixtures/data/exact_cases.py. */
static void exact_cases(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    FILE *file = fopen("tests/fixtures/data/exact_cases.json", "rb");
    struct buf text = {0};
    char room[4096];
    assert_non_null(file);
    for (size_t got; (got = fread(room, 1, sizeof room, file)) > 0;)
        buf_add(&text, room, got);
    fclose(file);
    const struct value *cases = parse_json(arena, buf_str(&text));
    for (size_t i = 0; i < cases->count; i++)
        run_case(arena, cases->items[i]);
    buf_free(&text);
    arena_free(arena);
}

/* Bounds are compared with all digits too. */
static void exact_bounds(void **state)
{
    static const char *const column[] = {"x"};
    static const struct {
        const char *csv, *type;
        enum check_kind kind;
        const char *min, *max;
        enum check_status status;
    } rows[] = {
        {"x\n9007199254740993\n9007199254740994\n", "int", CHECK_MEDIAN, "9007199254740993",
         "9007199254740994", CHECK_PASSED},
        {"x\n9007199254740993\n9007199254740994\n", "int", CHECK_MEDIAN, "9007199254740994", NULL,
         CHECK_FAILED},
        {"x\n9007199254740993\n9007199254740993\n", "int", CHECK_MEDIAN, "9007199254740993",
         "9007199254740993", CHECK_PASSED},
        {"x\n9007199254740993\n9007199254740993\n", "int", CHECK_MEAN, "9007199254740993", "9007199254740993",
         CHECK_PASSED},
        {"x\n0.1\n0.2\n", "decimal(38,2)", CHECK_MEDIAN, "0.15", "0.15", CHECK_PASSED},
        {"x\n0.1\n0.2\n", "decimal(38,2)", CHECK_MEAN, "0.15", "0.15", CHECK_PASSED},
        {"x\n2024-01-01T00:00:00.000001\n2024-01-01T00:00:00.000002\n", "timestamp", CHECK_MEDIAN,
         "\"2024-01-01T00:00:00.000002\"", NULL, CHECK_FAILED},
        {"x\n2024-01-01T00:00:00.000001\n2024-01-01T00:00:00.000002\n", "timestamp", CHECK_MEDIAN, NULL,
         "\"2024-01-01T00:00:00.000002\"", CHECK_PASSED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        char *path;
        struct table *table = open_typed(rows[i].csv, "x", rows[i].type, &path);
        struct check check = {.kind = rows[i].kind, .columns = column, .column_count = 1};
        check.min = rows[i].min ? parse_json(arena, rows[i].min) : NULL;
        check.max = rows[i].max ? parse_json(arena, rows[i].max) : NULL;
        struct check_report report;
        struct data_error error;
        assert_true(check_run(arena, table, &check, 1, NULL, &report, &error));
        if (report.results[0].status != rows[i].status)
            fail_msg("row %zu: %s%s", i, STATUS[report.results[0].status],
                     report.results[0].error ? report.results[0].error : "");
        table_close(table);
        remove(path);
        free(path);
        arena_free(arena);
    }
}

/* The same measure of two tables, which doubles could not tell apart, or would tell apart. */
static void equal_others(void **state)
{
    static const char *const column[] = {"x"};
    static const struct {
        const char *own, *other, *type, *other_type;
        enum check_kind measure;
        const char *max; /* of the difference; NULL: equal */
        enum check_status status;
    } rows[] = {
        {"x\n9007199254740993\n", "x\n9007199254740992\n", "int", "int", CHECK_SUM, NULL, CHECK_FAILED},
        {"x\n9007199254740993\n", "x\n9007199254740993\n", "int", "int", CHECK_SUM, NULL, CHECK_PASSED},
        {"x\n9007199254740993\n", "x\n9007199254740992\n", "int", "int", CHECK_MAX, "0", CHECK_FAILED},
        {"x\n9007199254740993\n", "x\n9007199254740992\n", "int", "int", CHECK_MAX, "1", CHECK_PASSED},
        {"x\n0.1\n0.2\n", "x\n0.30\n", "decimal(12,1)", "decimal(12,2)", CHECK_SUM, NULL, CHECK_PASSED},
        {"x\n99999999999999999999.99\n", "x\n99999999999999999999.98\n", "decimal(38,2)", "decimal(38,2)",
         CHECK_SUM, NULL, CHECK_FAILED},
        {"x\n99999999999999999999.99\n", "x\n99999999999999999999.98\n", "decimal(38,2)", "decimal(38,2)",
         CHECK_MEDIAN, "0.01", CHECK_PASSED},
        {"x\n99999999999999999999.99\n", "x\n99999999999999999999.98\n", "decimal(38,2)", "decimal(38,2)",
         CHECK_MEDIAN, "0.009", CHECK_FAILED},
        {"x\n9007199254740993\n9007199254740994\n", "x\n9007199254740993\n9007199254740995\n", "int", "int",
         CHECK_MEAN, NULL, CHECK_FAILED},
        {"x\n2024-01-01T00:00:00Z\n", "x\n2024-01-01T00:00:00.000000001Z\n", "timestamp", "timestamp",
         CHECK_MAX, NULL, CHECK_FAILED},
        {"x\n2024-01-01T00:00:00Z\n", "x\n2024-01-01T00:00:00.000000000Z\n", "timestamp", "timestamp",
         CHECK_MAX, NULL, CHECK_PASSED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        char *path, *other_path;
        struct check_other other = {"other", open_typed(rows[i].other, "x", rows[i].other_type, &other_path),
                                    NULL};
        struct table *table = open_typed(rows[i].own, "x", rows[i].type, &path);
        struct check check = {.kind = CHECK_MEASURE_EQUAL_OTHER,
                              .columns = column,
                              .column_count = 1,
                              .measure = rows[i].measure,
                              .other = "other"};
        check.max = rows[i].max ? parse_json(arena, rows[i].max) : NULL;
        struct check_options options = {.others = &other, .other_count = 1};
        struct check_report report;
        struct data_error error;
        assert_true(check_run(arena, table, &check, 1, &options, &report, &error));
        if (report.results[0].status != rows[i].status)
            fail_msg("row %zu: %s%s", i, STATUS[report.results[0].status],
                     report.results[0].error ? report.results[0].error : "");
        table_close(table);
        table_close(other.table);
        remove(path);
        remove(other_path);
        free(path);
        free(other_path);
        arena_free(arena);
    }
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

/* A sample keeps all digits of what it holds: decimals of more than 18 digits too. */
static void estimates_have_all_digits(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf csv = {0};
    char *path;
    struct data_error error;
    buf_add_str(&csv, "m\n");
    for (int i = 0; i < 200000; i++) /* more rows than a sample has */
        buf_add_str(&csv, "12345678901234567890123.45\n");
    struct table *table = open_typed(buf_str(&csv), "m", "decimal(38,2)", &path);
    const char *const m[] = {"m"};
    struct check checks[] = {{.kind = CHECK_MEDIAN, .columns = m, .column_count = 1},
                             {.kind = CHECK_QUANTILE, .columns = m, .column_count = 1, .quantile = 0.9}};
    struct check_options options = {.threads = 2, .approximate = true};
    struct check_report report;
    assert_true(check_run(arena, table, checks, 2, &options, &report, &error));
    for (size_t i = 0; i < 2; i++) {
        assert_true(report.results[i].approximate);
        assert_non_null(report.results[i].observed->digits);
        assert_string_equal(report.results[i].observed->digits, "12345678901234567890123.45");
    }
    table_close(table);
    remove(path);
    free(path);
    buf_free(&csv);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_have_all_digits),
        cmocka_unit_test(every_row),
        cmocka_unit_test(decimals),
        cmocka_unit_test(exact_cases),
        cmocka_unit_test(exact_bounds),
        cmocka_unit_test(equal_others),
        cmocka_unit_test(far_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
