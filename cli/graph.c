/* mlc graph: the graph as dot, mermaid or JSON. */

#include <string.h>
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/project.h"
#include "compiler/ir.h"

int cli_graph(struct cli *cli, int argc, char **argv)
{
    const char *format = "mermaid";
    const struct option_spec options[] = {
        {"format", 0, OPTION_CHOICE, &format, "dot|mermaid|json", "The notation (mermaid)"},
        {0},
    };
    const struct options_page page = {"mlc graph [OPTIONS] [DIR]",
                                      "Draws what the spec means: nodes, and which needs which.", options, 0,
                                      1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    struct compilation *compilation = project_open(cli, count > 0 ? argv[1] : ".", false);
    if (compilation == NULL)
        return EXIT_FAILED;
    struct buf out = {0};
    bool written = true;
    if (strcmp(format, "dot") == 0)
        graph_write_dot(compilation->graph, &out);
    else if (strcmp(format, "mermaid") == 0)
        graph_write_mermaid(compilation->graph, &out);
    else
        written = ir_write(compilation->graph, &out);
    fwrite(buf_str(&out), 1, out.length, cli->out);
    buf_free(&out);
    compilation_free(compilation);
    return written ? EXIT_OK : EXIT_FAILED;
}
