#ifndef MLC_RUNTIME_CLUSTER_APPLY_H
#define MLC_RUNTIME_CLUSTER_APPLY_H

/* Performs: stage by stage, concurrently within a stage, server-side apply under one field manager; then
 * prunes and waits. What was done is returned also when something failed. */

#include <stdbool.h>
#include <stddef.h>
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/discovery.h"
#include "runtime/cluster/inventory.h"
#include "runtime/cluster/lease.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/plan.h"
#include "runtime/cluster/report.h"
#include "runtime/cluster/wait.h"

enum apply_result {
    APPLY_CREATED,
    APPLY_CONFIGURED,
    APPLY_UNCHANGED,
    APPLY_REPLACED,
    APPLY_PRUNED,
    APPLY_KEPT,
    APPLY_FAILED,
    APPLY_SKIPPED /* an earlier stage, or what it depends on, failed */
};

struct apply_record {
    enum apply_result result;
    const struct object *object; /* NULL: pruned or kept */
    const struct resource *resource;
    const char *namespace, *name;
    const char *uid, *resource_version; /* after */
    int64_t generation;
    struct vec conflicts; /* struct plan_conflict * */
    const char *why;      /* of a failure, a keep, a skip */
    enum health health;   /* after the wait; HEALTH_UNKNOWN when nobody waited */
    const char *health_why;
};

struct apply_report {
    struct arena *arena;
    struct vec records; /* struct apply_record * */
    size_t counts[APPLY_SKIPPED + 1];
    bool waited, ready; /* ready: all that was waited for is */
    bool interrupted;   /* the client was: what was not done is skipped, or failed with that reason */
    bool ok;
};

struct apply_progress {
    void *context; /* all may be NULL */
    void (*object)(void *context, const struct apply_record *record);
    void (*waiting)(void *context, const struct wait_state *state);
    void (*note)(void *context, const char *text);
};

struct apply_options {
    const char *field_manager;
    bool force_conflicts;
    bool replace;
    bool prune;
    bool take_over; /* also objects that Argo CD or Flux manages; without it they are refused before any
                       change */
    bool dry_run;   /* of apply_destroy: records what would be deleted, and deletes nothing */
    bool wait;
    int64_t timeout_ns; /* of the wait, and of each stage's; 0: 5 min */
    const char *const *consent;
    size_t consent_count;
    struct inventory *inventory;
    bool migrate;              /* take over fields of client-side apply first; default of the doors */
    const struct lease *lease; /* NULL: none; when it is lost nothing more is written */
    const struct object *made; /* the namespace that apply_make_room made; NULL: none */
    struct apply_progress progress;
};

/* An inventory lives in a namespace, and so does the lease of its applies. Where that namespace is an object
 * of the set and not there yet, it is applied before everything else: `*made` is the object, NULL when there
 * was nothing to do. One that is being deleted is waited for. Nothing is written when a GitOps tool owns an
 * object of the set. False: reported. */
bool apply_make_room(struct arena *arena, struct client *client, struct object_set *set,
                     const struct apply_options *options, const struct reporter *reporter,
                     const struct object **made);

/* Applies a resolved, ordered set. Never NULL. */
struct apply_report *apply_run(struct arena *arena, struct client *client, struct discovery *discovery,
                               struct object_set *set, const struct apply_options *options,
                               const struct reporter *reporter);

/* Deletes the members of an inventory (or the objects of a set when it is NULL) in reverse order, and waits
 * until they are gone. Guarded kinds stay without consent. */
struct apply_report *apply_destroy(struct arena *arena, struct client *client, struct discovery *discovery,
                                   struct object_set *set, const struct apply_options *options,
                                   const struct reporter *reporter);

const char *apply_result_name(enum apply_result result);
void apply_print_json(struct buf *out, const struct apply_report *report);

#endif
