#ifndef MLC_DATA_MOMENTS_H
#define MLC_DATA_MOMENTS_H

/* Count, sum, sum of squares, minimum and maximum of a column of numbers. Sums are compensated (Neumaier, in
 * eight lanes that are the same with and without SIMD), sums of squares are taken about `shift`, so that the
 * variance does not cancel. */

#include "runtime/data/table.h"

enum { MOMENTS_LANES = 8 };

struct moments {
    uint64_t count; /* finite numbers: what everything below is over */
    uint64_t nans, infinities, zeros, negatives;
    uint64_t minus_infinities; /* of the infinities */
    double shift;
    double minimum, maximum;          /* of the finite numbers; +inf and -inf when there is none */
    int64_t int_minimum, int_maximum; /* exact, for columns of ints and times */
    __int128 int_sum; /* exact, for columns of ints, times and decimals (in their last digit) */
    decimal decimal_minimum, decimal_maximum; /* exact, for columns of decimals */
    bool integers, decimals;
    bool inexact; /* int_sum overflowed */
    double sum[MOMENTS_LANES], sum_rest[MOMENTS_LANES];
    double square[MOMENTS_LANES], square_rest[MOMENTS_LANES];
};

/* Begins for a column (BOOL, INT, FLOAT, DECIMAL, DATE, TIME or TIMESTAMP). */
void moments_begin(struct moments *moments, const struct column_schema *schema);

/* Adds the valid cells of a chunk's column; those of `rows` whose bit in `mask` is set when `mask` is not
 * NULL. The column must have been decoded with NEED_VALUES. */
void moments_add(struct moments *moments, const struct column_schema *schema, const struct column *column,
                 size_t rows, const uint64_t *mask);

void moments_merge(struct moments *into, const struct moments *from);

/* Over the finite numbers, in the units of cell_number. NaN when there is none (variance: fewer than two). */
double moments_sum(const struct moments *moments);
double moments_mean(const struct moments *moments);
double moments_variance(const struct moments *moments, bool population);

/* What infinite values make of a sum or a mean: infinity, or NaN when both signs are there; 0 without any. */
double moments_infinity(const struct moments *moments);

#endif
