#include "runtime/cluster/migrate.h"
#include <string.h>
#include "core/documents/json.h"
#include "runtime/cluster/live.h"
#include "runtime/cluster/plan.h"

static bool is_client_side(const char *manager)
{
    return strcmp(manager, "kubectl-client-side-apply") == 0 ||
           strcmp(manager, "kubectl-last-applied") == 0 || strcmp(manager, "before-first-apply") == 0;
}

bool migrate_solves(const struct vec *conflicts)
{
    for (size_t i = 0; i < conflicts->count; i++)
        if (!is_client_side(((const struct plan_conflict *)conflicts->items[i])->manager))
            return false;
    return conflicts->count > 0;
}

static bool is_old(const struct value *entry)
{
    return is_client_side(value_string_or(value_get(entry, "manager"), "")) &&
           strcmp(value_string_or(value_get(entry, "operation"), ""), "Update") == 0 &&
           value_string_or(value_get(entry, "subresource"), "")[0] == 0;
}

static bool is_ours(const struct value *entry, const char *manager)
{
    return strcmp(value_string_or(value_get(entry, "manager"), ""), manager) == 0 &&
           strcmp(value_string_or(value_get(entry, "operation"), ""), "Apply") == 0 &&
           value_string_or(value_get(entry, "subresource"), "")[0] == 0;
}

static const struct value *with_fields(struct arena *arena, const struct value *entry, const char *manager,
                                       const struct value *fields)
{
    struct record_builder out = record_begin(arena);
    for (size_t i = 0; i < entry->field_count; i++)
        record_set(&out, entry->fields[i].key, entry->fields[i].value);
    record_set(&out, "manager", value_string(arena, manager, 0));
    record_set(&out, "operation", value_string(arena, "Apply", 0));
    record_set(&out, "fieldsV1", fields);
    return record_end(&out, 0);
}

/* The list with the old entries merged into one of ours; NULL when there is no old one. */
static const struct value *migrated(struct arena *arena, const struct value *entries, const char *manager)
{
    const struct value *old = NULL, *ours = NULL, *fields = NULL;
    for (size_t i = 0; i < entries->count; i++) {
        const struct value *entry = entries->items[i], *set = value_get(entry, "fieldsV1");
        bool merge = is_old(entry) || is_ours(entry, manager);
        old = is_old(entry) ? entry : old;
        ours = is_ours(entry, manager) ? entry : ours;
        if (merge && set != NULL)
            fields = fields != NULL ? value_merge(arena, fields, set) : set;
    }
    if (old == NULL || fields == NULL)
        return NULL;
    struct list_builder out = list_begin(arena);
    for (size_t i = 0; i < entries->count; i++)
        if (!is_old(entries->items[i]) && !is_ours(entries->items[i], manager))
            list_add(&out, entries->items[i]);
    list_add(&out, with_fields(arena, ours != NULL ? ours : old, manager, fields));
    return list_end(&out, 0);
}

static const struct value *operation(struct arena *arena, const char *path, const struct value *value)
{
    struct record_builder out = record_begin(arena);
    record_set(&out, "op", value_string(arena, "replace", 0));
    record_set(&out, "path", value_string(arena, path, 0));
    record_set(&out, "value", value);
    return record_end(&out, 0);
}

bool migrate_patch(struct buf *out, const struct value *live, const char *manager)
{
    const struct value *entries = value_path(live, "metadata", "managedFields", NULL);
    const char *version = live_meta(live, "resourceVersion");
    if (entries == NULL || entries->kind != VALUE_LIST || version == NULL)
        return false;
    struct arena *arena = arena_new();
    const struct value *list = migrated(arena, entries, manager);
    if (list != NULL) {
        const struct value *operations[2] = {
            operation(arena, "/metadata/managedFields", list),
            operation(arena, "/metadata/resourceVersion", value_string(arena, version, 0))};
        json_write(out, value_list(arena, operations, 2, 0), (struct json_style){JSON_COMPACT, false}, NULL);
    }
    arena_free(arena);
    return list != NULL;
}

/* --- what leaves with the migration */

enum { DEPTH_MAX = 64 };

static const struct value *without_dropped(struct arena *arena, const struct value *last,
                                           const struct value *want, const struct value *have, int depth);

static const char *name_of(const struct value *item)
{
    return item->kind == VALUE_RECORD ? value_string_or(value_get(item, "name"), NULL) : NULL;
}

static const struct value *item_named(const struct value *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (name_of(list->items[i]) != NULL && strcmp(name_of(list->items[i]), name) == 0)
            return list->items[i];
    return NULL;
}

/* Lists whose items have names are merged by them; others are replaced as a whole by the dry run. */
static const struct value *list_without(struct arena *arena, const struct value *last,
                                        const struct value *want, const struct value *have, int depth)
{
    struct list_builder out = list_begin(arena);
    for (size_t i = 0; i < have->count; i++) {
        const struct value *item = have->items[i];
        const char *name = name_of(item);
        const struct value *before = name != NULL ? item_named(last, name) : NULL;
        const struct value *wanted = name != NULL ? item_named(want, name) : NULL;
        if (before == NULL)
            list_add(&out, item);
        else if (wanted != NULL)
            list_add(&out, without_dropped(arena, before, wanted, item, depth + 1));
    }
    return list_end(&out, have->origin);
}

static const struct value *without_dropped(struct arena *arena, const struct value *last,
                                           const struct value *want, const struct value *have, int depth)
{
    if (depth > DEPTH_MAX || last->kind != want->kind || want->kind != have->kind)
        return have;
    if (have->kind == VALUE_LIST)
        return list_without(arena, last, want, have, depth);
    if (have->kind != VALUE_RECORD)
        return have;
    struct record_builder out = record_begin(arena);
    for (size_t i = 0; i < have->field_count; i++) {
        const struct field *field = &have->fields[i];
        const struct value *before = value_get(last, field->key), *wanted = value_get(want, field->key);
        if (before == NULL)
            record_set(&out, field->key, field->value);
        else if (wanted != NULL)
            record_set(&out, field->key, without_dropped(arena, before, wanted, field->value, depth + 1));
    }
    return record_end(&out, have->origin);
}

static bool stays(const char *key)
{
    return strcmp(key, "apiVersion") == 0 || strcmp(key, "kind") == 0 || strcmp(key, "status") == 0;
}

/* Of metadata only labels and annotations are anybody's to drop. */
static const struct value *metadata_without(struct arena *arena, const struct value *last,
                                            const struct value *want, const struct value *have)
{
    static const char *const maps[] = {"labels", "annotations"};
    struct record_builder none = record_begin(arena);
    const struct value *empty = record_end(&none, 0);
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        const struct value *before = value_get(last, maps[i]), *there = value_get(have, maps[i]);
        const struct value *wanted = value_get(want, maps[i]);
        if (before == NULL || there == NULL)
            continue;
        struct record_builder out = record_begin(arena);
        for (size_t j = 0; j < have->field_count; j++)
            record_set(&out, have->fields[j].key,
                       have->fields[j].value == there
                           ? without_dropped(arena, before, wanted != NULL ? wanted : empty, there, 0)
                           : have->fields[j].value);
        have = record_end(&out, have->origin);
    }
    return have;
}

const struct value *migrate_expected(struct arena *arena, const struct value *live,
                                     const struct value *document, const struct value *result)
{
    const char *text = document_annotation(live, "kubectl.kubernetes.io/last-applied-configuration"), *why;
    const struct value *last = text != NULL ? json_read_text(arena, text, strlen(text), &why) : NULL;
    if (last == NULL || last->kind != VALUE_RECORD || result->kind != VALUE_RECORD)
        return result;
    struct record_builder out = record_begin(arena);
    for (size_t i = 0; i < result->field_count; i++) {
        const struct field *field = &result->fields[i];
        const struct value *before = value_get(last, field->key), *wanted = value_get(document, field->key);
        if (strcmp(field->key, "metadata") == 0 && before != NULL && wanted != NULL)
            record_set(&out, field->key, metadata_without(arena, before, wanted, field->value));
        else if (before == NULL || stays(field->key))
            record_set(&out, field->key, field->value);
        else if (wanted != NULL)
            record_set(&out, field->key, without_dropped(arena, before, wanted, field->value, 0));
    }
    return record_end(&out, result->origin);
}
