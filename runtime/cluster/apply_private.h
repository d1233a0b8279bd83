#ifndef MLC_RUNTIME_CLUSTER_APPLY_PRIVATE_H
#define MLC_RUNTIME_CLUSTER_APPLY_PRIVATE_H

/* What apply.c (the stages), apply_one.c (one object) and apply_delete.c share. */

#include "core/map.h"
#include "runtime/cluster/apply.h"

struct applier {
    struct arena *arena;
    struct client *client;
    struct discovery *discovery;
    struct object_set *set;
    const struct apply_options *options;
    const struct reporter *reporter;
    struct apply_report *report;
    struct apply_record **records; /* by index in the set */
    bool *proven;                  /* unchanged: nothing to send */
    bool *settled;                 /* already current when it was applied */
    struct vec strangers;          /* struct member * */
    struct map *visited;           /* UIDs */
    size_t next, end, active;      /* the objects of this stage */
    int64_t deadline;              /* monotonic: of what waits inside a stage */
    const struct object *made;     /* the inventory's namespace, when this apply created it */
    bool told_terminating;
    bool failed;
};

/* Applies objects [next, end) concurrently. */
void apply_stage(struct applier *applier);

/* Records the end of an object and tells the progress. */
void apply_finish(struct applier *applier, struct apply_record *record, enum apply_result result);

struct apply_record *apply_record_new(struct applier *applier, const struct resource *resource,
                                      const char *namespace, const char *name);

/* True when nothing more may be written: the lease is lost, or the caller said stop. */
bool apply_must_stop(const struct applier *applier);

/* Deletes what left the set; pushes what stays into `kept` (struct member *). */
void apply_prune(struct applier *applier, struct vec *kept);

/* Deletes members (sorted by prune_order), kind by kind; with options->wait each kind is gone before the
 * next. */
void apply_delete_members(struct applier *applier, const struct vec *members, struct vec *kept);

#endif
