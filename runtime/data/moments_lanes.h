#ifndef MLC_DATA_MOMENTS_LANES_H
#define MLC_DATA_MOMENTS_LANES_H

/* The inner loop of moments: 64 finite numbers in eight lanes, lane i takes the numbers i, i + 8, …. Both
 * paths do the same operations in the same order, so that they give the same bits. */

#include <stdbool.h>
#include <stdint.h>

enum { MOMENTS_LANES = 8 };

struct moments_lanes {
    double shift;
    double minimum, maximum;
    uint64_t zeros, negatives;
    double sum[MOMENTS_LANES], sum_rest[MOMENTS_LANES];
    double square[MOMENTS_LANES], square_rest[MOMENTS_LANES]; /* of number - shift */
};

void moments_lanes_portable(struct moments_lanes *lanes, const double *numbers, uint64_t select);

#if defined(__x86_64__)
void moments_lanes_avx2(struct moments_lanes *lanes, const double *numbers, uint64_t select);
#endif

#endif
