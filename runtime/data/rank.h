#ifndef MLC_DATA_RANK_H
#define MLC_DATA_RANK_H

/* Which of n sorted numbers a quantile lies at, and what lies between two of them. */

#include <stdint.h>
#include "runtime/data/quantiles.h"

/* The rank below h = (n - 1) q, the rank above, and the part of the way between them. */
void rank_place(double h, enum rank_method method, uint64_t count, uint64_t *low, uint64_t *high,
                double *part);
double rank_between(double low, double high, double part);

/* The same for q = at as the shortest text of `at` says it, without rounding: part / 10^digits. False when at
 * has more than 17 digits behind the point. */
bool rank_place_exactly(double at, enum rank_method method, uint64_t count, uint64_t *low, uint64_t *high,
                        uint64_t *part, unsigned *digits);

#endif
