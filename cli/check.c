/* mlc check: parses, types, lints, evaluates policy. */

#include <string.h>
#include "backends/backend.h"
#include "cli/check_extras.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"

/* What the backends make of the graph, as values, before it is written as files. */
static void dump_documents(struct compilation *compilation, struct buf *out)
{
    struct vec outputs = vec_in(compilation->arena);
    if (compilation->graph == NULL || diag_error_count(compilation->diags) > 0 ||
        !backends_run(compilation, &outputs))
        return;
    for (size_t i = 0; i < outputs.count; i++) {
        const struct output *output = outputs.items[i];
        buf_printf(out, "%s\n", output->path);
        for (size_t k = 0; k < output->file->documents.count; k++) {
            buf_add_str(out, "  ");
            value_print(out, output->file->documents.items[k]);
            buf_add_char(out, '\n');
        }
    }
}

/* `--dump STAGE`: a pass that prints, the parser's own stages, or the documents behind the last pass. */
static int dump_stage(struct cli *cli, struct compilation *compilation, const char *stage)
{
    struct buf out = {0};
    if (strcmp(stage, "tokens") == 0 || strcmp(stage, "ast") == 0) {
        for (size_t i = 0; i < compilation->files.count; i++) {
            const struct ast_file *file = compilation->files.items[i];
            if (file->source->role != SOURCE_USER)
                continue;
            if (stage[0] == 't')
                parse_dump_tokens(&out, file->source);
            else
                ast_dump(&out, file);
        }
    } else if (strcmp(stage, "documents") == 0) {
        dump_documents(compilation, &out);
    } else {
        for (size_t i = 0; i < pass_count; i++)
            if (strcmp(passes[i].name, stage) == 0 && passes[i].dump != NULL)
                passes[i].dump(compilation, &out);
    }
    fwrite(buf_str(&out), 1, out.length, cli->out);
    buf_free(&out);
    return EXIT_OK;
}

static bool is_stage(const char *stage)
{
    if (strcmp(stage, "tokens") == 0 || strcmp(stage, "ast") == 0 || strcmp(stage, "documents") == 0)
        return true;
    for (size_t i = 0; i < pass_count; i++)
        if (strcmp(passes[i].name, stage) == 0 && passes[i].dump != NULL)
            return true;
    return false;
}

static int unknown_stage(struct cli *cli, const char *stage)
{
    fprintf(cli->err, "mlc: there is no stage `%s`; stages are tokens, ast", stage);
    for (size_t i = 0; i < pass_count; i++)
        if (passes[i].dump != NULL)
            fprintf(cli->err, ", %s", passes[i].name);
    fputs(", documents\n", cli->err);
    return EXIT_USAGE;
}

static void list_extras(struct cli *cli, struct compilation *compilation, bool json)
{
    struct buf out = {0};
    if (json)
        check_extras_json(compilation, &out);
    else
        check_extras_text(compilation, &out);
    fwrite(buf_str(&out), 1, out.length, cli->out);
    buf_free(&out);
}

int cli_check(struct cli *cli, int argc, char **argv)
{
    const char *format = "text", *dump = NULL;
    bool extras = false;
    struct option_values policies = {0};
    const struct option_spec options[] = {
        {"format", 0, OPTION_CHOICE, &format, "text|json|sarif", "How diagnostics are printed"},
        {"dump", 0, OPTION_TEXT, &dump, "STAGE", "Print a stage: tokens, ast, declare, evaluate, documents"},
        {"policy", 0, OPTION_LIST, &policies, "PATH",
         "Add policies of a file or folder, which the project cannot loosen"},
        {"extras", 0, OPTION_FLAG, &extras, NULL, "List what every `extra` sets, with its line"},
        {0},
    };
    const struct options_page page = {
        "mlc check [OPTIONS] [DIR]",
        "Checks the spec in a folder: syntax, names, types, policy. Nothing is written.", options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK || (dump != NULL && !is_stage(dump))) {
        options_free_values(&policies);
        return result == OPTIONS_HELP ? EXIT_OK
               : result == OPTIONS_OK ? unknown_stage(cli, dump)
                                      : EXIT_USAGE;
    }
    bool documents = dump != NULL && strcmp(dump, "documents") == 0;
    const char *until =
        dump != NULL && dump[0] != 't' && strcmp(dump, "ast") != 0 && !documents ? dump : NULL;
    struct compilation *compilation =
        project_compile_under(cli, count > 0 ? argv[1] : ".", until, documents, policies);
    options_free_values(&policies);
    /* With --extras JSON on stdout is the list: the diagnostics stand on stderr, for people. */
    bool sound = project_report(cli, compilation, extras ? "text" : format);
    if (extras && compilation->graph != NULL)
        list_extras(cli, compilation, strcmp(format, "json") == 0);
    if (dump != NULL)
        dump_stage(cli, compilation, dump);
    else if (sound && !extras && cli->err_is_terminal && strcmp(format, "text") == 0)
        fprintf(cli->err, "mlc: %zu nodes, no errors\n",
                compilation->graph != NULL ? compilation->graph->nodes.count : 0);
    compilation_free(compilation);
    return sound ? EXIT_OK : EXIT_FAILED;
}
