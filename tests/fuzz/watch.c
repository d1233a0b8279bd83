/* Any bytes as the lists and watch streams of a wait and as what explains a failed one, in pieces of any
 * size: events end or fail the wait, never worse. The first byte says how large the pieces are; the parts
 * answer the requests in turn: storage classes, lists, watches, then the objects, pods, logs and events. */
#include "runtime/cluster/wait.h"
#include "tests/fuzz/fuzz_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct resource deployments = {
    .group = "apps", .version = "v1", .kind = "Deployment", .plural = "deployments", .namespaced = true};
static const struct resource pods = {
    .group = "", .version = "v1", .kind = "Pod", .plural = "pods", .namespaced = true};
static const struct resource claims = {.group = "",
                                       .version = "v1",
                                       .kind = "PersistentVolumeClaim",
                                       .plural = "persistentvolumeclaims",
                                       .namespaced = true};

/* The health of each part that is an object, by both sets of rules. */
static void judge(struct arena *arena, const struct fuzz_server *server)
{
    struct map *late = map_new(arena);
    const char *why;
    map_set(late, "late", late);
    for (size_t i = 0; i < server->part_count; i++) {
        const struct value *root = json_read_text(arena, server->parts[i], server->lengths[i], &why);
        for (int strict = 0; root != NULL && strict < 2; strict++)
            health_name(
                health_of(arena, root, (struct health_options){strict == 1, server->now, late}).health);
    }
}

static void run(struct arena *arena, struct client *client, const struct reporter *reporter)
{
    struct wait_target list[] = {
        {.resource = &deployments, .namespace = "n", .name = "a", .uid = "u", .generation = 2},
        {.resource = &deployments, .namespace = "n", .name = "b", .gone = true},
        {.resource = &pods, .namespace = "n", .name = "p"},
        {.resource = &claims, .namespace = "n", .name = "c"},
    };
    struct vec targets = vec_in(arena), lines = vec_in(arena);
    struct wait_options wait = {.timeout_ns = (int64_t)3 * 1000000000, .label_selector = "a=b"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        vec_push(&targets, &list[i]);
    if (wait_for(arena, client, &targets, &wait, reporter))
        return;
    wait_explain(arena, client, NULL, &list[0], &lines);
    wait_explain(arena, client, NULL, &list[2], &lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct fuzz_server server = {.piece = (size_t)data[0] + 1, .now = (int64_t)1767323045 * 1000000000};
    fuzz_server_split(&server, data + 1, size - 1);
    struct world world = fuzz_server_world(&server);
    struct http http = fuzz_server_http(&server);
    struct kubeconfig config = {.server = "https://x", .context = "x", .cluster = "x", .user = "x"};
    struct client_options options = {.world = &world, .http = &http, .concurrency = 8};
    struct arena *arena = arena_new();
    struct reporter reporter = {diag_sink_new(arena, 10), NULL, source_set_new(arena)};
    struct client *client = client_open(&config, &options, &reporter);
    judge(arena, &server);
    run(arena, client, &reporter);
    client_close(client);
    arena_free(arena);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static const char *const words[] = {"type",
                                        "object",
                                        "ADDED",
                                        "MODIFIED",
                                        "DELETED",
                                        "BOOKMARK",
                                        "ERROR",
                                        "code",
                                        "items",
                                        "metadata",
                                        "continue",
                                        "resourceVersion",
                                        "name",
                                        "uid",
                                        "generation",
                                        "observedGeneration",
                                        "deletionTimestamp",
                                        "creationTimestamp",
                                        "0001-01-01T00:00:00Z",
                                        "annotations",
                                        "mlc.dev/wait",
                                        "kstatus",
                                        "kind",
                                        "apiVersion",
                                        "apps/v1",
                                        "v1",
                                        "batch/v1",
                                        "Deployment",
                                        "StatefulSet",
                                        "DaemonSet",
                                        "ReplicaSet",
                                        "Pod",
                                        "Job",
                                        "Service",
                                        "PersistentVolumeClaim",
                                        "spec",
                                        "status",
                                        "replicas",
                                        "conditions",
                                        "True",
                                        "False",
                                        "reason",
                                        "message",
                                        "phase",
                                        "Running",
                                        "Pending",
                                        "Failed",
                                        "Ready",
                                        "Stalled",
                                        "containerStatuses",
                                        "state",
                                        "waiting",
                                        "terminated",
                                        "CrashLoopBackOff",
                                        "a",
                                        "b",
                                        "p",
                                        "c",
                                        NULL};
    return mutate_json(data, size, max, seed, 1, words);
}
