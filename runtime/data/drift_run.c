#include "runtime/data/drift_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a scan gathers of one column: sorted numbers, or counts of values. */
struct gathered {
    bool numeric;
    bool approximate; /* the numbers are a sample */
    uint64_t rows, valid;
    struct quantiles *numbers;
    struct distinct *values;
};

struct gatherer {
    struct table *table;
    const bool *wanted;
    struct memory_budget *budget;
    bool approximate;
};

struct gather_state {
    struct gatherer *gatherer;
    const struct table_schema *schema;
    struct gathered *columns;
};

static void *gather_start(void *context)
{
    struct gatherer *gatherer = context;
    struct gather_state *state = mem_calloc(1, sizeof *state);
    state->gatherer = gatherer;
    state->schema = table_schema(gatherer->table);
    state->columns = mem_calloc(state->schema->count + 1, sizeof *state->columns);
    for (size_t i = 0; i < state->schema->count; i++) {
        const struct column_schema *schema = &state->schema->columns[i];
        if (!gatherer->wanted[i])
            continue;
        state->columns[i].numeric = column_type_is_number(schema->type);
        if (state->columns[i].numeric)
            state->columns[i].numbers = quantiles_new(schema, gatherer->budget);
        else
            state->columns[i].values = distinct_new(schema, DISTINCT_COUNTS, gatherer->budget);
    }
    return state;
}

static void gather_chunk(void *context, const struct chunk *chunk)
{
    struct gather_state *state = context;
    for (size_t i = 0; i < state->schema->count; i++) {
        struct gathered *column = &state->columns[i];
        if (!state->gatherer->wanted[i])
            continue;
        column->rows += chunk->rows;
        column->valid += chunk->columns[i].valid_count;
        if (column->numeric && state->gatherer->approximate)
            quantiles_sample(column->numbers, &state->schema->columns[i], &chunk->columns[i], chunk->rows,
                             NULL, chunk->first_row);
        else if (column->numeric)
            quantiles_add(column->numbers, &state->schema->columns[i], &chunk->columns[i], chunk->rows, NULL);
        else
            distinct_add(column->values, &chunk->columns[i], chunk->rows, NULL);
    }
}

static void gather_free(struct gather_state *state)
{
    for (size_t i = 0; i < state->schema->count; i++) {
        if (state->columns[i].numbers)
            quantiles_free(state->columns[i].numbers);
        if (state->columns[i].values)
            distinct_free(state->columns[i].values);
    }
    free(state->columns);
    free(state);
}

static void gather_discard(void *context, void *state)
{
    (void)context;
    gather_free(state);
}

static void gather_merge(struct gather_state *into, struct gather_state *from)
{
    for (size_t i = 0; i < into->schema->count; i++) {
        struct gathered *a = &into->columns[i], *b = &from->columns[i];
        a->rows += b->rows;
        a->valid += b->valid;
        if (a->numbers)
            quantiles_merge(a->numbers, b->numbers);
        if (a->values)
            distinct_merge(a->values, b->values);
        b->numbers = NULL;
        b->values = NULL;
    }
    gather_free(from);
}

static struct gather_state *gather(struct table *table, const bool *wanted, struct memory_budget *budget,
                                   const struct drift_options *options, struct data_error *error)
{
    struct gatherer gatherer = {table, wanted, budget, options->approximate};
    struct scan_hooks hooks = {&gatherer, gather_start, gather_chunk, gather_discard};
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    table_need_nothing(table);
    for (size_t i = 0; i < table_schema(table)->count; i++)
        if (wanted[i])
            table_need(table, i, NEED_VALUES);
    if (!table_scan(table, options->threads, &hooks, states, &count, error))
        return NULL;
    for (size_t i = 1; i < count; i++)
        gather_merge(states[0], states[i]);
    struct gather_state *all = states[0];
    for (size_t i = 0; options->approximate && i < all->schema->count; i++)
        if (all->columns[i].numbers)
            all->columns[i].approximate = quantiles_settle(all->columns[i].numbers);
    return all;
}

/* --- sides --- */

static bool side_of(struct arena *arena, const struct column_schema *schema, struct gathered *column,
                    struct drift_side *out, struct data_error *error)
{
    struct distinct_totals totals;
    uint64_t counted = column->approximate ? column->valid
                       : column->numeric   ? quantiles_count(column->numbers)
                                           : 0;
    if (column->numeric)
        return drift_side_of_numbers(arena, column->numbers, column->rows - counted, out, error);
    return distinct_finish(column->values, &totals, error) &&
           drift_side_of_values(arena, schema, column->values, column->rows - column->valid, out, error);
}

bool drift_read_side(struct arena *arena, struct table *table, const char *column, bool numeric,
                     const struct drift_options *options, struct drift_side *out, bool *approximate,
                     struct data_error *error)
{
    const struct table_schema *schema = table_schema(table);
    int at = schema_find(schema, column);
    if (at < 0) {
        data_fail(error, "there is no column \"%s\"", column);
        return false;
    }
    bool *wanted = arena_array(arena, schema->count + 1, sizeof *wanted);
    wanted[at] = true;
    struct memory_budget *budget = memory_budget_new(options->memory ? options->memory : 1ull << 30);
    struct gather_state *state = gather(table, wanted, budget, options, error);
    bool good = state != NULL;
    schema = table_schema(table);
    if (good && state->columns[at].numeric != numeric) {
        data_fail(error, "column \"%s\" holds %s", column, numeric ? "no numbers" : "numbers");
        good = false;
    }
    good = good && side_of(arena, &schema->columns[at], &state->columns[at], out, error);
    *approximate = good && state->columns[at].approximate;
    if (state)
        gather_free(state);
    memory_budget_free(budget);
    return good;
}

/* --- columns --- */

static void add_result(struct arena *arena, struct drift_column *column, struct drift_result result,
                       const struct drift_options *options)
{
    struct drift_result *results = arena_array(arena, column->result_count + 1, sizeof *results);
    if (column->result_count)
        memcpy(results, column->results, column->result_count * sizeof *results);
    if (options->has_threshold && result.computed) {
        result.threshold = options->threshold;
        result.drifted = drift_measure_is_test(result.measure) ? result.p < result.threshold
                                                               : result.value >= result.threshold;
    }
    result.approximate = result.approximate || column->approximate;
    results[column->result_count++] = result;
    column->results = results;
}

static bool measure_of(struct arena *arena, const char *name, bool numeric, size_t distinct, size_t reference,
                       enum drift_measure *out, struct drift_column *column)
{
    *out = name ? drift_measure_by_name(name) : drift_choose(numeric, distinct, reference);
    if (*out != DRIFT_MEASURE_COUNT)
        return true;
    column->error = arena_printf(arena, "\"%s\" is no measure of drift", name);
    return false;
}

/* Times move on by themselves, and what hardly repeats has no distribution to compare. */
static const char *not_comparable(const struct column_schema *schema, const struct drift_side *side,
                                  const struct drift_options *options)
{
    enum column_type type = schema->type;
    if (options->columns)
        return NULL;
    if (column_type_is_time(type))
        return "times are compared only when the column is named";
    if (type == COLUMN_STRING && side->key_count > 50 && side->key_count * 10 > side->count * 3)
        return "identifiers and free text are compared only when the column is named";
    return NULL;
}

static void compare(struct arena *arena, struct drift_column *column, const struct drift_side *reference,
                    const struct drift_side *current, const struct drift_options *options)
{
    size_t asked = options->measures ? options->measure_count : 1;
    size_t distinct;
    if (column->numeric) {
        distinct = drift_distinct(reference, current);
    } else {
        struct drift_bins bins = drift_evidently_bins(arena, false, reference, current);
        distinct = bins.bin_count;
    }
    if (reference->count && current->count)
        column->histogram = drift_evidently_bins(arena, column->numeric, reference, current);
    for (size_t i = 0; i < asked; i++) {
        enum drift_measure measure;
        if (!measure_of(arena, options->measures ? options->measures[i] : NULL, column->numeric, distinct,
                        reference->count, &measure, column))
            return;
        add_result(arena, column, drift_compute(arena, measure, column->numeric, reference, current),
                   options);
    }
}

/* One measure of numbers over what a profile keeps of them. */
static struct drift_result profile_measure(struct arena *arena, enum drift_measure measure,
                                           const struct profile_column *reference,
                                           const struct drift_side *current, const struct drift_bins *bins)
{
    struct drift_bins deciles = {0};
    if (measure != DRIFT_PSI_DECILES || current->count == 0)
        return drift_of_bins(arena, measure, bins);
    if (reference->deciles)
        deciles = drift_kept_decile_bins(arena, reference->decile_edges, reference->deciles,
                                         reference->decile_counts, current);
    struct drift_result result = drift_of_bins(arena, measure, &deciles);
    if (reference->deciles == 0)
        result.error = "the profile was made without deciles; make it again";
    return result;
}

/* A profile that kept all values of a column is as good as the column. */
static void compare_profile(struct arena *arena, struct drift_column *column,
                            const struct profile_column *reference, const struct drift_side *current,
                            const struct drift_options *options)
{
    size_t asked = options->measures ? options->measure_count : 1;
    struct drift_side side;
    if (drift_profile_side(arena, reference, column->numeric, &side)) {
        compare(arena, column, &side, current, options);
        return;
    }
    if (!column->numeric || !drift_profile_bins(arena, reference, current, &column->histogram)) {
        column->error = "the profile has too many values of this column to compare with";
        return;
    }
    for (size_t i = 0; i < asked; i++) {
        enum drift_measure measure = DRIFT_PSI; /* what bins can give */
        if (options->measures &&
            !measure_of(arena, options->measures[i], column->numeric, 0, 0, &measure, column))
            return;
        struct drift_result result = profile_measure(arena, measure, reference, current, &column->histogram);
        result.approximate = reference->approximate;
        add_result(arena, column, result, options);
    }
}

static bool is_asked(const struct drift_options *options, const char *name)
{
    for (size_t i = 0; i < options->column_count; i++)
        if (strcmp(options->columns[i], name) == 0)
            return true;
    return options->columns == NULL;
}

static void summarize(struct arena *arena, const struct drift_options *options, struct drift_report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < report->column_count; i++)
        count += report->columns[i].result_count;
    struct drift_result **all = arena_array(arena, count + 1, sizeof *all);
    count = 0;
    for (size_t i = 0; i < report->column_count; i++)
        for (size_t j = 0; j < report->columns[i].result_count; j++)
            all[count++] = &report->columns[i].results[j];
    drift_correct(all, count, options->correction);
    for (size_t i = 0; i < report->column_count; i++) {
        struct drift_column *column = &report->columns[i];
        bool computed = false;
        for (size_t j = 0; j < column->result_count; j++) {
            computed = computed || column->results[j].computed;
            column->drifted = column->drifted || (column->results[j].computed && column->results[j].drifted);
        }
        report->compared_count += computed;
        report->drifted_count += column->drifted;
    }
    double share = options->share > 0 ? options->share : 0.5;
    report->drifted =
        report->compared_count && (double)report->drifted_count >= share * (double)report->compared_count;
}

/* The columns of the current data, then those asked for that it lacks, then those that only the reference
 * has.
 */
static struct drift_column *list_columns(struct arena *arena, const struct table_schema *current,
                                         const char *const *reference, size_t reference_count,
                                         const struct drift_options *options, bool *wanted, size_t *count)
{
    const char *const *others = options->columns ? options->columns : reference;
    size_t other_count = options->columns ? options->column_count : reference_count;
    struct drift_column *columns = arena_array(arena, current->count + other_count + 1, sizeof *columns);
    *count = 0;
    for (size_t i = 0; i < current->count; i++)
        if ((wanted[i] = is_asked(options, current->columns[i].name)))
            columns[(*count)++].name = current->columns[i].name;
    for (size_t i = 0; i < other_count; i++)
        if (schema_find(current, others[i]) < 0) {
            columns[*count].name = others[i];
            columns[(*count)++].error = "the current data has no such column";
        }
    return columns;
}

static const char *types_differ(struct arena *arena, const struct column_schema *a,
                                const struct column_schema *b)
{
    char left[32], right[32];
    if (column_type_is_number(a->type) == column_type_is_number(b->type) || a->type == COLUMN_NULL ||
        b->type == COLUMN_NULL)
        return NULL;
    return arena_printf(arena, "the reference holds %s, the current data %s", column_type_name(a, left),
                        column_type_name(b, right));
}

bool drift_run(struct arena *arena, struct table *reference, struct table *current,
               const struct drift_options *options, struct drift_report *report, struct data_error *error)
{
    const struct table_schema *ref_schema = table_schema(reference), *cur_schema = table_schema(current);
    bool *wanted = arena_array(arena, cur_schema->count + 1, sizeof *wanted);
    bool *ref_wanted = arena_array(arena, ref_schema->count + 1, sizeof *ref_wanted);
    memset(report, 0, sizeof *report);
    const char **names = arena_array(arena, ref_schema->count + 1, sizeof *names);
    for (size_t i = 0; i < ref_schema->count; i++)
        names[i] = arena_strdup(arena, ref_schema->columns[i].name);
    report->columns =
        list_columns(arena, cur_schema, names, ref_schema->count, options, wanted, &report->column_count);
    for (size_t i = 0; i < ref_schema->count; i++)
        ref_wanted[i] = schema_find(cur_schema, ref_schema->columns[i].name) >= 0 &&
                        is_asked(options, ref_schema->columns[i].name);
    struct memory_budget *budget = memory_budget_new(options->memory ? options->memory : 1ull << 30);
    struct gather_state *ref = gather(reference, ref_wanted, budget, options, error);
    struct gather_state *cur = ref ? gather(current, wanted, budget, options, error) : NULL;
    bool good = ref && cur;
    ref_schema = table_schema(reference);
    cur_schema = table_schema(current);
    for (size_t i = 0; good && i < report->column_count; i++) {
        struct drift_column *column = &report->columns[i];
        int at = schema_find(cur_schema, column->name), from = schema_find(ref_schema, column->name);
        if (column->error)
            continue;
        if (from < 0) {
            column->error = "the reference has no such column";
            continue;
        }
        column->error = types_differ(arena, &ref_schema->columns[from], &cur_schema->columns[at]);
        if (column->error)
            continue;
        struct drift_side a = {0}, b = {0};
        column->numeric = ref->columns[from].numeric && cur->columns[at].numeric;
        /* sorted numbers are large and only needed here; keys go into the result */
        column->approximate = ref->columns[from].approximate || cur->columns[at].approximate;
        struct arena *sides = column->numeric ? arena_new() : arena;
        good = side_of(sides, &ref_schema->columns[from], &ref->columns[from], &a, error) &&
               side_of(sides, &cur_schema->columns[at], &cur->columns[at], &b, error);
        column->reference_rows = ref->columns[from].rows;
        column->current_rows = cur->columns[at].rows;
        column->reference_nulls = a.null_count;
        column->current_nulls = b.null_count;
        column->skipped = not_comparable(&cur_schema->columns[at], &a, options);
        if (good && !column->skipped)
            compare(arena, column, &a, &b, options);
        if (sides != arena)
            arena_free(sides);
    }
    if (good)
        summarize(arena, options, report);
    if (ref)
        gather_free(ref);
    if (cur)
        gather_free(cur);
    memory_budget_free(budget);
    return good;
}

bool drift_run_profile(struct arena *arena, const struct profile *reference, struct table *current,
                       const struct drift_options *options, struct drift_report *report,
                       struct data_error *error)
{
    const struct table_schema *schema = table_schema(current);
    bool *wanted = arena_array(arena, schema->count + 1, sizeof *wanted);
    memset(report, 0, sizeof *report);
    report->from_profile = true;
    const char **names = arena_array(arena, reference->column_count + 1, sizeof *names);
    for (size_t i = 0; i < reference->column_count; i++)
        names[i] = reference->columns[i].schema.name;
    report->columns =
        list_columns(arena, schema, names, reference->column_count, options, wanted, &report->column_count);
    struct memory_budget *budget = memory_budget_new(options->memory ? options->memory : 1ull << 30);
    struct gather_state *cur = gather(current, wanted, budget, options, error);
    bool good = cur != NULL;
    schema = table_schema(current);
    for (size_t i = 0; good && i < report->column_count; i++) {
        struct drift_column *column = &report->columns[i];
        const struct profile_column *ref = profile_find(reference, column->name);
        int at = schema_find(schema, column->name);
        if (column->error)
            continue;
        column->error = ref ? types_differ(arena, &ref->schema, &schema->columns[at])
                            : "the reference has no such column";
        if (column->error)
            continue;
        struct drift_side side = {0};
        column->numeric = cur->columns[at].numeric && column_type_is_number(ref->schema.type);
        column->approximate = cur->columns[at].approximate;
        struct arena *sides = column->numeric ? arena_new() : arena;
        good = side_of(sides, &schema->columns[at], &cur->columns[at], &side, error);
        column->reference_rows = reference->rows;
        column->reference_nulls = ref->nulls;
        column->current_rows = cur->columns[at].rows;
        column->current_nulls = side.null_count;
        column->skipped = not_comparable(&schema->columns[at], &side, options);
        if (good && !column->skipped)
            compare_profile(arena, column, ref, &side, options);
        if (sides != arena)
            arena_free(sides);
    }
    if (good)
        summarize(arena, options, report);
    if (cur)
        gather_free(cur);
    memory_budget_free(budget);
    return good;
}
