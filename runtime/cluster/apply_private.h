#ifndef MLC_RUNTIME_CLUSTER_APPLY_PRIVATE_H
#define MLC_RUNTIME_CLUSTER_APPLY_PRIVATE_H

/* What apply.c (the stages), apply_one.c (one object) and apply_delete.c share. */

#include "core/map.h"
#include "runtime/cluster/apply.h"
#include "runtime/cluster/live.h"

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
    bool told_terminating;
    bool failed;
};

/* Applies objects [next, end) concurrently. */
void apply_stage(struct applier *applier);

/* Records the end of an object and tells the progress. */
void apply_finish(struct applier *applier, struct apply_record *record, enum apply_result result);

struct apply_record *apply_record_new(struct applier *applier, const struct resource *resource,
                                      const char *namespace, const char *name);

/* True when nothing more may be written: the lease is lost, or somebody pressed Ctrl-C. */
bool apply_must_stop(const struct applier *applier);
/* Why, for the records of what was not done. */
const char *apply_stop_reason(const struct applier *applier);

/* True, and reported, when a GitOps tool owns the live object and the options do not take it over. */
bool apply_refuses_owned(struct arena *arena, const struct apply_options *options,
                         const struct reporter *reporter, const struct live_found *found);

/* Deletes what left the set; pushes what stays into `kept` (struct member *). */
void apply_prune(struct applier *applier, struct vec *kept);

/* Deletes members (sorted by prune_order), kind by kind; with options->wait each kind is gone before the
 * next. */
void apply_delete_members(struct applier *applier, const struct vec *members, struct vec *kept);

#endif
