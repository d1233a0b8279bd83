#include "runtime/data/moments.h"

#include <math.h>
#include <string.h>
#include "runtime/data/moments_lanes.h"
#include "runtime/data/number.h"

static bool is_integral(enum column_type type)
{
    return type == COLUMN_BOOL || type == COLUMN_INT || type == COLUMN_DATE || type == COLUMN_TIME ||
           type == COLUMN_TIMESTAMP;
}

/* The integer near the column's mean: the same in all threads, as the schema is. */
static decimal base_of(const struct moments *moments, double shift)
{
    for (unsigned i = 0; i < moments->scale; i++)
        shift *= 10;
    shift = rint(shift * moments->ticks);
    double limit = moments->decimals ? 1e37 : 9e18;
    return fabs(shift) < limit ? (decimal)shift : 0;
}

void moments_begin(struct moments *moments, const struct column_schema *schema)
{
    bool time = schema->type == COLUMN_TIME || schema->type == COLUMN_TIMESTAMP;
    *moments = (struct moments){.shift = schema->shift,
                                .minimum = INFINITY,
                                .maximum = -INFINITY,
                                .int_minimum = INT64_MAX,
                                .int_maximum = INT64_MIN,
                                .ticks = time ? schema->ticks : 1,
                                .integers = is_integral(schema->type),
                                .decimals = schema->type == COLUMN_DECIMAL};
    moments->scale = moments->decimals ? schema->scale : 0;
    moments->base = moments->integers || moments->decimals ? base_of(moments, schema->shift) : 0;
    moments->decimal_maximum = (decimal)((unsigned __int128)1 << 127);
    moments->decimal_minimum = -(moments->decimal_maximum + 1);
}

/* --- floats --- */

static void add_numbers(struct moments_lanes *lanes, const double *numbers, uint64_t select)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        moments_lanes_avx2(lanes, numbers, select);
        return;
    }
#endif
    moments_lanes_portable(lanes, numbers, select);
}

/* Numbers that are not finite are counted apart; the others of the block are added. */
static void add_floats(struct moments *moments, struct moments_lanes *lanes, const double *numbers,
                       uint64_t select)
{
    uint64_t finite = 0;
    for (int i = 0; i < 64; i++)
        finite |= (uint64_t)(numbers[i] - numbers[i] == 0) << i;
    for (uint64_t rest = select & ~finite; rest; rest &= rest - 1) {
        double number = numbers[__builtin_ctzll(rest)];
        moments->nans += isnan(number) != 0;
        moments->infinities += isinf(number) != 0;
        moments->minus_infinities += isinf(number) && number < 0;
    }
    select &= finite;
    moments->count += (uint64_t)__builtin_popcountll(select);
    add_numbers(lanes, numbers, select);
}

static void add_compensated(double *sum, double *rest, double term)
{
    double total = *sum + term, part = total - *sum;
    *rest += (*sum - (total - part)) + (term - part);
    *sum = total;
}

/* The sum of all lanes, and what it lacks. */
static void add_lanes(struct double_sum *to, const double *lanes, const double *rests)
{
    double sum = 0, lost = 0;
    for (int lane = 0; lane < MOMENTS_LANES; lane++) {
        add_compensated(&sum, &lost, lanes[lane]);
        lost += rests[lane];
    }
    double_sum_add(to, sum);
    if (isfinite(lost)) /* a sum that overflowed is infinite */
        double_sum_add(to, lost);
}

static void end_lanes(struct moments *moments, const struct moments_lanes *lanes)
{
    moments->minimum = lanes->minimum;
    moments->maximum = lanes->maximum;
    moments->zeros += lanes->zeros;
    moments->negatives += lanes->negatives;
    add_lanes(&moments->sum, lanes->sum, lanes->sum_rest);
    add_lanes(&moments->squares, lanes->square, lanes->square_rest);
}

/* --- ints --- */

static const int64_t *block_ints(const struct column_schema *schema, const struct column *column, size_t base,
                                 int64_t *room)
{
    if (schema->type != COLUMN_BOOL)
        return column->ints + base;
    for (size_t i = 0; i < 64; i++)
        room[i] = column->bools[base + i];
    return room;
}

static unsigned __int128 distance(decimal a, decimal b)
{
    return a > b ? (unsigned __int128)a - (unsigned __int128)b : (unsigned __int128)b - (unsigned __int128)a;
}

static void add_square(struct wide *to, unsigned __int128 away)
{
    if (away >> 64 == 0) {
        wide_add(to, away * away);
        return;
    }
    struct wide number = wide_of(away), square = wide_product(&number, &number);
    *to = wide_sum(to, &square);
}

/* Squares of a block whose values are at most `most` away from the base. */
static void add_int_squares(struct moments *moments, const int64_t *ints, uint64_t select,
                            unsigned __int128 most)
{
    const int64_t base = (int64_t)moments->base;
    if (most >> 28 == 0) { /* 64 squares of 56 bits */
        uint64_t total = 0;
        for (int i = 0; i < 64; i++) {
            int64_t away = (int64_t)((uint64_t)ints[i] - (uint64_t)base) & -(int64_t)(select >> i & 1);
            total += (uint64_t)((int64_t)(int32_t)away * (int32_t)away);
        }
        wide_add(&moments->base_squares, total);
    } else if (most >> 60 == 0) { /* 64 squares of 120 bits */
        unsigned __int128 total = 0;
        for (; select; select &= select - 1) {
            int64_t away = ints[__builtin_ctzll(select)] - base;
            total += (unsigned __int128)((__int128)away * away);
        }
        wide_add(&moments->base_squares, total);
    } else {
        for (; select; select &= select - 1)
            add_square(&moments->base_squares, distance(ints[__builtin_ctzll(select)], moments->base));
    }
}

static void add_ints(struct moments *moments, const int64_t *ints, uint64_t select)
{
    int64_t low = INT64_MAX, high = INT64_MIN;
    uint64_t total = 0; /* wraps around only when it is not used */
    uint64_t wide = 0, zeros = 0, negatives = 0;
    for (int i = 0; i < 64; i++) {
        int64_t mask = -(int64_t)(select >> i & 1);
        int64_t x = ints[i] & mask;
        low = mask && x < low ? x : low;
        high = mask && x > high ? x : high;
        total += (uint64_t)x;
        wide |= (uint64_t)x ^ (uint64_t)(x >> 63);
        zeros += (uint64_t)mask & (x == 0);
        negatives += x < 0;
    }
    moments->count += (uint64_t)__builtin_popcountll(select);
    moments->zeros += zeros;
    moments->negatives += negatives;
    moments->int_minimum = low < moments->int_minimum ? low : moments->int_minimum;
    moments->int_maximum = high > moments->int_maximum ? high : moments->int_maximum;
    unsigned __int128 below = distance(low, moments->base), above = distance(high, moments->base);
    add_int_squares(moments, ints, select, below > above ? below : above);
    if (wide >> 56 == 0) { /* 64 numbers of 56 bits cannot overflow */
        moments->int_sum += (int64_t)total;
        return;
    }
    for (uint64_t rest = select; rest; rest &= rest - 1)
        moments->int_sum += ints[__builtin_ctzll(rest)];
}

/* --- decimals --- */

static void add_decimals(struct moments *moments, const decimal *decimals, uint64_t select)
{
    unsigned __int128 above = 0, below = 0,
                      squares = 0; /* of what is near: 64 numbers of 60 bits, of 120 bits */
    moments->count += (uint64_t)__builtin_popcountll(select);
    for (; select; select &= select - 1) {
        decimal x = decimals[__builtin_ctzll(select)];
        moments->zeros += x == 0;
        moments->negatives += x < 0;
        moments->decimal_minimum = x < moments->decimal_minimum ? x : moments->decimal_minimum;
        moments->decimal_maximum = x > moments->decimal_maximum ? x : moments->decimal_maximum;
        moments->inexact |= __builtin_add_overflow(moments->int_sum, x, &moments->int_sum);
        unsigned __int128 away = distance(x, moments->base);
        if (away >> 60 == 0) {
            *(x > moments->base ? &above : &below) += away;
            squares += away * away;
        } else {
            wide_add(x > moments->base ? &moments->above : &moments->below, away);
            add_square(&moments->base_squares, away);
        }
    }
    wide_add(&moments->above, above);
    wide_add(&moments->below, below);
    wide_add(&moments->base_squares, squares);
}

/* --- all --- */

/* The extremes of integers as numbers. */
static void set_extremes(struct moments *moments)
{
    if (moments->count == 0)
        return;
    if (moments->decimals) {
        moments->minimum = number_from_decimal(moments->decimal_minimum, moments->scale);
        moments->maximum = number_from_decimal(moments->decimal_maximum, moments->scale);
    } else {
        moments->minimum = (double)moments->int_minimum / moments->ticks;
        moments->maximum = (double)moments->int_maximum / moments->ticks;
    }
}

void moments_add(struct moments *moments, const struct column_schema *schema, const struct column *column,
                 size_t rows, const uint64_t *mask)
{
    int64_t ints[64];
    if (schema->type == COLUMN_STRING || schema->type == COLUMN_NULL || column->valid_count == 0)
        return;
    struct moments_lanes lanes = {
        .shift = moments->shift, .minimum = moments->minimum, .maximum = moments->maximum};
    for (size_t base = 0; base < rows; base += 64) {
        uint64_t select = column->valid[base / 64] & (mask ? mask[base / 64] : ~UINT64_C(0));
        if (!select)
            continue;
        if (moments->integers)
            add_ints(moments, block_ints(schema, column, base, ints), select);
        else if (moments->decimals)
            add_decimals(moments, column->decimals + base, select);
        else
            add_floats(moments, &lanes, column->floats + base, select);
    }
    if (moments->integers || moments->decimals)
        set_extremes(moments);
    else
        end_lanes(moments, &lanes);
}

void moments_merge(struct moments *into, const struct moments *from)
{
    into->count += from->count;
    into->nans += from->nans;
    into->infinities += from->infinities;
    into->minus_infinities += from->minus_infinities;
    into->zeros += from->zeros;
    into->negatives += from->negatives;
    into->minimum = fmin(into->minimum, from->minimum);
    into->maximum = fmax(into->maximum, from->maximum);
    into->int_minimum = from->int_minimum < into->int_minimum ? from->int_minimum : into->int_minimum;
    into->int_maximum = from->int_maximum > into->int_maximum ? from->int_maximum : into->int_maximum;
    into->inexact |= from->inexact | __builtin_add_overflow(into->int_sum, from->int_sum, &into->int_sum);
    into->decimal_minimum =
        from->decimal_minimum < into->decimal_minimum ? from->decimal_minimum : into->decimal_minimum;
    into->decimal_maximum =
        from->decimal_maximum > into->decimal_maximum ? from->decimal_maximum : into->decimal_maximum;
    into->above = wide_sum(&into->above, &from->above);
    into->below = wide_sum(&into->below, &from->below);
    into->base_squares = wide_sum(&into->base_squares, &from->base_squares);
    double_sum_merge(&into->sum, &from->sum);
    double_sum_merge(&into->squares, &from->squares);
}

/* --- results --- */

/* A number with its sign. */
struct signed_wide {
    struct wide size;
    bool negative;
};

static struct signed_wide wide_apart(const struct wide *a, const struct wide *b)
{
    bool negative = wide_compare(a, b) < 0;
    return (struct signed_wide){negative ? wide_difference(b, a) : wide_difference(a, b), negative};
}

/* What all integers are away from the base together: sum - count x base. */
static struct signed_wide away_sum(const struct moments *moments)
{
    struct wide count = wide_of(moments->count), zero = wide_of(0);
    struct wide base = wide_of(distance(moments->base, 0)), bases = wide_product(&count, &base);
    struct wide sum = wide_of(distance(moments->int_sum, 0));
    if (moments->decimals)
        return wide_apart(&moments->above, &moments->below);
    struct wide up = moments->int_sum > 0 ? sum : zero, down = moments->int_sum < 0 ? sum : zero;
    up = moments->base < 0 ? wide_sum(&up, &bases) : up;
    down = moments->base > 0 ? wide_sum(&down, &bases) : down;
    return wide_apart(&up, &down);
}

/* The sum of all integers. */
static struct signed_wide whole_sum(const struct moments *moments)
{
    struct wide count = wide_of(moments->count), base = wide_of(distance(moments->base, 0));
    struct wide bases = wide_product(&count, &base), up = moments->above, down = moments->below;
    if (!moments->decimals)
        return (struct signed_wide){wide_of(distance(moments->int_sum, 0)), moments->int_sum < 0};
    if (moments->base > 0)
        up = wide_sum(&up, &bases);
    else
        down = wide_sum(&down, &bases);
    return wide_apart(&up, &down);
}

/* By how much the integers are larger than the numbers they stand for. */
static struct wide unit_of(const struct moments *moments)
{
    return moments->decimals ? wide_power_of_ten(moments->scale) : wide_of(moments->ticks);
}

static double sum_over(const struct moments *moments, uint64_t divisor)
{
    struct signed_wide sum = whole_sum(moments);
    struct wide unit = unit_of(moments), by = wide_of(divisor), bottom = wide_product(&unit, &by);
    double number = wide_ratio(&sum.size, &bottom);
    return sum.negative ? -number : number;
}

double moments_sum(const struct moments *moments)
{
    if (moments->count == 0)
        return NAN;
    return moments->integers || moments->decimals ? sum_over(moments, 1) : double_sum_value(&moments->sum);
}

double moments_mean(const struct moments *moments)
{
    if (moments->count == 0)
        return NAN;
    return moments->integers || moments->decimals ? sum_over(moments, moments->count)
                                                  : double_sum_value(&moments->sum) / (double)moments->count;
}

double moments_infinity(const struct moments *moments)
{
    double up = moments->infinities > moments->minus_infinities ? INFINITY : 0;
    return up - (moments->minus_infinities ? INFINITY : 0);
}

/* (n x squares - away^2) / (n x degrees x unit^2) */
static double exact_variance(const struct moments *moments, uint64_t degrees)
{
    struct wide count = wide_of(moments->count), by = wide_of(degrees), unit = unit_of(moments);
    struct signed_wide away = away_sum(moments);
    struct wide squares = wide_product(&count, &moments->base_squares);
    struct wide square = wide_product(&away.size, &away.size);
    struct wide top = wide_difference(&squares, &square), bottom = wide_product(&count, &by);
    bottom = wide_product(&bottom, &unit);
    bottom = wide_product(&bottom, &unit);
    return wide_ratio(&top, &bottom);
}

/* The sum of what floats are away from the shift, over n: from the unrounded sum, as near a large shift the
 * rounded mean has too few digits. */
static double mean_from_shift(const struct moments *moments)
{
    struct double_sum away = moments->sum;
    double n = (double)moments->count, shifts = n * moments->shift;
    double_sum_add(&away, -shifts);
    double_sum_add(&away, -fma(n, moments->shift, -shifts));
    return double_sum_value(&away) / n;
}

double moments_variance(const struct moments *moments, bool population)
{
    uint64_t degrees = moments->count - !population;
    if (moments->count < 2)
        return moments->count == 1 && population ? 0 : NAN;
    if (moments->integers || moments->decimals)
        return exact_variance(moments, degrees);
    if (moments->minimum == moments->maximum)
        return 0;
    double away = mean_from_shift(moments);
    double squares = double_sum_value(&moments->squares) - (double)moments->count * away * away;
    if (!isfinite(squares))
        return INFINITY; /* too large to be squared */
    return squares > 0 ? squares / (double)degrees : 0;
}
