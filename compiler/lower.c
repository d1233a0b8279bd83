/* Predicates and row conditions to the language of a target: a walk over the tree from the leaves up. A leaf
 * calls the measure's `lower TARGET(…)` or, of a row condition, the clause `column`; an inner node the clause
 * of its name in `dialect TARGET`. A clause that is missing is the message, at the operator that the user
 * wrote. */

#include "compiler/lower_walk.h"

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"

enum { LOWER_DEPTH = 200 };

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

/* How strongly an operand's text holds together: clauses of other operations wrap themselves. */
static int operand_strength(const struct expr *expr)
{
    if (expr->kind == EXPR_UNARY)
        return 2;
    if (expr->kind != EXPR_BINARY)
        return 3;
    if (!strcmp(expr->name, "+") || !strcmp(expr->name, "-"))
        return 1;
    return !strcmp(expr->name, "*") || !strcmp(expr->name, "/") ? 2 : 3;
}

/* How strong an operation's operands must be; 0: any will do, as for a comparison. */
static int operator_strength(const struct expr *expr)
{
    static const char *const strongest[] = {"%", "//", "**"};
    for (size_t i = 0; i < sizeof strongest / sizeof *strongest; i++)
        if (!strcmp(expr->name, strongest[i]))
            return 3;
    if (expr->kind == EXPR_UNARY)
        return 3;
    int strength = operand_strength(expr);
    return strength < 3 ? strength : 0;
}

/* An operand of an operation: in parentheses where the clauses alone would regroup it. */
static const struct value *lower_operand(struct lowering_walk *walk, const struct expr *expr,
                                         const struct expr *parent, bool right)
{
    const struct value *text = lower_node(walk, expr);
    int own = operand_strength(expr), outer = operator_strength(parent);
    bool wrapped = own < outer || (right && own == outer && outer < 3);
    if (!text || !wrapped || text->kind != VALUE_STRING)
        return text;
    return value_string(walk->call->arena, arena_printf(walk->call->arena, "(%s)", text->text), text->origin);
}

static const struct dialect_node *need_clause(struct lowering_walk *walk, const struct expr *expr,
                                              const char *name, const char *shown)
{
    const struct dialect_node *node = lower_clause(walk, name);
    if (!node)
        lower_refuse(walk, DIAG_LOWER_OPERATOR, expr, "%s cannot express `%s` here",
                     lower_title(walk->target), shown);
    return node;
}

/* A condition: `truth` makes one of a column that holds true and false. */
static const struct value *lower_condition(struct lowering_walk *walk, const struct expr *expr)
{
    const struct value *text = lower_node(walk, expr);
    const struct dialect_node *truth =
        text && lower_column_clause(walk, expr) ? lower_clause(walk, "truth") : NULL;
    return truth ? lower_apply(walk, truth, &text, 1) : text;
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
    return left || right ? lower_clause(walk, equal ? "missing" : "present") : NULL;
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
    return of ? lower_apply(walk, node, values, 2) : NULL;
}

/* `m in lo..hi` as between(m, lo, hi). */
static const struct value *lower_range(struct lowering_walk *walk, const struct expr *expr,
                                       const struct dialect_node *node)
{
    const struct value *range = expr->args[1]->kind == EXPR_LITERAL ? expr->args[1]->value : NULL;
    if (!range || range->kind != VALUE_RANGE || !range->low || !range->high) {
        lower_refuse(walk, DIAG_LOWER_FORM, expr, "%s takes ranges with two constant ends",
                     lower_title(walk->target));
        return NULL;
    }
    const struct expr *low = expr_literal(walk->call->arena, expr->dialect, range->low);
    const struct expr *high = expr_literal(walk->call->arena, expr->dialect, range->high);
    const struct value *values[] = {lower_node(walk, expr->args[0]), lower_constant(walk, low),
                                    lower_constant(walk, high)};
    return values[0] && values[1] && values[2] ? lower_apply(walk, node, values, 3) : NULL;
}

static const struct value *lower_operation(struct lowering_walk *walk, const struct expr *expr)
{
    const char *name = clause_name(expr);
    const struct expr *asked = NULL;
    const struct dialect_node *absence = null_clause(walk, expr, &asked);
    if (absence) {
        const struct value *operand = lower_node(walk, asked);
        return operand ? lower_apply(walk, absence, &operand, 1) : NULL;
    }
    bool range = !strcmp(name, "between") || !strcmp(name, "outside");
    if (range && is_literal(expr->args[1], VALUE_LIST))
        return lower_membership(walk, expr);
    const struct dialect_node *node = need_clause(walk, expr, name, expr->name);
    if (!node)
        return NULL;
    if (expr->kind == EXPR_UNARY) {
        const struct value *operand = !strcmp(name, "negate")
                                          ? lower_condition(walk, expr->args[0])
                                          : lower_operand(walk, expr->args[0], expr, false);
        return operand ? lower_apply(walk, node, &operand, 1) : NULL;
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
    const struct value *operation = lower_text(walk, expr->name, expr->origin);
    const struct value *three[] = {left, operation, right}, *two[] = {left, right};
    return !strcmp(name, "compare") ? lower_apply(walk, node, three, 3) : lower_apply(walk, node, two, 2);
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
    return lower_apply(walk, node, values, 2);
}

const struct value *lower_node(struct lowering_walk *walk, const struct expr *expr)
{
    if (++walk->depth > LOWER_DEPTH) {
        lower_refuse(walk, DIAG_LOWER_FORM, expr, "the predicate is nested too deeply");
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
    const char *target = native_text(call, 1), *variant = value_string_or(native_argument(call, 2), NULL);
    if (!condition || condition->kind != VALUE_EXPRESSION || !target)
        return native_misfit(call, condition && target ? 0 : 1, "a row condition and the name of a dialect");
    struct compilation *compilation = call->compilation;
    const struct map *dialects = compilation->declarations.dialects;
    struct lowering_walk walk = {.call = call,
                                 .target = target,
                                 .dialect = dialects ? map_get(dialects, target) : NULL,
                                 .variant = dialects && variant ? map_get(dialects, variant) : NULL,
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
