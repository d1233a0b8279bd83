/* mlc run monitor/NAME: the expectations of a monitor, now. */

#include <stdlib.h>
#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/monitor.h"

struct monitor_flags {
    struct monitor_options run;
    const char *folder, *ir, *lock, *metrics, *format;
    bool dry;
};

bool cli_is_monitor(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (text_starts_with(argv[i], "monitor/"))
            return true;
    return false;
}

static bool write_metrics(struct cli *cli, const char *path, const struct monitor_run *run)
{
    struct buf out = {0};
    monitor_print_metrics(run, cli->world, &out);
    int code = file_write_output(path, out.data, out.length, 0644);
    buf_free(&out);
    if (code < 0)
        fprintf(cli->err, "mlc: %s: %s\n", path, strerror(-code));
    return code == 0;
}

static void print_run(struct cli *cli, struct arena *arena, const struct monitor_flags *flags,
                      const struct monitor_run *run)
{
    struct buf out = {0};
    if (flags->format != NULL && strcmp(flags->format, "json") == 0) {
        json_write(&out, monitor_to_value(arena, run), (struct json_style){.layout = JSON_PRETTY}, NULL);
        buf_add_char(&out, '\n');
    } else {
        monitor_print_text(run, &out);
    }
    fputs(buf_str(&out), cli->out);
    buf_free(&out);
}

static bool act(struct cli *cli, const struct monitor_run *run, bool dry)
{
    struct http http = {0};
    struct http_connection connection = {0};
    struct buf log = {0};
    bool opened = dry || run->hold || http_curl_open(&http, &connection, &log);
    bool done = opened && monitor_act(run, http.context != NULL ? &http : NULL, cli->world, &log);
    if (log.length > 0)
        fprintf(cli->err, "%s%s", buf_str(&log), opened ? "" : "\n");
    if (http.context != NULL)
        http.close(http.context);
    buf_free(&log);
    return done;
}

static bool run_one(struct cli *cli, struct compilation *compilation, const struct monitor_flags *flags,
                    const char *id)
{
    struct node *monitor = graph_find(compilation->graph, id);
    if (monitor == NULL || strcmp(monitor->kind->name, "monitor") != 0) {
        fprintf(cli->err, "mlc: there is no %s\n", id);
        return false;
    }
    const struct monitor_run *run = monitor_run(compilation, monitor, &flags->run);
    print_run(cli, compilation->arena, flags, run);
    bool written = flags->metrics == NULL || write_metrics(cli, flags->metrics, run);
    bool done = act(cli, run, flags->dry);
    return run->hold && written && done;
}

int cli_monitor(struct cli *cli, int argc, char **argv)
{
    struct monitor_flags flags = {.run = {.world = cli->world}, .folder = "."};
    const struct option_spec options[] = {
        {"project", 'C', OPTION_TEXT, &flags.folder, "DIR", "The folder of the spec (.)"},
        {"ir", 0, OPTION_TEXT, &flags.ir, "FILE", "A compiled graph in place of the spec"},
        {"lock", 0, OPTION_TEXT, &flags.lock, "FILE", "Which versions serve (the folder's mlc.lock)"},
        {"captured", 0, OPTION_TEXT, &flags.run.captured, "PLACE",
         "Captured requests: a folder or s3://… (where the service's capture writes)"},
        {"baseline", 0, OPTION_TEXT, &flags.run.baseline, "FILE",
         "What is compared with (the training data)"},
        {"store", 0, OPTION_TEXT, &flags.run.store, "DIR",
         "The store (in CI the project's, else .mlc/store)"},
        {"metrics", 0, OPTION_TEXT, &flags.metrics, "FILE", "Write metrics for Prometheus"},
        {"format", 0, OPTION_CHOICE, &flags.format, "text|json", "How it is printed (text)"},
        {"dry-run", 'n', OPTION_FLAG, &flags.dry, NULL, "Tell nobody: only say what would be done"},
        {0},
    };
    const struct options_page page = {
        "mlc run [OPTIONS] monitor/NAME[@ENVIRONMENT]...",
        "Compares captured requests with the training data, and does what `else` asks for.\n"
        "Exits 1 when an expectation does not hold or is not known.",
        options, 1, -1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    struct compilation *compilation = flags.ir != NULL
                                          ? project_open_ir(cli, flags.ir, flags.folder, flags.lock)
                                          : project_open(cli, flags.folder, false);
    if (compilation == NULL)
        return EXIT_FAILED;
    /* A pod reads the store that its project names. */
    if (flags.ir != NULL && flags.run.store == NULL)
        flags.run.store = node_text(compilation->graph->project, "store");
    bool hold = true;
    for (int i = 1; i <= count; i++)
        hold = run_one(cli, compilation, &flags, argv[i]) && hold;
    compilation_free(compilation);
    return hold ? EXIT_OK : EXIT_FAILED;
}
