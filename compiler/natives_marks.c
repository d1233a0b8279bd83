/* Marks for writers: comments and blank lines around a value, which is otherwise the same value. */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"

/* A copy of the value's marks to change, never NULL. */
static struct marks *marks_of(struct native_call *call, const struct value *value)
{
    struct marks *marks = arena_alloc(call->arena, sizeof *marks);
    if (value->marks)
        *marks = *value->marks;
    return marks;
}

/* Comments are one line each: what a user wrote over several lines must not end the comment. */
static const char *one_line(struct native_call *call, const char *text)
{
    char *line = arena_strdup(call->arena, text);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = ' ';
    return line;
}

const struct value *native_note(struct native_call *call)
{
    const struct value *value = call->arguments[0];
    const char *text = native_text(call, 1);
    if (!value || !text)
        return native_misfit(call, value ? 1 : 0, "a value and a text");
    struct marks *marks = marks_of(call, value);
    marks->note = one_line(call, text);
    return value_with_marks(call->arena, value, marks);
}

const struct value *native_above(struct native_call *call)
{
    const struct value *value = call->arguments[0];
    const struct value *const *items;
    size_t count;
    if (!value || !native_items(call, 1, &items, &count))
        return native_misfit(call, value ? 1 : 0, "a value and a list of texts");
    struct marks *marks = marks_of(call, value);
    const char **lines = arena_array(call->arena, count + marks->above_count, sizeof *lines);
    for (size_t i = 0; i < marks->above_count; i++)
        lines[i] = marks->above[i];
    for (size_t i = 0; i < count; i++) {
        const char *text = value_string_or(items[i], NULL);
        if (!text)
            return native_misfit(call, 1, "a list of texts");
        lines[marks->above_count + i] = one_line(call, text);
    }
    marks->above = lines;
    marks->above_count += count;
    return value_with_marks(call->arena, value, marks);
}

const struct value *native_spaced(struct native_call *call)
{
    const struct value *value = call->arguments[0];
    if (!value || (value->kind != VALUE_RECORD && value->kind != VALUE_LIST))
        return native_misfit(call, 0, "a record or a list");
    struct marks *marks = marks_of(call, value);
    marks->spaced = true;
    return value_with_marks(call->arena, value, marks);
}

const struct value *native_remark(struct native_call *call)
{
    const char *text = native_text(call, 0);
    if (!text)
        return native_misfit(call, 0, "a text");
    const struct value *line = value_string(call->arena, one_line(call, text), native_origin(call));
    struct marks *marks = marks_of(call, line);
    marks->remark = true;
    return value_with_marks(call->arena, line, marks);
}
