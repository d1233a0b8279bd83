#include "core/documents/diff.h"

#include <string.h>
#include "core/buf.h"
#include "core/documents/path.h"
#include "core/map.h"

struct differ {
    struct arena *arena;
    struct vec *changes;
    struct buf path;
};

static void compare(struct differ *differ, const struct value *before, const struct value *after);

static void add_change(struct differ *differ, enum change_kind kind, const struct value *before,
                       const struct value *after)
{
    struct change *change = arena_alloc(differ->arena, sizeof *change);
    change->kind = kind;
    change->path = arena_strdup(differ->arena, buf_str(&differ->path));
    change->before = before;
    change->after = after;
    vec_push(differ->changes, change);
}

/* Compares two values below the current path; either one may be NULL. */
static void compare_at(struct differ *differ, size_t parent, const struct value *before,
                       const struct value *after)
{
    if (before && after)
        compare(differ, before, after);
    else
        add_change(differ, before ? CHANGE_REMOVED : CHANGE_ADDED, before, after);
    path_cut(&differ->path, parent);
}

/* A table from keys to values, so that large records are compared in linear time. */
static struct map *index_fields(struct arena *arena, const struct value *record)
{
    struct map *index = map_new(arena);
    for (size_t i = 0; i < record->field_count; i++)
        map_set(index, record->fields[i].key, (void *)record->fields[i].value);
    return index;
}

static void compare_records(struct differ *differ, const struct value *before, const struct value *after)
{
    struct arena *arena = arena_new();
    struct map *old = index_fields(arena, before), *new = index_fields(arena, after);
    size_t parent = differ->path.length;
    for (size_t i = 0; i < after->field_count; i++) {
        path_add_key(&differ->path, after->fields[i].key);
        compare_at(differ, parent, map_get(old, after->fields[i].key), after->fields[i].value);
    }
    for (size_t i = 0; i < before->field_count; i++) {
        if (map_has(new, before->fields[i].key))
            continue;
        path_add_key(&differ->path, before->fields[i].key);
        compare_at(differ, parent, before->fields[i].value, NULL);
    }
    arena_free(arena);
}

/* The text of a scalar that identifies a record, or NULL. */
static const char *identity(struct arena *arena, const struct value *record, const char *key)
{
    const struct value *value = value_get(record, key);
    if (!value || (value->kind != VALUE_STRING && value->kind != VALUE_INT))
        return NULL;
    if (value->kind == VALUE_STRING)
        return value->text;
    return arena_printf(arena, "%lld", (long long)value->integer);
}

/* A table from the identities of all records of a list; NULL when one has none or two share one. */
static struct map *index_items(struct arena *arena, const struct value *list, const char *key)
{
    struct map *index = map_new(arena);
    for (size_t i = 0; i < list->count; i++) {
        const char *id = identity(arena, list->items[i], key);
        if (!id || map_set(index, id, (void *)list->items[i]))
            return NULL;
    }
    return index;
}

/* The field by which the records of both lists are told apart, with a table of each list. */
static const char *find_identity(struct arena *arena, const struct value *before, const struct value *after,
                                 struct map **old, struct map **new)
{
    static const char *const keys[] = {"name",      "key",           "id",   "type",
                                       "mountPath", "containerPort", "port", "path"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        *old = index_items(arena, before, keys[i]);
        *new = *old ? index_items(arena, after, keys[i]) : NULL;
        if (*new)
            return keys[i];
    }
    return NULL;
}

static void compare_keyed(struct differ *differ, const char *key, const struct map *old,
                          const struct map *new)
{
    size_t parent = differ->path.length;
    for (size_t i = 0; i < map_count(new); i++) {
        const struct map_entry *entry = map_at(new, i);
        path_add_identity(&differ->path, key, entry->key);
        compare_at(differ, parent, map_get(old, entry->key), entry->value);
    }
    for (size_t i = 0; i < map_count(old); i++) {
        const struct map_entry *entry = map_at(old, i);
        if (map_has(new, entry->key))
            continue;
        path_add_identity(&differ->path, key, entry->key);
        compare_at(differ, parent, entry->value, NULL);
    }
}

static void compare_by_index(struct differ *differ, const struct value *before, const struct value *after)
{
    size_t parent = differ->path.length, count = before->count > after->count ? before->count : after->count;
    for (size_t i = 0; i < count; i++) {
        path_add_index(&differ->path, i);
        compare_at(differ, parent, i < before->count ? before->items[i] : NULL,
                   i < after->count ? after->items[i] : NULL);
    }
}

static void compare_lists(struct differ *differ, const struct value *before, const struct value *after)
{
    struct arena *arena = arena_new();
    struct map *old, *new;
    const char *key = before->count && after->count ? find_identity(arena, before, after, &old, &new) : NULL;
    if (key)
        compare_keyed(differ, key, old, new);
    else
        compare_by_index(differ, before, after);
    arena_free(arena);
}

static void compare(struct differ *differ, const struct value *before, const struct value *after)
{
    if (before == after)
        return;
    if (before->kind == VALUE_RECORD && after->kind == VALUE_RECORD)
        compare_records(differ, before, after);
    else if (before->kind == VALUE_LIST && after->kind == VALUE_LIST)
        compare_lists(differ, before, after);
    else if (!value_equal(before, after))
        add_change(differ, CHANGE_REPLACED, before, after);
}

void document_diff(struct arena *arena, const struct value *before, const struct value *after,
                   struct vec *changes)
{
    struct differ differ = {.arena = arena, .changes = changes};
    compare(&differ, before, after);
    buf_free(&differ.path);
}
