#ifndef MLC_RUNTIME_CLUSTER_SHARED_FIELDS_H
#define MLC_RUNTIME_CLUSTER_SHARED_FIELDS_H

/* Fields of a document that a controller sets on the live object, by design of both: Argo Rollouts adds its
 * pod hash to the selectors of a Rollout's Services and moves the weights of its VirtualService. The maps and
 * lists they are in are atomic, so an apply of the document as written would be refused as a conflict, or,
 * forced, would send a canary's traffic elsewhere. */

#include <stdbool.h>
#include "core/value.h"
#include "runtime/cluster/objects.h"

/* Gives the object's document the live values of such fields; what was written stays in object->written.
 * The live object may end afterwards. */
void shared_fields_adopt(const struct object_set *set, struct object *object, const struct value *live);

/* True for an object on which a controller may set such fields at any moment: a Service or a VirtualService
 * that a Rollout of the set names, or from whose live object something was adopted. It is applied only to the
 * version that was read. */
bool shared_fields_concern(const struct object_set *set, const struct object *object);

#endif
