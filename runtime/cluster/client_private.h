#ifndef MLC_RUNTIME_CLUSTER_CLIENT_PRIVATE_H
#define MLC_RUNTIME_CLUSTER_CLIENT_PRIVATE_H

/* What client.c (the loop), client_call.c (one exchange) and client_retry.c (what follows a failure) share.
 */

#include "runtime/cluster/client.h"
#include "runtime/cluster/credentials.h"

enum pending_state { PENDING_NEW, PENDING_READY, PENDING_WAITING, PENDING_FLYING };

struct pending {
    struct call call; /* first: a call is its pending */
    struct client *client;
    enum pending_state state;
    struct http_exchange *exchange;
    struct pending *next, **link; /* in the list of its state */
    int64_t due;                  /* when a waiting one may go again */
    int64_t first_failure;
    int64_t retry_after_ns; /* of the last answer; -1: none */
    unsigned renewals;      /* of the credential, for this call */
    unsigned generation;    /* of the credential that it was sent with */
    unsigned server_errors;
    bool fresh;
    bool cancelled;
    bool delivered;     /* a watch has given lines */
    bool stopped;       /* the line function said stop */
    bool json;          /* the answer says that it is JSON */
    struct buf partial; /* of a line */
};

struct pending_list {
    struct pending *first, **last;
    size_t count;
};

struct client {
    const struct kubeconfig *config;
    const struct world *world;
    struct http http;
    bool own_http, reopen;
    struct credentials *credentials;
    struct client_options options;
    struct pending_list ready, waiting, flying;
    double window; /* calls in flight at most: grows by one a window, halves when the server is overloaded */
    unsigned window_limit;
    int64_t shrunk_at;
    int64_t told_at;      /* when a person was last told of an outage; INT64_MIN: never */
    bool answered;        /* a connection was made, whatever came of it */
    int64_t disturbed_at; /* last time a connection failed or was lost; INT64_MIN: never */
    int64_t tick_every, tick_next;
    void (*tick)(void *context);
    void *tick_context;
    bool ticking;
    bool (*interrupt)(void *context); /* NULL: nobody interrupts */
    void *interrupt_context;
    int64_t interrupt_grace, interrupt_end; /* when the grace is over */
    bool interrupted;
};

int64_t client_now(const struct client *client);
void client_note(struct client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));

void pending_move(struct pending *pending, struct pending_list *from, struct pending_list *to);
void pending_complete(struct pending *pending);

/* Starts the exchange of a ready call; it flies afterwards, or was completed or put back. */
void pending_start(struct pending *pending);

/* Decides what follows the end of an exchange: 0 or more: try again after so long; -1: it is complete. */
int64_t retry_delay(struct pending *pending);

/* Opens (again) the HTTP table with the current credential. */
bool client_connect(struct client *client, struct buf *why);

#endif
