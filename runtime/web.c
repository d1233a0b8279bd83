#include "runtime/web.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct exchange {
    const struct web_request *request;
    struct web_response *response;
    enum http_outcome outcome;
    bool over;
};

static bool write_all(int file, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t wrote = write(file, bytes, count);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes += wrote;
        count -= (size_t)wrote;
    }
    return true;
}

static bool on_body(void *context, int status, const char *bytes, size_t count)
{
    struct exchange *exchange = context;
    struct web_response *response = exchange->response;
    response->status = status;
    if (exchange->request->no_body)
        return false;
    if (exchange->request->file >= 0 && status / 100 == 2) {
        response->broken_file = !write_all(exchange->request->file, bytes, count);
        return !response->broken_file;
    }
    response->too_large = count > exchange->request->limit - response->body.length;
    if (!response->too_large)
        buf_add(&response->body, bytes, count);
    return !response->too_large;
}

static void on_header(void *context, const char *line, size_t length)
{
    (void)context;
    (void)line;
    (void)length;
}

static void on_end(void *context, enum http_outcome outcome, int status, const char *why)
{
    struct exchange *exchange = context;
    exchange->outcome = outcome;
    if (status != 0)
        exchange->response->status = status;
    snprintf(exchange->response->why, sizeof exchange->response->why, "%s", why);
    exchange->over = true;
}

bool web_call(struct http *http, const struct web_request *request, struct web_response *response)
{
    *response = (struct web_response){0};
    struct exchange exchange = {request, response, HTTP_BROKEN, false};
    struct http_request real = {
        .method = request->method,
        .url = request->url,
        .headers = request->headers,
        .header_count = request->header_count,
        .body = request->body,
        .body_length = request->body_length,
        .timeout_ns = (request->seconds > 0 ? request->seconds : 60) * INT64_C(1000000000),
        .sink = {&exchange, on_header, on_body, on_end},
    };
    if (http->start(http->context, &real) == NULL) {
        snprintf(response->why, sizeof response->why, "the request could not be started");
        return false;
    }
    while (!exchange.over)
        http->poll(http->context, INT64_C(1000000000));
    bool stopped = exchange.outcome == HTTP_REFUSED && request->no_body;
    return exchange.outcome == HTTP_DONE || stopped;
}

static bool in_passing(bool answered, const struct web_response *response)
{
    if (!answered)
        return !response->too_large && !response->broken_file;
    return response->status == 429 || response->status >= 500;
}

bool web_call_patiently(struct http *http, const struct world *world, const struct web_request *request,
                        int tries, struct web_response *response)
{
    int64_t pause = INT64_C(200000000);
    for (int i = 1;; i++) {
        bool answered = web_call(http, request, response);
        if (!in_passing(answered, response) || i >= tries)
            return answered;
        if (request->file >= 0 &&
            (lseek(request->file, 0, SEEK_SET) != 0 || ftruncate(request->file, 0) != 0))
            return answered;
        web_response_free(response);
        world->sleep_ns(world->context, pause);
        pause *= 2;
    }
}

void web_response_free(struct web_response *response)
{
    buf_free(&response->body);
}

void web_add_encoded(struct buf *out, const char *text, bool keep_slashes)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool plain = (*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') ||
                     strchr("-._~", *at) != NULL || (*at == '/' && keep_slashes);
        if (plain)
            buf_add_char(out, (char)*at);
        else
            buf_printf(out, "%%%02X", *at);
    }
}
