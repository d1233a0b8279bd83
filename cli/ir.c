/* mlc ir: the graph as versioned JSON, for tools that others write. */

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "compiler/ir.h"

int cli_ir(struct cli *cli, int argc, char **argv)
{
    const struct option_spec options[] = {{0}};
    const struct options_page page = {
        "mlc ir [DIR]", "Prints the graph as JSON; docs/ir.schema.json describes it.", options, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    struct compilation *compilation = project_open(cli, count > 0 ? argv[1] : ".", false);
    if (compilation == NULL)
        return EXIT_FAILED;
    struct buf out = {0};
    bool written = ir_write(compilation->graph, &out);
    fwrite(buf_str(&out), 1, out.length, cli->out);
    buf_free(&out);
    compilation_free(compilation);
    return written ? EXIT_OK : EXIT_FAILED;
}
