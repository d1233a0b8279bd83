#ifndef MLC_DATA_PARQUET_BUDGET_H
#define MLC_DATA_PARQUET_BUDGET_H

/* What reading Parquet may cost, whatever the files claim: a few bytes can stand for gigabytes of pages,
 * dictionaries and strings, and for billions of rows. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Bytes decompressed and put together in one pass, by all workers; `limit` is theirs together. */
struct parquet_output {
    atomic_uint_fast64_t made;
    uint64_t limit;
};

/* Of one worker. */
struct parquet_budget {
    struct parquet_output *output;
    uint64_t held; /* bytes of pages, dictionaries, lengths and strings that are in memory */
};

/* Cells that a table of `bytes` bytes may have, and bytes that a pass over it may make; `ratio` is
 * table_options' ratio_limit. */
uint64_t parquet_cells_limit(uint64_t bytes, unsigned ratio);
uint64_t parquet_output_limit(uint64_t bytes, unsigned ratio);

/* Before memory grows (or shrinks) from `old` to `now` bytes. NULL, or why it must not: a message. */
const char *parquet_hold(struct parquet_budget *budget, uint64_t old, uint64_t now);

/* Before `bytes` bytes are decompressed or copied. NULL, or why they must not. */
const char *parquet_make(struct parquet_budget *budget, uint64_t bytes);

#endif
