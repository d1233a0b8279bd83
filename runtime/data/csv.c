#include "runtime/data/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_LEAST = 128 << 10, BLOCK_MOST = 8 << 20, BLOCK_ROWS = 1024, SAMPLE_SIZE = 1 << 20 };
static const char byte_order_mark[] = "\xef\xbb\xbf";
enum { CELLS_LIMIT = 4 << 20, SPARSE_RATIO = 1000 };
static const uint64_t sparse_free = (uint64_t)1 << 30;
static const uint64_t row_limit_default = 64 << 20, row_limit_most = 1 << 30;

static void close_stream(struct csv_reader *reader)
{
    table_stream_end(reader->stream);
    reader->stream = NULL;
}

static bool open_stream(struct table *table, struct csv_reader *reader, struct data_error *error)
{
    reader->stream = table_stream(table, reader->file, reader->limits, error);
    return reader->stream != NULL;
}

/* Not more room than the file can fill: one byte over, so that its end is seen. */
static size_t fitting(const struct csv_reader *reader, size_t size)
{
    uint64_t left = stream_left(reader->stream);
    return left < size ? (size_t)left + 1 : size;
}

/* Reads more bytes behind the carry; true also at the end of the file. */
static bool read_carry(struct csv_reader *reader, size_t size, struct data_error *error)
{
    size = fitting(reader, size);
    buf_reserve(&reader->carry, size);
    ssize_t got = stream_read(reader->stream, reader->carry.data + reader->carry.length, size, error);
    if (got < 0)
        return false;
    reader->carry.length += (size_t)got;
    reader->over = (size_t)got < size;
    bool mark_alone = reader->carry.length == 3 && memcmp(reader->carry.data, byte_order_mark, 3) == 0;
    if (reader->over && reader->carry.length > 0 && !mark_alone &&
        reader->carry.data[reader->carry.length - 1] != reader->dialect.newline && reader->dialect.newline)
        buf_add_char(&reader->carry, reader->dialect.newline);
    return true;
}

static void drop_carry(struct csv_reader *reader, size_t count)
{
    if (count == 0)
        return;
    memmove(reader->carry.data, reader->carry.data + count, reader->carry.length - count);
    reader->carry.length -= count;
    reader->byte += count;
}

static bool skip_mark(struct table *table, struct csv_reader *reader, struct data_error *error)
{
    const char *data = buf_str(&reader->carry);
    size_t length = reader->carry.length;
    if (length >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0)) {
        data_fail(error, "%s is UTF-16; it must be UTF-8 (iconv -f UTF-16 -t UTF-8)",
                  table->files[reader->file]);
        return false;
    }
    if (length >= 3 && memcmp(data, byte_order_mark, 3) == 0)
        drop_carry(reader, 3);
    return true;
}

/* What other tools call JSON: one list of all objects, each perhaps on a line of its own. */
static bool refuse_list(struct table *table, const struct csv_reader *reader, struct data_error *error)
{
    size_t at = 0;
    while (at < reader->carry.length && strchr(" \t\r\n", reader->carry.data[at]) && reader->carry.data[at])
        at++;
    if (!reader->jsonl || at == reader->carry.length || reader->carry.data[at] != '[')
        return true;
    data_fail(error, "%s is one JSON list; JSON Lines have an object on each line (jq -c '.[]' makes them)",
              table->files[reader->file]);
    return false;
}

static bool row_too_long(struct table *table, const struct csv_reader *reader, struct data_error *error)
{
    char quote[64] = "";
    if (!reader->lines)
        snprintf(quote, sizeof quote, ": is a quote (%c) opened there that is not closed?",
                 reader->dialect.quote);
    data_fail(error, "%s: row %llu (at byte %llu) is longer than %llu bytes, the limit for one row%s",
              table->files[reader->file], (unsigned long long)reader->file_row + 1,
              (unsigned long long)reader->byte, (unsigned long long)reader->row_limit, quote);
    return false;
}

/* The first row of a file into names; reads as far as needed. `*found` is false for an empty file. */
static bool read_first_row(struct table *table, struct csv_reader *reader, struct arena *arena,
                           const char ***names, size_t *count, size_t *end, bool *found,
                           struct data_error *error)
{
    size_t step = 64 << 10;
    for (;;) {
        *found = csv_first_row(arena, &reader->dialect, reader->carry.data ? reader->carry.data : "",
                               reader->carry.length, names, count, end);
        if (*found || reader->over)
            return true;
        if (reader->carry.length > reader->row_limit)
            return row_too_long(table, reader, error);
        if (!read_carry(reader, step, error))
            return false;
        step *= 2;
    }
}

static bool check_header(struct table *table, const struct csv_reader *reader, const char *const *names,
                         size_t count, struct data_error *error)
{
    const char *path = table->files[reader->file];
    if (count != reader->fields) {
        data_fail(error, "%s has %zu column%s, %s has %zu: files of one table must have the same columns",
                  path, count, count == 1 ? "" : "s", table->files[0], reader->fields);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], reader->names[i]) != 0) {
            data_fail(
                error,
                "%s: column %zu is \"%s\", but \"%s\" in %s: files of one table must have the same columns",
                path, i + 1, names[i], reader->names[i], table->files[0]);
            return false;
        }
    return true;
}

/* Begins the next file: byte order mark and header are taken away. */
static bool begin_file(struct table *table, struct csv_reader *reader, struct data_error *error)
{
    reader->carry.length = reader->carry_at = reader->slice = 0;
    reader->over = false;
    reader->byte = reader->file_row = 0;
    if (!open_stream(table, reader, error) || !read_carry(reader, 64 << 10, error) ||
        !skip_mark(table, reader, error) || !refuse_list(table, reader, error))
        return false;
    if (!reader->header)
        return true;
    struct arena *scratch = arena_new();
    const char **names;
    size_t count, end;
    bool found;
    bool ok = read_first_row(table, reader, scratch, &names, &count, &end, &found, error) &&
              (!found || check_header(table, reader, names, count, error));
    arena_free(scratch);
    if (ok && found)
        drop_carry(reader, end);
    return ok;
}

static void end_file(struct csv_reader *reader)
{
    close_stream(reader);
    reader->carry.length = 0;
    reader->file++;
}

bool csv_rewind(struct table *table, struct data_error *error)
{
    struct csv_reader *reader = table->reader;
    (void)error;
    close_stream(reader);
    reader->file = 0;
    reader->carry.length = 0;
    reader->row = reader->index = reader->read = 0;
    if (table->inferring && reader->inference)
        memset(reader->inference, 0, reader->fields * sizeof *reader->inference);
    return true;
}

/* Rows that lack most of their fields cost the time of whole ones. */
static bool too_sparse(struct table *table, const struct csv_reader *reader, struct data_error *error)
{
    uint64_t cells, allowed, ratio = reader->limits.ratio ? reader->limits.ratio : SPARSE_RATIO;
    if (__builtin_mul_overflow(reader->row, reader->fields, &cells))
        cells = UINT64_MAX;
    allowed =
        reader->read > (UINT64_MAX - sparse_free) / ratio ? UINT64_MAX : reader->read * ratio + sparse_free;
    if (cells <= allowed)
        return false;
    data_fail(
        error,
        "%s: %llu rows of %zu columns come from %llu bytes: nearly all of their fields are missing (is the "
        "delimiter right?)",
        table->files[reader->file], (unsigned long long)reader->row, reader->fields,
        (unsigned long long)reader->read);
    return true;
}

static void reserve_text(struct csv_worker *worker, size_t size)
{
    if (worker->capacity < size) {
        free(worker->buffer);
        free(worker->structure);
        worker->capacity = size + size / 4;
        worker->buffer = mem_calloc(1, worker->capacity + 2 * CELLS_PADDING + SCAN_PADDING);
        worker->structure = mem_alloc((worker->capacity / 64 + 2) * sizeof *worker->structure);
    }
    worker->text = worker->buffer + CELLS_PADDING;
}

/* How much to read behind `old` bytes that hold no whole row: twice as much each time, but not far beyond the
 * longest row. */
static size_t step_behind(const struct csv_reader *reader, size_t old)
{
    size_t step = old > reader->block_size ? old : reader->block_size;
    uint64_t room = reader->row_limit > old ? reader->row_limit - old + BLOCK_LEAST : BLOCK_LEAST;
    return step > BLOCK_MOST && step > room ? (size_t)room : step;
}

/* Carry and new bytes into the worker's buffer; the carry is then empty. While the carry has rows that were
 * cut off, only a slice of it. */
static bool read_block(struct csv_reader *reader, struct csv_worker *worker, size_t *length,
                       struct data_error *error)
{
    size_t old = reader->carry.length - reader->carry_at;
    bool sliced = reader->slice > 0 && reader->slice < old;
    size_t take = sliced ? reader->slice : old;
    size_t size = sliced || reader->over ? 0 : fitting(reader, step_behind(reader, old));
    reserve_text(worker, take + size + 1);
    if (take)
        memcpy(worker->text, reader->carry.data + reader->carry_at, take);
    *length = take;
    if (sliced)
        return true;
    reader->carry.length = reader->carry_at = reader->slice = 0;
    if (reader->over)
        return true;
    ssize_t got = stream_read(reader->stream, worker->text + old, size, error);
    if (got < 0)
        return false;
    *length += (size_t)got;
    reader->over = (size_t)got < size;
    if (reader->over && *length > 0 && worker->text[*length - 1] != reader->dialect.newline)
        worker->text[(*length)++] = reader->dialect.newline;
    return true;
}

static bool unclosed(struct table *table, const struct csv_reader *reader, const struct csv_worker *worker,
                     struct data_error *error)
{
    data_fail(error,
              "%s: row %llu (at byte %llu) has a quote (%c) that is never closed, or the file is truncated",
              table->files[reader->file], (unsigned long long)(reader->file_row + worker->scan.lines + 1),
              (unsigned long long)(reader->byte + worker->scan.end), reader->dialect.quote);
    return false;
}

/* Line ends as structure: for rows that are lines. */
static void scan_lines(const struct csv_dialect *dialect, const char *text, size_t length,
                       uint64_t *structure, struct csv_scan *out)
{
    size_t line = 0;
    const char *found;
    unsigned char high = 0;
    *out = (struct csv_scan){0};
    memset(structure, 0, (length / 64 + 1) * sizeof *structure);
    while ((found = memchr(text + line, dialect->newline, length - line))) {
        size_t at = (size_t)(found - text);
        structure[at / 64] |= UINT64_C(1) << (at % 64);
        out->lines++;
        out->marks++;
        out->blanks += strspn(text + line, " \t\r") >= at - line;
        out->end = line = at + 1;
    }
    for (size_t i = 0; i < out->end; i++)
        high |= (unsigned char)text[i];
    out->ascii = high < 0x80;
}

static void scan_block(const struct csv_reader *reader, struct csv_worker *worker, size_t length)
{
    if (reader->lines)
        scan_lines(&reader->dialect, worker->text, length, worker->structure, &worker->scan);
    else
        csv_scan(&reader->dialect, worker->text, length, worker->structure, &worker->scan);
}

/* A block of lines that are far shorter than a row would be: fewer lines, so that the table of cells stays
 * small. */
static void cut_block(struct csv_reader *reader, struct csv_worker *worker)
{
    uint64_t limit = CELLS_LIMIT / (reader->fields + 1) + 1, lines = 0;
    if (worker->scan.lines <= limit) {
        reader->slice *= 2;
        return;
    }
    for (size_t i = 0; i < worker->scan.end; i++) {
        if (!(worker->structure[i / 64] >> (i % 64) & 1) || worker->text[i] != reader->dialect.newline)
            continue;
        if (++lines == limit) {
            scan_block(reader, worker, i + 1);
            reader->slice = i + 1;
            return;
        }
    }
}

/* What the decoder has to know, and what the next block begins with. */
static void hand_over(struct csv_reader *reader, struct csv_worker *worker, size_t length)
{
    struct csv_scan *scan = &worker->scan;
    cut_block(reader, worker);
    uint64_t rows = scan->lines - (reader->lines || reader->fields > 1 ? scan->blanks : 0);
    worker->byte = reader->byte;
    worker->row = reader->row;
    worker->file_row = reader->file_row;
    worker->file = (uint32_t)reader->file;
    worker->rows = (uint32_t)rows;
    if (reader->carry.length > 0) /* the text was a slice of the carry */
        reader->carry_at += scan->end;
    else
        buf_add(&reader->carry, worker->text + scan->end, length - scan->end);
    memset(worker->text + scan->end, 0, CELLS_PADDING);
    reader->byte += scan->end;
    reader->read += scan->end;
    reader->row += rows;
    reader->file_row += rows;
    if (rows > 0) {
        size_t wanted = scan->end / rows * BLOCK_ROWS;
        reader->block_size = wanted < BLOCK_LEAST ? BLOCK_LEAST : wanted > BLOCK_MOST ? BLOCK_MOST : wanted;
        worker->index = reader->index++;
    }
}

enum read_result csv_next(struct table *table, struct worker *base, struct data_error *error)
{
    struct csv_reader *reader = table->reader;
    struct csv_worker *worker = (struct csv_worker *)base;
    for (;;) {
        if (!reader->stream && reader->file == table->file_count)
            return READ_END;
        if (!reader->stream && !begin_file(table, reader, error))
            return READ_FAILED;
        size_t length;
        if (!read_block(reader, worker, &length, error))
            return READ_FAILED;
        if (length == 0 && reader->over) {
            end_file(reader);
            continue;
        }
        scan_block(reader, worker, length);
        bool last = reader->over && reader->carry.length == 0;
        if (last && worker->scan.end < length && worker->scan.open)
            return unclosed(table, reader, worker, error) ? READ_BLOCK : READ_FAILED;
        if (worker->scan.end == 0 && length > reader->row_limit)
            return row_too_long(table, reader, error) ? READ_BLOCK : READ_FAILED;
        hand_over(reader, worker, length);
        if (too_sparse(table, reader, error))
            return READ_FAILED;
        if (worker->rows > 0)
            return READ_BLOCK;
    }
}

struct worker *csv_worker_new(struct table *table)
{
    (void)table;
    return mem_calloc(1, sizeof(struct csv_worker));
}

void csv_worker_free(struct worker *base)
{
    struct csv_worker *worker = (struct csv_worker *)base;
    for (size_t i = 0; i < worker->store_count; i++)
        column_store_free(&worker->stores[i]);
    free(worker->stores);
    free(worker->columns);
    free(worker->buffer);
    free(worker->structure);
    free(worker->positions);
    free(worker->starts);
    free(worker->ends);
    free(worker);
}

static bool csv_infer_end(struct table *table, struct data_error *error)
{
    struct csv_reader *reader = table->reader;
    struct column_schema *columns = arena_array(table->arena, reader->fields, sizeof *columns);
    (void)error;
    memcpy(columns, table->columns, reader->fields * sizeof *columns);
    for (size_t i = 0; i < reader->fields; i++)
        if (!columns[i].declared)
            infer_type(&reader->inference[i], &columns[i]);
    table_set_columns(table, columns, reader->fields);
    return true;
}

void csv_close(struct table *table)
{
    struct csv_reader *reader = table->reader;
    close_stream(reader);
    buf_free(&reader->carry);
}

static const struct reader_ops csv_ops = {
    .worker_new = csv_worker_new,
    .worker_free = csv_worker_free,
    .rewind = csv_rewind,
    .next = csv_next,
    .decode = csv_decode,
    .infer = csv_infer,
    .infer_end = csv_infer_end,
    .close = csv_close,
};

/* Types from the first block. */
static bool infer_sample(struct table *table, struct csv_reader *reader, struct data_error *error)
{
    struct worker *worker = csv_worker_new(table);
    table->inferring = true;
    reader->block_size = SAMPLE_SIZE;
    bool ok = csv_rewind(table, error);
    enum read_result got = ok ? csv_next(table, worker, error) : READ_FAILED;
    ok = got != READ_FAILED && (got == READ_END || csv_infer(table, worker, error)) &&
         csv_infer_end(table, error);
    table->inferring = false;
    csv_worker_free(worker);
    return ok;
}

struct csv_reader *csv_reader_new(struct table *table, const struct table_options *options)
{
    struct csv_reader *reader = arena_alloc(table->arena, sizeof *reader);
    table->reader = reader;
    reader->options = *options;
    reader->limits = (struct stream_limits){options->size_limit, options->ratio_limit};
    reader->row_limit = options->row_limit ? options->row_limit : row_limit_default;
    if (reader->row_limit > row_limit_most)
        reader->row_limit = row_limit_most;
    reader->block_size = BLOCK_LEAST;
    return reader;
}

bool csv_open(struct table *table, const struct table_options *options, struct data_error *error)
{
    struct csv_reader *reader = csv_reader_new(table, options);
    table->ops = &csv_ops;
    if (!begin_file(table, reader, error) || (!reader->over && !read_carry(reader, SAMPLE_SIZE, error)))
        return false;
    csv_find_dialect(options, reader->carry.data ? reader->carry.data : "", reader->carry.length,
                     &reader->dialect);
    if (reader->over && reader->carry.length &&
        reader->carry.data[reader->carry.length - 1] != reader->dialect.newline)
        buf_add_char(&reader->carry, reader->dialect.newline);
    const char **names;
    size_t count, end;
    bool found;
    if (!read_first_row(table, reader, table->arena, &names, &count, &end, &found, error))
        return false;
    if (!found && reader->carry.length > 0)
        return unclosed(table, reader, &(struct csv_worker){0}, error);
    if (!found)
        count = 0;
    if (found && memchr(reader->carry.data, 0, end)) {
        data_fail(error,
                  "%s: the first row holds a NUL byte: is this UTF-16 (iconv -f UTF-16 -t UTF-8), or no text "
                  "at all?",
                  table->files[0]);
        return false;
    }
    if (count > CSV_COLUMNS_LIMIT) {
        data_fail(error, "%s: the first row has more than %d fields, which is the limit", table->files[0],
                  CSV_COLUMNS_LIMIT);
        return false;
    }
    reader->header =
        options->header == HEADER_YES ||
        (options->header == HEADER_AUTO && csv_looks_like_header((const char *const *)names, count));
    table->delimiter = reader->dialect.delimiter;
    table->header = reader->header;
    return csv_make_columns(table, reader, (const char *const *)names, count, error) &&
           infer_sample(table, reader, error);
}
