/* Any bytes as one or several kubeconfigs of a KUBECONFIG list, as the files of a service account, and as an
 * answer of an exec plugin: read or refused, never worse. The first byte chooses what the command line says
 * over the files. */
#include <sys/stat.h>
#include <unistd.h>
#include "core/file.h"
#include "runtime/cluster/credentials.h"
#include "runtime/cluster/exec_plugin.h"
#include "tests/fuzz/fuzz_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES_MAX = 3 };

struct files {
    char folder[64], list[256];
    size_t count;
    bool pod;
};

static const char *environment(void *context, const char *name)
{
    const struct files *files = context;
    if (strcmp(name, "KUBECONFIG") == 0 && !files->pod)
        return files->list;
    if (files->pod && strcmp(name, "KUBERNETES_SERVICE_HOST") == 0)
        return "10.0.0.1";
    return files->pod && strcmp(name, "KUBERNETES_SERVICE_PORT") == 0 ? "443" : NULL;
}

static void write_files(struct files *files, const struct fuzz_server *server)
{
    static const char *const mounted[] = {"token", "ca.crt", "namespace"};
    char path[128];
    for (size_t i = 0; i < server->part_count && i < FILES_MAX; i++) {
        size_t used = strlen(files->list);
        snprintf(path, sizeof path, "%s/%s", files->folder, mounted[i]);
        if (file_write_atomic(path, server->parts[i], server->lengths[i], 0600) == 0)
            snprintf(files->list + used, sizeof files->list - used, ":%s", path);
        files->count++;
    }
}

static void remove_files(const struct files *files)
{
    static const char *const mounted[] = {"token", "ca.crt", "namespace"};
    char path[128];
    for (size_t i = 0; i < FILES_MAX; i++) {
        snprintf(path, sizeof path, "%s/%s", files->folder, mounted[i]);
        unlink(path);
    }
    rmdir(files->folder);
}

static void load(struct files *files, const struct fuzz_server *server, uint8_t how)
{
    static const char *const groups[] = {"g", "h"};
    struct arena *arena = arena_new();
    struct reporter reporter = {diag_sink_new(arena, 10), NULL, source_set_new(arena)};
    struct kubeconfig_input input = {.environment = environment, .environment_context = files};
    input.service_account = files->folder;
    if (how & 1)
        input.overrides = (struct kubeconfig_overrides){.context = "b", .namespace = "m", .as = "x"};
    if (how & 2)
        input.overrides.cluster = "c", input.overrides.user = "u", input.overrides.insecure = true;
    if (how & 4)
        input.overrides.as = "y", input.overrides.as_groups = groups, input.overrides.as_group_count = 2;
    const struct kubeconfig *config = kubeconfig_load(arena, &input, &reporter);
    if (config != NULL && config->exec == NULL) { /* a plugin would be started */
        struct world world = fuzz_server_world((struct fuzz_server *)(uintptr_t)server);
        struct credentials *credentials = credentials_new(config, &world);
        struct buf why = {0};
        bool changed;
        credentials_refresh(credentials, false, &changed, &why);
        credentials_authorization(credentials);
        credentials_free(credentials);
        buf_free(&why);
    }
    arena_free(arena);
}

static void read_credential(const char *text, size_t length, const char *version)
{
    struct exec_credential credential = {0};
    struct buf why = {0};
    exec_credential_read(text, length, version, &credential, &why);
    exec_credential_clear(&credential);
    buf_free(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct files files = {.pod = data[0] % 16 == 8};
    struct fuzz_server server = {.now = 1000000000};
    fuzz_server_split(&server, data + 1, size - 1);
    for (size_t i = 0; i < server.part_count; i++) {
        read_credential(server.parts[i], server.lengths[i], "client.authentication.k8s.io/v1");
        read_credential(server.parts[i], server.lengths[i], "client.authentication.k8s.io/v1beta1");
    }
    snprintf(files.folder, sizeof files.folder, "/dev/shm/mlc-fuzz-kubeconfig-%ld", (long)getpid());
    mkdir(files.folder, 0700);
    write_files(&files, &server);
    load(&files, &server, data[0]);
    remove_files(&files);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static const char *const words[] = {"apiVersion",
                                        "kind",
                                        "Config",
                                        "current-context",
                                        "contexts",
                                        "clusters",
                                        "users",
                                        "name",
                                        "context",
                                        "cluster",
                                        "user",
                                        "namespace",
                                        "server",
                                        "https://[::1]:6443/x/",
                                        "h",
                                        "tls-server-name",
                                        "proxy-url",
                                        "insecure-skip-tls-verify",
                                        "certificate-authority",
                                        "certificate-authority-data",
                                        "QUJD",
                                        "client-certificate-data",
                                        "client-key-data",
                                        "token",
                                        "tokenFile",
                                        "username",
                                        "password",
                                        "as",
                                        "as-uid",
                                        "as-groups",
                                        "as-user-extra",
                                        "disable-compression",
                                        "extensions",
                                        "extension",
                                        "client.authentication.k8s.io/exec",
                                        "exec",
                                        "command",
                                        "./x",
                                        "args",
                                        "env",
                                        "value",
                                        "installHint",
                                        "interactiveMode",
                                        "Never",
                                        "provideClusterInfo",
                                        "client.authentication.k8s.io/v1",
                                        "client.authentication.k8s.io/v1beta1",
                                        "ExecCredential",
                                        "status",
                                        "clientCertificateData",
                                        "clientKeyData",
                                        "expirationTimestamp",
                                        "2026-01-02T03:04:05+01:00",
                                        "a",
                                        "b",
                                        "c",
                                        "u",
                                        NULL};
    return mutate_json(data, size, max, seed, 1, words);
}
