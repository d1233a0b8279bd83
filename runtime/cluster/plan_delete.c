/* What left the set: pruned, or kept and why. */
#include <string.h>
#include <strings.h>
#include "runtime/cluster/plan_private.h"
#include "runtime/cluster/prune.h"

bool plan_is_guarded(const struct resource *resource)
{
    static const char *const kinds[] = {"Namespace", "PersistentVolumeClaim", "PersistentVolume"};
    if (strcmp(resource->kind, "CustomResourceDefinition") == 0)
        return true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (*resource->group == 0 && strcmp(resource->kind, kinds[i]) == 0)
            return true;
    return false;
}

static bool may_go(const struct member *member, const struct prune_consent *consent)
{
    for (size_t i = 0; i < consent->count; i++)
        if (strcasecmp(consent->kinds[i], member->resource->kind) == 0)
            return true;
    return false;
}

const char *prune_obstacle(const struct member *member, const struct prune_consent *consent)
{
    if (member->owned)
        return "a controller owns it (it has ownerReferences)";
    if (member->gitops != NULL && !consent->take_over)
        return strcmp(member->gitops, "Flux") == 0 ? "Flux manages it" : "Argo CD manages it";
    if (may_go(member, consent))
        return NULL;
    if (member->keep)
        return "its annotation mlc.dev/keep guards it";
    if (plan_is_guarded(member->resource))
        return "what it holds would be gone with it";
    return NULL;
}

const char *prune_remedy(struct arena *arena, const struct member *member,
                         const struct prune_consent *consent)
{
    if (member->owned || prune_obstacle(member, consent) == NULL)
        return NULL;
    if (member->gitops != NULL && !consent->take_over)
        return "--take-over";
    return arena_printf(arena, "--allow-delete=%s", member->resource->kind);
}

int prune_order(const void *a, const void *b, void *context)
{
    const struct member *left = a, *right = b;
    (void)context;
    unsigned l = objects_rank(left->resource), r = objects_rank(right->resource);
    if (l != r)
        return l > r ? -1 : 1; /* the reverse of applying */
    int kinds = strcmp(left->resource->kind, right->resource->kind);
    if (kinds != 0)
        return kinds;
    int namespaces = strcmp(left->namespace != NULL ? left->namespace : "",
                            right->namespace != NULL ? right->namespace : "");
    return namespaces != 0 ? namespaces : strcmp(left->name, right->name);
}

bool prune_is_candidate(const struct member *member, const struct object_set *set, const struct map *visited)
{
    struct arena *arena = arena_new();
    const char *id =
        object_id(arena, member->resource->group, member->resource->kind, member->namespace, member->name);
    bool named = map_has(set->by_id, id);
    arena_free(arena);
    return !named && !map_has(visited, member->uid) && !member->terminating;
}

void plan_deletions(struct planner *planner)
{
    struct prune_consent consent = {planner->options->consent, planner->options->consent_count,
                                    planner->options->take_over};
    vec_sort(&planner->strangers, prune_order, NULL);
    for (size_t i = 0; i < planner->strangers.count; i++) {
        const struct member *member = planner->strangers.items[i];
        if (!prune_is_candidate(member, planner->set, planner->visited))
            continue;
        struct plan_item *item = arena_alloc(planner->arena, sizeof *item);
        item->why = prune_obstacle(member, &consent);
        item->action = item->why != NULL ? PLAN_KEEP : PLAN_PRUNE;
        item->resource = member->resource;
        item->namespace = member->namespace;
        item->name = member->name;
        item->uid = member->uid;
        item->resource_version = member->resource_version;
        item->changes = vec_in(planner->arena);
        item->conflicts = vec_in(planner->arena);
        item->drift = vec_in(planner->arena);
        vec_push(&planner->plan->items, item);
    }
}
