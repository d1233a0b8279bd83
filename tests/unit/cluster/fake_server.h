#ifndef MLC_TESTS_UNIT_CLUSTER_FAKE_SERVER_H
#define MLC_TESTS_UNIT_CLUSTER_FAKE_SERVER_H

/* An API server in memory for tests: the table of http.h, which answers by a script and notes what it was
 * asked, and a clock that moves only when somebody sleeps. Each row answers `times` requests (0: any number)
 * whose method and path begin as it says; the first row that fits and is not used up answers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/world.h"
#include "runtime/cluster/client.h"

struct fake_row {
    const char *method, *path; /* prefix of what follows the host */
    int status;
    const char *body;
    enum http_outcome outcome;
    const char *header; /* one more header line; NULL: none */
    unsigned times;
    unsigned used;
};

enum { FAKE_LOG = 4096 };

struct fake_server {
    struct fake_row *rows;
    size_t row_count;
    struct http_exchange *waiting;
    char *log[FAKE_LOG]; /* "PATCH /api/… BODY" */
    size_t log_count;
    int64_t now;
    struct world world;
    struct http http;
    struct kubeconfig config;
    struct arena *arena;
    struct diag_sink *diags;
    struct reporter reporter;
};

struct http_exchange {
    struct fake_row *row;
    struct http_sink sink;
    struct http_exchange *next;
};

static struct fake_row *fake_find(struct fake_server *server, const char *method, const char *path)
{
    for (size_t i = 0; i < server->row_count; i++) {
        struct fake_row *row = &server->rows[i];
        if (strcmp(row->method, method) == 0 && strncmp(row->path, path, strlen(row->path)) == 0 &&
            (row->times == 0 || row->used < row->times))
            return row;
    }
    return NULL;
}

static struct http_exchange *fake_start(void *context, const struct http_request *request)
{
    struct fake_server *server = context;
    const char *path = strstr(request->url, "://");
    path = strchr(path + 3, '/');
    struct fake_row *row = fake_find(server, request->method, path);
    if (row == NULL)
        fail_msg("unexpected request: %s %s", request->method, path);
    row->used++;
    if (server->log_count < FAKE_LOG) {
        size_t size = strlen(request->method) + strlen(path) + request->body_length + 3;
        char *line = malloc(size);
        snprintf(line, size, "%s %s %.*s", request->method, path, (int)request->body_length,
                 request->body != NULL ? request->body : "");
        server->log[server->log_count++] = line;
    }
    struct http_exchange *exchange = calloc(1, sizeof *exchange);
    exchange->row = row;
    exchange->sink = request->sink;
    struct http_exchange **last = &server->waiting;
    while (*last != NULL)
        last = &(*last)->next;
    *last = exchange;
    return exchange;
}

static void fake_answer(struct http_exchange *exchange)
{
    const struct fake_row *row = exchange->row;
    struct http_sink sink = exchange->sink;
    static const char json[] = "content-type: application/json";
    enum http_outcome outcome = row->outcome;
    if (row->status != 0) {
        sink.header(sink.context, json, sizeof json - 1);
        if (row->header != NULL)
            sink.header(sink.context, row->header, strlen(row->header));
        if (row->body != NULL && !sink.body(sink.context, row->status, row->body, strlen(row->body)))
            outcome = HTTP_REFUSED;
    }
    free(exchange);
    sink.end(sink.context, outcome, row->status, outcome == HTTP_DONE ? "" : "scripted failure");
}

static void fake_poll(void *context, int64_t timeout_ns)
{
    struct fake_server *server = context;
    struct http_exchange *exchange = server->waiting;
    if (exchange == NULL) {
        server->now += timeout_ns;
        return;
    }
    server->waiting = exchange->next;
    fake_answer(exchange);
}

static void fake_cancel(void *context, struct http_exchange *exchange)
{
    struct fake_server *server = context;
    struct http_exchange **link = &server->waiting;
    while (*link != NULL && *link != exchange)
        link = &(*link)->next;
    if (*link != NULL)
        *link = exchange->next;
    free(exchange);
}

static void fake_close(void *context)
{
    (void)context;
}

static int64_t fake_monotonic(void *context)
{
    return ((struct fake_server *)context)->now;
}

static int64_t fake_wall(void *context)
{
    return ((struct fake_server *)context)->now + (int64_t)1800000000 * 1000000000;
}

static void fake_sleep(void *context, int64_t duration)
{
    ((struct fake_server *)context)->now += duration;
}

static void fake_random(void *context, void *bytes, size_t count)
{
    (void)context;
    memset(bytes, 0, count);
}

/* With the client's budget for repeating a call. */
static inline struct client *fake_open_for(struct fake_server *server, struct fake_row *rows,
                                           size_t row_count, int64_t budget_ns)
{
    memset(server, 0, sizeof *server);
    server->rows = rows;
    server->row_count = row_count;
    server->now = 1000000000;
    server->world = (struct world){server, fake_wall, fake_monotonic, fake_sleep, fake_random};
    server->http = (struct http){server, fake_start, fake_poll, fake_cancel, fake_close};
    server->config.server = "https://fake";
    server->config.context = server->config.cluster = server->config.user = "fake";
    server->config.namespace = "default";
    server->arena = arena_new();
    server->diags = diag_sink_new(server->arena, 0);
    server->reporter = (struct reporter){server->diags, NULL, source_set_new(server->arena)};
    struct client_options options = {
        .world = &server->world, .http = &server->http, .retry_budget_ns = budget_ns};
    struct client *client = client_open(&server->config, &options, &server->reporter);
    assert_non_null(client);
    return client;
}

static inline struct client *fake_open(struct fake_server *server, struct fake_row *rows, size_t row_count)
{
    return fake_open_for(server, rows, row_count, 0);
}

static inline void fake_end(struct fake_server *server, struct client *client)
{
    client_close(client);
    for (size_t i = 0; i < server->log_count; i++)
        free(server->log[i]);
    arena_free(server->arena);
}

/* Requests so far whose line begins like this. */
static inline size_t fake_count(const struct fake_server *server, const char *prefix)
{
    size_t count = 0;
    for (size_t i = 0; i < server->log_count; i++)
        count += strncmp(server->log[i], prefix, strlen(prefix)) == 0;
    return count;
}

#endif
