#ifndef MLC_GRAMMAR_CHECK_H
#define MLC_GRAMMAR_CHECK_H

/* Checks on the finished tree of what the grammar takes but the language does not have, as far as no kind
 * need be known: mixed `=` and `:`, chained comparisons, postfix comprehensions, broken numbers. */

#include "core/diag.h"
#include "grammar/ast.h"

/* Reports; a number that cannot be decoded becomes AST_INVALID. */
void check_tree(const struct source *source, struct ast_block *body, struct diag_sink *diags);

#endif
