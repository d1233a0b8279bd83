#include "grammar/comments.h"

#include <string.h>
#include "core/buf.h"

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* True if only blanks stand between the start of its line and `offset`. */
static bool first_on_line(const char *text, uint32_t offset)
{
    while (offset > 0 && blank(text[offset - 1])) {
        offset--;
    }
    return offset == 0 || text[offset - 1] == '\n';
}

void comments_add(struct comments *comments, uint32_t start, uint32_t end)
{
    const char *text = comments->source->text;
    if (comments->count == comments->capacity) {
        size_t capacity = comments->capacity == 0 ? 32 : comments->capacity * 2;
        struct ast_comment *list = arena_array(comments->arena, capacity, sizeof *list);
        if (comments->count > 0) {
            memcpy(list, comments->list, comments->count * sizeof *list);
        }
        comments->list = list;
        comments->capacity = capacity;
    }
    while (end > start && blank(text[end - 1])) {
        end--;
    }
    struct ast_comment *comment = &comments->list[comments->count++];
    comment->span = (struct span){comments->source->id, start, end};
    comment->doc = end - start >= 2 && text[start + 1] == '#';
    comment->own_line = first_on_line(text, start);
    comments->doc_count += comment->doc && comment->own_line;
}

/* The number of newlines in [from, to) if all else there is blank, else -1. */
static int lines_between(const char *text, uint32_t from, uint32_t to)
{
    int lines = 0;
    for (uint32_t at = from; at < to; at++) {
        if (text[at] == '\n') {
            lines++;
        } else if (!blank(text[at])) {
            return -1;
        }
    }
    return lines;
}

/* The index of the last comment that ends at or before `offset`, or `count` when there is none. */
static size_t last_before(const struct comments *comments, uint32_t offset)
{
    size_t low = 0;
    size_t high = comments->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (comments->list[middle].span.end <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? comments->count : low - 1;
}

static void add_doc_line(struct buf *out, const char *text, struct span span)
{
    uint32_t at = span.start;
    while (at < span.end && text[at] == '#') {
        at++;
    }
    if (at < span.end && text[at] == ' ') {
        at++;
    }
    buf_add(out, text + at, span.end - at);
}

const char *comments_doc_before(const struct comments *comments, uint32_t offset)
{
    const char *text = comments->source->text;
    if (comments->doc_count == 0) {
        return NULL;
    }
    size_t last = last_before(comments, offset);
    if (last == comments->count) {
        return NULL;
    }
    size_t first = last + 1;
    uint32_t below = offset;
    while (first > 0) {
        const struct ast_comment *comment = &comments->list[first - 1];
        if (!comment->doc || !comment->own_line || lines_between(text, comment->span.end, below) != 1) {
            break;
        }
        below = comment->span.start;
        first--;
    }
    if (first > last) {
        return NULL;
    }
    struct buf doc = {0};
    for (size_t i = first; i <= last; i++) {
        if (i > first) {
            buf_add_char(&doc, '\n');
        }
        add_doc_line(&doc, text, comments->list[i].span);
    }
    const char *copy = arena_copy(comments->arena, buf_str(&doc), doc.length);
    buf_free(&doc);
    return copy;
}
