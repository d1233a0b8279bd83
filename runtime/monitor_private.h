#ifndef MLC_RUNTIME_MONITOR_PRIVATE_H
#define MLC_RUNTIME_MONITOR_PRIVATE_H

/* Inside of monitors: captured requests of a window, and the baseline, as tables. */

#include "runtime/data/drift_run.h"
#include "runtime/data/source.h"
#include "runtime/monitor.h"

/* What was captured within a window. */
struct captured {
    int64_t window_us;
    char *path; /* a temporary file of JSON lines: the rows under the headers of the dataset */
    struct table *table;
    double *latencies; /* milliseconds, sorted; of all requests */
    size_t requests, capacity;
    size_t rows, errors, unreadable;
    bool cut;
    struct map *drift; /* measure -> struct drift_report *: of all columns, made at first use */
};

/* Reads what lies in `place` and is not older than the window. NULL with `*why`. Free with captured_free. */
struct captured *captured_read(struct arena *arena, const char *place, struct node *dataset,
                               int64_t window_us, const struct world *world, const char **why);
void captured_free(struct captured *captured);

/* "2026-11-23T10:00:00.5Z" in microseconds since 1970; -1: it is no time. */
int64_t captured_time(const char *text);

/* Where the service's capture writes: s3://BUCKET/ENVIRONMENT/SERVICE; without an environment
 * .mlc/captured/SERVICE of the project. */
const char *captured_place(struct compilation *compilation, struct node *service);

/* The baseline as a table. */
struct baseline {
    struct table *table;
    const char *where;     /* what it is, in words */
    const char *temporary; /* a file to remove; NULL: none */
};

/* False with `*why`. */
bool baseline_open(struct compilation *compilation, struct node *monitor,
                   const struct monitor_options *options, struct baseline *out, const char **why);
void baseline_close(struct baseline *baseline);

/* When the newest version of a model was recorded, whatever its gate said: microseconds since 1970; -1:
 * never, or the store cannot be read. */
int64_t baseline_last_training(struct compilation *compilation, struct node *model, const char *store);

/* A table with the columns that a dataset declares, under the headers of the data. */
struct table *monitor_open_table(struct arena *arena, struct node *dataset, const char *const *paths,
                                 size_t count, bool jsonl, const char **why);

#endif
