#include "runtime/data/check_engine.h"

#include <string.h>

#include "runtime/data/check_schema.h"

const struct check_other *plan_other(const struct plan *plan, const char *name)
{
    for (size_t i = 0; name && i < plan->options->other_count; i++)
        if (strcmp(plan->options->others[i].name, name) == 0)
            return &plan->options->others[i];
    return NULL;
}

/* Schema checks look columns up themselves: one that is missing is their finding. */
static bool wants_columns(enum check_kind kind)
{
    return kind != CHECK_COLUMN_EXISTS;
}

/* The columns that a condition names: what the samples of its failing rows show. */
static void columns_of_condition(struct plan *plan, struct prepared *prepared, const struct expr *expr)
{
    int at = expr->kind == EXPR_NAME ? schema_find(plan->schema, expr->name) : -1;
    bool known = at < 0;
    for (size_t i = 0; i < prepared->column_count && !known; i++)
        known = prepared->columns[i] == at;
    if (!known && prepared->column_count < CHECK_COLUMNS_LIMIT)
        prepared->columns[prepared->column_count++] = at;
    for (size_t i = 0; i < expr->arg_count; i++)
        columns_of_condition(plan, prepared, expr->args[i]);
}

static void resolve_columns(struct plan *plan, struct prepared *prepared)
{
    const struct check *check = prepared->check;
    const struct check_kind_info *info = check_kind_info(check->kind);
    prepared->schemas = plan->schema->columns;
    if (check->error) {
        prepared->error = value_string_or(check->error, "the arguments were refused");
        return;
    }
    prepared->error = check_columns_error(plan->arena, check);
    if (prepared->error)
        return;
    if (!(check->mostly >= 0 && check->mostly <= 1) && info->group == CHECK_GROUP_EACH) {
        prepared->error = "mostly must be between 0 and 1";
        return;
    }
    for (size_t i = 0; i < check->column_count && wants_columns(check->kind); i++) {
        int at = schema_find(plan->schema, check->columns[i]);
        if (at < 0) {
            prepared->error = schema_missing(plan->arena, plan->schema, check->columns[i]);
            return;
        }
        prepared->columns[i] = at;
        prepared->column_count = i + 1;
    }
    if (check->kind == CHECK_SATISFIES && check->satisfies)
        columns_of_condition(plan, prepared, check->satisfies);
    if (prepared->column_count)
        prepared->schema = plan->schema->columns[prepared->columns[0]];
}

/* --- groups --- */

static size_t find_group(struct plan *plan, const struct check *check, bool sliced)
{
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct group *group = &plan->groups[i];
        bool same = group->where == check->where ||
                    (group->where && check->where && expr_equal(group->where, check->where));
        if (same && group->slice_count == (sliced ? check->slice_count : 0)) {
            for (size_t j = 0; same && j < group->slice_count; j++)
                same = group->slice_columns[j] == schema_find(plan->schema, check->slice_by[j]);
            if (same)
                return i;
        }
    }
    struct group *group = &plan->groups[plan->group_count];
    memset(group, 0, sizeof *group);
    group->where = check->where;
    if (check->where)
        group->condition = condition_prepare(plan->arena, plan->schema, check->where, &group->error);
    for (size_t j = 0; sliced && j < check->slice_count && j < CHECK_COLUMNS_LIMIT; j++) {
        group->slice_columns[j] = schema_find(plan->schema, check->slice_by[j]);
        if (group->slice_columns[j] < 0)
            group->error =
                arena_printf(plan->arena, "the data has no column \"%s\" to slice by", check->slice_by[j]);
        else
            plan->needs[group->slice_columns[j]] |= NEED_VALUES;
        group->slice_count = j + 1;
    }
    if (!group->error)
        condition_needs(group->condition, plan->needs);
    return plan->group_count++;
}

static bool same_spec(const struct accumulator_spec *a, const struct accumulator_spec *b)
{
    return a->kind == b->kind && a->owner == b->owner && a->compound == b->compound &&
           a->column_count == b->column_count &&
           memcmp(a->columns, b->columns, a->column_count * sizeof *a->columns) == 0;
}

static void bind_spec(struct plan *plan, struct binding *binding, const struct accumulator_spec *spec)
{
    struct group *group = &plan->groups[binding->group];
    size_t at = 0;
    while (at < group->spec_count && !same_spec(&group->specs[at], spec))
        at++;
    if (at == group->spec_count) {
        if (group->spec_count == group->spec_capacity) {
            size_t capacity = group->spec_capacity ? group->spec_capacity * 2 : 8;
            struct accumulator_spec *specs = arena_array(plan->arena, capacity, sizeof *specs);
            if (group->spec_count)
                memcpy(specs, group->specs, group->spec_count * sizeof *specs);
            group->specs = specs;
            group->spec_capacity = capacity;
        }
        group->specs[group->spec_count++] = *spec;
    } else if (spec->detail > group->specs[at].detail) {
        group->specs[at].detail = spec->detail;
    }
    binding->accumulators[binding->accumulator_count++] = at;
}

static void bind(struct plan *plan, struct binding *binding, enum accumulator_kind kind,
                 enum distinct_detail detail)
{
    const struct prepared *prepared = binding->prepared;
    struct accumulator_spec spec = {.kind = kind, .detail = detail, .column_count = prepared->column_count};
    memcpy(spec.columns, prepared->columns, sizeof spec.columns);
    if (kind == ACCUMULATE_COUNTS || kind == ACCUMULATE_MOMENTS || kind == ACCUMULATE_QUANTILES)
        spec.column_count = 1;
    spec.compound = kind == ACCUMULATE_DISTINCT && prepared->column_count > 1;
    if (kind == ACCUMULATE_VERDICTS || kind == ACCUMULATE_ORDER || kind == ACCUMULATE_BINS ||
        (spec.compound && check_kind_info(prepared->check->kind)->group == CHECK_GROUP_EACH))
        spec.owner = prepared;
    bind_spec(plan, binding, &spec);
    for (size_t i = 0; i < spec.column_count; i++) {
        unsigned *need = &plan->needs[spec.columns[i]];
        const struct column_schema *schema = &plan->schema->columns[spec.columns[i]];
        *need |= kind == ACCUMULATE_COUNTS ? NEED_NULLS : NEED_VALUES;
        if (schema->declared && kind != ACCUMULATE_COUNTS && schema->type != COLUMN_STRING)
            *need |= NEED_TEXT; /* only a declared type can have bad cells, whose text is worth showing */
    }
}

static bool is_numeric(enum column_type type)
{
    return column_type_is_number(type) || type == COLUMN_BOOL;
}

static void refuse_type(struct plan *plan, struct prepared *prepared, const char *wanted)
{
    char type[32];
    prepared->error = arena_printf(plan->arena, "column \"%s\" holds %s; %s wants %s", prepared->schema.name,
                                   column_type_name(&prepared->schema, type),
                                   check_kind_info(prepared->check->kind)->name, wanted);
}

static bool by_quartiles(const struct check *check)
{
    return check->kind == CHECK_NOT_OUTLIER && !check->about_mean;
}

static void bind_each(struct plan *plan, struct binding *binding)
{
    struct prepared *prepared = binding->prepared;
    switch (prepared->check->kind) {
    case CHECK_UNIQUE:
        bind(plan, binding, ACCUMULATE_DISTINCT, DISTINCT_UNIQUE);
        bind(plan, binding, ACCUMULATE_COUNTS, 0);
        return;
    case CHECK_INCREASING:
    case CHECK_DECREASING:
        if (prepared->schema.type != COLUMN_NULL)
            bind(plan, binding, ACCUMULATE_ORDER, 0);
        return;
    case CHECK_Z_SCORE:
    case CHECK_NOT_OUTLIER:
        bind(plan, binding, ACCUMULATE_VERDICTS, 0);
        if (prepared->schema.type != COLUMN_NULL)
            bind(plan, binding, by_quartiles(prepared->check) ? ACCUMULATE_QUANTILES : ACCUMULATE_MOMENTS, 0);
        return;
    default:
        bind(plan, binding, ACCUMULATE_VERDICTS, 0);
        break;
    }
    if (check_kind_info(prepared->check->kind)->group == CHECK_GROUP_EACH && prepared->accept_bad &&
        prepared->check->kind != CHECK_NOT_NULL && prepared->check->kind != CHECK_IS_NULL && !prepared->set &&
        prepared->column_count == 1 && prepared->schema.type != COLUMN_STRING)
        plan->needs[prepared->columns[0]] |= NEED_TEXT; /* judged by its text */
    condition_needs(prepared->condition, plan->needs);
}

static void bind_extreme(struct plan *plan, struct binding *binding)
{
    enum column_type type = binding->prepared->schema.type;
    if (type == COLUMN_STRING)
        bind(plan, binding, ACCUMULATE_TEXTS, 0);
    else if (type != COLUMN_NULL)
        bind(plan, binding, ACCUMULATE_MOMENTS, 0);
}

static void bind_numbers(struct plan *plan, struct binding *binding, enum accumulator_kind kind, bool times)
{
    struct prepared *prepared = binding->prepared;
    enum column_type type = prepared->schema.type;
    if (type == COLUMN_NULL)
        return;
    if (is_numeric(type) || (times && column_type_is_time(type)))
        bind(plan, binding, kind, 0);
    else
        refuse_type(plan, prepared, times ? "numbers or times" : "numbers");
}

static void bind_pair(struct plan *plan, struct binding *binding)
{
    for (size_t i = 0; i < 2; i++)
        if (plan->schema->columns[binding->prepared->columns[i]].type == COLUMN_STRING)
            refuse_type(plan, binding->prepared, "numbers");
    bind(plan, binding, ACCUMULATE_PAIRS, 0);
}

static void bind_drift(struct plan *plan, struct binding *binding)
{
    enum column_type type = binding->prepared->schema.type;
    enum accumulator_kind kind = ACCUMULATE_DISTINCT;
    if (binding->prepared->detail)
        kind = ACCUMULATE_BINS;
    else if (is_numeric(type) && type != COLUMN_BOOL)
        kind = ACCUMULATE_QUANTILES;
    bind(plan, binding, kind, DISTINCT_COUNTS);
    bind(plan, binding, ACCUMULATE_COUNTS, 0);
}

static void bind_measure(struct plan *plan, struct binding *binding, enum check_kind kind)
{
    struct prepared *prepared = binding->prepared;
    enum column_type type = prepared->schema.type;
    switch (kind) {
    case CHECK_NULL_COUNT:
    case CHECK_NULL_FRACTION:
    case CHECK_COMPLETENESS:
        bind(plan, binding, ACCUMULATE_COUNTS, 0);
        return;
    case CHECK_DISTINCT_COUNT:
    case CHECK_DISTINCT_FRACTION:
    case CHECK_DISTINCTNESS:
        bind(plan, binding, ACCUMULATE_DISTINCT, DISTINCT_NUMBER);
        return;
    case CHECK_UNIQUENESS:
    case CHECK_DUPLICATE_COUNT:
    case CHECK_DUPLICATE_FRACTION:
        bind(plan, binding, ACCUMULATE_DISTINCT, DISTINCT_UNIQUE);
        return;
    case CHECK_MIN:
    case CHECK_MAX:
        bind_extreme(plan, binding);
        return;
    case CHECK_AGE:
        if (type == COLUMN_TIMESTAMP || type == COLUMN_DATE)
            bind(plan, binding, ACCUMULATE_MOMENTS, 0);
        else if (type != COLUMN_NULL)
            refuse_type(plan, prepared, "dates or timestamps");
        return;
    case CHECK_MEAN:
    case CHECK_SUM:
    case CHECK_STDEV:
    case CHECK_STDEV_POPULATION:
    case CHECK_VARIANCE:
        bind_numbers(plan, binding, ACCUMULATE_MOMENTS, false);
        return;
    case CHECK_MEDIAN:
    case CHECK_QUANTILE:
    case CHECK_SKEWNESS:
    case CHECK_KURTOSIS:
        bind_numbers(plan, binding, ACCUMULATE_QUANTILES, true);
        return;
    case CHECK_QUANTILES:
        bind_numbers(plan, binding, ACCUMULATE_QUANTILES, true);
        if (binding->accumulator_count)
            bind(plan, binding, ACCUMULATE_COUNTS, 0); /* for cells of another type */
        return;
    case CHECK_MIN_LENGTH:
    case CHECK_MAX_LENGTH:
    case CHECK_MEAN_LENGTH:
        if (type == COLUMN_STRING)
            bind(plan, binding, ACCUMULATE_TEXTS, 0);
        else if (type != COLUMN_NULL)
            refuse_type(plan, prepared, "texts");
        return;
    case CHECK_CORRELATION:
    case CHECK_MEAN_ABSOLUTE_ERROR:
    case CHECK_ROOT_MEAN_SQUARED_ERROR:
        bind_pair(plan, binding);
        return;
    case CHECK_PARTITION_KL:
        bind(plan, binding, ACCUMULATE_DISTINCT, DISTINCT_COUNTS);
        return;
    case CHECK_DRIFT:
        bind_drift(plan, binding);
        return;
    case CHECK_ROWS:
    case CHECK_ROWS_EQUAL_OTHER:
        return;
    case CHECK_CHANGE:
    case CHECK_MEASURE_EQUAL_OTHER:
        if (prepared->check->measure != CHECK_CHANGE && prepared->check->measure != CHECK_MEASURE_EQUAL_OTHER)
            bind_measure(plan, binding, prepared->check->measure);
        return;
    default: /* sets, entropy, and the model measures, which count combinations */
        bind(plan, binding, ACCUMULATE_DISTINCT, DISTINCT_COUNTS);
        return;
    }
}

static void bind_check(struct plan *plan, struct prepared *prepared, bool sliced)
{
    struct binding *binding = &plan->bindings[plan->binding_count++];
    memset(binding, 0, sizeof *binding);
    binding->prepared = prepared;
    binding->group = find_group(plan, prepared->check, sliced);
    if (plan->groups[binding->group].error && !prepared->error)
        prepared->error = plan->groups[binding->group].error;
    if (prepared->error)
        return;
    enum check_group kind = check_kind_info(prepared->check->kind)->group;
    if (kind == CHECK_GROUP_EACH)
        bind_each(plan, binding);
    else if (kind != CHECK_GROUP_SCHEMA)
        bind_measure(plan, binding, prepared->check->kind);
    if (!prepared->error && kind == CHECK_GROUP_MEASURE && binding->accumulator_count == 1 &&
        prepared->column_count == 1)
        bind(plan, binding, ACCUMULATE_COUNTS, 0); /* for missing_count */
    if (prepared->check->kind == CHECK_TYPE)
        bind(plan, binding, ACCUMULATE_COUNTS, 0);
}

/* What a strict engine refuses for the type of the column alone. */
static const char *strict_error(const struct plan *plan, const struct prepared *prepared)
{
    enum check_kind kind = prepared->check->kind;
    enum column_type type = prepared->schema.type;
    bool ordered = kind == CHECK_BETWEEN || kind == CHECK_MIN || kind == CHECK_MAX ||
                   kind == CHECK_INCREASING || kind == CHECK_DECREASING;
    const struct value *set = prepared->check->set, *format = set && set->count ? set->items[0] : NULL;
    bool parsed = kind == CHECK_STRFTIME ||
                  (kind == CHECK_FORMAT && strcmp(value_string_or(format, ""), "dateutil") == 0);
    if (!plan->options->strict_types)
        return NULL;
    if (ordered && type == COLUMN_STRING)
        return "texts have no order";
    if (parsed && column_type_is_time(type))
        return "times are no texts";
    return NULL;
}

void plan_prepare(struct plan *plan)
{
    size_t count = plan->check_count;
    plan->prepared = arena_array(plan->arena, count + 1, sizeof *plan->prepared);
    plan->groups = arena_array(plan->arena, 2 * count + 1, sizeof *plan->groups);
    plan->bindings = arena_array(plan->arena, 2 * count + 1, sizeof *plan->bindings);
    plan->needs = arena_array(plan->arena, plan->schema->count + 1, sizeof *plan->needs);
    plan->group_count = plan->binding_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct prepared *prepared = &plan->prepared[i];
        prepared->check = &plan->checks[i];
        resolve_columns(plan, prepared);
        if (!prepared->error && check_kind_info(prepared->check->kind)->group == CHECK_GROUP_EACH)
            prepare_judge(plan, prepared);
        if (!prepared->error && prepared->check->kind == CHECK_DRIFT)
            prepare_drift(plan, prepared);
        if (!prepared->error)
            prepared->error = strict_error(plan, prepared);
        bind_check(plan, prepared, false);
        if (prepared->check->slice_count)
            bind_check(plan, prepared, true);
    }
}
