#ifndef MLC_CORE_DOCUMENTS_ENTRIES_H
#define MLC_CORE_DOCUMENTS_ENTRIES_H

/* The entries of the lists and records that a reader has open, on one stack: a container notes the count when
 * it begins and takes its entries from there when it ends. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/value.h"

struct entry {
    const char *key; /* NULL in a list */
    uint32_t key_start, key_end;
    origin key_origin;
    const struct value *value;
};

struct entries {
    struct entry *items;
    size_t count, capacity;
};

void entries_push(struct entries *entries, struct entry entry);
void entries_free(struct entries *entries);

/* True if two entries from `first` on have the same key: the earliest pair, in order of the second one. */
bool entries_find_duplicate(const struct entries *entries, size_t first, const struct entry **before,
                            const struct entry **again);

/* Move the entries from `first` on into a list or a record. */
void entries_to_list(struct entries *entries, size_t first, struct arena *arena, struct value *list);
void entries_to_record(struct entries *entries, size_t first, struct arena *arena, struct value *record);

#endif
