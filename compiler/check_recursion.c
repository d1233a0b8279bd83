/* No function calls itself, directly or through others: every evaluation ends. */

#include <string.h>
#include "compiler/check.h"

enum state { STATE_NEW, STATE_OPEN, STATE_DONE };

struct walk {
    struct checker *c;
    struct map *states; /* key of a function -> its state, as a pointer into `cells` */
};

static void walk_block(struct walk *w, const struct ast_block *block);
static void walk_function(struct walk *w, const struct function *function, struct span call);

static void walk_expr(struct walk *w, const struct ast_expr *expr);

static void walk_elements(struct walk *w, const struct ast_element *e)
{
    for (; e != NULL; e = e->next) {
        walk_expr(w, e->value);
        walk_expr(w, e->where);
        for (const struct ast_binder *b = e->binders; b != NULL; b = b->next)
            walk_expr(w, b->source);
        walk_elements(w, e->body);
    }
}

static void walk_call(struct walk *w, const struct ast_expr *expr)
{
    if (expr->left->kind != AST_NAME)
        return;
    const struct function *function = function_find(w->c->compilation, expr->left->name.text, expr->span);
    if (function != NULL)
        walk_function(w, function, expr->left->span);
}

static void walk_expr(struct walk *w, const struct ast_expr *expr)
{
    if (expr == NULL)
        return;
    if (expr->kind == AST_CALL)
        walk_call(w, expr);
    walk_expr(w, expr->left);
    walk_expr(w, expr->right);
    walk_expr(w, expr->third);
    walk_expr(w, expr->where);
    walk_elements(w, expr->elements);
    for (const struct ast_argument *a = expr->arguments; a != NULL; a = a->next)
        walk_expr(w, a->value);
    for (const struct ast_piece *piece = expr->pieces; piece != NULL; piece = piece->next)
        walk_expr(w, piece->hole);
    for (const struct ast_binder *b = expr->binders; b != NULL; b = b->next)
        walk_expr(w, b->source);
    walk_block(w, expr->block);
}

static void walk_item(struct walk *w, const struct ast_item *item)
{
    walk_expr(w, item->key_expr);
    walk_expr(w, item->value);
    walk_expr(w, item->default_value);
    walk_expr(w, item->where);
    for (const struct ast_binder *b = item->binders; b != NULL; b = b->next)
        walk_expr(w, b->source);
    for (const struct ast_clause *clause = item->clauses; clause != NULL; clause = clause->next)
        walk_expr(w, clause->values);
    walk_block(w, item->block);
    if (item->other != NULL)
        walk_item(w, item->other);
}

static void walk_block(struct walk *w, const struct ast_block *block)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next)
        walk_item(w, item);
}

static void walk_function(struct walk *w, const struct function *function, struct span call)
{
    const char *key = arena_printf(w->c->arena, "%u:%u", function->span.source, function->span.start);
    enum state *state = map_get(w->states, key);
    if (state == NULL) {
        state = arena_alloc(w->c->arena, sizeof *state);
        map_set(w->states, key, state);
    }
    if (*state == STATE_OPEN) {
        struct diag *diag = diag_report(w->c->compilation->diags, DIAG_NAMES_CYCLE, call,
                                        "`%s` calls itself, directly or through others", function->name);
        diag_label(diag, "there is no recursion");
        diag_secondary(diag, function->span, "declared here");
    }
    if (*state != STATE_NEW)
        return;
    *state = STATE_OPEN;
    walk_block(w, function->body);
    *state = STATE_DONE;
}

void check_recursion(struct checker *c)
{
    struct walk w = {c, map_new(c->arena)};
    const struct map *functions = c->compilation->declarations.functions;
    for (size_t i = 0; i < map_count(functions); i++) {
        const struct function *function = map_at(functions, i)->value;
        walk_function(&w, function, function->span);
    }
}
