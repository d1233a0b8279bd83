#include "runtime/cluster/plan_value.h"
#include <string.h>
#include "core/documents/json.h"
#include "core/text.h"

enum { VALUE_MAX = 160, BEFORE_DIFFERENCE = 40, LINES_MAX = 12 };

static bool is_inside_character(const struct buf *text, size_t at)
{
    return at < text->length && ((unsigned char)text->data[at] & 0xc0) == 0x80;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* At most VALUE_MAX bytes from `start`. */
static void add_window(struct buf *out, const struct buf *text, size_t start)
{
    start = least(start, text->length);
    while (start > 0 && is_inside_character(text, start))
        start--;
    size_t end = least(text->length, start + VALUE_MAX);
    while (end > start && is_inside_character(text, end))
        end--;
    buf_add_str(out, start > 0 ? "…" : "");
    text_add_safe(out, buf_str(text) + start, end - start);
    if (end < text->length)
        buf_printf(out, "… (%zu bytes)", text->length);
}

static struct buf as_json(const struct value *value)
{
    struct buf text = {0};
    if (value != NULL)
        json_write(&text, value, (struct json_style){JSON_COMPACT, false}, NULL);
    return text;
}

static void add_values(struct buf *out, const struct change *change)
{
    struct buf before = as_json(change->before), after = as_json(change->after);
    size_t start = 0, shorter = least(before.length, after.length);
    while (start < shorter && before.data[start] == after.data[start])
        start++;
    bool whole = before.length <= VALUE_MAX && after.length <= VALUE_MAX;
    start = whole || start < VALUE_MAX - BEFORE_DIFFERENCE ? 0 : start - BEFORE_DIFFERENCE;
    if (change->before != NULL)
        add_window(out, &before, start);
    if (change->before != NULL && change->after != NULL)
        buf_add_str(out, " → ");
    if (change->after != NULL)
        add_window(out, &after, start);
    buf_add_char(out, '\n');
    buf_free(&before);
    buf_free(&after);
}

/* --- texts of several lines */

struct lines {
    const char *text;
    size_t length;
};

static size_t line_length(const struct lines *lines, size_t at)
{
    const char *newline = memchr(lines->text + at, '\n', lines->length - at);
    return newline != NULL ? (size_t)(newline - lines->text) - at + 1 : lines->length - at;
}

/* Bytes of the lines with which both begin; their number is added to `*count`. */
static size_t common_start(const struct lines *a, const struct lines *b, size_t *count)
{
    size_t at = 0;
    while (at < a->length && at < b->length) {
        size_t length = line_length(a, at);
        if (length != line_length(b, at) || memcmp(a->text + at, b->text + at, length) != 0)
            break;
        at += length;
        ++*count;
    }
    return at;
}

/* Bytes of the lines with which both end, not before `start`. */
static size_t common_end(const struct lines *a, const struct lines *b, size_t start)
{
    size_t most = least(a->length, b->length) - start, same = 0, whole = 0;
    while (same < most && a->text[a->length - 1 - same] == b->text[b->length - 1 - same]) {
        same++;
        bool first = same == most || a->text[a->length - 1 - same] == '\n';
        bool also = same == most || b->text[b->length - 1 - same] == '\n';
        if (first && also)
            whole = same;
    }
    return whole;
}

static void add_side(struct buf *out, const struct lines *lines, size_t from, size_t to, size_t indent,
                     const char *sign)
{
    struct lines part = {lines->text, to};
    size_t shown = 0, left = 0;
    for (size_t at = from, length; at < to; at += length) {
        length = line_length(&part, at);
        if (shown++ >= LINES_MAX) {
            left++;
            continue;
        }
        size_t text = length - (lines->text[at + length - 1] == '\n');
        struct buf line = {0};
        buf_add(&line, lines->text + at, text);
        buf_add_repeat(out, ' ', indent);
        buf_add_str(out, sign);
        add_window(out, &line, 0);
        buf_add_char(out, '\n');
        buf_free(&line);
    }
    if (left > 0) {
        buf_add_repeat(out, ' ', indent);
        buf_printf(out, "%sand %zu more lines\n", sign, left);
    }
}

static bool add_lines(struct buf *out, const struct change *change, size_t indent, bool color)
{
    const struct value *before = change->before, *after = change->after;
    if (before == NULL || after == NULL || before->kind != VALUE_STRING || after->kind != VALUE_STRING ||
        (memchr(before->text, '\n', before->length) == NULL &&
         memchr(after->text, '\n', after->length) == NULL))
        return false;
    struct lines a = {before->text, before->length}, b = {after->text, after->length};
    size_t first = 1, start = common_start(&a, &b, &first), end = common_end(&a, &b, start);
    buf_printf(out, "from line %zu\n", first);
    add_side(out, &a, start, a.length - end, indent, color ? "\033[31m-\033[0m " : "- ");
    add_side(out, &b, start, b.length - end, indent, color ? "\033[32m+\033[0m " : "+ ");
    return true;
}

void plan_value_add(struct buf *out, const struct change *change, size_t indent, bool color)
{
    if (!add_lines(out, change, indent, color))
        add_values(out, change);
}
