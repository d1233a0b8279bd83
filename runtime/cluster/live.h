#ifndef MLC_RUNTIME_CLUSTER_LIVE_H
#define MLC_RUNTIME_CLUSTER_LIVE_H

/* What is on the cluster now, streamed: lists page by page where many objects of one kind and namespace are
 * asked for, single reads where few. Nothing is kept. */

#include <stdbool.h>
#include "runtime/cluster/client.h"
#include "runtime/cluster/inventory.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/report.h"

struct live_found {
    const struct object *object; /* of the set; NULL: a member of the inventory that the set does not have */
    const struct resource *resource;
    const struct value *live; /* ends with the callback; metadata alone when `object` is NULL */
};

typedef void (*live_fn)(void *context, const struct live_found *found);

/* With an inventory: all its members, and nothing else. Without: the objects of the set that exist. Kinds
 * that are not served yet are not asked for. False, reported, when anything could not be read. */
bool live_read(struct client *client, const struct object_set *set, const struct inventory *inventory,
               live_fn found, void *context, const struct reporter *reporter);

/* The document that a call was answered with, in `arena`; NULL when it is none, or the status is not 200. */
const struct value *live_answered(struct arena *arena, const struct call *call);

/* The text of metadata's field, or NULL. */
const char *live_meta(const struct value *object, const char *key);

/* True for a list as the API gives it. An answer that is none must never be taken for an empty list: what it
 * does not hold would count as gone. */
bool live_is_list(const struct value *root);

#endif
