#ifndef MLC_DATA_PARQUET_FOOTER_H
#define MLC_DATA_PARQUET_FOOTER_H

/* The footer of a Parquet file that is being written (github.com/apache/parquet-format, parquet.thrift). */

#include "core/buf.h"
#include "runtime/data/parquet_meta.h"

/* A column in a row group that was written. */
struct footer_piece {
    uint64_t offset, stored, plain, nulls;
    const char *least, *greatest; /* bytes of statistics; NULL: none */
    size_t least_length, greatest_length;
};

struct footer_group {
    uint64_t rows;
    struct footer_piece *pieces; /* one a column */
};

struct parquet_footer {
    const struct column_schema *schema;
    const struct parquet_column *layouts;
    size_t column_count;
    const struct footer_group *groups;
    size_t group_count;
    uint64_t rows;
    enum parquet_codec codec;
};

/* Adds footer, its length and the magic. */
void parquet_footer_write(struct buf *out, const struct parquet_footer *footer);

#endif
