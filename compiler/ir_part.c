/* The part of a graph that pods of an environment run: its monitors, the smoke tests of its services, and
 * what these read. A ConfigMap holds at most 1 MiB, so what only a build reads (steps, gates, rollouts) stays
 * out. */

#include <string.h>
#include "compiler/ir_part.h"
#include "compiler/ir_value.h"
#include "compiler/node_state.h"

/* Of these kinds only these references are followed; of any other, all. */
static const struct {
    const char *kind;
    const char *followed[5];
} narrow[] = {
    {"service", {"model", "capture"}},
    {"model", {"data", "split", "retrain"}},
    {"retrain", {NULL}},
    {"monitor", {"watch", "baseline", "checks", "capture", "truth"}},
    {"dataset", {"columns", "features", "key", "label"}},
    {"environment", {NULL}},
    {"project", {NULL}},
};

static bool is_followed(const struct node *node, const char *attribute)
{
    if (strcmp(attribute, "like") == 0 || strcmp(attribute, "team") == 0)
        return false;
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++) {
        if (strcmp(narrow[i].kind, node->kind->name) != 0)
            continue;
        for (size_t k = 0; k < 5 && narrow[i].followed[k]; k++)
            if (strcmp(narrow[i].followed[k], attribute) == 0)
                return true;
        return false;
    }
    return true;
}

static void found(struct buf *out, struct node *node, void *context)
{
    (void)out;
    vec_push(context, node);
}

/* The nodes inside a value: the writer's own walk, so that it can never meet another one. */
static struct vec nodes_in(struct arena *arena, const struct value *value)
{
    struct vec nodes = vec_in(arena);
    struct buf scratch = {0};
    ir_write_value(&scratch, value, &(struct ir_nodes){found, &nodes});
    buf_free(&scratch);
    return nodes;
}

struct ir_part {
    struct arena *arena;
    struct map *kept; /* id -> struct node */
    struct vec open;  /* struct node *: not followed yet */
};

static void keep(struct ir_part *part, struct node *node)
{
    if (map_has(part->kept, node->id))
        return;
    map_set(part->kept, node->id, node);
    vec_push(&part->open, node);
}

static void follow(struct ir_part *part, struct node *node)
{
    if (node->parent)
        keep(part, node->parent);
    const struct kind_table *table = state_of(node)->table;
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->attributes[i]->name;
        if (!is_followed(node, name))
            continue;
        struct vec nodes = nodes_in(part->arena, node_get(node, name));
        for (size_t k = 0; k < nodes.count; k++)
            keep(part, nodes.items[k]);
    }
}

static void keep_smokes(struct ir_part *part, struct node *service)
{
    const struct value *const *smokes;
    size_t count = kind_attribute(service->kind, "smokes") ? node_list(service, "smokes", &smokes) : 0;
    for (size_t i = 0; i < count; i++)
        keep(part, smokes[i]->node);
}

struct ir_part *ir_part_of(struct arena *arena, const struct graph *graph, struct node *environment)
{
    struct ir_part *part = arena_alloc(arena, sizeof *part);
    *part = (struct ir_part){arena, map_new(arena), vec_in(arena)};
    if (graph->project)
        keep(part, graph->project);
    keep(part, environment);
    struct vec monitors = vec_in(arena), services = vec_in(arena);
    graph_collection(graph, "monitor", environment, &monitors);
    graph_collection(graph, "service", environment, &services);
    for (size_t i = 0; i < monitors.count; i++)
        keep(part, monitors.items[i]);
    for (size_t i = 0; i < services.count; i++)
        keep_smokes(part, services.items[i]);
    for (size_t i = 0; i < part->open.count; i++)
        follow(part, part->open.items[i]);
    return part;
}

bool ir_part_holds(const struct ir_part *part, const struct node *node)
{
    return map_has(part->kept, node->id);
}

bool ir_part_writes(const struct ir_part *part, struct node *node, const char *attribute)
{
    const struct value *value = node_get(node, attribute);
    if (strcmp(attribute, "extras") == 0 || value->kind == VALUE_NULL || value->kind == VALUE_TEXT)
        return false;
    return is_followed(node, attribute) || nodes_in(part->arena, value).count == 0;
}
