#ifndef MLC_RUNTIME_DATA_CHECK_FINISH_H
#define MLC_RUNTIME_DATA_CHECK_FINISH_H

/* From accumulators to results. Inside the check engine. */

#include "runtime/data/check_engine.h"

/* check_finish*.c: the result of a binding from its accumulators. */
void finish_binding(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                    struct check_result *out);
void finish_schema(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                   struct check_result *out);
void finish_set(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                struct check_result *out);
void finish_against(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                    struct check_result *out);
/* PARTITION_KL, from the counts of the values. */
void finish_partition(struct plan *plan, const struct prepared *prepared, struct distinct *values,
                      struct check_result *out);
/* Entropy and the measures of models, from counts of combinations. */
bool finish_model(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                  enum check_kind kind, double *number, struct check_result *out);
/* Puts in the verdicts of the second pass (all of a z-score, the samples of duplicates). */
void finish_second(struct plan *plan, const struct prepared *prepared, struct verdicts_state *verdicts,
                   struct check_result *out);
/* Fails a slice that is farther from the whole than slice_gap allows. */
void finish_gap(struct plan *plan, const struct prepared *prepared, const struct check_result *whole,
                struct check_result *out);
/* The error of a strict engine about a column of numbers with so many texts in it. */
void finish_mixed(struct plan *plan, const struct prepared *prepared, uint64_t texts,
                  struct check_result *out);
/* Sets counts, samples and status from verdicts; `mostly` decides. */
void finish_verdicts(struct plan *plan, const struct prepared *prepared,
                     const struct verdicts_state *verdicts, struct check_result *out);
/* The number of a measure; false (with an error in `out`) when it cannot be computed. NaN: of nothing. */
bool measure_number(struct plan *plan, const struct binding *binding, enum check_kind kind,
                    struct accumulator_set *set, double *number, struct check_result *out);
/* The MIN or MAX of numbers; infinite values count, NaN: of nothing. */
double extreme_number(enum check_kind kind, const struct moments *moments);
/* Holds a number against min and max; sets observed and status. */
void finish_number(struct plan *plan, const struct prepared *prepared, double number,
                   struct check_result *out);
/* What a bound says as a number (a time of the column as its seconds or days); false when it says none. */
bool bound_number(const struct prepared *prepared, const struct value *value, struct arena *arena,
                  double *out);
/* The bounds as numbers, open ones infinite; false with an error when they are wrong. */
bool number_bounds(struct plan *plan, const struct prepared *prepared, double *low, double *high,
                   struct check_result *out);
/* Why an infinite number was observed as null. */
const char *infinity_reason(double number);
extern const char finish_no_values[];

/* check_exact.c: the measure of a binding without rounding, times in seconds and dates in days; false when it
 * is not known so, or *error was set. */
bool measure_exact(const struct binding *binding, enum check_kind kind, struct accumulator_set *set,
                   struct rational *out, struct data_error *error);
/* Less than 0, 0 or more as the number is smaller than a bound, equal or greater; `rounded` is the bound as a
 * double. */
int compare_bound(const struct prepared *prepared, struct arena *arena, struct rational exact,
                  const struct value *bound, double rounded);
/* Holds it against the bounds of the check. */
void judge_exact(struct plan *plan, const struct prepared *prepared, struct rational exact,
                 struct check_result *out);
/* Sums, medians and quantiles without rounding; false when that is not possible. */
bool finish_exact(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                  struct check_result *out);
/* MIN and MAX: in the column's type. */
void finish_extreme(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                    struct check_result *out);
void finish_error(struct plan *plan, struct check_result *out, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
