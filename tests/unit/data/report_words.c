/* What reports say of results: counts agree with their words in number, and estimates are called so, with
 * what they are of. */

#include <math.h>

#include "check_support.h"
#include "runtime/data/drift_run.h"
#include "runtime/data/profile.h"
#include "runtime/data/report.h"

static void expect_text(const struct buf *text, const char *wanted)
{
    if (!strstr(buf_str(text), wanted))
        fail_msg("\"%s\" is not in:\n%s", wanted, buf_str(text));
}

static void check_texts(const char *csv, size_t count, const char *const *wanted, size_t wanted_count)
{
    static const char *const x[] = {"x"};
    struct arena *arena = arena_new();
    struct check checks[] = {
        {.kind = CHECK_NOT_NULL, .columns = x, .column_count = 1, .mostly = 1},
        {.kind = CHECK_BETWEEN, .columns = x, .column_count = 1, .mostly = 1, .max = value_int(arena, 0, 0)}};
    struct check_report report = run_checks(arena, csv, checks, count, NULL);
    struct buf text = {0}, page = {0};
    report_check_text(&text, "data", &report, (struct report_style){0});
    report_html(&page, &(struct report_page){.title = "t", .data = "data", .checks = &report});
    buf_add(&text, buf_str(&page), page.length);
    for (size_t i = 0; i < wanted_count; i++)
        expect_text(&text, wanted[i]);
    buf_free(&text);
    buf_free(&page);
    arena_free(arena);
}

static void counts_agree(void **state)
{
    (void)state;
    check_texts("x\n1\n", 1, (const char *const[]){"data: 1 row, 1 result: 1 passed", "the 1 row\n"}, 2);
    check_texts("x\n1\n2\n", 2,
                (const char *const[]){"data: 2 rows, 2 results: 1 passed, 1 failed", "all 2 rows",
                                      "2 of 2 rows (100%)", "1 of 2 expectations does not hold",
                                      "unexpected rows"},
                5);
    check_texts("x\n1\n0\n", 2, (const char *const[]){"1 of 2 rows (50%)", "unexpected row<"}, 2);
    check_texts("x\n1\n", 2, (const char *const[]){"1 of 1 row (100%)"}, 1);
}

static void drift_counts_agree(void **state)
{
    static const char *const wanted[] = {": 0 of 1 column drift\n", ": 1 of 2 columns drifts",
                                         ": 2 of 2 columns drift,"};
    struct drift_report reports[] = {{.compared_count = 1},
                                     {.compared_count = 2, .drifted_count = 1},
                                     {.compared_count = 2, .drifted_count = 2, .drifted = true}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buf text = {0};
        report_drift_text(&text, "a", "b", &reports[i], (struct report_style){0});
        expect_text(&text, wanted[i]);
        buf_free(&text);
    }
}

static void expect_profile(const char *csv, const char *const *wanted, size_t count)
{
    char *path;
    struct table *table = open_text(csv, &path);
    struct arena *arena = arena_new();
    struct data_error error;
    struct buf text = {0};
    struct profile *profile = profile_table(arena, table, &(struct profile_options){0}, &error);
    assert_non_null(profile);
    report_profile_text(&text, "data", profile, (struct report_style){0});
    for (size_t i = 0; i < count; i++)
        expect_text(&text, wanted[i]);
    buf_free(&text);
    arena_free(arena);
    table_close(table);
    remove(path);
    free(path);
}

/* A few are not rounded to none, and what the picture leaves out is said. */
static void little_is_not_nothing(void **state)
{
    (void)state;
    struct buf few = {0}, many = {0};
    buf_add_str(&few, "x,y\n,1\n");
    buf_add_str(&many, "x,y\n1,1\n");
    for (int i = 0; i < 30000; i++) {
        buf_add_str(&few, "1,1\n");
        buf_add_str(&many, ",1\n");
    }
    expect_profile(buf_str(&few), (const char *const[]){"<0.01%", "  0.00%"}, 2);
    expect_profile(buf_str(&many), (const char *const[]){">99.99%", "  0.00%"}, 2);
    expect_profile(
        "x\nnan\ninf\n-inf\n1.5\n",
        (const char *const[]){"x has 1 NaN and 2 infinities, left out of its range and distribution\n"}, 1);
    buf_free(&few);
    buf_free(&many);
}

/* A table of drift is as wide as its names, and not wider than the terminal. */
static void drift_fits(void **state)
{
    (void)state;
    struct drift_result result = {.value = 0.123456, .threshold = 0.1, .drifted = true, .adjusted_p = NAN};
    struct drift_column column = {
        .name = "a_name_of_forty_letters_that_goes_on_and_on", .results = &result, .result_count = 1};
    struct drift_report report = {
        .columns = &column, .column_count = 1, .compared_count = 1500, .drifted_count = 1234};
    struct buf text = {0};
    report_drift_text(&text, "a", "b", &report, (struct report_style){.width = 60});
    expect_text(&text, "1,234 of 1,500 columns");
    for (const char *line = buf_str(&text); *line; line = strchr(line, '\n') + 1)
        assert_true(strcspn(line, "\n") <= 62); /* the ellipsis and the arrow have three bytes */
    buf_free(&text);
}

/* Ints and decimals are shown with all their digits. */
static void digits_are_shown(void **state)
{
    static const char *const m[] = {"m"};
    (void)state;
    struct arena *arena = arena_new();
    char *path;
    struct data_error error;
    struct table *table =
        open_typed("m\n99999999999999999999.99\n-1234567.50\n", "m", "decimal(38,2)", &path);
    struct check checks[] = {{.kind = CHECK_MAX, .columns = m, .column_count = 1},
                             {.kind = CHECK_MIN, .columns = m, .column_count = 1},
                             {.kind = CHECK_MEDIAN, .columns = m, .column_count = 1}};
    struct check_report report;
    assert_true(check_run(arena, table, checks, 3, NULL, &report, &error));
    struct buf text = {0};
    report_check_text(&text, "data", &report, (struct report_style){0});
    expect_text(&text, " 99,999,999,999,999,999,999.99\n");
    expect_text(&text, " -1,234,567.50\n");
    expect_text(&text, " 49,999,999,999,999,382,716.245\n");
    buf_free(&text);
    table_close(table);
    remove(path);
    free(path);
    arena_free(arena);
}

static struct table *numbers(size_t rows, char **path)
{
    struct table_options options = {.format = FORMAT_CSV, .header = HEADER_YES};
    struct data_error error;
    struct buf csv = {0};
    buf_add_str(&csv, "x\n");
    for (size_t i = 0; i < rows; i++)
        buf_printf(&csv, "%zu\n", i * 7919 % 100003);
    *path = write_text(csv.data, csv.length);
    buf_free(&csv);
    struct table *table = table_open((const char *const *)path, 1, &options, &error);
    if (!table)
        fail_msg("%s", error.message);
    return table;
}

/* A check of drift against a table or its profile: whether it calls itself an estimate. */
static bool is_estimate(size_t rows, size_t reference_rows, bool approximate, bool profiled)
{
    static const char *const x[] = {"x"};
    struct arena *arena = arena_new();
    char *paths[2];
    struct table *tables[] = {numbers(rows, &paths[0]), numbers(reference_rows, &paths[1])};
    struct data_error error;
    struct profile_options profiling = {.approximate = approximate};
    struct check_other other = {.name = "reference"};
    if (profiled)
        other.profile = profile_table(arena, tables[1], &profiling, &error);
    else
        other.table = tables[1];
    struct check check = {.kind = CHECK_DRIFT, .columns = x, .column_count = 1, .drift = "psi"};
    struct check_options options = {
        .others = &other, .other_count = 1, .approximate = approximate && !profiled};
    struct check_report report;
    assert_true(check_run(arena, tables[0], &check, 1, &options, &report, &error));
    const struct check_result *result = &report.results[0];
    assert_int_not_equal(result->status, CHECK_ERROR);
    bool estimate = result->approximate, detail = value_get(result->details, "approximate") != NULL;
    assert_true(estimate == detail);
    struct buf text = {0}, xml = {0};
    report_finding(&text, result);
    assert_true((strstr(buf_str(&text), "(an estimate)") != NULL) == estimate);
    report_check_junit(&xml, "suite", &report);
    if (estimate && result->status == CHECK_PASSED)
        expect_text(&xml, "from samples of 65,536 rows of a side: shares are right within 0.4 %");
    buf_free(&text);
    buf_free(&xml);
    for (size_t i = 0; i < 2; i++) {
        table_close(tables[i]);
        remove(paths[i]);
        free(paths[i]);
    }
    arena_free(arena);
    return estimate;
}

static void drift_is_labelled(void **state)
{
    enum { MANY = 140000, FEW = 2000 };
    (void)state;
    assert_false(is_estimate(FEW, FEW, true, false));
    assert_true(is_estimate(MANY, FEW, true, false));
    assert_true(is_estimate(FEW, MANY, true, false)); /* the reference is a sample */
    assert_false(is_estimate(FEW, MANY, false, false));
    assert_true(is_estimate(FEW, MANY, true, true)); /* its histogram is an estimate */
    assert_false(is_estimate(FEW, MANY, false, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_agree),          cmocka_unit_test(drift_counts_agree),
        cmocka_unit_test(little_is_not_nothing), cmocka_unit_test(drift_fits),
        cmocka_unit_test(digits_are_shown),      cmocka_unit_test(drift_is_labelled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
