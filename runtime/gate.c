#include "runtime/gate.h"

#include <math.h>
#include <string.h>
#include "compiler/compilation.h"
#include "core/text.h"

/* What a metric means: from the library's measure, or the model's own `metric`. */
struct metric_facts {
    int better; /* 1 higher, -1 lower, 0 unknown */
    bool share; /* a difference is in points, not relative */
};

struct decision {
    struct arena *arena;
    const struct gate_input *input;
    struct verdict *verdict;
};

static struct metric_facts own_metric(struct node *model, const char *name, bool *found)
{
    struct metric_facts facts = {0};
    const struct value *const *items;
    size_t count = node_list(model, "metrics", &items);
    for (size_t i = 0; i < count; i++) {
        if (items[i]->kind != VALUE_NODE || strcmp(items[i]->node->name, name) != 0)
            continue;
        const char *better = node_text(items[i]->node, "better");
        const char *type = node_text(items[i]->node, "type");
        facts.better = better != NULL && strcmp(better, "lower") == 0 ? -1 : 1;
        facts.share = type != NULL && strcmp(type, "ratio") == 0;
        *found = true;
    }
    return facts;
}

static struct metric_facts facts_of(const struct decision *decision, const char *name)
{
    bool found = false;
    struct metric_facts facts = own_metric(decision->input->gate->parent, name, &found);
    if (found || decision->input->gate->kind == NULL)
        return facts;
    const struct graph *graph = graph_of(decision->input->gate);
    const struct measure *measure =
        graph != NULL ? map_get(graph->compilation->declarations.measures, name) : NULL;
    if (measure != NULL) {
        facts.better = measure->better;
        facts.share = measure->result != NULL &&
                      (measure->result->kind == TYPE_RATIO || measure->result->kind == TYPE_PERCENT);
    }
    return facts;
}

static const struct value *number_of(const struct value *metrics, const char *name)
{
    const struct value *found = value_get(metrics, name);
    return found != NULL && (found->kind == VALUE_INT || found->kind == VALUE_FLOAT) ? found : NULL;
}

/* The name of the metric that an expression is about: `accuracy`, `accuracy.by(species)`. NULL: none. */
static const char *metric_name(const struct expr *expr)
{
    if (expr->kind == EXPR_MEASURE || expr->kind == EXPR_NAME)
        return expr->name;
    if (expr->kind == EXPR_METHOD && strcmp(expr->name, "by") == 0)
        return metric_name(expr->args[0]);
    return NULL;
}

static double as_double(const struct value *value)
{
    switch (value->kind) {
    case VALUE_INT:
        return (double)value->integer;
    case VALUE_FLOAT:
        return value->number;
    case VALUE_QUANTITY:
        return value->unit == UNIT_PERCENT ? value->number / 100 : value->number;
    default:
        return NAN;
    }
}

static const char *print_number(struct arena *arena, double number)
{
    char text[32];
    /* Verdicts are for people: what binary arithmetic adds behind the sixth place only disturbs. */
    text_from_double(round(number * 1e6) / 1e6, text);
    return arena_strdup(arena, text);
}

static const char *missing(struct arena *arena, const char *name, const struct value *metrics)
{
    const struct value *found = value_get(metrics, name);
    if (found != NULL)
        return arena_printf(arena, "`%s` in the metrics file is %s, not a number", name,
                            value_kind_name(found));
    return arena_printf(arena, "the metrics file has no `%s`", name);
}

/* --- slices
 * ---------------------------------------------------------------------------------------------------- */

struct slice {
    const char *name; /* "setosa" */
    double number;
};

static void add_slice(struct arena *arena, struct vec *slices, const char *name, const struct value *value)
{
    struct slice *slice = arena_alloc(arena, sizeof *slice);
    slice->name = name;
    slice->number = as_double(value);
    vec_push(slices, slice);
}

static void collect_slices(struct arena *arena, const struct value *metrics, const char *metric,
                           const char *column, struct vec *slices)
{
    const char *prefix = arena_printf(arena, "%s.by.%s.", metric, column);
    for (size_t i = 0; i < metrics->field_count; i++)
        if (text_starts_with(metrics->fields[i].key, prefix))
            add_slice(arena, slices, metrics->fields[i].key + strlen(prefix), metrics->fields[i].value);
    const struct value *nested = value_path(metrics, arena_printf(arena, "%s.by", metric), column, NULL);
    for (size_t i = 0; nested != NULL && nested->kind == VALUE_RECORD && i < nested->field_count; i++)
        add_slice(arena, slices, nested->fields[i].key, nested->fields[i].value);
}

/* The column of `m.by(column)`, else NULL. */
static const char *slice_column(const struct expr *expr)
{
    if (expr->kind != EXPR_METHOD || strcmp(expr->name, "by") != 0 || expr->arg_count < 2)
        return NULL;
    const struct expr *column = expr->args[1];
    if (column->kind == EXPR_LITERAL)
        return value_string_or(column->value, NULL);
    return column->name;
}

static bool is_extreme(const struct expr *expr)
{
    bool named = (expr->kind == EXPR_MEASURE || expr->kind == EXPR_CALL) &&
                 (strcmp(expr->name, "min") == 0 || strcmp(expr->name, "max") == 0);
    return named && expr->arg_count == 1 && slice_column(expr->args[0]) != NULL;
}

/* `min(accuracy.by(species))`: the least or the greatest of the slices. */
static const struct value *extreme_slice(const struct decision *decision, const struct expr *expr,
                                         const char **why)
{
    struct arena *arena = decision->arena;
    struct vec slices = vec_in(arena);
    const char *metric = metric_name(expr->args[0]), *column = slice_column(expr->args[0]);
    collect_slices(arena, decision->input->metrics, metric, column, &slices);
    double found = NAN;
    for (size_t i = 0; i < slices.count; i++) {
        double number = ((const struct slice *)slices.items[i])->number;
        bool further = strcmp(expr->name, "min") == 0 ? number < found : number > found;
        if (i == 0 || isnan(number) || further)
            found = number;
        if (isnan(found))
            break;
    }
    if (isfinite(found))
        return value_float(arena, found, 0);
    *why = slices.count == 0
               ? arena_printf(arena, "the metrics file has no `%s.by.%s.VALUE`", metric, column)
               : arena_printf(arena, "a `%s.by.%s` in the metrics file is no number", metric, column);
    return NULL;
}

/* --- one comparison
 * -------------------------------------------------------------------------------------------- */

static bool compare(const char *operator, double left, double right)
{
    if (!isfinite(left) || !isfinite(right))
        return false;
    if (strcmp(operator, "<") == 0)
        return left < right;
    if (strcmp(operator, "<=") == 0)
        return left <= right;
    if (strcmp(operator, ">") == 0)
        return left > right;
    if (strcmp(operator, ">=") == 0)
        return left >= right;
    if (strcmp(operator, "==") == 0)
        return left == right;
    return strcmp(operator, "!=") == 0 && left != right;
}

static const struct value *leaf(void *context, const struct expr *expr, const char **why)
{
    const struct decision *decision = context;
    const struct gate_input *input = decision->input;
    if (is_extreme(expr))
        return extreme_slice(decision, expr, why);
    if (expr->kind == EXPR_FIELD && expr->args[0]->kind == EXPR_NAME &&
        strcmp(expr->args[0]->name, "champion") == 0) {
        const struct value *found =
            input->champion_metrics != NULL ? number_of(input->champion_metrics, expr->name) : NULL;
        if (found == NULL)
            *why = input->champion_metrics == NULL
                       ? "there is no champion yet"
                       : missing(decision->arena, expr->name, input->champion_metrics);
        return found;
    }
    const char *name = metric_name(expr);
    const struct value *found = name != NULL ? number_of(input->metrics, name) : NULL;
    if (found == NULL)
        *why = name != NULL ? missing(decision->arena, name, input->metrics) : "it is not a metric";
    return found;
}

static bool speaks_of_champion(const struct expr *expr)
{
    if (expr->kind == EXPR_NAME && strcmp(expr->name, "champion") == 0)
        return true;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (speaks_of_champion(expr->args[i]))
            return true;
    return false;
}

static bool vacuous(struct decision *decision)
{
    decision->verdict->vacuous = true;
    const char *found = decision->verdict->found;
    decision->verdict->found = arena_printf(decision->arena, "%s%sthere is no champion to compare with yet",
                                            found != NULL ? found : "", found != NULL ? ": " : "");
    decision->verdict->bound = NULL;
    return true;
}

/* `m.by(column) OP bound`: every slice must hold; the worst is shown. */
static bool decide_slices(struct decision *decision, const struct expr *expr, const char *column,
                          double bound)
{
    struct arena *arena = decision->arena;
    struct vec slices = vec_in(arena);
    const char *metric = metric_name(expr->args[0]);
    collect_slices(arena, decision->input->metrics, metric, column, &slices);
    if (slices.count == 0) {
        decision->verdict->why =
            arena_printf(arena, "the metrics file has no `%s.by.%s.VALUE`", metric, column);
        return false;
    }
    const struct slice *worst = slices.items[0];
    bool holds = true, down = expr->name[0] == '<';
    for (size_t i = 0; i < slices.count; i++) {
        const struct slice *slice = slices.items[i];
        bool fits = compare(expr->name, slice->number, bound);
        if (!isfinite(slice->number) ||
            (down ? slice->number > worst->number : slice->number < worst->number))
            worst = slice;
        holds = holds && fits;
    }
    decision->verdict->found = arena_printf(arena, "%s for %s, the worst of %zu",
                                            print_number(arena, worst->number), worst->name, slices.count);
    decision->verdict->bound = arena_printf(arena, "%s %s", expr->name, print_number(arena, bound));
    return holds;
}

static bool decide_comparison(struct decision *decision, const struct expr *expr)
{
    struct arena *arena = decision->arena;
    struct expr_leaves leaves = {decision, leaf};
    const char *why = "it cannot be computed";
    const struct value *right = expr_evaluate(arena, expr->args[1], &leaves, &why);
    if (right == NULL) {
        decision->verdict->why = why;
        return false;
    }
    const char *column = slice_column(expr->args[0]);
    if (column != NULL)
        return decide_slices(decision, expr, column, as_double(right));
    const struct value *left = expr_evaluate(arena, expr->args[0], &leaves, &why);
    if (left == NULL) {
        decision->verdict->why = why;
        return false;
    }
    decision->verdict->found = print_number(arena, as_double(left));
    decision->verdict->bound =
        arena_printf(arena, "%s %s", expr->name, print_number(arena, as_double(right)));
    return compare(expr->name, as_double(left), as_double(right));
}

/* An argument by name, or by position among the unnamed ones. */
static const struct expr *argument(const struct expr *call, const char *name, size_t position)
{
    size_t unnamed = 0;
    for (size_t i = 0; i < call->arg_count; i++) {
        const char *given = call->arg_names != NULL ? call->arg_names[i] : NULL;
        if (given != NULL && strcmp(given, name) == 0)
            return call->args[i];
        if (given == NULL && unnamed++ == position)
            return call->args[i];
    }
    return NULL;
}

/* no_worse and better. */
static bool decide_against_champion(struct decision *decision, const struct expr *call, bool strict)
{
    struct arena *arena = decision->arena;
    const struct gate_input *input = decision->input;
    const struct expr *metric = argument(call, "metric", 0), *by = argument(call, "by", 2);
    const char *name = metric != NULL ? metric_name(metric) : NULL;
    if (name == NULL) {
        decision->verdict->why = "its first argument is not a metric";
        return false;
    }
    const struct value *mine = number_of(input->metrics, name);
    if (mine == NULL) {
        decision->verdict->why = missing(arena, name, input->metrics);
        return false;
    }
    decision->verdict->found = print_number(arena, as_double(mine));
    if (input->champion_metrics == NULL)
        return vacuous(decision);
    const struct value *theirs = number_of(input->champion_metrics, name);
    struct metric_facts facts = facts_of(decision, name);
    if (theirs == NULL || facts.better == 0) {
        decision->verdict->why = theirs == NULL ? arena_printf(arena, "of the champion: %s",
                                                               missing(arena, name, input->champion_metrics))
                                                : "nothing says whether higher or lower is better";
        return false;
    }
    double margin = by != NULL && by->kind == EXPR_LITERAL ? as_double(by->value) : 0;
    double base = as_double(theirs);
    double slack = facts.share ? margin : fabs(base) * margin;
    /* `no_worse … by d` allows a step back of d; `better … by d` demands a step forward of d. */
    double bound = base + (strict ? slack : -slack) * facts.better;
    const char *operator= facts.better> 0 ? (strict ? ">" : ">=") : (strict ? "<" : "<=");
    decision->verdict->bound = arena_printf(arena, "%s %s (champion %s)", operator,
                                            print_number(arena, bound), print_number(arena, base));
    /* The bound is a sum of decimal numbers: what binary arithmetic adds must not decide. */
    double difference = (as_double(mine) - bound) * facts.better;
    double noise = 1e-12 * fmax(1, fabs(bound));
    return isfinite(difference) && (strict ? difference > noise : difference >= -noise);
}

/* reaches(metric, bound): >= or <=, as the metric's direction says. */
static bool decide_reaches(struct decision *decision, const struct expr *call)
{
    struct arena *arena = decision->arena;
    const struct expr *metric = argument(call, "metric", 0), *bound = argument(call, "bound", 1);
    const char *name = metric != NULL ? metric_name(metric) : NULL;
    const struct value *mine = name != NULL ? number_of(decision->input->metrics, name) : NULL;
    struct expr_leaves leaves = {decision, leaf};
    const char *why = "it has no bound";
    const struct value *needed = bound != NULL ? expr_evaluate(arena, bound, &leaves, &why) : NULL;
    int better = name != NULL ? facts_of(decision, name).better : 0;
    if (mine == NULL || needed == NULL || better == 0) {
        decision->verdict->why = name == NULL     ? "its first argument is not a metric"
                                 : mine == NULL   ? missing(arena, name, decision->input->metrics)
                                 : needed == NULL ? why
                                                  : "nothing says whether higher or lower is better";
        return false;
    }
    decision->verdict->found = print_number(arena, as_double(mine));
    decision->verdict->bound =
        arena_printf(arena, "%s %s", better > 0 ? ">=" : "<=", print_number(arena, as_double(needed)));
    return compare(better > 0 ? ">=" : "<=", as_double(mine), as_double(needed));
}

static bool is_comparison(const char *name)
{
    return strcmp(name, "<") == 0 || strcmp(name, "<=") == 0 || strcmp(name, ">") == 0 ||
           strcmp(name, ">=") == 0 || strcmp(name, "==") == 0 || strcmp(name, "!=") == 0;
}

static bool decide(struct decision *decision, const struct expr *expr);

/* A part of a joined requirement, with a verdict of its own. */
static bool decide_part(const struct decision *decision, const struct expr *expr, struct verdict *verdict)
{
    *verdict = *decision->verdict;
    struct decision part = {decision->arena, decision->input, verdict};
    verdict->holds = decide(&part, expr);
    return verdict->holds;
}

static bool is_joined(const struct expr *expr)
{
    bool pair =
        expr->kind == EXPR_BINARY && (strcmp(expr->name, "and") == 0 || strcmp(expr->name, "or") == 0);
    return pair || (expr->kind == EXPR_UNARY && strcmp(expr->name, "not") == 0);
}

/* What is told is the part that decides: of `and` the first that does not hold, of `or` the first that does.
 * What cannot be decided holds neither as it is nor turned round. */
static bool decide_joined(struct decision *decision, const struct expr *expr)
{
    struct verdict left, right;
    bool first = decide_part(decision, expr->args[0], &left);
    if (expr->kind == EXPR_UNARY) {
        *decision->verdict = left;
        return left.why == NULL && !first;
    }
    bool second = decide_part(decision, expr->args[1], &right);
    bool both = strcmp(expr->name, "and") == 0;
    bool vacuous = left.vacuous || right.vacuous;
    *decision->verdict = both               ? (first && (!second || right.vacuous) ? right : left)
                         : !first && second ? right
                                            : left;
    bool holds = both ? first && second : first || second;
    decision->verdict->vacuous = holds && vacuous;
    if (holds)
        decision->verdict->why = NULL;
    return holds;
}

static bool decide(struct decision *decision, const struct expr *expr)
{
    bool turned = expr->kind == EXPR_UNARY && speaks_of_champion(expr);
    if (is_joined(expr) && !(turned && decision->input->champion_metrics == NULL))
        return decide_joined(decision, expr);
    bool call = expr->kind == EXPR_CALL || expr->kind == EXPR_MEASURE;
    if (call && strcmp(expr->name, "no_worse") == 0)
        return decide_against_champion(decision, expr, false);
    if (call && strcmp(expr->name, "better") == 0)
        return decide_against_champion(decision, expr, true);
    if (call && strcmp(expr->name, "reaches") == 0)
        return decide_reaches(decision, expr);
    if (decision->input->champion_metrics == NULL && speaks_of_champion(expr))
        return vacuous(decision);
    if (expr->kind == EXPR_BINARY && is_comparison(expr->name))
        return decide_comparison(decision, expr);
    struct expr_leaves leaves = {decision, leaf};
    const char *why = "it cannot be computed";
    const struct value *result = expr_evaluate(decision->arena, expr, &leaves, &why);
    if (result == NULL || result->kind != VALUE_BOOL) {
        decision->verdict->why = result == NULL ? why : "it is no condition";
        return false;
    }
    return result->boolean;
}

bool gate_decide(struct arena *arena, const struct gate_input *input, struct vec *verdicts)
{
    const struct value *const *requirements;
    size_t count = node_list(input->gate, "requires", &requirements);
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        struct node *predicate = requirements[i]->node;
        const struct value *condition = node_get(predicate, "condition");
        struct verdict *verdict = arena_alloc(arena, sizeof *verdict);
        verdict->gate = input->gate->id;
        verdict->source = node_text(predicate, "source");
        verdict->origin = requirements[i]->origin;
        struct decision decision = {arena, input, verdict};
        verdict->holds = decide(&decision, condition->expr);
        all = all && verdict->holds;
        vec_push(verdicts, verdict);
    }
    return all;
}
