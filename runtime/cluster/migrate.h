#ifndef MLC_RUNTIME_CLUSTER_MIGRATE_H
#define MLC_RUNTIME_CLUSTER_MIGRATE_H

/* From client-side to server-side apply, as kubectl does it: the managedFields entries of client-side apply
 * become ours, so that a field which leaves the document is removed, and nothing conflicts with oneself. */

#include <stdbool.h>
#include "core/buf.h"
#include "core/value.h"
#include "core/vec.h"

/* True when every conflict is with an entry that migration turns into ours. */
bool migrate_solves(const struct vec *conflicts);

/* Appends the JSON patch (guarded by resourceVersion) that hands the entries of client-side apply over to
 * `manager`. False when there is nothing to hand over. */
bool migrate_patch(struct buf *out, const struct value *live, const char *manager);

/* What a dry run cannot show, because it moves no ownership: the result without the fields that client-side
 * apply wrote (its last-applied-configuration) and the document no longer has. `result` itself when there are
 * none. */
const struct value *migrate_expected(struct arena *arena, const struct value *live,
                                     const struct value *document, const struct value *result);

#endif
