#include "runtime/cluster/saved_plan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/diff.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/map.h"
#include "core/text.h"

static const size_t file_limit = (size_t)512 << 20;
enum { FORMAT = 1, SALT_BYTES = 16 };

static bool is_secret(const struct object *object)
{
    return strcmp(object->kind, "Secret") == 0 && *object->group == 0;
}

static const char *id_of(struct arena *arena, const struct object *object)
{
    const char *namespace =
        value_string_or(value_path(object->document, "metadata", "namespace", NULL), NULL);
    return object_id(arena, object->group, object->kind, namespace, object->name);
}

static const char *salted_hash(struct arena *arena, const char *salt, const struct value *document)
{
    struct buf text = {0};
    char hex[HASH_HEX_SIZE];
    buf_add_str(&text, salt);
    value_print(&text, document);
    hash_hex(text.data, text.length, hex);
    explicit_bzero(text.data, text.length);
    buf_free(&text);
    return arena_strdup(arena, hex);
}

/* What would change, as a hash: status and counters of the server do not move it. */
static const char *changes_hash(struct arena *arena, const struct plan_item *item)
{
    struct buf text = {0};
    char hex[HASH_HEX_SIZE];
    for (size_t i = 0; i < item->changes.count; i++) {
        const struct change *change = item->changes.items[i];
        buf_printf(&text, "%d %s ", change->kind, change->path);
        if (change->before != NULL)
            value_print(&text, change->before);
        buf_add_char(&text, ' ');
        if (change->after != NULL)
            value_print(&text, change->after);
        buf_add_char(&text, '\n');
    }
    bool masked = strcmp(item->resource->kind, "Secret") == 0;
    if (masked && item->resource_version != NULL)
        buf_add_str(&text, item->resource_version);
    hash_hex(buf_str(&text), text.length, hex);
    buf_free(&text);
    return arena_strdup(arena, hex);
}

static void set_text(struct record_builder *record, struct arena *arena, const char *key, const char *text)
{
    if (text != NULL)
        record_set(record, key, value_string(arena, text, 0));
}

static const struct value *texts(struct arena *arena, const char *const *items, size_t count)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < count; i++)
        list_add(&list, value_string(arena, items[i], 0));
    return list_end(&list, 0);
}

static const struct value *request_value(struct arena *arena, const struct saved_request *request)
{
    struct record_builder out = record_begin(arena);
    record_set(&out, "paths", texts(arena, request->paths, request->path_count));
    record_set(&out, "recursive", value_bool(arena, request->recursive, 0));
    set_text(&out, arena, "environment", request->environment);
    set_text(&out, arena, "gitops", request->gitops);
    set_text(&out, arena, "context", request->context);
    set_text(&out, arena, "server", request->server);
    set_text(&out, arena, "namespace", request->namespace);
    set_text(&out, arena, "fieldManager", request->manager);
    set_text(&out, arena, "applyset", request->applyset);
    set_text(&out, arena, "tooling", request->tooling);
    record_set(&out, "forceConflicts", value_bool(arena, request->force_conflicts, 0));
    record_set(&out, "replace", value_bool(arena, request->replace, 0));
    record_set(&out, "prune", value_bool(arena, request->prune, 0));
    record_set(&out, "takeOver", value_bool(arena, request->take_over, 0));
    record_set(&out, "consent", texts(arena, request->consent, request->consent_count));
    return record_end(&out, 0);
}

static const char *item_id(struct arena *arena, const struct plan_item *item)
{
    return object_id(arena, item->resource->group, item->resource->kind, item->namespace, item->name);
}

static const struct value *items_value(struct arena *arena, const struct plan *plan)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < plan->items.count; i++) {
        const struct plan_item *item = plan->items.items[i];
        struct record_builder out = record_begin(arena);
        set_text(&out, arena, "id", item_id(arena, item));
        set_text(&out, arena, "action", plan_action_name(item->action));
        set_text(&out, arena, "uid", item->uid);
        set_text(&out, arena, "changes", changes_hash(arena, item));
        list_add(&list, record_end(&out, 0));
    }
    return list_end(&list, 0);
}

static bool add_documents(struct record_builder *root, struct arena *arena,
                          const struct saved_request *request, const struct object_set *set, const char *salt,
                          const struct reporter *reporter)
{
    struct list_builder documents = list_begin(arena), secrets = list_begin(arena);
    for (size_t i = 0; i < set->objects.count; i++) {
        const struct object *object = set->objects.items[i];
        if (!is_secret(object)) {
            list_add(&documents, object_written(object));
            continue;
        }
        for (size_t j = 0; j < request->path_count; j++)
            if (strcmp(request->paths[j], "-") == 0) {
                diag_help(cluster_report(
                              reporter, DIAG_CLUSTER_PLAN_STALE, object->origin,
                              "a plan with a Secret from standard input cannot be saved: secrets are never "
                              "written to a file"),
                          "read the Secret from a file, or apply without a saved plan");
                return false;
            }
        struct record_builder out = record_begin(arena);
        set_text(&out, arena, "id", id_of(arena, object));
        set_text(&out, arena, "hash", salted_hash(arena, salt, object->document));
        list_add(&secrets, record_end(&out, 0));
    }
    record_set(root, "documents", list_end(&documents, 0));
    record_set(root, "secrets", list_end(&secrets, 0));
    return true;
}

bool saved_plan_write(const char *path, const struct saved_request *request, const struct plan *plan,
                      const struct object_set *set, const struct world *world,
                      const struct reporter *reporter)
{
    struct arena *arena = arena_new();
    struct record_builder root = record_begin(arena);
    unsigned char chance[SALT_BYTES];
    char salt[2 * SALT_BYTES + 1];
    world->random(world->context, chance, sizeof chance);
    text_hex(chance, sizeof chance, salt);
    record_set(&root, "mlcPlan", value_int(arena, FORMAT, 0));
    record_set(&root, "request", request_value(arena, request));
    set_text(&root, arena, "salt", salt);
    bool ok = add_documents(&root, arena, request, set, salt, reporter);
    record_set(&root, "items", items_value(arena, plan));
    struct buf out = {0};
    if (ok) {
        json_write(&out, record_end(&root, 0), (struct json_style){JSON_PRETTY, false}, NULL);
        int status = file_write_output(path, out.data, out.length, 0600);
        if (status < 0)
            cluster_report(reporter, DIAG_CLUSTER_PLAN_STALE, 0, "the plan cannot be written to %s: %s", path,
                           strerror(-status));
        ok = status == 0;
    }
    buf_free(&out);
    arena_free(arena);
    return ok;
}

static const char *const *texts_of(struct arena *arena, const struct value *list, size_t *count)
{
    *count = 0;
    if (list == NULL || list->kind != VALUE_LIST)
        return NULL;
    const char **out = arena_array(arena, list->count + 1, sizeof *out);
    for (size_t i = 0; i < list->count; i++)
        if (value_string_or(list->items[i], NULL) != NULL)
            out[(*count)++] = list->items[i]->text;
    return out;
}

static bool flag_of(const struct value *record, const char *key)
{
    const struct value *value = value_get(record, key);
    return value != NULL && value->kind == VALUE_BOOL && value->boolean;
}

static void read_request(struct arena *arena, const struct value *from, struct saved_request *out)
{
    out->paths = texts_of(arena, value_get(from, "paths"), &out->path_count);
    out->recursive = flag_of(from, "recursive");
    out->environment = value_string_or(value_get(from, "environment"), NULL);
    out->gitops = value_string_or(value_get(from, "gitops"), NULL);
    out->context = value_string_or(value_get(from, "context"), NULL);
    out->server = value_string_or(value_get(from, "server"), "");
    out->namespace = value_string_or(value_get(from, "namespace"), "default");
    out->manager = value_string_or(value_get(from, "fieldManager"), "mlc");
    out->applyset = value_string_or(value_get(from, "applyset"), NULL);
    out->tooling = value_string_or(value_get(from, "tooling"), NULL);
    out->force_conflicts = flag_of(from, "forceConflicts");
    out->replace = flag_of(from, "replace");
    out->prune = flag_of(from, "prune");
    out->take_over = flag_of(from, "takeOver");
    out->consent = texts_of(arena, value_get(from, "consent"), &out->consent_count);
}

static bool is_list(const struct value *value)
{
    return value != NULL && value->kind == VALUE_LIST;
}

struct saved_plan *saved_plan_read(struct arena *arena, const char *path, const struct reporter *reporter)
{
    struct buf text = {0};
    int status = file_read(path, file_limit, &text);
    if (status < 0) {
        cluster_report(reporter, DIAG_CLUSTER_PLAN_STALE, 0, "the plan %s cannot be read: %s", path,
                       strerror(-status));
        return NULL;
    }
    const char *why = "";
    const struct value *root = json_read_text(arena, buf_str(&text), text.length, &why);
    const struct value *format = value_get(root, "mlcPlan");
    struct saved_plan *saved = arena_alloc(arena, sizeof *saved);
    buf_free(&text);
    saved->documents = value_get(root, "documents");
    saved->secrets = value_get(root, "secrets");
    saved->items = value_get(root, "items");
    saved->salt = value_string_or(value_get(root, "salt"), "");
    if (format == NULL || format->kind != VALUE_INT || format->integer != FORMAT ||
        !is_list(saved->documents) || !is_list(saved->secrets) || !is_list(saved->items)) {
        diag_help(cluster_report(reporter, DIAG_CLUSTER_PLAN_STALE, 0,
                                 "%s is no plan that this version wrote%s%s", path, root == NULL ? ": " : "",
                                 root == NULL ? why : ""),
                  "make one with mlc plan [ENVIRONMENT | -f PATH] --out FILE; manifests are applied with -f");
        return NULL;
    }
    read_request(arena, value_get(root, "request"), &saved->request);
    return saved;
}

bool saved_plan_documents(const struct saved_plan *saved, struct object_set *set,
                          const struct object_set *sources, const struct reporter *reporter)
{
    struct arena *arena = set->arena;
    struct map *fresh = map_new(arena);
    bool ok = true;
    for (size_t i = 0; i < saved->documents->count; i++)
        ok = object_set_add(set, saved->documents->items[i], reporter) && ok;
    for (size_t i = 0; i < sources->objects.count; i++) {
        const struct object *object = sources->objects.items[i];
        if (is_secret(object))
            map_set(fresh, id_of(arena, object), (void *)(uintptr_t)object);
    }
    for (size_t i = 0; i < saved->secrets->count; i++) {
        const char *id = value_string_or(value_get(saved->secrets->items[i], "id"), "");
        const char *hash = value_string_or(value_get(saved->secrets->items[i], "hash"), "");
        const struct object *object = map_get(fresh, id);
        if (object == NULL || strcmp(salted_hash(arena, saved->salt, object->document), hash) != 0) {
            cluster_report(
                reporter, DIAG_CLUSTER_PLAN_STALE, object != NULL ? object->origin : 0, "%s %s", id,
                object == NULL ? "is no longer among the documents" : "changed since the plan was saved");
            ok = false;
        } else {
            ok = object_set_add(set, object->document, reporter) && ok;
        }
    }
    return ok;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool same_item(struct arena *arena, const struct value *then, const struct plan_item *now,
                      const struct reporter *reporter)
{
    const char *id = item_id(arena, now), *action = value_string_or(value_get(then, "action"), "");
    origin where = now->object != NULL ? now->object->origin : 0;
    if (then == NULL) {
        cluster_report(reporter, DIAG_CLUSTER_PLAN_STALE, where, "%s was not in the plan", id);
        return false;
    }
    if (strcmp(action, plan_action_name(now->action)) != 0) {
        cluster_report(reporter, DIAG_CLUSTER_PLAN_STALE, where,
                       "%s: the plan said \"%s\", now it would be \"%s\"", id, action,
                       plan_action_name(now->action));
        return false;
    }
    if (!same_text(value_string_or(value_get(then, "uid"), NULL), now->uid)) {
        cluster_report(reporter, DIAG_CLUSTER_PLAN_STALE, where,
                       "%s is another object than the one that was planned for", id);
        return false;
    }
    if (!same_text(value_string_or(value_get(then, "changes"), NULL), changes_hash(arena, now))) {
        cluster_report(reporter, DIAG_CLUSTER_PLAN_STALE, where,
                       "%s changed on the cluster since the plan was saved", id);
        return false;
    }
    return true;
}

bool saved_plan_holds(const struct saved_plan *saved, const struct plan *now, const struct reporter *reporter)
{
    struct arena *arena = arena_new();
    struct map *then = map_new(arena);
    bool ok = true;
    for (size_t i = 0; i < saved->items->count; i++)
        map_set(then, value_string_or(value_get(saved->items->items[i], "id"), ""),
                (void *)(uintptr_t)saved->items->items[i]);
    for (size_t i = 0; i < now->items.count; i++)
        ok = same_item(arena, map_get(then, item_id(arena, now->items.items[i])), now->items.items[i],
                       reporter) &&
             ok;
    if (ok && saved->items->count != now->items.count) {
        cluster_report(reporter, DIAG_CLUSTER_PLAN_STALE, 0, "the plan had %zu objects, now there are %zu",
                       saved->items->count, now->items.count);
        ok = false;
    }
    arena_free(arena);
    return ok;
}
