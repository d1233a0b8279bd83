#include "runtime/data/parquet_write.h"

#include <errno.h>
#include <fcntl.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>
#include "core/arena.h"
#include "runtime/data/parquet_meta.h"
#include "runtime/data/thrift.h"

enum { GROUP_ROWS = 131072, PAGE_BYTES = 1 << 20, ZSTD_LEVEL = 3 };

/* The values of a column since the last page, and its pages since the last row group. */
struct write_column {
    struct buf values;   /* plain, without nulls */
    struct buf levels;   /* one byte a row: 1 for a value */
    struct buf pages;    /* with their headers, as they will stand in the file */
    uint64_t plain_size; /* of the pages, decompressed, with headers */
};

struct group_piece {
    uint64_t offset, stored, plain;
};

struct written_group {
    uint64_t rows;
    struct group_piece *pieces;
};

struct parquet_writer {
    struct arena *arena;
    char *path;
    int descriptor;
    struct parquet_write_options options;
    struct column_schema *schema;
    size_t column_count;
    struct write_column *columns;
    uint64_t group_rows, rows, offset;
    struct written_group *groups;
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
    writer->columns = arena_array(arena, schema->count + 1, sizeof *writer->columns);
    for (size_t i = 0; i < schema->count; i++) {
        writer->schema[i] = schema->columns[i];
        writer->schema[i].name = arena_strdup(arena, schema->columns[i].name);
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

static void add_big_endian(struct buf *out, decimal value)
{
    char bytes[16];
    unsigned __int128 rest = (unsigned __int128)value;
    for (int i = 15; i >= 0; i--, rest >>= 8)
        bytes[i] = (char)(unsigned char)rest;
    buf_add(out, bytes, sizeof bytes);
}

static void add_value(struct write_column *to, const struct column_schema *schema,
                      const struct column *column, size_t row)
{
    int32_t day;
    switch (schema->type) {
    case COLUMN_BOOL: /* packed when the page is made */
        buf_add(&to->values, &column->bools[row], 1);
        break;
    case COLUMN_FLOAT:
        buf_add(&to->values, &column->floats[row], sizeof(double));
        break;
    case COLUMN_DECIMAL:
        add_big_endian(&to->values, column->decimals[row]);
        break;
    case COLUMN_DATE:
        day = (int32_t)column->ints[row];
        buf_add(&to->values, &day, sizeof day);
        break;
    case COLUMN_STRING:
        buf_add(&to->values, &column->lengths[row], sizeof(uint32_t));
        buf_add(&to->values, column->bytes + column->starts[row], column->lengths[row]);
        break;
    default:
        buf_add(&to->values, &column->ints[row], sizeof(int64_t));
        break;
    }
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

static bool end_group(struct parquet_writer *writer, struct data_error *error)
{
    if (writer->group_rows == 0)
        return true;
    if (writer->group_count == writer->group_capacity) {
        writer->group_capacity = writer->group_capacity * 2 + 16;
        writer->groups = mem_realloc(writer->groups, writer->group_capacity * sizeof *writer->groups);
    }
    struct written_group *group = &writer->groups[writer->group_count++];
    group->rows = writer->group_rows;
    group->pieces = arena_array(writer->arena, writer->column_count + 1, sizeof *group->pieces);
    for (size_t i = 0; i < writer->column_count; i++) {
        struct write_column *column = &writer->columns[i];
        end_page(writer, i);
        group->pieces[i] = (struct group_piece){writer->offset, column->pages.length, column->plain_size};
        if (!write_bytes(writer, buf_str(&column->pages), column->pages.length, error))
            return false;
        buf_clear(&column->pages);
        column->plain_size = 0;
    }
    writer->rows += writer->group_rows;
    writer->group_rows = 0;
    return true;
}

bool parquet_writer_add(struct parquet_writer *writer, const struct chunk *chunk, const uint64_t *mask,
                        struct data_error *error)
{
    for (size_t row = 0; row < chunk->rows; row++) {
        if (mask && !(mask[row / 64] >> (row % 64) & 1))
            continue;
        for (size_t i = 0; i < writer->column_count; i++) {
            struct write_column *column = &writer->columns[i];
            bool valid = writer->schema[i].type != COLUMN_NULL && column_is_valid(&chunk->columns[i], row);
            buf_add_char(&column->levels, valid);
            if (valid)
                add_value(column, &writer->schema[i], &chunk->columns[i], row);
            if (column->values.length >= PAGE_BYTES)
                end_page(writer, i);
        }
        if (++writer->group_rows == writer->options.group_rows && !end_group(writer, error))
            return false;
    }
    return !writer->failed;
}

static const struct {
    enum parquet_physical physical;
    int converted; /* -1: none */
    int logical;   /* field of the union; 0: none */
} written_types[] = {
    [COLUMN_NULL] = {PHYSICAL_INT32, -1, 11},  [COLUMN_BOOL] = {PHYSICAL_BOOLEAN, -1, 0},
    [COLUMN_INT] = {PHYSICAL_INT64, -1, 0},    [COLUMN_FLOAT] = {PHYSICAL_DOUBLE, -1, 0},
    [COLUMN_DECIMAL] = {PHYSICAL_FIXED, 5, 5}, [COLUMN_DATE] = {PHYSICAL_INT32, 6, 6},
    [COLUMN_TIME] = {PHYSICAL_INT64, -1, 7},   [COLUMN_TIMESTAMP] = {PHYSICAL_INT64, -1, 8},
    [COLUMN_STRING] = {PHYSICAL_BYTES, 0, 1},
};

/* The logical type's own struct: empty, decimal, or time. */
static void put_logical(struct thrift_writer *footer, const struct column_schema *schema)
{
    thrift_put_field(footer, 10, THRIFT_STRUCT);
    thrift_begin(footer);
    thrift_put_field(footer, written_types[schema->type].logical, THRIFT_STRUCT);
    thrift_begin(footer);
    if (schema->type == COLUMN_DECIMAL) {
        thrift_put_int(footer, 1, THRIFT_I32, schema->scale);
        thrift_put_int(footer, 2, THRIFT_I32, schema->precision);
    } else if (schema->type == COLUMN_TIME || schema->type == COLUMN_TIMESTAMP) {
        thrift_put_bool(footer, 1, schema->type == COLUMN_TIMESTAMP && schema->zoned);
        thrift_put_field(footer, 2, THRIFT_STRUCT);
        thrift_begin(footer);
        thrift_put_field(footer, schema->ticks == 1000000000 ? 3 : 2, THRIFT_STRUCT);
        thrift_begin(footer);
        thrift_end(footer);
        thrift_end(footer);
    }
    thrift_end(footer);
    thrift_end(footer);
}

static void put_element(struct thrift_writer *footer, const struct column_schema *schema)
{
    thrift_begin(footer);
    thrift_put_int(footer, 1, THRIFT_I32, written_types[schema->type].physical);
    if (schema->type == COLUMN_DECIMAL)
        thrift_put_int(footer, 2, THRIFT_I32, 16);
    thrift_put_int(footer, 3, THRIFT_I32, 1);
    thrift_put_binary(footer, 4, schema->name, strlen(schema->name));
    if (written_types[schema->type].converted >= 0 && schema->logical != LOGICAL_BINARY)
        thrift_put_int(footer, 6, THRIFT_I32, written_types[schema->type].converted);
    if (schema->type == COLUMN_DECIMAL) {
        thrift_put_int(footer, 7, THRIFT_I32, schema->scale);
        thrift_put_int(footer, 8, THRIFT_I32, schema->precision);
    }
    if (written_types[schema->type].logical && schema->logical != LOGICAL_BINARY)
        put_logical(footer, schema);
    thrift_end(footer);
}

static void put_piece(struct thrift_writer *footer, const struct parquet_writer *writer, size_t column,
                      uint64_t rows, const struct group_piece *piece)
{
    static const int codecs[] = {CODEC_SNAPPY, CODEC_ZSTD, CODEC_NONE};
    const struct column_schema *schema = &writer->schema[column];
    thrift_begin(footer);
    thrift_put_int(footer, 2, THRIFT_I64, (int64_t)piece->offset);
    thrift_put_field(footer, 3, THRIFT_STRUCT);
    thrift_begin(footer);
    thrift_put_int(footer, 1, THRIFT_I32, written_types[schema->type].physical);
    thrift_put_list(footer, 2, THRIFT_I32, 2);
    thrift_item_int(footer, ENCODING_PLAIN);
    thrift_item_int(footer, ENCODING_RLE);
    thrift_put_list(footer, 3, THRIFT_BINARY, 1);
    thrift_item_binary(footer, schema->name, strlen(schema->name));
    thrift_put_int(footer, 4, THRIFT_I32, codecs[writer->options.codec]);
    thrift_put_int(footer, 5, THRIFT_I64, (int64_t)rows);
    thrift_put_int(footer, 6, THRIFT_I64, (int64_t)piece->plain);
    thrift_put_int(footer, 7, THRIFT_I64, (int64_t)piece->stored);
    thrift_put_int(footer, 9, THRIFT_I64, (int64_t)piece->offset);
    thrift_end(footer);
    thrift_end(footer);
}

static void put_footer(const struct parquet_writer *writer, struct buf *out)
{
    struct thrift_writer footer = {.out = out};
    thrift_begin(&footer);
    thrift_put_int(&footer, 1, THRIFT_I32, 2);
    thrift_put_list(&footer, 2, THRIFT_STRUCT, writer->column_count + 1);
    thrift_begin(&footer);
    thrift_put_binary(&footer, 4, "schema", 6);
    thrift_put_int(&footer, 5, THRIFT_I32, (int64_t)writer->column_count);
    thrift_end(&footer);
    for (size_t i = 0; i < writer->column_count; i++)
        put_element(&footer, &writer->schema[i]);
    thrift_put_int(&footer, 3, THRIFT_I64, (int64_t)writer->rows);
    thrift_put_list(&footer, 4, THRIFT_STRUCT, writer->group_count);
    for (size_t g = 0; g < writer->group_count; g++) {
        const struct written_group *group = &writer->groups[g];
        uint64_t plain = 0;
        thrift_begin(&footer);
        thrift_put_list(&footer, 1, THRIFT_STRUCT, writer->column_count);
        for (size_t i = 0; i < writer->column_count; i++) {
            put_piece(&footer, writer, i, group->rows, &group->pieces[i]);
            plain += group->pieces[i].plain;
        }
        thrift_put_int(&footer, 2, THRIFT_I64, (int64_t)plain);
        thrift_put_int(&footer, 3, THRIFT_I64, (int64_t)group->rows);
        thrift_end(&footer);
    }
    thrift_put_binary(&footer, 6, "mlc", 3);
    thrift_end(&footer);
    uint32_t length = (uint32_t)out->length;
    buf_add(out, &length, sizeof length);
    buf_add(out, "PAR1", 4);
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
    }
    free(writer->groups);
    arena_free(writer->arena);
    return ok;
}
