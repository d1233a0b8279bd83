/* Neither the memory that a run may take nor its threads show in a result: profiles, checks and drift of
 * tables of several shapes give the same JSON, spilled or not. */

#include "check_support.h"
#include "runtime/data/drift_run.h"
#include "runtime/data/profile.h"
#include "runtime/data/report.h"

struct shape {
    const char *name;
    size_t columns, rows;
    void (*cell)(struct buf *out, size_t column, uint64_t random);
};

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 20;
}

static void mixed_cell(struct buf *out, size_t column, uint64_t random)
{
    static const char *const words[] = {"alpha", "beta", "", "delta"};
    if (random % 37 == 0)
        return;
    switch (column % 6) {
    case 0:
        buf_printf(out, "%d", (int)(random % 5000) - 100);
        return;
    case 1:
        buf_printf(out, "%.17g", (double)(random % 1000003) / 7919.0);
        return;
    case 2:
        buf_add_str(out, words[random % 4]);
        return;
    case 3:
        buf_printf(out, "%llu.%02u", (unsigned long long)(random % 100000000000),
                   (unsigned)(random % 90) + 10);
        return;
    case 4:
        buf_printf(out, "2024-01-%02u", (unsigned)(random % 28) + 1);
        return;
    default:
        buf_printf(out, "%llu", (unsigned long long)random << 16);
        return;
    }
}

static void distinct_cell(struct buf *out, size_t column, uint64_t random)
{
    if (column == 0)
        buf_printf(out, "%llu", (unsigned long long)random);
    else if (column == 1)
        buf_printf(out, "%.17g", (double)random / 3);
    else
        buf_printf(out, "key-%llu", (unsigned long long)(random % 40000));
}

static void long_cell(struct buf *out, size_t column, uint64_t random)
{
    for (size_t i = 0, length = 200 + random % 900; i < length; i++)
        buf_add_char(out, (char)('a' + (random >> i % 40) % 26));
    buf_printf(out, "%llu", (unsigned long long)(random % (column ? 400 : 100000)));
}

static const struct shape SHAPES[] = {
    {"many columns", 240, 700, mixed_cell},
    {"many distinct values", 3, 40000, distinct_cell},
    {"long texts", 2, 3000, long_cell},
};

static char *write_shape(const struct shape *shape, uint64_t seed)
{
    struct buf csv = {0};
    for (size_t c = 0; c < shape->columns; c++)
        buf_printf(&csv, "%sc%zu", c ? "," : "", c);
    buf_add_char(&csv, '\n');
    for (size_t row = 0; row < shape->rows; row++) {
        for (size_t c = 0; c < shape->columns; c++) {
            if (c)
                buf_add_char(&csv, ',');
            shape->cell(&csv, c, next_random(&seed));
        }
        buf_add_char(&csv, '\n');
    }
    char *path = write_text(csv.data, csv.length);
    buf_free(&csv);
    return path;
}

static struct table *open_csv(char *path)
{
    struct table_options options = {.format = FORMAT_CSV, .header = HEADER_YES};
    struct data_error error;
    struct table *table = table_open((const char *const *)&path, 1, &options, &error);
    if (!table)
        fail_msg("%s", error.message);
    return table;
}

static void add_json(struct buf *out, const struct value *value)
{
    const struct value *bad;
    assert_true(json_write(out, value, (struct json_style){.layout = JSON_COMPACT}, &bad));
    buf_add_char(out, '\n');
}

static void add_profile(struct arena *arena, struct buf *out, char *path, uint64_t memory, unsigned threads)
{
    struct profile_options options = {.memory = memory, .threads = threads};
    struct data_error error;
    struct table *table = open_csv(path);
    struct profile *profile = profile_table(arena, table, &options, &error);
    if (!profile)
        fail_msg("%s", error.message);
    add_json(out, profile_to_value(arena, profile));
    table_close(table);
}

static void add_checks(struct arena *arena, struct buf *out, char *path, size_t columns, uint64_t memory,
                       unsigned threads)
{
    static const enum check_kind kinds[] = {
        CHECK_DISTINCT_COUNT, CHECK_UNIQUE,   CHECK_MEDIAN, CHECK_MEAN,
        CHECK_STDEV,          CHECK_SKEWNESS, CHECK_SUM,    CHECK_ENTROPY};
    enum { KINDS = sizeof kinds / sizeof *kinds };
    struct table *table = open_csv(path);
    struct check *checks = arena_array(arena, columns * KINDS, sizeof *checks);
    const char **names = arena_array(arena, columns, sizeof *names);
    for (size_t c = 0; c < columns; c++) {
        names[c] = arena_printf(arena, "c%zu", c);
        for (size_t k = 0; k < KINDS; k++)
            checks[c * KINDS + k] =
                (struct check){.kind = kinds[k], .columns = &names[c], .column_count = 1, .mostly = 1};
    }
    struct check_options options = {.memory = memory, .threads = threads};
    struct check_report report;
    struct data_error error;
    if (!check_run(arena, table, checks, columns * KINDS, &options, &report, &error))
        fail_msg("%s", error.message);
    add_json(out, report_check_value(arena, "data", &report));
    table_close(table);
}

static void add_drift(struct arena *arena, struct buf *out, char *reference, char *current, uint64_t memory,
                      unsigned threads)
{
    struct drift_options options = {.memory = memory, .threads = threads};
    struct table *tables[] = {open_csv(reference), open_csv(current)};
    struct drift_report report;
    struct data_error error;
    if (!drift_run(arena, tables[0], tables[1], &options, &report, &error))
        fail_msg("%s", error.message);
    add_json(out, report_drift_value(arena, "reference", "current", &report));
    table_close(tables[0]);
    table_close(tables[1]);
}

static void expect_same(const struct shape *shape, const struct buf *first, const struct buf *out,
                        uint64_t memory, unsigned threads)
{
    enum { BEFORE = 200 };
    size_t at = 0;
    while (at < first->length && at < out->length && first->data[at] == out->data[at])
        at++;
    if (at == first->length && at == out->length)
        return;
    size_t from = at > BEFORE ? at - BEFORE : 0;
    fail_msg("%s: memory %llu, %u threads:\n%.300s\ninstead of\n%.300s", shape->name,
             (unsigned long long)memory, threads, buf_str(out) + from, buf_str(first) + from);
}

static void same_results(void **state)
{
    static const struct {
        uint64_t memory;
        unsigned threads;
    } runs[] = {{UINT64_C(1) << 30, 1}, {UINT64_C(16) << 20, 2}, {1 << 20, 3}, {1 << 16, 2}, {1, 4}};
    (void)state;
    for (size_t s = 0; s < sizeof SHAPES / sizeof *SHAPES; s++) {
        char *paths[] = {write_shape(&SHAPES[s], 1), write_shape(&SHAPES[s], 2)};
        struct buf first = {0};
        for (size_t r = 0; r < sizeof runs / sizeof *runs; r++) {
            struct arena *arena = arena_new();
            struct buf out = {0};
            add_profile(arena, &out, paths[0], runs[r].memory, runs[r].threads);
            add_checks(arena, &out, paths[0], SHAPES[s].columns, runs[r].memory, runs[r].threads);
            add_drift(arena, &out, paths[0], paths[1], runs[r].memory, runs[r].threads);
            if (r == 0)
                buf_add(&first, out.data, out.length);
            else
                expect_same(&SHAPES[s], &first, &out, runs[r].memory, runs[r].threads);
            buf_free(&out);
            arena_free(arena);
        }
        buf_free(&first);
        for (size_t i = 0; i < 2; i++) {
            remove(paths[i]);
            free(paths[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_results)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
