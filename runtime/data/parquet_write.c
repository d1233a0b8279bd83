#include "runtime/data/parquet_write.h"

#include <errno.h>
#include <fcntl.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>
#include "core/arena.h"
#include "runtime/data/parquet_encode.h"
#include "runtime/data/parquet_footer.h"
#include "runtime/data/thrift.h"

enum { GROUP_ROWS = 131072, GROUP_BYTES = 64 << 20, PAGE_BYTES = 1 << 20, ZSTD_LEVEL = 3 };

/* The values of a column since the last page, and its pages since the last row group. */
struct write_column {
    struct buf values;   /* plain, without nulls */
    struct buf levels;   /* one byte a row: 1 for a value */
    struct buf pages;    /* with their headers, as they will stand in the file */
    uint64_t plain_size; /* of the pages, decompressed, with headers */
    uint64_t nulls;
    struct parquet_extremes extremes;
};

struct parquet_writer {
    struct arena *arena;
    char *path;
    int descriptor;
    struct parquet_write_options options;
    struct column_schema *schema;
    struct parquet_column *layouts;
    size_t column_count;
    struct write_column *columns;
    uint64_t group_rows, group_bytes, rows, offset;
    struct footer_group *groups;
    size_t group_count, group_capacity;
    bool failed;
};

static bool write_bytes(struct parquet_writer *writer, const void *bytes, size_t count,
                        struct data_error *error)
{
    const char *from = bytes;
    writer->offset += count;
    while (count > 0 && !writer->failed) {
        ssize_t wrote = write(writer->descriptor, from, count);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0) {
            data_fail(error, "cannot write %s: %s", writer->path, strerror(errno));
            writer->failed = true;
            break;
        }
        from += wrote;
        count -= (size_t)wrote;
    }
    return !writer->failed;
}

struct parquet_writer *parquet_writer_open(const char *path, const struct table_schema *schema,
                                           const struct parquet_write_options *options,
                                           struct data_error *error)
{
    struct arena *arena = arena_new();
    struct parquet_writer *writer = arena_alloc(arena, sizeof *writer);
    writer->arena = arena;
    writer->path = arena_strdup(arena, path);
    writer->options = options ? *options : (struct parquet_write_options){0};
    if (writer->options.group_rows == 0)
        writer->options.group_rows = GROUP_ROWS;
    writer->column_count = schema->count;
    writer->schema = arena_array(arena, schema->count + 1, sizeof *writer->schema);
    writer->layouts = arena_array(arena, schema->count + 1, sizeof *writer->layouts);
    writer->columns = arena_array(arena, schema->count + 1, sizeof *writer->columns);
    for (size_t i = 0; i < schema->count; i++) {
        writer->schema[i] = schema->columns[i];
        writer->schema[i].name = arena_strdup(arena, schema->columns[i].name);
        writer->layouts[i] =
            options && options->layouts ? options->layouts[i] : parquet_default_layout(&schema->columns[i]);
    }
    writer->descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (writer->descriptor < 0) {
        data_fail(error, "cannot write %s: %s", path, strerror(errno));
        arena_free(arena);
        return NULL;
    }
    if (write_bytes(writer, "PAR1", 4, error))
        return writer;
    parquet_writer_close(writer, NULL);
    return NULL;
}

/* Definition levels as runs: length, then (run << 1, value) in turn. */
static void add_levels(struct buf *page, const struct buf *levels)
{
    size_t start = page->length;
    struct thrift_writer varint = {.out = page};
    buf_add(page, "\0\0\0\0", 4);
    for (size_t at = 0; at < levels->length;) {
        size_t run = 1;
        while (at + run < levels->length && levels->data[at + run] == levels->data[at])
            run++;
        thrift_put_varint(&varint, (uint64_t)run << 1);
        buf_add_char(page, levels->data[at]);
        at += run;
    }
    uint32_t length = (uint32_t)(page->length - start - 4);
    memcpy(page->data + start, &length, 4);
}

static void add_packed_bools(struct buf *page, const struct buf *bools)
{
    for (size_t at = 0; at < bools->length; at += 8) {
        unsigned byte = 0;
        for (size_t i = 0; i < 8 && at + i < bools->length; i++)
            byte |= (unsigned)(bools->data[at + i] & 1) << i;
        buf_add_char(page, (char)byte);
    }
}

static void compress(const struct parquet_writer *writer, const struct buf *page, struct buf *out)
{
    size_t length;
    switch (writer->options.codec) {
    case PARQUET_PLAIN:
        buf_add(out, buf_str(page), page->length);
        break;
    case PARQUET_SNAPPY:
        length = snappy_max_compressed_length(page->length);
        buf_reserve(out, length);
        snappy_compress(buf_str(page), page->length, out->data, &length);
        out->length = length;
        break;
    case PARQUET_ZSTD:
        length = ZSTD_compressBound(page->length);
        buf_reserve(out, length);
        length = ZSTD_compress(out->data, length, buf_str(page), page->length, ZSTD_LEVEL);
        out->length = ZSTD_isError(length) ? 0 : length;
        break;
    }
}

static void page_header(struct buf *out, size_t plain, size_t stored, size_t values)
{
    struct thrift_writer header = {.out = out};
    thrift_begin(&header);
    thrift_put_int(&header, 1, THRIFT_I32, PAGE_DATA);
    thrift_put_int(&header, 2, THRIFT_I32, (int64_t)plain);
    thrift_put_int(&header, 3, THRIFT_I32, (int64_t)stored);
    thrift_put_field(&header, 5, THRIFT_STRUCT);
    thrift_begin(&header);
    thrift_put_int(&header, 1, THRIFT_I32, (int64_t)values);
    thrift_put_int(&header, 2, THRIFT_I32, ENCODING_PLAIN);
    thrift_put_int(&header, 3, THRIFT_I32, ENCODING_RLE);
    thrift_put_int(&header, 4, THRIFT_I32, ENCODING_RLE);
    thrift_end(&header);
    thrift_end(&header);
}

static void end_page(struct parquet_writer *writer, size_t number)
{
    struct write_column *column = &writer->columns[number];
    struct buf page = {0}, stored = {0};
    if (column->levels.length == 0)
        return;
    add_levels(&page, &column->levels);
    if (writer->schema[number].type == COLUMN_BOOL)
        add_packed_bools(&page, &column->values);
    else
        buf_add(&page, buf_str(&column->values), column->values.length);
    compress(writer, &page, &stored);
    size_t before = column->pages.length;
    page_header(&column->pages, page.length, stored.length, column->levels.length);
    column->plain_size += column->pages.length - before + page.length;
    buf_add(&column->pages, buf_str(&stored), stored.length);
    buf_clear(&column->levels);
    buf_clear(&column->values);
    buf_free(&page);
    buf_free(&stored);
}

static void tell_extremes(struct parquet_writer *writer, size_t number, struct footer_piece *piece)
{
    struct buf least = {0}, greatest = {0};
    struct parquet_extremes *extremes = &writer->columns[number].extremes;
    if (parquet_extremes_tell(extremes, &writer->layouts[number], &least, &greatest)) {
        piece->least = arena_copy(writer->arena, buf_str(&least), least.length);
        piece->least_length = least.length;
        piece->greatest = arena_copy(writer->arena, buf_str(&greatest), greatest.length);
        piece->greatest_length = greatest.length;
    }
    parquet_extremes_clear(extremes);
    buf_free(&least);
    buf_free(&greatest);
}

static bool end_group(struct parquet_writer *writer, struct data_error *error)
{
    if (writer->group_rows == 0)
        return true;
    if (writer->group_count == writer->group_capacity) {
        writer->group_capacity = writer->group_capacity * 2 + 16;
        writer->groups = mem_realloc(writer->groups, writer->group_capacity * sizeof *writer->groups);
    }
    struct footer_group *group = &writer->groups[writer->group_count++];
    group->rows = writer->group_rows;
    group->pieces = arena_array(writer->arena, writer->column_count + 1, sizeof *group->pieces);
    for (size_t i = 0; i < writer->column_count; i++) {
        struct write_column *column = &writer->columns[i];
        end_page(writer, i);
        group->pieces[i] = (struct footer_piece){.offset = writer->offset,
                                                 .stored = column->pages.length,
                                                 .plain = column->plain_size,
                                                 .nulls = column->nulls};
        tell_extremes(writer, i, &group->pieces[i]);
        if (!write_bytes(writer, buf_str(&column->pages), column->pages.length, error))
            return false;
        buf_clear(&column->pages);
        column->plain_size = column->nulls = 0;
    }
    writer->rows += writer->group_rows;
    writer->group_rows = writer->group_bytes = 0;
    return true;
}

static void add_cell(struct parquet_writer *writer, size_t number, const struct column *from, size_t row)
{
    struct write_column *column = &writer->columns[number];
    struct cell cell = {.type = COLUMN_NULL};
    size_t before = column->values.length;
    if (writer->schema[number].type != COLUMN_NULL)
        cell = column_cell(&writer->schema[number], from, row);
    buf_add_char(&column->levels, cell.type != COLUMN_NULL);
    if (cell.type == COLUMN_NULL) {
        column->nulls++;
    } else {
        parquet_encode(&column->values, &writer->layouts[number], &cell, false);
        parquet_extremes_add(&column->extremes, &cell);
    }
    writer->group_bytes += column->values.length - before + 1;
    if (column->values.length >= PAGE_BYTES || column->levels.length >= PAGE_BYTES)
        end_page(writer, number);
}

bool parquet_writer_add(struct parquet_writer *writer, const struct chunk *chunk, const uint64_t *mask,
                        struct data_error *error)
{
    for (size_t row = 0; row < chunk->rows; row++) {
        if (mask && !(mask[row / 64] >> (row % 64) & 1))
            continue;
        for (size_t i = 0; i < writer->column_count; i++)
            add_cell(writer, i, &chunk->columns[i], row);
        writer->group_rows++;
        bool full = writer->group_rows == writer->options.group_rows || writer->group_bytes >= GROUP_BYTES;
        if (full && !end_group(writer, error))
            return false;
    }
    return !writer->failed;
}

static void put_footer(const struct parquet_writer *writer, struct buf *out)
{
    static const enum parquet_codec codecs[] = {CODEC_SNAPPY, CODEC_ZSTD, CODEC_NONE};
    parquet_footer_write(out, &(struct parquet_footer){.schema = writer->schema,
                                                       .layouts = writer->layouts,
                                                       .column_count = writer->column_count,
                                                       .groups = writer->groups,
                                                       .group_count = writer->group_count,
                                                       .rows = writer->rows,
                                                       .codec = codecs[writer->options.codec]});
}

bool parquet_writer_close(struct parquet_writer *writer, struct data_error *error)
{
    struct buf footer = {0};
    bool ok = !writer->failed && end_group(writer, error);
    if (ok) {
        put_footer(writer, &footer);
        ok = write_bytes(writer, footer.data, footer.length, error);
    }
    if (close(writer->descriptor) != 0 && ok) {
        data_fail(error, "cannot write %s: %s", writer->path, strerror(errno));
        ok = false;
    }
    buf_free(&footer);
    for (size_t i = 0; i < writer->column_count; i++) {
        buf_free(&writer->columns[i].values);
        buf_free(&writer->columns[i].levels);
        buf_free(&writer->columns[i].pages);
        parquet_extremes_free(&writer->columns[i].extremes);
    }
    free(writer->groups);
    arena_free(writer->arena);
    return ok;
}
