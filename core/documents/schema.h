#ifndef MLC_CORE_DOCUMENTS_SCHEMA_H
#define MLC_CORE_DOCUMENTS_SCHEMA_H

/* Checks a document against a JSON Schema (drafts 4 to 2020-12, the keywords that published schemas use) or
 * a Kubernetes OpenAPI schema (int-or-string, preserve-unknown-fields, embedded resources). */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/value.h"
#include "core/vec.h"

enum schema_match { SCHEMA_MATCHES, SCHEMA_DIFFERS, SCHEMA_CANNOT_TELL };

/* Whether an ECMA 262 pattern is found in a text. What cannot be told counts as found. */
typedef enum schema_match schema_match_fn(void *context, const char *pattern, const char *text,
                                          size_t length);

struct schema_options {
    bool closed; /* an unknown field of an object with `properties` is an error unless the schema opens it */
    bool kubernetes; /* OpenAPI v3 as the API server publishes it */
    schema_match_fn
        *match;    /* NULL: by the part of the syntax that published schemas use, bytes for characters */
    void *context; /* of match */
};

struct schema_finding {
    const struct value *value; /* where: its origin leads to the place */
    const char *path;          /* "spec.replicas" */
    const char *message;       /* "expected integer, found string" */
};

/* True when the document holds; findings (`struct schema_finding *`) are pushed otherwise, at most 100.
 * `root` resolves "#/…" references and may be the schema itself. A reference that leaves the document is a
 * finding, never a fetch. */
bool schema_check(struct arena *arena, const struct value *schema, const struct value *root,
                  const struct value *document, struct schema_options options, struct vec *findings);

/* NULL when `schema` is a JSON Schema; else which of its keywords holds what it cannot ("type: expected …").
 */
const char *schema_invalid(struct arena *arena, const struct value *schema);

#endif
