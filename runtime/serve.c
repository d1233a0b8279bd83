#include "runtime/serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/file.h"
#include "core/world.h"
#include "runtime/command.h"
#include "runtime/store_backend.h"

enum { LOG_TAIL = 1500 };

static const int64_t pause_ns = 50000000, probe_ns = 2000000000, test_ns = 600000000000;

struct filling {
    struct registry *registry;
    struct serving *serving;
    const char *port;
};

static bool fail(struct registry *registry, const char *text)
{
    store_fail(&registry->error, STORE_ERROR, "%s", text);
    return false;
}

static const char *folder_of(const struct registry *registry)
{
    return *registry->compilation->project_folder != '\0' ? registry->compilation->project_folder : ".";
}

/* A port that nothing listens on: the kernel's choice, given back at once. 0 when there is none. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int port = 0, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return 0;
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0 &&
        getsockname(descriptor, (struct sockaddr *)&address, &length) == 0)
        port = ntohs(address.sin_port);
    close(descriptor);
    return port;
}

/* The champion's artifact below .mlc/serve, by the path that the service's image has it under. */
static const char *fetch_artifact(struct filling *filling, struct node *model, const char **why)
{
    struct registry *registry = filling->registry;
    struct model_version here;
    const char *hash = registry_locked_champion(registry->compilation, model->id);
    if (hash == NULL && index_champion(registry->index, registry->arena, model->id, &here))
        hash = here.artifact;
    if (hash == NULL || registry_artifact_file(model) == NULL) {
        *why =
            arena_printf(registry->arena, "%s has no champion: `mlc run %s` makes one", model->id, model->id);
        return NULL;
    }
    const char *path = arena_printf(registry->arena, ".mlc/serve/%s/%s", filling->serving->service->name,
                                    registry_artifact_file(model));
    const char *full = file_join(registry->arena, folder_of(registry), path);
    file_remove_tree(full);
    if (store_get_path(registry->store, hash, full, &registry->error) == STORE_OK)
        return path;
    *why = arena_printf(registry->arena, "the champion of %s: %s", model->id, registry->error.text);
    return NULL;
}

static const char *fill(void *context, const struct slot *slot, const char **why)
{
    struct filling *filling = context;
    if (strcmp(slot->root, "port") == 0)
        return filling->port;
    if (strcmp(slot->root, "url") == 0)
        return filling->serving->url;
    if (strcmp(slot->root, "model") == 0 && slot->node != NULL)
        return fetch_artifact(filling, slot->node, why);
    *why = arena_printf(filling->registry->arena, "`%s` is not known where a service runs", slot->root);
    return NULL;
}

static const char *tail_of(struct registry *registry, const char *path)
{
    struct buf text = {0};
    const char *tail = "";
    if (file_read(path, 64 << 20, &text) == 0)
        tail = arena_strdup(registry->arena,
                            buf_str(&text) + (text.length > LOG_TAIL ? text.length - LOG_TAIL : 0));
    buf_free(&text);
    return tail;
}

/* Starts a command of a node with its log below .mlc/logs. */
static bool start(struct filling *filling, struct node *node, const char *prefix, struct process *process,
                  const char **log_path)
{
    struct registry *registry = filling->registry;
    struct arena *arena = registry->arena;
    const char *why = "it has no command";
    const struct value *command = node_get(node, "run");
    const char *line =
        command->kind != VALUE_NULL ? command_line(arena, node, command, fill, filling, &why) : NULL;
    const char *const *environment = line != NULL ? command_environment(arena, node, &why) : NULL;
    if (environment == NULL)
        return fail(registry, arena_printf(arena, "%s: %s", node->id, why));
    *log_path = arena_printf(arena, "%s/.mlc/logs/%s.log", folder_of(registry), strchr(node->id, '/') + 1);
    file_make_folders(arena_printf(arena, "%s/.mlc/logs", folder_of(registry)));
    struct process_options options = {arena_printf(arena, "%s%s", prefix, line), folder_of(registry),
                                      *log_path, environment};
    int code = process_start(process, &options);
    return code == 0 ||
           fail(registry, arena_printf(arena, "%s cannot be started: %s", node->id, strerror(-code)));
}

static bool has_ended(struct process *process)
{
    return process_wait_any(process, 1, world_real.monotonic_ns(world_real.context) + pause_ns) == 0;
}

static bool wait_for_health(struct serving *serving, struct registry *registry, struct http *http,
                            int64_t wait_ns)
{
    struct arena *arena = registry->arena;
    const char *url = arena_printf(arena, "%s%s", serving->url, node_text(serving->service, "health"));
    int64_t until = world_real.monotonic_ns(world_real.context) + wait_ns;
    int status = 0;
    while (world_real.monotonic_ns(world_real.context) < until) {
        status = smoke_status(http, url, probe_ns);
        if (status == 200)
            return true;
        if (has_ended(&serving->process)) {
            int code = process_collect(&serving->process);
            serving->running = false;
            return fail(registry,
                        arena_printf(arena, "%s ended with exit %d before it served\n%s",
                                     serving->service->id, code, tail_of(registry, serving->log_path)));
        }
    }
    return fail(registry,
                arena_printf(arena, "%s did not answer 200 at %s in time (last: %d)\n%s",
                             serving->service->id, url, status, tail_of(registry, serving->log_path)));
}

bool serve_start(struct serving *serving, struct registry *registry, struct http *http, struct node *service,
                 int64_t wait_ns)
{
    *serving = (struct serving){.service = service};
    int port = free_port();
    if (port == 0)
        return fail(registry, "there is no free port");
    struct filling filling = {registry, serving, arena_printf(registry->arena, "%d", port)};
    serving->url = arena_printf(registry->arena, "http://127.0.0.1:%d", port);
    /* exec: the service itself gets the signals, as in its image. */
    serving->running = start(&filling, service, "exec ", &serving->process, &serving->log_path);
    if (serving->running && wait_for_health(serving, registry, http, wait_ns))
        return true;
    serve_stop(serving);
    return false;
}

bool serve_test(struct serving *serving, struct registry *registry, struct node *test)
{
    struct filling filling = {registry, serving, ""};
    struct process process = {0};
    const char *log_path;
    if (!start(&filling, test, "", &process, &log_path))
        return false;
    process.deadline_ns = world_real.monotonic_ns(world_real.context) + test_ns;
    process_wait_any(&process, 1, 0);
    int code = process_collect(&process);
    return code == 0 ||
           fail(registry, arena_printf(registry->arena, "exit %d\n%s", code, tail_of(registry, log_path)));
}

void serve_stop(struct serving *serving)
{
    if (!serving->running)
        return;
    process_kill(&serving->process);
    process_collect(&serving->process);
    serving->running = false;
}
