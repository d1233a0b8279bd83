/* Operators on values: numbers and units, comparison, ranges, merging; lifted to trees where an operand is an
 * expression that only a target or a run can evaluate. */

#include "compiler/evaluator/evaluator.h"

#include <math.h>
#include <string.h>

/* The text of a string, or of a word, which compare as texts. */
bool same_text(const struct value *a, const struct value *b, bool *same)
{
    const char *left = value_string_or(a, NULL), *right = value_string_or(b, NULL);
    if (a->kind == VALUE_VARIANT && b->kind == VALUE_STRING)
        left = a->name;
    if (!left || !right || (a->kind == VALUE_STRING && b->kind == VALUE_STRING))
        return false;
    *same = strcmp(left, right) == 0;
    return true;
}

static bool plain_number(const struct value *value, double *number)
{
    if (value->kind != VALUE_INT && value->kind != VALUE_FLOAT)
        return false;
    *number = value->kind == VALUE_INT ? (double)value->integer : value->number;
    return true;
}

static bool is_percent(const struct value *value)
{
    return value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT;
}

/* Both as plain numbers or of one unit; a percent beside a plain number is a share of one. */
static bool comparable(const struct value *a, const struct value *b, double *x, double *y)
{
    if (a->kind == VALUE_QUANTITY && b->kind == VALUE_QUANTITY && a->unit == b->unit) {
        *x = a->number;
        *y = b->number;
        return true;
    }
    if (is_percent(a) && plain_number(b, y)) {
        *x = a->number / 100;
        return true;
    }
    if (is_percent(b) && plain_number(a, x)) {
        *y = b->number / 100;
        return true;
    }
    return plain_number(a, x) && plain_number(b, y);
}

static bool equal(const struct value *a, const struct value *b)
{
    bool same;
    double x, y;
    if (a->kind == VALUE_NODE && b->kind == VALUE_NODE)
        return a->node == b->node ||
               (a->node->base ? a->node->base : a->node) == (b->node->base ? b->node->base : b->node);
    if (same_text(a, b, &same))
        return same;
    if ((a->kind == VALUE_QUANTITY || b->kind == VALUE_QUANTITY) && comparable(a, b, &x, &y))
        return x == y;
    return value_equal(a, b);
}

static const struct value *misfit(struct evaluator *ev, enum ast_op op, const struct value *a,
                                  const struct value *b, origin where)
{
    struct diag *diag = eval_report(ev, DIAG_EVAL_OPERANDS, where, "`%s` cannot take %s and %s",
                                    ast_op_text(op), value_kind_name(a), value_kind_name(b));
    if (a->kind == VALUE_NULL || b->kind == VALUE_NULL)
        diag_help(diag, "one side is absent here: give it a default with `??`");
    else
        diag_help(diag, "both sides must be of one kind: convert one of them");
    return NULL;
}

static const struct value *compare(struct evaluator *ev, enum ast_op op, const struct value *a,
                                   const struct value *b, origin where)
{
    double x = 0, y = 0;
    if (a->kind == VALUE_INT && b->kind == VALUE_INT) {
        x = a->integer < b->integer ? -1 : a->integer > b->integer;
    } else if (a->kind == VALUE_STRING && b->kind == VALUE_STRING) {
        x = value_compare(a, b);
    } else if (!comparable(a, b, &x, &y)) {
        return misfit(ev, op, a, b, where);
    }
    bool holds = op == AST_OP_LT ? x < y : op == AST_OP_LE ? x <= y : op == AST_OP_GT ? x > y : x >= y;
    return value_bool(ev->arena, holds, where);
}

static const struct value *contains(struct evaluator *ev, enum ast_op op, const struct value *a,
                                    const struct value *b, origin where)
{
    bool inside = false;
    if (b->kind == VALUE_LIST) {
        for (size_t i = 0; i < b->count && !inside; i++)
            inside = equal(a, b->items[i]);
    } else if (b->kind == VALUE_RECORD && value_string_or(a, NULL)) {
        inside = value_get(b, a->text) != NULL;
    } else if (b->kind == VALUE_RANGE) {
        double x, low = -HUGE_VAL, high = HUGE_VAL, y;
        if ((b->low && !comparable(a, b->low, &x, &low)) || (b->high && !comparable(a, b->high, &y, &high)))
            return misfit(ev, op, a, b, where);
        inside = (!b->low || x >= low) && (!b->high || y <= high);
    } else {
        return misfit(ev, op, a, b, where);
    }
    return value_bool(ev->arena, inside == (op == AST_OP_IN), where);
}

static const struct value *overflow(struct evaluator *ev, origin where, const char *what)
{
    eval_report(ev, DIAG_EVAL_ARITHMETIC, where, "%s", what);
    return NULL;
}

static const struct value *integers(struct evaluator *ev, enum ast_op op, int64_t a, int64_t b, origin where)
{
    int64_t result = 0;
    bool bad;
    if (op == AST_OP_DIV) {
        if (b == 0)
            return overflow(ev, where, "division by zero");
        if (b == -1 ? a == INT64_MIN : a % b != 0)
            return value_float(ev->arena, (double)a / (double)b, where);
        return value_int(ev->arena, a / b, where);
    }
    if (op == AST_OP_ADD)
        bad = __builtin_add_overflow(a, b, &result);
    else if (op == AST_OP_SUB)
        bad = __builtin_sub_overflow(a, b, &result);
    else
        bad = __builtin_mul_overflow(a, b, &result);
    return bad ? overflow(ev, where, "the result has more than 64 bits")
               : value_int(ev->arena, result, where);
}

static bool compute(struct evaluator *ev, enum ast_op op, double a, double b, origin where, double *out)
{
    if (op == AST_OP_DIV && b == 0)
        return overflow(ev, where, "division by zero") != NULL;
    *out = op == AST_OP_ADD ? a + b : op == AST_OP_SUB ? a - b : op == AST_OP_MUL ? a * b : a / b;
    if (isfinite(*out))
        return true;
    return overflow(ev, where, "the result is too large") != NULL;
}

/* Sums of one unit; products and quotients of a quantity and a number; the ratio of one unit. */
static const struct value *quantities(struct evaluator *ev, enum ast_op op, const struct value *a,
                                      const struct value *b, origin where)
{
    double x, y, result;
    bool qa = a->kind == VALUE_QUANTITY, qb = b->kind == VALUE_QUANTITY;
    if (op == AST_OP_ADD || op == AST_OP_SUB) {
        if (!comparable(a, b, &x, &y))
            return misfit(ev, op, a, b, where);
        if (!compute(ev, op, x, y, where, &result))
            return NULL;
        return qa && qb ? value_quantity(ev->arena, result, a->unit, where)
                        : value_float(ev->arena, result, where);
    }
    if (qa && qb && op == AST_OP_DIV && a->unit == b->unit)
        return compute(ev, op, a->number, b->number, where, &result) ? value_float(ev->arena, result, where)
                                                                     : NULL;
    if (qa && plain_number(b, &y))
        return compute(ev, op, a->number, y, where, &result)
                   ? value_quantity(ev->arena, result, a->unit, where)
                   : NULL;
    if (qb && op == AST_OP_MUL && plain_number(a, &x))
        return compute(ev, op, x, b->number, where, &result)
                   ? value_quantity(ev->arena, result, b->unit, where)
                   : NULL;
    if (is_percent(a) && qb && op == AST_OP_MUL)
        return value_quantity(ev->arena, a->number / 100 * b->number, b->unit, where);
    return misfit(ev, op, a, b, where);
}

static const struct value *arithmetic(struct evaluator *ev, enum ast_op op, const struct value *a,
                                      const struct value *b, origin where)
{
    double x, y, result;
    if (a->kind == VALUE_INT && b->kind == VALUE_INT)
        return integers(ev, op, a->integer, b->integer, where);
    if (plain_number(a, &x) && plain_number(b, &y))
        return compute(ev, op, x, y, where, &result) ? value_float(ev->arena, result, where) : NULL;
    if (a->kind == VALUE_QUANTITY || b->kind == VALUE_QUANTITY)
        return quantities(ev, op, a, b, where);
    if (a->kind == VALUE_STRING && b->kind == VALUE_STRING) {
        struct diag *diag = eval_report(ev, DIAG_EVAL_OPERANDS, where, "texts are not added");
        diag_help(diag, "put them together by interpolation: \"\\(a)\\(b)\"");
        return NULL;
    }
    return misfit(ev, op, a, b, where);
}

static const struct value *range(struct evaluator *ev, const struct value *a, const struct value *b,
                                 origin where)
{
    double x, y;
    if (!comparable(a, b, &x, &y))
        return misfit(ev, AST_OP_RANGE, a, b, where);
    if (x > y) {
        diag_help(eval_report(ev, DIAG_EVAL_OPERANDS, where,
                              "the range is empty: its low end is above its high end"),
                  "write the lower end first: `LOW..HIGH`, both included");
        return NULL;
    }
    return value_range(ev->arena, a, b, where);
}

const char *value_dialect(const struct value *value)
{
    if (value->kind == VALUE_EXPRESSION)
        return value->expr->dialect;
    for (size_t i = 0; value->kind == VALUE_TEXT && i < value->count; i++)
        if (value->items[i]->kind == VALUE_EXPRESSION)
            return value->items[i]->expr->dialect;
    return NULL;
}

const struct expr *lift(struct evaluator *ev, const char *dialect, const struct value *value)
{
    return value->kind == VALUE_EXPRESSION ? value->expr : expr_literal(ev->arena, dialect, value);
}

const struct value *lift_make(struct evaluator *ev, enum expr_kind kind, const char *name,
                              const struct value *const *operands, const char *const *names, size_t count,
                              origin where)
{
    return lift_call(ev, NULL, kind, name, operands, names, count, where);
}

const struct value *lift_call(struct evaluator *ev, const char *dialect, enum expr_kind kind,
                              const char *name, const struct value *const *operands, const char *const *names,
                              size_t count, origin where)
{
    for (size_t i = 0; i < count; i++) {
        const char *own = value_dialect(operands[i]);
        if (own && dialect && strcmp(own, dialect) != 0) {
            eval_report(ev, DIAG_EVAL_DIALECTS, where, "an expression of `%s` and one of `%s` in one tree",
                        dialect, own);
            return NULL;
        }
        dialect = own ? own : dialect;
    }
    const struct expr **args = arena_array(ev->arena, count, sizeof *args);
    for (size_t i = 0; i < count; i++)
        args[i] = lift(ev, dialect, operands[i]);
    const struct expr *expr = expr_make(ev->arena, kind, dialect, name, args, names, count, where);
    return value_expression(ev->arena, expr, where);
}

/* `true and E` is E; anything else becomes a tree. */
static const struct value *lifted(struct evaluator *ev, enum ast_op op, const struct value *a,
                                  const struct value *b, origin where)
{
    bool logic = op == AST_OP_AND || op == AST_OP_OR;
    if (logic && a->kind == VALUE_BOOL)
        return b;
    if (logic && b->kind == VALUE_BOOL)
        return b->boolean == (op == AST_OP_OR) ? b : a;
    const struct value *operands[] = {a, b};
    return lift_make(ev, EXPR_BINARY, ast_op_text(op), operands, NULL, 2, where);
}

static const struct value *logic(struct evaluator *ev, enum ast_op op, const struct value *a,
                                 const struct value *b, origin where)
{
    if (a->kind != VALUE_BOOL || b->kind != VALUE_BOOL)
        return misfit(ev, op, a, b, where);
    bool result = op == AST_OP_AND ? a->boolean && b->boolean : a->boolean || b->boolean;
    return value_bool(ev->arena, result, where);
}

static const struct value *merge(struct evaluator *ev, const struct value *a, const struct value *b,
                                 origin where)
{
    if (a->kind != VALUE_RECORD || b->kind != VALUE_RECORD)
        return misfit(ev, AST_OP_MERGE, a, b, where);
    return value_merge(ev->arena, a, b);
}

const struct value *eval_binary(struct evaluator *ev, enum ast_op op, const struct value *a,
                                const struct value *b, origin where)
{
    bool asks_absence =
        (op == AST_OP_EQ || op == AST_OP_NE) && (a->kind == VALUE_NULL || b->kind == VALUE_NULL) &&
        (a->kind == VALUE_TEXT || b->kind == VALUE_TEXT); /* a text is there, whatever its holes */
    if (op != AST_OP_MERGE && !asks_absence && (value_dialect(a) || value_dialect(b)))
        return lifted(ev, op, a, b, where);
    /* An operation of the library stands where its first operand that a user wrote stands. */
    if (!origin_is_user(ev, where))
        where = origin_is_user(ev, a->origin) ? a->origin : origin_is_user(ev, b->origin) ? b->origin : where;
    switch (op) {
    case AST_OP_EQ:
    case AST_OP_NE:
        return value_bool(ev->arena, equal(a, b) == (op == AST_OP_EQ), where);
    case AST_OP_LT:
    case AST_OP_LE:
    case AST_OP_GT:
    case AST_OP_GE:
        return compare(ev, op, a, b, where);
    case AST_OP_IN:
    case AST_OP_NOT_IN:
        return contains(ev, op, a, b, where);
    case AST_OP_AND:
    case AST_OP_OR:
        return logic(ev, op, a, b, where);
    case AST_OP_COALESCE:
        return a->kind == VALUE_NULL ? b : a;
    case AST_OP_MERGE:
        return merge(ev, a, b, where);
    case AST_OP_RANGE:
        return range(ev, a, b, where);
    case AST_OP_ADD:
    case AST_OP_SUB:
    case AST_OP_MUL:
    case AST_OP_DIV:
        return arithmetic(ev, op, a, b, where);
    default:
        return misfit(ev, op, a, b, where);
    }
}

const struct value *eval_minus(struct evaluator *ev, const struct value *value, origin where)
{
    if (value->kind == VALUE_EXPRESSION)
        return lift_make(ev, EXPR_UNARY, "-", &value, NULL, 1, where);
    if (value->kind == VALUE_INT)
        return integers(ev, AST_OP_SUB, 0, value->integer, where);
    if (value->kind == VALUE_FLOAT)
        return value_float(ev->arena, -value->number, where);
    if (value->kind == VALUE_QUANTITY)
        return value_quantity(ev->arena, -value->number, value->unit, where);
    eval_report(ev, DIAG_EVAL_OPERANDS, where, "`-` cannot take %s", value_kind_name(value));
    return NULL;
}

const struct value *eval_not(struct evaluator *ev, const struct value *value, origin where)
{
    if (value->kind == VALUE_EXPRESSION)
        return lift_make(ev, EXPR_UNARY, "not", &value, NULL, 1, where);
    if (value->kind == VALUE_BOOL)
        return value_bool(ev->arena, !value->boolean, where);
    eval_report(ev, DIAG_EVAL_OPERANDS, where, "`not` takes a condition, not %s", value_kind_name(value));
    return NULL;
}
