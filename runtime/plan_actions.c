/* From the nodes asked for to the actions that they need, in an order in which they can run. */

#include <string.h>
#include "core/text.h"
#include "runtime/runner.h"

static struct work *add_work(struct runner *runner, enum action_kind kind, struct node *node, const char *id,
                             struct model_state *model)
{
    struct work *known = map_get(runner->by_id, id);
    if (known != NULL)
        return known;
    struct work *work = arena_alloc(runner->arena, sizeof *work);
    work->action.kind = kind;
    work->action.id = id;
    work->action.node = node;
    work->action.needs = vec_in(runner->arena);
    work->outputs = map_new(runner->arena);
    work->model = model;
    map_set(runner->by_id, id, work);
    vec_push(&runner->run->actions, work);
    return work;
}

static void need(struct work *user, struct work *used)
{
    if (user == NULL || used == NULL || user == used)
        return;
    for (size_t i = 0; i < user->action.needs.count; i++)
        if (user->action.needs.items[i] == used)
            return;
    vec_push(&user->action.needs, used);
}

static struct work *plan_dataset(struct runner *runner, struct node *dataset)
{
    struct work *check = map_get(runner->by_id, dataset->id);
    if (check != NULL)
        return check;
    const struct value *const *tests;
    size_t count = node_list(dataset, "tests", &tests);
    struct vec before = vec_in(runner->arena);
    for (size_t i = 0; i < count; i++)
        vec_push(&before, add_work(runner, ACTION_TEST, tests[i]->node, tests[i]->node->id, NULL));
    check = add_work(runner, ACTION_CHECK, dataset, dataset->id, NULL);
    for (size_t i = 0; i < before.count; i++)
        need(check, before.items[i]);
    return check;
}

static const char *id_of(struct runner *runner, struct node *model, const char *part)
{
    return arena_printf(runner->arena, "%s.%s", model->id, part);
}

/* The slots of a command say what must be there before: data parts and outputs of steps. */
static void need_slots(struct runner *runner, struct model_state *state, struct work *work)
{
    const struct value *command = node_get(work->action.node, "run");
    for (size_t i = 0; command != NULL && command->kind == VALUE_TEXT && i < command->count; i++) {
        struct slot slot;
        if (command->items[i]->kind != VALUE_EXPRESSION ||
            !slot_resolve(work->action.node, command->items[i]->expr, &slot))
            continue;
        if (strcmp(slot.root, "data") == 0)
            need(work, slot.name != NULL && strcmp(slot.name, "path") == 0 ? state->check : state->parts);
        else if (strcmp(slot.root, "step") == 0 && slot.node != NULL)
            need(work, map_get(runner->by_id, slot.node->id));
    }
}

static struct model_state *plan_model(struct runner *runner, struct node *model)
{
    struct model_state *state = arena_alloc(runner->arena, sizeof *state);
    state->model = model;
    state->steps = vec_in(runner->arena);
    state->tests = vec_in(runner->arena);
    state->check = plan_dataset(runner, node_ref(model, "data"));
    if (node_ref(model, "split") != NULL) {
        state->parts = add_work(runner, ACTION_PARTS, model, id_of(runner, model, "split"), state);
        need(state->parts, state->check);
    }
    const struct value *const *items;
    size_t count = node_list(model, "tests", &items);
    for (size_t i = 0; i < count; i++)
        vec_push(&state->tests, add_work(runner, ACTION_TEST, items[i]->node, items[i]->node->id, state));
    count = node_list(model, "steps", &items);
    for (size_t i = 0; i < count; i++)
        vec_push(&state->steps, add_work(runner, ACTION_STEP, items[i]->node, items[i]->node->id, state));
    return state;
}

/* A test that uses no output runs before all steps: it is cheap, and training on broken code is waste. */
static bool uses_nothing(const struct work *test)
{
    return test->action.needs.count == 0;
}

static void connect_model(struct runner *runner, struct model_state *state)
{
    for (size_t i = 0; i < state->tests.count; i++)
        need_slots(runner, state, state->tests.items[i]);
    for (size_t i = 0; i < state->steps.count; i++) {
        need_slots(runner, state, state->steps.items[i]);
        need(state->steps.items[i], state->check);
        for (size_t k = 0; k < state->tests.count; k++)
            if (uses_nothing(state->tests.items[k]))
                need(state->steps.items[i], state->tests.items[k]);
    }
}

static bool has_metrics(struct work *step)
{
    return node_text(step->action.node, "metrics") != NULL;
}

static void plan_gate(struct runner *runner, struct model_state *state)
{
    struct node *model = state->model, *gate = node_ref(model, "gate");
    bool measured = false;
    for (size_t i = 0; i < state->steps.count; i++)
        measured = measured || has_metrics(state->steps.items[i]);
    if (measured && state->has_champion) {
        state->champion = add_work(runner, ACTION_CHAMPION, model, id_of(runner, model, "champion"), state);
        need(state->champion, state->parts);
        for (size_t i = 0; i < state->steps.count; i++)
            need(state->champion, state->steps.items[i]);
    }
    state->gate = add_work(runner, ACTION_GATE, gate, gate->id, state);
    for (size_t i = 0; i < state->steps.count; i++)
        need(state->gate, state->steps.items[i]);
    for (size_t i = 0; i < state->tests.count; i++)
        need(state->gate, state->tests.items[i]);
    need(state->gate, state->champion);
    state->promote = add_work(runner, ACTION_REGISTER, model, model->id, state);
    need(state->promote, state->gate);
}

/* --- what was asked for
 * ---------------------------------------------------------------------------------------- */

/* True when `wanted` names the node: by id, by "kind/name", or by its bare name. */
static bool is_named(const struct work *work, const char *wanted)
{
    const char *id = work->action.id;
    const char *name = strchr(id, '/');
    return strcmp(id, wanted) == 0 || (name != NULL && strcmp(name + 1, wanted) == 0);
}

static void keep_with_needs(struct work *work, struct map *kept)
{
    if (map_has(kept, work->action.id))
        return;
    for (size_t i = 0; i < work->action.needs.count; i++)
        keep_with_needs(work->action.needs.items[i], kept);
    map_set(kept, work->action.id, work);
}

static bool report_unknown(struct runner *runner, const char *wanted)
{
    struct diag *diag = diag_report(runner->diags, DIAG_RUN_UNKNOWN, span_none,
                                    "there is nothing to run by the name `%s`", wanted);
    const char *near = map_nearest(runner->by_id, wanted);
    if (near != NULL)
        diag_help(diag, "did you mean `%s`?", near);
    struct buf names = {0};
    for (size_t i = 0; i < map_count(runner->by_id) && i < 20; i++)
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", map_at(runner->by_id, i)->key);
    diag_note(diag, "what can be run: %s", buf_str(&names));
    buf_free(&names);
    return false;
}

static bool choose(struct runner *runner)
{
    struct map *kept = map_new(runner->arena);
    for (size_t k = 0; k < runner->options->node_count; k++) {
        bool found = false;
        for (size_t i = 0; i < runner->run->actions.count; i++) {
            struct work *work = runner->run->actions.items[i];
            if (!is_named(work, runner->options->nodes[k]))
                continue;
            keep_with_needs(work, kept);
            found = true;
        }
        if (!found)
            return report_unknown(runner, runner->options->nodes[k]);
    }
    struct vec chosen = vec_in(runner->arena);
    for (size_t i = 0; i < runner->run->actions.count; i++) {
        struct work *work = runner->run->actions.items[i];
        if (runner->options->node_count == 0 || map_has(kept, work->action.id))
            vec_push(&chosen, work);
    }
    runner->run->actions = chosen;
    return true;
}

/* Paths that steps make: never the input of a step, whatever its patterns say. */
static void collect_made(struct runner *runner)
{
    struct vec made = vec_in(runner->arena);
    for (size_t i = 0; i < runner->run->actions.count; i++) {
        struct work *work = runner->run->actions.items[i];
        if (work->action.kind != ACTION_STEP)
            continue;
        const struct value *outputs = node_get(work->action.node, "outputs");
        for (size_t k = 0; outputs->kind == VALUE_RECORD && k < outputs->field_count; k++)
            vec_push(&made, (void *)value_string_or(outputs->fields[k].value, ""));
        const char *metrics = node_text(work->action.node, "metrics");
        if (metrics != NULL)
            vec_push(&made, (void *)metrics);
    }
    vec_push(&made, NULL);
    runner->made = (const char **)made.items;
}

static bool is_abstract(struct node *dataset)
{
    const struct value *abstract = node_get(dataset, "abstract");
    return abstract->kind == VALUE_BOOL && abstract->boolean;
}

/* Data checks, tests and training need no champion; what compares with it does. */
static bool champions_are_there(struct runner *runner)
{
    for (size_t i = 0; i < runner->run->actions.count; i++) {
        const struct work *work = runner->run->actions.items[i];
        if (work->action.kind == ACTION_GATE && !champion_is_there(runner, work->model))
            return false;
    }
    return true;
}

bool plan_actions(struct runner *runner)
{
    struct vec datasets = vec_in(runner->arena), models = vec_in(runner->arena);
    graph_collection(runner->graph, "dataset", NULL, &datasets);
    graph_collection(runner->graph, "model", NULL, &models);
    for (size_t i = 0; i < datasets.count; i++)
        if (!is_abstract(datasets.items[i]))
            plan_dataset(runner, datasets.items[i]);
    struct vec states = vec_in(runner->arena);
    for (size_t i = 0; i < models.count; i++)
        vec_push(&states, plan_model(runner, models.items[i]));
    for (size_t i = 0; i < states.count; i++) {
        connect_model(runner, states.items[i]);
        champion_find(runner, states.items[i]);
        plan_gate(runner, states.items[i]);
    }
    collect_made(runner);
    return choose(runner) && champions_are_there(runner);
}
