#include "runtime/data/drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/distributions.h"

enum needs { FROM_BINS, FROM_SAMPLES, FROM_TEST_BINS, FROM_TEST_SAMPLES };

static const struct {
    const char *name;
    enum needs from;
    double threshold;
} MEASURES[] = {
#define DRIFT_ROW(name, text, from, threshold) {text, FROM_##from, threshold},
#include "runtime/data/drift_measures.def"
#undef DRIFT_ROW
};

static const double EPSILON = 1e-4;          /* what a share of zero becomes */
static const size_t EXACT_KS_LIMIT = 10000;  /* above it the asymptotic p, as scipy does */
static const double DEVIATION_FLOOR = 0.001; /* of the reference, for the normed Wasserstein distance */

const char *drift_measure_name(enum drift_measure measure)
{
    return MEASURES[measure].name;
}

enum drift_measure drift_measure_by_name(const char *name)
{
    for (unsigned i = 0; i < DRIFT_MEASURE_COUNT; i++)
        if (strcmp(MEASURES[i].name, name) == 0)
            return (enum drift_measure)i;
    return DRIFT_MEASURE_COUNT;
}

double drift_default_threshold(enum drift_measure measure)
{
    return MEASURES[measure].threshold;
}

bool drift_measure_is_test(enum drift_measure measure)
{
    return MEASURES[measure].from == FROM_TEST_BINS || MEASURES[measure].from == FROM_TEST_SAMPLES;
}

bool drift_measure_needs_samples(enum drift_measure measure)
{
    return MEASURES[measure].from == FROM_SAMPLES || MEASURES[measure].from == FROM_TEST_SAMPLES;
}

enum drift_measure drift_choose(bool numeric, size_t distinct, size_t reference_count)
{
    if (reference_count > 1000)
        return numeric && distinct > 5 ? DRIFT_WASSERSTEIN : DRIFT_JS;
    if (numeric && distinct > 5)
        return DRIFT_KS;
    return distinct <= 2 ? DRIFT_Z : DRIFT_CHI_SQUARE;
}

/* --- distances of shares --- */

static double total(const double *counts, size_t count)
{
    struct exact_sum sum = {0};
    for (size_t i = 0; i < count; i++)
        sum_add(&sum, counts[i]);
    return sum_value(&sum);
}

static double *shares(struct arena *arena, const double *counts, size_t count)
{
    double *out = arena_array(arena, count + 1, sizeof *out), sum = total(counts, count);
    for (size_t i = 0; i < count; i++)
        out[i] = sum > 0 ? counts[i] / sum : 0;
    return out;
}

/* Evidently: zeros become 1e-4, or a millionth of the least share when that is no more than 1e-4. */
static double fill(double *share, size_t count)
{
    double least = INFINITY, epsilon;
    for (size_t i = 0; i < count; i++)
        least = share[i] > 0 && share[i] < least ? share[i] : least;
    epsilon = least <= EPSILON ? least / 1e6 : EPSILON;
    for (size_t i = 0; i < count; i++)
        share[i] = share[i] == 0 ? epsilon : share[i];
    return epsilon;
}

static void floor_shares(double *share, size_t count)
{
    for (size_t i = 0; i < count; i++)
        share[i] = share[i] < EPSILON ? EPSILON : share[i];
}

static double psi(const double *r, const double *c, size_t count)
{
    struct exact_sum sum = {0};
    for (size_t i = 0; i < count; i++)
        sum_add(&sum, (r[i] - c[i]) * log(r[i] / c[i]));
    return sum_value(&sum);
}

static double kl(const double *p, const double *q, size_t count)
{
    double p_sum = total(p, count), q_sum = total(q, count);
    struct exact_sum sum = {0};
    for (size_t i = 0; i < count; i++) {
        double a = p[i] / p_sum, b = q[i] / q_sum;
        if (a > 0)
            sum_add(&sum, b > 0 ? a * log(a / b) : INFINITY);
    }
    return sum_value(&sum);
}

static double js_divergence(const double *p, const double *q, size_t count)
{
    struct exact_sum sum = {0};
    for (size_t i = 0; i < count; i++) {
        double m = (p[i] + q[i]) / 2;
        if (p[i] > 0)
            sum_add(&sum, p[i] * log(p[i] / m));
        if (q[i] > 0)
            sum_add(&sum, q[i] * log(q[i] / m));
    }
    double value = sum_value(&sum) / 2;
    return value < 0 ? 0 : value;
}

static double total_variation(const double *p, const double *q, size_t count, bool largest)
{
    struct exact_sum sum = {0};
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        sum_add(&sum, fabs(p[i] - q[i]));
        most = fmax(most, fabs(p[i] - q[i]));
    }
    return largest ? most : sum_value(&sum) / 2;
}

/* Bins over a range: Evidently's sum of densities times the mean width, so that a bin that rounding made
 * narrow counts for more (values near 2^53, or cents around a billion). */
static double stretch(const struct drift_bins *bins, size_t i)
{
    const double *edges = bins->edges;
    if (bins->edge_count != bins->bin_count + 1)
        return 1;
    double mean = (edges[bins->bin_count] - edges[0]) / (double)bins->bin_count;
    double width = edges[i + 1] - edges[i];
    return width > 0 && isfinite(mean) ? mean / width : 1;
}

static double hellinger(const struct drift_bins *bins, const double *p, const double *q)
{
    struct exact_sum sum = {0};
    for (size_t i = 0; i < bins->bin_count; i++)
        sum_add(&sum, sqrt(p[i] * q[i]) * stretch(bins, i));
    double overlap = sum_value(&sum);
    return sqrt(1 - (overlap > 1 ? 1 : overlap));
}

/* --- tests on counts --- */

static void chi_square(const struct drift_bins *bins, struct drift_result *out)
{
    double n_ref = total(bins->reference, bins->bin_count), n_cur = total(bins->current, bins->bin_count);
    struct exact_sum sum = {0};
    for (size_t i = 0; i < bins->bin_count; i++) {
        double expected = bins->reference[i] * (n_cur / n_ref), gap = bins->current[i] - expected;
        if (expected > 0)
            sum_add(&sum, gap * gap / expected);
        else if (gap > 0)
            sum.sum = INFINITY;
    }
    out->value = sum_value(&sum);
    out->p = bins->bin_count > 1 ? chi_square_upper(out->value, (double)(bins->bin_count - 1)) : 1;
    out->method = "one-sample";
}

static void chi_square_contingency(const struct drift_bins *bins, struct drift_result *out)
{
    double n_ref = total(bins->reference, bins->bin_count), n_cur = total(bins->current, bins->bin_count);
    size_t used = 0;
    struct exact_sum sum = {0};
    for (size_t i = 0; i < bins->bin_count; i++)
        used += bins->reference[i] + bins->current[i] > 0;
    for (size_t i = 0; i < bins->bin_count; i++) {
        double column = bins->reference[i] + bins->current[i];
        double expected[] = {n_ref * column / (n_ref + n_cur), n_cur * column / (n_ref + n_cur)};
        double found[] = {bins->reference[i], bins->current[i]};
        for (size_t side = 0; side < 2 && column > 0; side++) {
            double gap = fabs(found[side] - expected[side]);
            if (used == 2)
                gap -= fmin(0.5, gap);
            sum_add(&sum, gap * gap / expected[side]);
        }
    }
    out->value = sum_value(&sum);
    out->p = used > 1 ? chi_square_upper(out->value, (double)(used - 1)) : 1;
    out->method = used == 2 ? "contingency, yates" : "contingency";
}

static void z_test(const struct drift_bins *bins, struct drift_result *out)
{
    if (bins->bin_count > 2) {
        out->error = "the Z test wants at most two values";
        return;
    }
    double n1 = total(bins->reference, bins->bin_count), n2 = total(bins->current, bins->bin_count);
    double hits1 = bins->bin_count == 2 ? bins->reference[1] : 0,
           hits2 = bins->bin_count == 2 ? bins->current[1] : 0;
    double pooled = (hits1 + hits2) / (n1 + n2);
    out->method = "two proportions";
    if (pooled <= 0 || pooled >= 1) {
        out->value = 0;
        out->p = 1;
        return;
    }
    out->value = (hits1 / n1 - hits2 / n2) / sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
    out->p = normal_two_sided(out->value);
}

/* --- samples --- */

/* Walks the pooled sorted values; calls for each step between neighbours. */
struct walk {
    const struct drift_side *a, *b;
    size_t i, j;
};

static bool next_value(struct walk *w, double *value)
{
    if (w->i == w->a->count && w->j == w->b->count)
        return false;
    double x = w->i < w->a->count ? w->a->sorted[w->i] : INFINITY;
    double y = w->j < w->b->count ? w->b->sorted[w->j] : INFINITY;
    *value = x < y ? x : y;
    while (w->i < w->a->count && w->a->sorted[w->i] == *value)
        w->i++;
    while (w->j < w->b->count && w->b->sorted[w->j] == *value)
        w->j++;
    return true;
}

/* Integral of |F - G| (or its square) over the pooled points. */
static double area(const struct drift_side *a, const struct drift_side *b, bool squared)
{
    struct walk w = {a, b, 0, 0};
    struct exact_sum sum = {0};
    double before = 0, value, gap = 0;
    for (bool first = true; next_value(&w, &value); first = false) {
        if (!first)
            sum_add(&sum, (squared ? gap * gap : fabs(gap)) * (value - before));
        gap = (double)w.i / (double)a->count - (double)w.j / (double)b->count;
        before = value;
    }
    return sum_value(&sum);
}

static double population_deviation(const struct drift_side *side)
{
    struct exact_sum sum = {0}, squares = {0};
    for (size_t i = 0; i < side->count; i++)
        sum_add(&sum, side->sorted[i]);
    double mean = sum_value(&sum) / (double)side->count;
    for (size_t i = 0; i < side->count; i++)
        sum_add(&squares, (side->sorted[i] - mean) * (side->sorted[i] - mean));
    return sqrt(sum_value(&squares) / (double)side->count);
}

/* The largest gap of the two distribution functions in units of 1 / lcm(n, m): an exact integer. */
static uint64_t ks_gap(const struct drift_side *a, const struct drift_side *b, uint64_t *unit)
{
    uint64_t g = greatest_common_divisor(a->count, b->count), most = 0;
    int64_t step_a = (int64_t)(b->count / g), step_b = (int64_t)(a->count / g);
    struct walk w = {a, b, 0, 0};
    double value;
    while (next_value(&w, &value)) {
        __int128 gap = (__int128)w.i * step_a - (__int128)w.j * step_b;
        uint64_t size = (uint64_t)(gap < 0 ? -gap : gap);
        most = size > most ? size : most;
    }
    *unit = g;
    return most;
}

static void ks_test(enum drift_measure measure, const struct drift_side *a, const struct drift_side *b,
                    struct drift_result *out)
{
    uint64_t g, gap = ks_gap(a, b, &g);
    double n = (double)a->count, m = (double)b->count;
    out->value = (double)gap / (n * m / (double)g);
    bool small = a->count <= EXACT_KS_LIMIT && b->count <= EXACT_KS_LIMIT;
    if (measure == DRIFT_KS_EXACT && (a->count > 100000 || b->count > 100000)) {
        out->error = "the exact p is too costly for more than 100,000 values";
        return;
    }
    if (measure == DRIFT_KS_EXACT || (measure == DRIFT_KS && small)) {
        out->p = ks_exact_upper(a->count, b->count, gap);
        out->method = "exact";
    } else if (measure == DRIFT_KS_LIMIT) {
        out->p = kolmogorov_upper(sqrt(n * m / (n + m)) * out->value);
        out->method = "limit";
    } else {
        out->p = kolmogorov_n_upper((uint64_t)rint(n * m / (n + m)), out->value);
        out->method = "asymptotic";
    }
}

/* Hellinger of numbers has bins of its own: Sturges over the distinct values. */
static struct drift_bins hellinger_bins(struct arena *arena, const struct drift_side *a,
                                        const struct drift_side *b)
{
    struct drift_bins bins = {.kind = "sturges over distinct values"};
    bins.edges = drift_sturges_edges(arena, a, b, drift_distinct(a, b), &bins.bin_count);
    bins.edge_count = bins.bin_count + 1;
    bins.reference = drift_histogram(arena, a, bins.edges, bins.bin_count);
    bins.current = drift_histogram(arena, b, bins.edges, bins.bin_count);
    return bins;
}

/* --- doors --- */

static void conclude(struct drift_result *out)
{
    if (out->error)
        return;
    out->computed = !isnan(out->value);
    if (!out->computed)
        out->error = "the measure is not defined for these values";
    else if (drift_measure_is_test(out->measure))
        out->drifted = out->measure == DRIFT_KS || out->measure == DRIFT_KS_EXACT ||
                               out->measure == DRIFT_KS_ASYMPTOTIC || out->measure == DRIFT_KS_LIMIT
                           ? out->p <= out->threshold
                           : out->p < out->threshold;
    else
        out->drifted =
            out->measure == DRIFT_ENERGY ? out->value > out->threshold : out->value >= out->threshold;
}

static struct drift_result begin(enum drift_measure measure)
{
    return (struct drift_result){.measure = measure,
                                 .value = NAN,
                                 .p = NAN,
                                 .adjusted_p = NAN,
                                 .threshold = drift_default_threshold(measure),
                                 .base = "",
                                 .method = ""};
}

struct drift_result drift_of_bins(struct arena *arena, enum drift_measure measure,
                                  const struct drift_bins *bins)
{
    struct drift_result out = begin(measure);
    size_t n = bins->bin_count;
    out.bins = *bins;
    if (n == 0 || total(bins->reference, n) == 0 || total(bins->current, n) == 0) {
        out.error = "one side has no values";
        return out;
    }
    double *p = shares(arena, bins->reference, n), *q = shares(arena, bins->current, n);
    switch (measure) {
    case DRIFT_PSI:
    case DRIFT_KL:
        out.epsilon = fmin(fill(p, n), fill(q, n));
        out.value = measure == DRIFT_PSI ? psi(p, q, n) : kl(p, q, n);
        out.base = "e";
        break;
    case DRIFT_PSI_DECILES:
        floor_shares(p, n);
        floor_shares(q, n);
        out.epsilon = EPSILON;
        out.value = psi(p, q, n);
        out.base = "e";
        break;
    case DRIFT_JS:
        out.value = sqrt(js_divergence(p, q, n));
        out.base = "e";
        break;
    case DRIFT_JS_BASE2:
        out.value = sqrt(js_divergence(p, q, n) / log(2));
        out.base = "2";
        break;
    case DRIFT_JS_DIVERGENCE:
        out.value = js_divergence(p, q, n);
        out.base = "e";
        break;
    case DRIFT_JS_DIVERGENCE_BASE2:
        out.value = js_divergence(p, q, n) / log(2);
        out.base = "2";
        break;
    case DRIFT_HELLINGER:
        out.value = hellinger(bins, p, q);
        break;
    case DRIFT_TOTAL_VARIATION:
    case DRIFT_L_INFINITY:
        out.value = total_variation(p, q, n, measure == DRIFT_L_INFINITY);
        break;
    case DRIFT_CHI_SQUARE:
        chi_square(bins, &out);
        break;
    case DRIFT_CHI_SQUARE_CONTINGENCY:
        chi_square_contingency(bins, &out);
        break;
    case DRIFT_Z:
        z_test(bins, &out);
        break;
    default:
        out.error = "the measure needs the values themselves, not counts";
        break;
    }
    conclude(&out);
    return out;
}

static void of_samples(enum drift_measure measure, const struct drift_side *a, const struct drift_side *b,
                       struct drift_result *out)
{
    switch (measure) {
    case DRIFT_WASSERSTEIN:
        out->value = area(a, b, false) / fmax(population_deviation(a), DEVIATION_FLOOR);
        return;
    case DRIFT_WASSERSTEIN_RAW:
        out->value = area(a, b, false);
        return;
    case DRIFT_ENERGY:
        out->value = sqrt(2 * area(a, b, true));
        return;
    default:
        ks_test(measure, a, b, out);
        return;
    }
}

struct drift_result drift_compute(struct arena *arena, enum drift_measure measure, bool numeric,
                                  const struct drift_side *reference, const struct drift_side *current)
{
    struct drift_result out = begin(measure);
    if ((numeric ? reference->count : reference->key_count) == 0 ||
        (numeric ? current->count : current->key_count) == 0) {
        out.error = "one side has no values";
        return out;
    }
    if (!numeric && (drift_measure_needs_samples(measure) || measure == DRIFT_PSI_DECILES)) {
        out.error = "the measure needs a column of numbers";
        return out;
    }
    if (drift_measure_needs_samples(measure)) {
        of_samples(measure, reference, current, &out);
        conclude(&out);
        return out;
    }
    struct drift_bins bins = measure == DRIFT_PSI_DECILES ? drift_decile_bins(arena, reference, current)
                             : measure == DRIFT_HELLINGER && numeric
                                 ? hellinger_bins(arena, reference, current)
                                 : drift_evidently_bins(arena, numeric, reference, current);
    return drift_of_bins(arena, measure, &bins);
}

/* --- many columns --- */

static int by_p(const void *a, const void *b)
{
    double x = (*(struct drift_result *const *)a)->p, y = (*(struct drift_result *const *)b)->p;
    return (x > y) - (x < y);
}

void drift_correct(struct drift_result *const *results, size_t count, enum drift_correction correction)
{
    struct drift_result **tests = mem_alloc((count + 1) * sizeof *tests);
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (results[i]->computed && drift_measure_is_test(results[i]->measure))
            tests[n++] = results[i];
    qsort(tests, n, sizeof *tests, by_p);
    double above = 1;
    for (size_t i = n; i-- > 0;) {
        double p = tests[i]->p;
        if (correction == DRIFT_CORRECT_BONFERRONI)
            p = fmin(1, p * (double)n);
        else if (correction ==
                 DRIFT_CORRECT_FDR) /* Benjamini and Hochberg: monotone from the largest p down */
            p = above = fmin(above, p * (double)n / (double)(i + 1));
        tests[i]->adjusted_p = p;
        tests[i]->drifted = correction == DRIFT_CORRECT_NONE ? tests[i]->drifted : p < tests[i]->threshold;
    }
    free(tests);
}
