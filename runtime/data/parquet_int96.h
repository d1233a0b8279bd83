#ifndef MLC_DATA_PARQUET_INT96_H
#define MLC_DATA_PARQUET_INT96_H

/* INT96 timestamps have nanoseconds, and reach far beyond the years 1677 to 2262 that 64 bits of nanoseconds
 * hold: Spark and Hive write 9999-12-31 so. Nothing in a file tells which of both a column needs. */

#include "runtime/data/parquet_budget.h"
#include "runtime/data/parquet_meta.h"

struct parquet_source {
    const char *path;
    int descriptor;
    const struct parquet_meta *meta;
};

/* True if every timestamp of the INT96 column fits nanoseconds, or cannot be read: reading says why. */
bool parquet_int96_fits_nanos(const struct parquet_source *source, size_t column,
                              struct parquet_output *output);

#endif
