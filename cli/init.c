/* mlc init: a project that builds and runs at once. Its files are embedded: the scaffold's spec, and the code
 * and data of the Iris example. */

#include <ctype.h>
#include <stdlib.h>
#include <errno.h>
#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "compiler/embedded.h"
#include "core/file.h"
#include "core/text.h"

static const char spec_path[] = "cli/scaffold/project.mlc";
static const char example_folder[] = "examples/iris/";

/* The last part of the folder's path as a name of the language: letters, digits and single `-`. */
static void project_name(const char *folder, char *out, size_t size)
{
    char absolute[4096];
    if (realpath(folder, absolute) == NULL)
        snprintf(absolute, sizeof absolute, "%s", folder);
    const char *base = strrchr(absolute, '/');
    base = base != NULL ? base + 1 : absolute;
    size_t length = 0;
    for (const char *at = base; *at != '\0' && length + 1 < size && length < 40; at++) {
        if (isalnum((unsigned char)*at))
            out[length++] = (char)tolower((unsigned char)*at);
        else if (length > 0 && out[length - 1] != '-')
            out[length++] = '-';
    }
    while (length > 0 && out[length - 1] == '-')
        length--;
    out[length] = '\0';
    if (length == 0 || !isalpha((unsigned char)out[0]))
        snprintf(out, size, "project");
}

/* Appends `text` with each PROJECT replaced by the name. */
static void fill_in(struct buf *out, const char *text, const char *name)
{
    const char *mark;
    while ((mark = strstr(text, "PROJECT")) != NULL) {
        buf_add(out, text, (size_t)(mark - text));
        buf_add_str(out, name);
        text = mark + strlen("PROJECT");
    }
    buf_add_str(out, text);
}

/* Where an embedded file belongs in the new project; NULL when it does not. */
static const char *place_of(const char *path, const char *name, struct arena *arena)
{
    if (strcmp(path, spec_path) == 0)
        return arena_printf(arena, "%s.mlc", name);
    if (!text_starts_with(path, example_folder) || text_ends_with(path, ".mlc") ||
        text_ends_with(path, "mlc.lock"))
        return NULL;
    return path + strlen(example_folder);
}

static bool nothing_in_the_way(struct cli *cli, const char *folder, const char *name, struct arena *arena)
{
    for (unsigned i = 0; i < embedded_file_count; i++) {
        const char *place = place_of(embedded_files[i].path, name, arena);
        if (place != NULL && file_exists(file_join(arena, folder, place))) {
            fprintf(cli->err, "mlc: %s is there already; nothing was written\n",
                    file_join(arena, folder, place));
            return false;
        }
    }
    return true;
}

static bool write_one(struct cli *cli, const char *path, const char *text, size_t length)
{
    int code = file_write_atomic(path, text, length, 0644);
    if (code < 0)
        fprintf(cli->err, "mlc: %s: %s\n", path, strerror(-code));
    else
        fprintf(cli->out, "%s\n", path);
    return code == 0;
}

static bool write_files(struct cli *cli, const char *folder, const char *name, struct arena *arena)
{
    for (unsigned i = 0; i < embedded_file_count; i++) {
        const char *place = place_of(embedded_files[i].path, name, arena);
        if (place == NULL)
            continue;
        struct buf text = {0};
        if (strcmp(embedded_files[i].path, spec_path) == 0)
            fill_in(&text, embedded_files[i].text, name);
        else
            buf_add(&text, embedded_files[i].text, embedded_files[i].length);
        bool written = write_one(cli, file_join(arena, folder, place), buf_str(&text), text.length);
        buf_free(&text);
        if (!written)
            return false;
    }
    const char *ignore = file_join(arena, folder, ".gitignore");
    static const char ignored[] = ".mlc/\n__pycache__/\nmodel.json\nmetrics.json\n";
    return file_exists(ignore) || write_one(cli, ignore, ignored, sizeof ignored - 1);
}

int cli_init(struct cli *cli, int argc, char **argv)
{
    const struct option_spec options[] = {{0}};
    const struct options_page page = {
        "mlc init [DIR]", "Writes a small project that checks, runs and builds as it is.", options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    const char *folder = count > 0 ? argv[1] : ".";
    int code = file_make_folders(folder);
    if (code < 0) {
        fprintf(cli->err, "mlc: %s: %s\n", folder, strerror(-code));
        return EXIT_FAILED;
    }
    char name[64];
    project_name(folder, name, sizeof name);
    struct arena *arena = arena_new();
    bool done = nothing_in_the_way(cli, folder, name, arena) && write_files(cli, folder, name, arena);
    arena_free(arena);
    if (done)
        fprintf(cli->err, "Next: cd %s && mlc check && mlc run\n", folder);
    return done ? EXIT_OK : EXIT_FAILED;
}
