/* The graph: nodes by id and by kind. */

#include "compiler/graph.h"

#include <string.h>
#include "compiler/node_state.h"

struct node *graph_find(const struct graph *graph, const char *id)
{
    return map_get(graph->by_id, id);
}

static int compare_ids(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct node *)a)->id, ((const struct node *)b)->id);
}

static const char *collection_key(struct arena *arena, const char *kind, const struct node *environment)
{
    return environment ? arena_printf(arena, "%s@%s", kind, environment->name) : kind;
}

void graph_index(struct graph *graph)
{
    struct arena *arena = graph->compilation->arena;
    vec_sort(&graph->nodes, compare_ids, NULL);
    graph->collections = map_new(arena);
    for (size_t i = 0; i < graph->nodes.count; i++) {
        struct node *node = graph->nodes.items[i];
        node->index = i;
        const char *key = collection_key(arena, node->kind->name, node->environment);
        struct vec *all = map_get(graph->collections, key);
        if (!all) {
            all = arena_alloc(arena, sizeof *all);
            *all = vec_in(arena);
            map_set(graph->collections, key, all);
        }
        vec_push(all, node);
    }
}

size_t graph_collection(const struct graph *graph, const char *kind, struct node *environment,
                        struct vec *out)
{
    const char *key = collection_key(graph->compilation->arena, kind, environment);
    const struct vec *all = map_get(graph->collections, key);
    for (size_t i = 0; all && i < all->count; i++)
        vec_push(out, all->items[i]);
    return all ? all->count : 0;
}

struct graph *graph_of(const struct node *node)
{
    return state_of(node)->compilation->graph;
}
