#ifndef MLC_COMPILER_LINT_H
#define MLC_COMPILER_LINT_H

/* What can be known of the finished graph before anything runs, and what the library cannot say with a
 * `check`: rules over several nodes. One table, one function a rule. */

#include "compiler/node_state.h"

struct lint_rule {
    const char *kind; /* the nodes that it looks at */
    void (*run)(struct evaluator *ev, struct node *node);
};

/* Rules about models, their steps and tests: lint_model.c. Ends with a row without a kind. */
extern const struct lint_rule lint_model_rules[];
/* Rules about services, rollouts, environments and targets: lint_delivery.c. */
extern const struct lint_rule lint_delivery_rules[];
/* Rules about who can read which secret: lint_secret.c. */
extern const struct lint_rule lint_secret_rules[];

/* Rules about texts that should not stand in a spec: lint_literal.c. */
extern const struct lint_rule lint_literal_rules[];
/* Rules about bounds and schedules that are decided beforehand: lint_bound.c. */
extern const struct lint_rule lint_bound_rules[];

/* True if the node, or one around it, has an `allow` that says why. */
bool lint_is_allowed(struct node *node);

/* The kind of secret that a text looks like, in words ("an access key of AWS"); NULL: none. `key` is the name
 * under which it stands; NULL: none. */
const char *secret_form(const char *key, const char *text, size_t length);

/* Runs every rule over every node. */
void lint_graph(struct evaluator *ev);

/* True if the command always succeeds: it only prints, or throws its exit status away. `*why` says how. */
bool command_cannot_fail(const char *command, const char **why);

#endif
