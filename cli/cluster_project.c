#include "cli/cluster_project.h"
#include <string.h>
#include "backends/backend.h"
#include "cli/project.h"
#include "compiler/evaluate.h"
#include "compiler/graph.h"
#include "core/file.h"
#include "core/text.h"

bool cluster_project_here(void)
{
    struct arena *arena = arena_new();
    struct vec names = vec_in(arena);
    bool found = false;
    if (file_list(".", &names) == 0)
        for (size_t i = 0; i < names.count; i++)
            found = found || text_ends_with(names.items[i], ".mlc");
    arena_free(arena);
    return found;
}

/* "staging, production" of the spec. */
static const char *environments(struct compilation *compilation, size_t *count, const char **first)
{
    struct vec nodes = vec_in(compilation->arena);
    struct buf out = {0};
    *count = graph_collection(compilation->graph, "environment", NULL, &nodes);
    for (size_t i = 0; i < nodes.count; i++) {
        const struct node *node = nodes.items[i];
        buf_printf(&out, "%s%s", i > 0 ? ", " : "", node->name);
        *first = node->name;
    }
    const char *names = arena_strdup(compilation->arena, nodes.count > 0 ? buf_str(&out) : "none");
    buf_free(&out);
    return names;
}

static struct node *find_environment(struct cluster_project *project, struct cli *cli,
                                     const char **environment)
{
    struct compilation *compilation = project->compilation;
    size_t count;
    const char *only = NULL, *names = environments(compilation, &count, &only);
    if (*environment == NULL && count == 1)
        *environment = only;
    struct node *node =
        *environment != NULL
            ? graph_find(compilation->graph, arena_printf(compilation->arena, "environment/%s", *environment))
            : NULL;
    if (node == NULL && *environment != NULL)
        fprintf(cli->err, "mlc: there is no environment `%s`; the spec has: %s\n", *environment, names);
    else if (node == NULL)
        fprintf(cli->err, "mlc: which environment? The spec has: %s\n", names);
    return node;
}

static struct node *kubernetes(const struct compilation *compilation)
{
    return graph_find(compilation->graph, "target/kubernetes");
}

/* What `mlc build` would write into the environment's folder. */
static bool collect(struct cluster_project *project, struct cli *cli)
{
    struct compilation *compilation = project->compilation;
    struct vec outputs = vec_in(compilation->arena);
    struct node *target = kubernetes(compilation);
    const char *all = target != NULL ? node_text(target, "folder") : NULL;
    const char *folder =
        arena_printf(compilation->arena, "%s/%s/", all != NULL ? all : "deploy", project->environment);
    if (!backends_run(compilation, &outputs)) {
        project_report(cli, compilation, "text");
        return false;
    }
    for (size_t i = 0; i < outputs.count; i++) {
        const struct output *output = outputs.items[i];
        for (size_t j = 0; text_starts_with(output->path, folder) && j < output->file->documents.count; j++)
            vec_push(&project->documents, output->file->documents.items[j]);
    }
    if (project->documents.count == 0)
        fprintf(
            cli->err,
            "mlc: the spec makes nothing for a cluster in environment `%s`: it needs `target kubernetes`\n",
            project->environment);
    return project->documents.count > 0;
}

static const char *owner_of(const struct compilation *compilation)
{
    struct node *target = kubernetes(compilation);
    const char *owner = target != NULL ? value_string_or(node_get(target, "gitops"), NULL) : NULL;
    return owner != NULL && strcmp(owner, "none") != 0 ? arena_strdup(compilation->arena, owner) : NULL;
}

static void describe(struct cluster_project *project)
{
    const struct compilation *compilation = project->compilation;
    struct node *cluster = node_ref(project->node, "cluster");
    project->namespace = node_text(project->node, "namespace");
    project->cluster = cluster != NULL ? cluster->name : NULL;
    project->context = cluster != NULL ? node_text(cluster, "context") : NULL;
    project->name = compilation->graph->project != NULL ? compilation->graph->project->name : "mlc";
    project->gitops = owner_of(compilation);
}

bool cluster_project_open(struct cluster_project *project, struct cli *cli, const char *environment)
{
    *project = (struct cluster_project){.compilation = project_open(cli, ".", true)};
    if (project->compilation == NULL)
        return false;
    project->documents = vec_in(project->compilation->arena);
    project->node = find_environment(project, cli, &environment);
    project->environment = environment;
    if (project->node != NULL && collect(project, cli)) {
        describe(project);
        return true;
    }
    cluster_project_close(project);
    return false;
}

void cluster_project_close(struct cluster_project *project)
{
    if (project->compilation != NULL)
        compilation_free(project->compilation);
    project->compilation = NULL;
}

static void fill_in(const struct cluster_project *project, struct cluster_flags *flags)
{
    if (flags->namespace == NULL)
        flags->namespace = project->namespace;
    if (flags->context == NULL && flags->cluster == NULL && flags->server == NULL &&
        project->context != NULL) {
        flags->context = project->context;
        flags->context_of = project->cluster;
    }
    if (flags->applyset == NULL) {
        flags->applyset = project->name;
        flags->prune = true;
    }
}

int cluster_project_run(struct cli *cli, struct cluster_flags *flags, const char *environment,
                        cluster_project_fn run, void *context)
{
    struct cluster_project project;
    struct cluster_session session;
    int code = EXIT_FAILED;
    if (!cluster_project_open(&project, cli, environment)) {
        cluster_flags_free(flags);
        return EXIT_FAILED;
    }
    fill_in(&project, flags);
    if (cluster_open(&session, cli, flags)) {
        session.sources = project.compilation->sources;
        session.origins = project.compilation->origins;
        session.reporter = (struct reporter){session.diags, session.origins, session.sources};
        code = run(&project, &session, context);
    }
    code = cluster_close(&session, code);
    cluster_project_close(&project);
    return code;
}

bool cluster_project_add(const struct cluster_project *project, struct object_set *set,
                         const struct reporter *reporter)
{
    bool ok = true;
    for (size_t i = 0; i < project->documents.count; i++)
        ok = object_set_add(set, project->documents.items[i], reporter) && ok;
    return ok;
}

bool cluster_project_read(const struct cluster_project *project, struct cluster_session *session)
{
    return cluster_project_add(project, session->set, &session->reporter) && cluster_resolve(session);
}

bool cluster_project_refuses(const struct cluster_project *project, const struct cluster_session *session)
{
    if (project->gitops == NULL || session->flags->take_over)
        return false;
    diag_help(cluster_report(&session->reporter, DIAG_CLUSTER_GITOPS, 0,
                             "the spec gives environment `%s` to %s (`target kubernetes { gitops = %s }`)",
                             project->environment, strcmp(project->gitops, "flux") == 0 ? "Flux" : "Argo CD",
                             project->gitops),
              "commit the files of mlc build and let it apply them, or pass --take-over");
    return true;
}
