#ifndef MLC_CORE_DOCUMENTS_SCHEMA_SCALAR_H
#define MLC_CORE_DOCUMENTS_SCHEMA_SCALAR_H

/* The keywords of a schema that look at one value only: type, bounds of numbers, lengths, patterns. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/documents/schema.h"
#include "core/value.h"

/* True if the value is of the type that JSON Schema calls `type` ("integer" takes 3.0). */
bool schema_is_type(const struct value *value, const char *type);

/* What JSON Schema calls the type of a value: "string", "integer", … */
const char *schema_type_name(const struct value *value);

/* The message of the first bound of `schema` that a number, string, list or record breaks, or NULL. */
const char *schema_broken_bound(struct arena *arena, const struct schema_options *options,
                                const struct value *schema, const struct value *value);

/* Whether the text is what the pattern asks for, by the options' matcher or by schema_match. */
bool schema_text_fits(const struct schema_options *options, const char *pattern, const char *text,
                      size_t length);

/* Matches a text with an ECMA 262 pattern, by the part of its syntax that published schemas use; look-around,
 * back-references and the like cannot be told. */
enum schema_match schema_match(const char *pattern, const char *text);

#endif
