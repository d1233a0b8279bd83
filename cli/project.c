#include "cli/project.h"

#include <errno.h>
#include <string.h>
#include "compiler/ir.h"
#include "core/diag_print.h"
#include "core/file.h"
#include "runtime/lock.h"

enum { LARGEST_IR = 256 << 20 };

const char *project_lock_path(const struct compilation *compilation)
{
    return file_join(compilation->arena, compilation->project_folder, "mlc.lock");
}

static void take_lock(struct compilation *compilation, const char *path)
{
    const struct value *lock =
        lock_read(compilation->arena, path, compilation->sources, compilation->origins, compilation->diags);
    if (lock != NULL)
        compilation->lock = lock;
}

struct compilation *project_compile(struct cli *cli, const char *folder, const char *until,
                                    bool with_backends)
{
    return project_compile_under(cli, folder, until, with_backends, (struct option_values){0});
}

struct compilation *project_compile_under(struct cli *cli, const char *folder, const char *until,
                                          bool with_backends, struct option_values policies)
{
    (void)cli;
    struct compilation *compilation = compilation_new();
    if (!load_library(compilation, with_backends) || !load_project(compilation, folder))
        return compilation;
    for (size_t i = 0; i < policies.count; i++)
        if (!load_policy(compilation, policies.items[i]))
            return compilation;
    take_lock(compilation, project_lock_path(compilation));
    if (diag_error_count(compilation->diags) == 0)
        compile(compilation, until);
    return compilation;
}

bool project_report(struct cli *cli, struct compilation *compilation, const char *format)
{
    struct buf out = {0};
    diag_sort(compilation->diags);
    if (format != NULL && format[0] == 'j') {
        diag_print_json(&out, compilation->diags, compilation->sources);
        fputs(buf_str(&out), cli->out);
    } else if (format != NULL && format[0] == 's') {
        diag_print_sarif(&out, compilation->diags, compilation->sources, MLC_VERSION);
        fputs(buf_str(&out), cli->out);
    } else {
        struct diag_style style = {.color = cli->color, .width = cli->width};
        diag_print_text(&out, compilation->diags, compilation->sources, style);
        fputs(buf_str(&out), cli->err);
    }
    buf_free(&out);
    return diag_error_count(compilation->diags) == 0;
}

struct compilation *project_open(struct cli *cli, const char *folder, bool with_backends)
{
    struct compilation *compilation = project_compile(cli, folder, NULL, with_backends);
    if (project_report(cli, compilation, "text"))
        return compilation;
    compilation_free(compilation);
    return NULL;
}

static bool is_readable(struct cli *cli, const char *path, int code)
{
    if (code < 0)
        fprintf(cli->err, "mlc: %s: %s\n", path, strerror(-code));
    return code >= 0;
}

struct compilation *project_open_ir(struct cli *cli, const char *path, const char *folder, const char *lock)
{
    struct compilation *compilation = compilation_new();
    struct buf text = {0};
    bool readable = is_readable(cli, path, file_read(path, LARGEST_IR, &text)) &&
                    (lock == NULL || is_readable(cli, lock, file_exists(lock) ? 0 : -ENOENT));
    if (readable && load_library(compilation, false) && compile(compilation, "declare")) {
        const char *copy = arena_copy(compilation->arena, buf_str(&text), text.length);
        compilation->project_folder = folder;
        ir_read(compilation, source_add(compilation->sources, SOURCE_OTHER, path, copy, text.length));
        take_lock(compilation, lock != NULL ? lock : project_lock_path(compilation));
    }
    buf_free(&text);
    if (project_report(cli, compilation, "text") && compilation->graph != NULL &&
        compilation->graph->project != NULL)
        return compilation;
    compilation_free(compilation);
    return NULL;
}
