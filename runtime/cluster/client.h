#ifndef MLC_RUNTIME_CLUSTER_CLIENT_H
#define MLC_RUNTIME_CLUSTER_CLIENT_H

/* A client of one API server: authentication, a window of concurrent calls, retries with a bound, watches.
 * Single-threaded: calls are queued, `client_run` performs them, and their `done` may queue more. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"
#include "core/value.h"
#include "core/world.h"
#include "runtime/cluster/http.h"
#include "runtime/cluster/kubeconfig.h"

struct client;
struct call;

enum call_retry {
    CALL_RETRY_ALWAYS, /* GET, a server-side apply, a DELETE with a precondition: harmless twice */
    CALL_RETRY_UNSENT  /* POST and the like: only when the server refused it or never saw it */
};

typedef void (*call_done)(struct call *call, void *context);
/* One line of a streamed body (a watch event); false ends the stream. */
typedef bool (*call_line)(struct call *call, const char *line, size_t length, void *context);

/* A request and, once `done` is called, its answer. Made by client_call, freed by the client after `done`. */
struct call {
    const char *method;
    char *path; /* "/api/v1/namespaces/x/configmaps?limit=500", already encoded */
    const char *content_type;
    const char *accept; /* NULL: application/json */
    const char *if_none_match;
    struct buf body;
    enum call_retry retry;
    bool urgent; /* goes on when the client is interrupted, until the grace is over */
    call_done done;
    call_line line; /* not NULL: a watch; `response` keeps only a body of status >= 300 */
    void *context;

    enum http_outcome outcome;
    int status; /* HTTP status; 0 when there was none */
    struct buf response;
    char etag[160];
    char warning[256]; /* the first `Warning:` text of the server */
    char why[256];     /* of a transport failure */
    unsigned attempts;
    bool interrupted; /* an earlier attempt was lost midway: the server may have acted on it */
    bool gave_up;     /* cancelled, or the client's deadline was over */
};

struct client_options {
    const struct world *world;  /* NULL: the real one */
    const struct http *http;    /* NULL: libcurl; not closed by the client */
    unsigned concurrency;       /* calls in flight; 0: 48 */
    int64_t request_timeout_ns; /* of one attempt; 0: 60 s */
    int64_t retry_budget_ns;    /* from the first failure of a call; 0: 60 s, below: none */
    const char *user_agent;     /* NULL: mlc/VERSION */
    void (*note)(void *context, const char *text); /* told of retries and warnings; NULL: nobody */
    void *note_context;
};

/* NULL, reported, when there is no way to make calls (no libcurl, a plugin fails). `config` must outlive it.
 */
struct client *client_open(const struct kubeconfig *config, const struct client_options *options,
                           const struct reporter *reporter);
void client_close(struct client *client);

const struct kubeconfig *client_config(const struct client *client);
const struct world *client_world(const struct client *client);

/* A call to fill in; `path` is printed. Sent by client_send, which owns it from then on. */
struct call *client_call(const char *method, call_done done, void *context, const char *path_format, ...)
    __attribute__((format(printf, 4, 5)));
void client_send(struct client *client, struct call *call);
/* The same, but not before so long from now. */
void client_send_after(struct client *client, struct call *call, int64_t delay_ns);
/* Ends a call before its time; `done` is called with gave_up. */
void client_cancel(struct client *client, struct call *call);

/* Runs until no call is left, or `deadline` (world's monotonic clock; 0: none) is over: then every call that
 * is left is given up. False when the deadline ended it. Not from within `done`. */
bool client_run(struct client *client, int64_t deadline);
/* One step: works for at most `wait_ns`; true while calls are left. */
bool client_step(struct client *client, int64_t wait_ns);

/* One call and its answer: sends, runs until it is done (others go on meanwhile). The caller frees the reply.
 */
struct reply {
    enum http_outcome outcome;
    int status;
    struct buf body;
    char etag[160];
    char why[256];
    bool interrupted;
};
struct reply client_ask(struct client *client, struct call *call);
void reply_free(struct reply *reply);

/* Called from the loop about every `every_ns` while it runs; one at a time (the lease's renewal). */
void client_set_tick(struct client *client, int64_t every_ns, void (*tick)(void *context), void *context);

/* An orderly end (Ctrl-C). `interrupted` is asked while the loop runs; once it says true, reads, watches and
 * what is not on the wire yet end at once (gave_up), writes in flight and urgent calls within `grace_ns`, and
 * nothing is sent again. NULL: the client works as before, also after an interruption. */
void client_set_interrupt(struct client *client, int64_t grace_ns, bool (*interrupted)(void *context),
                          void *context);
bool client_is_interrupted(const struct client *client);

/* Appends a path segment or a query value, percent-encoded. */
void client_encode(struct buf *out, const char *text);

#endif
