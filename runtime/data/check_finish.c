#include "runtime/data/check_finish.h"
#include "runtime/data/check_spread.h"
#include "runtime/data/check_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "runtime/data/number.h"

const char finish_no_values[] = "there are no values to compute it from";

void finish_error(struct plan *plan, struct check_result *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    out->status = CHECK_ERROR;
    out->error = arena_vprintf(plan->arena, format, args);
    va_end(args);
}

void finish_mixed(struct plan *plan, const struct prepared *prepared, uint64_t texts,
                  struct check_result *out)
{
    finish_error(plan, out, "column \"%s\" mixes types: %llu of its values %s", prepared->schema.name,
                 (unsigned long long)texts, texts == 1 ? "is a text" : "are texts");
}

/* --- rows --- */

static const struct value *sample_value(struct plan *plan, const struct prepared *prepared,
                                        const struct verdict_sample *sample)
{
    const char *key = sample->key, *end = sample->key + sample->key_length;
    if (prepared->column_count == 1)
        return key_value(plan->arena, &prepared->schema, key_next(&key, end, &prepared->schema));
    struct record_builder record = record_begin(plan->arena);
    for (size_t i = 0; i < prepared->column_count; i++) {
        const struct column_schema *schema = &prepared->schemas[prepared->columns[i]];
        record_set(&record, schema->name, key_value(plan->arena, schema, key_next(&key, end, schema)));
    }
    return record_end(&record, 0);
}

static void take_samples(struct plan *plan, const struct prepared *prepared,
                         const struct verdicts_state *verdicts, struct check_result *out)
{
    struct check_sample *samples = arena_array(plan->arena, verdicts->sample_count + 1, sizeof *samples);
    for (size_t i = 0; i < verdicts->sample_count; i++) {
        samples[i].row = verdicts->samples[i].row;
        samples[i].value = sample_value(plan, prepared, &verdicts->samples[i]);
    }
    out->samples = samples;
    out->sample_count = verdicts->sample_count;
}

void finish_verdicts(struct plan *plan, const struct prepared *prepared,
                     const struct verdicts_state *verdicts, struct check_result *out)
{
    double judged = (double)verdicts->judged, bad = (double)verdicts->unexpected;
    if (verdicts->bad_cells) {
        finish_mixed(plan, prepared, verdicts->bad_cells, out);
        return;
    }
    if (verdicts->undecided) {
        finish_error(plan, out, "the pattern takes too many steps on the text of row %llu: simplify it",
                     (unsigned long long)verdicts->undecided);
        return;
    }
    out->counted = true;
    out->element_count = verdicts->judged + verdicts->missing;
    out->missing_count = verdicts->missing;
    out->unexpected_count = verdicts->unexpected;
    out->unexpected_percent = judged > 0 ? bad / judged * 100 : 0;
    if (prepared->check->kind == CHECK_NOT_NULL)
        out->missing_count = verdicts->unexpected;
    if (prepared->check->kind == CHECK_IS_NULL)
        out->missing_count = verdicts->judged - verdicts->unexpected;
    bool good = verdicts->judged == 0 || (judged - bad) / judged >= prepared->check->mostly;
    out->status = good ? CHECK_PASSED : CHECK_FAILED;
    take_samples(plan, prepared, verdicts, out);
}

void finish_second(struct plan *plan, const struct prepared *prepared, struct verdicts_state *verdicts,
                   struct check_result *out)
{
    if (is_spread_kind(prepared->check->kind))
        finish_verdicts(plan, prepared, verdicts, out);
    else
        take_samples(plan, prepared, verdicts, out);
}

static void finish_unique(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                          struct check_result *out)
{
    const struct distinct_state *state = &set->items[binding->accumulators[0]].distinct;
    struct verdicts_state verdicts = {0};
    verdicts.judged = state->totals.values;
    verdicts.unexpected = state->totals.values - state->totals.unique;
    verdicts.missing = set->rows - state->totals.values;
    finish_verdicts(plan, binding->prepared, &verdicts, out);
}

static void finish_each(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                        struct check_result *out)
{
    struct verdicts_state none = {.missing = set->rows};
    struct accumulator *item = binding->accumulator_count ? &set->items[binding->accumulators[0]] : NULL;
    switch (binding->prepared->check->kind) {
    case CHECK_UNIQUE:
        finish_unique(plan, binding, set, out);
        return;
    case CHECK_INCREASING:
    case CHECK_DECREASING:
        if (item)
            order_finish(plan, binding->prepared, &item->order);
        finish_verdicts(plan, binding->prepared, item ? &item->order.verdicts : &none, out);
        return;
    default:
        finish_verdicts(plan, binding->prepared, &item->verdicts, out);
        return;
    }
}

/* --- numbers --- */

bool bound_number(const struct prepared *prepared, const struct value *value, struct arena *arena,
                  double *out)
{
    switch (value->kind) {
    case VALUE_INT:
        *out = (double)value->integer;
        return true;
    case VALUE_FLOAT:
        *out = value->number;
        return true;
    case VALUE_BOOL:
        *out = value->boolean;
        return true;
    case VALUE_QUANTITY:
        *out = value->unit == UNIT_PERCENT    ? value->number / 100
               : value->unit == UNIT_DURATION ? value->number / 1e6
                                              : value->number;
        return true;
    case VALUE_STRING: {
        struct cell cell; /* a time, for quantiles of times */
        enum column_type type = prepared->schema.type;
        if (!column_type_is_time(type) || typed_cell(arena, &prepared->schema, value, &cell))
            return false;
        *out = cell_number(&prepared->schema, cell);
        return true;
    }
    default:
        return false;
    }
}

static bool counts_things(enum check_kind kind)
{
    return kind == CHECK_ROWS || kind == CHECK_COLUMN_COUNT || kind == CHECK_NULL_COUNT ||
           kind == CHECK_DISTINCT_COUNT || kind == CHECK_DUPLICATE_COUNT || kind == CHECK_MIN_LENGTH ||
           kind == CHECK_MAX_LENGTH;
}

/* Measures whose number is a time when the column's are. */
static bool finds_time(const struct prepared *prepared)
{
    enum column_type type = prepared->schema.type;
    enum check_kind kind = prepared->check->kind;
    return column_type_is_time(type) && (kind == CHECK_MEDIAN || kind == CHECK_QUANTILE);
}

static bool is_bare_number(const struct value *value)
{
    return !value_is_none(value) && (value->kind == VALUE_INT || value->kind == VALUE_FLOAT);
}

bool number_bounds(struct plan *plan, const struct prepared *prepared, double *low, double *high,
                   struct check_result *out)
{
    const struct check *check = prepared->check;
    *low = -INFINITY;
    *high = INFINITY;
    if (check->bounds_required && value_is_none(check->min) && value_is_none(check->max)) {
        finish_error(plan, out, "a least or a greatest value is required");
        return false;
    }
    bool time = finds_time(prepared);
    if (time && (is_bare_number(check->min) || is_bare_number(check->max))) {
        finish_error(plan, out, "the bounds must be times, as column \"%s\" holds", prepared->schema.name);
        return false;
    }
    if ((!value_is_none(check->min) && !bound_number(prepared, check->min, plan->arena, low)) ||
        (!value_is_none(check->max) && !bound_number(prepared, check->max, plan->arena, high))) {
        finish_error(plan, out, "the bounds must be %snumbers", counts_things(check->kind) ? "whole " : "");
        return false;
    }
    if (counts_things(check->kind) &&
        ((isfinite(*low) && *low != floor(*low)) || (isfinite(*high) && *high != floor(*high)))) {
        finish_error(plan, out, "the bounds must be whole numbers");
        return false;
    }
    if (*low > *high) {
        finish_error(plan, out, "the least value is greater than the greatest");
        return false;
    }
    return true;
}

static const struct value *number_value(struct plan *plan, const struct prepared *prepared, double number)
{
    enum column_type type = prepared->schema.type;
    enum check_kind kind = prepared->check->kind;
    if (finds_time(prepared)) {
        struct cell cell = {.type = type};
        cell.integer = (int64_t)llround(type == COLUMN_DATE ? number : number * prepared->schema.ticks);
        return cell_to_value(plan->arena, &prepared->schema, cell);
    }
    if (counts_things(kind) && fabs(number) < 9e15 && number == floor(number))
        return value_int(plan->arena, (int64_t)number, 0);
    return value_float(plan->arena, number, 0);
}

const char *infinity_reason(double number)
{
    return number > 0 ? "it is infinite" : "it is minus infinity";
}

void finish_number(struct plan *plan, const struct prepared *prepared, double number,
                   struct check_result *out)
{
    double low, high;
    if (!number_bounds(plan, prepared, &low, &high, out))
        return;
    if (isnan(number)) {
        out->observed = value_null(plan->arena, 0);
        out->reason = finish_no_values;
        out->status = CHECK_FAILED;
        return;
    }
    if (isinf(number))
        out->reason = infinity_reason(number);
    out->observed = number_value(plan, prepared, number);
    bool good = (prepared->check->strict_min ? number > low : number >= low) &&
                (prepared->check->strict_max ? number < high : number <= high);
    out->status = good ? CHECK_PASSED : CHECK_FAILED;
}

/* The number of a result: of a time its seconds. */
static bool gap_number(const struct check_result *result, double *number)
{
    const struct value *observed = result->observed;
    *number = result->exact                   ? rational_number(*result->exact)
              : observed->kind == VALUE_INT   ? (double)observed->integer
              : observed->kind == VALUE_FLOAT ? observed->number
                                              : NAN;
    return !isnan(*number);
}

void finish_gap(struct plan *plan, const struct prepared *prepared, const struct check_result *whole,
                struct check_result *out)
{
    double gap;
    if (value_is_none(prepared->check->slice_gap) || !whole || !whole->observed || !out->observed ||
        out->status == CHECK_ERROR || !bound_number(prepared, prepared->check->slice_gap, plan->arena, &gap))
        return;
    double a, b;
    if (gap_number(whole, &a) && gap_number(out, &b)) {
        struct rational difference;
        double away =
            whole->exact && out->exact && rational_difference(*whole->exact, *out->exact, &difference)
                ? fabs(rational_number(difference))
                : fabs(a - b);
        if (away <= gap)
            return;
        out->reason = arena_printf(plan->arena, "%.6g away from the whole, which has %.6g", away, a);
    }
    out->status = CHECK_FAILED;
}

void finish_binding(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                    struct check_result *out)
{
    const struct prepared *prepared = binding->prepared;
    enum check_kind kind = prepared->check->kind;
    double number;
    if (prepared->error) {
        finish_error(plan, out, "%s", prepared->error);
        return;
    }
    for (size_t i = 0; i < binding->accumulator_count; i++)
        out->approximate = out->approximate || set->items[binding->accumulators[i]].approximate;
    switch (check_kind_info(kind)->group) {
    case CHECK_GROUP_EACH:
        finish_each(plan, binding, set, out);
        return;
    case CHECK_GROUP_SCHEMA:
        finish_schema(plan, binding, set, out);
        return;
    case CHECK_GROUP_SET:
        finish_set(plan, binding, set, out);
        return;
    case CHECK_GROUP_AGAINST:
        finish_against(plan, binding, set, out);
        return;
    default:
        break;
    }
    bool counts = binding->accumulator_count > 1 &&
                  plan->groups[binding->group].specs[binding->accumulators[1]].kind == ACCUMULATE_COUNTS;
    uint64_t bad = counts ? set->items[binding->accumulators[1]].counts.bad : 0;
    if (bad && plan->options->strict_types && kind >= CHECK_MIN && kind <= CHECK_QUANTILE)
        finish_mixed(plan, prepared, bad, out);
    else if (kind == CHECK_MIN || kind == CHECK_MAX)
        finish_extreme(plan, binding, set, out);
    else if (!finish_exact(plan, binding, set, out) && measure_number(plan, binding, kind, set, &number, out))
        finish_number(plan, prepared, number, out);
    out->counted = out->status != CHECK_ERROR;
    out->element_count = set->rows;
    if (prepared->column_count == 1 && counts)
        out->missing_count = set->rows - set->items[binding->accumulators[1]].counts.valid - bad;
    if (out->reason == finish_no_values && counts && set->items[binding->accumulators[1]].counts.valid)
        out->reason = "it is not defined for these values";
}
