/* Slots of commands: what only a run knows, typed by the blocks around. */

#include <string.h>
#include "compiler/check.h"

static const struct type *string(struct checker *c)
{
    return type_scalar(c->compilation, TYPE_STRING);
}

static const struct type *unknown_part(struct checker *c, const struct ast_expr *expr,
                                       const struct map *names, const char *message, const char *of)
{
    const char *name = expr->name.text;
    struct diag *diag =
        diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_SLOT, expr->name.span, message, of, name);
    diag_label(diag, "unknown");
    const char *near = check_nearest(c, names, name);
    if (near != NULL) {
        diag_help(diag, "there is one with a similar name: `%s.%s`", of, near);
        diag_fix(diag, expr->name.span, false, "%s", near);
    } else if (map_count(names) > 0) {
        struct buf list = {0};
        for (size_t i = 0; i < map_count(names) && i < 8; i++)
            buf_printf(&list, "%s`%s.%s`", i > 0 ? ", " : "", of, map_at(names, i)->key);
        diag_help(diag, "there %s %s", map_count(names) == 1 ? "is" : "are", buf_str(&list));
        buf_free(&list);
    }
    return check_bad(c);
}

/* ---- data.train */

/* A `split` in a wrong form is reported where it stands: what its parts are is not known then. */
static bool split_is_wrong(const struct outline *model)
{
    for (const struct ast_item *item = model->block->items; item != NULL; item = item->next)
        if (item->kind != AST_STATEMENT && item->key.text != NULL && strcmp(item->key.text, "split") == 0)
            return true;
    return false;
}

static void add_parts(struct checker *c, struct outline *model, struct map *names)
{
    struct match match;
    map_set(names, "path", NULL);
    if (outline_item(c, model, "split", &match) == NULL || match.block == NULL)
        return;
    static const char *const parts[] = {"train", "validation", "holdout"};
    struct outline split = {.kind = match.kind, .block = match.block};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (outline_gives(c, &split, parts[i]))
            map_set(names, parts[i], NULL);
}

static const struct type *data_slot(struct checker *c, const struct check_scope *s,
                                    const struct ast_expr *expr)
{
    struct outline *model = outline_around(s, "model");
    if (model == NULL)
        return NULL;
    const struct kind *dataset = map_get(c->compilation->declarations.kinds, "dataset");
    struct map *names = map_new(c->arena);
    add_parts(c, model, names);
    if (map_has(names, expr->name.text) || (model->block != NULL && split_is_wrong(model)))
        return string(c);
    if (dataset != NULL && kind_attribute(dataset, expr->name.text) != NULL)
        return NULL;
    return unknown_part(c, expr, names, "`%s` has no part `%s`: the model's `split` names them", "data");
}

/* ---- outputs.model, train.model */

/* The keys of a literal `outputs = { … }`; *open when some are computed. */
static struct map *output_names(struct checker *c, struct outline *step, bool *open)
{
    struct map *names = map_new(c->arena);
    struct match match;
    if (outline_item(c, step, "outputs", &match) == NULL)
        return names;
    if (match.value == NULL || match.value->kind != AST_BLOCK) {
        *open = true;
        return names;
    }
    for (const struct ast_item *item = match.value->block->items; item != NULL; item = item->next) {
        if (item->kind == AST_ENTRY && item->key.text != NULL && item->key_expr == NULL)
            map_set(names, item->key.text, NULL);
        else
            *open = true;
    }
    return names;
}

static const struct type *output_slot(struct checker *c, struct outline *step, const struct ast_expr *expr,
                                      const char *of)
{
    bool open = false;
    struct map *names = output_names(c, step, &open);
    if (open || map_has(names, expr->name.text))
        return string(c);
    bool own = strcmp(of, "outputs") == 0;
    if (!own && strcmp(expr->name.text, "metrics") == 0 && outline_gives(c, step, "metrics"))
        return string(c);
    return unknown_part(
        c, expr, names,
        own ? "`%s` has no `%s`: the step's `outputs` name them" : "step `%s` has no output `%s`", of);
}

static const struct type *step_slot(struct checker *c, const struct check_scope *s,
                                    const struct ast_expr *expr, const char *root)
{
    struct outline *model = outline_around(s, "model");
    bool open = false;
    struct map *steps = model == NULL ? NULL : outline_children(c, model, "steps", &open);
    struct outline *step = steps == NULL ? NULL : map_get(steps, root);
    if (step != NULL)
        return output_slot(c, step, expr, root);
    return open && check_variable(s, root) == NULL && kind_attribute(model->kind, root) == NULL ? string(c)
                                                                                                : NULL;
}

/* ---- model.artifact */

static const struct type *model_slot(struct checker *c, const struct check_scope *s,
                                     const struct ast_expr *expr)
{
    struct outline *service = outline_around(s, "service");
    if (service == NULL)
        service = outline_around(s, "batch");
    if (service == NULL || strcmp(expr->name.text, "artifact") != 0)
        return NULL;
    if (outline_gives(c, service, "model"))
        return string(c);
    struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_SLOT, expr->span,
                                    "%s `%s` has no `model`, so there is no artifact", service->kind->head,
                                    service->name == NULL ? "" : service->name);
    diag_label(diag, "no model");
    diag_help(diag, "add `model = NAME` to the %s", service->kind->head);
    return check_bad(c);
}

/* ---- metrics, params, port, url */

static const struct type *plain_slot(struct checker *c, const struct check_scope *s,
                                     const struct ast_expr *expr)
{
    const char *name = expr->name.text;
    struct outline *step = outline_around(s, "step");
    bool own = step != NULL && (strcmp(name, "params") == 0 || strcmp(name, "metrics") == 0);
    if (own && strcmp(name, "metrics") == 0 && !outline_gives(c, step, "metrics")) {
        struct diag *diag = diag_report(c->compilation->diags, DIAG_NAMES_UNKNOWN_SLOT, expr->span,
                                        "the step has no `metrics`");
        diag_label(diag, "no file of metrics");
        diag_help(diag, "add `metrics = \"metrics.json\"` to the step");
        return check_bad(c);
    }
    if (own)
        return string(c);
    bool service = outline_around(s, "service") != NULL && outline_around(s, "test") != NULL;
    return service && strcmp(name, "url") == 0 ? string(c) : NULL;
}

/* Is a name a variable that is bound nearer than any block around that has such an attribute? */
static bool is_variable(const struct check_scope *s, const char *name)
{
    for (; s != NULL; s = s->outer) {
        for (const struct variable *v = s->variables; v != NULL; v = v->next)
            if (strcmp(v->name, name) == 0)
                return true;
        if (s->block != NULL && s->block->kind != NULL && kind_attribute(s->block->kind, name) != NULL)
            return false;
    }
    return false;
}

const struct type *check_slot(struct checker *c, struct check_scope *s, const struct ast_expr *expr)
{
    if (expr->kind == AST_NAME)
        return is_variable(s, expr->name.text) ? NULL : plain_slot(c, s, expr);
    if (expr->kind != AST_FIELD || expr->left->kind != AST_NAME || is_variable(s, expr->left->name.text))
        return NULL;
    const char *root = expr->left->name.text;
    struct outline *step = outline_around(s, "step");
    if (strcmp(root, "data") == 0)
        return data_slot(c, s, expr);
    if (strcmp(root, "outputs") == 0 && step != NULL)
        return output_slot(c, step, expr, root);
    if (strcmp(root, "model") == 0)
        return model_slot(c, s, expr);
    return step_slot(c, s, expr, root);
}
