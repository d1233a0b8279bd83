#ifndef MLC_COMPILER_LOOKUP_H
#define MLC_COMPILER_LOOKUP_H

/* Finds declarations by name; declarations.h includes it. */

#include "compiler/declarations.h"

struct compilation;

/* Functions, constants, types and contexts of a backend are seen in that backend's folder only, under their
 * bare name; the library's and the project's everywhere. `from` is the place that uses the name. NULL: none.
 * (The tables hold a backend's as "kubernetes.labels".) */
const struct function *function_find(const struct compilation *compilation, const char *name,
                                     struct span from);
const struct type *type_find(struct compilation *compilation, const char *name, struct span from);
/* The declaration of an alias (`type NAME = …`), for what stands in it besides the type: comments. NULL:
 * none. */
const struct ast_item *type_declaration(const struct compilation *compilation, const char *name);
const struct constant *constant_find(const struct compilation *compilation, const char *name,
                                     struct span from);
const struct dialect *dialect_find(const struct compilation *compilation, const char *name, struct span from);
const struct type *context_find(const struct compilation *compilation, const char *name, struct span from);

/* The kind that a head names at the top level (parent NULL) or in a block of `parent`; NULL: none. */
const struct kind *kind_of_head(const struct declarations *declarations, const struct kind *parent,
                                const char *head);
const struct attribute *kind_attribute(const struct kind *kind, const char *name);
const struct kind_method *kind_method(const struct kind *kind, const char *name);
/* The kind whose root collection has that name (`models`), or NULL. */
const struct kind *kind_of_plural(const struct declarations *declarations, const char *plural);
/* The STATEMENT or MANY attribute that a head fills, or NULL. */
const struct attribute *kind_statement(const struct kind *kind, const char *head);

#endif
