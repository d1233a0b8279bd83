#include "runtime/cluster/lease.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/buf.h"
#include "core/documents/json.h"
#include "core/value.h"
#include "runtime/cluster/failure.h"
#include "runtime/cluster/live.h"

enum { LEASE_SECONDS = 60, RENEW_SECONDS = 15, RELEASE_SECONDS = 10 };
static const int64_t second = 1000000000;

struct lease {
    struct client *client;
    const struct reporter *reporter;
    char *namespace, *name, *holder;
    char version[64];
    int64_t renewed_at; /* monotonic */
    bool lost, renewing, may_vanish;
};

/* Microseconds, as the API's MicroTime. */
static void format_now(const struct world *world, char *out, size_t size)
{
    char text[32];
    int64_t now = world->wall_ns(world->context);
    world_format_time(now, text);
    text[strcspn(text, "Z")] = 0;
    snprintf(out, size, "%s.%06dZ", text, (int)(now % second / 1000));
}

static void write_body(const struct lease *lease, struct buf *out, const char *version, bool release)
{
    char now[48];
    format_now(client_world(lease->client), now, sizeof now);
    buf_add_str(out, "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{\"name\":");
    json_write_string(out, lease->name, strlen(lease->name));
    if (version != NULL) {
        buf_add_str(out, ",\"resourceVersion\":");
        json_write_string(out, version, strlen(version));
    }
    buf_printf(out, "},\"spec\":{\"leaseDurationSeconds\":%d", LEASE_SECONDS);
    if (!release) {
        buf_add_str(out, ",\"holderIdentity\":");
        json_write_string(out, lease->holder, strlen(lease->holder));
        buf_printf(out, ",\"renewTime\":\"%s\"", now);
    }
    buf_add_str(out, "}}");
}

static struct call *lease_call(const struct lease *lease, const char *method, bool item, call_done done,
                               void *context)
{
    struct buf path = {0};
    buf_add_str(&path, "/apis/coordination.k8s.io/v1/namespaces/");
    client_encode(&path, lease->namespace);
    buf_add_str(&path, "/leases");
    if (item) {
        buf_add_char(&path, '/');
        client_encode(&path, lease->name);
    }
    struct call *call = client_call(method, done, context, "%s", buf_str(&path));
    call->content_type = "application/json";
    buf_free(&path);
    return call;
}

struct lease_seen {
    char holder[256], version[64], since[64];
    int64_t duration_ns;
};

static void read_lease(const struct reply *reply, struct lease_seen *seen)
{
    struct arena *arena = arena_new();
    const char *why;
    const struct value *root = json_read_text(arena, buf_str(&reply->body), reply->body.length, &why);
    const struct value *seconds = value_path(root, "spec", "leaseDurationSeconds", NULL);
    const char *version = live_meta(root, "resourceVersion");
    snprintf(seen->holder, sizeof seen->holder, "%s",
             value_string_or(value_path(root, "spec", "holderIdentity", NULL), ""));
    snprintf(seen->since, sizeof seen->since, "%s",
             value_string_or(value_path(root, "spec", "renewTime", NULL), ""));
    snprintf(seen->version, sizeof seen->version, "%s", version != NULL ? version : "");
    int64_t given = seconds != NULL && seconds->kind == VALUE_INT ? seconds->integer : LEASE_SECONDS;
    seen->duration_ns = (given < 1 ? 1 : given > 3600 ? 3600 : given) * second;
    arena_free(arena);
}

/* 1: taken, 0: not now, -1: reported. A lost answer is settled by reading the lease again. */
static int try_take(struct lease *lease, const char *version)
{
    struct call *call = lease_call(lease, version != NULL ? "PUT" : "POST", version != NULL, NULL, NULL);
    write_body(lease, &call->body, version, false);
    struct reply reply = client_ask(lease->client, call);
    int result = 0;
    if (reply.status == 200 || reply.status == 201) {
        struct lease_seen seen;
        read_lease(&reply, &seen);
        snprintf(lease->version, sizeof lease->version, "%s", seen.version);
        result = 1;
    } else if (reply.status != 409 && reply.status != 404 && !reply.interrupted) {
        struct answer answer = answer_of_reply(&reply);
        failure_report(lease->reporter, lease->client, 0, "taking the lease", &answer);
        result = -1;
    } else if (reply.status == 404 && version == NULL) {
        struct answer answer = answer_of_reply(&reply);
        failure_report(lease->reporter, lease->client, 0, "taking the lease", &answer);
        result = -1;
    }
    reply_free(&reply);
    return result;
}

/* A conflict may be with ourselves, when the answer to a renewal was lost. */
static void on_checked(struct call *call, void *context)
{
    struct lease *lease = context;
    const struct world *world = client_world(lease->client);
    struct reply reply = {.body = call->response};
    struct lease_seen seen = {0};
    lease->renewing = false;
    if (call->status == 200)
        read_lease(&reply, &seen);
    if (call->status == 200 && strcmp(seen.holder, lease->holder) == 0) {
        snprintf(lease->version, sizeof lease->version, "%s", seen.version);
        lease->renewed_at = world->monotonic_ns(world->context);
        return;
    }
    if (call->status == 404 && lease->may_vanish)
        return;
    lease->lost = true;
    cluster_report(lease->reporter, DIAG_CLUSTER_LOST, 0, "the lease %s/%s was lost while this was running",
                   lease->namespace, lease->name);
}

static void on_renewed(struct call *call, void *context)
{
    struct lease *lease = context;
    const struct world *world = client_world(lease->client);
    lease->renewing = false;
    if (call->status == 200) {
        struct reply reply = {.body = call->response};
        struct lease_seen seen;
        read_lease(&reply, &seen);
        snprintf(lease->version, sizeof lease->version, "%s", seen.version);
        lease->renewed_at = world->monotonic_ns(world->context);
    } else if (call->status == 409 || call->status == 404) {
        lease->renewing = true;
        client_send(lease->client, lease_call(lease, "GET", true, on_checked, lease));
    } else if (world->monotonic_ns(world->context) - lease->renewed_at >
               (LEASE_SECONDS - RENEW_SECONDS) * second) {
        lease->lost = true; /* could not be renewed for so long that another may take it */
    }
    if (lease->lost)
        cluster_report(lease->reporter, DIAG_CLUSTER_LOST, 0,
                       "the lease %s/%s was lost while this was running", lease->namespace, lease->name);
}

static void renew(void *context)
{
    struct lease *lease = context;
    if (lease->lost || lease->renewing)
        return;
    struct call *call = lease_call(lease, "PUT", true, on_renewed, lease);
    call->retry =
        CALL_RETRY_ALWAYS; /* guarded by resourceVersion; a lost answer shows as a conflict with ourselves */
    write_body(lease, &call->body, lease->version, false);
    lease->renewing = true;
    client_send(lease->client, call);
}

static void report_locked(const struct lease *lease, const struct lease_seen *seen)
{
    diag_help(cluster_report(lease->reporter, DIAG_CLUSTER_LOCKED, 0,
                             "another apply holds the lease %s/%s: %s, last renewed %s", lease->namespace,
                             lease->name, seen->holder, seen->since),
              "wait until it ends; a holder that died loses the lease within %lld seconds",
              (long long)(seen->duration_ns / second));
}

/* Waits for the holder; its lease is judged dead when it does not change for its duration on our clock. */
static bool contend(struct lease *lease, int64_t patience_ns)
{
    const struct world *world = client_world(lease->client);
    struct lease_seen seen = {0}, last = {0};
    int64_t start = world->monotonic_ns(world->context), changed_at = start;
    for (;;) {
        struct reply reply = client_ask(lease->client, lease_call(lease, "GET", true, NULL, NULL));
        int64_t now = world->monotonic_ns(world->context);
        int status = reply.status, taken = 0;
        if (status == 200) {
            read_lease(&reply, &seen);
            if (strcmp(seen.version, last.version) != 0)
                changed_at = now;
            last = seen;
            bool is_free = seen.holder[0] == 0 || strcmp(seen.holder, lease->holder) == 0;
            if (is_free || now - changed_at >= seen.duration_ns)
                taken = try_take(lease, seen.version);
        } else if (status == 404) {
            taken = try_take(lease, NULL);
        } else {
            struct answer answer = answer_of_reply(&reply);
            if (!client_is_interrupted(lease->client))
                failure_report(lease->reporter, lease->client, 0, "reading the lease", &answer);
            taken = -1;
        }
        reply_free(&reply);
        if (taken != 0)
            return taken > 0;
        if (client_is_interrupted(lease->client))
            return false;
        if (now - start >= patience_ns) {
            report_locked(lease, &seen);
            return false;
        }
        world->sleep_ns(world->context, second);
    }
}

static void lease_free(struct lease *lease)
{
    free(lease->namespace);
    free(lease->name);
    free(lease->holder);
    free(lease);
}

struct lease *lease_take(struct client *client, const char *namespace, const char *name, const char *holder,
                         int64_t patience_ns, const struct reporter *reporter)
{
    struct lease *lease = mem_calloc(1, sizeof *lease);
    const struct world *world = client_world(client);
    lease->client = client;
    lease->reporter = reporter;
    lease->namespace = mem_strdup(namespace);
    lease->name = mem_strdup(name);
    lease->holder = mem_strdup(holder);
    if (!contend(lease, patience_ns)) {
        lease_free(lease);
        return NULL;
    }
    lease->renewed_at = world->monotonic_ns(world->context);
    client_set_tick(client, RENEW_SECONDS * second, renew, lease);
    return lease;
}

bool lease_is_lost(const struct lease *lease)
{
    return lease->lost;
}

void lease_may_vanish(struct lease *lease)
{
    lease->may_vanish = true;
}

/* What is under way ends, then the last call is made, unless the lease is somebody else's. */
static void end(struct lease *lease, struct call *(*last)(const struct lease *lease))
{
    const struct world *world = client_world(lease->client);
    int64_t deadline = world->monotonic_ns(world->context) + RELEASE_SECONDS * second;
    client_set_tick(lease->client, 0, NULL, NULL);
    client_run(lease->client, deadline);
    if (!lease->lost) {
        client_send(lease->client, last(lease));
        client_run(lease->client, deadline);
    }
    lease_free(lease);
}

static struct call *release_call(const struct lease *lease)
{
    struct call *call = lease_call(lease, "PUT", true, NULL, NULL);
    write_body(lease, &call->body, lease->version, true);
    return call;
}

/* Only as we hold it: the resourceVersion is the precondition. */
static struct call *removal_call(const struct lease *lease)
{
    struct call *call = lease_call(lease, "DELETE", true, NULL, NULL);
    buf_add_str(&call->body,
                "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{\"resourceVersion\":");
    json_write_string(&call->body, lease->version, strlen(lease->version));
    buf_add_str(&call->body, "}}");
    return call;
}

void lease_release(struct lease *lease)
{
    if (lease != NULL)
        end(lease, release_call);
}

void lease_remove(struct lease *lease)
{
    if (lease != NULL)
        end(lease, removal_call);
}
