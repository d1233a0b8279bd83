#include "runtime/data/quantiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "runtime/data/number.h"
#include "runtime/data/quantiles_inside.h"
#include "runtime/data/rank.h"
#include "runtime/data/rational.h"

struct quantiles *quantiles_new(const struct column_schema *schema, struct memory_budget *budget)
{
    enum { DIGITS_OF_64_BITS = 18 };
    struct quantiles *quantiles = mem_calloc(1, sizeof *quantiles);
    bool time = schema->type == COLUMN_TIME || schema->type == COLUMN_TIMESTAMP;
    quantiles->ticks = time ? schema->ticks : 1;
    if (time || schema->type == COLUMN_INT || schema->type == COLUMN_DATE)
        quantiles->kind = UNITS_64;
    if (schema->type == COLUMN_DECIMAL) {
        quantiles->kind = schema->precision <= DIGITS_OF_64_BITS ? UNITS_64 : UNITS_128;
        quantiles->scale = schema->scale;
        quantiles->decimals = true;
    }
    number_list_begin(&quantiles->list, quantiles->kind == UNITS_128 ? sizeof(decimal) : sizeof(double),
                      budget);
    return quantiles;
}

void quantiles_free(struct quantiles *quantiles)
{
    if (!quantiles)
        return;
    number_list_end(&quantiles->list);
    row_sample_end(&quantiles->sample);
    free(quantiles);
}

double units_number(const struct quantiles *quantiles, decimal units)
{
    if (quantiles->kind == UNITS_128 || quantiles->scale > 0)
        return number_from_decimal(units, quantiles->scale);
    return quantiles->ticks > 1 ? (double)(int64_t)units / quantiles->ticks : (double)(int64_t)units;
}

/* Counts the infinities of a word. */
static void count_infinities(struct quantiles *quantiles, const double *numbers, uint64_t select)
{
    for (; select; select &= select - 1) {
        double x = numbers[__builtin_ctzll(select)];
        quantiles->low_infinities += isinf(x) && x < 0;
        quantiles->high_infinities += isinf(x) && x > 0;
    }
}

/* All 64 of a full word of floats, else the chosen ones. */
static void add_floats(struct number_block *block, const double *floats, uint64_t select)
{
    double *out = (double *)block->numbers + block->used;
    size_t count = 0;
    for (size_t i = 0; i < 64; i++) {
        out[count] = floats[i];
        count += (select >> i & 1) & (floats[i] - floats[i] == 0);
    }
    block->used += count;
}

static void add_units(struct number_block *block, const struct quantiles *quantiles, bool decimals,
                      const struct column *column, size_t base, uint64_t select)
{
    int64_t *out = (int64_t *)block->numbers + block->used;
    decimal *wide = (decimal *)block->numbers + block->used;
    block->used += (size_t)__builtin_popcountll(select);
    if (select == ~UINT64_C(0) && !decimals) {
        memcpy(out, column->ints + base, 64 * sizeof *out);
        return;
    }
    for (; select; select &= select - 1) {
        size_t row = base + (size_t)__builtin_ctzll(select);
        if (quantiles->kind == UNITS_128)
            *wide++ = column->decimals[row];
        else
            *out++ = decimals ? (int64_t)column->decimals[row] : column->ints[row];
    }
}

static void add_word(struct number_block *block, const struct quantiles *quantiles, enum column_type type,
                     const struct column *column, size_t base, uint64_t select)
{
    if (type == COLUMN_FLOAT) {
        add_floats(block, column->floats + base, select);
    } else if (type == COLUMN_BOOL) {
        double *out = (double *)block->numbers;
        for (; select; select &= select - 1)
            out[block->used++] = column->bools[base + (size_t)__builtin_ctzll(select)];
    } else {
        add_units(block, quantiles, type == COLUMN_DECIMAL, column, base, select);
    }
}

void quantiles_add(struct quantiles *quantiles, const struct column_schema *schema,
                   const struct column *column, size_t rows, const uint64_t *mask)
{
    if (schema->type == COLUMN_STRING || schema->type == COLUMN_NULL || column->valid_count == 0)
        return;
    for (size_t base = 0; base < rows; base += 64) {
        uint64_t select = column->valid[base / 64] & (mask ? mask[base / 64] : ~UINT64_C(0));
        if (!select)
            continue;
        struct number_block *block = number_list_room(&quantiles->list);
        size_t before = block->used;
        add_word(block, quantiles, schema->type, column, base, select);
        quantiles->list.count += block->used - before;
        if (block->used - before < (size_t)__builtin_popcountll(select)) /* only floats are left out */
            count_infinities(quantiles, column->floats + base, select);
    }
}

void quantiles_put(struct quantiles *quantiles, double number, uint64_t times)
{
    quantiles->list.count += times;
    while (times > 0) {
        struct number_block *block = number_list_room(&quantiles->list);
        size_t room = block->capacity - block->used, now = times < room ? (size_t)times : room;
        for (size_t i = 0; i < now; i++)
            ((double *)block->numbers)[block->used++] = number;
        times -= now;
    }
}

/* A number of the sample as the list will hold it. */
static struct sampled_number sampled_number(const struct quantiles *quantiles, enum column_type type,
                                            const struct column *column, size_t row)
{
    struct sampled_number sampled = {0};
    double number = 0;
    if (type == COLUMN_FLOAT || type == COLUMN_BOOL) {
        number = type == COLUMN_FLOAT ? column->floats[row] : column->bools[row];
        memcpy(&sampled.low, &number, sizeof number);
    } else if (quantiles->kind == UNITS_128) {
        memcpy(&sampled, &column->decimals[row], sizeof sampled);
    } else {
        sampled.low = (uint64_t)(type == COLUMN_DECIMAL ? (int64_t)column->decimals[row] : column->ints[row]);
    }
    return sampled;
}

void quantiles_sample(struct quantiles *quantiles, const struct column_schema *schema,
                      const struct column *column, size_t rows, const uint64_t *mask, uint64_t first_row)
{
    if (schema->type == COLUMN_STRING || schema->type == COLUMN_NULL || column->valid_count == 0)
        return;
    for (size_t base = 0; base < rows; base += 64) {
        uint64_t select = column->valid[base / 64] & (mask ? mask[base / 64] : ~UINT64_C(0));
        for (; select; select &= select - 1) {
            size_t row = base + (size_t)__builtin_ctzll(select);
            if (schema->type != COLUMN_FLOAT || !isnan(column->floats[row]))
                row_sample_add(&quantiles->sample, first_row + row,
                               sampled_number(quantiles, schema->type, column, row));
        }
    }
}

bool quantiles_settle(struct quantiles *quantiles)
{
    struct row_sample *sample = &quantiles->sample;
    bool left_out = sample->dropped_from != 0;
    row_sample_settle(sample);
    for (size_t i = 0; i < sample->count; i++) {
        double number = 0;
        if (quantiles->kind == UNITS_NONE)
            memcpy(&number, &sample->rows[i].number, sizeof number);
        if (isinf(number)) {
            quantiles->low_infinities += number < 0;
            quantiles->high_infinities += number > 0;
            continue;
        }
        struct number_block *block = number_list_room(&quantiles->list);
        size_t width = quantiles->list.width;
        memcpy((char *)block->numbers + block->used++ * width, &sample->rows[i].number, width);
        quantiles->list.count++;
    }
    row_sample_end(sample);
    return left_out;
}

void quantiles_merge(struct quantiles *into, struct quantiles *from)
{
    row_sample_merge(&into->sample, &from->sample);
    row_sample_end(&from->sample);
    number_list_append(&into->list, &from->list);
    into->low_infinities += from->low_infinities;
    into->high_infinities += from->high_infinities;
    free(from);
}

uint64_t quantiles_count(const struct quantiles *quantiles)
{
    return quantiles->list.count;
}

/* --- views --- */

enum { VIEW_ROOM = 512 };

struct view_pass {
    const struct view *view;
    void (*each)(void *context, const double *numbers, size_t count);
    void *context;
};

static inline decimal units_at(const struct quantiles *quantiles, const void *numbers, size_t at)
{
    return quantiles->kind == UNITS_64 ? ((const int64_t *)numbers)[at] : ((const decimal *)numbers)[at];
}

/* Those of [base, top], less base; how many. */
static size_t view_units(const struct view *view, const void *numbers, size_t count, double *room)
{
    size_t used = 0;
    if (view->quantiles->kind == UNITS_64 && view->top - view->base <= INT64_MAX) {
        const int64_t *units = numbers, base = (int64_t)view->base, top = (int64_t)view->top;
        for (size_t i = 0; i < count; i++) {
            room[used] = (double)(int64_t)((uint64_t)units[i] - (uint64_t)base);
            used += (units[i] >= base) & (units[i] <= top);
        }
        return used;
    }
    for (size_t i = 0; i < count; i++) {
        decimal units = units_at(view->quantiles, numbers, i);
        if (units >= view->base && units <= view->top)
            room[used++] = (double)((unsigned __int128)units - (unsigned __int128)view->base);
    }
    return used;
}

static void view_block(void *context, const void *numbers, size_t count)
{
    const struct view_pass *pass = context;
    const struct quantiles *quantiles = pass->view->quantiles;
    double room[VIEW_ROOM];
    if (quantiles->kind == UNITS_NONE) {
        pass->each(pass->context, numbers, count);
        return;
    }
    for (size_t base = 0; base < count; base += VIEW_ROOM) {
        size_t now = count - base < VIEW_ROOM ? count - base : VIEW_ROOM;
        const void *from = (const char *)numbers + base * quantiles->list.width;
        if (pass->view->units)
            now = view_units(pass->view, from, now, room);
        for (size_t i = 0; !pass->view->units && i < now; i++)
            room[i] = units_number(quantiles, units_at(quantiles, from, i));
        pass->each(pass->context, room, now);
    }
}

bool view_each(const struct view *view, void (*each)(void *context, const double *numbers, size_t count),
               void *context, struct data_error *error)
{
    struct view_pass pass = {view, each, context};
    return number_list_each(&view->quantiles->list, view_block, &pass, error);
}

/* --- ranks --- */

static int compare_ranks(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

bool quantiles_at(struct quantiles *quantiles, const double *at, size_t count, enum rank_method method,
                  double *out, struct data_error *error)
{
    uint64_t total = quantiles->list.count;
    for (size_t i = 0; i < count; i++)
        out[i] = NAN;
    if (total == 0 || count == 0)
        return true;
    uint64_t *ranks = mem_alloc(4 * count * sizeof *ranks), *sorted = ranks + 2 * count;
    double *parts = mem_alloc(count * sizeof *parts), *found = mem_alloc(2 * count * sizeof *found);
    for (size_t i = 0; i < count; i++)
        rank_place((double)(total - 1) * at[i], method, total, &ranks[2 * i], &ranks[2 * i + 1], &parts[i]);
    memcpy(sorted, ranks, 2 * count * sizeof *ranks);
    qsort(sorted, 2 * count, sizeof *sorted, compare_ranks);
    bool ok = quantiles_select(quantiles, sorted, 2 * count, found, error);
    for (size_t i = 0; ok && i < count; i++) {
        const uint64_t *low = bsearch(&ranks[2 * i], sorted, 2 * count, sizeof *sorted, compare_ranks);
        const uint64_t *high = bsearch(&ranks[2 * i + 1], sorted, 2 * count, sizeof *sorted, compare_ranks);
        out[i] = rank_between(found[low - sorted], found[high - sorted], parts[i]);
    }
    free(ranks);
    free(parts);
    free(found);
    return ok;
}

/* The value of a rank among all numbers, infinities included. */
static bool select_any(struct quantiles *quantiles, uint64_t rank, double *out, struct data_error *error)
{
    *out = rank < quantiles->low_infinities ? -INFINITY : INFINITY;
    if (rank < quantiles->low_infinities || rank - quantiles->low_infinities >= quantiles->list.count)
        return true;
    rank -= quantiles->low_infinities;
    return quantiles_select(quantiles, &rank, 1, out, error);
}

bool quantiles_of_all(struct quantiles *quantiles, double at, enum rank_method method, double *out,
                      struct data_error *error)
{
    uint64_t total = quantiles->list.count + quantiles->low_infinities + quantiles->high_infinities;
    uint64_t low, high;
    double part, ends[2];
    if (total == quantiles->list.count)
        return quantiles_at(quantiles, &at, 1, method, out, error);
    rank_place((double)(total - 1) * at, method, total, &low, &high, &part);
    if (!select_any(quantiles, low, &ends[0], error) || !select_any(quantiles, high, &ends[1], error))
        return false;
    *out = rank_between(ends[0], ends[1], part);
    return true;
}

/* low + (high - low) x part / 10^digits; times in seconds. */
static bool exact_between(const struct quantiles *quantiles, const decimal *ends, uint64_t part,
                          unsigned digits, struct rational *out)
{
    decimal whole = ends[0], share;
    *out = (struct rational){.scale = quantiles->scale + digits, .divisor = 1};
    if (__builtin_sub_overflow(ends[1], ends[0], &share) ||
        __builtin_mul_overflow(share, (decimal)part, &share))
        return false;
    for (unsigned i = 0; i < digits; i++)
        if (__builtin_mul_overflow(whole, (decimal)10, &whole))
            return false;
    if (__builtin_add_overflow(whole, share, &out->units))
        return false;
    for (; out->scale > quantiles->scale && out->units % 10 == 0; out->scale--)
        out->units /= 10;
    for (uint32_t ticks = quantiles->ticks; ticks > 1; ticks /= 10)
        out->scale++;
    return out->scale <= RATIONAL_SCALE;
}

/* Halves of ints are what doubles say too; other parts are numpy's there, unless doubles lack the digits. */
static bool place_units(const struct quantiles *quantiles, double at, enum rank_method method, bool large,
                        uint64_t *ranks, uint64_t *part, unsigned *digits)
{
    double share;
    uint64_t count = quantiles->list.count;
    if (quantiles->decimals || quantiles->ticks > 1 || large)
        return rank_place_exactly(at, method, count, &ranks[0], &ranks[1], part, digits);
    rank_place((double)(count - 1) * at, method, count, &ranks[0], &ranks[1], &share);
    *part = ranks[0] == ranks[1] ? 0 : 5;
    *digits = *part ? 1 : 0;
    return ranks[0] == ranks[1] || share == 0 || share == 0.5;
}

static bool is_large(decimal units)
{
    const decimal limit = (decimal)1 << 52;
    return units > limit || units < -limit;
}

bool quantiles_exact(struct quantiles *quantiles, double at, enum rank_method method, struct rational *out,
                     bool *known, struct data_error *error)
{
    uint64_t ends[2] = {0, quantiles->list.count - 1}, ranks[2], part;
    decimal units[2];
    unsigned digits;
    *known = false;
    if (quantiles->kind == UNITS_NONE || quantiles->list.count == 0)
        return true;
    if (!quantiles_units(quantiles, ends, 2, units, error))
        return false;
    bool large = is_large(units[0]) || is_large(units[1]);
    if (!place_units(quantiles, at, method, large, ranks, &part, &digits))
        return true;
    if (!quantiles_units(quantiles, ranks, 2, units, error))
        return false;
    *known = exact_between(quantiles, units, part, digits, out);
    return true;
}

struct histogram {
    const double *edges;
    uint64_t *counts;
    size_t bins;
    double scale;
};

static void count_histogram(void *context, const double *numbers, size_t count)
{
    const struct histogram *histogram = context;
    const double *edges = histogram->edges;
    size_t last = histogram->bins - 1;
    for (size_t i = 0; i < count; i++) {
        double at = (numbers[i] * 0.5 - edges[0] * 0.5) * histogram->scale;
        size_t bin = at > 0 ? (at < (double)last ? (size_t)at : last) : 0;
        while (bin > 0 && numbers[i] < edges[bin])
            bin--;
        while (bin < last && numbers[i] >= edges[bin + 1])
            bin++;
        histogram->counts[bin]++;
    }
}

bool quantiles_histogram(struct quantiles *quantiles, const double *edges, size_t bins, uint64_t *counts,
                         struct data_error *error)
{
    double half = edges[bins] * 0.5 - edges[0] * 0.5;
    struct histogram histogram = {edges, counts, bins, half > 0 ? (double)bins / half : 0};
    if (!isfinite(histogram.scale))
        histogram.scale = 0;
    memset(counts, 0, bins * sizeof *counts);
    return view_each(&(struct view){.quantiles = quantiles}, count_histogram, &histogram, error);
}
