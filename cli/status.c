/* mlc status: health and drift of an environment at a glance. */

#include <string.h>
#include "cli/cluster_session.h"
#include "cli/commands.h"
#include "runtime/cluster/rollback.h"
#include "runtime/cluster/status.h"

static enum options_result read_flags(struct cli *cli, struct cluster_flags *flags, int argc, char **argv)
{
    struct option_spec rows[CLUSTER_OPTIONS_MAX];
    const struct option_spec more[] = {
        {"format", 0, OPTION_CHOICE, &flags->format, "text|json", "How it is printed (text)"},
        {"verbose", 'v', OPTION_FLAG, &flags->verbose, NULL, "List also what is healthy and as applied"},
        {0},
    };
    cluster_options(rows, flags, more);
    const struct options_page page = {
        "mlc status (--applyset NAME | -f PATH) [OPTIONS]",
        "Shows whether what was applied is there, healthy and unchanged. Without -f it "
        "is compared with the newest set that is kept beside the inventory. Exit 1 when "
        "anything is not as it should be.",
        rows, 0, 0};
    int count = 0;
    return options_read(cli, &page, argc, argv, &count);
}

static bool read_set(struct cluster_session *session, const struct vec *history)
{
    if (session->flags->files.count > 0)
        return cluster_read_documents(session);
    if (history->count == 0) {
        diag_help(cluster_report(&session->reporter, DIAG_CLUSTER_HISTORY, 0, "no set of %s is kept",
                                 session->inventory->name),
                  "sets are kept by mlc apply --applyset; name the documents with -f");
        return false;
    }
    return rollback_load(session->client, session->inventory, history->items[0], session->set,
                         &session->reporter) &&
           cluster_resolve(session);
}

static void print_history(FILE *out, const struct vec *history)
{
    if (history->count > 0)
        fputs("\nkept sets:\n", out);
    for (size_t i = 0; i < history->count; i++) {
        const struct rollback_set *set = history->items[i];
        fprintf(out, "  %3lld  %s  %4lld objects  %s%s%s\n", (long long)set->revision, set->time,
                (long long)set->objects, set->good ? "good" : "not known to be good",
                *set->version != 0 ? "  " : "", set->version);
    }
}

static int show(struct cluster_session *session, const struct vec *history)
{
    bool ok;
    const struct cluster_flags *flags = session->flags;
    if (session->inventory != NULL && !inventory_claim(session->inventory, session->set, &session->reporter))
        return EXIT_FAILED;
    const struct status_report *report =
        status_read_all(session->arena, session->client, session->set, session->inventory,
                        flags->field_manager != NULL ? flags->field_manager : "mlc", &session->reporter, &ok);
    if (!ok)
        return EXIT_FAILED;
    struct buf out = {0};
    bool json = strcmp(flags->format, "json") == 0;
    if (json)
        status_print_json(&out, report, history);
    else
        status_print_text(&out, report, flags->verbose);
    fwrite(buf_str(&out), 1, out.length, session->cli->out);
    buf_free(&out);
    if (!json)
        print_history(session->cli->out, history);
    return status_is_good(report) ? EXIT_OK : EXIT_FAILED;
}

static int run(struct cluster_session *session)
{
    struct vec history = vec_in(session->arena);
    if (!cluster_read_inventory(session))
        return EXIT_FAILED;
    if (session->inventory != NULL && session->inventory->namespace != NULL &&
        !rollback_list(session->arena, session->client, session->inventory, &history, &session->reporter))
        return EXIT_FAILED;
    return read_set(session, &history) ? show(session, &history) : EXIT_FAILED;
}

int cli_status(struct cli *cli, int argc, char **argv)
{
    struct cluster_flags flags = {.format = "text"};
    enum options_result result = read_flags(cli, &flags, argc, argv);
    if (result != OPTIONS_OK || (flags.files.count == 0 && flags.applyset == NULL)) {
        if (result == OPTIONS_OK)
            fputs("mlc status: say of what: --applyset NAME, or -f PATH\n", cli->err);
        cluster_flags_free(&flags);
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    struct cluster_session session;
    int code = EXIT_FAILED;
    if (cluster_open(&session, cli, &flags))
        code = run(&session);
    return cluster_close(&session, code);
}
