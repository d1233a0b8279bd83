#include "backends/files.h"

#include <string.h>
#include "backends/report.h"
#include "core/text.h"

/* Why a path cannot be written, or NULL. */
static const char *path_problem(const char *path)
{
    if (!*path)
        return "it is empty";
    if (*path == '/')
        return "it is absolute";
    if (strlen(path) > 1000)
        return "it is longer than 1000 bytes";
    if (!text_is_utf8(path, strlen(path), NULL))
        return "it is not UTF-8";
    for (const char *part = path; part;) {
        const char *end = strchr(part, '/');
        size_t length = end ? (size_t)(end - part) : strlen(part);
        if (!length)
            return "it has an empty part";
        if ((length == 1 && part[0] == '.') || (length == 2 && !memcmp(part, "..", 2)))
            return "it leaves its folder";
        if (length > 255)
            return "a part of it is longer than 255 bytes";
        if (length == 4 && !memcmp(part, ".git", 4))
            return "it lies in git's own folder";
        for (size_t i = 0; i < length; i++)
            if ((unsigned char)part[i] < ' ' || part[i] == 127 || part[i] == '\\')
                return "it holds a character that no path of a project should";
        part = end ? end + 1 : NULL;
    }
    return NULL;
}

static bool two_files(struct compilation *compilation, const char *path, origin first, origin second)
{
    struct diag *diag =
        report_at(compilation, DIAG_BUILD_TWO_FILES, second, "two files are generated as `%s`", path);
    report_other(compilation, diag, first, "the other one is made for this");
    diag_help(diag, "rename one of the two: their names make the path");
    return false;
}

/* Where a file comes from: its node, else the `file` of the template. */
static origin file_origin(const struct generated *file)
{
    return file->node && file->node->origin ? file->node->origin : file->origin;
}

bool files_check_paths(struct compilation *compilation, const struct vec *files)
{
    bool sound = true;
    struct map *seen = map_new(compilation->arena);
    for (size_t i = 0; i < files->count; i++) {
        const struct generated *file = files->items[i];
        const char *problem = path_problem(file->path);
        const struct generated *earlier = map_get(seen, file->path);
        if (problem) {
            report_at(compilation, DIAG_BUILD_PATH, file_origin(file),
                      "`%s` cannot be the path of a generated file: %s", file->path, problem);
            sound = false;
        } else if (earlier) {
            sound = two_files(compilation, file->path, file_origin(earlier), file_origin(file));
        } else {
            map_set(seen, file->path, (void *)file);
        }
    }
    return sound;
}

bool files_check_outputs(struct compilation *compilation, const struct vec *outputs)
{
    bool sound = true;
    struct map *paths = map_new(compilation->arena);
    for (size_t i = 0; i < outputs->count; i++) {
        const struct output *output = outputs->items[i];
        const struct output *earlier = map_get(paths, output->path);
        if (earlier)
            sound =
                two_files(compilation, output->path, file_origin(earlier->file), file_origin(output->file));
        map_set(paths, output->path, (void *)output);
    }
    for (size_t i = 0; i < outputs->count; i++) {
        const struct output *output = outputs->items[i];
        for (const char *slash = strchr(output->path, '/'); slash; slash = strchr(slash + 1, '/')) {
            const struct output *file = map_get_n(paths, output->path, (size_t)(slash - output->path));
            if (!file)
                continue;
            struct diag *diag = report_at(compilation, DIAG_BUILD_TWO_FILES, file_origin(output->file),
                                          "`%s` is generated as a file and as a folder", file->path);
            report_other(compilation, diag, file_origin(file->file), "the file is made for this");
            sound = false;
        }
    }
    return sound;
}
