#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "runtime/data/quantiles_inside.h"

/* Selection without sorting: numbers are counted in equal bins between the least and the greatest; only the
 * bins that hold a wanted rank are looked into, and a bin that is still large is divided again. */
enum { BINS_LEAST = 256, BINS_MOST = 1 << 16, GATHER_LIMIT = 1 << 20, DEPTH_LIMIT = 40 };

/* One round: the numbers in [low, high], of which `below` others of the whole are smaller than low. */
struct round {
    double low, high, scale;
    size_t bins;
    uint64_t *counts; /* of each bin */
    uint8_t *wanted;  /* 1: gather this bin, 2: divide it again */
    double *gathered;
    size_t gathered_count, gathered_capacity;
    double *bin_low, *bin_high; /* of bins to be divided; NULL when there is none */
};

/* Ascends with x: rounding keeps order. */
static inline size_t bin_of(const struct round *round, double x)
{
    double at = (x * 0.5 - round->low * 0.5) * round->scale;
    size_t bin = (size_t)at;
    return bin < round->bins ? bin : round->bins - 1;
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

static bool round_begin(struct round *round, const struct view *view, double low, double high,
                        struct data_error *error)
{
    double half = high * 0.5 - low * 0.5;
    size_t bins = BINS_LEAST;
    while (bins < BINS_MOST && bins < view->quantiles->list.count / 4)
        bins *= 2;
    *round = (struct round){.low = low, .high = high, .bins = bins, .scale = (double)(bins - 1) / half};
    if (!isfinite(round->scale)) /* a range of a few of the smallest numbers */
        round->scale = 1 / half;
    if (!isfinite(round->scale))
        round->scale = 0;
    round->counts = mem_calloc(bins, sizeof *round->counts);
    round->wanted = mem_calloc(bins, 1);
    return view_each(view, count_bins, round, error);
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
    for (size_t bin = 0; bin < round->bins && next < count; bin++) {
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
    round->bin_low = mem_alloc(round->bins * sizeof *round->bin_low);
    round->bin_high = mem_alloc(round->bins * sizeof *round->bin_high);
    for (size_t bin = 0; bin < round->bins; bin++) {
        round->bin_low[bin] = INFINITY;
        round->bin_high[bin] = -INFINITY;
    }
}

static bool select_between(const struct view *view, double low, double high, uint64_t below,
                           const uint64_t *ranks, size_t count, double *out, int depth,
                           struct data_error *error);

/* The answers, bin by bin: gathered numbers are sorted, so those of a bin lie together. */
static bool answer_bins(const struct view *view, struct round *round, uint64_t below, const uint64_t *ranks,
                        size_t count, double *out, int depth, struct data_error *error)
{
    double *room = mem_alloc((round->gathered_count + 1) * sizeof *room);
    numbers_sort(round->gathered, room, round->gathered_count);
    free(room);
    uint64_t before = below;
    size_t next = 0, gathered = 0;
    for (size_t bin = 0; bin < round->bins && next < count; bin++) {
        uint64_t here = round->counts[bin];
        size_t last = next;
        while (last < count && ranks[last] < before + here)
            last++;
        if (last > next && round->wanted[bin] == 2 &&
            !select_between(view, round->bin_low[bin], round->bin_high[bin], before, ranks + next,
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

static bool select_between(const struct view *view, double low, double high, uint64_t below,
                           const uint64_t *ranks, size_t count, double *out, int depth,
                           struct data_error *error)
{
    struct round round;
    for (size_t i = 0; low == high && i < count; i++)
        out[i] = low;
    if (low == high)
        return true;
    bool ok = round_begin(&round, view, low, high, error);
    if (ok) {
        mark_bins(&round, below, ranks, count, depth >= DEPTH_LIMIT || round.scale == 0);
        ok = view_each(view, gather_bins, &round, error) &&
             answer_bins(view, &round, below, ranks, count, out, depth, error);
    }
    round_end(&round);
    return ok;
}

/* --- integers --- */

/* What the integers in [low, high] have that one double stands for. */
struct tie {
    const struct quantiles *quantiles;
    decimal base, top;
    double key;
    decimal least, greatest;
    uint64_t smaller; /* those in [base, top] that are smaller */
};

static void add_tie(struct tie *tie, decimal units)
{
    if (units < tie->base || units > tie->top)
        return;
    double key = (double)(unsigned __int128)(units - tie->base);
    tie->smaller += key < tie->key;
    if (key != tie->key)
        return;
    tie->least = units < tie->least ? units : tie->least;
    tie->greatest = units > tie->greatest ? units : tie->greatest;
}

static void find_tie(void *context, const void *numbers, size_t count)
{
    struct tie *tie = context;
    for (size_t i = 0; i < count; i++)
        add_tie(tie, tie->quantiles->kind == UNITS_64 ? ((const int64_t *)numbers)[i]
                                                      : ((const decimal *)numbers)[i]);
}

static bool select_units(struct quantiles *quantiles, decimal low, decimal high, uint64_t below,
                         const uint64_t *ranks, size_t count, decimal *out, struct data_error *error);

/* The integers that share a double: less than 2^-52 of the range is left of it. */
static bool select_tied(struct quantiles *quantiles, decimal low, decimal high, double key, uint64_t below,
                        const uint64_t *ranks, size_t count, decimal *out, struct data_error *error)
{
    struct tie tie = {
        .quantiles = quantiles, .base = low, .top = high, .key = key, .least = high, .greatest = low};
    return number_list_each(&quantiles->list, find_tie, &tie, error) &&
           select_units(quantiles, tie.least, tie.greatest, below + tie.smaller, ranks, count, out, error);
}

static bool select_units(struct quantiles *quantiles, decimal low, decimal high, uint64_t below,
                         const uint64_t *ranks, size_t count, decimal *out, struct data_error *error)
{
    for (size_t i = 0; low == high && i < count; i++)
        out[i] = low;
    if (low == high)
        return true;
    struct view view = {quantiles, true, low, high};
    unsigned __int128 range = (unsigned __int128)high - (unsigned __int128)low;
    bool exact = range < (unsigned __int128)1 << 53;
    double *keys = mem_alloc((count + 1) * sizeof *keys);
    bool ok = select_between(&view, 0, (double)range, below, ranks, count, keys, 0, error);
    for (size_t i = 0, last; ok && i < count; i = last) {
        for (last = i + 1; last < count && keys[last] == keys[i]; last++)
            ;
        for (size_t j = i; exact && j < last; j++)
            out[j] = low + (int64_t)keys[j];
        ok = exact || select_tied(quantiles, low, high, keys[i], below, ranks + i, last - i, out + i, error);
    }
    free(keys);
    return ok;
}

struct unit_extremes {
    const struct quantiles *quantiles;
    decimal low, high;
    bool any;
};

static void find_unit_extremes(void *context, const void *numbers, size_t count)
{
    struct unit_extremes *extremes = context;
    for (size_t i = 0; i < count; i++) {
        decimal units = extremes->quantiles->kind == UNITS_64 ? ((const int64_t *)numbers)[i]
                                                              : ((const decimal *)numbers)[i];
        extremes->low = !extremes->any || units < extremes->low ? units : extremes->low;
        extremes->high = !extremes->any || units > extremes->high ? units : extremes->high;
        extremes->any = true;
    }
}

static bool rank_is_there(const struct quantiles *quantiles, const uint64_t *ranks, size_t count,
                          struct data_error *error)
{
    if (count == 0 || ranks[count - 1] < quantiles->list.count)
        return true;
    data_fail(error, "a rank lies behind the last of %llu numbers",
              (unsigned long long)quantiles->list.count);
    return false;
}

bool quantiles_units(struct quantiles *quantiles, const uint64_t *ranks, size_t count, decimal *out,
                     struct data_error *error)
{
    struct unit_extremes extremes = {.quantiles = quantiles};
    return rank_is_there(quantiles, ranks, count, error) &&
           number_list_each(&quantiles->list, find_unit_extremes, &extremes, error) &&
           select_units(quantiles, extremes.low, extremes.high, 0, ranks, count, out, error);
}

/* --- doubles --- */

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

bool quantiles_select(struct quantiles *quantiles, const uint64_t *ranks, size_t count, double *out,
                      struct data_error *error)
{
    struct extremes extremes = {INFINITY, -INFINITY};
    const struct view view = {.quantiles = quantiles};
    if (quantiles->kind == UNITS_NONE)
        return rank_is_there(quantiles, ranks, count, error) &&
               view_each(&view, find_extremes, &extremes, error) &&
               select_between(&view, extremes.low, extremes.high, 0, ranks, count, out, 0, error);
    decimal *units = mem_alloc((count + 1) * sizeof *units);
    bool ok = quantiles_units(quantiles, ranks, count, units, error);
    for (size_t i = 0; ok && i < count; i++)
        out[i] = units_number(quantiles, units[i]);
    free(units);
    return ok;
}
