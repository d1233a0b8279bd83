/* The leaves of a walk: constants, columns, measures by their `lower TARGET(…)`, and comparisons of which a
 * measure's lowering takes the bound. */

#include "compiler/lower_walk.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include "compiler/evaluate.h"
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/documents/json.h"
#include "core/text.h"

/* What one call of a lowering knows by name. */
struct known {
    const struct measure *measure;
    const struct expr *leaf;
    size_t first;           /* of the leaf's arguments: 1 behind `stable.` */
    const struct value *at; /* labels of the side */
    const struct value *low, *high, *bound;
    const char *operator_text;
};

struct diag *lower_refuse(struct lowering_walk *walk, enum diag_code code, const struct expr *expr,
                          const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(walk->call->arena, format, args);
    va_end(args);
    const struct value *at = value_expression(walk->call->arena, expr, expr->origin);
    return native_refuse(walk->call, code, native_value_origin(walk->call, at) ? at : walk->predicate, "%s",
                         message);
}

const char *lower_title(const char *target)
{
    static const char *const titles[][2] = {{"promql", "Prometheus"},
                                            {"sql", "SQL"},
                                            {"great_expectations", "Great Expectations"},
                                            {"cel", "CEL"},
                                            {"cloudwatch", "CloudWatch"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (!strcmp(titles[i][0], target))
            return titles[i][1];
    return target;
}

const struct dialect_node *lower_clause(const struct lowering_walk *walk, const char *name)
{
    const struct dialect *const both[] = {walk->variant, walk->dialect};
    for (size_t i = 0; i < 2; i++)
        for (const struct dialect_node *node = both[i] ? both[i]->nodes : NULL; node; node = node->next)
            if (!strcmp(node->name, name))
                return node;
    return NULL;
}

/* Evaluates a body with its parameters bound to `values` in order. */
static const struct value *run_body(struct lowering_walk *walk, const struct parameter *parameters,
                                    size_t count, const struct value *const *values, size_t given,
                                    const struct ast_expr *body)
{
    struct scope *scope = scope_new(walk->call->compilation, NULL);
    for (size_t i = 0; i < count; i++)
        scope_bind(scope, parameters[i].name,
                   i < given && values[i] ? values[i] : value_null(walk->call->arena, walk->call->where));
    return evaluate(walk->call->compilation, scope, body);
}

const struct value *lower_apply(struct lowering_walk *walk, const struct dialect_node *node,
                                const struct value *const *values, size_t given)
{
    return run_body(walk, node->parameters, node->parameter_count, values, given, node->body);
}

const struct value *lower_text(struct lowering_walk *walk, const char *text, origin where)
{
    return value_string(walk->call->arena, text, where);
}

/* A constant in base units: seconds, bytes, a share of one. */
static bool constant_text(const struct value *value, struct buf *out)
{
    char digits[32];
    if (value->kind == VALUE_STRING || value->kind == VALUE_WORD)
        json_write_string(out, value->text, value->length);
    else if (value->kind == VALUE_BOOL)
        buf_add_str(out, value->boolean ? "true" : "false");
    else if (value->kind == VALUE_INT)
        buf_printf(out, "%lld", (long long)value->integer);
    else if (value->kind == VALUE_FLOAT || value->kind == VALUE_QUANTITY) {
        double number = value->number;
        if (value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT)
            number /= 100;
        if (value->kind == VALUE_QUANTITY && value->unit == UNIT_DURATION)
            number /= 1e6;
        if (!isfinite(number))
            return false;
        buf_add(out, digits, text_from_double(number, digits));
    } else {
        return false;
    }
    return true;
}

const struct value *lower_constant(struct lowering_walk *walk, const struct expr *expr)
{
    struct buf out = {0};
    if (!constant_text(expr->value, &out)) {
        buf_free(&out);
        lower_refuse(walk, DIAG_LOWER_FORM, expr, "%s has no form for this value", lower_title(walk->target));
        return NULL;
    }
    const struct value *text = lower_text(walk, buf_str(&out), expr->value->origin);
    buf_free(&out);
    bool is_text = expr->value->kind == VALUE_STRING || expr->value->kind == VALUE_WORD;
    const struct dialect_node *node = lower_clause(walk, is_text ? "text" : "number");
    if (node && is_text) /* which quotes a text as its language does */
        text = value_string_n(walk->call->arena, expr->value->text, expr->value->length, expr->value->origin);
    return node ? lower_apply(walk, node, &text, 1) : text;
}

const struct dialect_node *lower_column_clause(const struct lowering_walk *walk, const struct expr *expr)
{
    bool bare = expr->kind == EXPR_NAME || (expr->kind == EXPR_MEASURE && expr->arg_count == 0);
    return bare ? lower_clause(walk, "column") : NULL;
}

static const struct value *lower_column(struct lowering_walk *walk, const struct expr *expr,
                                        const struct dialect_node *node)
{
    const struct value *name = lower_text(walk, expr->name, expr->origin);
    return lower_apply(walk, node, &name, 1);
}

/* The measure that a leaf names, NULL: it is none. `side` becomes "stable" of `stable.p99_latency`. */
static const struct measure *leaf_measure(struct lowering_walk *walk, const struct expr *expr,
                                          const char **side, size_t *first)
{
    const struct map *measures = walk->call->compilation->declarations.measures;
    *side = NULL;
    *first = 0;
    if ((expr->kind == EXPR_FIELD || expr->kind == EXPR_METHOD) && expr->arg_count &&
        expr->args[0]->kind == EXPR_NAME) {
        *side = expr->args[0]->name;
        *first = 1;
    } else if (expr->kind != EXPR_MEASURE && expr->kind != EXPR_NAME && expr->kind != EXPR_CALL) {
        return NULL;
    }
    return measures && expr->name ? map_get(measures, expr->name) : NULL;
}

/* The slot of a side; a bare measure has `self`, else `canary`, else the only one. */
static const struct value *side_slot(struct lowering_walk *walk, const struct expr *leaf, const char *side,
                                     bool *bad)
{
    const struct value *slots = walk->slots;
    *bad = false;
    if (!side) {
        const struct value *own = slots ? value_get(slots, "self") : NULL;
        own = own || !slots ? own : value_get(slots, "canary");
        return own || !slots || slots->field_count != 1 ? own : slots->fields[0].value;
    }
    const struct value *slot = slots ? value_get(slots, side) : NULL;
    if (slot)
        return slot;
    *bad = true;
    struct diag *diag = lower_refuse(walk, DIAG_LOWER_SIDE, leaf, "%s knows no version `%s` here",
                                     lower_title(walk->target), side);
    diag_help(diag, "`stable` and `canary` can be compared while a rollout runs");
    return NULL;
}

static bool takes(const struct lowering *lowering, const char *name)
{
    for (size_t i = 0; i < lowering->parameter_count; i++)
        if (!strcmp(lowering->parameters[i].name, name))
            return true;
    return false;
}

static const struct value *leaf_argument(struct lowering_walk *walk, const struct known *known, size_t index)
{
    size_t place = known->first + index;
    if (place >= known->leaf->arg_count)
        return NULL;
    const struct expr *argument = known->leaf->args[place];
    if (argument->kind == EXPR_LITERAL)
        return argument->value;
    return value_expression(walk->call->arena, argument, argument->origin);
}

/* Calls a lowering: its own parameters by name, the measure's parameters as names around them. */
static const struct value *run_lowering(struct lowering_walk *walk, const struct lowering *lowering,
                                        const struct known *known)
{
    struct arena *arena = walk->call->arena;
    struct scope *scope = scope_new(walk->call->compilation, NULL);
    for (size_t i = 0; i < known->measure->parameter_count; i++) {
        const struct value *argument = leaf_argument(walk, known, i);
        scope_bind(scope, known->measure->parameters[i].name,
                   argument ? argument : value_null(arena, known->leaf->origin));
    }
    for (size_t i = 0; i < lowering->parameter_count; i++) {
        const char *name = lowering->parameters[i].name;
        const struct value *value = NULL;
        if (!strcmp(name, "at"))
            value = known->at;
        else if (!strcmp(name, "window"))
            value = walk->window;
        else if (!strcmp(name, "low"))
            value = known->low;
        else if (!strcmp(name, "high"))
            value = known->high;
        else if (!strcmp(name, "bound"))
            value = known->bound;
        else if (!strcmp(name, "op") && known->operator_text)
            value = lower_text(walk, known->operator_text, known->leaf->origin);
        if (!value && lowering->parameters[i].default_value)
            value = evaluate(walk->call->compilation, scope, lowering->parameters[i].default_value);
        scope_bind(scope, name, value ? value : value_null(arena, known->leaf->origin));
    }
    const struct value *result = evaluate(walk->call->compilation, scope, lowering->body);
    return result && !native_value_origin(walk->call, result)
               ? value_with_origin(arena, result, known->leaf->origin)
               : result;
}

static void refuse_measure(struct lowering_walk *walk, const struct expr *expr, const char *name)
{
    struct diag *diag = lower_refuse(walk, DIAG_LOWER_MEASURE, expr, "%s cannot measure `%s`",
                                     lower_title(walk->target), name);
    diag_help(diag, "`mlc explain %s` lists the targets that can; a `monitor` measures it with mlc itself",
              name);
}

const struct value *lower_leaf(struct lowering_walk *walk, const struct expr *expr)
{
    struct known known = {.leaf = expr};
    const char *side;
    const struct dialect_node *column = lower_column_clause(walk, expr);
    if (column)
        return lower_column(walk, expr, column);
    known.measure = leaf_measure(walk, expr, &side, &known.first);
    if (!known.measure) {
        struct buf text = {0};
        expr_print(&text, expr);
        refuse_measure(walk, expr, arena_strdup(walk->call->arena, buf_str(&text)));
        buf_free(&text);
        return NULL;
    }
    const struct lowering *lowering = measure_lowering(known.measure, walk->target);
    if (!lowering) {
        refuse_measure(walk, expr, known.measure->name);
        return NULL;
    }
    if (takes(lowering, "bound") || takes(lowering, "low") || takes(lowering, "high")) {
        lower_refuse(walk, DIAG_LOWER_FORM, expr, "%s takes this measure only with a constant bound",
                     lower_title(walk->target));
        return NULL;
    }
    bool bad;
    known.at = side_slot(walk, expr, side, &bad);
    const struct value *text = bad ? NULL : run_lowering(walk, lowering, &known);
    const struct dialect_node *node = text ? lower_clause(walk, "leaf") : NULL;
    return node ? lower_apply(walk, node, &text, 1) : text;
}

/* Builds, for a measure whose lowering takes a bound, the bounds of `m <= c`, `m in lo..hi` …; false: no such
 * form. */
static bool read_bounds(const struct expr *expr, const struct measure *measure, struct known *known)
{
    if (expr->kind != EXPR_BINARY || expr->args[1]->kind != EXPR_LITERAL)
        return false;
    const struct value *constant = expr->args[1]->value;
    known->operator_text = expr->name;
    if (!strcmp(expr->name, "in") && constant->kind == VALUE_RANGE) {
        known->low = constant->low;
        known->high = constant->high;
    } else if (!strcmp(expr->name, ">=")) {
        known->low = constant;
        known->bound = measure->better > 0 ? constant : NULL;
    } else if (!strcmp(expr->name, "<=")) {
        known->high = constant;
        known->bound = measure->better < 0 ? constant : NULL;
    } else if (!strcmp(expr->name, "==")) {
        known->low = known->high = constant;
    } else {
        return false;
    }
    return true;
}

const struct value *lower_bounded(struct lowering_walk *walk, const struct expr *expr, bool *applies)
{
    struct known known = {0};
    const char *side = NULL;
    *applies = false;
    if (expr->kind != EXPR_BINARY || expr->arg_count != 2)
        return NULL;
    known.leaf = expr->args[0];
    known.measure = leaf_measure(walk, known.leaf, &side, &known.first);
    const struct lowering *lowering = known.measure ? measure_lowering(known.measure, walk->target) : NULL;
    if (!lowering || !(takes(lowering, "bound") || takes(lowering, "low") || takes(lowering, "high")))
        return NULL;
    *applies = true;
    bool fits = read_bounds(expr, known.measure, &known) && (!takes(lowering, "bound") || known.bound) &&
                (takes(lowering, "bound") ||
                 ((!known.low || takes(lowering, "low")) && (!known.high || takes(lowering, "high"))));
    if (fits)
        return run_lowering(walk, lowering, &known);
    struct diag *diag = lower_refuse(walk, DIAG_LOWER_FORM, expr, "%s has no form for `%s` with this bound",
                                     lower_title(walk->target), known.measure->name);
    if (takes(lowering, "bound"))
        diag_help(diag, "it takes `%s %s constant`", known.measure->name,
                  known.measure->better > 0 ? ">=" : "<=");
    else
        diag_help(diag, "it takes `%s` with `<=`, `>=`, `==` or `in`", known.measure->name);
    return NULL;
}
