/* Any bytes as the stream of a watch, in pieces of any size: events end or fail the wait, never worse. The
 * first byte says how large the pieces are. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/world.h"
#include "runtime/cluster/wait.h"

struct http_exchange {
    struct http_sink sink;
    bool stream;
};

struct stage {
    const uint8_t *data;
    size_t size, piece;
    int64_t now;
    struct http_exchange *queue[16];
    size_t count;
};

static struct http_exchange *start(void *context, const struct http_request *request)
{
    struct stage *stage = context;
    if (stage->count == sizeof stage->queue / sizeof *stage->queue)
        return NULL;
    struct http_exchange *exchange = calloc(1, sizeof *exchange);
    exchange->sink = request->sink;
    exchange->stream = strstr(request->url, "watch=1") != NULL;
    stage->queue[stage->count++] = exchange;
    return exchange;
}

static void answer(struct stage *stage, struct http_exchange *exchange)
{
    static const char list[] =
        "{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{"
        "\"name\":\"a\",\"uid\":\"u\",\"generation\":2}},{\"metadata\":{\"name\":\"b\"}}]}";
    struct http_sink sink = exchange->sink;
    bool stream = exchange->stream;
    free(exchange);
    bool go_on = true;
    if (!stream)
        go_on = sink.body(sink.context, 200, list, sizeof list - 1);
    for (size_t at = 0; stream && go_on && at < stage->size; at += stage->piece) {
        size_t left = stage->size - at;
        go_on = sink.body(sink.context, 200, (const char *)stage->data + at,
                          left < stage->piece ? left : stage->piece);
    }
    sink.end(sink.context, go_on ? HTTP_DONE : HTTP_REFUSED, 200, "");
}

static void poll_one(void *context, int64_t timeout)
{
    struct stage *stage = context;
    stage->now += timeout > 1000000 ? timeout : 1000000;
    if (stage->count > 0)
        answer(stage, stage->queue[--stage->count]);
}

static void cancel(void *context, struct http_exchange *exchange)
{
    struct stage *stage = context;
    for (size_t i = 0; i < stage->count; i++)
        if (stage->queue[i] == exchange) {
            stage->queue[i] = stage->queue[--stage->count];
            free(exchange);
        }
}

static void close_stage(void *context)
{
    (void)context;
}

static int64_t now(void *context)
{
    return ((struct stage *)context)->now;
}

static void sleep_for(void *context, int64_t duration)
{
    ((struct stage *)context)->now += duration;
}

static void no_chance(void *context, void *bytes, size_t count)
{
    (void)context;
    memset(bytes, 0, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct stage stage = {
        .data = data + 1, .size = size - 1, .piece = (size_t)data[0] + 1, .now = 1000000000};
    struct world world = {&stage, now, now, sleep_for, no_chance};
    struct http http = {&stage, start, poll_one, cancel, close_stage};
    struct kubeconfig config = {.server = "https://x", .context = "x", .cluster = "x", .user = "x"};
    struct client_options options = {.world = &world, .http = &http};
    struct arena *arena = arena_new();
    struct reporter reporter = {diag_sink_new(arena, 10), NULL, source_set_new(arena)};
    struct client *client = client_open(&config, &options, &reporter);
    struct resource deployments = {
        .group = "apps", .version = "v1", .kind = "Deployment", .plural = "deployments", .namespaced = true};
    struct wait_target a = {
        .resource = &deployments, .namespace = "n", .name = "a", .uid = "u", .generation = 2};
    struct wait_target b = {.resource = &deployments, .namespace = "n", .name = "b", .gone = true};
    struct vec targets = vec_in(arena);
    vec_push(&targets, &a);
    vec_push(&targets, &b);
    struct wait_options wait = {.timeout_ns = (int64_t)3 * 1000000000};
    wait_for(arena, client, &targets, &wait, &reporter);
    client_close(client);
    arena_free(arena);
    return 0;
}
