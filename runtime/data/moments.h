#ifndef MLC_DATA_MOMENTS_H
#define MLC_DATA_MOMENTS_H

/* Count, sum, sum of squares, minimum and maximum of a column of numbers. Of ints, decimals and times all is
 * exact; of floats the sums of a chunk are compensated (Neumaier, in eight lanes that are the same with and
 * without SIMD), and those of all chunks are added exactly, so that nothing depends on who added what.
 * Squares are taken about a value near the mean, so that the variance does not cancel. */

#include "runtime/data/double_sum.h"
#include "runtime/data/table.h"
#include "runtime/data/wide.h"

struct moments {
    uint64_t count; /* finite numbers: what everything below is over */
    uint64_t nans, infinities, zeros, negatives;
    uint64_t minus_infinities; /* of the infinities */
    double minimum, maximum;   /* of the finite numbers; +inf and -inf when there is none */
    bool integers, decimals;
    /* columns of ints, times and decimals: in ticks, or the last digit */
    int64_t int_minimum, int_maximum;
    decimal decimal_minimum, decimal_maximum;
    __int128 int_sum;
    bool inexact; /* int_sum overflowed */
    uint32_t ticks;
    unsigned scale;
    decimal base;             /* near the mean */
    struct wide above, below; /* decimals: sums of what values are above and below the base */
    struct wide base_squares; /* sum of (value - base)^2 */
    /* columns of floats */
    double shift;
    struct double_sum sum, squares; /* the squares about the shift */
};

/* Begins for a column (BOOL, INT, FLOAT, DECIMAL, DATE, TIME or TIMESTAMP). */
void moments_begin(struct moments *moments, const struct column_schema *schema);

/* Adds the valid cells of a chunk's column; those of `rows` whose bit in `mask` is set when `mask` is not
 * NULL. The column must have been decoded with NEED_VALUES. */
void moments_add(struct moments *moments, const struct column_schema *schema, const struct column *column,
                 size_t rows, const uint64_t *mask);

void moments_merge(struct moments *into, const struct moments *from);

/* Over the finite numbers, in the units of cell_number; the nearest doubles for ints, decimals and times. NaN
 * when there is none (variance: fewer than two). */
double moments_sum(const struct moments *moments);
double moments_mean(const struct moments *moments);
double moments_variance(const struct moments *moments, bool population);

/* What infinite values make of a sum or a mean: infinity, or NaN when both signs are there; 0 without any. */
double moments_infinity(const struct moments *moments);

#endif
