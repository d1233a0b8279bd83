#include "runtime/data/check_finish.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/check_schema.h"

/* Results of checks of the schema, of distinct values and of quantiles. */

enum { OBSERVED_LIMIT = 1000 };

static void verdict(struct check_result *out, bool good)
{
    out->status = good ? CHECK_PASSED : CHECK_FAILED;
}

/* --- schema --- */

void finish_schema(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                   struct check_result *out)
{
    const struct prepared *prepared = binding->prepared;
    if (prepared->check->kind == CHECK_COLUMN_COUNT) {
        finish_number(plan, prepared, (double)plan->schema->count, out);
        return;
    }
    if (prepared->check->kind != CHECK_TYPE) {
        check_schema(plan->arena, prepared->check, plan->schema, out);
        return;
    }
    char name[32];
    struct found_type found = {prepared->schema.type, column_type_name(&prepared->schema, name), NULL};
    uint64_t bad = set->items[binding->accumulators[0]].counts.bad;
    check_schema_type(plan->arena, prepared->check, &found, out);
    if (bad == 0 || value_is_none(prepared->check->set))
        return;
    out->reason = arena_printf(plan->arena, "%llu values are not of the type", (unsigned long long)bad);
    out->counted = true;
    out->element_count = set->rows;
    out->unexpected_count = bad;
    double values = (double)(set->items[binding->accumulators[0]].counts.valid + bad);
    bool enough = (values - (double)bad) / values >= prepared->check->mostly;
    verdict(out, out->status == CHECK_PASSED && enough);
}

/* --- distinct values --- */

struct members {
    struct plan *plan;
    const struct column_schema *schema;
    const struct typed_set *set, *texts; /* what the check allows or demands */
    bool bad;                            /* the values come from cells that are not of the column's type */
    uint64_t inside, outside, most;
    struct profile_count *kept; /* up to OBSERVED_LIMIT, or those of the highest count */
    size_t kept_count;
    bool truncated;
};

static bool is_member(const struct members *members, struct cell value)
{
    const struct typed_set *set = members->bad ? members->texts : members->set;
    return set && typed_set_has(set, value);
}

static void keep(struct members *members, struct cell value, uint64_t count)
{
    if (members->kept_count == OBSERVED_LIMIT) {
        members->truncated = true;
        return;
    }
    struct profile_count *kept = &members->kept[members->kept_count++];
    kept->value = cell_copy(members->plan->arena, value);
    kept->count = count;
}

static bool add_member(void *context, struct cell value, uint64_t count)
{
    struct members *members = context;
    if (is_member(members, value))
        members->inside++;
    else
        members->outside++;
    keep(members, value, count);
    return true;
}

static bool add_mode(void *context, struct cell value, uint64_t count)
{
    struct members *members = context;
    if (count < members->most)
        return true;
    if (count > members->most) {
        members->most = count;
        members->inside = members->outside = members->kept_count = 0;
        members->truncated = false;
    }
    return add_member(context, value, count);
}

static int by_cell(const void *a, const void *b)
{
    const struct profile_count *x = a, *y = b;
    if (x->value.type != y->value.type)
        return (x->value.type > y->value.type) - (x->value.type < y->value.type);
    return cell_compare(x->value, y->value);
}

static void report_members(struct plan *plan, struct members *members, struct check_result *out)
{
    qsort(members->kept, members->kept_count, sizeof *members->kept, by_cell);
    struct list_builder values = list_begin(plan->arena), counts = list_begin(plan->arena);
    struct record_builder details = record_begin(plan->arena);
    for (size_t i = 0; i < members->kept_count; i++) {
        struct record_builder one = record_begin(plan->arena);
        const struct value *value = key_value(plan->arena, members->schema, members->kept[i].value);
        list_add(&values, value);
        record_set(&one, "value", value);
        record_set(&one, "count", value_int(plan->arena, (int64_t)members->kept[i].count, 0));
        list_add(&counts, record_end(&one, 0));
    }
    out->observed = list_end(&values, 0);
    record_set(&details, "value_counts", list_end(&counts, 0));
    record_set(&details, "truncated", value_bool(plan->arena, members->truncated, 0));
    out->details = record_end(&details, 0);
}

/* Members of the given set that no cell of the column can equal; a null is none of its values. */
static bool has_misfits(struct plan *plan, const struct column_schema *schema, const struct value *set)
{
    struct cell cell;
    for (size_t i = 0; set->kind == VALUE_LIST && i < set->count; i++)
        if (set->items[i]->kind == VALUE_NULL || typed_cell(plan->arena, schema, set->items[i], &cell))
            return true;
    return false;
}

static bool set_verdict(struct plan *plan, const struct prepared *prepared, const struct members *members)
{
    const struct check *check = prepared->check;
    size_t wanted = members->set ? typed_set_count(members->set) : 0;
    bool misfits = !value_is_none(check->set) && has_misfits(plan, &prepared->schema, check->set);
    switch (check->kind) {
    case CHECK_DISTINCT_IN_SET:
        return value_is_none(check->set) || members->outside == 0;
    case CHECK_DISTINCT_EQUAL_SET:
        return members->outside == 0 && members->inside == wanted && !misfits;
    case CHECK_DISTINCT_CONTAIN_SET:
        return members->inside == wanted && !misfits;
    default:
        return members->inside > 0 && (check->ties_okay || members->inside + members->outside == 1);
    }
}

static void finish_distinct_set(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                                struct check_result *out)
{
    static const struct column_schema TEXT = {.name = "", .type = COLUMN_STRING};
    const struct prepared *prepared = binding->prepared;
    const struct check *check = prepared->check;
    struct distinct_state *state = &set->items[binding->accumulators[0]].distinct;
    struct members members = {.plan = plan, .schema = &prepared->schema};
    const char *why = NULL;
    if (value_is_none(check->set) &&
        (check->kind == CHECK_DISTINCT_EQUAL_SET || check->kind == CHECK_DISTINCT_CONTAIN_SET)) {
        finish_error(plan, out, "a set of values is required");
        return;
    }
    if (!value_is_none(check->set)) {
        members.set = typed_set_new(plan->arena, &prepared->schema, check->set, &why);
        members.texts = typed_set_new(plan->arena, &TEXT, check->set, &why);
    }
    if (why) {
        finish_error(plan, out, "%s", why);
        return;
    }
    members.kept = mem_alloc(OBSERVED_LIMIT * sizeof *members.kept);
    struct data_error error;
    bool modes = check->kind == CHECK_MOST_COMMON_IN_SET;
    bool good = distinct_each(state->values, modes ? add_mode : add_member, &members, &error);
    members.bad = true;
    good =
        good && (!state->bad || distinct_each(state->bad, modes ? add_mode : add_member, &members, &error));
    if (good) {
        report_members(plan, &members, out);
        verdict(out, set_verdict(plan, prepared, &members));
    } else {
        finish_error(plan, out, "%s", error.message);
    }
    free(members.kept);
}

/* --- quantiles --- */

static bool number_or(const struct value *value, double fallback, double *out)
{
    *out = fallback;
    if (value_is_none(value))
        return true;
    if (value->kind != VALUE_INT && value->kind != VALUE_FLOAT)
        return false;
    *out = value->kind == VALUE_INT ? (double)value->integer : value->number;
    return true;
}

static const char *quantile_bounds(const struct check *check, size_t i, double *at, double *low, double *high)
{
    const struct value *range = check->ranges->items[i];
    if (!number_or(check->set->items[i], NAN, at) || !(*at >= 0 && *at <= 1))
        return "a quantile lies between 0 and 1";
    if (range->kind != VALUE_LIST || range->count != 2 || !number_or(range->items[0], -INFINITY, low) ||
        !number_or(range->items[1], INFINITY, high))
        return "each range must be a pair of numbers";
    if (*low > *high)
        return "each range must be an ordered pair";
    return NULL;
}

/* Great Expectations lets a quantile miss the ends of its range by so much. */
static bool is_close(double number, double end)
{
    return isfinite(end) && fabs(number - end) <= 1e-8 + 1e-4 * fabs(end);
}

/* One quantile: of ints and decimals without rounding. */
struct judged_quantile {
    double at, low, high;
    const struct value *range, *shown;
    bool good;
};

static bool judge_quantile(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                           struct judged_quantile *quantile, struct data_error *error)
{
    const struct prepared *prepared = binding->prepared;
    enum rank_method method = prepared->check->interpolation;
    struct accumulator *item = binding->accumulator_count ? &set->items[binding->accumulators[0]] : NULL;
    struct rational exact;
    double number = NAN;
    bool numbers = prepared->schema.type == COLUMN_INT || prepared->schema.type == COLUMN_DECIMAL,
         known = false;
    if (item && (!quantiles_of_all(item->quantiles, quantile->at, method, &number, error) ||
                 (numbers && !item->approximate &&
                  !quantiles_exact(item->quantiles, quantile->at, method, &exact, &known, error))))
        return false;
    quantile->shown = known           ? rational_value(plan->arena, exact)
                      : isnan(number) ? value_null(plan->arena, 0)
                                      : value_float(plan->arena, number, 0);
    const struct value *low = quantile->range->items[0], *high = quantile->range->items[1];
    quantile->good = number >= quantile->low && number <= quantile->high;
    if (known)
        quantile->good =
            (value_is_none(low) || compare_bound(prepared, plan->arena, exact, low, quantile->low) >= 0) &&
            (value_is_none(high) || compare_bound(prepared, plan->arena, exact, high, quantile->high) <= 0);
    if (plan->options->strict_types)
        quantile->good =
            quantile->good || is_close(number, quantile->low) || is_close(number, quantile->high);
    return true;
}

static void finish_quantiles(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                             struct check_result *out)
{
    const struct check *check = binding->prepared->check;
    uint64_t bad = binding->accumulator_count ? set->items[binding->accumulators[1]].counts.bad : 0;
    if (bad && plan->options->strict_types) {
        finish_mixed(plan, binding->prepared, bad, out);
        return;
    }
    if (value_is_none(check->set) || value_is_none(check->ranges) || check->set->kind != VALUE_LIST ||
        check->ranges->kind != VALUE_LIST || check->set->count != check->ranges->count) {
        finish_error(plan, out, "quantiles and ranges must be lists of one length");
        return;
    }
    struct list_builder values = list_begin(plan->arena), verdicts = list_begin(plan->arena);
    struct record_builder observed = record_begin(plan->arena), details = record_begin(plan->arena);
    bool all = true;
    for (size_t i = 0; i < check->set->count; i++) {
        struct judged_quantile quantile = {.range = check->ranges->items[i]};
        struct data_error error;
        const char *why = quantile_bounds(check, i, &quantile.at, &quantile.low, &quantile.high);
        if (why || !judge_quantile(plan, binding, set, &quantile, &error)) {
            finish_error(plan, out, "%s", why ? why : error.message);
            return;
        }
        all = all && quantile.good;
        list_add(&values, quantile.shown);
        list_add(&verdicts, value_bool(plan->arena, quantile.good, 0));
    }
    record_set(&observed, "quantiles", check->set);
    record_set(&observed, "values", list_end(&values, 0));
    record_set(&details, "success_details", list_end(&verdicts, 0));
    out->observed = record_end(&observed, 0);
    out->details = record_end(&details, 0);
    verdict(out, all);
}

void finish_set(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                struct check_result *out)
{
    if (binding->prepared->check->kind == CHECK_QUANTILES)
        finish_quantiles(plan, binding, set, out);
    else if (binding->prepared->check->kind == CHECK_PARTITION_KL)
        finish_partition(plan, binding->prepared, set->items[binding->accumulators[0]].distinct.values, out);
    else
        finish_distinct_set(plan, binding, set, out);
    out->counted = out->status != CHECK_ERROR;
    out->element_count = set->rows;
}
