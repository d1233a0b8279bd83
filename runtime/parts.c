#include "runtime/parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/buf.h"
#include "core/file.h"
#include "core/hash.h"
#include "runtime/data/source.h"

enum { FLUSH_BYTES = 1 << 20 };

double parts_place(const char *model, const char *key, size_t length)
{
    struct hash_state *state = hash_begin();
    uint8_t bytes[HASH_SIZE];
    hash_add(state, model, strlen(model) + 1);
    hash_add(state, key, length);
    hash_end(state, bytes);
    uint64_t place = 0;
    for (int i = 0; i < 8; i++)
        place = place << 8 | bytes[i];
    return (double)(place >> 11) / 9007199254740992.0; /* 2^53: exact in a double */
}

/* A row of a `by = time` split: sorted by time, then by place in the file. */
struct moment {
    int64_t time;
    uint64_t row;
};

struct output {
    FILE *file;
    char *temporary;
    struct buf text;
};

struct splitting {
    const struct parts_request *request;
    struct parts_error *error;
    struct table *table;
    int column;
    struct moment *moments; /* by time: sorted */
    uint64_t moment_count, moment_capacity;
    uint8_t *part_of_row; /* by time: filled before the writing pass */
    struct output *outputs;
    struct buf key;
    char delimiter;
    bool failed;
};

static bool fail(struct splitting *splitting, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct splitting *splitting, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!splitting->failed)
        vsnprintf(splitting->error->text, sizeof splitting->error->text, format, args);
    va_end(args);
    splitting->failed = true;
    return false;
}

/* --- which part
 * ------------------------------------------------------------------------------------------------ */

static size_t part_at(const struct parts_request *request, double place)
{
    double end = 0;
    for (size_t i = 0; i < request->count; i++) {
        end += request->parts[i].share;
        if (place < end)
            return i;
    }
    return request->count; /* in none: the shares do not reach 100 % */
}

static void cell_key(struct splitting *splitting, const struct chunk *chunk, uint32_t row)
{
    buf_clear(&splitting->key);
    size_t count = table_schema(splitting->table)->count;
    size_t first = splitting->request->by == PARTS_BY_ROW ? 0 : (size_t)splitting->column;
    size_t last = splitting->request->by == PARTS_BY_ROW ? count : first + 1;
    for (size_t i = first; i < last; i++) {
        const struct column *column = &chunk->columns[i];
        if (i > first)
            buf_add_char(&splitting->key, '\x1f');
        buf_add(&splitting->key, column->bytes + column->starts[row], column->lengths[row]);
    }
}

static size_t part_of(struct splitting *splitting, const struct chunk *chunk, uint32_t row)
{
    if (splitting->request->by == PARTS_BY_TIME)
        return splitting->part_of_row[chunk->first_row + row];
    cell_key(splitting, chunk, row);
    return part_at(splitting->request,
                   parts_place(splitting->request->model, buf_str(&splitting->key), splitting->key.length));
}

/* --- writing
 * --------------------------------------------------------------------------------------------------- */

static void add_field(struct buf *out, char delimiter, const char *text, size_t length, bool null)
{
    bool quote = length == 0 && !null;
    for (size_t i = 0; i < length && !quote; i++)
        quote = text[i] == delimiter || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (length > 0 && (text[0] == ' ' || text[length - 1] == ' '))
        quote = true;
    if (!quote) {
        buf_add(out, text, length);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, text[i]);
    }
    buf_add_char(out, '"');
}

static void flush_output(struct splitting *splitting, struct output *output)
{
    if (output->text.length > 0 &&
        fwrite(output->text.data, 1, output->text.length, output->file) != output->text.length)
        fail(splitting, "%s: %s", output->temporary, strerror(errno));
    buf_clear(&output->text);
}

static void write_row(struct splitting *splitting, const struct chunk *chunk, uint32_t row)
{
    size_t part = part_of(splitting, chunk, row);
    if (part >= splitting->request->count)
        return;
    struct output *output = &splitting->outputs[part];
    size_t count = table_schema(splitting->table)->count;
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &chunk->columns[i];
        if (i > 0)
            buf_add_char(&output->text, splitting->delimiter);
        add_field(&output->text, splitting->delimiter, column->bytes + column->starts[row],
                  column->lengths[row], !column_is_valid(column, row));
    }
    buf_add_char(&output->text, '\n');
    splitting->request->parts[part].rows++;
    if (output->text.length >= FLUSH_BYTES)
        flush_output(splitting, output);
}

static void *same_state(void *context)
{
    return context;
}

static void write_chunk(void *state, const struct chunk *chunk)
{
    struct splitting *splitting = state;
    for (uint32_t row = 0; row < chunk->rows && !splitting->failed; row++)
        write_row(splitting, chunk, row);
}

static void no_discard(void *context, void *state)
{
    (void)context;
    (void)state;
}

static bool scan(struct splitting *splitting, void (*chunk)(void *, const struct chunk *))
{
    /* One worker: chunks come in the order of the data, and so do the rows of each part. */
    struct scan_hooks hooks = {splitting, same_state, chunk, no_discard};
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    struct data_error error;
    if (!table_scan(splitting->table, 1, &hooks, states, &count, &error))
        return fail(splitting, "%s", error.message);
    return !splitting->failed;
}

static bool open_output(struct splitting *splitting, struct output *output, const struct part *part)
{
    struct buf name = {0};
    buf_printf(&name, "%s.%ld.tmp", part->path, (long)getpid());
    output->temporary = buf_take(&name);
    char *folder = mem_strdup(part->path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        *slash = '\0';
        file_make_folders(folder);
    }
    free(folder);
    output->file = fopen(output->temporary, "wb");
    return output->file != NULL || fail(splitting, "%s: %s", output->temporary, strerror(errno));
}

static bool open_outputs(struct splitting *splitting)
{
    const struct table_schema *schema = table_schema(splitting->table);
    for (size_t k = 0; k < splitting->request->count; k++) {
        struct output *output = &splitting->outputs[k];
        splitting->request->parts[k].rows = 0;
        if (!open_output(splitting, output, &splitting->request->parts[k]))
            return false;
        for (size_t i = 0; i < schema->count; i++) {
            if (i > 0)
                buf_add_char(&output->text, splitting->delimiter);
            add_field(&output->text, splitting->delimiter, schema->columns[i].name,
                      strlen(schema->columns[i].name), false);
        }
        buf_add_char(&output->text, '\n');
    }
    return true;
}

/* Gives the files their names, all or none. */
static bool finish_outputs(struct splitting *splitting)
{
    for (size_t k = 0; k < splitting->request->count; k++) {
        struct output *output = &splitting->outputs[k];
        if (!splitting->failed && splitting->request->parts[k].rows == 0)
            fail(splitting, "the part `%s` would be empty: the data has too few rows for its share",
                 splitting->request->parts[k].name);
        if (output->file == NULL)
            continue;
        flush_output(splitting, output);
        if (fclose(output->file) != 0)
            fail(splitting, "%s: %s", output->temporary, strerror(errno));
    }
    for (size_t k = 0; k < splitting->request->count; k++) {
        struct output *output = &splitting->outputs[k];
        if (output->temporary == NULL)
            continue;
        if (splitting->failed)
            unlink(output->temporary);
        else if (rename(output->temporary, splitting->request->parts[k].path) != 0)
            fail(splitting, "%s: %s", splitting->request->parts[k].path, strerror(errno));
        free(output->temporary);
        buf_free(&output->text);
    }
    return !splitting->failed;
}

/* --- by time: the order of all rows first
 * ----------------------------------------------------------------------- */

static void collect_moments(void *state, const struct chunk *chunk)
{
    struct splitting *splitting = state;
    const struct column *column = &chunk->columns[splitting->column];
    for (uint32_t row = 0; row < chunk->rows && !splitting->failed; row++) {
        if (!column_is_valid(column, row)) {
            fail(splitting, "row %llu has no time in `%s`: every row needs one to be split by time",
                 (unsigned long long)(chunk->first_row + row + 1), splitting->request->column);
            return;
        }
        if (splitting->moment_count == splitting->moment_capacity) {
            splitting->moment_capacity = splitting->moment_capacity * 2 + 1024;
            splitting->moments =
                mem_realloc(splitting->moments, splitting->moment_capacity * sizeof *splitting->moments);
        }
        splitting->moments[splitting->moment_count++] =
            (struct moment){column->ints[row], chunk->first_row + row};
    }
}

static int by_time(const void *left, const void *right)
{
    const struct moment *a = left, *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static bool has_spans(const struct parts_request *request)
{
    for (size_t i = 0; i < request->count; i++)
        if (request->parts[i].span_us > 0)
            return true;
    return false;
}

/* Gives each row its part by spans of time, from the newest row back; a row older than all of them is in
 * none. */
static bool cut_spans(struct splitting *splitting, uint32_t ticks)
{
    const struct parts_request *request = splitting->request;
    uint64_t left = splitting->moment_count;
    memset(splitting->part_of_row, (int)request->count, left);
    if (left == 0)
        return true;
    int64_t end = splitting->moments[left - 1].time;
    for (size_t k = request->count; k > 0; k--) {
        const struct part *part = &request->parts[k - 1];
        if (part->span_us == 0 && !part->rest)
            return fail(splitting,
                        "the part `%s` is a share, the others are spans of time: use one of them for all",
                        part->name);
        int64_t start = part->rest ? INT64_MIN : end - (int64_t)((double)part->span_us * ticks / 1e6);
        for (; left > 0 && splitting->moments[left - 1].time > start; left--)
            splitting->part_of_row[splitting->moments[left - 1].row] = (uint8_t)(k - 1);
        end = start;
    }
    return true;
}

static bool order_rows(struct splitting *splitting)
{
    table_need_nothing(splitting->table);
    table_need(splitting->table, (size_t)splitting->column, NEED_VALUES);
    if (!scan(splitting, collect_moments))
        return false;
    const struct column_schema *column = &table_schema(splitting->table)->columns[splitting->column];
    if (column->type != COLUMN_TIMESTAMP && column->type != COLUMN_DATE)
        return fail(splitting,
                    "`%s` holds no times that mlc reads: a split by time needs a timestamp or a date",
                    splitting->request->column);
    uint64_t count = splitting->moment_count;
    splitting->part_of_row = mem_calloc(count + 1, 1);
    if (count > 0)
        qsort(splitting->moments, count, sizeof *splitting->moments, by_time);
    if (has_spans(splitting->request))
        return cut_spans(splitting, column->type == COLUMN_DATE ? 1 : column->ticks);
    for (uint64_t i = 0; i < count; i++)
        splitting->part_of_row[splitting->moments[i].row] =
            (uint8_t)part_at(splitting->request, ((double)i + 0.5) / (double)count);
    return true;
}

static struct table *open_table(struct splitting *splitting)
{
    const struct parts_request *request = splitting->request;
    struct column_option time = {.name = request->column, .type = "timestamp"};
    struct table_options options = {.delimiter = request->delimiter, .all_strings = true};
    if (request->by == PARTS_BY_TIME) {
        options.columns = &time;
        options.column_count = 1;
    }
    struct data_error error;
    struct table *table = table_open(request->paths, request->path_count, &options, &error);
    if (table == NULL)
        fail(splitting, "%s", error.message);
    return table;
}

static bool split(struct splitting *splitting)
{
    const struct parts_request *request = splitting->request;
    const struct table_schema *schema = table_schema(splitting->table);
    if (table_format(splitting->table) != FORMAT_CSV)
        return fail(splitting, "data parts are written from CSV so far, and this dataset is none");
    splitting->delimiter = table_delimiter(splitting->table);
    if (request->by != PARTS_BY_ROW) {
        splitting->column = schema_find(schema, request->column);
        if (splitting->column < 0)
            return fail(splitting, "the data has no column `%s` to split by", request->column);
    }
    if (request->by == PARTS_BY_TIME && !order_rows(splitting))
        return false;
    for (size_t i = 0; i < schema->count; i++)
        table_need(splitting->table, i, NEED_TEXT);
    return open_outputs(splitting) && scan(splitting, write_chunk);
}

bool parts_write(const struct parts_request *request, struct parts_error *error)
{
    struct splitting splitting = {.request = request, .error = error, .column = -1};
    splitting.outputs = mem_calloc(request->count + 1, sizeof *splitting.outputs);
    splitting.table = open_table(&splitting);
    if (splitting.table != NULL) {
        split(&splitting);
        finish_outputs(&splitting);
        table_close(splitting.table);
    }
    free(splitting.outputs);
    free(splitting.moments);
    free(splitting.part_of_row);
    buf_free(&splitting.key);
    return !splitting.failed;
}
