#include "cli/git.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "core/file.h"

extern char **environ;

enum { MOST_ARGUMENTS = 40, READ_SIZE = 1 << 16 };

static void read_all(int descriptor, struct buf *out)
{
    if (descriptor < 0)
        return;
    char *chunk = mem_alloc(READ_SIZE);
    ssize_t count;
    off_t at = 0;
    while ((count = pread(descriptor, chunk, READ_SIZE, at)) > 0) {
        if (out != NULL)
            buf_add(out, chunk, (size_t)count);
        at += count;
    }
    free(chunk);
    close(descriptor);
}

static int spawn(const char *const *argv, const char *folder, int out, int err, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    int code = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (code == 0)
        code = posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

int program_run(const char *const *argv, const char *folder, struct buf *out, struct buf *err)
{
    int written = memfd_create("stdout", MFD_CLOEXEC), said = memfd_create("stderr", MFD_CLOEXEC);
    pid_t pid = 0;
    int status = 0;
    int code = written < 0 || said < 0 ? errno : spawn(argv, folder, written, said, &pid);
    if (code == 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    read_all(written, out);
    read_all(said, err);
    if (code != 0)
        return -code;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* With a token for `gh` in the environment (CI), git asks gh for it: the token is in no file and no argument.
 */
static bool has_token(void)
{
    const char *token = getenv("GH_TOKEN");
    return token != NULL && *token != '\0';
}

static const char *git_list(struct arena *arena, const char *folder, struct buf *err, va_list list)
{
    const char *argv[MOST_ARGUMENTS + 8] = {"git"};
    size_t count = 1;
    if (has_token()) {
        argv[count++] = "-c";
        argv[count++] = "credential.helper=";
        argv[count++] = "-c";
        argv[count++] = "credential.helper=!gh auth git-credential";
    }
    for (const char *word; count < MOST_ARGUMENTS && (word = va_arg(list, const char *)) != NULL;)
        argv[count++] = word;
    struct buf out = {0};
    int code = program_run(argv, folder, &out, err);
    if (code == -ENOENT)
        buf_add_str(err, "git is not installed");
    else if (code < 0)
        buf_printf(err, "git cannot be started: %s", strerror(-code));
    while (out.length > 0 && (out.data[out.length - 1] == '\n' || out.data[out.length - 1] == '\r'))
        out.data[--out.length] = '\0';
    const char *text = code == 0 ? arena_strdup(arena, buf_str(&out)) : NULL;
    buf_free(&out);
    return text;
}

const char *git_run(struct arena *arena, const char *folder, struct buf *err, ...)
{
    va_list list;
    va_start(list, err);
    const char *text = git_list(arena, folder, err, list);
    va_end(list);
    return text;
}

bool git_tree_open(struct git_tree *tree, struct arena *arena, const char *project, const char *branch,
                   struct buf *err)
{
    *tree = (struct git_tree){.arena = arena, .repository = project};
    const char *prefix = git_run(arena, project, err, "rev-parse", "--show-prefix", NULL);
    const char *folder = git_run(arena, project, err, "rev-parse", "--absolute-git-dir", NULL);
    if (prefix == NULL || folder == NULL)
        return false;
    const char *path = arena_printf(arena, "%s/mlc-promote-%ld", folder, (long)getpid());
    if (git_run(arena, project, err, "fetch", "--quiet", "origin", branch, NULL) == NULL ||
        git_run(arena, project, err, "worktree", "add", "--quiet", "--detach", path, "FETCH_HEAD", NULL) ==
            NULL)
        return false;
    tree->folder = path;
    tree->project = *prefix != '\0' ? file_join(arena, path, prefix) : path;
    return true;
}

void git_tree_close(struct git_tree *tree)
{
    struct buf ignored = {0};
    if (tree->folder != NULL)
        git_run(tree->arena, tree->repository, &ignored, "worktree", "remove", "--force", tree->folder, NULL);
    buf_free(&ignored);
    tree->folder = NULL;
}

bool git_tree_commit(struct git_tree *tree, const char *message, struct buf *err)
{
    struct arena *arena = tree->arena;
    struct buf ignored = {0};
    if (git_run(arena, tree->folder, err, "add", "--all", "--", ".", ":(exclude,glob)**/.mlc/**", NULL) ==
        NULL)
        return false;
    const char *known = git_run(arena, tree->folder, &ignored, "config", "user.email", NULL);
    buf_free(&ignored);
    const char *actions = getenv("GITHUB_ACTIONS");
    if ((known == NULL || *known == '\0') && actions != NULL && strcmp(actions, "true") == 0)
        return git_run(arena, tree->folder, err, "-c", "user.name=github-actions[bot]", "-c",
                       "user.email=41898282+github-actions[bot]@users.noreply.github.com", "commit",
                       "--quiet", "--message", message, NULL) != NULL;
    return git_run(arena, tree->folder, err, "commit", "--quiet", "--message", message, NULL) != NULL;
}

bool git_tree_push(struct git_tree *tree, const char *branch, struct buf *err)
{
    const char *target = arena_printf(tree->arena, "HEAD:refs/heads/%s", branch);
    return git_run(tree->arena, tree->folder, err, "push", "--quiet", "origin", target, NULL) != NULL;
}
