/* mlc build: writes what the targets ask for. */

#include "cli/build.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "cli/build_diff.h"
#include "cli/build_plan.h"
#include "cli/build_write.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "core/documents/json.h"
#include "core/file.h"

struct build_flags {
    const char *output;
    bool check, diff, force;
    const char *format;
};

static const char *state_word(const struct build_plan *plan, const struct build_change *change)
{
    switch (change->state) {
    case BUILD_CREATE:
        return "missing";
    case BUILD_UPDATE:
        return build_plan_other_mlc(plan) ? "other mlc" : "stale";
    case BUILD_REMOVE:
        return "surplus";
    case BUILD_EDITED:
    case BUILD_ORPHAN:
        return "edited";
    case BUILD_FOREIGN:
        return "foreign";
    default:
        return "same";
    }
}

static void print_json(struct cli *cli, const struct build_plan *plan)
{
    struct record_builder record = record_begin(plan->arena);
    struct list_builder list = list_begin(plan->arena);
    for (size_t i = 0; i < plan->changes.count; i++) {
        const struct build_change *change = plan->changes.items[i];
        struct field fields[] = {{"path", 0, value_string(plan->arena, change->path, 0)},
                                 {"state", 0, value_string(plan->arena, state_word(plan, change), 0)}};
        list_add(&list, value_record(plan->arena, fields, 2, 0));
    }
    record_set(&record, "version", value_int(plan->arena, 1, 0));
    record_set(&record, "mlc", value_string(plan->arena, MLC_VERSION, 0));
    record_set(&record, "written_by", value_string(plan->arena, plan->old->mlc, 0));
    record_set(&record, "root", value_string(plan->arena, plan->root, 0));
    record_set(&record, "files", list_end(&list, 0));
    struct buf out = {0};
    json_write(&out, record_end(&record, 0), (struct json_style){JSON_PRETTY, false}, NULL);
    fprintf(cli->out, "%s\n", buf_str(&out));
    buf_free(&out);
}

static void print_diff(struct cli *cli, const struct build_plan *plan)
{
    struct buf out = {0};
    for (size_t i = 0; i < plan->changes.count; i++) {
        const struct build_change *change = plan->changes.items[i];
        if (change->state == BUILD_SAME)
            continue;
        struct diff_text before = {"/dev/null", "", 0}, after = {"/dev/null", "", 0};
        if (change->disk)
            before = (struct diff_text){arena_printf(plan->arena, "a/%s", change->path), change->disk,
                                        change->disk_length};
        if (change->text)
            after = (struct diff_text){arena_printf(plan->arena, "b/%s", change->path), change->text,
                                       change->length};
        diff_unified(plan->arena, &out, before, after);
    }
    fwrite(buf_str(&out), 1, out.length, cli->out);
    buf_free(&out);
}

/* Exit 1 where a file on disk is not what the spec asks for. */
static int check(struct cli *cli, const struct build_plan *plan, const struct build_flags *flags)
{
    bool json = flags->format[0] == 'j';
    size_t same = build_plan_count(plan, BUILD_SAME), count = plan->changes.count;
    if (json)
        print_json(cli, plan);
    for (size_t i = 0; i < count && !json; i++) {
        const struct build_change *change = plan->changes.items[i];
        if (change->state != BUILD_SAME)
            fprintf(cli->out, "%-9s  %s\n", state_word(plan, change), change->path);
    }
    if (same == count)
        return EXIT_OK;
    if (build_plan_other_mlc(plan))
        fprintf(cli->err,
                "mlc: %zu of %zu generated files differ; they were written by mlc %s with other templates, "
                "and this is %s.\n"
                "     Use that version, or run `mlc build` with this one and commit.\n",
                count - same, count, plan->old->mlc, MLC_VERSION);
    else
        fprintf(
            cli->err,
            "mlc: %zu of %zu generated files are not what the spec asks for: run `mlc build` and commit.\n",
            count - same, count);
    return EXIT_FAILED;
}

static void summarize(struct cli *cli, const struct build_plan *plan)
{
    static const struct {
        enum build_state state;
        const char *word;
    } words[] = {{BUILD_CREATE, "created"},     {BUILD_UPDATE, "updated"},
                 {BUILD_EDITED, "overwritten"}, {BUILD_FOREIGN, "taken over"},
                 {BUILD_REMOVE, "removed"},     {BUILD_ORPHAN, "removed although edited"}};
    fprintf(cli->err, "mlc: %zu files in %s",
            plan->changes.count - build_plan_count(plan, BUILD_REMOVE) - build_plan_count(plan, BUILD_ORPHAN),
            plan->root);
    const char *separator = ": ";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t count = build_plan_count(plan, words[i].state);
        if (!count)
            continue;
        fprintf(cli->err, "%s%zu %s", separator, count, words[i].word);
        separator = ", ";
    }
    fprintf(cli->err, "%s\n", *separator == ':' ? ", nothing to do" : "");
}

static int write_plan(struct cli *cli, struct build_plan *plan, const struct build_flags *flags, bool quiet)
{
    if (!flags->force && build_plan_blocked(plan))
        return EXIT_FAILED;
    if (!build_write(plan, NULL))
        return EXIT_FAILED;
    if (!quiet)
        summarize(cli, plan);
    return EXIT_OK;
}

/* An absolute folder for -o; it is made when it will be written to. */
static const char *output_folder(struct compilation *compilation, const struct build_flags *flags)
{
    char absolute[PATH_MAX];
    if (!flags->output)
        return NULL;
    if (!flags->check && !flags->diff)
        file_make_folders(flags->output);
    return arena_strdup(compilation->arena, realpath(flags->output, absolute) ? absolute : flags->output);
}

static int build(struct cli *cli, struct compilation *compilation, const struct build_flags *flags,
                 bool quiet)
{
    struct vec outputs = vec_in(compilation->arena);
    struct build_plan plan;
    if (!backends_run(compilation, &outputs))
        return EXIT_FAILED;
    const char *output = output_folder(compilation, flags);
    bool writes = !flags->check && !flags->diff;
    int lock = writes ? build_lock(compilation, output                         ? output
                                                : *compilation->project_folder ? compilation->project_folder
                                                                               : ".")
                      : -1;
    int code = EXIT_FAILED;
    if ((!writes || lock >= 0) && build_plan_make(&plan, compilation, &outputs, output)) {
        if (flags->diff)
            print_diff(cli, &plan);
        code = writes         ? write_plan(cli, &plan, flags, quiet)
               : flags->check ? check(cli, &plan, flags)
                              : EXIT_OK;
    }
    build_unlock(lock);
    return code;
}

static int compile_and_build(struct cli *cli, const char *folder, const struct build_flags *flags, bool quiet)
{
    struct compilation *compilation = project_compile(cli, folder, NULL, true);
    int code = EXIT_FAILED;
    if (diag_error_count(compilation->diags) == 0)
        code = build(cli, compilation, flags, quiet);
    if (!project_report(cli, compilation, "text"))
        code = EXIT_FAILED;
    compilation_free(compilation);
    return code;
}

int cli_build(struct cli *cli, int argc, char **argv)
{
    struct build_flags flags = {.format = "text"};
    const struct option_spec options[] = {
        {"output", 'o', OPTION_TEXT, &flags.output, "DIR",
         "Write below this folder instead of the repository's root"},
        {"check", 0, OPTION_FLAG, &flags.check, NULL, "Write nothing; exit 1 where a file on disk is stale"},
        {"diff", 0, OPTION_FLAG, &flags.diff, NULL, "Write nothing; print what would change"},
        {"force", 0, OPTION_FLAG, &flags.force, NULL,
         "Overwrite files that were edited or that mlc did not write"},
        {"format", 0, OPTION_CHOICE, &flags.format, "text|json", "How --check prints"},
        {0},
    };
    const struct options_page page = {
        "mlc build [OPTIONS] [DIR]",
        "Writes the files that the targets of the spec ask for. A file that was edited by hand, or that was "
        "there before,\n"
        "is never overwritten without --force; one that the spec no longer asks for is removed.",
        options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    return compile_and_build(cli, count > 0 ? argv[1] : ".", &flags, false);
}

bool build_again(struct cli *cli, const char *folder)
{
    const struct build_flags flags = {.format = "text"};
    return compile_and_build(cli, folder, &flags, true) == EXIT_OK;
}
