/* What conditions calculate of ints, decimals and times is not rounded; floats are doubles, as everywhere. */

#include "check_support.h"

static const char CSV[] =
    "i,j,d,e,f,day,t,u\n"
    "9007199254740993,9007199254740992,0.30,0.1,0.1,2024-02-28,2024-05-31T08:00:00.1,"
    "2024-05-31T11:00:00.1\n"
    "9223372036854775807,9223372036854775807,99999999999999999999.99,3.5,0.2,2024-03-01,"
    "2024-05-31T08:00:00.123456,2024-05-31T08:00:00.123457\n"
    "3,2,,0.2,0.3,2024-03-01,2024-05-31T08:00:00,2024-05-31T08:00:01\n";

static struct table *open_rows(char **path)
{
    static const struct column_option columns[] = {
        {.name = "i", .type = "int"},           {.name = "j", .type = "int"},
        {.name = "d", .type = "decimal(22,2)"}, {.name = "e", .type = "decimal(10,1)"},
        {.name = "f", .type = "float"},         {.name = "day", .type = "date"},
        {.name = "t", .type = "timestamp"},     {.name = "u", .type = "timestamp"}};
    return open_columns(CSV, columns, sizeof columns / sizeof *columns, path);
}

static const struct {
    const char *condition;
    double rows;
} CASES[] = {
    {"i - j == 1", 2},        /* beyond 2^53: doubles would say 0 or 2 */
    {"i + 0 > j + 0", 2},     /* and nobody is greater */
    {"i * 2 == j * 2", 1},    /* 2^64 - 2 is no int, and no matter */
    {"i * i * i * i > 0", 3}, /* too large for 128 bits: doubles */
    {"-i < 0", 3},            /* */
    {"d == e + 0.2", 1},      /* 0.1 + 0.2 */
    {"d - e - 0.2 == 0", 1},  /* */
    {"e * 3 == 0.3", 1},      /* */
    {"e * 0.1 == 0.01", 1},   /* scales add up */
    {"d + e != 1", 3},        /* a missing side differs */
    {"d + e > 0", 2},         /* and is not greater */
    {"f * 3 == 0.3", 0},      /* a float column: doubles */
    {"f * 3 > 0.3", 3},       /* 0.30000000000000004, 0.6, 0.9 */
    {"e / 2 == 0.05", 1},     /* a quotient: doubles */
    {"u - t == 10800", 1},    /* seconds */
    {"u - t == 0.000001", 1}, /* a microsecond */
    {"t + 1 == u", 1},        /* */
    {"day - 0 == 19781", 1},  /* days since 1970 */
    {"i > e", 3},             /* an int against a decimal */
    {"d > i", 1},             /* 10^20 against 2^63 - 1 */
    {"e + 1e-29 > e + 0", 3}, /* */
    {"e + 1e-40 > e + 0", 0}, /* finer than what is counted: doubles */
    {"e + 1e25 > e + 1", 3},  /* */
};

static void calculations_are_not_rounded(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *path;
    struct table *table = open_rows(&path);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct check check = {.kind = CHECK_ROWS, .where = parse_condition(arena, CASES[i].condition)};
        struct check_options options = {0};
        struct check_report report;
        struct data_error error;
        assert_true(check_run(arena, table, &check, 1, &options, &report, &error));
        if (report.results[0].status == CHECK_ERROR)
            fail_msg("%s: %s", CASES[i].condition, report.results[0].error);
        if (observed_number(&report.results[0]) != CASES[i].rows)
            fail_msg("%s: %g rows, not %g", CASES[i].condition, observed_number(&report.results[0]),
                     CASES[i].rows);
    }
    table_close(table);
    remove(path);
    free(path);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calculations_are_not_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
