#ifndef MLC_DATA_MOMENTS_LANES_H
#define MLC_DATA_MOMENTS_LANES_H

/* The inner loop of moments: 64 finite numbers in eight lanes, lane i takes the numbers i, i + 8, …. Both
 * paths do the same operations in the same order, so that they give the same bits. */

#include "runtime/data/moments.h"

void moments_lanes_portable(struct moments *moments, const double *numbers, uint64_t select);

#if defined(__x86_64__)
void moments_lanes_avx2(struct moments *moments, const double *numbers, uint64_t select);
#endif

#endif
