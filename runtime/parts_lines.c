/* The lines of JSON Lines files, as the table's reader counts them. */

#include <string.h>
#include "runtime/data/stream.h"
#include "runtime/parts_private.h"

enum { READ_BYTES = 1 << 20 };

struct line_reading {
    struct splitting *splitting;
    void *context;
    void (*line)(void *context, const char *text, size_t length);
};

static bool is_blank(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r'))
        at++;
    return at == length;
}

static void give_line(const struct line_reading *reading, const char *text, size_t length)
{
    if (is_blank(text, length))
        return;
    if (text[length - 1] == '\r')
        length--;
    reading->line(reading->context, text, length);
}

/* The whole lines of `carry`; what is behind the last one stays. */
static void give_whole_lines(const struct line_reading *reading, struct buf *carry)
{
    size_t at = 0;
    const char *end;
    while (!reading->splitting->failed &&
           (end = memchr(carry->data + at, '\n', carry->length - at)) != NULL) {
        give_line(reading, carry->data + at, (size_t)(end - carry->data) - at);
        at = (size_t)(end - carry->data) + 1;
    }
    memmove(carry->data, carry->data + at, carry->length - at);
    carry->length -= at;
}

static void drop_byte_order_mark(struct buf *text)
{
    if (text->length < 3 || memcmp(text->data, "\xef\xbb\xbf", 3) != 0)
        return;
    memmove(text->data, text->data + 3, text->length - 3);
    text->length -= 3;
}

static bool read_file(const struct line_reading *reading, const char *path)
{
    struct splitting *splitting = reading->splitting;
    struct stream_limits limits = {splitting->request->source.size_limit,
                                   splitting->request->source.ratio_limit};
    struct data_error error;
    struct stream *stream = stream_open(path, limits, &error);
    struct buf carry = {0};
    ssize_t got = stream ? 0 : -1;
    for (bool first = true; stream && !splitting->failed; first = false) {
        buf_reserve(&carry, carry.length + READ_BYTES);
        got = stream_read(stream, carry.data + carry.length, READ_BYTES, &error);
        if (got <= 0)
            break;
        carry.length += (size_t)got;
        if (first)
            drop_byte_order_mark(&carry);
        give_whole_lines(reading, &carry);
    }
    if (got < 0)
        parts_fail(splitting, "%s", error.message);
    else if (carry.length > 0)
        give_line(reading, carry.data, carry.length);
    stream_close(stream);
    buf_free(&carry);
    return !splitting->failed;
}

bool parts_each_line(struct splitting *splitting, const struct table *table, void *context,
                     void (*line)(void *context, const char *text, size_t length))
{
    struct line_reading reading = {splitting, context, line};
    size_t count;
    const char *const *files = table_files(table, &count);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = read_file(&reading, files[i]);
    return ok;
}
