#include "runtime/row_condition.h"

#include <string.h>
#include "core/map.h"
#include "runtime/expectations.h"

struct translation {
    struct arena *arena;
    struct node *dataset, *feature;
};

/* `features` where a column is expected, unless the data has a column of that name. */
static struct node *column_of(const struct translation *t, const char *name)
{
    struct node *column = expectations_column(t->dataset, name);
    return column == NULL && strcmp(name, "features") == 0 ? t->feature : column;
}

static bool is_calculation(const struct expr *expr)
{
    return (expr->kind == EXPR_BINARY && strchr("+-*/", expr->name[0]) != NULL) ||
           (expr->kind == EXPR_UNARY && expr->name[0] == '-');
}

static bool is_comparison(const struct expr *expr)
{
    return expr->kind == EXPR_BINARY && !is_calculation(expr) && strcmp(expr->name, "and") != 0 &&
           strcmp(expr->name, "or") != 0;
}

static bool is_type(struct node *column, const char *name)
{
    const char *type = column == NULL ? "" : value_string_or(value_get(node_get(column, "type"), "name"), "");
    return strncmp(type, name, strlen(name)) == 0;
}

/* Quantities in the engine's units. */
static const struct value *plain(const struct translation *t, const struct value *value)
{
    if (value->kind == VALUE_QUANTITY) {
        double number = value->unit == UNIT_PERCENT    ? value->number / 100
                        : value->unit == UNIT_DURATION ? value->number / 1e6
                                                       : value->number;
        return value_float(t->arena, number, value->origin);
    }
    if (value->kind == VALUE_RANGE)
        return value_range(t->arena, value->low == NULL ? NULL : plain(t, value->low),
                           value->high == NULL ? NULL : plain(t, value->high), value->origin);
    if (value->kind != VALUE_LIST)
        return value;
    struct list_builder list = list_begin(t->arena);
    for (size_t i = 0; i < value->count; i++)
        list_add(&list, plain(t, value->items[i]));
    return list_end(&list, value->origin);
}

/* A column by its header; the days of a date count as seconds where times are calculated with. */
static const struct expr *header_expr(const struct translation *t, const struct expr *expr, bool calculated)
{
    struct node *column = column_of(t, expr->name);
    const char *header = column == NULL ? expr->name : node_text(column, "from");
    const struct expr *name = expr_name(t->arena, expr->dialect, header, expr->origin);
    if (!calculated || !is_type(column, "date"))
        return name;
    const struct expr *args[] = {
        name, expr_literal(t->arena, expr->dialect, value_int(t->arena, 24 * 60 * 60, expr->origin))};
    return expr_make(t->arena, EXPR_BINARY, expr->dialect, "*", args, NULL, 2, expr->origin);
}

static const struct expr *translate(const struct translation *t, const struct expr *expr, bool calculated)
{
    if (expr->kind == EXPR_LITERAL)
        return expr_literal(t->arena, expr->dialect, plain(t, expr->value));
    if (expr->kind == EXPR_NAME)
        return header_expr(t, expr, calculated);
    if (is_comparison(expr))
        calculated = is_calculation(expr->args[0]) || is_calculation(expr->args[1]);
    const struct expr **args = arena_array(t->arena, expr->arg_count, sizeof *args);
    for (size_t i = 0; i < expr->arg_count; i++)
        args[i] = translate(t, expr->args[i], calculated);
    return expr_make(t->arena, expr->kind, expr->dialect, expr->name, args, expr->arg_names, expr->arg_count,
                     expr->origin);
}

const struct expr *row_condition(struct arena *arena, struct node *dataset, struct node *feature,
                                 const struct expr *condition)
{
    struct translation t = {arena, dataset, feature};
    return translate(&t, condition, false);
}

static bool reads_times(struct node *dataset, const struct expr *expr)
{
    if (expr->kind == EXPR_LITERAL)
        return expr->value->kind == VALUE_QUANTITY && expr->value->unit == UNIT_DURATION;
    struct node *column = expr->kind == EXPR_NAME ? expectations_column(dataset, expr->name) : NULL;
    if (is_type(column, "date") || is_type(column, "time"))
        return true;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (reads_times(dataset, expr->args[i]))
            return true;
    return false;
}

bool row_condition_times(struct node *dataset, const struct expr *condition)
{
    if (is_calculation(condition))
        return reads_times(dataset, condition);
    for (size_t i = 0; i < condition->arg_count; i++)
        if (row_condition_times(dataset, condition->args[i]))
            return true;
    return false;
}
