#include "runtime/inputs.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include "core/file.h"

enum { DEEPEST_FOLDER = 64, MOST_FILES = 200000 };

/* Matches the rest of a pattern against the rest of a path, a folder at a time. */
static bool match_parts(const char *pattern, const char *path)
{
    for (;;) {
        size_t pattern_length = strcspn(pattern, "/"), path_length = strcspn(path, "/");
        if (pattern_length == 0)
            return true; /* the pattern named a folder */
        if (pattern_length == 2 && memcmp(pattern, "**", 2) == 0) {
            const char *rest = pattern + 2 + (pattern[2] == '/');
            if (*rest == '\0')
                return true;
            for (const char *at = path; at != NULL; at = strchr(at, '/'), at = at != NULL ? at + 1 : NULL)
                if (match_parts(rest, at))
                    return true;
            return false;
        }
        char one[256], part[256];
        if (path_length == 0 || pattern_length >= sizeof one || path_length >= sizeof part)
            return false;
        memcpy(one, pattern, pattern_length);
        one[pattern_length] = '\0';
        memcpy(part, path, path_length);
        part[path_length] = '\0';
        if (fnmatch(one, part, FNM_PERIOD) != 0 && strcmp(one, part) != 0)
            return false;
        pattern += pattern_length + (pattern[pattern_length] == '/');
        if (path[path_length] == '\0')
            return *pattern == '\0' || strcmp(pattern, "**") == 0;
        path += path_length + 1;
    }
}

bool inputs_match(const char *pattern, const char *path)
{
    if (strncmp(pattern, "./", 2) == 0)
        pattern += 2;
    return *pattern != '\0' && match_parts(pattern, path);
}

struct walk {
    struct arena *arena;
    const char *folder;
    const char *const *patterns;
    size_t pattern_count;
    const char *const *skip;
    struct vec *files;
};

static bool is_left_out(const struct walk *walk, const char *name, const char *inside)
{
    if (strcmp(name, ".git") == 0 || strcmp(name, ".mlc") == 0 || strcmp(name, "__pycache__") == 0)
        return true;
    for (size_t i = 0; walk->skip != NULL && walk->skip[i] != NULL; i++)
        if (strcmp(walk->skip[i], inside) == 0)
            return true;
    return false;
}

static bool is_wanted(const struct walk *walk, const char *inside)
{
    for (size_t i = 0; i < walk->pattern_count; i++)
        if (inputs_match(walk->patterns[i], inside))
            return true;
    return walk->pattern_count == 0;
}

static int walk_folder(struct walk *walk, const char *inside, int depth)
{
    if (depth > DEEPEST_FOLDER)
        return -ELOOP;
    struct vec names = vec_in(walk->arena);
    int code = file_list(file_join(walk->arena, walk->folder, *inside != '\0' ? inside : "."), &names);
    for (size_t i = 0; i < names.count && code == 0; i++) {
        const char *name = names.items[i];
        char *path = *inside != '\0' ? arena_printf(walk->arena, "%s/%s", inside, name) : (char *)name;
        struct stat status;
        if (is_left_out(walk, name, path) || lstat(file_join(walk->arena, walk->folder, path), &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode))
            code = walk_folder(walk, path, depth + 1);
        else if (is_wanted(walk, path))
            vec_push(walk->files, path);
        if (walk->files->count > MOST_FILES)
            return -E2BIG;
    }
    return code;
}

static int by_bytes(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(a, b);
}

int inputs_list(struct arena *arena, const char *folder, const char *const *patterns, size_t pattern_count,
                const char *const *skip, struct vec *files)
{
    struct walk walk = {arena, folder, patterns, pattern_count, skip, files};
    int code = walk_folder(&walk, "", 0);
    vec_sort(files, by_bytes, NULL);
    return code;
}

int inputs_hash(const char *folder, const struct vec *files, char out[HASH_HEX_SIZE], const char **bad)
{
    struct hash_state *state = hash_begin();
    struct arena *arena = arena_new();
    int code = 0;
    for (size_t i = 0; i < files->count && code == 0; i++) {
        char content[HASH_HEX_SIZE];
        const char *name = files->items[i];
        if (hash_file(file_join(arena, folder, name), content) != 0) {
            code = -errno;
            *bad = name;
        }
        hash_add(state, name, strlen(name) + 1);
        hash_add(state, content, HASH_HEX_SIZE);
    }
    uint8_t bytes[HASH_SIZE];
    hash_end(state, bytes);
    for (int i = 0; i < HASH_SIZE; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * HASH_SIZE] = '\0';
    arena_free(arena);
    return code;
}
