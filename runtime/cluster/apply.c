/* The stages of an apply: inventory, objects in order, prune, inventory again, wait. */
#include "runtime/cluster/apply.h"
#include <stdlib.h>
#include <string.h>
#include "runtime/cluster/apply_private.h"
#include "runtime/cluster/fields.h"
#include "runtime/cluster/gitops.h"
#include "runtime/cluster/lease.h"
#include "runtime/cluster/live.h"
#include "runtime/cluster/prune.h"
#include "runtime/cluster/server_apply.h"

static const int64_t second = 1000000000;

bool apply_must_stop(const struct applier *applier)
{
    return client_is_interrupted(applier->client) ||
           (applier->options->lease != NULL && lease_is_lost(applier->options->lease));
}

const char *apply_stop_reason(const struct applier *applier)
{
    return client_is_interrupted(applier->client) ? "interrupted" : "another apply holds the lease now";
}

struct apply_record *apply_record_new(struct applier *applier, const struct resource *resource,
                                      const char *namespace, const char *name)
{
    struct apply_record *record = arena_alloc(applier->arena, sizeof *record);
    record->resource = resource;
    record->namespace = namespace;
    record->name = name;
    record->conflicts = vec_in(applier->arena);
    return record;
}

void apply_finish(struct applier *applier, struct apply_record *record, enum apply_result result)
{
    record->result = result;
    applier->report->counts[result]++;
    if (result == APPLY_FAILED || result == APPLY_SKIPPED)
        applier->failed = true;
    vec_push(&applier->report->records, record);
    if (applier->options->progress.object != NULL)
        applier->options->progress.object(applier->options->progress.context, record);
}

/* A whole inventory is not destroyed while parts of it belong to somebody else. */
static void refuse_owned_members(struct applier *applier)
{
    for (size_t i = 0; !applier->options->take_over && i < applier->strangers.count; i++) {
        const struct member *member = applier->strangers.items[i];
        if (member->gitops == NULL || member->owned)
            continue;
        applier->failed = true;
        diag_help(cluster_report(applier->reporter, DIAG_CLUSTER_GITOPS, 0, "%s is managed by %s",
                                 object_id(applier->arena, member->resource->group, member->resource->kind,
                                           member->namespace, member->name),
                                 member->gitops),
                  "delete it where %s takes it from, or delete it here with --take-over", member->gitops);
    }
}

static void on_live(void *context, const struct live_found *found)
{
    struct applier *applier = context;
    if (found->object == NULL) {
        vec_push(&applier->strangers, inventory_member(applier->arena, found->resource, found->live));
        return;
    }
    if (apply_refuses_owned(applier->arena, applier->options, applier->reporter, found))
        applier->failed = true;
    size_t index = found->object->index;
    struct apply_record *record = applier->records[index];
    const char *uid = live_meta(found->live, "uid"), *version = live_meta(found->live, "resourceVersion");
    const struct value *generation = value_path(found->live, "metadata", "generation", NULL);
    record->uid = uid != NULL ? arena_strdup(applier->arena, uid) : NULL;
    record->resource_version = version != NULL ? arena_strdup(applier->arena, version) : NULL;
    record->generation = generation != NULL && generation->kind == VALUE_INT ? generation->integer : 0;
    if (uid != NULL)
        map_set(applier->visited, uid, record);
    if (live_meta(found->live, "deletionTimestamp") != NULL || fields_need_migration(found->live))
        return;
    if (!fields_prove_unchanged(found->object->document, found->live, applier->options->field_manager))
        return;
    struct arena *scratch = arena_new();
    applier->proven[index] = true;
    applier->settled[index] =
        health_of(scratch, found->live, (struct health_options){0}).health == HEALTH_CURRENT;
    arena_free(scratch);
}

static struct wait_target *target_of(struct applier *applier, size_t index)
{
    struct apply_record *record = applier->records[index];
    struct wait_target *target = arena_alloc(applier->arena, sizeof *target);
    target->resource = record->resource;
    target->namespace = record->namespace;
    target->name = record->name;
    target->uid = record->uid;
    target->generation = record->generation;
    target->owner = record;
    return target;
}

static bool was_applied(const struct apply_record *record)
{
    return record->result <= APPLY_REPLACED;
}

static int64_t timeout_of(const struct applier *applier)
{
    return applier->options->timeout_ns > 0 ? applier->options->timeout_ns : 300 * second;
}

static void keep_health(const struct vec *targets)
{
    for (size_t i = 0; i < targets->count; i++) {
        const struct wait_target *target = targets->items[i];
        struct apply_record *record = target->owner;
        record->health = target->health;
        record->health_why = target->why;
    }
}

static bool wait_targets(struct applier *applier, struct vec *targets)
{
    const char *selector =
        applier->options->inventory != NULL
            ? arena_printf(applier->arena, APPLYSET_MEMBER_LABEL "=%s", applier->options->inventory->id)
            : NULL;
    struct wait_options options = {.timeout_ns = timeout_of(applier),
                                   .label_selector = selector,
                                   .progress = applier->options->progress.waiting,
                                   .context = applier->options->progress.context};
    bool ready = targets->count == 0 ||
                 wait_for(applier->arena, applier->client, targets, &options, applier->reporter);
    keep_health(targets);
    return ready;
}

static bool is_definition(const struct object *object)
{
    return (strcmp(object->kind, "CustomResourceDefinition") == 0 &&
            strcmp(object->group, "apiextensions.k8s.io") == 0) ||
           (strcmp(object->kind, "Namespace") == 0 && *object->group == 0);
}

static void report_not_ready(struct applier *applier, const struct wait_target *target)
{
    const struct apply_record *record = target->owner;
    struct vec lines = vec_in(applier->arena);
    struct diag *diag =
        cluster_report(applier->reporter, DIAG_CLUSTER_NOT_READY,
                       record->object != NULL ? record->object->origin : 0, "%s is not ready: %s: %s",
                       object_id(applier->arena, record->resource->group, record->resource->kind,
                                 record->namespace, record->name),
                       health_name(target->health), target->why != NULL ? target->why : "");
    wait_explain(applier->arena, applier->client, applier->discovery, target, &lines);
    for (size_t i = 0; i < lines.count; i++)
        diag_note(diag, "%s", (const char *)lines.items[i]);
}

static void report_unready(struct applier *applier, const struct vec *targets)
{
    enum { EXPLAINED_MAX = 10 };
    size_t explained = 0;
    for (int failed = 1; failed >= 0; failed--)
        for (size_t i = 0; i < targets->count; i++) {
            const struct wait_target *target = targets->items[i];
            bool bad = target->health != HEALTH_CURRENT;
            if (bad && (target->health == HEALTH_FAILED) == failed && explained++ < EXPLAINED_MAX)
                report_not_ready(applier, target);
        }
}

/* Between two stages: definitions and namespaces, what others depend on, and whole waves must be there. */
static bool barrier(struct applier *applier, size_t from, size_t to)
{
    struct vec targets = vec_in(applier->arena);
    const struct object *last = applier->set->objects.items[to - 1];
    bool wave_ends = to < applier->set->objects.count &&
                     ((const struct object *)applier->set->objects.items[to])->wave != last->wave;
    size_t start = from;
    while (wave_ends && start > 0 &&
           ((const struct object *)applier->set->objects.items[start - 1])->wave == last->wave)
        start--;
    for (size_t i = start; i < to; i++) {
        const struct object *object = applier->set->objects.items[i];
        bool waits = wave_ends || object->awaited || (is_definition(object) && i >= from);
        if (waits && !applier->settled[i] && was_applied(applier->records[i]))
            vec_push(&targets, target_of(applier, i));
    }
    bool ready = wait_targets(applier, &targets);
    if (!ready && !client_is_interrupted(applier->client))
        report_unready(applier, &targets);
    for (size_t i = 0; i < targets.count; i++) {
        const struct wait_target *target = targets.items[i];
        const struct apply_record *record = target->owner;
        if (target->health == HEALTH_CURRENT)
            applier->settled[record->object->index] = true;
    }
    return ready;
}

static void skip_from(struct applier *applier, size_t from, const char *why)
{
    for (size_t i = from; i < applier->set->objects.count; i++) {
        applier->records[i]->why = why;
        apply_finish(applier, applier->records[i], APPLY_SKIPPED);
    }
}

static void apply_stages(struct applier *applier)
{
    size_t count = applier->set->objects.count;
    for (size_t from = 0, to; from < count; from = to) {
        const struct object *first = applier->set->objects.items[from];
        for (to = from;
             to < count && ((const struct object *)applier->set->objects.items[to])->stage == first->stage;)
            to++;
        const struct world *world = client_world(applier->client);
        applier->next = from;
        applier->end = to;
        applier->deadline = world->monotonic_ns(world->context) + timeout_of(applier);
        apply_stage(applier);
        if (applier->failed || (to < count && !barrier(applier, from, to))) {
            applier->failed = true;
            skip_from(applier, to,
                      apply_must_stop(applier) ? apply_stop_reason(applier) : "an earlier stage failed");
            return;
        }
    }
}

static bool begin(struct applier *applier)
{
    struct inventory *inventory = applier->options->inventory;
    if (inventory != NULL && !inventory_claim(inventory, applier->set, applier->reporter))
        return false;
    if (!live_read(applier->client, applier->set, inventory, on_live, applier, applier->reporter) ||
        applier->failed)
        return false; /* nothing has been written yet */
    return inventory == NULL ||
           inventory_write(inventory, applier->client, applier->set, NULL, true, applier->reporter);
}

static void finish_inventory(struct applier *applier)
{
    struct vec kept = vec_in(applier->arena);
    if (applier->options->prune)
        apply_prune(applier, &kept);
    else
        for (size_t i = 0; i < applier->strangers.count; i++)
            vec_push(&kept, applier->strangers.items[i]);
    if (applier->failed || apply_must_stop(applier))
        return; /* the superset stays: nothing is forgotten */
    if (!inventory_write(applier->options->inventory, applier->client, applier->set, &kept, false,
                         applier->reporter))
        applier->failed = true;
}

static void wait_all(struct applier *applier)
{
    struct vec targets = vec_in(applier->arena);
    for (size_t i = 0; i < applier->set->objects.count; i++) {
        struct apply_record *record = applier->records[i];
        if (applier->settled[i])
            record->health = HEALTH_CURRENT;
        else if (was_applied(record))
            vec_push(&targets, target_of(applier, i));
    }
    applier->report->waited = true;
    applier->report->ready = wait_targets(applier, &targets);
    if (!applier->report->ready && !client_is_interrupted(applier->client))
        report_unready(applier, &targets);
}

static void init(struct applier *applier)
{
    size_t count = applier->set->objects.count;
    struct apply_report *report = arena_alloc(applier->arena, sizeof *report);
    report->arena = applier->arena;
    report->records = vec_in(applier->arena);
    applier->report = report;
    applier->records = arena_array(applier->arena, count + 1, sizeof *applier->records);
    applier->proven = arena_array(applier->arena, count + 1, sizeof *applier->proven);
    applier->settled = arena_array(applier->arena, count + 1, sizeof *applier->settled);
    applier->strangers = vec_in(applier->arena);
    applier->visited = map_new(applier->arena);
    for (size_t i = 0; i < count; i++) {
        const struct object *object = applier->set->objects.items[i];
        applier->records[i] = apply_record_new(applier, object->resource, object->namespace, object->name);
        applier->records[i]->object = object;
    }
}

struct apply_report *apply_run(struct arena *arena, struct client *client, struct discovery *discovery,
                               struct object_set *set, const struct apply_options *options,
                               const struct reporter *reporter)
{
    struct applier applier = {.arena = arena,
                              .client = client,
                              .discovery = discovery,
                              .set = set,
                              .options = options,
                              .reporter = reporter};
    init(&applier);
    if (!begin(&applier)) {
        skip_from(&applier, 0,
                  apply_must_stop(&applier) ? apply_stop_reason(&applier) : "nothing was applied");
        applier.report->interrupted = client_is_interrupted(client);
        return applier.report;
    }
    apply_stages(&applier);
    if (options->inventory != NULL && !applier.failed)
        finish_inventory(&applier);
    if (options->wait && !applier.failed)
        wait_all(&applier);
    applier.report->interrupted = client_is_interrupted(client);
    applier.report->ok = !applier.failed && (!options->wait || applier.report->ready);
    return applier.report;
}

struct apply_report *apply_destroy(struct arena *arena, struct client *client, struct discovery *discovery,
                                   struct object_set *set, const struct apply_options *options,
                                   const struct reporter *reporter)
{
    struct applier applier = {.arena = arena,
                              .client = client,
                              .discovery = discovery,
                              .set = set,
                              .options = options,
                              .reporter = reporter};
    struct vec kept = vec_in(arena);
    init(&applier);
    if (!live_read(client, set, options->inventory, on_live, &applier, reporter))
        applier.failed = true;
    if (!applier.failed)
        refuse_owned_members(&applier);
    for (size_t i = 0; !applier.failed && i < set->objects.count; i++) {
        const struct apply_record *record = applier.records[i];
        if (record->uid == NULL)
            continue;
        struct member *member = arena_alloc(arena, sizeof *member);
        const char *keep =
            document_annotation(((const struct object *)set->objects.items[i])->document, "mlc.dev/keep");
        *member = (struct member){.resource = record->resource,
                                  .namespace = record->namespace,
                                  .name = record->name,
                                  .uid = record->uid,
                                  .resource_version = record->resource_version,
                                  .keep = keep != NULL && strcmp(keep, "false") != 0};
        vec_push(&applier.strangers, member);
    }
    vec_sort(&applier.strangers, prune_order, NULL);
    if (!applier.failed)
        apply_delete_members(&applier, &applier.strangers, &kept);
    if (!applier.failed && !options->dry_run && options->inventory != NULL && options->inventory->exists) {
        bool all = kept.count == 0 && map_count(options->inventory->unsure) == 0;
        bool ok = all ? inventory_delete(options->inventory, client, reporter)
                      : inventory_write(options->inventory, client, NULL, &kept, false, reporter);
        applier.failed = !ok;
    }
    applier.report->interrupted = client_is_interrupted(client);
    applier.report->ok = !applier.failed;
    return applier.report;
}
