/* Checks the library and the templates of the backends, which mlc holds embedded: it trusts them at start-up,
 * so that no library that does not type-check may be linked into it. Prints the diagnostics, exits with 1. */

#include <stdio.h>
#include "compiler/compilation.h"
#include "core/diag_print.h"

int main(void)
{
    struct compilation *compilation = compilation_new();
    bool sound = load_library(compilation, true) && load_templates(compilation, "backends/data/") &&
                 compile(compilation, "declare") && check_library(compilation);
    sound = sound && diag_error_count(compilation->diags) == 0;
    struct buf out = {0};
    diag_sort(compilation->diags);
    diag_print_text(&out, compilation->diags, compilation->sources, (struct diag_style){.width = 120});
    fputs(buf_str(&out), stderr);
    buf_free(&out);
    compilation_free(compilation);
    return sound ? 0 : 1;
}
