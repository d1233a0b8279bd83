/* The values of attributes, evaluated when they are first asked for, once. */

#include <string.h>
#include "compiler/node_state.h"

const char *use_path(struct evaluator *ev, const struct node *node, size_t place)
{
    struct buf text = {0};
    const struct attribute_use *uses[8];
    size_t count = 0;
    for (const struct attribute_use *use = ev->uses; use && count < 8; use = use->outer) {
        uses[count++] = use;
        if (use->node == node && use->place == place)
            break;
    }
    while (count-- > 0) {
        const struct kind_table *table = state_of(uses[count]->node)->table;
        buf_printf(&text, "%s.%s -> ", uses[count]->node->id, table->attributes[uses[count]->place]->name);
    }
    buf_printf(&text, "%s.%s", node->id, state_of(node)->table->attributes[place]->name);
    const char *path = arena_copy(ev->arena, buf_str(&text), text.length);
    buf_free(&text);
    return path;
}

static const struct value *cycle(struct evaluator *ev, struct node *node, size_t place, origin where)
{
    const char *path = use_path(ev, node, place);
    struct diag *diag = eval_report(ev, DIAG_ATTRIBUTE_CYCLE, where ? where : node->origin,
                                    "`%s` depends on itself", state_of(node)->table->attributes[place]->name);
    diag_note(diag, "%s", path);
    return NULL;
}

/* What an attribute has that nobody set: the default of the library, else null. */
static const struct value *default_value(struct evaluator *ev, struct node *node,
                                         const struct attribute *attribute)
{
    if (!attribute->default_value) {
        if (attribute->required) {
            struct diag *diag = eval_report(ev, DIAG_ATTRIBUTE_MISSING, node->origin, "`%s` needs `%s`",
                                            node->name[0] ? node->name : node->kind->name, attribute->name);
            diag_help(diag, "add `%s = …`", attribute->name);
            return NULL;
        }
        return value_null(ev->arena, node->origin);
    }
    struct scope *scope = scope_new(ev->compilation, ev->library);
    scope->self = node;
    if (node->kind->component)
        scope->node = node;
    return eval(ev, scope, attribute->default_value, attribute->type);
}

static const struct value *plain_value(struct evaluator *ev, struct node *node,
                                       const struct attribute *attribute, const struct fill *fill)
{
    if (!fill)
        return default_value(ev, node, attribute);
    struct scope *scope = fill->scope;
    return eval(ev, scope, fill->match.value, attribute->written ? attribute->written : attribute->type);
}

static const struct value *block_value(struct evaluator *ev, struct node *node, const struct fill *fill)
{
    return fill ? value_node(ev->arena, fill->child, fill->child->origin)
                : value_null(ev->arena, node->origin);
}

/* Children whose key is a quantity come in its order: rollout steps need none in the text. */
static int compare_keys(const void *a, const void *b, void *context)
{
    const char *attribute = context;
    const struct value *left = node_get((struct node *)((const struct fill *)a)->child, attribute);
    const struct value *right = node_get((struct node *)((const struct fill *)b)->child, attribute);
    return value_compare(left, right);
}

static const struct value *children_value(struct evaluator *ev, struct node *node,
                                          const struct attribute *attribute, const struct fill *fills)
{
    struct vec order = vec_in(ev->arena);
    for (const struct fill *fill = fills; fill; fill = fill->next)
        vec_push(&order, (void *)fill);
    const struct type *element = type_alternative(attribute->written, TYPE_BLOCK);
    if (element && element->of->key_attribute)
        vec_sort(&order, compare_keys, (void *)element->of->key_attribute);
    struct list_builder list = list_begin(ev->arena);
    for (size_t i = 0; i < order.count; i++) {
        struct node *child = ((const struct fill *)order.items[i])->child;
        list_add(&list, value_node(ev->arena, child, child->origin));
    }
    return list_end(&list, node->origin);
}

/* ---- statements */

struct element {
    const struct value *value;
    const char *key;
    const struct fill *fill;
};

static const struct value *extra_value(struct evaluator *ev, const struct fill *fill)
{
    origin where = eval_origin(ev, fill->scope, fill->span);
    const char *target = match_literal_name(fill->match.name);
    const struct value *body = eval_extra(ev, fill->scope, fill->match.block, true, where);
    if (!body || !target)
        return NULL;
    struct field fields[] = {{"target", where, value_string(ev->arena, target, where)},
                             {"body", where, body}};
    return value_record(ev->arena, fields, 2, where);
}

static const struct value *element_value(struct evaluator *ev, struct node *node,
                                         const struct attribute *attribute, const struct fill *fill,
                                         size_t place)
{
    if (fill->match.status == MATCH_EXTRA)
        return extra_value(ev, fill);
    if (attribute->written->kind == TYPE_PREDICATE)
        return eval_predicate(ev, fill->scope, node, attribute, fill->match.value, fill->match.clauses,
                              place);
    return eval(ev, fill->scope, fill->match.value, attribute->written);
}

static const char *element_key(struct evaluator *ev, const struct value *value)
{
    if (value->kind == VALUE_NODE && state_of(value->node)->key)
        return state_of(value->node)->key;
    struct buf text = {0};
    value_print(&text, value);
    const char *key = arena_copy(ev->arena, buf_str(&text), text.length);
    buf_free(&text);
    return key;
}

/* True if a `without head(…)` names the element: a predicate by its measure, anything else by its value. */
static bool is_removed(struct evaluator *ev, struct node *node, const struct attribute *attribute,
                       const struct element *element)
{
    bool removed = false;
    for (struct removal *removal = state_of(node)->removals; removal; removal = removal->next) {
        const struct ast_expr *call = removal->value;
        bool bare = attribute->head[0] == '\0' && (call->kind != AST_CALL || call->left->kind != AST_NAME ||
                                                   !kind_statement(node->kind, call->left->name.text));
        if (!bare && (call->kind != AST_CALL || call->left->kind != AST_NAME ||
                      strcmp(call->left->name.text, attribute->head) != 0 || !call->arguments))
            continue;
        const struct ast_expr *what = bare ? call : call->arguments->value;
        bool same;
        if (attribute->written->kind == TYPE_PREDICATE) {
            const char *source = predicate_leaf(ev, removal->scope, node, what);
            same = source && strcmp(source, state_of(element->value->node)->leaf) == 0;
        } else {
            const struct value *value = eval(ev, removal->scope, what, attribute->written);
            same = value && strcmp(element_key(ev, value), element->key) == 0;
        }
        removal->used = removal->used || same;
        removed = removed || same;
    }
    return removed;
}

static bool same_key_twice(struct evaluator *ev, const struct element *element, const struct element *first)
{
    struct diag *diag =
        eval_report(ev, DIAG_CLAUSE_DUPLICATE, eval_origin(ev, element->fill->scope, element->fill->span),
                    "two clauses say something about `%s`", element->key);
    diag_secondary(diag, first->fill->span, "the first one");
    return false;
}

/* Adds an element, or puts it in the place of the weaker one with its key. */
static bool place_element(struct evaluator *ev, struct vec *elements, struct map *keys,
                          const struct element *element)
{
    struct element *known = map_get(keys, element->key);
    if (known && known->fill->source == element->fill->source && element->fill->match.status != MATCH_EXTRA)
        return same_key_twice(ev, element, known);
    if (known) {
        *known = *element;
        return true;
    }
    struct element *copy = arena_alloc(ev->arena, sizeof *copy);
    *copy = *element;
    map_set(keys, element->key, copy);
    vec_push(elements, copy);
    return true;
}

static const struct value *statement_value(struct evaluator *ev, struct node *node,
                                           const struct attribute *attribute, const struct fill *fills)
{
    struct vec elements = vec_in(ev->arena);
    struct map *keys = map_new(ev->arena);
    bool ok = true;
    size_t place = 0;
    for (const struct fill *fill = fills; fill; fill = fill->next) {
        struct element element = {element_value(ev, node, attribute, fill, place++), NULL, fill};
        if (!element.value) {
            ok = false;
            continue;
        }
        element.key = element_key(ev, element.value);
        ok = place_element(ev, &elements, keys, &element) && ok;
    }
    struct list_builder list = list_begin(ev->arena);
    for (size_t i = 0; ok && i < elements.count; i++) {
        const struct element *element = elements.items[i];
        if (is_removed(ev, node, attribute, element))
            continue;
        list_add(&list, element->value);
        if (element->value->kind == VALUE_NODE && element->value->node->parent == node) {
            vec_push(&state_of(node)->children, element->value->node);
            node_register(ev, element->value->node);
        }
    }
    return ok ? list_end(&list, node->origin) : NULL;
}

static const struct value *derived_value(struct evaluator *ev, struct node *node,
                                         const struct attribute *attribute)
{
    if (!attribute->derive)
        return derive_attribute(ev, node, attribute);
    struct scope *scope = scope_new(ev->compilation, ev->library);
    scope->self = node;
    return eval(ev, scope, attribute->derive, attribute->type);
}

static const struct value *form_value(struct evaluator *ev, struct node *node,
                                      const struct attribute *attribute, const struct fill *fills)
{
    switch (attribute->form) {
    case ATTRIBUTE_VALUE:
        return plain_value(ev, node, attribute, fills);
    case ATTRIBUTE_BLOCK:
        return block_value(ev, node, fills);
    case ATTRIBUTE_MANY:
        return children_value(ev, node, attribute, fills);
    case ATTRIBUTE_STATEMENT:
        return statement_value(ev, node, attribute, fills);
    case ATTRIBUTE_DERIVED:
        return derived_value(ev, node, attribute);
    }
    return NULL;
}

const struct value *node_value(struct evaluator *ev, struct node *node, size_t place, origin where)
{
    node_open(ev, node);
    struct node_state *state = state_of(node);
    struct attribute_slot *slot = &state->slots[place];
    if (slot->state == SLOT_DONE)
        return slot->value;
    if (slot->state == SLOT_FAILED)
        return NULL;
    if (slot->state == SLOT_RUNNING)
        return cycle(ev, node, place, where);
    slot->state = SLOT_RUNNING;
    struct attribute_use use = {ev->uses, node, place};
    struct frame *frame = ev->frame;
    ev->uses = &use;
    ev->frame = NULL;
    const struct value *value = form_value(ev, node, state->table->attributes[place], slot->fills);
    struct node *environment = node_context(node);
    if (value && environment)
        value = value_in(ev, value, environment);
    ev->uses = use.outer;
    ev->frame = frame;
    slot->value = value;
    slot->state = value ? SLOT_DONE : SLOT_FAILED;
    return value;
}

const struct value *node_get(struct node *node, const char *attribute)
{
    struct node_state *state = state_of(node);
    size_t place = attribute_place(state, attribute);
    if (place == SIZE_MAX)
        return NULL;
    struct evaluator *ev = evaluator_of(state->compilation);
    const struct value *value = node_value(ev, node, place, node->origin);
    return value ? value : value_null(ev->arena, node->origin);
}

const char *node_text(struct node *node, const char *attribute)
{
    const struct value *value = node_get(node, attribute);
    return value ? value_string_or(value, NULL) : NULL;
}

struct node *node_ref(struct node *node, const char *attribute)
{
    const struct value *value = node_get(node, attribute);
    return value && value->kind == VALUE_NODE ? value->node : NULL;
}

size_t node_list(struct node *node, const char *attribute, const struct value *const **items)
{
    const struct value *value = node_get(node, attribute);
    bool list = value && value->kind == VALUE_LIST;
    *items = list ? value->items : NULL;
    return list ? value->count : 0;
}
