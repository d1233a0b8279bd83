#include "runtime/data/check_finish.h"

#include <math.h>

#include "runtime/data/distributions.h"

/* The numbers of measures. */

static double quantile_at(struct accumulator *item, double at, enum rank_method method,
                          struct data_error *error)
{
    double number = NAN;
    return quantiles_of_all(item->quantiles, at, method, &number, error) ? number : NAN;
}

struct power_sums {
    double mean, mean_rest; /* what the rounded mean lacks */
    struct exact_sum sum, second, third, fourth;
    uint64_t count;
};

static bool add_sum(void *context, const double *numbers, size_t count)
{
    struct power_sums *sums = context;
    sums->count += count;
    for (size_t i = 0; i < count; i++)
        sum_add(&sums->sum, numbers[i]);
    return true;
}

static bool add_powers(void *context, const double *numbers, size_t count)
{
    struct power_sums *sums = context;
    for (size_t i = 0; i < count; i++) {
        double d = numbers[i] - sums->mean - sums->mean_rest, square = d * d;
        sum_add(&sums->second, square);
        sum_add(&sums->third, square * d);
        sum_add(&sums->fourth, square * square);
    }
    return true;
}

/* Population skewness g1, or excess kurtosis g2. */
static double shape(struct accumulator *item, bool skewness, struct data_error *error)
{
    struct power_sums sums = {0};
    if (!quantiles_sorted(item->quantiles, add_sum, &sums, error) || sums.count == 0)
        return NAN;
    double n = (double)sums.count;
    sums.mean = sum_value(&sums.sum) / n;
    double product = sums.mean * n;
    sums.mean_rest = (sums.sum.sum - product - fma(sums.mean, n, -product) + sums.sum.rest) / n;
    if (!isfinite(sums.mean_rest))
        sums.mean_rest = 0;
    if (!quantiles_sorted(item->quantiles, add_powers, &sums, error))
        return NAN;
    double variance = sum_value(&sums.second) / n;
    if (variance == 0)
        return NAN;
    return skewness ? sum_value(&sums.third) / n / pow(variance, 1.5)
                    : sum_value(&sums.fourth) / n / (variance * variance) - 3;
}

/* Infinite values are values: they make sums and means infinite, and leave no deviation. */
static double moments_measure(enum check_kind kind, const struct moments *moments)
{
    if (moments->infinities)
        return kind == CHECK_MEAN || kind == CHECK_SUM ? moments_infinity(moments) : NAN;
    switch (kind) {
    case CHECK_MEAN:
        return moments_mean(moments);
    case CHECK_SUM:
        return moments->count ? moments_sum(moments) : 0;
    case CHECK_VARIANCE:
        return moments_variance(moments, false);
    case CHECK_STDEV:
        return sqrt(moments_variance(moments, false));
    default:
        return sqrt(moments_variance(moments, true));
    }
}

static double distinct_measure(enum check_kind kind, const struct distinct_totals *totals, uint64_t rows)
{
    double values = (double)totals->values, distinct = (double)totals->distinct,
           unique = (double)totals->unique;
    switch (kind) {
    case CHECK_DISTINCT_COUNT:
        return distinct;
    case CHECK_DISTINCT_FRACTION:
        return values > 0 ? distinct / values : 0;
    case CHECK_DISTINCTNESS:
        return rows ? distinct / (double)rows : NAN;
    case CHECK_UNIQUENESS:
        return rows ? unique / (double)rows : NAN;
    case CHECK_DUPLICATE_COUNT:
        return distinct - unique;
    default:
        return values > 0 ? (values - unique) / values : 0;
    }
}

static double texts_measure(enum check_kind kind, const struct texts_state *texts)
{
    if (texts->count == 0)
        return NAN;
    return kind == CHECK_MIN_LENGTH   ? (double)texts->length_min
           : kind == CHECK_MAX_LENGTH ? (double)texts->length_max
                                      : (double)texts->length_sum / (double)texts->count;
}

/* A sum over n as two doubles, the second of what the first lacks. */
static void mean_parts(const struct double_sum *sum, double n, double *mean, double *rest)
{
    struct double_sum left = *sum;
    *mean = double_sum_value(sum) / n;
    double product = *mean * n;
    double_sum_add(&left, -product);
    double_sum_add(&left, -fma(*mean, n, -product));
    *rest = double_sum_value(&left) / n;
}

/* The sum of (x - mean x)(y - mean y): products - n mean x mean y, with twice the digits of a double where
 * they cancel. */
static double around_means(const struct double_sum *products, const struct double_sum *x,
                           const struct double_sum *y, double n)
{
    struct double_sum left = *products;
    double a, a_rest, b, b_rest;
    mean_parts(x, n, &a, &a_rest);
    mean_parts(y, n, &b, &b_rest);
    double product = a * b, lost = fma(a, b, -product), whole = n * product;
    double_sum_add(&left, -whole);
    double_sum_add(&left, -fma(n, product, -whole));
    double_sum_add(&left, -n * lost);
    double_sum_add(&left, -n * (a * b_rest + a_rest * b));
    return double_sum_value(&left);
}

static double pairs_measure(enum check_kind kind, const struct pairs_state *pairs)
{
    double n = (double)pairs->count;
    if (pairs->count == 0)
        return NAN;
    if (kind == CHECK_MEAN_ABSOLUTE_ERROR)
        return double_sum_value(&pairs->absolute) / n;
    if (kind == CHECK_ROOT_MEAN_SQUARED_ERROR)
        return sqrt(double_sum_value(&pairs->squared) / n);
    double square_a = around_means(&pairs->square_a, &pairs->a, &pairs->a, n);
    double square_b = around_means(&pairs->square_b, &pairs->b, &pairs->b, n);
    return around_means(&pairs->product, &pairs->a, &pairs->b, n) / sqrt(square_a * square_b);
}

static bool age_number(struct plan *plan, const struct prepared *prepared, struct accumulator *item,
                       double *number, struct check_result *out)
{
    if (!plan->options->now) {
        finish_error(plan, out, "the time of now is not known");
        return false;
    }
    if (!item || item->moments.count == 0)
        return true;
    double latest = (double)item->moments.int_maximum;
    latest = prepared->schema.type == COLUMN_DATE ? latest * 86400 : latest / prepared->schema.ticks;
    *number = (double)plan->options->now / 1e6 - latest;
    return true;
}

double extreme_number(enum check_kind kind, const struct moments *moments)
{
    uint64_t low = moments->minus_infinities, high = moments->infinities - low;
    if (moments->count + low + high == 0)
        return NAN;
    if (moments->integers)
        return kind == CHECK_MIN ? moments->minimum : moments->maximum;
    if (kind == CHECK_MIN)
        return low ? -INFINITY : moments->minimum; /* +inf when nothing is finite */
    return high ? INFINITY : moments->maximum;
}

bool measure_number(struct plan *plan, const struct binding *binding, enum check_kind kind,
                    struct accumulator_set *set, double *number, struct check_result *out)
{
    const struct prepared *prepared = binding->prepared;
    struct accumulator *item = binding->accumulator_count ? &set->items[binding->accumulators[0]] : NULL;
    struct data_error error = {{0}};
    *number = NAN;
    switch (kind) {
    case CHECK_ROWS:
        *number = (double)set->rows;
        break;
    case CHECK_NULL_COUNT:
        *number = (double)(set->rows - item->counts.valid - item->counts.bad);
        break;
    case CHECK_NULL_FRACTION:
    case CHECK_COMPLETENESS:
        if (set->rows) {
            double present = (double)(item->counts.valid + item->counts.bad) / (double)set->rows;
            *number = kind == CHECK_COMPLETENESS
                          ? present
                          : (double)(set->rows - item->counts.valid - item->counts.bad) / (double)set->rows;
        }
        break;
    case CHECK_DISTINCT_COUNT:
    case CHECK_DISTINCT_FRACTION:
    case CHECK_DISTINCTNESS:
    case CHECK_UNIQUENESS:
    case CHECK_DUPLICATE_COUNT:
    case CHECK_DUPLICATE_FRACTION:
        *number = distinct_measure(kind, &item->distinct.totals, set->rows);
        break;
    case CHECK_MIN:
    case CHECK_MAX:
        if (item && prepared->schema.type != COLUMN_STRING)
            *number = extreme_number(kind, &item->moments);
        break;
    case CHECK_MEAN:
    case CHECK_SUM:
    case CHECK_STDEV:
    case CHECK_STDEV_POPULATION:
    case CHECK_VARIANCE:
        *number = item ? moments_measure(kind, &item->moments) : kind == CHECK_SUM ? 0 : NAN;
        break;
    case CHECK_MEDIAN:
    case CHECK_QUANTILE:
        if (prepared->check->quantile < 0 || prepared->check->quantile > 1) {
            finish_error(plan, out, "a quantile lies between 0 and 1");
            return false;
        }
        if (item)
            *number = quantile_at(item, kind == CHECK_MEDIAN ? 0.5 : prepared->check->quantile,
                                  prepared->check->interpolation, &error);
        break;
    case CHECK_SKEWNESS:
    case CHECK_KURTOSIS:
        *number = item ? shape(item, kind == CHECK_SKEWNESS, &error) : NAN;
        break;
    case CHECK_MIN_LENGTH:
    case CHECK_MAX_LENGTH:
    case CHECK_MEAN_LENGTH:
        *number = item ? texts_measure(kind, &item->texts) : NAN;
        break;
    case CHECK_CORRELATION:
    case CHECK_MEAN_ABSOLUTE_ERROR:
    case CHECK_ROOT_MEAN_SQUARED_ERROR:
        *number = pairs_measure(kind, &item->pairs);
        break;
    case CHECK_AGE:
        return age_number(plan, prepared, item, number, out);
    default:
        return finish_model(plan, binding, set, kind, number, out);
    }
    if (error.message[0]) {
        finish_error(plan, out, "%s", error.message);
        return false;
    }
    return true;
}
