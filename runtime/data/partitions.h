#ifndef MLC_DATA_PARTITIONS_H
#define MLC_DATA_PARTITIONS_H

/* Many keys with counts: 256 lists by hash, to which keys are appended without looking, and which are made
 * distinct when they have grown, one list at a time in the cache. Over the budget the lists go to a temporary
 * file and are read back one by one. A key is 64 bits; with `texts` it is the hash of a text that is kept. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/data/memory_budget.h"

enum { PARTITIONS = 256 };

struct partitions;

/* `count_size`: 0 keeps no counts, 1 only tells one from more, 8 counts. */
struct partitions *partitions_new(bool texts, size_t count_size, struct memory_budget *budget);
void partitions_free(struct partitions *partitions);

/* Hashes with a seed of this process, so that input cannot be made to collide. Sets that are merged have the
 * same one. */
uint64_t hash_seed(void);
uint64_t hash_text(uint64_t seed, const char *text, size_t length);

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_key(uint64_t seed, uint64_t key)
{
    return hash_mix(key ^ seed, UINT64_C(0xa0761d6478bd642f) ^ (seed << 32 | seed >> 32));
}

/* Adds `key` `count` times (`text` is NULL without texts). */
void partitions_add(struct partitions *partitions, uint64_t key, const char *text, uint32_t length,
                    uint64_t count);

/* Adds many keys of 64 bits, each once. */
void partitions_add_keys(struct partitions *partitions, const uint64_t *keys, size_t count);

/* Moves everything of `from` (made with the same flags) into `into` and frees it. */
void partitions_absorb(struct partitions *into, struct partitions *from);

/* Makes the set fail at its end with an error that happened elsewhere. */
void partitions_fail(struct partitions *partitions, const struct data_error *error);

struct partition_entry {
    uint64_t key;
    const char *text;
    uint32_t length;
    uint64_t count;
};

/* All distinct keys with their counts (1 without counts); false with an error when the temporary file
 * fails, true when `each` stopped it. Nothing may be added afterwards. */
bool partitions_each(struct partitions *partitions,
                     bool (*each)(void *context, const struct partition_entry *entry), void *context,
                     struct data_error *error);

/* How many distinct keys, and how many of them once (0 without counts). */
bool partitions_count(struct partitions *partitions, uint64_t *distinct, uint64_t *unique,
                      struct data_error *error);

#endif
