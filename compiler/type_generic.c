/* Variables in the signatures of natives: `(xs: [T], by: field(T)?): [T]`, `as(e: expression(D), …)`. The
 * first binding wins; later arguments are checked against it. */

#include <string.h>
#include "compiler/check.h"

static bool is_variable_name(const char *name)
{
    return name != NULL && name[0] >= 'A' && name[0] <= 'Z' && name[1] == '\0';
}

static const struct type *bound(const struct type_bindings *bind, const char *name)
{
    for (size_t i = 0; bind != NULL && i < bind->count; i++)
        if (strcmp(bind->list[i].name, name) == 0)
            return bind->list[i].type;
    return NULL;
}

static void add(struct type_bindings *bind, const char *name, const struct type *type)
{
    if (bound(bind, name) == NULL && bind->count < sizeof bind->list / sizeof bind->list[0])
        bind->list[bind->count++] = (struct type_binding){name, type};
}

static bool is_dialect_variable(const struct type *type)
{
    return (type->kind == TYPE_EXPRESSION || type->kind == TYPE_TEXT) && is_variable_name(type->name);
}

void type_match(struct checker *c, struct type_bindings *bind, const struct type *pattern,
                const struct type *type)
{
    if (type->kind == TYPE_BAD)
        return;
    if (pattern->kind == TYPE_VARIABLE) {
        add(bind, pattern->name, type);
    } else if (is_dialect_variable(pattern)) {
        if (type->kind == TYPE_EXPRESSION || type->kind == TYPE_TEXT)
            add(bind, pattern->name, type_of_dialect(c->compilation, TYPE_EXPRESSION, type->name, NULL));
    } else if (pattern->kind == TYPE_OPTIONAL) {
        type_match(c, bind, pattern->element, type_present(c->compilation, type));
    } else if (pattern->kind == TYPE_UNION) {
        for (size_t i = 0; i < pattern->member_count; i++)
            type_match(c, bind, pattern->members[i], type);
    } else if (pattern->kind == type->kind && pattern->element != NULL && type->element != NULL) {
        type_match(c, bind, pattern->element, type->element);
    } else if (pattern->kind == TYPE_MAP && type->kind == TYPE_CLOSED && type->field_count > 0) {
        const struct type *element = type->fields[0].type;
        for (size_t i = 1; i < type->field_count; i++)
            element = type_common(c->compilation, element, type->fields[i].type);
        type_match(c, bind, pattern->element, element);
    }
}

bool type_is_open(const struct type_bindings *bind, const struct type *type)
{
    if (type->kind == TYPE_VARIABLE || is_dialect_variable(type))
        return bound(bind, type->name) == NULL;
    for (size_t i = 0; i < type->member_count; i++)
        if (type_is_open(bind, type->members[i]))
            return true;
    return type->element != NULL && type_is_open(bind, type->element);
}

static const struct type *fill_union(struct checker *c, const struct type_bindings *bind,
                                     const struct type *type)
{
    const struct type **members = arena_array(c->arena, type->member_count, sizeof *members);
    for (size_t i = 0; i < type->member_count; i++)
        members[i] = type_fill(c, bind, type->members[i]);
    return type_union(c->compilation, members, type->member_count);
}

const struct type *type_fill(struct checker *c, const struct type_bindings *bind, const struct type *type)
{
    struct compilation *k = c->compilation;
    if (is_dialect_variable(type)) {
        const struct type *dialect = bound(bind, type->name);
        if (dialect == NULL)
            return type->kind == TYPE_TEXT ? type_scalar(k, TYPE_STRING) : check_bad(c);
        return type_of_dialect(k, type->kind, dialect->name, NULL);
    }
    switch (type->kind) {
    case TYPE_VARIABLE:
        return bound(bind, type->name) != NULL ? bound(bind, type->name) : check_bad(c);
    case TYPE_LIST:
        return type_list(k, type_fill(c, bind, type->element));
    case TYPE_MAP:
        return type_map(k, type_fill(c, bind, type->element));
    case TYPE_RANGE:
        return type_range(k, type_fill(c, bind, type->element));
    case TYPE_OPTIONAL:
        return type_optional(k, type_fill(c, bind, type->element));
    case TYPE_FIELD:
        return type_field_of(k, type_fill(c, bind, type->element));
    case TYPE_UNION:
        return fill_union(c, bind, type);
    default:
        return type;
    }
}
