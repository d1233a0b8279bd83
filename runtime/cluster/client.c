/* The loop: a window of calls in flight, the others queued or waiting for their next attempt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "runtime/cluster/client_private.h"

enum { DEFAULT_CONCURRENCY = 48 };
static const int64_t second = 1000000000;

int64_t client_now(const struct client *client)
{
    return client->world->monotonic_ns(client->world->context);
}

const struct kubeconfig *client_config(const struct client *client)
{
    return client->config;
}

const struct world *client_world(const struct client *client)
{
    return client->world;
}

void client_note(struct client *client, const char *format, ...)
{
    if (client->options.note == NULL)
        return;
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    client->options.note(client->options.note_context, buf_str(&text));
    buf_free(&text);
}

static void list_append(struct pending_list *list, struct pending *pending)
{
    pending->next = NULL;
    pending->link = list->last;
    *list->last = pending;
    list->last = &pending->next;
    list->count++;
}

static void list_remove(struct pending_list *list, struct pending *pending)
{
    *pending->link = pending->next;
    if (pending->next != NULL)
        pending->next->link = pending->link;
    else
        list->last = pending->link;
    list->count--;
}

void pending_move(struct pending *pending, struct pending_list *from, struct pending_list *to)
{
    list_remove(from, pending);
    list_append(to, pending);
}

static struct pending_list *list_of(struct pending *pending)
{
    struct client *client = pending->client;
    switch (pending->state) {
    case PENDING_READY:
        return &client->ready;
    case PENDING_WAITING:
        return &client->waiting;
    case PENDING_FLYING:
        return &client->flying;
    case PENDING_NEW:
        break;
    }
    return NULL;
}

static void pending_free(struct pending *pending)
{
    buf_free(&pending->call.body);
    buf_free(&pending->call.response);
    buf_free(&pending->partial);
    free(pending->call.path);
    free(pending);
}

void pending_complete(struct pending *pending)
{
    struct pending_list *list = list_of(pending);
    if (list != NULL)
        list_remove(list, pending);
    pending->state = PENDING_NEW;
    if (pending->call.done != NULL)
        pending->call.done(&pending->call, pending->call.context);
    pending_free(pending);
}

static void give_up(struct pending *pending, const char *why)
{
    struct client *client = pending->client;
    if (pending->exchange != NULL)
        client->http.cancel(client->http.context, pending->exchange);
    pending->exchange = NULL;
    pending->call.gave_up = true;
    pending->call.status = 0;
    if (pending->call.why[0] == 0)
        snprintf(pending->call.why, sizeof pending->call.why, "%s", why);
    pending_complete(pending);
}

struct call *client_call(const char *method, call_done done, void *context, const char *path_format, ...)
{
    struct pending *pending = mem_calloc(1, sizeof *pending);
    struct buf path = {0};
    va_list args;
    va_start(args, path_format);
    buf_vprintf(&path, path_format, args);
    va_end(args);
    pending->call = (struct call){.method = method,
                                  .path = buf_take(&path),
                                  .done = done,
                                  .context = context,
                                  .outcome = HTTP_NOT_SENT};
    if (strcmp(method, "GET") != 0)
        pending->call.retry = CALL_RETRY_UNSENT;
    return &pending->call;
}

void client_send(struct client *client, struct call *call)
{
    struct pending *pending = (struct pending *)call;
    pending->client = client;
    pending->state = PENDING_READY;
    pending->retry_after_ns = -1;
    list_append(&client->ready, pending);
}

void client_send_after(struct client *client, struct call *call, int64_t delay_ns)
{
    struct pending *pending = (struct pending *)call;
    pending->client = client;
    pending->state = PENDING_WAITING;
    pending->retry_after_ns = -1;
    pending->due = client_now(client) + delay_ns;
    list_append(&client->waiting, pending);
}

void client_cancel(struct client *client, struct call *call)
{
    (void)client;
    ((struct pending *)call)->cancelled = true; /* ended by the next step: this may be inside a callback */
}

/* What an interruption leaves to its end: writes on the wire, and what must not be left half done. */
static bool survives(const struct pending *pending)
{
    const struct client *client = pending->client;
    bool writes = pending->state == PENDING_FLYING && strcmp(pending->call.method, "GET") != 0;
    return (writes || pending->call.urgent) && client_now(client) < client->interrupt_end;
}

static void ask_interrupt(struct client *client)
{
    if (client->interrupt == NULL)
        return;
    if (!client->interrupted && client->interrupt(client->interrupt_context)) {
        client->interrupted = true;
        client->interrupt_end = client_now(client) + client->interrupt_grace;
    }
    struct pending_list *lists[] = {&client->ready, &client->waiting, &client->flying};
    for (size_t i = 0; client->interrupted && i < 3; i++)
        for (struct pending *p = lists[i]->first; p != NULL; p = p->next)
            p->cancelled = p->cancelled || !survives(p);
}

static void end_cancelled(struct client *client)
{
    struct pending_list *lists[] = {&client->ready, &client->waiting, &client->flying};
    for (size_t i = 0; i < 3; i++)
        for (struct pending *p = lists[i]->first, *next; p != NULL; p = next) {
            next = p->next;
            if (p->cancelled) {
                give_up(p, client->interrupted ? "interrupted" : "cancelled");
                next = lists[i]->first; /* `done` may have changed the list */
            }
        }
}

static int64_t wake_waiting(struct client *client, int64_t now)
{
    int64_t soonest = INT64_MAX;
    for (struct pending *p = client->waiting.first, *next; p != NULL; p = next) {
        next = p->next;
        if (p->due <= now) {
            p->state = PENDING_READY;
            pending_move(p, &client->waiting, &client->ready);
        } else if (p->due < soonest) {
            soonest = p->due;
        }
    }
    return soonest;
}

static void run_tick(struct client *client, int64_t now)
{
    if (client->tick == NULL || client->ticking || client->interrupted || now < client->tick_next)
        return;
    client->ticking = true;
    client->tick_next = now + client->tick_every;
    client->tick(client->tick_context);
    client->ticking = false;
}

static void start_ready(struct client *client)
{
    if (client->reopen && client->flying.count == 0) {
        struct buf why = {0};
        client->reopen = false;
        if (!client_connect(client, &why))
            client_note(client, "%s", buf_str(&why));
        buf_free(&why);
    }
    while (!client->reopen && client->ready.first != NULL && (double)client->flying.count < client->window)
        pending_start(client->ready.first);
}

bool client_step(struct client *client, int64_t wait_ns)
{
    int64_t now = client_now(client);
    ask_interrupt(client);
    end_cancelled(client);
    run_tick(client, now);
    int64_t soonest = wake_waiting(client, now);
    start_ready(client);
    if (client->tick != NULL && !client->ticking && !client->interrupted && client->tick_next < soonest)
        soonest = client->tick_next;
    if (soonest != INT64_MAX && soonest - now < wait_ns)
        wait_ns = soonest > now ? soonest - now : 0;
    if (client->interrupt != NULL && wait_ns > second / 5)
        wait_ns = second / 5; /* a person who pressed Ctrl-C waits */
    if (client->flying.count > 0)
        client->http.poll(client->http.context, wait_ns);
    else if (client->waiting.count > 0 && client->ready.count == 0 && wait_ns > 0)
        client->world->sleep_ns(client->world->context, wait_ns);
    return client->ready.count + client->waiting.count + client->flying.count > 0;
}

static void give_up_all(struct client *client, const char *why)
{
    for (;;) {
        struct pending *p = client->flying.first != NULL    ? client->flying.first
                            : client->waiting.first != NULL ? client->waiting.first
                                                            : client->ready.first;
        if (p == NULL)
            return;
        give_up(p, why);
    }
}

bool client_run(struct client *client, int64_t deadline)
{
    for (;;) {
        int64_t wait = second;
        if (deadline != 0) {
            int64_t left = deadline - client_now(client);
            if (left <= 0) {
                give_up_all(client, "the time was over");
                return false;
            }
            wait = left < wait ? left : wait;
        }
        if (!client_step(client, wait))
            return true;
    }
}

struct asked {
    struct reply reply;
    bool done;
};

static void on_asked(struct call *call, void *context)
{
    struct asked *asked = context;
    asked->reply = (struct reply){call->outcome, call->status, call->response, {0}, {0}, call->interrupted};
    memcpy(asked->reply.etag, call->etag, sizeof asked->reply.etag);
    memcpy(asked->reply.why, call->why, sizeof asked->reply.why);
    call->response = (struct buf){0};
    asked->done = true;
}

struct reply client_ask(struct client *client, struct call *call)
{
    struct asked asked = {0};
    call->done = on_asked;
    call->context = &asked;
    client_send(client, call);
    while (!asked.done)
        client_step(client, second);
    return asked.reply;
}

void reply_free(struct reply *reply)
{
    buf_free(&reply->body);
}

void client_set_tick(struct client *client, int64_t every_ns, void (*tick)(void *context), void *context)
{
    client->tick = tick;
    client->tick_context = context;
    client->tick_every = every_ns;
    client->tick_next = client_now(client) + every_ns;
}

void client_set_interrupt(struct client *client, int64_t grace_ns, bool (*interrupted)(void *context),
                          void *context)
{
    client->interrupt = interrupted;
    client->interrupt_context = context;
    client->interrupt_grace = grace_ns;
    client->interrupted = false;
}

bool client_is_interrupted(const struct client *client)
{
    return client->interrupted;
}

static bool is_loopback(const char *server)
{
    return strstr(server, "://127.") != NULL || strstr(server, "://localhost") != NULL ||
           strstr(server, "://[::1]") != NULL;
}

bool client_connect(struct client *client, struct buf *why)
{
    const struct kubeconfig *config = client->config;
    if (!client->own_http)
        return true;
    if (client->http.close != NULL)
        client->http.close(client->http.context);
    client->http = (struct http){0};
    const char *host = strstr(config->server, "://");
    char *authority = mem_strdup(host != NULL ? host + 3 : config->server);
    authority[strcspn(authority, "/")] = 0;
    struct http_connection connection = {
        .certificate_authority = config->certificate_authority,
        .client_certificate = credentials_certificate(client->credentials),
        .client_key = credentials_key(client->credentials),
        .server_name = config->tls_server_name,
        .proxy = config->proxy,
        .host = authority,
        .insecure = config->insecure,
        .compress = !config->disable_compression && !is_loopback(config->server),
    };
    bool ok = http_curl_open(&client->http, &connection, why);
    free(authority);
    return ok;
}

static void init_list(struct pending_list *list)
{
    *list = (struct pending_list){0};
    list->last = &list->first;
}

struct client *client_open(const struct kubeconfig *config, const struct client_options *options,
                           const struct reporter *reporter)
{
    struct client *client = mem_calloc(1, sizeof *client);
    client->config = config;
    client->options = *options;
    client->world = options->world != NULL ? options->world : &world_real;
    client->window_limit = options->concurrency > 0 ? options->concurrency : DEFAULT_CONCURRENCY;
    client->window = client->window_limit;
    client->disturbed_at = client->shrunk_at = client->told_at = INT64_MIN;
    init_list(&client->ready);
    init_list(&client->waiting);
    init_list(&client->flying);
    if (client->options.request_timeout_ns == 0)
        client->options.request_timeout_ns = 60 * second;
    if (client->options.retry_budget_ns == 0)
        client->options.retry_budget_ns = 60 * second;
    client->own_http = options->http == NULL;
    if (options->http != NULL)
        client->http = *options->http;
    client->credentials = credentials_new(config, client->world);
    struct buf why = {0};
    bool changed = false;
    if (!credentials_refresh(client->credentials, false, &changed, &why)) {
        cluster_report(reporter, DIAG_CLUSTER_LOGIN, 0, "no credential for user \"%s\" of context \"%s\": %s",
                       config->user, config->context, buf_str(&why));
    } else if (!client_connect(client, &why)) {
        cluster_report(reporter, DIAG_CLUSTER_UNREACHABLE, 0, "%s", buf_str(&why));
    } else {
        buf_free(&why);
        return client;
    }
    buf_free(&why);
    client_close(client);
    return NULL;
}

void client_close(struct client *client)
{
    if (client == NULL)
        return;
    give_up_all(client, "the client was closed");
    if (client->own_http && client->http.close != NULL)
        client->http.close(client->http.context);
    credentials_free(client->credentials);
    free(client);
}
