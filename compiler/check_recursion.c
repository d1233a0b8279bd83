/* No function calls itself, directly or through others: every evaluation ends. */

#include <string.h>
#include "compiler/check.h"
#include "grammar/walk.h"

enum state { STATE_NEW, STATE_OPEN, STATE_DONE };

struct walk {
    struct checker *c;
    struct map *states; /* key of a function -> its state, as a pointer into `cells` */
};

static void walk_call(void *context, const struct ast_expr *expr);

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
    ast_walk_block(function->body, &(struct ast_visitor){w, walk_call});
    *state = STATE_DONE;
}

static void walk_call(void *context, const struct ast_expr *expr)
{
    struct walk *w = context;
    if (expr->kind != AST_CALL || expr->left->kind != AST_NAME)
        return;
    const struct function *function = function_find(w->c->compilation, expr->left->name.text, expr->span);
    if (function != NULL)
        walk_function(w, function, expr->left->span);
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
