#include "runtime/data/condition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/typed.h"

enum node_kind {
    NODE_CONSTANT,
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_RANGE,
    NODE_MEMBER,
    NODE_NULL,
    NODE_COMPARE,
    NODE_CELLS,
    NODE_BOOL
};

enum compare {
    COMPARE_EQUAL,
    COMPARE_NOT_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL
};

/* A compiled condition. Column against literal runs on the column's own type; arithmetic runs on doubles. */
struct condition {
    enum node_kind kind;
    bool constant, negate;
    enum compare compare;
    const struct condition *left, *right;
    int column, other;
    struct column_schema schema;
    struct range range;
    const struct typed_set *set, *bad_texts;
    const struct expr *number_left, *number_right; /* NODE_COMPARE */
    const struct table_schema *table;
};

struct condition_scratch {
    uint64_t **bits;
    double **numbers;
    uint64_t **present;
    size_t count, capacity;
    size_t rows;
};

struct compiler {
    struct arena *arena;
    const struct table_schema *schema;
    const char *why;
    unsigned depth;
};

static const struct condition *compile(struct compiler *c, const struct expr *expr);

static struct condition *node(struct compiler *c, enum node_kind kind)
{
    struct condition *made = arena_alloc(c->arena, sizeof *made);
    made->kind = kind;
    made->column = made->other = -1;
    made->table = c->schema;
    return made;
}

static bool is_column(const struct expr *expr)
{
    return expr->kind == EXPR_NAME || (expr->kind == EXPR_MEASURE && expr->arg_count == 0);
}

static int column_of(struct compiler *c, const struct expr *expr)
{
    int at = schema_find(c->schema, expr->name);
    if (at < 0 && !c->why)
        c->why = arena_printf(c->arena, "the condition names column \"%s\", which the data does not have",
                              expr->name);
    return at;
}

static bool compare_of(const char *name, enum compare *out)
{
    static const char *const NAMES[] = {"==", "!=", "<", "<=", ">", ">="};
    for (unsigned i = 0; i < 6; i++)
        if (strcmp(name, NAMES[i]) == 0) {
            *out = (enum compare)i;
            return true;
        }
    return false;
}

static enum compare mirror(enum compare compare)
{
    static const enum compare MIRRORED[] = {COMPARE_EQUAL,         COMPARE_NOT_EQUAL, COMPARE_GREATER,
                                            COMPARE_GREATER_EQUAL, COMPARE_LESS,      COMPARE_LESS_EQUAL};
    return MIRRORED[compare];
}

static const struct condition *compile_null(struct compiler *c, const struct expr *column, bool is_null)
{
    struct condition *made = node(c, NODE_NULL);
    made->column = column_of(c, column);
    made->negate = !is_null;
    return made->column < 0 ? NULL : made;
}

/* Cells that are no value of their column's type keep their text: it may equal a text. */
static const struct typed_set *texts_of(struct compiler *c, const struct value *list)
{
    struct column_schema text = {.name = "", .type = COLUMN_STRING};
    const char *why = NULL;
    return typed_set_new(c->arena, &text, list, &why);
}

static const struct condition *compile_member(struct compiler *c, const struct expr *column,
                                              const struct value *list, bool negate)
{
    struct condition *made = node(c, NODE_MEMBER);
    made->column = column_of(c, column);
    if (made->column < 0)
        return NULL;
    made->schema = c->schema->columns[made->column];
    made->negate = negate;
    made->set = typed_set_new(c->arena, &made->schema, list, &c->why);
    made->bad_texts = texts_of(c, list);
    return made->set ? made : NULL;
}

static const struct condition *compile_order(struct compiler *c, const struct expr *column,
                                             enum compare compare, const struct value *literal)
{
    struct condition *made = node(c, NODE_RANGE);
    made->column = column_of(c, column);
    if (made->column < 0)
        return NULL;
    made->schema = c->schema->columns[made->column];
    bool low = compare == COMPARE_GREATER || compare == COMPARE_GREATER_EQUAL;
    bool strict = compare == COMPARE_GREATER || compare == COMPARE_LESS;
    c->why = range_prepare(c->arena, &made->schema, low ? literal : NULL, low ? NULL : literal, strict,
                           strict, &made->range);
    return c->why ? NULL : made;
}

static const struct condition *compile_literal(struct compiler *c, const struct expr *column,
                                               enum compare compare, const struct value *literal)
{
    if (compare != COMPARE_EQUAL && compare != COMPARE_NOT_EQUAL)
        return compile_order(c, column, compare, literal);
    if (literal->kind == VALUE_NULL)
        return compile_null(c, column, compare == COMPARE_EQUAL);
    return compile_member(c, column, value_list(c->arena, &literal, 1, 0), compare == COMPARE_NOT_EQUAL);
}

static const char *not_comparable(struct arena *arena, const struct column_schema *a,
                                  const struct column_schema *b)
{
    if ((a->type == COLUMN_STRING) != (b->type == COLUMN_STRING))
        return arena_printf(arena, "the condition compares \"%s\" with \"%s\", of which one is text", a->name,
                            b->name);
    bool moments = (a->type == COLUMN_DATE || a->type == COLUMN_TIME || a->type == COLUMN_TIMESTAMP) &&
                   (b->type == COLUMN_DATE || b->type == COLUMN_TIME || b->type == COLUMN_TIMESTAMP);
    if (moments && a->type != b->type)
        return arena_printf(arena, "the condition compares \"%s\" with \"%s\", which are not both %s",
                            a->name, b->name,
                            a->type == COLUMN_DATE   ? "dates"
                            : a->type == COLUMN_TIME ? "times of the day"
                                                     : "timestamps");
    if (a->type == COLUMN_TIMESTAMP && b->type == COLUMN_TIMESTAMP && a->zoned != b->zoned)
        return arena_printf(arena,
                            "the condition compares \"%s\" with \"%s\", of which only one has a time zone",
                            a->name, b->name);
    return NULL;
}

/* Cells of one and the same kind are compared as they are: as numbers, large ints would be rounded. */
static bool same_kind(const struct column_schema *a, const struct column_schema *b)
{
    return a->type == b->type && a->type != COLUMN_FLOAT && a->type != COLUMN_NULL && a->ticks == b->ticks &&
           a->scale == b->scale;
}

static bool is_arithmetic(const char *name)
{
    return (strchr("+-*/%", name[0]) && !name[1]) || strcmp(name, "//") == 0 || strcmp(name, "**") == 0;
}

/* Names inside arithmetic must be numbers. */
static bool check_numbers(struct compiler *c, const struct expr *expr)
{
    if (++c->depth > 200) {
        c->why = "the condition is nested too deeply";
        return false;
    }
    bool good = true;
    if (is_column(expr)) {
        int at = column_of(c, expr);
        good = at >= 0;
        if (good && c->schema->columns[at].type == COLUMN_STRING) {
            c->why = arena_printf(c->arena, "the condition computes with column \"%s\", which holds text",
                                  expr->name);
            good = false;
        }
    } else if (expr->kind == EXPR_LITERAL) {
        enum value_kind kind = expr->value->kind;
        good = kind == VALUE_INT || kind == VALUE_FLOAT || kind == VALUE_BOOL || kind == VALUE_QUANTITY;
        if (!good)
            c->why = "the condition computes with something that is no number";
    } else if ((expr->kind == EXPR_BINARY && is_arithmetic(expr->name)) ||
               (expr->kind == EXPR_UNARY && strcmp(expr->name, "-") == 0)) {
        for (size_t i = 0; i < expr->arg_count && good; i++)
            good = check_numbers(c, expr->args[i]);
    } else {
        c->why = "the condition compares something that is neither a column nor a number";
        good = false;
    }
    c->depth--;
    return good;
}

static const struct condition *compile_compare(struct compiler *c, const struct expr *left,
                                               const struct expr *right, enum compare compare)
{
    if (is_column(left) && right->kind == EXPR_LITERAL)
        return compile_literal(c, left, compare, right->value);
    if (is_column(right) && left->kind == EXPR_LITERAL)
        return compile_literal(c, right, mirror(compare), left->value);
    struct condition *made = node(c, NODE_COMPARE);
    made->compare = compare;
    if (is_column(left) && is_column(right)) {
        made->column = column_of(c, left);
        made->other = column_of(c, right);
        if (made->column < 0 || made->other < 0)
            return NULL;
        const struct column_schema *a = &c->schema->columns[made->column],
                                   *b = &c->schema->columns[made->other];
        c->why = not_comparable(c->arena, a, b);
        if (c->why)
            return NULL;
        made->schema = *a;
        if (same_kind(a, b)) {
            made->kind = NODE_CELLS;
            return made;
        }
    }
    made->column = made->other = -1; /* the expressions name what they need */
    made->number_left = left;
    made->number_right = right;
    return check_numbers(c, left) && check_numbers(c, right) ? made : NULL;
}

static const struct expr *compared_with(struct compiler *c, const struct expr *left, const char *operator,
                                        const struct value * value)
{
    const struct expr *args[] = {left, expr_literal(c->arena, left->dialect, value)};
    return expr_make(c->arena, EXPR_BINARY, left->dialect, operator, args, NULL, 2, left->origin);
}

static const struct expr *joined(struct compiler *c, const char *operator, const struct expr * left,
                                 const struct expr *right)
{
    const struct expr *args[] = {left, right};
    return left ? expr_make(c->arena, EXPR_BINARY, left->dialect, operator, args, NULL, 2, left->origin)
                : right;
}

/* `a + b in 0..10` and `a + b in [1, 2]` as comparisons joined. */
static const struct condition *compile_calculated_in(struct compiler *c, const struct expr *left,
                                                     const struct value *set, bool negate)
{
    const struct expr *tree = NULL;
    if (set->kind == VALUE_RANGE && set->low)
        tree = compared_with(c, left, ">=", set->low);
    if (set->kind == VALUE_RANGE && set->high)
        tree = joined(c, "and", tree, compared_with(c, left, "<=", set->high));
    for (size_t i = 0; set->kind == VALUE_LIST && i < set->count; i++)
        tree = joined(c, "or", tree, compared_with(c, left, "==", set->items[i]));
    struct condition *made = node(c, tree ? NODE_NOT : NODE_CONSTANT);
    made->constant = negate;
    if (!tree)
        return made;
    made->left = compile(c, tree);
    return negate && made->left ? made : made->left;
}

static const struct condition *compile_range(struct compiler *c, const struct expr *column,
                                             const struct value *range, bool negate)
{
    struct condition *made = node(c, NODE_RANGE);
    made->column = column_of(c, column);
    if (made->column < 0)
        return NULL;
    made->schema = c->schema->columns[made->column];
    made->negate = negate;
    c->why = range_prepare(c->arena, &made->schema, range->low, range->high, false, false, &made->range);
    return c->why ? NULL : made;
}

static const struct condition *compile_in(struct compiler *c, const struct expr *expr, bool negate)
{
    const struct expr *left = expr->args[0], *set = expr->args[1];
    bool several =
        set->kind == EXPR_LITERAL && (set->value->kind == VALUE_LIST || set->value->kind == VALUE_RANGE);
    if (!several) {
        c->why = "`in` wants a list or a range on its right";
        return NULL;
    }
    if (!is_column(left))
        return compile_calculated_in(c, left, set->value, negate);
    return set->value->kind == VALUE_LIST ? compile_member(c, left, set->value, negate)
                                          : compile_range(c, left, set->value, negate);
}

static const struct condition *compile_logic(struct compiler *c, const struct expr *expr, enum node_kind kind)
{
    struct condition *made = node(c, kind);
    made->left = compile(c, expr->args[0]);
    made->right = made->left && expr->arg_count > 1 ? compile(c, expr->args[1]) : NULL;
    return made->left && (made->right || expr->arg_count == 1) ? made : NULL;
}

static const struct condition *compile_binary(struct compiler *c, const struct expr *expr)
{
    enum compare compare;
    if (strcmp(expr->name, "and") == 0)
        return compile_logic(c, expr, NODE_AND);
    if (strcmp(expr->name, "or") == 0)
        return compile_logic(c, expr, NODE_OR);
    if (strcmp(expr->name, "in") == 0)
        return compile_in(c, expr, false);
    if (strcmp(expr->name, "not in") == 0)
        return compile_in(c, expr, true);
    if (compare_of(expr->name, &compare))
        return compile_compare(c, expr->args[0], expr->args[1], compare);
    c->why = arena_printf(c->arena, "`%s` gives no true or false", expr->name);
    return NULL;
}

static const struct condition *compile_name(struct compiler *c, const struct expr *expr)
{
    struct condition *made = node(c, NODE_BOOL);
    made->column = column_of(c, expr);
    if (made->column < 0)
        return NULL;
    if (c->schema->columns[made->column].type != COLUMN_BOOL && !c->why) {
        c->why =
            arena_printf(c->arena, "column \"%s\" is no condition: it holds no true and false", expr->name);
        return NULL;
    }
    return made;
}

static const struct condition *compile(struct compiler *c, const struct expr *expr)
{
    if (++c->depth > 200) {
        c->why = "the condition is nested too deeply";
        return NULL;
    }
    const struct condition *made = NULL;
    if (expr->kind == EXPR_BINARY) {
        made = compile_binary(c, expr);
    } else if (expr->kind == EXPR_UNARY && strcmp(expr->name, "not") == 0) {
        made = compile_logic(c, expr, NODE_NOT);
    } else if (is_column(expr)) {
        made = compile_name(c, expr);
    } else if (expr->kind == EXPR_LITERAL && expr->value->kind == VALUE_BOOL) {
        struct condition *constant = node(c, NODE_CONSTANT);
        constant->constant = expr->value->boolean;
        made = constant;
    } else if (!c->why) {
        c->why = "this is no row condition: it must compare columns";
    }
    c->depth--;
    return made;
}

const struct condition *condition_prepare(struct arena *arena, const struct table_schema *schema,
                                          const struct expr *expr, const char **why)
{
    struct compiler c = {.arena = arena, .schema = schema};
    const struct condition *made = compile(&c, expr);
    *why = made ? NULL : c.why ? c.why : "the condition cannot be evaluated";
    return made;
}

static void expr_needs(const struct table_schema *schema, const struct expr *expr, unsigned *needs)
{
    if (is_column(expr))
        needs[schema_find(schema, expr->name)] |= NEED_VALUES;
    for (size_t i = 0; i < expr->arg_count; i++)
        expr_needs(schema, expr->args[i], needs);
}

void condition_needs(const struct condition *condition, unsigned *needs)
{
    if (!condition)
        return;
    if (condition->column >= 0) {
        needs[condition->column] |= condition->kind == NODE_NULL ? NEED_NULLS : NEED_VALUES;
        if (condition->bad_texts && condition->schema.type != COLUMN_STRING && condition->schema.declared)
            needs[condition->column] |= NEED_TEXT;
    }
    if (condition->other >= 0)
        needs[condition->other] |= NEED_VALUES;
    if (condition->number_left) {
        expr_needs(condition->table, condition->number_left, needs);
        expr_needs(condition->table, condition->number_right, needs);
    }
    condition_needs(condition->left, needs);
    condition_needs(condition->right, needs);
}

/* --- evaluation --- */

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
    if (is_column(expr)) {
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
        bool yes;
        if (!has_x || !has_y)
            yes = c->compare == COMPARE_NOT_EQUAL && (has_x || has_y);
        else if (isnan(x[i]) || isnan(y[i]))
            yes = c->compare == COMPARE_NOT_EQUAL;
        else
            yes = decide(c->compare, (x[i] > y[i]) - (x[i] < y[i]));
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
            yes = c->compare == COMPARE_NOT_EQUAL && (has_a || has_b);
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
        test_compare(c, scratch, chunk, holds);
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
