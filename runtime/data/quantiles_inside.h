#ifndef MLC_DATA_QUANTILES_INSIDE_H
#define MLC_DATA_QUANTILES_INSIDE_H

/* What quantiles keep. Inside quantiles*.c. */

#include "runtime/data/number_list.h"
#include "runtime/data/quantiles.h"
#include "runtime/data/row_sample.h"

/* How the numbers are kept: ints and times, and decimals of up to 18 digits, in 64 bits; others in 128. */
enum unit_kind { UNITS_NONE, UNITS_64, UNITS_128 };

struct quantiles {
    struct number_list list;
    enum unit_kind kind; /* UNITS_NONE: doubles */
    bool decimals;
    unsigned scale;                           /* decimals */
    uint32_t ticks;                           /* a second; 1 for what is no time */
    uint64_t low_infinities, high_infinities; /* not in the list */
    struct row_sample sample;                 /* before quantiles_settle */
};

/* The numbers as doubles: as cell_number; or of integers those in [base, top], less base. */
struct view {
    struct quantiles *quantiles;
    bool units;
    decimal base, top;
};

/* Calls `each` with all numbers of a view, in blocks. False with an error. */
bool view_each(const struct view *view, void (*each)(void *context, const double *numbers, size_t count),
               void *context, struct data_error *error);

/* One integer as cell_number would give it. */
double units_number(const struct quantiles *quantiles, decimal units);

/* quantiles_select.c: integers of ranks (ascending), exactly. Only for lists of integers. */
bool quantiles_units(struct quantiles *quantiles, const uint64_t *ranks, size_t count, decimal *out,
                     struct data_error *error);

#endif
