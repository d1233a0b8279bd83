#ifndef MLC_RUNTIME_DATA_CHECK_ENGINE_H
#define MLC_RUNTIME_DATA_CHECK_ENGINE_H

/* Inside the check engine. A plan holds prepared checks and groups. A group is a row filter (`where`), and
 * perhaps columns to slice by; it lists accumulators, shared by the checks that need the same numbers. A
 * worker keeps, for each group, one set of accumulators for each slice; sets merge exactly. */

#include "core/map.h"
#include "runtime/data/check_run.h"
#include "runtime/data/condition.h"
#include "runtime/data/distinct.h"
#include "runtime/data/distributions.h"
#include "runtime/data/key.h"
#include "runtime/data/moments.h"
#include "runtime/data/pattern.h"
#include "runtime/data/quantiles.h"
#include "runtime/data/typed.h"

enum { CHECK_COLUMNS_LIMIT = 64, CHECK_ACCUMULATORS_LIMIT = 4 };

struct prepared;
struct scratch;

/* Judges the rows of `mask` in a chunk: sets in `judged` the rows that count, in `unexpected` those of them
 * that fail. All three are bitmaps of the chunk's rows; `unexpected` arrives zeroed, `judged` as `mask`. */
typedef void judge_fn(const struct prepared *check, struct scratch *scratch, const struct chunk *chunk,
                      uint64_t *judged, uint64_t *unexpected);

struct prepared {
    const struct check *check;
    const char *error; /* why it cannot be computed, or NULL */
    size_t column_count;
    int columns[CHECK_COLUMNS_LIMIT];
    struct column_schema schema;         /* of the first column */
    const struct column_schema *schemas; /* of the table */
    judge_fn *judge;                     /* EACH */
    struct range range;
    const struct typed_set *set;
    struct pattern *const *patterns;
    size_t pattern_count;
    const struct condition *condition; /* SATISFIES */
    const void *detail;                /* of the judge: formats, keys of another table, … */
    bool accept_bad;                   /* the judge looks at texts, so a bad cell is a text like others */
    const struct typed_set *bad_set;   /* texts that a bad cell may hold */
};

enum accumulator_kind {
    ACCUMULATE_COUNTS,
    ACCUMULATE_MOMENTS,
    ACCUMULATE_QUANTILES,
    ACCUMULATE_DISTINCT,
    ACCUMULATE_TEXTS,
    ACCUMULATE_VERDICTS,
    ACCUMULATE_ORDER,
    ACCUMULATE_PAIRS,
    ACCUMULATE_BINS,
    ACCUMULATE_KINDS
};

struct accumulator_spec {
    enum accumulator_kind kind;
    const struct prepared *owner; /* VERDICTS, ORDER, DISTINCT with an ignore rule; else NULL: shared */
    size_t column_count;
    int columns[CHECK_COLUMNS_LIMIT];
    enum distinct_detail detail;
    bool compound; /* DISTINCT over encoded keys of several columns */
};

struct counts_state {
    uint64_t valid, bad;
};

/* Extremes by bytes and lengths in code points of the texts of a column. */
struct texts_state {
    uint64_t count, length_sum, length_min, length_max;
    struct buf low, high;
};

struct distinct_state {
    struct distinct *values;
    struct distinct *bad;          /* texts that are not of the type; NULL until there is one */
    uint64_t skipped;              /* rows that the ignore rule left out */
    struct distinct_totals totals; /* of both, once the scan is over */
};

/* A row that failed; its cells as key_add writes them. */
struct verdict_sample {
    uint64_t row;
    char *key;
    uint32_t key_length;
};

struct verdicts_state {
    uint64_t judged, unexpected, missing;
    uint64_t bad_cells; /* with strict types: what makes the check an error */
    struct verdict_sample *samples;
    size_t sample_count, sample_capacity;
    uint64_t undecided; /* rows where a pattern met its limit of steps */
};

/* The first and the last value among the rows of one chunk, as key_add writes them. */
struct order_piece {
    uint64_t chunk, first_row;
    char *first, *last;
    uint32_t first_length, last_length;
};

struct order_state {
    struct verdicts_state verdicts;
    struct order_piece *pieces;
    size_t count, capacity;
};

/* Sums over rows where both numbers are there. */
struct pairs_state {
    uint64_t count;
    double mean_a, mean_b, square_a, square_b, product;
    struct exact_sum absolute, squared;
};

/* Edges of the bins that a reference prescribes, as `detail` of a DRIFT check: bin i holds the numbers with i
 * edges smaller than them (right_closed), or not greater; then the last edge itself belongs below. */
struct bin_edges {
    const double *edges;
    size_t count;
    bool right_closed;
};

struct bins_state {
    uint64_t *counts; /* one more than there are edges */
};

struct accumulator {
    union {
        struct bins_state bins;
        struct counts_state counts;
        struct moments moments;
        struct quantiles *quantiles;
        struct distinct_state distinct;
        struct texts_state texts;
        struct verdicts_state verdicts;
        struct order_state order;
        struct pairs_state pairs;
    };
};

struct accumulator_set {
    char *key; /* of the slice; NULL for the whole */
    size_t key_length;
    const char *label;
    uint64_t rows;
    struct accumulator *items;
};

struct group {
    const struct expr *where;
    const struct condition *condition; /* NULL: all rows */
    const char *error;                 /* the condition cannot be evaluated */
    size_t slice_count;
    int slice_columns[CHECK_COLUMNS_LIMIT];
    struct accumulator_spec *specs;
    size_t spec_count, spec_capacity;
};

/* A check in a group: which accumulators it reads. */
struct binding {
    struct prepared *prepared;
    size_t group;
    size_t accumulators[CHECK_ACCUMULATORS_LIMIT];
    size_t accumulator_count;
};

struct plan {
    struct arena *arena;
    const struct check *checks;
    size_t check_count;
    const struct check_options *options;
    const struct table_schema *schema;
    struct memory_budget *budget;
    struct prepared *prepared;
    struct group *groups;
    size_t group_count;
    struct binding *bindings;
    size_t binding_count;
    unsigned *needs; /* for each column */
};

struct scratch {
    uint64_t *words[8];
    size_t word_count; /* in each */
    double *numbers[2];
    size_t number_capacity;
    struct buf key;
    struct pattern_scratch *pattern;
    struct condition_scratch *condition;
    uint64_t undecided;   /* counted by a judge */
    uint64_t *all;        /* a bit for every row of the chunk */
    const uint64_t *mask; /* rows of the group that is being added */
};

/* check_prepare.c: resolves columns and arguments against the schema and lists what must be accumulated. */
void plan_prepare(struct plan *plan);
/* The other data set of a name, or NULL. */
const struct check_other *plan_other(const struct plan *plan, const char *name);

/* check_judge*.c: sets `judge` and its data, or `error`. */
void prepare_judge(struct plan *plan, struct prepared *prepared);
void prepare_text_judge(struct plan *plan, struct prepared *prepared);
void prepare_row_judge(struct plan *plan, struct prepared *prepared);
/* The judge of the second pass of Z_SCORE. */
judge_fn judge_z_score;
/* The judge of the second pass of UNIQUE, for its samples. */
judge_fn judge_duplicates;

/* check_accumulate.c */
void accumulator_begin(const struct plan *plan, const struct accumulator_spec *spec,
                       struct accumulator *item);
void accumulator_add(const struct plan *plan, const struct accumulator_spec *spec, struct accumulator *item,
                     struct scratch *scratch, const struct chunk *chunk, const uint64_t *mask,
                     uint64_t selected);
void accumulator_merge(const struct plan *plan, const struct accumulator_spec *spec, struct accumulator *into,
                       struct accumulator *from);
/* Judges where the chunks meet. */
void order_finish(const struct plan *plan, const struct prepared *prepared, struct order_state *state);
void accumulator_end(const struct accumulator_spec *spec, struct accumulator *item);

/* check_verdicts.c: counting and sampling of unexpected rows. */
void verdicts_add(const struct plan *plan, const struct prepared *prepared, struct verdicts_state *state,
                  struct scratch *scratch, const struct chunk *chunk, uint64_t selected);
void verdicts_keep(const struct plan *plan, struct verdicts_state *state, uint64_t row, const char *key,
                   size_t length);
void verdicts_sample(const struct plan *plan, const struct prepared *prepared, struct verdicts_state *state,
                     struct scratch *scratch, const struct chunk *chunk, uint32_t row);
void verdicts_merge(const struct plan *plan, struct verdicts_state *into, struct verdicts_state *from);
void verdicts_end(struct verdicts_state *state);

/* check_against.c: the bins that the reference of a DRIFT check prescribes become its `detail`. */
void prepare_drift(struct plan *plan, struct prepared *prepared);

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
/* Sets counts, samples and status from verdicts; `mostly` decides. */
void finish_verdicts(struct plan *plan, const struct prepared *prepared,
                     const struct verdicts_state *verdicts, struct check_result *out);
/* The number of a measure; false (with an error in `out`) when it cannot be computed. NaN: of nothing. */
bool measure_number(struct plan *plan, const struct binding *binding, enum check_kind kind,
                    struct accumulator_set *set, double *number, struct check_result *out);
/* Holds a number against min and max; sets observed and status. */
void finish_number(struct plan *plan, const struct prepared *prepared, double number,
                   struct check_result *out);
void finish_error(struct plan *plan, struct check_result *out, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
