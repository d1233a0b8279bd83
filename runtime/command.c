#include "runtime/command.h"

#include <string.h>
#include "core/buf.h"
#include "core/shell.h"

static bool fill_hole(struct arena *arena, struct node *node, const struct value *piece, slot_filler fill,
                      void *context, struct shell_state *state, struct buf *out, const char **why)
{
    struct slot slot;
    struct buf written = {0};
    expr_print(&written, piece->expr);
    const char *source = arena_strdup(arena, buf_str(&written));
    buf_free(&written);
    if (!slot_resolve(node, piece->expr, &slot)) {
        *why = arena_printf(arena, "`%s` is no slot here", source);
        return false;
    }
    const char *text = fill(context, &slot, why);
    if (text == NULL)
        return false;
    struct buf word = {0};
    shell_quote(&word, text, strlen(text));
    shell_fill(out, state, buf_str(&word));
    buf_free(&word);
    return true;
}

const char *command_line(struct arena *arena, struct node *node, const struct value *command,
                         slot_filler fill, void *context, const char **why)
{
    if (command->kind == VALUE_STRING)
        return command->text;
    if (command->kind != VALUE_TEXT) {
        *why = "it is no command";
        return NULL;
    }
    struct buf out = {0};
    struct shell_state state = {0};
    bool done = true;
    for (size_t i = 0; i < command->count && done; i++) {
        const struct value *piece = command->items[i];
        if (piece->kind == VALUE_EXPRESSION) {
            done = fill_hole(arena, node, piece, fill, context, &state, &out, why);
            continue;
        }
        buf_add(&out, piece->text, piece->length);
        shell_scan(&state, piece->text, piece->length);
    }
    const char *line = done ? arena_strdup(arena, buf_str(&out)) : NULL;
    buf_free(&out);
    return line;
}

const char *command_text(struct arena *arena, const struct value *command)
{
    if (command->kind != VALUE_TEXT)
        return value_string_or(command, "");
    struct buf out = {0};
    for (size_t i = 0; i < command->count; i++) {
        if (command->items[i]->kind == VALUE_EXPRESSION) {
            buf_add_char(&out, '{');
            expr_print(&out, command->items[i]->expr);
            buf_add_char(&out, '}');
        } else {
            buf_add(&out, command->items[i]->text, command->items[i]->length);
        }
    }
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return text;
}
