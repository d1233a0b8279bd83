#ifndef MLC_RUNTIME_CLUSTER_SAVED_PLAN_H
#define MLC_RUNTIME_CLUSTER_SAVED_PLAN_H

/* A plan in a file: the documents, and for each object the state of the cluster that it was planned against.
 * Performed only if nothing of that has moved. The file holds no secret values: documents that have any
 * (Secrets) are kept as a hash, and read again from where they came. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/buf.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/plan.h"
#include "runtime/cluster/report.h"

bool saved_plan_write(const char *path, const struct plan *plan, const struct object_set *set,
                      const struct reporter *reporter);

struct saved_plan {
    const char *server, *manager, *inventory, *inventory_namespace;
    bool force_conflicts, replace, prune;
    struct object_set *set;
    const struct value *items; /* list of {id, action, uid, resourceVersion} */
};
struct saved_plan *saved_plan_read(struct arena *arena, const char *path, const struct reporter *reporter);

/* True when the new plan of the same set says what the saved one said, of the same versions of the same
 * objects; else each difference is reported. */
bool saved_plan_holds(const struct saved_plan *saved, const struct plan *now,
                      const struct reporter *reporter);

#endif
