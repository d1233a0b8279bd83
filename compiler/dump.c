#include "compiler/dump.h"

#include <string.h>

#include "compiler/graph.h"

static void dump_parameters(struct buf *out, const struct parameter *parameters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%s: ", i > 0 ? ", " : "", parameters[i].name);
        type_print(out, parameters[i].type);
    }
}

static const char *form_name(enum attribute_form form)
{
    switch (form) {
    case ATTRIBUTE_VALUE:
        return "";
    case ATTRIBUTE_BLOCK:
        return " block";
    case ATTRIBUTE_MANY:
        return " many";
    case ATTRIBUTE_STATEMENT:
        return " statement";
    case ATTRIBUTE_DERIVED:
        return " derived";
    }
    return "";
}

static void dump_kind(struct buf *out, const struct kind *kind)
{
    buf_printf(out, "%s %s", kind->component ? "component" : "kind", kind->name);
    for (size_t i = 0; i < kind->parent_count; i++)
        buf_printf(out, "%s %s", i == 0 ? " in" : ",", kind->parents[i]->name);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < kind->attribute_count; i++) {
        const struct attribute *attribute = &kind->attributes[i];
        buf_printf(out, "  %s: ", attribute->name);
        type_print(out, attribute->type);
        buf_add_str(out, form_name(attribute->form));
        buf_add_str(out, attribute->required ? " required\n" : "\n");
    }
}

static void dump_measure(struct buf *out, const struct measure *measure)
{
    buf_printf(out, "measure %s(", measure->name);
    dump_parameters(out, measure->parameters, measure->parameter_count);
    buf_add_str(out, "): ");
    type_print(out, measure->result);
    buf_add_char(out, '\n');
}

static void dump_function(struct buf *out, const struct function *function)
{
    buf_printf(out, "fn %s(", function->name);
    dump_parameters(out, function->parameters, function->parameter_count);
    buf_add_str(out, "): ");
    type_print(out, function->result);
    buf_add_char(out, '\n');
}

void dump_declarations(struct compilation *compilation, struct buf *out)
{
    const struct declarations *declarations = &compilation->declarations;
    for (size_t i = 0; i < map_count(declarations->kinds); i++) {
        const struct kind *kind = map_at(declarations->kinds, i)->value;
        if (map_get(declarations->kinds, kind->name) == kind &&
            strcmp(map_at(declarations->kinds, i)->key, kind->name) == 0)
            dump_kind(out, kind);
    }
    for (size_t i = 0; i < map_count(declarations->measures); i++)
        dump_measure(out, map_at(declarations->measures, i)->value);
    for (size_t i = 0; i < map_count(declarations->functions); i++)
        dump_function(out, map_at(declarations->functions, i)->value);
}

void dump_graph(struct compilation *compilation, struct buf *out)
{
    if (compilation->graph == NULL)
        return;
    const struct vec *nodes = &compilation->graph->nodes;
    for (size_t n = 0; n < nodes->count; n++) {
        struct node *node = nodes->items[n];
        buf_printf(out, "%s\n", node->id);
        for (size_t i = 0; i < node->kind->attribute_count; i++) {
            const char *name = node->kind->attributes[i].name;
            const struct value *value = node_get(node, name);
            if (value == NULL || value->kind == VALUE_NULL)
                continue;
            buf_printf(out, "  %s = ", name);
            value_print(out, value);
            buf_add_char(out, '\n');
        }
    }
}
