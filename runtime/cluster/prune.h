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

/* Why it must stay, or NULL. A controller's own objects stay whatever is consented to. */
const char *prune_obstacle(const struct member *member, const char *const *consent, size_t consent_count);

/* For vec_sort of struct member *: the reverse of the order of applying. */
int prune_order(const void *a, const void *b, void *context);

#endif
