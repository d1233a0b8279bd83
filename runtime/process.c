#include "runtime/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "core/arena.h"
#include "core/world.h"

extern char **environ;

static bool same_name(const char *a, const char *b)
{
    const char *equals = strchr(a, '=');
    size_t length = equals != NULL ? (size_t)(equals - a) + 1 : strlen(a);
    return strncmp(a, b, length) == 0;
}

static bool is_set_anew(const char *entry, const char *const *more)
{
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        if (same_name(more[i], entry))
            return true;
    return false;
}

/* This process's environment with `more` on top. The array is the caller's, its texts are not. */
static char **join_environment(const char *const *more)
{
    size_t count = 0, extra = 0;
    while (environ[count] != NULL)
        count++;
    while (more != NULL && more[extra] != NULL)
        extra++;
    char **joined = mem_calloc(count + extra + 1, sizeof *joined);
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_set_anew(environ[i], more))
            joined[length++] = environ[i];
    for (size_t i = 0; i < extra; i++)
        joined[length++] = (char *)more[i];
    return joined;
}

static int spawn_bash(struct process *process, const struct process_options *options, char **environment)
{
    char *const argv[] = {"bash", "-euo", "pipefail", "-c", (char *)options->command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int code = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, options->log_path,
                                                O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_addchdir_np(&actions, options->folder);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (code == 0)
        code = posix_spawnp(&process->pid, "bash", &actions, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

int process_start(struct process *process, const struct process_options *options)
{
    char **environment = join_environment(options->environment);
    int code = spawn_bash(process, options, environment);
    free(environment);
    if (code != 0)
        return -code;
    process->descriptor = pidfd_open(process->pid, 0);
    if (process->descriptor < 0) {
        code = errno;
        process_kill(process);
        waitpid(process->pid, NULL, 0);
        return -code;
    }
    return 0;
}

static int64_t now_ns(void)
{
    return world_real.monotonic_ns(world_real.context);
}

/* The first moment at which something must be done; 0: never. */
static int64_t next_moment(const struct process *processes, int count, int64_t until_ns)
{
    int64_t moment = until_ns;
    for (int i = 0; i < count; i++)
        if (processes[i].deadline_ns != 0 && (moment == 0 || processes[i].deadline_ns < moment))
            moment = processes[i].deadline_ns;
    return moment;
}

static void kill_late(struct process *processes, int count, int64_t now)
{
    for (int i = 0; i < count; i++)
        if (processes[i].deadline_ns != 0 && now >= processes[i].deadline_ns) {
            processes[i].ended_by_time = true;
            processes[i].deadline_ns = 0;
            process_kill(&processes[i]);
        }
}

int process_wait_any(struct process *processes, int count, int64_t until_ns)
{
    struct pollfd *polls = mem_calloc((size_t)count + 1, sizeof *polls);
    for (int i = 0; i < count; i++)
        polls[i] = (struct pollfd){.fd = processes[i].descriptor, .events = POLLIN};
    int ended = -1;
    for (;;) {
        int64_t now = now_ns();
        kill_late(processes, count, now);
        int64_t moment = next_moment(processes, count, until_ns);
        int64_t wait_ms = moment == 0 ? -1 : moment <= now ? 0 : (moment - now + 999999) / 1000000;
        int ready = poll(polls, (nfds_t)count, wait_ms > 1000000 ? 1000000 : (int)wait_ms);
        for (int i = 0; ready > 0 && i < count && ended < 0; i++)
            if (polls[i].revents != 0)
                ended = i;
        if (ended >= 0 || (until_ns != 0 && now_ns() >= until_ns))
            break;
        if (count == 0 && until_ns == 0)
            break;
    }
    free(polls);
    return ended;
}

int process_collect(struct process *process)
{
    int status = 0;
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(process->descriptor);
    /* What the command left running in the background must not outlive its step. */
    kill(-process->pid, SIGKILL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void process_kill(struct process *process)
{
    kill(-process->pid, SIGKILL);
}
