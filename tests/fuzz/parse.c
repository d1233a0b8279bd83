/* Any bytes: no crash, no hang; what parses completely formats to the same tree, twice to the same text. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "grammar/parse.h"

static void dump_text(const char *text, size_t length, struct buf *tree, struct buf *formatted)
{
    struct arena *arena = arena_new();
    struct source_set *sources = source_set_new(arena);
    const struct source *source = source_add(sources, SOURCE_USER, "fuzz.mlc", text, length);
    const struct ast_file *file =
        parse_source(arena, source, (struct parse_limits){0}, diag_sink_new(arena, 0));
    ast_dump(tree, file);
    if (file->complete) {
        format_file(formatted, file);
        buf_add_str(formatted, "");
    }
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0};
    struct buf tree = {0};
    struct buf once = {0};
    struct buf twice = {0};
    struct buf again = {0};
    buf_add(&text, data, size);
    dump_text(buf_str(&text), size, &tree, &once);
    if (once.data != NULL) {
        dump_text(buf_str(&once), once.length, &again, &twice);
        if (twice.data == NULL || strcmp(buf_str(&once), buf_str(&twice)) != 0) {
            abort();
        }
    }
    buf_free(&text);
    buf_free(&tree);
    buf_free(&once);
    buf_free(&twice);
    buf_free(&again);
    return 0;
}
