#include "runtime/data/quantiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "runtime/data/number.h"
#include "runtime/data/number_list.h"
#include "runtime/data/row_sample.h"

/* Selection without sorting: numbers are counted in equal bins between the least and the greatest; only the
 * bins that hold a wanted rank are looked into, and a bin that is still large is divided again. */
enum { BINS = 1 << 16, GATHER_LIMIT = 1 << 20, DEPTH_LIMIT = 40 };

struct quantiles {
    struct number_list list;
    uint64_t low_infinities, high_infinities; /* not in the list */
    struct row_sample sample;                 /* before quantiles_settle */
};

struct quantiles *quantiles_new(const struct column_schema *schema, struct memory_budget *budget)
{
    struct quantiles *quantiles = mem_calloc(1, sizeof *quantiles);
    (void)schema;
    number_list_begin(&quantiles->list, budget);
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

static inline double row_number(const struct column_schema *schema, const struct column *column, size_t row)
{
    switch (schema->type) {
    case COLUMN_FLOAT:
        return column->floats[row];
    case COLUMN_BOOL:
        return column->bools[row];
    case COLUMN_DECIMAL:
        return number_from_decimal(column->decimals[row], schema->scale);
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
        return (double)column->ints[row] / schema->ticks;
    default:
        return (double)column->ints[row];
    }
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
static void add_word(struct number_block *block, const struct column_schema *schema,
                     const struct column *column, size_t base, uint64_t select)
{
    double *out = block->numbers + block->used;
    size_t count = 0;
    if (schema->type == COLUMN_FLOAT) {
        for (size_t i = 0; i < 64; i++) {
            double x = column->floats[base + i];
            out[count] = x;
            count += (select >> i & 1) & (x - x == 0);
        }
    } else {
        for (; select; select &= select - 1)
            out[count++] = row_number(schema, column, base + (size_t)__builtin_ctzll(select));
    }
    block->used += count;
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
        add_word(block, schema, column, base, select);
        quantiles->list.count += block->used - before;
        if (block->used - before < (size_t)__builtin_popcountll(select)) /* only floats are left out */
            count_infinities(quantiles, column->floats + base, select);
    }
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
            double number = row_number(schema, column, row);
            if (!isnan(number))
                row_sample_add(&quantiles->sample, first_row + row, number);
        }
    }
}

bool quantiles_settle(struct quantiles *quantiles)
{
    struct row_sample *sample = &quantiles->sample;
    bool left_out = sample->dropped_from != 0;
    row_sample_settle(sample);
    for (size_t i = 0; i < sample->count; i++) {
        double number = sample->rows[i].number;
        if (isinf(number)) {
            quantiles->low_infinities += number < 0;
            quantiles->high_infinities += number > 0;
            continue;
        }
        struct number_block *block = number_list_room(&quantiles->list);
        block->numbers[block->used++] = number;
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

/* One round: the numbers in [low, high], of which `below` others of the whole are smaller than low. */
struct round {
    double low, high, scale;
    uint64_t *counts; /* BINS */
    uint8_t *wanted;  /* 1: gather this bin, 2: divide it again */
    double *gathered;
    size_t gathered_count, gathered_capacity;
    double *bin_low, *bin_high; /* of bins to be divided, BINS each; NULL when there is none */
};

struct extremes {
    double low, high;
};

static void find_extremes(void *context, const double *numbers, size_t count)
{
    struct extremes *extremes = context;
    double low = extremes->low, high = extremes->high;
    for (size_t i = 0; i < count; i++) {
        low = numbers[i] < low ? numbers[i] : low;
        high = numbers[i] > high ? numbers[i] : high;
    }
    *extremes = (struct extremes){low, high};
}

/* Ascends with x: rounding keeps order. */
static inline size_t bin_of(const struct round *round, double x)
{
    double at = (x * 0.5 - round->low * 0.5) * round->scale;
    size_t bin = (size_t)at;
    return bin < BINS ? bin : BINS - 1;
}

static void count_bins(void *context, const double *numbers, size_t count)
{
    const struct round *round = context;
    for (size_t i = 0; i < count; i++)
        if (numbers[i] >= round->low && numbers[i] <= round->high)
            round->counts[bin_of(round, numbers[i])]++;
}

static void gather_bins(void *context, const double *numbers, size_t count)
{
    struct round *round = context;
    for (size_t i = 0; i < count; i++) {
        double x = numbers[i];
        if (!(x >= round->low && x <= round->high))
            continue;
        size_t bin = bin_of(round, x);
        if (round->wanted[bin] == 1) {
            round->gathered[round->gathered_count++] = x;
        } else if (round->wanted[bin] == 2) {
            round->bin_low[bin] = x < round->bin_low[bin] ? x : round->bin_low[bin];
            round->bin_high[bin] = x > round->bin_high[bin] ? x : round->bin_high[bin];
        }
    }
}

static bool round_begin(struct round *round, struct number_list *list, double low, double high,
                        struct data_error *error)
{
    double half = high * 0.5 - low * 0.5;
    *round = (struct round){.low = low, .high = high, .scale = (BINS - 1) / half};
    if (!isfinite(round->scale)) /* a range of a few of the smallest numbers */
        round->scale = 1 / half;
    if (!isfinite(round->scale))
        round->scale = 0;
    round->counts = mem_calloc(BINS, sizeof *round->counts);
    round->wanted = mem_calloc(BINS, 1);
    return number_list_each(list, count_bins, round, error);
}

static void round_end(struct round *round)
{
    free(round->counts);
    free(round->wanted);
    free(round->gathered);
    free(round->bin_low);
    free(round->bin_high);
}

/* Marks the bins of the ranks; small ones to be gathered, large ones to be divided. */
static void mark_bins(struct round *round, uint64_t below, const uint64_t *ranks, size_t count,
                      bool gather_all)
{
    uint64_t before = below;
    size_t next = 0, total = 0;
    bool large = false;
    for (size_t bin = 0; bin < BINS && next < count; bin++) {
        uint64_t here = round->counts[bin];
        if (ranks[next] >= before + here) {
            before += here;
            continue;
        }
        round->wanted[bin] = gather_all || here <= GATHER_LIMIT ? 1 : 2;
        total += round->wanted[bin] == 1 ? here : 0;
        large |= round->wanted[bin] == 2;
        before += here;
        while (next < count && ranks[next] < before)
            next++;
    }
    round->gathered = mem_alloc((total + 1) * sizeof *round->gathered);
    round->gathered_capacity = total;
    if (!large)
        return;
    round->bin_low = mem_alloc(BINS * sizeof *round->bin_low);
    round->bin_high = mem_alloc(BINS * sizeof *round->bin_high);
    for (size_t bin = 0; bin < BINS; bin++) {
        round->bin_low[bin] = INFINITY;
        round->bin_high[bin] = -INFINITY;
    }
}

static bool select_between(struct number_list *list, double low, double high, uint64_t below,
                           const uint64_t *ranks, size_t count, double *out, int depth,
                           struct data_error *error);

/* The answers, bin by bin: gathered numbers are sorted, so those of a bin lie together. */
static bool answer_bins(struct number_list *list, struct round *round, uint64_t below, const uint64_t *ranks,
                        size_t count, double *out, int depth, struct data_error *error)
{
    double *room = mem_alloc((round->gathered_count + 1) * sizeof *room);
    numbers_sort(round->gathered, room, round->gathered_count);
    free(room);
    uint64_t before = below;
    size_t next = 0, gathered = 0;
    for (size_t bin = 0; bin < BINS && next < count; bin++) {
        uint64_t here = round->counts[bin];
        size_t last = next;
        while (last < count && ranks[last] < before + here)
            last++;
        if (last > next && round->wanted[bin] == 2 &&
            !select_between(list, round->bin_low[bin], round->bin_high[bin], before, ranks + next,
                            last - next, out + next, depth + 1, error))
            return false;
        for (size_t i = next; round->wanted[bin] == 1 && i < last; i++)
            out[i] = round->gathered[gathered + (size_t)(ranks[i] - before)];
        gathered += round->wanted[bin] == 1 ? (size_t)here : 0;
        before += here;
        next = last;
    }
    return true;
}

static bool select_between(struct number_list *list, double low, double high, uint64_t below,
                           const uint64_t *ranks, size_t count, double *out, int depth,
                           struct data_error *error)
{
    struct round round;
    for (size_t i = 0; low == high && i < count; i++)
        out[i] = low;
    if (low == high)
        return true;
    bool ok = round_begin(&round, list, low, high, error);
    if (ok) {
        mark_bins(&round, below, ranks, count, depth >= DEPTH_LIMIT || round.scale == 0);
        ok = number_list_each(list, gather_bins, &round, error) &&
             answer_bins(list, &round, below, ranks, count, out, depth, error);
    }
    round_end(&round);
    return ok;
}

bool quantiles_select(struct quantiles *quantiles, const uint64_t *ranks, size_t count, double *out,
                      struct data_error *error)
{
    struct extremes extremes = {INFINITY, -INFINITY};
    if (count > 0 && ranks[count - 1] >= quantiles->list.count) {
        data_fail(error, "a rank lies behind the last of %llu numbers",
                  (unsigned long long)quantiles->list.count);
        return false;
    }
    if (!number_list_each(&quantiles->list, find_extremes, &extremes, error))
        return false;
    return select_between(&quantiles->list, extremes.low, extremes.high, 0, ranks, count, out, 0, error);
}

/* Rank below h, rank above, and the part of the way between them. */
static void place(double h, enum rank_method method, uint64_t count, uint64_t *low, uint64_t *high,
                  double *part)
{
    double floored = floor(h);
    *low = (uint64_t)floored;
    *high = h > floored ? *low + 1 : *low;
    *part = h - floored;
    if (*high >= count)
        *high = count - 1;
    if (method == RANK_LOWER)
        *high = *low;
    else if (method == RANK_HIGHER)
        *low = *high;
    else if (method == RANK_NEAREST)
        *low = *high = (uint64_t)nearbyint(h);
    else if (method == RANK_MIDPOINT)
        *part = *high > *low ? 0.5 : 0;
}

static int compare_ranks(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static double between(double low, double high, double part)
{
    if (low == high)
        return low;
    /* numpy's form: from the nearer end, so that both ends are exact */
    return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
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
        place((double)(total - 1) * at[i], method, total, &ranks[2 * i], &ranks[2 * i + 1], &parts[i]);
    memcpy(sorted, ranks, 2 * count * sizeof *ranks);
    qsort(sorted, 2 * count, sizeof *sorted, compare_ranks);
    bool ok = quantiles_select(quantiles, sorted, 2 * count, found, error);
    for (size_t i = 0; ok && i < count; i++) {
        const uint64_t *low = bsearch(&ranks[2 * i], sorted, 2 * count, sizeof *sorted, compare_ranks);
        const uint64_t *high = bsearch(&ranks[2 * i + 1], sorted, 2 * count, sizeof *sorted, compare_ranks);
        out[i] = between(found[low - sorted], found[high - sorted], parts[i]);
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
    place((double)(total - 1) * at, method, total, &low, &high, &part);
    if (!select_any(quantiles, low, &ends[0], error) || !select_any(quantiles, high, &ends[1], error))
        return false;
    *out = between(ends[0], ends[1], part);
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
    return number_list_each(&quantiles->list, count_histogram, &histogram, error);
}

struct gather {
    double low, high; /* both included */
    double *numbers;
    size_t count;
};

static void gather_range(void *context, const double *numbers, size_t count)
{
    struct gather *gather = context;
    for (size_t i = 0; i < count; i++)
        if (numbers[i] >= gather->low && numbers[i] <= gather->high)
            gather->numbers[gather->count++] = numbers[i];
}

/* Emits the numbers in [low, high], `count` of them: sorted at once, or split at a middle rank. */
static bool emit_between(struct quantiles *quantiles, double low, double high, uint64_t below, uint64_t count,
                         bool (*each)(void *context, const double *numbers, size_t count), void *context,
                         bool *go_on, struct data_error *error);

/* How many numbers are at most x. */
struct below {
    double x, next; /* next: the least number above x */
    uint64_t count;
};

static void count_below(void *context, const double *numbers, size_t count)
{
    struct below *below = context;
    for (size_t i = 0; i < count; i++) {
        below->count += numbers[i] <= below->x;
        if (numbers[i] > below->x && numbers[i] < below->next)
            below->next = numbers[i];
    }
}

static bool emit_equal(double number, uint64_t count,
                       bool (*each)(void *context, const double *numbers, size_t count), void *context)
{
    double numbers[1024];
    for (size_t i = 0; i < 1024; i++)
        numbers[i] = number;
    for (; count > 0; count -= count < 1024 ? count : 1024)
        if (!each(context, numbers, count < 1024 ? (size_t)count : 1024))
            return false;
    return true;
}

static bool emit_split(struct quantiles *quantiles, double low, double high, uint64_t below, uint64_t count,
                       bool (*each)(void *context, const double *numbers, size_t count), void *context,
                       bool *go_on, struct data_error *error)
{
    uint64_t middle = below + (count - 1) / 2;
    struct below split = {.next = INFINITY};
    if (!quantiles_select(quantiles, &middle, 1, &split.x, error) ||
        !number_list_each(&quantiles->list, count_below, &split, error))
        return false;
    uint64_t first = split.count - below;
    if (first == count) { /* the upper half is one number: all that is smaller comes first */
        struct below smaller = {.x = nextafter(split.x, -INFINITY), .next = INFINITY};
        if (!number_list_each(&quantiles->list, count_below, &smaller, error))
            return false;
        uint64_t rest = smaller.count - below;
        if (rest > 0 && !emit_between(quantiles, low, smaller.x, below, rest, each, context, go_on, error))
            return false;
        *go_on = *go_on && emit_equal(split.x, count - rest, each, context);
        return true;
    }
    return emit_between(quantiles, low, split.x, below, first, each, context, go_on, error) &&
           emit_between(quantiles, split.next, high, below + first, count - first, each, context, go_on,
                        error);
}

static bool emit_between(struct quantiles *quantiles, double low, double high, uint64_t below, uint64_t count,
                         bool (*each)(void *context, const double *numbers, size_t count), void *context,
                         bool *go_on, struct data_error *error)
{
    enum { SORTED_AT_ONCE = 16 << 20 };
    if (!*go_on || count == 0)
        return true;
    if (low == high) {
        *go_on = emit_equal(low, count, each, context);
        return true;
    }
    if (count > SORTED_AT_ONCE)
        return emit_split(quantiles, low, high, below, count, each, context, go_on, error);
    struct gather gather = {low, high, mem_alloc((size_t)count * sizeof(double)), 0};
    double *room = mem_alloc((size_t)count * sizeof *room);
    bool ok = number_list_each(&quantiles->list, gather_range, &gather, error);
    if (ok) {
        numbers_sort(gather.numbers, room, gather.count);
        *go_on = each(context, gather.numbers, gather.count);
    }
    free(gather.numbers);
    free(room);
    return ok;
}

bool quantiles_sorted(struct quantiles *quantiles,
                      bool (*each)(void *context, const double *numbers, size_t count), void *context,
                      struct data_error *error)
{
    struct extremes extremes = {INFINITY, -INFINITY};
    bool go_on = true;
    if (!number_list_each(&quantiles->list, find_extremes, &extremes, error))
        return false;
    return emit_between(quantiles, extremes.low, extremes.high, 0, quantiles->list.count, each, context,
                        &go_on, error);
}
