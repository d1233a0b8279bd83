#include "core/diag_snippet.h"

#include <string.h>
#include "core/text.h"

enum { TAB_WIDTH = 4, SHORTEST_WINDOW = 20 };

/* The next character of a text as it is shown. */
struct glyph {
    char bytes[8];
    size_t length;
    size_t width;
};

static struct glyph next_glyph(const char *text, size_t length, size_t *at)
{
    struct glyph glyph = {.length = 0};
    if (text[*at] == '\t') {
        ++*at;
        memset(glyph.bytes, ' ', TAB_WIDTH);
        glyph.length = glyph.width = TAB_WIDTH;
        return glyph;
    }
    size_t start = *at;
    uint32_t c = text_next_code_point(text, length, at);
    if (!text_is_printable(c) || c == 0xfffd) {
        memcpy(glyph.bytes, "\xef\xbf\xbd", 3);
        glyph.length = 3;
    } else {
        glyph.length = *at - start;
        memcpy(glyph.bytes, text + start, glyph.length);
    }
    glyph.width = text_width(glyph.bytes, glyph.length);
    return glyph;
}

/* Columns that the first `end` bytes of a line take. */
static size_t columns_to(const char *line, size_t length, size_t end)
{
    size_t columns = 0;
    for (size_t at = 0; at < length && at < end;)
        columns += next_glyph(line, length, &at).width;
    return columns;
}

/* Appends the glyphs that lie wholly in columns [from, to). */
static void add_columns(struct buf *out, const char *line, size_t length, size_t from, size_t to)
{
    size_t column = 0;
    for (size_t at = 0; at < length && column < to;) {
        struct glyph glyph = next_glyph(line, length, &at);
        if (column >= from && column + glyph.width <= to)
            buf_add(out, glyph.bytes, glyph.length);
        else if (column < from && column + glyph.width > from)
            buf_add_repeat(out, ' ', column + glyph.width - from);
        column += glyph.width;
    }
}

/* Shows the columns around the mark of a line that is too wide, with "…" where it is cut. */
static void cut(struct snippet *snippet, const char *line, size_t length, size_t total, size_t width)
{
    if (width < SHORTEST_WINDOW)
        width = SHORTEST_WINDOW;
    size_t lead = width / 4, from = 0;
    if (snippet->mark + snippet->mark_width >= width)
        from = snippet->mark > lead ? snippet->mark - lead : 0;
    size_t room = width - (from > 0) - 1;
    bool to_end = total - from <= room + 1;
    if (from)
        buf_add_str(&snippet->text, "…");
    add_columns(&snippet->text, line, length, from + (from > 0), to_end ? total : from + (from > 0) + room);
    if (!to_end)
        buf_add_str(&snippet->text, "…");
    snippet->mark -= from;
    if (snippet->mark_width > width - snippet->mark)
        snippet->mark_width = width - snippet->mark;
}

struct snippet snippet_make(const struct source *source, struct span span, size_t width)
{
    struct snippet snippet = {.mark_width = 1};
    size_t length;
    struct position place = source_position(source, span.start);
    const char *line = source_line(source, place.line, &length);
    size_t offset = (size_t)(line - source->text);
    size_t start = span.start > offset ? span.start - offset : 0,
           end = span.end > offset ? span.end - offset : 0;
    snippet.runs_on = end > length + 1;
    if (end > length)
        end = length;
    snippet.mark = columns_to(line, length, start);
    size_t stop = columns_to(line, length, end), total = columns_to(line, length, length);
    if (stop > snippet.mark)
        snippet.mark_width = stop - snippet.mark;
    if (total <= width)
        add_columns(&snippet.text, line, length, 0, total);
    else
        cut(&snippet, line, length, total, width);
    return snippet;
}

void snippet_add_clean(struct buf *out, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        if (text[at] == '\n') {
            buf_add_char(out, text[at++]);
            continue;
        }
        struct glyph glyph = next_glyph(text, length, &at);
        buf_add(out, glyph.bytes, glyph.length);
    }
}
