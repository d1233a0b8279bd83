#ifndef MLC_DATA_PARQUET_CONVERT_H
#define MLC_DATA_PARQUET_CONVERT_H

/* Physical values of Parquet as values of columns. */

#include "runtime/data/parquet_column.h"

/* Puts raw[i] at row rows[i] of the store (strings are copied into its text, as far as the budget goes).
 * NULL, or what is wrong. */
const char *parquet_convert(const struct parquet_column *column, const struct column_schema *schema,
                            const struct raw_value *raw, const uint32_t *rows, size_t count,
                            struct parquet_store *store, struct parquet_budget *budget);

#endif
