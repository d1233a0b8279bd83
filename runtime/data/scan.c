/* The scan of a table: worker threads that take blocks in order and decode them in parallel. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "runtime/data/reader.h"

enum { WIDEN_LIMIT = 2 };

static bool finding_before(const struct table_finding *a, const struct table_finding *b)
{
    if (a->file != b->file)
        return a->file < b->file;
    if (a->row != b->row)
        return a->row < b->row;
    return a->column < b->column;
}

static void keep_finding(struct table_findings *findings, uint64_t known, const struct table_finding *finding)
{
    struct table_finding *kept = findings->kept[finding->kind];
    size_t at = known < FINDINGS_KEPT ? (size_t)known : FINDINGS_KEPT;
    if (at == FINDINGS_KEPT && !finding_before(finding, &kept[at - 1]))
        return;
    if (at == FINDINGS_KEPT)
        at--;
    while (at > 0 && finding_before(finding, &kept[at - 1])) {
        kept[at] = kept[at - 1];
        at--;
    }
    kept[at] = *finding;
}

void worker_note(struct worker *worker, const struct table_finding *finding)
{
    keep_finding(&worker->findings, worker->findings.counts[finding->kind]++, finding);
}

void findings_merge(struct table_findings *into, const struct table_findings *from)
{
    for (int kind = 0; kind < FINDING_KINDS; kind++) {
        uint64_t known = into->counts[kind];
        for (uint64_t i = 0; i < from->counts[kind] && i < FINDINGS_KEPT; i++)
            keep_finding(into, known++, &from->kept[kind][i]);
        into->counts[kind] += from->counts[kind];
    }
}

void table_widen(struct table *table)
{
    atomic_store(&table->widen, true);
    atomic_store(&table->stop, true);
}

static void table_abort(struct table *table, const struct data_error *error)
{
    pthread_mutex_lock(&table->lock);
    if (!table->failed) {
        table->failed = true;
        table->error = *error;
    }
    pthread_mutex_unlock(&table->lock);
    atomic_store(&table->stop, true);
}

struct scan_thread {
    struct table *table;
    const struct scan_hooks *hooks;
    void *state;
    pthread_t thread;
};

static bool work_on_block(struct scan_thread *self, struct worker *worker, struct data_error *error)
{
    struct table *table = self->table;
    if (table->inferring)
        return table->ops->infer(table, worker, error);
    struct emit emit = {self->hooks->chunk, self->state};
    return table->ops->decode(table, worker, &emit, error);
}

static void *scan_run(void *context)
{
    struct scan_thread *self = context;
    struct table *table = self->table;
    struct worker *worker = table->ops->worker_new(table);
    struct data_error error = {""};
    while (!atomic_load(&table->stop)) {
        pthread_mutex_lock(&table->lock);
        enum read_result got = atomic_load(&table->stop) ? READ_END : table->ops->next(table, worker, &error);
        pthread_mutex_unlock(&table->lock);
        if (got == READ_END)
            break;
        if (got == READ_FAILED || !work_on_block(self, worker, &error)) {
            table_abort(table, &error);
            break;
        }
    }
    pthread_mutex_lock(&table->lock);
    findings_merge(&table->findings, &worker->findings);
    pthread_mutex_unlock(&table->lock);
    table->ops->worker_free(worker);
    return NULL;
}

/* One pass. The first worker is the calling thread; where no thread can be made, fewer do the work. */
static bool scan_pass(struct table *table, unsigned threads, struct scan_thread *workers, size_t *count,
                      struct data_error *error)
{
    table->failed = false;
    atomic_store(&table->stop, false);
    atomic_store(&table->widen, false);
    memset(&table->findings, 0, sizeof table->findings);
    if (!table->ops->rewind(table, error))
        return false;
    size_t started = 1;
    while (started < threads &&
           pthread_create(&workers[started].thread, NULL, scan_run, &workers[started]) == 0)
        started++;
    scan_run(&workers[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    *count = started;
    if (table->failed)
        *error = table->error;
    return !table->failed;
}

static void scan_start(struct table *table, unsigned threads, const struct scan_hooks *hooks,
                       struct scan_thread *workers)
{
    for (unsigned i = 0; i < threads; i++)
        workers[i] = (struct scan_thread){.table = table, .hooks = hooks};
    if (!table->inferring)
        for (unsigned i = 0; i < threads; i++)
            workers[i].state = hooks->start(hooks->context);
}

static void scan_discard(const struct scan_hooks *hooks, struct scan_thread *workers, unsigned threads)
{
    for (unsigned i = 0; i < threads; i++)
        hooks->discard(hooks->context, workers[i].state);
}

/* Finds names and types over all rows. */
static bool scan_infer(struct table *table, unsigned threads, struct scan_thread *workers,
                       struct data_error *error)
{
    size_t count;
    table->inferring = true;
    scan_start(table, threads, NULL, workers);
    bool ok = scan_pass(table, threads, workers, &count, error) && table->ops->infer_end(table, error);
    table->inferring = false;
    return ok;
}

static unsigned thread_count(unsigned asked)
{
    if (asked == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        asked = cores < 1 ? 1 : (unsigned)cores;
    }
    return asked < SCAN_THREADS_LIMIT ? asked : SCAN_THREADS_LIMIT;
}

bool table_scan(struct table *table, unsigned threads, const struct scan_hooks *hooks, void **states,
                size_t *state_count, struct data_error *error)
{
    struct scan_thread workers[SCAN_THREADS_LIMIT];
    threads = thread_count(threads);
    for (int attempt = 0;; attempt++) {
        size_t count;
        scan_start(table, threads, hooks, workers);
        bool ok = scan_pass(table, threads, workers, &count, error);
        if (ok && !atomic_load(&table->widen)) {
            for (unsigned i = 0; i < threads; i++)
                states[i] = workers[i].state;
            *state_count = threads;
            return true;
        }
        scan_discard(hooks, workers, threads);
        if (!ok)
            return false;
        if (attempt == WIDEN_LIMIT) {
            data_fail(error,
                      "the types of the columns do not settle: does the input change while it is read?");
            return false;
        }
        if (!scan_infer(table, threads, workers, error))
            return false;
    }
}
