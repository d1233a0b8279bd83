/* Nodes: making them, the tables of their attributes, their sources. */

#include <string.h>
#include "compiler/node_state.h"

struct node_state *state_of(const struct node *node)
{
    return node->evaluation;
}

const struct kind_table *kind_table(struct evaluator *ev, const struct kind *kind)
{
    struct kind_table *table = map_get_n(ev->kind_tables, (const char *)&kind, sizeof kind);
    if (table)
        return table;
    table = arena_alloc(ev->arena, sizeof *table);
    table->kind = kind;
    table->count = kind->attribute_count;
    table->attributes = arena_array(ev->arena, table->count, sizeof *table->attributes);
    table->index = map_new(ev->arena);
    for (size_t i = 0; i < table->count; i++) {
        table->attributes[i] = &kind->attributes[i];
        map_set(table->index, kind->attributes[i].name, (void *)(uintptr_t)(i + 1));
    }
    map_set_n(ev->kind_tables, (const char *)&kind, sizeof kind, table);
    return table;
}

size_t attribute_place(const struct node_state *state, const char *name)
{
    uintptr_t place = (uintptr_t)map_get(state->table->index, name);
    return place ? place - 1 : SIZE_MAX;
}

struct node *node_make(struct evaluator *ev, const struct kind *kind, const char *name, const char *path,
                       struct node *parent, struct node *environment, origin where)
{
    struct node *node = arena_alloc(ev->arena, sizeof *node);
    struct node_state *state = arena_alloc(ev->arena, sizeof *state);
    *node = (struct node){
        .kind = kind, .name = name, .parent = parent, .environment = environment, .origin = where};
    node->id = environment ? arena_printf(ev->arena, "%s@%s", path, environment->name) : path;
    node->evaluation = state;
    state->compilation = ev->compilation;
    state->table = kind_table(ev, kind);
    state->slots = arena_array(ev->arena, state->table->count, sizeof *state->slots);
    state->children = vec_in(ev->arena);
    state->instances = vec_in(ev->arena);
    state->path = path;
    return node;
}

static bool duplicate(struct evaluator *ev, const struct node *node, const struct node *first)
{
    struct span here = origin_span(ev->compilation->origins, node->origin);
    struct span there = origin_span(ev->compilation->origins, first->origin);
    struct diag *diag = eval_report(ev, DIAG_NODE_DUPLICATE, node->origin, "there are two `%s`", node->id);
    if (here.source != there.source || here.start != there.start)
        diag_secondary(diag, there, "the first one");
    else
        diag_help(diag,
                  "each round of a loop makes one, and all have this name: put the loop's variable into "
                  "it, as `\"%s-\\(VARIABLE)\"`, or `\"\\(VARIABLE)\"` alone",
                  node->name);
    return false;
}

bool node_register(struct evaluator *ev, struct node *node)
{
    struct graph *graph = ev->compilation->graph;
    struct node *other = map_get(graph->by_id, node->id);
    if (other == node)
        return true;
    if (other)
        return duplicate(ev, node, other);
    size_t limit = ev->compilation->limits.nodes ? ev->compilation->limits.nodes : 100000;
    if (graph->nodes.count >= limit) {
        if (!ev->stopped)
            eval_report(ev, DIAG_GRAPH_LIMIT, node->origin, "the graph has more than %zu blocks", limit);
        ev->stopped = true;
        return false;
    }
    node->index = graph->nodes.count;
    map_set(graph->by_id, node->id, node);
    vec_push(&graph->nodes, node);
    if (!node->parent && !node->environment && strcmp(node->kind->name, "project") == 0 && !graph->project)
        graph->project = node;
    return true;
}

struct node_source *node_add_source(struct evaluator *ev, struct node *node, enum source_level level,
                                    const struct match *match, const struct ast_block *block,
                                    struct scope *outer)
{
    struct node_source *source = arena_alloc(ev->arena, sizeof *source);
    *source = (struct node_source){.level = level, .block = block, .outer = outer};
    if (match)
        source->match = *match;
    struct node_source **at = &state_of(node)->sources;
    while (*at && (*at)->level <= level)
        at = &(*at)->next;
    source->next = *at;
    *at = source;
    return source;
}

void node_set(struct node *node, const char *attribute, const struct value *value)
{
    struct node_state *state = state_of(node);
    size_t place = attribute_place(state, attribute);
    if (place == SIZE_MAX)
        return;
    state->slots[place].value = value;
    state->slots[place].state = SLOT_DONE;
}
