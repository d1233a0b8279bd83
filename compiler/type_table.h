#ifndef MLC_COMPILER_TYPE_TABLE_H
#define MLC_COMPILER_TYPE_TABLE_H

/* The interned types of a compilation, and the relations between them. Every maker gives the one pointer for
 * its content; an alias (`type event = one_of(…)`) is a pointer of its own whose content is compared. */

#include <stdbool.h>
#include <stddef.h>
#include "compiler/compilation.h"
#include "compiler/types.h"

/* A type without content: TYPE_BAD … TYPE_SYMBOL, TYPE_ANY_NODE, TYPE_RECORD, TYPE_DOCUMENT, TYPE_BLOCKS,
 * TYPE_PREDICATE, TYPE_COMMAND, TYPE_COLUMN_TYPE. */
const struct type *type_scalar(struct compilation *compilation, enum type_kind kind);

const struct type *type_reference(struct compilation *compilation, const struct kind *kind);
const struct type *type_block(struct compilation *compilation, const struct kind *kind);
const struct type *type_list(struct compilation *compilation, const struct type *element);
const struct type *type_map(struct compilation *compilation, const struct type *element);
const struct type *type_range(struct compilation *compilation, const struct type *element);
/* An optional of an optional, of null or of a union with null is that type itself. */
const struct type *type_optional(struct compilation *compilation, const struct type *element);
/* TYPE_TEXT or TYPE_EXPRESSION of a dialect; `fields` NULL or a closed record (expressions only). */
const struct type *type_of_dialect(struct compilation *compilation, enum type_kind kind, const char *dialect,
                                   const struct type *fields);
const struct type *type_variable(struct compilation *compilation, const char *name);
const struct type *type_field_of(struct compilation *compilation, const struct type *element);
/* Members are flattened and equal ones dropped; one member alone is that member. */
const struct type *type_union(struct compilation *compilation, const struct type *const *members,
                              size_t count);
/* The arrays are copied. */
const struct type *type_closed(struct compilation *compilation, const struct type_field *fields,
                               size_t count);
const struct type *type_one_of(struct compilation *compilation, const struct type_case *cases, size_t count);
/* The same content under a name. */
const struct type *type_named(struct compilation *compilation, const struct type *type, const char *name);

/* May a value of `from` stand where `to` is expected? */
bool type_fits(const struct type *from, const struct type *to);

/* The same content, whatever their names. */
bool type_same(const struct type *a, const struct type *b);

/* The type of a list's elements or of two branches when nothing is expected: one that holds both. */
const struct type *type_common(struct compilation *compilation, const struct type *a, const struct type *b);

/* `T` of `T?`; unions lose their null; any other type itself. */
const struct type *type_present(struct compilation *compilation, const struct type *type);
/* True for null, T? and unions with null. */
bool type_is_optional(const struct type *type);

/* The case, field or attribute of a name; NULL when there is none. */
const struct type_case *type_case_of(const struct type *one_of, const char *name);
const struct type_field *type_field_named(const struct type *closed, const char *name);

/* True for kinds of nodes: references, blocks and `node`. */
bool type_is_node(const struct type *type);
/* int, number, percent, ratio. */
bool type_is_plain_number(const struct type *type);
/* percent, duration, size or rate: has a unit. */
bool type_has_unit(const struct type *type);
/* Any number, with or without a unit. */
bool type_is_number(const struct type *type);

/* Amounts that can be compared and added: of one unit, or shares and numbers. */
bool type_same_unit(const struct type *a, const struct type *b);

/* type_print into the compilation's arena: for messages. */
const char *type_text(struct compilation *compilation, const struct type *type);
/* "a duration", "an int", "a list of strings", "one of `a`, `b`": for sentences. */
const char *type_phrase(struct compilation *compilation, const struct type *type);

#endif
