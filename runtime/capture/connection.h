#ifndef MLC_RUNTIME_CAPTURE_CONNECTION_H
#define MLC_RUNTIME_CAPTURE_CONNECTION_H

/* Inside of the proxy: a client's connection and the one to the service that belongs to it. */

#include <netinet/in.h>
#include <sys/socket.h>
#include "runtime/capture/proxy.h"
#include "runtime/capture/wire.h"

/* How much of a body may wait at each of its four stations. */
enum { STREAM_LIMIT = 16 * 1024 };

/* Bytes that came in, or that wait to go out. */
struct stream {
    char *data;
    size_t start, end, capacity;
};

static inline size_t stream_size(const struct stream *stream)
{
    return stream->end - stream->start;
}

struct side {
    struct connection *connection;
    int fd;          /* -1: none */
    unsigned events; /* what epoll waits for */
    struct stream in, out;
    bool ended; /* the other end sends no more */
    bool shut;  /* this end sends no more, or the other end takes no more */
    bool connecting;
};

enum phase {
    PHASE_HEAD,     /* waits for a request */
    PHASE_EXCHANGE, /* a request is with the service */
    PHASE_TUNNEL,   /* another protocol: bytes pass both ways */
    PHASE_CLOSING,  /* the last answer goes out */
    PHASE_LINGER, /* it is out; what the client still sends is thrown away, so that it can read the answer */
    PHASE_OVER    /* to be freed */
};

struct connection {
    struct proxy *proxy;
    struct connection *previous, *next;
    enum phase phase;
    struct side client, service;
    int64_t deadline_ns; /* monotonic */
    int clock;           /* what the deadline is for */
    int64_t linger_end_ns;

    /* The request. */
    struct buf head; /* as it was sent to the service: to send it again on a new connection */
    struct wire_body request;
    bool to_head;       /* a HEAD request */
    bool old;           /* of HTTP/1.0 */
    bool keep;          /* the client would go on */
    bool may_repeat;    /* no body, and nothing happens twice */
    bool upgrade;       /* another protocol was asked for */
    bool reused;        /* the service's connection had a request before */
    bool service_keeps; /* the service would go on */
    bool answered;      /* the head of the answer was passed on */
    bool heard;         /* a byte of the answer came */
    int status;
    struct wire_body response;
    int64_t started_ns, started_wall_ns;
    struct sample *sample; /* NULL: this one is not sampled */
    size_t taken;
};

enum { LATENCY_BUCKETS = 14 };
extern const double latency_bounds[LATENCY_BUCKETS]; /* seconds */

enum service_error { SERVICE_REFUSED, SERVICE_BROKEN, SERVICE_TIMEOUT, SERVICE_GARBAGE, SERVICE_ERRORS };

struct proxy_counts {
    uint64_t requests[6]; /* by hundreds of the status; [0]: none was sent */
    uint64_t bad_requests;
    uint64_t errors[SERVICE_ERRORS];
    uint64_t latency[LATENCY_BUCKETS + 1];
    double latency_sum;
    uint64_t accepted, crowded_out, timed_out;
};

struct proxy {
    const struct proxy_options *options;
    struct recorder *recorder;
    int epoll;
    int listener; /* -1: no more */
    int signals;
    struct sockaddr_storage service;
    socklen_t service_size;
    struct connection *first; /* all, the newest first */
    size_t count;
    struct connection *over; /* freed when the events at hand are done */
    struct proxy_counts counts;
    uint64_t random;
    bool draining;
    int64_t now_ns; /* monotonic, as of the events at hand */
};

/* A connection for a client's socket, which it owns. */
void connection_open(struct proxy *proxy, int fd);
/* Goes on after news on one of the sides. */
void connection_event(struct side *side, unsigned events);
/* Goes on without news: `deadline_ns` is over, or the proxy drains. */
void connection_timeout(struct connection *connection);
void connection_drain(struct connection *connection);
void connection_close(struct connection *connection);
void connection_free(struct connection *connection);

/* stream.c: reads what is there, about up to a limit; writes what can be. False when the socket is broken. */
bool side_read(struct side *side, size_t limit);
bool side_write(struct side *side);
void stream_add(struct stream *stream, const char *bytes, size_t count);
void stream_take(struct stream *stream, size_t count);
void stream_free(struct stream *stream);
/* Tells epoll what is waited for. */
void side_watch(struct side *side, unsigned events);
void side_close(struct side *side);

/* answer.c: what the proxy says itself. */
void answer_error(struct connection *connection, int status, const char *why);
/* /-/ready and /-/metrics: false when the request is for the service. */
bool answer_local(struct connection *connection, const struct wire_head *head);

/* sampling.c: samples of exchanges. */
void sampling_begin(struct connection *connection, const struct wire_head *head);
void sampling_request(void *context, const char *bytes, size_t count);
void sampling_response_head(struct connection *connection, const struct wire_head *head);
void sampling_response(void *context, const char *bytes, size_t count);
void sampling_end(struct connection *connection, bool well);

#endif
