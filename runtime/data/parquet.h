#ifndef MLC_DATA_PARQUET_H
#define MLC_DATA_PARQUET_H

/* Parquet files with flat schemas. Opened by source.h. */

#include "runtime/data/parquet_meta.h"
#include "runtime/data/reader.h"

bool parquet_open(struct table *table, const struct table_options *options, struct data_error *error);

/* How the columns of an open table of Parquet files are stored, so that a copy keeps their types: a column
 * that the files store differently, or as INT96, is told in the layout of its type. NULL for tables of other
 * formats. Lives as long as the table. */
const struct parquet_column *parquet_layouts(const struct table *table);

#endif
