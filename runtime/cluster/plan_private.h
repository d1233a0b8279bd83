#ifndef MLC_RUNTIME_CLUSTER_PLAN_PRIVATE_H
#define MLC_RUNTIME_CLUSTER_PLAN_PRIVATE_H

/* What plan.c, plan_check.c, plan_delete.c and plan_simulate.c share. */

#include "core/documents/diff.h"
#include "runtime/cluster/plan.h"

struct planner {
    struct arena *arena;
    struct client *client;
    struct discovery *discovery;
    struct object_set *set;
    const struct plan_options *options;
    const struct reporter *reporter;
    struct plan *plan;
    struct plan_item **items; /* by index in the set */
    bool *decided;
    struct vec strangers; /* struct member *: of the inventory, not of the set */
    struct map *visited;  /* UIDs of the set's objects */
    struct vec simulated; /* struct plan_item *: their namespace does not exist yet */
    size_t next, active;
};

/* Dry runs of all that is not decided, a window at a time. */
void plan_check_all(struct planner *planner);

/* Deletions and guarded leftovers, in reverse order of kinds. */
void plan_deletions(struct planner *planner);

/* Checks by schema what the server cannot check yet. */
void plan_simulate_pending(struct planner *planner, struct plan_item *item);
void plan_simulate_all(struct planner *planner);
/* The schema of a kind in an OpenAPI v3 document, or NULL. */
const struct value *openapi_schema(const struct value *root, const struct resource *resource);

/* live against result, without what the server keeps for itself; values of Secrets masked. */
void plan_diff(struct arena *arena, const struct value *live, const struct value *result,
               struct vec *changes);

#endif
