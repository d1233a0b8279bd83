/* mlc apply: performs what mlc plan shows. */

#include <string.h>
#include "cli/apply.h"
#include "cli/commands.h"
#include "core/file.h"
#include "core/text.h"

static enum options_result read_flags(struct cli *cli, struct apply_flags *all, int argc, char **argv,
                                      int *count)
{
    struct cluster_flags *flags = &all->cluster;
    struct option_spec rows[CLUSTER_OPTIONS_MAX];
    const struct option_spec more[] = {
        {"force-conflicts", 0, OPTION_FLAG, &flags->force_conflicts, NULL, "Take fields over from others"},
        {"replace", 0, OPTION_FLAG, &flags->replace, NULL, "Replace objects whose immutable fields change"},
        {"prune", 0, OPTION_FLAG, &flags->prune, NULL, "Delete what left the set (needs --applyset)"},
        {"allow-delete", 0, OPTION_LIST, &flags->allow_delete, "KIND", "Prune guarded kinds too"},
        {"no-wait", 0, OPTION_FLAG, &flags->no_wait, NULL, "Do not wait until everything is ready"},
        {"timeout", 0, OPTION_TEXT, &flags->timeout, "TIME", "How long to wait (5m)"},
        {"rollback-on-failure", 0, OPTION_FLAG, &all->rollback_on_failure, NULL,
         "Return to the last good set when this one fails"},
        {"rollback", 0, OPTION_FLAG, &all->rollback, NULL, "Apply the last good set before this one again"},
        {"to-revision", 0, OPTION_COUNT, &all->revision, "N", "With --rollback: this revision"},
        {"print", 0, OPTION_FLAG, &all->print, NULL,
         "With --rollback: print plain kubectl commands, do nothing"},
        {"history", 0, OPTION_COUNT, &all->history, "N", "How many sets are kept beside the inventory (10)"},
        {"set-version", 0, OPTION_TEXT, &all->version, "TEXT",
         "What the kept set is called: a commit, a digest"},
        {"format", 0, OPTION_CHOICE, &flags->format, "text|json", "How it is printed (text)"},
        {"verbose", 'v', OPTION_FLAG, &flags->verbose, NULL, "List the unchanged too"},
        {0},
    };
    cluster_options(rows, flags, more);
    const struct options_page page = {
        "mlc apply ([ENVIRONMENT] | -f PATH | PLAN) [OPTIONS]",
        "Applies manifests by server-side apply, in order, and waits until all is ready. "
        "Running it again continues where it was stopped.",
        rows, 0, 1};
    return options_read(cli, &page, argc, argv, count);
}

static const char *wrong_flags(const struct apply_flags *all, int count)
{
    const struct cluster_flags *flags = &all->cluster;
    bool spec = flags->files.count == 0 && cluster_project_here();
    if ((all->rollback || all->rollback_on_failure) && flags->applyset == NULL && !spec)
        return "a rollback needs an environment of a spec, or --applyset NAME: sets are kept beside an "
               "inventory";
    if (all->rollback && flags->files.count > 0)
        return "--rollback takes its documents from beside the inventory, not from files";
    if (!all->rollback && (all->print || all->revision != 0))
        return "--print and --to-revision go with --rollback";
    if (all->rollback)
        return NULL;
    if (count == 1 && flags->files.count > 0)
        return "either an environment or a saved plan, or -f PATH, not both";
    if (count == 0 && flags->files.count == 0 && !spec)
        return "-f PATH is needed (files or folders of manifests; there is no spec here), or the file of a "
               "saved plan";
    if (flags->prune && flags->applyset == NULL && flags->files.count > 0)
        return "--prune needs --applyset NAME: what may be deleted is only what an inventory lists";
    return NULL;
}

static int apply_files(struct cli *cli, struct apply_flags *flags)
{
    struct cluster_session session;
    int code = EXIT_FAILED;
    bool ok = cluster_open(&session, cli, &flags->cluster);
    if (ok && flags->rollback)
        code = cluster_read_inventory(&session) ? apply_rollback(&session, flags) : EXIT_FAILED;
    else if (ok && cluster_read_documents(&session) && cluster_read_inventory(&session))
        code = apply_session(&session, flags);
    return cluster_close(&session, code);
}

static int apply_project(struct cluster_project *project, struct cluster_session *session, void *context)
{
    struct apply_flags *flags = context;
    bool reads_only = flags->rollback && flags->print;
    if ((!reads_only && cluster_project_refuses(project, session)) ||
        (!flags->rollback && !cluster_project_read(project, session)) || !cluster_read_inventory(session))
        return EXIT_FAILED;
    return flags->rollback ? apply_rollback(session, flags) : apply_session(session, flags);
}

int cli_apply(struct cli *cli, int argc, char **argv)
{
    struct apply_flags flags = {.cluster = {.format = "text"}};
    int count = 0;
    enum options_result result = read_flags(cli, &flags, argc, argv, &count);
    const char *wrong = result == OPTIONS_OK ? wrong_flags(&flags, count) : NULL;
    if (result != OPTIONS_OK || wrong != NULL) {
        if (wrong != NULL)
            fprintf(cli->err, "mlc apply: %s\n", wrong);
        cluster_flags_free(&flags.cluster);
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    bool no_file = !flags.rollback && count == 1 && !file_exists(argv[1]) &&
                   (strchr(argv[1], '/') != NULL || text_ends_with(argv[1], ".json"));
    if (no_file) {
        fprintf(cli->err, "mlc apply: there is no saved plan %s: mlc plan --out FILE writes one\n", argv[1]);
        cluster_flags_free(&flags.cluster);
        return EXIT_USAGE;
    }
    bool by_name = flags.rollback && flags.cluster.applyset != NULL && count == 0;
    if (!flags.rollback && count == 1 && file_exists(argv[1]) && !file_is_folder(argv[1]))
        return apply_saved(cli, &flags, argv[1]);
    if (flags.cluster.files.count > 0 || by_name)
        return apply_files(cli, &flags);
    return cluster_project_run(cli, &flags.cluster, count == 1 ? argv[1] : NULL, apply_project, &flags);
}
