#include "runtime/data/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/arena.h"
#include "core/file.h"

struct spill_file {
    pthread_mutex_t lock;
    int descriptor; /* -1: not made yet */
    uint64_t size;
};

static int open_unlinked(const char *folder)
{
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0)
        return descriptor;
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/mlc-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor >= 0)
        unlink(path);
    return descriptor;
}

int spill_open(struct data_error *error)
{
    const char *folder = file_temporary_folder();
    int descriptor = open_unlinked(folder);
    if (descriptor < 0)
        data_fail(error, "cannot make a temporary file in %s: %s (TMPDIR names the folder)", folder,
                  strerror(errno));
    return descriptor;
}

static bool write_failed(struct data_error *error)
{
    data_fail(error, "cannot write a temporary file: %s (TMPDIR names the folder)", strerror(errno));
    return false;
}

bool spill_write(int descriptor, const void *bytes, size_t count, struct data_error *error)
{
    const char *from = bytes;
    while (count > 0) {
        ssize_t wrote = write(descriptor, from, count);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return write_failed(error);
        from += wrote;
        count -= (size_t)wrote;
    }
    return true;
}

bool spill_read(int descriptor, uint64_t offset, void *bytes, size_t count, struct data_error *error)
{
    char *to = bytes;
    while (count > 0) {
        ssize_t got = pread(descriptor, to, count, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            data_fail(error, "cannot read a temporary file back: %s",
                      got < 0 ? strerror(errno) : "it is shorter than what was written");
            return false;
        }
        to += got;
        offset += (uint64_t)got;
        count -= (size_t)got;
    }
    return true;
}

struct spill_file *spill_file_new(void)
{
    struct spill_file *file = mem_calloc(1, sizeof *file);
    pthread_mutex_init(&file->lock, NULL);
    file->descriptor = -1;
    return file;
}

void spill_file_free(struct spill_file *file)
{
    if (!file)
        return;
    if (file->descriptor >= 0)
        close(file->descriptor);
    pthread_mutex_destroy(&file->lock);
    free(file);
}

bool spill_file_reserve(struct spill_file *file, uint64_t count, uint64_t *offset, struct data_error *error)
{
    pthread_mutex_lock(&file->lock);
    if (file->descriptor < 0)
        file->descriptor = spill_open(error);
    bool made = file->descriptor >= 0;
    *offset = file->size;
    file->size += count;
    pthread_mutex_unlock(&file->lock);
    return made;
}

bool spill_file_write(struct spill_file *file, uint64_t offset, const void *bytes, size_t count,
                      struct data_error *error)
{
    const char *from = bytes;
    while (count > 0) {
        ssize_t wrote = pwrite(file->descriptor, from, count, (off_t)offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return write_failed(error);
        from += wrote;
        offset += (uint64_t)wrote;
        count -= (size_t)wrote;
    }
    return true;
}

bool spill_file_read(const struct spill_file *file, uint64_t offset, void *bytes, size_t count,
                     struct data_error *error)
{
    return spill_read(file->descriptor, offset, bytes, count, error);
}

void spill_file_drop(const struct spill_file *file, uint64_t offset, uint64_t count)
{
    if (count > 0) /* without it the bytes stay until the end: no harm */
        (void)fallocate(file->descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                        (off_t)count);
}
