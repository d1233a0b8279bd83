/* The merge of an extra with what it changes: records key by key, lists of records by what identifies their
 * elements. */

#include <string.h>
#include "backends/extras.h"

/* The fields by which elements of lists of Kubernetes, GitHub and Terraform are told apart. */
static const char *merge_key(const struct value *a, const struct value *b)
{
    static const char *const keys[] = {"name", "id",  "mountPath", "containerPort", "key",
                                       "port", "sid", "uses",      "type"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        bool all = a->count + b->count > 0;
        for (size_t k = 0; k < a->count && all; k++)
            all = value_get(a->items[k], keys[i]) != NULL;
        for (size_t k = 0; k < b->count && all; k++)
            all = value_get(b->items[k], keys[i]) != NULL;
        if (all)
            return keys[i];
    }
    return NULL;
}

static bool all_records(const struct value *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->kind != VALUE_RECORD)
            return false;
    return true;
}

static const struct value *merge_lists(struct compilation *compilation, const struct backend *backend,
                                       const struct value *value, const struct value *extra)
{
    const char *key = all_records(value) && all_records(extra) ? merge_key(value, extra) : NULL;
    struct list_builder list = list_begin(compilation->arena);
    bool *used = arena_array(compilation->arena, extra->count + 1, sizeof *used);
    for (size_t i = 0; key && i < value->count; i++) {
        const struct value *item = value->items[i];
        for (size_t k = 0; k < extra->count; k++)
            if (!used[k] && value_equal(value_get(value->items[i], key), value_get(extra->items[k], key))) {
                item = extras_merged(compilation, backend, item, extra->items[k]);
                used[k] = true;
            }
        list_add(&list, item);
    }
    for (size_t k = 0; k < extra->count; k++)
        if (!used[k])
            list_add(&list, extras_merged(compilation, backend, NULL, extra->items[k]));
    const struct value *result = list_end(&list, extra->origin);
    return value->marks ? value_with_marks(compilation->arena, result, value->marks) : result;
}

static const struct value *merge_records(struct compilation *compilation, const struct backend *backend,
                                         const struct value *value, const struct value *extra)
{
    struct record_builder record = record_begin(compilation->arena);
    for (size_t i = 0; value && i < value->field_count; i++) {
        const struct field *field = &value->fields[i];
        const struct value *over = value_get(extra, field->key);
        if (over && over->kind == VALUE_NULL)
            continue;
        record_set_at(&record, field->key, field->key_origin,
                      over ? extras_merged(compilation, backend, field->value, over) : field->value);
    }
    for (size_t i = 0; i < extra->field_count; i++) {
        const struct field *field = &extra->fields[i];
        if ((!value || !value_get(value, field->key)) && field->value->kind != VALUE_NULL)
            record_set_at(&record, field->key, field->key_origin,
                          extras_merged(compilation, backend, NULL, field->value));
    }
    const struct value *result = record_end(&record, value ? value->origin : extra->origin);
    const struct marks *marks = value ? value->marks : extra->marks;
    return marks ? value_with_marks(compilation->arena, result, marks) : result;
}

const struct value *extras_merged(struct compilation *compilation, const struct backend *backend,
                                  const struct value *value, const struct value *extra)
{
    if (extra->kind == VALUE_RECORD)
        return merge_records(compilation, backend, value && value->kind == VALUE_RECORD ? value : NULL,
                             extra);
    if (extra->kind == VALUE_LIST) {
        static const struct value empty = {.kind = VALUE_LIST};
        return merge_lists(compilation, backend, value && value->kind == VALUE_LIST ? value : &empty, extra);
    }
    if (extra->kind == VALUE_WORD)
        extra = value_string(compilation->arena, extra->text, extra->origin);
    return extra->kind == VALUE_STRING && backend->accept ? backend->accept(compilation, extra) : extra;
}

/* A block of HCL: {type, labels, body: [{key, value} or block]}. */
bool extras_is_block(const struct value *value)
{
    return value->kind == VALUE_RECORD && value_get(value, "type") && value_get(value, "body") &&
           value_get(value, "body")->kind == VALUE_LIST;
}

static const struct value *argument(struct compilation *compilation, const struct field *field,
                                    const struct value *value)
{
    struct field fields[] = {
        {"key", field->key_origin, value_string(compilation->arena, field->key, field->key_origin)},
        {"value", field->key_origin, value}};
    return value_record(compilation->arena, fields, 2, field->key_origin);
}

static const struct value *merge_item(struct compilation *compilation, const struct backend *backend,
                                      const struct value *item, const struct value *extra, bool *used)
{
    const char *key = value_string_or(value_get(item, "key"), NULL);
    const char *name = key                     ? key
                       : extras_is_block(item) ? value_string_or(value_get(item, "type"), NULL)
                                               : NULL;
    for (size_t i = 0; name && i < extra->field_count; i++) {
        const struct field *field = &extra->fields[i];
        if (strcmp(field->key, name))
            continue;
        used[i] = true;
        if (key)
            return argument(compilation, field,
                            extras_merged(compilation, backend, value_get(item, "value"), field->value));
        if (field->value->kind == VALUE_RECORD)
            return extras_merged_block(compilation, backend, item, field->value);
    }
    return item;
}

const struct value *extras_merged_block(struct compilation *compilation, const struct backend *backend,
                                        const struct value *block, const struct value *extra)
{
    const struct value *body = value_get(block, "body");
    bool *used = arena_array(compilation->arena, extra->field_count + 1, sizeof *used);
    struct list_builder items = list_begin(compilation->arena);
    for (size_t i = 0; i < body->count; i++)
        list_add(&items, merge_item(compilation, backend, body->items[i], extra, used));
    for (size_t i = 0; i < extra->field_count; i++)
        if (!used[i])
            list_add(&items, argument(compilation, &extra->fields[i],
                                      extras_merged(compilation, backend, NULL, extra->fields[i].value)));
    struct record_builder record = record_begin(compilation->arena);
    for (size_t i = 0; i < block->field_count; i++) {
        const struct field *field = &block->fields[i];
        record_set_at(&record, field->key, field->key_origin,
                      strcmp(field->key, "body") ? field->value : list_end(&items, body->origin));
    }
    const struct value *result = record_end(&record, block->origin);
    return block->marks ? value_with_marks(compilation->arena, result, block->marks) : result;
}
