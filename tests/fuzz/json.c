/* The JSON reader on any bytes; what it accepts comes back from both writers as the same value. */
#include <stdint.h>
#include <stdlib.h>
#include "core/diag_print.h"
#include "core/documents/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_layout(struct arena *arena, const struct value *value, enum json_layout layout)
{
    struct buf out = {0};
    const char *why;
    if (!json_write(&out, value, (struct json_style){layout, false}, NULL))
        abort();
    const struct value *back = json_read_text(arena, buf_str(&out), out.length, &why);
    if (!back || !value_equal(value, back))
        abort();
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct source_set *sources = source_set_new(arena);
    struct diag_sink *diags = diag_sink_new(arena, 0);
    char *text = arena_copy(arena, (const char *)data, size);
    const struct source *source = source_add(sources, SOURCE_OTHER, "input.json", text, size);
    const struct value *value =
        json_read(arena, source, (struct json_limits){0}, origin_table_new(arena), diags);
    if (value) {
        check_layout(arena, value, JSON_COMPACT);
        check_layout(arena, value, JSON_PRETTY);
    }
    struct buf messages = {0};
    diag_print_text(&messages, diags, sources, (struct diag_style){.width = 40});
    buf_free(&messages);
    arena_free(arena);
    return 0;
}
