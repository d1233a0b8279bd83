/* What follows a failed attempt. client-go repeats writes only when the server says so; a server-side apply
 * is idempotent, so here it may be repeated after a lost connection too. Every call has a bounded budget. */
#include <stdio.h>
#include <string.h>
#include "runtime/cluster/client_private.h"

static const int64_t millisecond = 1000000;
static const int64_t second = 1000000000;
static const int64_t longest_pause = 8 * (int64_t)1000000000;
enum { ATTEMPTS_MAX = 40, INTERNAL_ERRORS_MAX = 3, RENEWALS_MAX = 2, FIRST_CONTACT_SECONDS = 10 };

/* 200 ms doubled a time, at most 8 s, with a quarter of chance on top so that clients do not march in step.
 */
static int64_t backoff(struct pending *pending)
{
    const struct world *world = pending->client->world;
    unsigned shift = pending->call.attempts > 6 ? 6 : pending->call.attempts;
    int64_t base = (100 * millisecond) << shift;
    unsigned char chance = 0;
    if (base > longest_pause)
        base = longest_pause;
    world->random(world->context, &chance, 1);
    return base + base / 4 * chance / 256;
}

/* `delay` if that still lies in the call's budget, else -1. */
static int64_t within_budget(struct pending *pending, int64_t delay)
{
    struct client *client = pending->client;
    int64_t now = client_now(client), budget = client->options.retry_budget_ns;
    if (!client->answered && budget > FIRST_CONTACT_SECONDS * second)
        budget = FIRST_CONTACT_SECONDS * second; /* a wrong address should not take a minute */
    if (pending->first_failure == 0)
        pending->first_failure = now;
    /* A longer budget has room for as many more of the longest pauses. */
    int64_t attempts = ATTEMPTS_MAX + (budget > 0 ? budget / longest_pause : 0);
    if (pending->call.attempts >= attempts || now + delay - pending->first_failure > budget)
        return -1;
    return delay;
}

/* At most one halving for a round trip's worth of refusals. */
static void shrink_window(struct client *client)
{
    int64_t now = client_now(client);
    if (client->shrunk_at != INT64_MIN && now - client->shrunk_at < second / 4)
        return;
    client->shrunk_at = now;
    client->window = client->window > 4 ? client->window / 2 : 2;
}

static void grow_window(struct client *client)
{
    if (client->window < client->window_limit)
        client->window += 1 / client->window;
}

/* Once in a while, not once a call. */
static void tell_outage(struct client *client, const struct call *call)
{
    int64_t now = client_now(client);
    if (client->told_at != INT64_MIN && now - client->told_at < 10 * second)
        return;
    client->told_at = now;
    client_note(client, "the API server %s: %s; trying again", client->config->server, call->why);
}

static int64_t after_loss(struct pending *pending)
{
    struct client *client = pending->client;
    struct call *call = &pending->call;
    client->disturbed_at = client_now(client);
    client->answered = client->answered || call->outcome != HTTP_NOT_SENT;
    pending->fresh = call->outcome != HTTP_NOT_SENT; /* not again over a connection that may be half closed */
    if (call->outcome != HTTP_NOT_SENT)
        call->interrupted = true;
    if (pending->delivered || (call->outcome != HTTP_NOT_SENT && call->retry == CALL_RETRY_UNSENT))
        return -1;
    int64_t delay = within_budget(pending, backoff(pending));
    if (delay >= 0 && call->attempts == 2)
        tell_outage(client, call);
    return delay;
}

static int64_t after_unauthorized(struct pending *pending)
{
    struct client *client = pending->client;
    if (pending->renewals >= RENEWALS_MAX || !credentials_can_renew(client->credentials))
        return -1;
    pending->renewals++;
    if (pending->generation != credentials_generation(client->credentials))
        return 0; /* another call has renewed it meanwhile */
    struct buf why = {0};
    bool changed = false;
    bool ok = credentials_refresh(client->credentials, true, &changed, &why);
    if (!ok)
        snprintf(pending->call.why, sizeof pending->call.why, "%s", buf_str(&why));
    buf_free(&why);
    client->reopen = client->reopen || changed;
    return ok ? 0 : -1;
}

/* Right after its start an API server does not know its rules and tokens yet. */
static bool just_disturbed(const struct client *client)
{
    return client->disturbed_at != INT64_MIN && client_now(client) - client->disturbed_at < 10 * second;
}

static int64_t after_server_error(struct pending *pending)
{
    int status = pending->call.status;
    if (pending->retry_after_ns >= 0) {
        int64_t wait = pending->retry_after_ns;
        return within_budget(pending, wait > 0 ? wait : backoff(pending));
    }
    if (status == 429)
        return within_budget(pending, backoff(pending));
    if (pending->call.retry == CALL_RETRY_UNSENT)
        return -1;
    if ((status == 500 || status == 501) && ++pending->server_errors > INTERNAL_ERRORS_MAX)
        return -1; /* a webhook that always fails is no outage */
    return status == 501 ? -1 : within_budget(pending, backoff(pending));
}

int64_t retry_delay(struct pending *pending)
{
    struct client *client = pending->client;
    const struct call *call = &pending->call;
    switch (call->outcome) {
    case HTTP_NOT_SENT:
    case HTTP_BROKEN:
    case HTTP_TIMED_OUT:
        return after_loss(pending);
    case HTTP_UNTRUSTED:
    case HTTP_REFUSED:
        return -1;
    case HTTP_DONE:
        client->answered = true;
        break;
    }
    if (call->status == 401) {
        int64_t delay = after_unauthorized(pending);
        if (delay >= 0)
            return delay;
    }
    if ((call->status == 401 || call->status == 403) && just_disturbed(client))
        return within_budget(pending, second / 2);
    if (call->status == 429 || call->status == 503 || call->status == 504)
        shrink_window(client);
    else
        grow_window(client);
    if (call->status == 429 || call->status >= 500)
        return after_server_error(pending);
    return -1;
}
