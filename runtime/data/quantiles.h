#ifndef MLC_DATA_QUANTILES_H
#define MLC_DATA_QUANTILES_H

/* Exact order statistics of a column of numbers: keeps every finite number (8 bytes a cell), spills sorted
 * runs to temporary files when the budget is used up, selects at the end. */

#include "runtime/data/distinct.h"
#include "runtime/data/rational.h"
#include "runtime/data/table.h"

struct quantiles;

struct quantiles *quantiles_new(const struct column_schema *schema, struct memory_budget *budget);
void quantiles_free(struct quantiles *quantiles);

/* Adds the finite valid cells, those with a bit in `mask` when it is not NULL. Numbers as cell_number. */
void quantiles_add(struct quantiles *quantiles, const struct column_schema *schema,
                   const struct column *column, size_t rows, const uint64_t *mask);

/* Adds one finite number `times` times; only to a set of COLUMN_FLOAT. */
void quantiles_put(struct quantiles *quantiles, double number, uint64_t times);

/* The same for --approximate: a sample of the rows is kept instead of all; `first_row` is the number of row
 * 0. Once all is merged, quantiles_settle puts the sample in place; it returns true when rows were left out,
 * so that all that follows is an estimate. */
void quantiles_sample(struct quantiles *quantiles, const struct column_schema *schema,
                      const struct column *column, size_t rows, const uint64_t *mask, uint64_t first_row);
bool quantiles_settle(struct quantiles *quantiles);

/* Moves all of `from` into `into` and frees `from`. */
void quantiles_merge(struct quantiles *into, struct quantiles *from);

uint64_t quantiles_count(const struct quantiles *quantiles);

/* The numbers of rank ranks[i] (from 0, ascending in `ranks`) among the sorted ones, into out[i]. May be
 * called again. False with an error when a temporary file fails or a rank is out of range. */
bool quantiles_select(struct quantiles *quantiles, const uint64_t *ranks, size_t count, double *out,
                      struct data_error *error);

enum rank_method { RANK_LINEAR, RANK_LOWER, RANK_HIGHER, RANK_MIDPOINT, RANK_NEAREST };

/* Quantiles at `at` (0..1, ascending), h = (n - 1) q; NEAREST rounds half to even. NaN when there is none. */
bool quantiles_at(struct quantiles *quantiles, const double *at, size_t count, enum rank_method method,
                  double *out, struct data_error *error);

/* One quantile over infinite values too. NaN when there is no number, or half way between infinities. */
bool quantiles_of_all(struct quantiles *quantiles, double at, enum rank_method method, double *out,
                      struct data_error *error);

/* The quantile of a column of ints, decimals or times without rounding (times in seconds, dates in days), q
 * as its shortest text says. *known is false where quantiles_of_all has to do: for floats, for ints between
 * which a quantile lies at no half, and for what needs more than 128 bits. */
bool quantiles_exact(struct quantiles *quantiles, double at, enum rank_method method, struct rational *out,
                     bool *known, struct data_error *error);

/* How many numbers fall between `bins` + 1 ascending edges: [e0, e1), …, the last bin closed; numbers outside
 * count in the first and last one. */
bool quantiles_histogram(struct quantiles *quantiles, const double *edges, size_t bins, uint64_t *counts,
                         struct data_error *error);

/* All numbers in ascending order, in blocks; stops when `each` returns false. */
bool quantiles_sorted(struct quantiles *quantiles,
                      bool (*each)(void *context, const double *numbers, size_t count), void *context,
                      struct data_error *error);

#endif
