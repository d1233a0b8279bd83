#include "runtime/data/ranked.h"

#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "runtime/data/rank.h"

void ranked_add(struct ranked *ranked, double number, uint64_t count)
{
    if (ranked->count == ranked->capacity) {
        ranked->capacity = ranked->capacity ? ranked->capacity * 2 : 64;
        ranked->numbers = mem_realloc(ranked->numbers, ranked->capacity * sizeof *ranked->numbers);
    }
    ranked->numbers[ranked->count++] = (struct ranked_number){number, count};
}

static int by_number(const void *a, const void *b)
{
    const struct ranked_number *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

void ranked_sort(struct ranked *ranked)
{
    if (ranked->count)
        qsort(ranked->numbers, ranked->count, sizeof *ranked->numbers, by_number);
    for (size_t i = 1; i < ranked->count; i++)
        ranked->numbers[i].count += ranked->numbers[i - 1].count;
}

void ranked_end(struct ranked *ranked)
{
    free(ranked->numbers);
    *ranked = (struct ranked){0};
}

/* The number of a rank, from 0. */
static double number_at(const struct ranked *ranked, uint64_t rank)
{
    size_t low = 0, high = ranked->count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranked->numbers[middle].count > rank)
            high = middle;
        else
            low = middle + 1;
    }
    return ranked->numbers[low].number;
}

void ranked_at(const struct ranked *ranked, const double *at, size_t count, enum rank_method method,
               double *out)
{
    uint64_t total = ranked->numbers[ranked->count - 1].count, low, high;
    double part;
    for (size_t i = 0; i < count; i++) {
        rank_place((double)(total - 1) * at[i], method, total, &low, &high, &part);
        out[i] = rank_between(number_at(ranked, low), number_at(ranked, high), part);
    }
}

void ranked_histogram(const struct ranked *ranked, const double *edges, size_t bins, uint64_t *counts)
{
    size_t bin = 0;
    uint64_t before = 0;
    memset(counts, 0, bins * sizeof *counts);
    for (size_t i = 0; i < ranked->count; i++) {
        while (bin + 1 < bins && ranked->numbers[i].number >= edges[bin + 1])
            bin++;
        counts[bin] += ranked->numbers[i].count - before;
        before = ranked->numbers[i].count;
    }
}
