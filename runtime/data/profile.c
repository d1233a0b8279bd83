#include "runtime/data/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/data/distinct.h"
#include "runtime/data/moments.h"
#include "runtime/data/profile_column.h"
#include "runtime/data/quantiles.h"

enum { TOP_DEFAULT = 1000, BINS_DEFAULT = 50 };
static const uint64_t memory_default = (uint64_t)1 << 30;

/* What all workers share. */
struct profiler {
    struct arena *arena;
    struct table *table;
    const struct profile_options *options;
    struct memory_budget *budget;
    size_t *columns; /* positions in the table */
    size_t count;
    size_t schema_count; /* columns of the table when they were chosen */
};

struct profile_worker {
    const struct profiler *profiler;
    uint64_t rows;
    size_t count;
    struct column_sums *sums;
};

static bool choose_columns(struct profiler *profiler, struct data_error *error)
{
    const struct table_schema *schema = table_schema(profiler->table);
    const struct profile_options *options = profiler->options;
    profiler->schema_count = schema->count;
    profiler->count = options->columns ? options->column_count : schema->count;
    profiler->columns = arena_array(profiler->arena, profiler->count + 1, sizeof *profiler->columns);
    table_need_nothing(profiler->table);
    for (size_t i = 0; i < profiler->count; i++) {
        int found = options->columns ? schema_find(schema, options->columns[i]) : (int)i;
        if (found < 0) {
            data_fail(error, "there is no column \"%s\"", options->columns[i]);
            return false;
        }
        profiler->columns[i] = (size_t)found;
        table_need(profiler->table, (size_t)found, NEED_VALUES);
    }
    return true;
}

static void *profile_start(void *context)
{
    struct profiler *profiler = context;
    struct profile_worker *worker = mem_calloc(1, sizeof *worker);
    /* A scan that begins again may have found more columns (JSONL); none go. */
    if (table_schema(profiler->table)->count != profiler->schema_count)
        choose_columns(profiler, NULL);
    worker->profiler = profiler;
    worker->count = profiler->count;
    worker->sums = mem_calloc(profiler->count + 1, sizeof *worker->sums);
    for (size_t i = 0; i < profiler->count; i++)
        column_sums_begin(&worker->sums[i], &table_schema(profiler->table)->columns[profiler->columns[i]],
                          profiler->budget, profiler->options->approximate);
    return worker;
}

static void profile_discard(void *context, void *state)
{
    struct profile_worker *worker = state;
    (void)context;
    for (size_t i = 0; i < worker->count; i++)
        column_sums_end(&worker->sums[i]);
    free(worker->sums);
    free(worker);
}

static void profile_chunk(void *state, const struct chunk *chunk)
{
    struct profile_worker *worker = state;
    worker->rows += chunk->rows;
    for (size_t i = 0; i < worker->count; i++)
        column_sums_add(&worker->sums[i], &chunk->columns[worker->profiler->columns[i]], chunk);
}

static bool finish_columns(struct arena *arena, const struct profiler *profiler, struct profile_worker *total,
                           struct profile *profile, struct data_error *error)
{
    const struct profile_options *options = profiler->options;
    bool ok = true;
    for (size_t i = 0; i < profile->column_count && ok; i++) {
        struct column_sums *sums = &total->sums[i];
        ok = column_sums_finish(arena, sums, total->rows, options->top ? options->top : TOP_DEFAULT,
                                options->bins ? options->bins : BINS_DEFAULT, &profile->columns[i], error);
        column_sums_end(sums); /* the next column needs the memory */
        *sums = (struct column_sums){0};
    }
    return ok;
}

static struct profile *merge_workers(struct arena *arena, const struct profiler *profiler, void **states,
                                     size_t count, struct data_error *error)
{
    struct profile *profile = arena_alloc(arena, sizeof *profile);
    struct profile_worker *total = states[0];
    for (size_t i = 1; i < count; i++) {
        struct profile_worker *other = states[i];
        total->rows += other->rows;
        for (size_t c = 0; c < total->count; c++)
            column_sums_merge(&total->sums[c], &other->sums[c]);
        profile_discard(NULL, other);
    }
    profile->rows = total->rows;
    profile->column_count = profiler->count;
    profile->columns = arena_array(arena, profiler->count + 1, sizeof *profile->columns);
    profile->findings = table_findings(profiler->table);
    bool ok = finish_columns(arena, profiler, total, profile, error);
    profile_discard(NULL, total);
    return ok ? profile : NULL;
}

struct profile *profile_table(struct arena *arena, struct table *table, const struct profile_options *options,
                              struct data_error *error)
{
    static const struct profile_options defaults;
    struct profiler profiler = {.arena = arena, .table = table, .options = options ? options : &defaults};
    if (!choose_columns(&profiler, error))
        return NULL;
    profiler.budget = memory_budget_new(profiler.options->memory ? profiler.options->memory : memory_default);
    struct scan_hooks hooks = {&profiler, profile_start, profile_chunk, profile_discard};
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    struct profile *profile = NULL;
    if (table_scan(table, profiler.options->threads, &hooks, states, &count, error))
        profile = merge_workers(arena, &profiler, states, count, error);
    memory_budget_free(profiler.budget);
    return profile;
}

const struct profile_column *profile_find(const struct profile *profile, const char *name)
{
    for (size_t i = 0; i < profile->column_count; i++)
        if (strcmp(profile->columns[i].schema.name, name) == 0)
            return &profile->columns[i];
    return NULL;
}
