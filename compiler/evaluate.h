#ifndef MLC_COMPILER_EVALUATE_H
#define MLC_COMPILER_EVALUATE_H

/* The evaluator: expressions and bodies of the tree to values. Eager, pure, bounded by the compilation's
 * limits; errors are reported with the user's line first. */

#include "compiler/compilation.h"
#include "compiler/graph.h"
#include "core/expr.h"
#include "core/value.h"

/* A binding of names; lookups go outward. */
struct scope;

struct scope *scope_new(struct compilation *compilation, struct scope *outer);
void scope_bind(struct scope *scope, const char *name, const struct value *value);

/* The value of an expression, or NULL after reporting. */
const struct value *evaluate(struct compilation *compilation, struct scope *scope,
                             const struct ast_expr *expr);

/* The same where a type is expected: words, variants and references by it; NULL wants nothing. */
const struct value *evaluate_as(struct compilation *compilation, struct scope *scope,
                                const struct ast_expr *expr, const struct type *type);

/* Calls a function of the language. `arguments` in the order of its parameters, NULL for defaults. `subject`:
 * the node whose document is being made (origins of template literals take it as parent). */
const struct value *evaluate_call(struct compilation *compilation, const struct function *function,
                                  const struct value *const *arguments, size_t count, struct node *subject,
                                  origin where);

/* A file that a template makes. */
struct generated {
    const char *path;
    struct vec documents; /* const struct value *: records, or blocks of HCL */
    struct vec owners;    /* struct node *, one a document: for whom it was made; NULL: the project */
    struct node *node;    /* the owner of the first document that has one; NULL: the project */
    origin origin;
};

/* Runs `template NAME { … }` of a backend over the graph; pushes `struct generated *`. */
size_t evaluate_steps(struct compilation *compilation); /* expression evaluations so far */

bool evaluate_template(struct compilation *compilation, const char *backend, struct vec *files);

#endif
