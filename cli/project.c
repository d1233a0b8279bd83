#include "cli/project.h"

#include "core/diag_print.h"
#include "core/file.h"
#include "runtime/lock.h"

const char *project_lock_path(const struct compilation *compilation)
{
    return file_join(compilation->arena, compilation->project_folder, "mlc.lock");
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
    const struct value *lock = lock_read(compilation->arena, project_lock_path(compilation),
                                         compilation->sources, compilation->origins, compilation->diags);
    if (lock != NULL)
        compilation->lock = lock;
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
