/* mlc run: the graph, here. */

#include <stdlib.h>
#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "cli/run_service.h"
#include "core/file.h"
#include "runtime/registry.h"
#include "runtime/run.h"

struct progress {
    struct cli *cli;
    bool verbose;
};

static const char *const marks[] = {" ", "·", "✓", "=", "✗", "-"};
static const char *const colors[] = {"", "\033[36m", "\033[32m", "\033[2m", "\033[31m", "\033[2m"};
static const char *const words[] = {"waiting", "running", "done", "cached", "failed", "skipped"};

/* One line as each action ends; while one runs a terminal shows which. */
static void show(void *context, const struct run *run, const struct action *action)
{
    (void)run;
    struct progress *progress = context;
    struct cli *cli = progress->cli;
    if (action->status == ACTION_RUNNING) {
        if (cli->err_is_terminal)
            fprintf(cli->err, "\r\033[K%s %s …", marks[action->status], action->id);
        return;
    }
    if (cli->err_is_terminal)
        fputs("\r\033[K", cli->err);
    const char *message = action->message != NULL ? action->message : "";
    fprintf(cli->err, "%s%s %-7s %s%s  %s", cli->color ? colors[action->status] : "", marks[action->status],
            words[action->status], action->id, cli->color ? "\033[0m" : "", message);
    if (action->status == ACTION_DONE)
        fprintf(cli->err, "  (%.1f s)", (double)(action->ended_ns - action->started_ns) / 1e9);
    fputc('\n', cli->err);
}

static void print_verdicts(FILE *out, const struct run *run)
{
    for (size_t i = 0; i < run->verdicts.count; i++) {
        const struct verdict *verdict = run->verdicts.items[i];
        const char *found = verdict->why != NULL     ? verdict->why
                            : verdict->found != NULL ? verdict->found
                                                     : "";
        fprintf(out, "  %s %s  —  %s%s%s\n", verdict->holds ? "✓" : "✗", verdict->source, found,
                verdict->bound != NULL ? ", needs " : "", verdict->bound != NULL ? verdict->bound : "");
    }
}

/* Markdown for a job's summary: a pipe in a text would end its cell. */
static void add_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            fputc('\\', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
    fputs(" | ", out);
}

static bool write_summary(struct cli *cli, const char *path, const struct run *run)
{
    FILE *out = fopen(path, "ae");
    if (out == NULL) {
        perror(path);
        return false;
    }
    fprintf(out, "### mlc run: %s\n\n| action | status | outcome |\n| --- | --- | --- |\n",
            run->succeeded ? "passed" : "failed");
    for (size_t i = 0; i < run->actions.count; i++) {
        const struct action *action = run->actions.items[i];
        fputs("| ", out);
        add_cell(out, action->id);
        add_cell(out, words[action->status]);
        add_cell(out, action->message != NULL ? action->message : "");
        fputc('\n', out);
    }
    if (run->verdicts.count > 0)
        fputs("\n| requirement | holds | found | needed |\n| --- | --- | --- | --- |\n", out);
    for (size_t i = 0; i < run->verdicts.count; i++) {
        const struct verdict *verdict = run->verdicts.items[i];
        fputs("| ", out);
        add_cell(out, verdict->source);
        add_cell(out, verdict->holds ? verdict->vacuous ? "nothing to compare with" : "yes" : "no");
        add_cell(out, verdict->why != NULL ? verdict->why : verdict->found != NULL ? verdict->found : "");
        add_cell(out, verdict->bound != NULL ? verdict->bound : "");
        fputc('\n', out);
    }
    bool written = ferror(out) == 0;
    written = fclose(out) == 0 && written;
    if (!written)
        fprintf(cli->err, "mlc: %s could not be written\n", path);
    return written;
}

static size_t count_status(const struct run *run, enum action_status status)
{
    size_t count = 0;
    for (size_t i = 0; i < run->actions.count; i++)
        count += ((const struct action *)run->actions.items[i])->status == status;
    return count;
}

static void conclude(struct cli *cli, const struct run *run, bool dry)
{
    size_t cached = count_status(run, ACTION_CACHED), failed = count_status(run, ACTION_FAILED);
    if (run->verdicts.count > 0) {
        fputs("gate:\n", cli->err);
        print_verdicts(cli->err, run);
    }
    if (dry)
        return;
    if (run->succeeded && cached == run->actions.count)
        fputs("nothing to do: all is as it was\n", cli->out);
    else if (run->succeeded)
        fprintf(cli->out, "passed: %zu done, %zu from the cache%s\n", count_status(run, ACTION_DONE), cached,
                run->promoted ? "; there is a new champion on this machine" : "");
    else
        fprintf(cli->out, "failed: %zu failed, %zu not run\n", failed, count_status(run, ACTION_SKIPPED));
}

static bool rebuild_index(struct cli *cli, struct compilation *compilation, const char *store)
{
    struct registry registry;
    bool done = registry_open(&registry, compilation, store, REGISTRY_HERE) && registry_rebuild(&registry);
    if (!done)
        fprintf(cli->err, "mlc: %s\n", registry.error.text);
    registry_close(&registry);
    return done;
}

/* What `mlc run` was asked for, beside the options of a run. */
struct request {
    struct run_options run;
    const char *folder, *summary, *ir, *url;
    bool rebuild;
};

static int run_nodes(struct cli *cli, struct compilation *compilation, struct request *request)
{
    struct run_options *options = &request->run;
    struct progress progress = {.cli = cli};
    options->project_folder = request->folder;
    struct diag_sink *diags = diag_sink_new(compilation->arena, 0);
    struct run *run = run_graph(compilation->graph, options, cli->world, show, &progress, diags);
    struct buf out = {0};
    diag_print_text(&out, diags, compilation->sources,
                    (struct diag_style){.color = cli->color, .width = cli->width});
    fputs(buf_str(&out), cli->err);
    buf_free(&out);
    bool well = run != NULL && run->succeeded;
    if (run != NULL)
        conclude(cli, run, options->dry);
    if (run != NULL && request->summary != NULL)
        well = write_summary(cli, request->summary, run) && well;
    return well ? EXIT_OK : EXIT_FAILED;
}

/* A service, or a smoke test of one, is asked; anything else is run. */
static int run_request(struct cli *cli, struct compilation *compilation, struct request *request)
{
    const char *only = request->run.node_count == 1 ? request->run.nodes[0] : NULL;
    struct node *service = only != NULL ? run_service_find(compilation, only) : NULL;
    if (request->rebuild && !rebuild_index(cli, compilation, request->run.store))
        return EXIT_FAILED;
    if (request->url != NULL && service == NULL) {
        fprintf(cli->err, "mlc: --url is for one service or smoke test%s%s%s\n",
                only != NULL ? ", and `" : "", only != NULL ? only : "", only != NULL ? "` is none" : "");
        return EXIT_USAGE;
    }
    if (request->url != NULL)
        return run_service_at(cli, compilation, service, request->url);
    if (service == NULL)
        return run_nodes(cli, compilation, request);
    if (strcmp(service->kind->name, "service") == 0)
        return run_service_here(cli, compilation, service, request->run.store);
    fprintf(cli->err, "mlc: say with --url where the service is, or run the service: `mlc run %s`\n",
            service->parent->id);
    return EXIT_USAGE;
}

int cli_run(struct cli *cli, int argc, char **argv)
{
    if (cli_is_monitor(argc, argv))
        return cli_monitor(cli, argc, argv);
    struct request request = {.folder = "."};
    struct run_options *run = &request.run;
    long jobs = 0;
    const struct option_spec options[] = {
        {"project", 'C', OPTION_TEXT, &request.folder, "DIR", "The folder of the spec (.)"},
        {"jobs", 'j', OPTION_COUNT, &jobs, "N", "Commands at once (one a core)"},
        {"keep-going", 'k', OPTION_FLAG, &run->keep_going, NULL,
         "Go on with what does not depend on a failure"},
        {"force", 'f', OPTION_FLAG, &run->force, NULL, "Run even what the cache holds"},
        {"dry-run", 'n', OPTION_FLAG, &run->dry, NULL, "Only say what would run"},
        {"store", 0, OPTION_TEXT, &run->store, "DIR", "The store (in CI the project's, else .mlc/store)"},
        {"trust-domain", 0, OPTION_TEXT, &run->trust_domain, "NAME",
         "main, or pr/NUMBER for code of a pull request"},
        {"rebuild-index", 0, OPTION_FLAG, &request.rebuild, NULL,
         "First make .mlc/registry.db anew from the store and the lock"},
        {"ir", 0, OPTION_TEXT, &request.ir, "FILE", "Take the graph from a file that `mlc ir` wrote"},
        {"url", 0, OPTION_TEXT, &request.url, "URL", "Run smoke tests against the service there"},
        {"summary", 0, OPTION_TEXT, &request.summary, "FILE", "Append a summary in Markdown"},
        {0},
    };
    const struct options_page page = {
        "mlc run [OPTIONS] [NODE]...",
        "Runs the graph here: data checks, parts, tests, steps, gates, registration.\n"
        "What is unchanged is not run again. A service is started here, on a free port with the champion's\n"
        "artifact, and its smoke tests and tests are run.",
        options, 0, -1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    run->jobs = (size_t)jobs;
    run->nodes = (const char *const *)(argv + 1);
    run->node_count = (size_t)count;
    struct compilation *compilation = request.ir != NULL
                                          ? project_open_ir(cli, request.ir, request.folder, NULL)
                                          : project_open(cli, request.folder, false);
    if (compilation == NULL)
        return EXIT_FAILED;
    int code = run_request(cli, compilation, &request);
    compilation_free(compilation);
    return code;
}
