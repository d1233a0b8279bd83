#ifndef MLC_RUNTIME_DATA_CHECK_STATE_H
#define MLC_RUNTIME_DATA_CHECK_STATE_H

/* What checks accumulate while chunks go by: one state a kind, mergeable exactly. Inside the check engine. */

#include "core/buf.h"
#include "runtime/data/check_run.h"
#include "runtime/data/distinct.h"
#include "runtime/data/double_sum.h"
#include "runtime/data/moments.h"
#include "runtime/data/quantiles.h"
#include "runtime/data/sketch.h"

enum { CHECK_COLUMNS_LIMIT = 64, CHECK_ACCUMULATORS_LIMIT = 4 };

struct plan;
struct prepared;
struct scratch;

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
    struct sketch *sketch;         /* of the values, when the number of them may be estimated; else NULL */
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
    uint64_t undecided; /* 1 + the first row where a pattern met its limit of steps; 0: none */
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
    struct double_sum a, b, square_a, square_b,
        product;                         /* of what they are away from their columns' shifts */
    struct double_sum absolute, squared; /* of their difference */
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
    bool approximate; /* after accumulator_settle: an estimate */
};

struct accumulator_set {
    char *key; /* of the slice; NULL for the whole */
    size_t key_length;
    const char *label;
    uint64_t rows;
    struct accumulator *items;
};

/* check_accumulate.c */
void accumulator_begin(const struct plan *plan, const struct accumulator_spec *spec,
                       struct accumulator *item);
void accumulator_add(const struct plan *plan, const struct accumulator_spec *spec, struct accumulator *item,
                     struct scratch *scratch, const struct chunk *chunk, const uint64_t *mask,
                     uint64_t selected);
void accumulator_merge(const struct plan *plan, const struct accumulator_spec *spec, struct accumulator *into,
                       struct accumulator *from);
/* Before anything is read: counts what is distinct, puts samples in place. */
bool accumulator_settle(const struct accumulator_spec *spec, struct accumulator *item,
                        struct data_error *error);
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

#endif
