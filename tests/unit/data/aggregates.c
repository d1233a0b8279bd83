/* Moments, distinct sets and quantiles against plain computations, in memory and spilled; both paths of the
 * inner loop give the same bits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/arena.h"
#include "runtime/data/distinct.h"
#include "runtime/data/moments.h"
#include "runtime/data/moments_lanes.h"
#include "runtime/data/quantiles.h"
#include "runtime/data/sketch.h"

enum { ROWS = 1024, CHUNKS = 300 };

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 24;
}

/* A chunk's column whose arrays the test owns. */
struct filled {
    struct column column;
    uint64_t valid[ROWS / 64];
    union {
        int64_t ints[ROWS + 64];
        double floats[ROWS + 64];
    };
    uint32_t starts[ROWS + 64], lengths[ROWS + 64];
    char text[ROWS * 32 + 64];
};

static void begin(struct filled *filled, uint64_t *random, bool nulls)
{
    memset(filled, 0, sizeof *filled);
    for (size_t i = 0; i < ROWS / 64; i++)
        filled->valid[i] = nulls ? next_random(random) << 30 ^ next_random(random) : ~UINT64_C(0);
    filled->column = (struct column){.needs = NEED_VALUES, .valid = filled->valid, .valid_count = ROWS};
    filled->column.ints = filled->ints;
}

static void fill_floats(struct filled *filled, uint64_t *random, double scale)
{
    begin(filled, random, true);
    for (size_t row = 0; row < ROWS; row++)
        filled->floats[row] = column_is_valid(&filled->column, row)
                                  ? ((double)(next_random(random) % 2000001) - 1e6) * scale + 1e6
                                  : 0;
}

static const struct column_schema float_schema = {.name = "x", .type = COLUMN_FLOAT, .shift = 1e6};
static const struct column_schema int_schema = {.name = "x", .type = COLUMN_INT};
static const struct column_schema text_schema = {.name = "x", .type = COLUMN_STRING};

static void test_moments(void **state)
{
    uint64_t random = 1, count = 0;
    struct filled filled;
    struct moments all, half;
    long double sum = 0, squares = 0;
    double low = INFINITY, high = -INFINITY;
    (void)state;
    moments_begin(&all, &float_schema);
    moments_begin(&half, &float_schema);
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        fill_floats(&filled, &random, 1e-6);
        moments_add(chunk % 2 ? &all : &half, &float_schema, &filled.column, ROWS, NULL);
        for (size_t row = 0; row < ROWS; row++)
            if (column_is_valid(&filled.column, row)) {
                long double away = (long double)filled.floats[row] - 1e6L;
                count++;
                sum += away;
                squares += away * away;
                low = fmin(low, filled.floats[row]);
                high = fmax(high, filled.floats[row]);
            }
    }
    moments_merge(&all, &half);
    assert_int_equal(all.count, count);
    assert_true(all.minimum == low && all.maximum == high);
    double mean = (double)(sum / count + 1e6L),
           variance = (double)((squares - sum * sum / count) / (count - 1));
    assert_true(fabs(moments_mean(&all) - mean) <= 1e-15 * mean);
    assert_true(fabs(moments_variance(&all, false) - variance) <= 1e-12 * variance);
}

static void test_moments_of_ints(void **state)
{
    struct filled filled;
    uint64_t random = 2;
    struct moments moments;
    (void)state;
    begin(&filled, &random, false);
    for (size_t row = 0; row < ROWS; row++)
        filled.ints[row] = row % 2 ? INT64_MAX - (int64_t)row : INT64_MIN + (int64_t)row;
    moments_begin(&moments, &int_schema);
    moments_add(&moments, &int_schema, &filled.column, ROWS, NULL);
    assert_true(moments.int_minimum == INT64_MIN && moments.int_maximum == INT64_MAX - 1);
    assert_true(moments.int_sum == -(__int128)ROWS / 2 - ROWS / 2);
    uint64_t mask[ROWS / 64] = {1};
    moments_begin(&moments, &int_schema);
    moments_add(&moments, &int_schema, &filled.column, ROWS, mask);
    assert_int_equal(moments.count, 1);
    assert_true(moments_variance(&moments, true) == 0 && isnan(moments_variance(&moments, false)));
}

static void test_non_finite(void **state)
{
    struct filled filled;
    uint64_t random = 2;
    struct moments moments;
    (void)state;
    begin(&filled, &random, false);
    filled.floats[0] = NAN;
    filled.floats[1] = INFINITY;
    filled.floats[2] = -INFINITY;
    filled.floats[3] = -2;
    moments_begin(&moments, &float_schema);
    moments_add(&moments, &float_schema, &filled.column, ROWS, NULL);
    assert_int_equal(moments.nans, 1);
    assert_int_equal(moments.infinities, 2);
    assert_int_equal(moments.count, ROWS - 3);
    assert_int_equal(moments.zeros, ROWS - 4);
    assert_int_equal(moments.negatives, 1);
    assert_true(moments.minimum == -2 && moments.maximum == 0);
    assert_true(moments_sum(&moments) == -2);
}

static void test_lanes_agree(void **state)
{
    (void)state;
#if defined(__x86_64__)
    uint64_t random = 5;
    struct moments_lanes fast = {.shift = 1e6}, portable = {.shift = 1e6};
    double numbers[64];
    if (!__builtin_cpu_supports("avx2"))
        skip();
    for (int round = 0; round < 5000; round++) {
        for (int i = 0; i < 64; i++)
            numbers[i] = ldexp((double)next_random(&random) - 5e11, (int)(next_random(&random) % 80) - 40);
        numbers[next_random(&random) % 64] = round % 2 ? 0.0 : -0.0;
        uint64_t select = next_random(&random) << 32 ^ next_random(&random);
        moments_lanes_avx2(&fast, numbers, select);
        moments_lanes_portable(&portable, numbers, select);
    }
    assert_memory_equal(&fast, &portable, sizeof fast);
#else
    skip();
#endif
}

struct tally {
    uint64_t distinct, total, unique;
    uint64_t checksum;
};

static bool tally_cell(void *context, struct cell value, uint64_t count)
{
    struct tally *tally = context;
    tally->distinct++;
    tally->total += count;
    tally->unique += count == 1;
    if (value.type == COLUMN_STRING) {
        uint64_t hash = 14695981039346656037u;
        for (uint32_t i = 0; i < value.length; i++)
            hash = (hash ^ (unsigned char)value.text[i]) * 1099511628211u;
        tally->checksum += hash * count;
    } else {
        tally->checksum += (uint64_t)value.integer * 31 * count + count;
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Ints of a given spread through two sets with a budget, against a sort of all of them. */
static void check_ints(uint64_t spread, uint64_t memory, enum distinct_detail detail)
{
    struct memory_budget *budget = memory_budget_new(memory);
    struct distinct *sets[2] = {distinct_new(&int_schema, detail, budget),
                                distinct_new(&int_schema, detail, budget)};
    int64_t *all = mem_alloc((size_t)CHUNKS * ROWS * sizeof *all);
    struct filled filled;
    uint64_t random = spread;
    size_t count = 0;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        begin(&filled, &random, true);
        for (size_t row = 0; row < ROWS; row++)
            if (column_is_valid(&filled.column, row))
                all[count++] = filled.ints[row] = (int64_t)(next_random(&random) % spread) - 1000;
        distinct_add(sets[chunk % 2], &filled.column, ROWS, NULL);
    }
    distinct_merge(sets[0], sets[1]);
    struct distinct_totals totals;
    struct data_error error = {""};
    assert_true(distinct_finish(sets[0], &totals, &error));
    qsort(all, count, sizeof *all, by_value);
    struct tally expected = {0}, found = {0};
    for (size_t i = 0, run; i < count; i += run) {
        for (run = 1; i + run < count && all[i + run] == all[i]; run++)
            ;
        tally_cell(&expected, (struct cell){.type = COLUMN_INT, .integer = all[i]}, run);
    }
    assert_int_equal(totals.values, count);
    assert_int_equal(totals.distinct, expected.distinct);
    if (detail != DISTINCT_NUMBER)
        assert_int_equal(totals.unique, expected.unique);
    if (detail == DISTINCT_COUNTS) {
        assert_true(distinct_each(sets[0], tally_cell, &found, &error));
        assert_memory_equal(&found, &expected, sizeof found);
    }
    distinct_free(sets[0]);
    memory_budget_free(budget);
    free(all);
}

static void test_distinct_ints(void **state)
{
    const uint64_t spreads[] = {3, 600, 100000, 40000000, UINT64_C(1) << 39};
    (void)state;
    for (size_t i = 0; i < sizeof spreads / sizeof *spreads; i++)
        for (int detail = DISTINCT_NUMBER; detail <= DISTINCT_COUNTS; detail++) {
            check_ints(spreads[i], UINT64_C(1) << 30, detail);
            check_ints(spreads[i], 1 << 16, detail); /* spills */
        }
}

static void fill_texts(struct filled *filled, uint64_t *random, uint64_t spread)
{
    size_t used = 0;
    begin(filled, random, true);
    filled->column.bytes = filled->text;
    filled->column.starts = filled->starts;
    filled->column.lengths = filled->lengths;
    for (size_t row = 0; row < ROWS; row++) {
        filled->starts[row] = (uint32_t)used;
        if (!column_is_valid(&filled->column, row))
            continue;
        uint64_t number = next_random(random) % spread;
        filled->lengths[row] = (uint32_t)snprintf(
            filled->text + used, 32, number % 2 ? "%llu" : "a longer text %llu", (unsigned long long)number);
        used += filled->lengths[row];
    }
}

static void check_texts(uint64_t spread)
{
    struct tally found[2] = {{0}};
    for (int spilled = 0; spilled < 2; spilled++) {
        struct memory_budget *budget = memory_budget_new(spilled ? 1 << 16 : 1 << 30);
        struct distinct *sets[2] = {distinct_new(&text_schema, DISTINCT_COUNTS, budget),
                                    distinct_new(&text_schema, DISTINCT_COUNTS, budget)};
        struct filled filled;
        struct data_error error = {""};
        uint64_t random = 9;
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            fill_texts(&filled, &random, spread);
            distinct_add(sets[chunk % 2], &filled.column, ROWS, NULL);
        }
        distinct_merge(sets[0], sets[1]);
        assert_true(distinct_each(sets[0], tally_cell, &found[spilled], &error));
        distinct_free(sets[0]);
        memory_budget_free(budget);
    }
    assert_memory_equal(&found[0], &found[1], sizeof found[0]);
    assert_true(found[0].distinct <= spread && found[0].distinct > spread / 8);
}

static void test_distinct_texts(void **state)
{
    (void)state;
    check_texts(5);
    check_texts(5000);
    check_texts(1000000);
}

static void test_distinct_special(void **state)
{
    struct filled filled;
    uint64_t random = 1;
    struct distinct_totals totals;
    struct data_error error = {""};
    (void)state;
    begin(&filled, &random, false);
    filled.floats[0] = NAN;
    filled.floats[1] = -NAN;
    filled.floats[2] = -0.0;
    struct distinct *set = distinct_new(&float_schema, DISTINCT_COUNTS, NULL);
    distinct_add(set, &filled.column, ROWS, NULL);
    assert_true(distinct_finish(set, &totals, &error));
    assert_int_equal(totals.distinct, 2);
    distinct_free(set);
    set = distinct_new(&text_schema, DISTINCT_UNIQUE, NULL);
    distinct_add_bytes(set, "a\0b", 3);
    distinct_add_bytes(set, "a\0c", 3);
    distinct_add_bytes(set, "a\0b", 3);
    distinct_add_bytes(set, "", 0);
    assert_true(distinct_finish(set, &totals, &error));
    assert_int_equal(totals.distinct, 3);
    assert_int_equal(totals.unique, 2);
    distinct_free(set);
}

static int by_number(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

struct sorted {
    const double *numbers;
    size_t at;
    bool same;
};

static bool compare_sorted(void *context, const double *numbers, size_t count)
{
    struct sorted *sorted = context;
    sorted->same &= memcmp(sorted->numbers + sorted->at, numbers, count * sizeof *numbers) == 0;
    sorted->at += count;
    return true;
}

static void check_quantiles(uint64_t memory, double power)
{
    struct memory_budget *budget = memory_budget_new(memory);
    struct quantiles *sets[2] = {quantiles_new(&float_schema, budget), quantiles_new(&float_schema, budget)};
    double *all = mem_alloc((size_t)CHUNKS * ROWS * sizeof *all), at[101], found[101];
    struct filled filled;
    struct data_error error = {""};
    uint64_t random = 4;
    size_t count = 0;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        begin(&filled, &random, true);
        for (size_t row = 0; row < ROWS; row++)
            if (column_is_valid(&filled.column, row)) {
                double u = (double)next_random(&random) / 1099511627776.0;
                all[count++] = filled.floats[row] = power == 0 ? floor(u * 10) : pow(10, power * (u - 0.5));
            }
        quantiles_add(sets[chunk % 2], &float_schema, &filled.column, ROWS, NULL);
    }
    quantiles_merge(sets[0], sets[1]);
    assert_int_equal(quantiles_count(sets[0]), count);
    qsort(all, count, sizeof *all, by_number);
    for (int i = 0; i <= 100; i++)
        at[i] = i / 100.0;
    assert_true(quantiles_at(sets[0], at, 101, RANK_LOWER, found, &error));
    for (int i = 0; i <= 100; i++)
        assert_true(found[i] == all[(size_t)floor((double)(count - 1) * at[i])]);
    struct sorted sorted = {all, 0, true};
    assert_true(quantiles_sorted(sets[0], compare_sorted, &sorted, &error));
    assert_true(sorted.same && sorted.at == count);
    const double edges[] = {-1, 1, 2, 1e300};
    uint64_t counts[3], expected[3] = {0};
    assert_true(quantiles_histogram(sets[0], edges, 3, counts, &error));
    for (size_t i = 0; i < count; i++)
        expected[all[i] < 1 ? 0 : all[i] < 2 ? 1 : 2]++;
    assert_memory_equal(counts, expected, sizeof counts);
    quantiles_free(sets[0]);
    memory_budget_free(budget);
    free(all);
}

static void test_quantiles(void **state)
{
    (void)state;
    for (int spilled = 0; spilled < 2; spilled++) {
        check_quantiles(spilled ? 1 << 16 : 1 << 30, 0);
        check_quantiles(spilled ? 1 << 16 : 1 << 30, 3);
        check_quantiles(spilled ? 1 << 16 : 1 << 30, 600);
    }
}

static void test_interpolation(void **state)
{
    struct filled filled;
    uint64_t random = 4, mask[ROWS / 64] = {15};
    struct data_error error = {""};
    double found, at = 0.5;
    (void)state;
    begin(&filled, &random, false);
    for (int i = 0; i < 4; i++)
        filled.floats[i] = 10 * i; /* 0 10 20 30: h = 1.5 */
    struct quantiles *set = quantiles_new(&float_schema, NULL);
    assert_true(quantiles_at(set, &at, 1, RANK_LINEAR, &found, &error));
    assert_true(isnan(found));
    quantiles_add(set, &float_schema, &filled.column, ROWS, mask);
    const double expected[] = {15, 10, 20, 15, 20};
    for (int method = RANK_LINEAR; method <= RANK_NEAREST; method++) {
        assert_true(quantiles_at(set, &at, 1, method, &found, &error));
        assert_true(found == expected[method]);
    }
    uint64_t rank = 4;
    assert_false(quantiles_select(set, &rank, 1, &found, &error));
    quantiles_free(set);
}

static void test_sketch(void **state)
{
    struct sketch *one = sketch_new(&int_schema, true),
                  *parts[2] = {sketch_new(&int_schema, true), sketch_new(&int_schema, true)};
    struct filled filled;
    uint64_t random = 8;
    double distinct, unique, again, other, weight;
    bool exact;
    size_t count;
    (void)state;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        begin(&filled, &random, false);
        for (size_t row = 0; row < ROWS; row++)
            filled.ints[row] = chunk * ROWS + (int64_t)row;
        sketch_add(one, &filled.column, ROWS, NULL, (uint64_t)chunk * ROWS);
        sketch_add(parts[chunk % 2], &filled.column, ROWS, NULL, (uint64_t)chunk * ROWS);
    }
    sketch_merge(parts[0], parts[1]);
    sketch_distinct(one, &distinct, &unique, &exact);
    assert_false(exact);
    assert_true(fabs(distinct / (CHUNKS * ROWS) - 1) < 0.04 && unique == distinct);
    sketch_distinct(parts[0], &again, &other, &exact);
    assert_true(again == distinct); /* whoever added what */
    sketch_sample(one, &count, &weight);
    assert_true(count >= SKETCH_ROWS && fabs((double)count * weight - CHUNKS * ROWS) < 1);
    sketch_free(one);
    sketch_free(parts[0]);
    sketch_free(parts[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),          cmocka_unit_test(test_moments_of_ints),
        cmocka_unit_test(test_non_finite),       cmocka_unit_test(test_lanes_agree),
        cmocka_unit_test(test_distinct_ints),    cmocka_unit_test(test_distinct_texts),
        cmocka_unit_test(test_distinct_special), cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_interpolation),    cmocka_unit_test(test_sketch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
