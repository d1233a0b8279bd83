#ifndef MLC_DATA_PARQUET_H
#define MLC_DATA_PARQUET_H

/* Parquet files with flat schemas. Opened by source.h. */

#include "runtime/data/reader.h"

bool parquet_open(struct table *table, const struct table_options *options, struct data_error *error);

#endif
