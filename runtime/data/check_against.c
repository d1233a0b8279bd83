#include "runtime/data/check_finish.h"

#include <math.h>
#include <string.h>

#include "runtime/data/drift_run.h"

/* Results of checks against another data set, a reference or earlier runs. */

/* "mean(amount)": the key of a measure in a history. */
static const char *measure_key(struct arena *arena, const struct check *check, enum check_kind kind)
{
    struct check plain = {.kind = kind,
                          .columns = check->columns,
                          .column_count = check->column_count,
                          .quantile = check->quantile};
    return check_describe(arena, &plain);
}

static bool number_of(const struct value *value, double *out)
{
    if (!value || (value->kind != VALUE_INT && value->kind != VALUE_FLOAT))
        return false;
    *out = value->kind == VALUE_INT ? (double)value->integer : value->number;
    return true;
}

static bool is_measure(enum check_kind kind)
{
    return check_kind_info(kind)->group == CHECK_GROUP_MEASURE;
}

static void finish_change(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                          struct check_result *out)
{
    const struct prepared *prepared = binding->prepared;
    const struct check *check = prepared->check;
    const struct value *history = plan->options->history;
    const char *key = measure_key(plan->arena, check, check->measure);
    unsigned wanted = check->last ? check->last : 1, found = 0;
    double now, sum = 0, earlier;
    if (!measure_number(plan, binding, check->measure, set, &now, out))
        return;
    for (size_t i = history && history->kind == VALUE_LIST ? history->count : 0; i-- > 0 && found < wanted;)
        if (number_of(value_get(history->items[i], key), &earlier)) {
            sum += earlier;
            found++;
        }
    struct record_builder details = record_begin(plan->arena);
    record_set(&details, "measure", value_string(plan->arena, key, 0));
    if (isfinite(now))
        record_set(&details, "value",
                   now == floor(now) && fabs(now) < 9e15 ? value_int(plan->arena, (int64_t)now, 0)
                                                         : value_float(plan->arena, now, 0));
    record_set(&details, "runs", value_int(plan->arena, found, 0));
    if (found)
        record_set(&details, "earlier", value_float(plan->arena, sum / found, 0));
    out->details = record_end(&details, 0);
    if (found == 0) {
        out->status = CHECK_SKIPPED;
        out->reason = "there is no earlier run to compare with";
        return;
    }
    double before = sum / found;
    finish_number(plan, prepared,
                  before == 0 && now != 0 ? now / 0.0
                  : before == 0           ? 0
                                          : (now - before) / fabs(before),
                  out);
}

const char *columns_unlike(struct plan *plan, const struct column_schema *own,
                           const struct column_schema *theirs, const char *other)
{
    char left[32], right[32];
    if (own->type == COLUMN_NULL || theirs->type == COLUMN_NULL)
        return NULL;
    if (own->type == COLUMN_TIMESTAMP && theirs->type == COLUMN_TIMESTAMP && own->zoned != theirs->zoned)
        return arena_printf(plan->arena,
                            "column \"%s\" %s a time zone and column \"%s\" of \"%s\" %s: the two cannot be "
                            "compared",
                            own->name, own->zoned ? "has" : "lacks", theirs->name, other,
                            theirs->zoned ? "has one" : "has none");
    if (own->type == theirs->type ||
        (column_type_is_number(own->type) && column_type_is_number(theirs->type)))
        return NULL;
    return arena_printf(
        plan->arena, "column \"%s\" holds %s and column \"%s\" of \"%s\" %s: the two cannot be compared",
        own->name, column_type_name(own, left), theirs->name, other, column_type_name(theirs, right));
}

/* What a measure that is a value of its column has against the other's, when one of them is a time. */
static const char *unlike_moments(struct plan *plan, const struct prepared *prepared,
                                  const struct check_other *other, enum check_kind kind)
{
    const struct check *check = prepared->check;
    bool value = kind == CHECK_MIN || kind == CHECK_MAX || kind == CHECK_MEDIAN || kind == CHECK_QUANTILE;
    if (!value || prepared->column_count != 1)
        return NULL;
    const struct table_schema *schema = table_schema(other->table);
    int column = schema_find(schema, check->other_columns ? check->other_columns[0] : check->columns[0]);
    if (column < 0 ||
        (!column_type_is_time(prepared->schema.type) && !column_type_is_time(schema->columns[column].type)))
        return NULL;
    return columns_unlike(plan, &prepared->schema, &schema->columns[column], check->other);
}

/* The same measure of another table. */
static bool other_measure(struct plan *plan, const struct prepared *prepared, const struct check_other *other,
                          enum check_kind kind, double *number, const struct rational **exact,
                          struct check_result *out)
{
    const struct check *check = prepared->check;
    struct check same = {
        .kind = kind, .mostly = 1, .quantile = check->quantile, .interpolation = check->interpolation};
    same.columns = check->other_columns ? check->other_columns : check->columns;
    same.column_count = check->column_count;
    struct check_options options = {
        .threads = plan->options->threads, .memory = plan->options->memory, .now = plan->options->now};
    struct check_report report;
    struct data_error error;
    if (!check_run(plan->arena, other->table, &same, 1, &options, &report, &error)) {
        finish_error(plan, out, "%s", error.message);
        return false;
    }
    const struct check_result *result = &report.results[0];
    if (result->status == CHECK_ERROR) {
        finish_error(plan, out, "data set \"%s\": %s", check->other, result->error);
        return false;
    }
    *exact = result->exact;
    if (result->exact)
        *number = rational_number(*result->exact);
    else if (!number_of(result->observed, number))
        *number = NAN;
    return true;
}

static const struct value *side_number(struct plan *plan, const struct rational *exact, double number)
{
    if (exact && exact->divisor == 1)
        return rational_value(plan->arena, *exact);
    return isfinite(number) ? value_float(plan->arena, number, 0) : value_null(plan->arena, 0);
}

/* Both sides without rounding: equal, or their difference within the bounds. False when that cannot be said.
 */
static bool judge_difference(struct plan *plan, const struct prepared *prepared, const struct rational *own,
                             const struct rational *theirs, bool bounded, struct check_result *out)
{
    struct rational difference;
    if (!own || !theirs)
        return false;
    if (!bounded)
        out->status = rational_compare(*own, *theirs) == 0 ? CHECK_PASSED : CHECK_FAILED;
    else if (rational_difference(*own, *theirs, &difference))
        judge_exact(plan, prepared, difference, out);
    else
        return false;
    return true;
}

static void finish_other(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                         struct check_result *out)
{
    const struct prepared *prepared = binding->prepared;
    const struct check *check = prepared->check;
    const struct check_other *other = plan_other(plan, check->other);
    enum check_kind kind = check->kind == CHECK_ROWS_EQUAL_OTHER ? CHECK_ROWS : check->measure;
    double own, theirs;
    struct rational exact;
    const struct rational *own_exact = NULL, *their_exact = NULL;
    struct data_error error = {{0}};
    if (!other || !other->table) {
        finish_error(plan, out, "the data set \"%s\" was not given", check->other ? check->other : "");
        return;
    }
    if (!measure_number(plan, binding, kind, set, &own, out) ||
        !other_measure(plan, prepared, other, kind, &theirs, &their_exact, out))
        return;
    const char *unlike = unlike_moments(plan, prepared, other, kind);
    if (unlike) {
        finish_error(plan, out, "%s", unlike);
        return;
    }
    if (measure_exact(binding, kind, set, &exact, &error))
        own_exact = &exact;
    own = own_exact ? rational_number(exact) : own;
    struct record_builder observed = record_begin(plan->arena);
    record_set(&observed, "self", side_number(plan, own_exact, own));
    record_set(&observed, "other", side_number(plan, their_exact, theirs));
    bool bounded =
        (check->min && check->min->kind != VALUE_NULL) || (check->max && check->max->kind != VALUE_NULL);
    bool judged = judge_difference(plan, prepared, own_exact, their_exact, bounded, out);
    if (!judged && bounded) /* bounds are of the difference */
        finish_number(plan, prepared, own - theirs, out);
    else if (!judged)
        out->status = own == theirs ? CHECK_PASSED : CHECK_FAILED;
    out->observed = record_end(&observed, 0);
}

static const double *number_list(struct arena *arena, const struct value *list, size_t *count)
{
    if (!list || list->kind != VALUE_LIST || list->count == 0)
        return NULL;
    double *numbers = arena_array(arena, list->count, sizeof *numbers);
    *count = list->count;
    for (size_t i = 0; i < list->count; i++)
        if (!number_of(list->items[i], &numbers[i]))
            return NULL;
    return numbers;
}

static const struct check_other *reference_of(const struct plan *plan, const struct check *check)
{
    return check->ranges ? NULL : plan_other(plan, check->other ? check->other : "reference");
}

static bool wants_deciles(const struct check *check)
{
    return check->drift && drift_measure_by_name(check->drift) == DRIFT_PSI_DECILES;
}

void prepare_drift(struct plan *plan, struct prepared *prepared)
{
    const struct check *check = prepared->check;
    const struct check_other *other = reference_of(plan, check);
    struct bin_edges bins = {.right_closed = check->ranges != NULL};
    if (!column_type_is_number(prepared->schema.type))
        return;
    if (check->ranges) {
        bins.edges = number_list(plan->arena, value_get(check->ranges, "edges"), &bins.count);
        if (!bins.edges)
            prepared->error = "the reference of a column of numbers needs a list `edges`";
        for (size_t i = 1; bins.edges && i < bins.count; i++)
            if (!(bins.edges[i - 1] < bins.edges[i]))
                prepared->error = "the edges of the reference must increase";
    } else if (other && other->profile) {
        const struct profile_column *column = profile_find(other->profile, check->columns[0]);
        if (!column || !column->has_numbers || column->bins == 0) {
            prepared->error = arena_printf(plan->arena, "the reference profile says too little about \"%s\"",
                                           check->columns[0]);
            return;
        }
        if (column->top_complete)
            return; /* all its values are there: compared as data are */
        bins.right_closed = wants_deciles(check) && column->deciles;
        bins.edges = bins.right_closed ? column->decile_edges : column->edges;
        bins.count = bins.right_closed ? column->deciles : column->bins + 1;
    }
    if (bins.edges && !prepared->error) {
        struct bin_edges *kept = arena_alloc(plan->arena, sizeof *kept);
        *kept = bins;
        prepared->detail = kept;
    }
}

/* Counted bins against what the reference says of them. */
static const char *binned_result(struct plan *plan, const struct binding *binding,
                                 const struct accumulator *item, const struct check_other *other,
                                 enum drift_measure measure, struct drift_result *result)
{
    const struct check *check = binding->prepared->check;
    const struct bin_edges *edges = binding->prepared->detail;
    size_t count = edges->count + 1, weights = 0;
    double *current = arena_array(plan->arena, count, sizeof *current);
    double *reference = arena_array(plan->arena, count, sizeof *reference);
    for (size_t i = 0; i < count; i++)
        current[i] = (double)item->bins.counts[i];
    if (check->ranges) {
        const double *given = number_list(plan->arena, value_get(check->ranges, "weights"), &weights);
        if (!given || weights != count)
            return "the reference needs one more weight than edges";
        memcpy(reference, given, count * sizeof *reference);
    } else {
        const struct profile_column *column = profile_find(other->profile, check->columns[0]);
        if (wants_deciles(check) && !edges->right_closed)
            return "the reference profile was made without deciles; make it again";
        for (size_t i = 0; edges->right_closed && i < count; i++)
            reference[i] = (double)column->decile_counts[i];
        for (size_t i = 0; !edges->right_closed && i < column->bins; i++)
            reference[i + 1] = (double)column->bin_counts[i];
    }
    struct drift_bins bins = {.kind = check->ranges         ? "given"
                                      : edges->right_closed ? "deciles"
                                                            : "profile",
                              .edges = edges->edges,
                              .edge_count = edges->count,
                              .reference = reference,
                              .current = current,
                              .bin_count = count};
    *result = drift_of_bins(plan->arena, measure == DRIFT_MEASURE_COUNT ? DRIFT_PSI : measure, &bins);
    result->approximate = !check->ranges && profile_find(other->profile, check->columns[0])->approximate;
    return NULL;
}

/* Values and weights as a side whose counts are shares: a million of them, so that ratios stay. */
static const char *given_values(struct plan *plan, const struct check *check, const struct drift_side *side,
                                enum drift_measure measure, struct drift_result *result)
{
    const struct value *values = value_get(check->ranges, "values");
    size_t count;
    const double *weights = number_list(plan->arena, value_get(check->ranges, "weights"), &count);
    if (!values || values->kind != VALUE_LIST || !weights || values->count != count)
        return "the reference needs `values` and as many `weights`";
    size_t most = count + side->key_count, used = 0;
    const struct value **keys = arena_array(plan->arena, most, sizeof *keys);
    double *reference = arena_array(plan->arena, most, sizeof *reference);
    double *current = arena_array(plan->arena, most, sizeof *current);
    bool *taken = arena_array(plan->arena, side->key_count + 1, sizeof *taken);
    for (size_t i = 0; i < count; i++) {
        keys[used] = values->items[i];
        reference[used] = weights[i];
        size_t low = 0, high = side->key_count; /* keys of a side are sorted */
        while (low < high) {
            size_t middle = (low + high) / 2;
            *(value_compare(side->keys[middle], values->items[i]) < 0 ? &low : &high) =
                value_compare(side->keys[middle], values->items[i]) < 0 ? middle + 1 : middle;
        }
        if (low < side->key_count && value_equal(side->keys[low], values->items[i])) {
            current[used] = (double)side->counts[low];
            taken[low] = true;
        }
        used++;
    }
    for (size_t i = 0; i < side->key_count; i++)
        if (!taken[i]) {
            keys[used] = side->keys[i];
            current[used++] = (double)side->counts[i];
        }
    struct drift_bins bins = {
        .kind = "given", .keys = keys, .reference = reference, .current = current, .bin_count = used};
    *result = drift_of_bins(plan->arena, measure == DRIFT_MEASURE_COUNT ? DRIFT_JS : measure, &bins);
    return NULL;
}

static const char *side_result(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                               const struct check_other *other, enum drift_measure measure,
                               struct drift_result *result)
{
    const struct prepared *prepared = binding->prepared;
    const struct check *check = prepared->check;
    const struct accumulator_spec *spec = &plan->groups[binding->group].specs[binding->accumulators[0]];
    struct accumulator *item = &set->items[binding->accumulators[0]];
    struct drift_side side = {0}, reference = {0};
    struct data_error error;
    bool numeric = spec->kind == ACCUMULATE_QUANTILES, sampled = false;
    uint64_t nulls = set->rows - set->items[binding->accumulators[1]].counts.valid;
    bool good = numeric ? drift_side_of_numbers(plan->arena, item->quantiles, nulls, &side, &error)
                        : drift_side_of_values(plan->arena, &prepared->schema, item->distinct.values, nulls,
                                               &side, &error);
    if (!good)
        return arena_strdup(plan->arena, error.message);
    if (check->ranges)
        return given_values(plan, check, &side, measure, result);
    if (other->profile) {
        const struct profile_column *column = profile_find(other->profile, check->columns[0]);
        if (!column || !drift_profile_side(plan->arena, column, numeric, &reference))
            return arena_printf(plan->arena, "the reference profile says too little about \"%s\"",
                                check->columns[0]);
    } else {
        const char *name = check->other_columns ? check->other_columns[0] : check->columns[0];
        if (!drift_read_side(plan->arena, other->table, name, numeric,
                             &(struct drift_options){.threads = plan->options->threads,
                                                     .memory = plan->options->memory,
                                                     .approximate = plan->options->approximate},
                             &reference, &sampled, &error))
            return arena_printf(plan->arena, "reference: %s", error.message);
    }
    if (measure == DRIFT_MEASURE_COUNT)
        measure =
            drift_choose(numeric,
                         numeric ? drift_distinct(&reference, &side)
                                 : drift_evidently_bins(plan->arena, false, &reference, &side).bin_count,
                         reference.count);
    *result = drift_compute(plan->arena, measure, numeric, &reference, &side);
    result->approximate = sampled || item->approximate;
    return NULL;
}

static void finish_drift(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                         struct check_result *out)
{
    const struct check *check = binding->prepared->check;
    const struct check_other *other = reference_of(plan, check);
    enum drift_measure measure = check->drift ? drift_measure_by_name(check->drift) : DRIFT_MEASURE_COUNT;
    struct drift_result result;
    double threshold;
    if (check->drift && measure == DRIFT_MEASURE_COUNT) {
        finish_error(plan, out, "\"%s\" is no measure of drift", check->drift);
        return;
    }
    if (!other && !check->ranges) {
        finish_error(plan, out, "no reference was given to compare with");
        return;
    }
    const char *why =
        binding->prepared->detail
            ? binned_result(plan, binding, &set->items[binding->accumulators[0]], other, measure, &result)
            : side_result(plan, binding, set, other, measure, &result);
    if (why) {
        finish_error(plan, out, "%s", why);
        return;
    }
    if (result.error) {
        finish_error(plan, out, "%s", result.error);
        return;
    }
    out->approximate = out->approximate || result.approximate;
    bool test = drift_measure_is_test(result.measure);
    if (number_of(check->max, &threshold)) {
        result.threshold = threshold;
        result.drifted = test                ? result.p < threshold
                         : check->strict_max ? result.value >= threshold
                                             : result.value > threshold;
    }
    double shown = test ? result.p : result.value;
    out->observed = isfinite(shown) ? value_float(plan->arena, shown, 0) : value_null(plan->arena, 0);
    out->reason = isfinite(shown) ? NULL : "the number is infinite";
    out->details = drift_result_value(plan->arena, &result);
    out->status = result.drifted ? CHECK_FAILED : CHECK_PASSED;
}

void finish_against(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                    struct check_result *out)
{
    switch (binding->prepared->check->kind) {
    case CHECK_CHANGE:
        finish_change(plan, binding, set, out);
        return;
    case CHECK_DRIFT:
        finish_drift(plan, binding, set, out);
        return;
    default:
        finish_other(plan, binding, set, out);
        return;
    }
}

const struct value *check_history_entry(struct arena *arena, const struct check_report *report)
{
    struct record_builder entry = record_begin(arena);
    record_set(&entry, "rows", value_int(arena, (int64_t)report->rows, 0));
    for (size_t i = 0; i < report->result_count; i++) {
        const struct check_result *result = &report->results[i];
        double number;
        if (result->slice || result->check->where || result->status == CHECK_ERROR)
            continue;
        if (is_measure(result->check->kind) && number_of(result->observed, &number))
            record_set(&entry, measure_key(arena, result->check, result->check->kind), result->observed);
        else if (result->check->kind == CHECK_CHANGE && result->details &&
                 value_get(result->details, "value"))
            record_set(&entry, measure_key(arena, result->check, result->check->measure),
                       value_get(result->details, "value"));
    }
    return record_end(&entry, 0);
}
