/* Slots of commands: what only a run knows. The names are looked up outward from the block of the command,
 * the same way when the spec is compiled and when it runs. */

#include <string.h>
#include "compiler/node_state.h"

struct slot_search {
    const char *root, *name;
    const char *why; /* why a root that is a slot's has no such name */
    struct arena *arena;
};

static bool is_step(const struct node *node)
{
    return strcmp(node->kind->name, "step") == 0;
}

static bool has(const struct node *node, const char *attribute)
{
    return kind_attribute(node->kind, attribute) != NULL;
}

static enum slot_answer found(struct slot *out, const char *root, const char *name, struct node *node)
{
    *out = (struct slot){root, name, node};
    return SLOT_FOUND;
}

static enum slot_answer bad(struct slot_search *search, const char *why)
{
    search->why = why;
    return SLOT_BAD;
}

static const char *keys(struct slot_search *search, const struct value *record)
{
    struct buf text = {0};
    for (size_t i = 0; record->kind == VALUE_RECORD && i < record->field_count; i++)
        buf_printf(&text, "%s`%s`", i ? ", " : "", record->fields[i].key);
    const char *list = text.length ? arena_copy(search->arena, text.data, text.length) : "none";
    buf_free(&text);
    return list;
}

/* outputs.model, metrics, params: of the step in which the command stands. */
static enum slot_answer own_slot(struct slot_search *search, struct node *step, struct slot *out)
{
    if (strcmp(search->root, "outputs") == 0 || strcmp(search->root, "out") == 0) {
        const struct value *outputs = node_get(step, "outputs");
        if (!search->name)
            return bad(search, "an output is written `outputs.NAME`");
        if (outputs->kind == VALUE_RECORD && value_get(outputs, search->name))
            return found(out, "outputs", search->name, step);
        return bad(search,
                   arena_printf(search->arena, "the step declares the outputs: %s", keys(search, outputs)));
    }
    if (strcmp(search->root, "metrics") == 0 && !search->name)
        return node_get(step, "metrics")->kind == VALUE_NULL
                   ? bad(search, "the step has no `metrics = \"metrics.json\"`")
                   : found(out, "metrics", NULL, step);
    if (strcmp(search->root, "params") == 0 && !search->name)
        return found(out, "params", NULL, step);
    return SLOT_NONE;
}

/* data.train: a part of the split, or the whole file as `data.path`. */
static enum slot_answer data_slot(struct slot_search *search, struct node *node, struct slot *out)
{
    struct node *dataset = node_ref(node, "data");
    if (!dataset || !search->name)
        return SLOT_NONE;
    if (strcmp(search->name, "path") == 0)
        return found(out, "data", search->name, dataset);
    static const char *const parts[] = {"train", "validation", "holdout"};
    struct node *split = has(node, "split") ? node_ref(node, "split") : NULL;
    bool is_part = false;
    struct buf declared = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        is_part = is_part || strcmp(parts[i], search->name) == 0;
        if (!split || node_get(split, parts[i])->kind == VALUE_NULL)
            continue;
        if (strcmp(parts[i], search->name) == 0) {
            buf_free(&declared);
            return found(out, "data", search->name, dataset);
        }
        buf_printf(&declared, "%s`data.%s`", declared.length ? ", " : "", parts[i]);
    }
    const char *list = declared.length ? arena_copy(search->arena, declared.data, declared.length) : NULL;
    buf_free(&declared);
    if (has(dataset, search->name) && !is_part)
        return SLOT_NONE;
    return bad(search, list ? arena_printf(search->arena, "the split declares %s", list)
                            : "the model has no `split`; the whole file is `data.path`");
}

/* train.model: an output of another step, or its metrics. */
static enum slot_answer step_slot(struct slot_search *search, struct node *node, struct slot *out)
{
    const struct value *const *steps;
    size_t count = node_list(node, "steps", &steps);
    for (size_t i = 0; i < count; i++) {
        struct node *step = steps[i]->node;
        if (!is_step(step) || strcmp(step->name, search->root) != 0)
            continue;
        const struct value *outputs = node_get(step, "outputs");
        if (search->name && outputs->kind == VALUE_RECORD && value_get(outputs, search->name))
            return found(out, "step", search->name, step);
        if (search->name && strcmp(search->name, "metrics") == 0 &&
            node_get(step, "metrics")->kind != VALUE_NULL)
            return found(out, "step", search->name, step);
        return bad(search, arena_printf(search->arena, "step `%s` declares the outputs: %s", step->name,
                                        keys(search, outputs)));
    }
    return SLOT_NONE;
}

static enum slot_answer node_slot(struct slot_search *search, struct node *node, struct slot *out)
{
    enum slot_answer answer = SLOT_NONE;
    if (is_step(node))
        answer = own_slot(search, node, out);
    if (answer == SLOT_NONE && strcmp(search->root, "data") == 0 && has(node, "data"))
        answer = data_slot(search, node, out);
    if (answer == SLOT_NONE && has(node, "steps"))
        answer = step_slot(search, node, out);
    if (answer != SLOT_NONE)
        return answer;
    if (strcmp(search->root, "model") == 0 && search->name && strcmp(search->name, "artifact") == 0 &&
        has(node, "model") && node_ref(node, "model"))
        return found(out, "model", search->name, node_ref(node, "model"));
    if (strcmp(search->root, "port") == 0 && !search->name && has(node, "port"))
        return found(out, "port", NULL, node);
    if (strcmp(search->root, "url") == 0 && !search->name && has(node, "smokes"))
        return found(out, "url", NULL, node);
    return SLOT_NONE;
}

static enum slot_answer search_slot(struct slot_search *search, struct node *node, const struct expr *expr,
                                    struct slot *out)
{
    if (strcmp(expr->dialect, "slot") != 0)
        return SLOT_NONE;
    bool field = expr->kind == EXPR_FIELD && expr->args[0]->kind == EXPR_NAME;
    if (expr->kind != EXPR_NAME && !field)
        return SLOT_NONE;
    search->root = field ? expr->args[0]->name : expr->name;
    search->name = field ? expr->name : NULL;
    for (; node; node = node->parent) {
        enum slot_answer answer = node_slot(search, node, out);
        if (answer != SLOT_NONE)
            return answer;
    }
    return SLOT_NONE;
}

bool slot_resolve(struct node *node, const struct expr *expr, struct slot *out)
{
    struct slot_search search = {.arena = state_of(node)->compilation->arena};
    return search_slot(&search, node, expr, out) == SLOT_FOUND;
}

enum slot_answer slot_find(struct evaluator *ev, struct node *node, const struct expr *expr, struct slot *out)
{
    struct slot_search search = {.arena = ev->arena};
    enum slot_answer answer = search_slot(&search, node, expr, out);
    if (answer != SLOT_BAD)
        return answer;
    struct diag *diag =
        eval_report(ev, DIAG_SLOT_UNKNOWN, expr->origin, "no `%s%s%s` will be known when this runs",
                    search.root, search.name ? "." : "", search.name ? search.name : "");
    diag_help(diag, "%s", search.why);
    return SLOT_BAD;
}
