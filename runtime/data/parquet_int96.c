#include "runtime/data/parquet_int96.h"

#include <stdlib.h>

#include "runtime/data/parquet_column.h"

enum { BATCH_ROWS = 8192 };

/* False when a timestamp does not fit. */
static bool group_fits(struct parquet_cursor *cursor, const struct column_schema *schema, uint64_t rows,
                       struct parquet_store *store)
{
    struct data_error error;
    struct column column;
    for (uint64_t done = 0; done < rows; done += BATCH_ROWS) {
        uint32_t count = (uint32_t)(rows - done < BATCH_ROWS ? rows - done : BATCH_ROWS);
        if (!parquet_cursor_read(cursor, schema, NEED_VALUES, count, store, &column, &error))
            return !store->refused_int96;
    }
    return true;
}

bool parquet_int96_fits_nanos(const struct parquet_source *source, size_t column,
                              struct parquet_output *output)
{
    struct parquet_budget budget = {.output = output};
    struct parquet_cursor *cursor = parquet_cursor_new(&budget);
    struct parquet_store store = {0};
    const struct parquet_meta *meta = source->meta;
    struct column_schema nanos = meta->schema[column];
    bool fits = true;
    nanos.ticks = 1000000000;
    for (size_t i = 0; i < meta->group_count && fits; i++) {
        parquet_cursor_begin(cursor, source->descriptor, source->path, nanos.name, &meta->columns[column],
                             &meta->groups[i].pieces[column]);
        fits = group_fits(cursor, &nanos, meta->groups[i].rows, &store);
    }
    column_store_free(&store.arrays);
    buf_free(&store.text);
    parquet_cursor_free(cursor);
    return fits;
}
