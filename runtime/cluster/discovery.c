/* Which kinds the server has: reading, merging and finding. Asking the server is discovery_load.c's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/documents/json.h"
#include "core/map.h"
#include "core/text.h"
#include "runtime/cluster/discovery_private.h"

enum { RESOURCES_MAX = 200000 };

struct discovery *discovery_new(struct client *client, const char *cache_folder)
{
    struct discovery *discovery = mem_calloc(1, sizeof *discovery);
    discovery->arena = arena_new();
    discovery->client = client;
    discovery->cache_folder = cache_folder != NULL ? arena_strdup(discovery->arena, cache_folder) : NULL;
    discovery_clear(discovery);
    return discovery;
}

void discovery_free(struct discovery *discovery)
{
    if (discovery == NULL)
        return;
    arena_free(discovery->arena);
    free(discovery);
}

void discovery_clear(struct discovery *discovery)
{
    discovery->exact = map_new(discovery->arena);
    discovery->kinds = map_new(discovery->arena);
    discovery->names = map_new(discovery->arena);
    discovery->bare = map_new(discovery->arena);
    discovery->unsure = map_new(discovery->arena);
    discovery->all = vec_in(discovery->arena);
}

static void set_first(struct map *map, const char *key, void *value)
{
    if (!map_has(map, key))
        map_set(map, key, value);
}

static void lower(char *text)
{
    for (; *text != 0; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

static void add_name(struct discovery *discovery, struct resource *resource, const char *name)
{
    char *key = arena_strdup(discovery->arena, name);
    lower(key);
    set_first(discovery->names, key, resource);
    char *full = arena_printf(discovery->arena, "%s.%s", key, resource->group);
    set_first(discovery->names, full, resource);
}

void discovery_add(struct discovery *discovery, struct resource *resource, const struct value *short_names)
{
    struct arena *arena = discovery->arena;
    if (discovery->all.count >= RESOURCES_MAX)
        return;
    const char *key = arena_printf(arena, "%s/%s/%s", resource->group, resource->version, resource->kind);
    if (map_has(discovery->exact, key))
        return;
    map_set(discovery->exact, key, resource);
    set_first(discovery->kinds, arena_printf(arena, "%s/%s", resource->group, resource->kind), resource);
    set_first(discovery->bare, resource->kind, resource);
    add_name(discovery, resource, resource->plural);
    add_name(discovery, resource, resource->kind);
    for (size_t i = 0; short_names != NULL && short_names->kind == VALUE_LIST && i < short_names->count; i++)
        add_name(discovery, resource, value_string_or(short_names->items[i], ""));
    vec_push(&discovery->all, resource);
}

void discovery_set_verbs(struct resource *resource, const struct value *verbs)
{
    for (size_t i = 0; verbs != NULL && verbs->kind == VALUE_LIST && i < verbs->count; i++) {
        const char *verb = value_string_or(verbs->items[i], "");
        resource->can_patch |= strcmp(verb, "patch") == 0;
        resource->can_list |= strcmp(verb, "list") == 0;
        resource->can_watch |= strcmp(verb, "watch") == 0;
        resource->can_delete |= strcmp(verb, "delete") == 0;
    }
}

static const char *keep(struct discovery *discovery, const char *text)
{
    return arena_strdup(discovery->arena, text);
}

/* One entry of `resources` of an aggregated document. */
static void add_aggregated(struct discovery *discovery, const char *group, const char *version,
                           const struct value *entry)
{
    const char *plural = value_string_or(value_get(entry, "resource"), "");
    const char *kind = value_string_or(value_path(entry, "responseKind", "kind", NULL), "");
    if (*plural == 0 || *kind == 0 || strpbrk(plural, "/?#% ") != NULL)
        return;
    struct resource *resource = arena_alloc(discovery->arena, sizeof *resource);
    resource->group = group;
    resource->version = version;
    resource->kind = keep(discovery, kind);
    resource->plural = keep(discovery, plural);
    resource->namespaced = strcmp(value_string_or(value_get(entry, "scope"), ""), "Namespaced") == 0;
    discovery_set_verbs(resource, value_get(entry, "verbs"));
    discovery_add(discovery, resource, value_get(entry, "shortNames"));
}

static void add_group(struct discovery *discovery, const struct value *item)
{
    const char *group = keep(discovery, value_string_or(value_path(item, "metadata", "name", NULL), ""));
    const struct value *versions = value_get(item, "versions");
    for (size_t i = 0; versions != NULL && versions->kind == VALUE_LIST && i < versions->count; i++) {
        const char *version = value_string_or(value_get(versions->items[i], "version"), "");
        const struct value *resources = value_get(versions->items[i], "resources");
        if (*version == 0 || strpbrk(version, "/?#% ") != NULL || strpbrk(group, "/?#% ") != NULL)
            continue;
        version = keep(discovery, version);
        if (strcmp(value_string_or(value_get(versions->items[i], "freshness"), ""), "Stale") == 0)
            map_set(discovery->unsure, group, discovery);
        for (size_t j = 0; resources != NULL && resources->kind == VALUE_LIST && j < resources->count; j++)
            add_aggregated(discovery, group, version, resources->items[j]);
    }
}

bool discovery_read_aggregated(struct discovery *discovery, const char *text, size_t length, const char **why)
{
    struct arena *scratch = arena_new();
    const char *reason = NULL;
    const struct value *root = json_read_text(scratch, text, length, &reason);
    const struct value *items = value_get(root, "items");
    bool ok = root != NULL &&
              strcmp(value_string_or(value_get(root, "kind"), ""), "APIGroupDiscoveryList") == 0 &&
              items != NULL && items->kind == VALUE_LIST;
    if (!ok && why != NULL)
        *why = root == NULL ? arena_strdup(discovery->arena, reason) : "it is no APIGroupDiscoveryList";
    for (size_t i = 0; ok && i < items->count; i++)
        add_group(discovery, items->items[i]);
    arena_free(scratch);
    return ok;
}

void discovery_add_definition(struct discovery *discovery, const struct value *definition)
{
    const struct value *spec = value_get(definition, "spec");
    const struct value *versions = value_get(spec, "versions");
    const char *group = value_string_or(value_get(spec, "group"), NULL);
    const char *kind = value_string_or(value_path(spec, "names", "kind", NULL), NULL);
    const char *plural = value_string_or(value_path(spec, "names", "plural", NULL), NULL);
    if (group == NULL || kind == NULL || plural == NULL || versions == NULL || versions->kind != VALUE_LIST)
        return;
    for (size_t i = 0; i < versions->count; i++) {
        const char *version = value_string_or(value_get(versions->items[i], "name"), NULL);
        const struct value *served = value_get(versions->items[i], "served");
        if (version == NULL || (served != NULL && served->kind == VALUE_BOOL && !served->boolean))
            continue;
        struct resource *resource = arena_alloc(discovery->arena, sizeof *resource);
        *resource = (struct resource){
            .group = keep(discovery, group),
            .version = keep(discovery, version),
            .kind = keep(discovery, kind),
            .plural = keep(discovery, plural),
            .namespaced = strcmp(value_string_or(value_get(spec, "scope"), ""), "Namespaced") == 0,
            .can_patch = true,
            .can_list = true,
            .can_watch = true,
            .can_delete = true,
            .pending = true,
            .schema = value_path(versions->items[i], "schema", "openAPIV3Schema", NULL),
        };
        discovery_add(discovery, resource, NULL);
    }
}

const struct resource *discovery_find(const struct discovery *discovery, const char *group,
                                      const char *version, const char *kind)
{
    char key[512];
    int length = snprintf(key, sizeof key, "%s/%s/%s", group, version, kind);
    return length > 0 && (size_t)length < sizeof key ? map_get(discovery->exact, key) : NULL;
}

const struct resource *discovery_find_kind(const struct discovery *discovery, const char *group,
                                           const char *kind)
{
    char key[512];
    int length = snprintf(key, sizeof key, "%s/%s", group, kind);
    return length > 0 && (size_t)length < sizeof key ? map_get(discovery->kinds, key) : NULL;
}

const struct resource *discovery_find_name(const struct discovery *discovery, const char *name)
{
    char key[512];
    int length = snprintf(key, sizeof key, "%s", name);
    if (length <= 0 || (size_t)length >= sizeof key)
        return NULL;
    lower(key);
    return map_get(discovery->names, key);
}

bool discovery_is_unsure(const struct discovery *discovery, const char *group)
{
    return map_has(discovery->unsure, group);
}

const char *discovery_nearest_kind(const struct discovery *discovery, const char *kind)
{
    return map_nearest(discovery->bare, kind);
}

const char *discovery_versions_of(struct arena *arena, const struct discovery *discovery, const char *kind)
{
    struct buf out = {0};
    for (size_t i = 0; i < discovery->all.count; i++) {
        const struct resource *resource = discovery->all.items[i];
        if (strcmp(resource->kind, kind) == 0)
            buf_printf(&out, "%s%s%s%s", out.length > 0 ? ", " : "", resource->group,
                       *resource->group != 0 ? "/" : "", resource->version);
    }
    const char *kept = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return kept;
}

void resource_path(struct buf *out, const struct resource *resource, const char *namespace, const char *name)
{
    if (*resource->group == 0)
        buf_printf(out, "/api/%s", resource->version);
    else
        buf_printf(out, "/apis/%s/%s", resource->group, resource->version);
    if (resource->namespaced && namespace != NULL) {
        buf_add_str(out, "/namespaces/");
        client_encode(out, namespace);
    }
    buf_printf(out, "/%s", resource->plural);
    if (name != NULL) {
        buf_add_char(out, '/');
        client_encode(out, name);
    }
}

const char *resource_group_kind(struct arena *arena, const struct resource *resource)
{
    return *resource->group == 0 ? arena_strdup(arena, resource->kind)
                                 : arena_printf(arena, "%s.%s", resource->kind, resource->group);
}
