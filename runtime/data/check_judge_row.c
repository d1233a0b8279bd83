#include "runtime/data/check_engine.h"

#include <stdlib.h>
#include <string.h>

/* Judges of several columns of a row. */

/* Drops the rows that the ignore rule leaves out. */
static void apply_ignore(const struct prepared *check, const struct chunk *chunk, uint64_t *judged)
{
    enum check_ignore rule = check->check->ignore;
    if (rule == CHECK_IGNORE_NEVER)
        return;
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++) {
        uint64_t any = 0, all = ~0ull;
        for (size_t i = 0; i < check->column_count; i++) {
            const struct column *column = &chunk->columns[check->columns[i]];
            uint64_t present = column->valid[w] | (column->bad ? column->bad[w] : 0);
            any |= ~present;
            all &= ~present;
        }
        judged[w] &= rule == CHECK_IGNORE_ANY_MISSING ? ~any : ~all;
    }
}

/* Whether a row is good. */
typedef bool row_fn(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                    uint32_t row);

static void judge_rows(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                       uint64_t *judged, uint64_t *unexpected, row_fn *good)
{
    apply_ignore(check, chunk, judged);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        for (uint64_t rest = judged[w]; rest; rest &= rest - 1)
            if (!good(check, scratch, chunk, (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(rest)))
                unexpected[w] |= rest & -rest;
}

static const struct column *column_at(const struct prepared *check, const struct chunk *chunk, size_t index)
{
    return &chunk->columns[check->columns[index]];
}

static const struct column_schema *schema_at(const struct prepared *check, size_t index)
{
    return &check->schemas[check->columns[index]];
}

static struct cell cell_at(const struct prepared *check, const struct chunk *chunk, size_t index,
                           uint32_t row)
{
    const struct column *column = column_at(check, chunk, index);
    struct cell cell = {.type = COLUMN_NULL};
    if (column_is_bad(column, row) && column->lengths) {
        cell.type = COLUMN_STRING;
        cell.text = column->bytes + column->starts[row];
        cell.length = column->lengths[row];
        return cell;
    }
    return column_cell(schema_at(check, index), column, row);
}

static bool is_null(const struct prepared *check, const struct chunk *chunk, size_t index, uint32_t row)
{
    const struct column *column = column_at(check, chunk, index);
    return !column_is_valid(column, row) && !column_is_bad(column, row);
}

static bool is_number_type(enum column_type type)
{
    return column_type_is_number(type) || type == COLUMN_BOOL || type == COLUMN_NULL;
}

static int order_of(decimal a, decimal b)
{
    return (a > b) - (a < b);
}

/* Integers over powers of ten: what would be too large with more digits is the larger one. */
static int compare_units(decimal a, unsigned scale_a, decimal b, unsigned scale_b)
{
    decimal scaled;
    if (scale_a > scale_b)
        return -compare_units(b, scale_b, a, scale_a);
    for (; scale_a < scale_b; scale_a++, a = scaled)
        if (__builtin_mul_overflow(a, (decimal)10, &scaled))
            return a < 0 ? -1 : 1;
    return order_of(a, b);
}

/* A whole number and a double, which may have no room for it. */
static int compare_whole(decimal a, double b)
{
    if (b >= 0x1p127 || b < -0x1p127)
        return b > 0 ? -1 : 1;
    decimal whole = (decimal)b;
    return a != whole ? order_of(a, whole) : -((b > (double)whole) - (b < (double)whole));
}

/* Numbers, or moments of one type. */
static int compare_unlike(const struct column_schema *left, struct cell a, const struct column_schema *right,
                          struct cell b)
{
    decimal x, y;
    unsigned scale_x, scale_y;
    bool exact_x = cell_units(left, a, &x, &scale_x), exact_y = cell_units(right, b, &y, &scale_y);
    if (exact_x && exact_y)
        return compare_units(x, scale_x, y, scale_y);
    if (exact_x && scale_x == 0)
        return compare_whole(x, b.number);
    if (exact_y && scale_y == 0)
        return -compare_whole(y, a.number);
    double p = cell_number(left, a), q = cell_number(right, b);
    return (p > q) - (p < q);
}

static bool is_nan(struct cell cell)
{
    return cell.type == COLUMN_FLOAT && cell.number != cell.number;
}

/* Order of a row's cells in two of the columns; false when they cannot be compared. */
static bool compare_cells(const struct prepared *check, const struct chunk *chunk, size_t left, size_t right,
                          uint32_t row, int *order)
{
    struct cell a = cell_at(check, chunk, left, row), b = cell_at(check, chunk, right, row);
    if (a.type == COLUMN_NULL || b.type == COLUMN_NULL || is_nan(a) || is_nan(b))
        return false;
    if (is_number_type(a.type) ? !is_number_type(b.type) : a.type != b.type)
        return false;
    bool same = a.type == b.type && (a.type == COLUMN_STRING || a.type == COLUMN_FLOAT);
    *order =
        same ? cell_compare(a, b) : compare_unlike(schema_at(check, left), a, schema_at(check, right), b);
    return true;
}

static bool cells_equal(const struct prepared *check, const struct chunk *chunk, size_t a, size_t b,
                        uint32_t row)
{
    int order;
    return compare_cells(check, chunk, a, b, row, &order) && order == 0;
}

static bool pair_is_equal(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                          uint32_t row)
{
    (void)scratch;
    return cells_equal(check, chunk, 0, 1, row);
}

/* Missing is like missing, and unlike all else. */
static bool row_is_equal(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                         uint32_t row)
{
    (void)scratch;
    bool null = is_null(check, chunk, 0, row);
    for (size_t i = 1; i < check->column_count; i++)
        if (null ? !is_null(check, chunk, i, row) : !cells_equal(check, chunk, 0, i, row))
            return false;
    return true;
}

static bool pair_is_greater(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                            uint32_t row)
{
    (void)scratch;
    int order;
    return compare_cells(check, chunk, 0, 1, row, &order) &&
           (order > 0 || (check->check->or_equal && order == 0));
}

static void row_key(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                    uint32_t row)
{
    buf_clear(&scratch->key);
    for (size_t i = 0; i < check->column_count; i++)
        key_add(&scratch->key, schema_at(check, i), column_at(check, chunk, i), row);
}

/* `detail`: a map whose keys are the allowed pairs, or the keys of another table. */
static bool key_is_known(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                         uint32_t row)
{
    row_key(check, scratch, chunk, row);
    return map_get_n(check->detail, buf_str(&scratch->key), scratch->key.length) != NULL;
}

/* The key by which the cells of a row are compared: true is 1. */
static void cell_key(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                     size_t i, uint32_t row)
{
    const struct column_schema *schema = schema_at(check, i);
    const struct column *column = column_at(check, chunk, i);
    if (schema->type == COLUMN_BOOL && column_is_valid(column, row))
        key_add_cell(&scratch->key, schema, (struct cell){.type = COLUMN_INT, .integer = column->bools[row]});
    else
        key_add(&scratch->key, schema, column, row);
}

static bool row_is_unique(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                          uint32_t row)
{
    size_t starts[CHECK_COLUMNS_LIMIT + 1];
    buf_clear(&scratch->key);
    for (size_t i = 0; i < check->column_count; i++) {
        starts[i] = scratch->key.length;
        if (!is_null(check, chunk, i, row))
            cell_key(check, scratch, chunk, i, row);
        starts[i + 1] = scratch->key.length;
        for (size_t j = 0; j < i; j++) {
            size_t length = starts[j + 1] - starts[j];
            if (length == starts[i + 1] - starts[i] &&
                memcmp(buf_str(&scratch->key) + starts[j], buf_str(&scratch->key) + starts[i], length) == 0)
                return false;
        }
    }
    return true;
}

/* Compared exactly, as doubles are added from left to right. */
static bool sum_is_equal(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                         uint32_t row)
{
    (void)scratch;
    double sum = 0;
    for (size_t i = 0; i < check->column_count; i++) {
        if (!column_is_valid(column_at(check, chunk, i), row))
            return false;
        sum += cell_number(schema_at(check, i),
                           column_cell(schema_at(check, i), column_at(check, chunk, i), row));
    }
    return sum == check->range.float_low;
}

#define ROW_JUDGE(name, test)                                                                                \
    static void name(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,       \
                     uint64_t *judged, uint64_t *unexpected)                                                 \
    {                                                                                                        \
        judge_rows(check, scratch, chunk, judged, unexpected, test);                                         \
    }
ROW_JUDGE(judge_pair_equal, pair_is_equal)
ROW_JUDGE(judge_pair_greater, pair_is_greater)
ROW_JUDGE(judge_known_key, key_is_known)
ROW_JUDGE(judge_unique_in_row, row_is_unique)
ROW_JUDGE(judge_equal_in_row, row_is_equal)
ROW_JUDGE(judge_sum, sum_is_equal)
#undef ROW_JUDGE

static void judge_satisfies(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                            uint64_t *judged, uint64_t *unexpected)
{
    condition_test(check->condition, scratch->condition, chunk, scratch->words[2]);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        unexpected[w] = judged[w] & ~scratch->words[2][w];
}

/* Duplicates of a second pass: `detail` is a map of the keys that occur more than once. */
void judge_duplicates(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                      uint64_t *judged, uint64_t *unexpected)
{
    apply_ignore(check, chunk, judged);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        for (uint64_t rest = judged[w]; rest; rest &= rest - 1)
            if (key_is_known(check, scratch, chunk, (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(rest)))
                unexpected[w] |= rest & -rest;
}

/* --- preparation --- */

static void prepare_pairs(struct plan *plan, struct prepared *prepared)
{
    const struct value *pairs = prepared->check->set;
    struct map *known = map_new(plan->arena);
    struct buf key = {0};
    prepared->judge = judge_known_key;
    prepared->detail = known;
    if (!pairs || pairs->kind != VALUE_LIST)
        prepared->error = "a list of pairs is required";
    for (size_t i = 0; !prepared->error && i < pairs->count; i++) {
        const struct value *pair = pairs->items[i];
        if (pair->kind != VALUE_LIST || pair->count != prepared->column_count) {
            prepared->error = "each pair must have two values";
            break;
        }
        buf_clear(&key);
        bool fits = true;
        for (size_t j = 0; j < pair->count && fits; j++) {
            struct cell cell = {.type = COLUMN_NULL};
            const struct value *item = pair->items[j];
            fits = item->kind == VALUE_NULL || !typed_cell(plan->arena, schema_at(prepared, j), item, &cell);
            if (!fits && item->kind == VALUE_STRING) { /* of another type, as a text of the column may be */
                key_add_bad(&key, item->text, item->length);
                fits = true;
            } else {
                key_add_cell(&key, schema_at(prepared, j), cell);
            }
        }
        if (fits)
            map_set_n(known, buf_str(&key), key.length, known);
    }
    buf_free(&key);
}

struct key_reader {
    struct arena *arena;
    struct map *known;
    const struct table_schema *schema;
    const int *columns;
    size_t count;
};

static void *keys_start(void *context)
{
    return context;
}

static void keys_chunk(void *state, const struct chunk *chunk)
{
    struct key_reader *reader = state;
    struct buf key = {0};
    for (size_t row = 0; row < chunk->rows; row++) {
        buf_clear(&key);
        for (size_t i = 0; i < reader->count; i++)
            key_add(&key, &reader->schema->columns[reader->columns[i]], &chunk->columns[reader->columns[i]],
                    row);
        map_set_n(reader->known, buf_str(&key), key.length, reader->known);
    }
    buf_free(&key);
}

static void keys_discard(void *context, void *state)
{
    (void)state;
    struct key_reader *reader = context;
    reader->known = map_new(reader->arena);
}

static const char *read_keys(struct plan *plan, struct prepared *prepared, struct table *table)
{
    const struct check *check = prepared->check;
    const struct table_schema *schema = table_schema(table);
    int columns[CHECK_COLUMNS_LIMIT];
    table_need_nothing(table);
    for (size_t i = 0; i < prepared->column_count; i++) {
        const char *name = check->other_columns ? check->other_columns[i] : check->columns[i];
        columns[i] = schema_find(schema, name);
        if (columns[i] < 0)
            return arena_printf(plan->arena, "data set \"%s\" has no column \"%s\"", check->other, name);
        const char *unlike =
            columns_unlike(plan, schema_at(prepared, i), &schema->columns[columns[i]], check->other);
        if (unlike)
            return unlike;
        table_need(table, (size_t)columns[i], NEED_VALUES);
    }
    struct key_reader reader = {plan->arena, map_new(plan->arena), schema, columns, prepared->column_count};
    struct scan_hooks hooks = {&reader, keys_start, keys_chunk, keys_discard};
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    struct data_error error;
    if (!table_scan(table, 1, &hooks, states, &count, &error))
        return arena_strdup(plan->arena, error.message);
    prepared->detail = reader.known;
    return NULL;
}

static void prepare_exists(struct plan *plan, struct prepared *prepared)
{
    const struct check_other *other = plan_other(plan, prepared->check->other);
    prepared->judge = judge_known_key;
    if (!other || !other->table)
        prepared->error = arena_printf(plan->arena, "the data set \"%s\" was not given",
                                       prepared->check->other ? prepared->check->other : "");
    else
        prepared->error = read_keys(plan, prepared, other->table);
}

static void prepare_sum(struct plan *plan, struct prepared *prepared)
{
    const struct value *sum = prepared->check->min;
    prepared->judge = judge_sum;
    if (!sum || (sum->kind != VALUE_INT && sum->kind != VALUE_FLOAT)) {
        prepared->error = "the sum must be a number";
        return;
    }
    prepared->range.float_low = sum->kind == VALUE_INT ? (double)sum->integer : sum->number;
    for (size_t i = 0; i < prepared->column_count; i++)
        if (!is_number_type(schema_at(prepared, i)->type))
            prepared->error =
                arena_printf(plan->arena, "column \"%s\" holds no numbers", schema_at(prepared, i)->name);
}

/* A time with a zone and one without have no order that everybody would agree on, a date and a time neither.
 */
static void refuse_moments(struct plan *plan, struct prepared *prepared)
{
    const struct column_schema *a = schema_at(prepared, 0);
    char left[32], right[32];
    for (size_t i = 1; i < prepared->column_count; i++) {
        const struct column_schema *b = schema_at(prepared, i);
        if (a->type == COLUMN_TIMESTAMP && b->type == COLUMN_TIMESTAMP && a->zoned != b->zoned)
            prepared->error = arena_printf(
                plan->arena,
                "column \"%s\" has a time zone and column \"%s\" has none: the two cannot be compared",
                (a->zoned ? a : b)->name, (a->zoned ? b : a)->name);
        if (column_type_is_time(a->type) && column_type_is_time(b->type) && a->type != b->type)
            prepared->error = arena_printf(
                plan->arena, "column \"%s\" holds %s and column \"%s\" %s: the two cannot be compared",
                a->name, column_type_name(a, left), b->name, column_type_name(b, right));
    }
}

/* Numbers, texts and times have no order between them. */
static void refuse_unlike(struct plan *plan, struct prepared *prepared)
{
    const struct column_schema *a = schema_at(prepared, 0), *b = schema_at(prepared, 1);
    char left[32], right[32];
    bool alike = is_number_type(a->type) == is_number_type(b->type) &&
                 (a->type == COLUMN_STRING) == (b->type == COLUMN_STRING);
    if (!prepared->error && a->type != COLUMN_NULL && b->type != COLUMN_NULL && !alike)
        prepared->error =
            arena_printf(plan->arena, "column \"%s\" holds %s and column \"%s\" %s: neither is greater",
                         a->name, column_type_name(a, left), b->name, column_type_name(b, right));
}

void prepare_row_judge(struct plan *plan, struct prepared *prepared)
{
    /* whether cells are equal can be told whatever their types */
    prepared->accept_bad =
        prepared->check->kind != CHECK_PAIR_GREATER && prepared->check->kind != CHECK_SUM_EQUAL;
    switch (prepared->check->kind) {
    case CHECK_PAIR_EQUAL:
        prepared->judge = judge_pair_equal;
        refuse_moments(plan, prepared);
        return;
    case CHECK_PAIR_GREATER:
        prepared->judge = judge_pair_greater;
        refuse_moments(plan, prepared);
        refuse_unlike(plan, prepared);
        return;
    case CHECK_PAIR_IN_SET:
        prepare_pairs(plan, prepared);
        return;
    case CHECK_UNIQUE_IN_ROW:
        prepared->judge = judge_unique_in_row;
        return;
    case CHECK_EQUAL_IN_ROW:
        prepared->judge = judge_equal_in_row;
        refuse_moments(plan, prepared);
        return;
    case CHECK_SUM_EQUAL:
        prepare_sum(plan, prepared);
        return;
    case CHECK_EXISTS_IN:
        prepare_exists(plan, prepared);
        return;
    case CHECK_SATISFIES:
        prepared->judge = judge_satisfies;
        if (!prepared->check->satisfies)
            prepared->error = "a condition is required";
        else
            prepared->condition =
                condition_prepare(plan->arena, plan->schema, prepared->check->satisfies, &prepared->error);
        return;
    default:
        prepared->judge = judge_duplicates;
        return;
    }
}
