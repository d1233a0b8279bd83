#ifndef MLC_DATA_RANKED_H
#define MLC_DATA_RANKED_H

/* Numbers with how often each occurs, in order: quantiles and histograms of a column whose distinct values
 * are few enough to have them in memory. */

#include <stddef.h>
#include <stdint.h>
#include "runtime/data/quantiles.h"

struct ranked_number {
    double number;
    uint64_t count; /* after ranked_sort: of this and all smaller ones */
};

/* Zero-initialise; ranked_end frees. */
struct ranked {
    struct ranked_number *numbers;
    size_t count, capacity;
};

/* A finite number that occurs `count` times. */
void ranked_add(struct ranked *ranked, double number, uint64_t count);
/* Once all are there, before what follows. */
void ranked_sort(struct ranked *ranked);
void ranked_end(struct ranked *ranked);

/* As quantiles_at and quantiles_histogram; `ranked` is not empty. */
void ranked_at(const struct ranked *ranked, const double *at, size_t count, enum rank_method method,
               double *out);
void ranked_histogram(const struct ranked *ranked, const double *edges, size_t bins, uint64_t *counts);

#endif
