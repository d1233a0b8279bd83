#include "backends/text/text.h"

static bool lower_ids(struct compilation *compilation, struct vec *files)
{
    struct arena *arena = compilation->arena;
    struct generated *file = arena_alloc(arena, sizeof *file);
    file->path = "graph.txt";
    file->documents = vec_in(arena);
    for (size_t i = 0; i < compilation->graph->nodes.count; i++) {
        const struct node *node = compilation->graph->nodes.items[i];
        vec_push(&file->documents, (void *)value_string(arena, node->id, node->origin));
    }
    vec_push(files, file);
    return true;
}

const struct backend backend_text = {
    .name = "text",
    .summary = "Lists the nodes of the graph: for tests",
    .lower = lower_ids,
};
