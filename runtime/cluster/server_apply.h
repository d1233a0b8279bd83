#ifndef MLC_RUNTIME_CLUSTER_SERVER_APPLY_H
#define MLC_RUNTIME_CLUSTER_SERVER_APPLY_H

/* One server-side apply as a call, and what its refusals mean. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/failure.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/plan.h"

struct server_apply {
    const struct object *object;
    const char *manager;
    bool force, dry_run;
    const char *resource_version; /* only to this version of the live object; NULL: to any */
};

/* PATCH application/apply-patch+yaml with strict field validation; safe to repeat. */
struct call *server_apply_call(const struct server_apply *apply, call_done done, void *context);

/* GET of one object. */
struct call *object_get_call(const struct object *object, call_done done, void *context);

/* DELETE with the UID (and resourceVersion, when not NULL) as precondition: never another object than the one
 * that was seen. `policy`: Background, Foreground or Orphan. */
struct call *object_delete_call(const struct resource *resource, const char *namespace, const char *name,
                                const char *uid, const char *resource_version, const char *policy,
                                call_done done, void *context);

enum refusal {
    REFUSAL_CONFLICT,     /* fields of other managers */
    REFUSAL_IMMUTABLE,    /* can only be replaced */
    REFUSAL_NO_NAMESPACE, /* its namespace does not exist */
    REFUSAL_NO_KIND,      /* its resource is not served (yet) */
    REFUSAL_TERMINATING,  /* its namespace is being deleted */
    REFUSAL_OTHER
};

struct refusal_detail {
    enum refusal kind;
    const char *text;     /* for people: without values of Secrets */
    origin where;         /* of the field that it is about, else of the object */
    struct vec conflicts; /* struct plan_conflict * */
};

/* Reads the answer to a server-side apply that did not succeed. */
struct refusal_detail refusal_read(struct arena *arena, const struct client *client,
                                   const struct object *object, const struct answer *answer);

/* Reports it at the object's place with the help that fits. */
void refusal_report(const struct reporter *reporter, const struct client *client, const struct object *object,
                    const struct refusal_detail *refusal, const struct answer *answer);

/* "Deployment.apps iris/api" of an object, for messages. */
const char *object_title(struct arena *arena, const struct object *object);

#endif
