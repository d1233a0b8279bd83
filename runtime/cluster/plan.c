/* A plan: live reads prove most objects unchanged; the rest is dry-run on the server. */
#include <stdlib.h>
#include <string.h>
#include "runtime/cluster/fields.h"
#include "runtime/cluster/live.h"
#include "runtime/cluster/plan_private.h"

static const char *const action_names[] = {
    [PLAN_CREATE] = "create",   [PLAN_UPDATE] = "update", [PLAN_UNCHANGED] = "unchanged",
    [PLAN_REPLACE] = "replace", [PLAN_PRUNE] = "prune",   [PLAN_KEEP] = "keep",
    [PLAN_REFUSED] = "refused",
};

const char *plan_action_name(enum plan_action action)
{
    return action_names[action];
}

static struct plan_item *item_new(struct planner *planner, const struct object *object)
{
    struct plan_item *item = arena_alloc(planner->arena, sizeof *item);
    item->action = PLAN_CREATE;
    item->object = object;
    item->resource = object->resource;
    item->namespace = object->namespace;
    item->name = object->name;
    item->changes = vec_in(planner->arena);
    item->conflicts = vec_in(planner->arena);
    item->drift = vec_in(planner->arena);
    return item;
}

static void on_live(void *context, const struct live_found *found)
{
    struct planner *planner = context;
    if (found->object == NULL) {
        struct member *member = inventory_member(planner->arena, found->resource, found->live);
        vec_push(&planner->strangers, member);
        return;
    }
    struct plan_item *item = planner->items[found->object->index];
    const char *uid = live_meta(found->live, "uid"), *version = live_meta(found->live, "resourceVersion");
    item->uid = uid != NULL ? arena_strdup(planner->arena, uid) : NULL;
    item->resource_version = version != NULL ? arena_strdup(planner->arena, version) : NULL;
    item->migrates = fields_need_migration(found->live);
    if (uid != NULL)
        map_set(planner->visited, uid, item);
    if (planner->options->exhaustive || item->migrates || live_meta(found->live, "deletionTimestamp") != NULL)
        return;
    if (fields_prove_unchanged(found->object->document, found->live, planner->options->field_manager)) {
        item->action = PLAN_UNCHANGED;
        item->proven = true;
        planner->decided[found->object->index] = true;
    }
}

static void decide_pending(struct planner *planner)
{
    for (size_t i = 0; i < planner->set->objects.count; i++)
        if (!planner->decided[i] && planner->items[i]->resource->pending) {
            plan_simulate_pending(planner, planner->items[i]);
            planner->decided[i] = true;
        }
}

static void count_items(struct plan *plan)
{
    for (size_t i = 0; i < plan->items.count; i++)
        plan->counts[((const struct plan_item *)plan->items.items[i])->action]++;
}

struct plan *plan_make(struct arena *arena, struct client *client, struct discovery *discovery,
                       struct object_set *set, const struct plan_options *options,
                       const struct reporter *reporter, bool *ok)
{
    size_t count = set->objects.count;
    struct plan *plan = arena_alloc(arena, sizeof *plan);
    struct planner planner = {.arena = arena,
                              .client = client,
                              .discovery = discovery,
                              .set = set,
                              .options = options,
                              .reporter = reporter,
                              .plan = plan};
    plan->arena = arena;
    plan->items = vec_in(arena);
    plan->context = client_config(client)->context;
    plan->server = client_config(client)->server;
    plan->manager = options->field_manager;
    plan->set_id = options->inventory != NULL ? options->inventory->id : NULL;
    planner.items = arena_array(arena, count + 1, sizeof *planner.items);
    planner.decided = arena_array(arena, count + 1, sizeof *planner.decided);
    planner.strangers = vec_in(arena);
    planner.simulated = vec_in(arena);
    planner.visited = map_new(arena);
    for (size_t i = 0; i < count; i++) {
        planner.items[i] = item_new(&planner, set->objects.items[i]);
        vec_push(&plan->items, planner.items[i]);
    }
    *ok = options->inventory == NULL || inventory_claim(options->inventory, set, reporter);
    *ok = *ok && live_read(client, set, options->inventory, on_live, &planner, reporter);
    if (!*ok)
        return plan;
    decide_pending(&planner);
    plan_check_all(&planner);
    plan_simulate_all(&planner);
    if (options->inventory != NULL && options->prune)
        plan_deletions(&planner);
    count_items(plan);
    return plan;
}

bool plan_has_changes(const struct plan *plan)
{
    return plan->counts[PLAN_CREATE] + plan->counts[PLAN_UPDATE] + plan->counts[PLAN_REPLACE] +
               plan->counts[PLAN_PRUNE] >
           0;
}
