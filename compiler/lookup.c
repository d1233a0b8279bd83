/* Finds declarations by name. */

#include <string.h>
#include "compiler/compilation.h"
#include "compiler/declare.h"

const struct kind *kind_of_plural(const struct declarations *declarations, const char *plural)
{
    return map_get(declarations->plurals, plural);
}

const struct attribute *kind_attribute(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->attribute_count; i++)
        if (strcmp(kind->attributes[i].name, name) == 0)
            return &kind->attributes[i];
    return NULL;
}

const struct kind_method *kind_method(const struct kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->method_count; i++)
        if (strcmp(kind->methods[i].name, name) == 0)
            return &kind->methods[i];
    return NULL;
}

const struct attribute *kind_statement(const struct kind *kind, const char *head)
{
    for (size_t i = 0; i < kind->attribute_count; i++) {
        const struct attribute *attribute = &kind->attributes[i];
        bool by_head = attribute->form == ATTRIBUTE_STATEMENT || attribute->form == ATTRIBUTE_MANY;
        if (by_head && attribute->head != NULL && strcmp(attribute->head, head) == 0)
            return attribute;
    }
    return NULL;
}

static const struct kind *kind_of_attribute(const struct attribute *attribute)
{
    const struct type *type = attribute->written;
    if (type != NULL && type->kind == TYPE_OPTIONAL)
        type = type->element;
    return type != NULL && type->kind == TYPE_BLOCK ? type->of : NULL;
}

const struct kind *kind_of_head(const struct declarations *declarations, const struct kind *parent, const char *head)
{
    if (parent == NULL) {
        const struct kind *kind = map_get(declarations->kinds, head);
        return kind != NULL && kind->parent_count == 0 && strcmp(kind->head, head) == 0 ? kind : NULL;
    }
    const struct attribute *attribute = kind_statement(parent, head);
    if (attribute == NULL)
        attribute = kind_attribute(parent, head);
    return attribute == NULL ? NULL : kind_of_attribute(attribute);
}

static void *find(const struct compilation *compilation, const struct map *table, const char *name, struct span from)
{
    void *own = map_get(table, declared_key(compilation, from, name));
    return own != NULL ? own : map_get(table, name);
}

const struct function *function_find(const struct compilation *compilation, const char *name, struct span from)
{
    return find(compilation, compilation->declarations.functions, name, from);
}

const struct constant *constant_find(const struct compilation *compilation, const char *name, struct span from)
{
    return find(compilation, compilation->declarations.constants, name, from);
}

const struct dialect *dialect_find(const struct compilation *compilation, const char *name, struct span from)
{
    return find(compilation, compilation->declarations.dialects, name, from);
}

const struct type *context_find(const struct compilation *compilation, const char *name, struct span from)
{
    return find(compilation, compilation->declarations.contexts, name, from);
}
