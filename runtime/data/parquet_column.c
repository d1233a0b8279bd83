#include "runtime/data/parquet_column.h"

#include <stdlib.h>
#include <string.h>
#include <snappy-c.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include "core/arena.h"
#include "runtime/data/cell.h"
#include "runtime/data/parquet_convert.h"

enum { HEADER_FIRST = 4096, HEADER_MOST = 8 << 20 };
static const uint64_t page_limit = (uint64_t)1 << 30;

struct bytes {
    uint8_t *data;
    size_t size, capacity;
};

struct parquet_cursor {
    struct parquet_budget *budget;
    int descriptor;
    const char *path, *name;
    const struct parquet_column *column;
    int codec;
    uint64_t offset, end; /* of the next page header, of the piece */
    struct bytes stored, page, dictionary_page;
    struct raw_value *dictionary;
    size_t dictionary_count, dictionary_capacity;
    bool has_dictionary;
    uint64_t rows; /* left in the page */
    struct run_reader levels;
    bool old_levels; /* BIT_PACKED: the highest bit first */
    const uint8_t *level_bytes, *level_end;
    uint64_t level_at;
    struct values_reader values;
    ZSTD_DCtx *zstd;
};

struct parquet_cursor *parquet_cursor_new(struct parquet_budget *budget)
{
    struct parquet_cursor *cursor = mem_calloc(1, sizeof *cursor);
    cursor->budget = cursor->values.budget = budget;
    return cursor;
}

void parquet_cursor_free(struct parquet_cursor *cursor)
{
    if (!cursor)
        return;
    values_free(&cursor->values);
    free(cursor->stored.data);
    free(cursor->page.data);
    free(cursor->dictionary_page.data);
    free(cursor->dictionary);
    ZSTD_freeDCtx(cursor->zstd);
    free(cursor);
}

void parquet_cursor_begin(struct parquet_cursor *cursor, int descriptor, const char *path, const char *name,
                          const struct parquet_column *column, const struct parquet_piece *piece)
{
    cursor->descriptor = descriptor;
    cursor->path = path;
    cursor->name = name;
    cursor->column = column;
    cursor->codec = piece->codec;
    cursor->offset = piece->offset;
    cursor->end = piece->offset + piece->size;
    cursor->has_dictionary = false;
    cursor->rows = 0;
}

static bool fail(const struct parquet_cursor *cursor, const char *why, struct data_error *error)
{
    data_fail(error, "%s: column \"%s\", near byte %llu: %s", cursor->path, cursor->name,
              (unsigned long long)cursor->offset, why);
    return false;
}

static bool reserve(struct parquet_cursor *cursor, struct bytes *bytes, size_t size, struct data_error *error)
{
    if (size > bytes->capacity) {
        const char *why = parquet_hold(cursor->budget, bytes->capacity, size);
        if (why)
            return fail(cursor, why, error);
        free(bytes->data);
        bytes->data = mem_alloc(size);
        bytes->capacity = size;
    }
    bytes->size = size;
    return true;
}

static bool read_at(const struct parquet_cursor *cursor, uint64_t offset, uint8_t *out, size_t size,
                    struct data_error *error)
{
    while (size > 0) {
        ssize_t got = pread(cursor->descriptor, out, size, (off_t)offset);
        if (got <= 0)
            return fail(cursor, "the file is shorter than its metadata says", error);
        out += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

/* The header of the page at `offset`, which moves behind it. */
static bool read_header(struct parquet_cursor *cursor, struct parquet_page_header *header,
                        struct data_error *error)
{
    uint64_t left = cursor->end - cursor->offset;
    for (size_t size = HEADER_FIRST;; size *= 4) {
        size_t used, now = left < size ? (size_t)left : size;
        if (!reserve(cursor, &cursor->stored, now + 1, error) ||
            !read_at(cursor, cursor->offset, cursor->stored.data, now, error))
            return false;
        if (parquet_page_header_read(cursor->stored.data, now, header, &used)) {
            cursor->offset += used;
            break;
        }
        if (now == left || size > HEADER_MOST)
            return fail(cursor, "a page header is damaged", error);
    }
    if (header->values > INT32_MAX) /* the format has 32 bits for it, and a sign */
        return fail(cursor, "a page header is damaged", error);
    if (header->stored_size > cursor->end - cursor->offset || header->plain_size > page_limit)
        return fail(cursor, "a page is larger than its column, or than 1 GiB", error);
    return true;
}

static bool inflate_page(const uint8_t *from, size_t size, uint8_t *to, size_t plain)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)from,
                       .avail_in = (unsigned)size,
                       .next_out = to,
                       .avail_out = (unsigned)plain};
    if (inflateInit2(&stream, 32 + MAX_WBITS) != Z_OK)
        return false;
    int status = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    return status == Z_STREAM_END && stream.avail_out == 0;
}

static bool expand(struct parquet_cursor *cursor, int codec, const uint8_t *from, size_t size, uint8_t *to,
                   size_t plain, struct data_error *error)
{
    size_t length = plain;
    bool ok = false;
    switch (codec) {
    case CODEC_NONE:
        ok = size == plain;
        if (ok && size)
            memcpy(to, from, size);
        break;
    case CODEC_SNAPPY:
        ok = snappy_uncompressed_length((const char *)from, size, &length) == SNAPPY_OK && length == plain &&
             snappy_uncompress((const char *)from, size, (char *)to, &length) == SNAPPY_OK;
        break;
    case CODEC_GZIP:
        ok = inflate_page(from, size, to, plain);
        break;
    case CODEC_ZSTD:
        if (!cursor->zstd)
            cursor->zstd = ZSTD_createDCtx();
        ok = cursor->zstd && ZSTD_decompressDCtx(cursor->zstd, to, plain, from, size) == plain;
        break;
    default:
        return fail(cursor,
                    "the pages are compressed by LZO, Brotli or LZ4; only snappy, gzip and zstd can be read",
                    error);
    }
    return ok || fail(cursor, "the compressed bytes of a page are damaged", error);
}

/* The page's bytes, decompressed but for the levels of a v2 page. */
static bool read_page(struct parquet_cursor *cursor, int codec, const struct parquet_page_header *header,
                      struct bytes *out, struct data_error *error)
{
    size_t levels = 0;
    if (header->type == PAGE_DATA_V2) {
        if (header->level_bytes > header->stored_size || header->repeat_bytes > header->stored_size ||
            header->level_bytes + header->repeat_bytes > header->stored_size ||
            header->level_bytes + header->repeat_bytes > header->plain_size)
            return fail(cursor, "the levels of a page are larger than the page", error);
        levels = (size_t)(header->level_bytes + header->repeat_bytes);
        if (header->stored_plain)
            codec = CODEC_NONE;
    }
    const char *why = parquet_make(cursor->budget, header->plain_size);
    if (why)
        return fail(cursor, why, error);
    if (!reserve(cursor, &cursor->stored, (size_t)header->stored_size + 1, error) ||
        !reserve(cursor, out, (size_t)header->plain_size + 1, error))
        return false;
    out->size = (size_t)header->plain_size;
    if (!read_at(cursor, cursor->offset, cursor->stored.data, (size_t)header->stored_size, error))
        return false;
    cursor->offset += header->stored_size;
    if (levels)
        memcpy(out->data, cursor->stored.data, levels);
    if (header->plain_size == levels) /* nothing but nulls: the compressed part may be empty or not */
        return true;
    return expand(cursor, codec, cursor->stored.data + levels, (size_t)header->stored_size - levels,
                  out->data + levels, (size_t)header->plain_size - levels, error);
}

static bool read_dictionary(struct parquet_cursor *cursor, const struct parquet_page_header *header,
                            struct data_error *error)
{
    const struct bytes *page = &cursor->dictionary_page;
    /* an entry takes at least a bit of the page, a string four bytes */
    if (header->values > page->size)
        return fail(cursor, "a dictionary has more entries than bytes", error);
    if (header->encoding != ENCODING_PLAIN && header->encoding != ENCODING_PLAIN_DICTIONARY)
        return fail(cursor, "a dictionary is not in the plain encoding", error);
    size_t count = (size_t)header->values;
    if (count >= cursor->dictionary_capacity) { /* one more, so that an empty dictionary is there too */
        const size_t size = sizeof *cursor->dictionary;
        const char *why =
            parquet_hold(cursor->budget, cursor->dictionary_capacity * size, (count + 1) * size);
        if (why)
            return fail(cursor, why, error);
        cursor->dictionary = mem_realloc(cursor->dictionary, (count + 1) * size);
        cursor->dictionary_capacity = count + 1;
    }
    struct values_reader values = {.budget = cursor->budget};
    values_begin(&values, cursor->column, ENCODING_PLAIN, page->data, page->data + page->size, count);
    for (size_t at = 0; at < count;) {
        size_t now = count - at < VALUES_BATCH ? count - at : VALUES_BATCH;
        if (!values_read(&values, cursor->dictionary + at, now))
            return fail(cursor, values.why, error);
        at += now;
    }
    cursor->dictionary_count = count;
    cursor->has_dictionary = true;
    return true;
}

/* Where the definition levels of a data page lie, and the values behind them. */
static bool begin_levels(struct parquet_cursor *cursor, const struct parquet_page_header *header,
                         const uint8_t **values, struct data_error *error)
{
    const uint8_t *at = cursor->page.data, *end = at + cursor->page.size;
    cursor->old_levels = false;
    if (header->type == PAGE_DATA_V2) {
        at += header->repeat_bytes;
        runs_begin(&cursor->levels, at, at + header->level_bytes, 1);
        *values = at + header->level_bytes;
        return true;
    }
    *values = at;
    if (!cursor->column->optional)
        return true;
    if (header->level_encoding == ENCODING_BIT_PACKED) {
        uint64_t size = (header->values + 7) / 8;
        if (size > (uint64_t)(end - at))
            return fail(cursor, "a page ends within its levels", error);
        cursor->old_levels = true;
        cursor->level_bytes = at;
        cursor->level_end = *values = at + size;
        cursor->level_at = 0;
        return true;
    }
    uint32_t length;
    if (end - at < 4)
        return fail(cursor, "a page ends within its levels", error);
    memcpy(&length, at, 4);
    if (length > (size_t)(end - at - 4) || header->level_encoding != ENCODING_RLE)
        return fail(cursor, "a page ends within its levels", error);
    runs_begin(&cursor->levels, at + 4, at + 4 + length, 1);
    *values = at + 4 + length;
    return true;
}

static bool next_page(struct parquet_cursor *cursor, struct data_error *error)
{
    const int codec = cursor->codec;
    struct parquet_page_header header;
    if (cursor->offset >= cursor->end)
        return fail(cursor, "the pages hold fewer rows than the row group", error);
    if (!read_header(cursor, &header, error))
        return false;
    if (header.type == PAGE_DICTIONARY)
        return read_page(cursor, codec, &header, &cursor->dictionary_page, error) &&
               read_dictionary(cursor, &header, error);
    if (header.type != PAGE_DATA && header.type != PAGE_DATA_V2) {
        cursor->offset += header.stored_size;
        return true;
    }
    const uint8_t *values;
    if (!read_page(cursor, codec, &header, &cursor->page, error) ||
        !begin_levels(cursor, &header, &values, error))
        return false;
    cursor->values.dictionary = cursor->has_dictionary ? cursor->dictionary : NULL;
    cursor->values.dictionary_count = cursor->dictionary_count;
    cursor->rows = header.values;
    /* Encodings that begin with a count may have fewer values than rows: nulls have none. */
    if (!values_begin(&cursor->values, cursor->column, header.encoding, values,
                      cursor->page.data + cursor->page.size, header.values))
        return fail(cursor, cursor->values.why, error);
    return true;
}

/* One bit a row: whether it has a value. */
static bool read_levels(struct parquet_cursor *cursor, uint32_t *levels, size_t count,
                        struct data_error *error)
{
    if (!cursor->column->optional) {
        for (size_t i = 0; i < count; i++)
            levels[i] = 1;
        return true;
    }
    if (cursor->old_levels) {
        for (size_t i = 0; i < count; i++, cursor->level_at++)
            levels[i] = cursor->level_bytes[cursor->level_at / 8] >> (7 - cursor->level_at % 8) & 1;
        return true;
    }
    return runs_read(&cursor->levels, levels, count) || fail(cursor, "a page ends within its levels", error);
}

/* A batch of rows of one page into the store from `row` on. */
static bool read_batch(struct parquet_cursor *cursor, const struct column_schema *schema, unsigned needs,
                       uint32_t row, size_t count, struct parquet_store *store, struct column *out,
                       struct data_error *error)
{
    uint32_t levels[VALUES_BATCH], rows[VALUES_BATCH];
    struct raw_value raw[VALUES_BATCH];
    size_t present = 0;
    if (!read_levels(cursor, levels, count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        rows[present] = row + (uint32_t)i;
        present += levels[i] & 1;
    }
    for (size_t i = 0; i < present && schema->type != COLUMN_NULL; i++)
        store->arrays.valid[rows[i] / 64] |= UINT64_C(1) << (rows[i] % 64);
    if (schema->type != COLUMN_NULL)
        out->valid_count += (uint32_t)present;
    cursor->rows -= count;
    if (needs == NEED_NULLS || schema->type == COLUMN_NULL || present == 0)
        return true;
    if (!values_read(&cursor->values, raw, present))
        return fail(cursor, cursor->values.why, error);
    const char *why = parquet_convert(cursor->column, schema, raw, rows, present, store, cursor->budget);
    return !why || fail(cursor, why, error);
}

static void print_texts(const struct column_schema *schema, uint32_t rows, struct parquet_store *store,
                        const struct column *column)
{
    for (uint32_t row = 0; row < rows; row++) {
        size_t start = store->text.length;
        cell_print(&store->text, schema, column_cell(schema, column, row));
        store->arrays.starts[row] = (uint32_t)start;
        store->arrays.lengths[row] = (uint32_t)(store->text.length - start);
    }
}

static void clear_store(struct parquet_store *store, uint32_t rows)
{
    struct column_store *arrays = &store->arrays;
    memset(arrays->valid, 0, (rows / 64 + 1) * sizeof *arrays->valid);
    memset(arrays->values, 0, (rows + CELLS_PADDING) * arrays->width);
    memset(arrays->starts, 0, (rows + CELLS_PADDING) * sizeof *arrays->starts);
    memset(arrays->lengths, 0, (rows + CELLS_PADDING) * sizeof *arrays->lengths);
    buf_clear(&store->text);
}

bool parquet_cursor_read(struct parquet_cursor *cursor, const struct column_schema *schema, unsigned needs,
                         uint32_t rows, struct parquet_store *store, struct column *out,
                         struct data_error *error)
{
    static const char padding[CELLS_PADDING];
    *out = (struct column){.needs = (uint8_t)needs};
    column_store_reserve(&store->arrays, schema, rows);
    clear_store(store, rows);
    for (uint32_t row = 0; row < rows;) {
        while (cursor->rows == 0)
            if (!next_page(cursor, error))
                return false;
        size_t count = rows - row < VALUES_BATCH ? rows - row : VALUES_BATCH;
        count = cursor->rows < count ? (size_t)cursor->rows : count;
        if (!read_batch(cursor, schema, needs, row, count, store, out, error))
            return false;
        row += (uint32_t)count;
    }
    out->valid = store->arrays.valid;
    if (schema->type != COLUMN_STRING)
        out->ints = store->arrays.values;
    if (schema->type != COLUMN_STRING && (needs & NEED_TEXT & ~NEED_NULLS))
        print_texts(schema, rows, store, out);
    buf_add(&store->text, padding, sizeof padding);
    if (schema->type == COLUMN_STRING || (needs & NEED_TEXT & ~NEED_NULLS)) {
        out->bytes = store->text.data;
        out->starts = store->arrays.starts;
        out->lengths = store->arrays.lengths;
    }
    return true;
}
