/* Which exchanges are sampled, and what is kept of them as they pass by. */

#include <stdlib.h>
#include <string.h>
#include "core/arena.h"
#include "runtime/capture/connection.h"

/* splitmix64 (Steele, Lea, Flood 2014): a share of requests needs no more. */
static double next_random(struct proxy *proxy)
{
    uint64_t z = proxy->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static char *copy(struct wire_text text)
{
    char *out = mem_alloc(text.length + 1);
    memcpy(out, text.text, text.length);
    out[text.length] = '\0';
    return out;
}

static void forget(struct connection *connection)
{
    if (connection->sample == NULL)
        return;
    recorder_give_memory(connection->proxy->recorder, connection->taken);
    sample_free(connection->sample);
    connection->sample = NULL;
    connection->taken = 0;
}

static void drop(struct connection *connection, enum drop_reason reason)
{
    recorder_counts(connection->proxy->recorder)->dropped[reason]++;
    forget(connection);
}

static bool take(struct connection *connection, size_t more)
{
    if (!recorder_take_memory(connection->proxy->recorder, more)) {
        drop(connection, DROP_BUFFER_FULL);
        return false;
    }
    connection->taken += more;
    return true;
}

void sampling_begin(struct connection *connection, const struct wire_head *head)
{
    struct proxy *proxy = connection->proxy;
    bool with_body = wire_equals(head->method, "POST") || wire_equals(head->method, "PUT") ||
                     wire_equals(head->method, "PATCH");
    if (!with_body || !head->json || head->encoded || head->framing == WIRE_NO_BODY || head->upgrade)
        return;
    if (next_random(proxy) >= proxy->options->sample)
        return;
    recorder_counts(proxy->recorder)->sampled++;
    if (head->framing == WIRE_LENGTH && head->length > proxy->options->body_limit) {
        recorder_counts(proxy->recorder)->dropped[DROP_TOO_LARGE]++;
        return;
    }
    size_t size = sizeof *connection->sample + head->target.length + head->method.length + 2;
    if (!recorder_take_memory(proxy->recorder, size)) {
        recorder_counts(proxy->recorder)->dropped[DROP_BUFFER_FULL]++;
        return;
    }
    struct wire_text path = head->target;
    const char *query = memchr(path.text, '?', path.length);
    if (query != NULL)
        path.length = (size_t)(query - path.text);
    connection->taken = size;
    connection->sample = mem_calloc(1, sizeof *connection->sample);
    connection->sample->method = copy(head->method);
    connection->sample->path = copy(path);
}

static void keep(struct connection *connection, struct buf *body, const char *bytes, size_t count)
{
    if (body->length + count > connection->proxy->options->body_limit) {
        drop(connection, DROP_TOO_LARGE);
        return;
    }
    size_t before = body->capacity;
    /* Twice as much: a buffer grows by doubling. */
    size_t needed = body->length + count + 1 > before ? 2 * (body->length + count + 1) : 0;
    if (needed > 0 && !take(connection, needed))
        return;
    buf_add(body, bytes, count);
}

void sampling_request(void *context, const char *bytes, size_t count)
{
    struct connection *connection = context;
    if (connection->sample != NULL)
        keep(connection, &connection->sample->request, bytes, count);
}

void sampling_response_head(struct connection *connection, const struct wire_head *head)
{
    if (connection->sample == NULL)
        return;
    if (!head->json || head->encoded)
        drop(connection, DROP_NOT_JSON);
    else
        connection->sample->status = head->status;
}

void sampling_response(void *context, const char *bytes, size_t count)
{
    struct connection *connection = context;
    if (connection->sample != NULL)
        keep(connection, &connection->sample->response, bytes, count);
}

void sampling_end(struct connection *connection, bool well)
{
    struct sample *sample = connection->sample;
    if (sample == NULL)
        return;
    if (!well) {
        drop(connection, DROP_BROKEN);
        return;
    }
    sample->started_ns = connection->started_wall_ns;
    sample->latency_ns = connection->proxy->now_ns - connection->started_ns;
    recorder_offer(connection->proxy->recorder, sample, connection->taken);
    connection->sample = NULL;
    connection->taken = 0;
}
