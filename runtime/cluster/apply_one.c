/* One object's way through a stage: apply, and what its refusals ask for (migration, replacement, patience).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/cluster/apply_private.h"
#include "runtime/cluster/fields.h"
#include "runtime/cluster/live.h"
#include "runtime/cluster/migrate.h"
#include "runtime/cluster/refusal_words.h"
#include "runtime/cluster/server_apply.h"
#include "runtime/cluster/shared_fields.h"

enum { ACTIVE_MAX = 128, MIGRATIONS_MAX = 4, SETBACKS_MAX = 5, REREADS_MAX = 8 };
static const int64_t second = 1000000000;

struct work {
    struct applier *applier;
    struct apply_record *record;
    const struct object *object;
    unsigned migrations, setbacks, rereads;
    bool migrated, replacing, deleted, shared;
    int64_t kind_deadline; /* until when a resource that is not served yet is asked again */
};

static void feed(struct applier *applier);
static void send_apply(struct work *work, int64_t delay);

static void end(struct work *work, enum apply_result result)
{
    struct applier *applier = work->applier;
    apply_finish(applier, work->record, result);
    applier->active--;
    free(work);
    feed(applier);
}

/* Ctrl-C came before the answer. What was never sent was not done; of the rest nobody knows. */
static void end_interrupted(struct work *work, const struct call *call)
{
    struct applier *applier = work->applier;
    if (work->deleted) {
        work->record->why = "interrupted: the old object is deleted, the new one is not made";
        diag_help(cluster_report(applier->reporter, DIAG_CLUSTER_FAILED, work->object->origin, "%s: %s",
                                 object_title(applier->arena, work->object), work->record->why),
                  "run the same command again to make it");
        end(work, APPLY_FAILED);
    } else if (call->attempts == 0) {
        work->record->why = "interrupted";
        end(work, APPLY_SKIPPED);
    } else {
        work->record->why = "interrupted before the server answered: it may have been applied";
        end(work, APPLY_FAILED);
    }
}

static void fail(struct work *work, const struct call *call)
{
    struct applier *applier = work->applier;
    if (call->gave_up && client_is_interrupted(applier->client)) {
        end_interrupted(work, call);
        return;
    }
    struct answer answer = answer_of_call(call);
    struct refusal_detail refusal = refusal_read(applier->arena, applier->client, work->object, &answer);
    work->record->why = arena_strdup(applier->arena, refusal.text);
    work->record->conflicts = refusal.conflicts;
    refusal_report(applier->reporter, applier->client, work->object, &refusal, &answer);
    end(work, APPLY_FAILED);
}

static void keep_identity(struct work *work, const struct value *live)
{
    struct applier *applier = work->applier;
    struct apply_record *record = work->record;
    const char *uid = live_meta(live, "uid"), *version = live_meta(live, "resourceVersion");
    const struct value *generation = value_path(live, "metadata", "generation", NULL);
    record->uid = uid != NULL ? arena_strdup(applier->arena, uid) : NULL;
    record->resource_version = version != NULL ? arena_strdup(applier->arena, version) : NULL;
    record->generation = generation != NULL && generation->kind == VALUE_INT ? generation->integer : 0;
    if (record->uid != NULL)
        map_set(applier->visited, record->uid, record);
}

static void on_migrated(struct call *call, void *context)
{
    struct work *work = context;
    work->migrated = true;
    if (call->status == 200 || call->status == 409 ||
        call->status == 422) /* 409, 422: it changed meanwhile */
        send_apply(work, 0);
    else
        fail(work, call);
}

static void send_migration(struct work *work, struct buf *patch)
{
    struct buf path = {0};
    resource_path(&path, work->object->resource, work->object->namespace, work->object->name);
    buf_add_str(&path, "?fieldManager=");
    client_encode(&path, work->applier->options->field_manager);
    struct call *call = client_call("PATCH", on_migrated, work, "%s", buf_str(&path));
    call->content_type = "application/json-patch+json";
    call->retry = CALL_RETRY_ALWAYS; /* guarded by resourceVersion */
    call->body = *patch;
    work->migrations++;
    client_send(work->applier->client, call);
    buf_free(&path);
}

/* True when a migration was sent: the object is applied again behind it. */
static bool migrate(struct work *work, const struct value *live)
{
    struct buf patch = {0};
    if (!work->applier->options->migrate || work->migrations >= MIGRATIONS_MAX ||
        !migrate_patch(&patch, live, work->applier->options->field_manager)) {
        buf_free(&patch);
        return false;
    }
    send_migration(work, &patch);
    return true;
}

static enum apply_result result_of(const struct work *work, const struct call *call,
                                   const char *version_before)
{
    const struct apply_record *record = work->record;
    if (work->deleted)
        return APPLY_REPLACED;
    if (call->status == 201 || (call->interrupted && version_before == NULL && !work->migrated))
        return APPLY_CREATED; /* by an attempt whose answer was lost */
    bool same = version_before != NULL && record->resource_version != NULL &&
                strcmp(version_before, record->resource_version) == 0;
    return same && !work->migrated ? APPLY_UNCHANGED : APPLY_CONFIGURED;
}

static void accept(struct work *work, const struct call *call)
{
    struct applier *applier = work->applier;
    struct arena *scratch = arena_new();
    const char *why, *before = work->record->resource_version;
    const struct value *live = json_read_text(scratch, buf_str(&call->response), call->response.length, &why);
    if (call->warning[0] != 0)
        cluster_report(applier->reporter, DIAG_CLUSTER_WARNING, work->object->origin, "%s: %s",
                       object_title(applier->arena, work->object),
                       refusal_words(applier->arena, work->object, call->warning));
    if (live_meta(live, "name") == NULL) { /* something between here and the server has answered */
        struct call copy = *call;
        copy.outcome = HTTP_BROKEN;
        snprintf(copy.why, sizeof copy.why, "the answer to the apply is not the object");
        fail(work, &copy);
    } else if (call->status == 201 || !migrate(work, live)) {
        struct health_options health = {.strict = false};
        keep_identity(work, live);
        applier->settled[work->object->index] = health_of(scratch, live, health).health == HEALTH_CURRENT;
        end(work, result_of(work, call, before));
    }
    arena_free(scratch);
}

static void on_live_for_migration(struct call *call, void *context)
{
    struct work *work = context;
    struct arena *scratch = arena_new();
    const struct value *live = live_answered(scratch, call);
    if (live == NULL || !migrate(work, live))
        fail(work, call);
    arena_free(scratch);
}

static void on_gone(struct call *call, void *context);

/* Between the deletion and the new object a person's Ctrl-C waits. */
static void ask_gone(struct work *work, int64_t delay)
{
    struct call *call = object_get_call(work->object, on_gone, work);
    call->urgent = true;
    client_send_after(work->applier->client, call, delay);
}

static void on_gone(struct call *call, void *context)
{
    struct work *work = context;
    struct applier *applier = work->applier;
    if (call->status == 404) {
        send_apply(work, 0);
    } else if (call->status == 200 &&
               client_world(applier->client)->monotonic_ns(client_world(applier->client)->context) <
                   applier->deadline) {
        ask_gone(work, second / 2);
    } else if (call->status == 200) {
        work->record->why = "it is being deleted, but something (a finalizer) holds it";
        diag_help(cluster_report(applier->reporter, DIAG_CLUSTER_FAILED, work->object->origin,
                                 "%s: the old object does not go away",
                                 object_title(applier->arena, work->object)),
                  "see metadata.finalizers of the object, and apply again when it is gone");
        end(work, APPLY_FAILED);
    } else {
        fail(work, call);
    }
}

static void on_deleted(struct call *call, void *context)
{
    struct work *work = context;
    if (call->status != 200 && call->status != 202 && call->status != 404) {
        fail(work, call);
        return;
    }
    work->deleted = true;
    work->record->resource_version = NULL;
    ask_gone(work, 0);
}

/* The old object is deleted only as it was seen: by UID. */
static void on_live_for_replacement(struct call *call, void *context)
{
    struct work *work = context;
    struct arena *scratch = arena_new();
    const struct value *live = live_answered(scratch, call);
    const char *uid = live_meta(live, "uid");
    if (uid == NULL)
        fail(work, call);
    else
        client_send(work->applier->client,
                    object_delete_call(work->object->resource, work->object->namespace, work->object->name,
                                       uid, NULL, "Background", on_deleted, work));
    arena_free(scratch);
}

static void on_reread(struct call *call, void *context)
{
    struct work *work = context;
    struct applier *applier = work->applier;
    struct arena *scratch = arena_new();
    const struct value *live = live_answered(scratch, call);
    if (live != NULL) {
        shared_fields_adopt(applier->set, applier->set->objects.items[work->object->index], live);
        keep_identity(work, live);
        send_apply(work, 0);
    } else if (call->status == 404) {
        work->record->uid = work->record->resource_version = NULL; /* it is made anew */
        send_apply(work, 0);
    } else {
        fail(work, call);
    }
    arena_free(scratch);
}

/* A controller wrote between our read and our apply: what it set is read again. True when that goes on. */
static bool reread(struct work *work, const struct refusal_detail *refusal)
{
    bool ours = refusal->kind == REFUSAL_OTHER; /* the version: any change */
    for (size_t i = 0; i < refusal->conflicts.count; i++) {
        const struct plan_conflict *conflict = refusal->conflicts.items[i];
        ours = ours || text_starts_with(conflict->field, "spec.selector") ||
               text_starts_with(conflict->field, "spec.http");
    }
    if (!work->shared || !ours || work->rereads++ >= REREADS_MAX)
        return false;
    int64_t delay = work->rereads == 1 ? 0 : second / 5;
    client_send_after(work->applier->client, object_get_call(work->object, on_reread, work), delay);
    return true;
}

static bool may_replace(const struct work *work)
{
    const char *text = document_annotation(work->object->document, "mlc.dev/replace");
    return work->applier->options->replace || (text != NULL && strcmp(text, "true") == 0);
}

/* True when the refusal is answered by another step. */
static bool go_on(struct work *work, const struct refusal_detail *refusal, int status)
{
    struct applier *applier = work->applier;
    const struct world *world = client_world(applier->client);
    int64_t now = world->monotonic_ns(world->context);
    if (status == 409 && reread(work, refusal))
        return true;
    switch (refusal->kind) {
    case REFUSAL_CONFLICT:
        if (!applier->options->migrate || !migrate_solves(&refusal->conflicts) ||
            work->migrations >= MIGRATIONS_MAX)
            return false;
        client_send(applier->client, object_get_call(work->object, on_live_for_migration, work));
        return true;
    case REFUSAL_IMMUTABLE:
        if (work->replacing || !may_replace(work))
            return false;
        work->replacing = true;
        client_send(applier->client, object_get_call(work->object, on_live_for_replacement, work));
        return true;
    case REFUSAL_NO_KIND: /* an established definition is served a moment later by each API server */
        if (work->kind_deadline == 0)
            work->kind_deadline = now + 20 * second;
        if (!work->object->resource->pending || now > work->kind_deadline)
            return false;
        send_apply(work, second / 2);
        return true;
    case REFUSAL_TERMINATING:
        if (now > applier->deadline)
            return false;
        if (!applier->told_terminating && applier->options->progress.note != NULL)
            applier->options->progress.note(applier->options->progress.context,
                                            "a namespace is being deleted: waiting until it is gone");
        applier->told_terminating = true;
        send_apply(work, second);
        return true;
    case REFUSAL_NO_NAMESPACE:
        return false;
    case REFUSAL_OTHER: /* somebody created or changed it in the same moment */
        if (status != 409 || work->setbacks++ >= SETBACKS_MAX)
            return false;
        send_apply(work, second / 5);
        return true;
    }
    return false;
}

static void on_applied(struct call *call, void *context)
{
    struct work *work = context;
    struct applier *applier = work->applier;
    if (call->status == 200 || call->status == 201) {
        accept(work, call);
        return;
    }
    struct answer answer = answer_of_call(call);
    struct arena *scratch = arena_new();
    struct refusal_detail refusal = refusal_read(scratch, applier->client, work->object, &answer);
    if ((apply_must_stop(applier) && !work->deleted) || !go_on(work, &refusal, call->status))
        fail(work, call);
    arena_free(scratch);
}

static void send_apply(struct work *work, int64_t delay)
{
    const struct apply_options *options = work->applier->options;
    struct server_apply apply = {work->object, options->field_manager, options->force_conflicts, false,
                                 work->shared ? work->record->resource_version : NULL};
    struct call *call = server_apply_call(&apply, on_applied, work);
    call->urgent = work->deleted;
    client_send_after(work->applier->client, call, delay);
}

static void skip(struct applier *applier, struct apply_record *record)
{
    record->why = apply_stop_reason(applier);
    apply_finish(applier, record, APPLY_SKIPPED);
}

static void feed(struct applier *applier)
{
    while (applier->active < ACTIVE_MAX && applier->next < applier->end) {
        size_t index = applier->next++;
        struct apply_record *record = applier->records[index];
        if (applier->proven[index]) {
            apply_finish(applier, record,
                         record->object == applier->options->made ? APPLY_CREATED : APPLY_UNCHANGED);
            continue;
        }
        if (apply_must_stop(applier)) {
            skip(applier, record);
            continue;
        }
        struct work *work = mem_calloc(1, sizeof *work);
        work->applier = applier;
        work->record = record;
        work->object = applier->set->objects.items[index];
        work->shared = shared_fields_concern(applier->set, work->object);
        applier->active++;
        send_apply(work, 0);
    }
}

void apply_stage(struct applier *applier)
{
    feed(applier);
    client_run(applier->client, 0);
}
