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

const struct kind *kind_of_head(const struct declarations *declarations, const struct kind *parent,
                                const char *head)
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

static enum source_role role_at(const struct compilation *compilation, struct span there)
{
    const struct source *source = source_of(compilation->sources, there.source);
    return source != NULL ? source->role : SOURCE_OTHER;
}

/* True if a declaration at `there` is a backend's or a policy's, which others do not see. */
static bool is_private(const struct compilation *compilation, struct span there)
{
    enum source_role role = role_at(compilation, there);
    return role == SOURCE_BACKEND || role == SOURCE_POLICY;
}

/* `own`: it was found under the key of the place that asks. Policies from outside see nothing of the
 * project's: a `let` of the project must not change what they mean. */
static bool is_visible(const struct compilation *compilation, struct span there, bool own, struct span from)
{
    if (is_private(compilation, there))
        return own && is_private(compilation, from);
    return role_at(compilation, from) != SOURCE_POLICY || role_at(compilation, there) == SOURCE_LIBRARY;
}

const struct function *function_find(const struct compilation *compilation, const char *name,
                                     struct span from)
{
    const struct function *own =
        map_get(compilation->declarations.functions, declared_key(compilation, from, name));
    const struct function *found = own != NULL ? own : map_get(compilation->declarations.functions, name);
    return found != NULL && is_visible(compilation, found->span, own != NULL, from) ? found : NULL;
}

const struct constant *constant_find(const struct compilation *compilation, const char *name,
                                     struct span from)
{
    const struct constant *own =
        map_get(compilation->declarations.constants, declared_key(compilation, from, name));
    const struct constant *found = own != NULL ? own : map_get(compilation->declarations.constants, name);
    return found != NULL && is_visible(compilation, found->span, own != NULL, from) ? found : NULL;
}

const struct dialect *dialect_find(const struct compilation *compilation, const char *name, struct span from)
{
    (void)from; /* dialects have one namespace: predicates name them by text */
    return map_get(compilation->declarations.dialects, name);
}

const struct type *context_find(const struct compilation *compilation, const char *name, struct span from)
{
    return role_at(compilation, from) == SOURCE_BACKEND
               ? map_get(compilation->declarations.contexts, declared_key(compilation, from, name))
               : NULL;
}
