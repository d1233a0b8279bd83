/* Rows of which compiled conditions are true. */

#include "runtime/data/condition_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct condition_scratch {
    uint64_t **bits;
    double **numbers;
    uint64_t **present;
    size_t count, capacity;
    size_t rows;
};

struct condition_scratch *condition_scratch_new(void)
{
    return mem_calloc(1, sizeof(struct condition_scratch));
}

static void scratch_release(struct condition_scratch *scratch)
{
    for (size_t i = 0; i < scratch->capacity; i++) {
        free(scratch->bits[i]);
        free(scratch->numbers[i]);
        free(scratch->present[i]);
    }
    free(scratch->bits);
    free(scratch->numbers);
    free(scratch->present);
    memset(scratch, 0, sizeof *scratch);
}

void condition_scratch_free(struct condition_scratch *scratch)
{
    if (!scratch)
        return;
    scratch_release(scratch);
    free(scratch);
}

/* Borrows a slot (bits, numbers, present) until scratch->count is put back. */
static size_t borrow(struct condition_scratch *scratch)
{
    if (scratch->count == scratch->capacity) {
        size_t capacity = scratch->capacity + 1, padded = bitmap_words(scratch->rows) * 64;
        scratch->bits = mem_realloc(scratch->bits, capacity * sizeof *scratch->bits);
        scratch->numbers = mem_realloc(scratch->numbers, capacity * sizeof *scratch->numbers);
        scratch->present = mem_realloc(scratch->present, capacity * sizeof *scratch->present);
        scratch->bits[scratch->capacity] = mem_alloc(padded / 8 + 8);
        scratch->numbers[scratch->capacity] = mem_alloc(padded * sizeof(double) + 8);
        scratch->present[scratch->capacity] = mem_alloc(padded / 8 + 8);
        scratch->capacity = capacity;
    }
    return scratch->count++;
}

static void keep_rows(uint64_t *bits, size_t rows)
{
    if (rows & 63)
        bits[rows >> 6] &= (1ull << (rows & 63)) - 1;
}

static void numbers_of_column(const struct column_schema *schema, const struct column *column, size_t rows,
                              double *out, uint64_t *present)
{
    for (size_t i = 0; i < rows; i++)
        out[i] = column_is_valid(column, i) ? cell_number(schema, column_cell(schema, column, i)) : NAN;
    memcpy(present, column->valid, bitmap_words(rows) * 8);
}

/* As Python computes: `//` rounds down, and `%` has the sign of the divisor. */
static double combined(const char *name, double a, double b)
{
    switch (name[0]) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return name[1] ? pow(a, b) : a * b;
    case '%': {
        double rest = fmod(a, b);
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    default:
        return name[1] ? floor(a / b) : a / b;
    }
}

static void combine(const char *name, double *left, const double *right, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        left[i] = combined(name, left[i], right[i]);
}

static size_t evaluate_numbers(const struct table_schema *schema, struct condition_scratch *scratch,
                               const struct expr *expr, const struct chunk *chunk)
{
    size_t slot = borrow(scratch), words = bitmap_words(chunk->rows);
    if (condition_is_column(expr)) {
        int at = schema_find(schema, expr->name);
        numbers_of_column(&schema->columns[at], &chunk->columns[at], chunk->rows, scratch->numbers[slot],
                          scratch->present[slot]);
        return slot;
    }
    if (expr->kind == EXPR_LITERAL) {
        const struct value *value = expr->value;
        double number = value->kind == VALUE_INT    ? (double)value->integer
                        : value->kind == VALUE_BOOL ? (double)value->boolean
                        : value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT ? value->number / 100
                                                                                       : value->number;
        for (size_t i = 0; i < chunk->rows; i++)
            scratch->numbers[slot][i] = number;
        memset(scratch->present[slot], 0xFF, words * 8);
        return slot;
    }
    size_t left = evaluate_numbers(schema, scratch, expr->args[0], chunk);
    memcpy(scratch->numbers[slot], scratch->numbers[left], chunk->rows * sizeof(double));
    memcpy(scratch->present[slot], scratch->present[left], words * 8);
    if (expr->arg_count == 1) {
        for (size_t i = 0; i < chunk->rows; i++)
            scratch->numbers[slot][i] = -scratch->numbers[slot][i];
    } else {
        size_t right = evaluate_numbers(schema, scratch, expr->args[1], chunk);
        combine(expr->name, scratch->numbers[slot], scratch->numbers[right], chunk->rows);
        for (size_t w = 0; w < words; w++)
            scratch->present[slot][w] &= scratch->present[right][w];
    }
    scratch->count = slot + 1;
    return slot;
}

static bool decide(enum compare compare, int order)
{
    switch (compare) {
    case COMPARE_EQUAL:
        return order == 0;
    case COMPARE_NOT_EQUAL:
        return order != 0;
    case COMPARE_LESS:
        return order < 0;
    case COMPARE_LESS_EQUAL:
        return order <= 0;
    case COMPARE_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool decide_missing(enum compare compare, bool left, bool right)
{
    return compare == COMPARE_NOT_EQUAL && (left || right);
}

static bool compare_doubles(enum compare compare, double x, double y)
{
    return isnan(x) || isnan(y) ? compare == COMPARE_NOT_EQUAL : decide(compare, (x > y) - (x < y));
}

static void test_compare(const struct condition *c, struct condition_scratch *scratch,
                         const struct chunk *chunk, uint64_t *holds)
{
    size_t mark = scratch->count;
    size_t a = evaluate_numbers(c->table, scratch, c->number_left, chunk);
    size_t b = evaluate_numbers(c->table, scratch, c->number_right, chunk);
    const double *x = scratch->numbers[a], *y = scratch->numbers[b];
    memset(holds, 0, bitmap_words(chunk->rows) * 8);
    for (size_t i = 0; i < chunk->rows; i++) {
        bool has_x = scratch->present[a][i >> 6] >> (i & 63) & 1,
             has_y = scratch->present[b][i >> 6] >> (i & 63) & 1;
        bool yes = has_x && has_y ? compare_doubles(c->compare, x[i], y[i])
                                  : decide_missing(c->compare, has_x, has_y);
        holds[i >> 6] |= (uint64_t)yes << (i & 63);
    }
    scratch->count = mark;
}

/* Without rounding; a row whose numbers are too large for that is computed in doubles. */
static void test_exact(const struct condition *c, struct condition_scratch *scratch,
                       const struct chunk *chunk, uint64_t *holds)
{
    size_t mark = scratch->count;
    const uint64_t *rounded = NULL;
    memset(holds, 0, bitmap_words(chunk->rows) * 8);
    for (size_t i = 0; i < chunk->rows; i++) {
        bool left, right;
        enum exact_answer answer = exact_compare(c->exact_left, c->exact_right, chunk, i, &left, &right);
        if (answer == EXACT_TOO_LARGE && !rounded) {
            size_t slot = borrow(scratch);
            uint64_t *bits = scratch->bits[slot];
            test_compare(c, scratch, chunk, bits);
            rounded = bits;
        }
        bool yes = answer == EXACT_TOO_LARGE ? rounded[i >> 6] >> (i & 63) & 1
                   : answer == EXACT_MISSING ? decide_missing(c->compare, left, right)
                                             : decide(c->compare, (int)answer - EXACT_EQUAL);
        holds[i >> 6] |= (uint64_t)yes << (i & 63);
    }
    scratch->count = mark;
}

static void test_cells(const struct condition *c, const struct chunk *chunk, uint64_t *holds)
{
    const struct column *a = &chunk->columns[c->column], *b = &chunk->columns[c->other];
    const struct column_schema *schema = &c->schema;
    memset(holds, 0, bitmap_words(chunk->rows) * 8);
    for (size_t i = 0; i < chunk->rows; i++) {
        bool has_a = column_is_valid(a, i), has_b = column_is_valid(b, i), yes;
        if (!has_a || !has_b)
            yes = decide_missing(c->compare, has_a, has_b);
        else
            yes = decide(c->compare, cell_compare(column_cell(schema, a, i), column_cell(schema, b, i)));
        holds[i >> 6] |= (uint64_t)yes << (i & 63);
    }
}

static void test_member(const struct condition *c, const struct chunk *chunk, uint64_t *holds)
{
    const struct column *column = &chunk->columns[c->column];
    typed_set_test(c->set, column, chunk->rows, holds);
    for (size_t i = 0; column->bad && column->lengths && i < chunk->rows; i++) {
        struct cell cell = {.type = COLUMN_STRING};
        if (!column_is_bad(column, i))
            continue;
        cell.text = column->bytes + column->starts[i];
        cell.length = column->lengths[i];
        if (typed_set_has(c->bad_texts, cell))
            holds[i >> 6] |= 1ull << (i & 63);
    }
}

static void negate(uint64_t *bits, size_t rows)
{
    for (size_t w = 0, words = bitmap_words(rows); w < words; w++)
        bits[w] = ~bits[w];
    keep_rows(bits, rows);
}

static void test_null(const struct condition *c, const struct chunk *chunk, uint64_t *holds)
{
    const struct column *column = &chunk->columns[c->column];
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        holds[w] = ~(column->valid[w] | (column->bad ? column->bad[w] : 0));
    keep_rows(holds, chunk->rows);
}

static void test_logic(const struct condition *c, struct condition_scratch *scratch,
                       const struct chunk *chunk, uint64_t *holds)
{
    condition_test(c->left, scratch, chunk, holds);
    if (c->kind == NODE_NOT) {
        negate(holds, chunk->rows);
        return;
    }
    size_t slot = borrow(scratch);
    uint64_t *other = scratch->bits[slot];
    condition_test(c->right, scratch, chunk, other);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        holds[w] = c->kind == NODE_AND ? holds[w] & other[w] : holds[w] | other[w];
    scratch->count = slot;
}

void condition_test(const struct condition *c, struct condition_scratch *scratch, const struct chunk *chunk,
                    uint64_t *holds)
{
    const struct column *column = c->column >= 0 ? &chunk->columns[c->column] : NULL;
    if (scratch->count == 0 && chunk->rows > scratch->rows) { /* grow before anything is borrowed */
        scratch_release(scratch);
        scratch->rows = chunk->rows;
    }
    switch (c->kind) {
    case NODE_AND:
    case NODE_OR:
    case NODE_NOT:
        test_logic(c, scratch, chunk, holds);
        return;
    case NODE_RANGE:
        range_test(&c->schema, &c->range, column, chunk->rows, holds);
        break;
    case NODE_MEMBER:
        test_member(c, chunk, holds);
        break;
    case NODE_NULL:
        test_null(c, chunk, holds);
        break;
    case NODE_COMPARE:
        (c->exact_right ? test_exact : test_compare)(c, scratch, chunk, holds);
        return;
    case NODE_CELLS:
        test_cells(c, chunk, holds);
        return;
    case NODE_BOOL:
        memset(holds, 0, bitmap_words(chunk->rows) * 8);
        for (size_t i = 0; i < chunk->rows; i++)
            holds[i >> 6] |= (uint64_t)(column_is_valid(column, i) && column->bools[i]) << (i & 63);
        return;
    default:
        memset(holds, c->constant ? 0xFF : 0, bitmap_words(chunk->rows) * 8);
        keep_rows(holds, chunk->rows);
        return;
    }
    if (c->negate)
        negate(holds, chunk->rows);
}
