#include "runtime/data/partitions.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
#include "core/arena.h"
#include "runtime/data/spill.h"

enum { FIRST_LIMIT = 2048 };

/* Entries [0, compact) are distinct; those behind were appended. */
struct partition {
    uint64_t *keys;
    void *counts;               /* of partitions->count_size bytes each */
    uint32_t *starts, *lengths; /* texts */
    char *text;
    size_t text_used, text_capacity;
    uint32_t used, compact, capacity;
    uint32_t limit; /* entries at which it is made distinct */
};

/* A list in the temporary file. */
struct run {
    uint64_t offset;
    uint64_t text_size;
    uint32_t partition, count;
};

struct partitions {
    struct partition lists[PARTITIONS];
    struct memory_budget *budget;
    uint64_t held;   /* bytes taken from the budget */
    uint32_t *slots; /* scratch for making distinct: index + 1 of an entry */
    size_t slot_capacity;
    bool texts;
    size_t count_size; /* 0, 1 (where 2 stands for more than one) or 8 bytes */
    uint64_t seed;
    int file;
    uint64_t file_size;
    struct run *runs;
    size_t run_count, run_capacity;
    struct data_error error; /* of spilling, reported at the end */
    bool failed;
};

uint64_t hash_seed(void)
{
    const void *random = (const void *)getauxval(AT_RANDOM); /* 16 bytes that the kernel gives a process */
    uint64_t value = UINT64_C(0x9e3779b97f4a7c15);
    if (random)
        memcpy(&value, random, sizeof value);
    return value | 1;
}

uint64_t hash_text(uint64_t seed, const char *text, size_t length)
{
    uint64_t state = seed ^ length, tail = 0;
    for (; length > 8; text += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, text, 8);
        state = hash_mix(state ^ word, UINT64_C(0xe7037ed1a0b428db));
    }
    memcpy(&tail, text, length);
    return hash_mix(hash_mix(state ^ tail, UINT64_C(0x8ebc6af09c88c6e3)), UINT64_C(0x589965cc75374cc3));
}

struct partitions *partitions_new(bool texts, size_t count_size, struct memory_budget *budget)
{
    struct partitions *partitions = mem_calloc(1, sizeof *partitions);
    partitions->texts = texts;
    partitions->count_size = count_size;
    partitions->seed = hash_seed();
    partitions->budget = budget;
    partitions->file = -1;
    for (int i = 0; i < PARTITIONS; i++)
        partitions->lists[i].limit = FIRST_LIMIT;
    return partitions;
}

static inline uint64_t count_at(const struct partitions *partitions, const struct partition *list, size_t at)
{
    return partitions->count_size == 0   ? 1
           : partitions->count_size == 1 ? ((const uint8_t *)list->counts)[at]
                                         : ((const uint64_t *)list->counts)[at];
}

static inline void count_set(const struct partitions *partitions, struct partition *list, size_t at,
                             uint64_t count)
{
    if (partitions->count_size == 1)
        ((uint8_t *)list->counts)[at] = count > 1 ? 2 : 1;
    else if (partitions->count_size)
        ((uint64_t *)list->counts)[at] = count;
}

static size_t held_by(const struct partitions *partitions, const struct partition *list)
{
    size_t entry = sizeof *list->keys + (list->starts ? 2 * sizeof *list->starts : 0);
    return list->capacity * (entry + partitions->count_size) + list->text_capacity;
}

static void account(struct partitions *partitions, size_t before, size_t after)
{
    if (after > before)
        budget_take(partitions->budget, after - before);
    else
        budget_return(partitions->budget, before - after);
    partitions->held += after - before;
}

static void list_free(struct partitions *partitions, struct partition *list)
{
    size_t before = held_by(partitions, list);
    free(list->keys);
    free(list->counts);
    free(list->starts);
    free(list->lengths);
    free(list->text);
    *list = (struct partition){.limit = FIRST_LIMIT};
    account(partitions, before, 0);
}

void partitions_free(struct partitions *partitions)
{
    if (!partitions)
        return;
    for (int i = 0; i < PARTITIONS; i++)
        list_free(partitions, &partitions->lists[i]);
    if (partitions->file >= 0)
        close(partitions->file);
    free(partitions->slots);
    free(partitions->runs);
    free(partitions);
}

static void list_reserve(struct partitions *partitions, struct partition *list, size_t capacity, size_t text)
{
    size_t before = held_by(partitions, list);
    if (capacity > list->capacity) {
        list->capacity = (uint32_t)capacity;
        list->keys = mem_realloc(list->keys, capacity * sizeof *list->keys);
        if (partitions->count_size)
            list->counts = mem_realloc(list->counts, capacity * partitions->count_size);
        if (partitions->texts) {
            list->starts = mem_realloc(list->starts, capacity * sizeof *list->starts);
            list->lengths = mem_realloc(list->lengths, capacity * sizeof *list->lengths);
        }
    }
    if (text > list->text_capacity) {
        list->text_capacity = text;
        list->text = mem_realloc(list->text, text);
    }
    account(partitions, before, held_by(partitions, list));
}

static bool same_entry(const struct partitions *partitions, const struct partition *list, size_t a, size_t b)
{
    if (list->keys[a] != list->keys[b])
        return false;
    return !partitions->texts ||
           (list->lengths[a] == list->lengths[b] &&
            memcmp(list->text + list->starts[a], list->text + list->starts[b], list->lengths[a]) == 0);
}

static void slots_reserve(struct partitions *partitions, size_t entries, size_t *mask)
{
    size_t size = 64;
    while (size < entries * 2)
        size *= 2;
    if (size > partitions->slot_capacity) {
        free(partitions->slots);
        partitions->slots = mem_alloc(size * sizeof *partitions->slots);
        partitions->slot_capacity = size;
    }
    memset(partitions->slots, 0, size * sizeof *partitions->slots);
    *mask = size - 1;
}

/* Texts of dropped entries go. */
static void pack_texts(struct partitions *partitions, struct partition *list)
{
    size_t before = held_by(partitions, list), used = 0, total = 0;
    for (uint32_t i = 0; i < list->compact; i++)
        total += list->lengths[i];
    char *text = mem_alloc(total + total / 4 + 64);
    for (uint32_t i = 0; i < list->compact; i++) {
        memcpy(text + used, list->text + list->starts[i], list->lengths[i]);
        list->starts[i] = (uint32_t)used;
        used += list->lengths[i];
    }
    free(list->text);
    list->text = text;
    list->text_used = used;
    list->text_capacity = total + total / 4 + 64;
    account(partitions, before, held_by(partitions, list));
}

/* Makes the entries of a list distinct and adds up their counts. */
static void list_compact(struct partitions *partitions, struct partition *list)
{
    size_t mask;
    uint32_t kept = 0, used = list->used;
    if (used == list->compact)
        return;
    const uint64_t with = partitions->seed;
    slots_reserve(partitions, used, &mask);
    uint32_t *slots = partitions->slots;
    for (uint32_t i = 0; i < used; i++) {
        uint64_t hash = partitions->texts ? list->keys[i] : hash_key(with, list->keys[i]);
        size_t slot = (size_t)hash & mask;
        uint64_t count = count_at(partitions, list, i);
        while (slots[slot] && !same_entry(partitions, list, slots[slot] - 1, i))
            slot = (slot + 1) & mask;
        if (slots[slot]) {
            count_set(partitions, list, slots[slot] - 1, count_at(partitions, list, slots[slot] - 1) + count);
            continue;
        }
        slots[slot] = ++kept;
        list->keys[kept - 1] = list->keys[i];
        count_set(partitions, list, kept - 1, count);
        if (partitions->texts) {
            list->starts[kept - 1] = list->starts[i];
            list->lengths[kept - 1] = list->lengths[i];
        }
    }
    list->used = list->compact = kept;
    if (partitions->texts && kept < used)
        pack_texts(partitions, list);
    if (kept > list->limit / 2)
        list->limit = kept * 2;
}

static bool run_write(struct partitions *partitions, const struct partition *list, struct data_error *error)
{
    size_t count = list->used;
    bool ok = spill_write(partitions->file, list->keys, count * sizeof *list->keys, error);
    if (ok && partitions->count_size)
        ok = spill_write(partitions->file, list->counts, count * partitions->count_size, error);
    if (ok && partitions->texts)
        ok = spill_write(partitions->file, list->lengths, count * sizeof *list->lengths, error) &&
             spill_write(partitions->file, list->text, list->text_used, error);
    return ok;
}

static size_t run_size(const struct partitions *partitions, const struct run *run)
{
    size_t entry = sizeof(uint64_t) + partitions->count_size + (partitions->texts ? sizeof(uint32_t) : 0);
    return run->count * entry + run->text_size;
}

static bool run_add(struct partitions *partitions, uint32_t number, struct data_error *error)
{
    struct partition *list = &partitions->lists[number];
    list_compact(partitions, list);
    if (partitions->texts)
        pack_texts(partitions, list);
    if (!run_write(partitions, list, error))
        return false;
    if (partitions->run_count == partitions->run_capacity) {
        partitions->run_capacity = partitions->run_capacity * 2 + PARTITIONS;
        partitions->runs = mem_realloc(partitions->runs, partitions->run_capacity * sizeof *partitions->runs);
    }
    struct run run = {partitions->file_size, list->text_used, number, list->used};
    partitions->runs[partitions->run_count++] = run;
    partitions->file_size += run_size(partitions, &run);
    list_free(partitions, list);
    return true;
}

/* Everything in memory to the temporary file. */
static void spill_all(struct partitions *partitions)
{
    if (partitions->file < 0 && !partitions->failed) {
        partitions->file = spill_open(&partitions->error);
        partitions->failed = partitions->file < 0;
    }
    for (uint32_t i = 0; i < PARTITIONS && !partitions->failed; i++)
        if (partitions->lists[i].used > 0)
            partitions->failed = !run_add(partitions, i, &partitions->error);
    /* Nothing can come of it any more: the memory is not held on to. */
    for (uint32_t i = 0; i < PARTITIONS && partitions->failed; i++)
        list_free(partitions, &partitions->lists[i]);
}

/* A list is full: it is made distinct, and given room. */
static __attribute__((noinline)) void list_grow(struct partitions *partitions, struct partition *list,
                                                size_t text)
{
    enum { WORTH_SPILLING = 1 << 20 };
    if (list->used >= list->limit)
        list_compact(partitions, list);
    if ((budget_is_over(partitions->budget) && partitions->held > WORTH_SPILLING) ||
        list->text_used + text > UINT32_MAX)
        spill_all(partitions);
    size_t capacity = list->capacity;
    if (list->used == capacity) {
        capacity += capacity / 2 + 32;
        if (capacity > list->limit && list->used < list->limit)
            capacity = list->limit;
    }
    size_t text_capacity = list->text_capacity;
    if (list->text_used + text > text_capacity)
        text_capacity += text_capacity / 2 + text + 256;
    list_reserve(partitions, list, capacity, text_capacity);
}

static inline struct partition *list_for(struct partitions *partitions, uint64_t hash, size_t text)
{
    struct partition *list = &partitions->lists[hash >> 56];
    if (__builtin_expect(list->used == list->capacity || list->used >= list->limit ||
                             (text && (list->text_used + text > list->text_capacity)),
                         0))
        list_grow(partitions, list, text);
    return list;
}

void partitions_add(struct partitions *partitions, uint64_t key, const char *text, uint32_t length,
                    uint64_t count)
{
    uint64_t hash = partitions->texts ? key : hash_key(partitions->seed, key);
    struct partition *list = list_for(partitions, hash, length);
    list->keys[list->used] = key;
    count_set(partitions, list, list->used, count);
    if (partitions->texts) {
        list->starts[list->used] = (uint32_t)list->text_used;
        list->lengths[list->used] = length;
        if (length)
            memcpy(list->text + list->text_used, text, length);
        list->text_used += length;
    }
    list->used++;
}

void partitions_add_keys(struct partitions *partitions, const uint64_t *keys, size_t count)
{
    const uint64_t with = partitions->seed;
    for (size_t i = 0; i < count; i++) {
        struct partition *list = list_for(partitions, hash_key(with, keys[i]), 0);
        count_set(partitions, list, list->used, 1);
        list->keys[list->used++] = keys[i];
    }
}

/* Reads a spilled run back, appended to a list. */
static bool run_read(struct partitions *partitions, const struct run *run, struct partition *list,
                     struct data_error *error)
{
    uint64_t at = run->offset;
    size_t base = list->used;
    list_reserve(partitions, list, base + run->count, list->text_used + run->text_size);
    if (!spill_read(partitions->file, at, list->keys + base, run->count * sizeof *list->keys, error))
        return false;
    at += run->count * sizeof *list->keys;
    if (partitions->count_size) {
        if (!spill_read(partitions->file, at, (char *)list->counts + base * partitions->count_size,
                        run->count * partitions->count_size, error))
            return false;
        at += run->count * partitions->count_size;
    }
    list->used += run->count;
    if (!partitions->texts)
        return true;
    if (!spill_read(partitions->file, at, list->lengths + base, run->count * sizeof *list->lengths, error))
        return false;
    at += run->count * sizeof *list->lengths;
    if (!spill_read(partitions->file, at, list->text + list->text_used, run->text_size, error))
        return false;
    for (size_t i = base; i < list->used; i++) {
        list->starts[i] = (uint32_t)list->text_used;
        list->text_used += list->lengths[i];
    }
    return true;
}

/* The whole of one list in memory, distinct. */
static bool list_gather(struct partitions *partitions, uint32_t number, struct data_error *error)
{
    struct partition *list = &partitions->lists[number];
    for (size_t i = 0; i < partitions->run_count; i++) {
        const struct run *run = &partitions->runs[i];
        if (run->partition != number || run->count == 0)
            continue;
        if (list->text_used + run->text_size > UINT32_MAX ||
            (uint64_t)list->used + run->count > UINT32_MAX / 2) {
            data_fail(error, "the distinct values of one column are too many (more than 500 GB of text)");
            return false;
        }
        if (!run_read(partitions, run, list, error))
            return false;
        list_compact(partitions, list);
    }
    list_compact(partitions, list);
    return true;
}

/* Calls `visit` with every list, whole; lists that came from the file are freed again. */
static bool lists_each(struct partitions *partitions, bool (*visit)(void *context, struct partition *list),
                       void *context, struct data_error *error)
{
    bool spilled = partitions->run_count > 0;
    if (partitions->failed) {
        *error = partitions->error;
        return false;
    }
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        if (spilled && partitions->lists[i].used > 0 && !run_add(partitions, i, error))
            return false;
        if (!list_gather(partitions, i, error))
            return false;
        bool go_on = visit(context, &partitions->lists[i]);
        if (spilled)
            list_free(partitions, &partitions->lists[i]);
        if (!go_on)
            break;
    }
    free(partitions->slots);
    partitions->slots = NULL;
    partitions->slot_capacity = 0;
    return true;
}

static void list_absorb(struct partitions *into, struct partition *list, const struct partition *from)
{
    if (list->text_used + from->text_used > UINT32_MAX)
        spill_all(into);
    size_t base = list->used, count = from->used;
    list_reserve(into, list, base + count, list->text_used + from->text_used);
    memcpy(list->keys + base, from->keys, count * sizeof *list->keys);
    if (into->count_size)
        memcpy((char *)list->counts + base * into->count_size, from->counts, count * into->count_size);
    if (into->texts) {
        memcpy(list->lengths + base, from->lengths, count * sizeof *list->lengths);
        for (size_t i = 0; i < count; i++)
            list->starts[base + i] = from->starts[i] + (uint32_t)list->text_used;
        memcpy(list->text + list->text_used, from->text, from->text_used);
        list->text_used += from->text_used;
    }
    list->used += (uint32_t)count;
    if (base == 0)
        list->compact = from->compact;
    if (list->used > list->limit)
        list->limit = list->used;
}

static bool absorb_entry(void *context, const struct partition_entry *entry)
{
    partitions_add(context, entry->key, entry->text, entry->length, entry->count);
    return true;
}

void partitions_fail(struct partitions *partitions, const struct data_error *error)
{
    if (!partitions->failed)
        partitions->error = *error;
    partitions->failed = true;
}

void partitions_absorb(struct partitions *into, struct partitions *from)
{
    struct data_error error;
    if (from->run_count > 0 || from->failed) {
        if (!partitions_each(from, absorb_entry, into, &error))
            partitions_fail(into, &error);
        partitions_free(from);
        return;
    }
    for (int i = 0; i < PARTITIONS; i++) {
        if (from->lists[i].used > 0)
            list_absorb(into, &into->lists[i], &from->lists[i]);
        list_free(from, &from->lists[i]);
    }
    partitions_free(from);
    if (budget_is_over(into->budget))
        spill_all(into);
}

struct each_context {
    const struct partitions *partitions;
    bool (*each)(void *context, const struct partition_entry *entry);
    void *context;
};

static bool visit_entries(void *context, struct partition *list)
{
    const struct each_context *visitor = context;
    for (uint32_t i = 0; i < list->used; i++) {
        struct partition_entry entry = {.key = list->keys[i],
                                        .count = count_at(visitor->partitions, list, i)};
        if (visitor->partitions->texts) {
            entry.text = list->text + list->starts[i];
            entry.length = list->lengths[i];
        }
        if (!visitor->each(visitor->context, &entry))
            return false;
    }
    return true;
}

bool partitions_each(struct partitions *partitions,
                     bool (*each)(void *context, const struct partition_entry *entry), void *context,
                     struct data_error *error)
{
    struct each_context visitor = {partitions, each, context};
    return lists_each(partitions, visit_entries, &visitor, error);
}

struct totals {
    const struct partitions *partitions;
    uint64_t distinct, unique;
};

static bool visit_totals(void *context, struct partition *list)
{
    struct totals *totals = context;
    totals->distinct += list->used;
    for (uint32_t i = 0; totals->partitions->count_size && i < list->used; i++)
        totals->unique += count_at(totals->partitions, list, i) == 1;
    return true;
}

bool partitions_count(struct partitions *partitions, uint64_t *distinct, uint64_t *unique,
                      struct data_error *error)
{
    struct totals totals = {.partitions = partitions};
    bool ok = lists_each(partitions, visit_totals, &totals, error);
    *distinct = totals.distinct;
    *unique = totals.unique;
    return ok;
}
