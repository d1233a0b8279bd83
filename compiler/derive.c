/* Derived attributes that the library declares without an expression. A new one is one row here. */

#include <string.h>
#include "compiler/node_state.h"

/* ---- datasets */

static const struct value *features(struct evaluator *ev, struct node *dataset)
{
    const char *key = node_text(dataset, "key"), *label = node_text(dataset, "label");
    const struct value *const *columns;
    size_t count = node_list(dataset, "columns", &columns);
    struct list_builder list = list_begin(ev->arena);
    for (size_t i = 0; i < count; i++) {
        struct node *column = columns[i]->node;
        const struct value *ignore = node_get(column, "ignore");
        bool bookkeeping = ignore && ignore->kind == VALUE_BOOL && ignore->boolean;
        if ((key && strcmp(column->name, key) == 0) || (label && strcmp(column->name, label) == 0) ||
            bookkeeping)
            continue;
        list_add(&list, columns[i]);
    }
    return list_end(&list, dataset->origin);
}

/* ---- steps */

/* Pushes the steps whose outputs or metrics the command of `step` uses; `name` of each to `outputs` if
 * wanted. */
static void used_outputs(struct node *step, struct vec *steps, struct vec *outputs)
{
    const struct value *run = node_get(step, "run");
    for (size_t i = 0; run && run->kind == VALUE_TEXT && i < run->count; i++) {
        struct slot slot;
        const struct value *piece = run->items[i];
        if (piece->kind != VALUE_EXPRESSION || !slot_resolve(step, piece->expr, &slot) ||
            strcmp(slot.root, "step") != 0)
            continue;
        vec_push(steps, slot.node);
        vec_push(outputs, (void *)slot.name);
    }
}

static const struct value *needs(struct evaluator *ev, struct node *step)
{
    struct vec steps = vec_in(ev->arena), outputs = vec_in(ev->arena);
    used_outputs(step, &steps, &outputs);
    struct map *seen = map_new(ev->arena);
    struct list_builder list = list_begin(ev->arena);
    for (size_t i = 0; i < steps.count; i++) {
        struct node *other = steps.items[i];
        if (map_set(seen, other->id, other) == NULL)
            list_add(&list, value_node(ev->arena, other, step->origin));
    }
    return list_end(&list, step->origin);
}

struct node *step_output(struct evaluator *ev, struct node *step, const char *name)
{
    const struct value *outputs = node_get(step, "outputs");
    const struct value *file = outputs->kind == VALUE_RECORD ? value_get(outputs, name) : NULL;
    struct kind *kind = map_get(ev->compilation->declarations.kinds, "output");
    if (!file || !kind)
        return NULL;
    const char *path = arena_printf(ev->arena, "%s.%s", state_of(step)->path, name);
    struct node *known = graph_find(ev->compilation->graph, path);
    if (known)
        return known->kind == kind ? known : NULL;
    struct node *node = node_make(ev, kind, arena_strdup(ev->arena, name), path, step, NULL, file->origin);
    state_of(node)->opened = true;
    node_set(node, "file", file);
    if (!node_register(ev, node))
        return NULL;
    vec_push(&state_of(step)->children, node);
    return node;
}

/* ---- models */

static bool is_read(const struct vec *steps, const struct vec *outputs, const struct node *step,
                    const char *name)
{
    for (size_t i = 0; i < steps->count; i++)
        if (steps->items[i] == step && strcmp(outputs->items[i], name) == 0)
            return true;
    return false;
}

struct candidate {
    struct node *step;
    const char *name;
};

/* A step that only measures reads the model without making anything of it. */
static bool makes_outputs(struct node *step)
{
    const struct value *outputs = node_get(step, "outputs");
    return outputs->kind == VALUE_RECORD && outputs->field_count > 0;
}

static void candidates(struct node *model, const char *wanted, bool skip_read, struct vec *out)
{
    struct vec steps = vec_in(out->arena), outputs = vec_in(out->arena);
    const struct value *const *items;
    size_t count = node_list(model, "steps", &items);
    for (size_t i = 0; i < count; i++)
        if (makes_outputs(items[i]->node))
            used_outputs(items[i]->node, &steps, &outputs);
    for (size_t i = 0; i < count; i++) {
        const struct value *made = node_get(items[i]->node, "outputs");
        for (size_t j = 0; made->kind == VALUE_RECORD && j < made->field_count; j++) {
            const char *name = made->fields[j].key;
            bool fits = wanted ? strcmp(name, wanted) == 0
                               : !skip_read || !is_read(&steps, &outputs, items[i]->node, name);
            if (!fits)
                continue;
            struct candidate *candidate = arena_alloc(out->arena, sizeof *candidate);
            *candidate = (struct candidate){items[i]->node, name};
            vec_push(out, candidate);
        }
    }
}

/* The output that is the model: the one that `output` names; else the only one; else the only one from which
 * no other step makes anything. */
static const struct value *artifact(struct evaluator *ev, struct node *model)
{
    const char *wanted = node_text(model, "output");
    struct vec found = vec_in(ev->arena);
    candidates(model, wanted, false, &found);
    if (!wanted && found.count > 1) {
        struct vec unread = vec_in(ev->arena);
        candidates(model, NULL, true, &unread);
        if (unread.count == 1)
            found = unread;
    }
    if (found.count == 0 && !wanted)
        return value_null(ev->arena, model->origin);
    if (found.count != 1) {
        struct diag *diag = eval_report(ev, DIAG_ARTIFACT_AMBIGUOUS, model->origin,
                                        wanted ? "no step, or more than one, makes the output `%s`"
                                               : "several outputs could be the model `%s`",
                                        wanted ? wanted : model->name);
        for (size_t i = 0; i < found.count && i < 4; i++) {
            const struct candidate *candidate = found.items[i];
            diag_note(diag, "step `%s` makes `%s`", candidate->step->name, candidate->name);
        }
        diag_help(diag, "say which one with `output = NAME` in the model");
        return NULL;
    }
    const struct candidate *only = found.items[0];
    struct node *output = step_output(ev, only->step, only->name);
    return output ? value_node(ev->arena, output, output->origin) : value_null(ev->arena, model->origin);
}

static void add_files(struct map *files, struct node *node, const char *attribute)
{
    const struct value *value = kind_attribute(node->kind, attribute) ? node_get(node, attribute) : NULL;
    if (!value)
        return;
    if (value->kind == VALUE_STRING)
        map_set(files, value->text, (void *)value);
    for (size_t i = 0; value->kind == VALUE_LIST && i < value->count; i++)
        if (value->items[i]->kind == VALUE_STRING)
            map_set(files, value->items[i]->text, (void *)value->items[i]);
}

static int compare_texts(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct value *)a)->text, ((const struct value *)b)->text);
}

/* Every file that training reads: inputs of steps and tests, the data when it is a file here, the lock. */
static const struct value *files(struct evaluator *ev, struct node *model)
{
    struct map *found = map_new(ev->arena);
    static const char *const lists[] = {"steps", "tests"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct value *const *items;
        size_t count = node_list(model, lists[i], &items);
        for (size_t j = 0; j < count; j++)
            add_files(found, items[j]->node, "inputs");
    }
    struct node *data = node_ref(model, "data"), *python = node_ref(model, "python");
    const char *path = data ? node_text(data, "path") : NULL;
    if (path && !strstr(path, "://"))
        add_files(found, data, "path");
    if (python)
        add_files(found, python, "lock");
    struct vec sorted = vec_in(ev->arena);
    for (size_t i = 0; i < map_count(found); i++)
        vec_push(&sorted, map_at(found, i)->value);
    vec_sort(&sorted, compare_texts, NULL);
    struct list_builder list = list_begin(ev->arena);
    for (size_t i = 0; i < sorted.count; i++)
        list_add(&list, sorted.items[i]);
    return list_end(&list, model->origin);
}

/* ---- environments, monitors */

static const struct value *instances(struct evaluator *ev, struct node *environment, const struct kind *kind)
{
    struct vec nodes = vec_in(ev->arena);
    graph_collection(ev->compilation->graph, kind->name, environment, &nodes);
    struct list_builder list = list_begin(ev->arena);
    for (size_t i = 0; i < nodes.count; i++) {
        struct node *node = nodes.items[i];
        list_add(&list, value_node(ev->arena, node, node->origin));
    }
    return list_end(&list, environment->origin);
}

static const struct value *watched_capture(struct evaluator *ev, struct node *monitor)
{
    struct node *service = node_ref(monitor, "watch");
    const struct value *capture = service ? node_get(service, "capture") : NULL;
    return capture ? capture : value_null(ev->arena, monitor->origin);
}

static const struct {
    const char *kind, *attribute;
    const struct value *(*derive)(struct evaluator *ev, struct node *node);
} rows[] = {
    {"dataset", "features", features},       {"step", "needs", needs},  {"model", "artifact", artifact},
    {"monitor", "capture", watched_capture}, {"model", "files", files},
};

const struct value *derive_attribute(struct evaluator *ev, struct node *node,
                                     const struct attribute *attribute)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].kind, node->kind->name) == 0 && strcmp(rows[i].attribute, attribute->name) == 0)
            return rows[i].derive(ev, node);
    const struct kind *kind = kind_of_plural(&ev->compilation->declarations, attribute->name);
    if (kind && kind->scope == SCOPE_ENVIRONMENT && strcmp(node->kind->name, "environment") == 0)
        return instances(ev, node, kind);
    eval_report(ev, DIAG_EVAL_VALUE, node->origin, "the library derives `%s` of `%s` without saying how",
                attribute->name, node->kind->name);
    return NULL;
}
