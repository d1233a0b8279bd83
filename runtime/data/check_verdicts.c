#include "runtime/data/check_engine.h"

#include <stdlib.h>
#include <string.h>

static size_t sample_limit(const struct plan *plan)
{
    if (plan->options->no_samples)
        return 0;
    return plan->options->samples ? plan->options->samples : 20;
}

/* Keeps the first rows in the order of the data, whatever the order in which chunks come. */
void verdicts_keep(const struct plan *plan, struct verdicts_state *state, uint64_t row, const char *key,
                   size_t length)
{
    size_t limit = sample_limit(plan);
    if (limit == 0 || length > UINT32_MAX ||
        (state->sample_count == limit && state->samples[limit - 1].row <= row))
        return;
    if (state->sample_count == limit)
        free(state->samples[--state->sample_count].key);
    if (state->sample_count == state->sample_capacity) {
        state->sample_capacity = state->sample_capacity ? state->sample_capacity * 2 : 8;
        state->samples = mem_realloc(state->samples, state->sample_capacity * sizeof *state->samples);
    }
    size_t at = state->sample_count++;
    for (; at > 0 && state->samples[at - 1].row > row; at--)
        state->samples[at] = state->samples[at - 1];
    char *copy = mem_alloc(length + 1);
    memcpy(copy, key, length);
    state->samples[at] = (struct verdict_sample){row, copy, (uint32_t)length};
}

static bool wants(const struct plan *plan, const struct verdicts_state *state, uint64_t row)
{
    size_t limit = sample_limit(plan);
    return state->sample_count < limit || (limit && state->samples[limit - 1].row > row);
}

void verdicts_sample(const struct plan *plan, const struct prepared *prepared, struct verdicts_state *state,
                     struct scratch *scratch, const struct chunk *chunk, uint32_t row)
{
    uint64_t number = chunk->first_row + row;
    if (!wants(plan, state, number))
        return;
    buf_clear(&scratch->key);
    for (size_t i = 0; i < prepared->column_count; i++)
        key_add_shown(&scratch->key, &prepared->schemas[prepared->columns[i]],
                      &chunk->columns[prepared->columns[i]], row);
    verdicts_keep(plan, state, number, buf_str(&scratch->key), scratch->key.length);
}

static uint64_t count_bad(const struct prepared *prepared, const struct chunk *chunk, const uint64_t *judged)
{
    uint64_t count = 0;
    for (size_t i = 0; i < prepared->column_count; i++) {
        const struct column *column = &chunk->columns[prepared->columns[i]];
        for (size_t w = 0; column->bad && w < bitmap_words(chunk->rows); w++)
            count += (uint64_t)__builtin_popcountll(column->bad[w] & judged[w]);
    }
    return count;
}

void verdicts_add(const struct plan *plan, const struct prepared *prepared, struct verdicts_state *state,
                  struct scratch *scratch, const struct chunk *chunk, uint64_t selected)
{
    /* A worker sees its chunks in order: what is behind a row without an answer cannot change the error. */
    if (state->undecided)
        return;
    size_t words = bitmap_words(chunk->rows);
    uint64_t *judged = scratch->words[0], *unexpected = scratch->words[1];
    memcpy(judged, scratch->mask, words * 8);
    memset(unexpected, 0, words * 8);
    scratch->undecided = PATTERN_DECIDED;
    prepared->judge(prepared, scratch, chunk, judged, unexpected);
    if (scratch->undecided != PATTERN_DECIDED) {
        state->undecided = chunk->first_row + scratch->undecided + 1;
        return;
    }
    uint64_t judged_count = bitmap_count(judged, chunk->rows), bad = bitmap_count(unexpected, chunk->rows);
    state->judged += judged_count;
    state->missing += selected - judged_count;
    state->unexpected += bad;
    if (plan->options->strict_types && !prepared->accept_bad)
        state->bad_cells += count_bad(prepared, chunk, judged);
    for (size_t w = 0; bad && w < words; w++)
        for (uint64_t rest = unexpected[w]; rest; rest &= rest - 1) {
            uint32_t row = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(rest);
            if (!wants(plan, state, chunk->first_row + row))
                return;
            verdicts_sample(plan, prepared, state, scratch, chunk, row);
        }
}

void verdicts_merge(const struct plan *plan, struct verdicts_state *into, struct verdicts_state *from)
{
    into->judged += from->judged;
    into->missing += from->missing;
    into->unexpected += from->unexpected;
    into->bad_cells += from->bad_cells;
    if (from->undecided && (!into->undecided || from->undecided < into->undecided))
        into->undecided = from->undecided;
    size_t limit = sample_limit(plan), a = 0, b = 0, count = into->sample_count + from->sample_count;
    count = count < limit ? count : limit;
    struct verdict_sample *merged = mem_alloc((count + 1) * sizeof *merged);
    for (size_t i = 0; i < count; i++) {
        bool left = b == from->sample_count ||
                    (a < into->sample_count && into->samples[a].row <= from->samples[b].row);
        merged[i] = left ? into->samples[a++] : from->samples[b++];
    }
    for (; a < into->sample_count; a++)
        free(into->samples[a].key);
    for (; b < from->sample_count; b++)
        free(from->samples[b].key);
    free(into->samples);
    free(from->samples);
    into->samples = merged;
    into->sample_count = into->sample_capacity = count;
    from->samples = NULL;
    from->sample_count = 0;
}

void verdicts_end(struct verdicts_state *state)
{
    for (size_t i = 0; i < state->sample_count; i++)
        free(state->samples[i].key);
    free(state->samples);
    state->samples = NULL;
    state->sample_count = 0;
}
