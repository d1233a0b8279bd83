/* The parent of an ApplySet: reading, checking, writing. */
#include "runtime/cluster/inventory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/hash.h"
#include "core/text.h"
#include "runtime/cluster/base64.h"
#include "runtime/cluster/failure.h"
#include "runtime/cluster/gitops.h"
#include "runtime/cluster/live.h"

void applyset_id(const char *name, const char *namespace, const char *kind, const char *group, char *out)
{
    struct buf text = {0};
    uint8_t digest[HASH_SIZE];
    buf_printf(&text, "%s.%s.%s.%s", name, namespace != NULL ? namespace : "", kind, group);
    hash_bytes(text.data, text.length, digest);
    buf_clear(&text);
    base64_encode_url(&text, digest, sizeof digest);
    snprintf(out, APPLYSET_ID_SIZE, "applyset-%s-v1", buf_str(&text));
    buf_free(&text);
}

static const struct resource *parent_resource(const struct discovery *discovery, const char *parent,
                                              const char **name, const struct reporter *reporter)
{
    const char *slash = strchr(parent, '/');
    if (slash == NULL) {
        *name = parent;
        return discovery_find_kind(discovery, "", "Secret");
    }
    char kind[300];
    snprintf(kind, sizeof kind, "%.*s", (int)(slash - parent), parent);
    *name = slash + 1;
    const struct resource *resource = discovery_find_name(discovery, kind);
    if (resource == NULL)
        cluster_report(reporter, DIAG_CLUSTER_SET, 0,
                       "the cluster has no kind \"%s\" for the parent of the set", kind);
    return resource;
}

static bool refuse(const struct inventory *inventory, const struct reporter *reporter, const char *what)
{
    diag_help(cluster_report(reporter, DIAG_CLUSTER_SET, 0, "%s %s/%s is no inventory of this tool: %s",
                             inventory->resource->kind,
                             inventory->namespace != NULL ? inventory->namespace : "", inventory->name, what),
              "use another name with --applyset, or --take-over when the other tool is no longer used");
    return false;
}

/* "mlc" of "mlc/v0.1.0": what is before the last slash. */
static size_t tool_length(const char *tooling)
{
    const char *slash = strrchr(tooling, '/');
    return slash != NULL ? (size_t)(slash - tooling) : strlen(tooling);
}

static bool same_tool(const char *a, const char *b)
{
    size_t length = tool_length(a);
    return length == tool_length(b) && memcmp(a, b, length) == 0;
}

/* "Deployment.apps", or of the deprecated list "deployments.apps". */
static void add_kind(struct inventory *inventory, const struct discovery *discovery, const char *text,
                     bool by_resource)
{
    const struct resource *resource;
    const char *dot = strchr(text, '.');
    if (by_resource) {
        resource = discovery_find_name(discovery, text);
    } else {
        const char *kind = dot != NULL ? arena_copy(inventory->arena, text, (size_t)(dot - text)) : text;
        resource = discovery_find_kind(discovery, dot != NULL ? dot + 1 : "", kind);
    }
    if (resource == NULL && !by_resource && dot != NULL && discovery_is_unsure(discovery, dot + 1))
        map_set(inventory->unsure, text, inventory);
    const char *key = resource != NULL ? resource_group_kind(inventory->arena, resource) : text;
    map_set(inventory->kinds, key,
            (void *)(uintptr_t)resource); /* NULL: its definition is gone, and its objects */
}

static void add_listed(struct inventory *inventory, const struct discovery *discovery, const char *list,
                       int what)
{
    while (list != NULL && *list != 0) {
        size_t length = strcspn(list, ",");
        const char *text = arena_copy(inventory->arena, list, length);
        if (length > 0 && what == 0)
            map_set(inventory->namespaces, text, inventory);
        else if (length > 0)
            add_kind(inventory, discovery, text, what == 2);
        list += length + (list[length] == ',');
    }
}

/* What is not known is not forgotten: its objects are there, and a later apply can prune them. */
static void warn_unsure(const struct inventory *inventory, const struct reporter *reporter)
{
    for (size_t i = 0; i < map_count(inventory->unsure); i++)
        diag_help(cluster_report(reporter, DIAG_CLUSTER_GUARDED, 0,
                                 "%s: the server of this kind's API group does not answer; its objects stay, "
                                 "and stay in the inventory",
                                 map_at(inventory->unsure, i)->key),
                  "`kubectl get apiservices` shows which one is down; apply again when it is back");
}

/* As with kubectl: a Secret, a ConfigMap, or an object whose definition says that it may be a parent. */
static bool may_be_parent(struct inventory *inventory, struct client *client, const struct reporter *reporter)
{
    const struct resource *resource = inventory->resource;
    if (*resource->group == 0) {
        bool known = strcmp(resource->kind, "Secret") == 0 || strcmp(resource->kind, "ConfigMap") == 0;
        return known || refuse(inventory, reporter, "a parent is a Secret, a ConfigMap or a custom resource");
    }
    struct reply reply =
        client_ask(client, client_call("GET", NULL, NULL,
                                       "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/%s.%s",
                                       resource->plural, resource->group));
    struct arena *scratch = arena_new();
    const struct value *definition =
        reply.status == 200 ? json_read_text(scratch, buf_str(&reply.body), reply.body.length, NULL) : NULL;
    bool ok = definition == NULL || document_label(definition, APPLYSET_PARENT_TYPE) != NULL;
    if (!ok)
        refuse(inventory, reporter, "its CustomResourceDefinition has no label " APPLYSET_PARENT_TYPE);
    arena_free(scratch);
    reply_free(&reply);
    return ok;
}

static bool read_parent(struct inventory *inventory, const struct discovery *discovery,
                        const struct value *parent, bool take_over, const struct reporter *reporter)
{
    const char *tooling = document_annotation(parent, APPLYSET_TOOLING);
    const char *id = document_label(parent, APPLYSET_ID_LABEL);
    const char *kinds = document_annotation(parent, APPLYSET_KINDS);
    const char *resources = document_annotation(parent, APPLYSET_RESOURCES);
    char what[400];
    inventory->exists = true;
    if (id == NULL)
        return refuse(inventory, reporter, "it has no label " APPLYSET_ID_LABEL);
    if (strcmp(id, inventory->id) != 0) {
        snprintf(what, sizeof what, "its id is %.100s, expected %s", id, inventory->id);
        return refuse(inventory, reporter, what);
    }
    if (tooling == NULL || *tooling == 0)
        return refuse(inventory, reporter, "it has no annotation " APPLYSET_TOOLING);
    inventory->old_tooling = arena_strdup(inventory->arena, tooling);
    if (!take_over && !same_tool(tooling, inventory->tooling)) {
        snprintf(what, sizeof what, "it is managed by \"%.200s\"", tooling);
        return refuse(inventory, reporter, what);
    }
    if (kinds == NULL && resources == NULL)
        return refuse(inventory, reporter, "it has no annotation " APPLYSET_KINDS);
    add_listed(inventory, discovery, kinds, 1);
    add_listed(inventory, discovery, kinds == NULL ? resources : NULL, 2);
    add_listed(inventory, discovery, document_annotation(parent, APPLYSET_NAMESPACES), 0);
    warn_unsure(inventory, reporter);
    return true;
}

static bool fetch_parent(struct inventory *inventory, struct client *client,
                         const struct discovery *discovery, bool take_over, const struct reporter *reporter)
{
    struct buf path = {0};
    resource_path(&path, inventory->resource, inventory->namespace, inventory->name);
    struct reply reply = client_ask(client, client_call("GET", NULL, NULL, "%s", buf_str(&path)));
    buf_free(&path);
    const char *why = NULL;
    bool ok = true;
    const struct value *parent =
        reply.status == 200 ? json_read_text(inventory->arena, buf_str(&reply.body), reply.body.length, &why)
                            : NULL;
    if (parent != NULL) {
        ok = read_parent(inventory, discovery, parent, take_over, reporter);
    } else if (reply.status == 404 && *inventory->resource->group != 0) {
        ok = refuse(inventory, reporter,
                    "it does not exist, and only Secrets and ConfigMaps are made for you");
    } else if (reply.status != 404) {
        struct answer answer = answer_of_reply(&reply);
        char what[600];
        snprintf(what, sizeof what, "reading the inventory %s/%s",
                 inventory->namespace != NULL ? inventory->namespace : "", inventory->name);
        failure_report(reporter, client, 0, what, &answer);
        ok = false;
    }
    reply_free(&reply);
    return ok;
}

struct inventory *inventory_read(struct arena *arena, struct client *client,
                                 const struct discovery *discovery, const struct inventory_options *options,
                                 const struct reporter *reporter)
{
    struct inventory *inventory = arena_alloc(arena, sizeof *inventory);
    const char *name;
    inventory->arena = arena;
    inventory->resource = parent_resource(discovery, options->parent, &name, reporter);
    if (inventory->resource == NULL)
        return NULL;
    inventory->name = arena_strdup(arena, name);
    inventory->namespace = inventory->resource->namespaced ? arena_strdup(arena, options->namespace) : NULL;
    inventory->tooling = arena_strdup(arena, options->tooling);
    inventory->manager = arena_strdup(arena, options->manager);
    inventory->kinds = map_new(arena);
    inventory->unsure = map_new(arena);
    inventory->namespaces = map_new(arena);
    if (inventory->namespace != NULL)
        map_set(inventory->namespaces, inventory->namespace, inventory);
    applyset_id(inventory->name, inventory->namespace, inventory->resource->kind, inventory->resource->group,
                inventory->id);
    if (!may_be_parent(inventory, client, reporter))
        return NULL;
    return fetch_parent(inventory, client, discovery, options->take_over, reporter) ? inventory : NULL;
}

static int by_text(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(a, b);
}

/* The keys, sorted, with commas; without `skip`. */
static const char *joined(struct arena *arena, const struct map *map, const char *skip)
{
    struct vec keys = vec_in(arena);
    struct buf out = {0};
    for (size_t i = 0; i < map_count(map); i++)
        if (skip == NULL || strcmp(map_at(map, i)->key, skip) != 0)
            vec_push(&keys, (void *)(uintptr_t)map_at(map, i)->key);
    vec_sort(&keys, by_text, NULL);
    for (size_t i = 0; i < keys.count; i++)
        buf_printf(&out, "%s%s", i > 0 ? "," : "", (const char *)keys.items[i]);
    const char *kept = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return kept;
}

static void collect(struct inventory *inventory, const struct object_set *set, const struct vec *kept,
                    bool superset, struct map *kinds, struct map *namespaces)
{
    struct arena *arena = inventory->arena;
    for (size_t i = 0; superset && i < map_count(inventory->kinds); i++)
        map_set(kinds, map_at(inventory->kinds, i)->key, map_at(inventory->kinds, i)->value);
    bool unsure = map_count(inventory->unsure) > 0;
    for (size_t i = 0; i < map_count(inventory->unsure); i++)
        map_set(kinds, map_at(inventory->unsure, i)->key, NULL);
    for (size_t i = 0; (superset || unsure) && i < map_count(inventory->namespaces); i++)
        map_set(namespaces, map_at(inventory->namespaces, i)->key, inventory);
    for (size_t i = 0; set != NULL && i < set->objects.count; i++) {
        const struct object *object = set->objects.items[i];
        map_set(kinds, resource_group_kind(arena, object->resource), (void *)(uintptr_t)object->resource);
        if (object->namespace != NULL)
            map_set(namespaces, object->namespace, inventory);
    }
    for (size_t i = 0; kept != NULL && i < kept->count; i++) {
        const struct member *member = kept->items[i];
        map_set(kinds, resource_group_kind(arena, member->resource), (void *)(uintptr_t)member->resource);
        if (member->namespace != NULL)
            map_set(namespaces, member->namespace, inventory);
    }
}

static const struct value *parent_document(const struct inventory *inventory, const struct map *kinds,
                                           const struct map *namespaces)
{
    struct arena *arena = inventory->arena;
    const struct resource *resource = inventory->resource;
    struct record_builder labels = record_begin(arena), annotations = record_begin(arena);
    struct record_builder metadata = record_begin(arena), parent = record_begin(arena);
    record_set(&labels, APPLYSET_ID_LABEL, value_string(arena, inventory->id, 0));
    record_set(&annotations, APPLYSET_NAMESPACES,
               value_string(arena, joined(arena, namespaces, inventory->namespace), 0));
    record_set(&annotations, APPLYSET_KINDS, value_string(arena, joined(arena, kinds, NULL), 0));
    record_set(&annotations, APPLYSET_TOOLING, value_string(arena, inventory->tooling, 0));
    record_set(&metadata, "name", value_string(arena, inventory->name, 0));
    if (inventory->namespace != NULL)
        record_set(&metadata, "namespace", value_string(arena, inventory->namespace, 0));
    record_set(&metadata, "annotations", record_end(&annotations, 0));
    record_set(&metadata, "labels", record_end(&labels, 0));
    const char *version = *resource->group != 0
                              ? arena_printf(arena, "%s/%s", resource->group, resource->version)
                              : resource->version;
    record_set(&parent, "apiVersion", value_string(arena, version, 0));
    record_set(&parent, "kind", value_string(arena, resource->kind, 0));
    record_set(&parent, "metadata", record_end(&metadata, 0));
    return record_end(&parent, 0);
}

static struct reply patch_parent(struct inventory *inventory, struct client *client,
                                 const struct value *document, bool force)
{
    struct buf path = {0};
    resource_path(&path, inventory->resource, inventory->namespace, inventory->name);
    buf_printf(&path, "?fieldManager=");
    client_encode(&path, inventory->manager);
    buf_printf(&path, "&force=%s", force ? "true" : "false");
    struct call *call = client_call("PATCH", NULL, NULL, "%s", buf_str(&path));
    call->content_type = "application/apply-patch+yaml";
    call->retry = CALL_RETRY_ALWAYS;
    json_write(&call->body, document, (struct json_style){JSON_COMPACT, false}, NULL);
    buf_free(&path);
    return client_ask(client, call);
}

bool inventory_write(struct inventory *inventory, struct client *client, const struct object_set *set,
                     const struct vec *kept, bool superset, const struct reporter *reporter)
{
    struct map *kinds = map_new(inventory->arena), *namespaces = map_new(inventory->arena);
    collect(inventory, set, kept, superset, kinds, namespaces);
    const struct value *document = parent_document(inventory, kinds, namespaces);
    struct reply reply = patch_parent(inventory, client, document, false);
    if (reply.status == 409) { /* as kubectl: somebody edited the parent by hand */
        reply_free(&reply);
        reply = patch_parent(inventory, client, document, true);
    }
    bool ok = reply.status == 200 || reply.status == 201;
    if (!ok) {
        struct answer answer = answer_of_reply(&reply);
        struct diag *diag = failure_report(reporter, client, 0, "writing the inventory", &answer);
        if (reply.status == 404 && inventory->namespace != NULL)
            diag_help(diag,
                      "the inventory lives in namespace \"%s\": create that first, or name another with -n",
                      inventory->namespace);
    } else {
        inventory->exists = true;
        inventory->kinds = kinds;
        inventory->namespaces = namespaces;
        if (inventory->namespace != NULL)
            map_set(namespaces, inventory->namespace, inventory);
    }
    reply_free(&reply);
    return ok;
}

bool inventory_delete(struct inventory *inventory, struct client *client, const struct reporter *reporter)
{
    struct buf path = {0};
    resource_path(&path, inventory->resource, inventory->namespace, inventory->name);
    struct call *call = client_call("DELETE", NULL, NULL, "%s", buf_str(&path));
    call->retry = CALL_RETRY_ALWAYS; /* gone is gone */
    struct reply reply = client_ask(client, call);
    bool ok = reply.status == 200 || reply.status == 202 || reply.status == 404;
    if (!ok) {
        struct answer answer = answer_of_reply(&reply);
        failure_report(reporter, client, 0, "deleting the inventory", &answer);
    }
    buf_free(&path);
    reply_free(&reply);
    return ok;
}

struct member *inventory_member(struct arena *arena, const struct resource *resource,
                                const struct value *live)
{
    struct member *member = arena_alloc(arena, sizeof *member);
    const struct value *owners = value_path(live, "metadata", "ownerReferences", NULL);
    const char *namespace = live_meta(live, "namespace"), *uid = live_meta(live, "uid");
    const char *version = live_meta(live, "resourceVersion"),
               *keep = document_annotation(live, "mlc.dev/keep");
    member->resource = resource;
    member->namespace = namespace != NULL && resource->namespaced ? arena_strdup(arena, namespace) : NULL;
    member->name = arena_strdup(arena, live_meta(live, "name"));
    member->uid = arena_strdup(arena, uid != NULL ? uid : "");
    member->resource_version = arena_strdup(arena, version != NULL ? version : "");
    member->owned = owners != NULL && owners->kind == VALUE_LIST && owners->count > 0;
    member->keep = keep != NULL && strcmp(keep, "false") != 0;
    member->gitops = gitops_owner(live);
    member->terminating = live_meta(live, "deletionTimestamp") != NULL;
    return member;
}

struct members_context {
    struct arena *arena;
    struct vec *members;
};

static void on_member(void *context, const struct live_found *found)
{
    struct members_context *members = context;
    vec_push(members->members, inventory_member(members->arena, found->resource, found->live));
}

bool inventory_members(struct inventory *inventory, struct client *client, struct vec *members,
                       const struct reporter *reporter)
{
    struct members_context context = {members->arena, members};
    struct object_set *none = object_set_new(members->arena);
    return live_read(client, none, inventory, on_member, &context, reporter);
}

static const struct value *labelled(struct arena *arena, const struct value *document,
                                    const struct value *label)
{
    const struct value *metadata = value_get(document, "metadata"), *labels = value_get(metadata, "labels");
    struct record_builder out = record_begin(arena), meta = record_begin(arena), set = record_begin(arena);
    for (size_t i = 0; labels != NULL && labels->kind == VALUE_RECORD && i < labels->field_count; i++)
        record_set_at(&set, labels->fields[i].key, labels->fields[i].key_origin, labels->fields[i].value);
    record_set(&set, APPLYSET_MEMBER_LABEL, label);
    const struct value *with = record_end(&set, labels != NULL ? labels->origin : metadata->origin);
    for (size_t i = 0; i < metadata->field_count; i++)
        record_set_at(&meta, metadata->fields[i].key, metadata->fields[i].key_origin,
                      metadata->fields[i].value);
    record_set(&meta, "labels", with);
    const struct value *changed = record_end(&meta, metadata->origin);
    for (size_t i = 0; i < document->field_count; i++)
        record_set_at(&out, document->fields[i].key, document->fields[i].key_origin,
                      document->fields[i].value);
    record_set(&out, "metadata", changed);
    return record_end(&out, document->origin);
}

bool inventory_claim(const struct inventory *inventory, struct object_set *set,
                     const struct reporter *reporter)
{
    const struct value *label = value_string(set->arena, inventory->id, 0);
    bool ok = true;
    for (size_t i = 0; !set->claimed && i < set->objects.count; i++) {
        struct object *object = set->objects.items[i];
        if (document_label(object->document, APPLYSET_MEMBER_LABEL) != NULL) {
            diag_help(cluster_report(reporter, DIAG_CLUSTER_SET, object->origin,
                                     "%s %s already carries the label %s", object->kind, object->name,
                                     APPLYSET_MEMBER_LABEL),
                      "remove the label: the apply sets it");
            ok = false;
        } else {
            object->document = labelled(set->arena, object->document, label);
        }
    }
    set->claimed = set->claimed || ok;
    return ok;
}
