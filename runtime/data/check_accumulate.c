#include "runtime/data/check_engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct column_schema *spec_schema(const struct plan *plan, const struct accumulator_spec *spec,
                                               size_t index)
{
    return &plan->schema->columns[spec->columns[index]];
}

static const struct column *spec_column(const struct accumulator_spec *spec, const struct chunk *chunk,
                                        size_t index)
{
    return &chunk->columns[spec->columns[index]];
}

void accumulator_begin(const struct plan *plan, const struct accumulator_spec *spec, struct accumulator *item)
{
    static const struct column_schema TEXT = {.name = "", .type = COLUMN_STRING};
    memset(item, 0, sizeof *item);
    switch (spec->kind) {
    case ACCUMULATE_MOMENTS:
        moments_begin(&item->moments, spec_schema(plan, spec, 0));
        return;
    case ACCUMULATE_QUANTILES:
        item->quantiles = quantiles_new(spec_schema(plan, spec, 0), plan->budget);
        return;
    case ACCUMULATE_DISTINCT:
        item->distinct.values =
            distinct_new(spec->compound ? &TEXT : spec_schema(plan, spec, 0), spec->detail, plan->budget);
        if (plan->options->approximate && !spec->compound && spec->detail == DISTINCT_NUMBER)
            item->distinct.sketch = sketch_new(spec_schema(plan, spec, 0), false);
        return;
    case ACCUMULATE_BINS:
        item->bins.counts =
            mem_calloc(((const struct bin_edges *)spec->owner->detail)->count + 1, sizeof(uint64_t));
        return;
    case ACCUMULATE_TEXTS:
        item->texts.length_min = UINT64_MAX;
        return;
    default:
        return;
    }
}

/* --- counts, distinct, texts, pairs --- */

static void add_counts(struct counts_state *state, const struct column *column, const uint64_t *mask,
                       size_t rows)
{
    if (!mask) {
        state->valid += column->valid_count;
        state->bad += column->bad_count;
        return;
    }
    for (size_t w = 0, words = bitmap_words(rows); w < words; w++) {
        state->valid += (uint64_t)__builtin_popcountll(column->valid[w] & mask[w]);
        state->bad += column->bad ? (uint64_t)__builtin_popcountll(column->bad[w] & mask[w]) : 0;
    }
}

static bool ignores_row(const struct accumulator_spec *spec, const struct chunk *chunk, size_t row)
{
    enum check_ignore rule = spec->owner ? spec->owner->check->ignore : CHECK_IGNORE_ANY_MISSING;
    size_t missing = 0;
    for (size_t i = 0; i < spec->column_count; i++) {
        const struct column *column = spec_column(spec, chunk, i);
        missing += !column_is_valid(column, row) && !column_is_bad(column, row);
    }
    if (rule == CHECK_IGNORE_NEVER)
        return false;
    return rule == CHECK_IGNORE_ANY_MISSING ? missing > 0 : missing == spec->column_count;
}

static void add_compound(const struct plan *plan, const struct accumulator_spec *spec,
                         struct distinct_state *state, struct scratch *scratch, const struct chunk *chunk)
{
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        for (uint64_t rest = scratch->mask[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            if (ignores_row(spec, chunk, row)) {
                state->skipped++;
                continue;
            }
            buf_clear(&scratch->key);
            for (size_t i = 0; i < spec->column_count; i++)
                key_add(&scratch->key, spec_schema(plan, spec, i), spec_column(spec, chunk, i), row);
            distinct_add_bytes(state->values, buf_str(&scratch->key), scratch->key.length);
        }
}

/* Texts that are not of the column's type are values too: they are distinct from all others. */
static void add_bad_texts(const struct plan *plan, const struct accumulator_spec *spec,
                          struct distinct_state *state, struct scratch *scratch, const struct chunk *chunk)
{
    static const struct column_schema TEXT = {.name = "", .type = COLUMN_STRING};
    const struct column *column = spec_column(spec, chunk, 0);
    if (!column->bad || !column->lengths)
        return;
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        for (uint64_t rest = column->bad[w] & scratch->mask[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            if (!state->bad)
                state->bad = distinct_new(&TEXT, spec->detail, plan->budget);
            distinct_add_bytes(state->bad, column->bytes + column->starts[row], column->lengths[row]);
        }
}

static int bytes_order(const char *a, size_t a_length, const struct buf *b)
{
    int order = memcmp(a, buf_str(b), a_length < b->length ? a_length : b->length);
    return order ? order : (a_length > b->length) - (a_length < b->length);
}

static void texts_value(struct texts_state *state, const char *text, size_t length)
{
    uint64_t points = 0;
    for (size_t i = 0; i < length; i++)
        points += ((unsigned char)text[i] & 0xC0) != 0x80;
    if (state->count == 0 || bytes_order(text, length, &state->low) < 0) {
        buf_clear(&state->low);
        buf_add(&state->low, text, length);
    }
    if (state->count == 0 || bytes_order(text, length, &state->high) > 0) {
        buf_clear(&state->high);
        buf_add(&state->high, text, length);
    }
    state->count++;
    state->length_sum += points;
    state->length_min = points < state->length_min ? points : state->length_min;
    state->length_max = points > state->length_max ? points : state->length_max;
}

static void add_texts(struct texts_state *state, const struct column *column, const uint64_t *mask,
                      size_t rows)
{
    for (size_t w = 0, words = bitmap_words(rows); w < words; w++)
        for (uint64_t rest = column->valid[w] & mask[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            texts_value(state, column->bytes + column->starts[row], column->lengths[row]);
        }
}

/* x y without rounding. */
static void add_product(struct double_sum *sum, double x, double y)
{
    double product = x * y, rest = fma(x, y, -product);
    double_sum_add(sum, product);
    if (isfinite(rest))
        double_sum_add(sum, rest);
}

static void pairs_value(struct pairs_state *state, double a, double b, double shift_a, double shift_b)
{
    double x = a - shift_a, y = b - shift_b;
    state->count++;
    double_sum_add(&state->a, x);
    double_sum_add(&state->b, y);
    add_product(&state->square_a, x, x);
    add_product(&state->square_b, y, y);
    add_product(&state->product, x, y);
    double_sum_add(&state->absolute, fabs(a - b));
    double_sum_add(&state->squared, (a - b) * (a - b));
}

static void add_pairs(const struct plan *plan, const struct accumulator_spec *spec, struct pairs_state *state,
                      const uint64_t *mask, const struct chunk *chunk)
{
    const struct column *a = spec_column(spec, chunk, 0), *b = spec_column(spec, chunk, 1);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        for (uint64_t rest = a->valid[w] & b->valid[w] & mask[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            double x =
                cell_number(spec_schema(plan, spec, 0), column_cell(spec_schema(plan, spec, 0), a, row));
            double y =
                cell_number(spec_schema(plan, spec, 1), column_cell(spec_schema(plan, spec, 1), b, row));
            if (isfinite(x) && isfinite(y))
                pairs_value(state, x, y, spec_schema(plan, spec, 0)->shift,
                            spec_schema(plan, spec, 1)->shift);
        }
}

static void merge_pairs(struct pairs_state *into, const struct pairs_state *from)
{
    into->count += from->count;
    double_sum_merge(&into->a, &from->a);
    double_sum_merge(&into->b, &from->b);
    double_sum_merge(&into->square_a, &from->square_a);
    double_sum_merge(&into->square_b, &from->square_b);
    double_sum_merge(&into->product, &from->product);
    double_sum_merge(&into->absolute, &from->absolute);
    double_sum_merge(&into->squared, &from->squared);
}

static size_t bin_of(const struct bin_edges *bins, double x)
{
    const double *edges = bins->edges;
    size_t length = bins->count;
    if (length == 0 || (!bins->right_closed && x == edges[length - 1]))
        return length ? length - 1 : 0;
    /* The number of edges before x, without a branch that depends on it. */
    while (length > 1) {
        size_t half = length / 2;
        double edge = edges[half - 1];
        edges += half * (size_t)(bins->right_closed ? edge < x : edge <= x);
        length -= half;
    }
    return (size_t)(edges - bins->edges) + (size_t)(bins->right_closed ? *edges < x : *edges <= x);
}

static void add_bins(const struct plan *plan, const struct accumulator_spec *spec, struct bins_state *state,
                     const uint64_t *mask, const struct chunk *chunk)
{
    const struct column *column = spec_column(spec, chunk, 0);
    const struct column_schema *schema = spec_schema(plan, spec, 0);
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        for (uint64_t rest = column->valid[w] & mask[w]; rest; rest &= rest - 1) {
            size_t row = w * 64 + (unsigned)__builtin_ctzll(rest);
            double x = schema->type == COLUMN_FLOAT ? column->floats[row]
                                                    : cell_number(schema, column_cell(schema, column, row));
            if (isfinite(x))
                state->counts[bin_of(spec->owner->detail, x)]++;
        }
}

/* --- order --- */

static bool in_order(const struct check *check, struct cell before, struct cell after)
{
    int order = cell_compare(after, before);
    if (check->kind == CHECK_DECREASING)
        order = -order;
    return order > 0 || (order == 0 && !check->strictly);
}

static char *copy_key(const struct buf *key)
{
    char *copy = mem_alloc(key->length + 1);
    memcpy(copy, buf_str(key), key->length);
    return copy;
}

static void add_order(const struct plan *plan, const struct accumulator_spec *spec, struct order_state *state,
                      struct scratch *scratch, const struct chunk *chunk, uint64_t selected)
{
    const struct column *column = spec_column(spec, chunk, 0);
    const struct column_schema *schema = spec_schema(plan, spec, 0);
    struct cell before = {.type = COLUMN_NULL};
    uint64_t judged = 0;
    uint32_t first = 0, last = 0;
    for (size_t w = 0, words = bitmap_words(chunk->rows); w < words; w++)
        for (uint64_t rest = scratch->mask[w] & (column->valid[w] | (column->bad ? column->bad[w] : 0)); rest;
             rest &= rest - 1) {
            uint32_t row = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(rest);
            bool bad = column_is_bad(column, row), valued = before.type != COLUMN_NULL;
            struct cell cell = column_cell(schema, column, row);
            judged++;
            if (bad || (valued && !in_order(spec->owner->check, before, cell))) {
                state->verdicts.unexpected++;
                state->verdicts.bad_cells += bad && plan->options->strict_types;
                verdicts_sample(plan, spec->owner, &state->verdicts, scratch, chunk, row);
            }
            if (bad)
                continue;
            first = valued ? first : row;
            last = row;
            before = cell;
        }
    state->verdicts.judged += judged;
    state->verdicts.missing += selected - judged;
    if (before.type == COLUMN_NULL)
        return;
    if (state->count == state->capacity) {
        state->capacity = state->capacity ? state->capacity * 2 : 16;
        state->pieces = mem_realloc(state->pieces, state->capacity * sizeof *state->pieces);
    }
    struct order_piece *piece = &state->pieces[state->count++];
    *piece = (struct order_piece){.chunk = chunk->index, .first_row = chunk->first_row + first};
    buf_clear(&scratch->key);
    key_add(&scratch->key, schema, column, first);
    piece->first = copy_key(&scratch->key);
    piece->first_length = (uint32_t)scratch->key.length;
    buf_clear(&scratch->key);
    key_add(&scratch->key, schema, column, last);
    piece->last = copy_key(&scratch->key);
    piece->last_length = (uint32_t)scratch->key.length;
}

static void merge_order(const struct plan *plan, struct order_state *into, struct order_state *from)
{
    verdicts_merge(plan, &into->verdicts, &from->verdicts);
    size_t count = into->count + from->count;
    if (count > into->capacity)
        into->pieces = mem_realloc(into->pieces, count * sizeof *into->pieces);
    if (from->count)
        memcpy(into->pieces + into->count, from->pieces, from->count * sizeof *into->pieces);
    into->count = into->capacity = count;
    free(from->pieces);
    from->pieces = NULL;
    from->count = 0;
}

static int by_chunk(const void *a, const void *b)
{
    const struct order_piece *x = a, *y = b;
    return (x->chunk > y->chunk) - (x->chunk < y->chunk);
}

void order_finish(const struct plan *plan, const struct prepared *prepared, struct order_state *state)
{
    if (state->count)
        qsort(state->pieces, state->count, sizeof *state->pieces, by_chunk);
    for (size_t i = 1; i < state->count; i++) {
        const struct order_piece *before = &state->pieces[i - 1], *after = &state->pieces[i];
        const char *last = before->last, *first = after->first;
        struct cell a = key_next(&last, before->last + before->last_length, &prepared->schema);
        struct cell b = key_next(&first, after->first + after->first_length, &prepared->schema);
        if (in_order(prepared->check, a, b))
            continue;
        state->verdicts.unexpected++;
        verdicts_keep(plan, &state->verdicts, after->first_row, after->first, after->first_length);
    }
}

/* --- dispatch --- */

void accumulator_add(const struct plan *plan, const struct accumulator_spec *spec, struct accumulator *item,
                     struct scratch *scratch, const struct chunk *chunk, const uint64_t *mask,
                     uint64_t selected)
{
    const struct column *column = spec->column_count ? spec_column(spec, chunk, 0) : NULL;
    switch (spec->kind) {
    case ACCUMULATE_COUNTS:
        add_counts(&item->counts, column, mask, chunk->rows);
        return;
    case ACCUMULATE_MOMENTS:
        moments_add(&item->moments, spec_schema(plan, spec, 0), column, chunk->rows, mask);
        return;
    case ACCUMULATE_QUANTILES:
        if (plan->options->approximate)
            quantiles_sample(item->quantiles, spec_schema(plan, spec, 0), column, chunk->rows, mask,
                             chunk->first_row);
        else
            quantiles_add(item->quantiles, spec_schema(plan, spec, 0), column, chunk->rows, mask);
        return;
    case ACCUMULATE_DISTINCT:
        if (spec->compound) {
            add_compound(plan, spec, &item->distinct, scratch, chunk);
        } else {
            if (item->distinct.sketch)
                sketch_add(item->distinct.sketch, column, chunk->rows, mask, chunk->first_row);
            else
                distinct_add(item->distinct.values, column, chunk->rows, mask);
            add_bad_texts(plan, spec, &item->distinct, scratch, chunk);
        }
        return;
    case ACCUMULATE_TEXTS:
        add_texts(&item->texts, column, scratch->mask, chunk->rows);
        return;
    case ACCUMULATE_VERDICTS:
        verdicts_add(plan, spec->owner, &item->verdicts, scratch, chunk, selected);
        return;
    case ACCUMULATE_ORDER:
        add_order(plan, spec, &item->order, scratch, chunk, selected);
        return;
    case ACCUMULATE_BINS:
        add_bins(plan, spec, &item->bins, scratch->mask, chunk);
        return;
    default:
        add_pairs(plan, spec, &item->pairs, scratch->mask, chunk);
        return;
    }
}

static void merge_texts(struct texts_state *into, struct texts_state *from)
{
    if (from->count == 0)
        return;
    uint64_t count = into->count + from->count, sum = into->length_sum + from->length_sum;
    uint64_t low = from->length_min < into->length_min ? from->length_min : into->length_min;
    uint64_t high = from->length_max > into->length_max ? from->length_max : into->length_max;
    texts_value(into, buf_str(&from->low), from->low.length);
    texts_value(into, buf_str(&from->high), from->high.length);
    into->count = count;
    into->length_sum = sum;
    into->length_min = low;
    into->length_max = high;
}

void accumulator_merge(const struct plan *plan, const struct accumulator_spec *spec, struct accumulator *into,
                       struct accumulator *from)
{
    switch (spec->kind) {
    case ACCUMULATE_COUNTS:
        into->counts.valid += from->counts.valid;
        into->counts.bad += from->counts.bad;
        return;
    case ACCUMULATE_MOMENTS:
        moments_merge(&into->moments, &from->moments);
        return;
    case ACCUMULATE_QUANTILES:
        quantiles_merge(into->quantiles, from->quantiles);
        from->quantiles = NULL;
        return;
    case ACCUMULATE_DISTINCT:
        distinct_merge(into->distinct.values, from->distinct.values);
        from->distinct.values = NULL;
        if (into->distinct.sketch)
            sketch_merge(into->distinct.sketch, from->distinct.sketch);
        into->distinct.skipped += from->distinct.skipped;
        if (into->distinct.bad && from->distinct.bad)
            distinct_merge(into->distinct.bad, from->distinct.bad);
        else if (from->distinct.bad)
            into->distinct.bad = from->distinct.bad;
        from->distinct.bad = NULL;
        return;
    case ACCUMULATE_TEXTS:
        merge_texts(&into->texts, &from->texts);
        return;
    case ACCUMULATE_VERDICTS:
        verdicts_merge(plan, &into->verdicts, &from->verdicts);
        return;
    case ACCUMULATE_ORDER:
        merge_order(plan, &into->order, &from->order);
        return;
    case ACCUMULATE_BINS:
        for (size_t i = 0; i <= ((const struct bin_edges *)spec->owner->detail)->count; i++)
            into->bins.counts[i] += from->bins.counts[i];
        return;
    default:
        merge_pairs(&into->pairs, &from->pairs);
        return;
    }
}

static bool distinct_settle(struct distinct_state *state, bool *approximate, struct data_error *error)
{
    struct distinct_totals bad = {0};
    if (!distinct_finish(state->values, &state->totals, error) ||
        (state->bad && !distinct_finish(state->bad, &bad, error)))
        return false;
    if (state->sketch) {
        double distinct, unique;
        bool exact;
        sketch_distinct(state->sketch, &distinct, &unique, &exact);
        state->totals = (struct distinct_totals){.values = sketch_values(state->sketch),
                                                 .distinct = (uint64_t)llround(distinct),
                                                 .unique = (uint64_t)llround(unique)};
        *approximate = !exact;
    }
    state->totals.values += bad.values;
    state->totals.distinct += bad.distinct;
    state->totals.unique += bad.unique;
    return true;
}

bool accumulator_settle(const struct accumulator_spec *spec, struct accumulator *item,
                        struct data_error *error)
{
    if (spec->kind == ACCUMULATE_QUANTILES)
        item->approximate = quantiles_settle(item->quantiles);
    else if (spec->kind == ACCUMULATE_DISTINCT)
        return distinct_settle(&item->distinct, &item->approximate, error);
    return true;
}

void accumulator_end(const struct accumulator_spec *spec, struct accumulator *item)
{
    switch (spec->kind) {
    case ACCUMULATE_QUANTILES:
        if (item->quantiles)
            quantiles_free(item->quantiles);
        return;
    case ACCUMULATE_DISTINCT:
        if (item->distinct.values)
            distinct_free(item->distinct.values);
        if (item->distinct.bad)
            distinct_free(item->distinct.bad);
        sketch_free(item->distinct.sketch);
        return;
    case ACCUMULATE_BINS:
        free(item->bins.counts);
        return;
    case ACCUMULATE_TEXTS:
        buf_free(&item->texts.low);
        buf_free(&item->texts.high);
        return;
    case ACCUMULATE_VERDICTS:
        verdicts_end(&item->verdicts);
        return;
    case ACCUMULATE_ORDER:
        for (size_t i = 0; i < item->order.count; i++) {
            free(item->order.pieces[i].first);
            free(item->order.pieces[i].last);
        }
        free(item->order.pieces);
        verdicts_end(&item->order.verdicts);
        return;
    default:
        return;
    }
}
