#include "runtime/data/jsonl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/map.h"
#include "runtime/data/csv.h"
#include "runtime/data/json_line.h"

enum { SAMPLE_SIZE = 1 << 20, LINE_KEYS_LIMIT = 1 << 20 };

/* A key, with what an inference pass found. */
struct found_key {
    const char *name;
    uint64_t row; /* of its first appearance, and its place there: the order of the columns */
    size_t place;
    struct inference inference;
};

struct jsonl {
    struct map *columns; /* name -> position + 1 of the schema's columns */
    struct arena *arena; /* of the inference pass */
    struct map *found;   /* name -> struct found_key */
};

/* Positions of a row's cells while its line is read. */
struct row_context {
    const struct table *table;
    const struct jsonl *jsonl;
    struct csv_worker *worker;
    uint32_t *starts, *ends;
    size_t expected; /* the column that would come next if keys keep their order */
    bool unknown;
    /* inference */
    struct jsonl *into;
    uint64_t row;
    struct json_field *fields; /* of the line */
    size_t field_count, field_capacity;
    bool too_many;
};

static size_t find_column(struct row_context *row, const struct json_field *field)
{
    const struct column_schema *columns = row->table->columns;
    size_t count = row->table->schema.count, guess = row->expected;
    if (guess < count && strncmp(columns[guess].name, field->key, field->key_length) == 0 &&
        columns[guess].name[field->key_length] == 0)
        return guess;
    void *found = map_get_n(row->jsonl->columns, field->key, field->key_length);
    return found ? (size_t)(uintptr_t)found - 1 : SIZE_MAX;
}

static bool set_cell(void *context, const struct json_field *field)
{
    struct row_context *row = context;
    size_t column = find_column(row, field);
    if (column == SIZE_MAX) {
        row->unknown = true;
        return true;
    }
    row->expected = column + 1;
    row->starts[column] = row->ends[column] = 0;
    if (field->null)
        return true;
    row->starts[column] = (uint32_t)(field->text - row->worker->text);
    row->ends[column] = row->starts[column] + (uint32_t)field->length + 1;
    return true;
}

static void note_bad_line(struct csv_worker *worker, size_t row, size_t start, const char *why)
{
    struct table_finding finding = {.kind = FINDING_BAD_LINE,
                                    .file = worker->file,
                                    .column = -1,
                                    .row = worker->file_row + row + 1,
                                    .byte = worker->byte + start};
    snprintf(finding.text, sizeof finding.text, "%s", why);
    worker_note(&worker->base, &finding);
}

static bool is_blank(const char *text, const char *end)
{
    while (text < end && (*text == ' ' || *text == '\t' || *text == '\r'))
        text++;
    return text == end;
}

static bool gather_field(void *context, const struct json_field *field)
{
    struct row_context *row = context;
    if (row->field_count == LINE_KEYS_LIMIT) {
        row->too_many = true;
        return false;
    }
    if (row->field_count == row->field_capacity) {
        row->field_capacity = row->field_capacity * 2 + 64;
        row->fields = mem_realloc(row->fields, row->field_capacity * sizeof *row->fields);
    }
    row->fields[row->field_count++] = *field;
    return true;
}

static bool learn_field(struct row_context *row, size_t place)
{
    struct jsonl *jsonl = row->into;
    const struct json_field *field = &row->fields[place];
    struct found_key *key = map_get_n(jsonl->found, field->key, field->key_length);
    if (!key) {
        if (map_count(jsonl->found) == CSV_COLUMNS_LIMIT)
            return false;
        key = arena_alloc(jsonl->arena, sizeof *key);
        key->name = arena_copy(jsonl->arena, field->key, field->key_length);
        key->row = UINT64_MAX;
        map_set_n(jsonl->found, field->key, field->key_length, key);
    }
    if (row->row < key->row) {
        key->row = row->row;
        key->place = place;
    }
    if (!field->null)
        infer_json(&key->inference, field->kind, field->text, field->length);
    return true;
}

/* The fields of a line that was read whole. */
static void learn_line(struct row_context *row)
{
    for (size_t i = 0; i < row->field_count && !row->too_many; i++)
        row->too_many = !learn_field(row, i);
}

/* Calls `each` for the fields of every line; `row` is prepared and a bad line noted. False when a key is
 * unknown. */
static bool read_lines(struct csv_worker *worker, struct row_context *row, size_t fields,
                       bool (*each)(void *context, const struct json_field *field))
{
    csv_reserve_positions(worker);
    worker->positions[0] = 0;
    size_t count = csv_positions(worker->structure, worker->scan.end, worker->positions + 1), number = 0;
    for (size_t i = 0; i < count && !row->unknown; i++) {
        char *start = worker->text + worker->positions[i], *end = worker->text + worker->positions[i + 1] - 1;
        const char *why;
        if (is_blank(start, end))
            continue;
        row->starts = worker->starts + number * fields;
        row->ends = worker->ends + number * fields;
        row->expected = row->field_count = 0;
        row->row = worker->row + number;
        bool good = json_line_read(start, end, each, row, &why);
        if (good && row->into) {
            learn_line(row);
        } else if (!good && !row->into) {
            note_bad_line(worker, number, worker->positions[i], why);
            memset(row->starts, 0, fields * sizeof *row->starts);
            memset(row->ends, 0, fields * sizeof *row->ends);
        }
        number++;
    }
    return !row->unknown;
}

static bool jsonl_decode(struct table *table, struct worker *base, const struct emit *emit,
                         struct data_error *error)
{
    struct csv_worker *worker = (struct csv_worker *)base;
    const struct csv_reader *reader = table->reader;
    size_t cells = (size_t)worker->rows * reader->fields;
    struct row_context row = {.table = table, .jsonl = reader->jsonl, .worker = worker};
    (void)error;
    csv_reserve_cells(worker, cells + 1);
    memset(worker->starts, 0, cells * sizeof *worker->starts);
    memset(worker->ends, 0, cells * sizeof *worker->ends);
    if (!read_lines(worker, &row, reader->fields, set_cell)) {
        table_widen(table);
        return true;
    }
    return csv_emit(table, worker, worker->starts, worker->ends, emit);
}

static bool jsonl_infer(struct table *table, struct worker *base, struct data_error *error)
{
    struct csv_worker *worker = (struct csv_worker *)base;
    const struct csv_reader *reader = table->reader;
    struct row_context row = {
        .table = table, .jsonl = reader->jsonl, .worker = worker, .into = reader->jsonl};
    csv_reserve_cells(worker, 1);
    pthread_mutex_lock(&table->lock);
    read_lines(worker, &row, 0, gather_field);
    free(row.fields);
    pthread_mutex_unlock(&table->lock);
    if (row.too_many)
        data_fail(error, "%s: the objects have more than %d different keys, or one has more than %d",
                  table->files[worker->file], CSV_COLUMNS_LIMIT, LINE_KEYS_LIMIT);
    return !row.too_many;
}

static bool jsonl_rewind(struct table *table, struct data_error *error)
{
    struct csv_reader *reader = table->reader;
    struct jsonl *jsonl = reader->jsonl;
    if (table->inferring) {
        arena_free(jsonl->arena);
        jsonl->arena = arena_new();
        jsonl->found = map_new(jsonl->arena);
    }
    return csv_rewind(table, error);
}

static int by_appearance(const void *a, const void *b)
{
    const struct found_key *const *left = a, *const *right = b;
    if ((*left)->row != (*right)->row)
        return (*left)->row < (*right)->row ? -1 : 1;
    return ((*left)->place > (*right)->place) - ((*left)->place < (*right)->place);
}

static bool jsonl_infer_end(struct table *table, struct data_error *error)
{
    struct csv_reader *reader = table->reader;
    struct jsonl *jsonl = reader->jsonl;
    size_t count = map_count(jsonl->found);
    struct found_key **keys = arena_array(jsonl->arena, count + 1, sizeof *keys);
    struct column_schema *columns = arena_array(table->arena, count + 1, sizeof *columns);
    for (size_t i = 0; i < count; i++)
        keys[i] = map_at(jsonl->found, i)->value;
    qsort(keys, count, sizeof *keys, by_appearance);
    reader->fields = count;
    reader->nulls = arena_array(table->arena, count + 1, sizeof *reader->nulls);
    jsonl->columns = map_new(table->arena);
    for (size_t i = 0; i < count; i++) {
        columns[i].name = arena_strdup(table->arena, keys[i]->name);
        map_set(jsonl->columns, columns[i].name, (void *)(uintptr_t)(i + 1));
        if (!csv_declare(table, &reader->options, &columns[i], &reader->nulls[i], error))
            return false;
        if (!columns[i].declared)
            infer_type(&keys[i]->inference, &columns[i]);
    }
    table_set_columns(table, columns, count);
    return true;
}

static void jsonl_close(struct table *table)
{
    struct csv_reader *reader = table->reader;
    arena_free(((struct jsonl *)reader->jsonl)->arena);
    csv_close(table);
}

static const struct reader_ops jsonl_ops = {
    .worker_new = csv_worker_new,
    .worker_free = csv_worker_free,
    .rewind = jsonl_rewind,
    .next = csv_next,
    .decode = jsonl_decode,
    .infer = jsonl_infer,
    .infer_end = jsonl_infer_end,
    .close = jsonl_close,
};

bool jsonl_open(struct table *table, const struct table_options *options, struct data_error *error)
{
    struct csv_reader *reader = csv_reader_new(table, options);
    reader->jsonl = arena_alloc(table->arena, sizeof(struct jsonl));
    reader->lines = true;
    reader->dialect.newline = '\n';
    reader->block_size = SAMPLE_SIZE;
    table->ops = &jsonl_ops;
    struct worker *worker = csv_worker_new(table);
    table->inferring = true;
    enum read_result got = jsonl_rewind(table, error) ? csv_next(table, worker, error) : READ_FAILED;
    bool ok = got != READ_FAILED && (got == READ_END || jsonl_infer(table, worker, error)) &&
              jsonl_infer_end(table, error);
    table->inferring = false;
    csv_worker_free(worker);
    return ok;
}
