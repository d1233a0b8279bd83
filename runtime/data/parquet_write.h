#ifndef MLC_DATA_PARQUET_WRITE_H
#define MLC_DATA_PARQUET_WRITE_H

/* Writes Parquet files with flat schemas: every column optional, plain encoding, pages of v1, snappy or zstd,
 * least and greatest values in the footer. Without layouts: BOOL, INT (INT64), FLOAT (DOUBLE), DECIMAL (INT64
 * up to 18 digits, else 16 bytes), DATE, TIME and TIMESTAMP (INT64, micro- or nanoseconds), STRING
 * (BYTE_ARRAY), NULL. The same rows give the same bytes. A row group is held in memory until it is written:
 * it ends at `group_rows` rows or 64 MiB of values. */

#include "runtime/data/parquet_meta.h"
#include "runtime/data/table.h"

enum parquet_write_codec { PARQUET_SNAPPY, PARQUET_ZSTD, PARQUET_PLAIN };

struct parquet_write_options {
    enum parquet_write_codec codec;
    uint32_t group_rows;                  /* 0: 131072 */
    const struct parquet_column *layouts; /* one a column, as parquet_layouts gives them; NULL: by type */
};

struct parquet_writer;

/* Makes the file (an existing one is overwritten). NULL with an error. The schema is copied. */
struct parquet_writer *parquet_writer_open(const char *path, const struct table_schema *schema,
                                           const struct parquet_write_options *options,
                                           struct data_error *error);

/* Adds the rows of a chunk (all columns with NEED_VALUES), those with a bit in `mask` when it is not NULL.
 * Bad cells become null. */
bool parquet_writer_add(struct parquet_writer *writer, const struct chunk *chunk, const uint64_t *mask,
                        struct data_error *error);

/* Writes the footer and closes; frees the writer in any case. False when any write failed. */
bool parquet_writer_close(struct parquet_writer *writer, struct data_error *error);

#endif
