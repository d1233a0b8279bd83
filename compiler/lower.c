/* Predicates and row conditions to the language of a target: a walk over the tree from the leaves up. A leaf
 * calls the measure's `lower TARGET(…)` or, of a row condition, the clause `column`; an inner node the clause
 * of its name in `dialect TARGET`. A clause that is missing is the message, at the operator that the user
 * wrote. */

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include "compiler/evaluate.h"
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/documents/json.h"
#include "core/text.h"

enum { LOWER_DEPTH = 200 };

struct lowering_walk {
    struct native_call *call;
    const char *target;
    const struct dialect *dialect;
    const struct value *slots; /* a record, or NULL */
    const struct value *window;
    const struct value *predicate;
    int depth;
};

/* What one call of a lowering knows by name. */
struct known {
    const struct measure *measure;
    const struct expr *leaf;
    size_t first;           /* of the leaf's arguments: 1 behind `stable.` */
    const struct value *at; /* labels of the side */
    const struct value *low, *high, *bound;
    const char *operator_text;
};

static const struct value *lower_node(struct lowering_walk *walk, const struct expr *expr);

/* Reports at the place in the user's predicate. */
static struct diag *refuse(struct lowering_walk *walk, enum diag_code code, const struct expr *expr,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

static struct diag *refuse(struct lowering_walk *walk, enum diag_code code, const struct expr *expr,
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

/* The name of the target as people write it. */
static const char *target_title(const char *target)
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

static const struct dialect_node *clause(const struct lowering_walk *walk, const char *name)
{
    for (const struct dialect_node *node = walk->dialect ? walk->dialect->nodes : NULL; node;
         node = node->next)
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

static const struct value *apply(struct lowering_walk *walk, const struct dialect_node *node,
                                 const struct value *const *values, size_t given)
{
    return run_body(walk, node->parameters, node->parameter_count, values, given, node->body);
}

static const struct value *text_value(struct lowering_walk *walk, const char *text, origin where)
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

static const struct value *lower_constant(struct lowering_walk *walk, const struct expr *expr)
{
    struct buf out = {0};
    if (!constant_text(expr->value, &out)) {
        buf_free(&out);
        refuse(walk, DIAG_LOWER_FORM, expr, "%s has no form for this value", target_title(walk->target));
        return NULL;
    }
    const struct value *text = text_value(walk, buf_str(&out), expr->value->origin);
    buf_free(&out);
    bool is_text = expr->value->kind == VALUE_STRING || expr->value->kind == VALUE_WORD;
    const struct dialect_node *node = clause(walk, is_text ? "text" : "number");
    if (node && is_text) /* which quotes a text as its language does */
        text = value_string_n(walk->call->arena, expr->value->text, expr->value->length, expr->value->origin);
    return node ? apply(walk, node, &text, 1) : text;
}

/* A column of a row condition: a bare name, in dialects that know columns. */
static const struct dialect_node *column_clause(const struct lowering_walk *walk, const struct expr *expr)
{
    bool bare = expr->kind == EXPR_NAME || (expr->kind == EXPR_MEASURE && expr->arg_count == 0);
    return bare ? clause(walk, "column") : NULL;
}

static const struct value *lower_column(struct lowering_walk *walk, const struct expr *expr,
                                        const struct dialect_node *node)
{
    const struct value *name = text_value(walk, expr->name, expr->origin);
    return apply(walk, node, &name, 1);
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
    struct diag *diag = refuse(walk, DIAG_LOWER_SIDE, leaf, "%s knows no version `%s` here",
                               target_title(walk->target), side);
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
            value = text_value(walk, known->operator_text, known->leaf->origin);
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
    struct diag *diag =
        refuse(walk, DIAG_LOWER_MEASURE, expr, "%s cannot measure `%s`", target_title(walk->target), name);
    diag_help(diag, "`mlc explain %s` lists the targets that can; a `monitor` measures it with mlc itself",
              name);
}

static const struct value *lower_leaf(struct lowering_walk *walk, const struct expr *expr)
{
    struct known known = {.leaf = expr};
    const char *side;
    const struct dialect_node *column = column_clause(walk, expr);
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
        refuse(walk, DIAG_LOWER_FORM, expr, "%s takes this measure only with a constant bound",
               target_title(walk->target));
        return NULL;
    }
    bool bad;
    known.at = side_slot(walk, expr, side, &bad);
    const struct value *text = bad ? NULL : run_lowering(walk, lowering, &known);
    const struct dialect_node *node = text ? clause(walk, "leaf") : NULL;
    return node ? apply(walk, node, &text, 1) : text;
}

/* The clause of each operator in a dialect; comparisons share one that takes the operator as text. */
static const char *clause_name(const struct expr *expr)
{
    static const char *const names[][2] = {{"and", "both"},   {"or", "either"},       {"+", "add"},
                                           {"-", "subtract"}, {"*", "multiply"},      {"/", "divide"},
                                           {"%", "modulo"},   {"//", "floor_divide"}, {"**", "power"},
                                           {"in", "between"}, {"not in", "outside"},  {"??", "otherwise"}};
    if (expr->kind == EXPR_UNARY)
        return !strcmp(expr->name, "not") ? "negate" : "minus";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(expr->name, names[i][0]))
            return names[i][1];
    return "compare";
}

static int arithmetic_strength(const struct expr *expr)
{
    if (expr->kind != EXPR_BINARY)
        return 3;
    if (!strcmp(expr->name, "+") || !strcmp(expr->name, "-"))
        return 1;
    return !strcmp(expr->name, "*") || !strcmp(expr->name, "/") ? 2 : 3;
}

/* An operand of an operation: in parentheses where the clauses alone would regroup it. */
static const struct value *lower_operand(struct lowering_walk *walk, const struct expr *expr,
                                         const struct expr *parent, bool right)
{
    const struct value *text = lower_node(walk, expr);
    int own = arithmetic_strength(expr), outer = arithmetic_strength(parent);
    bool wrapped = outer < 3 && (own < outer || (right && own == outer));
    if (!text || !wrapped || text->kind != VALUE_STRING)
        return text;
    return value_string(walk->call->arena, arena_printf(walk->call->arena, "(%s)", text->text), text->origin);
}

static const struct dialect_node *need_clause(struct lowering_walk *walk, const struct expr *expr,
                                              const char *name, const char *shown)
{
    const struct dialect_node *node = clause(walk, name);
    if (!node)
        refuse(walk, DIAG_LOWER_OPERATOR, expr, "%s cannot express `%s` here", target_title(walk->target),
               shown);
    return node;
}

/* A condition: `truth` makes one of a column that holds true and false. */
static const struct value *lower_condition(struct lowering_walk *walk, const struct expr *expr)
{
    const struct value *text = lower_node(walk, expr);
    const struct dialect_node *truth = text && column_clause(walk, expr) ? clause(walk, "truth") : NULL;
    return truth ? apply(walk, truth, &text, 1) : text;
}

static bool is_literal(const struct expr *expr, enum value_kind kind)
{
    return expr->kind == EXPR_LITERAL && expr->value->kind == kind;
}

/* `x == null` as missing(x), `x != null` as present(x), on either side; NULL: it asks for no null. */
static const struct dialect_node *null_clause(const struct lowering_walk *walk, const struct expr *expr,
                                              const struct expr **asked)
{
    bool equal = !strcmp(expr->name, "==");
    if (expr->arg_count != 2 || (!equal && strcmp(expr->name, "!=") != 0))
        return NULL;
    bool left = is_literal(expr->args[0], VALUE_NULL), right = is_literal(expr->args[1], VALUE_NULL);
    *asked = expr->args[left ? 1 : 0];
    return left || right ? clause(walk, equal ? "missing" : "present") : NULL;
}

/* `x in [1, 2]` as one_of(x, items), `not in` as none_of; nulls in the list are no values. */
static const struct value *lower_membership(struct lowering_walk *walk, const struct expr *expr)
{
    const struct value *list = expr->args[1]->value;
    const struct dialect_node *node =
        need_clause(walk, expr, !strcmp(expr->name, "in") ? "one_of" : "none_of", expr->name);
    struct list_builder items = list_begin(walk->call->arena);
    for (size_t i = 0; node && i < list->count; i++) {
        if (list->items[i]->kind == VALUE_NULL)
            continue;
        const struct value *item =
            lower_constant(walk, expr_literal(walk->call->arena, expr->dialect, list->items[i]));
        if (!item)
            return NULL;
        list_add(&items, item);
    }
    const struct value *of = node ? lower_node(walk, expr->args[0]) : NULL;
    const struct value *values[] = {of, list_end(&items, expr->origin)};
    return of ? apply(walk, node, values, 2) : NULL;
}

/* `m in lo..hi` as between(m, lo, hi). */
static const struct value *lower_range(struct lowering_walk *walk, const struct expr *expr,
                                       const struct dialect_node *node)
{
    const struct value *range = expr->args[1]->kind == EXPR_LITERAL ? expr->args[1]->value : NULL;
    if (!range || range->kind != VALUE_RANGE || !range->low || !range->high) {
        refuse(walk, DIAG_LOWER_FORM, expr, "%s takes ranges with two constant ends",
               target_title(walk->target));
        return NULL;
    }
    const struct expr *low = expr_literal(walk->call->arena, expr->dialect, range->low);
    const struct expr *high = expr_literal(walk->call->arena, expr->dialect, range->high);
    const struct value *values[] = {lower_node(walk, expr->args[0]), lower_constant(walk, low),
                                    lower_constant(walk, high)};
    return values[0] && values[1] && values[2] ? apply(walk, node, values, 3) : NULL;
}

static const struct value *lower_operation(struct lowering_walk *walk, const struct expr *expr)
{
    const char *name = clause_name(expr);
    const struct expr *asked = NULL;
    const struct dialect_node *absence = null_clause(walk, expr, &asked);
    if (absence) {
        const struct value *operand = lower_node(walk, asked);
        return operand ? apply(walk, absence, &operand, 1) : NULL;
    }
    bool range = !strcmp(name, "between") || !strcmp(name, "outside");
    if (range && is_literal(expr->args[1], VALUE_LIST))
        return lower_membership(walk, expr);
    const struct dialect_node *node = need_clause(walk, expr, name, expr->name);
    if (!node)
        return NULL;
    if (expr->kind == EXPR_UNARY) {
        const struct value *operand =
            !strcmp(name, "negate") ? lower_condition(walk, expr->args[0]) : lower_node(walk, expr->args[0]);
        return operand ? apply(walk, node, &operand, 1) : NULL;
    }
    if (range)
        return lower_range(walk, expr, node);
    bool logic = !strcmp(name, "both") || !strcmp(name, "either");
    const struct value *left =
        logic ? lower_condition(walk, expr->args[0]) : lower_operand(walk, expr->args[0], expr, false);
    const struct value *right =
        logic ? lower_condition(walk, expr->args[1]) : lower_operand(walk, expr->args[1], expr, true);
    if (!left || !right)
        return NULL;
    const struct value *operation = text_value(walk, expr->name, expr->origin);
    const struct value *three[] = {left, operation, right}, *two[] = {left, right};
    return !strcmp(name, "compare") ? apply(walk, node, three, 3) : apply(walk, node, two, 2);
}

static const struct value *lower_window(struct lowering_walk *walk, const struct expr *expr)
{
    const struct value *outer = walk->window;
    if (expr->args[1]->kind == EXPR_LITERAL)
        walk->window = expr->args[1]->value;
    const struct value *result = lower_node(walk, expr->args[0]);
    walk->window = outer;
    return result;
}

static const struct value *lower_holds(struct lowering_walk *walk, const struct expr *expr)
{
    const struct dialect_node *node = need_clause(walk, expr, "holds", "for");
    const struct value *held = node ? lower_node(walk, expr->args[0]) : NULL;
    if (!held || expr->args[1]->kind != EXPR_LITERAL)
        return NULL;
    const struct value *values[] = {held, expr->args[1]->value};
    return apply(walk, node, values, 2);
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

/* The whole of `measure OP constant` where the lowering of the measure takes the bound itself. *applies is
 * false when it does not. */
static const struct value *lower_bounded(struct lowering_walk *walk, const struct expr *expr, bool *applies)
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
    struct diag *diag = refuse(walk, DIAG_LOWER_FORM, expr, "%s has no form for `%s` with this bound",
                               target_title(walk->target), known.measure->name);
    if (takes(lowering, "bound"))
        diag_help(diag, "it takes `%s %s constant`", known.measure->name,
                  known.measure->better > 0 ? ">=" : "<=");
    else
        diag_help(diag, "it takes `%s` with `<=`, `>=`, `==` or `in`", known.measure->name);
    return NULL;
}

static const struct value *lower_node(struct lowering_walk *walk, const struct expr *expr)
{
    if (++walk->depth > LOWER_DEPTH) {
        refuse(walk, DIAG_LOWER_FORM, expr, "the predicate is nested too deeply");
        walk->depth--;
        return NULL;
    }
    bool applies;
    const struct value *result = lower_bounded(walk, expr, &applies);
    if (!applies && expr->kind == EXPR_LITERAL)
        result = lower_constant(walk, expr);
    else if (!applies && (expr->kind == EXPR_BINARY || expr->kind == EXPR_UNARY))
        result = lower_operation(walk, expr);
    else if (!applies && expr->kind == EXPR_HOLDS)
        result = lower_holds(walk, expr);
    else if (!applies && expr->kind == EXPR_OVER)
        result = lower_window(walk, expr);
    else if (!applies)
        result = lower_leaf(walk, expr);
    walk->depth--;
    return result;
}

static const struct expr *condition_of(const struct native_call *call, const struct value *predicate)
{
    if (predicate && predicate->kind == VALUE_NODE)
        predicate = native_member(call, predicate, "condition");
    return predicate && predicate->kind == VALUE_EXPRESSION ? predicate->expr : NULL;
}

/* `holds` asks for the clause although the predicate says no `for`. */
static const struct expr *with_hold(struct native_call *call, const struct expr *expr,
                                    const struct value *holds)
{
    if (!holds || expr->kind == EXPR_HOLDS)
        return expr;
    const struct expr *args[] = {expr, expr_literal(call->arena, expr->dialect, holds)};
    return expr_make(call->arena, EXPR_HOLDS, expr->dialect, NULL, args, NULL, 2, expr->origin);
}

const struct value *native_lower(struct native_call *call)
{
    const struct value *predicate = native_argument(call, 0);
    const char *target = native_text(call, 1);
    const struct expr *expr = condition_of(call, predicate);
    if (!expr || !target)
        return native_misfit(call, expr ? 1 : 0, "a predicate and the name of a dialect");
    const struct map *dialects = call->compilation->declarations.dialects;
    struct lowering_walk walk = {.call = call,
                                 .target = target,
                                 .dialect = dialects ? map_get(dialects, target) : NULL,
                                 .slots = native_argument(call, 2),
                                 .predicate = predicate};
    expr = with_hold(call, expr, native_argument(call, 3));
    if (predicate->kind == VALUE_NODE) {
        const struct value *over = native_member(call, predicate, "over");
        walk.window = over && over->kind == VALUE_QUANTITY ? over : NULL;
    }
    const struct value *result = lower_node(&walk, expr);
    if (!result || native_value_origin(call, result))
        return result;
    return value_with_origin(call->arena, result, native_origin(call));
}

/* The reports go to a sink of their own: a condition that a target cannot say is the caller's business. */
const struct value *native_lower_row(struct native_call *call)
{
    const struct value *condition = native_argument(call, 0);
    const char *target = native_text(call, 1);
    if (!condition || condition->kind != VALUE_EXPRESSION || !target)
        return native_misfit(call, condition && target ? 0 : 1, "a row condition and the name of a dialect");
    struct compilation *compilation = call->compilation;
    const struct map *dialects = compilation->declarations.dialects;
    struct lowering_walk walk = {.call = call,
                                 .target = target,
                                 .dialect = dialects ? map_get(dialects, target) : NULL,
                                 .predicate = condition};
    struct diag_sink *outer = compilation->diags;
    compilation->diags = diag_sink_new(call->arena, 1);
    const struct value *text = lower_condition(&walk, condition->expr);
    const char *why = diag_count(compilation->diags) ? diag_at(compilation->diags, 0)->message : NULL;
    compilation->diags = outer;
    const struct value *none = value_null(call->arena, call->where);
    struct field fields[] = {{"text", 0, text ? text : none},
                             {"why", 0, text || !why ? none : value_string(call->arena, why, 0)}};
    return value_record(call->arena, fields, 2, call->where);
}
