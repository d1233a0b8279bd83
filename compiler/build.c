/* The pass `build`: nodes from the project's blocks, loops and conditions around them expanded, components
 * turned into their parts, and an instance for each environment. */

#include <string.h>
#include "compiler/node_state.h"
#include "compiler/passes.h"
#include "core/text.h"

struct builder_turn {
    struct node *owner;
    const struct ast_block *block;
};

static bool builder_turn(struct evaluator *ev, struct scope *scope, void *context)
{
    struct builder_turn *turn = context;
    return build_items(ev, scope, turn->owner, turn->block->items);
}

static bool build_if(struct evaluator *ev, struct scope *scope, struct node *owner,
                     const struct ast_item *item)
{
    for (; item; item = item->other) {
        int condition = item->kind == AST_ELSE ? 1 : eval_condition(ev, scope, item->value);
        if (condition < 0)
            return false;
        if (condition)
            return build_items(ev, scope_new(ev->compilation, scope), owner, item->block->items);
    }
    return true;
}

/* A part is named after the instance: `model { … }` is the instance's name, `service api` is NAME-api. */
static const char *node_name(struct evaluator *ev, struct scope *scope, const struct node *owner,
                             const struct match *match)
{
    const char *name = name_of_match(ev, scope, match);
    if (!name)
        return NULL;
    if (text_starts_with(match->kind->name, "target."))
        return match->kind->name + strlen("target.");
    if (!owner)
        return name;
    return name[0] ? arena_printf(ev->arena, "%s-%s", owner->name, name) : owner->name;
}

static bool contains_itself(struct evaluator *ev, const struct node *owner, const struct match *match,
                            origin where)
{
    for (const struct node *at = owner; at; at = state_of(at)->owner) {
        if (at->kind != match->kind)
            continue;
        struct diag *diag = eval_report(ev, DIAG_COMPONENT_RECURSION, where,
                                        "the component `%s` contains itself", at->kind->name);
        diag_secondary(diag, at->kind->span, "declared here");
        return true;
    }
    return false;
}

static bool build_node(struct evaluator *ev, struct scope *scope, struct node *owner,
                       const struct match *match, const struct ast_item *item)
{
    const char *name = node_name(ev, scope, owner, match);
    if (!name)
        return false;
    origin where = eval_origin(ev, scope, match->name ? match->name->span : match->head_span);
    if (contains_itself(ev, owner, match, where))
        return false;
    const char *kind = match->kind->name;
    bool target = text_starts_with(kind, "target.");
    const char *path = target    ? arena_printf(ev->arena, "target/%s", name)
                       : name[0] ? arena_printf(ev->arena, "%s/%s", kind, name)
                                 : kind;
    struct node *node = node_make(ev, match->kind, name, path, NULL, NULL, where);
    node->doc = item->doc;
    state_of(node)->owner = owner;
    node_add_source(ev, node, LEVEL_OWN, match, match->block, scope);
    if (!node_register(ev, node))
        return false;
    if (owner)
        map_set(state_of(owner)->parts, match->name ? name_of_match(ev, scope, match) : match->head, node);
    if (match->kind->component)
        vec_push(&ev->components, node);
    return true;
}

static bool build_item(struct evaluator *ev, struct scope *scope, struct node *owner,
                       const struct ast_item *item)
{
    const struct declarations *declarations = &ev->compilation->declarations;
    struct match match = match_item(declarations, owner ? owner->kind : NULL, item);
    struct builder_turn context = {owner, item->block};
    struct turn turn = {builder_turn, &context};
    switch (match.status) {
    case MATCH_NODE:
        return build_node(ev, scope, owner, &match, item);
    case MATCH_FOR:
        return eval_binders(ev, scope, item->binders, item->where, turn);
    case MATCH_IF:
        return build_if(ev, scope, owner, item);
    case MATCH_LET: {
        const char *name = match_literal_name(match.name);
        if (name && match.value)
            scope_bind_lazy(scope, name, match.value, NULL);
        return true;
    }
    default:
        return true;
    }
}

bool build_items(struct evaluator *ev, struct scope *scope, struct node *owner, const struct ast_item *item)
{
    bool ok = true;
    for (; item && !ev->stopped; item = item->next)
        ok = build_item(ev, scope, owner, item) && ok;
    return ok;
}

/* What the instance's block says about its parts. */
static void overlay_parts(struct evaluator *ev, struct node *instance)
{
    struct node_state *state = state_of(instance);
    for (struct overlay *overlay = state->overlays; overlay; overlay = overlay->next) {
        const char *inner = overlay->name[0] ? overlay->name : overlay->match.head;
        struct node *part = map_get(state->parts, inner);
        if (part && part->kind == overlay->match.kind) {
            node_add_source(ev, part, LEVEL_OVERLAY, &overlay->match, overlay->match.block, overlay->scope);
            continue;
        }
        struct diag *diag =
            eval_report(ev, DIAG_OVERLAY_NOTHING, eval_origin(ev, overlay->scope, overlay->match.head_span),
                        "the overlay changes nothing: `%s` has no %s `%s`", instance->kind->name,
                        overlay->match.head, inner);
        const char *nearest = map_nearest(state->parts, inner);
        if (nearest)
            diag_help(diag, "its parts are called by their inner names; there is `%s`", nearest);
        diag_secondary(diag, instance->kind->span, "declared here");
    }
}

static void expand_component(struct evaluator *ev, struct node *instance)
{
    struct node_state *state = state_of(instance);
    state->parts = map_new(ev->arena);
    node_open(ev, instance);
    if (!instance->kind->body)
        return;
    struct scope *scope = scope_of_node(ev, ev->library, instance);
    scope->parent = instance->origin;
    scope->parts = state->parts;
    build_items(ev, scope, instance, instance->kind->body->items);
    overlay_parts(ev, instance);
}

static struct graph *new_graph(struct compilation *compilation)
{
    struct graph *graph = arena_alloc(compilation->arena, sizeof *graph);
    graph->nodes = vec_in(compilation->arena);
    graph->edges = vec_in(compilation->arena);
    graph->by_id = map_new(compilation->arena);
    graph->collections = map_new(compilation->arena);
    graph->compilation = compilation;
    return graph;
}

static void check_project(struct evaluator *ev)
{
    const struct graph *graph = ev->compilation->graph;
    struct vec projects = vec_in(ev->arena);
    size_t count = graph_collection(graph, "project", NULL, &projects);
    if (count == 0 && graph->nodes.count > 0) {
        const struct node *first = graph->nodes.items[0];
        struct diag *diag =
            eval_report(ev, DIAG_ONE_PROJECT, first->origin, "the spec has no `project` block");
        diag_help(diag, "add `project NAME { owner = \"…\" }`");
    } else if (count > 1) {
        const struct node *first = projects.items[0], *second = projects.items[1];
        struct diag *diag =
            eval_report(ev, DIAG_ONE_PROJECT, second->origin, "the spec has %zu projects", count);
        diag_secondary(diag, origin_span(ev->compilation->origins, first->origin), "the first one");
    }
}

void pass_build(struct compilation *compilation)
{
    struct evaluator *ev = evaluator_of(compilation);
    compilation->graph = new_graph(compilation);
    ev->building = true;
    struct scope *file = scope_new(compilation, ev->library);
    const struct vec *items = &compilation->declarations.items;
    for (size_t i = 0; i < items->count && !ev->stopped; i++)
        build_item(ev, file, NULL, items->items[i]);
    for (size_t i = 0; i < ev->components.count && !ev->stopped; i++)
        expand_component(ev, ev->components.items[i]);
    ev->building = false;
    graph_index(compilation->graph);
    if (diag_error_count(compilation->diags) == 0)
        check_project(ev);
    if (diag_error_count(compilation->diags) == 0)
        make_instances(ev);
    for (size_t i = 0; i < compilation->graph->nodes.count && !ev->stopped; i++)
        node_open(ev, compilation->graph->nodes.items[i]);
    graph_index(compilation->graph);
}
