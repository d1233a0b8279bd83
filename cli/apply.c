/* mlc apply: performs what mlc plan shows. */

#include <string.h>
#include <unistd.h>
#include "cli/cluster_session.h"
#include "cli/commands.h"
#include "runtime/cluster/lease.h"

static enum options_result read_flags(struct cli *cli, struct cluster_flags *flags, int argc, char **argv,
                                      int *count)
{
    struct option_spec rows[CLUSTER_OPTIONS_MAX];
    const struct option_spec more[] = {
        {"force-conflicts", 0, OPTION_FLAG, &flags->force_conflicts, NULL, "Take fields over from others"},
        {"replace", 0, OPTION_FLAG, &flags->replace, NULL, "Replace objects whose immutable fields change"},
        {"prune", 0, OPTION_FLAG, &flags->prune, NULL, "Delete what left the set (needs --applyset)"},
        {"allow-delete", 0, OPTION_LIST, &flags->allow_delete, "KIND", "Prune guarded kinds too"},
        {"no-wait", 0, OPTION_FLAG, &flags->no_wait, NULL, "Do not wait until everything is ready"},
        {"timeout", 0, OPTION_TEXT, &flags->timeout, "TIME", "How long to wait (5m)"},
        {"format", 0, OPTION_CHOICE, &flags->format, "text|json", "How it is printed (text)"},
        {"verbose", 'v', OPTION_FLAG, &flags->verbose, NULL, "List the unchanged too"},
        {0},
    };
    cluster_options(rows, flags, more);
    const struct options_page page = {
        "mlc apply -f PATH [OPTIONS]",
        "Applies manifests by server-side apply, in order, and waits until all is ready. "
        "Running it again continues where it was stopped.",
        rows, 0, 1};
    return options_read(cli, &page, argc, argv, count);
}

static void print_summary(const struct cluster_session *session, const struct apply_report *report)
{
    FILE *out = session->cli->err;
    bool first = true;
    for (int result = APPLY_CREATED; result <= APPLY_SKIPPED; result++)
        if (report->counts[result] > 0) {
            fprintf(out, "%s%zu %s", first ? "" : ", ", report->counts[result],
                    apply_result_name((enum apply_result)result));
            first = false;
        }
    fprintf(out, "%s%s\n", first ? "nothing to do" : "",
            !report->waited ? ""
            : report->ready ? "; all is ready"
                            : "; not all is ready");
}

/* Who holds the lease, for the person who meets it. */
static const char *holder(const struct cluster_session *session)
{
    char host[200] = "unknown";
    unsigned char chance[4];
    const struct world *world = session->cli->world;
    gethostname(host, sizeof host - 1);
    world->random(world->context, chance, sizeof chance);
    return arena_printf(session->arena, "%s:%ld:%02x%02x%02x%02x", host, (long)getpid(), chance[0], chance[1],
                        chance[2], chance[3]);
}

static int run(struct cluster_session *session)
{
    struct apply_options options;
    struct lease *lease = NULL;
    if (!cluster_apply_options(session, &options))
        return EXIT_USAGE;
    if (session->inventory != NULL && session->inventory->namespace != NULL && session->inventory->exists) {
        lease = lease_take(session->client, session->inventory->namespace,
                           arena_printf(session->arena, "%s-lock", session->inventory->name), holder(session),
                           (int64_t)90 * 1000000000, &session->reporter);
        if (lease == NULL)
            return EXIT_FAILED;
        options.lease = lease;
    }
    const struct apply_report *report = apply_run(session->arena, session->client, session->discovery,
                                                  session->set, &options, &session->reporter);
    lease_release(lease);
    if (strcmp(session->flags->format, "json") == 0) {
        struct buf out = {0};
        apply_print_json(&out, report);
        fwrite(buf_str(&out), 1, out.length, session->cli->out);
        buf_free(&out);
    } else {
        fflush(session->cli->out);
        print_summary(session, report);
    }
    return report->ok ? EXIT_OK : EXIT_FAILED;
}

int cli_apply(struct cli *cli, int argc, char **argv)
{
    struct cluster_flags flags = {.format = "text"};
    int count = 0;
    enum options_result result = read_flags(cli, &flags, argc, argv, &count);
    const char *wrong = NULL;
    if (flags.files.count == 0)
        wrong = "-f PATH is needed: files or folders of manifests";
    else if (flags.prune && flags.applyset == NULL)
        wrong = "--prune needs --applyset NAME: what may be deleted is only what an inventory lists";
    if (result != OPTIONS_OK || wrong != NULL) {
        if (result == OPTIONS_OK)
            fprintf(cli->err, "mlc apply: %s\n", wrong);
        cluster_flags_free(&flags);
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    struct cluster_session session;
    int code = EXIT_FAILED;
    if (cluster_open(&session, cli, &flags) && cluster_read_documents(&session) &&
        cluster_read_inventory(&session))
        code = run(&session);
    return cluster_close(&session, code);
}
