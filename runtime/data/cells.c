#include "runtime/data/cells.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/arena.h"
#include "runtime/data/cell_parse.h"
#include "runtime/data/number.h"
#include "runtime/data/times.h"

static size_t value_width(enum column_type type)
{
    return type == COLUMN_DECIMAL ? sizeof(decimal) : type == COLUMN_BOOL ? 1 : sizeof(int64_t);
}

void column_store_free(struct column_store *store)
{
    free(store->valid);
    free(store->bad);
    free(store->values);
    free(store->starts);
    free(store->lengths);
    *store = (struct column_store){0};
}

void column_store_reserve(struct column_store *store, const struct column_schema *schema, size_t rows)
{
    size_t width = value_width(schema->type);
    if (store->capacity >= rows && store->width == width && store->valid)
        return;
    size_t capacity = rows + rows / 4 + CELLS_PADDING;
    column_store_free(store);
    store->capacity = capacity;
    store->width = width;
    store->valid = mem_calloc(capacity / 64 + 2, sizeof *store->valid);
    store->bad = mem_calloc(capacity / 64 + 2, sizeof *store->bad);
    store->values = mem_calloc(capacity + CELLS_PADDING, width);
    store->starts = mem_calloc(capacity + CELLS_PADDING, sizeof *store->starts);
    store->lengths = mem_calloc(capacity + CELLS_PADDING, sizeof *store->lengths);
}

bool csv_unquote(char *text, uint32_t *start, uint32_t *length, char quote)
{
    char *from = text + *start + 1, *end = text + *start + *length;
    (*start)++;
    char *found = memchr(from, quote, (size_t)(end - from));
    if (found == end - 1) {
        *length -= 2;
        return true;
    }
    char *to = from;
    bool inside = true, clean = true;
    while (from < end) {
        if (*from == quote && inside) {
            bool doubled = from + 1 < end && from[1] == quote;
            inside = doubled;
            from += doubled;
            if (!doubled) {
                from++;
                clean = from == end;
                continue;
            }
        }
        *to++ = *from++;
    }
    *length = (uint32_t)(to - (text + *start));
    return clean;
}

static bool is_null_word(const struct null_words *nulls, const char *text, size_t length)
{
    for (size_t i = 0; i < nulls->count; i++)
        if (nulls->lengths[i] == length && memcmp(nulls->words[i], text, length) == 0)
            return true;
    return false;
}

enum cell_state { CELL_NULL, CELL_VALUE, CELL_BAD };

/* The text between the quotes of a cell of a typed column, without blanks around it; false when it holds a
 * quote. */
static bool bare_text(const struct cells *cells, const char **text, size_t *length)
{
    const char *at = *text;
    size_t count = *length;
    if (cells->quote && count >= 2 && at[0] == cells->quote && at[count - 1] == cells->quote) {
        at++;
        count -= 2;
    }
    while (count > 0 && (*at == ' ' || *at == '\t')) {
        at++;
        count--;
    }
    while (count > 0 && (at[count - 1] == ' ' || at[count - 1] == '\t'))
        count--;
    *text = at;
    *length = count;
    return !cells->quote || !memchr(at, cells->quote, count);
}

/* What the fast path did not take: blanks, quotes, spellings of null, rare forms. */
static __attribute__((noinline)) enum cell_state decode_slowly(const struct cells *cells,
                                                               const struct column_schema *schema,
                                                               const char *text, size_t length, void *value)
{
    bool clean = bare_text(cells, &text, &length);
    if (clean && ((length == 0 && cells->quote) || is_null_word(&cells->nulls, text, length)))
        return CELL_NULL;
    return clean && cell_parse_value(schema, text, length, value) ? CELL_VALUE : CELL_BAD;
}

/* The loop that all types share; `fast` is inlined. */
static inline __attribute__((always_inline)) void
decode_loop(const struct cells *cells, const struct column_schema *schema, struct column_store *store,
            struct column *out, size_t width, bool (*fast)(const char *text, size_t length, void *value))
{
    const uint32_t *start = cells->starts, *end = cells->ends;
    const size_t stride = cells->stride, least = cells->quote ? 1 : 0;
    const char *text = cells->text;
    char *value = store->values;
    const bool words = cells->nulls.count > 0;
    uint32_t valid_count = 0, bad_count = 0;
    for (size_t base = 0; base < cells->rows; base += 64) {
        uint64_t valid = 0, bad = 0;
        size_t limit = cells->rows - base < 64 ? cells->rows - base : 64;
        for (size_t i = 0; i < limit; i++, start += stride, end += stride, value += width) {
            int32_t length = (int32_t)(*end - *start) - 1;
            if (length >= (int32_t)least && !words &&
                __builtin_expect(fast(text + *start, (size_t)length, value), 1)) {
                valid |= UINT64_C(1) << i;
                continue;
            }
            memset(value, 0, width);
            if (length < (int32_t)least)
                continue;
            enum cell_state state = decode_slowly(cells, schema, text + *start, (size_t)length, value);
            valid |= (uint64_t)(state == CELL_VALUE) << i;
            bad |= (uint64_t)(state == CELL_BAD) << i;
            if (state != CELL_VALUE)
                memset(value, 0, width);
        }
        store->valid[base / 64] = valid;
        store->bad[base / 64] = bad;
        valid_count += (uint32_t)__builtin_popcountll(valid);
        bad_count += (uint32_t)__builtin_popcountll(bad);
    }
    out->valid_count = valid_count;
    out->bad_count = bad_count;
}

static inline bool fast_int(const char *text, size_t length, void *value)
{
    return cell_fast_int(text, length, value);
}

static inline bool fast_float(const char *text, size_t length, void *value)
{
    return cell_fast_float(text, length, value);
}

static inline bool fast_bool(const char *text, size_t length, void *value)
{
    bool yes = length == 4 && memcmp(text, "true", 4) == 0;
    bool no = length == 5 && memcmp(text, "false", 5) == 0;
    *(uint8_t *)value = yes;
    return yes | no;
}

static inline bool fast_nothing(const char *text, size_t length, void *value)
{
    (void)text, (void)length, (void)value;
    return false;
}

static void decode_timestamps(const struct cells *cells, const struct column_schema *schema,
                              struct column_store *store, struct column *out);

static void decode_values(const struct cells *cells, const struct column_schema *schema,
                          struct column_store *store, struct column *out)
{
    switch (schema->type) {
    case COLUMN_INT:
        decode_loop(cells, schema, store, out, sizeof(int64_t), fast_int);
        break;
    case COLUMN_FLOAT:
        decode_loop(cells, schema, store, out, sizeof(double), fast_float);
        break;
    case COLUMN_BOOL:
        decode_loop(cells, schema, store, out, 1, fast_bool);
        break;
    case COLUMN_DECIMAL:
        decode_loop(cells, schema, store, out, sizeof(decimal), fast_nothing);
        break;
    case COLUMN_TIMESTAMP:
        decode_timestamps(cells, schema, store, out);
        break;
    default:
        decode_loop(cells, schema, store, out, sizeof(int64_t), fast_nothing);
        break;
    }
}

/* Timestamps in one file mostly look alike and are near each other: the date of the row before is kept. */
static void decode_timestamps(const struct cells *cells, const struct column_schema *schema,
                              struct column_store *store, struct column *out)
{
    const uint32_t *start = cells->starts, *end = cells->ends;
    int64_t *value = store->values;
    struct date_memory memory = {0};
    const bool words = cells->nulls.count > 0;
    uint32_t valid_count = 0, bad_count = 0;
    for (size_t base = 0; base < cells->rows; base += 64) {
        uint64_t valid = 0, bad = 0;
        size_t limit = cells->rows - base < 64 ? cells->rows - base : 64;
        for (size_t i = 0; i < limit; i++, start += cells->stride, end += cells->stride, value++) {
            int32_t length = (int32_t)(*end - *start) - 1;
            const char *text = cells->text + *start;
            if (length == 20 && !words && cell_fast_timestamp(&memory, text, schema->ticks, value)) {
                valid |= UINT64_C(1) << i;
                continue;
            }
            *value = 0;
            if (length < 0 || (length == 0 && cells->quote))
                continue;
            enum cell_state state = decode_slowly(cells, schema, text, (size_t)length, value);
            valid |= (uint64_t)(state == CELL_VALUE) << i;
            bad |= (uint64_t)(state == CELL_BAD) << i;
            if (state != CELL_VALUE)
                *value = 0;
        }
        store->valid[base / 64] = valid;
        store->bad[base / 64] = bad;
        valid_count += (uint32_t)__builtin_popcountll(valid);
        bad_count += (uint32_t)__builtin_popcountll(bad);
    }
    out->valid_count = valid_count;
    out->bad_count = bad_count;
}

/* Where the string of a cell is, unescaped in place; false for a null. */
static inline bool locate_string(const struct cells *cells, size_t at, uint32_t *start, uint32_t *length)
{
    int32_t count = (int32_t)(cells->ends[at] - cells->starts[at]) - 1;
    *start = cells->starts[at];
    *length = count < 0 ? 0 : (uint32_t)count;
    if (count < 0 || (count == 0 && cells->quote))
        return false;
    if (cells->quote && cells->text[*start] == cells->quote)
        csv_unquote(cells->text, start, length, cells->quote);
    return cells->nulls.count == 0 || !is_null_word(&cells->nulls, cells->text + *start, *length);
}

/* Strings: places only. `set_valid` is false when the column's values came before. */
static void decode_strings(const struct cells *cells, struct column_store *store, struct column *out,
                           bool set_valid)
{
    uint32_t valid_count = 0;
    for (size_t base = 0; base < cells->rows; base += 64) {
        uint64_t valid = 0;
        size_t limit = cells->rows - base < 64 ? cells->rows - base : 64;
        for (size_t i = 0; i < limit; i++) {
            uint32_t start, length;
            bool present = locate_string(cells, (base + i) * cells->stride, &start, &length);
            valid |= (uint64_t)present << i;
            store->starts[base + i] = start;
            store->lengths[base + i] = present ? length : 0;
        }
        if (set_valid)
            store->valid[base / 64] = valid;
        valid_count += (uint32_t)__builtin_popcountll(valid);
    }
    if (set_valid)
        out->valid_count = valid_count;
    out->bytes = cells->text;
    out->starts = store->starts;
    out->lengths = store->lengths;
}

/* Only which cells of a text column are null. */
static void decode_nulls(const struct cells *cells, struct column_store *store, struct column *out)
{
    const uint32_t *start = cells->starts, *end = cells->ends;
    const int32_t least = cells->quote ? 1 : 0;
    uint32_t valid_count = 0;
    for (size_t base = 0; base < cells->rows; base += 64) {
        uint64_t valid = 0;
        size_t limit = cells->rows - base < 64 ? cells->rows - base : 64;
        for (size_t i = 0; i < limit; i++, start += cells->stride, end += cells->stride)
            valid |= (uint64_t)((int32_t)(*end - *start) - 1 >= least) << i;
        store->valid[base / 64] = valid;
        valid_count += (uint32_t)__builtin_popcountll(valid);
    }
    out->valid_count = valid_count;
}

static void clear_tail(const struct cells *cells, struct column_store *store)
{
    memset((char *)store->values + cells->rows * store->width, 0, CELLS_PADDING * store->width);
    memset(store->starts + cells->rows, 0, CELLS_PADDING * sizeof *store->starts);
    memset(store->lengths + cells->rows, 0, CELLS_PADDING * sizeof *store->lengths);
}

void cells_decode(const struct cells *cells, const struct column_schema *schema, unsigned needs,
                  struct column_store *store, struct column *out)
{
    *out = (struct column){.needs = (uint8_t)needs};
    if (needs == NEED_NOTHING)
        return;
    column_store_reserve(store, schema, cells->rows);
    clear_tail(cells, store);
    out->valid = store->valid;
    bool text = schema->type == COLUMN_STRING;
    if (text && cells->nulls.count == 0 && needs == NEED_NULLS) {
        decode_nulls(cells, store, out);
        return;
    }
    if (!text)
        decode_values(cells, schema, store, out);
    if (text || (needs & NEED_TEXT & ~NEED_NULLS))
        decode_strings(cells, store, out, text);
    if (!text)
        out->ints = store->values;
    out->bad = out->bad_count ? store->bad : NULL;
}

void cells_infer(const struct cells *cells, struct inference *inference)
{
    for (size_t row = 0; row < cells->rows; row++) {
        size_t at = row * cells->stride;
        int32_t length = (int32_t)(cells->ends[at] - cells->starts[at]) - 1;
        if (length < 0 || (length == 0 && cells->quote))
            continue;
        const char *text = cells->text + cells->starts[at];
        size_t count = (size_t)length;
        bool quoted = cells->quote && text[0] == cells->quote;
        bool clean = bare_text(cells, &text, &count);
        if (clean && is_null_word(&cells->nulls, text, count))
            continue;
        if (quoted && count == 0) /* null in a typed column, the empty string in a column of strings */
            continue;
        infer_text(inference, clean ? text : "\"", clean ? count : 1);
    }
}

void cells_text(const struct cells *cells, size_t row, char *out, size_t size)
{
    size_t at = row * cells->stride;
    int32_t length = (int32_t)(cells->ends[at] - cells->starts[at]) - 1;
    size_t count = length < 0 ? 0 : (size_t)length;
    if (count > size - 1)
        count = size - 1;
    memcpy(out, cells->text + cells->starts[at], count);
    out[count] = 0;
}
