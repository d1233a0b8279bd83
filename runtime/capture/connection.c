/* A client's connection from its first byte to its last: a machine of phases that is taken on by news. */

#include "runtime/capture/connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "core/arena.h"

enum { CLOCK_IDLE, CLOCK_HEAD, CLOCK_WORK, CLOCK_LINGER, CLOCK_NONE };
/* After the last answer: so long in silence, and so long at most while the client goes on sending. */
enum { LINGER_SILENCE_SECONDS = 5, LINGER_SECONDS = 30 };

/* How much may come in: a head must fit whole. */
static size_t limit_of(const struct side *side)
{
    const struct connection *connection = side->connection;
    bool head = side == &connection->client ? connection->phase == PHASE_HEAD
                                            : connection->phase == PHASE_EXCHANGE && !connection->answered;
    return head ? WIRE_HEAD_LIMIT : STREAM_LIMIT;
}

/* --- life --- */

void connection_open(struct proxy *proxy, int fd)
{
    struct connection *connection = mem_calloc(1, sizeof *connection);
    connection->proxy = proxy;
    connection->client = (struct side){.connection = connection, .fd = fd};
    connection->service = (struct side){.connection = connection, .fd = -1};
    connection->clock = CLOCK_NONE;
    connection->next = proxy->first;
    if (proxy->first != NULL)
        proxy->first->previous = connection;
    proxy->first = connection;
    proxy->count++;
    proxy->counts.accepted++;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connection_event(&connection->client, EPOLLIN);
}

void connection_close(struct connection *connection)
{
    struct proxy *proxy = connection->proxy;
    if (connection->phase == PHASE_OVER)
        return;
    sampling_end(connection, false);
    side_close(&connection->client);
    side_close(&connection->service);
    buf_free(&connection->head);
    connection->phase = PHASE_OVER;
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        proxy->first = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    proxy->count--;
    connection->next = proxy->over;
    proxy->over = connection;
}

void connection_free(struct connection *connection)
{
    free(connection);
}

/* --- the service's side --- */

static bool service_connect(struct connection *connection)
{
    struct proxy *proxy = connection->proxy;
    struct side *service = &connection->service;
    int one = 1;
    service->fd = socket(proxy->service.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (service->fd < 0)
        return false;
    setsockopt(service->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    service->connecting = true;
    connection->reused = false;
    if (connect(service->fd, (struct sockaddr *)&proxy->service, proxy->service_size) == 0 ||
        errno == EINPROGRESS)
        return true;
    side_close(service);
    return false;
}

static void service_failed(struct connection *connection, enum service_error error)
{
    static const char *const texts[SERVICE_ERRORS] = {
        "the service does not take connections", "the service closed the connection before its answer",
        "the service did not answer in time", "the service's answer is not HTTP/1.1"};
    side_close(&connection->service);
    /* A connection that the service closed while idle, just as the request came: a new one, once. */
    if (connection->reused && !connection->heard && connection->may_repeat && error == SERVICE_BROKEN &&
        service_connect(connection)) {
        stream_add(&connection->service.out, connection->head.data, connection->head.length);
        return;
    }
    connection->proxy->counts.errors[error]++;
    sampling_end(connection, false);
    if (connection->answered)
        connection->phase = PHASE_CLOSING; /* cut short: the client sees that it is not whole */
    else
        answer_error(connection, error == SERVICE_TIMEOUT ? 504 : 502, texts[error]);
}

/* --- requests --- */

static bool happens_once(const struct wire_head *head)
{
    return head->framing == WIRE_NO_BODY &&
           (wire_equals(head->method, "GET") || wire_equals(head->method, "HEAD") ||
            wire_equals(head->method, "OPTIONS"));
}

static void begin_exchange(struct connection *connection, const struct wire_head *head)
{
    struct proxy *proxy = connection->proxy;
    connection->phase = PHASE_EXCHANGE;
    connection->old = head->minor == 0;
    connection->may_repeat = happens_once(head);
    connection->upgrade = head->upgrade;
    connection->answered = connection->heard = false;
    connection->started_ns = proxy->now_ns;
    connection->started_wall_ns = proxy->options->world->wall_ns(proxy->options->world->context);
    buf_clear(&connection->head);
    wire_write_head(&connection->head, head,
                    head->upgrade                         ? "upgrade"
                    : connection->old && connection->keep ? "keep-alive"
                                                          : NULL);
    wire_body_begin(&connection->request, head);
    sampling_begin(connection, head);
    connection->reused = connection->service.fd >= 0;
    if (connection->service.fd < 0 && !service_connect(connection)) {
        service_failed(connection, SERVICE_REFUSED);
        return;
    }
    stream_add(&connection->service.out, connection->head.data, connection->head.length);
}

/* Between requests the service has nothing to say: what it says then is the end. */
static void check_idle_service(struct connection *connection)
{
    struct side *service = &connection->service;
    if (service->fd >= 0 && (service->ended || stream_size(&service->in) > 0))
        side_close(service);
}

static bool step_head(struct connection *connection)
{
    struct side *client = &connection->client;
    struct wire_head head;
    check_idle_service(connection);
    if (stream_size(&client->out) >= STREAM_LIMIT)
        return false;
    size_t size = stream_size(&client->in);
    enum wire_result result =
        size > 0 ? wire_read_request(client->in.data + client->in.start, size, &head) : WIRE_MORE;
    if (result == WIRE_MORE) {
        if (client->ended)
            connection->phase = PHASE_CLOSING;
        return client->ended;
    }
    connection->to_head = result == WIRE_READ && wire_equals(head.method, "HEAD");
    if (result == WIRE_BAD) {
        connection->proxy->counts.bad_requests++;
        answer_error(connection, head.refusal, head.why);
        return true;
    }
    connection->keep = head.keep_alive;
    if (wire_equals(head.method, "CONNECT"))
        answer_error(connection, 405, "CONNECT is for forward proxies");
    else if (!answer_local(connection, &head))
        begin_exchange(connection, &head);
    stream_take(&client->in, head.size);
    return true;
}

static bool step_request(struct connection *connection)
{
    struct side *client = &connection->client, *service = &connection->service;
    if (wire_body_is_over(&connection->request))
        return false;
    size_t size = stream_size(&client->in), waiting = stream_size(&service->out);
    size_t room = waiting < STREAM_LIMIT ? STREAM_LIMIT - waiting : 0;
    if (size == 0 && client->ended) {
        connection_close(connection); /* it went away within its request */
        return false;
    }
    const char *bytes = client->in.data + client->in.start;
    struct wire_sink sink = {connection, sampling_request};
    size_t moved =
        size > 0 ? wire_body_follow(&connection->request, bytes, size < room ? size : room, &sink) : 0;
    if (moved > 0 && !service->shut)
        stream_add(&service->out, bytes, moved);
    if (moved > 0)
        stream_take(&client->in, moved);
    if (connection->request.bad) {
        connection->proxy->counts.bad_requests++;
        side_close(service);
        sampling_end(connection, false);
        if (connection->answered)
            connection->phase = PHASE_CLOSING;
        else
            answer_error(connection, 400, "the chunks of the request's body are malformed");
        return true;
    }
    return moved > 0;
}

/* --- answers --- */

static void count_answer(struct connection *connection)
{
    struct proxy_counts *counts = &connection->proxy->counts;
    double seconds = (double)(connection->proxy->now_ns - connection->started_ns) / 1e9;
    int bucket = 0;
    while (bucket < LATENCY_BUCKETS && seconds > latency_bounds[bucket])
        bucket++;
    counts->latency[bucket]++;
    counts->latency_sum += seconds;
    counts->requests[connection->status / 100 < 6 ? connection->status / 100 : 0]++;
}

static void end_exchange(struct connection *connection)
{
    struct side *service = &connection->service;
    bool whole = wire_body_is_over(&connection->request);
    count_answer(connection);
    sampling_end(connection, whole);
    if (!connection->service_keeps || service->ended || service->shut || !whole)
        side_close(service);
    connection->phase = whole && connection->keep ? PHASE_HEAD : PHASE_CLOSING;
    buf_free(&connection->head);
}

static void pass_head(struct connection *connection, const struct wire_head *head, const char *word)
{
    struct buf out = {0};
    wire_write_head(&out, head, word);
    stream_add(&connection->client.out, out.data, out.length);
    buf_free(&out);
}

static void begin_answer(struct connection *connection, const struct wire_head *head)
{
    connection->status = head->status;
    if (head->status == 101 && connection->upgrade && head->upgrade) {
        pass_head(connection, head, "upgrade");
        connection->phase = PHASE_TUNNEL;
        count_answer(connection);
        return;
    }
    if (head->status < 200) {
        if (!connection->old)
            pass_head(connection, head, NULL);
        return;
    }
    bool until_end = head->framing == WIRE_UNTIL_END;
    connection->keep = connection->keep && !until_end && !connection->proxy->draining;
    connection->service_keeps = head->keep_alive && !until_end;
    pass_head(connection, head, !connection->keep ? "close" : connection->old ? "keep-alive" : NULL);
    wire_body_begin(&connection->response, head);
    sampling_response_head(connection, head);
    connection->answered = true;
}

static bool step_answer_head(struct connection *connection)
{
    struct side *service = &connection->service;
    struct wire_head head;
    size_t size = stream_size(&service->in);
    if (size == 0 && !service->ended)
        return false;
    connection->heard = connection->heard || size > 0;
    enum wire_result result =
        size > 0 ? wire_read_response(service->in.data + service->in.start, size, connection->to_head, &head)
                 : WIRE_MORE;
    if (result == WIRE_MORE && !service->ended)
        return false;
    if (result == WIRE_MORE) {
        service_failed(connection, SERVICE_BROKEN);
        return true;
    }
    if (result == WIRE_BAD || (head.status == 101 && !(connection->upgrade && head.upgrade))) {
        service_failed(connection, SERVICE_GARBAGE);
        return true;
    }
    begin_answer(connection, &head);
    stream_take(&service->in, head.size);
    return true;
}

static bool step_answer(struct connection *connection)
{
    struct side *client = &connection->client, *service = &connection->service;
    if (!connection->answered)
        return step_answer_head(connection);
    size_t size = stream_size(&service->in), waiting = stream_size(&client->out);
    size_t room = waiting < STREAM_LIMIT ? STREAM_LIMIT - waiting : 0;
    const char *bytes = service->in.data + service->in.start;
    struct wire_sink sink = {connection, sampling_response};
    size_t moved =
        size > 0 ? wire_body_follow(&connection->response, bytes, size < room ? size : room, &sink) : 0;
    if (moved > 0) {
        stream_add(&client->out, bytes, moved);
        stream_take(&service->in, moved);
    }
    bool ended = service->ended && stream_size(&service->in) == 0;
    if (wire_body_is_over(&connection->response) ||
        (ended && connection->response.framing == WIRE_UNTIL_END)) {
        end_exchange(connection);
        return true;
    }
    if (connection->response.bad || ended) {
        service_failed(connection, connection->response.bad ? SERVICE_GARBAGE : SERVICE_BROKEN);
        return true;
    }
    return moved > 0;
}

/* --- tunnels --- */

static bool tunnel_way(struct side *from, struct side *to)
{
    size_t size = stream_size(&from->in), waiting = stream_size(&to->out);
    size_t room = waiting < STREAM_LIMIT ? STREAM_LIMIT - waiting : 0, moved = size < room ? size : room;
    if (moved > 0) {
        stream_add(&to->out, from->in.data + from->in.start, moved);
        stream_take(&from->in, moved);
    } else if (from->ended && size == 0 && waiting == 0 && !to->shut) {
        shutdown(to->fd, SHUT_WR);
        to->shut = true;
    }
    return moved > 0;
}

static bool step_tunnel(struct connection *connection)
{
    struct side *client = &connection->client, *service = &connection->service;
    bool moved = tunnel_way(client, service);
    moved = tunnel_way(service, client) || moved;
    if (client->shut && service->shut)
        connection_close(connection);
    return moved;
}

/* --- the end --- */

static bool step_closing(struct connection *connection)
{
    struct side *client = &connection->client;
    side_close(&connection->service);
    if (stream_size(&client->out) > 0)
        return false;
    shutdown(client->fd, SHUT_WR);
    client->shut = true;
    connection->phase = PHASE_LINGER;
    return true;
}

/* Closing with unread bytes would reset the connection, and the client might lose the answer. */
static bool step_linger(struct connection *connection)
{
    struct side *client = &connection->client;
    bool moved = stream_size(&client->in) > 0;
    stream_free(&client->in);
    if (client->ended)
        connection_close(connection);
    return moved && side_read(client, limit_of(client));
}

static bool step(struct connection *connection)
{
    switch (connection->phase) {
    case PHASE_HEAD:
        return step_head(connection);
    case PHASE_EXCHANGE: {
        bool moved = step_request(connection);
        if (connection->phase == PHASE_EXCHANGE)
            moved = step_answer(connection) || moved;
        return moved;
    }
    case PHASE_TUNNEL:
        return step_tunnel(connection);
    case PHASE_CLOSING:
        return step_closing(connection);
    case PHASE_LINGER:
        return step_linger(connection);
    case PHASE_OVER:
        break;
    }
    return false;
}

static void flush(struct connection *connection)
{
    struct side *client = &connection->client, *service = &connection->service;
    if (!side_write(client)) {
        connection_close(connection);
        return;
    }
    if (service->fd >= 0 && !service->connecting && !side_write(service)) {
        /* It takes no more, and may have answered why. */
        stream_free(&service->out);
        service->shut = true;
        if (connection->phase == PHASE_TUNNEL)
            connection_close(connection);
    }
}

static void set_clock(struct connection *connection)
{
    const struct proxy_options *options = connection->proxy->options;
    int clock = CLOCK_WORK, seconds = options->timeout_seconds;
    if (connection->phase == PHASE_LINGER) {
        if (connection->clock != CLOCK_LINGER)
            connection->linger_end_ns = connection->proxy->now_ns + LINGER_SECONDS * INT64_C(1000000000);
        clock = CLOCK_LINGER;
        seconds = LINGER_SILENCE_SECONDS;
    } else if (connection->phase == PHASE_HEAD) {
        bool begun = stream_size(&connection->client.in) > 0;
        clock = begun ? CLOCK_HEAD : CLOCK_IDLE;
        seconds = begun ? options->head_seconds : options->idle_seconds;
    } else if (connection->phase == PHASE_TUNNEL) {
        seconds = options->idle_seconds;
    }
    if (clock == CLOCK_WORK || clock == CLOCK_LINGER || clock != connection->clock)
        connection->deadline_ns = connection->proxy->now_ns + seconds * INT64_C(1000000000);
    if (clock == CLOCK_LINGER && connection->deadline_ns > connection->linger_end_ns)
        connection->deadline_ns = connection->linger_end_ns;
    connection->clock = clock;
}

static void watch(struct connection *connection)
{
    struct side *client = &connection->client, *service = &connection->service;
    bool reads = connection->phase != PHASE_CLOSING;
    unsigned events = 0;
    if (reads && !client->ended && stream_size(&client->in) < limit_of(client))
        events |= EPOLLIN;
    if (stream_size(&client->out) > 0)
        events |= EPOLLOUT;
    side_watch(client, events);
    events = 0;
    if (!service->connecting && !service->ended && stream_size(&service->in) < limit_of(service))
        events |= EPOLLIN;
    if (service->connecting || stream_size(&service->out) > 0)
        events |= EPOLLOUT;
    side_watch(service, events);
}

static size_t waiting(const struct connection *connection)
{
    return stream_size(&connection->client.out) + stream_size(&connection->service.out);
}

/* Until nothing moves and nothing goes out: what was sent makes room for what came in before, and no news
 * would tell of it. */
static void advance(struct connection *connection)
{
    bool moved = true;
    while (moved && connection->phase != PHASE_OVER) {
        moved = step(connection);
        size_t before = waiting(connection);
        if (connection->phase != PHASE_OVER)
            flush(connection);
        moved = moved || waiting(connection) < before;
    }
    if (connection->phase == PHASE_OVER)
        return;
    set_clock(connection);
    watch(connection);
}

/* --- news --- */

static bool has_connected(struct side *service)
{
    int code = 0;
    socklen_t size = sizeof code;
    service->connecting = false;
    return getsockopt(service->fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == 0;
}

/* Servers that send head and body apart wait for the head's acknowledgement, which the kernel likes to delay
 * by 40 ms. */
static bool read_at_once(struct side *side)
{
    int one = 1;
    bool good = side_read(side, limit_of(side));
    if (side == &side->connection->service)
        setsockopt(side->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
    return good;
}

void connection_event(struct side *side, unsigned events)
{
    struct connection *connection = side->connection;
    if (connection->phase == PHASE_OVER || side->fd < 0)
        return;
    if (side->connecting) {
        if (!has_connected(side))
            service_failed(connection, SERVICE_REFUSED);
    } else if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !read_at_once(side)) {
        if (side == &connection->client) {
            connection_close(connection);
            return;
        }
        side->ended = side->shut = true; /* reset: what came before still counts */
    }
    advance(connection);
}

void connection_timeout(struct connection *connection)
{
    bool begun = stream_size(&connection->client.in) > 0;
    if (connection->clock != CLOCK_LINGER && connection->clock != CLOCK_IDLE)
        connection->proxy->counts.timed_out++;
    if (connection->phase == PHASE_HEAD && begun)
        answer_error(connection, 408, "the request's head did not come in time");
    else if (connection->phase == PHASE_EXCHANGE && !connection->answered) {
        bool whole = wire_body_is_over(&connection->request);
        connection->reused = false;
        if (whole) {
            service_failed(connection, SERVICE_TIMEOUT);
        } else {
            sampling_end(connection, false);
            answer_error(connection, 408, "the request's body did not come in time");
        }
    } else {
        connection_close(connection);
        return;
    }
    advance(connection);
}

void connection_drain(struct connection *connection)
{
    if (connection->phase == PHASE_HEAD && stream_size(&connection->client.in) == 0)
        connection->phase = PHASE_CLOSING;
    advance(connection);
}
