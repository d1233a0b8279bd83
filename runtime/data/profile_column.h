#ifndef MLC_DATA_PROFILE_COLUMN_H
#define MLC_DATA_PROFILE_COLUMN_H

/* What a profile gathers of one column in one worker. */

#include "runtime/data/distinct.h"
#include "runtime/data/moments.h"
#include "runtime/data/profile.h"
#include "runtime/data/sketch.h"

/* Lengths and extremes of strings. */
struct text_sums {
    uint64_t count, empties;
    uint64_t length_sum, length_min, length_max; /* code points */
    struct buf low, high;
    uint64_t low_prefix, high_prefix; /* the first eight bytes, the first one highest */
};

struct column_sums {
    struct column_schema schema;
    uint64_t values, bad;
    bool has_decimals;
    decimal decimal_low, decimal_high;
    struct moments moments;
    struct text_sums texts;
    struct memory_budget *budget;
    struct distinct *distinct; /* exact: quantiles come from the counts of the values too */
    struct sketch *sketch;     /* approximate: instead */
};

void column_sums_begin(struct column_sums *sums, const struct column_schema *schema,
                       struct memory_budget *budget, bool approximate);
void column_sums_end(struct column_sums *sums);
void column_sums_add(struct column_sums *sums, const struct column *column, const struct chunk *chunk);

/* `from` gives all it has, and must still be ended. */
void column_sums_merge(struct column_sums *into, struct column_sums *from);

bool column_sums_finish(struct arena *arena, struct column_sums *sums, uint64_t rows, size_t top, size_t bins,
                        struct profile_column *out, struct data_error *error);

#endif
