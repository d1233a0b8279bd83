/* Rules about what is decided before anything is measured: bounds outside of a measure's range, dates that
 * never come, canaries that end early. */

#include <math.h>
#include <string.h>
#include "compiler/lint.h"
#include "compiler/schedule.h"

/* ---- bounds */

struct range {
    double low, high;
    bool above_low; /* the lower end itself does not occur */
    const char *text;
};

/* What a measure can be at all, by its type; false where that says nothing. */
static bool range_of(const struct measure *measure, struct range *out)
{
    switch (measure->result ? measure->result->kind : TYPE_BAD) {
    case TYPE_RATIO:
    case TYPE_PERCENT:
        *out = (struct range){0, 1, false, "a share lies between 0 and 1"};
        return true;
    case TYPE_DURATION:
        *out = (struct range){0, INFINITY, true, "a latency is longer than 0"};
        return measure->parameter_count == 0; /* the age of a column may lie in the future */
    case TYPE_INT:
        *out = (struct range){0, INFINITY, false, "a count is 0 or more"};
        return true;
    default:
        return false;
    }
}

/* A bound on the scale of its measure: 5% is 0.05, a duration its microseconds. */
static bool bound_number(const struct value *bound, double *out)
{
    if (bound->kind == VALUE_INT)
        *out = (double)bound->integer;
    else if (bound->kind == VALUE_FLOAT)
        *out = bound->number;
    else if (bound->kind == VALUE_QUANTITY)
        *out = bound->unit == UNIT_PERCENT ? bound->number / 100 : bound->number;
    return bound->kind == VALUE_INT || bound->kind == VALUE_FLOAT || bound->kind == VALUE_QUANTITY;
}

/* 1: it always holds, -1: never, 0: that is to be measured. */
static int decided(const char *relation, double bound, const struct range *range)
{
    double low = range->low, high = range->high;
    if (strcmp(relation, ">=") == 0)
        return bound <= low ? 1 : bound > high ? -1 : 0;
    if (strcmp(relation, ">") == 0)
        return bound < low || (bound == low && range->above_low) ? 1 : bound >= high ? -1 : 0;
    if (strcmp(relation, "<=") == 0)
        return bound >= high ? 1 : bound < low || (bound == low && range->above_low) ? -1 : 0;
    if (strcmp(relation, "<") == 0)
        return bound > high ? 1 : bound <= low ? -1 : 0;
    return 0;
}

static const struct expr *without_times(const struct expr *expr)
{
    while (expr->kind == EXPR_HOLDS || expr->kind == EXPR_OVER)
        expr = expr->args[0];
    return expr;
}

/* The measure on the left of a plain comparison with a constant; `m.by(column)` is a measure too. */
static const struct measure *compared(const struct evaluator *ev, const struct expr *tree)
{
    if (tree->kind != EXPR_BINARY || tree->arg_count != 2)
        return NULL;
    const struct expr *left = without_times(tree->args[0]), *right = without_times(tree->args[1]);
    if (left->kind == EXPR_METHOD && strcmp(left->name, "by") == 0)
        left = left->args[0];
    if (left->kind != EXPR_MEASURE || right->kind != EXPR_LITERAL)
        return NULL;
    return map_get(ev->compilation->declarations.measures, left->name);
}

static void check_bound(struct evaluator *ev, struct node *predicate)
{
    const struct value *condition = node_get(predicate, "condition");
    if (condition->kind != VALUE_EXPRESSION || lint_is_allowed(predicate->parent))
        return;
    const struct expr *tree = without_times(condition->expr);
    const struct measure *measure = compared(ev, tree);
    struct range range;
    double bound;
    if (!measure || !range_of(measure, &range) || !bound_number(without_times(tree->args[1])->value, &bound))
        return;
    int verdict = decided(tree->name, bound, &range);
    if (verdict == 0)
        return;
    struct diag *diag = eval_report(ev, DIAG_BOUND_IDLE, predicate->origin, "`%s` %s holds",
                                    node_text(predicate, "source"), verdict > 0 ? "always" : "never");
    diag_label(diag, "%s", range.text);
    diag_help(diag, verdict > 0 ? "write a bound that a bad value crosses" : "write a bound that can be met");
}

/* ---- schedules */

static void check_schedule(struct evaluator *ev, const struct value *at)
{
    const char *text = value_string_or(at, NULL);
    struct buf cron = {0};
    if (text && schedule_read(text, &cron) && schedule_never_comes(buf_str(&cron))) {
        struct diag *diag = eval_report(ev, DIAG_SCHEDULE_NEVER, at->origin,
                                        "`%s` never comes: no such month has such a day", text);
        diag_label(diag, "day and month do not meet");
        diag_help(diag, "the fields are minute, hour, day of the month, month, day of the week");
    }
    buf_free(&cron);
}

static void check_events(struct evaluator *ev, struct node *retrain)
{
    const struct value *const *events;
    size_t count = node_list(retrain, "events", &events);
    for (size_t i = 0; i < count; i++)
        if (events[i]->kind == VALUE_VARIANT && strcmp(events[i]->name, "schedule") == 0)
            check_schedule(ev, value_get(events[i], "at"));
}

static void check_batch(struct evaluator *ev, struct node *batch)
{
    check_schedule(ev, node_get(batch, "schedule"));
}

/* ---- rollouts */

static void check_last_step(struct evaluator *ev, struct node *rollout)
{
    const char *strategy = node_text(rollout, "strategy");
    const struct value *const *steps;
    size_t count = node_list(rollout, "steps", &steps);
    if (!strategy || strcmp(strategy, "canary") != 0 || count == 0 || lint_is_allowed(rollout))
        return;
    struct node *last = steps[count - 1]->node;
    const struct value *weight = node_get(last, "weight");
    if (weight->kind != VALUE_QUANTITY || weight->number >= 100)
        return;
    struct diag *diag = eval_report(ev, DIAG_CANARY_UNFINISHED, last->origin,
                                    "the last step of rollout `%s` leaves the new version at %g %%",
                                    rollout->name, weight->number);
    diag_label(diag, "behind it all traffic moves at once");
    diag_help(diag, "go on to `step 100%%`");
}

const struct lint_rule lint_bound_rules[] = {
    {"predicate", check_bound},
    {"retrain", check_events},
    {"batch", check_batch},
    {"rollout", check_last_step},
    {0},
};
