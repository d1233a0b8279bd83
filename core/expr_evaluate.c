#include <math.h>
#include <string.h>
#include "core/expr.h"

/* What one evaluation carries along. */
struct evaluation {
    struct arena *arena;
    const struct expr_leaves *leaves;
    const char **why;
};

static const struct value *evaluate(struct evaluation *run, const struct expr *expr);

static const struct value *fail(struct evaluation *run, const char *why)
{
    *run->why = why;
    return NULL;
}

static const struct value *misfit(struct evaluation *run, const struct expr *expr, const struct value *left,
                                  const struct value *right)
{
    return fail(run, arena_printf(run->arena, "`%s` does not apply to %s and %s", expr->name,
                                  value_kind_name(left), value_kind_name(right)));
}

static const struct value *truth(struct evaluation *run, const struct expr *expr, bool boolean)
{
    return value_bool(run->arena, boolean, expr->origin);
}

static bool is_plain_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT;
}

static bool is_percent(const struct value *value)
{
    return value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT;
}

static bool is_text(const struct value *value)
{
    return value->kind == VALUE_STRING || value->kind == VALUE_WORD;
}

/* A plain number or a percentage as a number: 5% is 0.05. */
static double number_of(const struct value *value)
{
    if (value->kind == VALUE_INT)
        return (double)value->integer;
    return is_percent(value) ? value->number / 100 : value->number;
}

static bool is_ratio(const struct value *value)
{
    return is_plain_number(value) || is_percent(value);
}

/* True when the two can be ordered; `*order` is then -1, 0, 1, or 2 when a number is not finite. */
static bool order_of(const struct value *a, const struct value *b, int *order)
{
    if (is_text(a) && is_text(b)) {
        int texts = strcmp(a->text, b->text);
        *order = (texts > 0) - (texts < 0);
        return true;
    }
    bool quantities = a->kind == VALUE_QUANTITY && b->kind == VALUE_QUANTITY && a->unit == b->unit;
    if (!quantities && !(is_ratio(a) && is_ratio(b)))
        return false;
    double x = quantities ? a->number : number_of(a), y = quantities ? b->number : number_of(b);
    if (!isfinite(x) || !isfinite(y))
        *order = 2;
    else if (a->kind == VALUE_INT && b->kind == VALUE_INT)
        *order = (a->integer > b->integer) - (a->integer < b->integer);
    else
        *order = (x > y) - (x < y);
    return true;
}

static bool order_fits(const char *op, int order)
{
    if (order == 2)
        return false;
    if (op[0] == '<')
        return order < 0 || (op[1] == '=' && order == 0);
    return order > 0 || (op[1] == '=' && order == 0);
}

static bool same(const struct value *a, const struct value *b)
{
    int order;
    return order_of(a, b, &order) ? order == 0 : value_equal(a, b);
}

static bool is_not_finite(const struct value *value)
{
    return (value->kind == VALUE_FLOAT || value->kind == VALUE_QUANTITY) && !isfinite(value->number);
}

/* 1 inside, 0 outside, -1 when the kinds do not fit. */
static int in_range(const struct value *value, const struct value *range)
{
    int order;
    if (range->low) {
        if (!order_of(value, range->low, &order))
            return -1;
        if (order != 0 && order != 1)
            return 0;
    }
    if (range->high) {
        if (!order_of(value, range->high, &order))
            return -1;
        if (order > 0)
            return 0;
    }
    return is_not_finite(value) ? 0 : 1;
}

static int contains(const struct value *container, const struct value *value)
{
    if (container->kind == VALUE_RANGE)
        return in_range(value, container);
    if (container->kind == VALUE_RECORD && is_text(value))
        return value_get(container, value->text) != NULL;
    if (container->kind != VALUE_LIST)
        return -1;
    for (size_t i = 0; i < container->count; i++)
        if (same(container->items[i], value))
            return 1;
    return 0;
}

/* One comparison: 1 holds, 0 does not, -1 when the kinds do not fit. */
static int compare(const char *op, const struct value *left, const struct value *right)
{
    if (strcmp(op, "==") == 0)
        return same(left, right) && !is_not_finite(left);
    if (strcmp(op, "!=") == 0)
        return !same(left, right) && !is_not_finite(left) && !is_not_finite(right);
    if (strcmp(op, "in") == 0)
        return contains(right, left);
    if (strcmp(op, "not in") == 0) {
        int inside = contains(right, left);
        return inside < 0 ? inside : !inside && !is_not_finite(left);
    }
    int order;
    return order_of(left, right, &order) ? order_fits(op, order) : -1;
}

/* A value by slices (accuracy.by(species)) is compared slice by slice, and holds when every slice does. */
static int compare_slices(const char *op, const struct value *slices, const struct value *right)
{
    for (size_t i = 0; i < slices->field_count; i++) {
        int holds = compare(op, slices->fields[i].value, right);
        if (holds != 1)
            return holds;
    }
    return 1;
}

static const struct value *comparison(struct evaluation *run, const struct expr *expr,
                                      const struct value *left, const struct value *right)
{
    bool sliced = left->kind == VALUE_RECORD && right->kind != VALUE_RECORD && right->kind != VALUE_NULL;
    if (sliced && left->field_count == 0)
        return fail(run, "there is no slice to compare");
    int holds = sliced ? compare_slices(expr->name, left, right) : compare(expr->name, left, right);
    return holds < 0 ? misfit(run, expr, left, right) : truth(run, expr, holds);
}

static const struct value *integers(struct evaluation *run, const struct expr *expr, int64_t a, int64_t b)
{
    int64_t result;
    bool overflow = true;
    switch (expr->name[0]) {
    case '+':
        overflow = __builtin_add_overflow(a, b, &result);
        break;
    case '-':
        overflow = __builtin_sub_overflow(a, b, &result);
        break;
    case '*':
        overflow = __builtin_mul_overflow(a, b, &result);
        break;
    }
    if (overflow)
        return fail(run, arena_printf(run->arena, "`%s` leaves the range of integers", expr->name));
    return value_int(run->arena, result, expr->origin);
}

static double calculate(char op, double a, double b)
{
    return op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
}

static bool divides_by_zero(const struct expr *expr, const struct value *right)
{
    return expr->name[0] == '/' && (is_ratio(right) ? number_of(right) : right->number) == 0;
}

/* What has a unit: sums keep it, a factor scales it, a quotient of equal units is a number. */
static const struct value *quantities(struct evaluation *run, const struct expr *expr,
                                      const struct value *left, const struct value *right)
{
    char op = expr->name[0];
    bool units = left->kind == VALUE_QUANTITY && right->kind == VALUE_QUANTITY && left->unit == right->unit;
    if (units && op == '/')
        return value_float(run->arena, left->number / right->number, expr->origin);
    if (units && op != '*')
        return value_quantity(run->arena, calculate(op, left->number, right->number), left->unit,
                              expr->origin);
    if (left->kind == VALUE_QUANTITY && !is_percent(left) && is_ratio(right) && (op == '*' || op == '/'))
        return value_quantity(run->arena, calculate(op, left->number, number_of(right)), left->unit,
                              expr->origin);
    if (right->kind == VALUE_QUANTITY && !is_percent(right) && is_ratio(left) && op == '*')
        return value_quantity(run->arena, number_of(left) * right->number, right->unit, expr->origin);
    return misfit(run, expr, left, right);
}

static bool is_amount(const struct value *value)
{
    return is_plain_number(value) || value->kind == VALUE_QUANTITY;
}

static const struct value *arithmetic(struct evaluation *run, const struct expr *expr,
                                      const struct value *left, const struct value *right)
{
    if (!is_amount(left) || !is_amount(right))
        return misfit(run, expr, left, right);
    if (divides_by_zero(expr, right))
        return fail(run, "division by zero");
    if (left->kind == VALUE_INT && right->kind == VALUE_INT && expr->name[0] != '/')
        return integers(run, expr, left->integer, right->integer);
    bool plain = is_plain_number(left) || is_plain_number(right);
    if ((plain || expr->name[0] == '*') && is_ratio(left) && is_ratio(right))
        return value_float(run->arena, calculate(expr->name[0], number_of(left), number_of(right)),
                           expr->origin);
    return quantities(run, expr, left, right);
}

static const struct value *condition(struct evaluation *run, const struct expr *expr, const struct expr *side)
{
    const struct value *value = evaluate(run, side);
    if (value && value->kind != VALUE_BOOL)
        return fail(run, arena_printf(run->arena, "`%s` takes conditions, not %s", expr->name,
                                      value_kind_name(value)));
    return value;
}

/* The side that decides (false for `and`, true for `or`) decides whatever the other one is. */
static const struct value *logical(struct evaluation *run, const struct expr *expr, bool decides)
{
    const struct value *left = condition(run, expr, expr->args[0]);
    if (left && left->boolean == decides)
        return truth(run, expr, decides);
    const char *left_why = *run->why;
    const struct value *right = condition(run, expr, expr->args[1]);
    if (right && right->boolean == decides)
        return truth(run, expr, decides);
    if (!left)
        return fail(run, left_why);
    return right ? truth(run, expr, !decides) : NULL;
}

static const struct value *binary(struct evaluation *run, const struct expr *expr)
{
    if (strcmp(expr->name, "and") == 0)
        return logical(run, expr, false);
    if (strcmp(expr->name, "or") == 0)
        return logical(run, expr, true);
    const struct value *left = evaluate(run, expr->args[0]);
    if (strcmp(expr->name, "??") == 0)
        return left && left->kind != VALUE_NULL ? left : evaluate(run, expr->args[1]);
    const struct value *right = left ? evaluate(run, expr->args[1]) : NULL;
    if (!right)
        return NULL;
    if (strcmp(expr->name, "..") == 0)
        return value_range(run->arena, left, right, expr->origin);
    if (strchr("+-*/", expr->name[0]))
        return arithmetic(run, expr, left, right);
    return comparison(run, expr, left, right);
}

static const struct value *negate(struct evaluation *run, const struct expr *expr, const struct value *value)
{
    if (value->kind == VALUE_INT)
        return integers(run, expr, 0, value->integer);
    if (value->kind == VALUE_FLOAT)
        return value_float(run->arena, -value->number, expr->origin);
    if (value->kind == VALUE_QUANTITY)
        return value_quantity(run->arena, -value->number, value->unit, expr->origin);
    return fail(run, arena_printf(run->arena, "`-` does not apply to %s", value_kind_name(value)));
}

static const struct value *unary(struct evaluation *run, const struct expr *expr)
{
    if (strcmp(expr->name, "not") == 0) {
        const struct value *value = condition(run, expr, expr->args[0]);
        return value ? truth(run, expr, !value->boolean) : NULL;
    }
    const struct value *value = evaluate(run, expr->args[0]);
    return value ? negate(run, expr, value) : NULL;
}

static const struct value *index_of(struct evaluation *run, const struct expr *expr)
{
    const struct value *base = evaluate(run, expr->args[0]);
    const struct value *key = base ? evaluate(run, expr->args[1]) : NULL;
    if (!key)
        return NULL;
    if (base->kind == VALUE_LIST && key->kind == VALUE_INT) {
        if (key->integer < 0 || (uint64_t)key->integer >= base->count)
            return fail(run, arena_printf(run->arena, "the list has %zu items, and no item %lld", base->count,
                                          (long long)key->integer));
        return base->items[key->integer];
    }
    if (base->kind == VALUE_RECORD && is_text(key)) {
        const struct value *found = value_get(base, key->text);
        return found ? found : fail(run, arena_printf(run->arena, "there is no key `%s`", key->text));
    }
    return fail(run, arena_printf(run->arena, "%s has no index that is %s", value_kind_name(base),
                                  value_kind_name(key)));
}

static const struct value *leaf(struct evaluation *run, const struct expr *expr)
{
    const char *why = NULL;
    const struct value *value =
        run->leaves && run->leaves->leaf ? run->leaves->leaf(run->leaves->context, expr, &why) : NULL;
    if (value)
        return value;
    if (!why) {
        struct buf text = {0};
        expr_print(&text, expr);
        why = arena_printf(run->arena, "`%s` is not known", buf_str(&text));
        buf_free(&text);
    }
    return fail(run, why);
}

/* The caller may know the whole path (stable.p99_latency), or only its root (body.species). */
static const struct value *field(struct evaluation *run, const struct expr *expr)
{
    const struct value *value = leaf(run, expr);
    if (value)
        return value;
    const char *why = *run->why;
    const struct value *base = evaluate(run, expr->args[0]);
    value = value_get(base, expr->name);
    return value ? value : fail(run, why);
}

static const struct value *evaluate(struct evaluation *run, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        return expr->value;
    case EXPR_NAME:
    case EXPR_CALL:
    case EXPR_METHOD:
    case EXPR_MEASURE:
        return leaf(run, expr);
    case EXPR_FIELD:
        return field(run, expr);
    case EXPR_INDEX:
        return index_of(run, expr);
    case EXPR_UNARY:
        return unary(run, expr);
    case EXPR_BINARY:
        return binary(run, expr);
    case EXPR_HOLDS:
    case EXPR_OVER:
        return evaluate(run, expr->args[0]);
    }
    return NULL;
}

const struct value *expr_evaluate(struct arena *arena, const struct expr *expr,
                                  const struct expr_leaves *leaves, const char **why)
{
    const char *reason = NULL;
    struct evaluation run = {arena, leaves, &reason};
    const struct value *value = evaluate(&run, expr);
    if (!value && why)
        *why = reason ? reason : "the expression has no value";
    return value;
}
