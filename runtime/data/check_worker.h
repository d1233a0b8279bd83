#ifndef MLC_RUNTIME_DATA_CHECK_WORKER_H
#define MLC_RUNTIME_DATA_CHECK_WORKER_H

/* Workers of a scan and the second pass. Inside the check engine. */

#include <pthread.h>

#include "runtime/data/check_finish.h"

/* One slice of a group with its accumulators; the first of a group without slices has no key. */
struct slices {
    struct map *by_key; /* NULL without slices */
    struct accumulator_set **sets;
    size_t count, capacity;
    bool overflow;
};

struct worker {
    struct run *run;
    struct arena *arena; /* of the slices' maps */
    struct slices *groups;
    struct scratch scratch;
    uint64_t rows;
    uint64_t **row_masks; /* of the slices in one chunk */
    size_t mask_count;
};

struct run {
    struct plan plan;
    struct table *table;
    pthread_mutex_t lock;
    bool stale; /* a column's type was widened: prepare again */
};

/* Makes room for a chunk's rows; frees what a scratch holds. */
void scratch_fit(struct scratch *scratch, size_t rows);
void scratch_free(struct scratch *scratch);

/* A judge over one set's rows in the second pass. */
struct second_job {
    struct prepared prepared;
    size_t binding;
    struct accumulator_set *set; /* of the first pass */
    struct verdicts_state verdicts;
};

struct second_pass {
    struct run *run;
    struct second_job *jobs;
    size_t count;
};

/* Scans again for what needs the whole first; nothing when no check does. */
bool second_pass(struct run *run, struct worker *all, struct second_pass *pass, struct data_error *error);
/* Verdicts of the second pass take the place of the first's. */
void second_use(struct second_pass *pass, size_t binding, struct accumulator_set *set, struct plan *plan,
                struct check_result *out);
void second_end(struct second_pass *pass);

#endif
