/* Any bytes as an aggregated discovery document; what was read can be asked. */
#include <stddef.h>
#include <stdint.h>
#include "runtime/cluster/discovery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct discovery *discovery = discovery_new(NULL, NULL);
    const char *why = NULL;
    struct arena *arena = arena_new();
    struct buf path = {0};
    discovery_read_aggregated(discovery, (const char *)data, size, &why);
    discovery_nearest_kind(discovery, "Deploymnet");
    discovery_versions_of(arena, discovery, "Deployment");
    const struct resource *resource = discovery_find_name(discovery, "deployments");
    if (resource != NULL)
        resource_path(&path, resource, "default", "x/y");
    buf_free(&path);
    arena_free(arena);
    discovery_free(discovery);
    return 0;
}
