#ifndef MLC_TESTS_UNIT_CLUSTER_APPLY_BENCH_H
#define MLC_TESTS_UNIT_CLUSTER_APPLY_BENCH_H

/* A set of objects, an inventory "app" in namespace "n" and a scripted server, for tests of the apply engine.
 */

#include "tests/unit/cluster/fake_server.h"
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/cluster/apply.h"
#include "runtime/cluster/plan.h"

#define PARENT "/api/v1/namespaces/n/secrets/app"
#define MAPS "/api/v1/namespaces/n/configmaps"

static const char *const kinds = "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{},"
                                 "\"versions\":[{\"version\":\"v1\",\"resources\":["
                                 "{\"resource\":\"configmaps\",\"responseKind\":{\"kind\":\"ConfigMap\"},"
                                 "\"scope\":\"Namespaced\",\"verbs\":[\"patch\"]},"
                                 "{\"resource\":\"services\",\"responseKind\":{\"kind\":\"Service\"},"
                                 "\"scope\":\"Namespaced\",\"verbs\":[\"patch\"]},"
                                 "{\"resource\":\"secrets\",\"responseKind\":{\"kind\":\"Secret\"},\"scope\":"
                                 "\"Namespaced\",\"verbs\":[\"patch\"]},"
                                 "{\"resource\":\"namespaces\",\"responseKind\":{\"kind\":\"Namespace\"},"
                                 "\"scope\":\"Cluster\",\"verbs\":[\"patch\"]},"
                                 "{\"resource\":\"persistentvolumeclaims\",\"responseKind\":{\"kind\":"
                                 "\"PersistentVolumeClaim\"},\"scope\":"
                                 "\"Namespaced\",\"verbs\":[\"patch\"]}]}]}]}";

static const char *const created =
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"uid\":\"u-a\","
    "\"resourceVersion\":\"2\"}}";
static const char *const missing =
    "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"message\":\"not found\",\"code\":404}";

/* A row that answers any number of requests. */
static inline struct fake_row answers(const char *method, const char *path, int status, const char *body)
{
    return (struct fake_row){.method = method, .path = path, .status = status, .body = body};
}

struct bench {
    struct fake_server server;
    struct client *client;
    struct discovery *discovery;
    struct object_set *set;
    struct inventory *inventory;
    struct apply_options options;
};

static inline void open_bench(struct bench *bench, struct fake_row *rows, size_t count)
{
    const char *why;
    bench->client = fake_open(&bench->server, rows, count);
    bench->discovery = discovery_new(bench->client, NULL);
    assert_true(discovery_read_aggregated(bench->discovery, kinds, strlen(kinds), &why));
    bench->set = object_set_new(bench->server.arena);
    bench->inventory = NULL;
    bench->options = (struct apply_options){.field_manager = "mlc", .migrate = true};
}

static inline void close_bench(struct bench *bench)
{
    discovery_free(bench->discovery);
    fake_end(&bench->server, bench->client);
}

static inline void add(struct bench *bench, const char *kind, const char *name, const char *rest)
{
    const char *why = NULL;
    const char *text = arena_printf(
        bench->server.arena, "{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"}%s}", kind,
        name, rest);
    const struct value *document = json_read_text(bench->server.arena, text, strlen(text), &why);
    assert_non_null(document);
    assert_true(object_set_add(bench->set, document, &bench->server.reporter));
}

static inline void read_inventory(struct bench *bench)
{
    struct inventory_options options = {
        .parent = "app", .namespace = "n", .tooling = "mlc/v1", .manager = "mlc-applyset"};
    bench->inventory = inventory_read(bench->server.arena, bench->client, bench->discovery, &options,
                                      &bench->server.reporter);
    assert_non_null(bench->inventory);
    bench->options.inventory = bench->inventory;
    bench->options.prune = true;
}

static inline const struct apply_report *run(struct bench *bench)
{
    assert_true(objects_resolve(bench->set, bench->discovery, "n", &bench->server.reporter));
    assert_true(objects_order(bench->set, &bench->server.reporter) > 0);
    return apply_run(bench->server.arena, bench->client, bench->discovery, bench->set, &bench->options,
                     &bench->server.reporter);
}

static inline size_t place(const struct fake_server *server, const char *text, size_t from)
{
    for (size_t i = from; i < server->log_count; i++)
        if (strstr(server->log[i], text) != NULL)
            return i;
    fail_msg("no request with %s", text);
    return 0;
}

static inline const char *parent(struct bench *bench, const char *group_kinds)
{
    char id[APPLYSET_ID_SIZE];
    applyset_id("app", "n", "Secret", "", id);
    (void)bench;
    static char text[600];
    snprintf(text, sizeof text,
             "{\"metadata\":{\"labels\":{\"applyset.kubernetes.io/id\":\"%s\"},\"annotations\":{"
             "\"applyset.kubernetes.io/tooling\":\"mlc/v0\",\"applyset.kubernetes.io/"
             "contains-group-kinds\":\"%s\"}}}",
             id, group_kinds);
    return text;
}

#endif
