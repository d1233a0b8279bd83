/* The list of passes: what `compile` runs and `--dump` prints. */

#include "compiler/passes.h"

#include <string.h>
#include "compiler/compilation.h"
#include "compiler/dump.h"
#include "compiler/graph.h"

const struct pass passes[] = {
    {"declare", declare, dump_declarations,
     "kinds, types, functions and measures of library, backends and project"},
    {"check", pass_check, NULL, "names, attributes and types of the project's text"},
    {"build", pass_build, NULL, "nodes from blocks; `for`, `if`, components, `like`, overlays"},
    {"evaluate", pass_evaluate, dump_graph, "every attribute of every node, edges, hashes"},
    {"verify", pass_verify, NULL, "checks of kinds, policies, cycles"},
};

const size_t pass_count = sizeof passes / sizeof passes[0];

bool compile(struct compilation *compilation, const char *until)
{
    for (size_t i = 0; i < pass_count && diag_error_count(compilation->diags) == 0; i++) {
        passes[i].run(compilation);
        if (until != NULL && strcmp(passes[i].name, until) == 0)
            break;
    }
    return diag_error_count(compilation->diags) == 0;
}
