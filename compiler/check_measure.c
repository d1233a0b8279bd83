/* What a predicate may speak of: measures of the library by subject, metrics of the project, columns. */

#include "compiler/check_measure.h"

#include <string.h>

/* ---- subjects: what the block is about */

struct subject_rule {
    const char *block;
    const char *subjects[4];
};

static const struct subject_rule subject_rules[] = {
    {"smoke", {"smoke", NULL}},
    {"slo", {"service", NULL}},
    {"gate", {"model", NULL}},
    {"rollout", {"service", NULL}},
    {"monitor", {"service", "dataset", "model", NULL}},
    {"experiment", {"service", "model", NULL}},
    {"batch", {"batch", "dataset", "service", NULL}},
    {"dataset", {"dataset", NULL}},
    {"model", {"model", NULL}},
    {"service", {"service", NULL}},
};

static const struct subject_rule *subjects_here(const struct check_scope *s)
{
    for (; s != NULL; s = s->outer)
        for (size_t i = 0; s->block != NULL && i < sizeof subject_rules / sizeof subject_rules[0]; i++)
            if (strcmp(s->block->kind->name, subject_rules[i].block) == 0)
                return &subject_rules[i];
    return NULL;
}

static bool is_subject(const struct measure *measure, const struct subject_rule *rule)
{
    if (rule == NULL)
        return true;
    for (size_t i = 0; i < measure->subject_count; i++)
        for (size_t k = 0; k < 4 && rule->subjects[k] != NULL; k++)
            if (strcmp(measure->subjects[i]->name, rule->subjects[k]) == 0)
                return true;
    return false;
}

/* ---- metrics of one's own: `metric NAME { better = …, type = … }` in the model that the place is about */

static struct outline *model_here(struct predicate *p)
{
    struct outline *model = outline_around(p->scope, "model");
    if (model != NULL)
        return model;
    struct outline *service = outline_around(p->scope, "service");
    struct outline *monitor = outline_around(p->scope, "monitor");
    if (service == NULL && monitor != NULL)
        service = outline_reference(p->c, monitor, "watch");
    return service == NULL ? NULL : outline_reference(p->c, service, "model");
}

bool check_own_metric(struct predicate *p, const char *name, struct metric_facts *metric)
{
    struct outline *model = model_here(p);
    bool open = false;
    struct map *metrics = model == NULL ? NULL : outline_children(p->c, model, "metrics", &open);
    struct outline *node = metrics == NULL ? NULL : map_get(metrics, name);
    if (node == NULL) {
        *metric = (struct metric_facts){check_bad(p->c), 0};
        return open;
    }
    struct match match;
    const char *type =
        outline_item(p->c, node, "type", &match) != NULL ? match_literal_name(match.value) : NULL;
    bool ratio = type != NULL && strcmp(type, "ratio") == 0;
    metric->type = type_scalar(p->c->compilation, ratio ? TYPE_RATIO : TYPE_NUMBER);
    const char *better =
        outline_item(p->c, node, "better", &match) != NULL ? match_literal_name(match.value) : NULL;
    metric->better = better == NULL ? 0 : strcmp(better, "higher") == 0 ? 1 : -1;
    return true;
}

/* ---- names */

void check_unknown_measure(struct predicate *p, const char *name, struct span span)
{
    struct map *names = map_new(p->c->arena);
    const struct subject_rule *rule = subjects_here(p->scope);
    const struct map *measures = p->c->compilation->declarations.measures;
    for (size_t i = 0; i < map_count(measures); i++) {
        const struct measure *measure = map_at(measures, i)->value;
        if (is_subject(measure, rule))
            map_set(names, measure->name, NULL);
    }
    bool open = false;
    struct outline *model = model_here(p);
    struct map *own = model == NULL ? map_new(p->c->arena) : outline_children(p->c, model, "metrics", &open);
    for (size_t i = 0; i < map_count(own); i++)
        map_set(names, map_at(own, i)->key, NULL);
    struct diag *diag = diag_report(p->c->compilation->diags, DIAG_NAMES_UNKNOWN_MEASURE, span,
                                    "there is no measure `%s`", name);
    diag_label(diag, "unknown measure");
    const char *near = check_nearest(p->c, names, name);
    const char *minus = strchr(name, '-');
    if (near != NULL) {
        diag_help(diag, "there is a measure with a similar name: `%s`", near);
        diag_fix(diag, span, false, "%s", near);
    } else if (minus != NULL) {
        diag_help(diag, "a subtraction has blanks around its minus: `%.*s - %s`", (int)(minus - name), name,
                  minus + 1);
    } else if (model != NULL) {
        diag_help(diag, "a metric of your own is declared in the model: `metric %s { better = higher }`",
                  name);
    }
}

static void wrong_subject(struct predicate *p, const struct measure *measure, struct span span)
{
    const struct subject_rule *rule = subjects_here(p->scope);
    struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_SUBJECT, span,
                                    "`%s` is measured of a %s, and this block is about a %s", measure->name,
                                    measure->subjects[0]->head, rule->subjects[0]);
    diag_label(diag, "nobody measures this of a %s", rule->subjects[0]);
}

const struct type *check_measure_type(struct predicate *p, const char *name, struct span span, bool called)
{
    const struct measure *measure = map_get(p->c->compilation->declarations.measures, name);
    struct metric_facts metric;
    if (measure != NULL && !is_subject(measure, subjects_here(p->scope)) &&
        !check_own_metric(p, name, &metric)) {
        wrong_subject(p, measure, span);
        return check_bad(p->c);
    }
    if (check_own_metric(p, name, &metric) && (measure == NULL || metric.type->kind != TYPE_BAD))
        return metric.type;
    if (measure == NULL)
        return NULL;
    if (!called && measure->parameter_count > 0 && measure->parameters[0].required) {
        struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_ARGUMENT_MISSING, span,
                                        "`%s` needs the argument `%s`", name, measure->parameters[0].name);
        diag_label(diag, "write `%s(%s)`", name, measure->parameters[0].name);
        return check_bad(p->c);
    }
    return measure->result;
}

/* ---- columns */

struct diag *check_column(struct checker *c, struct check_scope *s, const char *name, struct span span)
{
    struct outline *dataset = outline_dataset(c, s);
    bool open = false;
    struct map *columns = dataset == NULL ? NULL : outline_columns(c, dataset, &open);
    if (columns == NULL || open || map_count(columns) == 0 || map_has(columns, name))
        return NULL;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_COLUMN, span, "dataset `%s` has no column `%s`",
                    dataset->name == NULL ? "" : dataset->name, name);
    diag_label(diag, "unknown column");
    check_suggest(c, diag, columns, name, span, "a column");
    if (!span_is_none(dataset->span))
        diag_secondary(diag, dataset->span, "its columns stand here");
    return diag;
}

bool check_takes_column(struct checker *c, const struct type *type)
{
    const struct kind *column = map_get(c->compilation->declarations.kinds, "column");
    const struct type *reference = check_want(type, TYPE_REFERENCE);
    return column != NULL && reference != NULL && reference->of == column;
}

/* `features` stands for every column of the dataset that is one. */
void check_column_argument(struct predicate *p, const struct ast_expr *value)
{
    value = check_bare(value);
    if (value->kind == AST_INVALID)
        return;
    if (value->kind != AST_NAME) {
        struct diag *diag = diag_report(p->c->compilation->diags, DIAG_TYPE_MISMATCH, value->span,
                                        "expected the name of a column");
        diag_label(diag, "not a column");
        return;
    }
    const struct variable *variable = check_variable(p->scope, value->name.text);
    if (variable == NULL && strcmp(value->name.text, "features") != 0)
        check_column(p->c, p->scope, value->name.text, value->span);
}

/* ---- metrics as arguments of components */

static bool declares_metric(const struct ast_block *block, const char *name)
{
    for (const struct ast_item *item = block == NULL ? NULL : block->items; item != NULL; item = item->next) {
        const char *own = item->value == NULL ? NULL : match_literal_name(item->value);
        bool metric =
            item->kind == AST_STATEMENT && item->key.text != NULL && strcmp(item->key.text, "metric") == 0;
        if ((metric && own != NULL && strcmp(own, name) == 0) || declares_metric(item->block, name))
            return true;
    }
    return false;
}

void check_metric_name(struct checker *c, const char *name, struct span span)
{
    struct map *names = map_new(c->arena);
    const struct map *measures = c->compilation->declarations.measures;
    for (size_t i = 0; i < map_count(measures); i++) {
        const struct measure *measure = map_at(measures, i)->value;
        for (size_t k = 0; k < measure->subject_count; k++)
            if (strcmp(measure->subjects[k]->name, "model") == 0)
                map_set(names, measure->name, NULL);
    }
    bool known = map_has(names, name);
    for (size_t i = 0; !known && i < c->compilation->files.count; i++) {
        const struct ast_file *file = c->compilation->files.items[i];
        known = file->source->role == SOURCE_USER && declares_metric(file->body, name);
    }
    if (known)
        return;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_MEASURE, span, "there is no metric `%s`", name);
    diag_label(diag, "unknown metric");
    check_suggest(c, diag, names, name, span, "a metric");
}
