/* mlc destroy: the end of a set, in reverse order. */

#include <string.h>
#include "cli/cluster_lock.h"
#include "cli/cluster_project.h"
#include "cli/cluster_session.h"
#include "cli/commands.h"
#include "core/text.h"
#include "runtime/cluster/rollback.h"

struct destroy_flags {
    struct cluster_flags cluster;
    bool yes;
};

static enum options_result read_flags(struct cli *cli, struct destroy_flags *all, int argc, char **argv,
                                      int *count)
{
    struct cluster_flags *flags = &all->cluster;
    struct option_spec rows[CLUSTER_OPTIONS_MAX];
    const struct option_spec more[] = {
        {"yes", 'y', OPTION_FLAG, &all->yes, NULL, "Delete; without it only what would be deleted is listed"},
        {"allow-delete", 0, OPTION_LIST, &flags->allow_delete, "KIND", "Delete guarded kinds too"},
        {"no-wait", 0, OPTION_FLAG, &flags->no_wait, NULL, "Do not wait until everything is gone"},
        {"timeout", 0, OPTION_TEXT, &flags->timeout, "TIME", "How long to wait (5m)"},
        {"format", 0, OPTION_CHOICE, &flags->format, "text|json", "How it is printed (text)"},
        {0},
    };
    cluster_options(rows, flags, more);
    const struct options_page page = {
        "mlc destroy (ENVIRONMENT | --applyset NAME | -f PATH) --yes [OPTIONS]",
        "Deletes what was applied for an environment of the spec, the members of an inventory, or the "
        "objects of manifests, in reverse order. Namespaces, definitions and volumes stay without "
        "--allow-delete.",
        rows, 0, 1};
    return options_read(cli, &page, argc, argv, count);
}

static void on_listed(void *context, const struct apply_record *record)
{
    struct cluster_session *session = context;
    struct buf line = {0};
    const char *id = object_id(session->arena, record->resource->group, record->resource->kind,
                               record->namespace, record->name);
    text_add_safe(&line, id, strlen(id));
    if (record->result == APPLY_KEPT)
        buf_printf(&line, " stays: %s", record->why);
    fprintf(session->cli->out, "%s\n", buf_str(&line));
    buf_free(&line);
}

/* Without --yes: what would happen. */
static int list(struct cluster_session *session)
{
    struct apply_options options;
    if (!cluster_apply_options(session, &options))
        return EXIT_USAGE;
    options.dry_run = true;
    options.progress = (struct apply_progress){.context = session, .object = on_listed};
    const struct apply_report *report = apply_destroy(session->arena, session->client, session->discovery,
                                                      session->set, &options, &session->reporter);
    if (!report->ok)
        return EXIT_FAILED;
    if (report->records.count == 0)
        fputs("nothing is there to delete\n", session->cli->err);
    else if (report->counts[APPLY_PRUNED] > 0)
        fputs("These would be deleted. Run it again with --yes to delete them.\n", session->cli->err);
    return report->counts[APPLY_PRUNED] > 0 ? EXIT_FAILED : EXIT_OK;
}

static int delete_all(struct cluster_session *session, const struct apply_options *options)
{
    const struct apply_report *report = apply_destroy(session->arena, session->client, session->discovery,
                                                      session->set, options, &session->reporter);
    if (report->ok && session->inventory != NULL && report->counts[APPLY_KEPT] == 0)
        rollback_forget(session->client, session->inventory, &session->reporter);
    if (report->interrupted)
        fprintf(session->cli->err, "interrupted: %zu deleted; the same command again goes on\n",
                report->counts[APPLY_PRUNED]);
    else if (report->ok && report->records.count == 0)
        fputs("nothing is there to delete\n", session->cli->err);
    if (strcmp(session->flags->format, "json") == 0) {
        struct buf out = {0};
        apply_print_json(&out, report);
        fwrite(buf_str(&out), 1, out.length, session->cli->out);
        buf_free(&out);
    }
    return report->ok ? EXIT_OK : EXIT_FAILED;
}

static int run(struct cluster_session *session)
{
    struct apply_options options;
    struct lease *lease = NULL;
    int code = EXIT_FAILED;
    if (!cluster_apply_options(session, &options))
        return EXIT_USAGE;
    bool is_set = session->inventory != NULL && session->inventory->exists;
    cluster_interruptible(session);
    if (!is_set || cluster_lock(session, &lease)) {
        options.inventory = session->inventory;
        options.lease = lease;
        if (lease != NULL)
            lease_may_vanish(lease);
        code = delete_all(session, &options);
    }
    cluster_uninterruptible(session);
    if (code == EXIT_OK && lease != NULL)
        lease_remove(lease);
    else
        lease_release(lease);
    return interrupt_exit_code(&session->interrupt, code);
}

static int destroy(struct cluster_session *session, const struct destroy_flags *flags)
{
    if (!cluster_read_inventory(session) ||
        (flags->cluster.files.count > 0 && !cluster_read_documents(session)))
        return EXIT_FAILED;
    return flags->yes ? run(session) : list(session);
}

static int destroy_project(struct cluster_project *project, struct cluster_session *session, void *context)
{
    return cluster_project_refuses(project, session) ? EXIT_FAILED : destroy(session, context);
}

int cli_destroy(struct cli *cli, int argc, char **argv)
{
    struct destroy_flags flags = {.cluster = {.format = "text"}};
    int count = 0;
    enum options_result result = read_flags(cli, &flags, argc, argv, &count);
    bool named = flags.cluster.files.count > 0 || flags.cluster.applyset != NULL;
    const char *wrong = NULL;
    if (count == 0 && !named)
        wrong = "say what: an environment of the spec, --applyset NAME, or -f PATH";
    else if (count == 1 && flags.cluster.files.count > 0)
        wrong = "either an environment of the spec or -f PATH, not both";
    if (result != OPTIONS_OK || wrong != NULL) {
        if (result == OPTIONS_OK)
            fprintf(cli->err, "mlc destroy: %s\n", wrong);
        cluster_flags_free(&flags.cluster);
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    if (count == 1)
        return cluster_project_run(cli, &flags.cluster, argv[1], destroy_project, &flags);
    struct cluster_session session;
    int code = cluster_open(&session, cli, &flags.cluster) ? destroy(&session, &flags) : EXIT_FAILED;
    return cluster_close(&session, code);
}
