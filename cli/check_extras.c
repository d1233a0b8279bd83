#include "cli/check_extras.h"

#include <string.h>
#include "compiler/evaluate.h"
#include "compiler/graph.h"
#include "core/documents/json.h"

/* A place of a spec that an extra sets. */
struct setting {
    const struct node *node;
    const char *target;
    const char *path; /* Rollout.spec.minReadySeconds */
    const struct value *value;
    struct span span;
};

struct listing {
    struct compilation *compilation;
    struct map *seen; /* settings of a base stand on each of its instances too */
    struct vec settings;
};

static void add_setting(struct listing *listing, const struct node *node, const char *target,
                        const char *path, const struct field *field)
{
    struct arena *arena = listing->compilation->arena;
    origin where = field->key_origin ? field->key_origin : field->value->origin;
    struct span span = origin_span(listing->compilation->origins, where);
    const char *key = arena_printf(arena, "%u:%u %s", span.source, span.start, path);
    if (map_has(listing->seen, key))
        return;
    map_set(listing->seen, key, NULL);
    struct setting *setting = arena_alloc(arena, sizeof *setting);
    *setting = (struct setting){node->base ? node->base : node, target, path, field->value, span};
    vec_push(&listing->settings, setting);
}

/* Every leaf of the body: a record is what its fields are. */
static void add_fields(struct listing *listing, const struct node *node, const char *target,
                       const char *prefix, const struct value *body)
{
    for (size_t i = 0; i < body->field_count; i++) {
        const struct field *field = &body->fields[i];
        const char *path =
            arena_printf(listing->compilation->arena, "%s%s%s", prefix, *prefix ? "." : "", field->key);
        if (field->value->kind == VALUE_RECORD && field->value->field_count)
            add_fields(listing, node, target, path, field->value);
        else
            add_setting(listing, node, target, path, field);
    }
}

static int by_place(const void *a, const void *b, void *context)
{
    (void)context;
    const struct setting *left = a, *right = b;
    if (left->span.source != right->span.source)
        return left->span.source < right->span.source ? -1 : 1;
    if (left->span.start != right->span.start)
        return left->span.start < right->span.start ? -1 : 1;
    return 0;
}

static struct vec settings_of(struct compilation *compilation)
{
    struct listing listing = {compilation, map_new(compilation->arena), vec_in(compilation->arena)};
    const struct vec *nodes = &compilation->graph->nodes;
    for (size_t i = 0; i < nodes->count; i++) {
        struct node *node = nodes->items[i];
        const struct value *extras =
            node->kind && kind_attribute(node->kind, "extras") ? node_get(node, "extras") : NULL;
        for (size_t k = 0; extras && extras->kind == VALUE_LIST && k < extras->count; k++) {
            const struct value *body = value_get(extras->items[k], "body");
            const char *target = value_string_or(value_get(extras->items[k], "target"), NULL);
            if (target && body && body->kind == VALUE_RECORD)
                add_fields(&listing, node, target, "", body);
        }
    }
    vec_sort(&listing.settings, by_place, NULL);
    return listing.settings;
}

static struct position place_of(struct compilation *compilation, const struct setting *setting,
                                const char **path)
{
    const struct source *source = source_of(compilation->sources, setting->span.source);
    *path = source ? source->path : "";
    return source ? source_position(source, setting->span.start) : (struct position){0};
}

void check_extras_text(struct compilation *compilation, struct buf *out)
{
    struct vec settings = settings_of(compilation);
    for (size_t i = 0; i < settings.count; i++) {
        const struct setting *setting = settings.items[i];
        const char *path;
        struct position at = place_of(compilation, setting, &path);
        buf_printf(out, "%s:%u: %s: extra %s: %s = ", path, at.line, setting->node->id, setting->target,
                   setting->path);
        value_print(out, setting->value);
        buf_add_char(out, '\n');
    }
}

void check_extras_json(struct compilation *compilation, struct buf *out)
{
    struct vec settings = settings_of(compilation);
    buf_add_str(out, "{\"extras\": [");
    for (size_t i = 0; i < settings.count; i++) {
        const struct setting *setting = settings.items[i];
        const char *path;
        struct position at = place_of(compilation, setting, &path);
        struct buf text = {0};
        value_print(&text, setting->value);
        const char *const members[][2] = {{"file", path},
                                          {"node", setting->node->id},
                                          {"target", setting->target},
                                          {"path", setting->path},
                                          {"value", buf_str(&text)}};
        buf_printf(out, "%s{\"line\": %u", i ? ", " : "", at.line);
        for (size_t k = 0; k < sizeof members / sizeof *members; k++) {
            buf_printf(out, ", \"%s\": ", members[k][0]);
            json_write_string(out, members[k][1], strlen(members[k][1]));
        }
        buf_add_char(out, '}');
        buf_free(&text);
    }
    buf_add_str(out, "]}\n");
}
