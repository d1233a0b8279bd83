/* Relations between types: which may stand for which, and what two have in common. */

#include <string.h>
#include "compiler/type_table.h"

bool type_is_optional(const struct type *type)
{
    return type->kind == TYPE_NULL || type->kind == TYPE_OPTIONAL;
}

const struct type *type_present(struct compilation *compilation, const struct type *type)
{
    (void)compilation;
    return type->kind == TYPE_OPTIONAL ? type->element : type;
}

const struct type_case *type_case_of(const struct type *one_of, const char *name)
{
    for (size_t i = 0; i < one_of->case_count; i++)
        if (strcmp(one_of->cases[i].name, name) == 0)
            return &one_of->cases[i];
    return NULL;
}

const struct type_field *type_field_named(const struct type *closed, const char *name)
{
    for (size_t i = 0; i < closed->field_count; i++)
        if (strcmp(closed->fields[i].name, name) == 0)
            return &closed->fields[i];
    return NULL;
}

bool type_is_node(const struct type *type)
{
    return type->kind == TYPE_REFERENCE || type->kind == TYPE_BLOCK || type->kind == TYPE_ANY_NODE;
}

bool type_is_plain_number(const struct type *type)
{
    return type->kind == TYPE_INT || type->kind == TYPE_NUMBER || type->kind == TYPE_PERCENT ||
           type->kind == TYPE_RATIO;
}

bool type_has_unit(const struct type *type)
{
    return type->kind == TYPE_PERCENT || type->kind == TYPE_DURATION || type->kind == TYPE_SIZE ||
           type->kind == TYPE_RATE;
}

bool type_is_number(const struct type *type)
{
    return type_is_plain_number(type) || type_has_unit(type);
}

bool type_same_unit(const struct type *a, const struct type *b)
{
    if (type_has_unit(a) && type_has_unit(b))
        return a->kind == b->kind;
    if (a->kind == TYPE_RATIO || b->kind == TYPE_RATIO)
        return type_is_plain_number(a) && type_is_plain_number(b);
    return !type_has_unit(a) && !type_has_unit(b) && type_is_number(a) && type_is_number(b);
}

static bool same_fields(const struct type_field *a, size_t a_count, const struct type_field *b,
                        size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (a[i].optional != b[i].optional || strcmp(a[i].name, b[i].name) != 0 ||
            !type_same(a[i].type, b[i].type))
            return false;
    return true;
}

static bool same_cases(const struct type *a, const struct type *b)
{
    if (a->case_count != b->case_count)
        return false;
    for (size_t i = 0; i < a->case_count; i++)
        if (strcmp(a->cases[i].name, b->cases[i].name) != 0 ||
            !same_fields(a->cases[i].fields, a->cases[i].field_count, b->cases[i].fields,
                         b->cases[i].field_count))
            return false;
    return true;
}

bool type_same(const struct type *a, const struct type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->of != b->of)
        return false;
    switch (a->kind) {
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_RANGE:
    case TYPE_OPTIONAL:
    case TYPE_FIELD:
        return type_same(a->element, b->element);
    case TYPE_UNION:
        if (a->member_count != b->member_count)
            return false;
        for (size_t i = 0; i < a->member_count; i++)
            if (!type_same(a->members[i], b->members[i]))
                return false;
        return true;
    case TYPE_CLOSED:
        return same_fields(a->fields, a->field_count, b->fields, b->field_count);
    case TYPE_ONE_OF:
        return same_cases(a, b);
    case TYPE_TEXT:
    case TYPE_EXPRESSION:
    case TYPE_VARIABLE:
        return a->name == b->name || (a->name != NULL && b->name != NULL && strcmp(a->name, b->name) == 0);
    default:
        return true;
    }
}

static bool record_fits(const struct type *from, const struct type *to)
{
    for (size_t i = 0; i < from->field_count; i++) {
        const struct type_field *wanted = type_field_named(to, from->fields[i].name);
        if (wanted == NULL || !type_fits(from->fields[i].type, wanted->type))
            return false;
        if (from->fields[i].optional && !wanted->optional)
            return false;
    }
    for (size_t i = 0; i < to->field_count; i++)
        if (!to->fields[i].optional && type_field_named(from, to->fields[i].name) == NULL)
            return false;
    return true;
}

static bool one_of_fits(const struct type *from, const struct type *to)
{
    for (size_t i = 0; i < from->case_count; i++) {
        const struct type_case *there = type_case_of(to, from->cases[i].name);
        if (there == NULL || there->constructor != from->cases[i].constructor)
            return false;
    }
    return true;
}

static bool has_only_words(const struct type *one_of)
{
    for (size_t i = 0; i < one_of->case_count; i++)
        if (one_of->cases[i].constructor)
            return false;
    return true;
}

static bool fits_text(const struct type *from, const struct type *to)
{
    switch (from->kind) {
    case TYPE_STRING:
    case TYPE_INT:
    case TYPE_SYMBOL:
        return true;
    case TYPE_ONE_OF:
        return has_only_words(from);
    case TYPE_TEXT:
    case TYPE_EXPRESSION:
        return from->name != NULL && to->name != NULL && strcmp(from->name, to->name) == 0;
    default:
        return false;
    }
}

static bool fits_map(const struct type *from, const struct type *to)
{
    if (from->kind == TYPE_MAP)
        return type_fits(from->element, to->element);
    if (from->kind != TYPE_CLOSED)
        return false;
    for (size_t i = 0; i < from->field_count; i++)
        if (!type_fits(from->fields[i].type, to->element))
            return false;
    return true;
}

/* What JSON can say. */
static bool fits_json(const struct type *from)
{
    switch (from->kind) {
    case TYPE_STRING:
    case TYPE_INT:
    case TYPE_NUMBER:
    case TYPE_RATIO:
    case TYPE_BOOL:
    case TYPE_SYMBOL:
    case TYPE_RECORD:
    case TYPE_DOCUMENT:
        return true;
    case TYPE_ONE_OF:
        return has_only_words(from);
    case TYPE_OPTIONAL:
    case TYPE_LIST:
    case TYPE_MAP:
        return from->element->kind == TYPE_JSON || fits_json(from->element);
    case TYPE_CLOSED:
        for (size_t i = 0; i < from->field_count; i++)
            if (from->fields[i].type->kind != TYPE_JSON && !fits_json(from->fields[i].type))
                return false;
        return true;
    case TYPE_UNION:
        for (size_t i = 0; i < from->member_count; i++)
            if (!fits_json(from->members[i]))
                return false;
        return true;
    default:
        return from->kind == TYPE_NULL;
    }
}

static bool is_record_like(const struct type *type)
{
    return type->kind == TYPE_MAP || type->kind == TYPE_CLOSED || type->kind == TYPE_RECORD ||
           type->kind == TYPE_DOCUMENT || type->kind == TYPE_JSON;
}

/* Neither side is bad, a union or optional, and they are not the same. */
static bool plain_fits(const struct type *from, const struct type *to)
{
    switch (to->kind) {
    case TYPE_NUMBER:
        return from->kind == TYPE_INT;
    case TYPE_RATIO:
        return type_is_plain_number(from);
    case TYPE_STRING:
        return (from->kind == TYPE_ONE_OF && has_only_words(from)) || from->kind == TYPE_SYMBOL ||
               from->kind == TYPE_FIELD;
    case TYPE_ANY_NODE:
        return type_is_node(from);
    case TYPE_REFERENCE:
    case TYPE_BLOCK:
        return (from->kind == TYPE_REFERENCE || from->kind == TYPE_BLOCK) && from->of == to->of;
    case TYPE_ONE_OF:
        return from->kind == TYPE_ONE_OF && one_of_fits(from, to);
    case TYPE_LIST:
        return from->kind == TYPE_LIST && type_fits(from->element, to->element);
    case TYPE_RANGE:
        return from->kind == TYPE_RANGE && type_fits(from->element, to->element);
    case TYPE_MAP:
        return fits_map(from, to);
    case TYPE_CLOSED:
        return from->kind == TYPE_CLOSED && record_fits(from, to);
    case TYPE_RECORD:
    case TYPE_DOCUMENT:
        return is_record_like(from);
    case TYPE_TEXT:
        return fits_text(from, to);
    case TYPE_JSON:
        return fits_json(from);
    case TYPE_EXPRESSION:
        return from->kind == TYPE_EXPRESSION && from->name != NULL && to->name != NULL &&
               strcmp(from->name, to->name) == 0;
    default:
        return false;
    }
}

bool type_fits(const struct type *from, const struct type *to)
{
    if (from == to || from->kind == TYPE_BAD || to->kind == TYPE_BAD)
        return true;
    if (from->kind == TYPE_UNION) {
        for (size_t i = 0; i < from->member_count; i++)
            if (!type_fits(from->members[i], to))
                return false;
        return true;
    }
    if (to->kind == TYPE_JSON)
        return fits_json(from) || from->kind == TYPE_JSON;
    if (to->kind == TYPE_OPTIONAL)
        return from->kind == TYPE_NULL ||
               type_fits(from->kind == TYPE_OPTIONAL ? from->element : from, to->element);
    if (from->kind == TYPE_OPTIONAL || from->kind == TYPE_NULL)
        return from->kind == to->kind && type_same(from, to);
    if (to->kind == TYPE_UNION) {
        for (size_t i = 0; i < to->member_count; i++)
            if (type_fits(from, to->members[i]))
                return true;
        return false;
    }
    return type_same(from, to) || plain_fits(from, to);
}

static bool is_string_like(const struct type *type)
{
    return type->kind == TYPE_STRING || type->kind == TYPE_SYMBOL ||
           (type->kind == TYPE_ONE_OF && has_only_words(type));
}

/* Two records of the same keys have what their fields have in common. */
static const struct type *common_record(struct compilation *compilation, const struct type *a,
                                        const struct type *b)
{
    if (a->kind != TYPE_CLOSED || b->kind != TYPE_CLOSED || a->field_count != b->field_count)
        return NULL;
    struct type_field *fields = arena_array(compilation->arena, a->field_count, sizeof *fields);
    for (size_t i = 0; i < a->field_count; i++) {
        const struct type_field *other = type_field_named(b, a->fields[i].name);
        if (other == NULL)
            return NULL;
        fields[i] = a->fields[i];
        fields[i].type = type_common(compilation, a->fields[i].type, other->type);
        fields[i].optional = a->fields[i].optional || other->optional;
    }
    return type_closed(compilation, fields, a->field_count);
}

const struct type *type_common(struct compilation *compilation, const struct type *a, const struct type *b)
{
    if (type_fits(a, b))
        return a->kind == TYPE_BAD ? a : b;
    if (type_fits(b, a))
        return a;
    if (type_is_optional(a) || type_is_optional(b)) {
        if (a->kind == TYPE_NULL)
            return type_optional(compilation, b);
        if (b->kind == TYPE_NULL)
            return type_optional(compilation, a);
        return type_optional(compilation, type_common(compilation, type_present(compilation, a),
                                                      type_present(compilation, b)));
    }
    if (type_is_node(a) && type_is_node(b))
        return type_scalar(compilation, TYPE_ANY_NODE);
    if (is_string_like(a) && is_string_like(b))
        return type_scalar(compilation, TYPE_STRING);
    if (a->kind == TYPE_LIST && b->kind == TYPE_LIST)
        return type_list(compilation, type_common(compilation, a->element, b->element));
    const struct type *record = common_record(compilation, a, b);
    const struct type *members[] = {a, b};
    return record != NULL ? record : type_union(compilation, members, 2);
}
