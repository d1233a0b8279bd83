/* The YAML reader on any bytes; what it accepts comes back from the writer as the same value. */
#include <stdint.h>
#include <stdlib.h>
#include "core/diag_print.h"
#include "core/documents/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct value *read_one(struct arena *arena, struct source_set *sources, struct diag_sink *diags,
                                    const char *text, size_t length, struct vec *documents)
{
    const struct source *source = source_add(sources, SOURCE_OTHER, "input.yaml", text, length);
    struct yaml_limits limits = {.nodes = 20000};
    if (!yaml_read(arena, source, limits, origin_table_new(arena), diags, documents))
        return NULL;
    return documents->count ? documents->items[0] : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct source_set *sources = source_set_new(arena);
    struct diag_sink *diags = diag_sink_new(arena, 0);
    struct vec documents = vec_in(arena), again = vec_in(arena);
    struct buf out = {0};
    char *text = arena_copy(arena, (const char *)data, size);
    const struct value *value = read_one(arena, sources, diags, text, size, &documents);
    if (value) {
        if (!yaml_write(&out, value, NULL))
            abort();
        const struct value *back = read_one(arena, sources, diags, buf_str(&out), out.length, &again);
        if (value->kind != VALUE_NULL && (!back || !value_equal(value, back)))
            abort();
    }
    struct buf messages = {0};
    diag_print_text(&messages, diags, sources, (struct diag_style){0});
    buf_free(&messages);
    buf_free(&out);
    arena_free(arena);
    return 0;
}
