#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/drift_run.h"

/* The sides of a comparison, from a scan or from a stored profile. */

struct number_count {
    double number;
    uint64_t count;
};

struct collector {
    double *out;
    size_t count;
};

static bool collect_numbers(void *context, const double *numbers, size_t count)
{
    struct collector *collector = context;
    memcpy(collector->out + collector->count, numbers, count * sizeof *numbers);
    collector->count += count;
    return true;
}

bool drift_side_of_numbers(struct arena *arena, struct quantiles *numbers, uint64_t nulls,
                           struct drift_side *out, struct data_error *error)
{
    struct collector collector = {arena_array(arena, quantiles_count(numbers) + 1, sizeof(double)), 0};
    if (quantiles_count(numbers) && !quantiles_sorted(numbers, collect_numbers, &collector, error))
        return false;
    *out = (struct drift_side){.sorted = collector.out, .count = collector.count, .null_count = nulls};
    return true;
}

struct key_collector {
    struct arena *arena;
    const struct column_schema *schema;
    struct key_count {
        const struct value *key;
        uint64_t count;
    } * items;
    size_t count, capacity;
};

static bool collect_key(void *context, struct cell value, uint64_t count)
{
    struct key_collector *collector = context;
    if (collector->count == collector->capacity) {
        collector->capacity = collector->capacity ? collector->capacity * 2 : 64;
        collector->items = mem_realloc(collector->items, collector->capacity * sizeof *collector->items);
    }
    struct key_count *item = &collector->items[collector->count++];
    item->key = value.type == COLUMN_STRING ? value_string_n(collector->arena, value.text, value.length, 0)
                                            : cell_to_value(collector->arena, collector->schema, value);
    item->count = count;
    return true;
}

static int by_key(const void *a, const void *b)
{
    return value_compare(((const struct key_count *)a)->key, ((const struct key_count *)b)->key);
}

bool drift_side_of_values(struct arena *arena, const struct column_schema *schema, struct distinct *values,
                          uint64_t nulls, struct drift_side *out, struct data_error *error)
{
    struct key_collector collector = {.arena = arena, .schema = schema};
    bool good = distinct_each(values, collect_key, &collector, error);
    if (good && collector.count)
        qsort(collector.items, collector.count, sizeof *collector.items, by_key);
    const struct value **keys = arena_array(arena, collector.count + 1, sizeof *keys);
    uint64_t *counts = arena_array(arena, collector.count + 1, sizeof *counts);
    *out = (struct drift_side){
        .null_count = nulls, .keys = keys, .counts = counts, .key_count = collector.count};
    for (size_t i = 0; good && i < collector.count; i++) {
        keys[i] = collector.items[i].key;
        counts[i] = collector.items[i].count;
        out->count += counts[i];
    }
    free(collector.items);
    return good;
}

/* A profile is a file, and its counts may claim anything: so many numbers are written out again at most. */
static const uint64_t REBUILT_LIMIT = (uint64_t)1 << 26;

static int by_number(const void *a, const void *b)
{
    double x = ((const struct number_count *)a)->number, y = ((const struct number_count *)b)->number;
    return (x > y) - (x < y);
}

static bool numbers_side(struct arena *arena, const struct profile_column *reference, struct drift_side *out)
{
    struct number_count *items = arena_array(arena, reference->top_count + 1, sizeof *items);
    uint64_t total = 0;
    size_t count = 0;
    for (size_t i = 0; i < reference->top_count; i++) {
        double number = cell_number(&reference->schema, reference->top[i].value);
        if (!isfinite(number))
            continue;
        items[count++] = (struct number_count){number, reference->top[i].count};
        if (reference->top[i].count > REBUILT_LIMIT || (total += reference->top[i].count) > REBUILT_LIMIT)
            return false;
    }
    qsort(items, count, sizeof *items, by_number);
    double *sorted = arena_array(arena, total + 1, sizeof *sorted);
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        for (uint64_t j = 0; j < items[i].count; j++)
            sorted[at++] = items[i].number;
    *out = (struct drift_side){.sorted = sorted, .count = at};
    return true;
}

static void keys_side(struct arena *arena, const struct profile_column *reference, struct drift_side *out)
{
    struct key_count *items = arena_array(arena, reference->top_count + 1, sizeof *items);
    const struct value **keys = arena_array(arena, reference->top_count + 1, sizeof *keys);
    uint64_t *counts = arena_array(arena, reference->top_count + 1, sizeof *counts);
    *out = (struct drift_side){.keys = keys, .counts = counts, .key_count = reference->top_count};
    for (size_t i = 0; i < reference->top_count; i++) {
        items[i].key = cell_to_value(arena, &reference->schema, reference->top[i].value);
        items[i].count = reference->top[i].count;
    }
    qsort(items, reference->top_count, sizeof *items, by_key);
    for (size_t i = 0; i < reference->top_count; i++) {
        keys[i] = items[i].key;
        counts[i] = items[i].count;
        out->count += counts[i];
    }
}

bool drift_profile_side(struct arena *arena, const struct profile_column *reference, bool numeric,
                        struct drift_side *out)
{
    if (!reference->top_complete)
        return false;
    if (numeric)
        return numbers_side(arena, reference, out);
    keys_side(arena, reference, out);
    return true;
}

bool drift_profile_bins(struct arena *arena, const struct profile_column *reference,
                        const struct drift_side *current, struct drift_bins *out)
{
    if (!reference->has_numbers || reference->bins == 0)
        return false;
    size_t n = reference->bins;
    double *ref = arena_array(arena, n + 2, sizeof *ref), *cur = arena_array(arena, n + 2, sizeof *cur);
    double *inner = drift_histogram(arena, current, reference->edges, n), seen = 0;
    for (size_t i = 0; i < n; i++) {
        ref[i + 1] = (double)reference->bin_counts[i];
        cur[i + 1] = inner[i];
        seen += inner[i];
    }
    for (size_t i = 0; i < current->count && current->sorted[i] < reference->edges[0]; i++)
        cur[0]++;
    cur[n + 1] = (double)current->count - seen - cur[0];
    double *edges = arena_array(arena, n + 3, sizeof *edges);
    edges[0] = -INFINITY;
    memcpy(edges + 1, reference->edges, (n + 1) * sizeof *edges);
    edges[n + 2] = INFINITY;
    *out = (struct drift_bins){.kind = "profile",
                               .edges = edges,
                               .edge_count = n + 3,
                               .reference = ref,
                               .current = cur,
                               .bin_count = n + 2};
    return true;
}
