/* Estimates in fixed memory: exact while there is little, within the stated bounds behind that, and the same
 * whatever the threads were. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/arena.h"
#include "runtime/data/quantiles.h"
#include "runtime/data/row_sample.h"
#include "runtime/data/sketch.h"

enum { ROWS = 8192, PARTS = 5 };

static const struct column_schema ints = {.name = "n", .type = COLUMN_INT};

/* Scattered, each once. */
static int64_t number_of(uint64_t row, uint64_t total)
{
    return (int64_t)(row * 7919 % total);
}

/* Chunks of the rows [0, total) to `add`: number 0 to part 0, number 1 to part 1 and so on. */
static void deal(uint64_t total, size_t parts, void *const *states,
                 void (*add)(void *state, const struct column *column, size_t rows, uint64_t first))
{
    static int64_t values[ROWS + 64];
    static uint64_t valid[ROWS / 64 + 1];
    for (uint64_t first = 0, chunk = 0; first < total; first += ROWS, chunk++) {
        size_t rows = total - first < ROWS ? (size_t)(total - first) : ROWS;
        memset(valid, 0, sizeof valid);
        for (size_t i = 0; i < rows; i++) {
            values[i] = number_of(first + i, total);
            valid[i / 64] |= UINT64_C(1) << (i % 64);
        }
        struct column column = {
            .needs = NEED_VALUES, .valid = valid, .valid_count = (uint32_t)rows, .ints = values};
        add(states[chunk % parts], &column, rows, first);
    }
}

static void add_quantiles(void *state, const struct column *column, size_t rows, uint64_t first)
{
    quantiles_sample(state, &ints, column, rows, NULL, first);
}

static void add_sketch(void *state, const struct column *column, size_t rows, uint64_t first)
{
    sketch_add(state, column, rows, NULL, first);
}

static const double asked[] = {0.01, 0.25, 0.5, 0.9, 0.999};
enum { ASKED = sizeof asked / sizeof *asked };

/* The quantiles of `total` rows by `parts` workers; how many numbers were kept. */
static uint64_t estimate_quantiles(uint64_t total, size_t parts, bool *left_out, double *out)
{
    void *states[PARTS] = {0};
    struct data_error error;
    for (size_t i = 0; i < parts; i++)
        states[i] = quantiles_new(&ints, NULL);
    deal(total, parts, states, add_quantiles);
    for (size_t i = parts - 1; i > 0; i--)
        quantiles_merge(states[0], states[i]);
    *left_out = quantiles_settle(states[0]);
    assert_true(quantiles_at(states[0], asked, ASKED, RANK_LINEAR, out, &error));
    uint64_t kept = quantiles_count(states[0]);
    quantiles_free(states[0]);
    return kept;
}

static void test_quantiles(void **state)
{
    double one[ASKED], many[ASKED];
    bool left_out;
    (void)state;
    assert_int_equal(estimate_quantiles(100000, 1, &left_out, one), 100000);
    assert_false(left_out);
    for (size_t i = 0; i < ASKED; i++)
        assert_true(fabs(one[i] - asked[i] * 99999) < 1e-6);
    for (uint64_t total = 140000; total <= 1400000; total *= 10) {
        assert_int_equal(estimate_quantiles(total, 1, &left_out, one), SAMPLE_ROWS);
        assert_true(left_out);
        for (size_t parts = 2; parts <= PARTS; parts++) {
            assert_int_equal(estimate_quantiles(total, parts, &left_out, many), SAMPLE_ROWS);
            assert_memory_equal(one, many, sizeof one);
        }
        for (size_t i = 0; i < ASKED; i++) /* values are ranks */
            assert_true(fabs(one[i] / (double)total - asked[i]) < 0.006);
    }
}

static double estimate_distinct(uint64_t total, size_t parts, bool *exact)
{
    void *states[PARTS] = {0};
    double distinct, unique;
    for (size_t i = 0; i < parts; i++)
        states[i] = sketch_new(&ints, false);
    deal(total, parts, states, add_sketch);
    for (size_t i = parts - 1; i > 0; i--) {
        sketch_merge(states[0], states[i]);
        sketch_free(states[i]);
    }
    sketch_distinct(states[0], &distinct, &unique, exact);
    assert_int_equal(sketch_values(states[0]), total);
    assert_true(distinct == unique);
    sketch_free(states[0]);
    return distinct;
}

static void test_distinct(void **state)
{
    bool exact;
    (void)state;
    assert_true(estimate_distinct(30000, 3, &exact) == 30000 && exact);
    for (uint64_t total = 50000; total <= 5000000; total *= 10) {
        double one = estimate_distinct(total, 1, &exact);
        assert_false(exact);
        assert_true(fabs(one / (double)total - 1) < 0.024); /* three standard errors */
        assert_true(estimate_distinct(total, PARTS, &exact) == one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_quantiles), cmocka_unit_test(test_distinct)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
