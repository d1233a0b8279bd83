#include "core/origin.h"

#include <string.h>

struct entry {
    struct span span;
    origin parent;
};

struct origin_table {
    struct arena *arena;
    struct entry *entries; /* entry 0 is "unknown" */
    uint32_t count;
    uint32_t capacity;
};

struct origin_table *origin_table_new(struct arena *arena)
{
    struct origin_table *table = arena_alloc(arena, sizeof *table);
    table->arena = arena;
    table->capacity = 64;
    table->entries = arena_array(arena, table->capacity, sizeof *table->entries);
    table->count = 1;
    return table;
}

static bool entry_is(const struct entry *entry, struct span span, origin parent)
{
    return entry->parent == parent && entry->span.source == span.source && entry->span.start == span.start &&
           entry->span.end == span.end;
}

/* A full table answers "unknown" rather than a wrong place. */
static bool origin_grow(struct origin_table *table)
{
    if (table->capacity > UINT32_MAX / 2)
        return false;
    struct entry *entries = arena_array(table->arena, (size_t)table->capacity * 2, sizeof *entries);
    memcpy(entries, table->entries, table->count * sizeof *entries);
    table->entries = entries;
    table->capacity *= 2;
    return true;
}

origin origin_add(struct origin_table *table, struct span span, origin parent)
{
    if (parent >= table->count)
        parent = 0;
    if (span_is_none(span))
        return parent;
    if (entry_is(&table->entries[table->count - 1], span, parent))
        return table->count - 1;
    if (table->count == table->capacity && !origin_grow(table))
        return parent;
    table->entries[table->count] = (struct entry){span, parent};
    return table->count++;
}

struct span origin_span(const struct origin_table *table, origin id)
{
    return id < table->count ? table->entries[id].span : span_none;
}

origin origin_parent(const struct origin_table *table, origin id)
{
    return id < table->count ? table->entries[id].parent : 0;
}

struct span origin_user_span(const struct origin_table *table, const struct source_set *sources, origin id)
{
    /* A parent is older than its child, so that every chain ends at 0. */
    for (; id; id = origin_parent(table, id)) {
        struct span span = origin_span(table, id);
        const struct source *source = source_of(sources, span.source);
        if (source && source->role == SOURCE_USER)
            return span;
    }
    return span_none;
}
