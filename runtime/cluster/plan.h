#ifndef MLC_RUNTIME_CLUSTER_PLAN_H
#define MLC_RUNTIME_CLUSTER_PLAN_H

/* What an apply would do, object by object, with the server's own word for it. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/discovery.h"
#include "runtime/cluster/inventory.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/report.h"

enum plan_action {
    PLAN_CREATE,
    PLAN_UPDATE,
    PLAN_UNCHANGED,
    PLAN_REPLACE, /* an immutable field changes: delete and create */
    PLAN_PRUNE,
    PLAN_KEEP,   /* left the set but is guarded: needs consent */
    PLAN_REFUSED /* a conflict, or the server said no */
};

struct plan_conflict {
    const char *field;
    const char *manager;
    const char *message;
};

/* Somebody else changed a field of ours since our last apply. */
struct plan_drift {
    const char *field;
    const char *manager; /* who */
    const char *time;    /* when, RFC 3339 */
};

/* "FIELD was changed by "MANAGER" at TIME" and a newline, safe for a terminal. */
void plan_drift_add(struct buf *out, const struct plan_drift *drift);

struct plan_item {
    enum plan_action action;
    const struct object *object; /* NULL: pruned or kept */
    const struct resource *resource;
    const char *namespace, *name;
    const char *uid, *resource_version; /* as seen; NULL when it does not exist */
    struct vec changes;                 /* struct change *, secrets masked */
    struct vec conflicts;               /* struct plan_conflict * */
    struct vec drift;                   /* struct plan_drift * */
    const char *why;                    /* of a replacement, a keep, a refusal, a simulation */
    bool simulated; /* its kind or namespace does not exist yet: checked by schema alone */
    bool proven;    /* unchanged by managedFields, without a dry run */
    bool migrates;  /* fields are still owned by client-side apply */
};

struct plan {
    struct arena *arena;
    struct vec items; /* struct plan_item *, in order of apply; then deletions in order of deletion */
    size_t counts[PLAN_REFUSED + 1];
    const char *context, *server, *manager, *set_id;
};

struct plan_options {
    const char *field_manager; /* "mlc" */
    bool force_conflicts;
    bool replace;               /* immutable fields may be changed by replacement */
    bool prune;                 /* needs an inventory */
    bool exhaustive;            /* dry run also what managedFields prove unchanged */
    bool take_over;             /* prune also what Argo CD or Flux owns */
    const char *const *consent; /* kinds that may be pruned though guarded: "Namespace", … */
    size_t consent_count;
    struct inventory *inventory; /* NULL: none */
};

/* Plans a resolved, ordered set. Never NULL; refusals are items, and reported. `*ok` is false when the server
 * could not be asked at all. */
struct plan *plan_make(struct arena *arena, struct client *client, struct discovery *discovery,
                       struct object_set *set, const struct plan_options *options,
                       const struct reporter *reporter, bool *ok);

bool plan_has_changes(const struct plan *plan);
const char *plan_action_name(enum plan_action action);

struct plan_style {
    bool color;
    bool verbose; /* list the unchanged too */
};
/* One line: "3 to create, 1 to change, 96 unchanged". */
void plan_print_summary(struct buf *out, const struct plan *plan);
void plan_print_text(struct buf *out, const struct plan *plan, struct plan_style style);
/* One item as in plan_print_json. */
const struct value *plan_item_value(struct arena *arena, const struct plan_item *item);
void plan_print_json(struct buf *out, const struct plan *plan);
void plan_print_markdown(struct buf *out, const struct plan *plan);

/* True if a kind is never pruned without consent: Namespace, CustomResourceDefinition, PersistentVolumeClaim,
 * PersistentVolume. */
bool plan_is_guarded(const struct resource *resource);

#endif
