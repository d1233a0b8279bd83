#ifndef MLC_RUNTIME_DATA_DRIFT_H
#define MLC_RUNTIME_DATA_DRIFT_H

/* Distances and tests between a reference and a current column. Formulas, bins and edge rules:
 * docs/data-checks.md, section "Drift". Functions of samples want sorted values without nulls and
 * non-finite numbers; functions of counts want both sides over the same bins. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/value.h"

enum drift_measure {
#define DRIFT_ROW(name, text, from, better) DRIFT_##name,
#include "runtime/data/drift_measures.def"
#undef DRIFT_ROW
    DRIFT_MEASURE_COUNT
};

const char *drift_measure_name(enum drift_measure measure);
/* The measure of a name, or DRIFT_MEASURE_COUNT. */
enum drift_measure drift_measure_by_name(const char *name);
/* The value at which a column counts as drifted; for a test the level of p. */
double drift_default_threshold(enum drift_measure measure);
bool drift_measure_is_test(enum drift_measure measure);       /* has a p-value: drifted when p is small */
bool drift_measure_needs_samples(enum drift_measure measure); /* cannot be computed from counts per bin */

/* Counts of both sides over the same bins. */
struct drift_bins {
    const char *kind; /* "sturges", "categories", "deciles", "given" */
    const double
        *edges; /* bin_count + 1 of them ("deciles", "given", "profile": bin_count - 1 inner ones), or NULL */
    size_t edge_count;
    const struct value *const *keys; /* categories: bin_count of them, or NULL */
    const double *reference;         /* counts, bin_count of each */
    const double *current;
    size_t bin_count;
};

/* A column of one side. Numeric: `sorted` values; categorical: `keys` with `counts`. */
struct drift_side {
    const double *sorted;
    size_t count;                    /* values without nulls */
    size_t null_count;               /* nulls and non-finite values that were dropped */
    const struct value *const *keys; /* sorted by value_compare, distinct */
    const uint64_t *counts;
    size_t key_count;
};

struct drift_result {
    enum drift_measure measure;
    bool computed; /* false: `error` says why */
    const char *error;
    double value; /* the distance, or the statistic of a test; may be infinite (reason in details) */
    double p;     /* tests; NaN for distances */
    double threshold;
    bool drifted;
    double adjusted_p;      /* after correction over columns; NaN before */
    struct drift_bins bins; /* bin_count 0 when the measure uses none */
    double epsilon;         /* what a share of zero was set to; 0: shares were not filled */
    const char *base;       /* "e": natural logarithm, "" when no logarithm is taken */
    const char *method;     /* "exact", "asymptotic", "yates" … or "" */
    bool approximate;       /* from samples of the numbers: DRIFT_ESTIMATE_BOUND says how good */
};

#define DRIFT_ESTIMATE_BOUND                                                                                 \
    "from samples of 65,536 rows of a side: shares are right within 0.4 % (two standard errors)"

/* Computes one measure. `numeric` says which half of the sides is filled. Results live in the arena. */
struct drift_result drift_compute(struct arena *arena, enum drift_measure measure, bool numeric,
                                  const struct drift_side *reference, const struct drift_side *current);

/* The same for counts over given bins, e.g. of stored profiles: PSI, KL, JS, chi-square, Hellinger, total
 * variation, L-infinity. */
struct drift_result drift_of_bins(struct arena *arena, enum drift_measure measure,
                                  const struct drift_bins *bins);

/* The measure that Evidently would choose by type, distinct values (of both sides) and reference size. */
enum drift_measure drift_choose(bool numeric, size_t distinct, size_t reference_count);

/* Binning of Evidently: Sturges over the pooled range, or one bin a value (categories, and numbers with at
 * most 20 distinct reference values). */
struct drift_bins drift_evidently_bins(struct arena *arena, bool numeric, const struct drift_side *reference,
                                       const struct drift_side *current);
/* Inner edges at the deciles of the reference, duplicates merged. Numeric only. */
struct drift_bins drift_decile_bins(struct arena *arena, const struct drift_side *reference,
                                    const struct drift_side *current);

/* The same from edges and counts of the reference that were kept. */
struct drift_bins drift_kept_decile_bins(struct arena *arena, const double *edges, size_t edge_count,
                                         const uint64_t *reference, const struct drift_side *current);

/* The pieces of the binnings: distinct values of both sides; edges of numpy's Sturges rule over the range of
 * both for a sample of `sample` values; counts in [a, b) with the last bin closed. */
size_t drift_distinct(const struct drift_side *a, const struct drift_side *b);
double *drift_sturges_edges(struct arena *arena, const struct drift_side *a, const struct drift_side *b,
                            size_t sample, size_t *bins);
double *drift_histogram(struct arena *arena, const struct drift_side *side, const double *edges, size_t bins);

enum drift_correction { DRIFT_CORRECT_NONE, DRIFT_CORRECT_BONFERRONI, DRIFT_CORRECT_FDR };

/* Sets adjusted_p and drifted of the computed tests among `results`: at level `threshold` of each. */
void drift_correct(struct drift_result *const *results, size_t count, enum drift_correction correction);

#endif
