#ifndef MLC_BACKENDS_GITHUB_GITHUB_H
#define MLC_BACKENDS_GITHUB_GITHUB_H

/* GitHub Actions: workflows and actions, their expressions, references and limits. */

#include "backends/backend.h"
#include "core/expr.h"

extern const struct backend backend_github;

/* Prints an expression as GitHub evaluates it, without ${{ }}: `github.event_name == 'pull_request'`, with
 * the fewest parentheses. False after reporting an operator that GitHub has not. */
bool github_print_expression(struct compilation *compilation, struct buf *out, const struct expr *expr);

/* A document with its expressions as text: `${{ … }}`, bare in `if`; a literal `${{` of a text becomes an
 * expression that gives it. NULL after reporting. */
const struct value *github_finish(struct compilation *compilation, const struct value *document);

/* References (needs, steps.ID, outputs, local actions) and limits of workflows. */
void github_check(struct compilation *compilation, const struct vec *files);

bool github_is_workflow(const char *path);

#endif
