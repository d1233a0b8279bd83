/* Which part a row belongs to. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "core/hash.h"
#include "runtime/parts_private.h"

/* A row of a `by = time` split: sorted by time, then by place in the files. */
struct moment {
    int64_t time;
    uint64_t row;
};

struct assigning {
    struct splitting *splitting;
    struct table *table;
    int column; /* -1: all */
    struct buf key;
    struct moment *moments;
    uint64_t moment_count, moment_capacity;
};

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

bool parts_fail(struct splitting *splitting, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!splitting->failed)
        vsnprintf(splitting->error->text, sizeof splitting->error->text, format, args);
    va_end(args);
    for (char *at = splitting->error->text; *at; at++) /* texts of the data may stand in it */
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    splitting->failed = true;
    return false;
}

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

static size_t part_of_key(const struct parts_request *request, const char *key, size_t length)
{
    return part_at(request, parts_place(request->model, key, length));
}

/* --- one pass */

struct pass {
    void *context;
    void (*chunk)(void *context, const struct chunk *chunk);
    bool settled, widened;
};

static void *pass_start(void *context)
{
    return context;
}

static void pass_chunk(void *state, const struct chunk *chunk)
{
    struct pass *pass = state;
    if (!pass->widened)
        pass->chunk(pass->context, chunk);
}

static void pass_discard(void *context, void *state)
{
    struct pass *pass = context;
    (void)state;
    pass->widened = pass->settled;
}

bool parts_scan(struct splitting *splitting, struct table *table, void *context,
                void (*chunk)(void *context, const struct chunk *chunk), bool settled)
{
    struct pass pass = {context, chunk, settled, false};
    struct scan_hooks hooks = {&pass, pass_start, pass_chunk, pass_discard};
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    struct data_error error;
    if (!table_scan(table, 1, &hooks, states, &count, &error))
        return parts_fail(splitting, "%s", error.message);
    if (pass.widened)
        return parts_fail(splitting, "the data changed while it was read");
    return !splitting->failed;
}

bool parts_refuse_ragged(struct splitting *splitting, const struct table *table)
{
    static const struct {
        enum table_finding_kind kind;
        const char *what, *fix;
    } refused[] = {
        {FINDING_FEW_FIELDS, "has too few fields", "; complete the row"},
        {FINDING_MANY_FIELDS, "has too many fields", "; quote the field that holds a delimiter"},
        {FINDING_BAD_LINE, "is no JSON object", ""},
    };
    const struct table_findings *findings = table_findings(table);
    const struct table_finding *first = NULL;
    size_t files, which = 0;
    const char *const *names = table_files(table, &files);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct table_finding *found = &findings->kept[refused[i].kind][0];
        bool earlier = first == NULL || found->file < first->file ||
                       (found->file == first->file && found->row < first->row);
        if (findings->counts[refused[i].kind] > 0 && earlier) {
            first = found;
            which = i;
        }
    }
    if (first == NULL)
        return true;
    return parts_fail(splitting,
                      "%s: row %llu (at byte %llu) %s%s%.80s: a part would not hold what it holds%s",
                      names[first->file], (unsigned long long)first->row, (unsigned long long)first->byte,
                      refused[which].what, first->text[0] ? ": " : "", first->text, refused[which].fix);
}

/* --- assigning */

static void set_part(struct splitting *splitting, uint64_t row, size_t part)
{
    if (row >= splitting->row_capacity) {
        splitting->row_capacity = row * 2 + 4096;
        splitting->part_of_row = mem_realloc(splitting->part_of_row, splitting->row_capacity);
    }
    splitting->part_of_row[row] = (uint8_t)part;
    if (row >= splitting->rows)
        splitting->rows = row + 1;
}

static void no_chunk(void *context, const struct chunk *chunk)
{
    (void)context;
    (void)chunk;
}

static void assign_by_line(void *context, const char *text, size_t length)
{
    struct splitting *splitting = context;
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t' || text[length - 1] == '\r'))
        length--;
    set_part(splitting, splitting->rows, part_of_key(splitting->request, text, length));
}

/* Rows of JSON Lines by their lines; the scan finds those that are no objects. */
static bool assign_lines(struct splitting *splitting, struct table *table)
{
    return parts_scan(splitting, table, NULL, no_chunk, false) &&
           parts_each_line(splitting, table, splitting, assign_by_line);
}

/* By the text of the key's cell, or of all cells. */
static void assign_by_key(void *context, const struct chunk *chunk)
{
    struct assigning *assigning = context;
    struct splitting *splitting = assigning->splitting;
    size_t count = table_schema(assigning->table)->count;
    size_t first = assigning->column < 0 ? 0 : (size_t)assigning->column;
    size_t last = assigning->column < 0 ? count : first + 1;
    for (uint32_t row = 0; row < chunk->rows; row++) {
        buf_clear(&assigning->key);
        for (size_t i = first; i < last; i++) {
            const struct column *column = &chunk->columns[i];
            if (i > first)
                buf_add_char(&assigning->key, '\x1f');
            buf_add(&assigning->key, column->bytes + column->starts[row], column->lengths[row]);
        }
        set_part(splitting, chunk->first_row + row,
                 part_of_key(splitting->request, buf_str(&assigning->key), assigning->key.length));
    }
}

static void refuse_moment(struct assigning *assigning, const struct chunk *chunk, uint32_t row)
{
    size_t files;
    const struct column *column = &chunk->columns[assigning->column];
    bool bad = column_is_bad(column, row);
    parts_fail(
        assigning->splitting, "%s: row %llu has %s in `%s`%s%.*s: every row needs one to be split by time",
        table_files(assigning->table, &files)[chunk->file], (unsigned long long)(chunk->file_row + row + 1),
        bad ? "no readable time" : "no time", assigning->splitting->request->column, bad ? ", but " : "",
        bad ? (int)(column->lengths[row] < 60 ? column->lengths[row] : 60) : 0,
        bad ? column->bytes + column->starts[row] : "");
}

static void collect_moments(void *context, const struct chunk *chunk)
{
    struct assigning *assigning = context;
    const struct column *column = &chunk->columns[assigning->column];
    if (chunk->index == 0) /* a pass that began again */
        assigning->moment_count = 0;
    for (uint32_t row = 0; row < chunk->rows && !assigning->splitting->failed; row++) {
        if (!column_is_valid(column, row)) {
            refuse_moment(assigning, chunk, row);
            return;
        }
        if (assigning->moment_count == assigning->moment_capacity) {
            assigning->moment_capacity = assigning->moment_capacity * 2 + 1024;
            assigning->moments =
                mem_realloc(assigning->moments, assigning->moment_capacity * sizeof *assigning->moments);
        }
        assigning->moments[assigning->moment_count++] =
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
static bool cut_spans(struct assigning *assigning, const struct column_schema *column)
{
    const struct parts_request *request = assigning->splitting->request;
    uint64_t left = assigning->moment_count;
    for (uint64_t i = 0; i < left; i++)
        set_part(assigning->splitting, i, request->count);
    if (left == 0)
        return true;
    int64_t end = assigning->moments[left - 1].time;
    for (size_t k = request->count; k > 0; k--) {
        const struct part *part = &request->parts[k - 1];
        if (part->span_us == 0 && !part->rest)
            return parts_fail(
                assigning->splitting,
                "the part `%s` is a share, the others are spans of time: use one of them for all",
                part->name);
        double ticks = column->type == COLUMN_DATE ? 1.0 / 86400 : (double)column->ticks;
        int64_t start = part->rest ? INT64_MIN : end - (int64_t)((double)part->span_us * ticks / 1e6);
        for (; left > 0 && assigning->moments[left - 1].time > start; left--)
            set_part(assigning->splitting, assigning->moments[left - 1].row, k - 1);
        end = start;
    }
    return true;
}

static bool assign_by_time(struct assigning *assigning)
{
    struct splitting *splitting = assigning->splitting;
    const struct column_schema *column = &table_schema(assigning->table)->columns[assigning->column];
    table_need(assigning->table, (size_t)assigning->column, NEED_VALUES | NEED_TEXT);
    if (column->type != COLUMN_TIMESTAMP && column->type != COLUMN_DATE)
        return parts_fail(splitting,
                          "`%s` holds no times that mlc reads: a split by time needs a timestamp or a date",
                          splitting->request->column);
    if (!parts_scan(splitting, assigning->table, assigning, collect_moments, false))
        return false;
    uint64_t count = assigning->moment_count;
    if (count > 0)
        qsort(assigning->moments, count, sizeof *assigning->moments, by_time);
    if (has_spans(splitting->request))
        return cut_spans(assigning, column);
    for (uint64_t i = 0; i < count; i++)
        set_part(splitting, assigning->moments[i].row,
                 part_at(splitting->request, ((double)i + 0.5) / (double)count));
    return true;
}

bool parts_assign(struct splitting *splitting, struct table *table)
{
    const struct parts_request *request = splitting->request;
    struct assigning assigning = {.splitting = splitting, .table = table, .column = -1};
    const struct table_schema *schema = table_schema(table);
    if (request->by != PARTS_BY_ROW) {
        assigning.column = schema_find(schema, request->column);
        if (assigning.column < 0)
            return parts_fail(splitting, "the data has no column `%s` to split by", request->column);
    }
    bool ok;
    if (request->by == PARTS_BY_TIME) {
        ok = assign_by_time(&assigning);
    } else if (request->by == PARTS_BY_ROW && table_format(table) == FORMAT_JSONL) {
        ok = assign_lines(splitting, table);
    } else {
        for (size_t i = 0; i < schema->count; i++)
            if (assigning.column < 0 || (size_t)assigning.column == i)
                table_need(table, i, NEED_TEXT);
        ok = parts_scan(splitting, table, &assigning, assign_by_key, false);
    }
    free(assigning.moments);
    buf_free(&assigning.key);
    table_need_nothing(table);
    return ok && parts_refuse_ragged(splitting, table);
}
