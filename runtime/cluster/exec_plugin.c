#include "runtime/cluster/exec_plugin.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "core/arena.h"
#include "core/documents/json.h"
#include "core/value.h"
#include "runtime/cluster/base64.h"

extern char **environ;

enum { PLUGIN_SECONDS = 60 };
static const size_t output_limit = (size_t)4 << 20;

static void wipe(char **text)
{
    if (*text != NULL) {
        explicit_bzero(*text, strlen(*text));
        free(*text);
    }
    *text = NULL;
}

void exec_credential_clear(struct exec_credential *credential)
{
    wipe(&credential->token);
    wipe(&credential->certificate);
    wipe(&credential->key);
    credential->expires_ns = 0;
}

bool exec_time_read(const char *text, int64_t *out)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (rest == NULL)
        return false;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    int64_t offset = 0;
    int hours, minutes;
    if ((*rest == '+' || *rest == '-') && sscanf(rest + 1, "%2d:%2d", &hours, &minutes) == 2)
        offset = (*rest == '+' ? 1 : -1) * ((int64_t)hours * 3600 + (int64_t)minutes * 60);
    else if (*rest != 'Z' && *rest != 'z')
        return false;
    int64_t seconds = (int64_t)timegm(&tm) - offset, most = INT64_MAX / 1000000000;
    seconds = seconds > most ? most : seconds < -most ? -most : seconds; /* the years 1677 to 2262 */
    *out = seconds * 1000000000;
    return true;
}

static void add_cluster_info(struct record_builder *spec, struct arena *arena,
                             const struct kubeconfig *config)
{
    struct record_builder cluster = record_begin(arena);
    record_set(&cluster, "server", value_string(arena, config->server_as_written, 0));
    if (config->tls_server_name != NULL)
        record_set(&cluster, "tls-server-name", value_string(arena, config->tls_server_name, 0));
    if (config->insecure)
        record_set(&cluster, "insecure-skip-tls-verify", value_bool(arena, true, 0));
    if (config->certificate_authority != NULL) {
        struct buf data = {0};
        base64_encode(&data, config->certificate_authority, strlen(config->certificate_authority));
        record_set(&cluster, "certificate-authority-data", value_string(arena, buf_str(&data), 0));
        buf_free(&data);
    }
    if (config->proxy_url != NULL)
        record_set(&cluster, "proxy-url", value_string(arena, config->proxy_url, 0));
    if (config->disable_compression)
        record_set(&cluster, "disable-compression", value_bool(arena, true, 0));
    const struct value *extension = config->exec->cluster_extension;
    record_set(&cluster, "config", extension != NULL ? extension : value_null(arena, 0));
    record_set(spec, "cluster", record_end(&cluster, 0));
}

/* KUBERNETES_EXEC_INFO=… */
static char *exec_info(struct arena *arena, const struct kubeconfig *config, bool interactive)
{
    struct record_builder spec = record_begin(arena), info = record_begin(arena);
    record_set(&spec, "interactive", value_bool(arena, interactive, 0));
    if (config->exec->provide_cluster_info)
        add_cluster_info(&spec, arena, config);
    record_set(&info, "kind", value_string(arena, "ExecCredential", 0));
    record_set(&info, "apiVersion", value_string(arena, config->exec->api_version, 0));
    record_set(&info, "spec", record_end(&spec, 0));
    struct buf out = {0};
    buf_add_str(&out, "KUBERNETES_EXEC_INFO=");
    json_write(&out, record_end(&info, 0), (struct json_style){JSON_COMPACT, false}, NULL);
    char *kept = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return kept;
}

static bool names_variable(const char *entry, const char *assignment)
{
    size_t length = strcspn(assignment, "=") + 1;
    return strncmp(entry, assignment, length) == 0;
}

static bool is_overridden(const char *entry, const struct exec_plugin *plugin)
{
    if (names_variable(entry, "KUBERNETES_EXEC_INFO="))
        return true;
    for (size_t i = 0; i < plugin->env_count; i++)
        if (names_variable(entry, plugin->env[i]))
            return true;
    return false;
}

static char **plugin_environment(struct arena *arena, const struct kubeconfig *config, bool interactive)
{
    size_t count = 0, at = 0;
    while (environ[count] != NULL)
        count++;
    char **list = arena_array(arena, count + config->exec->env_count + 2, sizeof *list);
    for (size_t i = 0; i < count; i++)
        if (!is_overridden(environ[i], config->exec))
            list[at++] = environ[i];
    for (size_t i = 0; i < config->exec->env_count; i++)
        list[at++] = arena_strdup(arena, config->exec->env[i]);
    list[at] = exec_info(arena, config, interactive);
    return list;
}

static void child(const struct exec_plugin *plugin, char **args, char **env, int out, int err,
                  bool interactive)
{
    int null = open("/dev/null", O_RDONLY);
    sigset_t none;
    sigemptyset(&none); /* the caller may hold signals back; the plugin shall end by Ctrl-C */
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (!interactive && null >= 0)
        dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    if (!interactive) /* a login that talks to a person does so on standard error */
        dup2(err, STDERR_FILENO);
    execvpe(plugin->command, args, env);
    int code = errno == ENOENT ? 127 : 126;
    _exit(code);
}

struct pipes {
    int out[2], err[2];
};

static bool open_pipes(struct pipes *pipes)
{
    if (pipe2(pipes->out, O_CLOEXEC) != 0)
        return false;
    if (pipe2(pipes->err, O_CLOEXEC) == 0)
        return true;
    close(pipes->out[0]);
    close(pipes->out[1]);
    return false;
}

/* Both pipes until they end, or time or room is over. */
static bool collect(const struct pipes *pipes, struct buf *out, struct buf *err)
{
    struct pollfd fds[2] = {{pipes->out[0], POLLIN, 0}, {pipes->err[0], POLLIN, 0}};
    struct buf *bufs[2] = {out, err};
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - start.tv_sec >= PLUGIN_SECONDS || out->length > output_limit)
            return false;
        if (poll(fds, 2, 1000) < 0 && errno != EINTR)
            return false;
        for (int i = 0; i < 2; i++) {
            char bytes[4096];
            if (fds[i].fd < 0 || fds[i].revents == 0)
                continue;
            ssize_t count = read(fds[i].fd, bytes, sizeof bytes);
            if (count <= 0)
                fds[i].fd = -1;
            else if (i == 0 || bufs[i]->length < 65536)
                buf_add(bufs[i], bytes, (size_t)count);
            explicit_bzero(bytes, sizeof bytes);
        }
    }
    return true;
}

static const char *last_line(struct buf *text)
{
    while (text->length > 0 && strchr(" \r\n\t", text->data[text->length - 1]) != NULL)
        text->data[--text->length] = 0;
    const char *newline = text->length > 0 ? strrchr(text->data, '\n') : NULL;
    return newline != NULL ? newline + 1 : buf_str(text);
}

static void explain_exit(const struct exec_plugin *plugin, int status, bool timely, struct buf *err,
                         struct buf *why)
{
    if (!timely) {
        buf_printf(why, "%s did not end within %d seconds, or wrote too much", plugin->command,
                   PLUGIN_SECONDS);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        buf_printf(why, "the command %s is not installed", plugin->command);
        if (plugin->install_hint != NULL)
            buf_printf(why, ". %s", plugin->install_hint);
    } else if (WIFEXITED(status)) {
        buf_printf(why, "%s ended with %d: %s", plugin->command, WEXITSTATUS(status), last_line(err));
    } else {
        buf_printf(why, "%s was killed by signal %d", plugin->command, WTERMSIG(status));
    }
}

static bool wants_terminal(const struct exec_plugin *plugin, bool *interactive, struct buf *why)
{
    bool terminal = isatty(STDIN_FILENO);
    *interactive = terminal && strcmp(plugin->interactive_mode, "Never") != 0;
    if (terminal || strcmp(plugin->interactive_mode, "Always") != 0)
        return true;
    buf_printf(why, "%s needs a terminal (interactiveMode: Always), and standard input is none",
               plugin->command);
    return false;
}

static char **plugin_arguments(struct arena *arena, const struct exec_plugin *plugin)
{
    char **args = arena_array(arena, plugin->arg_count + 2, sizeof *args);
    args[0] = arena_strdup(arena, plugin->command);
    for (size_t i = 0; i < plugin->arg_count; i++)
        args[i + 1] = arena_strdup(arena, plugin->args[i]);
    return args;
}

/* True when it ended with 0; then `out` holds what it wrote. */
static bool run(const struct kubeconfig *config, struct buf *out, struct buf *why)
{
    const struct exec_plugin *plugin = config->exec;
    bool interactive;
    struct pipes pipes;
    if (!wants_terminal(plugin, &interactive, why))
        return false;
    if (!open_pipes(&pipes)) {
        buf_printf(why, "no pipe for %s: %s", plugin->command, strerror(errno));
        return false;
    }
    struct arena *arena = arena_new();
    char **args = plugin_arguments(arena, plugin), **env = plugin_environment(arena, config, interactive);
    pid_t pid = fork();
    if (pid == 0)
        child(plugin, args, env, pipes.out[1], pipes.err[1], interactive);
    arena_free(arena);
    close(pipes.out[1]);
    close(pipes.err[1]);
    struct buf err = {0};
    int status = 0;
    bool timely = pid > 0 && collect(&pipes, out, &err);
    if (pid > 0 && !timely)
        kill(pid, SIGKILL);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    bool ok = pid > 0 && timely && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!ok)
        explain_exit(plugin, status, timely, &err, why);
    close(pipes.out[0]);
    close(pipes.err[0]);
    buf_free(&err);
    return ok;
}

static char *take_text(const struct value *status, const char *key)
{
    const char *text = value_string_or(value_get(status, key), NULL);
    return text != NULL && *text != 0 ? mem_strdup(text) : NULL;
}

bool exec_credential_read(const char *text, size_t length, const char *api_version,
                          struct exec_credential *out, struct buf *why)
{
    struct arena *arena = arena_new();
    const char *reason = NULL;
    const struct value *root = json_read_text(arena, text, length, &reason);
    const struct value *status = value_get(root, "status");
    const char *version = value_string_or(value_get(root, "apiVersion"), "");
    const char *expires = value_string_or(value_get(status, "expirationTimestamp"), NULL);
    if (root == NULL)
        buf_printf(why, "its answer is no JSON: %s", reason);
    else if (strcmp(value_string_or(value_get(root, "kind"), ""), "ExecCredential") != 0)
        buf_add_str(why, "its answer is no ExecCredential");
    else if (strcmp(version, api_version) != 0)
        buf_printf(why, "it answered in %s, the kubeconfig asks for %s", version, api_version);
    else if (status == NULL || status->kind != VALUE_RECORD)
        buf_add_str(why, "its answer has no status");
    else if (expires != NULL && !exec_time_read(expires, &out->expires_ns))
        buf_add_str(why, "its expirationTimestamp is no time");
    else {
        out->token = take_text(status, "token");
        out->certificate = take_text(status, "clientCertificateData");
        out->key = take_text(status, "clientKeyData");
        if (out->token == NULL && (out->certificate == NULL || out->key == NULL))
            buf_add_str(why, "its answer has neither a token nor a certificate with its key");
    }
    arena_free(arena);
    return out->token != NULL || (out->certificate != NULL && out->key != NULL);
}

bool exec_plugin_run(const struct kubeconfig *config, struct exec_credential *out, struct buf *why)
{
    struct buf text = {0};
    bool ok = run(config, &text, why);
    if (ok) {
        struct buf reason = {0};
        ok = exec_credential_read(buf_str(&text), text.length, config->exec->api_version, out, &reason);
        if (!ok)
            buf_printf(why, "%s: %s", config->exec->command, buf_str(&reason));
        buf_free(&reason);
    }
    if (text.data != NULL)
        explicit_bzero(text.data, text.length);
    buf_free(&text);
    return ok;
}
