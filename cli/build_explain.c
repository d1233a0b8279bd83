/* mlc explain FILE:LINE: where a line of a generated file comes from. */

#include "cli/build.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/build_plan.h"
#include "cli/project.h"
#include "core/file.h"
#include "core/text.h"

bool build_is_place(const char *text)
{
    const char *colon = strrchr(text, ':');
    return colon && colon > text && colon[1] && strspn(colon + 1, "0123456789") == strlen(colon + 1);
}

/* A path as people would write it from here. */
static const char *from_here(struct arena *arena, const char *absolute)
{
    char here[PATH_MAX];
    size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (!length || strncmp(absolute, here, length))
        return absolute;
    if (!absolute[length])
        return ".";
    return absolute[length] == '/' ? arena_strdup(arena, absolute + length + 1) : absolute;
}

/* The folder of the project that made the file: the nearest one above it with a manifest, else the current
 * one. */
static const char *project_folder(struct arena *arena, const char *path)
{
    char *folder = arena_strdup(arena, path);
    for (char *slash = strrchr(folder, '/'); slash; slash = strrchr(folder, '/')) {
        *slash = '\0';
        if (*folder && file_exists(file_join(arena, folder, MANIFEST_NAME)))
            return from_here(arena, folder);
    }
    return ".";
}

static void print_place(struct cli *cli, struct compilation *compilation, struct span span, const char *role)
{
    const struct source *source = source_of(compilation->sources, span.source);
    if (!source)
        return;
    struct position position = source_position(source, span.start);
    size_t length;
    const char *line = source_line(source, position.line, &length);
    while (length && (*line == ' ' || *line == '\t')) {
        line++;
        length--;
    }
    fprintf(cli->out, "  %-14s %s:%u:%u\n                 | %.*s\n", role, source->path, position.line,
            position.column, (int)(length > 160 ? 160 : length), line);
}

static const char *role_of(const struct compilation *compilation, struct span span, bool first_user)
{
    const struct source *source = source_of(compilation->sources, span.source);
    if (source && source->role == SOURCE_USER)
        return first_user ? "the spec:" : "inside:";
    return source && source->role == SOURCE_BACKEND ? "the template:" : "the library:";
}

/* The spec first, then the template's places. */
static void print_chain(struct cli *cli, struct compilation *compilation, origin where)
{
    for (int users = 1; users >= 0; users--) {
        bool first = true;
        origin at = where;
        for (int depth = 0; at && depth < 32; at = origin_parent(compilation->origins, at), depth++) {
            struct span span = origin_span(compilation->origins, at);
            const struct source *source = source_of(compilation->sources, span.source);
            if (!source || (source->role == SOURCE_USER) != (users == 1))
                continue;
            print_place(cli, compilation, span, role_of(compilation, span, first));
            first = false;
        }
    }
}

static const struct output *find_output(const struct vec *outputs, const char *path)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (!strcmp(((const struct output *)outputs->items[i])->path, path))
            return outputs->items[i];
    return NULL;
}

static int explain_line(struct cli *cli, struct compilation *compilation, const char *absolute, size_t line)
{
    struct arena *arena = compilation->arena;
    struct vec outputs = vec_in(arena);
    const char *root = build_root(arena, compilation->project_folder);
    size_t length = strlen(root);
    if (!backends_run(compilation, &outputs))
        return EXIT_FAILED;
    bool below = !strncmp(absolute, root, length) && absolute[length] == '/';
    const struct output *output = below ? find_output(&outputs, absolute + length + 1) : NULL;
    if (!output) {
        fprintf(cli->err, "mlc: `%s` is no file that this project generates\n", absolute);
        return EXIT_FAILED;
    }
    size_t count;
    const origin *lines = output_lines(compilation, output, &count);
    if (!line || line > count) {
        fprintf(cli->err, "mlc: `%s` has %zu lines\n", output->path, count);
        return EXIT_FAILED;
    }
    const char *text = output->text;
    for (size_t i = 1; i < line; i++)
        text = strchr(text, '\n') + 1;
    fprintf(cli->out, "%s:%zu: %.*s\n", output->path, line, (int)strcspn(text, "\n"), text);
    print_chain(cli, compilation, lines[line - 1]);
    return EXIT_OK;
}

int build_explain(struct cli *cli, const char *place)
{
    struct arena *arena = arena_new();
    char absolute[PATH_MAX];
    const char *colon = strrchr(place, ':');
    const char *path = arena_copy(arena, place, (size_t)(colon - place));
    int64_t line = 0;
    int code = EXIT_FAILED;
    if (!realpath(path, absolute) || !text_to_int(colon + 1, strlen(colon + 1), &line)) {
        fprintf(cli->err, "mlc: there is no file `%s`\n", path);
    } else {
        struct compilation *compilation = project_open(cli, project_folder(arena, absolute), true);
        if (compilation) {
            code = explain_line(cli, compilation, absolute, (size_t)line);
            project_report(cli, compilation, "text");
            compilation_free(compilation);
        }
    }
    arena_free(arena);
    return code;
}
