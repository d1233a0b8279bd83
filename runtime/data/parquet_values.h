#ifndef MLC_DATA_PARQUET_VALUES_H
#define MLC_DATA_PARQUET_VALUES_H

/* The encodings of Parquet's values and levels (parquet-format, Encodings.md), read in batches: nothing is
 * held that is not in the page, whatever counts the page claims. */

#include "runtime/data/parquet_budget.h"
#include "runtime/data/parquet_meta.h"

enum { VALUES_BATCH = 1024 };

/* Runs of equal numbers and bit-packed numbers in turn. */
struct run_reader {
    const uint8_t *at, *end;
    unsigned width;
    uint64_t repeats; /* left of the run of `value` */
    uint32_t value;
    uint64_t packed; /* left of the packed run, which begins at `packed_bytes` */
    const uint8_t *packed_bytes;
    uint64_t packed_at; /* bits */
};

void runs_begin(struct run_reader *runs, const uint8_t *at, const uint8_t *end, unsigned width);
bool runs_read(struct run_reader *runs, uint32_t *out, size_t count);

/* DELTA_BINARY_PACKED. */
struct delta_reader {
    const uint8_t *at, *end;
    uint64_t left;        /* numbers to come */
    uint64_t last, least; /* the number before, the block's least difference */
    uint64_t per_mini;
    uint64_t minis, mini; /* of a block, and the next of them */
    const uint8_t *widths;
    uint64_t mini_left;
    const uint8_t *packed;
    uint64_t packed_at;
    unsigned width;
    bool first;
};

bool delta_begin(struct delta_reader *delta, const uint8_t *at, const uint8_t *end);
bool delta_read(struct delta_reader *delta, int64_t *out, size_t count);
/* Where the bytes behind the numbers begin; all must have been read. */
const uint8_t *delta_end(const struct delta_reader *delta);

/* A physical value as bytes: as in PLAIN, but ints of delta encodings have 8 bytes whatever their type. */
struct raw_value {
    const uint8_t *bytes;
    uint32_t length;
};

/* The values of one page. Zero-initialise and set the budget before the first page; values_free at the end.
 */
struct values_reader {
    struct parquet_budget *budget;
    int encoding;
    const struct parquet_column *column;
    const uint8_t *at, *end;
    struct run_reader runs;
    struct delta_reader delta;
    const struct raw_value *dictionary;
    size_t dictionary_count;
    uint64_t bit;          /* BOOLEAN, PLAIN */
    uint64_t index, total; /* STREAM_SPLIT */
    struct value_lengths {
        uint32_t *items;
        size_t capacity;
    } lengths, prefixes; /* DELTA_LENGTH, DELTA_BYTES: of all values */
    size_t length_count, length_at;
    uint8_t *room; /* of the batch, for values that are put together */
    size_t room_size;
    uint8_t *previous;
    size_t previous_length, previous_size;
    const char *why; /* what went wrong */
};

bool values_begin(struct values_reader *values, const struct parquet_column *column, int encoding,
                  const uint8_t *at, const uint8_t *end, uint64_t count);
/* At most VALUES_BATCH values, valid until the next call. */
bool values_read(struct values_reader *values, struct raw_value *out, size_t count);
void values_free(struct values_reader *values);

#endif
