/* `a.b` of every kind of value. */

#include <string.h>
#include "compiler/node_state.h"

static const struct value *node_special(struct evaluator *ev, struct node *node, const char *name,
                                        origin where)
{
    if (strcmp(name, "name") == 0)
        return value_string(ev->arena, node->name, node->origin);
    if (strcmp(name, "id") == 0)
        return value_string(ev->arena, node->id, node->origin);
    if (strcmp(name, "kind") == 0)
        return value_string(ev->arena, node->kind->name, node->origin);
    if (strcmp(name, "doc") == 0)
        return node->doc ? value_string(ev->arena, node->doc, node->origin) : value_null(ev->arena, where);
    struct node *other = strcmp(name, "parent") == 0        ? node->parent
                         : strcmp(name, "environment") == 0 ? node->environment
                                                            : NULL;
    if (other)
        return value_node(ev->arena, other, where);
    if (strcmp(name, "parent") == 0 || strcmp(name, "environment") == 0)
        return value_null(ev->arena, where);
    return NULL;
}

/* `s.slo.p99_latency`: the bound of the predicate about that measure, null when there is none. */
static const struct value *predicate_bound(struct evaluator *ev, struct node *node, const char *name,
                                           origin where)
{
    if (!map_has(ev->compilation->declarations.measures, name))
        return NULL;
    bool statements = false;
    for (size_t i = 0; i < node->kind->attribute_count; i++) {
        const struct attribute *attribute = &node->kind->attributes[i];
        if (attribute->form != ATTRIBUTE_STATEMENT || attribute->written->kind != TYPE_PREDICATE)
            continue;
        statements = true;
        const struct value *list = node_get(node, attribute->name);
        for (size_t j = 0; list->kind == VALUE_LIST && j < list->count; j++) {
            struct node *predicate = list->items[j]->node;
            const char *measure = node_text(predicate, "measure");
            if (measure && strcmp(measure, name) == 0)
                return node_get(predicate, "bound");
        }
    }
    return statements ? value_null(ev->arena, where) : NULL;
}

static const struct value *node_field(struct evaluator *ev, struct node *node, const char *name, origin where)
{
    struct node_state *state = state_of(node);
    size_t place = attribute_place(state, name);
    if (place != SIZE_MAX)
        return node_value(ev, node, place, where);
    const struct value *value = node_special(ev, node, name, where);
    if (!value)
        value = predicate_bound(ev, node, name, where);
    if (value)
        return value;
    node_open(ev, node);
    for (size_t i = 0; i < state->children.count; i++) {
        struct node *child = state->children.items[i];
        if (child->kind->named && strcmp(child->name, name) == 0)
            return value_node(ev->arena, child, where);
    }
    struct diag *diag =
        eval_report(ev, DIAG_EVAL_FIELD, where, "`%s` has no attribute `%s`", node->kind->name, name);
    const char *nearest = map_nearest(state->table->index, name);
    if (nearest)
        diag_help(diag, "there is an attribute with a similar name: `%s`", nearest);
    return NULL;
}

static const struct value *field_of_record(struct evaluator *ev, const struct value *left, const char *name,
                                           bool optional, origin where)
{
    const struct value *value = value_get(left, name);
    if (value)
        return value;
    if (left->kind == VALUE_VARIANT && strcmp(name, "kind") == 0)
        return value_string(ev->arena, left->name, left->origin);
    if (optional)
        return value_null(ev->arena, where);
    struct diag *diag = eval_report(ev, DIAG_EVAL_FIELD, where, "there is no field `%s`", name);
    struct map *names = map_new(ev->arena);
    for (size_t i = 0; i < left->field_count; i++)
        map_set(names, left->fields[i].key, NULL);
    const char *nearest = map_nearest(names, name);
    if (nearest)
        diag_help(diag, "there is a field with a similar name: `%s`", nearest);
    return NULL;
}

static const struct value *field_of_range(struct evaluator *ev, const struct value *range, const char *name,
                                          origin where)
{
    const struct value *end = strcmp(name, "min") == 0   ? range->low
                              : strcmp(name, "max") == 0 ? range->high
                                                         : NULL;
    if (!end)
        eval_report(ev, DIAG_EVAL_FIELD, where, "a range has `min` and `max`, no field `%s`", name);
    return end;
}

const struct value *eval_field(struct evaluator *ev, const struct value *left, const char *name,
                               bool optional, origin where)
{
    struct diag *diag;
    switch (left->kind) {
    case VALUE_NODE:
        return node_field(ev, left->node, name, where);
    case VALUE_RECORD:
    case VALUE_VARIANT:
        return field_of_record(ev, left, name, optional, where);
    case VALUE_EXPRESSION:
        return lift_make(ev, EXPR_FIELD, name, &left, NULL, 1, where);
    case VALUE_RANGE:
        return field_of_range(ev, left, name, where);
    case VALUE_NULL:
        if (optional)
            return left;
        diag = eval_report(ev, DIAG_EVAL_ABSENT, where, "`.%s` of a value that is absent here", name);
        diag_help(diag, "read it with `?.%s`, or ask for null first", name);
        return NULL;
    case VALUE_WORD:
        if (strcmp(name, "kind") == 0)
            return value_string(ev->arena, left->text, left->origin);
        break;
    default:
        break;
    }
    eval_report(ev, DIAG_EVAL_FIELD, where, "%s has no field `%s`", value_kind_name(left), name);
    return NULL;
}
