/* mlc apply: performs what mlc plan shows. */

#include <string.h>
#include <unistd.h>
#include "cli/cluster_project.h"
#include "cli/cluster_session.h"
#include "cli/commands.h"
#include "core/file.h"
#include "runtime/cluster/lease.h"
#include "runtime/cluster/rollback.h"
#include "runtime/cluster/saved_plan.h"

struct apply_flags {
    struct cluster_flags cluster;
    bool rollback, rollback_on_failure, print;
    long revision, history;
    const char *version;
};

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
        "mlc apply (-f PATH | PLAN | [ENVIRONMENT]) [OPTIONS]",
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

/* Where the inventory's namespace is yet to be made by this apply there is no place for a lease. */
static bool has_place_for_lease(const struct cluster_session *session)
{
    const struct inventory *inventory = session->inventory;
    if (inventory == NULL || inventory->namespace == NULL)
        return false;
    return inventory->exists || !map_has(session->set->by_id, object_id(session->arena, "", "Namespace", NULL,
                                                                        inventory->namespace));
}

static void print_report(const struct cluster_session *session, const struct apply_report *report)
{
    if (strcmp(session->flags->format, "json") == 0) {
        struct buf out = {0};
        apply_print_json(&out, report);
        fwrite(buf_str(&out), 1, out.length, session->cli->out);
        buf_free(&out);
    } else {
        fflush(session->cli->out);
        print_summary(session, report);
    }
}

/* The last good set again, without asking for another rollback. */
static void roll_back(struct cluster_session *session, const struct apply_options *options)
{
    struct vec sets = vec_in(session->arena);
    if (!rollback_list(session->arena, session->client, session->inventory, &sets, &session->reporter))
        return;
    const struct rollback_set *good = rollback_choose(&sets, 0, false, &session->reporter);
    if (good == NULL)
        return;
    fprintf(session->cli->err, "rolling back to revision %lld of %s\n", (long long)good->revision,
            good->time);
    struct object_set *failed = session->set;
    session->set = object_set_new(session->arena);
    if (rollback_load(session->client, session->inventory, good, session->set, &session->reporter) &&
        cluster_resolve(session)) {
        struct apply_options again = *options;
        again.force_conflicts = true; /* what the failed set took is ours */
        const struct apply_report *report = apply_run(session->arena, session->client, session->discovery,
                                                      session->set, &again, &session->reporter);
        print_report(session, report);
    }
    session->set = failed;
}

static const struct apply_report *apply_and_keep(struct cluster_session *session,
                                                 const struct apply_options *options,
                                                 const struct apply_flags *flags)
{
    const struct apply_report *report = apply_run(session->arena, session->client, session->discovery,
                                                  session->set, options, &session->reporter);
    print_report(session, report);
    if (session->inventory == NULL || session->inventory->namespace == NULL)
        return report;
    if (report->ok) {
        struct rollback_options keep = {flags->version, flags->history > 0 ? (size_t)flags->history : 0,
                                        report->waited && report->ready};
        rollback_keep(session->client, session->inventory, session->set, &keep, &session->reporter);
    } else if (flags->rollback_on_failure) {
        roll_back(session, options);
    }
    return report;
}

static int run(struct cluster_session *session, const struct apply_flags *flags)
{
    struct apply_options options;
    struct lease *lease = NULL;
    if (!cluster_apply_options(session, &options))
        return EXIT_USAGE;
    if (has_place_for_lease(session)) {
        lease = lease_take(session->client, session->inventory->namespace,
                           arena_printf(session->arena, "%s-lock", session->inventory->name), holder(session),
                           (int64_t)90 * 1000000000, &session->reporter);
        if (lease == NULL)
            return EXIT_FAILED;
        options.lease = lease;
    }
    const struct apply_report *report = apply_and_keep(session, &options, flags);
    lease_release(lease);
    return report->ok ? EXIT_OK : EXIT_FAILED;
}

/* --rollback: the documents come from beside the inventory. */
static int run_rollback(struct cluster_session *session, struct apply_flags *flags)
{
    struct vec sets = vec_in(session->arena);
    if (!rollback_list(session->arena, session->client, session->inventory, &sets, &session->reporter))
        return EXIT_FAILED;
    const struct rollback_set *chosen = rollback_choose(&sets, flags->revision, true, &session->reporter);
    if (chosen == NULL)
        return EXIT_FAILED;
    if (flags->print) {
        struct buf out = {0};
        rollback_print_commands(&out, session->inventory, chosen,
                                flags->cluster.field_manager != NULL ? flags->cluster.field_manager : "mlc");
        fputs(buf_str(&out), session->cli->out);
        buf_free(&out);
        return EXIT_OK;
    }
    fprintf(session->cli->err, "applying revision %lld of %s again\n", (long long)chosen->revision,
            chosen->time);
    if (!rollback_load(session->client, session->inventory, chosen, session->set, &session->reporter) ||
        !cluster_resolve(session))
        return EXIT_FAILED;
    flags->cluster.prune = true;
    flags->version = *chosen->version != 0 ? chosen->version : flags->version;
    return run(session, flags);
}

/* What the plan asked for is what its apply asks for. */
static void take_request(struct cluster_flags *flags, const struct saved_request *request)
{
    flags->namespace = request->namespace;
    flags->field_manager = request->manager;
    flags->applyset = request->applyset;
    flags->tooling = request->tooling;
    flags->force_conflicts = request->force_conflicts;
    flags->replace = request->replace;
    flags->prune = request->prune;
    flags->take_over = request->take_over;
}

static bool read_saved_documents(struct cluster_session *session, const struct saved_plan *saved)
{
    struct object_set *sources = object_set_new(session->arena);
    struct object_input input = {.paths = saved->request.paths,
                                 .path_count = saved->request.path_count,
                                 .recursive = saved->request.recursive,
                                 .sources = session->sources,
                                 .origins = session->origins};
    if (saved->secrets->count > 0 && !object_set_read(sources, &input, &session->reporter))
        return false;
    return saved_plan_documents(saved, session->set, sources, &session->reporter) && cluster_resolve(session);
}

static bool still_holds(struct cluster_session *session, const struct saved_plan *saved)
{
    struct plan_options options = {
        .field_manager = saved->request.manager,
        .force_conflicts = saved->request.force_conflicts,
        .replace = saved->request.replace,
        .prune = saved->request.prune,
        .consent = saved->request.consent,
        .consent_count = saved->request.consent_count,
        .inventory = session->inventory,
    };
    bool ok;
    const struct plan *now = plan_make(session->arena, session->client, session->discovery, session->set,
                                       &options, &session->reporter, &ok);
    return ok && saved_plan_holds(saved, now, &session->reporter);
}

static bool prepare_saved(struct cluster_session *session, const struct saved_plan *saved)
{
    if (strcmp(session->config->server, saved->request.server) != 0) {
        cluster_report(&session->reporter, DIAG_CLUSTER_PLAN_STALE, 0,
                       "the plan is for %s, this context leads to %s", saved->request.server,
                       session->config->server);
        return false;
    }
    return read_saved_documents(session, saved) && cluster_read_inventory(session) &&
           still_holds(session, saved);
}

static int apply_saved(struct cli *cli, struct apply_flags *all, const char *path)
{
    struct cluster_flags *flags = &all->cluster;
    struct arena *arena = arena_new();
    struct diag_sink *diags = diag_sink_new(arena, 0);
    struct source_set *sources = source_set_new(arena);
    struct reporter reporter = {diags, NULL, sources};
    const struct saved_plan *saved = saved_plan_read(arena, path, &reporter);
    int code = EXIT_FAILED;
    if (saved == NULL) {
        struct buf text = {0};
        diag_print_text(&text, diags, sources, (struct diag_style){cli->color, cli->width});
        fputs(buf_str(&text), cli->err);
        buf_free(&text);
        cluster_flags_free(flags);
    } else {
        struct cluster_session session;
        take_request(flags, &saved->request);
        bool ready = cluster_open(&session, cli, flags) && prepare_saved(&session, saved);
        session.consent = saved->request.consent;
        session.consent_count = saved->request.consent_count;
        code = cluster_close(&session, ready ? run(&session, all) : EXIT_FAILED);
    }
    arena_free(arena);
    return code;
}

static const char *wrong_flags(const struct apply_flags *all, int count)
{
    const struct cluster_flags *flags = &all->cluster;
    if ((all->rollback || all->rollback_on_failure) && flags->applyset == NULL)
        return "a rollback needs --applyset NAME: sets are kept beside an inventory";
    if (all->rollback && (count == 1 || flags->files.count > 0))
        return "--rollback takes its documents from beside the inventory, not from files";
    if (!all->rollback && (all->print || all->revision != 0))
        return "--print and --to-revision go with --rollback";
    if (all->rollback)
        return NULL;
    if (count == 1 && flags->files.count > 0)
        return "either a saved plan or -f PATH, not both";
    if (count == 0 && flags->files.count == 0 && !cluster_project_here())
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
        code = cluster_read_inventory(&session) ? run_rollback(&session, flags) : EXIT_FAILED;
    else if (ok && cluster_read_documents(&session) && cluster_read_inventory(&session))
        code = run(&session, flags);
    return cluster_close(&session, code);
}

static int apply_project(struct cli *cli, struct apply_flags *flags, const char *environment)
{
    struct cluster_project project;
    struct cluster_session session;
    int code = EXIT_FAILED;
    if (!cluster_project_open(&project, cli, environment)) {
        cluster_flags_free(&flags->cluster);
        return EXIT_FAILED;
    }
    cluster_project_defaults(&project, &flags->cluster);
    bool ok = cluster_open(&session, cli, &flags->cluster);
    if (ok && project.gitops != NULL && !flags->cluster.take_over)
        diag_help(
            cluster_report(&session.reporter, DIAG_CLUSTER_GITOPS, 0,
                           "the spec gives this environment to %s (`target kubernetes { gitops = %s }`)",
                           project.gitops, project.gitops),
            "commit the files of mlc build and let it apply them, or pass --take-over");
    else if (ok && cluster_project_read(&project, &session) && cluster_read_inventory(&session))
        code = run(&session, flags);
    code = cluster_close(&session, code);
    cluster_project_close(&project);
    return code;
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
    if (count == 1 && file_exists(argv[1]) && !file_is_folder(argv[1]))
        return apply_saved(cli, &flags, argv[1]);
    if (!flags.rollback && flags.cluster.files.count == 0)
        return apply_project(cli, &flags, count == 1 ? argv[1] : NULL);
    return apply_files(cli, &flags);
}
