/* Bodies as they pass by. */

#include "runtime/capture/wire.h"

enum {
    OVER,
    PLAIN, /* `left` bytes, or until the end */
    SIZE,  /* hexadecimal digits */
    EXTENSION,
    SIZE_FEED,
    DATA,
    DATA_RETURN,
    DATA_FEED,
    TRAILER_START,
    TRAILER_LINE,
    TRAILER_FEED,
    LAST_FEED
};

enum { EXTENSION_LIMIT = 4096, TRAILER_LIMIT = 16384, SIZE_DIGITS = 15 };

void wire_body_begin(struct wire_body *body, const struct wire_head *head)
{
    *body = (struct wire_body){.framing = head->framing};
    switch (head->framing) {
    case WIRE_NO_BODY:
        break;
    case WIRE_LENGTH:
        body->left = head->length;
        body->state = head->length > 0 ? PLAIN : OVER;
        break;
    case WIRE_CHUNKED:
        body->state = SIZE;
        break;
    case WIRE_UNTIL_END:
        body->state = PLAIN;
        body->left = UINT64_MAX;
        break;
    }
}

bool wire_body_is_over(const struct wire_body *body)
{
    return body->state == OVER;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void size_ends(struct wire_body *body, char c)
{
    if (body->digits == 0)
        body->bad = true;
    body->digits = 0;
    if (c == '\r')
        body->state = SIZE_FEED;
    else if (c == ';' || c == ' ' || c == '\t')
        body->state = EXTENSION;
    else
        body->bad = true;
}

static void size_byte(struct wire_body *body, char c)
{
    int digit = digit_of(c);
    if (digit < 0) {
        size_ends(body, c);
        return;
    }
    body->left = body->left << 4 | (unsigned)digit;
    if (++body->digits > SIZE_DIGITS)
        body->bad = true;
}

static void expect(struct wire_body *body, char c, char wanted, int next)
{
    if (c == wanted)
        body->state = next;
    else
        body->bad = true;
}

/* Bytes of a line that nobody reads: no control characters, and not too many. */
static void skip_byte(struct wire_body *body, char c, int next, unsigned limit)
{
    if (c == '\r')
        body->state = next;
    else if (((unsigned char)c < ' ' && c != '\t') || ++body->digits > limit)
        body->bad = true;
}

static void frame_byte(struct wire_body *body, char c)
{
    switch (body->state) {
    case SIZE:
        size_byte(body, c);
        break;
    case EXTENSION:
        skip_byte(body, c, SIZE_FEED, EXTENSION_LIMIT);
        break;
    case SIZE_FEED:
        body->digits = 0;
        expect(body, c, '\n', body->left > 0 ? DATA : TRAILER_START);
        break;
    case DATA_RETURN:
        expect(body, c, '\r', DATA_FEED);
        break;
    case DATA_FEED:
        expect(body, c, '\n', SIZE);
        break;
    case TRAILER_START:
        body->state = c == '\r' ? LAST_FEED : TRAILER_LINE;
        if (c != '\r')
            skip_byte(body, c, TRAILER_FEED, TRAILER_LIMIT);
        break;
    case TRAILER_LINE:
        skip_byte(body, c, TRAILER_FEED, TRAILER_LIMIT);
        break;
    case TRAILER_FEED:
        expect(body, c, '\n', TRAILER_START);
        break;
    case LAST_FEED:
        expect(body, c, '\n', OVER);
        break;
    default:
        body->bad = true;
    }
}

size_t wire_body_follow(struct wire_body *body, const char *bytes, size_t count, const struct wire_sink *sink)
{
    size_t at = 0;
    while (at < count && body->state != OVER && !body->bad) {
        if (body->state != PLAIN && body->state != DATA) {
            frame_byte(body, bytes[at]);
            at += !body->bad;
            continue;
        }
        size_t rest = count - at, piece = rest < body->left ? rest : (size_t)body->left;
        if (sink != NULL)
            sink->content(sink->context, bytes + at, piece);
        at += piece;
        if (body->framing != WIRE_UNTIL_END)
            body->left -= piece;
        if (body->left == 0)
            body->state = body->state == DATA ? DATA_RETURN : OVER;
    }
    return at;
}
