/* Why an object is not ready, in the words of the cluster: its pods' containers, warnings among events, logs.
 */
#include <stdio.h>
#include <string.h>
#include "core/documents/json.h"
#include "runtime/cluster/health_rules.h"
#include "runtime/cluster/live.h"
#include "runtime/cluster/wait.h"

enum { LINES_MAX = 4, PODS_MAX = 50 };

struct explainer {
    struct arena *arena;
    struct client *client;
    const struct discovery *discovery;
    const struct wait_target *target;
    struct vec *lines;
};

static const struct value *ask(struct explainer *explainer, const char *path)
{
    const char *why;
    struct reply reply = client_ask(explainer->client, client_call("GET", NULL, NULL, "%s", path));
    const struct value *root =
        reply.status == 200 ? json_read_text(explainer->arena, buf_str(&reply.body), reply.body.length, &why)
                            : NULL;
    reply_free(&reply);
    return root;
}

static void add_line(struct explainer *explainer, const char *text)
{
    for (size_t i = 0; i < explainer->lines->count; i++)
        if (strcmp(explainer->lines->items[i], text) == 0)
            return;
    if (explainer->lines->count < LINES_MAX)
        vec_push(explainer->lines, (void *)(uintptr_t)text);
}

static void add_log(struct explainer *explainer, const char *pod, const char *container)
{
    struct buf path = {0};
    buf_add_str(&path, "/api/v1/namespaces/");
    client_encode(&path, explainer->target->namespace);
    buf_add_str(&path, "/pods/");
    client_encode(&path, pod);
    buf_add_str(&path, "/log?previous=true&tailLines=5&limitBytes=2000&container=");
    client_encode(&path, container);
    struct reply reply = client_ask(explainer->client, client_call("GET", NULL, NULL, "%s", buf_str(&path)));
    size_t length = reply.body.length;
    while (length > 0 && strchr(" \r\n", reply.body.data[length - 1]) != NULL)
        length--;
    if (reply.status == 200 && length > 0)
        add_line(explainer, arena_printf(explainer->arena, "last lines of %s/%s:\n%.*s", pod, container,
                                         (int)length, reply.body.data));
    reply_free(&reply);
    buf_free(&path);
}

static const char *pod_name(const struct value *pod)
{
    const char *name = live_meta(pod, "name");
    return name != NULL ? name : "";
}

static void explain_containers(struct explainer *explainer, const struct value *pod, const char *list)
{
    const struct value *statuses = value_path(pod, "status", list, NULL);
    const char *name = pod_name(pod);
    for (size_t i = 0; statuses != NULL && statuses->kind == VALUE_LIST && i < statuses->count; i++) {
        const struct value *waiting = value_path(statuses->items[i], "state", "waiting", NULL);
        const struct value *ended = value_path(statuses->items[i], "state", "terminated", NULL);
        const struct value *code = value_get(ended, "exitCode");
        const char *container = value_string_or(value_get(statuses->items[i], "name"), "");
        const char *reason = value_string_or(value_get(waiting, "reason"), "");
        const char *message = value_string_or(value_get(waiting, "message"), "");
        if (waiting != NULL && strcmp(reason, "ContainerCreating") != 0 &&
            strcmp(reason, "PodInitializing") != 0) {
            add_line(explainer, arena_printf(explainer->arena, "pod %s, container %s: %s%s%s", name,
                                             container, reason, *message != 0 ? ": " : "", message));
            if (strcmp(reason, "CrashLoopBackOff") == 0)
                add_log(explainer, name, container);
        } else if (ended != NULL && code != NULL && code->kind == VALUE_INT && code->integer != 0) {
            add_line(explainer, arena_printf(explainer->arena, "pod %s, container %s ended with %lld: %s",
                                             name, container, (long long)code->integer,
                                             value_string_or(value_get(ended, "reason"), "")));
        }
    }
}

static void explain_pod(struct explainer *explainer, const struct value *pod)
{
    struct health_result health = health_of(explainer->arena, pod, (struct health_options){0});
    explain_containers(explainer, pod, "initContainerStatuses");
    explain_containers(explainer, pod, "containerStatuses");
    if (health.health != HEALTH_CURRENT && health.why != NULL && explainer->lines->count == 0)
        add_line(explainer, arena_printf(explainer->arena, "pod %s: %s", pod_name(pod), health.why));
}

/* Adds kind and apiVersion, which items of a list do not have. */
static const struct value *as_pod(struct arena *arena, const struct value *item)
{
    struct record_builder pod = record_begin(arena);
    record_set(&pod, "apiVersion", value_string(arena, "v1", 0));
    record_set(&pod, "kind", value_string(arena, "Pod", 0));
    for (size_t i = 0; item->kind == VALUE_RECORD && i < item->field_count; i++)
        record_set(&pod, item->fields[i].key, item->fields[i].value);
    return record_end(&pod, 0);
}

static const struct value *labels_of(const struct value *object)
{
    const struct value *labels = value_path(object, "spec", "selector", "matchLabels", NULL);
    return labels != NULL ? labels : value_path(object, "spec", "selector", NULL);
}

static void explain_pods(struct explainer *explainer, const struct value *object)
{
    const struct value *labels = labels_of(object);
    struct buf path = {0};
    if (labels == NULL || labels->kind != VALUE_RECORD || labels->field_count == 0)
        return;
    buf_add_str(&path, "/api/v1/namespaces/");
    client_encode(&path, explainer->target->namespace);
    buf_printf(&path, "/pods?limit=%d&labelSelector=", PODS_MAX);
    for (size_t i = 0; i < labels->field_count; i++) {
        if (i > 0)
            client_encode(&path, ",");
        client_encode(&path, labels->fields[i].key);
        client_encode(&path, "=");
        client_encode(&path, value_string_or(labels->fields[i].value, ""));
    }
    const struct value *pods = value_get(ask(explainer, buf_str(&path)), "items");
    for (size_t i = 0; pods != NULL && pods->kind == VALUE_LIST && i < pods->count; i++)
        explain_pod(explainer, as_pod(explainer->arena, pods->items[i]));
    buf_free(&path);
}

static void explain_events(struct explainer *explainer, const char *name)
{
    struct buf path = {0};
    buf_add_str(&path, "/api/v1/namespaces/");
    client_encode(&path, explainer->target->namespace);
    buf_add_str(&path, "/events?limit=100&fieldSelector=");
    client_encode(&path, "type=Warning,involvedObject.name=");
    client_encode(&path, name);
    const struct value *events = value_get(ask(explainer, buf_str(&path)), "items");
    buf_free(&path);
    for (size_t i = events != NULL && events->kind == VALUE_LIST ? events->count : 0; i > 0; i--) {
        const struct value *event = events->items[i - 1];
        const char *kind = value_string_or(value_path(event, "involvedObject", "kind", NULL), "");
        if (strcmp(kind, explainer->target->resource->kind) == 0)
            add_line(explainer, arena_printf(explainer->arena, "event %s: %s",
                                             value_string_or(value_get(event, "reason"), ""),
                                             value_string_or(value_get(event, "message"), "")));
    }
}

static const char *replica_failure(struct arena *arena, const struct value *object)
{
    return health_condition_is(object, "ReplicaFailure", "True")
               ? health_condition_text(arena, object, "ReplicaFailure")
               : NULL;
}

void wait_explain(struct arena *arena, struct client *client, const struct discovery *discovery,
                  const struct wait_target *target, struct vec *lines)
{
    struct explainer explainer = {arena, client, discovery, target, lines};
    struct buf path = {0};
    resource_path(&path, target->resource, target->namespace, target->name);
    const struct value *object = ask(&explainer, buf_str(&path));
    buf_free(&path);
    if (object == NULL || target->namespace == NULL)
        return;
    const char *refused = replica_failure(arena, object);
    if (refused != NULL) /* no pod can even be made: a quota, a policy */
        add_line(&explainer, refused);
    if (strcmp(target->resource->kind, "Pod") == 0)
        explain_pod(&explainer, object);
    else
        explain_pods(&explainer, object);
    explain_events(&explainer, target->name);
}
