/* The demands of a dataset as plain checks with bounds, for other engines. */

#include "runtime/expectations_ask.h"

#include <string.h>
#include "runtime/row_condition.h"

/* A share of rows is a row check: at least that share is good, or at most. */
static bool bound_share(const struct measured *measured, struct check *check, const char *relation,
                        const struct value *bound)
{
    bool equal = strcmp(relation, "==") == 0, most = strcmp(relation, "<=") == 0;
    double share = share_of(bound);
    if (measures_bad_rows(measured)) { /* at most that many are bad */
        check->mostly = 1 - share;
        return most || (equal && share == 0);
    }
    check->mostly = share;
    if (strcmp(relation, ">=") == 0 || (equal && share == 1))
        return true;
    if (!most || check->kind != CHECK_IN_SET)
        return false;
    check->kind = CHECK_NOT_IN_SET;
    check->mostly = 1 - share;
    return true;
}

static bool bound_measure(const struct measured *measured, struct check *check, const char *relation,
                          const struct value *bound)
{
    if (check_kind_info(check->kind)->group == CHECK_GROUP_EACH)
        return bound_share(measured, check, relation, bound);
    bool range = strcmp(relation, "in") == 0 && bound->kind == VALUE_RANGE;
    bool equal = strcmp(relation, "==") == 0;
    if (relation[0] == '>' || equal)
        check->min = bound;
    if (relation[0] == '<' || equal)
        check->max = bound;
    if (range) {
        check->min = bound->low;
        check->max = bound->high;
    }
    check->strict_min = strcmp(relation, ">") == 0;
    check->strict_max = strcmp(relation, "<") == 0;
    return range || equal || relation[0] == '>' || relation[0] == '<';
}

static const struct value *reason(struct expectations *all, const char *text)
{
    return value_string(all->arena, text, 0);
}

/* `a != b` of two columns is true unless both are missing; pandas says true then too, so it is spelled out.
 */
static const struct expr *spelled_out(struct arena *arena, const struct expr *expr)
{
    if (expr == NULL || expr->arg_count == 0)
        return expr;
    const struct expr **args = arena_array(arena, expr->arg_count, sizeof *args);
    for (size_t i = 0; i < expr->arg_count; i++)
        args[i] = spelled_out(arena, expr->args[i]);
    const struct expr *same = expr_make(arena, expr->kind, expr->dialect, expr->name, args, expr->arg_names,
                                        expr->arg_count, expr->origin);
    if (expr->kind != EXPR_BINARY || strcmp(expr->name, "!=") != 0 || args[0]->kind != EXPR_NAME ||
        args[1]->kind != EXPR_NAME)
        return same;
    const struct expr *null = expr_literal(arena, expr->dialect, value_null(arena, expr->origin));
    const struct expr *present[2], *sides[] = {same, NULL};
    for (size_t i = 0; i < 2; i++) {
        const struct expr *side[] = {args[i], null};
        present[i] = expr_make(arena, EXPR_BINARY, expr->dialect, "!=", side, NULL, 2, expr->origin);
    }
    sides[1] = expr_make(arena, EXPR_BINARY, expr->dialect, "or", present, NULL, 2, expr->origin);
    return expr_make(arena, EXPR_BINARY, expr->dialect, "and", sides, NULL, 2, expr->origin);
}

/* A number or a moment, by its declared type: what pairs are compared as everywhere. */
static const char *ordered_type(struct node *dataset, const struct expr *side)
{
    static const char *const types[] = {"int", "float", "decimal", "date", "timestamp", "time"};
    struct node *column = side->kind == EXPR_NAME ? expectations_column(dataset, side->name) : NULL;
    const char *name = column == NULL ? "" : value_string_or(value_get(node_get(column, "type"), "name"), "");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], name) == 0)
            return i < 3 ? "number" : types[i];
    return NULL;
}

/* `holds(a <= b)` as a comparison of a pair, which more engines know: a missing value on either side is bad.
 */
static void say_as_pair(struct expectations *all, const struct expr *row, struct check *check)
{
    static const struct {
        const char *relation;
        enum check_kind kind;
        bool or_equal, swapped;
    } forms[] = {{"==", CHECK_PAIR_EQUAL, false, false},
                 {">", CHECK_PAIR_GREATER, false, false},
                 {">=", CHECK_PAIR_GREATER, true, false},
                 {"<", CHECK_PAIR_GREATER, false, true},
                 {"<=", CHECK_PAIR_GREATER, true, true}};
    if (check->kind != CHECK_SATISFIES || row->kind != EXPR_BINARY || row->arg_count != 2)
        return;
    const char *left = ordered_type(all->dataset, row->args[0]),
               *right = ordered_type(all->dataset, row->args[1]);
    for (size_t i = 0;
         left != NULL && right != NULL && strcmp(left, right) == 0 && i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(row->name, forms[i].relation) != 0)
            continue;
        const char **columns = arena_array(all->arena, 2, sizeof *columns);
        columns[forms[i].swapped] = expectations_header(all->dataset, row->args[0]->name);
        columns[!forms[i].swapped] = expectations_header(all->dataset, row->args[1]->name);
        check->kind = forms[i].kind;
        check->or_equal = forms[i].or_equal;
        check->ignore = CHECK_IGNORE_NEVER;
        check->columns = columns;
        check->column_count = 2;
    }
}

/* What only mlc computes is said by no other engine. */
static void refuse_times(struct expectations *all, const struct measure *measure, const struct expr *call,
                         struct check *check)
{
    const struct expr *conditions[] = {measure_argument(measure, call, "row"),
                                       measure_argument(measure, call, "where")};
    for (size_t i = 0; i < 2; i++)
        if (conditions[i] != NULL && row_condition_times(all->dataset, conditions[i]))
            check->error = reason(all, "its condition calculates with times, which only mlc does");
}

/* `measure OP constant`, and several joined by `and`; false: no check says the same. */
static bool ask_bounded(struct expectations *all, const struct expr *expr)
{
    if (expr->kind != EXPR_BINARY)
        return false;
    if (strcmp(expr->name, "and") == 0)
        return ask_bounded(all, expr->args[0]) && ask_bounded(all, expr->args[1]);
    const struct expr *leaf = expr->args[0];
    if ((leaf->kind != EXPR_MEASURE && !is_sliced(leaf)) || expr->args[1]->kind != EXPR_LITERAL ||
        !ask_measure(all, leaf))
        return false;
    const struct measured *measured = all->measured.items[all->measured.count - 1];
    struct check *check = &all->asked.checks[measured->check];
    refuse_times(all, measured->measure, is_sliced(leaf) ? leaf->args[0] : leaf, check);
    if (!bound_measure(measured, check, expr->name, expr->args[1]->value))
        return false;
    const struct expr *row =
        measure_argument(measured->measure, is_sliced(leaf) ? leaf->args[0] : leaf, "row");
    if (row != NULL)
        say_as_pair(all, row, check);
    check->satisfies = spelled_out(all->arena, check->satisfies);
    check->where = spelled_out(all->arena, check->where);
    return true;
}

static bool ask_bounded_once(struct expectations *all, struct node *predicate)
{
    size_t before = all->asked.count;
    bool said = ask_bounded(all, node_get(predicate, "condition")->expr);
    const char *source = node_text(predicate, "source");
    const char *label =
        all->feature == NULL ? source : arena_printf(all->arena, "%s for %s", source, all->feature->name);
    for (size_t i = before; i < all->asked.count; i++)
        all->asked.checks[i].label = label;
    if (said)
        return true;
    all->asked.count = before;
    struct check *check = asked_add(&all->asked, CHECK_ROWS, NULL, predicate->origin);
    check->label = label;
    check->error = reason(all, "only `measure OP constant` and `and` can be said as a plain check");
    return false;
}

const struct check *expectations_checks(struct arena *arena, struct node *dataset, size_t *count)
{
    struct expectations all = expectations_of(arena, dataset);
    ask_of_columns(&all);
    const struct value *const *items;
    size_t item_count = node_list(dataset, "checks", &items);
    for (size_t i = 0; i < item_count; i++)
        for_each_feature(&all, items[i]->node, ask_bounded_once);
    *count = all.asked.count;
    return all.asked.checks;
}
