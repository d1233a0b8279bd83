#ifndef MLC_DATA_READER_H
#define MLC_DATA_READER_H

/* Inside of a table: what the readers of formats implement, and the scan that drives them. Reading is split
 * in two: `next` takes the next block of rows in order, under the table's lock, and does the little that
 * depends on what came before; `decode` turns the block into chunks, in parallel. */

#include <pthread.h>
#include <stdatomic.h>
#include "core/arena.h"
#include "runtime/data/source.h"
#include "runtime/data/stream.h"
#include "runtime/data/table.h"

/* What every reader's worker begins with. */
struct worker {
    struct table_findings findings;
};

/* Where decode gives its chunks. */
struct emit {
    void (*chunk)(void *state, const struct chunk *chunk);
    void *state;
};

enum read_result { READ_FAILED, READ_END, READ_BLOCK };

struct reader_ops {
    struct worker *(*worker_new)(struct table *table);
    void (*worker_free)(struct worker *worker);
    bool (*rewind)(struct table *table, struct data_error *error);
    /* The next block into the worker; called under the table's lock. */
    enum read_result (*next)(struct table *table, struct worker *worker, struct data_error *error);
    /* The worker's block as chunks. May call table_widen, and then return true without chunks. */
    bool (*decode)(struct table *table, struct worker *worker, const struct emit *emit,
                   struct data_error *error);
    /* While table->inferring: take part in a pass that finds types and names anew (instead of decode). */
    bool (*infer)(struct table *table, struct worker *worker, struct data_error *error);
    /* After such a pass: sets the schema. */
    bool (*infer_end)(struct table *table, struct data_error *error);
    void (*close)(struct table *table);
};

struct table {
    struct arena *arena;
    struct table_schema schema;
    struct column_schema *columns;
    uint8_t *needs; /* enum column_need, one a column */
    const char **files;
    size_t file_count;
    enum data_format format;
    char delimiter;
    bool header; /* CSV: the first row of each file names the columns */
    uint64_t bytes;
    struct stream **kept; /* one a file: pipes stay open over passes; NULL for all others */
    const struct reader_ops *ops;
    void *reader;
    bool inferring; /* this pass finds types */
    struct table_findings findings;
    pthread_mutex_t lock; /* next, error, findings, inference */
    atomic_bool stop;
    atomic_bool widen;
    bool failed;
    struct data_error error;
};

struct table *table_new(void);

/* Replaces the schema; needs of columns that keep their name stay. The array is kept. */
void table_set_columns(struct table *table, struct column_schema *columns, size_t count);

/* source.c: the stream of a file from its beginning; NULL with an error. table_stream_end gives it back. */
struct stream *table_stream(struct table *table, size_t file, struct stream_limits limits,
                            struct data_error *error);
void table_stream_end(struct stream *stream);

/* Asks for a new inference pass: this one is over. */
void table_widen(struct table *table);

/* Counts a finding of a worker, and keeps it when it is among the first. */
void worker_note(struct worker *worker, const struct table_finding *finding);
void findings_merge(struct table_findings *into, const struct table_findings *from);

#endif
