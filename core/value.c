#include "core/value.h"

#include <stdarg.h>
#include <string.h>
#include "core/map.h"

static struct value *make(struct arena *arena, enum value_kind kind, origin where)
{
    struct value *value = arena_alloc(arena, sizeof *value);
    value->kind = (uint8_t)kind;
    value->origin = where;
    return value;
}

const struct value *value_null(struct arena *arena, origin where)
{
    return make(arena, VALUE_NULL, where);
}

const struct value *value_bool(struct arena *arena, bool boolean, origin where)
{
    struct value *value = make(arena, VALUE_BOOL, where);
    value->boolean = boolean;
    return value;
}

const struct value *value_int(struct arena *arena, int64_t integer, origin where)
{
    struct value *value = make(arena, VALUE_INT, where);
    value->integer = integer;
    return value;
}

const struct value *value_float(struct arena *arena, double number, origin where)
{
    struct value *value = make(arena, VALUE_FLOAT, where);
    value->number = number;
    return value;
}

const struct value *value_digits(struct arena *arena, double number, const char *digits, origin where)
{
    struct value *value = make(arena, VALUE_FLOAT, where);
    value->number = number;
    value->digits = arena_strdup(arena, digits);
    return value;
}

const struct value *value_string_n(struct arena *arena, const char *text, size_t length, origin where)
{
    struct value *value = make(arena, VALUE_STRING, where);
    value->text = arena_copy(arena, text, length);
    value->length = length;
    return value;
}

const struct value *value_string(struct arena *arena, const char *text, origin where)
{
    return value_string_n(arena, text, strlen(text), where);
}

const struct value *value_word(struct arena *arena, const char *text, origin where)
{
    struct value *value = make(arena, VALUE_WORD, where);
    value->length = strlen(text);
    value->text = arena_copy(arena, text, value->length);
    return value;
}

const struct value *value_quantity(struct arena *arena, double amount, enum quantity_unit unit, origin where)
{
    struct value *value = make(arena, VALUE_QUANTITY, where);
    value->number = amount;
    value->unit = (uint8_t)unit;
    return value;
}

const struct value *value_range(struct arena *arena, const struct value *low, const struct value *high,
                                origin where)
{
    struct value *value = make(arena, VALUE_RANGE, where);
    value->low = low;
    value->high = high;
    return value;
}

const struct value *value_node(struct arena *arena, struct node *node, origin where)
{
    struct value *value = make(arena, VALUE_NODE, where);
    value->node = node;
    return value;
}

const struct value *value_expression(struct arena *arena, const struct expr *expr, origin where)
{
    struct value *value = make(arena, VALUE_EXPRESSION, where);
    value->expr = expr;
    return value;
}

static const struct value *sequence(struct arena *arena, enum value_kind kind,
                                    const struct value *const *items, size_t count, origin where)
{
    struct value *value = make(arena, kind, where);
    const struct value **copy = arena_array(arena, count, sizeof *copy);
    if (count)
        memcpy(copy, items, count * sizeof *copy);
    value->items = copy;
    value->count = count;
    return value;
}

const struct value *value_list(struct arena *arena, const struct value *const *items, size_t count,
                               origin where)
{
    return sequence(arena, VALUE_LIST, items, count, where);
}

const struct value *value_text(struct arena *arena, const struct value *const *pieces, size_t count,
                               origin where)
{
    return sequence(arena, VALUE_TEXT, pieces, count, where);
}

static struct value *with_fields(struct arena *arena, enum value_kind kind, const struct field *fields,
                                 size_t count, origin where)
{
    struct value *value = make(arena, kind, where);
    struct field *copy = arena_array(arena, count, sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = fields[i];
        copy[i].key = arena_strdup(arena, fields[i].key);
    }
    value->fields = copy;
    value->field_count = count;
    return value;
}

const struct value *value_record(struct arena *arena, const struct field *fields, size_t count, origin where)
{
    return with_fields(arena, VALUE_RECORD, fields, count, where);
}

const struct value *value_variant(struct arena *arena, const char *name, const struct field *fields,
                                  size_t count, origin where)
{
    struct value *value = with_fields(arena, VALUE_VARIANT, fields, count, where);
    value->name = arena_strdup(arena, name);
    return value;
}

static struct value *shallow_copy(struct arena *arena, const struct value *value)
{
    struct value *copy = arena_alloc(arena, sizeof *copy);
    *copy = *value;
    return copy;
}

const struct value *value_with_origin(struct arena *arena, const struct value *value, origin where)
{
    if (value->origin == where)
        return value;
    struct value *copy = shallow_copy(arena, value);
    copy->origin = where;
    return copy;
}

const struct value *value_with_marks(struct arena *arena, const struct value *value,
                                     const struct marks *marks)
{
    struct value *copy = shallow_copy(arena, value);
    copy->marks = marks;
    return copy;
}

struct list_builder list_begin(struct arena *arena)
{
    return (struct list_builder){.arena = arena};
}

void list_add(struct list_builder *list, const struct value *item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        const struct value **items = arena_array(list->arena, capacity, sizeof *items);
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
}

const struct value *list_end(struct list_builder *list, origin where)
{
    struct value *value = make(list->arena, VALUE_LIST, where);
    value->items = list->items;
    value->count = list->count;
    *list = list_begin(list->arena);
    return value;
}

/* Records up to this many fields are searched by scanning. */
enum { SCANNED_FIELDS = 16 };

struct record_builder record_begin(struct arena *arena)
{
    return (struct record_builder){.arena = arena};
}

static struct field *builder_find(struct record_builder *record, const char *key)
{
    if (record->index) {
        size_t place = (size_t)(uintptr_t)map_get(record->index, key);
        return place ? &record->fields[place - 1] : NULL;
    }
    for (size_t i = 0; i < record->count; i++)
        if (strcmp(record->fields[i].key, key) == 0)
            return &record->fields[i];
    return NULL;
}

static void builder_index(struct record_builder *record)
{
    if (!record->index) {
        record->index = map_new(record->arena);
        for (size_t i = 0; i + 1 < record->count; i++)
            map_set(record->index, record->fields[i].key, (void *)(uintptr_t)(i + 1));
    }
    map_set(record->index, record->fields[record->count - 1].key, (void *)(uintptr_t)record->count);
}

void record_set_at(struct record_builder *record, const char *key, origin key_origin,
                   const struct value *value)
{
    struct field *field = builder_find(record, key);
    if (field) {
        field->value = value;
        field->key_origin = key_origin;
        return;
    }
    if (record->count == record->capacity) {
        size_t capacity = record->capacity ? record->capacity * 2 : 4;
        struct field *fields = arena_array(record->arena, capacity, sizeof *fields);
        if (record->count)
            memcpy(fields, record->fields, record->count * sizeof *fields);
        record->fields = fields;
        record->capacity = capacity;
    }
    record->fields[record->count++] = (struct field){arena_strdup(record->arena, key), key_origin, value};
    if (record->count > SCANNED_FIELDS)
        builder_index(record);
}

void record_set(struct record_builder *record, const char *key, const struct value *value)
{
    record_set_at(record, key, value->origin, value);
}

const struct value *record_end(struct record_builder *record, origin where)
{
    struct value *value = make(record->arena, VALUE_RECORD, where);
    value->fields = record->fields;
    value->field_count = record->count;
    *record = record_begin(record->arena);
    return value;
}

const struct value *value_get(const struct value *record, const char *key)
{
    if (!record || (record->kind != VALUE_RECORD && record->kind != VALUE_VARIANT))
        return NULL;
    for (size_t i = 0; i < record->field_count; i++)
        if (strcmp(record->fields[i].key, key) == 0)
            return record->fields[i].value;
    return NULL;
}

const struct value *value_path(const struct value *record, ...)
{
    va_list keys;
    va_start(keys, record);
    for (const char *key; record && (key = va_arg(keys, const char *)) != NULL;)
        record = value_get(record, key);
    va_end(keys);
    return record;
}

bool value_is_none(const struct value *value)
{
    return !value || value->kind == VALUE_NULL;
}

const char *value_string_or(const struct value *value, const char *fallback)
{
    bool textual = value && (value->kind == VALUE_STRING || value->kind == VALUE_WORD);
    return textual ? value->text : fallback;
}

const struct value *value_merge(struct arena *arena, const struct value *left, const struct value *right)
{
    if (left->kind != VALUE_RECORD || right->kind != VALUE_RECORD)
        return right;
    struct record_builder merged = record_begin(arena);
    for (size_t i = 0; i < left->field_count; i++)
        record_set_at(&merged, left->fields[i].key, left->fields[i].key_origin, left->fields[i].value);
    for (size_t i = 0; i < right->field_count; i++) {
        const struct field *field = &right->fields[i];
        struct field *before = builder_find(&merged, field->key);
        const struct value *value = before ? value_merge(arena, before->value, field->value) : field->value;
        record_set_at(&merged, field->key, field->key_origin, value);
    }
    struct value *result = shallow_copy(arena, record_end(&merged, right->origin));
    result->marks = right->marks ? right->marks : left->marks;
    return result;
}

const char *value_kind_name(const struct value *value)
{
    static const char *const units[] = {[UNIT_PERCENT] = "a percentage",
                                        [UNIT_DURATION] = "a duration",
                                        [UNIT_SIZE] = "a size",
                                        [UNIT_RATE] = "a rate"};
    static const char *const kinds[] = {
        [VALUE_NULL] = "null",
        [VALUE_BOOL] = "a boolean",
        [VALUE_INT] = "an integer",
        [VALUE_FLOAT] = "a number",
        [VALUE_STRING] = "a string",
        [VALUE_LIST] = "a list",
        [VALUE_RECORD] = "a record",
        [VALUE_QUANTITY] = "a quantity",
        [VALUE_WORD] = "a word",
        [VALUE_RANGE] = "a range",
        [VALUE_VARIANT] = "a constructor",
        [VALUE_NODE] = "a node",
        [VALUE_EXPRESSION] = "an expression",
        [VALUE_TEXT] = "a text with holes",
    };
    return value->kind == VALUE_QUANTITY ? units[value->unit] : kinds[value->kind];
}
