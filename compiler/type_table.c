#include "compiler/type_table.h"

#include <string.h>

/* A hash set of types by content. Component types are interned already, so that content is compared by
 * pointer, one level deep. */
struct type_table {
    const struct type **slots;
    size_t count;
    size_t capacity; /* a power of two, or 0 */
    const struct type *scalars[TYPE_VARIABLE + 1];
};

static size_t mix(size_t hash, size_t more)
{
    hash ^= more;
    hash *= (size_t)0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static size_t mix_text(size_t hash, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return mix(hash, text == NULL);
}

static size_t mix_fields(size_t hash, const struct type_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hash = mix_text(hash, fields[i].name);
        hash = mix(hash, (size_t)fields[i].type + fields[i].optional);
    }
    return hash;
}

static size_t hash_of(const struct type *type)
{
    size_t hash = mix_text(mix(1469598103934665603u, type->kind), type->name);
    hash = mix(hash, (size_t)type->of);
    hash = mix(hash, (size_t)type->element);
    for (size_t i = 0; i < type->member_count; i++)
        hash = mix(hash, (size_t)type->members[i]);
    hash = mix_fields(hash, type->fields, type->field_count);
    for (size_t i = 0; i < type->case_count; i++) {
        hash = mix_text(hash, type->cases[i].name);
        hash = mix_fields(hash, type->cases[i].fields, type->cases[i].field_count);
    }
    return hash;
}

static bool equal_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool equal_fields(const struct type_field *a, size_t a_count, const struct type_field *b,
                         size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (a[i].type != b[i].type || a[i].optional != b[i].optional || !equal_text(a[i].name, b[i].name) ||
            a[i].default_value != b[i].default_value)
            return false;
    return true;
}

static bool equal_cases(const struct type *a, const struct type *b)
{
    if (a->case_count != b->case_count)
        return false;
    for (size_t i = 0; i < a->case_count; i++) {
        const struct type_case *left = &a->cases[i], *right = &b->cases[i];
        if (!equal_text(left->name, right->name) || left->constructor != right->constructor ||
            !equal_fields(left->fields, left->field_count, right->fields, right->field_count))
            return false;
    }
    return true;
}

static bool equal_content(const struct type *a, const struct type *b)
{
    if (a->kind != b->kind || a->of != b->of || a->element != b->element || !equal_text(a->name, b->name) ||
        a->member_count != b->member_count)
        return false;
    for (size_t i = 0; i < a->member_count; i++)
        if (a->members[i] != b->members[i])
            return false;
    return equal_fields(a->fields, a->field_count, b->fields, b->field_count) && equal_cases(a, b);
}

static struct type_table *table_of(struct compilation *compilation)
{
    if (compilation->types == NULL)
        compilation->types = arena_alloc(compilation->arena, sizeof(struct type_table));
    return compilation->types;
}

static void grow(struct compilation *compilation, struct type_table *table)
{
    size_t capacity = table->capacity == 0 ? 512 : table->capacity * 2;
    const struct type **slots = arena_array(compilation->arena, capacity, sizeof *slots);
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i] == NULL)
            continue;
        size_t at = hash_of(table->slots[i]) & (capacity - 1);
        while (slots[at] != NULL)
            at = (at + 1) & (capacity - 1);
        slots[at] = table->slots[i];
    }
    table->slots = slots;
    table->capacity = capacity;
}

static void *copy(struct arena *arena, const void *from, size_t count, size_t size)
{
    void *to = arena_array(arena, count, size);
    if (count > 0)
        memcpy(to, from, count * size);
    return to;
}

/* A draft's arrays may lie on the stack: the table's own copy lives in the arena. */
static const struct type *keep(struct compilation *compilation, const struct type *draft)
{
    struct arena *arena = compilation->arena;
    struct type *type = arena_alloc(arena, sizeof *type);
    *type = *draft;
    type->members = copy(arena, draft->members, draft->member_count, sizeof *draft->members);
    type->fields = copy(arena, draft->fields, draft->field_count, sizeof *draft->fields);
    struct type_case *cases = copy(arena, draft->cases, draft->case_count, sizeof *draft->cases);
    for (size_t i = 0; i < draft->case_count; i++)
        cases[i].fields =
            copy(arena, draft->cases[i].fields, draft->cases[i].field_count, sizeof *cases[i].fields);
    type->cases = cases;
    return type;
}

static const struct type *intern(struct compilation *compilation, const struct type *draft)
{
    struct type_table *table = table_of(compilation);
    if (table->count * 2 >= table->capacity)
        grow(compilation, table);
    size_t at = hash_of(draft) & (table->capacity - 1);
    for (; table->slots[at] != NULL; at = (at + 1) & (table->capacity - 1))
        if (equal_content(table->slots[at], draft))
            return table->slots[at];
    table->count++;
    return table->slots[at] = keep(compilation, draft);
}

const struct type *type_scalar(struct compilation *compilation, enum type_kind kind)
{
    struct type_table *table = table_of(compilation);
    if (table->scalars[kind] == NULL)
        table->scalars[kind] = intern(compilation, &(struct type){.kind = kind});
    return table->scalars[kind];
}

const struct type *type_reference(struct compilation *compilation, const struct kind *kind)
{
    return intern(compilation, &(struct type){.kind = TYPE_REFERENCE, .of = kind});
}

const struct type *type_block(struct compilation *compilation, const struct kind *kind)
{
    return intern(compilation, &(struct type){.kind = TYPE_BLOCK, .of = kind});
}

const struct type *type_list(struct compilation *compilation, const struct type *element)
{
    return intern(compilation, &(struct type){.kind = TYPE_LIST, .element = element});
}

const struct type *type_map(struct compilation *compilation, const struct type *element)
{
    return intern(compilation, &(struct type){.kind = TYPE_MAP, .element = element});
}

const struct type *type_range(struct compilation *compilation, const struct type *element)
{
    return intern(compilation, &(struct type){.kind = TYPE_RANGE, .element = element});
}

const struct type *type_optional(struct compilation *compilation, const struct type *element)
{
    if (element->kind == TYPE_BAD || type_is_optional(element))
        return element;
    return intern(compilation, &(struct type){.kind = TYPE_OPTIONAL, .element = element});
}

const struct type *type_of_dialect(struct compilation *compilation, enum type_kind kind, const char *dialect,
                                   const struct type *fields)
{
    return intern(compilation, &(struct type){.kind = kind, .name = dialect, .element = fields});
}

const struct type *type_variable(struct compilation *compilation, const char *name)
{
    return intern(compilation, &(struct type){.kind = TYPE_VARIABLE, .name = name});
}

const struct type *type_field_of(struct compilation *compilation, const struct type *element)
{
    return intern(compilation, &(struct type){.kind = TYPE_FIELD, .element = element});
}

static void add_member(struct vec *members, const struct type *type)
{
    if (type->kind == TYPE_UNION) {
        for (size_t i = 0; i < type->member_count; i++)
            add_member(members, type->members[i]);
        return;
    }
    for (size_t i = 0; i < members->count; i++)
        if (type_same(members->items[i], type))
            return;
    vec_push(members, (void *)type);
}

const struct type *type_union(struct compilation *compilation, const struct type *const *members,
                              size_t count)
{
    struct vec flat = vec_in(compilation->arena);
    bool optional = false;
    for (size_t i = 0; i < count; i++) {
        if (members[i]->kind == TYPE_BAD)
            return members[i];
        optional = optional || type_is_optional(members[i]);
        if (members[i]->kind != TYPE_NULL)
            add_member(&flat, type_present(compilation, members[i]));
    }
    if (flat.count == 0)
        return type_scalar(compilation, optional ? TYPE_NULL : TYPE_BAD);
    const struct type *type = flat.items[0];
    if (flat.count > 1)
        type = intern(compilation, &(struct type){.kind = TYPE_UNION,
                                                  .members = (const struct type *const *)flat.items,
                                                  .member_count = flat.count});
    return optional ? type_optional(compilation, type) : type;
}

const struct type *type_closed(struct compilation *compilation, const struct type_field *fields, size_t count)
{
    return intern(compilation, &(struct type){.kind = TYPE_CLOSED, .fields = fields, .field_count = count});
}

const struct type *type_one_of(struct compilation *compilation, const struct type_case *cases, size_t count)
{
    return intern(compilation, &(struct type){.kind = TYPE_ONE_OF, .cases = cases, .case_count = count});
}

const struct type *type_named(struct compilation *compilation, const struct type *type, const char *name)
{
    switch (type->kind) {
    case TYPE_SYMBOL:
    case TYPE_ONE_OF:
    case TYPE_CLOSED:
    case TYPE_UNION: {
        struct type named = *type;
        named.name = name;
        return intern(compilation, &named);
    }
    default:
        return type;
    }
}
