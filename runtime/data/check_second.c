#include <stdlib.h>
#include <string.h>

#include "runtime/data/check_spread.h"
#include "runtime/data/check_worker.h"

/* The second pass: values held against their spread, and the rows of duplicates. */

struct duplicates {
    struct arena *arena;
    struct map *keys;
    struct buf key;
    size_t bytes;
    const struct prepared *prepared;
    bool compound, bad;
};

/* What is remembered of duplicates for samples; further ones are counted all the same. */
enum { DUPLICATES_LIMIT = 1000000, DUPLICATES_BYTES = 64 << 20 };

static bool keep_duplicate(void *context, struct cell value, uint64_t count)
{
    struct duplicates *duplicates = context;
    if (count < 2)
        return true;
    buf_clear(&duplicates->key);
    if (duplicates->compound) {
        buf_add(&duplicates->key, value.text, value.length);
    } else if (duplicates->bad) {
        buf_add_char(&duplicates->key, 'x');
        buf_add(&duplicates->key, &value.length, sizeof value.length);
        buf_add(&duplicates->key, value.text, value.length);
    } else {
        key_add_cell(&duplicates->key, &duplicates->prepared->schema, value);
    }
    map_set_n(duplicates->keys, buf_str(&duplicates->key), duplicates->key.length, duplicates);
    duplicates->bytes += duplicates->key.length;
    return map_count(duplicates->keys) < DUPLICATES_LIMIT && duplicates->bytes < DUPLICATES_BYTES;
}

static const void *collect_duplicates(struct run *run, const struct prepared *prepared,
                                      struct distinct_state *state)
{
    struct duplicates duplicates = {.arena = run->plan.arena,
                                    .keys = map_new(run->plan.arena),
                                    .prepared = prepared,
                                    .compound = prepared->column_count > 1};
    struct data_error error;
    if (state->totals.values == state->totals.distinct)
        return NULL;
    distinct_each(state->values, keep_duplicate, &duplicates, &error);
    duplicates.bad = true;
    if (state->bad)
        distinct_each(state->bad, keep_duplicate, &duplicates, &error);
    buf_free(&duplicates.key);
    return map_count(duplicates.keys) ? duplicates.keys : NULL;
}

/* What the second pass must judge for a binding's set, as `detail` of the judge; NULL: nothing. */
static bool second_detail(struct run *run, const struct binding *binding, struct accumulator_set *set,
                          const void **detail, struct data_error *error)
{
    const struct prepared *prepared = binding->prepared;
    *detail = NULL;
    if (prepared->error || (prepared->schema.type == COLUMN_NULL && prepared->column_count == 1))
        return true;
    if (is_spread_kind(prepared->check->kind))
        return spread_detail(&run->plan, binding, set, detail, error);
    if (prepared->check->kind == CHECK_UNIQUE && !run->plan.options->no_samples)
        *detail = collect_duplicates(run, prepared, &set->items[binding->accumulators[0]].distinct);
    return true;
}

struct second_worker {
    struct second_pass *pass;
    struct scratch scratch;
    struct verdicts_state *verdicts;
};

static void *second_start(void *context)
{
    struct second_pass *pass = context;
    struct second_worker *worker = mem_calloc(1, sizeof *worker);
    worker->pass = pass;
    worker->verdicts = mem_calloc(pass->count, sizeof *worker->verdicts);
    worker->scratch.pattern = pattern_scratch_new();
    worker->scratch.condition = condition_scratch_new();
    return worker;
}

static void second_free(struct second_worker *worker)
{
    for (size_t i = 0; i < worker->pass->count; i++)
        verdicts_end(&worker->verdicts[i]);
    free(worker->verdicts);
    scratch_free(&worker->scratch);
    free(worker);
}

static void second_discard(void *context, void *state)
{
    (void)context;
    second_free(state);
}

static void select_slice(struct second_worker *worker, const struct group *group,
                         const struct accumulator_set *set, const struct chunk *chunk, uint64_t *mask)
{
    struct buf *key = &worker->scratch.key;
    const struct table_schema *schema = worker->pass->run->plan.schema;
    for (size_t row = 0; row < chunk->rows; row++) {
        if (!(mask[row >> 6] >> (row & 63) & 1))
            continue;
        buf_clear(key);
        for (size_t i = 0; i < group->slice_count; i++)
            key_add(key, &schema->columns[group->slice_columns[i]], &chunk->columns[group->slice_columns[i]],
                    row);
        if (key->length != set->key_length || memcmp(buf_str(key), set->key, key->length) != 0)
            mask[row >> 6] &= ~(1ull << (row & 63));
    }
}

static void second_chunk(void *state, const struct chunk *chunk)
{
    struct second_worker *worker = state;
    const struct plan *plan = &worker->pass->run->plan;
    scratch_fit(&worker->scratch, chunk->rows);
    uint64_t *mask = worker->scratch.words[7];
    for (size_t i = 0; i < worker->pass->count; i++) {
        struct second_job *job = &worker->pass->jobs[i];
        const struct group *group = &plan->groups[plan->bindings[job->binding].group];
        if (group->condition)
            condition_test(group->condition, worker->scratch.condition, chunk, mask);
        else
            memcpy(mask, worker->scratch.all, worker->scratch.word_count * 8);
        if (job->set->key)
            select_slice(worker, group, job->set, chunk, mask);
        worker->scratch.mask = mask;
        verdicts_add(plan, &job->prepared, &worker->verdicts[i], &worker->scratch, chunk,
                     bitmap_count(mask, chunk->rows));
    }
}

static void add_job(struct second_pass *pass, size_t binding, struct accumulator_set *set, const void *detail)
{
    pass->jobs = mem_realloc(pass->jobs, (pass->count + 1) * sizeof *pass->jobs);
    struct second_job *job = &pass->jobs[pass->count++];
    memset(job, 0, sizeof *job);
    job->prepared = *pass->run->plan.bindings[binding].prepared;
    job->prepared.detail = detail;
    job->prepared.judge = is_spread_kind(job->prepared.check->kind) ? judge_spread : judge_duplicates;
    job->binding = binding;
    job->set = set;
}

/* Scans again for what needs the whole first. */
static bool scan_again(struct second_pass *pass, unsigned threads, struct data_error *error)
{
    struct scan_hooks hooks = {pass, second_start, second_chunk, second_discard};
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    if (!table_scan(pass->run->table, threads, &hooks, states, &count, error))
        return false;
    for (size_t w = 0; w < count; w++) {
        struct second_worker *worker = states[w];
        for (size_t i = 0; i < pass->count; i++)
            verdicts_merge(&pass->run->plan, &pass->jobs[i].verdicts, &worker->verdicts[i]);
        second_free(worker);
    }
    return true;
}

bool second_pass(struct run *run, struct worker *all, struct second_pass *pass, struct data_error *error)
{
    pass->run = run;
    for (size_t b = 0; b < run->plan.binding_count; b++) {
        struct slices *slices = &all->groups[run->plan.bindings[b].group];
        for (size_t i = 0; i < slices->count && !slices->overflow; i++) {
            const void *detail;
            if (!second_detail(run, &run->plan.bindings[b], slices->sets[i], &detail, error))
                return false;
            if (detail)
                add_job(pass, b, slices->sets[i], detail);
        }
    }
    return pass->count == 0 || scan_again(pass, run->plan.options->threads, error);
}

void second_use(struct second_pass *pass, size_t binding, struct accumulator_set *set, struct plan *plan,
                struct check_result *out)
{
    for (size_t i = 0; i < pass->count; i++)
        if (pass->jobs[i].binding == binding && pass->jobs[i].set == set && out->status != CHECK_ERROR)
            finish_second(plan, plan->bindings[binding].prepared, &pass->jobs[i].verdicts, out);
}

void second_end(struct second_pass *pass)
{
    for (size_t i = 0; i < pass->count; i++)
        verdicts_end(&pass->jobs[i].verdicts);
    free(pass->jobs);
}
