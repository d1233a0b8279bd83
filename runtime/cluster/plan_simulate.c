/* Objects whose kind or namespace will only exist after the apply: checked by schema. */
#include <stdlib.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/documents/schema.h"
#include "core/map.h"
#include "runtime/cluster/plan_private.h"
#include "runtime/cluster/server_apply.h"

static void check_schema(struct planner *planner, struct plan_item *item, const struct value *schema,
                         const struct value *root)
{
    struct vec findings = vec_in(planner->arena);
    struct schema_options options = {.closed = true, .kubernetes = true};
    if (schema_check(planner->arena, schema, root, item->object->document, options, &findings))
        return;
    item->action = PLAN_REFUSED;
    for (size_t i = 0; i < findings.count; i++) {
        const struct schema_finding *finding = findings.items[i];
        origin where = finding->value != NULL && finding->value->origin != 0 ? finding->value->origin
                                                                             : item->object->origin;
        cluster_report(planner->reporter, DIAG_CLUSTER_SCHEMA, where, "%s: %s: %s",
                       object_title(planner->arena, item->object), finding->path, finding->message);
        if (i == 0)
            item->why = arena_printf(planner->arena, "%s: %s", finding->path, finding->message);
    }
}

/* Every object has these, whether a definition's schema names them or not. */
static const struct value *with_identity(struct arena *arena, const struct value *schema)
{
    static const char text[] =
        "{\"properties\":{\"apiVersion\":{\"type\":\"string\"},\"kind\":{\"type\":\"string\"},"
        "\"metadata\":{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true}}}";
    const char *why;
    const struct value *identity = json_read_text(arena, text, sizeof text - 1, &why);
    return value_merge(arena, schema, identity);
}

void plan_simulate_pending(struct planner *planner, struct plan_item *item)
{
    item->action = PLAN_CREATE;
    item->simulated = true;
    item->why = "its CustomResourceDefinition is in this set: checked by its schema alone";
    if (item->resource->schema != NULL) {
        const struct value *schema = with_identity(planner->arena, item->resource->schema);
        check_schema(planner, item, schema, schema);
    } else {
        item->why = "its CustomResourceDefinition is in this set and has no schema: not checked";
    }
}

/* The server's published schema of a group and version; NULL when it has none. */
static const struct value *openapi_of(struct planner *planner, struct map *cache,
                                      const struct resource *resource)
{
    const char *key =
        *resource->group == 0
            ? arena_printf(planner->arena, "/openapi/v3/api/%s", resource->version)
            : arena_printf(planner->arena, "/openapi/v3/apis/%s/%s", resource->group, resource->version);
    if (map_has(cache, key))
        return map_get(cache, key);
    struct reply reply = client_ask(planner->client, client_call("GET", NULL, NULL, "%s", key));
    const char *why;
    const struct value *root =
        reply.status == 200 ? json_read_text(planner->arena, buf_str(&reply.body), reply.body.length, &why)
                            : NULL;
    map_set(cache, key, (void *)(uintptr_t)root);
    reply_free(&reply);
    return root;
}

const struct value *openapi_schema(const struct value *root, const struct resource *resource)
{
    const struct value *schemas = value_path(root, "components", "schemas", NULL);
    for (size_t i = 0; schemas != NULL && schemas->kind == VALUE_RECORD && i < schemas->field_count; i++) {
        const struct value *schema = schemas->fields[i].value;
        const struct value *kinds = value_get(schema, "x-kubernetes-group-version-kind");
        for (size_t j = 0; kinds != NULL && kinds->kind == VALUE_LIST && j < kinds->count; j++)
            if (strcmp(value_string_or(value_get(kinds->items[j], "group"), ""), resource->group) == 0 &&
                strcmp(value_string_or(value_get(kinds->items[j], "version"), ""), resource->version) == 0 &&
                strcmp(value_string_or(value_get(kinds->items[j], "kind"), ""), resource->kind) == 0)
                return schema;
    }
    return NULL;
}

void plan_simulate_all(struct planner *planner)
{
    struct map *cache = map_new(planner->arena);
    for (size_t i = 0; i < planner->simulated.count; i++) {
        struct plan_item *item = planner->simulated.items[i];
        const struct value *root = openapi_of(planner, cache, item->resource);
        const struct value *schema = openapi_schema(root, item->resource);
        item->action = PLAN_CREATE;
        item->simulated = true;
        item->why = schema != NULL
                        ? "its namespace is in this set: checked by the server's schema alone"
                        : "its namespace is in this set, and the server publishes no schema: not checked";
        if (schema != NULL)
            check_schema(planner, item, schema, root);
    }
}
