#ifndef MLC_CLI_ROLLBACK_PEOPLE_H
#define MLC_CLI_ROLLBACK_PEOPLE_H

/* Who may roll an environment back, and what takes the harm off its cluster. */

#include <stdbool.h>
#include "cli/cli.h"
#include "compiler/compilation.h"
#include "compiler/graph.h"
#include "core/vec.h"

/* The environments in which a model, a service's instance or an environment itself is served: struct node *.
 */
struct vec rollback_environments(struct compilation *compilation, struct node *subject);

/* True if who runs this may roll all of them back: each names nobody in `rollback_approvers`, or names the
 * address of git, the login of GitHub, or a team that `gh` says the login is a member of. Else says on `err`
 * whom the first such environment names. It keeps honest people from a mistake; what enforces it is the
 * protection of the branch. */
bool rollback_may(struct cli *cli, struct compilation *compilation, const struct vec *environments);

/* Prints what happens to the environments now that the lock has changed: what the controller of GitOps will
 * do, or the command that changes the cluster at once. */
void rollback_print_now(struct cli *cli, struct compilation *compilation, const struct vec *environments);

#endif
