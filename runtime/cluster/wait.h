#ifndef MLC_RUNTIME_CLUSTER_WAIT_H
#define MLC_RUNTIME_CLUSTER_WAIT_H

/* When is an object ready: the rules of kstatus with its known traps mended, followed by watches. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/map.h"
#include "core/value.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/discovery.h"
#include "runtime/cluster/report.h"

enum health {
    HEALTH_UNKNOWN,
    HEALTH_IN_PROGRESS,
    HEALTH_CURRENT,
    HEALTH_FAILED,
    HEALTH_TERMINATING,
    HEALTH_NOT_FOUND,
    HEALTH_SUSPENDED /* waits for a person: a paused rollout */
};

struct health_result {
    enum health health;
    const char *why;     /* static text, or in the arena: "2 of 3 replicas are available" */
    int64_t fails_in_ns; /* HEALTH_IN_PROGRESS: it has failed when nothing changes for so long; 0: never */
};

struct health_options {
    bool strict;     /* exactly kstatus: jobs that started are Current, unseen custom resources too */
    int64_t wall_ns; /* now, for the rule with a time (an unschedulable pod); 0: the time does not count */
    const struct map *late_classes; /* storage classes that bind with the first consumer; NULL: not known */
};

/* The health of one object as the API server gives it. NULL `object`: not found. */
struct health_result health_of(struct arena *arena, const struct value *object,
                               struct health_options options);
const char *health_name(enum health health);

/* One object that is waited for. */
struct wait_target {
    const struct resource *resource;
    const char *namespace, *name;
    const char *uid;    /* NULL: any */
    int64_t generation; /* at least; 0: any */
    bool gone;          /* wait until it does not exist */
    bool done;          /* set by the wait */
    enum health health;
    const char *why;  /* in the wait's arena */
    int64_t fails_at; /* monotonic: when it has failed if nothing is heard of it; 0: never */
    void *owner;      /* the caller's */
};

struct wait_state {
    size_t total, done, failed;
    const struct wait_target *const *pending; /* a few of them, for display */
    size_t pending_count;
    int64_t elapsed_ns;
};

struct wait_options {
    int64_t timeout_ns;
    bool strict;
    bool fail_fast; /* end when one failed */
    const char
        *label_selector; /* "applyset…/part-of=ID": what a watch of a collection is restricted to; or NULL */
    void (*progress)(void *context, const struct wait_state *state);
    void *context;
};

/* Waits for all targets (struct wait_target *) by lists and watches. True when all are current (or gone).
 * Ends early when every target that is left has failed for good. */
bool wait_for(struct arena *arena, struct client *client, struct vec *targets,
              const struct wait_options *options, const struct reporter *reporter);

/* Why an object is not ready, for a person: conditions, waiting containers of its pods, warnings among its
 * events, the last lines of a crashed container's log. Pushes `const char *` lines. Best effort. */
void wait_explain(struct arena *arena, struct client *client, const struct discovery *discovery,
                  const struct wait_target *target, struct vec *lines);

#endif
