/* Any text as a spec: checker, evaluator, graph, rules and the writer of the graph never crash, and end. */

#include <stddef.h>
#include <stdint.h>
#include "compiler/compilation.h"
#include "compiler/evaluate.h"
#include "compiler/ir.h"
#include "compiler/passes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What passes the checker must be sound in the evaluator; what does not must do no harm there either. */
static void run(const char *text, size_t size, bool checked)
{
    struct compilation *compilation = compilation_new();
    compilation->limits = (struct compile_limits){.nodes = 5000, .steps = 200000, .output = 1 << 20};
    load_library(compilation, false);
    load_text(compilation, "spec.mlc", text, size);
    declare(compilation);
    if (checked)
        pass_check(compilation);
    if (!checked || diag_error_count(compilation->diags) == 0) {
        pass_build(compilation);
        pass_evaluate(compilation);
        pass_verify(compilation);
        struct buf out = {0};
        ir_write(compilation->graph, &out);
        buf_free(&out);
    }
    compilation_free(compilation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 20000)
        return 0;
    struct buf text = {0};
    buf_add(&text, data + 1, size - 1);
    run(buf_str(&text), text.length, data[0] & 1);
    buf_free(&text);
    return 0;
}
