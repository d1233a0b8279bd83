#ifndef MLC_RUNTIME_DATA_CHECK_RUN_H
#define MLC_RUNTIME_DATA_CHECK_RUN_H

/* Runs checks over a table: one pass for all of them (a second one only for samples of duplicates and for
 * z-scores), in parallel over chunks. */

#include "runtime/data/check.h"
#include "runtime/data/profile.h"
#include "runtime/data/table.h"

/* Another data set that checks name: a table to read, or a stored profile to compare with. */
struct check_other {
    const char *name;
    struct table *table;           /* NULL: only the profile */
    const struct profile *profile; /* NULL: only the table */
};

/* Zero-initialise: all defaults. */
struct check_options {
    unsigned threads; /* 0: one a core */
    uint64_t memory;  /* bytes before spilling; 0: 1 GiB */
    size_t samples;   /* failing rows kept for each check; 0: 20. CHECK_ALL_SAMPLES: all */
    /* Numbers of distinct values and order statistics may be estimated, in fixed memory; results that are say
     * so. All else, and columns that are small enough, stay exact. */
    bool approximate;
    bool no_samples; /* keep none: no value of the data reaches a result */
    /* As Great Expectations: a text that is not of its column's type makes range and set checks an error,
     * texts have no order, times are no texts to parse, and the ends of quantiles' ranges give way by 1e-4.
     */
    bool strict_types;
    size_t slices;                    /* most slices of one check; 0: 1000 */
    const struct check_other *others; /* the one named "reference" is the default of DRIFT */
    size_t other_count;
    /* Earlier runs for CHANGE: a list of records {"rows": …, "mean(amount)": …}, the latest last; or NULL. */
    const struct value *history;
    int64_t now; /* microseconds since 1970, for AGE; 0: AGE is an error */
};

#define CHECK_ALL_SAMPLES SIZE_MAX

struct check_report {
    uint64_t rows;
    const struct check_result *results; /* in the order of the checks; slices follow their whole */
    size_t result_count;
    const struct table_findings *findings; /* lives with the table */
};

/* False with an error when the table cannot be read; what goes wrong within a check is that check's result.
 * Results live in the arena. */
bool check_run(struct arena *arena, struct table *table, const struct check *checks, size_t count,
               const struct check_options *options, struct check_report *report, struct data_error *error);

/* Takes every value of the data out of a report: failing rows, extremes and quantiles, members of sets, bins,
 * texts of findings. Counts, shares, means and the names of slices, which the caller asked for, stay. */
void check_report_hide(struct arena *arena, struct check_report *report);

/* The measures of this run under the keys that CHANGE looks up, to append to a history. */
const struct value *check_history_entry(struct arena *arena, const struct check_report *report);

#endif
