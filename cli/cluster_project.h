#ifndef MLC_CLI_CLUSTER_PROJECT_H
#define MLC_CLI_CLUSTER_PROJECT_H

/* The documents of one environment of a spec, for the cluster commands: what `mlc build` would write under
 * deploy/ENVIRONMENT/, with origins that lead to the spec. */

#include <stdbool.h>
#include "cli/cluster_session.h"
#include "compiler/compilation.h"

struct cluster_project {
    struct compilation *compilation;
    struct vec documents;    /* const struct value * */
    struct node *node;       /* the environment */
    const char *environment; /* its name */
    const char *namespace;
    const char *context; /* of the environment's cluster; NULL: not declared */
    const char *cluster; /* the name of that cluster in the spec */
    const char *name;    /* of the project: its inventory's */
    const char *gitops;  /* what owns the environment: "argocd", "flux"; NULL: nothing */
};

/* True if the folder has a spec. */
bool cluster_project_here(void);

/* Compiles the spec here and picks an environment (NULL: the only one). False after printing why. Free with
 * cluster_project_close. */
bool cluster_project_open(struct cluster_project *project, struct cli *cli, const char *environment);
void cluster_project_close(struct cluster_project *project);

/* A command on an environment: compiles the spec, fills in what the flags left open (context, namespace,
 * inventory, pruning), connects, calls `run`, prints what was reported and frees everything. Returns the exit
 * code. */
typedef int (*cluster_project_fn)(struct cluster_project *project, struct cluster_session *session,
                                  void *context);
int cluster_project_run(struct cli *cli, struct cluster_flags *flags, const char *environment,
                        cluster_project_fn run, void *context);

/* Adds the environment's documents to a set; false, reported, when one is no object. */
bool cluster_project_add(const struct cluster_project *project, struct object_set *set,
                         const struct reporter *reporter);
/* The same into the session's set, resolved and ordered. */
bool cluster_project_read(const struct cluster_project *project, struct cluster_session *session);

/* True, and reported, when the spec gives the environment to a GitOps tool and the flags do not take it over.
 */
bool cluster_project_refuses(const struct cluster_project *project, const struct cluster_session *session);

#endif
