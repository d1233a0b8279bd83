/* Any bytes as a graph: the reader refuses or gives a graph that can be read. The hash is made to fit, so
 * that the fuzzer gets behind it. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "compiler/compilation.h"
#include "compiler/ir.h"
#include "core/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct graph *graph)
{
    struct buf out = {0};
    ir_write(graph, &out);
    graph_write_dot(graph, &out);
    graph_write_mermaid(graph, &out);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf body = {0}, text = {0};
    char hash[HASH_HEX_SIZE];
    buf_add_str(&body, "  \"nodes\": [\n");
    buf_add(&body, data, size);
    buf_add_str(&body, "\n  ]\n");
    hash_hex(body.data, body.length, hash);
    buf_printf(
        &text,
        "{\n  \"version\": 1,\n  \"mlc\": \"0\",\n  \"project\": \"project/p\",\n  \"hash\": \"%s\",\n",
        hash);
    buf_add(&text, body.data, body.length);
    buf_add_str(&text, "}\n");
    struct compilation *compilation = compilation_new();
    load_library(compilation, false);
    declare(compilation);
    const struct source *source =
        source_add(compilation->sources, SOURCE_OTHER, "g.json", text.data, text.length);
    struct graph *graph = ir_read(compilation, source);
    if (graph)
        use(graph);
    compilation_free(compilation);
    buf_free(&body);
    buf_free(&text);
    return 0;
}
