#include "runtime/data/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/file.h"

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

bool spill_write(int descriptor, const void *bytes, size_t count, struct data_error *error)
{
    const char *from = bytes;
    while (count > 0) {
        ssize_t wrote = write(descriptor, from, count);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0) {
            data_fail(error, "cannot write a temporary file: %s (TMPDIR names the folder)", strerror(errno));
            return false;
        }
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
