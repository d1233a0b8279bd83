/* `mlc apply FILE`: a saved plan, performed only if the cluster is still as planned. */

#include <string.h>
#include "cli/apply.h"
#include "runtime/cluster/saved_plan.h"

/* What the plan asked for is what its apply asks for. */
static void take_request(struct cluster_flags *flags, const struct saved_request *request)
{
    if (flags->context == NULL && flags->cluster == NULL && flags->server == NULL)
        flags->context = request->context;
    flags->namespace = request->namespace;
    flags->field_manager = request->manager;
    flags->applyset = request->applyset;
    flags->tooling = request->tooling;
    flags->force_conflicts = request->force_conflicts;
    flags->replace = request->replace;
    flags->prune = request->prune;
    flags->take_over = flags->take_over || request->take_over;
}

/* The documents as they are now where they came from: the spec, or the files. */
static bool read_sources(struct cluster_session *session, const struct saved_plan *saved,
                         struct cluster_project *project, struct object_set *sources)
{
    struct object_input input = {.paths = saved->request.paths,
                                 .path_count = saved->request.path_count,
                                 .recursive = saved->request.recursive,
                                 .sources = session->sources,
                                 .origins = session->origins};
    if (saved->request.environment == NULL)
        return object_set_read(sources, &input, &session->reporter);
    return cluster_project_open(project, session->cli, saved->request.environment) &&
           cluster_project_add(project, sources, &session->reporter);
}

/* `project` is opened when the documents come from a spec: it must live as long as they do. */
static bool read_saved_documents(struct cluster_session *session, const struct saved_plan *saved,
                                 struct cluster_project *project)
{
    struct object_set *sources = object_set_new(session->arena);
    if (saved->secrets->count > 0 && !read_sources(session, saved, project, sources))
        return false;
    return saved_plan_documents(saved, session->set, sources, &session->reporter) && cluster_resolve(session);
}

bool apply_still_holds(struct cluster_session *session, const struct saved_plan *saved)
{
    struct plan_options options = {
        .field_manager = saved->request.manager,
        .force_conflicts = saved->request.force_conflicts,
        .replace = saved->request.replace,
        .prune = saved->request.prune,
        .take_over = saved->request.take_over,
        .consent = saved->request.consent,
        .consent_count = saved->request.consent_count,
        .inventory = session->inventory,
    };
    bool ok;
    const struct plan *now = plan_make(session->arena, session->client, session->discovery, session->set,
                                       &options, &session->reporter, &ok);
    return ok && saved_plan_holds(saved, now, &session->reporter);
}

static bool prepare_saved(struct cluster_session *session, const struct saved_plan *saved,
                          struct cluster_project *project)
{
    if (saved->request.gitops != NULL && !session->flags->take_over) {
        diag_help(cluster_report(&session->reporter, DIAG_CLUSTER_GITOPS, 0,
                                 "the spec gives environment `%s` to %s", saved->request.environment,
                                 saved->request.gitops),
                  "commit the files of mlc build and let it apply them, or pass --take-over");
        return false;
    }
    if (strcmp(session->config->server, saved->request.server) != 0) {
        cluster_report(&session->reporter, DIAG_CLUSTER_PLAN_STALE, 0,
                       "the plan is for %s, this context leads to %s", saved->request.server,
                       session->config->server);
        return false;
    }
    if (!read_saved_documents(session, saved, project) || !cluster_read_inventory(session))
        return false;
    bool later = session->inventory != NULL && session->inventory->exists; /* under the lease */
    return later || apply_still_holds(session, saved);
}

int apply_saved(struct cli *cli, struct apply_flags *all, const char *path)
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
        struct cluster_project project = {0};
        take_request(flags, &saved->request);
        all->saved = saved;
        bool ready = cluster_open(&session, cli, flags) && prepare_saved(&session, saved, &project);
        session.consent = saved->request.consent;
        session.consent_count = saved->request.consent_count;
        code = cluster_close(&session, ready ? apply_session(&session, all) : EXIT_FAILED);
        cluster_project_close(&project);
    }
    arena_free(arena);
    return code;
}
