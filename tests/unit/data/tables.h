#ifndef MLC_TESTS_DATA_TABLES_H
#define MLC_TESTS_DATA_TABLES_H

/* Texts as files, tables as text: rows in order, cells joined by '|', nulls as NULL, bad cells as BAD. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/arena.h"
#include "core/buf.h"
#include "runtime/data/cell.h"
#include "runtime/data/source.h"

/* A temporary file with these bytes and a name that ends in `suffix`; the path is static until the next call.
 */
static inline const char *table_file(const char *bytes, size_t length, const char *suffix)
{
    static char path[512];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/mlc-test-XXXXXX%s", folder ? folder : "/tmp", suffix);
    int descriptor = mkstemps(path, (int)strlen(suffix));
    assert_true(descriptor >= 0);
    assert_true(write(descriptor, bytes, length) == (ssize_t)length);
    close(descriptor);
    return path;
}

struct dumped_chunk {
    uint64_t index;
    char *text;
};

struct dump {
    const struct table *table;
    struct dumped_chunk *chunks;
    size_t count;
};

static void *dump_start(void *context)
{
    struct dump *dump = calloc(1, sizeof *dump);
    dump->table = context;
    for (size_t i = 0; i < table_schema(context)->count; i++) /* a scan that begins again may have more */
        table_need(context, i, NEED_VALUES);
    return dump;
}

static void dump_chunk(void *state, const struct chunk *chunk)
{
    struct dump *dump = state;
    const struct table_schema *schema = table_schema(dump->table);
    struct buf text = {0};
    for (size_t row = 0; row < chunk->rows; row++) {
        for (size_t c = 0; c < schema->count; c++) {
            struct cell cell = column_cell(&schema->columns[c], &chunk->columns[c], row);
            buf_add_str(&text, c ? "|" : "");
            if (cell.type == COLUMN_NULL)
                buf_add_str(&text, column_is_bad(&chunk->columns[c], row) ? "BAD" : "NULL");
            else
                cell_print(&text, &schema->columns[c], cell);
        }
        buf_add_char(&text, '\n');
    }
    dump->chunks = realloc(dump->chunks, (dump->count + 1) * sizeof *dump->chunks);
    dump->chunks[dump->count++] = (struct dumped_chunk){chunk->index, buf_take(&text)};
}

static void dump_discard(void *context, void *state)
{
    struct dump *dump = state;
    (void)context;
    for (size_t i = 0; i < dump->count; i++)
        free(dump->chunks[i].text);
    free(dump->chunks);
    free(dump);
}

static int dump_order(const void *a, const void *b)
{
    const struct dumped_chunk *left = a, *right = b;
    return (left->index > right->index) - (left->index < right->index);
}

/* All rows of a table; false with an error. */
static inline bool dump_table(struct table *table, unsigned threads, struct buf *out,
                              struct data_error *error)
{
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    struct scan_hooks hooks = {table, dump_start, dump_chunk, dump_discard};
    if (!table_scan(table, threads, &hooks, states, &count, error))
        return false;
    struct dump all = {.table = table};
    for (size_t i = 0; i < count; i++) {
        struct dump *dump = states[i];
        all.chunks = realloc(all.chunks, (all.count + dump->count + 1) * sizeof *all.chunks);
        if (dump->count)
            memcpy(all.chunks + all.count, dump->chunks, dump->count * sizeof *all.chunks);
        all.count += dump->count;
        free(dump->chunks);
        free(dump);
    }
    qsort(all.chunks, all.count, sizeof *all.chunks, dump_order);
    for (size_t i = 0; i < all.count; i++) {
        buf_add_str(out, all.chunks[i].text);
        free(all.chunks[i].text);
    }
    free(all.chunks);
    return true;
}

/* "name:type name:type" */
static inline void dump_schema(const struct table *table, struct buf *out)
{
    char type[32];
    const struct table_schema *schema = table_schema(table);
    for (size_t i = 0; i < schema->count; i++)
        buf_printf(out, "%s%s:%s", i ? " " : "", schema->columns[i].name,
                   column_type_name(&schema->columns[i], type));
}

#endif
