#ifndef MLC_GRAMMAR_WALK_H
#define MLC_GRAMMAR_WALK_H

/* All expressions of a tree, each before what stands in it: those of types, defaults, clauses and holes too.
 */

#include "grammar/ast.h"

struct ast_visitor {
    void *context;
    void (*expr)(void *context, const struct ast_expr *expr);
};

void ast_walk_expr(const struct ast_expr *expr, const struct ast_visitor *visitor);
void ast_walk_item(const struct ast_item *item, const struct ast_visitor *visitor);
void ast_walk_block(const struct ast_block *block, const struct ast_visitor *visitor);

#endif
