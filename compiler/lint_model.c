/* Rules about models: what steps read, what gates measure, commands that gate nothing. */

#include <string.h>
#include "compiler/lint.h"

/* ---- what a step reads */

struct reads {
    const struct value *whole, *train, *measured, *holdout; /* the first hole of each sort */
};

static struct reads reads_of(struct node *step)
{
    struct reads reads = {0};
    const struct value *run = node_get(step, "run");
    for (size_t i = 0; run && run->kind == VALUE_TEXT && i < run->count; i++) {
        struct slot slot;
        const struct value *piece = run->items[i];
        if (piece->kind != VALUE_EXPRESSION || !slot_resolve(step, piece->expr, &slot) ||
            strcmp(slot.root, "data") != 0)
            continue;
        const struct value **sort = strcmp(slot.name, "path") == 0    ? &reads.whole
                                    : strcmp(slot.name, "train") == 0 ? &reads.train
                                                                      : &reads.measured;
        *sort = *sort ? *sort : piece;
        if (!reads.holdout && strcmp(slot.name, "holdout") == 0)
            reads.holdout = piece;
    }
    return reads;
}

static const struct value *holdout_of(struct node *model)
{
    struct node *split = node_ref(model, "split");
    const struct value *holdout = split ? node_get(split, "holdout") : NULL;
    return holdout && holdout->kind != VALUE_NULL ? holdout : NULL;
}

static void held_out_here(struct evaluator *ev, struct diag *diag, const struct value *holdout)
{
    diag_secondary(diag, origin_span(ev->compilation->origins, holdout->origin), "held out here");
}

/* The step that makes the model. One that measures as well may read what is held out for that. */
static bool only_trains(struct node *model, struct node *step)
{
    struct node *artifact = node_ref(model, "artifact");
    return artifact && artifact->parent == step && node_get(step, "metrics")->kind == VALUE_NULL;
}

static void check_reads(struct evaluator *ev, struct node *model)
{
    const struct value *holdout = holdout_of(model);
    const struct value *const *steps;
    size_t count = holdout ? node_list(model, "steps", &steps) : 0;
    for (size_t i = 0; i < count; i++) {
        struct node *step = steps[i]->node;
        struct reads reads = reads_of(step);
        struct diag *diag = NULL;
        if (reads.whole) {
            diag = eval_report(ev, DIAG_HOLDOUT_READ, reads.whole->origin,
                               "step `%s` reads rows of the holdout", step->name);
            diag_label(diag, "the whole dataset");
            diag_help(diag, "use `data.train`");
        } else if (reads.holdout && only_trains(model, step)) {
            diag = eval_report(ev, DIAG_HOLDOUT_READ, reads.holdout->origin,
                               "step `%s` makes the model from rows of the holdout", step->name);
            diag_label(diag, "the holdout");
            diag_help(diag, "use `data.train`, or `data.validation` to stop early");
        } else if (reads.train && !reads.measured && node_get(step, "metrics")->kind != VALUE_NULL) {
            diag = eval_report(ev, DIAG_EVALUATES_TRAINING, reads.train->origin,
                               "step `%s` makes metrics from the rows that the model was trained on",
                               step->name);
            diag_label(diag, "the training part");
            diag_help(diag, "use `data.holdout`");
        }
        if (diag)
            held_out_here(ev, diag, holdout);
    }
}

/* ---- what rows are divided by */

static struct node *column_named(struct node *data, const char *name)
{
    const struct value *const *columns;
    size_t count = data ? node_list(data, "columns", &columns) : 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i]->node->name, name) == 0)
            return columns[i]->node;
    return NULL;
}

static void check_time_split(struct evaluator *ev, struct node *model)
{
    struct node *split = node_ref(model, "split");
    const struct value *by = split ? node_get(split, "by") : NULL;
    if (!by || by->kind != VALUE_VARIANT || strcmp(by->name, "time") != 0)
        return;
    const struct value *name = value_get(by, "column");
    struct node *column =
        name && name->kind == VALUE_WORD ? column_named(node_ref(model, "data"), name->text) : NULL;
    const struct value *type = column ? node_get(column, "type") : NULL;
    const struct value *word = type && type->kind == VALUE_RECORD ? value_get(type, "name") : NULL;
    if (!word || word->kind != VALUE_STRING || strcmp(word->text, "date") == 0 ||
        strcmp(word->text, "timestamp") == 0 || strcmp(word->text, "datetime") == 0)
        return;
    struct diag *diag =
        eval_report(ev, DIAG_SPLIT_NO_TIME, by->origin, "rows cannot be divided by time: `%s` is a `%s`",
                    column->name, word->text);
    diag_label(diag, "expected a column of `date` or `timestamp`");
    diag_secondary(diag, origin_span(ev->compilation->origins, column->origin), "declared here");
    diag_help(diag, "name the column that tells when a row was made, or divide by `hash(%s)`", column->name);
}

/* ---- gates */

static void check_gate(struct evaluator *ev, struct node *model)
{
    struct node *gate = node_ref(model, "gate");
    const struct value *const *requires, *const *steps;
    size_t count = gate ? node_list(gate, "requires", &requires) : 0;
    size_t step_count = node_list(model, "steps", &steps);
    for (size_t i = 0; i < step_count; i++) {
        struct node *step = steps[i]->node;
        bool packaged = node_get(step, "uses")->kind != VALUE_NULL; /* brings metrics of its own */
        if (packaged || node_get(step, "metrics")->kind != VALUE_NULL)
            return;
    }
    if (count == 0)
        return;
    const char *measure = node_text(requires[0] -> node, "measure");
    struct diag *diag =
        eval_report(ev, DIAG_METRIC_UNPRODUCED, requires[0] -> node -> origin,
                    "no step produces the metric `%s`", measure ? measure : "of this requirement");
    diag_label(diag, "gated here");
    diag_note(diag, "only a step with `metrics = …` produces metrics, and model `%s` has none", model->name);
    diag_help(diag, "add `metrics = \"metrics.json\"` to the step that evaluates");
}

/* ---- commands */

static void check_command(struct evaluator *ev, struct node *node)
{
    const struct value *run = node_get(node, "run");
    const char *allow = node_text(node, "allow"), *why = NULL;
    if (!run || run->kind != VALUE_TEXT || (allow && allow[0]))
        return;
    struct buf text = {0};
    for (size_t i = 0; i < run->count; i++)
        buf_add_str(&text, run->items[i]->kind == VALUE_STRING ? run->items[i]->text : "x");
    if (command_cannot_fail(buf_str(&text), &why)) {
        struct diag *diag = eval_report(ev, DIAG_COMMAND_CANNOT_FAIL, run->origin, "%s `%s` can never fail",
                                        node->kind->name, node->name);
        diag_label(diag, "%s", why);
        diag_help(diag, "let it fail, or say why this is right: `allow = \"…\"`");
    }
    buf_free(&text);
}

/* ---- retraining */

/* One file of the repository: no glob, no URI. */
static bool is_fixed_file(const char *path)
{
    return path && !strstr(path, "://") && !strpbrk(path, "*?[");
}

static const struct value *drift_event(struct node *model)
{
    struct node *retrain = node_ref(model, "retrain");
    const struct value *const *events;
    size_t count = retrain ? node_list(retrain, "events", &events) : 0;
    for (size_t i = 0; i < count; i++)
        if (events[i]->kind == VALUE_VARIANT && strcmp(events[i]->name, "drift") == 0)
            return events[i];
    return NULL;
}

static void check_drift_retrain(struct evaluator *ev, struct node *model)
{
    struct node *data = node_ref(model, "data");
    const struct value *event = drift_event(model);
    if (!event || !data || !is_fixed_file(node_text(data, "path")))
        return;
    struct diag *diag = eval_report(ev, DIAG_SAME_DATA_RETRAINS, event->origin,
                                    "training again after drift would read the same data");
    diag_label(diag, "on drift");
    diag_secondary(diag, origin_span(ev->compilation->origins, node_get(data, "path")->origin),
                   "one file of the repository");
    diag_help(diag, "read new data (a glob or a URI), or tell people: `else alert(…)`");
}

const struct lint_rule lint_model_rules[] = {
    {"model", check_reads},
    {"model", check_time_split},
    {"model", check_gate},
    {"model", check_drift_retrain},
    {"step", check_command},
    {"test", check_command},
    {0},
};
