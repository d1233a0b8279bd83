#ifndef MLC_RUNTIME_CLUSTER_PRUNE_H
#define MLC_RUNTIME_CLUSTER_PRUNE_H

/* What may be deleted of an inventory's members, and in which order. */

#include <stdbool.h>
#include "core/map.h"
#include "runtime/cluster/inventory.h"
#include "runtime/cluster/objects.h"

/* True if the member is neither named by the set nor the same object (by UID) as one of it, nor already
 * going. */
bool prune_is_candidate(const struct member *member, const struct object_set *set, const struct map *visited);

/* What the user consented to. */
struct prune_consent {
    const char *const *kinds; /* guarded kinds that may go: "Namespace", … */
    size_t count;
    bool take_over; /* also what Argo CD or Flux owns */
};

/* Why it must stay, or NULL. A controller's own objects stay whatever is consented to. */
const char *prune_obstacle(const struct member *member, const struct prune_consent *consent);
/* The option by which it may go after all: "--take-over", "--allow-delete=Namespace"; NULL: none does. */
const char *prune_remedy(struct arena *arena, const struct member *member,
                         const struct prune_consent *consent);

/* For vec_sort of struct member *: the reverse of the order of applying. */
int prune_order(const void *a, const void *b, void *context);

#endif
