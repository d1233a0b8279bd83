/* mlc status: health and drift of an environment at a glance. */

#include <string.h>
#include "cli/cluster_session.h"
#include "cli/commands.h"
#include "cli/status_environment.h"
#include "core/text.h"
#include "runtime/cluster/rollback.h"
#include "runtime/cluster/status.h"

static enum options_result read_flags(struct cli *cli, struct cluster_flags *flags, int argc, char **argv,
                                      int *count)
{
    struct option_spec rows[CLUSTER_OPTIONS_MAX];
    const struct option_spec more[] = {
        {"format", 0, OPTION_CHOICE, &flags->format, "text|json", "How it is printed (text)"},
        {"verbose", 'v', OPTION_FLAG, &flags->verbose, NULL, "List also what is healthy and as applied"},
        {0},
    };
    cluster_options(rows, flags, more);
    const struct options_page page = {
        "mlc status (ENVIRONMENT | --applyset NAME | -f PATH) [OPTIONS]",
        "Shows whether what was applied is there, healthy and unchanged; of an environment of the spec also "
        "which images and models of the lock run there. It is compared with the newest set that is kept "
        "beside the inventory, with -f with the documents. Exit 1 when anything is not as it should be.",
        rows, 0, 1};
    return options_read(cli, &page, argc, argv, count);
}

/* What should be there: the documents of -f, else what was applied last, else what the spec says. */
static bool read_set(struct cluster_session *session, const struct cluster_project *project,
                     const struct vec *history)
{
    if (session->flags->files.count > 0)
        return cluster_read_documents(session);
    if (history->count > 0)
        return rollback_load(session->client, session->inventory, history->items[0], session->set,
                             &session->reporter) &&
               cluster_resolve(session);
    if (project != NULL)
        return cluster_project_read(project, session);
    diag_help(cluster_report(&session->reporter, DIAG_CLUSTER_HISTORY, 0, "no set of %s is kept",
                             session->inventory->name),
              "sets are kept by mlc apply --applyset; name the documents with -f");
    return false;
}

static void print_history(struct buf *out, const struct vec *history)
{
    if (history->count > 0)
        buf_add_str(out, "\nkept sets:\n");
    for (size_t i = 0; i < history->count; i++) {
        const struct rollback_set *set = history->items[i];
        buf_printf(out, "  %3lld  ", (long long)set->revision);
        text_add_safe(out, set->time, strlen(set->time));
        buf_printf(out, "  %4lld objects  %s%s", (long long)set->objects,
                   set->good ? "good" : "not known to be good", *set->version != 0 ? "  " : "");
        text_add_safe(out, set->version, strlen(set->version));
        buf_add_char(out, '\n');
    }
}

/* Whose fields are ours: those of the tool that applies the environment. */
static const char *manager_of(const struct cluster_session *session, const struct cluster_project *project,
                              const struct vec *history)
{
    if (session->flags->field_manager != NULL)
        return session->flags->field_manager;
    if (project == NULL || project->gitops == NULL || history->count > 0)
        return "mlc";
    return strcmp(project->gitops, "flux") == 0 ? "kustomize-controller" : "argocd-controller";
}

static int show(struct cluster_session *session, const struct cluster_project *project,
                const struct vec *history)
{
    bool ok;
    struct status_environment environment;
    bool json = strcmp(session->flags->format, "json") == 0;
    if (project != NULL)
        status_environment_read(&environment, project, session, history,
                                history->count > 0 ? session->set : NULL);
    if (session->inventory != NULL && !inventory_claim(session->inventory, session->set, &session->reporter))
        return EXIT_FAILED;
    const struct status_report *report =
        status_read_all(session->arena, session->client, session->set, session->inventory,
                        manager_of(session, project, history), &session->reporter, &ok);
    if (!ok)
        return EXIT_FAILED;
    struct buf out = {0};
    if (json) {
        const struct value *head =
            project != NULL ? status_environment_value(session->arena, &environment) : NULL;
        status_print_json(&out, report, history, head);
    } else {
        if (project != NULL)
            status_environment_print(&out, &environment);
        status_print_text(&out, report, session->flags->verbose);
        print_history(&out, history);
    }
    fwrite(buf_str(&out), 1, out.length, session->cli->out);
    buf_free(&out);
    bool good = status_is_good(report) && (project == NULL || status_environment_is_good(&environment));
    return good ? EXIT_OK : EXIT_FAILED;
}

static int run(struct cluster_session *session, const struct cluster_project *project)
{
    struct vec history = vec_in(session->arena);
    if (!cluster_read_inventory(session))
        return EXIT_FAILED;
    if (session->inventory != NULL && session->inventory->namespace != NULL &&
        !rollback_list(session->arena, session->client, session->inventory, &history, &session->reporter))
        return EXIT_FAILED;
    return read_set(session, project, &history) ? show(session, project, &history) : EXIT_FAILED;
}

static int run_project(struct cluster_project *project, struct cluster_session *session, void *context)
{
    (void)context;
    return run(session, project);
}

int cli_status(struct cli *cli, int argc, char **argv)
{
    struct cluster_flags flags = {.format = "text"};
    int count = 0;
    enum options_result result = read_flags(cli, &flags, argc, argv, &count);
    bool named = flags.files.count > 0 || flags.applyset != NULL;
    const char *wrong = NULL;
    if (count == 0 && !named && !cluster_project_here())
        wrong = "say of what: --applyset NAME, or -f PATH (there is no spec here)";
    else if (count == 1 && flags.files.count > 0)
        wrong = "either an environment of the spec or -f PATH, not both";
    if (result != OPTIONS_OK || wrong != NULL) {
        if (result == OPTIONS_OK)
            fprintf(cli->err, "mlc status: %s\n", wrong);
        cluster_flags_free(&flags);
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    if (count == 1 || !named)
        return cluster_project_run(cli, &flags, count == 1 ? argv[1] : NULL, run_project, NULL);
    struct cluster_session session;
    int code = cluster_open(&session, cli, &flags) ? run(&session, NULL) : EXIT_FAILED;
    return cluster_close(&session, code);
}
