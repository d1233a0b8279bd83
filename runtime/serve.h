#ifndef MLC_RUNTIME_SERVE_H
#define MLC_RUNTIME_SERVE_H

/* A service on this machine: its command with the champion's artifact and a free port, until it is stopped.
 */

#include "runtime/process.h"
#include "runtime/registry.h"
#include "runtime/smoke.h"

struct serving {
    struct node *service;
    struct process process;
    bool running;
    const char *url;      /* "http://127.0.0.1:40123" */
    const char *log_path; /* what the service printed */
};

/* Fetches the artifact, starts the command and waits until `health` answers 200, at most `wait_ns`. False
 * with registry->error; nothing runs then. */
bool serve_start(struct serving *serving, struct registry *registry, struct http *http, struct node *service,
                 int64_t wait_ns);

/* Runs one test of the service with its `url`. False with registry->error. */
bool serve_test(struct serving *serving, struct registry *registry, struct node *test);

void serve_stop(struct serving *serving);

#endif
