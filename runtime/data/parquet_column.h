#ifndef MLC_DATA_PARQUET_COLUMN_H
#define MLC_DATA_PARQUET_COLUMN_H

/* One column of one row group: its pages one after the other, as rows. */

#include "core/buf.h"
#include "runtime/data/cells.h"
#include "runtime/data/parquet_values.h"

struct parquet_cursor;

/* The budget is the worker's, and must stay. */
struct parquet_cursor *parquet_cursor_new(struct parquet_budget *budget);
void parquet_cursor_free(struct parquet_cursor *cursor);

/* Begins a piece of an open file. `name` and `path` are for messages and must stay. */
void parquet_cursor_begin(struct parquet_cursor *cursor, int descriptor, const char *path, const char *name,
                          const struct parquet_column *column, const struct parquet_piece *piece);

/* The arrays of a column of a chunk, and the bytes of its strings. */
struct parquet_store {
    struct column_store arrays;
    struct buf text;
    bool refused_int96; /* a timestamp does not fit the schema's ticks */
};

/* The next `rows` rows as a column of a chunk. */
bool parquet_cursor_read(struct parquet_cursor *cursor, const struct column_schema *schema, unsigned needs,
                         uint32_t rows, struct parquet_store *store, struct column *out,
                         struct data_error *error);

#endif
