#ifndef MLC_COMPILER_EVALUATOR_PREDICATE_H
#define MLC_COMPILER_EVALUATOR_PREDICATE_H

/* Trees of predicates and of conditions over rows. Inside the evaluator only. */

#include "compiler/node_state.h"

#define PREDICATE_DIALECT "predicate"

/* A condition over the columns of a row: names are columns (EXPR_NAME), all else is literal. NULL after a
 * report. */
const struct expr *eval_row_condition(struct evaluator *ev, struct scope *scope, struct node *owner,
                                      const struct ast_expr *expr);

#endif
