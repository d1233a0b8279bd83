#ifndef MLC_RUNTIME_SMOKE_H
#define MLC_RUNTIME_SMOKE_H

/* Smoke tests of services: one request, and what is expected of its answer. `status`, `body` (read as JSON)
 * and `latency` are what the expectations speak of. */

#include "compiler/graph.h"
#include "core/vec.h"
#include "core/world.h"
#include "runtime/cluster/http.h"

struct smoke_result {
    struct node *smoke;
    bool holds;
    const char *why;     /* when there was no answer; else NULL */
    struct vec verdicts; /* struct verdict * */
};

/* Sends the smoke's request to the service at `url` and judges the answer. */
struct smoke_result *smoke_run(struct arena *arena, const struct world *world, struct http *http,
                               struct node *smoke, const char *url);

/* One request without a body: the status of its answer, 0 when there was none. */
int smoke_status(struct http *http, const char *url, int64_t timeout_ns);

#endif
