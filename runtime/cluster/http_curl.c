/* The real table of http.h: libcurl's multi interface, one connection with many streams where the server
 * speaks HTTP/2. */
#include "runtime/cluster/http.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/arena.h"
#include "runtime/cluster/curl_library.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

enum { CONNECT_TIMEOUT_MS = 15000, MAX_CONNECTIONS = 24, IDLE_HANDLES = 128 };

struct curl_http {
    struct curl_library curl;
    CURLM *multi;
    struct arena *arena; /* of the connection's strings */
    struct http_connection connection;
    struct curl_slist *connect_list;
    CURL *idle[IDLE_HANDLES];
    size_t idle_count;
    struct http_exchange *running; /* a list */
};

struct http_exchange {
    struct curl_http *http;
    CURL *easy;
    struct curl_slist *headers;
    struct http_sink sink;
    bool refused;
    char error[CURL_ERROR_SIZE];
    struct http_exchange *next, **link;
};

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct http_exchange *exchange = context;
    size_t length = size * count;
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
        length--;
    if (length > 0 && exchange->sink.header != NULL)
        exchange->sink.header(exchange->sink.context, bytes, length);
    return size * count;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_exchange *exchange = context;
    long status = 0;
    exchange->http->curl.easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    if (exchange->sink.body == NULL || size * count == 0)
        return size * count;
    if (exchange->sink.body(exchange->sink.context, (int)status, bytes, size * count))
        return size * count;
    exchange->refused = true;
    return 0;
}

static CURL *take_handle(struct curl_http *http)
{
    return http->idle_count > 0 ? http->idle[--http->idle_count] : http->curl.easy_init();
}

static void give_handle(struct curl_http *http, CURL *easy)
{
    if (http->idle_count == IDLE_HANDLES) {
        http->curl.easy_cleanup(easy);
        return;
    }
    http->curl.easy_reset(easy);
    http->idle[http->idle_count++] = easy;
}

static void release(struct http_exchange *exchange)
{
    struct curl_http *http = exchange->http;
    *exchange->link = exchange->next;
    if (exchange->next != NULL)
        exchange->next->link = exchange->link;
    http->curl.multi_remove_handle(http->multi, exchange->easy);
    give_handle(http, exchange->easy);
    http->curl.slist_free_all(exchange->headers);
    free(exchange);
}

static void set_blob(struct curl_http *http, CURL *easy, CURLoption option, const char *pem)
{
    if (pem == NULL)
        return;
    struct curl_blob blob = {.data = (void *)(uintptr_t)pem, .len = strlen(pem), .flags = CURL_BLOB_NOCOPY};
    http->curl.easy_setopt(easy, option, &blob);
}

static void set_connection(struct curl_http *http, CURL *easy)
{
    const struct http_connection *connection = &http->connection;
    set_blob(http, easy, CURLOPT_CAINFO_BLOB, connection->certificate_authority);
    set_blob(http, easy, CURLOPT_SSLCERT_BLOB, connection->client_certificate);
    set_blob(http, easy, CURLOPT_SSLKEY_BLOB, connection->client_key);
    if (connection->insecure) {
        http->curl.easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        http->curl.easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    http->curl.easy_setopt(easy, CURLOPT_PROXY, connection->proxy != NULL ? connection->proxy : "");
    http->curl.easy_setopt(easy, CURLOPT_NOPROXY, "");
    if (http->connect_list != NULL)
        http->curl.easy_setopt(easy, CURLOPT_CONNECT_TO, http->connect_list);
    if (connection->compress)
        http->curl.easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    http->curl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    http->curl.easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    http->curl.easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    http->curl.easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    http->curl.easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
    http->curl.easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 15L);
    http->curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    http->curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
}

/* The URL's host replaced by the TLS name; CONNECT_TO leads back to the real one. */
static void set_url(struct curl_http *http, CURL *easy, const char *url)
{
    const char *host = strstr(url, "://");
    if (http->connection.server_name == NULL || host == NULL) {
        http->curl.easy_setopt(easy, CURLOPT_URL, url);
        return;
    }
    host += 3;
    size_t length = strcspn(host, "/?");
    const char *path = host + length;
    const char *port = host;
    if (*port == '[')
        port = memchr(host, ']', length);
    port = port != NULL ? memchr(port, ':', length - (size_t)(port - host)) : NULL;
    struct buf out = {0};
    buf_add(&out, url, (size_t)(host - url));
    buf_add_str(&out, http->connection.server_name);
    if (port != NULL)
        buf_add(&out, port, (size_t)(path - port));
    buf_add_str(&out, path);
    http->curl.easy_setopt(easy, CURLOPT_URL, buf_str(&out)); /* copied */
    buf_free(&out);
}

/* libcurl takes a header without value as the wish not to send it; with a semicolon it is sent. */
static void add_header(struct http_exchange *exchange, const char *header)
{
    size_t length = strlen(header);
    struct buf empty = {0};
    if (length > 2 && strcmp(header + length - 2, ": ") == 0) {
        buf_add(&empty, header, length - 2);
        buf_add_char(&empty, ';');
        header = buf_str(&empty);
    }
    exchange->headers = exchange->http->curl.slist_append(exchange->headers, header);
    buf_free(&empty);
}

static void set_request(struct http_exchange *exchange, const struct http_request *request)
{
    struct curl_http *http = exchange->http;
    CURL *easy = exchange->easy;
    set_url(http, easy, request->url);
    http->curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->body != NULL) {
        http->curl.easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
        http->curl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    }
    for (size_t i = 0; i < request->header_count; i++)
        add_header(exchange, request->headers[i]);
    exchange->headers = http->curl.slist_append(exchange->headers, "Expect:");
    http->curl.easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    if (request->timeout_ns > 0)
        http->curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(request->timeout_ns / 1000000));
    if (request->stall_ns > 0) {
        http->curl.easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        http->curl.easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                               (long)((request->stall_ns + 999999999) / 1000000000));
    }
    if (request->fresh) {
        http->curl.easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        http->curl.easy_setopt(easy, CURLOPT_PIPEWAIT, 0L);
    }
    http->curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    http->curl.easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    http->curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    http->curl.easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    http->curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    http->curl.easy_setopt(easy, CURLOPT_PRIVATE, exchange);
}

static struct http_exchange *start(void *context, const struct http_request *request)
{
    struct curl_http *http = context;
    CURL *easy = take_handle(http);
    if (easy == NULL)
        return NULL;
    struct http_exchange *exchange = mem_calloc(1, sizeof *exchange);
    exchange->http = http;
    exchange->easy = easy;
    exchange->sink = request->sink;
    set_connection(http, easy);
    set_request(exchange, request);
    exchange->next = http->running;
    exchange->link = &http->running;
    if (http->running != NULL)
        http->running->link = &exchange->next;
    http->running = exchange;
    if (http->curl.multi_add_handle(http->multi, easy) == CURLM_OK)
        return exchange;
    release(exchange);
    return NULL;
}

static enum http_outcome outcome_of(struct http_exchange *exchange, CURLcode code)
{
    double sent = 0;
    switch (code) {
    case CURLE_OK:
        return HTTP_DONE;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR: /* also a server that goes away during the handshake */
        return HTTP_NOT_SENT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return HTTP_UNTRUSTED;
    case CURLE_OPERATION_TIMEDOUT:
        exchange->http->curl.easy_getinfo(exchange->easy, CURLINFO_PRETRANSFER_TIME, &sent);
        return sent > 0 ? HTTP_TIMED_OUT : HTTP_NOT_SENT;
    case CURLE_WRITE_ERROR:
        return exchange->refused ? HTTP_REFUSED : HTTP_BROKEN;
    default:
        return HTTP_BROKEN;
    }
}

static void finish(struct curl_http *http, CURLMsg *message)
{
    struct http_exchange *exchange = NULL;
    CURLcode code = message->data.result;
    http->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
    long status = 0;
    http->curl.easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    enum http_outcome outcome = outcome_of(exchange, code);
    char why[CURL_ERROR_SIZE] = "";
    if (outcome != HTTP_DONE)
        snprintf(why, sizeof why, "%s",
                 exchange->error[0] != 0 ? exchange->error : http->curl.easy_strerror(code));
    struct http_sink sink = exchange->sink;
    release(exchange);
    sink.end(sink.context, outcome, (int)status, why);
}

static void poll_all(void *context, int64_t timeout_ns)
{
    struct curl_http *http = context;
    int running = 0, left = 0;
    CURLMsg *message;
    bool finished = false;
    http->curl.multi_perform(http->multi, &running);
    while ((message = http->curl.multi_info_read(http->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE) {
            finish(http, message);
            finished = true;
        }
    if (!finished && timeout_ns > 0)
        http->curl.multi_poll(http->multi, NULL, 0, (int)((timeout_ns + 999999) / 1000000), NULL);
}

static void cancel(void *context, struct http_exchange *exchange)
{
    (void)context;
    release(exchange);
}

static void close_all(void *context)
{
    struct curl_http *http = context;
    while (http->running != NULL)
        release(http->running);
    for (size_t i = 0; i < http->idle_count; i++)
        http->curl.easy_cleanup(http->idle[i]);
    http->curl.multi_cleanup(http->multi);
    http->curl.slist_free_all(http->connect_list);
    arena_free(http->arena);
    free(http);
}

static const char *keep(struct arena *arena, const char *text)
{
    return text != NULL ? arena_strdup(arena, text) : NULL;
}

/* The proxy resolves the server's name, as it does for Go programs; libcurl calls that socks5h. */
static const char *keep_proxy(struct arena *arena, const char *url)
{
    static const char scheme[] = "socks5://";
    if (url == NULL || strncasecmp(url, scheme, sizeof scheme - 1) != 0)
        return keep(arena, url);
    return arena_printf(arena, "socks5h://%s", url + sizeof scheme - 1);
}

static void copy_connection(struct curl_http *http, const struct http_connection *from)
{
    struct arena *arena = http->arena;
    http->connection = *from;
    http->connection.certificate_authority = keep(arena, from->certificate_authority);
    http->connection.client_certificate = keep(arena, from->client_certificate);
    http->connection.client_key = keep(arena, from->client_key);
    http->connection.server_name = keep(arena, from->server_name);
    http->connection.proxy = keep_proxy(arena, from->proxy);
    http->connection.host = keep(arena, from->host);
    if (from->server_name == NULL || from->host == NULL)
        return;
    char *target = arena_printf(arena, "::%s", from->host); /* whatever host and port: this one */
    http->connect_list = http->curl.slist_append(NULL, target);
}

bool http_curl_open(struct http *http, const struct http_connection *connection, struct buf *why)
{
    struct curl_http *real = mem_calloc(1, sizeof *real);
    if (!curl_library_load(&real->curl, why)) {
        free(real);
        return false;
    }
    real->multi = real->curl.multi_init();
    if (real->multi == NULL) {
        buf_add_str(why, "libcurl is out of memory");
        free(real);
        return false;
    }
    real->arena = arena_new();
    real->curl.multi_setopt(real->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    real->curl.multi_setopt(real->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)MAX_CONNECTIONS);
    copy_connection(real, connection);
    *http = (struct http){real, start, poll_all, cancel, close_all};
    return true;
}
