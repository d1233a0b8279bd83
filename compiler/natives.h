#ifndef MLC_COMPILER_NATIVES_H
#define MLC_COMPILER_NATIVES_H

/* Functions of the language that are written in C: pure, deterministic, total. The table is read by the
 * checker (signatures), the evaluator (calls) and the generated reference. */

#include <stddef.h>
#include "core/origin.h"
#include "core/value.h"

struct compilation;

/* One call. `arguments` are in the order of the signature, NULL where an optional one was left out. */
struct native_call {
    struct compilation *compilation;
    struct arena *arena;
    const struct value *const *arguments;
    size_t count;
    origin where;         /* of the call */
    struct node *subject; /* the node for which a document is being made, or NULL */
};

struct native {
    const char *name;
    const char *signature; /* in the language: "(xs: [T], by: field(T)?): [T]" */
    const char *doc;       /* one sentence */
    /* The result, or NULL after reporting at the argument's or the call's origin. */
    const struct value *(*run)(struct native_call *call);
};

/* All of them, sorted by name. */
extern const struct native natives[];
extern const size_t native_count;

const struct native *native_find(const char *name);

/* The origin that a result takes: that of the first argument that has a user's, else of the call. */
origin native_origin(const struct native_call *call);

#endif
