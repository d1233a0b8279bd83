#ifndef MLC_RUNTIME_DATA_CHECK_H
#define MLC_RUNTIME_DATA_CHECK_H

/* Checks of a table as plain records: what is asked (`struct check`) and what was found (`struct
 * check_result`). Semantics of every kind, and where other tools differ: docs/data-checks.md.
 * Arguments and observed values are core values (null, bool, int, float, string, list, record); a bound or a
 * set of a time column is given as text and parsed to the column's type. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/expr.h"
#include "core/value.h"
#include "runtime/data/quantiles.h"

enum check_kind {
#define CHECK_ROW(name, text, group, least, most) CHECK_##name,
#include "runtime/data/check_kinds.def"
#undef CHECK_ROW
    CHECK_KIND_COUNT
};

enum check_group {
    CHECK_GROUP_SCHEMA,
    CHECK_GROUP_EACH,
    CHECK_GROUP_MEASURE,
    CHECK_GROUP_SET,
    CHECK_GROUP_AGAINST
};

struct check_kind_info {
    const char *name;
    enum check_group group;
    unsigned least_columns, most_columns;
};

const struct check_kind_info *check_kind_info(enum check_kind kind);
/* The kind of a name ("null_fraction"), or CHECK_KIND_COUNT. */
enum check_kind check_kind_by_name(const char *name);

enum check_severity { CHECK_CRITICAL, CHECK_WARNING }; /* a warning never makes the run fail */

/* Which rows of several columns are left out because values are missing. DEFAULT: all (of two: both). */
enum check_ignore {
    CHECK_IGNORE_DEFAULT,
    CHECK_IGNORE_ALL_MISSING,
    CHECK_IGNORE_ANY_MISSING,
    CHECK_IGNORE_NEVER
};

/* One expectation. Zero-initialise; a member that a kind does not name is not read by it. */
struct check {
    enum check_kind kind;
    const char *label; /* what reports call it; NULL: made from kind and columns */
    const char *const *columns;
    size_t column_count;

    /* MEASURE, BETWEEN, LENGTH, COLUMN_COUNT, CHANGE: the bounds; NULL: open. Z_SCORE, PARTITION_KL, DRIFT:
     * `max` is the threshold. NOT_OUTLIER: `max` is the multiplier of the spread. SUM_EQUAL: `min` is the
     * sum. COLUMN_EXISTS: `min` is the index, or NULL. */
    const struct value *min, *max;
    bool strict_min, strict_max;
    bool bounds_required; /* no bound at all is the check's error (else: always true) */

    /* Sets, names, patterns, formats, types, quantiles: a list, or NULL/null where the kind allows none.
     * PAIR_IN_SET: a list of pairs. FORMAT, STRFTIME, JSON_SCHEMA: a list of one. QUANTILES: the fractions.
     */
    const struct value *set;
    /* QUANTILES: a list of [low, high]; PARTITION_KL: the partition object; DRIFT: the reference as shares,
     * {"edges": inner edges, "weights": …} with bins (e[i-1], e[i]], or {"values", "weights"}; or NULL. */
    const struct value *ranges;

    double mostly;                  /* EACH: the least share of good rows; set it to 1 when none is given */
    double quantile;                /* QUANTILE: 0..1 */
    enum rank_method interpolation; /* QUANTILE(S); zero: linear */
    enum check_ignore ignore;
    bool strictly;     /* INCREASING, DECREASING */
    bool or_equal;     /* PAIR_GREATER */
    bool match_all;    /* MATCHES, LIKE: every pattern must match, else any */
    bool anchored;     /* MATCHES: at both ends; else a search */
    bool python;       /* MATCHES: the patterns are those of Python's `re` (python_pattern.h) */
    bool exact;        /* COLUMNS_MATCH_SET: no other column may be there */
    bool ties_okay;    /* MOST_COMMON_IN_SET */
    bool double_sided; /* Z_SCORE */
    bool flat_good;    /* Z_SCORE: without a spread every value is good; else none is */
    bool about_mean;   /* NOT_OUTLIER: by the deviation from the mean, else by the quartiles */
    double tail_weight_holdout, internal_weight_holdout; /* PARTITION_KL */
    bool keep_bins;                                      /* PARTITION_KL: bucketize_data = false */

    const struct expr *satisfies; /* SATISFIES: columns are EXPR_NAME; null counts as false */
    const struct expr *where;     /* only rows for which this is true; NULL: all */
    const char *const
        *slice_by; /* one result for each combination of these columns' values, besides the whole */
    size_t slice_count;
    int64_t slice_least;           /* slices with fewer rows are reported as too small, not judged */
    const struct value *slice_gap; /* MEASURE: a slice may differ from the whole by at most this; NULL: any */

    const char *other;                /* EXISTS_IN, *_OTHER, DRIFT: name of the other data set or reference */
    const char *const *other_columns; /* NULL: the same names */
    enum check_kind measure;          /* CHANGE, MEASURE_EQUAL_OTHER: the measure that is compared */
    unsigned last;                    /* CHANGE: how many earlier runs to average; 0: 1 */
    const char *drift;                /* DRIFT: the measure's name ("psi"); NULL: chosen by type and size */
    const struct value *positive;     /* model measures: the favourable or positive class; NULL: 1 or true */

    enum check_severity severity;
    const struct value *error; /* not NULL: the arguments were refused (a string says why) */
    const struct value *meta;  /* carried to the result untouched */
    origin origin;             /* where it was written */
};

struct check_sample {
    uint64_t row;              /* from 0, data rows only */
    const struct value *value; /* the column's value, or a record of the columns' */
};

enum check_status { CHECK_PASSED, CHECK_FAILED, CHECK_ERROR, CHECK_SKIPPED };

struct check_result {
    const struct check *check;
    const char *slice;            /* "country=DE", or NULL for the whole */
    enum check_status status;     /* CHECK_SKIPPED: slice too small, or no earlier run to compare with */
    const struct value *observed; /* NULL: none, or null with `reason` */
    const char *reason;           /* why observed is null, or what is special about the verdict; NULL */
    const char *error;            /* CHECK_ERROR: why it could not be computed */
    bool counted;                 /* the five below are set */
    uint64_t element_count;       /* rows after `where` */
    uint64_t missing_count;
    uint64_t unexpected_count;
    double unexpected_percent;          /* of the rows that are judged; 0..100 */
    const struct check_sample *samples; /* in order of rows */
    size_t sample_count;
    const struct value *details; /* a record, or NULL: bins, edges, base, epsilon, counts … */
    const struct rational
        *exact;       /* of measures: the observed number without rounding, where that is known; or NULL */
    bool approximate; /* an estimate: check_estimate_bound says how good */
};

/* How far an estimate of this check may lie from the truth, for people and documents. */
const char *check_estimate_bound(const struct check *check);

/* A check as one line: "between(amount) in 0..10", in the arena. */
const char *check_describe(struct arena *arena, const struct check *check);

/* NULL, or that the check has too few or too many columns (in the arena). */
const char *check_columns_error(struct arena *arena, const struct check *check);

/* True unless a result is FAILED or ERROR with critical severity. */
bool check_all_passed(const struct check_result *results, size_t count);

#endif
