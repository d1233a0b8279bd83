#ifndef MLC_RUNTIME_CLUSTER_SAVED_PLAN_H
#define MLC_RUNTIME_CLUSTER_SAVED_PLAN_H

/* A plan in a file: the documents, the options, and for each object what was going to happen to it. Performed
 * only if a new plan says the same of the same objects. Documents of kind Secret are not in the file: it
 * holds a salted hash of each, and they are read again from where they came. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/value.h"
#include "core/world.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/plan.h"
#include "runtime/cluster/report.h"

/* How the plan was asked for: what an apply of it must ask for too. */
struct saved_request {
    const char *const *paths; /* where the documents were read from */
    size_t path_count;
    bool recursive;
    const char *environment; /* of the spec in this folder, in place of paths; NULL: none */
    const char *gitops;      /* what owns that environment by the spec: "argocd", "flux"; NULL: nothing */
    const char *context;     /* as the user or the spec named it; NULL: the current one */
    const char *server, *namespace, *manager;
    const char *applyset, *tooling; /* NULL: none */
    bool force_conflicts, replace, prune, take_over;
    const char *const *consent;
    size_t consent_count;
};

struct saved_plan {
    struct saved_request request;
    const struct value *documents; /* list */
    const struct value *secrets;   /* list of {id, hash} */
    const struct value *items;     /* list of {id, action, uid, changes} */
    const char *salt;
};

/* Writes it with mode 0600. `set` is as it was read: before an inventory claimed it. */
bool saved_plan_write(const char *path, const struct saved_request *request, const struct plan *plan,
                      const struct object_set *set, const struct world *world,
                      const struct reporter *reporter);

/* NULL, reported, when it is none. */
struct saved_plan *saved_plan_read(struct arena *arena, const char *path, const struct reporter *reporter);

/* Adds the documents to a set; Secrets come from `sources` (the same paths read again) and must be the same.
 */
bool saved_plan_documents(const struct saved_plan *saved, struct object_set *set,
                          const struct object_set *sources, const struct reporter *reporter);

/* True when the new plan says what the saved one said; else each difference is reported. */
bool saved_plan_holds(const struct saved_plan *saved, const struct plan *now,
                      const struct reporter *reporter);

#endif
