/* Deleting: what left a set, or all of it. Always by UID, kind after kind in reverse order. */
#include <stdlib.h>
#include <string.h>
#include "runtime/cluster/apply_private.h"
#include "runtime/cluster/prune.h"
#include "runtime/cluster/server_apply.h"

struct deletion {
    struct applier *applier;
    const struct member *member;
    struct apply_record *record;
    struct vec *kept;
    bool accepted;
};

static void on_deleted(struct call *call, void *context)
{
    struct deletion *deletion = context;
    struct applier *applier = deletion->applier;
    struct apply_record *record = deletion->record;
    bool other = call->status == 409; /* the precondition: another object has the name now */
    if (call->status == 200 || call->status == 202 || call->status == 404 || other) {
        deletion->accepted = true;
        record->why = other ? "another object has its name now: left" : NULL;
        apply_finish(applier, record, other ? APPLY_KEPT : APPLY_PRUNED);
        return;
    }
    vec_push(deletion->kept, (void *)(uintptr_t)deletion->member);
    if (call->gave_up && client_is_interrupted(applier->client)) {
        bool sent = call->attempts > 0;
        record->why =
            sent ? "interrupted before the server answered: it may have been deleted" : "interrupted";
        apply_finish(applier, record, sent ? APPLY_FAILED : APPLY_SKIPPED);
        return;
    }
    struct answer answer = answer_of_call(call);
    record->why = failure_text(applier->arena, applier->client, &answer);
    failure_report(applier->reporter, applier->client, 0,
                   arena_printf(applier->arena, "deleting %s",
                                object_id(applier->arena, record->resource->group, record->resource->kind,
                                          record->namespace, record->name)),
                   &answer);
    apply_finish(applier, record, APPLY_FAILED);
}

static struct prune_consent consent_of(const struct applier *applier)
{
    return (struct prune_consent){applier->options->consent, applier->options->consent_count,
                                  applier->options->take_over};
}

static void keep(struct applier *applier, const struct member *member, const char *why, struct vec *kept)
{
    struct prune_consent consent = consent_of(applier);
    struct apply_record *record =
        apply_record_new(applier, member->resource, member->namespace, member->name);
    const char *remedy = prune_remedy(applier->arena, member, &consent);
    bool dry = applier->options->dry_run;
    record->why = dry && remedy != NULL ? arena_printf(applier->arena, "%s (%s)", why, remedy) : why;
    record->uid = member->uid;
    vec_push(kept, (void *)(uintptr_t)member);
    if (!member->owned && !dry)
        diag_help(cluster_report(applier->reporter, DIAG_CLUSTER_GUARDED, 0, "%s was left: %s",
                                 object_id(applier->arena, member->resource->group, member->resource->kind,
                                           member->namespace, member->name),
                                 why),
                  "delete it with %s", remedy);
    apply_finish(applier, record, APPLY_KEPT);
}

static struct deletion *start(struct applier *applier, const struct member *member, struct vec *kept)
{
    struct deletion *deletion = arena_alloc(applier->arena, sizeof *deletion);
    *deletion = (struct deletion){.applier = applier, .member = member, .kept = kept};
    deletion->record = apply_record_new(applier, member->resource, member->namespace, member->name);
    deletion->record->uid = member->uid;
    client_send(applier->client, object_delete_call(member->resource, member->namespace, member->name,
                                                    member->uid, NULL, "Background", on_deleted, deletion));
    return deletion;
}

/* What comes next in the order may be needed by what goes now (a definition by its objects). */
static void wait_gone(struct applier *applier, const struct vec *started)
{
    struct vec targets = vec_in(applier->arena);
    for (size_t i = 0; i < started->count; i++) {
        const struct deletion *deletion = started->items[i];
        if (!deletion->accepted || deletion->record->result != APPLY_PRUNED)
            continue;
        struct wait_target *target = arena_alloc(applier->arena, sizeof *target);
        *target = (struct wait_target){.resource = deletion->member->resource,
                                       .namespace = deletion->member->namespace,
                                       .name = deletion->member->name,
                                       .uid = deletion->member->uid,
                                       .gone = true,
                                       .owner = deletion->record};
        vec_push(&targets, target);
    }
    struct wait_options options = {.timeout_ns = applier->options->timeout_ns > 0
                                                     ? applier->options->timeout_ns
                                                     : (int64_t)300 * 1000000000,
                                   .progress = applier->options->progress.waiting,
                                   .context = applier->options->progress.context};
    if (targets.count == 0 ||
        wait_for(applier->arena, applier->client, &targets, &options, applier->reporter))
        return;
    applier->failed = true;
    for (size_t i = 0; i < targets.count && !client_is_interrupted(applier->client); i++) {
        const struct wait_target *target = targets.items[i];
        if (!target->done)
            diag_help(cluster_report(applier->reporter, DIAG_CLUSTER_NOT_READY, 0, "%s does not go away",
                                     object_id(applier->arena, target->resource->group,
                                               target->resource->kind, target->namespace, target->name)),
                      "see its metadata.finalizers: a controller that is gone cannot remove them");
    }
}

static bool same_step(const struct member *a, const struct member *b)
{
    return objects_rank(a->resource) == objects_rank(b->resource);
}

static void delete_one(struct applier *applier, const struct member *member, struct vec *started,
                       struct vec *kept)
{
    struct prune_consent consent = consent_of(applier);
    const char *obstacle = prune_obstacle(member, &consent);
    if (member->terminating)
        return;
    if (obstacle != NULL) {
        keep(applier, member, obstacle, kept);
    } else if (apply_must_stop(applier) || applier->options->dry_run) {
        struct apply_record *record =
            apply_record_new(applier, member->resource, member->namespace, member->name);
        record->why = apply_must_stop(applier) ? apply_stop_reason(applier) : NULL;
        apply_finish(applier, record, record->why != NULL ? APPLY_SKIPPED : APPLY_PRUNED);
    } else {
        vec_push(started, start(applier, member, kept));
    }
}

void apply_delete_members(struct applier *applier, const struct vec *members, struct vec *kept)
{
    for (size_t from = 0, to; from < members->count && (!applier->failed || apply_must_stop(applier));
         from = to) {
        struct vec started = vec_in(applier->arena);
        for (to = from; to < members->count && same_step(members->items[from], members->items[to]); to++)
            delete_one(applier, members->items[to], &started, kept);
        client_run(applier->client, 0);
        if (applier->options->wait)
            wait_gone(applier, &started);
    }
}

void apply_prune(struct applier *applier, struct vec *kept)
{
    struct vec candidates = vec_in(applier->arena);
    for (size_t i = 0; i < applier->strangers.count; i++)
        if (prune_is_candidate(applier->strangers.items[i], applier->set, applier->visited))
            vec_push(&candidates, applier->strangers.items[i]);
    vec_sort(&candidates, prune_order, NULL);
    apply_delete_members(applier, &candidates, kept);
}
