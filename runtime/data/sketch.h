#ifndef MLC_DATA_SKETCH_H
#define MLC_DATA_SKETCH_H

/* Estimates in fixed memory, for --approximate: the distinct values whose hashes are smallest, with their
 * exact counts (k minimum values: distinct and unique to about 0.8 %), and a uniform sample of rows (ranks to
 * about 0.4 %). Which rows are sampled depends on row numbers only, so the estimates do not depend on
 * threads. */

#include "runtime/data/cell.h"
#include "runtime/data/table.h"

enum { SKETCH_VALUES = 16384, SKETCH_ROWS = 65536 };

struct sketch;

/* `samples`: rows too, of a column that is no string. */
struct sketch *sketch_new(const struct column_schema *schema, bool samples);
void sketch_free(struct sketch *sketch);
/* Adds the valid cells, those with a bit in `mask` when it is not NULL. */
void sketch_add(struct sketch *sketch, const struct column *column, size_t rows, const uint64_t *mask,
                uint64_t first_row);
void sketch_merge(struct sketch *into, const struct sketch *from);

/* Cells that were added. */
uint64_t sketch_values(const struct sketch *sketch);

/* The estimates; exact (and `*exact`) while there are fewer distinct values than the sketch holds. */
void sketch_distinct(struct sketch *sketch, double *distinct, double *unique, bool *exact);

/* The sampled values, in no order; `*count` of them, and how many rows each stands for. Valid until the next
 * call. */
const struct cell *sketch_sample(struct sketch *sketch, size_t *count, double *weight);

/* The values with counts that the distinct part holds. */
void sketch_each(const struct sketch *sketch, bool (*each)(void *context, struct cell value, uint64_t count),
                 void *context);

#endif
