#include "runtime/data/exact.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "runtime/data/cell.h"

enum { SCALE_LIMIT = 30, DIGITS_LIMIT = 30, DEPTH_LIMIT = 200 };

struct exact {
    char op; /* '+' '-' '*', 'n' negation, 'c' column, 'l' literal */
    unsigned scale;
    decimal literal;
    const struct column_schema *schema;
    int column;
    const struct exact *left, *right;
};

/* --- what is computed */

/* The digits of a double as it is written: 0.2 is 2 over 10, whatever its bits are. */
static bool read_double(double number, decimal *out, unsigned *scale)
{
    char text[32];
    size_t length = text_from_double(number, text);
    long power = 0;
    bool fraction = false, negative = text[0] == '-';
    unsigned digits = 0;
    *out = 0;
    for (size_t i = negative; i < length; i++) {
        if (text[i] == 'e' || text[i] == 'E') {
            power += strtol(text + i + 1, NULL, 10);
            break;
        }
        if (text[i] == '.') {
            fraction = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9' || ++digits > DIGITS_LIMIT)
            return false;
        *out = *out * 10 + (text[i] - '0');
        power -= fraction;
    }
    for (; power > 0; power--)
        if (++digits > DIGITS_LIMIT)
            return false;
        else
            *out *= 10;
    *scale = (unsigned)-power;
    *out = negative ? -*out : *out;
    return *scale <= SCALE_LIMIT;
}

static bool prepare_literal(const struct value *value, struct exact *out)
{
    out->op = 'l';
    if (value->kind == VALUE_INT || value->kind == VALUE_BOOL) {
        out->literal = value->kind == VALUE_INT ? value->integer : value->boolean;
        return true;
    }
    if (value->kind == VALUE_FLOAT)
        return read_double(value->number, &out->literal, &out->scale);
    bool percent = value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT;
    if (!percent || !read_double(value->number, &out->literal, &out->scale))
        return false;
    out->scale += 2;
    return true;
}

static bool prepare_column(const struct table_schema *schema, const char *name, struct exact *out)
{
    out->op = 'c';
    out->column = schema_find(schema, name);
    if (out->column < 0)
        return false;
    out->schema = &schema->columns[out->column];
    out->scale = cell_scale(out->schema);
    return out->schema->type != COLUMN_FLOAT && out->schema->type != COLUMN_STRING;
}

static const struct exact *prepare(struct arena *arena, const struct table_schema *schema,
                                   const struct expr *expr, unsigned depth)
{
    struct exact *out = arena_alloc(arena, sizeof *out);
    if (depth > DEPTH_LIMIT)
        return NULL;
    if (expr->kind == EXPR_LITERAL)
        return prepare_literal(expr->value, out) ? out : NULL;
    if (expr->kind != EXPR_UNARY && expr->kind != EXPR_BINARY)
        return prepare_column(schema, expr->name, out) ? out : NULL;
    bool known = strlen(expr->name) == 1 && strchr("+-*", expr->name[0]) != NULL;
    out->left = known ? prepare(arena, schema, expr->args[0], depth + 1) : NULL;
    if (!out->left)
        return NULL;
    out->op = expr->kind == EXPR_UNARY ? 'n' : expr->name[0];
    out->scale = out->left->scale;
    if (expr->kind == EXPR_UNARY)
        return out;
    out->right = prepare(arena, schema, expr->args[1], depth + 1);
    if (!out->right)
        return NULL;
    unsigned other = out->right->scale;
    out->scale = out->op == '*' ? out->scale + other : out->scale > other ? out->scale : other;
    return out->scale <= SCALE_LIMIT ? out : NULL;
}

const struct exact *exact_prepare(struct arena *arena, const struct table_schema *schema,
                                  const struct expr *expr)
{
    return prepare(arena, schema, expr, 0);
}

/* --- a row */

enum outcome { OUTCOME_MISSING, OUTCOME_TOO_LARGE, OUTCOME_NUMBER };

static bool rescale(decimal *number, unsigned from, unsigned to)
{
    bool overflow = false;
    for (; from < to && !overflow; from++)
        overflow = __builtin_mul_overflow(*number, (decimal)10, number);
    return !overflow;
}

static enum outcome of_cell(const struct exact *exact, const struct chunk *chunk, size_t row, decimal *out)
{
    const struct column *column = &chunk->columns[exact->column];
    if (!column_is_valid(column, row))
        return OUTCOME_MISSING;
    unsigned scale;
    bool known = cell_units(exact->schema, column_cell(exact->schema, column, row), out, &scale);
    return known ? OUTCOME_NUMBER : OUTCOME_MISSING;
}

static enum outcome number_of(const struct exact *exact, const struct chunk *chunk, size_t row, decimal *out)
{
    decimal left, right;
    if (exact->op == 'c')
        return of_cell(exact, chunk, row, out);
    *out = exact->literal;
    if (exact->op == 'l')
        return OUTCOME_NUMBER;
    enum outcome a = number_of(exact->left, chunk, row, &left);
    enum outcome b = exact->right ? number_of(exact->right, chunk, row, &right) : OUTCOME_NUMBER;
    if (a != OUTCOME_NUMBER || b != OUTCOME_NUMBER)
        return a == OUTCOME_MISSING || b == OUTCOME_MISSING ? OUTCOME_MISSING : OUTCOME_TOO_LARGE;
    bool overflow = false;
    if (exact->op == 'n')
        overflow = __builtin_sub_overflow((decimal)0, left, out);
    else if (exact->op == '*')
        overflow = __builtin_mul_overflow(left, right, out);
    else if (!rescale(&left, exact->left->scale, exact->scale) ||
             !rescale(&right, exact->right->scale, exact->scale))
        overflow = true;
    else
        overflow = exact->op == '+' ? __builtin_add_overflow(left, right, out)
                                    : __builtin_sub_overflow(left, right, out);
    return overflow ? OUTCOME_TOO_LARGE : OUTCOME_NUMBER;
}

enum exact_answer exact_compare(const struct exact *a, const struct exact *b, const struct chunk *chunk,
                                size_t row, bool *left, bool *right)
{
    decimal x, y;
    enum outcome of_a = number_of(a, chunk, row, &x), of_b = number_of(b, chunk, row, &y);
    unsigned scale = a->scale > b->scale ? a->scale : b->scale;
    *left = of_a != OUTCOME_MISSING;
    *right = of_b != OUTCOME_MISSING;
    if (!*left || !*right)
        return EXACT_MISSING;
    if (of_a != OUTCOME_NUMBER || of_b != OUTCOME_NUMBER || !rescale(&x, a->scale, scale) ||
        !rescale(&y, b->scale, scale))
        return EXACT_TOO_LARGE;
    return x < y ? EXACT_LESS : x > y ? EXACT_GREATER : EXACT_EQUAL;
}
