#ifndef MLC_CLI_CLUSTER_PROJECT_H
#define MLC_CLI_CLUSTER_PROJECT_H

/* The documents of one environment of a spec, for the cluster commands: what `mlc build` would write under
 * deploy/ENVIRONMENT/, with origins that lead to the spec. */

#include <stdbool.h>
#include "cli/cluster_session.h"
#include "compiler/compilation.h"

struct cluster_project {
    struct compilation *compilation;
    struct vec documents;  /* const struct value * */
    const char *namespace; /* of the environment */
    const char *name;      /* of the project: its inventory's */
    const char *gitops;    /* what owns the environment: "argocd", "flux"; NULL: nothing */
};

/* Compiles the spec here and picks an environment (NULL: the only one). False after printing why. Free with
 * cluster_project_close. */
bool cluster_project_open(struct cluster_project *project, struct cli *cli, const char *environment);
void cluster_project_close(struct cluster_project *project);

/* True if the folder has a spec. */
bool cluster_project_here(void);

/* Fills in what the command line left open: namespace, inventory, pruning. */
void cluster_project_defaults(const struct cluster_project *project, struct cluster_flags *flags);

/* Reads the documents into the session's set, with the compilation's places for messages. */
bool cluster_project_read(struct cluster_project *project, struct cluster_session *session);

#endif
