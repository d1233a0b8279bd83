#ifndef MLC_CORE_DOCUMENTS_DIFF_H
#define MLC_CORE_DOCUMENTS_DIFF_H

/* The structural difference of two documents, as a list of changed paths. Lists of records that share a key
 * field (name, key, type, id …) are matched by it, others by index. */

#include "core/arena.h"
#include "core/value.h"
#include "core/vec.h"

enum change_kind { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_REPLACED };

struct change {
    enum change_kind kind;
    const char *path;           /* "spec.template.spec.containers[name=main].image" */
    const struct value *before; /* NULL when added */
    const struct value *after;  /* NULL when removed */
};

/* Pushes `struct change *` in the order of the right document, removals last within their parent. */
void document_diff(struct arena *arena, const struct value *before, const struct value *after,
                   struct vec *changes);

#endif
