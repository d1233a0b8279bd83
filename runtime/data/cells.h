#ifndef MLC_DATA_CELLS_H
#define MLC_DATA_CELLS_H

/* From places in text to typed columns: what CSV and JSONL share. A reader finds where every cell starts and
 * ends; a column is then decoded in one loop of its type. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/data/infer.h"
#include "runtime/data/table.h"

enum { CELLS_PADDING = 64 }; /* readable bytes before and behind the text, and entries behind the rows */

/* Spellings of null of one column. */
struct null_words {
    const char *const *words;
    const uint32_t *lengths;
    size_t count;
};

/* The cells of one column: row r has the text [starts[r * stride], ends[r * stride] - 1). A length below zero
 * is a null. */
struct cells {
    char *text;
    const uint32_t *starts, *ends;
    size_t stride;
    uint32_t rows;
    char quote; /* CSV: cells may be quoted, an empty one is null; 0: JSON, already unescaped */
    bool loose; /* quotes may stand anywhere: a closing quote may be followed by text */
    struct null_words nulls;
};

/* Arrays of one column, reused from chunk to chunk. */
struct column_store {
    uint64_t *valid, *bad;
    void *values;
    uint32_t *starts, *lengths;
    size_t capacity; /* rows */
    size_t width;    /* bytes a value */
};

void column_store_free(struct column_store *store);

/* Room for `rows` rows and the padding, everything zero behind them. */
void column_store_reserve(struct column_store *store, const struct column_schema *schema, size_t rows);

/* Decodes into the store, and describes the result in `out`. Text may be unescaped in place, so that a column
 * is decoded once only. */
void cells_decode(const struct cells *cells, const struct column_schema *schema, unsigned needs,
                  struct column_store *store, struct column *out);

/* Adds all cells to what is known of the column. Does not change the text. */
void cells_infer(const struct cells *cells, struct inference *inference);

/* The text of a cell without quotes and escapes, copied into `out` (at most `size` - 1 bytes and a NUL). */
void cells_text(const struct cells *cells, size_t row, char *out, size_t size);

/* Removes the quotes of a CSV field in place: its start moves and its length shrinks. False when text stands
 * outside the quotes. */
bool csv_unquote(char *text, uint32_t *start, uint32_t *length, char quote);

#endif
