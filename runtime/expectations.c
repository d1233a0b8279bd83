#include "runtime/expectations.h"

#include <math.h>
#include <string.h>
#include "compiler/compilation.h"
#include "core/text.h"
#include "runtime/data/check_run.h"

/* --- what is asked */

struct asked {
    struct arena *arena;
    struct check *checks;
    size_t count, capacity;
};

static struct check *ask(struct asked *asked, enum check_kind kind, const char *column, origin where)
{
    if (asked->count == asked->capacity) {
        size_t capacity = asked->capacity * 2 + 16;
        struct check *more = arena_array(asked->arena, capacity, sizeof *more);
        if (asked->count > 0)
            memcpy(more, asked->checks, asked->count * sizeof *more);
        asked->checks = more;
        asked->capacity = capacity;
    }
    struct check *check = &asked->checks[asked->count++];
    *check = (struct check){.kind = kind, .mostly = 1, .origin = where};
    if (column != NULL) {
        const char **columns = arena_array(asked->arena, 1, sizeof *columns);
        columns[0] = column;
        check->columns = columns;
        check->column_count = 1;
    }
    return check;
}

static void ask_of_column(struct asked *asked, struct node *column)
{
    const char *from = node_text(column, "from");
    const struct value *type = node_get(column, "type");
    const struct value *range = value_get(type, "range"), *words = value_get(type, "words");
    const struct value *nullable = value_get(type, "nullable"), *unique = node_get(column, "unique");
    const struct value *matches = node_get(column, "matches"), *length = node_get(column, "length");
    origin where = column->origin;
    ask(asked, CHECK_COLUMN_EXISTS, from, where);
    if (nullable == NULL || nullable->kind != VALUE_BOOL || !nullable->boolean)
        ask(asked, CHECK_NOT_NULL, from, where);
    if (range != NULL && range->kind == VALUE_RANGE) {
        struct check *check = ask(asked, CHECK_BETWEEN, from, where);
        check->min = range->low;
        check->max = range->high;
    }
    if (words != NULL && words->kind == VALUE_LIST &&
        strcmp(value_string_or(value_get(type, "name"), ""), "one_of") == 0)
        ask(asked, CHECK_IN_SET, from, where)->set = words;
    if (unique->kind == VALUE_BOOL && unique->boolean)
        ask(asked, CHECK_UNIQUE, from, where);
    if (matches->kind == VALUE_STRING) {
        struct check *check = ask(asked, CHECK_MATCHES, from, where);
        check->set = value_list(asked->arena, &matches, 1, where);
        check->anchored = true;
    }
    const char *format = node_text(column, "format");
    if (format != NULL) {
        const struct value *name = value_string(asked->arena, format, where);
        ask(asked, CHECK_FORMAT, from, where)->set = value_list(asked->arena, &name, 1, where);
    }
    if (length->kind == VALUE_INT || length->kind == VALUE_RANGE) {
        struct check *check = ask(asked, CHECK_LENGTH, from, where);
        check->min = length->kind == VALUE_RANGE ? length->low : length;
        check->max = length->kind == VALUE_RANGE ? length->high : length;
    }
}

const char *expectations_header(struct node *dataset, const char *name)
{
    const struct value *const *columns;
    size_t count = node_list(dataset, "columns", &columns);
    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcmp(columns[i]->node->name, name) == 0)
            return node_text(columns[i]->node, "from");
    return name;
}

/* The header of a column that a predicate names: by a name, a text or a node. */
static const char *header_of(struct node *dataset, const struct expr *expr)
{
    if (expr->kind == EXPR_LITERAL && expr->value->kind == VALUE_NODE)
        return node_text(expr->value->node, "from");
    return expectations_header(dataset,
                               expr->kind == EXPR_LITERAL ? value_string_or(expr->value, NULL) : expr->name);
}

/* `features` where a column is expected: the predicate speaks of each feature column in turn. */
static bool is_features(const struct expr *expr)
{
    return expr->kind == EXPR_NAME && strcmp(expr->name, "features") == 0;
}

static bool speaks_of_features(const struct expr *expr)
{
    if (is_features(expr))
        return true;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (speaks_of_features(expr->args[i]))
            return true;
    return false;
}

/* A measure that a predicate uses: computed by the engine without bounds, judged by the predicate's own tree.
 */
struct measured {
    const struct expr *expr;
    struct node *feature; /* the column that `features` stands for, else NULL */
    size_t check;
    const struct type *result;
};

struct expectations {
    struct arena *arena;
    struct node *dataset;
    struct compilation *compilation;
    struct diag_sink *diags;
    struct asked asked;
    struct vec measured;  /* struct measured * */
    struct node *feature; /* the column that `features` stands for just now */
    const struct check_report *report;
};

static double fraction(const struct value *value)
{
    if (value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT)
        return value->number / 100;
    return value->kind == VALUE_INT ? (double)value->integer : value->number;
}

/* correlation(a, b): a measure of two columns. */
static void ask_second_column(struct expectations *all, const struct measure *measure,
                              const struct expr *expr, struct check *check)
{
    const struct type *type = measure->parameter_count > 1 ? measure->parameters[1].type : NULL;
    if (type == NULL || type->kind != TYPE_REFERENCE || expr->arg_count < 2 || check->column_count != 1)
        return;
    const char **columns = arena_array(all->arena, 2, sizeof *columns);
    columns[0] = check->columns[0];
    columns[1] =
        is_features(expr->args[1]) ? node_text(all->feature, "from") : header_of(all->dataset, expr->args[1]);
    check->columns = columns;
    check->column_count = 2;
}

static void ask_measure(struct expectations *all, const struct expr *expr)
{
    const struct measure *measure = map_get(all->compilation->declarations.measures, expr->name);
    if (measure == NULL || measure->native == NULL)
        return;
    bool share = strcmp(measure->native, "share") == 0;
    enum check_kind kind = share ? CHECK_IN_SET : check_kind_by_name(measure->native);
    if (kind == CHECK_KIND_COUNT)
        return;
    bool each = expr->arg_count > 0 && is_features(expr->args[0]);
    const char *column = each                  ? node_text(all->feature, "from")
                         : expr->arg_count > 0 ? header_of(all->dataset, expr->args[0])
                                               : NULL;
    struct check *check = ask(&all->asked, kind, column, expr->origin);
    ask_second_column(all, measure, expr, check);
    if (kind == CHECK_QUANTILE && expr->arg_count > 1 && expr->args[1]->kind == EXPR_LITERAL)
        check->quantile = fraction(expr->args[1]->value);
    if (share && expr->arg_count > 1 && expr->args[1]->kind == EXPR_LITERAL) {
        check->set = value_list(all->arena, &expr->args[1]->value, 1, expr->origin);
        check->mostly = 0;
    }
    struct measured *measured = arena_alloc(all->arena, sizeof *measured);
    *measured = (struct measured){expr, each ? all->feature : NULL, all->asked.count - 1, measure->result};
    vec_push(&all->measured, measured);
}

static void ask_measures(struct expectations *all, const struct expr *expr)
{
    if (expr->kind == EXPR_MEASURE) {
        ask_measure(all, expr);
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        ask_measures(all, expr->args[i]);
}

/* --- what was found */

static const struct check_result *result_of(const struct check_report *report, const struct check *check)
{
    for (size_t i = 0; i < report->result_count; i++)
        if (report->results[i].check == check && report->results[i].slice == NULL)
            return &report->results[i];
    return NULL;
}

/* A number of the engine as a value of the measure's type: shares become percent. */
static const struct value *typed(struct arena *arena, const struct value *observed, const struct type *type)
{
    double number = observed->kind == VALUE_INT ? (double)observed->integer : observed->number;
    if (type != NULL && type->kind == TYPE_PERCENT)
        return value_quantity(arena, number * 100, UNIT_PERCENT, 0);
    if (type != NULL && type->kind == TYPE_DURATION)
        return value_quantity(arena, number * 1e6, UNIT_DURATION, 0);
    return observed;
}

static const struct value *measure_leaf(void *context, const struct expr *expr, const char **why)
{
    struct expectations *all = context;
    for (size_t i = 0; i < all->measured.count; i++) {
        const struct measured *measured = all->measured.items[i];
        if (measured->expr != expr || (measured->feature != NULL && measured->feature != all->feature))
            continue;
        const struct check_result *result = result_of(all->report, &all->asked.checks[measured->check]);
        if (result == NULL || result->status == CHECK_ERROR) {
            *why = result != NULL && result->error != NULL ? result->error : "it was not computed";
            return NULL;
        }
        if (result->check->kind == CHECK_IN_SET && result->element_count == result->missing_count) {
            *why = "there are no values to compute it from";
            return NULL;
        }
        if (result->check->kind == CHECK_IN_SET)
            return value_quantity(all->arena, 100 - result->unexpected_percent, UNIT_PERCENT, 0);
        if (result->observed == NULL ||
            (result->observed->kind != VALUE_INT && result->observed->kind != VALUE_FLOAT)) {
            *why = result->reason != NULL ? result->reason : "it has no value here";
            return NULL;
        }
        return typed(all->arena, result->observed, measured->result);
    }
    *why = "this measure is not computed from a dataset alone";
    return NULL;
}

/* A found duration in the largest unit that fits, as "1030.2d". */
static void print_duration(struct buf *out, double microseconds)
{
    static const struct {
        const char *unit;
        double size;
    } UNITS[] = {{"d", 864e8}, {"h", 36e8}, {"m", 6e7}, {"s", 1e6}, {"ms", 1e3}, {"us", 1}};
    size_t i = 0;
    while (i < 5 && fabs(microseconds) < UNITS[i].size)
        i++;
    char text[32];
    text_from_double(round(microseconds / UNITS[i].size * 100) / 100, text);
    buf_printf(out, "%s%s", text, UNITS[i].unit);
}

static const char *print_value(struct arena *arena, const struct value *value)
{
    struct buf out = {0};
    if (value->kind == VALUE_QUANTITY && value->unit == UNIT_PERCENT) {
        char text[32];
        text_from_double(round(value->number * 1e4) / 1e4, text);
        buf_printf(&out, "%s%%", text);
    } else if (value->kind == VALUE_QUANTITY && value->unit == UNIT_DURATION) {
        print_duration(&out, value->number);
    } else if (value->kind == VALUE_FLOAT) {
        char text[32];
        text_from_double(round(value->number * 1e6) / 1e6, text);
        buf_add_str(&out, text);
    } else {
        value_print(&out, value);
    }
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return text;
}

/* "mean(petal_width) is 1.2" for each measure of a predicate. */
static void describe_found(struct expectations *all, const struct expr *expr, struct buf *out)
{
    const char *why;
    if (expr->kind == EXPR_MEASURE) {
        const struct value *found = measure_leaf(all, expr, &why);
        if (out->length > 0)
            buf_add_str(out, ", ");
        expr_print(out, expr);
        buf_printf(out, " is %s", found != NULL ? print_value(all->arena, found) : why);
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        describe_found(all, expr->args[i], out);
}

static bool judge_once(struct expectations *all, struct node *predicate)
{
    const struct expr *condition = node_get(predicate, "condition")->expr;
    struct expr_leaves leaves = {all, measure_leaf};
    const char *why = NULL;
    const struct value *result = expr_evaluate(all->arena, condition, &leaves, &why);
    if (result != NULL && result->kind == VALUE_BOOL && result->boolean)
        return true;
    struct diag *diag =
        diag_report_at(all->diags, DIAG_RUN_EXPECT, all->compilation->origins, all->compilation->sources,
                       predicate->origin, "the data does not meet `%s`%s%s", node_text(predicate, "source"),
                       all->feature != NULL ? " for " : "", all->feature != NULL ? all->feature->name : "");
    struct buf found = {0};
    describe_found(all, condition, &found);
    diag_label(diag, "%s", found.length > 0 ? buf_str(&found) : why != NULL ? why : "it is no condition");
    buf_free(&found);
    return false;
}

/* What is done for a predicate: once, or once for each feature when it speaks of `features`. */
static bool for_each_feature(struct expectations *all, struct node *predicate,
                             bool (*act)(struct expectations *all, struct node *predicate))
{
    const struct value *const *features;
    size_t count = node_list(all->dataset, "features", &features);
    if (!speaks_of_features(node_get(predicate, "condition")->expr))
        return act(all, predicate);
    bool holds = true;
    for (size_t i = 0; i < count; i++) {
        all->feature = features[i]->node;
        holds = act(all, predicate) && holds;
    }
    all->feature = NULL;
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
        diag_label(diag, "%llu of %llu rows do not", (unsigned long long)result->unexpected_count,
                   (unsigned long long)result->element_count);
    struct buf rows = {0};
    for (size_t i = 0; i < result->sample_count && i < 5; i++) {
        buf_printf(&rows, "%srow %llu: ", i > 0 ? "; " : "", (unsigned long long)result->samples[i].row + 1);
        value_print(&rows, result->samples[i].value);
    }
    if (rows.length > 0)
        diag_note(diag, "%s%s", arena_strdup(arena, buf_str(&rows)),
                  result->unexpected_count > 5 ? "; …" : "");
    buf_free(&rows);
}

static bool judge_columns(struct expectations *all, size_t first_measure)
{
    bool holds = true;
    for (size_t i = 0; i < first_measure; i++) {
        const struct check_result *result = result_of(all->report, &all->asked.checks[i]);
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
        "%llu values are not of their column's type", (unsigned long long)findings->counts[FINDING_BAD_CELL]);
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

/* `unique = [a, b]`: columns whose values together occur once. */
static void ask_compound_key(struct asked *asked, struct node *dataset)
{
    const struct value *const *names;
    size_t count = node_list(dataset, "unique", &names);
    if (count == 0)
        return;
    struct check *check = ask(asked, CHECK_UNIQUE, NULL, names[0]->origin);
    const char **columns = arena_array(asked->arena, count, sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        struct expr name = {.kind = EXPR_NAME, .name = value_string_or(names[i], "")};
        columns[i] = header_of(dataset, &name);
    }
    check->columns = columns;
    check->column_count = count;
}

struct expectations_outcome expectations_check(struct arena *arena, struct node *dataset, struct table *table,
                                               int64_t now_us, struct diag_sink *diags)
{
    struct expectations all = {.arena = arena,
                               .dataset = dataset,
                               .compilation = graph_of(dataset)->compilation,
                               .diags = diags,
                               .asked = {.arena = arena},
                               .measured = vec_in(arena)};
    const struct value *const *items;
    size_t count = node_list(dataset, "columns", &items);
    for (size_t i = 0; i < count; i++)
        ask_of_column(&all.asked, items[i]->node);
    ask_compound_key(&all.asked, dataset);
    size_t first_measure = all.asked.count;
    count = node_list(dataset, "checks", &items);
    for (size_t i = 0; i < count; i++)
        for_each_feature(&all, items[i]->node, ask_once);
    struct check_options options = {.now = now_us};
    struct check_report report;
    struct data_error error;
    struct expectations_outcome outcome = {0};
    if (!check_run(arena, table, all.asked.checks, all.asked.count, &options, &report, &error)) {
        outcome.problem = arena_strdup(arena, error.message);
        return outcome;
    }
    all.report = &report;
    outcome.hold = judge(&all, dataset, first_measure);
    outcome.rows = report.rows;
    outcome.count = all.asked.count;
    return outcome;
}

/* --- the same as plain checks with bounds, for other engines */

/* A share is a row check: at least that share of one value, or at most. */
static bool bound_share(struct check *check, const char *operator, const struct value * bound)
{
    if (strcmp(operator, ">=") == 0) {
        check->mostly = fraction(bound);
        return true;
    }
    if (strcmp(operator, "<=") != 0)
        return false;
    check->kind = CHECK_NOT_IN_SET;
    check->mostly = 1 - fraction(bound);
    return true;
}

static bool bound_measure(struct check *check, const char *operator, const struct value * bound)
{
    if (check->kind == CHECK_IN_SET)
        return bound_share(check, operator, bound);
    bool range = strcmp(operator, "in") == 0 && bound->kind == VALUE_RANGE;
    bool equal = strcmp(operator, "==") == 0;
    if (operator[0] == '>' || equal)
        check->min = bound;
    if (operator[0] == '<' || equal)
        check->max = bound;
    if (range) {
        check->min = bound->low;
        check->max = bound->high;
    }
    check->strict_min = strcmp(operator, ">") == 0;
    check->strict_max = strcmp(operator, "<") == 0;
    return range || equal || operator[0] == '>' || operator[0] == '<';
}

/* `measure OP constant`, and several joined by `and`; false: no check says the same. */
static bool ask_bounded(struct expectations *all, const struct expr *expr)
{
    if (expr->kind != EXPR_BINARY)
        return false;
    if (strcmp(expr->name, "and") == 0)
        return ask_bounded(all, expr->args[0]) && ask_bounded(all, expr->args[1]);
    if (expr->args[0]->kind != EXPR_MEASURE || expr->args[1]->kind != EXPR_LITERAL)
        return false;
    size_t before = all->asked.count;
    ask_measure(all, expr->args[0]);
    return all->asked.count > before &&
           bound_measure(&all->asked.checks[before], expr->name, expr->args[1]->value);
}

static bool ask_bounded_once(struct expectations *all, struct node *predicate)
{
    size_t before = all->asked.count;
    if (ask_bounded(all, node_get(predicate, "condition")->expr))
        return true;
    all->asked.count = before;
    struct check *check = ask(&all->asked, CHECK_ROWS, NULL, predicate->origin);
    check->label = node_text(predicate, "source");
    check->error =
        value_string(all->arena, "only `measure OP constant` and `and` can be said as a plain check", 0);
    return false;
}

const struct check *expectations_checks(struct arena *arena, struct node *dataset, size_t *count)
{
    struct expectations all = {.arena = arena,
                               .dataset = dataset,
                               .compilation = graph_of(dataset)->compilation,
                               .asked = {.arena = arena},
                               .measured = vec_in(arena)};
    const struct value *const *items;
    size_t item_count = node_list(dataset, "columns", &items);
    for (size_t i = 0; i < item_count; i++)
        ask_of_column(&all.asked, items[i]->node);
    ask_compound_key(&all.asked, dataset);
    item_count = node_list(dataset, "checks", &items);
    for (size_t i = 0; i < item_count; i++)
        for_each_feature(&all, items[i]->node, ask_bounded_once);
    *count = all.asked.count;
    return all.asked.checks;
}
