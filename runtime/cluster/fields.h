#ifndef MLC_RUNTIME_CLUSTER_FIELDS_H
#define MLC_RUNTIME_CLUSTER_FIELDS_H

/* managedFields: who owns which field. The sets are in the FieldsV1 format of structured-merge-diff: "f:NAME"
 * a field, "k:{…}" a list item by its keys, "v:…" an item of a set, "." the thing itself. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/value.h"
#include "core/vec.h"

/* True when applying `document` as `manager` would change nothing on `live`, without asking the server: the
 * manager's last apply (of the same apiVersion) owns exactly the document's fields, and each still has the
 * document's value. False means only "not proven". */
bool fields_prove_unchanged(const struct value *document, const struct value *live, const char *manager);

/* True when every field of the document has its value on `live`, which may have more (defaults, other
 * managers' items): what can be said without asking the server. */
bool fields_match(const struct value *document, const struct value *live);

/* Fields of the document that our last apply no longer owns, because another manager set them to another
 * value since. Pushes struct plan_drift *. */
void fields_drift(struct arena *arena, const struct value *document, const struct value *live,
                  const char *manager, struct vec *drift);

/* True when fields of the object are still owned by kubectl's client-side apply. */
bool fields_need_migration(const struct value *live);

/* The time of the manager's last apply, or NULL. */
const char *fields_last_apply(const struct value *live, const char *manager);

#endif
