#include "cli/sql_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "core/text.h"

extern char **environ;

enum { MOST_ANSWER = 1 << 26, MOST_WORDS = 1 << 16, MOST_LINE = 300 };

/* What the child's standard input, output and error are connected with. */
struct ends {
    int input, output[2], errors[2]; /* pipes: what is read here, what is written there */
};

/* The query needs no file: it is in memory. */
static int memory_of(const struct buf *query)
{
    int descriptor = memfd_create("query", MFD_CLOEXEC);
    size_t at = 0;
    while (descriptor >= 0 && at < query->length) {
        ssize_t wrote = write(descriptor, buf_str(query) + at, query->length - at);
        if (wrote <= 0) {
            close(descriptor);
            return -1;
        }
        at += (size_t)wrote;
    }
    if (descriptor >= 0)
        lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}

static void close_ends(const struct ends *ends)
{
    const int all[] = {ends->input, ends->output[0], ends->output[1], ends->errors[0], ends->errors[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] >= 0)
            close(all[i]);
}

static bool open_ends(struct ends *ends, const struct buf *query)
{
    *ends = (struct ends){-1, {-1, -1}, {-1, -1}};
    ends->input = memory_of(query);
    if (ends->input >= 0 && pipe2(ends->output, O_CLOEXEC) == 0 && pipe2(ends->errors, O_CLOEXEC) == 0)
        return true;
    close_ends(ends);
    return false;
}

static int spawn(const char *command, const struct ends *ends, pid_t *child)
{
    char *const argv[] = {"sh", "-c", (char *)command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    int failed = posix_spawn_file_actions_adddup2(&actions, ends->input, STDIN_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, ends->output[1], STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, ends->errors[1], STDERR_FILENO);
    if (!failed)
        failed = posix_spawn(child, "/bin/sh", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* One block of a pipe into `out`, which keeps `most` bytes; false at its end. */
static bool take(int descriptor, struct buf *out, size_t most)
{
    char block[16384];
    ssize_t got = read(descriptor, block, sizeof block);
    if (got < 0)
        return errno == EINTR;
    size_t room = most - out->length;
    buf_add(out, block, (size_t)got < room ? (size_t)got : room);
    return got > 0;
}

/* Reads both pipes until both are closed; false when the answer is too long. */
static bool read_ends(const struct ends *ends, struct buf *answer, struct buf *words)
{
    struct pollfd polls[] = {{ends->output[0], POLLIN, 0}, {ends->errors[0], POLLIN, 0}};
    while (polls[0].fd >= 0 || polls[1].fd >= 0) {
        if (poll(polls, 2, -1) < 0 && errno != EINTR)
            return false;
        if (polls[0].revents && !take(polls[0].fd, answer, MOST_ANSWER))
            polls[0].fd = -1;
        if (polls[1].revents && !take(polls[1].fd, words, MOST_WORDS))
            polls[1].fd = -1;
        if (answer->length >= MOST_ANSWER)
            return false;
    }
    return true;
}

const char *sql_command_run(struct arena *arena, const char *command, const struct buf *query,
                            struct buf *answer, struct buf *words)
{
    struct ends ends;
    pid_t child;
    int status = 0;
    if (!open_ends(&ends, query))
        return "there are no more files or memory for the command";
    int failed = spawn(command, &ends, &child);
    close(ends.output[1]);
    close(ends.errors[1]);
    ends.output[1] = ends.errors[1] = -1;
    bool whole = !failed && read_ends(&ends, answer, words);
    close_ends(&ends);
    if (failed)
        return arena_printf(arena, "/bin/sh: %s", strerror(failed));
    if (!whole)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!whole)
        return "it printed more than 64 MiB";
    if (WIFSIGNALED(status))
        return arena_printf(arena, "it was ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status) ? arena_printf(arena, "exit code %d", WEXITSTATUS(status)) : NULL;
}

static bool names_error(const char *line, size_t length)
{
    for (size_t i = 0; i + 6 <= length; i++)
        if (strncasecmp(line + i, "error:", 6) == 0)
            return true;
    return false;
}

const char *sql_command_words(struct arena *arena, const struct buf *words)
{
    const char *text = buf_str(words), *found = "";
    size_t found_length = 0;
    for (size_t at = 0; at < words->length;) {
        const char *start = text + at, *end = memchr(start, '\n', words->length - at);
        size_t length = end ? (size_t)(end - start) : words->length - at;
        at += length + 1;
        while (length && (start[length - 1] == '\r' || start[length - 1] == ' '))
            length--;
        bool error = names_error(start, length);
        if (error || (found_length == 0 && length)) {
            found = start;
            found_length = length;
        }
        if (error)
            break;
    }
    if (found_length > MOST_LINE) {
        found_length = MOST_LINE;
        while (found_length && ((unsigned char)found[found_length] & 0xc0) == 0x80)
            found_length--; /* to the start of a code point */
    }
    struct buf safe = {0};
    text_add_safe(&safe, found, found_length);
    const char *said = arena_copy(arena, buf_str(&safe), safe.length);
    buf_free(&safe);
    return said;
}
