#ifndef MLC_TESTS_FUZZ_SERVER_H
#define MLC_TESTS_FUZZ_SERVER_H

/* An API server whose answers are the parts of a fuzz target's input: each request is given the next part,
 * from the first again after the last; a watch is streamed in pieces. A part may begin with its status ("404
 * {…}"). Time passes only while somebody waits for an answer. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/world.h"
#include "runtime/cluster/client.h"
#include "tests/fuzz/json_mutate.h"

enum { PARTS_MAX = 16, QUEUE_MAX = 64 };

struct http_exchange {
    struct http_sink sink;
    const char *body;
    size_t length;
    int status;
};

struct fuzz_server {
    const char *parts[PARTS_MAX];
    size_t lengths[PARTS_MAX], part_count, next, piece;
    int64_t now;
    struct http_exchange *queue[QUEUE_MAX];
    size_t count;
};

static inline void fuzz_server_split(struct fuzz_server *server, const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end = at + size;
    while (server->part_count < PARTS_MAX) {
        const char *stop = memchr(at, PART, (size_t)(end - at));
        stop = stop == NULL || server->part_count == PARTS_MAX - 1 ? end : stop;
        server->parts[server->part_count] = at;
        server->lengths[server->part_count++] = (size_t)(stop - at);
        if (stop == end)
            return;
        at = stop + 1;
    }
}

static inline struct http_exchange *fuzz_server_start(void *context, const struct http_request *request)
{
    struct fuzz_server *server = context;
    if (server->count == QUEUE_MAX)
        return NULL;
    struct http_exchange *exchange = calloc(1, sizeof *exchange);
    size_t part = server->next++ % server->part_count;
    *exchange = (struct http_exchange){request->sink, server->parts[part], server->lengths[part], 200};
    if (exchange->length > 3 && exchange->body[3] == ' ' && strspn(exchange->body, "0123456789") == 3) {
        exchange->status =
            (exchange->body[0] - '0') * 100 + (exchange->body[1] - '0') * 10 + (exchange->body[2] - '0');
        exchange->body += 4;
        exchange->length -= 4;
    }
    server->queue[server->count++] = exchange;
    return exchange;
}

static inline void fuzz_server_answer(struct fuzz_server *server, struct http_exchange *exchange)
{
    static const char etag[] = "ETag: \"1\"";
    struct http_exchange it = *exchange;
    bool go_on = true;
    free(exchange);
    if (it.sink.header != NULL)
        it.sink.header(it.sink.context, etag, sizeof etag - 1);
    for (size_t at = 0; go_on && at < it.length; at += server->piece) {
        size_t left = it.length - at;
        go_on = it.sink.body(it.sink.context, it.status, it.body + at,
                             left < server->piece ? left : server->piece);
    }
    it.sink.end(it.sink.context, go_on ? HTTP_DONE : HTTP_REFUSED, it.status, "");
}

static inline void fuzz_server_poll(void *context, int64_t timeout)
{
    struct fuzz_server *server = context;
    server->now += timeout > 1000000 ? timeout : 1000000;
    if (server->count == 0)
        return;
    struct http_exchange *first = server->queue[0];
    memmove(server->queue, server->queue + 1, --server->count * sizeof *server->queue);
    fuzz_server_answer(server, first);
}

static inline void fuzz_server_cancel(void *context, struct http_exchange *exchange)
{
    struct fuzz_server *server = context;
    for (size_t i = 0; i < server->count; i++)
        if (server->queue[i] == exchange) {
            server->count--;
            memmove(server->queue + i, server->queue + i + 1, (server->count - i) * sizeof *server->queue);
            free(exchange);
            return;
        }
}

static inline void fuzz_server_close(void *context)
{
    (void)context;
}

static inline int64_t fuzz_server_now(void *context)
{
    return ((struct fuzz_server *)context)->now;
}

static inline void fuzz_server_sleep(void *context, int64_t duration)
{
    ((struct fuzz_server *)context)->now += duration;
}

static inline void fuzz_server_chance(void *context, void *bytes, size_t count)
{
    (void)context;
    memset(bytes, 0, count);
}

static inline struct world fuzz_server_world(struct fuzz_server *server)
{
    return (struct world){server, fuzz_server_now, fuzz_server_now, fuzz_server_sleep, fuzz_server_chance};
}

static inline struct http fuzz_server_http(struct fuzz_server *server)
{
    return (struct http){server, fuzz_server_start, fuzz_server_poll, fuzz_server_cancel, fuzz_server_close};
}

#endif
