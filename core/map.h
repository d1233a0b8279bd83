#ifndef MLC_CORE_MAP_H
#define MLC_CORE_MAP_H

/* A hash table from strings to pointers in an arena, which keeps the order of insertion. Keys are
 * copied. Lookups are O(1); the hash is seeded by a constant, and buckets degrade to a scan of equal
 * hashes only, so hostile keys cost at most the square of their count within one bucket. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"

struct map;

struct map_entry {
    const char *key;
    size_t key_length;
    void *value;
};

struct map *map_new(struct arena *arena);
size_t map_count(const struct map *map);

/* The value of a key, or NULL. */
void *map_get(const struct map *map, const char *key);
void *map_get_n(const struct map *map, const char *key, size_t length);

/* True if the key is there, whatever its value. */
bool map_has(const struct map *map, const char *key);

/* Sets a key; returns the value it had, or NULL. The place in the order stays that of the first set. */
void *map_set(struct map *map, const char *key, void *value);
void *map_set_n(struct map *map, const char *key, size_t length, void *value);

/* The entry at `index` (0 … map_count-1) in order of insertion. */
const struct map_entry *map_at(const struct map *map, size_t index);

/* The key nearest to `name` by edit distance (at most a third of its length, transpositions count as
 * one), or NULL: what did-you-mean offers. */
const char *map_nearest(const struct map *map, const char *name);

#endif
