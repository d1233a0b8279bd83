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

/* One scan; an error must say something. */
static inline bool fuzz_scan(struct table *table, struct data_error *error)
{
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    struct scan_hooks hooks = {table, fuzz_start, fuzz_chunk, fuzz_discard};
    if (!table_scan(table, 1, &hooks, states, &count, error))
        return false;
    fuzz_discard(NULL, states[0]);
    return true;
}

/* Small limits: what is large is tried elsewhere. */
static inline struct table_options fuzz_options(enum data_format format)
{
    return (struct table_options){
        .format = format, .row_limit = 1 << 20, .size_limit = 1 << 24, .ratio_limit = 100};
}

/* What the first byte of an input chooses, so that options are tried together with texts. */
static inline struct table_options fuzz_chosen(enum data_format format, unsigned choice)
{
    static const char *const words[] = {"NA", "-", ""};
    static const struct column_option declared[] = {
        {.name = "a", .type = "int", .nulls = words, .null_count = 2},
        {.name = "b", .type = "decimal(12,2)"},
        {.name = "c", .type = "timestamp"},
        {.name = "column1", .type = "float"},
        {.name = "column2", .type = "date"},
        {.name = "column3", .type = "bool"}};
    struct table_options options = fuzz_options(format);
    options.header = (enum header_option)((choice & 3) % 3);
    options.all_strings = (choice & 12) == 12;
    options.columns = declared;
    options.column_count = choice & 4 ? sizeof declared / sizeof *declared : 0;
    options.nulls = words;
    options.null_count = choice & 16 ? sizeof words / sizeof *words : 0;
    options.delimiter = "\0\0;|"[choice >> 5 & 3];
    options.quote = choice & 128 ? '\'' : '\0';
    return options;
}

static inline void fuzz_table(const struct table_options *options, const uint8_t *bytes, size_t size)
{
    char path[64];
    const char *paths[] = {path};
    struct data_error error = {""};
    int descriptor = memfd_create("fuzz", 0);
    if (descriptor < 0 || write(descriptor, bytes, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    struct table *table = table_open(paths, 1, options, &error);
    if ((!table || !fuzz_scan(table, &error)) && !error.message[0])
        abort();
    table_close(table);
    close(descriptor);
}

#endif
