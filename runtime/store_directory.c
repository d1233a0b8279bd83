/* The store in a folder: objects are files, created by a link that fails when the name is taken, so that two
 * processes agree without a lock. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/arena.h"
#include "core/file.h"
#include "runtime/store_backend.h"

struct directory {
    struct store_backend backend;
    char *folder;
    unsigned temporary; /* numbers temporary names within this process */
};

enum { COPY_CHUNK = 1 << 16 };

static char *path_of(const struct directory *directory, const char *key)
{
    size_t length = strlen(directory->folder) + strlen(key) + 2;
    char *path = mem_alloc(length);
    snprintf(path, length, "%s/%s", directory->folder, key);
    return path;
}

static enum store_status fail_errno(struct store_error *error, int code, const char *path)
{
    if (code == ENOENT)
        return store_fail(error, STORE_MISSING, "%s is not in the store", path);
    return store_fail(error, STORE_ERROR, "%s: %s", path, strerror(code));
}

static enum store_status directory_read(void *context, const char *key, size_t limit, struct buf *out,
                                        struct store_error *error)
{
    char *path = path_of(context, key);
    int code = file_read(path, limit, out);
    enum store_status status = code < 0 ? fail_errno(error, -code, path) : STORE_OK;
    free(path);
    return status;
}

/* Copies all bytes between descriptors; 0 or an errno. */
static int copy_bytes(int from, int to)
{
    char *chunk = mem_alloc(COPY_CHUNK);
    int code = 0;
    for (;;) {
        ssize_t count = read(from, chunk, COPY_CHUNK);
        if (count == 0)
            break;
        if (count < 0) {
            if (errno == EINTR)
                continue;
            code = errno;
            break;
        }
        for (ssize_t done = 0; done < count;) {
            ssize_t wrote = write(to, chunk + done, (size_t)(count - done));
            if (wrote < 0 && errno == EINTR)
                continue;
            if (wrote < 0) {
                code = errno;
                free(chunk);
                return code;
            }
            done += wrote;
        }
    }
    free(chunk);
    return code;
}

/* Copies a file to a new one and syncs it; 0 or an errno. */
static int copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return errno;
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int code = out < 0 ? errno : copy_bytes(in, out);
    if (out >= 0 && code == 0 && fsync(out) != 0)
        code = errno;
    if (out >= 0 && close(out) != 0 && code == 0)
        code = errno;
    close(in);
    return code;
}

static int write_whole(const char *path, const void *bytes, size_t count)
{
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (out < 0)
        return errno;
    int code = 0;
    for (size_t done = 0; done < count && code == 0;) {
        ssize_t wrote = write(out, (const char *)bytes + done, count - done);
        if (wrote < 0 && errno != EINTR)
            code = errno;
        else if (wrote > 0)
            done += (size_t)wrote;
    }
    if (code == 0 && fsync(out) != 0)
        code = errno;
    if (close(out) != 0 && code == 0)
        code = errno;
    return code;
}

static int make_parent(const char *path)
{
    char *parent = mem_strdup(path);
    char *slash = strrchr(parent, '/');
    int code = 0;
    if (slash != NULL) {
        *slash = '\0';
        code = -file_make_folders(parent);
    }
    free(parent);
    return code;
}

/* Gives `temporary` the name `path`, which must be free; removes `temporary` in any case. */
static enum store_status publish(const char *temporary, const char *path, struct store_error *error)
{
    enum store_status status = STORE_OK;
    if (link(temporary, path) != 0)
        status = errno == EEXIST ? store_fail(error, STORE_CONFLICT, "%s is there already", path)
                                 : fail_errno(error, errno, path);
    unlink(temporary);
    return status;
}

static char *temporary_beside(struct directory *directory, const char *path)
{
    size_t length = strlen(path) + 48;
    char *temporary = mem_alloc(length);
    snprintf(temporary, length, "%s.%ld.%u.tmp", path, (long)getpid(), directory->temporary++);
    return temporary;
}

/* A new object of `count` bytes, or of what stands in the file `from` when `bytes` is NULL. */
static enum store_status create(struct directory *directory, const char *key, const void *bytes, size_t count,
                                const char *from, struct store_error *error)
{
    char *path = path_of(directory, key);
    char *temporary = temporary_beside(directory, path);
    int code = make_parent(path);
    if (code == 0)
        code = from != NULL ? copy_file(from, temporary) : write_whole(temporary, bytes, count);
    enum store_status status =
        code != 0 ? fail_errno(error, code, from != NULL ? from : path) : publish(temporary, path, error);
    free(temporary);
    free(path);
    return status;
}

static enum store_status directory_create(void *context, const char *key, const void *bytes, size_t count,
                                          struct store_error *error)
{
    return create(context, key, bytes, count, NULL, error);
}

static enum store_status directory_create_file(void *context, const char *key, const char *from,
                                               struct store_error *error)
{
    return create(context, key, NULL, 0, from, error);
}

static enum store_status directory_read_file(void *context, const char *key, const char *to,
                                             struct store_error *error)
{
    struct directory *directory = context;
    char *path = path_of(directory, key);
    char *temporary = temporary_beside(directory, to);
    int code = make_parent(to);
    if (code == 0)
        code = copy_file(path, temporary);
    if (code == 0 && rename(temporary, to) != 0)
        code = errno;
    enum store_status status = STORE_OK;
    if (code != 0) {
        unlink(temporary);
        status = fail_errno(error, code, path);
    }
    free(temporary);
    free(path);
    return status;
}

static bool directory_exists(void *context, const char *key)
{
    char *path = path_of(context, key);
    bool found = file_exists(path);
    free(path);
    return found;
}

static void directory_close(void *context)
{
    struct directory *directory = context;
    free(directory->folder);
    free(directory);
}

struct store_backend *store_directory_open(const char *folder, struct store_error *error)
{
    int code = file_make_folders(folder);
    if (code < 0) {
        store_fail(error, STORE_ERROR, "%s: %s", folder, strerror(-code));
        return NULL;
    }
    struct directory *directory = mem_calloc(1, sizeof *directory);
    directory->folder = mem_strdup(folder);
    directory->backend = (struct store_backend){
        .context = directory,
        .read = directory_read,
        .read_file = directory_read_file,
        .create = directory_create,
        .create_file = directory_create_file,
        .exists = directory_exists,
        .close = directory_close,
    };
    return &directory->backend;
}
