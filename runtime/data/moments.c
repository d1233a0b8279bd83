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

void moments_begin(struct moments *moments, const struct column_schema *schema)
{
    *moments = (struct moments){.shift = schema->shift,
                                .minimum = INFINITY,
                                .maximum = -INFINITY,
                                .int_minimum = INT64_MAX,
                                .int_maximum = INT64_MIN,
                                .integers = is_integral(schema->type),
                                .decimals = schema->type == COLUMN_DECIMAL};
    moments->decimal_maximum = (decimal)((unsigned __int128)1 << 127);
    moments->decimal_minimum = -(moments->decimal_maximum + 1);
}

static void add_numbers(struct moments *moments, const double *numbers, uint64_t select)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        moments_lanes_avx2(moments, numbers, select);
        return;
    }
#endif
    moments_lanes_portable(moments, numbers, select);
}

/* Numbers that are not finite are counted apart; the others of the block are added. */
static void add_block(struct moments *moments, const double *numbers, uint64_t select)
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
    add_numbers(moments, numbers, select);
}

/* Exact minimum, maximum and sum of a block of ints. */
static void add_ints(struct moments *moments, const int64_t *ints, uint64_t select)
{
    int64_t low = moments->int_minimum, high = moments->int_maximum;
    uint64_t total = 0; /* wraps around only when it is not used */
    uint64_t wide = 0;
    for (int i = 0; i < 64; i++) {
        int64_t mask = -(int64_t)(select >> i & 1);
        int64_t x = ints[i] & mask;
        low = mask && x < low ? x : low;
        high = mask && x > high ? x : high;
        total += (uint64_t)x;
        wide |= (uint64_t)x ^ (uint64_t)(x >> 63);
    }
    moments->int_minimum = low;
    moments->int_maximum = high;
    if (wide >> 56 == 0) { /* 64 numbers of 56 bits cannot overflow */
        moments->int_sum += (int64_t)total;
        return;
    }
    for (uint64_t rest = select; rest; rest &= rest - 1)
        moments->int_sum += ints[__builtin_ctzll(rest)];
}

static void add_decimals(struct moments *moments, const decimal *decimals, uint64_t select)
{
    for (; select; select &= select - 1) {
        decimal x = decimals[__builtin_ctzll(select)];
        moments->decimal_minimum = x < moments->decimal_minimum ? x : moments->decimal_minimum;
        moments->decimal_maximum = x > moments->decimal_maximum ? x : moments->decimal_maximum;
        moments->inexact |= __builtin_add_overflow(moments->int_sum, x, &moments->int_sum);
    }
}

/* 64 cells of a column as numbers. */
static const double *block_numbers(const struct column_schema *schema, const struct column *column,
                                   size_t base, double *room)
{
    switch (schema->type) {
    case COLUMN_FLOAT:
        return column->floats + base;
    case COLUMN_BOOL:
        for (size_t i = 0; i < 64; i++)
            room[i] = column->bools[base + i];
        return room;
    case COLUMN_DECIMAL:
        for (size_t i = 0; i < 64; i++)
            room[i] = column->decimals[base + i]
                          ? number_from_decimal(column->decimals[base + i], schema->scale)
                          : 0;
        return room;
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
        for (size_t i = 0; i < 64; i++)
            room[i] = (double)column->ints[base + i] / schema->ticks;
        return room;
    default:
        for (size_t i = 0; i < 64; i++)
            room[i] = (double)column->ints[base + i];
        return room;
    }
}

static const int64_t *block_ints(const struct column_schema *schema, const struct column *column, size_t base,
                                 int64_t *room)
{
    if (schema->type != COLUMN_BOOL)
        return column->ints + base;
    for (size_t i = 0; i < 64; i++)
        room[i] = column->bools[base + i];
    return room;
}

void moments_add(struct moments *moments, const struct column_schema *schema, const struct column *column,
                 size_t rows, const uint64_t *mask)
{
    double numbers[64];
    int64_t ints[64];
    if (schema->type == COLUMN_STRING || schema->type == COLUMN_NULL || column->valid_count == 0)
        return;
    for (size_t base = 0; base < rows; base += 64) {
        uint64_t select = column->valid[base / 64] & (mask ? mask[base / 64] : ~UINT64_C(0));
        if (!select)
            continue;
        if (moments->integers)
            add_ints(moments, block_ints(schema, column, base, ints), select);
        else if (moments->decimals)
            add_decimals(moments, column->decimals + base, select);
        add_block(moments, block_numbers(schema, column, base, numbers), select);
    }
}

static void add_compensated(double *sum, double *rest, double term)
{
    double total = *sum + term, part = total - *sum;
    *rest += (*sum - (total - part)) + (term - part);
    *sum = total;
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
    for (int lane = 0; lane < MOMENTS_LANES; lane++) {
        add_compensated(&into->sum[lane], &into->sum_rest[lane], from->sum[lane]);
        into->sum_rest[lane] += from->sum_rest[lane];
        add_compensated(&into->square[lane], &into->square_rest[lane], from->square[lane]);
        into->square_rest[lane] += from->square_rest[lane];
    }
}

/* The sum of all lanes, and what it lacks. */
static double total_parts(const double *lanes, const double *rests, double *lost)
{
    double sum = 0;
    *lost = 0;
    for (int lane = 0; lane < MOMENTS_LANES; lane++) {
        add_compensated(&sum, lost, lanes[lane]);
        *lost += rests[lane];
    }
    if (!isfinite(*lost)) /* a sum that overflowed is infinite */
        *lost = 0;
    return sum;
}

static double total_of(const double *lanes, const double *rests)
{
    double lost, sum = total_parts(lanes, rests, &lost);
    return sum + lost;
}

/* Mean minus shift, from the unrounded sum: near a large shift the rounded mean has too few digits. */
static double mean_from_shift(const struct moments *moments)
{
    double lost, sum = total_parts(moments->sum, moments->sum_rest, &lost);
    double n = (double)moments->count, shifts = n * moments->shift, rounded = fma(n, moments->shift, -shifts);
    return (sum - shifts - rounded + lost) / n;
}

double moments_sum(const struct moments *moments)
{
    return moments->count ? total_of(moments->sum, moments->sum_rest) : NAN;
}

double moments_mean(const struct moments *moments)
{
    return moments_sum(moments) / (double)moments->count;
}

double moments_infinity(const struct moments *moments)
{
    double up = moments->infinities > moments->minus_infinities ? INFINITY : 0;
    return up - (moments->minus_infinities ? INFINITY : 0);
}

double moments_variance(const struct moments *moments, bool population)
{
    uint64_t degrees = moments->count - !population;
    if (moments->count < 2)
        return moments->count == 1 && population ? 0 : NAN;
    if (moments->minimum == moments->maximum)
        return 0;
    double away = mean_from_shift(moments);
    double squares = total_of(moments->square, moments->square_rest) - (double)moments->count * away * away;
    if (!isfinite(squares))
        return INFINITY; /* too large to be squared */
    return squares > 0 ? squares / (double)degrees : 0;
}
