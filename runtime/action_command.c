/* Steps, tests and the champion's evaluation: commands with their slots filled. */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/file.h"
#include "runtime/command.h"
#include "runtime/inputs.h"
#include "runtime/runner.h"

enum { LARGEST_METRICS = 16 << 20, LOG_TAIL = 2000 };

/* What the slots of one command stand for. */
struct filling {
    struct runner *runner;
    struct work *work;
    struct node *node;      /* the step or test whose command it is */
    const char *metrics;    /* where it writes its metrics */
    const char *champion;   /* not NULL: outputs of steps are the champion's, below this folder */
    struct hash_state *key; /* not NULL: contents are added to the key */
};

static void add_content(struct filling *filling, const char *label, const char *hash)
{
    if (filling->key == NULL)
        return;
    action_key_add(filling->key, label);
    action_key_add(filling->key, hash);
}

static const char *fill_data(struct filling *filling, const struct slot *slot, const char **why)
{
    struct arena *arena = filling->runner->arena;
    struct model_state *state = filling->work->model;
    if (slot->name == NULL || strcmp(slot->name, "path") == 0) {
        struct vec files = vec_in(arena);
        struct node *dataset = state != NULL ? node_ref(state->model, "data") : slot->node;
        char hash[HASH_HEX_SIZE] = "";
        if (!dataset_files(filling->runner, dataset, &files, why) ||
            !dataset_hash(filling->runner, dataset, hash, why))
            return NULL;
        add_content(filling, "data", hash);
        return files.count == 1 ? files.items[0] : node_text(dataset, "path");
    }
    const struct output *part =
        state != NULL && state->parts != NULL ? map_get(state->parts->outputs, slot->name) : NULL;
    if (part == NULL) {
        *why = arena_printf(arena, "there is no data part `%s`", slot->name);
        return NULL;
    }
    add_content(filling, slot->name, part->hash);
    return part->path;
}

static const char *fill_step_output(struct filling *filling, const struct slot *slot, const char **why)
{
    struct arena *arena = filling->runner->arena;
    const struct work *step = map_get(filling->runner->by_id, slot->node->id);
    const struct output *output = step != NULL ? map_get(step->outputs, slot->name) : NULL;
    if (filling->champion != NULL) {
        const char *path = arena_printf(arena, "%s/%s.%s", filling->champion, slot->node->name, slot->name);
        if (file_exists(file_join(arena, filling->runner->folder, path)))
            return path;
    }
    if (output == NULL) {
        *why = arena_printf(arena, "step `%s` has no output `%s`", slot->node->name, slot->name);
        return NULL;
    }
    add_content(filling, output->name, output->hash);
    return output->path;
}

/* Parameters go through a file, so that numbers and texts arrive as they were written. */
static const char *fill_params(struct filling *filling, const char **why)
{
    struct arena *arena = filling->runner->arena;
    const char *path = arena_printf(arena, ".mlc/params/%s.json", strchr(filling->node->id, '/') + 1);
    struct buf text = {0};
    bool written = json_write(&text, node_get(filling->node, "params"),
                              (struct json_style){.layout = JSON_PRETTY}, NULL);
    if (filling->key != NULL && written)
        action_key_add(filling->key, buf_str(&text));
    int code = written ? file_write_atomic(file_join(arena, filling->runner->folder, path), buf_str(&text),
                                           text.length, 0644)
                       : -EINVAL;
    buf_free(&text);
    if (code < 0)
        *why = arena_printf(arena, "%s: %s", path, strerror(-code));
    return code < 0 ? NULL : path;
}

static const char *fill_slot(void *context, const struct slot *slot, const char **why)
{
    struct filling *filling = context;
    struct arena *arena = filling->runner->arena;
    if (strcmp(slot->root, "data") == 0)
        return fill_data(filling, slot, why);
    if (strcmp(slot->root, "step") == 0)
        return fill_step_output(filling, slot, why);
    if (strcmp(slot->root, "params") == 0)
        return fill_params(filling, why);
    if (strcmp(slot->root, "metrics") == 0)
        return filling->metrics;
    if (strcmp(slot->root, "outputs") == 0) {
        const char *path = value_string_or(value_get(node_get(filling->node, "outputs"), slot->name), NULL);
        if (path == NULL)
            *why = arena_printf(arena, "there is no output `%s`", slot->name);
        return path;
    }
    *why = arena_printf(arena, "`%s` is known only where a service runs", slot->root);
    return NULL;
}

static const char *line_of(struct filling *filling, const char **why)
{
    return command_line(filling->runner->arena, filling->node, node_get(filling->node, "run"), fill_slot,
                        filling, why);
}

/* --- keys
 * -------------------------------------------------------------------------------------------------------- */

static bool add_inputs(struct runner *runner, struct work *work, struct hash_state *state)
{
    const struct value *const *patterns;
    size_t count = node_list(work->action.node, "inputs", &patterns);
    const char **texts = arena_array(runner->arena, count + 1, sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = value_string_or(patterns[i], "");
    struct vec files = vec_in(runner->arena);
    char hash[HASH_HEX_SIZE] = "";
    const char *bad = "";
    int code = inputs_list(runner->arena, runner->folder, texts, count, runner->made, &files);
    if (code == 0)
        code = inputs_hash(runner->folder, &files, hash, &bad);
    if (code < 0)
        work->action.message =
            arena_printf(runner->arena, "%s: %s", *bad != '\0' ? bad : "inputs", strerror(-code));
    else if (files.count == 0 && count > 0)
        work->action.message = arena_printf(runner->arena, "no file fits its inputs (%s)", texts[0]);
    action_key_add(state, hash);
    return code == 0 && (files.count > 0 || count == 0);
}

static void add_interpreter(struct node *owner, struct hash_state *state)
{
    struct node *python =
        owner != NULL && kind_attribute(owner->kind, "python") != NULL ? node_ref(owner, "python") : NULL;
    const char *version = python != NULL ? node_text(python, "version") : NULL;
    action_key_add(state, version != NULL ? version : "");
}

/* The champion's metrics depend on its artifact, the commands and files that measure it, and the data parts.
 */
static bool champion_key(struct runner *runner, struct work *work)
{
    struct model_state *model = work->model;
    struct hash_state *state = hash_begin();
    action_key_add(state, "champion 1");
    action_key_add(state, model->champion_version.artifact);
    bool known = true;
    for (size_t i = 0; i < model->steps.count && known; i++) {
        struct work *step = model->steps.items[i];
        if (node_text(step->action.node, "metrics") != NULL)
            action_key_add(state, command_text(runner->arena, node_get(step->action.node, "run")));
        known = node_text(step->action.node, "metrics") == NULL || add_inputs(runner, step, state);
    }
    for (size_t i = 0; model->parts != NULL && i < map_count(model->parts->outputs); i++)
        action_key_add(state, ((const struct output *)map_at(model->parts->outputs, i)->value)->hash);
    action_key_end(work, state);
    return known;
}

bool command_key(struct runner *runner, struct work *work)
{
    struct node *node = work->action.node;
    if (work->action.kind == ACTION_CHAMPION)
        return champion_key(runner, work);
    struct hash_state *state = hash_begin();
    action_key_add(state, "command 1");
    action_key_add(state, node->id);
    action_key_add(state, command_text(runner->arena, node_get(node, "run")));
    add_interpreter(node->parent, state);
    bool known = add_inputs(runner, work, state);
    const char *why = NULL;
    struct filling filling = {.runner = runner, .work = work, .node = node, .key = state};
    filling.metrics = kind_attribute(node->kind, "metrics") != NULL ? node_text(node, "metrics") : NULL;
    if (known) {
        work->command = line_of(&filling, &why);
        if (work->command == NULL)
            work->action.message = why;
    }
    action_key_end(work, state);
    return known && work->command != NULL;
}

/* --- running
 * ----------------------------------------------------------------------------------------------------- */

/* An output that an earlier run left must not pass for this run's. */
static void clear_outputs(struct runner *runner, struct node *node)
{
    const struct value *outputs =
        kind_attribute(node->kind, "outputs") != NULL ? node_get(node, "outputs") : NULL;
    for (size_t i = 0; outputs != NULL && outputs->kind == VALUE_RECORD && i < outputs->field_count; i++) {
        const char *path = value_string_or(outputs->fields[i].value, "");
        if (*path != '\0')
            file_remove_tree(file_join(runner->arena, runner->folder, path));
    }
    const char *metrics = kind_attribute(node->kind, "metrics") != NULL ? node_text(node, "metrics") : NULL;
    if (metrics != NULL)
        file_remove_tree(file_join(runner->arena, runner->folder, metrics));
}

static void make_folder_of(struct runner *runner, const char *path)
{
    char *copy = arena_strdup(runner->arena, path);
    char *slash = strrchr(copy, '/');
    if (slash != NULL) {
        *slash = '\0';
        file_make_folders(file_join(runner->arena, runner->folder, copy));
    }
}

static void make_output_folders(struct runner *runner, struct node *node)
{
    const struct value *outputs =
        kind_attribute(node->kind, "outputs") != NULL ? node_get(node, "outputs") : NULL;
    for (size_t i = 0; outputs != NULL && outputs->kind == VALUE_RECORD && i < outputs->field_count; i++)
        make_folder_of(runner, value_string_or(outputs->fields[i].value, ""));
    const char *metrics = kind_attribute(node->kind, "metrics") != NULL ? node_text(node, "metrics") : NULL;
    if (metrics != NULL)
        make_folder_of(runner, metrics);
}

/* The champion's metrics: every step with metrics once more, on this run's data and the champion's outputs.
 */
static const char *champion_command(struct runner *runner, struct work *work, const char **why)
{
    struct buf all = {0};
    struct model_state *state = work->model;
    for (size_t i = 0; i < state->steps.count; i++) {
        struct node *step = ((struct work *)state->steps.items[i])->action.node;
        if (node_text(step, "metrics") == NULL)
            continue;
        struct filling filling = {.runner = runner, .work = work, .node = step};
        filling.champion = arena_printf(runner->arena, ".mlc/champion/%s", state->model->name);
        filling.metrics = arena_printf(runner->arena, "%s/%s.metrics.json", filling.champion, step->name);
        const char *line = line_of(&filling, why);
        if (line == NULL) {
            buf_free(&all);
            return NULL;
        }
        file_remove_tree(file_join(runner->arena, runner->folder, filling.metrics));
        buf_printf(&all, "( %s\n)\n", line);
    }
    const char *command = arena_strdup(runner->arena, buf_str(&all));
    buf_free(&all);
    return command;
}

static int64_t timeout_of(struct work *work)
{
    struct node *node = work->action.node;
    struct node *resources =
        kind_attribute(node->kind, "resources") != NULL ? node_ref(node, "resources") : NULL;
    const struct value *timeout = resources != NULL ? node_get(resources, "timeout") : NULL;
    return timeout != NULL && timeout->kind == VALUE_QUANTITY ? (int64_t)(timeout->number * 1000)
                                                              : 3600LL * 1000000000;
}

bool command_start(struct runner *runner, struct work *work)
{
    const char *why = NULL;
    struct node *node = work->action.node;
    const char *const *environment = NULL;
    if (work->action.kind == ACTION_CHAMPION) {
        work->command = champion_fetch(runner, work) ? champion_command(runner, work, &why) : NULL;
    } else {
        environment = command_environment(runner->arena, node, &why);
        if (environment == NULL)
            work->command = NULL;
        clear_outputs(runner, node);
        make_output_folders(runner, node);
    }
    if (work->command == NULL) {
        if (why != NULL)
            work->action.message = why;
        return false;
    }
    work->action.log_path =
        arena_printf(runner->arena, "%s/logs/%s.log", runner->state_folder, strchr(work->action.id, '/') + 1);
    file_make_folders(arena_printf(runner->arena, "%s/logs", runner->state_folder));
    struct process_options options = {work->command, runner->folder, work->action.log_path, environment};
    int code = process_start(&work->process, &options);
    if (code < 0) {
        work->action.message = code == -ENOENT
                                   ? "bash is not installed, or the log cannot be written"
                                   : arena_printf(runner->arena, "cannot start bash: %s", strerror(-code));
        return false;
    }
    work->process.deadline_ns = runner->world->monotonic_ns(runner->world->context) + timeout_of(work);
    return true;
}

/* --- what came out
 * ----------------------------------------------------------------------------------------------- */

const struct value *metrics_read(struct runner *runner, const char *path, const char **why)
{
    struct buf text = {0};
    const char *full = file_join(runner->arena, runner->folder, path), *reason = "";
    int code = file_read(full, LARGEST_METRICS, &text);
    const struct value *metrics = NULL;
    if (code < 0)
        *why = arena_printf(runner->arena, "its metrics file %s: %s", path, strerror(-code));
    else if ((metrics = json_read_text(runner->arena, buf_str(&text), text.length, &reason)) == NULL)
        *why = arena_printf(runner->arena, "its metrics file %s: %s", path, reason);
    else if (metrics->kind != VALUE_RECORD) {
        *why = arena_printf(runner->arena, "its metrics file %s holds %s, not an object", path,
                            value_kind_name(metrics));
        metrics = NULL;
    }
    buf_free(&text);
    return metrics;
}

static bool keep_output(struct runner *runner, struct work *work, const char *name, const char *path)
{
    struct output *output = arena_alloc(runner->arena, sizeof *output);
    struct store_error error = {0};
    uint64_t size;
    output->name = name;
    output->path = path;
    enum store_status status = store_put_path(runner->store, file_join(runner->arena, runner->folder, path),
                                              output->hash, &size, &error);
    if (status == STORE_MISSING)
        work->action.message =
            arena_printf(runner->arena, "it ended well, and did not make its output %s", path);
    else if (status != STORE_OK)
        work->action.message = arena_strdup(runner->arena, error.text);
    else
        map_set(work->outputs, name, output);
    return status == STORE_OK;
}

static bool keep_outputs(struct runner *runner, struct work *work)
{
    struct node *node = work->action.node;
    if (work->action.kind != ACTION_STEP)
        return true;
    const struct value *outputs = node_get(node, "outputs");
    for (size_t i = 0; outputs->kind == VALUE_RECORD && i < outputs->field_count; i++)
        if (!keep_output(runner, work, outputs->fields[i].key, value_string_or(outputs->fields[i].value, "")))
            return false;
    const char *path = node_text(node, "metrics"), *why = NULL;
    if (path == NULL)
        return true;
    work->metrics = metrics_read(runner, path, &why);
    if (work->metrics == NULL) {
        work->action.message = why;
        return false;
    }
    return keep_output(runner, work, "(metrics)", path);
}

static const struct value *merge_champion_metrics(struct runner *runner, struct work *work, const char **why)
{
    const struct value *all = value_record(runner->arena, NULL, 0, 0);
    struct model_state *state = work->model;
    for (size_t i = 0; i < state->steps.count; i++) {
        struct node *step = ((struct work *)state->steps.items[i])->action.node;
        if (node_text(step, "metrics") == NULL)
            continue;
        const struct value *one = metrics_read(
            runner,
            arena_printf(runner->arena, ".mlc/champion/%s/%s.metrics.json", state->model->name, step->name),
            why);
        if (one == NULL)
            return NULL;
        all = value_merge(runner->arena, all, one);
    }
    return all;
}

/* The end of the log: what a person needs to see first. */
static const char *log_tail(struct runner *runner, const char *path)
{
    struct buf text = {0};
    if (file_read(path, 64 << 20, &text) < 0) {
        buf_free(&text);
        return "";
    }
    const char *start = buf_str(&text);
    if (text.length > LOG_TAIL)
        start += text.length - LOG_TAIL;
    const char *tail = arena_strdup(runner->arena, start);
    buf_free(&text);
    return tail;
}

bool command_finish(struct runner *runner, struct work *work, int exit_code)
{
    work->action.exit_code = exit_code;
    if (work->process.ended_by_time) {
        work->action.message = "it took longer than its timeout and was ended";
        return false;
    }
    if (exit_code != 0) {
        work->action.message =
            arena_printf(runner->arena, "exit %d\n%s", exit_code, log_tail(runner, work->action.log_path));
        return false;
    }
    if (work->action.kind == ACTION_CHAMPION) {
        const char *why = NULL;
        work->metrics = merge_champion_metrics(runner, work, &why);
        work->action.message = why;
        return work->metrics != NULL;
    }
    return keep_outputs(runner, work);
}
