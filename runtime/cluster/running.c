#include "runtime/cluster/running.h"
#include <string.h>
#include "core/documents/json.h"
#include "core/map.h"
#include "runtime/cluster/failure.h"
#include "runtime/cluster/live.h"
#include "runtime/cluster/objects.h"

enum { PAGE = 500 };

static bool is_list(const struct value *value)
{
    return value != NULL && value->kind == VALUE_LIST;
}

/* The container that is the service, not a sidecar. */
static const char *image_of(const struct value *pod, const char *service)
{
    const struct value *containers = value_path(pod, "spec", "containers", NULL);
    const struct value *chosen = NULL;
    for (size_t i = 0; is_list(containers) && i < containers->count; i++) {
        const struct value *container = containers->items[i];
        bool same = strcmp(value_string_or(value_get(container, "name"), ""), service) == 0;
        if (chosen == NULL || same)
            chosen = container;
        if (same)
            break;
    }
    return value_string_or(value_get(chosen, "image"), "");
}

static bool is_ready(const struct value *pod)
{
    const struct value *conditions = value_path(pod, "status", "conditions", NULL);
    for (size_t i = 0; is_list(conditions) && i < conditions->count; i++)
        if (strcmp(value_string_or(value_get(conditions->items[i], "type"), ""), "Ready") == 0)
            return strcmp(value_string_or(value_get(conditions->items[i], "status"), ""), "True") == 0;
    return false;
}

static bool counts(const struct value *pod)
{
    const char *phase = value_string_or(value_path(pod, "status", "phase", NULL), "");
    return strcmp(phase, "Succeeded") != 0 && strcmp(phase, "Failed") != 0 &&
           live_meta(pod, "deletionTimestamp") == NULL;
}

static void add_pod(struct arena *arena, struct map *groups, const struct value *pod)
{
    const char *service = document_label(pod, "app.kubernetes.io/name");
    const char *model = document_annotation(pod, "mlc.dev/model");
    if (service == NULL || !counts(pod))
        return;
    const char *image = image_of(pod, service);
    const char *key = arena_printf(arena, "%s\n%s\n%s", service, image, model != NULL ? model : "");
    struct running *group = map_get(groups, key);
    if (group == NULL) {
        group = arena_alloc(arena, sizeof *group);
        *group = (struct running){arena_strdup(arena, service), arena_strdup(arena, image),
                                  arena_strdup(arena, model != NULL ? model : ""), 0, 0};
        map_set(groups, key, group);
    }
    group->pods++;
    group->ready += is_ready(pod);
}

static struct reply ask_page(struct client *client, const char *namespace, const char *project,
                             const char *token)
{
    struct buf path = {0};
    buf_add_str(&path, "/api/v1/namespaces/");
    client_encode(&path, namespace);
    buf_printf(&path, "/pods?limit=%d&labelSelector=", PAGE);
    client_encode(&path, "app.kubernetes.io/part-of=");
    client_encode(&path, project);
    if (*token != 0) {
        buf_add_str(&path, "&continue=");
        client_encode(&path, token);
    }
    struct reply reply = client_ask(client, client_call("GET", NULL, NULL, "%s", buf_str(&path)));
    buf_free(&path);
    return reply;
}

static int by_names(const void *a, const void *b, void *context)
{
    const struct running *left = a, *right = b;
    (void)context;
    int order = strcmp(left->service, right->service);
    if (order == 0)
        order = strcmp(left->image, right->image);
    return order != 0 ? order : strcmp(left->model, right->model);
}

bool running_read(struct arena *arena, struct client *client, const char *namespace, const char *project,
                  struct vec *out, const struct reporter *reporter)
{
    struct map *groups = map_new(arena);
    const char *token = "";
    do {
        struct reply reply = ask_page(client, namespace, project, token);
        struct arena *scratch = arena_new();
        const char *why;
        const struct value *root =
            reply.status == 200 ? json_read_text(scratch, buf_str(&reply.body), reply.body.length, &why)
                                : NULL;
        const struct value *items = value_get(root, "items");
        if (root == NULL) {
            struct answer answer = answer_of_reply(&reply);
            failure_report(reporter, client, 0, "listing the pods", &answer);
            token = NULL;
        } else {
            for (size_t i = 0; is_list(items) && i < items->count; i++)
                add_pod(arena, groups, items->items[i]);
            token = arena_strdup(arena, value_string_or(value_path(root, "metadata", "continue", NULL), ""));
        }
        reply_free(&reply);
        arena_free(scratch);
    } while (token != NULL && *token != 0);
    for (size_t i = 0; i < map_count(groups); i++)
        vec_push(out, map_at(groups, i)->value);
    vec_sort(out, by_names, NULL);
    return token != NULL;
}
