/* Computes every measure in a file of reference values (the format of drift_reference.json, with its CSV
 * files beside it) and prints where it differs, and totals. Distances agree to 1e-9 relative, p-values to
 * 1e-6; both to what is left of a double in 1 - x: p-values to 1e-15, sqrt(1 - x) to its square's 1e-14. Exit
 * 1 when any value disagrees. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/data/drift_run.h"
#include "runtime/data/source.h"

struct tally {
    size_t agree, disagree, skipped;
};

struct pair {
    struct arena *arena;
    const char *name;
    bool numeric;
    struct drift_side reference, current;
    struct tally *tally;
};

static bool number_of(const struct value *value, double *out)
{
    if (!value)
        return false;
    if (value->kind == VALUE_STRING && strcmp(value->text, "inf") == 0)
        *out = INFINITY;
    else if (value->kind == VALUE_INT)
        *out = (double)value->integer;
    else if (value->kind == VALUE_FLOAT)
        *out = value->number;
    else
        return false;
    return true;
}

static const double P_TOLERANCE = 1e-6;

static bool is_close(const char *what, double wanted, double found, double tolerance)
{
    double gap = fabs(wanted - found);
    bool root = strncmp(what, "hellinger", 9) == 0;
    return wanted == found || gap <= tolerance * fmax(fabs(wanted), fabs(found)) ||
           (fabs(wanted) < 1e-12 && fabs(found) < 1e-12) || (tolerance == P_TOLERANCE && gap <= 1e-15) ||
           (root && fabs(wanted * wanted - found * found) <= 1e-14);
}

static void report(struct pair *pair, const char *what, double wanted, double found, double tolerance)
{
    bool same = is_close(what, wanted, found, tolerance);
    pair->tally->agree += same;
    pair->tally->disagree += !same;
    if (!same)
        printf("%s %s: expected %.17g, found %.17g\n", pair->name, what, wanted, found);
}

static void expect(struct pair *pair, const struct value *section, const char *key, double found,
                   double tolerance)
{
    double wanted;
    if (number_of(section ? value_get(section, key) : NULL, &wanted))
        report(pair, key, wanted, found, tolerance);
}

static void expect_list(struct pair *pair, const struct value *section, const char *key, const double *found,
                        size_t count)
{
    const struct value *list = section ? value_get(section, key) : NULL;
    if (!list || list->kind != VALUE_LIST)
        return;
    if (list->count != count) {
        printf("%s %s: expected %zu entries, found %zu\n", pair->name, key, list->count, count);
        pair->tally->disagree++;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        double wanted;
        if (number_of(list->items[i], &wanted))
            report(pair, key, wanted, found[i], 1e-9);
    }
}

static struct drift_result compute(struct pair *pair, enum drift_measure measure)
{
    return drift_compute(pair->arena, measure, pair->numeric, &pair->reference, &pair->current);
}

/* --- the sections of one data set --- */

static void check_evidently(struct pair *pair, const struct value *section)
{
    static const struct {
        const char *key;
        enum drift_measure measure;
    } VALUES[] = {
        {"psi", DRIFT_PSI},
        {"kl_div", DRIFT_KL},
        {"jensenshannon_distance_base_e", DRIFT_JS},
        {"jensenshannon_distance_base_2", DRIFT_JS_BASE2},
        {"jensenshannon_divergence_base_e", DRIFT_JS_DIVERGENCE},
        {"linf", DRIFT_L_INFINITY},
        {"tvd", DRIFT_TOTAL_VARIATION},
        {"wasserstein_raw", DRIFT_WASSERSTEIN_RAW},
        {"wasserstein_normed", DRIFT_WASSERSTEIN},
        {"energy_distance", DRIFT_ENERGY},
        {"chisquare_stat", DRIFT_CHI_SQUARE},
        {"z_stat", DRIFT_Z},
    };
    if (!section)
        return;
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++)
        if (value_get(section, VALUES[i].key))
            expect(pair, section, VALUES[i].key, compute(pair, VALUES[i].measure).value, 1e-9);
    if (value_get(section, "chisquare_p"))
        expect(pair, section, "chisquare_p", compute(pair, DRIFT_CHI_SQUARE).p, P_TOLERANCE);
    if (value_get(section, "z_p"))
        expect(pair, section, "z_p", compute(pair, DRIFT_Z).p, P_TOLERANCE);
    if (value_get(section, "hellinger_numeric"))
        expect(pair, section, "hellinger_numeric", compute(pair, DRIFT_HELLINGER).value, 1e-9);
    if (value_get(section, "hellinger_categorical")) {
        struct drift_bins bins =
            drift_evidently_bins(pair->arena, pair->numeric, &pair->reference, &pair->current);
        expect(pair, section, "hellinger_categorical",
               drift_of_bins(pair->arena, DRIFT_HELLINGER, &bins).value, 1e-9);
    }
}

static void check_bins(struct pair *pair, const struct value *set)
{
    const struct value *section = value_get(set, "evidently_bins");
    struct drift_bins bins =
        drift_evidently_bins(pair->arena, pair->numeric, &pair->reference, &pair->current);
    expect_list(pair, section, "edges", bins.edges, bins.edge_count);
    expect_list(pair, section, "ref_counts", bins.reference, bins.bin_count);
    expect_list(pair, section, "cur_counts", bins.current, bins.bin_count);
    if (value_get(set, "evidently_hellinger_edges")) {
        struct drift_result hellinger = compute(pair, DRIFT_HELLINGER);
        expect_list(pair, set, "evidently_hellinger_edges", hellinger.bins.edges, hellinger.bins.edge_count);
    }
}

static void check_deciles(struct pair *pair, const struct value *section)
{
    if (!section)
        return;
    struct drift_result result = compute(pair, DRIFT_PSI_DECILES);
    size_t n = result.bins.bin_count;
    double *ref = arena_array(pair->arena, n + 1, sizeof *ref),
           *cur = arena_array(pair->arena, n + 1, sizeof *cur);
    for (size_t i = 0; i < n; i++) {
        ref[i] = result.bins.reference[i] / (double)pair->reference.count;
        cur[i] = result.bins.current[i] / (double)pair->current.count;
    }
    expect(pair, section, "psi", result.value, 1e-9);
    expect(pair, section, "eps", result.epsilon, 1e-9);
    expect_list(pair, section, "inner_edges", result.bins.edges, result.bins.edge_count);
    expect_list(pair, section, "ref_share", ref, n);
    expect_list(pair, section, "cur_share", cur, n);
}

static void check_ks(struct pair *pair, const struct value *section)
{
    if (!section)
        return;
    struct drift_result result = compute(pair, DRIFT_KS);
    expect(pair, section, "D", result.value, 1e-9);
    expect(pair, section, "p_auto", result.p, P_TOLERANCE);
    if (value_get(section, "p_exact"))
        expect(pair, section, "p_exact", compute(pair, DRIFT_KS_EXACT).p, P_TOLERANCE);
    expect(pair, section, "p_asymp_kstwo_round_en", compute(pair, DRIFT_KS_ASYMPTOTIC).p, P_TOLERANCE);
    expect(pair, section, "p_kolmogorov_limit", compute(pair, DRIFT_KS_LIMIT).p, P_TOLERANCE);
    const struct value *method = value_get(section, "auto_method");
    if (method) {
        bool same = strcmp(value_string_or(method, ""), result.method) == 0 ||
                    strncmp(value_string_or(method, ""), result.method, 5) == 0;
        pair->tally->agree += same;
        pair->tally->disagree += !same;
        if (!same)
            printf("%s auto_method: expected %s, found %s\n", pair->name, value_string_or(method, ""),
                   result.method);
    }
}

static void check_alibi(struct pair *pair, const struct value *section)
{
    if (!section)
        return;
    struct drift_result result = compute(pair, DRIFT_CHI_SQUARE_CONTINGENCY);
    expect(pair, section, "chi2_stat", result.value, 1e-9);
    expect(pair, section, "chi2_p", result.p, P_TOLERANCE);
    expect(pair, section, "df", (double)(result.bins.bin_count - 1), 1e-9);
}

static void check_choice(struct pair *pair, const struct value *wanted)
{
    static const struct {
        const char *name;
        enum drift_measure measure;
    } NAMES[] = {{"ks", DRIFT_KS},
                 {"chisquare", DRIFT_CHI_SQUARE},
                 {"z", DRIFT_Z},
                 {"wasserstein", DRIFT_WASSERSTEIN},
                 {"jensenshannon", DRIFT_JS}};
    if (!wanted)
        return;
    size_t distinct =
        pair->numeric ? drift_distinct(&pair->reference, &pair->current)
                      : drift_evidently_bins(pair->arena, false, &pair->reference, &pair->current).bin_count;
    enum drift_measure found = drift_choose(pair->numeric, distinct, pair->reference.count);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(NAMES[i].name, value_string_or(wanted, "")) == 0) {
            pair->tally->agree += NAMES[i].measure == found;
            pair->tally->disagree += NAMES[i].measure != found;
            if (NAMES[i].measure != found)
                printf("%s default test: expected %s, found %s\n", pair->name, NAMES[i].name,
                       drift_measure_name(found));
        }
}

static bool read_side(struct pair *pair, const char *folder, const struct value *path, struct drift_side *out)
{
    const char *file = file_join(pair->arena, folder, value_string_or(path, ""));
    struct column_option column = {.name = "x", .type = pair->numeric ? "float" : "string"};
    struct table_options options = {.columns = &column, .column_count = 1, .header = HEADER_YES};
    struct data_error error;
    struct table *table = table_open(&file, 1, &options, &error);
    bool good = table && drift_read_side(pair->arena, table, "x", pair->numeric,
                                         &(struct drift_options){.threads = 1}, out, &(bool){false}, &error);
    if (!good)
        fprintf(stderr, "drift_reference: %s\n", error.message);
    if (table)
        table_close(table);
    return good;
}

/* Measures that mlc does not offer. */
static void count_skipped(struct tally *tally, const struct value *set)
{
    static const char *const OTHERS[] = {"other", "mmd"};
    for (size_t i = 0; i < 2; i++)
        if (value_get(set, OTHERS[i]))
            tally->skipped += value_get(set, OTHERS[i])->field_count;
}

static bool check_set(const char *folder, const char *name, const struct value *set, struct tally *tally)
{
    struct arena *arena = arena_new();
    struct pair pair = {.arena = arena, .name = name, .tally = tally};
    const struct value *files = value_get(set, "files");
    pair.numeric = strcmp(value_string_or(value_get(set, "type"), ""), "num") == 0;
    bool good = files && files->kind == VALUE_LIST && files->count == 2 &&
                read_side(&pair, folder, files->items[0], &pair.reference) &&
                read_side(&pair, folder, files->items[1], &pair.current);
    if (good) {
        expect(&pair, set, "n_ref", (double)pair.reference.count, 0);
        expect(&pair, set, "n_cur", (double)pair.current.count, 0);
        check_choice(&pair, value_get(set, "evidently_default_test"));
        check_bins(&pair, set);
        check_evidently(&pair, value_get(set, "evidently"));
        check_deciles(&pair, value_get(set, "psi_deciles"));
        check_ks(&pair, value_get(set, "ks"));
        check_alibi(&pair, value_get(set, "alibi"));
        count_skipped(tally, set);
    }
    arena_free(arena);
    return good;
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct buf text = {0};
    struct tally tally = {0};
    const char *why = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: drift_reference FILE\n");
        return 64;
    }
    bool good = file_read(argv[1], (size_t)1 << 30, &text) == 0;
    const struct value *document = good ? json_read_text(arena, buf_str(&text), text.length, &why) : NULL;
    const struct value *sets = document ? value_get(document, "datasets") : NULL;
    const char *slash = strrchr(argv[1], '/');
    const char *folder = slash ? arena_copy(arena, argv[1], (size_t)(slash - argv[1])) : ".";
    if (!sets) {
        fprintf(stderr, "drift_reference: %s: %s\n", argv[1],
                why ? why : "cannot be read, or has no data sets");
        good = false;
    }
    for (size_t i = 0; sets && sets->kind == VALUE_RECORD && i < sets->field_count; i++)
        good = check_set(folder, sets->fields[i].key, sets->fields[i].value, &tally) && good;
    for (size_t i = 0; sets && sets->kind == VALUE_LIST && i < sets->count; i++)
        good = check_set(folder, value_string_or(value_get(sets->items[i], "name"), "?"), sets->items[i],
                         &tally) &&
               good;
    printf("values %zu, agree %zu, disagree %zu, skipped %zu (measures that are not offered)\n",
           tally.agree + tally.disagree, tally.agree, tally.disagree, tally.skipped);
    buf_free(&text);
    arena_free(arena);
    return good && tally.disagree == 0 ? 0 : 1;
}
