#include "core/map.h"

#include <stdint.h>
#include <string.h>
#include "core/text.h"

/* Entries lie in an array in order of insertion. Up to SMALL entries are scanned; beyond that a table of
 * slots, at most half full and probed linearly, leads from a hash to an entry. */
enum { SMALL = 8 };

struct slot {
    uint32_t hash;
    uint32_t entry; /* index + 1; 0: free */
};

struct map {
    struct arena *arena;
    struct map_entry *entries;
    size_t count;
    size_t capacity;
    struct slot *slots;
    size_t slot_mask;
};

struct map *map_new(struct arena *arena)
{
    struct map *map = arena_alloc(arena, sizeof *map);
    map->arena = arena;
    return map;
}

size_t map_count(const struct map *map)
{
    return map->count;
}

/* Eight bytes a step, mixed by multiplication and a fold of the high half. */
static uint32_t hash_of(const char *key, size_t length)
{
    uint64_t hash = UINT64_C(0x9e3779b97f4a7c15) ^ length;
    for (; length >= 8; key += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, key, 8);
        hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    uint64_t tail = 0;
    for (size_t i = 0; i < length; i++)
        tail = tail << 8 | (unsigned char)key[i];
    hash = (hash ^ tail) * UINT64_C(0xc4ceb9fe1a85ec53);
    hash ^= hash >> 29;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    return (uint32_t)(hash >> 32);
}

static bool key_is(const struct map_entry *entry, const char *key, size_t length)
{
    return entry->key_length == length && memcmp(entry->key, key, length) == 0;
}

static struct map_entry *find(const struct map *map, const char *key, size_t length)
{
    if (!map->slots) {
        for (size_t i = 0; i < map->count; i++)
            if (key_is(&map->entries[i], key, length))
                return &map->entries[i];
        return NULL;
    }
    uint32_t hash = hash_of(key, length);
    for (size_t at = hash & map->slot_mask; map->slots[at].entry; at = (at + 1) & map->slot_mask) {
        struct map_entry *entry = &map->entries[map->slots[at].entry - 1];
        if (map->slots[at].hash == hash && key_is(entry, key, length))
            return entry;
    }
    return NULL;
}

static void insert_slot(struct map *map, uint32_t hash, size_t index)
{
    size_t at = hash & map->slot_mask;
    while (map->slots[at].entry)
        at = (at + 1) & map->slot_mask;
    map->slots[at] = (struct slot){hash, (uint32_t)index + 1};
}

static void rebuild_slots(struct map *map)
{
    size_t size = map->capacity * 2;
    map->slots = arena_array(map->arena, size, sizeof *map->slots);
    map->slot_mask = size - 1;
    for (size_t i = 0; i < map->count; i++)
        insert_slot(map, hash_of(map->entries[i].key, map->entries[i].key_length), i);
}

/* Capacities are powers of two, so that the number of slots is one too. */
static void grow(struct map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : SMALL;
    struct map_entry *entries = arena_array(map->arena, capacity, sizeof *entries);
    if (map->count)
        memcpy(entries, map->entries, map->count * sizeof *entries);
    map->entries = entries;
    map->capacity = capacity;
    if (capacity > SMALL)
        rebuild_slots(map);
}

void *map_get_n(const struct map *map, const char *key, size_t length)
{
    const struct map_entry *entry = find(map, key, length);
    return entry ? entry->value : NULL;
}

void *map_get(const struct map *map, const char *key)
{
    return map_get_n(map, key, strlen(key));
}

bool map_has(const struct map *map, const char *key)
{
    return find(map, key, strlen(key)) != NULL;
}

void *map_set_n(struct map *map, const char *key, size_t length, void *value)
{
    struct map_entry *entry = find(map, key, length);
    if (entry) {
        void *old = entry->value;
        entry->value = value;
        return old;
    }
    if (map->count == map->capacity)
        grow(map);
    map->entries[map->count] = (struct map_entry){arena_copy(map->arena, key, length), length, value};
    if (map->slots)
        insert_slot(map, hash_of(key, length), map->count);
    map->count++;
    return NULL;
}

void *map_set(struct map *map, const char *key, void *value)
{
    return map_set_n(map, key, strlen(key), value);
}

const struct map_entry *map_at(const struct map *map, size_t index)
{
    return &map->entries[index];
}

/* Case and the choice between '_' and '-' are what people mix up most: such a name is as good as equal. */
static bool same_but_for_style(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a == '_' ? '-' : *a, y = *b == '_' ? '-' : *b;
        if (x >= 'A' && x <= 'Z')
            x = (char)(x + 32);
        if (y >= 'A' && y <= 'Z')
            y = (char)(y + 32);
        if (x != y)
            return false;
    }
    return *a == *b;
}

const char *map_nearest(const struct map *map, const char *name)
{
    size_t length = strlen(name);
    size_t best = length / 3 + 1; /* one more than allowed */
    const char *nearest = NULL;
    for (size_t i = 0; i < map->count && best > 0; i++) {
        const char *key = map->entries[i].key;
        size_t distance = same_but_for_style(key, name) ? 0 : text_distance(key, name, best - 1);
        if (distance < best) {
            best = distance;
            nearest = key;
        }
    }
    return nearest;
}
