#ifndef MLC_RUNTIME_WEB_H
#define MLC_RUNTIME_WEB_H

/* One HTTP exchange at a time, waited for: what the S3 client and the messages of monitors need. */

#include <stdbool.h>
#include <stddef.h>
#include "core/buf.h"
#include "core/world.h"
#include "runtime/cluster/http.h"

struct web_request {
    const char *method;
    const char *url;
    const char *const *headers; /* "Name: value"; those with secrets are not printed anywhere */
    size_t header_count;
    const void *body; /* NULL: none */
    size_t body_length;
    size_t limit; /* largest answer in bytes */
    int file;     /* >= 0: the body of a 2xx answer goes into this descriptor instead */
    bool no_body; /* the answer's body is not wanted: stop when one begins */
    int seconds;  /* for the whole exchange; 0: 60 */
};

struct web_response {
    int status;      /* 0: none came */
    struct buf body; /* freed by web_response_free */
    bool too_large;
    bool broken_file;
    char why[256]; /* when there is no status: what went wrong */
};

/* Performs the request once. True when a whole response came, whatever its status. */
bool web_call(struct http *http, const struct web_request *request, struct web_response *response);

/* Tries again what failed in passing: no connection, 429, 5xx; at most `tries` times with growing pauses.
 * Only for requests that may be repeated. */
bool web_call_patiently(struct http *http, const struct world *world, const struct web_request *request,
                        int tries, struct web_response *response);

void web_response_free(struct web_response *response);

/* Appends text with all but unreserved characters (RFC 3986) as %XX; slashes stay if asked. */
void web_add_encoded(struct buf *out, const char *text, bool keep_slashes);

#endif
