/* Any bytes as a kubeconfig, and as an answer of an exec plugin: read or refused, never worse. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "core/file.h"
#include "runtime/cluster/exec_plugin.h"
#include "runtime/cluster/kubeconfig.h"

static const char *no_variable(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct exec_credential credential = {0};
    struct buf why = {0};
    exec_credential_read((const char *)data, size, "client.authentication.k8s.io/v1", &credential, &why);
    exec_credential_clear(&credential);
    buf_free(&why);
    snprintf(path, sizeof path, "/dev/shm/mlc-fuzz-kubeconfig-%ld", (long)getpid());
    if (file_write_atomic(path, data, size, 0600) < 0)
        return 0;
    struct arena *arena = arena_new();
    struct reporter reporter = {diag_sink_new(arena, 10), NULL, source_set_new(arena)};
    struct kubeconfig_input input = {.overrides = {.file = path}, .environment = no_variable};
    kubeconfig_load(arena, &input, &reporter);
    arena_free(arena);
    unlink(path);
    return 0;
}
