#ifndef MLC_COMPILER_EVALUATOR_SCOPE_H
#define MLC_COMPILER_EVALUATOR_SCOPE_H

/* Scopes: chains of variables and blocks, looked up outward. */

#include <stdbool.h>
#include "compiler/compilation.h"
#include "core/map.h"
#include "core/origin.h"
#include "core/value.h"

struct evaluator;
struct node;

/* A value that is evaluated when it is first asked for. */
struct lazy {
    const struct ast_expr *expr;
    const struct type *type;
    struct scope *scope;
    const struct value *value;
    enum { LAZY_OPEN, LAZY_RUNNING, LAZY_DONE, LAZY_FAILED } state;
};

struct binding {
    struct binding *next;
    const char *name;
    const struct value *value; /* NULL: `lazy` */
    struct lazy *lazy;
};

/* Names are looked up from the innermost scope outward: bindings, then the attributes, the named parts and
 * the inner blocks of `node`. */
struct scope {
    struct compilation *compilation;
    struct scope *outer;
    struct binding *bindings;
    struct node *node; /* a block: its attributes are names; NULL for variables alone */
    struct node *self; /* what `self` means (defaults, checks); NULL outside */
    struct map *parts; /* of a component's body: inner name -> struct node */
    origin parent;     /* what literals take as their parent: a component's instance, or 0 */
};

/* scope.c */
struct scope *scope_of_node(struct evaluator *ev, struct scope *outer, struct node *node);
void scope_bind_lazy(struct scope *scope, const char *name, const struct ast_expr *expr,
                     const struct type *type);
/* A variable (binding or parameter of a component), without attributes of blocks. *found tells failure apart.
 */
const struct value *scope_variable(struct evaluator *ev, struct scope *scope, const char *name, bool *found);
/* Anything the blocks around know under the name. */
const struct value *scope_lookup(struct evaluator *ev, struct scope *scope, const char *name, origin where,
                                 bool *found);
const struct value *lazy_value(struct evaluator *ev, struct lazy *lazy, const char *name, origin where);

#endif
