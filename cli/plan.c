/* mlc plan: what an apply would do to the cluster, in the server's own words. */

#include <string.h>
#include "cli/cluster_project.h"
#include "cli/cluster_session.h"
#include "cli/commands.h"
#include "runtime/cluster/plan.h"
#include "runtime/cluster/saved_plan.h"

struct plan_flags {
    struct cluster_flags cluster;
    bool detailed, exhaustive;
    const char *out;
    const struct cluster_project *project; /* NULL: of files */
};

static enum options_result read_flags(struct cli *cli, struct plan_flags *flags, int argc, char **argv,
                                      int *count)
{
    struct option_spec rows[CLUSTER_OPTIONS_MAX];
    const struct option_spec more[] = {
        {"force-conflicts", 0, OPTION_FLAG, &flags->cluster.force_conflicts, NULL,
         "Take fields over from others"},
        {"replace", 0, OPTION_FLAG, &flags->cluster.replace, NULL,
         "Replace objects whose immutable fields change"},
        {"prune", 0, OPTION_FLAG, &flags->cluster.prune, NULL, "Plan the deletion of what left the set"},
        {"allow-delete", 0, OPTION_LIST, &flags->cluster.allow_delete, "KIND", "Prune guarded kinds too"},
        {"detailed-exitcode", 0, OPTION_FLAG, &flags->detailed, NULL, "Exit with 2 when changes are pending"},
        {"exhaustive", 0, OPTION_FLAG, &flags->exhaustive, NULL, "Dry run also what is proved unchanged"},
        {"out", 0, OPTION_TEXT, &flags->out, "FILE", "Save the plan for `mlc apply FILE`"},
        {"format", 0, OPTION_CHOICE, &flags->cluster.format, "text|json|markdown",
         "How it is printed (text)"},
        {"verbose", 'v', OPTION_FLAG, &flags->cluster.verbose, NULL, "List the unchanged too"},
        {0},
    };
    cluster_options(rows, &flags->cluster, more);
    const struct options_page page = {
        "mlc plan ([ENVIRONMENT] | -f PATH) [OPTIONS]",
        "Shows what `mlc apply` would change, by a dry run on the server. Exit 0; with "
        "--detailed-exitcode 2 when changes are pending, 1 on errors.",
        rows, 0, 1};
    return options_read(cli, &page, argc, argv, count);
}

static void print(struct cli *cli, const struct plan *plan, const struct cluster_flags *flags)
{
    struct buf out = {0};
    if (strcmp(flags->format, "json") == 0)
        plan_print_json(&out, plan);
    else if (strcmp(flags->format, "markdown") == 0)
        plan_print_markdown(&out, plan);
    else
        plan_print_text(&out, plan, (struct plan_style){cli->color && cli->out_is_terminal, flags->verbose});
    fwrite(buf_str(&out), 1, out.length, cli->out);
    buf_free(&out);
}

/* The set as it was read: an inventory's claim changes the documents. */
static struct object_set *copy_set(struct arena *arena, const struct object_set *set)
{
    struct object_set *copy = object_set_new(arena);
    for (size_t i = 0; i < set->objects.count; i++) {
        struct object *object = arena_alloc(arena, sizeof *object);
        *object = *(const struct object *)set->objects.items[i];
        vec_push(&copy->objects, object);
    }
    return copy;
}

static bool save(struct cluster_session *session, const struct plan_flags *flags, const struct plan *plan,
                 const struct object_set *set)
{
    const struct cluster_flags *cluster = &flags->cluster;
    struct saved_request request = {
        .paths = cluster->files.items,
        .path_count = cluster->files.count,
        .recursive = cluster->recursive,
        .environment = flags->project != NULL ? flags->project->environment : NULL,
        .gitops = flags->project != NULL ? flags->project->gitops : NULL,
        .context = cluster->context,
        .server = session->config->server,
        .namespace = session->config->namespace,
        .manager = plan->manager,
        .applyset = cluster->applyset,
        .tooling = cluster->tooling,
        .force_conflicts = cluster->force_conflicts,
        .replace = cluster->replace,
        .prune = cluster->prune,
        .take_over = cluster->take_over,
        .consent = cluster->allow_delete.items,
        .consent_count = cluster->allow_delete.count,
    };
    return saved_plan_write(flags->out, &request, plan, set, session->cli->world, &session->reporter);
}

static int make_plan(struct cluster_session *session, const struct plan_flags *flags)
{
    struct plan_options options = {
        .field_manager = flags->cluster.field_manager != NULL ? flags->cluster.field_manager : "mlc",
        .force_conflicts = flags->cluster.force_conflicts,
        .replace = flags->cluster.replace,
        .prune = flags->cluster.prune,
        .take_over = flags->cluster.take_over,
        .exhaustive = flags->exhaustive,
        .consent = flags->cluster.allow_delete.items,
        .consent_count = flags->cluster.allow_delete.count,
        .inventory = session->inventory,
    };
    bool ok;
    const struct object_set *as_read = copy_set(session->arena, session->set);
    const struct plan *plan = plan_make(session->arena, session->client, session->discovery, session->set,
                                        &options, &session->reporter, &ok);
    if (!ok)
        return EXIT_FAILED;
    print(session->cli, plan, &flags->cluster);
    if (plan->counts[PLAN_REFUSED] > 0 || diag_error_count(session->diags) > 0)
        return EXIT_FAILED;
    if (flags->out != NULL && !save(session, flags, plan, as_read))
        return EXIT_FAILED;
    return flags->detailed && plan_has_changes(plan) ? EXIT_PENDING : EXIT_OK;
}

static int plan_project(struct cluster_project *project, struct cluster_session *session, void *context)
{
    struct plan_flags *flags = context;
    flags->project = project;
    return cluster_project_read(project, session) && cluster_read_inventory(session)
               ? make_plan(session, flags)
               : EXIT_FAILED;
}

int cli_plan(struct cli *cli, int argc, char **argv)
{
    struct plan_flags flags = {.cluster = {.format = "text"}};
    int count = 0;
    enum options_result result = read_flags(cli, &flags, argc, argv, &count);
    const char *wrong = NULL;
    if (flags.cluster.files.count == 0 && !cluster_project_here())
        wrong = "-f PATH is needed: files or folders of manifests (there is no spec here)";
    else if (flags.cluster.files.count > 0 && count > 0)
        wrong = "either an environment of the spec or -f PATH, not both";
    if (result != OPTIONS_OK || wrong != NULL) {
        if (result == OPTIONS_OK)
            fprintf(cli->err, "mlc plan: %s\n", wrong);
        cluster_flags_free(&flags.cluster);
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    if (flags.cluster.files.count == 0)
        return cluster_project_run(cli, &flags.cluster, count > 0 ? argv[1] : NULL, plan_project, &flags);
    struct cluster_session session;
    int code = EXIT_FAILED;
    if (cluster_open(&session, cli, &flags.cluster) && cluster_read_documents(&session) &&
        cluster_read_inventory(&session))
        code = make_plan(&session, &flags);
    return cluster_close(&session, code);
}
