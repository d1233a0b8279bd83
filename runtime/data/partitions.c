#include "runtime/data/partitions.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include "core/arena.h"
#include "runtime/data/partitions_file.h"

enum { FIRST_LIMIT = 32 };

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
    budget_take(budget, sizeof *partitions);
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

void list_free(struct partitions *partitions, struct partition *list)
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
    segments_drop(partitions);
    budget_return(partitions->budget, sizeof *partitions);
    free(partitions->segments);
    free(partitions);
}

void list_reserve(struct partitions *partitions, struct partition *list, size_t capacity, size_t text)
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

/* Texts of dropped entries go. */
void list_pack(struct partitions *partitions, struct partition *list)
{
    size_t before = held_by(partitions, list), used = 0, total = 0;
    for (uint32_t i = 0; i < list->compact; i++)
        total += list->lengths[i];
    char *text = mem_alloc(total + total / 4 + 64);
    for (uint32_t i = 0; i < list->compact; i++) {
        if (list->lengths[i])
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

/* Drops the entries of a list that were there before and adds up their counts; `slots` is a hash table of
 * index + 1 of an entry, `mask` its size less one. How many are left. */
static uint32_t drop_repeated(struct partitions *partitions, struct partition *list, uint32_t *slots,
                              size_t mask)
{
    const uint64_t with = partitions->seed;
    uint32_t kept = 0, used = list->used;
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
    return kept;
}

void list_compact(struct partitions *partitions, struct partition *list)
{
    enum { FEW = 1024 };
    uint32_t few[FEW], *slots = few, used = list->used;
    size_t size = 64;
    if (used == list->compact)
        return;
    while (size < (size_t)used * 2)
        size *= 2;
    if (size > FEW)
        slots = mem_alloc(size * sizeof *slots);
    memset(slots, 0, size * sizeof *slots);
    uint32_t kept = drop_repeated(partitions, list, slots, size - 1);
    if (slots != few)
        free(slots);
    list->used = list->compact = kept;
    if (partitions->texts && kept < used)
        list_pack(partitions, list);
    if (kept > list->limit / 2)
        list->limit = kept * 2;
}

/* What the set holds in memory however little is left. More for one of which much was written already, so
 * that it does not come back in thousands of pieces. */
static uint64_t floor_of(const struct partitions *partitions)
{
    uint64_t share = budget_share(partitions->budget), least = partitions->spilled / 64;
    least = least < share ? least : share;
    return least > 2 * SET_FLOOR ? least : 2 * SET_FLOOR;
}

/* Everything in memory to the temporary file. */
static void spill_all(struct partitions *partitions)
{
    for (uint32_t i = 0; i < PARTITIONS; i++)
        list_compact(partitions, &partitions->lists[i]);
    if (!partitions->failed)
        partitions->failed = !segment_write(partitions, &partitions->error);
    /* When it failed, nothing can come of it any more: the memory is not held on to. */
    for (uint32_t i = 0; i < PARTITIONS; i++)
        list_free(partitions, &partitions->lists[i]);
}

/* A list is full: it is made distinct, and given room. */
static __attribute__((noinline)) void list_grow(struct partitions *partitions, struct partition *list,
                                                size_t text)
{
    if (list->used >= list->limit)
        list_compact(partitions, list);
    if ((budget_is_over(partitions->budget) && partitions->held > floor_of(partitions)) ||
        list->text_used + text > UINT32_MAX)
        spill_all(partitions);
    size_t capacity = list->capacity;
    if (list->used == capacity) {
        capacity += capacity / 2 + 8;
        if (capacity > list->limit && list->used < list->limit)
            capacity = list->limit;
    }
    size_t text_capacity = list->text_capacity;
    if (list->text_used + text > text_capacity)
        text_capacity += text_capacity / 2 + text + 64;
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

/* All that was written comes back into the lists, which are then written once more as one segment: the next
 * time there is nothing to put together. */
static bool gather_all(struct partitions *partitions, struct data_error *error)
{
    bool one = partitions->segment_count == 1;
    for (uint32_t i = 0; i < PARTITIONS && one; i++)
        one = partitions->lists[i].used == 0;
    for (size_t i = 0; i < partitions->segment_count; i++)
        if (!segment_read(partitions, &partitions->segments[i], error))
            return false;
    for (uint32_t i = 0; i < PARTITIONS; i++)
        list_compact(partitions, &partitions->lists[i]);
    if (one)
        return true;
    segments_drop(partitions);
    return segment_write(partitions, error);
}

/* Too much to have it in memory: one list at a time. */
static bool gather_each(struct partitions *partitions, bool (*visit)(void *context, struct partition *list),
                        void *context, struct data_error *error)
{
    bool held = false, ok, go_on = true;
    for (uint32_t i = 0; i < PARTITIONS && !held; i++)
        held = partitions->lists[i].used > 0;
    if (held)
        spill_all(partitions);
    if (partitions->failed) {
        *error = partitions->error;
        return false;
    }
    struct directory *directories = directories_read(partitions, error);
    ok = directories != NULL;
    for (uint32_t i = 0; i < PARTITIONS && ok && go_on; i++) {
        ok = list_gather(partitions, directories, i, error);
        go_on = ok && visit(context, &partitions->lists[i]);
        list_free(partitions, &partitions->lists[i]);
    }
    free(directories);
    return ok;
}

/* Calls `visit` with every list, whole; lists that came from the file are freed again. */
static bool lists_each(struct partitions *partitions, bool (*visit)(void *context, struct partition *list),
                       void *context, struct data_error *error)
{
    bool spilled = partitions->segment_count > 0, ok = true;
    if (partitions->failed) {
        *error = partitions->error;
        return false;
    }
    if (spilled && partitions->spilled + partitions->held > budget_gathered(partitions->budget))
        return gather_each(partitions, visit, context, error);
    if (spilled)
        ok = gather_all(partitions, error);
    bool go_on = ok;
    for (uint32_t i = 0; i < PARTITIONS && go_on; i++) {
        list_compact(partitions, &partitions->lists[i]);
        go_on = visit(context, &partitions->lists[i]);
    }
    for (uint32_t i = 0; i < PARTITIONS && spilled; i++)
        list_free(partitions, &partitions->lists[i]);
    return ok;
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
        if (from->text_used)
            memcpy(list->text + list->text_used, from->text, from->text_used);
        list->text_used += from->text_used;
    }
    list->used += (uint32_t)count;
    if (base == 0)
        list->compact = from->compact;
    if (list->used > list->limit)
        list->limit = list->used;
}

void partitions_fail(struct partitions *partitions, const struct data_error *error)
{
    if (!partitions->failed)
        partitions->error = *error;
    partitions->failed = true;
}

void partitions_absorb(struct partitions *into, struct partitions *from)
{
    if (from->failed)
        partitions_fail(into, &from->error);
    segments_move(into, from);
    for (int i = 0; i < PARTITIONS; i++) {
        if (from->lists[i].used > 0)
            list_absorb(into, &into->lists[i], &from->lists[i]);
        list_free(from, &from->lists[i]);
    }
    partitions_free(from);
    if (budget_is_over(into->budget) && into->held > floor_of(into))
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
