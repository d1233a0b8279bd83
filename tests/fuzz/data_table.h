#ifndef MLC_TESTS_FUZZ_DATA_TABLE_H
#define MLC_TESTS_FUZZ_DATA_TABLE_H

/* Reads bytes as a table of one format and looks at every cell: what the fuzz targets of data formats share.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "core/arena.h"
#include "core/buf.h"
#include "runtime/data/cell.h"
#include "runtime/data/source.h"

struct fuzz_state {
    const struct table *table;
    uint64_t rows;
    struct buf text;
};

static void *fuzz_start(void *context)
{
    struct fuzz_state *state = calloc(1, sizeof *state);
    state->table = context;
    for (size_t i = 0; i < table_schema(context)->count; i++)
        table_need(context, i, i % 3 == 2 ? NEED_VALUES | NEED_TEXT : NEED_VALUES);
    return state;
}

static void fuzz_chunk(void *context, const struct chunk *chunk)
{
    struct fuzz_state *state = context;
    const struct table_schema *schema = table_schema(state->table);
    if (chunk->first_row != state->rows) /* one worker: chunks come in order */
        abort();
    state->rows += chunk->rows;
    for (size_t c = 0; c < schema->count; c++) {
        const struct column *column = &chunk->columns[c];
        uint32_t valid = 0;
        for (size_t row = 0; row < chunk->rows; row++) {
            buf_clear(&state->text);
            cell_print(&state->text, &schema->columns[c], column_cell(&schema->columns[c], column, row));
            valid += column_is_valid(column, row);
            if (column->starts)
                buf_add(&state->text, column->bytes + column->starts[row], column->lengths[row]);
        }
        if (valid != column->valid_count)
            abort();
    }
}

static void fuzz_discard(void *context, void *data)
{
    struct fuzz_state *state = data;
    (void)context;
    buf_free(&state->text);
    free(state);
}

static inline void fuzz_table(enum data_format format, const uint8_t *bytes, size_t size)
{
    char path[64];
    const char *paths[] = {path};
    struct data_error error = {""};
    struct table_options options = {
        .format = format, .row_limit = 1 << 20, .size_limit = 1 << 24, .ratio_limit = 100};
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    int descriptor = memfd_create("fuzz", 0);
    if (descriptor < 0 || write(descriptor, bytes, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    struct table *table = table_open(paths, 1, &options, &error);
    struct scan_hooks hooks = {table, fuzz_start, fuzz_chunk, fuzz_discard};
    if (table && table_scan(table, 1, &hooks, states, &count, &error))
        fuzz_discard(NULL, states[0]);
    else if (!error.message[0])
        abort();
    table_close(table);
    close(descriptor);
}

#endif
