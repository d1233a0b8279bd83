/* Environments: every node of a kind with the scope `environment` has one instance in each, made from the
 * node's own blocks and what the environment says about it, before anything of it is evaluated. */

#include <string.h>
#include "compiler/node_state.h"

struct node *node_in(struct node *node, struct node *environment)
{
    if (!environment || node->environment)
        return node;
    const struct vec *instances = &state_of(node)->instances;
    for (size_t i = 0; i < instances->count; i++) {
        struct node *instance = instances->items[i];
        if (instance->environment == environment)
            return instance;
    }
    return node;
}

struct node *node_context(struct node *node)
{
    if (node->environment)
        return node->environment;
    return strcmp(node->kind->name, "environment") == 0 ? node : NULL;
}

static const struct value *fields_in(struct evaluator *ev, const struct value *value,
                                     struct node *environment)
{
    struct field *fields = NULL;
    for (size_t i = 0; i < value->field_count; i++) {
        const struct value *mapped = value_in(ev, value->fields[i].value, environment);
        if (mapped == value->fields[i].value)
            continue;
        if (!fields) {
            fields = arena_array(ev->arena, value->field_count, sizeof *fields);
            memcpy(fields, value->fields, value->field_count * sizeof *fields);
        }
        fields[i].value = mapped;
    }
    if (!fields)
        return value;
    return value->kind == VALUE_RECORD
               ? value_record(ev->arena, fields, value->field_count, value->origin)
               : value_variant(ev->arena, value->name, fields, value->field_count, value->origin);
}

const struct value *value_in(struct evaluator *ev, const struct value *value, struct node *environment)
{
    if (value->kind == VALUE_NODE) {
        struct node *node = node_in(value->node, environment);
        return node == value->node ? value : value_node(ev->arena, node, value->origin);
    }
    if (value->kind == VALUE_RECORD || value->kind == VALUE_VARIANT)
        return fields_in(ev, value, environment);
    if (value->kind != VALUE_LIST)
        return value;
    const struct value **items = NULL;
    for (size_t i = 0; i < value->count; i++) {
        const struct value *mapped = value_in(ev, value->items[i], environment);
        if (mapped == value->items[i])
            continue;
        if (!items) {
            items = arena_array(ev->arena, value->count, sizeof *items);
            memcpy(items, value->items, value->count * sizeof *items);
        }
        items[i] = mapped;
    }
    return items ? value_list(ev->arena, items, value->count, value->origin) : value;
}

static struct node *make_instance(struct evaluator *ev, struct node *base, struct node *environment)
{
    struct node_state *state = state_of(base);
    struct node *node = node_make(ev, base->kind, base->name, state->path, NULL, environment, base->origin);
    node->doc = base->doc;
    node->base = base;
    state_of(node)->owner = state->owner;
    for (const struct node_source *source = state->sources; source; source = source->next)
        if (source->level != LEVEL_LIKE)
            node_add_source(ev, node, source->level, &source->match, source->block, source->outer);
    node_register(ev, node);
    vec_push(&state->instances, node);
    return node;
}

static bool removed_here(struct evaluator *ev, struct node *environment, const struct node *base)
{
    for (struct removal *removal = state_of(environment)->removals; removal; removal = removal->next) {
        const char *key = removal_key(ev, removal, base->kind->head, NULL);
        if (key && strcmp(key, base->name) == 0) {
            removal->used = true;
            return true;
        }
    }
    return false;
}

/* Overlays of an environment by what they change. */
static void index_overlays(struct evaluator *ev, struct overlay *overlay, struct map *index)
{
    for (; overlay; overlay = overlay->next) {
        const char *id = arena_printf(ev->arena, "%s/%s", overlay->match.kind->name, overlay->name);
        struct vec *all = map_get(index, id);
        if (!all) {
            all = arena_alloc(ev->arena, sizeof *all);
            *all = vec_in(ev->arena);
            map_set(index, id, all);
        }
        vec_push(all, overlay);
    }
}

static void report_unused(struct evaluator *ev, const struct overlay *overlay)
{
    struct diag *diag =
        eval_report(ev, DIAG_OVERLAY_NOTHING, eval_origin(ev, overlay->scope, overlay->match.head_span),
                    "the overlay changes nothing: there is no %s `%s`", overlay->match.head, overlay->name);
    struct vec nodes = vec_in(ev->arena);
    graph_collection(ev->compilation->graph, overlay->match.kind->name, NULL, &nodes);
    struct map *names = map_new(ev->arena);
    for (size_t i = 0; i < nodes.count; i++)
        map_set(names, ((struct node *)nodes.items[i])->name, nodes.items[i]);
    const char *nearest = map_nearest(names, overlay->name);
    if (nearest) {
        const struct node *node = map_get(names, nearest);
        diag_help(diag, "there is a %s with a similar name: `%s`", overlay->match.head, nearest);
        diag_secondary(diag, origin_span(ev->compilation->origins, node->origin), "declared here");
    }
}

static bool overlay_twice(struct evaluator *ev, const struct vec *overlays)
{
    if (overlays->count < 2)
        return false;
    const struct overlay *first = overlays->items[0], *second = overlays->items[1];
    struct diag *diag =
        eval_report(ev, DIAG_CLAUSE_DUPLICATE, eval_origin(ev, second->scope, second->match.head_span),
                    "two overlays of `%s %s`", second->match.head, second->name);
    diag_secondary(diag, first->match.head_span, "the first one");
    return true;
}

static void instances_in(struct evaluator *ev, struct node *environment, size_t node_count)
{
    node_open(ev, environment);
    struct map *index = map_new(ev->arena);
    index_overlays(ev, state_of(environment)->overlays, index);
    struct vec *nodes = &ev->compilation->graph->nodes;
    for (size_t i = 0; i < node_count; i++) {
        struct node *base = nodes->items[i];
        if (base->parent || base->environment)
            continue;
        struct vec *overlays = map_get(index, base->id);
        bool wanted = base->kind->scope == SCOPE_ENVIRONMENT || (base->kind->overlay && overlays);
        if (!wanted || base->kind->component || removed_here(ev, environment, base))
            continue;
        struct node *node = make_instance(ev, base, environment);
        for (size_t j = 0; overlays && j < overlays->count; j++) {
            struct overlay *overlay = overlays->items[j];
            overlay->used = true;
            node_add_source(ev, node, LEVEL_OVERLAY, &overlay->match, overlay->match.block, overlay->scope);
        }
        if (overlays)
            overlay_twice(ev, overlays);
    }
    for (size_t i = 0; i < map_count(index); i++) {
        const struct vec *overlays = map_at(index, i)->value;
        const struct overlay *first = overlays->items[0];
        if (!first->used)
            report_unused(ev, first);
    }
}

void make_instances(struct evaluator *ev)
{
    struct graph *graph = ev->compilation->graph;
    struct vec environments = vec_in(ev->arena);
    graph_collection(graph, "environment", NULL, &environments);
    size_t count = graph->nodes.count;
    for (size_t i = 0; i < environments.count && !ev->stopped; i++)
        instances_in(ev, environments.items[i], count);
}
