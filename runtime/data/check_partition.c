#include "runtime/data/check_finish.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Kullback-Leibler divergence of the data from a partition as Great Expectations writes one: categories
 * {"values", "weights"} or bins {"bins", "weights", "tail_weights"?}. */

struct unseen {
    const struct value *value;
    double number; /* of a column of numbers: infinities are shown as texts */
    double count;
};

struct partition {
    struct plan *plan;
    const struct prepared *prepared;
    double *edges;    /* bins; may begin or end with an infinity */
    double *expected; /* shares, one a bin or category */
    double tails[2];  /* expected, below and above */
    bool has_tails;
    double *observed; /* counts */
    double below, above, total;
    size_t count;           /* bins or categories of the partition */
    struct map *categories; /* key -> index + 1 */
    struct unseen *unseen;  /* categories of the data that the partition lacks */
    size_t unseen_count, unseen_capacity;
    struct buf key;
};

static bool number(const struct value *value, double *out)
{
    if (!value || (value->kind != VALUE_INT && value->kind != VALUE_FLOAT))
        return false;
    *out = value->kind == VALUE_INT ? (double)value->integer : value->number;
    return true;
}

static const char *read_numbers(struct arena *arena, const struct value *list, double **out, size_t *count)
{
    if (!list || list->kind != VALUE_LIST)
        return "a partition needs a list of weights, and one of bins or values";
    *out = arena_array(arena, list->count + 1, sizeof **out);
    *count = list->count;
    for (size_t i = 0; i < list->count; i++)
        if (!number(list->items[i], &(*out)[i]))
            return "a partition's bins and weights must be numbers";
    return NULL;
}

static const char *check_weights(const struct partition *p)
{
    double sum = p->tails[0] + p->tails[1];
    if (p->tails[0] < 0 || p->tails[1] < 0)
        return "a partition's weights must not be negative";
    for (size_t i = 0; i < p->count; i++) {
        if (p->expected[i] < 0)
            return "a partition's weights must not be negative";
        sum += p->expected[i];
    }
    return fabs(sum - 1) > 1e-8 ? "a partition's weights must sum to 1" : NULL;
}

static const char *read_bins(struct partition *p, const struct value *partition)
{
    const struct check *check = p->prepared->check;
    const struct value *tails = value_get(partition, "tail_weights");
    size_t edge_count;
    const char *why = read_numbers(p->plan->arena, value_get(partition, "bins"), &p->edges, &edge_count);
    if (why)
        return why;
    if (check->keep_bins)
        return "a partition of bins needs bucketize_data";
    if (edge_count != p->count + 1)
        return "a partition must have one more bin edge than weights";
    for (size_t i = 0; i + 1 < edge_count; i++)
        if (!(p->edges[i] < p->edges[i + 1]))
            return "a partition's bins must increase";
    bool low = isinf(p->edges[0]), high = isinf(p->edges[edge_count - 1]);
    if (tails && tails->kind != VALUE_NULL) {
        double *weights;
        size_t count;
        why = read_numbers(p->plan->arena, tails, &weights, &count);
        if (why || count != 2)
            return "tail_weights must be two numbers";
        p->tails[0] = weights[0];
        p->tails[1] = weights[1];
        p->has_tails = true;
        if (low || high)
            return "a partition with an infinite end has no tail weights";
        if (check->tail_weight_holdout > 0)
            return "tail_weight_holdout cannot be used together with tail_weights";
    }
    if (low && high && check->tail_weight_holdout > 0)
        return "tail_weight_holdout cannot be used where both ends are infinite";
    return NULL;
}

static const char *read_categories(struct partition *p, const struct value *partition)
{
    const struct value *values = value_get(partition, "values");
    if (!values || values->kind != VALUE_LIST || values->count != p->count)
        return "a partition must have as many values as weights";
    if (p->prepared->check->internal_weight_holdout > 0)
        return "internal_weight_holdout cannot be used with categories";
    p->categories = map_new(p->plan->arena);
    for (size_t i = 0; i < values->count; i++) {
        struct cell cell = {.type = COLUMN_NULL};
        if (typed_cell(p->plan->arena, &p->prepared->schema, values->items[i], &cell))
            continue; /* no cell can equal it */
        buf_clear(&p->key);
        key_add_cell(&p->key, &p->prepared->schema, cell);
        size_t *index = arena_alloc(p->plan->arena, sizeof *index);
        *index = i;
        map_set_n(p->categories, buf_str(&p->key), p->key.length, index);
    }
    return NULL;
}

static const char *read_partition(struct partition *p, const struct value *partition)
{
    const struct check *check = p->prepared->check;
    if (!(check->tail_weight_holdout >= 0 && check->tail_weight_holdout <= 1) ||
        !(check->internal_weight_holdout >= 0 && check->internal_weight_holdout <= 1))
        return "a holdout must lie between 0 and 1";
    const char *why = read_numbers(p->plan->arena, value_get(partition, "weights"), &p->expected, &p->count);
    if (why)
        return why;
    p->observed = arena_array(p->plan->arena, p->count + 1, sizeof *p->observed);
    why = value_get(partition, "values") ? read_categories(p, partition) : read_bins(p, partition);
    return why ? why : check_weights(p);
}

static bool count_category(void *context, struct cell value, uint64_t count)
{
    struct partition *p = context;
    p->total += (double)count;
    buf_clear(&p->key);
    key_add_cell(&p->key, &p->prepared->schema, value);
    const size_t *index = map_get_n(p->categories, buf_str(&p->key), p->key.length);
    if (index) {
        p->observed[*index] += (double)count;
        return true;
    }
    if (p->unseen_count == p->unseen_capacity) {
        p->unseen_capacity = p->unseen_capacity ? p->unseen_capacity * 2 : 16;
        p->unseen = mem_realloc(p->unseen, p->unseen_capacity * sizeof *p->unseen);
    }
    const struct column_schema *schema = &p->prepared->schema;
    p->unseen[p->unseen_count++] =
        (struct unseen){key_value(p->plan->arena, schema, value),
                        value.type == COLUMN_FLOAT ? value.number : 0, (double)count};
    return true;
}

static bool count_any(void *context, struct cell value, uint64_t count)
{
    struct partition *p = context;
    (void)value;
    p->total += (double)count;
    return true;
}

/* numpy's histogram: [a, b), the last bin closed. */
static bool count_bin(void *context, struct cell value, uint64_t count)
{
    struct partition *p = context;
    double x = cell_number(&p->prepared->schema, value), last = p->edges[p->count];
    if (isnan(x))
        return true;
    p->total += (double)count;
    if (x < p->edges[0]) {
        p->below += (double)count;
    } else if (x > last) {
        p->above += (double)count;
    } else if (x == last) {
        p->observed[p->count - 1] += (double)count;
    } else {
        size_t low = 0, high = p->count;
        while (high - low > 1) {
            size_t middle = (low + high) / 2;
            *(x < p->edges[middle] ? &high : &low) = middle;
        }
        p->observed[low] += (double)count;
    }
    return true;
}

/* scipy's entropy(p, q): both are normalised first. */
static double divergence(const double *p, const double *q, size_t count)
{
    double p_sum = 0, q_sum = 0, sum = 0;
    for (size_t i = 0; i < count; i++) {
        p_sum += p[i];
        q_sum += q[i];
    }
    for (size_t i = 0; i < count; i++) {
        double a = p[i] / p_sum, b = q[i] / q_sum;
        if (a > 0)
            sum += b > 0 ? a * log(a / b) : INFINITY;
    }
    return p_sum > 0 ? sum : NAN;
}

static const struct value *numbers_value(struct arena *arena, const double *numbers, size_t count)
{
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < count; i++)
        list_add(&list, value_float(arena, numbers[i], 0));
    return list_end(&list, 0);
}

static const struct value *bins_value(struct arena *arena, const double *edges, const double *weights,
                                      size_t count, double below, double above)
{
    struct record_builder record = record_begin(arena);
    double tails[2] = {below, above};
    record_set(&record, "bins", numbers_value(arena, edges, count + 1));
    record_set(&record, "weights", numbers_value(arena, weights, count));
    record_set(&record, "tail_weights", numbers_value(arena, tails, 2));
    return record_end(&record, 0);
}

static void holdouts(struct partition *p)
{
    const struct check *check = p->prepared->check;
    size_t zeros = 0;
    for (size_t i = 0; i < p->count; i++) {
        p->expected[i] *= 1 - check->tail_weight_holdout - check->internal_weight_holdout;
        zeros += p->expected[i] == 0;
    }
    for (size_t i = 0; i < p->count && check->internal_weight_holdout > 0 && zeros; i++)
        if (p->expected[i] == 0)
            p->expected[i] = check->internal_weight_holdout / (double)zeros;
}

/* Lays both sides out as [below, bins…, above]; an infinite first or last bin is the tail itself. */
static double bins_divergence(struct partition *p, struct check_result *out)
{
    struct arena *arena = p->plan->arena;
    double hold = p->prepared->check->tail_weight_holdout;
    bool low = isinf(p->edges[0]), high = isinf(p->edges[p->count]);
    holdouts(p);
    size_t first = low, last = p->count - high, inner = last > first ? last - first : 0;
    double *expected = arena_array(arena, inner + 2, sizeof *expected);
    double *observed = arena_array(arena, inner + 2, sizeof *observed);
    double share = low || high ? hold : hold / 2;
    expected[0] = low ? p->expected[0] : p->has_tails ? p->tails[0] : share;
    expected[inner + 1] = high ? p->expected[p->count - 1] : p->has_tails ? p->tails[1] : share;
    observed[0] = (low ? p->observed[0] : p->below) / p->total;
    observed[inner + 1] = (high ? p->observed[p->count - 1] : p->above) / p->total;
    for (size_t i = 0; i < inner; i++) {
        expected[i + 1] = p->expected[first + i];
        observed[i + 1] = p->observed[first + i] / p->total;
    }
    struct record_builder details = record_begin(arena);
    record_set(&details, "observed_partition",
               bins_value(arena, p->edges + first, observed + 1, inner, observed[0], observed[inner + 1]));
    record_set(&details, "expected_partition",
               bins_value(arena, p->edges + first, expected + 1, inner, expected[0], expected[inner + 1]));
    out->details = record_end(&details, 0);
    return divergence(observed, expected, inner + 2);
}

static int by_value(const void *a, const void *b)
{
    const struct unseen *left = a, *right = b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return value_compare(left->value, right->value);
}

/* The same values on both sides: those of the partition, then those that it lacks. */
static void show_categories(struct partition *p, const double *observed, const double *expected,
                            struct check_result *out)
{
    struct arena *arena = p->plan->arena;
    struct list_builder values = list_begin(arena);
    const struct value *given = value_get(p->prepared->check->ranges, "values");
    for (size_t i = 0; i < p->count; i++)
        list_add(&values, given->items[i]);
    for (size_t i = 0; i < p->unseen_count; i++)
        list_add(&values, p->unseen[i].value);
    const struct value *all = list_end(&values, 0);
    struct record_builder details = record_begin(arena);
    const char *const names[] = {"observed_partition", "expected_partition"};
    for (size_t i = 0; i < 2; i++) {
        struct record_builder side = record_begin(arena);
        record_set(&side, "values", all);
        record_set(&side, "weights",
                   numbers_value(arena, i ? expected : observed, p->count + p->unseen_count));
        record_set(&details, names[i], record_end(&side, 0));
    }
    out->details = record_end(&details, 0);
}

static double categories_divergence(struct partition *p, struct check_result *out)
{
    struct arena *arena = p->plan->arena;
    double hold = p->prepared->check->tail_weight_holdout;
    size_t count = p->count + p->unseen_count;
    double *expected = arena_array(arena, count + 1, sizeof *expected);
    double *observed = arena_array(arena, count + 1, sizeof *observed);
    if (p->unseen_count)
        qsort(p->unseen, p->unseen_count, sizeof *p->unseen, by_value);
    for (size_t i = 0; i < p->count; i++) {
        expected[i] = p->expected[i] * (p->unseen_count ? 1 - hold : 1);
        observed[i] = p->total > 0 ? p->observed[i] / p->total : 0;
    }
    for (size_t i = 0; i < p->unseen_count; i++) {
        expected[p->count + i] = hold / (double)p->unseen_count;
        observed[p->count + i] = p->unseen[i].count / p->total;
    }
    show_categories(p, observed, expected, out);
    return divergence(observed, expected, count);
}

/* Without a partition the data is compared with itself, as Great Expectations does: nothing diverges. */
static double own_divergence(struct partition *p, struct check_result *out)
{
    double *weights = arena_array(p->plan->arena, p->unseen_count + 1, sizeof *weights);
    if (p->unseen_count) /* categories */
        qsort(p->unseen, p->unseen_count, sizeof *p->unseen, by_value);
    for (size_t i = 0; i < p->unseen_count; i++)
        weights[i] = p->unseen[i].count / p->total;
    if (p->unseen_count)
        show_categories(p, weights, weights, out);
    return 0;
}

static void judge_divergence(struct partition *p, double threshold, bool no_threshold,
                             struct check_result *out)
{
    if (p->total == 0 && (!p->categories || !p->count)) {
        out->observed = value_null(p->plan->arena, 0);
        out->reason = finish_no_values;
        out->status = no_threshold && !p->prepared->check->ranges ? CHECK_PASSED : CHECK_FAILED;
        return;
    }
    double kl = p->edges                     ? bins_divergence(p, out)
                : p->prepared->check->ranges ? categories_divergence(p, out)
                                             : own_divergence(p, out);
    bool finite = isfinite(kl);
    out->observed = finite ? value_float(p->plan->arena, kl, 0) : value_null(p->plan->arena, 0);
    if (!finite)
        out->reason = p->total == 0
                          ? finish_no_values
                          : "the divergence is infinite: the data has what the partition gives no weight";
    out->status = no_threshold || kl <= threshold ? CHECK_PASSED : CHECK_FAILED;
}

/* Why the data cannot be compared with itself: as bins, with tails of their own, or as categories. */
static const char *own_partition(struct partition *p, bool no_threshold)
{
    const struct check *check = p->prepared->check;
    p->categories = map_new(p->plan->arena);
    if (check->keep_bins)
        return check->internal_weight_holdout > 0 ? "internal_weight_holdout cannot be used with categories"
                                                  : NULL;
    if (check->tail_weight_holdout > 0)
        return "tail_weight_holdout cannot be used without a partition";
    bool texts = p->prepared->schema.type == COLUMN_STRING && !no_threshold;
    return texts ? "bins of the data need a column of numbers; give a partition, or bucketize_data false"
                 : NULL;
}

void finish_partition(struct plan *plan, const struct prepared *prepared, struct distinct *values,
                      struct check_result *out)
{
    const struct check *check = prepared->check;
    struct partition p = {.plan = plan, .prepared = prepared};
    bool no_threshold = !check->max || check->max->kind == VALUE_NULL;
    double threshold = INFINITY;
    const char *why = check->ranges ? read_partition(&p, check->ranges) : own_partition(&p, no_threshold);
    if (!why && !no_threshold && (!number(check->max, &threshold) || threshold < 0))
        why = "the threshold must be a number that is not negative";
    if (!why && p.edges && prepared->schema.type == COLUMN_STRING)
        why = "a partition of bins needs a column of numbers";
    struct data_error error;
    bool bins = p.edges || (!check->ranges && !check->keep_bins);
    if (!why && !distinct_each(values, p.edges ? count_bin : bins ? count_any : count_category, &p, &error))
        why = arena_strdup(plan->arena, error.message);
    if (why)
        finish_error(plan, out, "%s", why);
    else
        judge_divergence(&p, threshold, no_threshold, out);
    buf_free(&p.key);
    free(p.unseen);
}
