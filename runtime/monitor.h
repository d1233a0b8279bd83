#ifndef MLC_RUNTIME_MONITOR_H
#define MLC_RUNTIME_MONITOR_H

/* Monitors: the captured requests of a window against the training snapshot of the version that serves. What
 * captured files look like: docs/capture.md.
 *
 * A measure of a column (psi, ks, null_fraction, mean …) is computed by the check engine over one row for
 * each captured request that was answered with less than 400 (or for each of its instances);
 * p50/p95/p99_latency, error_rate and success_rate over all captured requests. A predicate over `features` is
 * decided for each feature. Without `over` the window is the monitor's `every`. */

#include <stdbool.h>
#include <stddef.h>
#include "compiler/compilation.h"
#include "compiler/graph.h"
#include "core/world.h"
#include "runtime/cluster/http.h"

struct monitor_options {
    const char *captured; /* a folder or s3://…; NULL: where the service's capture writes */
    const char *baseline; /* a data file; NULL: the monitor's dataset, or the training snapshot */
    const char *store;    /* NULL: this machine's, in CI the project's */
    const struct world *world;
};

/* One expectation, decided for one column. */
struct monitor_result {
    struct node *predicate;
    const char *source; /* "psi(features) < 0.25 over 7d" */
    const char *column; /* name of the feature it was decided for; NULL: none */
    bool holds;
    bool decided; /* false: a value is not known; `found` says why */
    bool has_value;
    double value;        /* of its first measure; shares as 0..1, durations in seconds */
    const char *measure; /* "psi" */
    const char *found;   /* "psi(sepal_length) is 0.031" */
};

struct monitor_run {
    struct node *monitor;
    const char *captured, *baseline; /* where from */
    const char *store;               /* as it was asked for; NULL: the usual one */
    size_t requests, rows;           /* in the longest window */
    size_t unreadable;               /* lines that are no captured request */
    bool cut;                        /* a window held more than is read: its newest part was */
    struct vec results;              /* struct monitor_result * */
    bool hold;
    const char *problem; /* not NULL: it could not be run */
};

/* Runs a monitor of a graph. Never NULL; lives in the compilation's arena. */
struct monitor_run *monitor_run(struct compilation *compilation, struct node *monitor,
                                const struct monitor_options *options);

/* Does what `else` asks for where an expectation does not hold: each action once. What was done, or why it
 * could not be, is appended to `log` a line each, never a secret. `http` may be NULL: nothing is sent, the
 * log says what would be. False when an action failed. */
bool monitor_act(const struct monitor_run *run, struct http *http, const struct world *world,
                 struct buf *log);

/* The run as text for people, as a document, as metrics for Prometheus' textfile collector. */
void monitor_print_text(const struct monitor_run *run, struct buf *out);
const struct value *monitor_to_value(struct arena *arena, const struct monitor_run *run);
void monitor_print_metrics(const struct monitor_run *run, const struct world *world, struct buf *out);

#endif
