#ifndef MLC_COMPILER_DECLARE_H
#define MLC_COMPILER_DECLARE_H

/* What the files of the pass `declare` share. Inside compiler/ only. */

#include "compiler/compilation.h"
#include "compiler/declarations.h"
#include "compiler/match.h"

/* The key of a name in the tables: "kubernetes.labels" in a file of backends/kubernetes/, else the name. */
const char *declared_key(const struct compilation *compilation, struct span where, const char *name);

/* Reports a declaration of the wrong form: "`fn` needs parameters: `fn name(a: T): R { … }`". */
void declare_malformed(struct compilation *compilation, struct span span, const char *message);

/* Reports a second declaration of a name; `earlier` is the first one's place. */
void declare_twice(struct compilation *compilation, const char *what, const char *name, struct span span,
                   struct span earlier);

/* Parameters of a call form `name(a: T, b: U = d)`: NULL and 0 for a bare name. */
const struct parameter *declare_parameters(struct compilation *compilation, const struct ast_expr *call,
                                           size_t *count);

/* The name of `name` or `name(…)`, or NULL. */
const char *declared_name(const struct ast_expr *value);

/* Each reads one item of a file. Kinds and components come in three steps: all names and heads, then
 * attributes, then what all kinds have in common. */
void declare_kind_name(struct compilation *compilation, const struct ast_item *item);
void declare_kind_body(struct compilation *compilation, const struct ast_item *item);
void declare_universal_attributes(struct compilation *compilation, struct kind *kind);
void declare_function(struct compilation *compilation, const struct ast_item *item);
void declare_measure(struct compilation *compilation, const struct ast_item *item);
void declare_dialect(struct compilation *compilation, const struct ast_item *item);
void declare_constant(struct compilation *compilation, const struct ast_item *item);
void declare_context(struct compilation *compilation, const struct ast_item *item);
void declare_template(struct compilation *compilation, const struct ast_item *item);

#endif
