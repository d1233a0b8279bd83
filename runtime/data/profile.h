#ifndef MLC_DATA_PROFILE_H
#define MLC_DATA_PROFILE_H

/* A stored profile: what one pass says about every column, small enough to keep for years, and enough to
 * compute drift from without the raw data. Everything is exact unless `approximate` is set in the column. */

#include "core/arena.h"
#include "core/value.h"
#include "runtime/data/cell.h"
#include "runtime/data/table.h"

struct profile_count {
    struct cell value;
    uint64_t count;
};

struct profile_column {
    struct column_schema schema;
    uint64_t nulls;
    uint64_t bad;        /* texts that are not of the type */
    uint64_t values;     /* neither null nor bad */
    uint64_t nans;       /* FLOAT: not a number (counted in values, left out of everything numeric) */
    uint64_t infinities; /* FLOAT: counted in values; left out of mean, variance, quantiles, histogram */
    uint64_t zeros;      /* numbers only, as the next two */
    uint64_t negatives;
    uint64_t distinct;    /* distinct values; null is none */
    uint64_t unique;      /* values that occur once */
    bool approximate;     /* distinct, unique, values, quantiles and histogram are estimates */
    bool has_range;       /* min and max are there: values > 0 and of a type with an order */
    struct cell min, max; /* strings by bytes */
    bool has_numbers;     /* mean … histogram are there: a numeric or time type with a finite value */
    double sum, mean;
    double variance; /* of the sample (n - 1); NaN when fewer than two */
    /* order statistics at 0 %, 1 %, …, 100 %, linear interpolation (type 7) */
    double quantiles[101];
    /* equal bins from min to max, the last one closed; `bins` + 1 edges */
    double *edges;
    uint64_t *bin_counts;
    size_t bins;
    /* the deciles without duplicates: at most 9 edges, and how many numbers lie in (e[i-1], e[i]], the first
     * and last bin open; `deciles` is 0 in profiles that lack them */
    double decile_edges[9];
    uint64_t decile_counts[10];
    size_t deciles;
    /* the most frequent values, by count then value; all of them when `top_complete` */
    struct profile_count *top;
    size_t top_count;
    bool top_complete;
    /* strings: lengths in code points */
    uint64_t length_min, length_max;
    double length_mean;
    uint64_t empties; /* strings of length 0 */
};

struct profile {
    uint64_t rows;
    struct profile_column *columns;
    size_t column_count;
    const struct table_findings *findings; /* NULL in a profile that was read from a file */
};

/* Zero-initialise: all defaults. */
struct profile_options {
    uint64_t memory;            /* bytes before spilling to temporary files; 0: 1 GiB */
    unsigned threads;           /* 0: one a core */
    size_t top;                 /* values kept; 0: 1000 */
    size_t bins;                /* of histograms; 0: 50 */
    bool approximate;           /* HyperLogLog, sketches and samples instead of spilling */
    const char *const *columns; /* NULL: all */
    size_t column_count;
};

/* Profiles a table in one pass. NULL with an error. The profile lives in the arena. */
struct profile *profile_table(struct arena *arena, struct table *table, const struct profile_options *options,
                              struct data_error *error);

/* The profile as a document (format "mlc.profile/1") and back; NULL with an error for one that is not. */
const struct value *profile_to_value(struct arena *arena, const struct profile *profile);
struct profile *profile_from_value(struct arena *arena, const struct value *document,
                                   struct data_error *error);

const struct profile_column *profile_find(const struct profile *profile, const char *name);

#endif
