#include "core/vec.h"
#include "runtime/data/check_finish.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Entropy, and the measures of predictions. A model check's columns are (label, prediction) or, for fairness,
 * (prediction, group), (label, prediction, group), (label, score, group); they come as counts of
 * combinations. */

struct tally {
    const struct prepared *prepared;
    struct map *rates; /* group key -> struct rates */
    struct vec groups;
    struct arena *arena;
    double total, agree;
    struct double_sum entropy;
    double true_positive, false_positive, false_negative;
};

struct rates {
    double count, positive_predictions, labels, label_hits, others, other_hits;
    struct double_sum scores;
};

/* The positive class: what the check names, else 1 or true. */
static bool is_positive(const struct tally *tally, const struct column_schema *schema, struct cell cell)
{
    const struct value *positive = tally->prepared->check->positive;
    struct cell wanted;
    if (cell.type == COLUMN_NULL)
        return false;
    if (!positive || positive->kind == VALUE_NULL) {
        if (cell.type == COLUMN_STRING)
            return cell.length == 1 && cell.text[0] == '1';
        return cell_number(schema, cell) == 1;
    }
    if (typed_cell(tally->arena, schema, positive, &wanted))
        return false;
    return cell_compare(cell, wanted) == 0;
}

static struct rates *rates_of(struct tally *tally, const char *key, size_t length)
{
    struct rates *rates = map_get_n(tally->rates, key, length);
    if (!rates) {
        rates = arena_alloc(tally->arena, sizeof *rates);
        map_set_n(tally->rates, key, length, rates);
        vec_push(&tally->groups, rates);
    }
    return rates;
}

static const struct column_schema *schema_at(const struct tally *tally, size_t index)
{
    return &tally->prepared->schemas[tally->prepared->columns[index]];
}

static bool add_pair(void *context, struct cell value, uint64_t count)
{
    struct tally *tally = context;
    const char *key = value.text, *end = value.text + value.length;
    struct cell label = key_next(&key, end, schema_at(tally, 0));
    const char *middle = key;
    struct cell prediction = key_next(&key, end, schema_at(tally, 1));
    double n = (double)count;
    bool actual = is_positive(tally, schema_at(tally, 0), label);
    bool predicted = is_positive(tally, schema_at(tally, 1), prediction);
    tally->total += n;
    if (middle - value.text == end - middle && memcmp(value.text, middle, (size_t)(end - middle)) == 0)
        tally->agree += n;
    tally->true_positive += actual && predicted ? n : 0;
    tally->false_positive += !actual && predicted ? n : 0;
    tally->false_negative += actual && !predicted ? n : 0;
    return true;
}

static bool add_group_pair(void *context, struct cell value, uint64_t count)
{
    struct tally *tally = context;
    const char *key = value.text, *end = value.text + value.length;
    struct cell prediction = key_next(&key, end, schema_at(tally, 0));
    struct rates *rates = rates_of(tally, key, (size_t)(end - key));
    rates->count += (double)count;
    if (is_positive(tally, schema_at(tally, 0), prediction))
        rates->positive_predictions += (double)count;
    return true;
}

static bool add_group_triple(void *context, struct cell value, uint64_t count)
{
    struct tally *tally = context;
    const char *key = value.text, *end = value.text + value.length;
    struct cell label = key_next(&key, end, schema_at(tally, 0));
    struct cell second = key_next(&key, end, schema_at(tally, 1));
    struct rates *rates = rates_of(tally, key, (size_t)(end - key));
    double n = (double)count;
    bool actual = is_positive(tally, schema_at(tally, 0), label);
    bool predicted = is_positive(tally, schema_at(tally, 1), second);
    rates->count += n;
    double_sum_add(&rates->scores, n * cell_number(schema_at(tally, 1), second));
    rates->labels += actual ? n : 0;
    rates->label_hits += actual && predicted ? n : 0;
    rates->others += actual ? 0 : n;
    rates->other_hits += !actual && predicted ? n : 0;
    return true;
}

static double positive_rate(const struct rates *rates)
{
    return rates->positive_predictions / rates->count;
}

static double true_positive_rate(const struct rates *rates)
{
    return rates->label_hits / rates->labels;
}

static double false_positive_rate(const struct rates *rates)
{
    return rates->other_hits / rates->others;
}

static double calibration_gap(const struct rates *rates)
{
    return fabs(double_sum_value(&rates->scores) / rates->count - rates->labels / rates->count);
}

/* Least and greatest of a rate over the groups that have one. */
static void spread(const struct tally *tally, double (*rate)(const struct rates *), double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < tally->groups.count; i++) {
        double value = rate(tally->groups.items[i]);
        if (isnan(value))
            continue;
        *low = value < *low ? value : *low;
        *high = value > *high ? value : *high;
    }
}

static double gap(const struct tally *tally, double (*rate)(const struct rates *))
{
    double low, high;
    spread(tally, rate, &low, &high);
    return high < low ? NAN : high - low;
}

static double fairness(enum check_kind kind, const struct tally *tally)
{
    double low, high;
    switch (kind) {
    case CHECK_DEMOGRAPHIC_PARITY_DIFFERENCE:
        return gap(tally, positive_rate);
    case CHECK_DEMOGRAPHIC_PARITY_RATIO:
        spread(tally, positive_rate, &low, &high);
        return high > 0 ? low / high : NAN;
    case CHECK_EQUAL_OPPORTUNITY_DIFFERENCE:
        return gap(tally, true_positive_rate);
    case CHECK_CALIBRATION_DIFFERENCE:
        spread(tally, calibration_gap, &low, &high);
        return high < low ? NAN : high;
    default:
        return fmax(gap(tally, true_positive_rate), gap(tally, false_positive_rate));
    }
}

static bool add_entropy(void *context, struct cell value, uint64_t count)
{
    struct tally *tally = context;
    double share = (double)count / tally->total;
    (void)value;
    double_sum_add(&tally->entropy, -share * log(share));
    return true;
}

bool finish_model(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                  enum check_kind kind, double *number, struct check_result *out)
{
    struct distinct_state *state = &set->items[binding->accumulators[0]].distinct;
    struct tally tally = {.prepared = binding->prepared,
                          .rates = map_new(plan->arena),
                          .arena = plan->arena,
                          .groups = vec_in(plan->arena)};
    struct data_error error;
    bool good, groups = binding->prepared->column_count == 3;
    bool parity = kind == CHECK_DEMOGRAPHIC_PARITY_DIFFERENCE || kind == CHECK_DEMOGRAPHIC_PARITY_RATIO;
    if (kind == CHECK_ENTROPY) {
        tally.total = (double)state->totals.values;
        good = distinct_each(state->values, add_entropy, &tally, &error);
    } else {
        good = distinct_each(state->values,
                             parity   ? add_group_pair
                             : groups ? add_group_triple
                                      : add_pair,
                             &tally, &error);
    }
    if (!good) {
        finish_error(plan, out, "%s", error.message);
        return false;
    }
    double precision = tally.true_positive / (tally.true_positive + tally.false_positive);
    double recall = tally.true_positive / (tally.true_positive + tally.false_negative);
    switch (kind) {
    case CHECK_ENTROPY:
        *number = tally.total > 0 ? double_sum_value(&tally.entropy) : NAN;
        return true;
    case CHECK_ACCURACY:
        *number = tally.agree / tally.total;
        return true;
    case CHECK_PRECISION:
        *number = precision;
        return true;
    case CHECK_RECALL:
        *number = recall;
        return true;
    case CHECK_F1:
        *number =
            2 * tally.true_positive / (2 * tally.true_positive + tally.false_positive + tally.false_negative);
        return true;
    default:
        *number = fairness(kind, &tally);
        return true;
    }
}
