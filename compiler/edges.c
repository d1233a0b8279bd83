/* Edges: which node needs which, and why. Read off the values of attributes once all are known. */

#include <string.h>
#include "compiler/node_state.h"
#include "compiler/passes.h"

struct finder {
    struct evaluator *ev;
    struct node *from;
    const char *via;
    enum edge_role role;
    struct map *seen; /* "to via" of the node's edges */
};

static bool is_inside(const struct node *node, const struct node *other)
{
    for (; node; node = node->parent)
        if (node == other)
            return true;
    return false;
}

static void add_edge(struct finder *finder, struct node *to, enum edge_role role, const char *via,
                     origin where)
{
    const char *key = arena_printf(finder->ev->arena, "%s %s", to->id, via);
    if (map_has(finder->seen, key))
        return;
    map_set(finder->seen, key, to);
    struct edge *edge = arena_alloc(finder->ev->arena, sizeof *edge);
    *edge = (struct edge){finder->from, to, role, via, where};
    vec_push(&finder->ev->compilation->graph->edges, edge);
}

static void find_slot(struct finder *finder, const struct expr *expr)
{
    struct slot slot;
    if (!slot_resolve(finder->from, expr, &slot) || is_inside(finder->from, slot.node))
        return;
    const char *via =
        slot.name ? arena_printf(finder->ev->arena, "%s.%s", expr->args[0]->name, slot.name) : slot.root;
    add_edge(finder, slot.node, EDGE_SLOT, via, expr->origin);
}

static void find_in(struct finder *finder, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NODE:
        if (!is_inside(finder->from, value->node) && !is_inside(value->node, finder->from))
            add_edge(finder, value->node, finder->role, finder->via, value->origin);
        break;
    case VALUE_LIST:
    case VALUE_TEXT:
        for (size_t i = 0; i < value->count; i++)
            find_in(finder, value->items[i]);
        break;
    case VALUE_RECORD:
    case VALUE_VARIANT:
        for (size_t i = 0; i < value->field_count; i++)
            find_in(finder, value->fields[i].value);
        break;
    case VALUE_EXPRESSION:
        if (strcmp(value->expr->dialect, "slot") == 0)
            find_slot(finder, value->expr);
        break;
    default:
        break;
    }
}

static void find_edges(struct evaluator *ev, struct node *node)
{
    struct finder finder = {.ev = ev, .from = node, .seen = map_new(ev->arena)};
    const struct node_state *state = state_of(node);
    for (size_t i = 0; i < state->table->count; i++) {
        const struct attribute *attribute = state->table->attributes[i];
        if (attribute->form == ATTRIBUTE_DERIVED || state->slots[i].state != SLOT_DONE)
            continue;
        finder.via = attribute->name;
        finder.role = strcmp(attribute->name, "after") == 0 ? EDGE_ORDER : EDGE_REFERENCE;
        find_in(&finder, state->slots[i].value);
    }
}

static int compare_edges(const void *a, const void *b, void *context)
{
    (void)context;
    const struct edge *x = a, *y = b;
    int order = strcmp(x->from->id, y->from->id);
    if (order == 0)
        order = strcmp(x->to->id, y->to->id);
    return order ? order : strcmp(x->via, y->via);
}

void graph_connect(struct evaluator *ev)
{
    struct graph *graph = ev->compilation->graph;
    for (size_t i = 0; i < graph->nodes.count; i++)
        find_edges(ev, graph->nodes.items[i]);
    vec_sort(&graph->edges, compare_edges, NULL);
}

/* ---- the pass */

/* The names of what stands inside, the first few: what `without` could have meant. */
static void note_clauses(struct evaluator *ev, struct diag *diag, const struct node *node)
{
    enum { SHOWN = 8 };
    const struct vec *nodes = &ev->compilation->graph->nodes;
    struct buf names = {0};
    size_t count = 0;
    for (size_t i = 0; i < nodes->count; i++) {
        const struct node *part = nodes->items[i];
        if (part->parent != node || !part->name[0] || count++ >= SHOWN)
            continue;
        buf_printf(&names, "%s`%s`", count > 1 ? ", " : "", part->name);
    }
    if (count > 0)
        diag_note(diag, "it has %s%s", buf_str(&names), count > SHOWN ? " and others" : "");
    buf_free(&names);
}

static void report_removals(struct evaluator *ev, const struct node *node)
{
    for (const struct removal *removal = state_of(node)->removals; removal; removal = removal->next) {
        if (removal->used)
            continue;
        struct diag *diag =
            eval_report(ev, DIAG_OVERLAY_NOTHING, eval_origin(ev, removal->scope, removal->span),
                        "`without` removes nothing: `%s` has no such clause",
                        node->name[0] ? node->name : node->kind->name);
        diag_label(diag, "nothing like this to remove");
        note_clauses(ev, diag, node);
    }
}

static void evaluate_node(struct evaluator *ev, struct node *node)
{
    const struct node_state *state = state_of(node);
    bool ok = true;
    for (size_t i = 0; i < state->table->count && !ev->stopped; i++)
        ok = node_value(ev, node, i, node->origin) && ok;
    if (ok)
        report_removals(ev, node);
    if (ok && strcmp(node->kind->name, "step") == 0) {
        const struct value *outputs = node_get(node, "outputs");
        for (size_t i = 0; outputs && outputs->kind == VALUE_RECORD && i < outputs->field_count; i++)
            step_output(ev, node, outputs->fields[i].key);
    }
}

void pass_evaluate(struct compilation *compilation)
{
    struct evaluator *ev = evaluator_of(compilation);
    struct graph *graph = compilation->graph;
    /* Predicates and outputs are added on the way: a set of nodes that the loop takes in too. */
    for (size_t i = 0; i < graph->nodes.count && !ev->stopped; i++)
        evaluate_node(ev, graph->nodes.items[i]);
    graph_index(graph);
    if (diag_error_count(compilation->diags) == 0)
        graph_connect(ev);
}
