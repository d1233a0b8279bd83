#include "runtime/data/check_run.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/check_worker.h"

enum { SLICES_DEFAULT = 1000 };

static void free_patterns(struct plan *plan)
{
    for (size_t i = 0; plan->prepared && i < plan->check_count; i++)
        for (size_t j = 0; j < plan->prepared[i].pattern_count; j++)
            pattern_free(plan->prepared[i].patterns[j]);
    plan->prepared = NULL;
}

static void prepare(struct run *run)
{
    free_patterns(&run->plan);
    run->plan.schema = table_schema(run->table);
    plan_prepare(&run->plan);
    table_need_nothing(run->table);
    for (size_t i = 0; i < run->plan.schema->count; i++)
        if (run->plan.needs[i])
            table_need(run->table, i, run->plan.needs[i]);
}

/* --- scratch --- */

void scratch_free(struct scratch *scratch)
{
    for (size_t i = 0; i < sizeof scratch->words / sizeof *scratch->words; i++)
        free(scratch->words[i]);
    free(scratch->all);
    buf_free(&scratch->key);
    pattern_scratch_free(scratch->pattern);
    condition_scratch_free(scratch->condition);
}

void scratch_fit(struct scratch *scratch, size_t rows)
{
    size_t words = bitmap_words(rows) + 1;
    if (words > scratch->word_count) {
        for (size_t i = 0; i < sizeof scratch->words / sizeof *scratch->words; i++)
            scratch->words[i] = mem_realloc(scratch->words[i], words * 8);
        scratch->all = mem_realloc(scratch->all, words * 8);
        scratch->word_count = words;
    }
    memset(scratch->all, 0xFF, words * 8);
    scratch->all[rows >> 6] = (1ull << (rows & 63)) - 1;
}

/* --- workers --- */

static struct accumulator_set *set_new(struct worker *worker, size_t group, const char *key, size_t length)
{
    const struct plan *plan = &worker->run->plan;
    const struct group *spec = &plan->groups[group];
    struct slices *slices = &worker->groups[group];
    struct accumulator_set *set = mem_calloc(1, sizeof *set);
    set->items = mem_calloc(spec->spec_count + 1, sizeof *set->items);
    for (size_t i = 0; i < spec->spec_count; i++)
        accumulator_begin(plan, &spec->specs[i], &set->items[i]);
    if (key) {
        set->key = mem_alloc(length + 1);
        memcpy(set->key, key, length);
        set->key_length = length;
        map_set_n(slices->by_key, key, length, set);
    }
    if (slices->count == slices->capacity) {
        slices->capacity = slices->capacity ? slices->capacity * 2 : 4;
        slices->sets = mem_realloc(slices->sets, slices->capacity * sizeof *slices->sets);
    }
    slices->sets[slices->count++] = set;
    return set;
}

static void set_free(const struct group *group, struct accumulator_set *set)
{
    for (size_t i = 0; i < group->spec_count; i++)
        accumulator_end(&group->specs[i], &set->items[i]);
    free(set->items);
    free(set->key);
    free(set);
}

static void *worker_start(void *context)
{
    struct run *run = context;
    struct worker *worker = mem_calloc(1, sizeof *worker);
    pthread_mutex_lock(&run->lock);
    if (run->stale)
        prepare(run);
    run->stale = false;
    pthread_mutex_unlock(&run->lock);
    worker->run = run;
    worker->arena = arena_new();
    worker->groups = mem_calloc(run->plan.group_count + 1, sizeof *worker->groups);
    worker->scratch.pattern = pattern_scratch_new();
    worker->scratch.condition = condition_scratch_new();
    for (size_t g = 0; g < run->plan.group_count; g++) {
        if (run->plan.groups[g].slice_count)
            worker->groups[g].by_key = map_new(worker->arena);
        else
            set_new(worker, g, NULL, 0);
    }
    return worker;
}

static void worker_free(struct worker *worker)
{
    for (size_t g = 0; g < worker->run->plan.group_count; g++) {
        for (size_t i = 0; i < worker->groups[g].count; i++)
            set_free(&worker->run->plan.groups[g], worker->groups[g].sets[i]);
        free(worker->groups[g].sets);
    }
    for (size_t i = 0; i < worker->mask_count; i++)
        free(worker->row_masks[i]);
    free(worker->row_masks);
    free(worker->groups);
    scratch_free(&worker->scratch);
    arena_free(worker->arena);
    free(worker);
}

static void worker_discard(void *context, void *state)
{
    struct run *run = context;
    worker_free(state);
    pthread_mutex_lock(&run->lock);
    run->stale = true;
    pthread_mutex_unlock(&run->lock);
}

static void add_to_set(struct worker *worker, size_t group, struct accumulator_set *set,
                       const struct chunk *chunk, const uint64_t *mask)
{
    const struct plan *plan = &worker->run->plan;
    worker->scratch.mask = mask ? mask : worker->scratch.all;
    uint64_t selected = mask ? bitmap_count(mask, chunk->rows) : chunk->rows;
    set->rows += selected;
    if (selected == 0)
        return;
    for (size_t i = 0; i < plan->groups[group].spec_count; i++)
        accumulator_add(plan, &plan->groups[group].specs[i], &set->items[i], &worker->scratch, chunk, mask,
                        selected);
}

static uint64_t *slice_mask(struct worker *worker, size_t index)
{
    if (index >= worker->mask_count) {
        worker->row_masks = mem_realloc(worker->row_masks, (index + 1) * sizeof *worker->row_masks);
        for (; worker->mask_count <= index; worker->mask_count++)
            worker->row_masks[worker->mask_count] = NULL;
    }
    worker->row_masks[index] = mem_realloc(worker->row_masks[index], worker->scratch.word_count * 8);
    memset(worker->row_masks[index], 0, worker->scratch.word_count * 8);
    return worker->row_masks[index];
}

static void add_slices(struct worker *worker, size_t group, const struct chunk *chunk, const uint64_t *mask)
{
    const struct plan *plan = &worker->run->plan;
    const struct group *spec = &plan->groups[group];
    struct slices *slices = &worker->groups[group];
    size_t limit = plan->options->slices ? plan->options->slices : SLICES_DEFAULT;
    struct accumulator_set **seen = mem_calloc(limit, sizeof *seen);
    struct buf *key = &worker->scratch.key;
    size_t seen_count = 0;
    for (size_t row = 0; row < chunk->rows && !slices->overflow; row++) {
        if (!(mask[row >> 6] >> (row & 63) & 1))
            continue;
        buf_clear(key);
        for (size_t i = 0; i < spec->slice_count; i++)
            key_add(key, &plan->schema->columns[spec->slice_columns[i]],
                    &chunk->columns[spec->slice_columns[i]], row);
        struct accumulator_set *set = map_get_n(slices->by_key, buf_str(key), key->length);
        if (!set && slices->count == limit) {
            slices->overflow = true;
            break;
        }
        if (!set)
            set = set_new(worker, group, buf_str(key), key->length);
        size_t at = 0;
        while (at < seen_count && seen[at] != set)
            at++;
        if (at == seen_count) {
            seen[seen_count++] = set;
            slice_mask(worker, at);
        }
        worker->row_masks[at][row >> 6] |= 1ull << (row & 63);
    }
    for (size_t i = 0; i < seen_count; i++)
        add_to_set(worker, group, seen[i], chunk, worker->row_masks[i]);
    free(seen);
}

static void worker_chunk(void *state, const struct chunk *chunk)
{
    struct worker *worker = state;
    const struct plan *plan = &worker->run->plan;
    scratch_fit(&worker->scratch, chunk->rows);
    worker->rows += chunk->rows;
    for (size_t g = 0; g < plan->group_count; g++) {
        const struct group *group = &plan->groups[g];
        uint64_t *mask = NULL;
        if (group->error)
            continue;
        if (group->condition) {
            mask = worker->scratch.words[7];
            condition_test(group->condition, worker->scratch.condition, chunk, mask);
        }
        if (group->slice_count)
            add_slices(worker, g, chunk, mask ? mask : worker->scratch.all);
        else
            add_to_set(worker, g, worker->groups[g].sets[0], chunk, mask);
    }
}

static void merge_set(const struct plan *plan, const struct group *group, struct accumulator_set *into,
                      struct accumulator_set *from)
{
    into->rows += from->rows;
    for (size_t i = 0; i < group->spec_count; i++)
        accumulator_merge(plan, &group->specs[i], &into->items[i], &from->items[i]);
}

static void worker_merge(struct worker *into, struct worker *from)
{
    const struct plan *plan = &into->run->plan;
    into->rows += from->rows;
    for (size_t g = 0; g < plan->group_count; g++) {
        struct slices *a = &into->groups[g], *b = &from->groups[g];
        a->overflow = a->overflow || b->overflow;
        for (size_t i = 0; i < b->count; i++) {
            struct accumulator_set *other = b->sets[i], *own;
            if (!other->key)
                own = a->sets[0];
            else if (!(own = map_get_n(a->by_key, other->key, other->key_length)))
                own = set_new(into, g, other->key, other->key_length);
            merge_set(plan, &plan->groups[g], own, other);
        }
    }
    worker_free(from);
}

static bool settle_all(const struct plan *plan, const struct slices *groups, struct data_error *error)
{
    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t i = 0; i < plan->groups[g].spec_count; i++)
            for (size_t s = 0; s < groups[g].count; s++)
                if (!accumulator_settle(&plan->groups[g].specs[i], &groups[g].sets[s]->items[i], error))
                    return false;
    return true;
}

/* --- results --- */

static const char *slice_label(struct plan *plan, const struct group *group,
                               const struct accumulator_set *set)
{
    struct buf label = {0};
    const char *key = set->key, *end = set->key + set->key_length;
    for (size_t i = 0; i < group->slice_count; i++) {
        const struct column_schema *schema = &plan->schema->columns[group->slice_columns[i]];
        struct cell cell = key_next(&key, end, schema);
        buf_printf(&label, "%s%s=", i ? ", " : "", schema->name);
        if (cell.type == COLUMN_NULL)
            buf_add_str(&label, "null");
        else if (cell.type == COLUMN_STRING)
            buf_add(&label, cell.text, cell.length);
        else
            cell_print(&label, schema, cell);
    }
    const char *text = arena_copy(plan->arena, buf_str(&label), label.length);
    buf_free(&label);
    return text;
}

static int by_label(const void *a, const void *b)
{
    const struct accumulator_set *const *x = a, *const *y = b;
    return strcmp((*x)->label, (*y)->label);
}

static void finish_slices(struct run *run, struct worker *all, size_t binding_index, struct second_pass *pass,
                          struct check_result *results, size_t *count, const struct check_result *whole)
{
    struct plan *plan = &run->plan;
    const struct binding *binding = &plan->bindings[binding_index];
    const struct group *group = &plan->groups[binding->group];
    struct slices *slices = &all->groups[binding->group];
    if (slices->overflow || group->error) {
        struct check_result *out = &results[(*count)++];
        *out = (struct check_result){.check = binding->prepared->check, .slice = "*"};
        if (group->error)
            finish_error(plan, out, "%s", group->error);
        else
            finish_error(plan, out, "there are more than %zu slices",
                         plan->options->slices ? plan->options->slices : (size_t)SLICES_DEFAULT);
        return;
    }
    for (size_t i = 0; i < slices->count; i++)
        slices->sets[i]->label = slice_label(plan, group, slices->sets[i]);
    if (slices->count)
        qsort(slices->sets, slices->count, sizeof *slices->sets, by_label);
    for (size_t i = 0; i < slices->count; i++) {
        struct accumulator_set *set = slices->sets[i];
        struct check_result *out = &results[(*count)++];
        *out = (struct check_result){.check = binding->prepared->check, .slice = set->label};
        if ((int64_t)set->rows < binding->prepared->check->slice_least) {
            out->status = CHECK_SKIPPED;
            out->reason = arena_printf(plan->arena, "%llu %s too few to judge", (unsigned long long)set->rows,
                                       set->rows == 1 ? "row is" : "rows are");
            continue;
        }
        finish_binding(plan, binding, set, out);
        second_use(pass, binding_index, set, plan, out);
        finish_gap(plan, binding->prepared, whole, out);
    }
}

static void finish_all(struct run *run, struct worker *all, struct second_pass *pass,
                       struct check_report *report)
{
    struct plan *plan = &run->plan;
    size_t most = 0, count = 0;
    for (size_t b = 0; b < plan->binding_count; b++)
        most += all->groups[plan->bindings[b].group].count + 1;
    struct check_result *results = arena_array(plan->arena, most + 1, sizeof *results), *whole = NULL;
    for (size_t b = 0; b < plan->binding_count; b++) {
        const struct binding *binding = &plan->bindings[b];
        if (plan->groups[binding->group].slice_count) {
            finish_slices(run, all, b, pass, results, &count, whole);
            continue;
        }
        struct accumulator_set *set = all->groups[binding->group].sets[0];
        whole = &results[count++];
        *whole = (struct check_result){.check = binding->prepared->check};
        finish_binding(plan, binding, set, whole);
        second_use(pass, b, set, plan, whole);
    }
    report->results = results;
    report->result_count = count;
}

bool check_run(struct arena *arena, struct table *table, const struct check *checks, size_t count,
               const struct check_options *options, struct check_report *report, struct data_error *error)
{
    static const struct check_options DEFAULTS;
    struct run run = {.table = table};
    options = options ? options : &DEFAULTS;
    run.plan = (struct plan){.arena = arena, .checks = checks, .check_count = count, .options = options};
    run.plan.budget = memory_budget_new(options->memory ? options->memory : 1ull << 30);
    pthread_mutex_init(&run.lock, NULL);
    prepare(&run);
    struct scan_hooks hooks = {&run, worker_start, worker_chunk, worker_discard};
    void *states[SCAN_THREADS_LIMIT];
    size_t state_count = 0;
    bool good = table_scan(table, options->threads, &hooks, states, &state_count, error);
    if (good) {
        struct worker *all = states[0];
        struct second_pass pass = {0};
        for (size_t i = 1; i < state_count; i++)
            worker_merge(all, states[i]);
        report->rows = all->rows;
        report->findings = table_findings(table);
        good = settle_all(&run.plan, all->groups, error) && second_pass(&run, all, &pass, error);
        if (good)
            finish_all(&run, all, &pass, report);
        second_end(&pass);
        worker_free(all);
    }
    free_patterns(&run.plan);
    memory_budget_free(run.plan.budget);
    pthread_mutex_destroy(&run.lock);
    return good;
}
