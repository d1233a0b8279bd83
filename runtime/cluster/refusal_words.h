#ifndef MLC_RUNTIME_CLUSTER_REFUSAL_WORDS_H
#define MLC_RUNTIME_CLUSTER_REFUSAL_WORDS_H

/* The server's words about an object, fit to be shown: its messages quote values, also those of Secrets, and
 * name the field but not the line. */

#include "core/arena.h"
#include "core/origin.h"
#include "runtime/cluster/objects.h"

/* The text without what says nothing ("failed to create typed patch object (…): "), and with the values of a
 * Secret (as written, decoded and encoded) as ***. */
const char *refusal_words(struct arena *arena, const struct object *object, const char *text);

/* The place of the deepest part of a field path ("spec.containers[0].image", ".data.x",
 * "spec.ports[name=\"http\"].port: …") that the document has; the object's own place when there is none. */
origin refusal_place(const struct object *object, const char *path);

#endif
