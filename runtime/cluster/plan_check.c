/* One object's dry run, and the live object to compare its result with. */
#include <stdlib.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/cluster/fields.h"
#include "runtime/cluster/live.h"
#include "runtime/cluster/migrate.h"
#include "runtime/cluster/plan_private.h"
#include "runtime/cluster/refusal_words.h"
#include "runtime/cluster/server_apply.h"
#include "runtime/cluster/shared_fields.h"

enum { ACTIVE_MAX = 128, RACES_MAX = 4 };

struct check {
    struct planner *planner;
    struct plan_item *item;
    struct buf result; /* the dry run's answer, until the live object is there */
    unsigned races;    /* the object changed between the two reads */
    bool force;        /* for migration, or to show what lies behind the conflicts */
    bool refused;      /* by conflicts, already reported */
};

static void feed(struct planner *planner);
static void start_dry_run(struct check *check);

static void finish(struct check *check)
{
    struct planner *planner = check->planner;
    planner->active--;
    buf_free(&check->result);
    free(check);
    feed(planner);
}

/* True when another dry run is to follow. */
static bool refuse(struct check *check, const struct call *call)
{
    struct planner *planner = check->planner;
    struct plan_item *item = check->item;
    struct answer answer = answer_of_call(call);
    struct refusal_detail refusal = refusal_read(planner->arena, planner->client, item->object, &answer);
    const char *replace = document_annotation(item->object->document, "mlc.dev/replace");
    bool may_replace = planner->options->replace || (replace != NULL && strcmp(replace, "true") == 0);
    item->why = arena_strdup(planner->arena, refusal.text);
    item->conflicts = refusal.conflicts;
    if (refusal.kind == REFUSAL_NO_NAMESPACE) {
        const char *id = object_id(planner->arena, "", "Namespace", NULL, item->namespace);
        if (map_has(planner->set->by_id, id)) {
            vec_push(&planner->simulated, item);
            return false;
        }
    }
    if (refusal.kind == REFUSAL_CONFLICT && !check->force && migrate_solves(&refusal.conflicts)) {
        check->force = item->migrates = true;
        item->conflicts = vec_in(planner->arena);
        item->why = NULL;
        return true;
    }
    if (refusal.kind == REFUSAL_IMMUTABLE && may_replace) {
        item->action = PLAN_REPLACE;
        return false;
    }
    item->action = PLAN_REFUSED;
    refusal_report(planner->reporter, planner->client, item->object, &refusal, &answer);
    if (refusal.kind == REFUSAL_CONFLICT && !check->force) {
        item->why = NULL; /* the conflicts say it */
        check->force = check->refused = true;
        return true;
    }
    return false;
}

static void warn(const struct check *check, const struct call *call)
{
    if (call->warning[0] != 0)
        cluster_report(check->planner->reporter, DIAG_CLUSTER_WARNING, check->item->object->origin, "%s: %s",
                       object_title(check->planner->arena, check->item->object),
                       refusal_words(check->planner->arena, check->item->object, call->warning));
}

/* False when the two do not belong together: somebody wrote in between. */
static bool compare(struct check *check, struct arena *scratch, const struct value *live,
                    const struct value *result)
{
    struct planner *planner = check->planner;
    struct plan_item *item = check->item;
    const char *version = live_meta(live, "resourceVersion"), *planned = live_meta(result, "resourceVersion");
    const char *uid = live_meta(live, "uid");
    if (version == NULL || planned == NULL || (strcmp(version, planned) != 0 && check->races++ < RACES_MAX))
        return version == NULL || planned == NULL;
    item->uid = arena_strdup(planner->arena, uid != NULL ? uid : "");
    item->resource_version = arena_strdup(planner->arena, version);
    item->migrates = fields_need_migration(live);
    map_set(planner->visited, item->uid, item);
    if (item->migrates)
        result = migrate_expected(scratch, live, item->object->document, result);
    plan_diff(planner->arena, live, result, &item->changes);
    fields_drift(planner->arena, item->object->document, live, planner->options->field_manager, &item->drift);
    if (!check->refused)
        item->action = item->changes.count > 0 ? PLAN_UPDATE : PLAN_UNCHANGED;
    return true;
}

static void on_live(struct call *call, void *context)
{
    struct check *check = context;
    struct arena *scratch = arena_new();
    const char *why;
    if (call->status != 200) {
        if (call->status == 404 && check->races++ < RACES_MAX) { /* deleted in between */
            start_dry_run(check);
        } else {
            (void)refuse(check, call);
            finish(check);
        }
        arena_free(scratch);
        return;
    }
    const struct value *live = json_read_text(scratch, buf_str(&call->response), call->response.length, &why);
    const struct value *result = json_read_text(scratch, buf_str(&check->result), check->result.length, &why);
    if (live == NULL || result == NULL) {
        check->item->action = PLAN_REFUSED;
        check->item->why = "the server's answer is no JSON";
        cluster_report(check->planner->reporter, DIAG_CLUSTER_ANSWER, check->item->object->origin,
                       "%s: the server's answer is no JSON: %s",
                       object_title(check->planner->arena, check->item->object), why);
        finish(check);
    } else if (compare(check, scratch, live, result)) {
        finish(check);
    } else {
        struct object_set *set = check->planner->set;
        shared_fields_adopt(set, set->objects.items[check->item->object->index], live);
        start_dry_run(check);
    }
    arena_free(scratch);
}

static void on_dry_run(struct call *call, void *context)
{
    struct check *check = context;
    if (call->status == 201) {
        warn(check, call);
        if (!check->refused)
            check->item->action = PLAN_CREATE;
        check->item->uid = check->item->resource_version = NULL;
        finish(check);
    } else if (call->status == 200) {
        warn(check, call);
        buf_free(&check->result);
        check->result = call->response;
        call->response = (struct buf){0};
        client_send(check->planner->client, object_get_call(check->item->object, on_live, check));
    } else if (refuse(check, call)) {
        start_dry_run(check);
    } else {
        finish(check);
    }
}

static void start_dry_run(struct check *check)
{
    const struct plan_options *options = check->planner->options;
    struct server_apply apply = {check->item->object, options->field_manager,
                                 options->force_conflicts || check->force, true, NULL};
    client_send(check->planner->client, server_apply_call(&apply, on_dry_run, check));
}

static void feed(struct planner *planner)
{
    while (planner->active < ACTIVE_MAX && planner->next < planner->set->objects.count) {
        size_t index = planner->next++;
        if (planner->decided[index])
            continue;
        struct check *check = mem_calloc(1, sizeof *check);
        check->planner = planner;
        check->item = planner->items[index];
        planner->active++;
        start_dry_run(check);
    }
}

void plan_check_all(struct planner *planner)
{
    feed(planner);
    client_run(planner->client, 0);
}

/* What the server keeps for itself, and a plan is not about. */
static const struct value *cleaned(struct arena *arena, const struct value *object)
{
    static const char *const dropped[] = {"managedFields", "resourceVersion",   "generation",
                                          "uid",           "creationTimestamp", "selfLink"};
    struct record_builder out = record_begin(arena);
    for (size_t i = 0; i < object->field_count; i++) {
        const struct field *field = &object->fields[i];
        if (strcmp(field->key, "status") == 0)
            continue;
        if (strcmp(field->key, "metadata") != 0 || field->value->kind != VALUE_RECORD) {
            record_set(&out, field->key, field->value);
            continue;
        }
        struct record_builder metadata = record_begin(arena);
        for (size_t j = 0; j < field->value->field_count; j++) {
            const struct field *inner = &field->value->fields[j];
            bool drop = false;
            for (size_t k = 0; k < sizeof dropped / sizeof *dropped; k++)
                drop = drop || strcmp(inner->key, dropped[k]) == 0;
            if (!drop)
                record_set(&metadata, inner->key, inner->value);
        }
        record_set(&out, "metadata", record_end(&metadata, 0));
    }
    return record_end(&out, 0);
}

static const struct value *masked(struct arena *arena, const struct value *value, const char *text)
{
    if (value == NULL)
        return NULL;
    if (value->kind != VALUE_RECORD)
        return value_string(arena, text, 0);
    struct record_builder out = record_begin(arena);
    for (size_t i = 0; i < value->field_count; i++)
        record_set(&out, value->fields[i].key, value_string(arena, text, 0));
    return record_end(&out, 0);
}

static bool is_secret_path(const char *path)
{
    return text_starts_with(path, "data") || text_starts_with(path, "stringData") ||
           strstr(path, "last-applied-configuration") != NULL || strcmp(path, "metadata.annotations") == 0;
}

/* Copies a value out of a scratch arena. */
static const struct value *copied(struct arena *arena, const struct value *value)
{
    if (value == NULL)
        return NULL;
    if (value->kind == VALUE_STRING)
        return value_string_n(arena, value->text, value->length, 0);
    if (value->kind == VALUE_LIST) {
        struct list_builder list = list_begin(arena);
        for (size_t i = 0; i < value->count; i++)
            list_add(&list, copied(arena, value->items[i]));
        return list_end(&list, 0);
    }
    if (value->kind == VALUE_RECORD) {
        struct record_builder record = record_begin(arena);
        for (size_t i = 0; i < value->field_count; i++)
            record_set(&record, arena_strdup(arena, value->fields[i].key),
                       copied(arena, value->fields[i].value));
        return record_end(&record, 0);
    }
    switch (value->kind) {
    case VALUE_BOOL:
        return value_bool(arena, value->boolean, 0);
    case VALUE_INT:
        return value_int(arena, value->integer, 0);
    case VALUE_FLOAT:
        return value_float(arena, value->number, 0);
    default:
        return value_null(arena, 0);
    }
}

void plan_diff(struct arena *arena, const struct value *live, const struct value *result, struct vec *changes)
{
    struct arena *scratch = arena_new();
    struct vec found = vec_in(scratch);
    bool secret = strcmp(value_string_or(value_get(live, "kind"), ""), "Secret") == 0;
    document_diff(scratch, cleaned(scratch, live), cleaned(scratch, result), &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct change *change = found.items[i];
        struct change *kept = arena_alloc(arena, sizeof *kept);
        bool mask = secret && is_secret_path(change->path);
        kept->kind = change->kind;
        kept->path = arena_strdup(arena, change->path);
        kept->before = mask ? masked(arena, change->before, "*** (before)") : copied(arena, change->before);
        kept->after = mask ? masked(arena, change->after, "*** (after)") : copied(arena, change->after);
        vec_push(changes, kept);
    }
    arena_free(scratch);
}
