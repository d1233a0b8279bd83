/* The check engine on small tables: semantics that the published cases do not reach. */

#include "check_support.h"
#include "runtime/data/formats.h"

#include <math.h>

static const char *const PEOPLE = "id,name,age,country,score\n"
                                  "1,Ann,31,DE,0.5\n"
                                  "2,Bob,,FR,0.25\n"
                                  "3,Cid,17,DE,\n"
                                  "4,,45,FR,1.5\n"
                                  "5,Eve,45,,0.75\n";

static const char *const AGE[] = {"age"}, *const NAME[] = {"name"}, *const ID[] = {"id"},
                         *const SCORE[] = {"score"};

static void nulls_are_not_judged(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check check = {.kind = CHECK_BETWEEN,
                          .columns = AGE,
                          .column_count = 1,
                          .mostly = 0.75,
                          .min = value_int(arena, 18, 0)};
    struct check_result result = run_check(arena, PEOPLE, &check);
    assert_int_equal(result.status, CHECK_PASSED); /* 3 of 4, not 4 of 5 */
    assert_int_equal(result.element_count, 5);
    assert_int_equal(result.missing_count, 1);
    assert_int_equal(result.unexpected_count, 1);
    assert_int_equal(result.sample_count, 1);
    assert_int_equal(result.samples[0].row, 2);
    assert_int_equal(result.samples[0].value->integer, 17);
    arena_free(arena);
}

static void one_error_is_no_others(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *const wrong[] = {"agee"};
    struct check checks[] = {
        {.kind = CHECK_MEAN, .columns = NAME, .column_count = 1},
        {.kind = CHECK_NOT_NULL, .columns = wrong, .column_count = 1, .mostly = 1},
        {.kind = CHECK_BETWEEN,
         .columns = NAME,
         .column_count = 1,
         .mostly = 1,
         .min = value_int(arena, 3, 0)},
        {.kind = CHECK_ROWS, .min = value_int(arena, 5, 0)},
    };
    struct check_report report = run_checks(arena, PEOPLE, checks, 4, NULL);
    assert_int_equal(report.results[0].status, CHECK_ERROR);
    assert_int_equal(report.results[1].status, CHECK_ERROR);
    assert_non_null(strstr(report.results[1].error, "did you mean \"age\"?"));
    assert_int_equal(report.results[2].status, CHECK_ERROR);
    assert_int_equal(report.results[3].status, CHECK_PASSED);
    arena_free(arena);
}

static void conditions_filter_first(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check rows = {.kind = CHECK_ROWS,
                         .where = parse_condition(arena, "country == 'DE' and not (age < 18)")};
    struct check_result result = run_check(arena, PEOPLE, &rows);
    assert_true(observed_number(&result) == 1);
    rows.where = parse_condition(arena, "country != 'DE'"); /* a null differs from a value */
    result = run_check(arena, PEOPLE, &rows);
    assert_true(observed_number(&result) == 3);
    rows.where = parse_condition(arena, "age.isnull() | `score` * 2 >= 3");
    result = run_check(arena, PEOPLE, &rows);
    assert_true(observed_number(&result) == 2);
    rows.where = parse_condition(arena, "col(\"age\").notNull() & age in [17, 45]");
    result = run_check(arena, PEOPLE, &rows);
    assert_true(observed_number(&result) == 3);
    arena_free(arena);
}

static const struct expr *joined(struct arena *arena, const char *operator, const struct expr * left,
                                 const struct expr *right)
{
    const struct expr *args[] = {left, right};
    return expr_make(arena, EXPR_BINARY, "row", operator, args, NULL, 2, 0);
}

/* `age - 1 in …`: what is calculated is compared with each end, or each value. */
static void calculations_are_in_sets(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct expr *one = expr_literal(arena, "row", value_int(arena, 1, 0));
    const struct expr *less = joined(arena, "-", expr_name(arena, "row", "age", 0), one);
    const struct value *ends[] = {value_int(arena, 16, 0), value_int(arena, 44, 0)};
    const struct {
        const char *operator;
        const struct value *set;
        double rows;
    } cases[] = {
        {"in", value_range(arena, ends[0], ends[1], 0), 4},
        {"not in", value_range(arena, ends[0], ends[1], 0), 1},
        {"in", value_range(arena, ends[1], NULL, 0), 2},
        {"in", value_list(arena, ends, 2, 0), 3},
        {"not in", value_list(arena, ends, 2, 0), 2},
        {"in", value_list(arena, NULL, 0, 0), 0},
        {"not in", value_list(arena, NULL, 0, 0), 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct check rows = {
            .kind = CHECK_ROWS,
            .where = joined(arena, cases[i].operator, less, expr_literal(arena, "row", cases[i].set))};
        struct check_result result = run_check(arena, PEOPLE, &rows);
        if (observed_number(&result) != cases[i].rows)
            fail_msg("case %zu: %g rows", i, observed_number(&result));
    }
    arena_free(arena);
}

static void dates_are_no_timestamps(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check rows = {.kind = CHECK_ROWS, .where = parse_condition(arena, "day <= at")};
    struct check_result result = run_check(arena, "day,at\n2024-01-02,2024-01-01T10:00:00\n", &rows);
    assert_int_equal(result.status, CHECK_ERROR);
    assert_non_null(strstr(result.error, "\"day\" with \"at\", which are not both dates"));
    arena_free(arena);
}

/* One value, or one value again and again, has no deviation. */
static void no_spread_has_no_outliers(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *column = "x";
    struct check check = {.kind = CHECK_Z_SCORE,
                          .columns = &column,
                          .column_count = 1,
                          .mostly = 1,
                          .max = value_int(arena, 2, 0),
                          .double_sided = true,
                          .flat_good = true};
    struct check_result result = run_check(arena, "x\n5\n5\n5\n", &check);
    assert_int_equal(result.status, CHECK_PASSED);
    result = run_check(arena, "x\n5\n", &check);
    assert_int_equal(result.status, CHECK_PASSED);
    check.flat_good = false;
    result = run_check(arena, "x\n5\n5\n5\n", &check);
    assert_int_equal(result.unexpected_count, 3);
    check.flat_good = true;
    result = run_check(arena, "x\n1\n1\n1\n1\n1\n1\n1\n1\n99\n", &check);
    assert_int_equal(result.unexpected_count, 1);
    arena_free(arena);
}

static void hostile_conditions_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char deep[4001];
    memset(deep, '(', 4000);
    deep[4000] = 0;
    const char *const WRONG[] = {"",          "a ==", "a == 'x",  "a b", "a.drop()",
                                 "1e999 > a", "`a",   "a in [b]", deep};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        const char *why = NULL;
        assert_null(condition_parse(arena, WRONG[i], strlen(WRONG[i]), &why));
        assert_non_null(why);
    }
    arena_free(arena);
}

static void slices_are_judged_apart(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *const by[] = {"country"};
    struct check check = {.kind = CHECK_MEAN,
                          .columns = AGE,
                          .column_count = 1,
                          .min = value_int(arena, 30, 0),
                          .slice_by = by,
                          .slice_count = 1,
                          .slice_least = 2};
    struct check_report report = run_checks(arena, PEOPLE, &check, 1, NULL);
    assert_int_equal(report.result_count, 4);
    assert_null(report.results[0].slice);
    assert_string_equal(report.results[1].slice, "country=DE");
    assert_int_equal(report.results[1].status, CHECK_FAILED);
    assert_true(observed_number(&report.results[1]) == 24);
    assert_string_equal(report.results[2].slice, "country=FR");
    assert_int_equal(report.results[2].status, CHECK_PASSED);
    assert_string_equal(report.results[3].slice, "country=null");
    assert_int_equal(report.results[3].status, CHECK_SKIPPED); /* too small */
    arena_free(arena);
}

static void tools_differ_in_uniqueness(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *csv = "x\n1\n1\n2\n3\n\n3\n3\n";
    const char *const column[] = {"x"};
    const struct {
        enum check_kind kind;
        double value;
    } WANTED[] = {{CHECK_DISTINCT_COUNT, 3},     {CHECK_UNIQUENESS, 1 / 7.0},
                  {CHECK_DISTINCTNESS, 3 / 7.0}, {CHECK_DISTINCT_FRACTION, 3 / 6.0},
                  {CHECK_DUPLICATE_COUNT, 2},    {CHECK_DUPLICATE_FRACTION, 5 / 6.0}};
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        struct check check = {.kind = WANTED[i].kind, .columns = column, .column_count = 1};
        struct check_result result = run_check(arena, csv, &check);
        assert_true(fabs(observed_number(&result) - WANTED[i].value) < 1e-15);
    }
    struct check unique = {.kind = CHECK_UNIQUE, .columns = column, .column_count = 1, .mostly = 1};
    struct check_result result = run_check(arena, csv, &unique);
    assert_int_equal(result.unexpected_count, 5);
    assert_int_equal(result.sample_count, 5); /* rows of a second pass */
    assert_int_equal(result.samples[4].row, 6);
    arena_free(arena);
}

static void keys_of_another_table(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *path;
    struct table *countries = open_text("code,area\nDE,1\nIT,2\n", &path);
    const struct check_other other = {.name = "countries", .table = countries};
    const struct check_options options = {.others = &other, .other_count = 1};
    const char *const own[] = {"country"}, *const theirs[] = {"code"};
    struct check checks[] = {
        {.kind = CHECK_EXISTS_IN,
         .columns = own,
         .column_count = 1,
         .other = "countries",
         .other_columns = theirs,
         .mostly = 1},
        {.kind = CHECK_ROWS_EQUAL_OTHER, .other = "countries"},
        {.kind = CHECK_EXISTS_IN, .columns = own, .column_count = 1, .other = "towns", .mostly = 1},
    };
    struct check_report report = run_checks(arena, PEOPLE, checks, 3, &options);
    assert_int_equal(report.results[0].status, CHECK_FAILED);
    assert_int_equal(report.results[0].unexpected_count, 2); /* FR twice; the null is not judged */
    assert_int_equal(report.results[1].status, CHECK_FAILED);
    assert_int_equal(report.results[2].status, CHECK_ERROR);
    table_close(countries);
    remove(path);
    free(path);
    arena_free(arena);
}

/* A date is a number of days and a timestamp one of microseconds: neither is compared with the other. */
static void measures_of_unlike_columns(void **state)
{
    (void)state;
    static const struct {
        const char *own, *theirs;
        enum check_kind measure;
        const char *why;
    } WANTED[] = {
        {"k\n2024-01-01\n", "k\n2024-01-01T00:00:00\n", CHECK_MAX,
         "column \"k\" holds date and column \"k\" of \"o\" timestamp: the two cannot be compared"},
        {"k\n2024-01-01T00:00:00Z\n", "k\n2024-01-01T00:00:00\n", CHECK_MEDIAN,
         "column \"k\" has a time zone and column \"k\" of \"o\" has none: the two cannot be compared"},
        {"k\n1\n", "k\n2024-01-01\n", CHECK_MIN,
         "column \"k\" holds int and column \"k\" of \"o\" date: the two cannot be compared"},
        {"k\n2024-01-01\n", "k\n2024-01-01T00:00:00\n", CHECK_DISTINCT_COUNT, NULL},
        {"k\n1\n", "k\n1.0\n", CHECK_MAX, NULL},
    };
    const char *const columns[] = {"k"};
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        struct arena *arena = arena_new();
        char *path;
        const struct check check = {.kind = CHECK_MEASURE_EQUAL_OTHER,
                                    .measure = WANTED[i].measure,
                                    .columns = columns,
                                    .column_count = 1,
                                    .other = "o",
                                    .mostly = 1};
        const struct check_other other = {.name = "o", .table = open_text(WANTED[i].theirs, &path)};
        const struct check_options options = {.others = &other, .other_count = 1};
        struct check_result result = run_checks(arena, WANTED[i].own, &check, 1, &options).results[0];
        assert_string_equal(result.error ? result.error : "", WANTED[i].why ? WANTED[i].why : "");
        assert_int_equal(result.status, WANTED[i].why ? CHECK_ERROR : CHECK_PASSED);
        table_close(other.table);
        remove(path);
        free(path);
        arena_free(arena);
    }
}

/* A key that can never be found is a mistake of the suite, not of every row. */
static void keys_of_unlike_columns(void **state)
{
    (void)state;
    static const struct {
        const char *own, *theirs, *why;
    } WANTED[] = {
        {"k\n1\n", "k\n2024-01-01\n",
         "column \"k\" holds int and column \"k\" of \"o\" date: the two cannot be compared"},
        {"k\n1\n", "k\nx\n",
         "column \"k\" holds int and column \"k\" of \"o\" string: the two cannot be compared"},
        {"k\n2024-01-01T00:00:00\n", "k\n2024-01-01T00:00:00Z\n",
         "column \"k\" lacks a time zone and column \"k\" of \"o\" has one: the two cannot be compared"},
        {"k\n2024-01-01\n", "k\n2024-01-01T00:00:00\n",
         "column \"k\" holds date and column \"k\" of \"o\" timestamp: the two cannot be compared"},
        {"k\ntrue\n", "k\n1\n",
         "column \"k\" holds bool and column \"k\" of \"o\" int: the two cannot be compared"},
        {"k\n1.0\n", "k\n1\n", NULL},
        {"k\n1\n", "k\n\n", NULL},
    };
    const char *const columns[] = {"k"};
    const struct check check = {
        .kind = CHECK_EXISTS_IN, .columns = columns, .column_count = 1, .other = "o", .mostly = 1};
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        struct arena *arena = arena_new();
        char *path;
        const struct check_other other = {.name = "o", .table = open_text(WANTED[i].theirs, &path)};
        const struct check_options options = {.others = &other, .other_count = 1};
        struct check_result result = run_checks(arena, WANTED[i].own, &check, 1, &options).results[0];
        if (WANTED[i].why)
            assert_string_equal(result.error ? result.error : "", WANTED[i].why);
        else
            assert_null(result.error);
        table_close(other.table);
        remove(path);
        free(path);
        arena_free(arena);
    }
}

static void change_against_earlier_runs(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct check check = {.kind = CHECK_CHANGE,
                          .measure = CHECK_ROWS,
                          .last = 2,
                          .min = value_float(arena, -0.1, 0),
                          .max = value_float(arena, 0.1, 0)};
    struct check_options options = {.history =
                                        parse_json(arena, "[{\"rows\": 1}, {\"rows\": 4}, {\"rows\": 6}]")};
    struct check_report report = run_checks(arena, PEOPLE, &check, 1, &options);
    assert_int_equal(report.results[0].status, CHECK_PASSED);
    assert_true(observed_number(&report.results[0]) == 0);
    const struct value *entry = check_history_entry(arena, &report);
    assert_int_equal(value_get(entry, "rows")->integer, 5);
    options.history = NULL;
    report = run_checks(arena, PEOPLE, &check, 1, &options);
    assert_int_equal(report.results[0].status, CHECK_SKIPPED);
    arena_free(arena);
}

static void times_are_compared_as_times(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *csv = "t\n2024-01-02T00:00:00Z\n2024-01-03T10:00:00Z\n", *const column[] = {"t"};
    struct check check = {.kind = CHECK_BETWEEN,
                          .columns = column,
                          .column_count = 1,
                          .mostly = 1,
                          .max = value_string(arena, "2024-01-03", 0)};
    struct check_result result = run_check(arena, csv, &check);
    assert_int_equal(result.status, CHECK_FAILED);
    assert_int_equal(result.unexpected_count, 1);
    check.max = value_string(arena, "2024-01-03T00:00:00", 0); /* no zone against a zone */
    result = run_check(arena, csv, &check);
    assert_int_equal(result.status, CHECK_ERROR);
    struct check age = {.kind = CHECK_AGE,
                        .columns = column,
                        .column_count = 1,
                        .max = value_quantity(arena, 2 * 3600e6, UNIT_DURATION, 0)};
    struct check_options options = {.now = 1704279600000000}; /* 2024-01-03T11:00:00Z */
    struct check_report report = run_checks(arena, csv, &age, 1, &options);
    assert_int_equal(report.results[0].status, CHECK_PASSED);
    assert_true(observed_number(&report.results[0]) == 3600);
    arena_free(arena);
}

static void models_and_fairness(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *csv = "y,p,g\n1,1,a\n1,0,a\n0,0,a\n0,0,a\n1,1,b\n1,1,b\n0,1,b\n0,0,b\n";
    const char *const two[] = {"y", "p"}, *const parity[] = {"p", "g"}, *const three[] = {"y", "p", "g"};
    const struct {
        enum check_kind kind;
        const char *const *columns;
        size_t count;
        double value;
    } WANTED[] = {
        {CHECK_ACCURACY, two, 2, 0.75},
        {CHECK_PRECISION, two, 2, 0.75},
        {CHECK_RECALL, two, 2, 0.75},
        {CHECK_F1, two, 2, 0.75},
        {CHECK_DEMOGRAPHIC_PARITY_DIFFERENCE, parity, 2, 0.5},
        {CHECK_DEMOGRAPHIC_PARITY_RATIO, parity, 2, 1 / 3.0},
        {CHECK_EQUAL_OPPORTUNITY_DIFFERENCE, three, 3, 0.5},
        {CHECK_EQUALIZED_ODDS_DIFFERENCE, three, 3, 0.5},
        {CHECK_CALIBRATION_DIFFERENCE, three, 3, 0.25},
        {CHECK_MEAN_ABSOLUTE_ERROR, two, 2, 0.25},
        {CHECK_ROOT_MEAN_SQUARED_ERROR, two, 2, 0.5},
    };
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        struct check check = {
            .kind = WANTED[i].kind, .columns = WANTED[i].columns, .column_count = WANTED[i].count};
        struct check_result result = run_check(arena, csv, &check);
        if (fabs(observed_number(&result) - WANTED[i].value) > 1e-12)
            fail_msg("%s: %.17g", check_kind_info(WANTED[i].kind)->name, observed_number(&result));
    }
    arena_free(arena);
}

static void formats_are_told_apart(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct {
        const char *format, *csv;
        uint64_t bad;
    } WANTED[] = {
        {"email", "x\na@b.org\na@b\n.a@b.org\nü@b.org\n", 3},
        {"uuid", "x\n123e4567-e89b-12d3-a456-426614174000\n123e4567e89b12d3a456426614174000\n", 1},
        {"ipv4", "x\n10.0.0.1\n256.0.0.1\n10.0.0\n010.0.0.1\n", 3},
        {"ipv6", "x\n::1\nfe80::1:2\n1:2:3:4:5:6:7:8\n1:2\n::ffff:10.0.0.1\n1::2::3\n", 2},
        {"url", "x\nhttps://a.org/b?c#d\nhttp://[::1]:80/\na.org\nhttp://a b.org/\n", 2},
        {"credit_card", "x\n4111 1111 1111 1111\n4111 1111 1111 1112\n", 1},
        {"json", "x\n\"{\"\"a\"\": [1, null]}\"\n[1,\n01\n", 2},
        {"dateutil", "x\nMarch 3rd 2021\n10 Sep 2003 10:30 PM\nhorse\n99/99/99\n", 2},
    };
    const char *const column[] = {"x"};
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        const struct value *name = value_string(arena, WANTED[i].format, 0);
        struct check check = {.kind = CHECK_FORMAT,
                              .columns = column,
                              .column_count = 1,
                              .mostly = 1,
                              .set = value_list(arena, &name, 1, 0)};
        struct check_result result = run_check(arena, WANTED[i].csv, &check);
        if (result.status == CHECK_ERROR || result.unexpected_count != WANTED[i].bad)
            fail_msg("%s: %llu bad, %s", WANTED[i].format, (unsigned long long)result.unexpected_count,
                     result.error ? result.error : "");
    }
    arena_free(arena);
}

static void dates_are_read_from_many_spellings(void **state)
{
    static const char *const WANTED[][2] = {{"Jan 31 2016 12:00:01", "2016-01-31T12:00:01"},
                                            {"1/31/2016", "2016-01-31T00:00:00"},
                                            {"31/1/2016 5pm", "2016-01-31T17:00:00"},
                                            {"2016-02-03 10:20", "2016-02-03T10:20:00"},
                                            {"1/31/16", NULL}, /* no century */
                                            {"Jan 2016", NULL},
                                            {"10:20", NULL},
                                            {"Jan 31 2016 12:00:01 UTC", NULL},
                                            {"Jan 31 2016 12:00:01.5", NULL},
                                            {"2/30/2016", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        char iso[DATEUTIL_ISO];
        bool read = dateutil_iso(WANTED[i][0], strlen(WANTED[i][0]), iso);
        if (read != (WANTED[i][1] != NULL) || (read && strcmp(iso, WANTED[i][1]) != 0))
            fail_msg("%s: %s", WANTED[i][0], read ? iso : "not read");
    }
}

/* Many rows, so that several chunks and workers take part. */
static char *many_rows(size_t rows)
{
    struct buf csv = {0};
    buf_add_str(&csv, "i,v,k\n");
    for (size_t i = 0; i < rows; i++)
        buf_printf(&csv, "%zu,%zu,%c\n", i, (i * 7919) % 1009, (char)('a' + i % 7));
    return buf_take(&csv);
}

static void threads_do_not_change_results(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *csv = many_rows(200000);
    const char *const i_column[] = {"i"}, *const v_column[] = {"v"}, *const both[] = {"v", "k"},
                      *const by[] = {"k"};
    struct check checks[] = {
        {.kind = CHECK_INCREASING, .columns = i_column, .column_count = 1, .mostly = 1, .strictly = true},
        {.kind = CHECK_INCREASING, .columns = v_column, .column_count = 1, .mostly = 0.1},
        {.kind = CHECK_BETWEEN,
         .columns = v_column,
         .column_count = 1,
         .mostly = 1,
         .max = value_int(arena, 1000, 0)},
        {.kind = CHECK_UNIQUE, .columns = both, .column_count = 2, .mostly = 1},
        {.kind = CHECK_STDEV, .columns = v_column, .column_count = 1},
        {.kind = CHECK_MEDIAN, .columns = v_column, .column_count = 1, .slice_by = by, .slice_count = 1},
        {.kind = CHECK_Z_SCORE,
         .columns = v_column,
         .column_count = 1,
         .mostly = 1,
         .max = value_float(arena, 1.7, 0),
         .double_sided = true},
    };
    size_t count = sizeof checks / sizeof *checks;
    struct check_options one = {.threads = 1}, four = {.threads = 4};
    struct check_report a = run_checks(arena, csv, checks, count, &one);
    struct check_report b = run_checks(arena, csv, checks, count, &four);
    assert_int_equal(a.result_count, count + 7);
    assert_int_equal(b.result_count, a.result_count);
    assert_int_equal(a.results[0].status, CHECK_PASSED);
    for (size_t i = 0; i < a.result_count; i++) {
        const struct check_result *x = &a.results[i], *y = &b.results[i];
        assert_int_equal(x->status, y->status);
        assert_int_equal(x->unexpected_count, y->unexpected_count);
        assert_int_equal(x->sample_count, y->sample_count);
        for (size_t s = 0; s < x->sample_count; s++)
            assert_int_equal(x->samples[s].row, y->samples[s].row);
        if (x->observed && x->observed->kind == VALUE_FLOAT)
            assert_true(fabs(x->observed->number - y->observed->number) <= 1e-12 * fabs(x->observed->number));
    }
    free(csv);
    arena_free(arena);
}

static void schema_checks(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct value *types = parse_json(arena, "[\"string\", \"int\"]");
    struct check checks[] = {
        {.kind = CHECK_TYPE, .columns = AGE, .column_count = 1, .set = types},
        {.kind = CHECK_TYPE, .columns = SCORE, .column_count = 1, .set = types},
        {.kind = CHECK_COLUMN_COUNT, .min = value_int(arena, 5, 0), .max = value_int(arena, 5, 0)},
        {.kind = CHECK_COLUMN_EXISTS, .columns = ID, .column_count = 1, .min = value_int(arena, 1, 0)},
    };
    struct check_report report = run_checks(arena, PEOPLE, checks, 4, NULL);
    assert_int_equal(report.results[0].status, CHECK_PASSED);
    assert_int_equal(report.results[1].status, CHECK_FAILED);
    assert_int_equal(report.results[2].status, CHECK_PASSED);
    assert_int_equal(report.results[3].status, CHECK_FAILED); /* it is the first column, not the second */
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nulls_are_not_judged),
        cmocka_unit_test(one_error_is_no_others),
        cmocka_unit_test(conditions_filter_first),
        cmocka_unit_test(calculations_are_in_sets),
        cmocka_unit_test(dates_are_no_timestamps),
        cmocka_unit_test(no_spread_has_no_outliers),
        cmocka_unit_test(hostile_conditions_are_refused),
        cmocka_unit_test(slices_are_judged_apart),
        cmocka_unit_test(tools_differ_in_uniqueness),
        cmocka_unit_test(keys_of_another_table),
        cmocka_unit_test(keys_of_unlike_columns),
        cmocka_unit_test(measures_of_unlike_columns),
        cmocka_unit_test(change_against_earlier_runs),
        cmocka_unit_test(times_are_compared_as_times),
        cmocka_unit_test(models_and_fairness),
        cmocka_unit_test(formats_are_told_apart),
        cmocka_unit_test(dates_are_read_from_many_spellings),
        cmocka_unit_test(threads_do_not_change_results),
        cmocka_unit_test(schema_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
