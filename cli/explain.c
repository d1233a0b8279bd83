/* mlc explain: a page about a diagnostic, a kind, a measure, a type or a function, or the places behind a
 * generated line. */

#include <ctype.h>
#include <string.h>
#include "cli/build.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/reference.h"
#include "compiler/compilation.h"
#include "core/diag.h"
#include "core/map.h"

static bool is_code(const char *text)
{
    return strncmp(text, "MLC", 3) == 0 && isdigit((unsigned char)text[3]);
}

static int explain_code(struct cli *cli, const char *id)
{
    const struct diag_info *info = diag_info_by_id(id);
    if (info == NULL) {
        fprintf(cli->err, "mlc: there is no diagnostic %s\n", id);
        return EXIT_FAILED;
    }
    fprintf(cli->out, "%s: %s\n\n%s", info->id, info->title, info->page);
    return EXIT_OK;
}

static int explain_name(struct cli *cli, const char *name, bool reference)
{
    struct compilation *compilation = compilation_new();
    int code = EXIT_FAILED;
    struct buf out = {0};
    if (load_library(compilation, false) && compile(compilation, "declare")) {
        if (reference) {
            reference_all(&out, compilation);
            code = EXIT_OK;
        } else if (reference_page(&out, compilation, name)) {
            code = EXIT_OK;
        } else {
            const char *near = map_nearest(reference_names(compilation), name);
            fprintf(cli->err, "mlc: nothing is called `%s`%s%s%s\n", name,
                    near != NULL ? "; did you mean `" : "", near != NULL ? near : "",
                    near != NULL ? "`?" : "");
        }
    }
    fwrite(buf_str(&out), 1, out.length, cli->out);
    buf_free(&out);
    compilation_free(compilation);
    return code;
}

int cli_explain(struct cli *cli, int argc, char **argv)
{
    bool reference = false;
    const struct option_spec options[] = {
        {"reference", 0, OPTION_FLAG, &reference, NULL, "Print the whole reference as Markdown"},
        {0},
    };
    const struct options_page page = {"mlc explain CODE, NAME or FILE:LINE",
                                      "Explains a diagnostic (MLC0204), a kind, a measure, a type or a "
                                      "function; or where a line of a generated\nfile comes from.",
                                      options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    if (count == 0 && !reference) {
        fprintf(cli->err, "mlc: what shall be explained?\nUsage: %s\n", page.usage);
        return EXIT_USAGE;
    }
    if (count > 0 && build_is_place(argv[1]))
        return build_explain(cli, argv[1]);
    return count > 0 && is_code(argv[1]) ? explain_code(cli, argv[1]) : explain_name(cli, argv[1], reference);
}
