#include "runtime/data/parquet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/data/parquet_column.h"
#include "runtime/data/parquet_encode.h"
#include "runtime/data/parquet_int96.h"

/* A chunk has fewer rows where there are many columns, so that its arrays stay small. */
enum { CHUNK_ROWS = 8192, CHUNK_CELLS = 4 << 20, FOOTER_LIMIT = 512 << 20 };

struct parquet_file {
    struct parquet_meta meta;
};

struct parquet_reader {
    struct parquet_file *files;
    struct parquet_column *layouts;
    size_t file, group; /* the next row group */
    uint64_t row, file_row, index;
    uint64_t chunk_rows;
    struct parquet_output output;
};

struct parquet_worker {
    struct worker base;
    struct parquet_budget budget;
    const struct parquet_group *group;
    uint32_t file;
    uint64_t row, file_row, index;
    struct parquet_cursor **cursors;
    struct parquet_store *stores;
    struct column *columns;
    size_t count;
};

static const char *file_path(const char *path)
{
    return strcmp(path, "-") == 0 ? "/dev/stdin" : path;
}

static int open_file(const char *path, uint64_t *size, struct data_error *error)
{
    struct stat info;
    int descriptor = open(file_path(path), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &info) != 0) {
        data_fail(error, "cannot open %s: %s", path, strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
        return -1;
    }
    if (!S_ISREG(info.st_mode)) {
        data_fail(error, "%s is no regular file: Parquet is read from its end, so it cannot come from a pipe",
                  path);
        close(descriptor);
        return -1;
    }
    *size = (uint64_t)info.st_size;
    return descriptor;
}

static bool read_exactly(int descriptor, uint64_t offset, void *out, size_t size)
{
    char *to = out;
    while (size > 0) {
        ssize_t got = pread(descriptor, to, size, (off_t)offset);
        if (got <= 0)
            return false;
        to += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

static bool read_footer(struct arena *arena, int descriptor, const char *path, uint64_t size,
                        struct parquet_meta *meta, struct data_error *error)
{
    uint8_t tail[8];
    uint32_t length;
    if (size < 12 || !read_exactly(descriptor, size - 8, tail, 8) || memcmp(tail + 4, "PAR1", 4) != 0) {
        bool encrypted = size >= 12 && memcmp(tail + 4, "PARE", 4) == 0;
        data_fail(error,
                  encrypted ? "%s: encrypted Parquet files cannot be read"
                            : "%s is no Parquet file, or is truncated: it does not end in \"PAR1\"",
                  path);
        return false;
    }
    memcpy(&length, tail, 4);
    if (length > size - 12 || length > FOOTER_LIMIT) {
        data_fail(error, "%s: the Parquet footer claims %u bytes, more than the file has", path, length);
        return false;
    }
    uint8_t *bytes = mem_alloc(length + 1u);
    bool ok = read_exactly(descriptor, size - 8 - length, bytes, length);
    if (!ok)
        data_fail(error, "cannot read %s: %s", path, strerror(errno));
    ok = ok && parquet_meta_read(arena, path, size, bytes, length, meta, error);
    free(bytes);
    return ok;
}

static bool same_columns(const struct table *table, const struct parquet_meta *first,
                         const struct parquet_meta *meta, size_t file, struct data_error *error)
{
    for (size_t i = 0; i < first->column_count || i < meta->column_count; i++) {
        const struct column_schema *a = &first->schema[i], *b = &meta->schema[i];
        bool both = i < first->column_count && i < meta->column_count;
        if (both && strcmp(a->name, b->name) == 0 && a->type == b->type && a->scale == b->scale &&
            a->ticks == b->ticks && a->zoned == b->zoned)
            continue;
        data_fail(error,
                  "%s: column %zu differs from %s: files of one table must have the same columns and types",
                  table->files[file], i + 1, table->files[0]);
        return false;
    }
    return true;
}

static struct worker *parquet_worker_new(struct table *table)
{
    struct parquet_worker *worker = mem_calloc(1, sizeof *worker);
    worker->budget.output = &((struct parquet_reader *)table->reader)->output;
    worker->count = table->schema.count;
    worker->cursors = mem_calloc(worker->count + 1, sizeof *worker->cursors);
    worker->stores = mem_calloc(worker->count + 1, sizeof *worker->stores);
    worker->columns = mem_calloc(worker->count + 1, sizeof *worker->columns);
    return &worker->base;
}

static void parquet_worker_free(struct worker *base)
{
    struct parquet_worker *worker = (struct parquet_worker *)base;
    for (size_t i = 0; i < worker->count; i++) {
        parquet_cursor_free(worker->cursors[i]);
        column_store_free(&worker->stores[i].arrays);
        buf_free(&worker->stores[i].text);
    }
    free(worker->cursors);
    free(worker->stores);
    free(worker->columns);
    free(worker);
}

static bool parquet_rewind(struct table *table, struct data_error *error)
{
    struct parquet_reader *reader = table->reader;
    (void)error;
    reader->file = reader->group = 0;
    reader->row = reader->file_row = reader->index = 0;
    atomic_store(&reader->output.made, 0);
    return true;
}

static enum read_result parquet_next(struct table *table, struct worker *base, struct data_error *error)
{
    struct parquet_reader *reader = table->reader;
    struct parquet_worker *worker = (struct parquet_worker *)base;
    (void)error;
    while (reader->file < table->file_count) {
        const struct parquet_meta *meta = &reader->files[reader->file].meta;
        if (reader->group == meta->group_count) {
            reader->file++;
            reader->group = 0;
            reader->file_row = 0;
            continue;
        }
        worker->group = &meta->groups[reader->group++];
        worker->file = (uint32_t)reader->file;
        worker->row = reader->row;
        worker->file_row = reader->file_row;
        worker->index = reader->index;
        reader->row += worker->group->rows;
        reader->file_row += worker->group->rows;
        reader->index += (worker->group->rows + reader->chunk_rows - 1) / reader->chunk_rows;
        if (worker->group->rows > 0)
            return READ_BLOCK;
    }
    return READ_END;
}

static void begin_group(struct table *table, struct parquet_worker *worker, int descriptor)
{
    const struct parquet_reader *reader = table->reader;
    const struct parquet_meta *meta = &reader->files[worker->file].meta;
    for (size_t i = 0; i < worker->count; i++) {
        worker->columns[i] = (struct column){0};
        if (table->needs[i] == NEED_NOTHING)
            continue;
        if (!worker->cursors[i])
            worker->cursors[i] = parquet_cursor_new(&worker->budget);
        parquet_cursor_begin(worker->cursors[i], descriptor, table->files[worker->file],
                             table->columns[i].name, &meta->columns[i], &worker->group->pieces[i]);
    }
}

static bool decode_group(struct table *table, struct parquet_worker *worker, const struct emit *emit,
                         struct data_error *error)
{
    const uint64_t most = ((const struct parquet_reader *)table->reader)->chunk_rows;
    for (uint64_t done = 0; done < worker->group->rows && !atomic_load(&table->stop);) {
        uint64_t left = worker->group->rows - done;
        struct chunk chunk = {.index = worker->index + done / most,
                              .first_row = worker->row + done,
                              .rows = (uint32_t)(left < most ? left : most),
                              .file = worker->file,
                              .file_row = worker->file_row + done,
                              .columns = worker->columns};
        for (size_t i = 0; i < worker->count; i++)
            if (table->needs[i] != NEED_NOTHING &&
                !parquet_cursor_read(worker->cursors[i], &table->columns[i], table->needs[i], chunk.rows,
                                     &worker->stores[i], &worker->columns[i], error))
                return false;
        emit->chunk(emit->state, &chunk);
        done += chunk.rows;
    }
    return true;
}

static bool parquet_decode(struct table *table, struct worker *base, const struct emit *emit,
                           struct data_error *error)
{
    struct parquet_worker *worker = (struct parquet_worker *)base;
    uint64_t size;
    int descriptor = open_file(table->files[worker->file], &size, error);
    if (descriptor < 0)
        return false;
    begin_group(table, worker, descriptor);
    bool ok = decode_group(table, worker, emit, error);
    close(descriptor);
    return ok;
}

static void parquet_close(struct table *table)
{
    (void)table;
}

static const struct reader_ops parquet_ops = {
    .worker_new = parquet_worker_new,
    .worker_free = parquet_worker_free,
    .rewind = parquet_rewind,
    .next = parquet_next,
    .decode = parquet_decode,
    .close = parquet_close,
};

/* Rows cost time, and a few bytes may claim billions of them. */
static bool check_rows(const struct table *table, size_t file, const struct parquet_meta *meta, uint64_t size,
                       unsigned ratio, struct data_error *error)
{
    uint64_t rows = 0, columns = meta->column_count ? meta->column_count : 1;
    uint64_t limit = parquet_cells_limit(size, ratio);
    for (size_t i = 0; i < meta->group_count && rows <= limit; i++)
        rows += meta->groups[i].rows;
    if (rows <= limit / columns)
        return true;
    data_fail(error,
              "%s: the metadata claims %llu rows of %zu columns, but the file has %llu bytes, which can "
              "account for "
              "%llu rows: this looks like a decompression bomb",
              table->files[file], (unsigned long long)rows, meta->column_count, (unsigned long long)size,
              (unsigned long long)(limit / columns));
    return false;
}

static uint64_t rows_of_chunk(size_t columns)
{
    uint64_t rows = CHUNK_CELLS / (columns + 1) / 64 * 64;
    return rows > CHUNK_ROWS ? CHUNK_ROWS : rows < 64 ? 64 : rows;
}

static bool same_layout(const struct parquet_column *a, const struct parquet_column *b)
{
    return a->physical == b->physical && a->meaning == b->meaning && a->width == b->width &&
           a->bits == b->bits && a->utc == b->utc;
}

static void set_layouts(struct table *table, struct parquet_reader *reader)
{
    const struct parquet_meta *first = &reader->files[0].meta;
    reader->layouts = arena_array(table->arena, first->column_count + 1, sizeof *reader->layouts);
    for (size_t i = 0; i < first->column_count; i++) {
        bool same = first->columns[i].physical != PHYSICAL_INT96;
        for (size_t file = 1; file < table->file_count; file++)
            same = same && same_layout(&first->columns[i], &reader->files[file].meta.columns[i]);
        reader->layouts[i] = same ? first->columns[i] : parquet_default_layout(&first->schema[i]);
    }
}

/* A column that is INT96 in all files is in microseconds in all of them when one needs the range. */
static void settle_int96(struct table *table, const struct parquet_reader *reader, size_t column)
{
    bool fits = true;
    for (size_t i = 0; i < table->file_count; i++)
        if (reader->files[i].meta.columns[column].physical != PHYSICAL_INT96)
            return;
    for (size_t i = 0; i < table->file_count && fits; i++) {
        const struct parquet_meta *meta = &reader->files[i].meta;
        struct parquet_output output = {.limit = reader->output.limit};
        uint64_t size;
        struct data_error ignored;
        int descriptor = open_file(table->files[i], &size, &ignored);
        const struct parquet_source source = {table->files[i], descriptor, meta};
        fits = descriptor < 0 || parquet_int96_fits_nanos(&source, column, &output);
        if (descriptor >= 0)
            close(descriptor);
    }
    for (size_t i = 0; i < table->file_count && !fits; i++)
        reader->files[i].meta.schema[column].ticks = 1000000;
}

bool parquet_open(struct table *table, const struct table_options *options, struct data_error *error)
{
    struct parquet_reader *reader = arena_alloc(table->arena, sizeof *reader);
    uint64_t total = 0;
    reader->files = arena_array(table->arena, table->file_count + 1, sizeof *reader->files);
    table->reader = reader;
    table->ops = &parquet_ops;
    for (size_t i = 0; i < table->file_count; i++) {
        uint64_t size;
        struct parquet_meta *meta = &reader->files[i].meta;
        int descriptor = open_file(table->files[i], &size, error);
        bool ok = descriptor >= 0 &&
                  read_footer(table->arena, descriptor, table->files[i], size, meta, error) &&
                  same_columns(table, &reader->files[0].meta, meta, i, error) &&
                  check_rows(table, i, meta, size, options->ratio_limit, error);
        total += ok ? size : 0;
        if (descriptor >= 0)
            close(descriptor);
        if (!ok)
            return false;
    }
    reader->chunk_rows = rows_of_chunk(reader->files[0].meta.column_count);
    reader->output.limit = parquet_output_limit(total, options->ratio_limit);
    for (size_t i = 0; i < reader->files[0].meta.column_count; i++)
        settle_int96(table, reader, i);
    set_layouts(table, reader);
    table_set_columns(table, reader->files[0].meta.schema, reader->files[0].meta.column_count);
    return true;
}

const struct parquet_column *parquet_layouts(const struct table *table)
{
    return table->format == FORMAT_PARQUET ? ((const struct parquet_reader *)table->reader)->layouts : NULL;
}
