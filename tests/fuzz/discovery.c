/* Any bytes as what a server says of its kinds: aggregated, or the old lists group by group, kept in a cache
 * and read from it again; and as CustomResourceDefinitions of a set. What was read can be asked. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include "runtime/cluster/discovery.h"
#include "tests/fuzz/fuzz_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(struct arena *arena, const struct discovery *discovery)
{
    static const char *const names[] = {"deployments", "Deploy", "deployments.apps", "things.x.example"};
    struct buf path = {0};
    discovery_nearest_kind(discovery, "Deploymnet");
    discovery_versions_of(arena, discovery, "Deployment");
    discovery_find(discovery, "apps", "v1", "Deployment");
    discovery_find_kind(discovery, "apps", "Deployment");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct resource *resource = discovery_find_name(discovery, names[i]);
        if (resource == NULL)
            continue;
        resource_path(&path, resource, "default", "x/y");
        resource_group_kind(arena, resource);
    }
    buf_free(&path);
}

static void add_definitions(struct arena *arena, struct discovery *discovery,
                            const struct fuzz_server *server)
{
    const char *why;
    for (size_t i = 0; i < server->part_count; i++) {
        const struct value *root = json_read_text(arena, server->parts[i], server->lengths[i], &why);
        if (root != NULL)
            discovery_add_definition(discovery, root);
    }
}

static void load(struct arena *arena, struct fuzz_server *server, const char *folder)
{
    struct world world = fuzz_server_world(server);
    struct http http = fuzz_server_http(server);
    struct kubeconfig config = {.server = "https://x", .context = "x", .cluster = "x", .user = "x"};
    struct client_options options = {.world = &world, .http = &http, .concurrency = 8};
    struct reporter reporter = {diag_sink_new(arena, 10), NULL, source_set_new(arena)};
    struct client *client = client_open(&config, &options, &reporter);
    struct discovery *discovery = discovery_new(client, folder);
    discovery_load(discovery, &reporter);
    if (folder != NULL)
        discovery_load(discovery, &reporter);
    add_definitions(arena, discovery, server);
    ask(arena, discovery);
    discovery_free(discovery);
    client_close(client);
}

static void remove_folder(const char *folder)
{
    DIR *open = opendir(folder);
    char path[512];
    for (const struct dirent *entry = open ? readdir(open) : NULL; entry != NULL; entry = readdir(open)) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (open != NULL)
        closedir(open);
    rmdir(folder);
}

/* The first byte chooses the cache (rarely: files are slow). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct fuzz_server server = {.piece = 4096, .now = 1000000000};
    char folder[64] = "";
    struct arena *arena = arena_new();
    if (data[0] % 8 == 1) {
        snprintf(folder, sizeof folder, "/dev/shm/mlc-fuzz-discovery-%ld", (long)getpid());
        mkdir(folder, 0700);
    }
    fuzz_server_split(&server, data + 1, size - 1);
    load(arena, &server, *folder != 0 ? folder : NULL);
    if (*folder != 0)
        remove_folder(folder);
    arena_free(arena);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static const char *const words[] = {"kind",
                                        "APIGroupDiscoveryList",
                                        "APIVersions",
                                        "APIGroupList",
                                        "APIResourceList",
                                        "items",
                                        "metadata",
                                        "name",
                                        "versions",
                                        "version",
                                        "resources",
                                        "resource",
                                        "responseKind",
                                        "group",
                                        "scope",
                                        "Namespaced",
                                        "Cluster",
                                        "singularResource",
                                        "shortNames",
                                        "verbs",
                                        "patch",
                                        "list",
                                        "watch",
                                        "delete",
                                        "groups",
                                        "groupVersion",
                                        "namespaced",
                                        "preferredVersion",
                                        "spec",
                                        "names",
                                        "plural",
                                        "served",
                                        "schema",
                                        "openAPIV3Schema",
                                        "apps",
                                        "v1",
                                        "Deployment",
                                        "deployments",
                                        "../x?y#z",
                                        "",
                                        NULL};
    return mutate_json(data, size, max, seed, 1, words);
}
