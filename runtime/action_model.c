/* The champion, the gate, registration, and promotion in the local index. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compiler/compilation.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/audit.h"
#include "runtime/gate.h"
#include "runtime/runner.h"

static const char *strip_algorithm(const char *hash)
{
    return text_starts_with(hash, "sha256:") ? hash + 7 : hash;
}

/* The record of a version by its artifact, the newest first. */
static const struct value *find_record(struct runner *runner, const char *model, const char *artifact)
{
    struct vec records = vec_in(runner->arena);
    struct store_error error;
    if (store_log_read(runner->store, runner->arena, model, &records, &error) != STORE_OK)
        return NULL;
    for (size_t i = records.count; i > 0; i--)
        if (strcmp(value_string_or(value_get(records.items[i - 1], "artifact"), ""), artifact) == 0)
            return records.items[i - 1];
    return NULL;
}

/* The lock wins; without a line there the local index says who is champion on this machine. */
void champion_find(struct runner *runner, struct model_state *state)
{
    const char *id = state->model->id;
    struct model_version here;
    state->index_champion = index_champion(runner->index, runner->arena, id, &here) ? here.artifact : "";
    const struct value *locked =
        value_get(runner->graph->compilation->lock, arena_printf(runner->arena, "%s.champion", id));
    if (locked != NULL) {
        state->has_champion = true;
        state->champion_version.model = id;
        state->champion_version.artifact = strip_algorithm(value_string_or(locked, ""));
    } else {
        state->has_champion = index_champion(runner->index, runner->arena, id, &state->champion_version);
    }
    if (!state->has_champion)
        return;
    state->champion_record = find_record(runner, id, state->champion_version.artifact);
    state->champion_line = locked != NULL ? locked->origin : 0;
}

bool champion_is_there(struct runner *runner, const struct model_state *state)
{
    if (!state->has_champion || state->champion_record != NULL)
        return true;
    struct diag *diag = diag_report(runner->diags, DIAG_RUN_CHAMPION,
                                    origin_span(runner->graph->compilation->origins, state->champion_line),
                                    "the champion of %s is not in the store", state->model->id);
    diag_label(diag, "named here");
    diag_note(diag, "artifact sha256:%s", state->champion_version.artifact);
    diag_help(diag, "give the store that holds it with `--store`");
    return false;
}

/* Brings the champion's outputs below .mlc/champion/MODEL, as STEP.OUTPUT. */
bool champion_fetch(struct runner *runner, struct work *work)
{
    struct model_state *state = work->model;
    const struct value *outputs = value_get(state->champion_record, "outputs");
    for (size_t i = 0; outputs != NULL && outputs->kind == VALUE_RECORD && i < outputs->field_count; i++) {
        struct store_error error = {0};
        const char *path = arena_printf(runner->arena, "%s/champion/%s/%s", runner->state_folder,
                                        state->model->name, outputs->fields[i].key);
        file_remove_tree(path);
        if (store_get_path(runner->store, value_string_or(outputs->fields[i].value, ""), path, &error) !=
            STORE_OK) {
            work->action.message = arena_strdup(runner->arena, error.text);
            return false;
        }
    }
    return true;
}

/* --- registration
 * ------------------------------------------------------------------------------------------------ */

/* The output that is the model, and its content; NULL when the model has none. */
static const struct output *artifact_of(struct model_state *state)
{
    struct node *artifact = node_ref(state->model, "artifact");
    for (size_t i = 0; artifact != NULL && i < state->steps.count; i++) {
        struct work *step = state->steps.items[i];
        if (step->action.node == artifact->parent)
            return map_get(step->outputs, artifact->name);
    }
    return NULL;
}

static const struct value *candidate_metrics(struct runner *runner, struct model_state *state)
{
    const struct value *all = value_record(runner->arena, NULL, 0, 0);
    for (size_t i = 0; i < state->steps.count; i++) {
        struct work *step = state->steps.items[i];
        if (step->metrics != NULL)
            all = value_merge(runner->arena, all, step->metrics);
    }
    return all;
}

bool champion_is_candidate(struct runner *runner, struct work *work)
{
    const struct output *artifact = artifact_of(work->model);
    if (artifact == NULL || strcmp(artifact->hash, work->model->champion_version.artifact) != 0)
        return false;
    work->metrics = candidate_metrics(runner, work->model);
    return true;
}

static const struct value *outputs_record(struct runner *runner, struct model_state *state)
{
    struct record_builder all = record_begin(runner->arena);
    for (size_t i = 0; i < state->steps.count; i++) {
        struct work *step = state->steps.items[i];
        for (size_t k = 0; k < map_count(step->outputs); k++) {
            const struct output *output = map_at(step->outputs, k)->value;
            const char *key = arena_printf(runner->arena, "%s.%s", step->action.node->name, output->name);
            record_set(&all, key, value_string(runner->arena, output->hash, 0));
        }
    }
    return record_end(&all, 0);
}

static const struct value *verdicts_list(struct runner *runner, size_t first)
{
    struct list_builder list = list_begin(runner->arena);
    for (size_t i = first; i < runner->run->verdicts.count; i++) {
        const struct verdict *verdict = runner->run->verdicts.items[i];
        struct record_builder one = record_begin(runner->arena);
        record_set(&one, "require", value_string(runner->arena, verdict->source, 0));
        record_set(&one, "holds", value_bool(runner->arena, verdict->holds, 0));
        record_set(&one, "vacuous", value_bool(runner->arena, verdict->vacuous, 0));
        if (verdict->found != NULL)
            record_set(&one, "found", value_string(runner->arena, verdict->found, 0));
        if (verdict->bound != NULL)
            record_set(&one, "bound", value_string(runner->arena, verdict->bound, 0));
        list_add(&list, record_end(&one, 0));
    }
    return list_end(&list, 0);
}

/* The data parts by content: what a monitor compares captured requests with. */
static const struct value *parts_record(struct runner *runner, const struct model_state *state)
{
    struct record_builder all = record_begin(runner->arena);
    for (size_t i = 0; state->parts != NULL && i < map_count(state->parts->outputs); i++) {
        const struct output *output = map_at(state->parts->outputs, i)->value;
        record_set(&all, output->name, value_string(runner->arena, output->hash, 0));
    }
    return record_end(&all, 0);
}

static const struct value *version_record(struct runner *runner, struct model_state *state,
                                          const struct output *artifact, bool passed)
{
    struct arena *arena = runner->arena;
    struct record_builder record = record_begin(arena);
    record_set(&record, "model", value_string(arena, state->model->id, 0));
    record_set(&record, "artifact", value_string(arena, artifact->hash, 0));
    record_set(&record, "outputs", outputs_record(runner, state));
    record_set(&record, "data", value_string(arena, state->data_hash, 0));
    record_set(&record, "parts", parts_record(runner, state));
    record_set(&record, "metrics", state->gate->metrics);
    if (state->champion != NULL && state->champion->metrics != NULL)
        record_set(&record, "champion_metrics", state->champion->metrics);
    record_set(&record, "verdicts", verdicts_list(runner, state->first_verdict));
    record_set(&record, "champion",
               value_string(arena, state->has_champion ? state->champion_version.artifact : "", 0));
    record_set(&record, "verdict", value_string(arena, passed ? "passed" : "rejected", 0));
    record_set(&record, "actor", value_string(arena, audit_actor(), 0));
    const char *commit = getenv("GITHUB_SHA");
    if (commit != NULL)
        record_set(&record, "commit", value_string(arena, commit, 0));
    return record_end(&record, 0);
}

/* Appends behind the head, again if somebody else was faster. */
static enum store_status append(struct runner *runner, const char *log, const struct value *record,
                                struct store_head *head, struct store_error *error)
{
    enum store_status status = STORE_CONFLICT;
    for (int tries = 0; tries < 20 && status == STORE_CONFLICT; tries++) {
        struct store_head before;
        status = store_log_head(runner->store, log, &before, error);
        if (status == STORE_OK)
            status = store_log_append(runner->store, log, record, &before, head, error);
    }
    return status;
}

/* True when the log's newest version says the same: a gate that is decided again makes no new version. */
static bool is_known(const struct vec *records, const struct value *version)
{
    static const char *const fields[] = {"artifact", "verdict", "champion", "metrics", "data"};
    if (records->count == 0)
        return false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct value *old = value_get(vec_last(records), fields[i]),
                           *now = value_get(version, fields[i]);
        if (old == NULL || now == NULL || !value_equal(old, now))
            return false;
    }
    return true;
}

static bool put_index(struct runner *runner, struct model_state *state, const struct value *version)
{
    char now[32];
    struct index_error error = {0};
    struct buf metrics = {0};
    world_format_time(runner->world->wall_ns(runner->world->context), now);
    json_write(&metrics, state->gate->metrics, (struct json_style){0}, NULL);
    struct model_version row = {state->version_number,
                                state->model->id,
                                value_string_or(value_get(version, "artifact"), ""),
                                buf_str(&metrics),
                                state->data_hash,
                                now,
                                value_string_or(value_get(version, "verdict"), "")};
    bool done = index_put_version(runner->index, &row, &error);
    if (!done)
        state->gate->action.message = arena_strdup(runner->arena, error.text);
    buf_free(&metrics);
    return done;
}

/* A version is what a gate has judged, whether it passed or not; the champion itself is none anew. */
static bool keep_version(struct runner *runner, struct work *work, bool passed)
{
    struct model_state *state = work->model;
    const struct output *artifact = artifact_of(state);
    if (artifact == NULL ||
        (state->has_champion && strcmp(state->champion_version.artifact, artifact->hash) == 0))
        return true;
    struct store_error error = {0};
    struct store_head head;
    struct vec records = vec_in(runner->arena);
    const char *why = NULL;
    dataset_hash(runner, node_ref(state->model, "data"), state->data_hash, &why);
    const struct value *version = version_record(runner, state, artifact, passed);
    enum store_status status =
        store_log_read(runner->store, runner->arena, state->model->id, &records, &error);
    bool known = status == STORE_OK && is_known(&records, version);
    state->version_number = (int64_t)records.count + !known;
    if (status == STORE_OK && !known)
        status = append(runner, state->model->id, version, &head, &error);
    if (status != STORE_OK)
        work->action.message = arena_strdup(runner->arena, error.text);
    return status == STORE_OK && put_index(runner, state, version);
}

/* --- the gate
 * ---------------------------------------------------------------------------------------------------- */

static void report_verdict(struct runner *runner, const struct verdict *verdict)
{
    const struct compilation *compilation = runner->graph->compilation;
    struct diag *diag =
        diag_report_at(runner->diags, DIAG_RUN_GATE, compilation->origins, compilation->sources,
                       verdict->origin, "the gate does not let the candidate through: `%s`", verdict->source);
    if (verdict->why != NULL)
        diag_label(diag, "%s", verdict->why);
    else
        diag_label(diag, "found %s, needed %s", verdict->found, verdict->bound);
}

bool gate_run(struct runner *runner, struct work *work)
{
    struct model_state *state = work->model;
    struct gate_input input = {work->action.node, candidate_metrics(runner, state),
                               state->champion != NULL ? state->champion->metrics : NULL};
    size_t first = runner->run->verdicts.count, held = 0;
    state->first_verdict = first;
    bool passed = gate_decide(runner->arena, &input, &runner->run->verdicts);
    size_t count = runner->run->verdicts.count - first;
    for (size_t i = first; i < runner->run->verdicts.count; i++) {
        const struct verdict *verdict = runner->run->verdicts.items[i];
        held += verdict->holds;
        if (!verdict->holds)
            report_verdict(runner, verdict);
    }
    work->metrics = input.metrics;
    work->action.message = count == 0
                               ? "no requirements"
                               : arena_printf(runner->arena, "%zu of %zu requirements hold", held, count);
    return keep_version(runner, work, passed) && passed;
}

/* --- promotion on this machine
 * ------------------------------------------------------------------------------------ */

bool register_version(struct runner *runner, struct work *work)
{
    struct model_state *state = work->model;
    const struct output *artifact = artifact_of(state);
    struct store_error error = {0};
    struct index_error index_error = {0};
    if (artifact == NULL) {
        work->action.message = "no output to register";
        return true;
    }
    if ((state->has_champion && strcmp(state->champion_version.artifact, artifact->hash) == 0) ||
        strcmp(state->index_champion, artifact->hash) == 0) {
        work->action.status = ACTION_CACHED;
        work->action.message = arena_printf(runner->arena, "%.12s is the champion already", artifact->hash);
        return true;
    }
    struct audit_event event = {"champion here", state->model->id, state->index_champion, artifact->hash,
                                NULL};
    if (audit_append(runner->store, &event, NULL, &error) != STORE_OK) {
        work->action.message = arena_strdup(runner->arena, error.text);
        return false;
    }
    if (!index_promote(runner->index, state->model->id, state->index_champion, artifact->hash,
                       &index_error)) {
        work->action.message = arena_strdup(runner->arena, index_error.text);
        return false;
    }
    runner->run->promoted = true;
    work->action.message = arena_printf(runner->arena, "version %lld, %.12s, is the champion here%s",
                                        (long long)state->version_number, artifact->hash,
                                        state->has_champion ? "" : " (the first: nothing to compare with)");
    return true;
}
