#include "runtime/data/drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS_LIMIT = 10000, DISTINCT_FOR_BINS = 20 };

/* Distinct values of a sorted array, stopping at `limit`. */
static size_t count_distinct(const double *sorted, size_t count, size_t limit)
{
    size_t distinct = count > 0;
    for (size_t i = 1; i < count && distinct < limit; i++)
        distinct += sorted[i] != sorted[i - 1];
    return distinct;
}

size_t drift_distinct(const struct drift_side *a, const struct drift_side *b)
{
    size_t i = 0, j = 0, distinct = 0;
    while (i < a->count || j < b->count) {
        double x = i < a->count ? a->sorted[i] : INFINITY, y = j < b->count ? b->sorted[j] : INFINITY;
        double value = x < y ? x : y;
        distinct++;
        while (i < a->count && a->sorted[i] == value)
            i++;
        while (j < b->count && b->sorted[j] == value)
            j++;
    }
    return distinct;
}

double *drift_sturges_edges(struct arena *arena, const struct drift_side *a, const struct drift_side *b,
                            size_t sample, size_t *bins)
{
    double low = INFINITY, high = -INFINITY;
    const struct drift_side *sides[] = {a, b};
    for (size_t i = 0; i < 2; i++)
        if (sides[i]->count) {
            low = fmin(low, sides[i]->sorted[0]);
            high = fmax(high, sides[i]->sorted[sides[i]->count - 1]);
        }
    double width = (high - low) / (log2((double)sample) + 1);
    size_t count = width > 0 ? (size_t)ceil((high - low) / width) : 1;
    if (high == low) {
        low -= 0.5;
        high += 0.5;
    }
    count = count > BINS_LIMIT ? BINS_LIMIT : count;
    double *edges = arena_array(arena, count + 1, sizeof *edges), step = (high - low) / (double)count;
    for (size_t i = 0; i <= count; i++) /* numpy's linspace */
        edges[i] = (double)i * step + low;
    edges[count] = high;
    *bins = count;
    return edges;
}

/* Position of the first value >= x (or > x with `after`). */
static size_t rank_of(const double *sorted, size_t count, double x, bool after)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < x || (after && sorted[middle] == x))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double *drift_histogram(struct arena *arena, const struct drift_side *side, const double *edges, size_t bins)
{
    double *counts = arena_array(arena, bins + 1, sizeof *counts);
    size_t before = rank_of(side->sorted, side->count, edges[0], false);
    for (size_t i = 0; i < bins; i++) {
        size_t at = rank_of(side->sorted, side->count, edges[i + 1], i + 1 == bins);
        counts[i] = (double)(at - before);
        before = at;
    }
    return counts;
}

/* One bin for each distinct number of either side. */
static struct drift_bins number_categories(struct arena *arena, const struct drift_side *a,
                                           const struct drift_side *b)
{
    size_t most = drift_distinct(a, b), i = 0, j = 0, count = 0;
    const struct value **keys = arena_array(arena, most + 1, sizeof *keys);
    double *reference = arena_array(arena, most + 1, sizeof *reference);
    double *current = arena_array(arena, most + 1, sizeof *current);
    while (i < a->count || j < b->count) {
        double x = i < a->count ? a->sorted[i] : INFINITY, y = j < b->count ? b->sorted[j] : INFINITY;
        double value = x < y ? x : y;
        size_t start_a = i, start_b = j;
        while (i < a->count && a->sorted[i] == value)
            i++;
        while (j < b->count && b->sorted[j] == value)
            j++;
        keys[count] = value_float(arena, value, 0);
        reference[count] = (double)(i - start_a);
        current[count++] = (double)(j - start_b);
    }
    return (struct drift_bins){
        .kind = "categories", .keys = keys, .reference = reference, .current = current, .bin_count = count};
}

static struct drift_bins key_categories(struct arena *arena, const struct drift_side *a,
                                        const struct drift_side *b)
{
    size_t most = a->key_count + b->key_count, i = 0, j = 0, count = 0;
    const struct value **keys = arena_array(arena, most + 1, sizeof *keys);
    double *reference = arena_array(arena, most + 1, sizeof *reference);
    double *current = arena_array(arena, most + 1, sizeof *current);
    while (i < a->key_count || j < b->key_count) {
        int order = i == a->key_count ? 1 : j == b->key_count ? -1 : value_compare(a->keys[i], b->keys[j]);
        keys[count] = order <= 0 ? a->keys[i] : b->keys[j];
        reference[count] = order <= 0 ? (double)a->counts[i++] : 0;
        current[count++] = order >= 0 ? (double)b->counts[j++] : 0;
    }
    return (struct drift_bins){
        .kind = "categories", .keys = keys, .reference = reference, .current = current, .bin_count = count};
}

struct drift_bins drift_evidently_bins(struct arena *arena, bool numeric, const struct drift_side *reference,
                                       const struct drift_side *current)
{
    if (!numeric)
        return key_categories(arena, reference, current);
    if (count_distinct(reference->sorted, reference->count, DISTINCT_FOR_BINS + 1) <= DISTINCT_FOR_BINS)
        return number_categories(arena, reference, current);
    struct drift_bins bins = {.kind = "sturges"};
    bins.edges =
        drift_sturges_edges(arena, reference, current, reference->count + current->count, &bins.bin_count);
    bins.edge_count = bins.bin_count + 1;
    bins.reference = drift_histogram(arena, reference, bins.edges, bins.bin_count);
    bins.current = drift_histogram(arena, current, bins.edges, bins.bin_count);
    return bins;
}

/* numpy's linear interpolation (type 7), with its rounding. */
static double quantile(const double *sorted, size_t count, double q)
{
    double at = (double)(count - 1) * q, low = floor(at), rest = at - low;
    double a = sorted[(size_t)low], b = sorted[(size_t)low + (rest > 0)], gap = b - a;
    return rest >= 0.5 ? b - gap * (1 - rest) : a + gap * rest;
}

/* Bin of x: the number of inner edges smaller than x. */
static double *decile_counts(struct arena *arena, const struct drift_side *side, const double *edges,
                             size_t inner)
{
    double *counts = arena_array(arena, inner + 2, sizeof *counts);
    size_t before = 0;
    for (size_t i = 0; i < inner; i++) {
        size_t at = rank_of(side->sorted, side->count, edges[i], true);
        counts[i] = (double)(at - before);
        before = at;
    }
    counts[inner] = (double)(side->count - before);
    return counts;
}

struct drift_bins drift_decile_bins(struct arena *arena, const struct drift_side *reference,
                                    const struct drift_side *current)
{
    struct drift_bins bins = {.kind = "deciles"};
    double *edges = arena_array(arena, 10, sizeof *edges);
    size_t inner = 0;
    for (unsigned i = 1; i < 10 && reference->count; i++) {
        double edge = quantile(reference->sorted, reference->count, i / 10.0);
        if (inner == 0 || edge != edges[inner - 1])
            edges[inner++] = edge;
    }
    bins.edges = edges;
    bins.edge_count = inner;
    bins.bin_count = inner + 1;
    bins.reference = decile_counts(arena, reference, edges, inner);
    bins.current = decile_counts(arena, current, edges, inner);
    return bins;
}

struct drift_bins drift_kept_decile_bins(struct arena *arena, const double *edges, size_t edge_count,
                                         const uint64_t *reference, const struct drift_side *current)
{
    double *counts = arena_array(arena, edge_count + 1, sizeof *counts);
    for (size_t i = 0; i <= edge_count; i++)
        counts[i] = (double)reference[i];
    return (struct drift_bins){.kind = "deciles",
                               .edges = edges,
                               .edge_count = edge_count,
                               .bin_count = edge_count + 1,
                               .reference = counts,
                               .current = decile_counts(arena, current, edges, edge_count)};
}
