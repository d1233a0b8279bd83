/* Scopes: chains of variables and blocks, looked up outward. */

#include "compiler/node_state.h"

#include <string.h>

struct scope *scope_new(struct compilation *compilation, struct scope *outer)
{
    struct scope *scope = arena_alloc(compilation->arena, sizeof *scope);
    scope->compilation = compilation;
    scope->outer = outer;
    if (outer) {
        scope->parent = outer->parent;
        scope->self = outer->self;
    }
    return scope;
}

void scope_bind(struct scope *scope, const char *name, const struct value *value)
{
    struct binding *binding = arena_alloc(scope->compilation->arena, sizeof *binding);
    *binding = (struct binding){.next = scope->bindings, .name = name, .value = value};
    scope->bindings = binding;
}

void scope_bind_lazy(struct scope *scope, const char *name, const struct ast_expr *expr,
                     const struct type *type)
{
    struct arena *arena = scope->compilation->arena;
    struct binding *binding = arena_alloc(arena, sizeof *binding);
    struct lazy *lazy = arena_alloc(arena, sizeof *lazy);
    *lazy = (struct lazy){.expr = expr, .type = type, .scope = scope};
    *binding = (struct binding){.next = scope->bindings, .name = name, .lazy = lazy};
    scope->bindings = binding;
}

struct scope *scope_of_node(struct evaluator *ev, struct scope *outer, struct node *node)
{
    struct scope *scope = scope_new(ev->compilation, outer);
    scope->node = node;
    return scope;
}

const struct value *lazy_value(struct evaluator *ev, struct lazy *lazy, const char *name, origin where)
{
    if (lazy->state == LAZY_OPEN) {
        lazy->state = LAZY_RUNNING;
        lazy->value = eval(ev, lazy->scope, lazy->expr, lazy->type);
        lazy->state = lazy->value ? LAZY_DONE : LAZY_FAILED;
    } else if (lazy->state == LAZY_RUNNING) {
        eval_report(ev, DIAG_ATTRIBUTE_CYCLE, where, "`%s` is defined by itself", name);
        lazy->state = LAZY_FAILED;
    }
    return lazy->value;
}

static const struct binding *binding_of(const struct scope *scope, const char *name)
{
    for (const struct binding *binding = scope->bindings; binding; binding = binding->next)
        if (strcmp(binding->name, name) == 0)
            return binding;
    return NULL;
}

static const struct value *binding_value(struct evaluator *ev, const struct binding *binding, origin where)
{
    return binding->lazy ? lazy_value(ev, binding->lazy, binding->name, where) : binding->value;
}

/* True while the attribute at `place` of `node` is what is being evaluated: it never sees itself. */
static bool is_itself(const struct evaluator *ev, const struct node *node, size_t place)
{
    return ev->uses && ev->uses->node == node && ev->uses->place == place;
}

const struct value *scope_variable(struct evaluator *ev, struct scope *scope, const char *name, bool *found)
{
    *found = true;
    for (; scope; scope = scope->outer) {
        const struct binding *binding = binding_of(scope, name);
        if (binding)
            return binding_value(ev, binding, 0);
        if (!scope->node || !scope->node->kind->component)
            continue;
        size_t place = attribute_place(state_of(scope->node), name);
        if (place != SIZE_MAX && place < scope->node->kind->attribute_count &&
            !is_itself(ev, scope->node, place))
            return node_value(ev, scope->node, place, 0);
    }
    *found = false;
    return NULL;
}

/* A named block inside `node`: `train` for the step of that name. */
static const struct value *inner_block(struct evaluator *ev, struct node *node, const char *name,
                                       origin where)
{
    struct node_state *state = state_of(node);
    node_open(ev, node);
    for (size_t i = 0; i < state->children.count; i++) {
        struct node *child = state->children.items[i];
        if (child->kind->named && strcmp(child->name, name) == 0)
            return value_node(ev->arena, child, where);
    }
    return NULL;
}

static const struct value *block_lookup(struct evaluator *ev, struct scope *scope, const char *name,
                                        origin where, bool *found)
{
    struct node *node = scope->node;
    size_t place = attribute_place(state_of(node), name);
    if (place != SIZE_MAX && !is_itself(ev, node, place))
        return node_value(ev, node, place, where);
    const struct value *inner = inner_block(ev, node, name, where);
    *found = inner != NULL;
    return inner;
}

const struct value *scope_lookup(struct evaluator *ev, struct scope *scope, const char *name, origin where,
                                 bool *found)
{
    for (; scope; scope = scope->outer) {
        *found = true;
        const struct binding *binding = binding_of(scope, name);
        if (binding)
            return binding_value(ev, binding, where);
        if (scope->self && strcmp(name, "self") == 0)
            return value_node(ev->arena, scope->self, where);
        if (scope->node) {
            const struct value *value = block_lookup(ev, scope, name, where, found);
            if (*found)
                return value;
        }
        if (scope->parts && map_has(scope->parts, name))
            return value_node(ev->arena, map_get(scope->parts, name), where);
    }
    *found = false;
    return NULL;
}
