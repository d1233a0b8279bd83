#ifndef MLC_RUNTIME_CLUSTER_INVENTORY_H
#define MLC_RUNTIME_CLUSTER_INVENTORY_H

/* The ApplySet contract (KEP-3659 as kubectl ships it): a parent object that names the kinds and namespaces
 * of a set, members that carry its id. The superset is written before anything is applied and the exact set
 * after the prune, so that a crash leaks nothing. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/discovery.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/report.h"

#define APPLYSET_ID_LABEL "applyset.kubernetes.io/id"
#define APPLYSET_MEMBER_LABEL "applyset.kubernetes.io/part-of"
#define APPLYSET_PARENT_TYPE "applyset.kubernetes.io/is-parent-type"
#define APPLYSET_TOOLING "applyset.kubernetes.io/tooling"
#define APPLYSET_KINDS "applyset.kubernetes.io/contains-group-kinds"
#define APPLYSET_RESOURCES "applyset.kubernetes.io/contains-group-resources"
#define APPLYSET_NAMESPACES "applyset.kubernetes.io/additional-namespaces"

enum { APPLYSET_ID_SIZE = 64 };

/* applyset-BASE64URL(SHA256("NAME.NAMESPACE.KIND.GROUP"))-v1; `out` has APPLYSET_ID_SIZE bytes. */
void applyset_id(const char *name, const char *namespace, const char *kind, const char *group, char *out);

struct inventory_options {
    const char *parent;    /* "NAME" (a Secret), "configmap/NAME", "KIND.GROUP/NAME" */
    const char *namespace; /* of the parent */
    const char *tooling;   /* "mlc/v0.1.0" */
    const char *manager;   /* field manager of the parent: "mlc-applyset" */
    bool take_over;        /* accept a set that another tool wrote */
};

struct inventory {
    char id[APPLYSET_ID_SIZE];
    const char *name, *namespace;
    const struct resource *resource;
    const char *tooling, *manager;
    bool exists; /* the parent was there before */
    const char *old_tooling;
    struct map *kinds;      /* "Deployment.apps" of the parent as read, to struct resource * (NULL: gone) */
    struct map *namespaces; /* as read, with the parent's own */
    struct map *unsure;     /* kinds as read whose server does not answer: they stay in the parent */
    struct arena *arena;
};

/* Reads the parent. NULL, reported, when it belongs to another tool, carries another id, is malformed or
 * cannot be read. A parent that does not exist is an empty inventory. */
struct inventory *inventory_read(struct arena *arena, struct client *client,
                                 const struct discovery *discovery, const struct inventory_options *options,
                                 const struct reporter *reporter);

/* Writes the parent: with `superset` the union of what it had and of `set`, else exactly the set and `kept`
 * (struct member * that stay though the set does not name them). */
bool inventory_write(struct inventory *inventory, struct client *client, const struct object_set *set,
                     const struct vec *kept, bool superset, const struct reporter *reporter);

/* Deletes the parent (after `destroy`). */
bool inventory_delete(struct inventory *inventory, struct client *client, const struct reporter *reporter);

/* What carries the id on the cluster. */
struct member {
    const struct resource *resource;
    const char *namespace, *name, *uid, *resource_version;
    bool owned;         /* has ownerReferences: made by a controller, never pruned */
    bool keep;          /* mlc.dev/keep: "true" */
    bool terminating;   /* has a deletionTimestamp */
    const char *gitops; /* the tool that owns it by its marks: "Argo CD", "Flux"; NULL: none */
};

/* A member from its metadata as the server gives it. */
struct member *inventory_member(struct arena *arena, const struct resource *resource,
                                const struct value *live);

/* Lists the members of each kind in each namespace of the parent, metadata only, page by page; pushes
 * struct member *. Kinds whose definition is gone are skipped. False, reported, when any list failed: then
 * nothing may be pruned. */
bool inventory_members(struct inventory *inventory, struct client *client, struct vec *members,
                       const struct reporter *reporter);

/* Adds the member label to every document of the set (once). False, reported, when one carries it already. */
bool inventory_claim(const struct inventory *inventory, struct object_set *set,
                     const struct reporter *reporter);

#endif
