#ifndef MLC_CLI_APPLY_H
#define MLC_CLI_APPLY_H

/* What the parts of `mlc apply` share: the flags, one run under the lease, a rollback, a saved plan. */

#include "cli/cluster_project.h"
#include "cli/cluster_session.h"
#include "runtime/cluster/saved_plan.h"

struct apply_flags {
    struct cluster_flags cluster;
    bool rollback, rollback_on_failure, print;
    long revision, history;
    const char *version;
    const struct saved_plan *saved; /* NULL: no saved plan is performed */
};

/* Applies the session's set under the lease of its inventory, and keeps it. Returns the exit code. */
int apply_session(struct cluster_session *session, const struct apply_flags *flags);

/* --rollback: the documents come from beside the session's inventory. */
int apply_rollback(struct cluster_session *session, struct apply_flags *flags);

/* True when a new plan of the session's set says what the saved one said; else each difference is reported.
 */
bool apply_still_holds(struct cluster_session *session, const struct saved_plan *saved);

/* Performs the plan in a file, if the cluster is still as planned. */
int apply_saved(struct cli *cli, struct apply_flags *flags, const char *path);

#endif
