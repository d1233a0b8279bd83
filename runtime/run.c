/* The executor: starts what is ready, at most so many at once, and goes on until nothing can. */

#include "runtime/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "compiler/compilation.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "runtime/expectations.h"
#include "runtime/registry.h"
#include "runtime/runner.h"

void action_set(struct runner *runner, struct work *work, enum action_status status, const char *message)
{
    work->action.status = status;
    if (message != NULL)
        work->action.message = message;
    if (status == ACTION_RUNNING)
        work->action.started_ns = runner->world->wall_ns(runner->world->context);
    else
        work->action.ended_ns = runner->world->wall_ns(runner->world->context);
    if (runner->observer != NULL)
        runner->observer(runner->observer_context, runner->run, &work->action);
}

static bool is_over(const struct work *work)
{
    return work->action.status >= ACTION_DONE;
}

static bool is_well(const struct work *work)
{
    return work->action.status == ACTION_DONE || work->action.status == ACTION_CACHED;
}

/* 1: all it needs is there; 0: not yet; -1: something it needs failed. */
static int readiness(const struct work *work)
{
    int ready = 1;
    for (size_t i = 0; i < work->action.needs.count; i++) {
        const struct work *needed = work->action.needs.items[i];
        if (is_over(needed) && !is_well(needed))
            return -1;
        if (!is_over(needed))
            ready = 0;
    }
    return ready;
}

static bool is_command(const struct work *work)
{
    return work->action.kind == ACTION_TEST || work->action.kind == ACTION_STEP ||
           work->action.kind == ACTION_CHAMPION;
}

static void finish(struct runner *runner, struct work *work, bool well)
{
    bool cached = work->action.status == ACTION_CACHED;
    if (well && !cached && work->action.key[0] != '\0')
        cache_keep(runner, work);
    action_set(runner, work, !well ? ACTION_FAILED : cached ? ACTION_CACHED : ACTION_DONE, NULL);
}

/* What a check reads besides its own data: content and meaning of other datasets. */
static bool add_others(struct runner *runner, struct work *work, struct hash_state *state)
{
    struct vec others = vec_in(runner->arena);
    expectations_reads(work->action.node, &others);
    for (size_t i = 0; i < others.count; i++) {
        struct node *other = others.items[i];
        char content[HASH_HEX_SIZE] = "", meaning[HASH_HEX_SIZE];
        const char *why = NULL;
        if (!dataset_hash(runner, other, content, &why)) {
            work->action.message = arena_printf(runner->arena, "dataset %s: %s", other->name, why);
            return false;
        }
        node_hash(other, meaning);
        action_key_add(state, other->id);
        action_key_add(state, content);
        action_key_add(state, meaning);
    }
    return true;
}

/* The key of a data check or of data parts: the data's content and what the spec says of it. */
static bool data_key(struct runner *runner, struct work *work)
{
    struct node *dataset =
        work->action.kind == ACTION_CHECK ? work->action.node : node_ref(work->action.node, "data");
    char content[HASH_HEX_SIZE] = "", meaning[HASH_HEX_SIZE];
    const char *why = NULL;
    if (!dataset_hash(runner, dataset, content, &why)) {
        work->action.message = why;
        return false;
    }
    struct hash_state *state = hash_begin();
    action_key_add(state, work->action.kind == ACTION_CHECK ? "check 1" : "parts 2");
    action_key_add(state, work->action.id);
    action_key_add(state, content);
    node_hash(dataset, meaning);
    action_key_add(state, meaning);
    if (work->action.kind == ACTION_CHECK && !add_others(runner, work, state)) {
        action_key_end(work, state);
        work->action.key[0] = '\0';
        return false;
    }
    if (work->action.kind == ACTION_PARTS) {
        node_hash(node_ref(work->action.node, "split"), meaning);
        action_key_add(state, meaning);
    }
    action_key_end(work, state);
    return true;
}

static bool run_now(struct runner *runner, struct work *work)
{
    switch (work->action.kind) {
    case ACTION_CHECK:
        return check_dataset(runner, work);
    case ACTION_PARTS:
        return write_parts(runner, work);
    case ACTION_GATE:
        return gate_run(runner, work);
    case ACTION_REGISTER:
        return register_version(runner, work);
    default:
        return false;
    }
}

/* What the key can be made of is known only when all it needs is there. */
static bool make_key(struct runner *runner, struct work *work)
{
    if (work->action.kind == ACTION_CHECK || work->action.kind == ACTION_PARTS)
        return data_key(runner, work);
    if (is_command(work))
        return command_key(runner, work);
    return true;
}

static bool nothing_new(const struct work *work)
{
    for (size_t i = 0; i < work->action.needs.count; i++)
        if (((const struct work *)work->action.needs.items[i])->action.status != ACTION_CACHED)
            return false;
    return true;
}

/* Starts an action; true when a process now runs for it. */
static bool begin(struct runner *runner, struct work *work)
{
    if (work->action.kind == ACTION_CHAMPION && champion_is_candidate(runner, work)) {
        action_set(runner, work, ACTION_CACHED, "the candidate is the champion");
        return false;
    }
    if (!make_key(runner, work)) {
        finish(runner, work, false);
        return false;
    }
    if (work->action.key[0] != '\0' && cache_restore(runner, work)) {
        action_set(runner, work, ACTION_CACHED, NULL);
        return false;
    }
    if (runner->options->dry) {
        action_set(runner, work, ACTION_SKIPPED, "would run");
        return false;
    }
    action_set(runner, work, ACTION_RUNNING, NULL);
    if (!is_command(work)) {
        bool well = run_now(runner, work);
        /* A gate is decided anew each time; when nothing before it was done, there is nothing new to tell. */
        if (work->action.kind == ACTION_GATE && well && nothing_new(work))
            work->action.status = ACTION_CACHED;
        finish(runner, work, well);
        return false;
    }
    if (command_start(runner, work))
        return true;
    finish(runner, work, false);
    return false;
}

/* Waits for one of the running commands and takes it from the list. */
static void wait_for_one(struct runner *runner, struct work **running, size_t *count)
{
    struct process *processes = mem_calloc(*count, sizeof *processes);
    for (size_t i = 0; i < *count; i++)
        processes[i] = running[i]->process;
    int ended = process_wait_any(processes, (int)*count, 0);
    for (size_t i = 0; i < *count; i++)
        running[i]->process = processes[i];
    free(processes);
    if (ended < 0)
        return;
    struct work *work = running[ended];
    running[ended] = running[--*count];
    int code = process_collect(&work->process);
    finish(runner, work, command_finish(runner, work, code));
}

static bool any_failed(const struct runner *runner)
{
    for (size_t i = 0; i < runner->run->actions.count; i++)
        if (((struct work *)runner->run->actions.items[i])->action.status == ACTION_FAILED)
            return true;
    return false;
}

/* Starts all that is ready; true when anything changed. */
static bool advance(struct runner *runner, struct work **running, size_t *count, size_t jobs)
{
    bool changed = false;
    bool stop = !runner->options->keep_going && any_failed(runner);
    for (size_t i = 0; i < runner->run->actions.count; i++) {
        struct work *work = runner->run->actions.items[i];
        if (work->action.status != ACTION_WAITING)
            continue;
        int ready = readiness(work);
        if (ready < 0 || stop) {
            action_set(runner, work, ACTION_SKIPPED, "not run: something before it failed");
            changed = true;
        } else if (ready > 0 && (*count < jobs || !is_command(work))) {
            if (begin(runner, work))
                running[(*count)++] = work;
            changed = true;
            stop = !runner->options->keep_going && any_failed(runner);
        }
    }
    return changed;
}

static void execute(struct runner *runner)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = runner->options->jobs > 0 ? runner->options->jobs
                  : cores > 0               ? (size_t)cores
                                            : 1,
           count = 0;
    struct work **running = mem_calloc(jobs, sizeof *running);
    for (;;) {
        while (advance(runner, running, &count, jobs))
            ;
        if (count == 0)
            break;
        wait_for_one(runner, running, &count);
    }
    free(running);
}

/* --- the record of a run
 * ------------------------------------------------------------------------------------------ */

static const char *const status_words[] = {"waiting", "running", "done", "cached", "failed", "skipped"};

static const struct value *action_record(struct runner *runner, const struct action *action)
{
    struct arena *arena = runner->arena;
    struct record_builder record = record_begin(arena);
    record_set(&record, "id", value_string(arena, action->id, 0));
    record_set(&record, "status", value_string(arena, status_words[action->status], 0));
    if (action->message != NULL)
        record_set(&record, "message", value_string(arena, action->message, 0));
    if (action->key[0] != '\0')
        record_set(&record, "key", value_string(arena, action->key, 0));
    const struct value *metrics = ((const struct work *)action)->metrics;
    if (metrics != NULL)
        record_set(&record, "metrics", metrics);
    if (action->started_ns != 0)
        record_set(&record, "seconds",
                   value_float(arena, (double)(action->ended_ns - action->started_ns) / 1e9, 0));
    return record_end(&record, 0);
}

/* A run that has decided something is reported elsewhere too (`mlc report` in another job), so its record
 * goes into the store's log `runs`. That it cannot be written there is said, and fails no run that is done.
 */
static void keep_for_others(struct runner *runner, const struct value *record)
{
    bool decided = false;
    for (size_t i = 0; i < runner->run->actions.count; i++) {
        const struct action *action = runner->run->actions.items[i];
        decided = decided || (action->kind == ACTION_GATE && action->status != ACTION_SKIPPED);
    }
    struct store_error error = {0};
    struct store_head head;
    enum store_status status = decided ? STORE_CONFLICT : STORE_OK;
    for (int tries = 0; tries < 20 && status == STORE_CONFLICT; tries++) {
        status = store_log_head(runner->store, "runs", &head, &error);
        if (status == STORE_OK)
            status = store_log_append(runner->store, "runs", record, &head, &head, &error);
    }
    if (status != STORE_OK)
        diag_report(runner->diags, DIAG_RUN_RECORD, span_none, "%s", error.text);
}

static void write_record(struct runner *runner)
{
    struct arena *arena = runner->arena;
    char now[32];
    int64_t ns = runner->world->wall_ns(runner->world->context);
    world_format_time(ns, now);
    struct list_builder actions = list_begin(arena), verdicts = list_begin(arena);
    for (size_t i = 0; i < runner->run->actions.count; i++)
        list_add(&actions, action_record(runner, runner->run->actions.items[i]));
    for (size_t i = 0; i < runner->run->verdicts.count; i++) {
        const struct verdict *verdict = runner->run->verdicts.items[i];
        struct record_builder one = record_begin(arena);
        record_set(&one, "gate", value_string(arena, verdict->gate, 0));
        record_set(&one, "require", value_string(arena, verdict->source, 0));
        record_set(&one, "holds", value_bool(arena, verdict->holds, 0));
        record_set(&one, "vacuous", value_bool(arena, verdict->vacuous, 0));
        const char *found = verdict->why != NULL ? verdict->why : verdict->found;
        record_set(&one, "found", value_string(arena, found != NULL ? found : "", 0));
        record_set(&one, "bound", value_string(arena, verdict->bound != NULL ? verdict->bound : "", 0));
        list_add(&verdicts, record_end(&one, 0));
    }
    struct record_builder record = record_begin(arena);
    record_set(&record, "version", value_int(arena, 1, 0));
    record_set(&record, "time", value_string(arena, now, 0));
    record_set(&record, "succeeded", value_bool(arena, runner->run->succeeded, 0));
    record_set(&record, "promoted", value_bool(arena, runner->run->promoted, 0));
    record_set(&record, "actions", list_end(&actions, 0));
    record_set(&record, "verdicts", list_end(&verdicts, 0));
    struct buf text = {0};
    const struct value *whole = record_end(&record, 0);
    keep_for_others(runner, whole);
    runner->run->record =
        arena_printf(arena, "%s/runs/%lld.json", runner->state_folder, (long long)(ns / 1000000));
    /* A record that cannot be written is no reason to fail a run that is done. */
    if (json_write(&text, whole, (struct json_style){.layout = JSON_PRETTY}, NULL) &&
        file_write_atomic(runner->run->record, buf_str(&text), text.length, 0644) < 0)
        runner->run->record = NULL;
    buf_free(&text);
}

/* --- opening
 * ------------------------------------------------------------------------------------------------------ */

static bool open_places(struct runner *runner)
{
    struct store_error store_error = {0};
    struct index_error index_error = {0};
    const char *location =
        registry_location(runner->graph->compilation, runner->options->store, REGISTRY_HERE);
    runner->store = store_open(location, runner->domain, &store_error);
    /* A fork's pull request gets no credentials: it works with what it makes itself. */
    if (runner->store == NULL && runner->options->store == NULL && strncmp(runner->domain, "pr/", 3) == 0) {
        diag_report(runner->diags, DIAG_RUN_NO_SHARED_STORE, span_none, "%s", store_error.text);
        runner->store = store_open(arena_printf(runner->arena, "%s/store", runner->state_folder),
                                   runner->domain, &store_error);
    }
    if (runner->store == NULL) {
        diag_report(runner->diags, DIAG_RUN_STORE, span_none, "%s", store_error.text);
        return false;
    }
    runner->index =
        index_open(arena_printf(runner->arena, "%s/registry.db", runner->state_folder), &index_error);
    if (runner->index == NULL)
        diag_report(runner->diags, DIAG_RUN_STORE, span_none, "%s", index_error.text);
    return runner->index != NULL;
}

static bool all_well(const struct run *run, bool dry)
{
    for (size_t i = 0; i < run->actions.count; i++) {
        const struct work *work = run->actions.items[i];
        if (!is_well(work) && !(dry && work->action.status == ACTION_SKIPPED))
            return false;
    }
    return true;
}

struct run *run_graph(struct graph *graph, const struct run_options *options, const struct world *world,
                      run_observer observer, void *observer_context, struct diag_sink *diags)
{
    struct arena *arena = graph->compilation->arena;
    struct run *run = arena_alloc(arena, sizeof *run);
    run->actions = vec_in(arena);
    run->verdicts = vec_in(arena);
    struct runner runner = {
        .graph = graph,
        .options = options,
        .world = world,
        .arena = arena,
        .diags = diags,
        .run = run,
        .by_id = map_new(arena),
        .folder = options->project_folder,
        .domain = options->trust_domain != NULL ? options->trust_domain : registry_domain(arena),
        .state_folder = file_join(arena, options->project_folder, ".mlc"),
        .observer = observer,
        .observer_context = observer_context,
    };
    bool planned = open_places(&runner) && plan_actions(&runner);
    if (planned) {
        execute(&runner);
        run->succeeded = all_well(run, options->dry);
        if (!options->dry)
            write_record(&runner);
    }
    index_close(runner.index);
    store_close(runner.store);
    return planned ? run : NULL;
}
