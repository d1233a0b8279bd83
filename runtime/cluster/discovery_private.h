#ifndef MLC_RUNTIME_CLUSTER_DISCOVERY_PRIVATE_H
#define MLC_RUNTIME_CLUSTER_DISCOVERY_PRIVATE_H

/* What discovery.c (the tables) and discovery_load.c (asking the server) share. */

#include "core/map.h"
#include "runtime/cluster/discovery.h"

struct discovery {
    struct arena *arena;
    struct client *client;
    const char *cache_folder;
    struct map *exact;  /* "group/version/Kind" to struct resource */
    struct map *kinds;  /* "group/Kind" to the first version's */
    struct map *names;  /* "deployments", "deploy", "deployments.apps" */
    struct map *bare;   /* "Kind" */
    struct map *unsure; /* groups whose server did not answer: what they serve is not known */
    struct vec all;
};

/* Forgets all kinds; what was given out stays valid. */
void discovery_clear(struct discovery *discovery);
void discovery_add(struct discovery *discovery, struct resource *resource, const struct value *short_names);
void discovery_set_verbs(struct resource *resource, const struct value *verbs);

#endif
