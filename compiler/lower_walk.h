#ifndef MLC_COMPILER_LOWER_WALK_H
#define MLC_COMPILER_LOWER_WALK_H

/* A walk over a predicate or a row condition to the language of a target. Private to compiler/lower*.c. */

#include "compiler/declarations.h"
#include "compiler/natives.h"
#include "core/diag.h"
#include "core/expr.h"

struct lowering_walk {
    struct native_call *call;
    const char *target;
    const struct dialect *dialect, *variant; /* what the variant says wins; NULL: there is none */
    const struct value *slots;               /* a record, or NULL */
    const struct value *window;
    const struct value *predicate;
    int depth;
};

/* Reports at the place in the user's predicate. */
struct diag *lower_refuse(struct lowering_walk *walk, enum diag_code code, const struct expr *expr,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The name of the target as people write it. */
const char *lower_title(const char *target);

/* The clause of a name in the dialect, NULL: it has none. */
const struct dialect_node *lower_clause(const struct lowering_walk *walk, const char *name);
/* What a clause makes of values, in the order of its parameters. */
const struct value *lower_apply(struct lowering_walk *walk, const struct dialect_node *node,
                                const struct value *const *values, size_t given);
const struct value *lower_text(struct lowering_walk *walk, const char *text, origin where);

/* Leaves: literals, columns, measures; NULL after reporting. */
const struct value *lower_constant(struct lowering_walk *walk, const struct expr *expr);
const struct value *lower_leaf(struct lowering_walk *walk, const struct expr *expr);
/* The clause for a column of a row condition, a bare name, in dialects that know columns; else NULL. */
const struct dialect_node *lower_column_clause(const struct lowering_walk *walk, const struct expr *expr);
/* The whole of `measure OP constant` where the lowering of the measure takes the bound itself. *applies is
 * false when it does not. */
const struct value *lower_bounded(struct lowering_walk *walk, const struct expr *expr, bool *applies);

/* Any tree; NULL after reporting. */
const struct value *lower_node(struct lowering_walk *walk, const struct expr *expr);

#endif
