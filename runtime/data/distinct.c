#include "runtime/data/distinct.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "runtime/data/memory_budget.h"
#include "runtime/data/partitions.h"

enum {
    SMALL_SLOTS = 1024, /* of the table that the first values go to: at first, */
    SMALL_MOST = 8192,  /* and when it has grown */
    SMALL_FIRST = 8,
    SMALL_LIMIT = 4096,     /* a power of two times SMALL_FIRST, half of SMALL_MOST */
    SMALL_TEXT = 4096,      /* longer ones go to the lists */
    SMALL_RECORD = 16,      /* what the allocator adds to a text, about */
    DENSE_BITS = 1 << 24,   /* widest window of integers that is kept as bits */
    DENSE_COUNTS = 1 << 20, /* the same with a count each */
    DENSE_FIRST = 64,
    DENSE_LEAST = 4096 /* but for tables of thousands of columns, whose chunks have few rows */
};

struct small_entry {
    uint64_t key; /* the value, or the hash of the text */
    uint64_t count;
    char *text;
    uint32_t length;
};

/* Three stores, each value in one of them: `dense` for integers in a window that the first chunk decides;
 * `small` for the first few others; `many` for all others once those are more than a few. */
struct distinct {
    struct column_schema schema;
    enum distinct_detail detail;
    struct memory_budget *budget;
    bool texts; /* STRING and DECIMAL: keys are texts */
    uint64_t seed;
    bool decided, dense;
    uint64_t dense_base; /* as unsigned, so that differences wrap */
    uint64_t dense_size;
    uint64_t *seen, *again; /* bits */
    uint64_t *dense_counts;
    struct small_entry *small;
    uint16_t *slots; /* slot_count of index + 1; NULL before the first value, as most of many columns may be
                        empty */
    size_t slot_count, small_count, small_capacity;
    uint64_t small_held; /* bytes of the table, taken from the budget */
    struct partitions *many;
    uint64_t values;
};

struct distinct *distinct_new(const struct column_schema *schema, enum distinct_detail detail,
                              struct memory_budget *budget)
{
    struct distinct *set = mem_calloc(1, sizeof *set);
    set->schema = *schema;
    set->detail = detail;
    set->seed = hash_seed();
    set->budget = budget;
    set->texts = schema->type == COLUMN_STRING || schema->type == COLUMN_DECIMAL;
    budget_join(budget);
    return set;
}

static uint64_t dense_bytes(const struct distinct *set)
{
    uint64_t bits = set->dense_size / 8;
    return (set->seen ? bits : 0) + (set->again ? bits : 0) + (set->dense_counts ? set->dense_size * 8 : 0);
}

static void small_hold(struct distinct *set, uint64_t bytes)
{
    budget_take(set->budget, bytes);
    set->small_held += bytes;
}

static void small_free(struct distinct *set)
{
    for (size_t i = 0; i < set->small_count; i++)
        free(set->small[i].text);
    free(set->small);
    free(set->slots);
    budget_return(set->budget, set->small_held);
    set->small = NULL;
    set->slots = NULL;
    set->slot_count = set->small_count = set->small_capacity = 0;
    set->small_held = 0;
}

void distinct_free(struct distinct *set)
{
    if (!set)
        return;
    small_free(set);
    budget_return(set->budget, dense_bytes(set));
    free(set->seen);
    free(set->again);
    free(set->dense_counts);
    partitions_free(set->many);
    budget_leave(set->budget);
    free(set);
}

/* Bytes of a window of so many integers. */
static uint64_t window_bytes(const struct distinct *set, uint64_t size)
{
    return set->detail == DISTINCT_COUNTS ? size * 8 : set->detail == DISTINCT_UNIQUE ? size / 4 : size / 8;
}

/* A window around the integers of the first chunk, when they lie close together. */
static void decide_dense(struct distinct *set, const struct column *column, const uint64_t *mask, size_t rows)
{
    const int64_t *ints = column->ints;
    int64_t low = INT64_MAX, high = INT64_MIN;
    uint64_t limit = set->detail == DISTINCT_COUNTS ? DENSE_COUNTS : DENSE_BITS, size = DENSE_FIRST;
    for (size_t row = 0; row < rows; row++) {
        if (!column_is_valid(column, row) || (mask && !(mask[row / 64] >> (row % 64) & 1)))
            continue;
        low = ints[row] < low ? ints[row] : low;
        high = ints[row] > high ? ints[row] : high;
    }
    if (low > high)
        return;
    set->decided = true;
    uint64_t range = (uint64_t)high - (uint64_t)low;
    /* A window much wider than the values seen would cost more than it saves. */
    if (range > limit / 2 || range > (uint64_t)rows * 4096)
        return;
    while (size < range * 2 || (size < rows * 4 && size < DENSE_LEAST))
        size *= 2;
    if (window_bytes(set, size) > budget_share(set->budget))
        return; /* a window cannot be spilled */
    set->dense = true;
    set->dense_size = size;
    set->dense_base = (uint64_t)low - (size - range) / 2;
    if (set->detail == DISTINCT_COUNTS) {
        set->dense_counts = mem_calloc(size, sizeof *set->dense_counts);
    } else {
        set->seen = mem_calloc(size / 64, sizeof *set->seen);
        if (set->detail == DISTINCT_UNIQUE)
            set->again = mem_calloc(size / 64, sizeof *set->again);
    }
    budget_take(set->budget, dense_bytes(set));
}

static inline bool dense_add(struct distinct *set, uint64_t key, uint64_t count)
{
    uint64_t at = key - set->dense_base;
    if (at >= set->dense_size)
        return false;
    if (set->dense_counts) {
        set->dense_counts[at] += count;
        return true;
    }
    uint64_t bit = UINT64_C(1) << (at % 64);
    if (set->again)
        set->again[at / 64] |= count > 1 ? bit : set->seen[at / 64] & bit;
    set->seen[at / 64] |= bit;
    return true;
}

/* The small table is full: all of it goes to the partitions. */
static void small_end(struct distinct *set)
{
    static const size_t count_sizes[] = {[DISTINCT_NUMBER] = 0, [DISTINCT_UNIQUE] = 1, [DISTINCT_COUNTS] = 8};
    set->many = partitions_new(set->texts, count_sizes[set->detail], set->budget);
    for (size_t i = 0; i < set->small_count; i++) {
        const struct small_entry *entry = &set->small[i];
        partitions_add(set->many, entry->key, entry->text, entry->length, entry->count);
    }
    small_free(set);
}

static inline size_t small_slot(const struct distinct *set, uint64_t key)
{
    return (size_t)((set->texts ? key : key * UINT64_C(0x9e3779b97f4a7c15)) >> 51) & (set->slot_count - 1);
}

static void slots_grow(struct distinct *set)
{
    size_t count = set->slot_count ? SMALL_MOST : SMALL_SLOTS;
    free(set->slots);
    set->slots = mem_calloc(count, sizeof *set->slots);
    small_hold(set, (count - set->slot_count) * sizeof *set->slots);
    set->slot_count = count;
    for (size_t i = 0; i < set->small_count; i++) {
        size_t slot = small_slot(set, set->small[i].key);
        while (set->slots[slot])
            slot = (slot + 1) & (count - 1);
        set->slots[slot] = (uint16_t)(i + 1);
    }
}

/* True when the table cannot take one more text of this length. */
static bool small_is_full(const struct distinct *set, uint32_t length)
{
    return set->small_count == SMALL_LIMIT || length > SMALL_TEXT ||
           (set->small_held > SET_FLOOR && budget_is_over(set->budget));
}

static struct small_entry *small_add(struct distinct *set, uint64_t key, const char *text, uint32_t length)
{
    if (set->small_count == set->small_capacity) {
        size_t before = set->small_capacity;
        set->small_capacity = before ? before * 2 : SMALL_FIRST;
        set->small = mem_realloc(set->small, set->small_capacity * sizeof *set->small);
        small_hold(set, (set->small_capacity - before) * sizeof *set->small);
    }
    struct small_entry *entry = &set->small[set->small_count++];
    *entry = (struct small_entry){.key = key, .length = length};
    if (set->texts) {
        entry->text = mem_alloc(length + 1u);
        memcpy(entry->text, text, length);
        small_hold(set, length + 1u + SMALL_RECORD);
    }
    return entry;
}

/* The entry of a key in the small table, made if need be; NULL when the table had to end. */
static inline struct small_entry *small_find(struct distinct *set, uint64_t key, const char *text,
                                             uint32_t length)
{
    if (!set->slots)
        slots_grow(set);
    size_t slot = small_slot(set, key);
    for (; set->slots[slot]; slot = (slot + 1) & (set->slot_count - 1)) {
        struct small_entry *entry = &set->small[set->slots[slot] - 1];
        if (entry->key == key &&
            (!set->texts || (entry->length == length && memcmp(entry->text, text, length) == 0)))
            return entry;
    }
    if (small_is_full(set, length)) {
        small_end(set);
        return NULL;
    }
    struct small_entry *entry = small_add(set, key, text, length);
    set->slots[slot] = (uint16_t)set->small_count;
    if (set->small_count * 2 > set->slot_count)
        slots_grow(set);
    return entry;
}

static void add_key(struct distinct *set, uint64_t key, const char *text, uint32_t length, uint64_t count)
{
    if (!set->many) {
        struct small_entry *entry = small_find(set, key, text, length);
        if (entry) {
            entry->count += count;
            return;
        }
    }
    partitions_add(set->many, key, text, length, count);
}

static uint64_t float_key(double number)
{
    uint64_t key;
    if (number == 0)
        number = 0; /* no minus */
    if (isnan(number))
        number = NAN;
    memcpy(&key, &number, sizeof key);
    return key;
}

/* The chosen cells of 64 as keys; how many. */
static size_t block_keys(const struct distinct *set, const struct column *column, size_t base,
                         uint64_t select, uint64_t *keys)
{
    size_t count = 0;
    for (; select; select &= select - 1) {
        size_t row = base + (size_t)__builtin_ctzll(select);
        keys[count++] = set->schema.type == COLUMN_FLOAT  ? float_key(column->floats[row])
                        : set->schema.type == COLUMN_BOOL ? column->bools[row]
                                                          : (uint64_t)column->ints[row];
    }
    return count;
}

static void add_keys(struct distinct *set, const uint64_t *keys, size_t count)
{
    uint64_t others[64];
    size_t left = 0;
    if (set->dense) {
        for (size_t i = 0; i < count; i++) {
            others[left] = keys[i];
            left += !dense_add(set, keys[i], 1);
        }
        keys = others;
        count = left;
    }
    size_t i = 0;
    for (; i < count && !set->many; i++)
        add_key(set, keys[i], NULL, 0, 1);
    if (i < count)
        partitions_add_keys(set->many, keys + i, count - i);
}

/* Eight bytes of a text of at most eight, the rest zero. */
static inline uint64_t short_text(const char *text, uint32_t length)
{
    uint64_t word = 0;
    memcpy(&word, text, 8); /* strings of chunks have readable bytes behind them */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return length == 0 ? 0 : word & (~UINT64_C(0) >> (64 - 8 * length));
#else
    return length == 0 ? 0 : word & (~UINT64_C(0) << (64 - 8 * length));
#endif
}

static inline uint64_t text_key(uint64_t seed, const char *text, uint32_t length)
{
    return length <= 8 ? hash_key(seed + length, short_text(text, length)) : hash_text(seed, text, length);
}

/* The same for a text with nothing behind it. */
static uint64_t tight_text_key(uint64_t seed, const char *text, uint32_t length)
{
    char room[8] = {0};
    if (length > 8)
        return hash_text(seed, text, length);
    memcpy(room, text, length);
    return text_key(seed, room, length);
}

static void add_texts(struct distinct *set, const struct column *column, size_t base, uint64_t select)
{
    for (; select; select &= select - 1) {
        size_t row = base + (size_t)__builtin_ctzll(select);
        const char *text = column->bytes + column->starts[row];
        add_key(set, text_key(set->seed, text, column->lengths[row]), text, column->lengths[row], 1);
    }
}

static void add_decimals(struct distinct *set, const struct column *column, size_t base, uint64_t select)
{
    for (; select; select &= select - 1) {
        const decimal *value = &column->decimals[base + (size_t)__builtin_ctzll(select)];
        add_key(set, hash_text(set->seed, (const char *)value, sizeof *value), (const char *)value,
                sizeof *value, 1);
    }
}

void distinct_add(struct distinct *set, const struct column *column, size_t rows, const uint64_t *mask)
{
    enum column_type type = set->schema.type;
    bool integral = type == COLUMN_INT || column_type_is_time(type);
    if (type == COLUMN_NULL || column->valid_count == 0)
        return;
    if (integral && !set->decided)
        decide_dense(set, column, mask, rows);
    for (size_t base = 0; base < rows; base += 64) {
        uint64_t keys[64], select = column->valid[base / 64] & (mask ? mask[base / 64] : ~UINT64_C(0));
        set->values += (uint64_t)__builtin_popcountll(select);
        if (type == COLUMN_STRING)
            add_texts(set, column, base, select);
        else if (type == COLUMN_DECIMAL)
            add_decimals(set, column, base, select);
        else
            add_keys(set, keys, block_keys(set, column, base, select, keys));
    }
}

void distinct_add_bytes(struct distinct *set, const char *bytes, size_t length)
{
    set->values++;
    add_key(set, tight_text_key(set->seed, bytes, (uint32_t)length), bytes, (uint32_t)length, 1);
}

/* Calls `each` with every integer of the window. */
static bool dense_each(const struct distinct *set,
                       bool (*each)(void *context, const struct partition_entry *entry), void *context)
{
    for (uint64_t at = 0; set->dense && at < set->dense_size; at++) {
        uint64_t count = 0;
        if (set->dense_counts) {
            count = set->dense_counts[at];
        } else {
            if (at % 64 == 0 && !set->seen[at / 64]) {
                at += 63;
                continue;
            }
            count = (set->seen[at / 64] >> (at % 64) & 1) +
                    (set->again ? set->again[at / 64] >> (at % 64) & 1 : 0);
        }
        struct partition_entry entry = {.key = set->dense_base + at, .count = count};
        if (count > 0 && !each(context, &entry))
            return false;
    }
    return true;
}

static bool small_each(const struct distinct *set,
                       bool (*each)(void *context, const struct partition_entry *entry), void *context)
{
    for (size_t i = 0; i < set->small_count; i++) {
        const struct small_entry *small = &set->small[i];
        struct partition_entry entry = {small->key, small->text, small->length, small->count};
        if (!each(context, &entry))
            return false;
    }
    return true;
}

static bool merge_entry(void *context, const struct partition_entry *entry)
{
    struct distinct *into = context;
    if (!into->dense || !dense_add(into, entry->key, entry->count))
        add_key(into, entry->key, entry->text, entry->length, entry->count);
    return true;
}

static bool same_window(const struct distinct *a, const struct distinct *b)
{
    return a->dense == b->dense && a->dense_base == b->dense_base && a->dense_size == b->dense_size;
}

void distinct_merge(struct distinct *into, struct distinct *from)
{
    into->values += from->values;
    if (into->values == from->values && !into->decided && !into->many && into->small_count == 0) {
        /* Nothing was added to `into`: take all over. */
        struct distinct swapped = *into;
        *into = *from;
        *from = swapped;
        distinct_free(from);
        return;
    }
    dense_each(from, merge_entry, into);
    small_each(from, merge_entry, into);
    if (from->many && (!into->dense || same_window(into, from))) {
        if (!into->many)
            small_end(into);
        partitions_absorb(into->many, from->many);
        from->many = NULL;
    } else if (from->many) {
        struct data_error error;
        if (!into->many)
            small_end(into);
        if (!partitions_each(from->many, merge_entry, into, &error))
            partitions_fail(into->many, &error);
    }
    distinct_free(from);
}

static bool total_entry(void *context, const struct partition_entry *entry)
{
    struct distinct_totals *totals = context;
    totals->distinct++;
    totals->unique += entry->count == 1;
    return true;
}

static void total_dense(const struct distinct *set, struct distinct_totals *totals)
{
    if (set->dense_counts) {
        dense_each(set, total_entry, totals);
        return;
    }
    for (uint64_t word = 0; set->dense && word < set->dense_size / 64; word++) {
        totals->distinct += (uint64_t)__builtin_popcountll(set->seen[word]);
        if (set->again)
            totals->unique += (uint64_t)__builtin_popcountll(set->seen[word] & ~set->again[word]);
    }
}

bool distinct_finish(struct distinct *set, struct distinct_totals *totals, struct data_error *error)
{
    *totals = (struct distinct_totals){.values = set->values};
    total_dense(set, totals);
    small_each(set, total_entry, totals);
    if (!set->many)
        return true;
    uint64_t distinct, unique;
    if (!partitions_count(set->many, &distinct, &unique, error))
        return false;
    totals->distinct += distinct;
    totals->unique += unique;
    return true;
}

struct cells_context {
    const struct distinct *set;
    bool (*each)(void *context, struct cell value, uint64_t count);
    void *context;
    bool stopped;
};

static bool each_cell(void *context, const struct partition_entry *entry)
{
    struct cells_context *visitor = context;
    struct cell cell = {.type = visitor->set->schema.type};
    uint64_t count = entry->count;
    switch (cell.type) {
    case COLUMN_STRING:
        cell.text = entry->text;
        cell.length = entry->length;
        break;
    case COLUMN_DECIMAL:
        memcpy(&cell.exact, entry->text, sizeof cell.exact);
        break;
    case COLUMN_FLOAT:
        memcpy(&cell.number, &entry->key, sizeof cell.number);
        break;
    case COLUMN_BOOL:
        cell.boolean = entry->key != 0;
        break;
    default:
        cell.integer = (int64_t)entry->key;
        break;
    }
    if (visitor->set->detail == DISTINCT_UNIQUE && count > 2)
        count = 2;
    visitor->stopped = !visitor->each(visitor->context, cell, count);
    return !visitor->stopped;
}

bool distinct_each(struct distinct *set, bool (*each)(void *context, struct cell value, uint64_t count),
                   void *context, struct data_error *error)
{
    struct cells_context visitor = {.set = set, .each = each, .context = context};
    dense_each(set, each_cell, &visitor);
    if (!visitor.stopped)
        small_each(set, each_cell, &visitor);
    return visitor.stopped || !set->many || partitions_each(set->many, each_cell, &visitor, error);
}
