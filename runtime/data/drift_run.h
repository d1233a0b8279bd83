#ifndef MLC_RUNTIME_DATA_DRIFT_RUN_H
#define MLC_RUNTIME_DATA_DRIFT_RUN_H

/* Drift of whole tables: column by column, from the data or from a stored profile of the reference. */

#include "runtime/data/distinct.h"
#include "runtime/data/drift.h"
#include "runtime/data/profile.h"
#include "runtime/data/quantiles.h"

/* Zero-initialise: all defaults. */
struct drift_options {
    unsigned threads;
    uint64_t memory;            /* 0: 1 GiB */
    const char *const *columns; /* NULL: all that both sides have */
    size_t column_count;
    const char *const *measures; /* names; NULL: one chosen by type and size */
    size_t measure_count;
    double threshold; /* < 0 or 0 with !has_threshold: each measure's default */
    bool has_threshold;
    enum drift_correction correction;
    bool approximate; /* numbers are sampled, in fixed memory; results that rest on a sample say so */
    double share;     /* of drifted columns at which the table drifts; 0: 0.5 */
};

struct drift_column {
    const char *name;
    const char *error;   /* the column cannot be compared (missing on one side, types differ) */
    const char *skipped; /* why it was left out: times, identifiers and free text, unless they were named */
    bool numeric;
    uint64_t reference_rows, current_rows, reference_nulls, current_nulls;
    struct drift_bins histogram; /* of both sides, for pictures */
    struct drift_result *results;
    size_t result_count;
    bool drifted;     /* any of the results */
    bool approximate; /* the numbers of a side are a sample */
};

struct drift_report {
    struct drift_column *columns;
    size_t column_count;
    size_t drifted_count, compared_count;
    bool drifted; /* at least `share` of the compared columns */
    bool from_profile;
};

/* False with an error when a table cannot be read. */
bool drift_run(struct arena *arena, struct table *reference, struct table *current,
               const struct drift_options *options, struct drift_report *report, struct data_error *error);
bool drift_run_profile(struct arena *arena, const struct profile *reference, struct table *current,
                       const struct drift_options *options, struct drift_report *report,
                       struct data_error *error);

/* One side from what a scan gathered. */
bool drift_side_of_numbers(struct arena *arena, struct quantiles *numbers, uint64_t nulls,
                           struct drift_side *out, struct data_error *error);
bool drift_side_of_values(struct arena *arena, const struct column_schema *schema, struct distinct *values,
                          uint64_t nulls, struct drift_side *out, struct data_error *error);

/* One column of a table as a side; an error when it is missing or of the other sort. Of the options threads,
 * memory and approximate count; *approximate: the side is a sample. */
bool drift_read_side(struct arena *arena, struct table *table, const char *column, bool numeric,
                     const struct drift_options *options, struct drift_side *out, bool *approximate,
                     struct data_error *error);

/* The whole side again, when the profile kept all values of the column with their counts. */
bool drift_profile_side(struct arena *arena, const struct profile_column *reference, bool numeric,
                        struct drift_side *out);
/* Bins of a profile's histogram, with two open tails, over a current side of numbers; false when the profile
 * lacks them. */
bool drift_profile_bins(struct arena *arena, const struct profile_column *reference,
                        const struct drift_side *current, struct drift_bins *out);

/* The verdict on one result as a document: measure, value (null with a reason when not finite), p, threshold,
 * bins, base, epsilon, method. */
const struct value *drift_result_value(struct arena *arena, const struct drift_result *result);

#endif
