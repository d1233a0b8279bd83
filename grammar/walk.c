#include "grammar/walk.h"

static void walk_binders(const struct ast_binder *binder, const struct ast_visitor *visitor)
{
    for (; binder != NULL; binder = binder->next)
        ast_walk_expr(binder->source, visitor);
}

static void walk_arguments(const struct ast_argument *argument, const struct ast_visitor *visitor)
{
    for (; argument != NULL; argument = argument->next) {
        ast_walk_expr(argument->value, visitor);
        ast_walk_expr(argument->default_value, visitor);
    }
}

static void walk_elements(const struct ast_element *element, const struct ast_visitor *visitor)
{
    for (; element != NULL; element = element->next) {
        ast_walk_expr(element->value, visitor);
        ast_walk_expr(element->where, visitor);
        walk_binders(element->binders, visitor);
        walk_elements(element->body, visitor);
    }
}

void ast_walk_expr(const struct ast_expr *expr, const struct ast_visitor *visitor)
{
    if (expr == NULL)
        return;
    visitor->expr(visitor->context, expr);
    ast_walk_expr(expr->left, visitor);
    ast_walk_expr(expr->right, visitor);
    ast_walk_expr(expr->third, visitor);
    ast_walk_expr(expr->where, visitor);
    walk_elements(expr->elements, visitor);
    walk_arguments(expr->arguments, visitor);
    for (const struct ast_piece *piece = expr->pieces; piece != NULL; piece = piece->next)
        ast_walk_expr(piece->hole, visitor);
    walk_binders(expr->binders, visitor);
    ast_walk_block(expr->block, visitor);
}

void ast_walk_item(const struct ast_item *item, const struct ast_visitor *visitor)
{
    ast_walk_expr(item->key_expr, visitor);
    ast_walk_expr(item->value, visitor);
    ast_walk_expr(item->type, visitor);
    ast_walk_expr(item->default_value, visitor);
    ast_walk_expr(item->where, visitor);
    walk_binders(item->binders, visitor);
    for (const struct ast_clause *clause = item->clauses; clause != NULL; clause = clause->next) {
        ast_walk_expr(clause->values, visitor);
        walk_arguments(clause->more, visitor);
    }
    ast_walk_block(item->block, visitor);
    if (item->other != NULL)
        ast_walk_item(item->other, visitor);
}

void ast_walk_block(const struct ast_block *block, const struct ast_visitor *visitor)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next)
        ast_walk_item(item, visitor);
}
