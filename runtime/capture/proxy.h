#ifndef MLC_RUNTIME_CAPTURE_PROXY_H
#define MLC_RUNTIME_CAPTURE_PROXY_H

/* `mlc capture`: a reverse proxy for HTTP/1.1 beside a service. Every connection of a client has one to the
 * service, so that the service sees what it would see without the proxy. One thread, no call that blocks;
 * what is sampled goes to a recorder. GET /-/ready and /-/metrics are answered by the proxy itself. */

#include <stdbool.h>
#include <stddef.h>
#include "core/world.h"
#include "runtime/capture/recorder.h"

struct proxy_options {
    const char *listen;   /* "8081" (all addresses) or "127.0.0.1:8081"; port 0: any */
    const char *upstream; /* "8080" (127.0.0.1) or "127.0.0.1:8080" */
    double sample;        /* share of requests, 0..1 */
    size_t body_limit;    /* of a sampled body; larger ones are not sampled */
    size_t connections;   /* at once; the longest idle one makes room for a new one */
    int idle_seconds;     /* a connection without a request */
    int head_seconds;     /* from the first to the last byte of a request's head */
    int timeout_seconds;  /* no byte either way within a request */
    int drain_seconds;    /* after SIGTERM new connections are still taken for so long */
    int stop_seconds;     /* after that running requests have so long */
    const struct world *world;
    void (*ready)(void *context, int port); /* told once it listens; may be NULL */
    void *ready_context;
};

/* Runs until SIGTERM or SIGINT; blocks both for the process. False with a reason when it could not start. */
bool proxy_run(const struct proxy_options *options, struct recorder *recorder, char *why, size_t why_size);

#endif
