#include "runtime/cluster/live.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/map.h"
#include "core/text.h"
#include "runtime/cluster/failure.h"
#include "runtime/cluster/shared_fields.h"

enum { PAGE = 500, LIST_FROM = 6 };

struct live_reader {
    struct client *client;
    struct arena *arena;
    const struct object_set *set;
    const struct inventory *inventory;
    live_fn found;
    void *context;
    const struct reporter *reporter;
    struct map *groups; /* "resource path" to struct live_group */
    bool failed;
};

/* One kind in one namespace. */
struct live_group {
    struct live_reader *reader;
    const struct resource *resource;
    const char *namespace;
    struct vec wanted; /* struct object * */
    struct map *by_name;
    size_t pages, restarts;
    bool *seen;            /* of `wanted` */
    struct map *strangers; /* names of members that were given and not wanted: a list may begin again */
    bool members;          /* the inventory's members are being listed; then what of `wanted` is none */
};

const char *live_meta(const struct value *object, const char *key)
{
    return value_string_or(value_path(object, "metadata", key, NULL), NULL);
}

const struct value *live_answered(struct arena *arena, const struct call *call)
{
    const char *why;
    return call->status == 200 ? json_read_text(arena, buf_str(&call->response), call->response.length, &why)
                               : NULL;
}

bool live_is_list(const struct value *root)
{
    const struct value *items = value_get(root, "items");
    const char *kind = value_string_or(value_get(root, "kind"), "");
    if (items != NULL && items->kind == VALUE_LIST)
        return true;
    return (items == NULL || items->kind == VALUE_NULL) && text_ends_with(kind, "List");
}

static struct live_group *group_of(struct live_reader *reader, const struct resource *resource,
                                   const char *namespace)
{
    struct buf path = {0};
    resource_path(&path, resource, namespace, NULL);
    struct live_group *group = map_get(reader->groups, buf_str(&path));
    if (group == NULL) {
        group = arena_alloc(reader->arena, sizeof *group);
        *group = (struct live_group){.reader = reader, .resource = resource, .namespace = namespace};
        group->wanted = vec_in(reader->arena);
        group->by_name = map_new(reader->arena);
        group->strangers = map_new(reader->arena);
        map_set(reader->groups, buf_str(&path), group);
    }
    buf_free(&path);
    return group;
}

static void add_wanted(struct live_reader *reader)
{
    for (size_t i = 0; i < reader->set->objects.count; i++) {
        struct object *object = reader->set->objects.items[i];
        if (object->resource->pending)
            continue;
        struct live_group *group = group_of(reader, object->resource, object->namespace);
        vec_push(&group->wanted, object);
        map_set(group->by_name, object->name, (void *)(uintptr_t)group->wanted.count);
    }
}

/* Every kind that the inventory names, in every namespace that it names. */
static void add_inventory(struct live_reader *reader)
{
    const struct inventory *inventory = reader->inventory;
    for (size_t i = 0; i < map_count(inventory->kinds); i++) {
        const struct resource *resource = map_at(inventory->kinds, i)->value;
        if (resource == NULL || resource->pending)
            continue;
        if (!resource->namespaced)
            group_of(reader, resource, NULL);
        for (size_t j = 0; resource->namespaced && j < map_count(inventory->namespaces); j++)
            group_of(reader, resource, map_at(inventory->namespaces, j)->key);
    }
}

static bool in_inventory(const struct inventory *inventory, const struct live_group *group,
                         struct arena *arena)
{
    return map_has(inventory->kinds, resource_group_kind(arena, group->resource)) &&
           (group->namespace == NULL || map_has(inventory->namespaces, group->namespace));
}

static void report(struct live_group *group, const struct call *call, const char *what)
{
    struct answer answer = answer_of_call(call);
    struct buf path = {0};
    group->reader->failed = true;
    buf_printf(&path, "%s %s", what, group->resource->plural);
    if (group->namespace != NULL)
        buf_printf(&path, " in namespace %s", group->namespace);
    failure_report(group->reader->reporter, group->reader->client, 0, buf_str(&path), &answer);
    buf_free(&path);
}

static void give(struct live_group *group, const struct value *item)
{
    struct live_reader *reader = group->reader;
    const char *name = live_meta(item, "name");
    if (name == NULL)
        return;
    size_t at = (size_t)(uintptr_t)map_get(group->by_name, name);
    struct live_found found = {at > 0 ? group->wanted.items[at - 1] : NULL, group->resource, item};
    bool again = at > 0 ? group->seen[at - 1] : map_has(group->strangers, name);
    if (again || (found.object == NULL && !group->members))
        return;
    if (at == 0)
        map_set(group->strangers, name, group);
    if (at > 0) {
        group->seen[at - 1] = true;
        shared_fields_adopt(reader->set, group->wanted.items[at - 1], item);
    }
    reader->found(reader->context, &found);
}

static void on_get(struct call *call, void *context)
{
    struct live_group *group = context;
    if (call->status == 404)
        return;
    struct arena *arena = arena_new();
    const struct value *root = live_answered(arena, call);
    if (root != NULL)
        give(group, root);
    else
        report(group, call, "reading");
    arena_free(arena);
}

static void get_unseen(struct live_group *group)
{
    for (size_t i = 0; i < group->wanted.count; i++) {
        const struct object *object = group->wanted.items[i];
        struct buf path = {0};
        if (group->seen[i])
            continue;
        resource_path(&path, object->resource, object->namespace, object->name);
        client_send(group->reader->client, client_call("GET", on_get, group, "%s", buf_str(&path)));
        buf_free(&path);
    }
}

static void list_page(struct live_group *group, const char *token);

/* What is wanted and was no member: many are listed, few are read one by one. */
static void read_unseen(struct live_group *group)
{
    size_t unseen = 0;
    for (size_t i = 0; i < group->wanted.count; i++)
        unseen += !group->seen[i];
    group->members = false;
    group->pages = 0;
    if (unseen >= LIST_FROM)
        list_page(group, NULL);
    else
        get_unseen(group);
}

/* Far more is there than is asked for: single reads cost less. */
static bool is_wasteful(const struct live_group *group)
{
    return !group->members && group->pages > 2 + 4 * group->wanted.count / PAGE;
}

static void on_list(struct call *call, void *context)
{
    struct live_group *group = context;
    if (call->status == 410 && group->restarts++ < 5) { /* the list expired under us */
        list_page(group, NULL);
        return;
    }
    if (call->status == 404)
        return; /* the kind is gone, and all objects with it */
    if (call->status == 403 &&
        group->reader->inventory == NULL) { /* "get" may be allowed where "list" is not */
        get_unseen(group);
        return;
    }
    struct arena *arena = arena_new();
    const struct value *root = live_answered(arena, call);
    const struct value *items = value_get(root, "items");
    if (!live_is_list(root)) {
        report(group, call, "listing");
        arena_free(arena);
        return;
    }
    buf_free(&call->response);
    const char *token = value_string_or(value_path(root, "metadata", "continue", NULL), "");
    group->pages++;
    bool more = *token != 0 && !is_wasteful(group);
    if (more)
        list_page(group, token);
    for (size_t i = 0; items != NULL && items->kind == VALUE_LIST && i < items->count; i++)
        give(group, items->items[i]);
    if (*token != 0 && !more)
        get_unseen(group);
    else if (group->members && !more)
        read_unseen(group);
    arena_free(arena);
}

static void list_page(struct live_group *group, const char *token)
{
    struct live_reader *reader = group->reader;
    struct buf path = {0};
    resource_path(&path, group->resource, group->namespace, NULL);
    buf_printf(&path, "?limit=%d", PAGE);
    if (group->members) {
        buf_add_str(&path, "&labelSelector=");
        client_encode(&path, APPLYSET_MEMBER_LABEL "=");
        client_encode(&path, reader->inventory->id);
    }
    if (token != NULL) {
        buf_add_str(&path, "&continue=");
        client_encode(&path, token);
    }
    struct call *call = client_call("GET", on_list, group, "%s", buf_str(&path));
    if (group->wanted.count == 0)
        call->accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
    client_send(reader->client, call);
    buf_free(&path);
}

bool live_read(struct client *client, const struct object_set *set, const struct inventory *inventory,
               live_fn found, void *context, const struct reporter *reporter)
{
    struct arena *arena = arena_new();
    struct live_reader reader = {.client = client,
                                 .arena = arena,
                                 .set = set,
                                 .inventory = inventory,
                                 .found = found,
                                 .context = context,
                                 .reporter = reporter,
                                 .groups = map_new(arena)};
    add_wanted(&reader);
    if (inventory != NULL)
        add_inventory(&reader);
    for (size_t i = 0; i < map_count(reader.groups); i++) {
        struct live_group *group = map_at(reader.groups, i)->value;
        group->seen = arena_array(arena, group->wanted.count + 1, sizeof *group->seen);
        group->members = inventory != NULL && in_inventory(inventory, group, arena);
        if (group->members)
            list_page(group, NULL);
        else
            read_unseen(group);
    }
    client_run(client, 0);
    arena_free(arena);
    return !reader.failed;
}
