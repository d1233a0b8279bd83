#ifndef MLC_CLI_RUN_SERVICE_H
#define MLC_CLI_RUN_SERVICE_H

/* The part of `mlc run` that asks a service: smoke tests against a URL, or a service started here. */

#include <stdbool.h>
#include "cli/cli.h"
#include "compiler/compilation.h"
#include "compiler/graph.h"

/* The service, or the smoke test of one, that an id names; NULL when it names something else. */
struct node *run_service_find(struct compilation *compilation, const char *id);

/* Runs a smoke test, or all of a service, against the service at `url`. The exit code. */
int run_service_at(struct cli *cli, struct compilation *compilation, struct node *node, const char *url);

/* Starts the service on a free port with the champion's artifact, runs its smoke tests and tests, and stops
 * it. */
int run_service_here(struct cli *cli, struct compilation *compilation, struct node *service,
                     const char *store);

#endif
