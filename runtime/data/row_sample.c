#include "runtime/data/row_sample.h"

#include <stdlib.h>
#include "core/arena.h"

enum { SAMPLE_FIRST = 256, SAMPLE_MOST = 2 * SAMPLE_ROWS };

/* The finalizer of SplitMix64: neighbouring rows get unrelated hashes. */
static uint64_t row_hash(uint64_t row)
{
    uint64_t x = row + UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static int by_hash(const void *a, const void *b)
{
    const struct sampled_row *left = a, *right = b;
    return (left->hash > right->hash) - (left->hash < right->hash);
}

static void drop_from(struct row_sample *sample, uint64_t hash)
{
    size_t kept = 0;
    for (size_t i = 0; i < sample->count; i++)
        if (sample->rows[i].hash < hash)
            sample->rows[kept++] = sample->rows[i];
    sample->count = kept;
    sample->dropped_from = hash;
}

/* Twice as many as wanted: the half with the smaller hashes stays. */
static void halve(struct row_sample *sample)
{
    qsort(sample->rows, sample->count, sizeof *sample->rows, by_hash);
    drop_from(sample, sample->rows[SAMPLE_ROWS].hash);
}

static void keep(struct row_sample *sample, uint64_t hash, struct sampled_number number)
{
    if (sample->dropped_from && hash >= sample->dropped_from)
        return;
    if (sample->count == SAMPLE_MOST) {
        halve(sample);
        if (hash >= sample->dropped_from)
            return;
    }
    if (sample->count == sample->capacity) {
        sample->capacity = sample->capacity ? sample->capacity * 2 : SAMPLE_FIRST;
        sample->rows = mem_realloc(sample->rows, sample->capacity * sizeof *sample->rows);
    }
    sample->rows[sample->count++] = (struct sampled_row){hash, number};
}

void row_sample_add(struct row_sample *sample, uint64_t row, struct sampled_number number)
{
    keep(sample, row_hash(row), number);
}

void row_sample_merge(struct row_sample *into, const struct row_sample *from)
{
    if (from->dropped_from && (!into->dropped_from || from->dropped_from < into->dropped_from))
        drop_from(into, from->dropped_from);
    for (size_t i = 0; i < from->count; i++)
        keep(into, from->rows[i].hash, from->rows[i].number);
}

void row_sample_settle(struct row_sample *sample)
{
    if (sample->dropped_from && sample->count > SAMPLE_ROWS)
        halve(sample);
}

void row_sample_end(struct row_sample *sample)
{
    free(sample->rows);
    *sample = (struct row_sample){0};
}
