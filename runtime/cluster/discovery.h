#ifndef MLC_RUNTIME_CLUSTER_DISCOVERY_H
#define MLC_RUNTIME_CLUSTER_DISCOVERY_H

/* Which kinds the server has. Aggregated discovery (v2, v2beta1), else group by group; kept in a file per
 * server and revalidated by its ETag, so that it is never stale and costs two empty answers. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/value.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/report.h"

struct resource {
    const char *group; /* "" for core */
    const char *version;
    const char *kind;
    const char *plural;
    bool namespaced;
    bool can_patch, can_list, can_watch, can_delete;
    bool pending;               /* from a CustomResourceDefinition of the set: not served yet */
    const struct value *schema; /* of a pending resource: openAPIV3Schema, or NULL */
};

struct discovery;

struct discovery *discovery_new(struct client *client, const char *cache_folder); /* NULL: no cache */
void discovery_free(struct discovery *discovery);

/* Asks the server (again); false, reported, when it cannot be asked. */
bool discovery_load(struct discovery *discovery, const struct reporter *reporter);

/* Reads one aggregated document, for tests and fuzzing; false with a reason when it is not one. */
bool discovery_read_aggregated(struct discovery *discovery, const char *text, size_t length,
                               const char **why);

/* Adds what a CustomResourceDefinition will serve, where it is not served yet. */
void discovery_add_definition(struct discovery *discovery, const struct value *definition);

/* The resource of an exact apiVersion and kind, or NULL. */
const struct resource *discovery_find(const struct discovery *discovery, const char *group,
                                      const char *version, const char *kind);
/* Any served version of a group and kind, the server's preferred one first; NULL when none. */
const struct resource *discovery_find_kind(const struct discovery *discovery, const char *group,
                                           const char *kind);
/* The kind as people write it: "deployment", "deployments.apps", "Secret"; NULL when none. */
const struct resource *discovery_find_name(const struct discovery *discovery, const char *name);
/* True when the server of a group did not answer: that a kind of it is not found says nothing. */
bool discovery_is_unsure(const struct discovery *discovery, const char *group);
/* A kind that is spelt like this one, for did-you-mean; NULL when none. In the discovery's memory. */
const char *discovery_nearest_kind(const struct discovery *discovery, const char *kind);
/* The apiVersions that serve a kind of any group, joined with ", "; "" when none. */
const char *discovery_versions_of(struct arena *arena, const struct discovery *discovery, const char *kind);

/* "/apis/apps/v1/namespaces/x/deployments/name"; namespace and name may be NULL (all, the collection). */
void resource_path(struct buf *out, const struct resource *resource, const char *namespace, const char *name);
/* "Deployment.apps", "ConfigMap". */
const char *resource_group_kind(struct arena *arena, const struct resource *resource);

#endif
