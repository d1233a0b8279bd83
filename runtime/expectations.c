#include "runtime/expectations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/data/check_run.h"
#include "runtime/expectations_ask.h"

enum { SAMPLES_SHOWN = 5, SLICES_SHOWN = 3 };

/* --- what was found */

/* The result for all rows. */
static const struct check_result *whole_of(const struct check_report *report, const struct check *check)
{
    for (size_t i = 0; i < report->result_count; i++)
        if (report->results[i].check == check && report->results[i].slice == NULL)
            return &report->results[i];
    return NULL;
}

/* The result for a slice: the one at that place, which tells "null" from a missing value, if it has the
 * label; measures of other rows have other places. */
static const struct check_result *slice_of(const struct check_report *report, const struct check *check,
                                           const struct slice *slice)
{
    const struct check_result *labelled = NULL;
    size_t place = 0;
    for (size_t i = 0; i < report->result_count; i++) {
        const struct check_result *result = &report->results[i];
        if (result->check != check || result->slice == NULL)
            continue;
        bool same = strcmp(result->slice, slice->label) == 0;
        if (same && place == slice->place)
            return result;
        labelled = same && labelled == NULL ? result : labelled;
        place++;
    }
    return labelled;
}

double expectations_percent(double share)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.15g", share * 100);
    return strtod(digits, NULL);
}

/* A number of the engine as a value of the measure's type: shares become percent. */
static const struct value *typed(struct arena *arena, const struct value *observed, const struct type *type)
{
    double number = observed->kind == VALUE_INT ? (double)observed->integer : observed->number;
    if (type != NULL && type->kind == TYPE_PERCENT)
        return value_quantity(arena, expectations_percent(number), UNIT_PERCENT, 0);
    if (type != NULL && type->kind == TYPE_DURATION)
        return value_quantity(arena, number * 1e6, UNIT_DURATION, 0);
    return observed;
}

/* The share of rows that are good, or of those that are not, from the counts: exact where it can be. */
static const struct value *share_of_rows(struct expectations *all, const struct measured *measured,
                                         const struct check_result *result, const char **why)
{
    double rows = (double)(result->element_count - result->missing_count);
    double bad = (double)result->unexpected_count;
    bool asks_bad = measures_bad_rows(measured);
    if (rows == 0 && measured->measure->bound == NULL) {
        *why = "there are no values to compute it from";
        return NULL;
    }
    double part = asks_bad ? bad : rows - bad;
    double percent = rows == 0 ? (asks_bad ? 0 : 100) : 100 * part / rows;
    return value_quantity(all->arena, percent, UNIT_PERCENT, 0);
}

static const struct value *found_value(struct expectations *all, const struct measured *measured,
                                       const struct slice *slice, const char **why)
{
    const struct check *check = &all->asked.checks[measured->check];
    const struct check_result *result =
        slice == NULL ? whole_of(all->report, check) : slice_of(all->report, check, slice);
    if (result == NULL || result->status == CHECK_ERROR) {
        *why = result != NULL && result->error != NULL ? result->error : "it was not computed";
        return NULL;
    }
    if (result->counted && check_kind_info(result->check->kind)->group == CHECK_GROUP_EACH)
        return share_of_rows(all, measured, result, why);
    const struct value *observed = result->observed;
    if (observed == NULL || (observed->kind != VALUE_INT && observed->kind != VALUE_FLOAT)) {
        bool other = observed != NULL && observed->kind == VALUE_STRING;
        *why = result->reason != NULL ? result->reason
               : other ? arena_printf(all->arena, "it is \"%s\", which is no number", observed->text)
                       : "it has no value here";
        return NULL;
    }
    return typed(all->arena, observed, measured->measure->result);
}

static const struct measured *measured_of(struct expectations *all, const struct expr *expr)
{
    for (size_t i = 0; i < all->measured.count; i++) {
        const struct measured *measured = all->measured.items[i];
        if (measured->expr == expr && (measured->feature == NULL || measured->feature == all->feature))
            return measured;
    }
    return NULL;
}

/* --- slices */

/* The slices of a measure (struct slice *), in the order of the report; `*error` when they could not be made.
 */
static struct vec slices_of(struct expectations *all, const struct expr *sliced, const char **error)
{
    struct vec slices = vec_in(all->arena);
    const struct measured *measured = measured_of(all, sliced);
    const struct check *check = measured == NULL ? NULL : &all->asked.checks[measured->check];
    for (size_t i = 0; check != NULL && i < all->report->result_count; i++) {
        const struct check_result *result = &all->report->results[i];
        if (result->check != check)
            continue;
        if (result->status == CHECK_ERROR && *error == NULL)
            *error = result->error;
        if (result->slice == NULL)
            continue;
        struct slice *slice = arena_alloc(all->arena, sizeof *slice);
        *slice = (struct slice){result->slice, slices.count};
        vec_push(&slices, slice);
    }
    return slices;
}

static const struct expr *first_sliced(const struct expr *expr)
{
    if (is_sliced(expr))
        return expr;
    for (size_t i = 0; expr->kind != EXPR_MEASURE && i < expr->arg_count; i++) {
        const struct expr *found = first_sliced(expr->args[i]);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* `min(mean(fare).by(city))`: the least or the greatest of the slices. */
static const struct value *extreme_slice(struct expectations *all, const struct expr *expr, const char **why)
{
    const struct measured *measured = measured_of(all, expr->args[0]);
    const char *error = NULL;
    struct vec slices = slices_of(all, expr->args[0], &error);
    const struct value *found = NULL;
    *why = error != NULL ? error : "there are no rows, and so no slices";
    for (size_t i = 0; error == NULL && i < slices.count; i++) {
        const struct value *value = found_value(all, measured, slices.items[i], why);
        if (value == NULL)
            return NULL;
        int order = found == NULL ? 0 : value_compare(value, found);
        if (found == NULL || (strcmp(expr->name, "min") == 0 ? order < 0 : order > 0))
            found = value;
    }
    return found;
}

static bool is_extreme(const struct expr *expr)
{
    return expr->kind == EXPR_MEASURE && expr->arg_count == 1 && is_sliced(expr->args[0]);
}

static const struct value *measure_leaf(void *context, const struct expr *expr, const char **why)
{
    struct expectations *all = context;
    if (is_extreme(expr))
        return extreme_slice(all, expr, why);
    const struct measured *measured = measured_of(all, expr);
    if (measured != NULL)
        return found_value(all, measured, is_sliced(expr) ? all->slice : NULL, why);
    *why = "this measure is not computed from a dataset alone";
    return NULL;
}

/* --- what is told */

/* "mean(petal_width) is 1.2" for each measure of a predicate. */
static void describe_found(struct expectations *all, const struct expr *expr, struct buf *out)
{
    const char *why = NULL;
    bool whole = is_sliced(expr) && all->slice == NULL; /* told slice by slice */
    if (!whole && (expr->kind == EXPR_MEASURE || is_sliced(expr))) {
        const struct value *found = measure_leaf(all, expr, &why);
        if (out->length > 0)
            buf_add_str(out, ", ");
        expr_print(out, expr);
        if (found != NULL) {
            buf_add_str(out, " is ");
            expectations_print(out, found);
        } else {
            buf_printf(out, " has no value: %s", why);
        }
        if (is_sliced(expr))
            buf_printf(out, " for %s", all->slice->label);
        return;
    }
    for (size_t i = 0; !whole && i < expr->arg_count; i++)
        describe_found(all, expr->args[i], out);
}

/* --- decisions */

enum answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES };

struct decision {
    struct expectations *all;
    const char *why;  /* why something has no answer */
    struct buf found; /* of slices that do not hold */
    struct vec told;  /* the first of them: struct slice * */
    size_t failed, slices;
};

static enum answer decide_plain(struct decision *decision, const struct expr *expr)
{
    struct expr_leaves leaves = {decision->all, measure_leaf};
    const struct value *result = expr_evaluate(decision->all->arena, expr, &leaves, &decision->why);
    return result == NULL || result->kind != VALUE_BOOL ? ANSWER_UNKNOWN
           : result->boolean                            ? ANSWER_YES
                                                        : ANSWER_NO;
}

/* A comparison with `m.by(column)` must hold for every slice. */
static enum answer decide_slices(struct decision *decision, const struct expr *expr,
                                 const struct expr *sliced)
{
    struct expectations *all = decision->all;
    const char *error = NULL;
    struct vec slices = slices_of(all, sliced, &error);
    enum answer answer = ANSWER_YES;
    if (error != NULL) {
        decision->why = error;
        return ANSWER_UNKNOWN;
    }
    for (size_t i = 0; i < slices.count; i++) {
        all->slice = slices.items[i];
        decision->slices++;
        if (decide_plain(decision, expr) == ANSWER_YES)
            continue;
        answer = ANSWER_NO;
        if (decision->failed++ >= SLICES_SHOWN)
            continue;
        describe_found(all, expr, &decision->found);
        vec_push(&decision->told, slices.items[i]);
    }
    all->slice = NULL;
    return answer;
}

static enum answer decide(struct decision *decision, const struct expr *expr)
{
    bool all_of = expr->kind == EXPR_BINARY && strcmp(expr->name, "and") == 0;
    bool any_of = expr->kind == EXPR_BINARY && strcmp(expr->name, "or") == 0;
    if (all_of || any_of) {
        enum answer left = decide(decision, expr->args[0]), right = decide(decision, expr->args[1]);
        enum answer decides = all_of ? ANSWER_NO : ANSWER_YES, other = all_of ? ANSWER_YES : ANSWER_NO;
        return left == decides || right == decides ? decides
               : left == other && right == other   ? other
                                                   : ANSWER_UNKNOWN;
    }
    if (expr->kind == EXPR_UNARY && strcmp(expr->name, "not") == 0) {
        enum answer answer = decide(decision, expr->args[0]);
        return answer == ANSWER_YES ? ANSWER_NO : answer == ANSWER_NO ? ANSWER_YES : ANSWER_UNKNOWN;
    }
    const struct expr *sliced = first_sliced(expr);
    return sliced != NULL ? decide_slices(decision, expr, sliced) : decide_plain(decision, expr);
}

/* --- rows that are not good */

/* `slice` is NULL for all rows. */
static void note_samples(struct arena *arena, struct diag *diag, const struct check_result *result,
                         const char *slice)
{
    struct buf rows = {0};
    if (slice != NULL && result->sample_count > 0)
        buf_printf(&rows, "%s: ", slice);
    for (size_t i = 0; i < result->sample_count && i < SAMPLES_SHOWN; i++) {
        buf_printf(&rows, "%srow %llu: ", i > 0 ? "; " : "", (unsigned long long)result->samples[i].row + 1);
        value_print(&rows, result->samples[i].value);
    }
    if (rows.length > 0)
        diag_note(diag, "%s%s", arena_strdup(arena, buf_str(&rows)),
                  result->unexpected_count > SAMPLES_SHOWN ? "; …" : "");
    buf_free(&rows);
}

/* The rows behind the shares that a predicate speaks of; a share that is neither good nor bad has none. */
static void note_rows(struct expectations *all, struct diag *diag, const struct expr *expr,
                      const struct slice *slice)
{
    const struct measured *measured = measured_of(all, expr);
    if (measured != NULL) {
        const struct check *check = &all->asked.checks[measured->check];
        bool sliced = is_sliced(expr);
        const struct check_result *result =
            sliced && slice != NULL ? slice_of(all->report, check, slice) : whole_of(all->report, check);
        if (sliced == (slice != NULL) && result != NULL && result->counted && measured->measure->better != 0)
            note_samples(all->arena, diag, result, slice == NULL ? NULL : slice->label);
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        note_rows(all, diag, expr->args[i], slice);
}

static void report_predicate(struct expectations *all, struct node *predicate, struct decision *decision)
{
    const struct expr *condition = node_get(predicate, "condition")->expr;
    struct diag *diag =
        diag_report_at(all->diags, DIAG_RUN_EXPECT, all->compilation->origins, all->compilation->sources,
                       predicate->origin, "the data does not meet `%s`%s%s", node_text(predicate, "source"),
                       all->feature != NULL ? " for " : "", all->feature != NULL ? all->feature->name : "");
    struct buf *found = &decision->found;
    describe_found(all, condition, found);
    diag_label(diag, "%s",
               found->length > 0       ? buf_str(found)
               : decision->why != NULL ? decision->why
                                       : "it is no condition");
    if (decision->failed > SLICES_SHOWN)
        diag_note(diag, "it does not hold for %zu of %zu slices", decision->failed, decision->slices);
    note_rows(all, diag, condition, NULL);
    for (size_t i = 0; i < decision->told.count; i++)
        note_rows(all, diag, condition, decision->told.items[i]);
}

static bool judge_once(struct expectations *all, struct node *predicate)
{
    struct decision decision = {.all = all, .told = vec_in(all->arena)};
    bool holds = decide(&decision, node_get(predicate, "condition")->expr) == ANSWER_YES;
    if (!holds)
        report_predicate(all, predicate, &decision);
    buf_free(&decision.found);
    return holds;
}

static bool ask_once(struct expectations *all, struct node *predicate)
{
    ask_measures(all, node_get(predicate, "condition")->expr);
    return true;
}

static void describe_result(struct arena *arena, struct diag *diag, const struct check_result *result)
{
    if (result->status == CHECK_ERROR) {
        diag_label(diag, "%s", result->error);
        return;
    }
    if (result->counted)
        diag_label(diag, "%llu of %llu %s %s not", (unsigned long long)result->unexpected_count,
                   (unsigned long long)result->element_count, result->element_count == 1 ? "row" : "rows",
                   result->unexpected_count == 1 ? "does" : "do");
    note_samples(arena, diag, result, NULL);
}

static bool judge_columns(struct expectations *all, size_t first_measure)
{
    bool holds = true;
    for (size_t i = 0; i < first_measure; i++) {
        const struct check_result *result = whole_of(all->report, &all->asked.checks[i]);
        if (result == NULL || result->status == CHECK_PASSED || result->status == CHECK_SKIPPED)
            continue;
        struct diag *diag =
            diag_report_at(all->diags, DIAG_RUN_EXPECT, all->compilation->origins, all->compilation->sources,
                           all->asked.checks[i].origin, "the data does not meet `%s`",
                           check_describe(all->arena, &all->asked.checks[i]));
        describe_result(all->arena, diag, result);
        holds = false;
    }
    return holds;
}

/* Texts that are not of their column's type are never let through: training would read them. */
static bool judge_findings(struct expectations *all, struct node *dataset)
{
    const struct table_findings *findings = all->report->findings;
    if (findings == NULL || findings->counts[FINDING_BAD_CELL] == 0)
        return true;
    const struct table_finding *first = &findings->kept[FINDING_BAD_CELL][0];
    struct diag *diag = diag_report_at(
        all->diags, DIAG_RUN_EXPECT, all->compilation->origins, all->compilation->sources, dataset->origin,
        findings->counts[FINDING_BAD_CELL] == 1 ? "%llu value is not of its column's type"
                                                : "%llu values are not of their column's type",
        (unsigned long long)findings->counts[FINDING_BAD_CELL]);
    diag_label(diag, "the first: `%s` in row %llu, column %d", first->text, (unsigned long long)first->row,
               first->column + 1);
    return false;
}

static bool judge(struct expectations *all, struct node *dataset, size_t first_measure)
{
    bool holds = judge_findings(all, dataset);
    holds = judge_columns(all, first_measure) && holds;
    const struct value *const *predicates;
    size_t count = node_list(dataset, "checks", &predicates);
    for (size_t i = 0; i < count; i++)
        holds = for_each_feature(all, predicates[i]->node, judge_once) && holds;
    return holds;
}

const struct value *expectations_value(struct arena *arena, struct node *dataset, struct node *feature,
                                       const struct expr *measure, struct table *table, const char **why)
{
    struct expectations all = expectations_of(arena, dataset);
    all.feature = feature;
    *why = "this measure cannot be computed from rows alone";
    if (!ask_measure(&all, measure))
        return NULL;
    struct check_options options = {.no_samples = true, .memory = UINT64_C(256) << 20};
    struct check_report report;
    struct data_error error;
    if (!check_run(arena, table, all.asked.checks, all.asked.count, &options, &report, &error)) {
        *why = arena_strdup(arena, error.message);
        return NULL;
    }
    all.report = &report;
    return measure_leaf(&all, measure, why);
}

void expectations_reads(struct node *dataset, struct vec *others)
{
    const struct value *const *predicates, *const *reads;
    size_t count = node_list(dataset, "checks", &predicates);
    for (size_t i = 0; i < count; i++) {
        size_t read_count = node_list(predicates[i]->node, "reads", &reads);
        for (size_t k = 0; k < read_count; k++) {
            bool known = false;
            for (size_t o = 0; o < others->count; o++)
                known = known || others->items[o] == reads[k]->node;
            if (!known)
                vec_push(others, reads[k]->node);
        }
    }
}

struct expectations_outcome expectations_check(struct arena *arena, struct node *dataset,
                                               const struct expectations_data *data, struct diag_sink *diags)
{
    struct expectations all = expectations_of(arena, dataset);
    all.diags = diags;
    ask_of_columns(&all);
    size_t first_measure = all.asked.count;
    const struct value *const *items;
    size_t count = node_list(dataset, "checks", &items);
    for (size_t i = 0; i < count; i++)
        for_each_feature(&all, items[i]->node, ask_once);
    struct check_options options = {
        .now = data->now_us, .others = data->others, .other_count = data->other_count};
    struct check_report report;
    struct data_error error;
    struct expectations_outcome outcome = {0};
    if (!check_run(arena, data->table, all.asked.checks, all.asked.count, &options, &report, &error)) {
        outcome.problem = arena_strdup(arena, error.message);
        return outcome;
    }
    all.report = &report;
    outcome.hold = judge(&all, dataset, first_measure);
    outcome.rows = report.rows;
    outcome.count = all.asked.count;
    return outcome;
}
