#ifndef MLC_RUNTIME_CLUSTER_HTTP_H
#define MLC_RUNTIME_CLUSTER_HTTP_H

/* HTTP as a table of functions: many exchanges at once over few connections, driven by one thread. The real
 * table (http_curl_open) multiplexes over HTTP/2; tests put one between that injects faults. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"

enum http_outcome {
    HTTP_DONE,      /* a whole response; any status */
    HTTP_NOT_SENT,  /* no connection: the server never saw the request */
    HTTP_BROKEN,    /* lost, reset or truncated midway: the server may have acted */
    HTTP_TIMED_OUT, /* likewise, after the request's time was over or nothing came for too long */
    HTTP_UNTRUSTED, /* TLS: the certificate did not check, or the handshake was refused */
    HTTP_REFUSED    /* the sink's `body` said stop (a limit) */
};

/* What is done with a response; all called from within `poll`. */
struct http_sink {
    void *context;
    void (*header)(void *context, const char *line, size_t length); /* "name: value", without the line end */
    bool (*body)(void *context, int status, const char *bytes, size_t count); /* false: stop, HTTP_REFUSED */
    void (*end)(void *context, enum http_outcome outcome, int status, const char *why);
};

struct http_request {
    const char *method;
    const char *url;
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    const char *body; /* NULL: none; must live until `end` */
    size_t body_length;
    int64_t timeout_ns; /* for the whole exchange; 0: none (a watch) */
    int64_t stall_ns;   /* no byte for so long ends it; 0: never */
    bool fresh;         /* not over a connection that was used before */
    struct http_sink sink;
};

struct http_exchange;

struct http {
    void *context;
    /* NULL when it could not even be started (then `end` was not called). */
    struct http_exchange *(*start)(void *context, const struct http_request *request);
    /* Works on all exchanges and waits at most so long for news. */
    void (*poll)(void *context, int64_t timeout_ns);
    /* Ends an exchange without calling its `end`. */
    void (*cancel)(void *context, struct http_exchange *exchange);
    void (*close)(void *context);
};

/* How connections to one server are made. Strings are PEM or paths' contents; NULL: not given. */
struct http_connection {
    const char *certificate_authority; /* PEM */
    const char *client_certificate;    /* PEM */
    const char *client_key;            /* PEM */
    const char *server_name;           /* TLS name to check in place of the URL's host */
    const char *proxy;                 /* URL; NULL: none, whatever the environment says */
    const char *host;                  /* host and port of the URL, for `server_name` */
    bool insecure;                     /* certificates are not checked */
    bool compress;                     /* accept gzip */
};

/* Opens the real table over libcurl, which is loaded on first use. False with a reason in `why` (appended)
 * when the library cannot be loaded. The connection's strings are copied. */
bool http_curl_open(struct http *http, const struct http_connection *connection, struct buf *why);

#endif
