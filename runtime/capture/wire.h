#ifndef MLC_RUNTIME_CAPTURE_WIRE_H
#define MLC_RUNTIME_CAPTURE_WIRE_H

/* HTTP/1.1 on the wire (RFC 9112), as a proxy between a client and a service needs it: heads are read whole
 * and written again, bodies are followed byte by byte and passed on as they are. Strict where two readers
 * might disagree about where a message ends: both lengths, folded lines, blanks before a colon and bare line
 * feeds are refused in requests. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"

enum { WIRE_HEAD_LIMIT = 32 * 1024, WIRE_HEADERS_LIMIT = 100 };

struct wire_text {
    const char *text; /* not terminated: points into the bytes that were read */
    size_t length;
};

struct wire_header {
    struct wire_text name, value;
};

enum wire_framing {
    WIRE_NO_BODY,
    WIRE_LENGTH,   /* Content-Length */
    WIRE_CHUNKED,  /* Transfer-Encoding: chunked */
    WIRE_UNTIL_END /* responses: until the connection ends */
};

struct wire_head {
    size_t size;                     /* bytes of the head with its empty line */
    struct wire_text method, target; /* requests */
    int status;                      /* responses; 0 for a request */
    struct wire_text reason;
    int minor; /* HTTP/1.minor: 0 or 1 */
    struct wire_header headers[WIRE_HEADERS_LIMIT];
    size_t header_count;
    enum wire_framing framing;
    uint64_t length; /* WIRE_LENGTH */
    bool keep_alive; /* the sender would go on with the connection */
    bool upgrade;    /* asks for, or grants, another protocol */
    bool json;       /* the content type is JSON */
    bool encoded;    /* with a content encoding other than identity */
    int refusal;     /* WIRE_BAD: the status to answer a request with */
    const char *why; /* WIRE_BAD: a sentence */
};

enum wire_result { WIRE_MORE, WIRE_READ, WIRE_BAD };

/* Reads the head of a request. WIRE_MORE: it is not all there yet. Empty lines before it are skipped. */
enum wire_result wire_read_request(const char *bytes, size_t count, struct wire_head *head);
/* Reads the head of a response; `to_head`: it answers a HEAD request. */
enum wire_result wire_read_response(const char *bytes, size_t count, bool to_head, struct wire_head *head);

bool wire_is(struct wire_text text, const char *word);     /* regardless of case: names of headers, codings */
bool wire_equals(struct wire_text text, const char *word); /* methods and targets */
/* The first header of a name, or NULL. */
const struct wire_header *wire_find(const struct wire_head *head, const char *name);

/* Appends the head for the next hop: without what concerns one connection only (Connection and what it names,
 * Keep-Alive, TE, Proxy-…), with `connection` ("close", "keep-alive", "upgrade" or NULL) in its place. */
void wire_write_head(struct buf *out, const struct wire_head *head, const char *connection);

/* A body that passes by. Zero is a body that is over. */
struct wire_body {
    enum wire_framing framing;
    int state;
    uint64_t left;
    unsigned digits; /* of a chunk's size, or bytes of its line or of the trailer */
    bool bad;        /* a chunk is malformed: nothing more can be understood */
};

/* What is told about the content: the body without its chunking. */
struct wire_sink {
    void *context;
    void (*content)(void *context, const char *bytes, size_t count);
};

void wire_body_begin(struct wire_body *body, const struct wire_head *head);
bool wire_body_is_over(const struct wire_body *body);
/* Follows up to `count` bytes; gives how many of them belong to the body. Stops behind its end, and where it
 * is malformed. */
size_t wire_body_follow(struct wire_body *body, const char *bytes, size_t count,
                        const struct wire_sink *sink);

#endif
