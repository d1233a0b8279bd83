/* Conditions over the columns of a row stay trees too: names are columns, everything that is known here is a
 * literal. Words of a `one_of` column become texts. */

#include <string.h>
#include "compiler/node_state.h"
#include "compiler/evaluator/predicate.h"

struct row_reading {
    struct evaluator *ev;
    struct scope *scope;
    struct node *owner;
};

static const struct expr *read_row(struct row_reading *reading, const struct ast_expr *expr,
                                   const struct value *words);

static const struct ast_expr *bare(const struct ast_expr *expr)
{
    while (expr->kind == AST_PAREN)
        expr = expr->left;
    return expr;
}

static origin place(struct row_reading *reading, struct span span)
{
    return eval_origin(reading->ev, reading->scope, span);
}

/* The words of a column that is `one_of(…)`, or NULL. */
static const struct value *words_of(struct row_reading *reading, const struct ast_expr *expr)
{
    expr = bare(expr);
    struct node *column = expr->kind == AST_NAME ? predicate_column(reading->owner, expr->name.text) : NULL;
    const struct value *type = column ? node_get(column, "type") : NULL;
    bool listed = type && strcmp(value_string_or(value_get(type, "name"), ""), "one_of") == 0;
    return listed ? value_get(type, "words") : NULL;
}

static bool is_word(const struct value *words, const char *name)
{
    for (size_t i = 0; words && words->kind == VALUE_LIST && i < words->count; i++)
        if (strcmp(value_string_or(words->items[i], ""), name) == 0)
            return true;
    return false;
}

/* A value in a condition: a column's node is that column, and so is a word that names one. */
static const struct expr *value_expr(struct row_reading *reading, const struct value *value)
{
    struct arena *arena = reading->ev->arena;
    if (!value)
        return NULL;
    if (value->kind == VALUE_NODE)
        return expr_name(arena, PREDICATE_DIALECT, value->node->name, value->origin);
    if (value->kind != VALUE_WORD)
        return expr_literal(arena, PREDICATE_DIALECT, value);
    if (predicate_column(reading->owner, value->text))
        return expr_name(arena, PREDICATE_DIALECT, value->text, value->origin);
    return expr_literal(arena, PREDICATE_DIALECT,
                        value_string_n(arena, value->text, value->length, value->origin));
}

static const struct expr *read_name(struct row_reading *reading, const struct ast_expr *expr,
                                    const struct value *words)
{
    struct evaluator *ev = reading->ev;
    const char *name = expr->name.text;
    origin where = place(reading, expr->span);
    bool found = false;
    const struct value *variable = scope_variable(ev, reading->scope, name, &found);
    if (found)
        return value_expr(reading, variable);
    if (is_word(words, name))
        return expr_literal(ev->arena, PREDICATE_DIALECT, value_string(ev->arena, name, where));
    if (predicate_column(reading->owner, name))
        return expr_name(ev->arena, PREDICATE_DIALECT, name, where);
    if (constant_find(ev->compilation, name, expr->span))
        return value_expr(reading, eval_name(ev, reading->scope, expr, NULL));
    return expr_name(ev->arena, PREDICATE_DIALECT, name, where);
}

/* `in [paid, "free"]`: a list of values, or NULL after a report. */
static const struct value *read_list(struct row_reading *reading, const struct ast_expr *list,
                                     const struct value *words)
{
    for (const struct ast_element *e = list->elements; e; e = e->next)
        if (e->kind != AST_ELEMENT_VALUE)
            return eval(reading->ev, reading->scope, list, NULL);
    struct list_builder items = list_begin(reading->ev->arena);
    for (const struct ast_element *e = list->elements; e; e = e->next) {
        const struct expr *item = read_row(reading, e->value, words);
        if (item && item->kind != EXPR_LITERAL)
            eval_report(reading->ev, DIAG_EVAL_VALUE, item->origin, "a list behind `in` holds values");
        if (!item || item->kind != EXPR_LITERAL)
            return NULL;
        list_add(&items, item->value);
    }
    return list_end(&items, place(reading, list->span));
}

static const struct expr *make(struct row_reading *reading, enum expr_kind kind, const char *name,
                               const struct expr *const *args, size_t count, struct span span)
{
    for (size_t i = 0; i < count; i++)
        if (!args[i])
            return NULL;
    return expr_make(reading->ev->arena, kind, PREDICATE_DIALECT, name, args, NULL, count,
                     place(reading, span));
}

static const struct expr *read_membership(struct row_reading *reading, const struct ast_expr *expr)
{
    const struct ast_expr *set = bare(expr->right);
    const struct value *value = set->kind == AST_LIST ? read_list(reading, set, words_of(reading, expr->left))
                                                      : eval(reading->ev, reading->scope, set, NULL);
    const struct expr *args[] = {read_row(reading, expr->left, NULL), value_expr(reading, value)};
    return make(reading, EXPR_BINARY, ast_op_text(expr->op), args, 2, expr->span);
}

static const struct expr *read_binary(struct row_reading *reading, const struct ast_expr *expr)
{
    if (expr->op == AST_OP_IN || expr->op == AST_OP_NOT_IN)
        return read_membership(reading, expr);
    const struct expr *args[] = {read_row(reading, expr->left, words_of(reading, expr->right)),
                                 read_row(reading, expr->right, words_of(reading, expr->left))};
    if (!args[0] || !args[1])
        return NULL;
    bool operation = expr->op >= AST_OP_ADD && expr->op <= AST_OP_DIV;
    if (operation && args[0]->kind == EXPR_LITERAL && args[1]->kind == EXPR_LITERAL)
        return value_expr(reading, eval_binary(reading->ev, expr->op, args[0]->value, args[1]->value,
                                               place(reading, expr->op_span)));
    return make(reading, EXPR_BINARY, ast_op_text(expr->op), args, 2, expr->span);
}

static const struct expr *read_unary(struct row_reading *reading, const struct ast_expr *expr)
{
    const struct expr *args[] = {read_row(reading, expr->left, NULL)};
    if (expr->op == AST_OP_MINUS && args[0] && args[0]->kind == EXPR_LITERAL)
        return value_expr(reading, eval_minus(reading->ev, args[0]->value, place(reading, expr->span)));
    return make(reading, EXPR_UNARY, expr->op == AST_OP_NOT ? "not" : "-", args, 1, expr->span);
}

static const struct expr *read_row(struct row_reading *reading, const struct ast_expr *expr,
                                   const struct value *words)
{
    struct evaluator *ev = reading->ev;
    if (ev->depth >= EVALUATE_DEPTH || ev->stopped)
        return value_expr(reading, eval(ev, reading->scope, expr, NULL));
    expr = bare(expr);
    ev->steps++;
    ev->depth++;
    const struct expr *result =
        expr->kind == AST_NAME                                 ? read_name(reading, expr, words)
        : expr->kind == AST_BINARY && expr->op != AST_OP_RANGE ? read_binary(reading, expr)
        : expr->kind == AST_UNARY                              ? read_unary(reading, expr)
                                  : value_expr(reading, eval(ev, reading->scope, expr, NULL));
    ev->depth--;
    return result;
}

const struct expr *eval_row_condition(struct evaluator *ev, struct scope *scope, struct node *owner,
                                      const struct ast_expr *expr)
{
    struct row_reading reading = {ev, scope, owner};
    return read_row(&reading, expr, NULL);
}
