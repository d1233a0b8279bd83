#include "runtime/data/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"

enum { SLOTS = 8 * SKETCH_VALUES, ENTRIES_FIRST = 64 };

struct kept_value {
    uint64_t hash;
    uint64_t count;
    struct cell value; /* texts are owned */
};

struct kept_row {
    uint64_t hash;
    struct cell value;
};

/* Both parts keep everything whose hash is below a limit; when they hold twice what they should, the limit is
 * lowered so that half remains. */
struct sketch {
    struct column_schema schema;
    struct kept_value *values;
    uint32_t *slots; /* index + 1 */
    size_t value_count, value_capacity;
    uint64_t value_limit;
    bool samples; /* rows too */
    struct kept_row *rows;
    size_t row_count, row_capacity;
    uint64_t row_limit;
    uint64_t added;
    struct cell *sample;
};

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t cell_hash(const struct cell *cell)
{
    uint64_t hash = 0, word;
    double number = cell->number;
    switch (cell->type) {
    case COLUMN_STRING:
        for (uint32_t at = 0; at < cell->length; at += 8) {
            word = 0;
            memcpy(&word, cell->text + at, cell->length - at < 8 ? cell->length - at : 8);
            hash = mix(hash ^ word) + UINT64_C(0x9e3779b97f4a7c15);
        }
        return mix(hash ^ cell->length);
    case COLUMN_DECIMAL:
        return mix(mix((uint64_t)cell->exact) ^ (uint64_t)(cell->exact >> 64));
    case COLUMN_FLOAT:
        number = isnan(number) ? NAN : number == 0 ? 0 : number;
        memcpy(&word, &number, sizeof word);
        return mix(word ^ UINT64_C(0x2545f4914f6cdd1d));
    case COLUMN_BOOL:
        return mix(cell->boolean + UINT64_C(0x2545f4914f6cdd1d));
    default:
        return mix((uint64_t)cell->integer ^ UINT64_C(0x2545f4914f6cdd1d));
    }
}

struct sketch *sketch_new(const struct column_schema *schema, bool samples)
{
    struct sketch *sketch = mem_calloc(1, sizeof *sketch);
    sketch->schema = *schema;
    sketch->samples = samples && schema->type != COLUMN_STRING;
    sketch->value_limit = sketch->row_limit = UINT64_MAX;
    return sketch;
}

static void value_drop(struct kept_value *kept)
{
    if (kept->value.type == COLUMN_STRING)
        free((char *)kept->value.text);
}

void sketch_free(struct sketch *sketch)
{
    if (!sketch)
        return;
    for (size_t i = 0; i < sketch->value_count; i++)
        value_drop(&sketch->values[i]);
    free(sketch->values);
    free(sketch->slots);
    free(sketch->rows);
    free(sketch->sample);
    free(sketch);
}

static int by_hash(const void *a, const void *b)
{
    const struct kept_value *left = a, *right = b;
    return (left->hash > right->hash) - (left->hash < right->hash);
}

static void insert_slot(struct sketch *sketch, size_t index)
{
    size_t slot = (size_t)sketch->values[index].hash % SLOTS;
    while (sketch->slots[slot])
        slot = (slot + 1) % SLOTS;
    sketch->slots[slot] = (uint32_t)index + 1;
}

static void shrink_values(struct sketch *sketch)
{
    qsort(sketch->values, sketch->value_count, sizeof *sketch->values, by_hash);
    sketch->value_limit = sketch->values[SKETCH_VALUES].hash;
    for (size_t i = SKETCH_VALUES; i < sketch->value_count; i++)
        value_drop(&sketch->values[i]);
    sketch->value_count = SKETCH_VALUES;
    memset(sketch->slots, 0, SLOTS * sizeof *sketch->slots);
    for (size_t i = 0; i < sketch->value_count; i++)
        insert_slot(sketch, i);
}

static void add_value(struct sketch *sketch, const struct cell *cell, uint64_t hash, uint64_t count)
{
    if (hash >= sketch->value_limit)
        return;
    if (!sketch->slots)
        sketch->slots = mem_calloc(SLOTS, sizeof *sketch->slots);
    for (size_t slot = (size_t)hash % SLOTS; sketch->slots[slot]; slot = (slot + 1) % SLOTS) {
        struct kept_value *kept = &sketch->values[sketch->slots[slot] - 1];
        if (kept->hash == hash && cell_compare(kept->value, *cell) == 0) {
            kept->count += count;
            return;
        }
    }
    if (sketch->value_count == 2 * SKETCH_VALUES) {
        shrink_values(sketch);
        if (hash >= sketch->value_limit)
            return;
    }
    if (sketch->value_count == sketch->value_capacity) {
        sketch->value_capacity = sketch->value_capacity ? sketch->value_capacity * 2 : ENTRIES_FIRST;
        sketch->values = mem_realloc(sketch->values, sketch->value_capacity * sizeof *sketch->values);
    }
    struct kept_value *kept = &sketch->values[sketch->value_count];
    *kept = (struct kept_value){hash, count, *cell};
    if (cell->type == COLUMN_STRING) {
        char *copy = mem_alloc(cell->length + 1u);
        memcpy(copy, cell->text, cell->length);
        kept->value.text = copy;
    }
    insert_slot(sketch, sketch->value_count++);
}

static int by_row_hash(const void *a, const void *b)
{
    const struct kept_row *left = a, *right = b;
    return (left->hash > right->hash) - (left->hash < right->hash);
}

static void add_row(struct sketch *sketch, const struct cell *cell, uint64_t hash)
{
    if (hash >= sketch->row_limit)
        return;
    if (sketch->row_count == 2 * SKETCH_ROWS) {
        qsort(sketch->rows, sketch->row_count, sizeof *sketch->rows, by_row_hash);
        sketch->row_limit = sketch->rows[SKETCH_ROWS].hash;
        sketch->row_count = SKETCH_ROWS;
        if (hash >= sketch->row_limit)
            return;
    }
    if (sketch->row_count == sketch->row_capacity) {
        sketch->row_capacity = sketch->row_capacity ? sketch->row_capacity * 2 : ENTRIES_FIRST;
        sketch->rows = mem_realloc(sketch->rows, sketch->row_capacity * sizeof *sketch->rows);
    }
    sketch->rows[sketch->row_count++] = (struct kept_row){hash, *cell};
}

void sketch_add(struct sketch *sketch, const struct column *column, size_t rows, const uint64_t *mask,
                uint64_t first_row)
{
    for (size_t row = 0; row < rows; row++) {
        if (mask && !(mask[row / 64] >> (row % 64) & 1))
            continue;
        struct cell cell = column_cell(&sketch->schema, column, row);
        if (cell.type == COLUMN_NULL)
            continue;
        sketch->added++;
        add_value(sketch, &cell, cell_hash(&cell), 1);
        if (sketch->samples)
            add_row(sketch, &cell, mix(first_row + row));
    }
}

void sketch_merge(struct sketch *into, const struct sketch *from)
{
    into->added += from->added;
    if (from->value_limit < into->value_limit)
        into->value_limit = from->value_limit;
    if (from->row_limit < into->row_limit)
        into->row_limit = from->row_limit;
    for (size_t i = 0; i < from->value_count; i++)
        add_value(into, &from->values[i].value, from->values[i].hash, from->values[i].count);
    for (size_t i = 0; i < from->row_count; i++)
        add_row(into, &from->rows[i].value, from->rows[i].hash);
}

uint64_t sketch_values(const struct sketch *sketch)
{
    return sketch->added;
}

/* The share of all hashes that lie below the limit. */
static double share_below(uint64_t limit)
{
    return limit == UINT64_MAX ? 1 : (double)limit / 18446744073709551616.0;
}

/* Exactly as many as are wanted, when any was dropped: neither threads nor the order of merging show. */
static void trim_values(struct sketch *sketch)
{
    uint64_t limit = sketch->value_limit;
    size_t kept = 0;
    if (limit == UINT64_MAX)
        return;
    qsort(sketch->values, sketch->value_count, sizeof *sketch->values, by_hash);
    while (kept < sketch->value_count && sketch->values[kept].hash < limit)
        kept++;
    for (size_t i = kept; i < sketch->value_count; i++)
        value_drop(&sketch->values[i]);
    sketch->value_count = kept;
    if (kept > SKETCH_VALUES)
        shrink_values(sketch);
}

static void trim_rows(struct sketch *sketch)
{
    size_t kept = 0;
    if (sketch->row_limit == UINT64_MAX)
        return;
    qsort(sketch->rows, sketch->row_count, sizeof *sketch->rows, by_row_hash);
    while (kept < sketch->row_count && sketch->rows[kept].hash < sketch->row_limit)
        kept++;
    if (kept > SKETCH_ROWS) {
        sketch->row_limit = sketch->rows[SKETCH_ROWS].hash;
        kept = SKETCH_ROWS;
    }
    sketch->row_count = kept;
}

void sketch_distinct(struct sketch *sketch, double *distinct, double *unique, bool *exact)
{
    trim_values(sketch);
    uint64_t kept = 0, once = 0;
    for (size_t i = 0; i < sketch->value_count; i++) {
        bool below = sketch->values[i].hash < sketch->value_limit;
        kept += below;
        once += below && sketch->values[i].count == 1;
    }
    *exact = sketch->value_limit == UINT64_MAX;
    *distinct = (double)kept / share_below(sketch->value_limit);
    *unique = (double)once / share_below(sketch->value_limit);
}

const struct cell *sketch_sample(struct sketch *sketch, size_t *count, double *weight)
{
    trim_rows(sketch);
    free(sketch->sample);
    sketch->sample = mem_alloc((sketch->row_count + 1) * sizeof *sketch->sample);
    *count = 0;
    for (size_t i = 0; i < sketch->row_count; i++)
        if (sketch->rows[i].hash < sketch->row_limit)
            sketch->sample[(*count)++] = sketch->rows[i].value;
    *weight = *count ? (double)sketch->added / (double)*count : 0;
    return sketch->sample;
}

void sketch_each(const struct sketch *sketch, bool (*each)(void *context, struct cell value, uint64_t count),
                 void *context)
{
    for (size_t i = 0; i < sketch->value_count; i++)
        if (sketch->values[i].hash < sketch->value_limit &&
            !each(context, sketch->values[i].value, sketch->values[i].count))
            return;
}
