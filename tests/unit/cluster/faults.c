/* Faults of the network and of servers, for real: an HTTP server in a thread of this process that plays a
 * script on its sockets, and the client over libcurl against it. Each step of a script answers one request.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "core/file.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/discovery.h"
#include "runtime/cluster/wait.h"

enum fault {
    ANSWER,       /* `head` and `body` as they are, then the connection is closed */
    KEEP,         /* the same, and the connection stays */
    RESET,        /* read the request, then reset the connection */
    RESET_MIDWAY, /* half of the body, then reset */
    SILENCE,      /* read the request and say nothing until the client hangs up */
    RAW,          /* `head` is the whole head, nothing is added; then the connection is closed */
    TRICKLE,      /* the head, then a byte now and then for as long as the client listens */
    HANG_UP       /* close before reading anything */
};

struct step {
    enum fault fault;
    const char *head; /* status line and headers without Content-Length, each ending in \r\n */
    const char *body;
    size_t claimed; /* Content-Length; 0: that of the body */
};

enum { REQUESTS_MAX = 64, REQUEST_SIZE = 4096 };

struct script_server {
    int listener;
    unsigned port;
    pthread_t thread;
    const struct step *steps;
    size_t step_count;
    char requests[REQUESTS_MAX][REQUEST_SIZE];
    size_t request_count;
};

/* Head and body of one request; false when the client closed. */
static bool read_request(int socket, char *out)
{
    size_t length = 0;
    while (length + 1 < REQUEST_SIZE) {
        ssize_t got = recv(socket, out + length, REQUEST_SIZE - 1 - length, 0);
        if (got <= 0)
            return false;
        length += (size_t)got;
        out[length] = 0;
        const char *end = strstr(out, "\r\n\r\n");
        const char *size = strcasestr(out, "content-length:");
        if (end != NULL &&
            length >= (size_t)(end + 4 - out) + (size != NULL ? strtoul(size + 15, NULL, 10) : 0))
            return true;
    }
    return false;
}

static void send_text(int socket, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(socket, text, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text += sent;
        length -= (size_t)sent;
    }
}

static void reset(int socket)
{
    struct linger hard = {1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

static void send_answer(int socket, const struct step *step, size_t part)
{
    struct buf text = {0};
    size_t length = strlen(step->body);
    buf_printf(&text, "HTTP/1.1 %sContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n",
               step->head, step->claimed > 0 ? step->claimed : length,
               step->fault == KEEP ? "" : "Connection: close\r\n");
    buf_add(&text, step->body, part);
    send_text(socket, text.data, text.length);
    buf_free(&text);
}

static void send_raw(int socket, const struct step *step)
{
    struct buf text = {0};
    buf_printf(&text, "HTTP/1.1 %s\r\n%s", step->head, step->body);
    send_text(socket, text.data, text.length);
    buf_free(&text);
}

static void trickle(int socket, const struct step *step)
{
    char byte;
    send_raw(socket, step);
    while (send(socket, " ", 1, MSG_NOSIGNAL) == 1 && recv(socket, &byte, 1, MSG_DONTWAIT) != 0)
        usleep(20000);
}

/* False when the connection is over. */
static bool play(struct script_server *server, int socket, const struct step *step)
{
    char *request = server->requests[server->request_count];
    if (step->fault == HANG_UP)
        return false;
    if (!read_request(socket, request))
        return false;
    server->request_count++;
    switch (step->fault) {
    case RESET:
        reset(socket);
        return false;
    case RESET_MIDWAY:
        send_answer(socket, step, strlen(step->body) / 2);
        usleep(50000); /* so that the half is read before the reset */
        reset(socket);
        return false;
    case SILENCE: {
        char byte;
        while (recv(socket, &byte, 1, 0) > 0)
            ;
        return false;
    }
    case RAW:
        send_raw(socket, step);
        return false;
    case TRICKLE:
        trickle(socket, step);
        return false;
    default:
        send_answer(socket, step, strlen(step->body));
        return step->fault == KEEP;
    }
}

static void *serve(void *context)
{
    struct script_server *server = context;
    size_t at = 0;
    while (at < server->step_count && server->request_count < REQUESTS_MAX) {
        int socket = accept(server->listener, NULL, NULL);
        if (socket < 0)
            break;
        bool open = true;
        while (open && at < server->step_count) {
            size_t before = server->request_count;
            const struct step *step = &server->steps[at];
            open = play(server, socket, step);
            if (server->request_count > before || step->fault == HANG_UP)
                at++;
        }
        close(socket);
    }
    return NULL;
}

enum { HASTE = 20 }; /* the client's clock runs so much faster, so that its pauses are short */

static int64_t fast_now(void *context)
{
    return world_real.monotonic_ns(context) * HASTE;
}

static void fast_sleep(void *context, int64_t duration)
{
    world_real.sleep_ns(context, duration / HASTE);
}

struct stage {
    struct script_server server;
    struct world world;
    struct arena *arena;
    struct diag_sink *diags;
    struct reporter reporter;
    struct kubeconfig config;
    struct client *client;
};

static struct stage *begin(const struct step *steps, size_t count, const char *token_file)
{
    struct stage *stage = calloc(1, sizeof *stage);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    stage->server.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(stage->server.listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(stage->server.listener, 16), 0);
    assert_int_equal(getsockname(stage->server.listener, (struct sockaddr *)&address, &size), 0);
    stage->server.steps = steps;
    stage->server.step_count = count;
    assert_int_equal(pthread_create(&stage->server.thread, NULL, serve, &stage->server), 0);
    stage->arena = arena_new();
    stage->diags = diag_sink_new(stage->arena, 0);
    stage->reporter = (struct reporter){stage->diags, NULL, source_set_new(stage->arena)};
    /* This machine by an address that does not look like it: so answers may be compressed. */
    stage->config.server = arena_printf(stage->arena, "http://0.0.0.0:%u", ntohs(address.sin_port));
    stage->config.context = stage->config.cluster = stage->config.user = "faults";
    stage->config.namespace = "default";
    stage->config.token_file = token_file;
    stage->world =
        (struct world){world_real.context, world_real.wall_ns, fast_now, fast_sleep, world_real.random};
    struct client_options options = {.world = &stage->world,
                                     .request_timeout_ns = (int64_t)300 * 1000000,
                                     .retry_budget_ns = (int64_t)400 * 1000000000};
    stage->client = client_open(&stage->config, &options, &stage->reporter);
    if (stage->client == NULL) { /* no libcurl here */
        shutdown(stage->server.listener, SHUT_RDWR);
        pthread_join(stage->server.thread, NULL);
        skip();
    }
    return stage;
}

static void end(struct stage *stage)
{
    client_close(stage->client);
    shutdown(stage->server.listener, SHUT_RDWR);
    pthread_join(stage->server.thread, NULL);
    close(stage->server.listener);
    arena_free(stage->arena);
    free(stage);
}

static struct reply ask(struct stage *stage, const char *method, enum call_retry retry, const char *body)
{
    struct call *call = client_call(method, NULL, NULL, "/x");
    call->retry = retry;
    call->content_type = "application/json";
    buf_add_str(&call->body, body);
    return client_ask(stage->client, call);
}

#define OK_HEAD "200 OK\r\n"

/* The faults one after another, then a good answer: a harmless request survives them all. */
static void a_harmless_request_survives(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {HANG_UP, NULL, NULL, 0},
        {RESET, NULL, NULL, 0},
        {RESET_MIDWAY, OK_HEAD, "{\"kind\": \"ConfigMap\"}", 0},
        {ANSWER, OK_HEAD, "{\"kind\":", 100}, /* shorter than it claims */
        {ANSWER, OK_HEAD, "{\"kind\":", 0},   /* cut off, and claims to be whole */
        {SILENCE, NULL, NULL, 0},
        {ANSWER, "429 Too Many Requests\r\nRetry-After: 0\r\n", "{}", 0},
        {ANSWER, "429 Too Many Requests\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", "{}", 0},
        {ANSWER, "503 Service Unavailable\r\n", "{}", 0},
        {RAW, "502 Bad Gateway\r\nContent-Type: text/html\r\n", "<html>the proxy is sorry</html>", 0},
        {TRICKLE, OK_HEAD "Content-Length: 1000000\r\n", "{", 0},
        {RAW, OK_HEAD "Transfer-Encoding: chunked\r\n", "ff\r\n{\"kind\": 1", 0},
        {RAW, OK_HEAD "Transfer-Encoding: chunked\r\n", "not a length\r\n", 0},
        {RAW, OK_HEAD "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n",
         "no gzip!", 0},
        {RAW, OK_HEAD "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n",
         "\x1f\x8b\x08\x01\x01\x01\x01\x01\x01\x01", 0},
        {RAW, "this is not HTTP", "", 0},
        {ANSWER, OK_HEAD, "{\"kind\": \"ConfigMap\"}", 0},
    };
    struct stage *stage = begin(steps, sizeof steps / sizeof *steps, NULL);
    struct reply reply = ask(stage, "PATCH", CALL_RETRY_ALWAYS, "{\"a\":1}");
    assert_int_equal(reply.outcome, HTTP_DONE);
    assert_int_equal(reply.status, 200);
    assert_true(reply.interrupted);
    assert_string_equal(buf_str(&reply.body), "{\"kind\": \"ConfigMap\"}");
    for (size_t i = 0; i < stage->server.request_count; i++) /* each time whole */
        assert_non_null(strstr(stage->server.requests[i], "\r\n\r\n{\"a\":1}"));
    reply_free(&reply);
    end(stage);
}

static void a_post_is_sent_once(void **state)
{
    (void)state;
    static const enum fault faults[] = {RESET, RESET_MIDWAY, SILENCE};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct step steps[] = {{faults[i], "201 Created\r\n", "{\"kind\": \"Lease\"}", 0},
                                     {ANSWER, OK_HEAD, "{}", 0}};
        struct stage *stage = begin(steps, 2, NULL);
        struct reply reply = ask(stage, "POST", CALL_RETRY_UNSENT, "{}");
        assert_int_not_equal(reply.outcome, HTTP_DONE);
        assert_true(reply.interrupted);
        assert_int_equal(stage->server.request_count, 1);
        reply_free(&reply);
        end(stage);
    }
}

static void a_half_closed_connection_is_left(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {KEEP, OK_HEAD, "{\"n\": 1}", 0},
        {SILENCE, NULL, NULL, 0}, /* over the same connection: it never answers again */
        {ANSWER, OK_HEAD, "{\"n\": 2}", 0},
    };
    struct stage *stage = begin(steps, 3, NULL);
    struct reply first = ask(stage, "GET", CALL_RETRY_ALWAYS, "");
    struct reply second = ask(stage, "GET", CALL_RETRY_ALWAYS, "");
    assert_string_equal(buf_str(&first.body), "{\"n\": 1}");
    assert_string_equal(buf_str(&second.body), "{\"n\": 2}");
    reply_free(&first);
    reply_free(&second);
    end(stage);
}

static void an_expired_token_is_read_again(void **state)
{
    (void)state;
    char path[256];
    const char *base = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/mlc-token-XXXXXX", base != NULL ? base : P_tmpdir);
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(file_write_atomic(path, "old\n", 4, 0600), 0);
    static const struct step steps[] = {
        {ANSWER, OK_HEAD, "{}", 0}, {ANSWER, "401 Unauthorized\r\n", "{}", 0}, {ANSWER, OK_HEAD, "{}", 0}};
    struct stage *stage = begin(steps, 3, path);
    struct reply first = ask(stage, "GET", CALL_RETRY_ALWAYS, "");
    assert_int_equal(file_write_atomic(path, "new\n", 4, 0600), 0);
    struct reply second = ask(stage, "GET", CALL_RETRY_ALWAYS, "");
    assert_int_equal(second.status, 200);
    assert_non_null(strstr(stage->server.requests[0], "Authorization: Bearer old\r\n"));
    assert_non_null(strstr(stage->server.requests[1], "Authorization: Bearer old\r\n"));
    assert_non_null(strstr(stage->server.requests[2], "Authorization: Bearer new\r\n"));
    reply_free(&first);
    reply_free(&second);
    end(stage);
    unlink(path);
}

#define LIST_OF(version, ready)                                                                              \
    "{\"metadata\":{\"resourceVersion\":\"" version                                                          \
    "\"},\"items\":[{\"metadata\":{\"name\":\"d\",\"generation\":1},"                                        \
    "\"spec\":{\"replicas\":1},\"status\":{\"observedGeneration\":1,\"replicas\":1,\"updatedReplicas\":1,"   \
    "\"readyReplicas\":" ready ",\"availableReplicas\":" ready                                               \
    ",\"conditions\":[{\"type\":\"Available\",\"status\":\"True\"}]}}]}"

/* Lists and watches that expire, end, break off and lie; the object becomes ready in the last list. */
static void a_wait_survives(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {ANSWER, "410 Gone\r\n", "{\"code\":410}", 0},
        {ANSWER, OK_HEAD, LIST_OF("5", "0"), 0},
        {ANSWER, "410 Gone\r\n", "{\"code\":410}", 0}, /* the watch */
        {ANSWER, OK_HEAD, LIST_OF("6", "0"), 0},
        {ANSWER, OK_HEAD, "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}\n",
         0},
        {ANSWER, OK_HEAD, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410}}\n",
         0}, /* from 9 */
        {ANSWER, OK_HEAD, LIST_OF("12", "0"), 0},
        {RESET_MIDWAY, OK_HEAD,
         "{\"type\":\"BOOKMARK\",\"object\":{}}\n{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":"
         "\"d\"}}}\n",
         0},
        {ANSWER, OK_HEAD, LIST_OF("15", "1"), 0},
    };
    struct stage *stage = begin(steps, sizeof steps / sizeof *steps, NULL);
    static const struct resource deployments = {
        .group = "apps", .version = "v1", .kind = "Deployment", .plural = "deployments", .namespaced = true};
    struct wait_target target = {.resource = &deployments, .namespace = "n", .name = "d"};
    struct vec targets = vec_in(stage->arena);
    vec_push(&targets, &target);
    struct wait_options options = {.timeout_ns = (int64_t)600 * 1000000000};
    assert_true(wait_for(stage->arena, stage->client, &targets, &options, &stage->reporter));
    assert_int_equal(target.health, HEALTH_CURRENT);
    assert_int_equal(stage->server.request_count, sizeof steps / sizeof *steps);
    assert_non_null(strstr(stage->server.requests[2], "resourceVersion=5&"));
    assert_non_null(strstr(stage->server.requests[5], "resourceVersion=9&"));
    assert_int_equal(diag_count(stage->diags), 0);
    end(stage);
}

#define HTML(status) status "\r\nContent-Type: text/html\r\nContent-Length: 26\r\nConnection: close\r\n"

/* A page of HTML where JSON is expected, of a proxy or a login, is said to be that, whatever its status. */
static void a_page_is_no_answer(void **state)
{
    (void)state;
    static const char *const heads[] = {HTML("200 OK"), HTML("403 Forbidden"), HTML("404 Not Found"),
                                        HTML("302 Found")};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        const struct step steps[] = {{RAW, heads[i], "<html>please log in</html>", 0},
                                     {RAW, heads[i], "<html>please log in</html>", 0}};
        struct stage *stage = begin(steps, 2, NULL);
        struct discovery *discovery = discovery_new(stage->client, NULL);
        assert_false(discovery_load(discovery, &stage->reporter));
        assert_true(diag_count(stage->diags) > 0);
        assert_non_null(strstr(diag_at(stage->diags, 0)->message, "please log in"));
        discovery_free(discovery);
        end(stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_harmless_request_survives),
        cmocka_unit_test(a_post_is_sent_once),
        cmocka_unit_test(a_half_closed_connection_is_left),
        cmocka_unit_test(an_expired_token_is_read_again),
        cmocka_unit_test(a_wait_survives),
        cmocka_unit_test(a_page_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
