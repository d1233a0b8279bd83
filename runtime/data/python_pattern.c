#include "runtime/data/python_pattern.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "core/buf.h"

static bool all_hex(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

/* What stands behind a backslash; returns how many bytes were read. */
static size_t add_escape(struct buf *out, const char *text, size_t length, bool in_class)
{
    size_t digits = text[0] == 'u' ? 4 : text[0] == 'U' ? 8 : 0;
    if (text[0] == 'Z' && !in_class) {
        buf_add_str(out, "\\z");
        return 1;
    }
    if (digits && length > digits && all_hex(text + 1, digits)) {
        buf_printf(out, "\\x{%.*s}", (int)digits, text + 1);
        return digits + 1;
    }
    buf_add_char(out, '\\');
    buf_add_char(out, text[0]);
    return 1;
}

/* The length of "{,n}" at the start of a text; 0 when something else stands there. */
static size_t open_repeat(const char *text, size_t length)
{
    size_t at = 2;
    if (length < 4 || text[0] != '{' || text[1] != ',')
        return 0;
    while (at < length && isdigit((unsigned char)text[at]))
        at++;
    return at > 2 && at < length && text[at] == '}' ? at + 1 : 0;
}

const char *python_pattern(struct arena *arena, const char *text, size_t length, size_t *out_length)
{
    struct buf out = {0};
    bool in_class = false;
    for (size_t i = 0; i < length;) {
        size_t repeat = in_class ? 0 : open_repeat(text + i, length - i);
        if (text[i] == '\\' && i + 1 < length) {
            i += 1 + add_escape(&out, text + i + 1, length - i - 1, in_class);
            continue;
        }
        if (repeat) {
            buf_add_str(&out, "{0");
            buf_add(&out, text + i + 1, repeat - 1);
            i += repeat;
            continue;
        }
        if (!in_class && text[i] == '[') {
            in_class = true;
            size_t first = i + 1 < length && text[i + 1] == '^' ? i + 2 : i + 1;
            if (first < length && text[first] == ']') { /* a bracket at the beginning is a member */
                buf_add(&out, text + i, first + 1 - i);
                i = first + 1;
                continue;
            }
        } else if (text[i] == ']') {
            in_class = false;
        }
        buf_add_char(&out, text[i++]);
    }
    *out_length = out.length;
    const char *pattern = arena_copy(arena, buf_str(&out), out.length);
    buf_free(&out);
    return pattern;
}
