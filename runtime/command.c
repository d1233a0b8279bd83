#include "runtime/command.h"

#include <stdlib.h>
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

static const char *environment_entry(struct arena *arena, const struct field *field, const char **why)
{
    const struct value *value = field->value;
    if (value->kind == VALUE_NODE) {
        const struct value *from = node_get(value->node, "from");
        const char *name = from->kind == VALUE_VARIANT ? value_string_or(value_get(from, "name"), "") : "";
        if (from->kind == VALUE_VARIANT && strcmp(from->name, "env") == 0)
            return arena_printf(arena, "%s=%s", field->key, getenv(name) != NULL ? getenv(name) : "");
        *why = arena_printf(arena, "the secret `%s` is not readable here; only `env(…)` is on one machine",
                            value->node->name);
        return NULL;
    }
    struct buf text = {0};
    if (value->kind == VALUE_STRING || value->kind == VALUE_WORD)
        buf_add(&text, value->text, value->length);
    else
        value_print(&text, value);
    const char *entry = arena_printf(arena, "%s=%s", field->key, buf_str(&text));
    buf_free(&text);
    return entry;
}

const char *const *command_environment(struct arena *arena, struct node *node, const char **why)
{
    const struct value *values = node_get(node, "env");
    size_t count = values->kind == VALUE_RECORD ? values->field_count : 0;
    const char **entries = arena_array(arena, count + 1, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        entries[i] = environment_entry(arena, &values->fields[i], why);
        if (entries[i] == NULL)
            return NULL;
    }
    return entries;
}
