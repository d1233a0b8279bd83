#ifndef MLC_RUNTIME_DATA_CHECK_ENGINE_H
#define MLC_RUNTIME_DATA_CHECK_ENGINE_H

/* Inside the check engine. A plan holds prepared checks and groups. A group is a row filter (`where`), and
 * perhaps columns to slice by; it lists accumulators, shared by the checks that need the same numbers. A
 * worker keeps, for each group, one set of accumulators for each slice; sets merge exactly. */
#include "core/map.h"
#include "runtime/data/check_run.h"
#include "runtime/data/check_state.h"
#include "runtime/data/condition.h"
#include "runtime/data/key.h"
#include "runtime/data/pattern.h"
#include "runtime/data/typed.h"

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
    struct buf key;
    struct pattern_scratch *pattern;
    struct condition_scratch *condition;
    uint64_t undecided;   /* from a judge: the first row of the chunk without an answer, or PATTERN_DECIDED */
    uint64_t *all;        /* a bit for every row of the chunk */
    const uint64_t *mask; /* rows of the group that is being added */
};

/* check_prepare.c: resolves columns and arguments against the schema and lists what must be accumulated. */
void plan_prepare(struct plan *plan);
/* The other data set of a name, or NULL. */
const struct check_other *plan_other(const struct plan *plan, const char *name);

/* check_judge*.c, check_spread.c: sets `judge` and its data, or `error`. */
void prepare_judge(struct plan *plan, struct prepared *prepared);
void prepare_text_judge(struct plan *plan, struct prepared *prepared);
/* check_json_schema.c */
void prepare_json_schema(struct plan *plan, struct prepared *prepared, const struct value *schema);
void prepare_row_judge(struct plan *plan, struct prepared *prepared);
void prepare_spread(struct plan *plan, struct prepared *prepared);
/* Every value is good: of sets that allow everything, and where a second pass judges. */
judge_fn judge_nothing;
/* The judge of the second pass of UNIQUE, for its samples. */
judge_fn judge_duplicates;
/* check_against.c: why no value of a column can equal one of another data set's, or NULL. Numbers are
 * compared with numbers, all else with its own type. */
const char *columns_unlike(struct plan *plan, const struct column_schema *own,
                           const struct column_schema *theirs, const char *other);
/* check_against.c: the bins that the reference of a DRIFT check prescribes become its `detail`. */
void prepare_drift(struct plan *plan, struct prepared *prepared);

#endif
