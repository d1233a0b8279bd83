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
