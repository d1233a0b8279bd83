#include "core/documents/entries.h"

#include <stdlib.h>
#include <string.h>
#include "core/map.h"

enum { SCANNED_KEYS = 16 };

void entries_push(struct entries *entries, struct entry entry)
{
    if (entries->count == entries->capacity) {
        entries->capacity = entries->capacity ? entries->capacity * 2 : 64;
        entries->items = mem_realloc(entries->items, entries->capacity * sizeof *entries->items);
    }
    entries->items[entries->count++] = entry;
}

void entries_free(struct entries *entries)
{
    free(entries->items);
    *entries = (struct entries){0};
}

static bool scan_for_duplicate(const struct entry *items, size_t count, const struct entry **before,
                               const struct entry **again)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (items[i].key == items[j].key || strcmp(items[i].key, items[j].key) == 0) {
                *before = &items[j];
                *again = &items[i];
                return true;
            }
    return false;
}

bool entries_find_duplicate(const struct entries *entries, size_t first, const struct entry **before,
                            const struct entry **again)
{
    size_t count = entries->count - first;
    if (count < 2)
        return false;
    struct entry *items = entries->items + first;
    if (count <= SCANNED_KEYS)
        return scan_for_duplicate(items, count, before, again);
    struct arena *arena = arena_new();
    struct map *seen = map_new(arena);
    *before = NULL;
    for (size_t i = 0; i < count && !*before; i++) {
        *before = map_set(seen, items[i].key, &items[i]);
        *again = &items[i];
    }
    arena_free(arena);
    return *before != NULL;
}

void entries_to_list(struct entries *entries, size_t first, struct arena *arena, struct value *list)
{
    size_t count = entries->count - first;
    const struct value **items = arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = entries->items[first + i].value;
    list->items = items;
    list->count = count;
    entries->count = first;
}

void entries_to_record(struct entries *entries, size_t first, struct arena *arena, struct value *record)
{
    size_t count = entries->count - first;
    struct field *fields = arena_array(arena, count, sizeof *fields);
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry = &entries->items[first + i];
        fields[i] = (struct field){entry->key, entry->key_origin, entry->value};
    }
    record->fields = fields;
    record->field_count = count;
    entries->count = first;
}
