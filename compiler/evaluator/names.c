/* Bare names: words where words are expected, then what the blocks around know, then nodes of the expected
 * kind, then the roots (constants, collections, lock, targets, contexts of targets). */

#include <string.h>
#include "compiler/node_state.h"
#include "core/text.h"

static const struct value *constant_value(struct evaluator *ev, const struct constant *constant, origin where)
{
    struct lazy *lazy = map_get_n(ev->constants, (const char *)&constant, sizeof constant);
    if (!lazy) {
        lazy = arena_alloc(ev->arena, sizeof *lazy);
        *lazy = (struct lazy){.expr = constant->value, .type = constant->type, .scope = ev->library};
        map_set_n(ev->constants, (const char *)&constant, sizeof constant, lazy);
    }
    const struct value *value = lazy_value(ev, lazy, constant->name, where);
    const struct source *source = source_of(ev->compilation->sources, constant->span.source);
    bool shared = !source || source->role != SOURCE_BACKEND;
    if (!shared && lazy->state == LAZY_DONE)
        lazy->state =
            LAZY_OPEN; /* it may use `target`, and its literals belong to whom the document is for */
    return value;
}

/* All project-wide nodes of the kind with that plural, in order of id. */
const struct value *root_collection(struct evaluator *ev, const char *plural, origin where, bool *found)
{
    const struct value *known = map_get(ev->collections, plural);
    *found = known != NULL;
    if (known)
        return known;
    const struct kind *kind = kind_of_plural(&ev->compilation->declarations, plural);
    if (!kind || kind->parent_count)
        return NULL;
    *found = true;
    if (ev->building) {
        struct diag *diag =
            eval_report(ev, DIAG_EXPANSION_EARLY, where,
                        "`%s` is not known while a loop decides which blocks there are", plural);
        diag_help(diag, "loop over a list that is written down");
        return NULL;
    }
    struct vec nodes = vec_in(ev->arena);
    graph_collection(ev->compilation->graph, kind->name, NULL, &nodes);
    struct list_builder list = list_begin(ev->arena);
    for (size_t i = 0; i < nodes.count; i++) {
        struct node *node = nodes.items[i];
        list_add(&list, value_node(ev->arena, node, node->origin));
    }
    const struct value *value = list_end(&list, 0);
    map_set(ev->collections, plural, (void *)value);
    return value;
}

static const struct value *targets(struct evaluator *ev)
{
    struct record_builder record = record_begin(ev->arena);
    struct vec *nodes = &ev->compilation->graph->nodes;
    for (size_t i = 0; i < nodes->count; i++) {
        struct node *node = nodes->items[i];
        if (!node->parent && text_starts_with(node->kind->name, "target."))
            record_set(&record, node->kind->name + strlen("target."),
                       value_node(ev->arena, node, node->origin));
    }
    return record_end(&record, 0);
}

const char *context_dialect(const struct type *context)
{
    return context->name && strcmp(context->name, "terraform") != 0 ? context->name : "hcl";
}

/* A context of a target: the root of an expression. Terraform's trees are HCL's. */
static const struct value *context_root(struct evaluator *ev, const char *name, struct span from,
                                        origin where)
{
    const struct type *type = context_find(ev->compilation, name, from);
    if (!type)
        return NULL;
    return value_expression(ev->arena, expr_name(ev->arena, context_dialect(type), name, where), where);
}

static const struct value *root_value(struct evaluator *ev, const char *name, struct span from, origin where,
                                      bool *found)
{
    *found = true;
    const struct compilation *compilation = ev->compilation;
    const struct constant *constant = constant_find(compilation, name, from);
    if (constant)
        return constant_value(ev, constant, where);
    struct graph *graph = compilation->graph;
    if (strcmp(name, "project") == 0 && graph && graph->project)
        return value_node(ev->arena, graph->project, graph->project->origin);
    if (strcmp(name, "target") == 0 && ev->target)
        return ev->target;
    if (strcmp(name, "targets") == 0 && graph)
        return targets(ev);
    if (strcmp(name, "lock") == 0)
        return compilation->lock;
    if (strcmp(name, "release") == 0 && compilation->release)
        return compilation->release;
    const struct value *context = context_root(ev, name, from, where);
    if (context)
        return context;
    return graph ? root_collection(ev, name, where, found) : (*found = false, NULL);
}

static struct node *nested_node(struct evaluator *ev, struct scope *scope, const struct kind *kind,
                                const char *name)
{
    for (; scope; scope = scope->outer) {
        if (!scope->node)
            continue;
        struct node_state *state = state_of(scope->node);
        node_open(ev, scope->node);
        for (size_t i = 0; i < state->children.count; i++) {
            struct node *child = state->children.items[i];
            if (child->kind == kind && strcmp(child->name, name) == 0)
                return child;
        }
    }
    struct node *only = NULL;
    struct vec *nodes = &ev->compilation->graph->nodes;
    for (size_t i = 0; i < nodes->count; i++) {
        struct node *node = nodes->items[i];
        if (node->kind != kind || node->environment || strcmp(node->name, name) != 0)
            continue;
        if (only)
            return NULL;
        only = node;
    }
    return only;
}

struct node *find_node(struct evaluator *ev, struct scope *scope, const struct kind *kind, const char *name)
{
    for (struct scope *at = scope; at; at = at->outer) {
        struct node *part = at->parts ? map_get(at->parts, name) : NULL;
        if (part && part->kind == kind)
            return part;
    }
    if (kind->parent_count)
        return nested_node(ev, scope, kind, name);
    return graph_find(ev->compilation->graph, arena_printf(ev->arena, "%s/%s", kind->name, name));
}

static bool is_node_of(const struct value *value, const struct kind *kind)
{
    return value->kind == VALUE_NODE && (!kind || value->node->kind == kind);
}

/* True when the attribute `name` of a block around could give what `want` asks: a reference is not looked for
 * in attributes of other types. */
static bool may_hold(const struct scope *scope, const char *name, const struct kind *kind)
{
    const struct attribute *attribute = kind_attribute(scope->node->kind, name);
    if (!attribute)
        return true;
    const struct type *reference = type_alternative(attribute->type, TYPE_REFERENCE);
    const struct type *block = type_alternative(attribute->type, TYPE_BLOCK);
    return (reference && reference->of == kind) || (block && block->of == kind);
}

static const struct value *lookup_reference(struct evaluator *ev, struct scope *scope, const char *name,
                                            const struct kind *kind, origin where, bool *found)
{
    for (struct scope *at = scope; at; at = at->outer) {
        if (at->node && !at->node->kind->component && !may_hold(at, name, kind))
            continue;
        struct scope alone = *at;
        alone.outer = NULL;
        const struct value *value = scope_lookup(ev, &alone, name, where, found);
        if (!*found)
            continue;
        if (!value || value->kind == VALUE_NULL || is_node_of(value, kind))
            return value;
    }
    struct node *node = find_node(ev, scope, kind, name);
    *found = node != NULL;
    return node ? value_node(ev->arena, node, where) : NULL;
}

static const struct value *unknown_reference(struct evaluator *ev, const char *name, const struct kind *kind,
                                             origin where)
{
    struct diag *diag =
        eval_report(ev, DIAG_REFERENCE_UNKNOWN, where, "there is no %s `%s`", kind->name, name);
    struct map *names = map_new(ev->arena);
    struct vec *nodes = &ev->compilation->graph->nodes;
    for (size_t i = 0; i < nodes->count; i++) {
        struct node *node = nodes->items[i];
        if (node->kind == kind && !node->environment)
            map_set(names, node->name, node);
    }
    const char *nearest = map_nearest(names, name);
    if (nearest) {
        struct node *node = map_get(names, nearest);
        diag_help(diag, "there is a %s with a similar name: `%s`", kind->name, nearest);
        diag_secondary(diag, origin_span(ev->compilation->origins, node->origin), "declared here");
    } else if (map_count(names) == 0) {
        diag_help(diag, "declare it: `%s %s { … }`", kind->head ? kind->head : kind->name, name);
    }
    return NULL;
}

/* A node that alone has the name among all kinds: `flowers.path` where no kind is expected. */
static const struct value *only_node(struct evaluator *ev, const char *name, origin where)
{
    struct node *only = NULL;
    if (!ev->compilation->graph)
        return NULL;
    struct vec *nodes = &ev->compilation->graph->nodes;
    for (size_t i = 0; i < nodes->count; i++) {
        struct node *node = nodes->items[i];
        if (node->parent || node->environment || strcmp(node->name, name) != 0)
            continue;
        if (only)
            return NULL;
        only = node;
    }
    return only ? value_node(ev->arena, only, where) : NULL;
}

static const struct value *unknown_name(struct evaluator *ev, const char *name, origin where)
{
    struct diag *diag = eval_report(ev, DIAG_EVAL_NAME, where, "unknown name `%s`", name);
    const char *minus = strchr(name, '-');
    if (minus)
        diag_help(diag, "a subtraction has blanks around its minus: `%.*s - %s`", (int)(minus - name), name,
                  minus + 1);
    return NULL;
}

static const struct value *eval_symbol(struct evaluator *ev, struct scope *scope, const char *name,
                                       origin where)
{
    bool found = false;
    const struct value *value = scope_variable(ev, scope, name, &found);
    return found ? value : value_word(ev->arena, name, where);
}

const struct value *eval_name(struct evaluator *ev, struct scope *scope, const struct ast_expr *expr,
                              const struct type *want)
{
    const char *name = expr->name.text;
    origin where = eval_origin(ev, scope, expr->span);
    const struct type_case *word = type_word(want, name);
    if (word)
        return eval_word(ev, word, where);
    bool found = false;
    const struct type *reference = type_alternative(want, TYPE_REFERENCE);
    const struct value *value = NULL;
    if (reference)
        value = lookup_reference(ev, scope, name, reference->of, where, &found);
    if (!found && type_alternative(want, TYPE_SYMBOL))
        return eval_symbol(ev, scope, name, where);
    if (!found)
        value = scope_lookup(ev, scope, name, where, &found);
    if (!found)
        value = root_value(ev, name, expr->span, where, &found);
    if (found)
        return value;
    if (reference)
        return unknown_reference(ev, name, reference->of, where);
    value = only_node(ev, name, where);
    return value ? value : unknown_name(ev, name, where);
}
