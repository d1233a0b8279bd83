#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int file, size_t limit, struct buf *out)
{
    size_t start = out->length;
    for (;;) {
        buf_reserve(out, 64 * 1024);
        ssize_t count = read(file, out->data + out->length, out->capacity - out->length - 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        if (count == 0)
            return 0;
        out->length += (size_t)count;
        if (out->length - start > limit)
            return -EFBIG;
    }
}

int file_read(const char *path, size_t limit, struct buf *out)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    size_t start = out->length;
    struct stat info;
    int result = fstat(file, &info) < 0 ? -errno : 0;
    if (!result && S_ISDIR(info.st_mode))
        result = -EISDIR;
    if (!result && S_ISREG(info.st_mode) && (uint64_t)info.st_size > limit)
        result = -EFBIG;
    if (!result && S_ISREG(info.st_mode) && info.st_size > 0)
        buf_reserve(out, (size_t)info.st_size + 1);
    if (!result)
        result = read_all(file, limit, out);
    if (result)
        out->length = start;
    if (out->data)
        out->data[out->length] = '\0';
    close(file);
    return result;
}

static int write_all(int file, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        bytes += written;
        count -= (size_t)written;
    }
    /* Pipes and most devices have nothing to sync. */
    return fsync(file) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
}

/* A new file beside `path`, whose name is left in `temporary`. */
static int open_temporary(const char *path, unsigned mode, struct buf *temporary)
{
    for (int attempt = 0; attempt < 64; attempt++) {
        uint64_t number = 0;
        if (getrandom(&number, sizeof number, 0) < 0)
            return -errno;
        buf_clear(temporary);
        buf_printf(temporary, "%s.%016llx.tmp", path, (unsigned long long)number);
        int file = open(temporary->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
        if (file >= 0)
            return file;
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

/* Makes a rename durable; file systems that cannot sync a folder have nothing to lose by it. */
static void sync_folder_of(const char *path)
{
    char *folder = strdup(path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    if (slash)
        slash[slash == folder] = '\0';
    int file = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        fsync(file);
        close(file);
    }
    free(folder);
}

static int make_parent(const char *path)
{
    char *folder = mem_strdup(path);
    char *slash = strrchr(folder, '/');
    int result = 0;
    if (slash && slash != folder) {
        *slash = '\0';
        result = file_make_folders(folder);
    }
    free(folder);
    return result;
}

int file_write_atomic(const char *path, const void *bytes, size_t count, unsigned mode)
{
    struct buf temporary = {0};
    int file = open_temporary(path, mode, &temporary);
    if (file == -ENOENT) {
        int made = make_parent(path);
        file = made ? made : open_temporary(path, mode, &temporary);
    }
    if (file < 0) {
        buf_free(&temporary);
        return file;
    }
    int result = write_all(file, bytes, count);
    if (close(file) < 0 && !result)
        result = -errno;
    if (!result && rename(temporary.data, path) < 0)
        result = -errno;
    if (result)
        unlink(temporary.data);
    else
        sync_folder_of(path);
    buf_free(&temporary);
    return result;
}

int file_write_output(const char *path, const void *bytes, size_t count, unsigned mode)
{
    struct stat info;
    if (lstat(path, &info) < 0 || S_ISREG(info.st_mode))
        return file_write_atomic(path, bytes, count, mode);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (file < 0)
        return -errno;
    int result = write_all(file, bytes, count);
    if (close(file) < 0 && !result)
        result = -errno;
    return result;
}

static int make_folder(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return file_is_folder(path) ? 0 : -ENOTDIR;
    return -errno;
}

int file_make_folders(const char *path)
{
    char *copy = mem_strdup(path);
    int result = 0;
    for (char *at = copy; *at && !result; at++) {
        if (*at != '/' || at == copy)
            continue;
        *at = '\0';
        result = make_folder(copy);
        *at = '/';
    }
    if (!result && *copy)
        result = make_folder(copy);
    free(copy);
    return result;
}

bool file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool file_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int compare_names(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(a, b);
}

int file_list(const char *folder, struct vec *names)
{
    DIR *stream = opendir(folder);
    if (!stream)
        return -errno;
    struct vec found = vec_in(names->arena);
    errno = 0;
    for (struct dirent *entry; (entry = readdir(stream)) != NULL; errno = 0)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            vec_push(&found, arena_strdup(names->arena, entry->d_name));
    int result = -errno;
    closedir(stream);
    if (result)
        return result;
    vec_sort(&found, compare_names, NULL);
    for (size_t i = 0; i < found.count; i++)
        vec_push(names, found.items[i]);
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info, (void)type, (void)place;
    return remove(path) < 0 && errno != ENOENT ? -errno : 0;
}

int file_remove_tree(const char *path)
{
    errno = 0;
    int result = nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
    if (result == -1 && errno)
        result = -errno;
    return result == -ENOENT ? 0 : result;
}

char *file_join(struct arena *arena, const char *folder, const char *name)
{
    if (name[0] == '/' || folder[0] == '\0' || strcmp(folder, ".") == 0)
        return arena_strdup(arena, name);
    size_t length = strlen(folder);
    return arena_printf(arena, "%s%s%s", folder, folder[length - 1] == '/' ? "" : "/", name);
}

char *file_as_pattern(struct arena *arena, const char *path)
{
    struct buf out = {0};
    for (const char *at = path; *at; at++) {
        if (strchr("*?[]{},\\", *at))
            buf_add_char(&out, '\\');
        buf_add_char(&out, *at);
    }
    char *text = arena_copy(arena, buf_str(&out), out.length);
    buf_free(&out);
    return text;
}

int file_matches(const char *folder, const char *path, struct vec *files)
{
    struct arena *arena = files->arena;
    if (file_exists(file_join(arena, folder, path))) {
        vec_push(files, arena_strdup(arena, path));
        return 0;
    }
    glob_t found;
    char *pattern = file_join(arena, file_as_pattern(arena, folder), path);
    size_t skip = strlen(file_join(arena, folder, "")); /* "folder/", or nothing */
    int code = glob(pattern, GLOB_BRACE | GLOB_NOSORT, NULL, &found);
    if (code != 0)
        return code == GLOB_NOMATCH ? 0 : -EIO;
    for (size_t i = 0; i < found.gl_pathc; i++)
        vec_push(files, arena_strdup(arena, found.gl_pathv[i] + (path[0] == '/' ? 0 : skip)));
    globfree(&found);
    vec_sort(files, compare_names, NULL);
    return 0;
}

/* Drops the last part of a path under construction; false when there is none that ".." could undo. */
static bool drop_last(char *out, size_t *length, size_t root)
{
    if (*length <= root)
        return false;
    size_t at = *length;
    while (at > root && out[at - 1] != '/')
        at--;
    if (*length - at == 2 && memcmp(out + at, "..", 2) == 0)
        return false;
    *length = at > root ? at - 1 : root;
    return true;
}

char *file_normalize(struct arena *arena, const char *path)
{
    char *out = arena_alloc(arena, strlen(path) + 2);
    size_t root = path[0] == '/', length = root;
    if (root)
        out[0] = '/';
    while (*path) {
        size_t part = strcspn(path, "/");
        bool parent = part == 2 && memcmp(path, "..", 2) == 0;
        bool nothing = part == 0 || (part == 1 && *path == '.') ||
                       (parent && drop_last(out, &length, root)) || (parent && root);
        if (!nothing) {
            if (length > root)
                out[length++] = '/';
            memcpy(out + length, path, part);
            length += part;
        }
        path += part + (path[part] == '/');
    }
    if (length == 0)
        out[length++] = '.';
    out[length] = '\0';
    return out;
}

const char *file_temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && *folder != '\0' ? folder : "/tmp";
}

char *file_temporary(struct arena *arena, const char *name)
{
    char *path = file_join(arena, file_temporary_folder(), arena_printf(arena, "%s-XXXXXX", name));
    int descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    close(descriptor);
    return path;
}
