/* Measures of drift: against facts that can be computed otherwise, and edge rules. */

#include "check_support.h"

#include <math.h>

#include "runtime/data/distributions.h"
#include "runtime/data/drift_run.h"

static void near(double wanted, double found, double tolerance)
{
    if (!(fabs(wanted - found) <= tolerance * fmax(fabs(wanted), 1e-300)))
        fail_msg("expected %.17g, found %.17g", wanted, found);
}

static void tails_of_distributions(void **state)
{
    (void)state;
    near(0.05, chi_square_upper(3.841458820694124, 1), 1e-12);
    near(exp(-5), chi_square_upper(10, 2), 1e-12);
    near(3.613502761509514e-24, chi_square_upper(119.71107337094456, 5), 1e-9);
    near(0.05, normal_two_sided(1.959963984540054), 1e-12);
    near(0.26999967167735456, kolmogorov_upper(1), 1e-12);
    near(0.5, kolmogorov_upper(0.8275735551899077), 1e-9);
    assert_true(chi_square_upper(INFINITY, 3) == 0);
    assert_true(kolmogorov_upper(0) == 1);
}

/* For n = 1 and 2 the distribution of D_n is known in closed form. */
static void kolmogorov_of_small_samples(void **state)
{
    (void)state;
    near(2 * (1 - 0.7), kolmogorov_n_upper(1, 0.7), 1e-12);
    near(2 * 0.4 * 0.4, kolmogorov_n_upper(2, 0.6), 1e-12);
    near(1 - 2 * pow(2 * 0.35 - 0.5, 2), kolmogorov_n_upper(2, 0.35), 1e-12);
    near(0.6846706791645845, kolmogorov_n_upper(100, 0.07), 1e-9);
    near(4.737088885360614e-07, kolmogorov_n_upper(222, 0.184), 1e-9);
}

/* The methods meet where the choice between them changes; the expansion is good to about 1e-6 absolute. */
static void methods_meet(void **state)
{
    (void)state;
    for (uint64_t n = 141; n <= 5000; n = n * 3 / 2) {
        double edge = sqrt(2.2 / (double)n);
        near(kolmogorov_n_upper(n, edge * 0.9999999), kolmogorov_n_upper(n, edge * 1.0000001), 5e-5);
        double other = pow(1.4 / (double)n, 1 / 1.5);
        near(kolmogorov_n_upper(n, other * 0.9999999), kolmogorov_n_upper(n, other * 1.0000001), 5e-5);
    }
}

/* Counts paths one by one. */
static void count_paths(int i, int j, int n, int m, int64_t h, bool touched, double *all, double *hits)
{
    int64_t g = (int64_t)greatest_common_divisor((uint64_t)n, (uint64_t)m);
    int64_t gap = (int64_t)i * (m / g) - (int64_t)j * (n / g);
    touched = touched || gap >= h || gap <= -h;
    if (i == n && j == m) {
        *all += 1;
        *hits += touched;
        return;
    }
    if (i < n)
        count_paths(i + 1, j, n, m, h, touched, all, hits);
    if (j < m)
        count_paths(i, j + 1, n, m, h, touched, all, hits);
}

static void exact_ks_counts_paths(void **state)
{
    (void)state;
    for (int n = 1; n <= 7; n++)
        for (int m = 1; m <= 7; m++) {
            int64_t most = n * m / (int64_t)greatest_common_divisor((uint64_t)n, (uint64_t)m);
            for (int64_t h = 1; h <= most; h++) {
                double all = 0, hits = 0;
                count_paths(0, 0, n, m, h, false, &all, &hits);
                double found = ks_exact_upper((uint64_t)n, (uint64_t)m, (uint64_t)h);
                if (fabs(found - hits / all) > 1e-12)
                    fail_msg("n %d, m %d, h %lld: %.17g, not %.17g", n, m, (long long)h, found, hits / all);
            }
        }
}

static struct drift_side numbers(const double *sorted, size_t count)
{
    return (struct drift_side){.sorted = sorted, .count = count};
}

static void distances_by_hand(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const double a[] = {0, 0, 1, 1}, b[] = {0, 1, 1, 1};
    struct drift_side ref = numbers(a, 4), cur = numbers(b, 4);
    near(0.25 * log(2) + 0.25 * log(1.5), drift_compute(arena, DRIFT_PSI, true, &ref, &cur).value, 1e-12);
    near(0.25, drift_compute(arena, DRIFT_TOTAL_VARIATION, true, &ref, &cur).value, 1e-12);
    near(0.25, drift_compute(arena, DRIFT_L_INFINITY, true, &ref, &cur).value, 1e-12);
    near(0.25 / 0.5, drift_compute(arena, DRIFT_WASSERSTEIN, true, &ref, &cur).value, 1e-12);
    near(sqrt(2 * 0.0625), drift_compute(arena, DRIFT_ENERGY, true, &ref, &cur).value, 1e-12);
    near(0.25, drift_compute(arena, DRIFT_KS, true, &ref, &cur).value, 1e-12);
    struct drift_result same = drift_compute(arena, DRIFT_JS, true, &ref, &ref);
    assert_true(same.computed && same.value == 0 && !same.drifted);
    arena_free(arena);
}

static void edge_rules(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const double five[] = {5, 5, 5}, six[] = {6, 6, 6};
    struct drift_side none = numbers(NULL, 0), ref = numbers(five, 3), cur = numbers(six, 3);
    struct drift_result empty = drift_compute(arena, DRIFT_PSI, true, &none, &ref);
    assert_false(empty.computed);
    assert_non_null(empty.error);
    near(1000, drift_compute(arena, DRIFT_WASSERSTEIN, true, &ref, &cur).value,
         1e-12); /* floor of the deviation */
    struct drift_result chi = drift_compute(arena, DRIFT_CHI_SQUARE, true, &ref, &cur);
    assert_true(isinf(chi.value) && chi.p == 0 && chi.drifted);
    assert_true(drift_compute(arena, DRIFT_Z, true, &ref, &ref).p == 1);
    near(sqrt(log(2)), drift_compute(arena, DRIFT_JS, true, &ref, &cur).value, 1e-12);
    assert_non_null(drift_compute(arena, DRIFT_KS, false, &ref, &cur).error);
    struct drift_result psi = drift_compute(arena, DRIFT_PSI, true, &ref, &cur);
    assert_true(psi.epsilon == 1e-4);
    assert_string_equal(psi.base, "e");
    arena_free(arena);
}

static void choice_follows_type_and_size(void **state)
{
    (void)state;
    assert_int_equal(drift_choose(true, 6, 1000), DRIFT_KS);
    assert_int_equal(drift_choose(true, 5, 1000), DRIFT_CHI_SQUARE);
    assert_int_equal(drift_choose(true, 2, 10), DRIFT_Z);
    assert_int_equal(drift_choose(true, 6, 1001), DRIFT_WASSERSTEIN);
    assert_int_equal(drift_choose(true, 5, 1001), DRIFT_JS);
    assert_int_equal(drift_choose(false, 40, 1001), DRIFT_JS);
    assert_int_equal(drift_choose(false, 3, 10), DRIFT_CHI_SQUARE);
}

static void corrections(void **state)
{
    (void)state;
    const double p[] = {0.01, 0.02, 0.03, 0.2};
    struct drift_result results[4];
    struct drift_result *list[4];
    for (size_t i = 0; i < 4; i++) {
        results[i] =
            (struct drift_result){.measure = DRIFT_KS, .computed = true, .p = p[i], .threshold = 0.05};
        list[i] = &results[i];
    }
    drift_correct(list, 4, DRIFT_CORRECT_BONFERRONI);
    near(0.04, results[0].adjusted_p, 1e-12);
    assert_true(results[0].drifted && !results[1].drifted);
    drift_correct(list, 4, DRIFT_CORRECT_FDR);
    near(0.04, results[0].adjusted_p, 1e-12);
    near(0.04, results[1].adjusted_p, 1e-12);
    near(0.04, results[2].adjusted_p, 1e-12);
    assert_true(results[2].drifted && !results[3].drifted);
}

static char *column_csv(size_t rows, unsigned distinct, unsigned shift)
{
    struct buf csv = {0};
    buf_add_str(&csv, "x,c\n");
    for (size_t i = 0; i < rows; i++)
        buf_printf(&csv, "%zu,%c\n", (i * 31) % distinct + shift, (char)('a' + (i + shift) % 3));
    return buf_take(&csv);
}

/* Every result of one run is that of the other. */
static void same_results(const struct drift_column *a, const struct drift_column *b)
{
    assert_int_equal(a->result_count, b->result_count);
    for (size_t i = 0; i < a->result_count; i++) {
        assert_true(a->results[i].computed);
        assert_true(a->results[i].value == b->results[i].value);
        assert_true(!drift_measure_is_test(a->results[i].measure) || a->results[i].p == b->results[i].p);
        assert_int_equal(a->results[i].bins.bin_count, b->results[i].bins.bin_count);
    }
}

static void profile_and_data(unsigned distinct, struct drift_options *options, const char *kind)
{
    struct arena *arena = arena_new();
    char *ref_path, *cur_path;
    char *ref_csv = column_csv(4000, distinct, 0), *cur_csv = column_csv(3000, distinct, distinct / 10);
    struct table *ref = open_text(ref_csv, &ref_path), *cur = open_text(cur_csv, &cur_path);
    struct data_error error;
    struct drift_report stored, direct;
    struct profile *profile = profile_table(arena, ref, &(struct profile_options){0}, &error);
    assert_non_null(profile);
    const struct value *document = profile_to_value(arena, profile);
    assert_non_null(profile = profile_from_value(arena, document, &error)); /* nothing is lost in the file */
    assert_true(drift_run_profile(arena, profile, cur, options, &stored, &error));
    assert_true(drift_run(arena, ref, cur, options, &direct, &error));
    assert_true(stored.from_profile);
    assert_int_equal(stored.column_count, options->columns ? 1 : 2);
    assert_string_equal(stored.columns[0].histogram.kind, kind);
    for (size_t i = 0; i < stored.column_count; i++)
        same_results(&stored.columns[i], &direct.columns[i]);
    table_close(ref);
    table_close(cur);
    remove(ref_path);
    remove(cur_path);
    free(ref_path);
    free(cur_path);
    free(ref_csv);
    free(cur_csv);
    arena_free(arena);
}

/* A profile that kept all values gives every measure as the data do; another one psi_deciles. */
static void profiles_stand_for_data(void **state)
{
    (void)state;
    static const char *const x[] = {"x"};
    static const char *const all[] = {"psi", "js", "chi_square", "hellinger", "l_infinity"};
    static const char *const numeric[] = {"psi_deciles", "ks", "wasserstein", "energy"};
    static const char *const deciles[] = {"psi_deciles"};
    struct drift_options options = {.measures = all, .measure_count = 5};
    profile_and_data(101, &options, "sturges");
    profile_and_data(7, &options, "categories");
    options =
        (struct drift_options){.columns = x, .column_count = 1, .measures = numeric, .measure_count = 4};
    profile_and_data(101, &options, "sturges");
    options.measures = deciles;
    options.measure_count = 1;
    profile_and_data(2503, &options, "profile");
}

/* A reference given as shares: numbers are counted into its bins during the pass, without being kept. */
static void references_as_shares(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *const x[] = {"x"}, *const c[] = {"c"}, *csv = "x,c\n1,a\n2,a\n3,b\n4,z\n,\n";
    struct check checks[] = {
        {.kind = CHECK_DRIFT,
         .columns = x,
         .column_count = 1,
         .drift = "psi",
         .max = value_float(arena, 0.3, 0),
         .ranges = parse_json(arena, "{\"edges\": [2], \"weights\": [0.25, 0.75]}")},
        {.kind = CHECK_DRIFT,
         .columns = c,
         .column_count = 1,
         .drift = "total_variation",
         .max = value_float(arena, 0.5, 0),
         .ranges = parse_json(arena, "{\"values\": [\"b\", \"a\", \"q\"], \"weights\": [0.5, 0.25, 0.25]}")},
        {.kind = CHECK_DRIFT,
         .columns = x,
         .column_count = 1,
         .drift = "psi",
         .ranges = parse_json(arena, "{\"edges\": [2, 1], \"weights\": [0.2, 0.2, 0.6]}")},
        {.kind = CHECK_DRIFT, .columns = x, .column_count = 1},
    };
    struct check_report report = run_checks(arena, csv, checks, 4, NULL);
    near(0.25 * log(2) + 0.25 * log(1.5), observed_number(&report.results[0]), 1e-12); /* 1, 2 | 3, 4 */
    assert_int_equal(report.results[0].status, CHECK_PASSED);
    near(0.5, observed_number(&report.results[1]), 1e-12);
    assert_int_equal(report.results[2].status, CHECK_ERROR);
    assert_int_equal(report.results[3].status, CHECK_ERROR);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_of_distributions),
        cmocka_unit_test(kolmogorov_of_small_samples),
        cmocka_unit_test(methods_meet),
        cmocka_unit_test(exact_ks_counts_paths),
        cmocka_unit_test(distances_by_hand),
        cmocka_unit_test(edge_rules),
        cmocka_unit_test(choice_follows_type_and_size),
        cmocka_unit_test(corrections),
        cmocka_unit_test(profiles_stand_for_data),
        cmocka_unit_test(references_as_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
