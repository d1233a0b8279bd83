#include "runtime/data/check_finish.h"
#include "runtime/data/check_values.h"

#include <math.h>

#include "core/text.h"
#include "runtime/data/number.h"

/* Measures of ints, decimals and times as they are, without doubles. */

static bool is_whole(enum column_type type)
{
    return type == COLUMN_INT || type == COLUMN_BOOL;
}

static bool extreme_exact(const struct column_schema *schema, enum check_kind kind,
                          const struct moments *moments, struct rational *out)
{
    if (moments->count == 0 || (!moments->integers && !moments->decimals))
        return false;
    out->scale = cell_scale(schema);
    if (moments->decimals)
        out->units = kind == CHECK_MIN ? moments->decimal_minimum : moments->decimal_maximum;
    else
        out->units = kind == CHECK_MIN ? moments->int_minimum : moments->int_maximum;
    return true;
}

static bool sum_exact(const struct column_schema *schema, enum check_kind kind, const struct moments *moments,
                      struct rational *out)
{
    if (moments->inexact || moments->count == 0 || (!moments->integers && !moments->decimals))
        return false;
    out->units = moments->int_sum;
    out->scale = cell_scale(schema);
    out->divisor = kind == CHECK_MEAN ? moments->count : 1;
    return true;
}

bool measure_exact(const struct binding *binding, enum check_kind kind, struct accumulator_set *set,
                   struct rational *out, struct data_error *error)
{
    const struct prepared *prepared = binding->prepared;
    struct accumulator *item = binding->accumulator_count ? &set->items[binding->accumulators[0]] : NULL;
    bool known = false, median = kind == CHECK_MEDIAN;
    *out = (struct rational){.divisor = 1};
    if (!item || prepared->schema.type == COLUMN_STRING)
        return false;
    switch (kind) {
    case CHECK_MIN:
    case CHECK_MAX:
        return extreme_exact(&prepared->schema, kind, &item->moments, out);
    case CHECK_SUM:
    case CHECK_MEAN:
        return sum_exact(&prepared->schema, kind, &item->moments, out);
    case CHECK_MEDIAN:
    case CHECK_QUANTILE:
        if (!median && !(prepared->check->quantile >= 0 && prepared->check->quantile <= 1))
            return false;
        return quantiles_exact(item->quantiles, median ? 0.5 : prepared->check->quantile,
                               prepared->check->interpolation, out, &known, error) &&
               known;
    default:
        return false;
    }
}

/* A bound as the decimal that its shortest text is; false for what is none, as 5 %. */
static bool bound_exact(const struct prepared *prepared, const struct value *value, struct arena *arena,
                        struct rational *out)
{
    struct cell cell;
    if (value->kind != VALUE_STRING)
        return rational_of_value(value, out);
    *out = (struct rational){.divisor = 1, .scale = cell_scale(&prepared->schema)};
    bool good = !typed_cell(arena, &prepared->schema, value, &cell);
    out->units = good ? cell.integer : 0;
    return good;
}

int compare_bound(const struct prepared *prepared, struct arena *arena, struct rational exact,
                  const struct value *bound, double rounded)
{
    struct rational other;
    if (bound_exact(prepared, bound, arena, &other))
        return rational_compare(exact, other);
    double number = rational_number(exact);
    return (number > rounded) - (number < rounded);
}

void judge_exact(struct plan *plan, const struct prepared *prepared, struct rational exact,
                 struct check_result *out)
{
    const struct check *check = prepared->check;
    double low, high;
    if (!number_bounds(plan, prepared, &low, &high, out))
        return;
    int from_low =
        value_is_none(check->min) ? 1 : compare_bound(prepared, plan->arena, exact, check->min, low);
    int from_high =
        value_is_none(check->max) ? -1 : compare_bound(prepared, plan->arena, exact, check->max, high);
    bool good = (check->strict_min ? from_low > 0 : from_low >= 0) &&
                (check->strict_max ? from_high < 0 : from_high <= 0);
    out->status = good ? CHECK_PASSED : CHECK_FAILED;
}

/* At so many digits behind the point, halves away from zero. */
static decimal rounded_to(struct rational exact, unsigned scale)
{
    decimal power = 1;
    for (; exact.scale < scale; exact.scale++)
        exact.units *= 10;
    for (; exact.scale > scale; exact.scale--)
        power *= 10;
    decimal whole = exact.units / power, rest = exact.units % power;
    return whole + (power > 1 && rest * 2 >= power) - (power > 1 && rest * 2 <= -power);
}

/* A time between two ticks: nanoseconds show the middle of microseconds; what is finer is rounded. */
static const struct value *time_value(struct plan *plan, const struct column_schema *schema,
                                      struct rational exact)
{
    struct column_schema finer = *schema;
    struct cell cell = {.type = schema->type};
    unsigned scale = cell_scale(schema);
    decimal ticks = rounded_to(exact, scale), nanoseconds = rounded_to(exact, 9);
    if (exact.scale > scale && scale == 6 && nanoseconds == (int64_t)nanoseconds) {
        finer.ticks = 1000000000;
        ticks = nanoseconds;
    }
    cell.integer = (int64_t)ticks;
    return cell_to_value(plan->arena, &finer, cell);
}

static void keep_exact(struct plan *plan, struct rational exact, struct check_result *out)
{
    struct rational *kept = arena_alloc(plan->arena, sizeof *kept);
    *kept = exact;
    out->exact = kept;
}

bool finish_exact(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                  struct check_result *out)
{
    const struct prepared *prepared = binding->prepared;
    enum check_kind kind = prepared->check->kind;
    struct data_error error = {{0}};
    struct rational exact;
    bool known = measure_exact(binding, kind, set, &exact, &error);
    if (error.message[0])
        finish_error(plan, out, "%s", error.message);
    if (!known)
        return error.message[0] != 0;
    bool decimal_or_int = is_whole(prepared->schema.type) || prepared->schema.type == COLUMN_DECIMAL;
    bool rounded = kind == CHECK_MEAN || (kind == CHECK_SUM && !decimal_or_int);
    keep_exact(plan, exact, out);
    judge_exact(plan, prepared, exact, out);
    if (out->status == CHECK_ERROR)
        return true;
    out->observed = rounded          ? value_float(plan->arena, rational_number(exact), 0)
                    : decimal_or_int ? rational_value(plan->arena, exact)
                                     : time_value(plan, &prepared->schema, exact);
    return true;
}

/* The least or greatest value of a column. */
static struct cell extreme_cell(const struct prepared *prepared, bool low, const struct accumulator *item)
{
    struct cell cell = {.type = COLUMN_NULL};
    enum column_type type = prepared->schema.type;
    if (item && type == COLUMN_STRING && item->texts.count) {
        const struct buf *bytes = low ? &item->texts.low : &item->texts.high;
        cell.type = COLUMN_STRING;
        cell.text = buf_str(bytes);
        cell.length = (uint32_t)bytes->length;
    } else if (item && type != COLUMN_STRING && item->moments.count + item->moments.infinities) {
        cell.type = type;
        if (type == COLUMN_FLOAT)
            cell.number = extreme_number(low ? CHECK_MIN : CHECK_MAX, &item->moments);
        else if (type == COLUMN_BOOL)
            cell.boolean = (low ? item->moments.int_minimum : item->moments.int_maximum) != 0;
        else if (type == COLUMN_DECIMAL)
            cell.exact = low ? item->moments.decimal_minimum : item->moments.decimal_maximum;
        else
            cell.integer = low ? item->moments.int_minimum : item->moments.int_maximum;
    }
    return cell;
}

void finish_extreme(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                    struct check_result *out)
{
    const struct prepared *prepared = binding->prepared;
    const struct check *check = prepared->check;
    struct accumulator *item = binding->accumulator_count ? &set->items[binding->accumulators[0]] : NULL;
    struct cell cell = extreme_cell(prepared, check->kind == CHECK_MIN, item);
    if (check->bounds_required && value_is_none(check->min) && value_is_none(check->max)) {
        finish_error(plan, out, "a least or a greatest value is required");
        return;
    }
    struct range range;
    const char *why = range_prepare(plan->arena, &prepared->schema, check->min, check->max, check->strict_min,
                                    check->strict_max, &range);
    if (!why && check_bounds_crossed(plan->arena, check, &prepared->schema))
        why = "the least value is greater than the greatest";
    if (why) {
        finish_error(plan, out, "%s", why);
        return;
    }
    struct rational exact;
    struct data_error error;
    bool infinite = cell.type == COLUMN_FLOAT && isinf(cell.number);
    if (measure_exact(binding, check->kind, set, &exact, &error))
        keep_exact(plan, exact, out);
    out->observed = infinite                      ? value_float(plan->arena, cell.number, 0)
                    : cell.type == COLUMN_DECIMAL ? rational_value(plan->arena, exact)
                                                  : key_value(plan->arena, &prepared->schema, cell);
    out->status = range_has(&range, cell) ? CHECK_PASSED : CHECK_FAILED;
    if (cell.type == COLUMN_NULL)
        out->reason = finish_no_values;
    else if (infinite)
        out->reason = infinity_reason(cell.number);
}
