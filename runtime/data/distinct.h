#ifndef MLC_DATA_DISTINCT_H
#define MLC_DATA_DISTINCT_H

/* The distinct values of a column, with how often each occurs: exact in memory, spilled to temporary files
 * when the budget is used up. Bits for dense integers, a partitioned table for the rest; strings are kept
 * whole, so a collision of hashes never merges two. One set a worker and column; merge them at the end. */

#include "runtime/data/cell.h"
#include "runtime/data/table.h"

struct distinct;

/* How much has to be known at the end: the number of distinct values (the cheapest), also how many occur once
 * (and so how many rows have a duplicate), or the count of each. */
enum distinct_detail { DISTINCT_NUMBER, DISTINCT_UNIQUE, DISTINCT_COUNTS };

/* Memory that several sets share: what they may hold before they spill. Thread-safe. */
struct memory_budget;
struct memory_budget *memory_budget_new(uint64_t bytes);
void memory_budget_free(struct memory_budget *budget);

struct distinct *distinct_new(const struct column_schema *schema, enum distinct_detail detail,
                              struct memory_budget *budget);
void distinct_free(struct distinct *set);

/* Adds the valid cells of a chunk's column (NEED_VALUES), those with a bit in `mask` when it is not NULL. */
void distinct_add(struct distinct *set, const struct column *column, size_t rows, const uint64_t *mask);

/* Adds one value given as bytes: for compound keys. Only for a set of COLUMN_STRING. */
void distinct_add_bytes(struct distinct *set, const char *bytes, size_t length);

/* Moves all of `from` into `into` and frees `from`. */
void distinct_merge(struct distinct *into, struct distinct *from);

struct distinct_totals {
    uint64_t values;   /* cells added */
    uint64_t distinct; /* different ones; NaN equals NaN, 0 equals -0 */
    uint64_t unique;   /* that occur once (DISTINCT_UNIQUE and up) */
};

/* Ends adding. False with an error when a temporary file cannot be written or read. */
bool distinct_finish(struct distinct *set, struct distinct_totals *totals, struct data_error *error);

/* After distinct_finish of a set with DISTINCT_COUNTS: every value with its count, in no order; stops when
 * `each` returns false. DISTINCT_UNIQUE visits with counts 1 and 2, where 2 means more than once. */
bool distinct_each(struct distinct *set, bool (*each)(void *context, struct cell value, uint64_t count),
                   void *context, struct data_error *error);

#endif
