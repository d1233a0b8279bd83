/* Waiting by list and watch: one watch for each kind in each namespace. */
#include "runtime/cluster/wait.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/map.h"
#include "runtime/cluster/failure.h"
#include "runtime/cluster/health_rules.h"
#include "runtime/cluster/live.h"

enum { PAGE = 500, SHOWN_MAX = 8, REFUSALS_MAX = 6 };
static const int64_t second = 1000000000;

struct waiter {
    struct arena *arena;
    struct client *client;
    const struct wait_options *options;
    const struct reporter *reporter;
    struct vec *targets;
    struct map *groups;
    struct map *late_classes;
    int64_t started, deadline, shown_at;
    size_t done, failed;
    bool stopping, broken;
};

/* One kind in one namespace, or one object. */
struct wait_group {
    struct waiter *waiter;
    const struct resource *resource;
    const char *namespace;
    struct vec targets; /* struct wait_target * */
    struct map *by_name;
    bool *seen;        /* in this list */
    struct call *call; /* in flight; NULL: none */
    char version[64];  /* the resourceVersion to watch from */
    unsigned failures;
    bool listed;
};

static int64_t now_of(const struct waiter *waiter)
{
    const struct world *world = client_world(waiter->client);
    return world->monotonic_ns(world->context);
}

static void show(struct waiter *waiter, bool force)
{
    const struct wait_target *shown[SHOWN_MAX];
    struct wait_state state = {waiter->targets->count,          waiter->done, waiter->failed, shown, 0,
                               now_of(waiter) - waiter->started};
    int64_t now = now_of(waiter);
    if (waiter->options->progress == NULL || (!force && now - waiter->shown_at < second / 2))
        return;
    waiter->shown_at = now;
    for (size_t i = 0; i < waiter->targets->count && state.pending_count < SHOWN_MAX; i++) {
        const struct wait_target *target = waiter->targets->items[i];
        if (!target->done)
            shown[state.pending_count++] = target;
    }
    waiter->options->progress(waiter->options->context, &state);
}

static void set_health(struct waiter *waiter, struct wait_target *target, struct health_result result)
{
    if (target->done)
        return;
    if ((target->health == HEALTH_FAILED) != (result.health == HEALTH_FAILED))
        waiter->failed += result.health == HEALTH_FAILED ? 1 : (size_t)-1;
    target->health = result.health;
    target->fails_at = result.fails_in_ns > 0 ? now_of(waiter) + result.fails_in_ns : 0;
    if (result.why == NULL)
        target->why = NULL;
    else if (target->why == NULL || strcmp(target->why, result.why) != 0)
        target->why = arena_strdup(waiter->arena, result.why);
    bool good = target->gone ? result.health == HEALTH_NOT_FOUND
                             : result.health == HEALTH_CURRENT || result.health == HEALTH_SUSPENDED;
    if (good) {
        target->done = true;
        waiter->done++;
    }
}

static void see(struct wait_group *group, struct wait_target *target, const struct value *object,
                bool deleted)
{
    struct waiter *waiter = group->waiter;
    const char *uid = live_meta(object, "uid");
    bool other = target->uid != NULL && uid != NULL && strcmp(uid, target->uid) != 0;
    if (deleted || (other && target->gone)) {
        set_health(waiter, target, health_is(HEALTH_NOT_FOUND, target->gone ? NULL : "somebody deleted it"));
        return;
    }
    const struct value *generation = value_path(object, "metadata", "generation", NULL);
    if (generation != NULL && generation->kind == VALUE_INT && generation->integer < target->generation)
        return; /* older than what was applied */
    const struct world *world = client_world(waiter->client);
    struct arena *scratch = arena_new();
    struct health_options options = {waiter->options->strict, world->wall_ns(world->context),
                                     waiter->late_classes};
    set_health(waiter, target, health_of(scratch, object, options));
    arena_free(scratch);
}

static struct wait_target *target_of(struct wait_group *group, const struct value *object, size_t *index)
{
    const char *name = live_meta(object, "name");
    size_t at = name != NULL ? (size_t)(uintptr_t)map_get(group->by_name, name) : 0;
    *index = at > 0 ? at - 1 : 0;
    return at > 0 ? group->targets.items[at - 1] : NULL;
}

static bool is_settled(const struct wait_group *group)
{
    for (size_t i = 0; i < group->targets.count; i++)
        if (!((const struct wait_target *)group->targets.items[i])->done)
            return false;
    return true;
}

static void list(struct wait_group *group, const char *token, int64_t delay);
static void watch(struct wait_group *group, int64_t delay);

static void add_selector(struct wait_group *group, struct buf *path)
{
    if (group->targets.count == 1) {
        buf_add_str(path, "&fieldSelector=");
        client_encode(path, "metadata.name=");
        client_encode(path, ((const struct wait_target *)group->targets.items[0])->name);
    } else if (group->waiter->options->label_selector != NULL) {
        buf_add_str(path, "&labelSelector=");
        client_encode(path, group->waiter->options->label_selector);
    }
}

static void set_version(struct wait_group *group, const struct value *object)
{
    const char *version = live_meta(object, "resourceVersion");
    if (version != NULL && *version != 0)
        snprintf(group->version, sizeof group->version, "%s", version);
}

static int64_t pause_after(struct wait_group *group)
{
    unsigned shift = group->failures < 5 ? group->failures : 5;
    group->failures++;
    return (second / 5) << shift;
}

static void give_up_group(struct wait_group *group, const struct call *call)
{
    struct answer answer = answer_of_call(call);
    struct buf what = {0};
    buf_printf(&what, "watching %s", group->resource->plural);
    if (group->namespace != NULL)
        buf_printf(&what, " in namespace %s", group->namespace);
    failure_report(group->waiter->reporter, group->waiter->client, 0, buf_str(&what), &answer);
    buf_free(&what);
    group->waiter->broken = true;
}

/* A server that has just started may refuse for a moment what it allowed before. */
static void refused(struct wait_group *group, const struct call *call)
{
    if (group->listed && group->failures < REFUSALS_MAX)
        list(group, NULL, pause_after(group));
    else
        give_up_group(group, call);
}

static void end_of_list(struct wait_group *group)
{
    for (size_t i = 0; i < group->targets.count; i++)
        if (!group->seen[i])
            see(group, group->targets.items[i], NULL, true);
    group->listed = true;
    show(group->waiter, false);
    if (!is_settled(group))
        watch(group, 0);
}

static void on_list(struct call *call, void *context)
{
    struct wait_group *group = context;
    group->call = NULL;
    if (group->waiter->stopping)
        return;
    if (call->status == 410 || call->status == 404 || call->outcome != HTTP_DONE || call->status >= 500) {
        if (call->status == 404) /* the kind itself is gone */
            end_of_list(group);
        else
            list(group, NULL, pause_after(group));
        return;
    }
    struct arena *scratch = arena_new();
    const struct value *root = live_answered(scratch, call);
    const struct value *items = value_get(root, "items");
    if (!live_is_list(root)) {
        refused(group, call);
        arena_free(scratch);
        return;
    }
    const char *token = value_string_or(value_path(root, "metadata", "continue", NULL), "");
    for (size_t i = 0; items != NULL && items->kind == VALUE_LIST && i < items->count; i++) {
        size_t index;
        const struct value *item = items->items[i];
        struct wait_target *target = target_of(group, item, &index);
        if (target != NULL) {
            group->seen[index] = true;
            /* items of a list do not name their kind */
            struct record_builder whole = record_begin(scratch);
            const struct resource *resource = group->resource;
            const char *version = *resource->group != 0
                                      ? arena_printf(scratch, "%s/%s", resource->group, resource->version)
                                      : resource->version;
            record_set(&whole, "apiVersion", value_string(scratch, version, 0));
            record_set(&whole, "kind", value_string(scratch, resource->kind, 0));
            for (size_t j = 0; j < item->field_count; j++)
                record_set(&whole, item->fields[j].key, item->fields[j].value);
            see(group, target, record_end(&whole, 0), false);
        }
    }
    set_version(group, root);
    if (*token != 0)
        list(group, token, 0);
    else
        end_of_list(group);
    arena_free(scratch);
}

static void list(struct wait_group *group, const char *token, int64_t delay)
{
    struct buf path = {0};
    resource_path(&path, group->resource, group->namespace, NULL);
    buf_printf(&path, "?limit=%d", PAGE);
    add_selector(group, &path);
    if (token != NULL) {
        buf_add_str(&path, "&continue=");
        client_encode(&path, token);
    } else {
        memset(group->seen, 0, group->targets.count * sizeof *group->seen);
    }
    group->call = client_call("GET", on_list, group, "%s", buf_str(&path));
    client_send_after(group->waiter->client, group->call, delay);
    buf_free(&path);
}

static bool on_event(struct call *call, const char *line, size_t length, void *context)
{
    struct wait_group *group = context;
    struct arena *scratch = arena_new();
    const char *why;
    const struct value *event = json_read_text(scratch, line, length, &why);
    const struct value *object = value_get(event, "object");
    const char *type = value_string_or(value_get(event, "type"), "");
    bool go_on = true;
    size_t index;
    (void)call;
    if (event == NULL || object == NULL) {
        go_on = false; /* cut off or no event: watch again from the last version */
    } else if (strcmp(type, "ERROR") == 0) {
        const struct value *code = value_get(object, "code");
        if (code != NULL && code->kind == VALUE_INT && code->integer == 410)
            group->version[0] = 0; /* too old: list again */
        go_on = false;
    } else {
        group->failures = 0;
        set_version(group, object);
        struct wait_target *target = strcmp(type, "BOOKMARK") != 0 ? target_of(group, object, &index) : NULL;
        if (target != NULL)
            see(group, target, object, strcmp(type, "DELETED") == 0);
        go_on = !is_settled(group);
        show(group->waiter, false);
    }
    arena_free(scratch);
    return go_on;
}

static void on_watch_end(struct call *call, void *context)
{
    struct wait_group *group = context;
    group->call = NULL;
    if (group->waiter->stopping || is_settled(group))
        return;
    bool denied = call->status == 403 || call->status == 401 || call->status == 400;
    if (call->outcome == HTTP_DONE && denied) {
        refused(group, call);
    } else if (call->status == 410 || group->version[0] == 0) {
        group->version[0] = 0;
        list(group, NULL, pause_after(group));
    } else if (call->status == 200 && call->outcome == HTTP_DONE) {
        watch(group, pause_after(group)); /* the server ends watches after some minutes */
    } else {
        list(group, NULL, pause_after(group)); /* events may have been missed */
    }
}

static void watch(struct wait_group *group, int64_t delay)
{
    struct buf path = {0};
    resource_path(&path, group->resource, group->namespace, NULL);
    buf_printf(&path, "?watch=1&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=");
    client_encode(&path, group->version);
    add_selector(group, &path);
    group->call = client_call("GET", on_watch_end, group, "%s", buf_str(&path));
    group->call->line = on_event;
    client_send_after(group->waiter->client, group->call, delay);
    buf_free(&path);
}

static void add_target(struct waiter *waiter, struct wait_target *target)
{
    struct buf path = {0};
    resource_path(&path, target->resource, target->namespace, NULL);
    struct wait_group *group = map_get(waiter->groups, buf_str(&path));
    if (group == NULL) {
        group = arena_alloc(waiter->arena, sizeof *group);
        *group = (struct wait_group){
            .waiter = waiter, .resource = target->resource, .namespace = target->namespace};
        group->targets = vec_in(waiter->arena);
        group->by_name = map_new(waiter->arena);
        map_set(waiter->groups, buf_str(&path), group);
    }
    vec_push(&group->targets, target);
    map_set(group->by_name, target->name, (void *)(uintptr_t)group->targets.count);
    buf_free(&path);
}

static void on_classes(struct call *call, void *context)
{
    struct waiter *waiter = context;
    struct arena *scratch = arena_new();
    const struct value *root = live_answered(scratch, call);
    const struct value *items = value_get(root, "items");
    for (size_t i = 0; items != NULL && items->kind == VALUE_LIST && i < items->count; i++) {
        const struct value *class = items->items[i];
        const char *name = live_meta(class, "name");
        const struct value *all = value_path(class, "metadata", "annotations", NULL);
        const char *main = value_string_or(value_get(all, "storageclass.kubernetes.io/is-default-class"), "");
        if (name == NULL ||
            strcmp(value_string_or(value_get(class, "volumeBindingMode"), ""), "WaitForFirstConsumer") != 0)
            continue;
        map_set(waiter->late_classes, name, waiter);
        if (strcmp(main, "true") == 0)
            map_set(waiter->late_classes, "", waiter);
    }
    arena_free(scratch); /* without the list (no right to read it) claims are waited for */
}

static void ask_classes(struct waiter *waiter)
{
    for (size_t i = 0; i < waiter->targets->count; i++) {
        const struct wait_target *target = waiter->targets->items[i];
        if (!target->gone && strcmp(target->resource->kind, "PersistentVolumeClaim") == 0) {
            client_send(waiter->client,
                        client_call("GET", on_classes, waiter, "/apis/storage.k8s.io/v1/storageclasses"));
            client_run(waiter->client, waiter->deadline);
            return;
        }
    }
}

/* What time alone decides brings no event. */
static void fail_late(struct waiter *waiter)
{
    int64_t now = now_of(waiter);
    for (size_t i = 0; i < waiter->targets->count; i++) {
        struct wait_target *target = waiter->targets->items[i];
        if (target->fails_at != 0 && now >= target->fails_at)
            set_health(waiter, target, health_is(HEALTH_FAILED, target->why));
    }
}

static bool is_over(const struct waiter *waiter)
{
    size_t left = waiter->targets->count - waiter->done;
    return left == 0 || waiter->broken || waiter->failed >= left ||
           (waiter->options->fail_fast && waiter->failed > 0);
}

static void stop(struct waiter *waiter)
{
    waiter->stopping = true;
    for (size_t i = 0; i < map_count(waiter->groups); i++) {
        struct wait_group *group = map_at(waiter->groups, i)->value;
        if (group->call != NULL)
            client_cancel(waiter->client, group->call);
    }
    client_run(waiter->client, 0);
}

bool wait_for(struct arena *arena, struct client *client, struct vec *targets,
              const struct wait_options *options, const struct reporter *reporter)
{
    struct waiter waiter = {.arena = arena,
                            .client = client,
                            .options = options,
                            .reporter = reporter,
                            .targets = targets,
                            .groups = map_new(arena),
                            .late_classes = map_new(arena)};
    waiter.started = now_of(&waiter);
    waiter.deadline = waiter.started + options->timeout_ns;
    ask_classes(&waiter);
    for (size_t i = 0; i < targets->count; i++)
        add_target(&waiter, targets->items[i]);
    for (size_t i = 0; i < map_count(waiter.groups); i++) {
        struct wait_group *group = map_at(waiter.groups, i)->value;
        group->seen = arena_array(arena, group->targets.count + 1, sizeof *group->seen);
        list(group, NULL, 0);
    }
    while (!is_over(&waiter) && now_of(&waiter) < waiter.deadline && !client_is_interrupted(client)) {
        int64_t left = waiter.deadline - now_of(&waiter);
        client_step(client, left < second / 2 ? left : second / 2);
        fail_late(&waiter);
        show(&waiter, false);
    }
    stop(&waiter);
    show(&waiter, true);
    return waiter.done == targets->count;
}
