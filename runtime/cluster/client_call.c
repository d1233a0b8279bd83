/* One exchange of a call: its headers, what comes back, lines of a watch. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "core/text.h"
#include "runtime/cluster/client_private.h"

static const size_t response_limit = (size_t)256 << 20;
static const size_t line_limit = (size_t)32 << 20;
static const size_t error_limit = (size_t)1 << 20;
static const int64_t second = 1000000000;

struct header_list {
    char **items;
    size_t count, capacity;
};

static void add_header(struct header_list *list, const char *name, const char *value)
{
    if (value == NULL || strpbrk(value, "\r\n") != NULL)
        return;
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? 2 * list->capacity : 16;
        list->items = mem_realloc(list->items, list->capacity * sizeof *list->items);
    }
    struct buf text = {0};
    buf_printf(&text, "%s: %s", name, value);
    list->items[list->count++] = buf_take(&text);
}

static void add_impersonation(struct header_list *list, const struct kubeconfig *config)
{
    add_header(list, "Impersonate-User", config->as);
    add_header(list, "Impersonate-Uid", config->as_uid);
    for (size_t i = 0; i < config->as_group_count; i++)
        add_header(list, "Impersonate-Group", config->as_groups[i]);
    for (size_t i = 0; i < config->as_extra_count; i++) {
        struct buf name = {0};
        buf_add_str(&name, "Impersonate-Extra-");
        client_encode(&name, config->as_extra[i].key);
        for (size_t j = 0; j < config->as_extra[i].count; j++)
            add_header(list, buf_str(&name), config->as_extra[i].values[j]);
        buf_free(&name);
    }
}

static void add_headers(struct header_list *list, const struct pending *pending)
{
    const struct client *client = pending->client;
    const struct call *call = &pending->call;
    const char *server = strstr(client->config->server, "://");
    add_header(list, "Accept", call->accept != NULL ? call->accept : "application/json");
    add_header(list, "User-Agent",
               client->options.user_agent != NULL ? client->options.user_agent : "mlc/" MLC_VERSION);
    add_header(list, "Authorization", credentials_authorization(client->credentials));
    add_header(list, "If-None-Match", call->if_none_match);
    if (call->body.length > 0)
        add_header(list, "Content-Type", call->content_type);
    if (client->config->tls_server_name != NULL && server != NULL) {
        char host[300];
        snprintf(host, sizeof host, "%.*s", (int)strcspn(server + 3, "/"), server + 3);
        add_header(list, "Host", host);
    }
    if (client->config->as != NULL)
        add_impersonation(list, client->config);
}

static bool header_is(const char *line, size_t length, const char *name, const char **value,
                      size_t *value_length)
{
    size_t n = strlen(name);
    if (length <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
        return false;
    const char *from = line + n + 1, *end = line + length;
    while (from < end && (*from == ' ' || *from == '\t'))
        from++;
    *value = from;
    *value_length = (size_t)(end - from);
    return true;
}

/* `299 - "text"` */
static void keep_warning(struct call *call, const char *value, size_t length)
{
    const char *from = memchr(value, '"', length);
    if (from == NULL || call->warning[0] != 0)
        return;
    size_t at = 0;
    for (from++; from < value + length && *from != '"' && at + 1 < sizeof call->warning; from++) {
        if (*from == '\\' && from + 1 < value + length)
            from++;
        call->warning[at++] = *from;
    }
    call->warning[at] = 0;
}

/* The other form of Retry-After: "Wed, 21 Oct 2015 07:28:00 GMT" (RFC 9110, 10.2.3). */
static bool seconds_until(const struct client *client, const char *value, size_t length, int64_t *out)
{
    char text[40];
    struct tm tm = {0};
    if (length >= sizeof text)
        return false;
    memcpy(text, value, length);
    text[length] = 0;
    const char *rest = strptime(text, "%a, %d %b %Y %H:%M:%S", &tm);
    if (rest == NULL || strcmp(rest, " GMT") != 0)
        return false;
    *out = (int64_t)timegm(&tm) - client->world->wall_ns(client->world->context) / second;
    return true;
}

static void on_header(void *context, const char *line, size_t length)
{
    struct pending *pending = context;
    const char *value;
    size_t n;
    int64_t seconds;
    if (length > 5 && memcmp(line, "HTTP/", 5) == 0) { /* a new answer: forget an interim one */
        pending->retry_after_ns = -1;
        pending->json = false;
    } else if (header_is(line, length, "retry-after", &value, &n)) {
        if (text_to_int(value, n, &seconds) || seconds_until(pending->client, value, n, &seconds))
            pending->retry_after_ns = (seconds > 120 ? 120 : seconds < 0 ? 0 : seconds) * second;
    } else if (header_is(line, length, "etag", &value, &n)) {
        snprintf(pending->call.etag, sizeof pending->call.etag, "%.*s", (int)n, value);
    } else if (header_is(line, length, "warning", &value, &n)) {
        keep_warning(&pending->call, value, n);
    } else if (header_is(line, length, "content-type", &value, &n)) {
        pending->json = n >= 16 && strncasecmp(value, "application/json", 16) == 0;
    }
}

static bool give_lines(struct pending *pending, const char *bytes, size_t count)
{
    const char *end = bytes + count;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        if (newline == NULL) {
            buf_add(&pending->partial, bytes, (size_t)(end - bytes));
            return pending->partial.length <= line_limit;
        }
        const char *line = bytes;
        size_t length = (size_t)(newline - bytes);
        if (pending->partial.length > 0) {
            buf_add(&pending->partial, bytes, length);
            line = pending->partial.data;
            length = pending->partial.length;
        }
        pending->delivered = true;
        bool go_on = length == 0 || pending->call.line(&pending->call, line, length, pending->call.context);
        buf_clear(&pending->partial);
        if (!go_on) {
            pending->stopped = true;
            return false;
        }
        bytes = newline + 1;
    }
    return true;
}

static bool on_body(void *context, int status, const char *bytes, size_t count)
{
    struct pending *pending = context;
    if (pending->cancelled)
        return false;
    if (pending->call.line != NULL && status < 300)
        return give_lines(pending, bytes, count);
    size_t limit = status < 300 ? response_limit : error_limit;
    if (pending->call.response.length + count > limit)
        return false;
    buf_add(&pending->call.response, bytes, count);
    return true;
}

/* A body that was cut off where nothing but its own shape can tell: JSON ends with its bracket. */
static bool is_cut_off(const struct pending *pending)
{
    const struct buf *body = &pending->call.response;
    if (!pending->json || pending->call.line != NULL || pending->call.status >= 300)
        return false;
    size_t length = body->length;
    while (length > 0 && isspace((unsigned char)body->data[length - 1]))
        length--;
    return length == 0 || (body->data[length - 1] != '}' && body->data[length - 1] != ']');
}

static void on_end(void *context, enum http_outcome outcome, int status, const char *why)
{
    struct pending *pending = context;
    struct call *call = &pending->call;
    struct client *client = pending->client;
    pending->exchange = NULL;
    call->outcome = pending->stopped ? HTTP_DONE : outcome;
    call->status = status;
    snprintf(call->why, sizeof call->why, "%s", why != NULL ? why : "");
    if (outcome == HTTP_DONE && is_cut_off(pending)) {
        call->outcome = HTTP_BROKEN;
        snprintf(call->why, sizeof call->why, "the answer was cut off after %zu bytes",
                 call->response.length);
    }
    if (outcome == HTTP_REFUSED && !pending->stopped && !pending->cancelled)
        snprintf(call->why, sizeof call->why, "the answer is larger than %zu MiB", response_limit >> 20);
    bool ends = pending->cancelled || (client->interrupted && !call->urgent);
    int64_t delay = ends ? -1 : retry_delay(pending);
    if (delay < 0) {
        pending_complete(pending);
        return;
    }
    buf_clear(&call->response);
    buf_clear(&pending->partial);
    call->warning[0] = 0;
    pending->due = client_now(client) + delay;
    pending->state = PENDING_WAITING;
    pending_move(pending, &client->flying, &client->waiting);
}

static bool refresh_credential(struct pending *pending)
{
    struct client *client = pending->client;
    struct buf why = {0};
    bool changed = false;
    bool ok = credentials_refresh(client->credentials, false, &changed, &why);
    client->reopen = client->reopen || changed;
    if (!ok) {
        pending->call.outcome = HTTP_NOT_SENT;
        snprintf(pending->call.why, sizeof pending->call.why, "%s", buf_str(&why));
        pending_complete(pending);
    }
    buf_free(&why);
    return ok && !client->reopen;
}

void pending_start(struct pending *pending)
{
    struct client *client = pending->client;
    struct call *call = &pending->call;
    if (!refresh_credential(pending))
        return;
    struct header_list headers = {0};
    add_headers(&headers, pending);
    pending->generation = credentials_generation(client->credentials);
    struct buf url = {0};
    buf_printf(&url, "%s%s", client->config->server, call->path);
    struct http_request request = {
        .method = call->method,
        .url = buf_str(&url),
        .headers = (const char *const *)headers.items,
        .header_count = headers.count,
        .body = call->body.length > 0 ? call->body.data : NULL,
        .body_length = call->body.length,
        .timeout_ns = call->line != NULL ? 0 : client->options.request_timeout_ns,
        .stall_ns = call->line != NULL ? 120 * second : 30 * second,
        .fresh = pending->fresh,
        .sink = {pending, on_header, on_body, on_end},
    };
    pending->state = PENDING_FLYING;
    pending_move(pending, &client->ready, &client->flying);
    pending->retry_after_ns = -1;
    call->attempts++;
    struct http_exchange *exchange = client->http.start(client->http.context, &request);
    for (size_t i = 0; i < headers.count; i++)
        free(headers.items[i]);
    free(headers.items);
    buf_free(&url);
    if (exchange == NULL) {
        on_end(pending, HTTP_NOT_SENT, 0, "the request could not be started");
        return;
    }
    pending->exchange = exchange;
}

void client_encode(struct buf *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++)
        if (isalnum(*c) || strchr("-._~", *c) != NULL)
            buf_add_char(out, (char)*c);
        else
            buf_printf(out, "%%%02X", *c);
}
