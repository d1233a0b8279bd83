#include <math.h>
#include <stdlib.h>
#include "core/arena.h"
#include "runtime/data/quantiles_inside.h"

/* All numbers in order, without a copy of all. */

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
        !view_each(&(struct view){.quantiles = quantiles}, count_below, &split, error))
        return false;
    uint64_t first = split.count - below;
    if (first == count) { /* the upper half is one number: all that is smaller comes first */
        struct below smaller = {.x = nextafter(split.x, -INFINITY), .next = INFINITY};
        if (!view_each(&(struct view){.quantiles = quantiles}, count_below, &smaller, error))
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
    bool ok = view_each(&(struct view){.quantiles = quantiles}, gather_range, &gather, error);
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
    uint64_t ends[2] = {0, quantiles->list.count - 1};
    double extremes[2];
    bool go_on = true;
    if (quantiles->list.count == 0)
        return true;
    return quantiles_select(quantiles, ends, 2, extremes, error) &&
           emit_between(quantiles, extremes[0], extremes[1], 0, quantiles->list.count, each, context, &go_on,
                        error);
}
