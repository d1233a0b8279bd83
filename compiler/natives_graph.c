/* Natives over the graph. Collections come in the order of ids, so no output depends on the order of a spec.
 */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"

/* Pushes every node of a value: a node, or a list of nodes. */
static void push_nodes(const struct value *value, struct vec *out)
{
    if (!value)
        return;
    if (value->kind == VALUE_NODE)
        vec_push(out, value->node);
    else if (value->kind == VALUE_LIST)
        for (size_t i = 0; i < value->count; i++)
            push_nodes(value->items[i], out);
}

static struct node *node_argument(const struct native_call *call, size_t index)
{
    const struct value *value = native_argument(call, index);
    return value && value->kind == VALUE_NODE ? value->node : NULL;
}

struct ordering {
    struct native_call *call;
    const char *by;
    struct vec nodes; /* sorted by id */
    struct vec done;
    unsigned char *state; /* 0 open, 1 running, 2 done */
};

static size_t place_of(const struct ordering *ordering, const struct node *node)
{
    size_t low = 0, high = ordering->nodes.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(((const struct node *)ordering->nodes.items[middle])->id, node->id);
        if (!order)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return ordering->nodes.count;
}

/* The nodes that must come before the one at `place`, within the list. */
static struct vec before(struct ordering *ordering, size_t place)
{
    struct node *node = ordering->nodes.items[place];
    const struct value *self = value_node(ordering->call->arena, node, node->origin);
    struct vec needed = vec_in(ordering->call->arena);
    push_nodes(native_member(ordering->call, self, ordering->by), &needed);
    native_sort_nodes(&needed);
    return needed;
}

struct visit {
    size_t place, next;
    struct vec needed;
};

/* Depth first without recursion: a chain may be as long as the spec. False at a cycle. */
static bool order_from(struct ordering *ordering, size_t start)
{
    struct vec stack = vec_in(ordering->call->arena);
    struct visit *top = arena_alloc(ordering->call->arena, sizeof *top);
    *top = (struct visit){start, 0, before(ordering, start)};
    ordering->state[start] = 1;
    vec_push(&stack, top);
    while (stack.count) {
        top = vec_last(&stack);
        if (top->next == top->needed.count) {
            ordering->state[top->place] = 2;
            vec_push(&ordering->done, ordering->nodes.items[top->place]);
            stack.count--;
            continue;
        }
        size_t place = place_of(ordering, top->needed.items[top->next++]);
        if (place == ordering->nodes.count || ordering->state[place] == 2)
            continue;
        if (ordering->state[place] == 1)
            return false;
        struct visit *visit = arena_alloc(ordering->call->arena, sizeof *visit);
        *visit = (struct visit){place, 0, before(ordering, place)};
        ordering->state[place] = 1;
        vec_push(&stack, visit);
    }
    return true;
}

const struct value *native_topological(struct native_call *call)
{
    struct ordering ordering = {.call = call, .by = native_text(call, 1)};
    ordering.nodes = vec_in(call->arena);
    ordering.done = vec_in(call->arena);
    push_nodes(native_argument(call, 0), &ordering.nodes);
    if (!ordering.by)
        return native_misfit(call, 1, "the name of an attribute");
    native_sort_nodes(&ordering.nodes);
    ordering.state = arena_alloc(call->arena, ordering.nodes.count);
    for (size_t i = 0; i < ordering.nodes.count; i++) {
        if (ordering.state[i] || order_from(&ordering, i))
            continue;
        struct node *node = ordering.nodes.items[i];
        struct diag *diag =
            native_refuse(call, DIAG_NATIVE_CYCLE, value_node(call->arena, node, node->origin),
                          "`%s` comes before itself by `%s`", node->id, ordering.by);
        diag_help(diag, "take one of the references in `%s` away", ordering.by);
        return NULL;
    }
    struct list_builder list = list_begin(call->arena);
    for (size_t i = 0; i < ordering.done.count; i++) {
        struct node *node = ordering.done.items[i];
        list_add(&list, value_node(call->arena, node, node->origin));
    }
    return list_end(&list, native_origin(call));
}

/* The edges of each node: those that leave it, or those that come to it. */
static struct map *edges_by_node(struct native_call *call, bool forward)
{
    struct map *edges = map_new(call->arena);
    const struct graph *graph = call->compilation->graph;
    for (size_t i = 0; graph && i < graph->edges.count; i++) {
        struct edge *edge = graph->edges.items[i];
        const char *id = forward ? edge->from->id : edge->to->id;
        struct vec *list = map_get(edges, id);
        if (!list) {
            list = arena_alloc(call->arena, sizeof *list);
            *list = vec_in(call->arena);
            map_set(edges, id, list);
        }
        vec_push(list, edge);
    }
    return edges;
}

/* Nodes over the edges from (or to) a node, transitively unless `once`; `via` restricts the edges, NULL: all.
 */
static const struct value *walk(struct native_call *call, bool forward, bool once)
{
    struct node *start = node_argument(call, 0);
    const char *via = native_text(call, 1);
    if (!start)
        return native_misfit(call, 0, "a node");
    struct map *edges = edges_by_node(call, forward), *seen = map_new(call->arena);
    struct vec found = vec_in(call->arena), work = vec_in(call->arena);
    map_set(seen, start->id, start);
    vec_push(&work, start);
    for (size_t at = 0; at < work.count; at++) {
        const struct vec *list = map_get(edges, ((struct node *)work.items[at])->id);
        for (size_t i = 0; list && i < list->count; i++) {
            const struct edge *edge = list->items[i];
            struct node *far = forward ? edge->to : edge->from;
            if ((via && strcmp(edge->via, via)) || map_has(seen, far->id))
                continue;
            map_set(seen, far->id, far);
            vec_push(&found, far);
            if (!once)
                vec_push(&work, far);
        }
    }
    return native_node_list(call, &found);
}

const struct value *native_reachable(struct native_call *call)
{
    return walk(call, true, false);
}

const struct value *native_ancestors(struct native_call *call)
{
    return walk(call, false, false);
}

const struct value *native_users(struct native_call *call)
{
    return walk(call, false, true);
}

const struct value *native_producer(struct native_call *call)
{
    struct node *artifact = node_argument(call, 0);
    if (!artifact || !artifact->parent)
        return native_misfit(call, 0, "an output of a step");
    return value_node(call->arena, artifact->parent, artifact->parent->origin);
}

/* True if `user` has the service or monitor itself, or serves the model, in its environment. */
static bool stands_in(struct node *instance, const struct node *node)
{
    if (!instance->environment)
        return false;
    if (instance == node || instance->base == node)
        return true;
    return kind_attribute(instance->kind, "model") && node_ref(instance, "model") == node;
}

const struct value *native_environments_of(struct native_call *call)
{
    struct node *node = node_argument(call, 0);
    if (!node)
        return native_misfit(call, 0, "a node");
    struct vec found = vec_in(call->arena);
    const struct graph *graph = call->compilation->graph;
    if (node->environment)
        vec_push(&found, node->environment);
    for (size_t i = 0; graph && !node->environment && i < graph->nodes.count; i++) {
        struct node *instance = graph->nodes.items[i];
        if (stands_in(instance, node))
            vec_push(&found, instance->environment);
    }
    return native_node_list(call, &found);
}

const struct value *native_used_datasets(struct native_call *call)
{
    struct vec models = vec_in(call->arena), found = vec_in(call->arena);
    push_nodes(native_argument(call, 0), &models);
    for (size_t i = 0; i < models.count; i++) {
        const struct value *model = value_node(call->arena, models.items[i], 0);
        push_nodes(native_member(call, model, "data"), &found);
    }
    return native_node_list(call, &found);
}
