#include "core/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* Length of the well-formed sequence at `p` (RFC 3629), or 0; `left` > 0. */
static size_t sequence_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    size_t length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (left < length)
        return 0;
    unsigned char low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

bool text_is_utf8(const char *bytes, size_t length, size_t *bad)
{
    const unsigned char *p = (const unsigned char *)bytes;
    for (size_t at = 0; at < length;) {
        uint64_t word;
        if (length - at >= 8) {
            memcpy(&word, p + at, 8);
            if (!(word & UINT64_C(0x8080808080808080))) {
                at += 8;
                continue;
            }
        }
        size_t step = sequence_length(p + at, length - at);
        if (!step) {
            if (bad)
                *bad = at;
            return false;
        }
        at += step;
    }
    return true;
}

uint32_t text_next_code_point(const char *bytes, size_t length, size_t *at)
{
    const unsigned char *p = (const unsigned char *)bytes + *at;
    size_t step = sequence_length(p, length - *at);
    *at += step ? step : 1;
    switch (step) {
    case 1:
        return p[0];
    case 2:
        return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    case 3:
        return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    case 4:
        return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
    default:
        return 0xfffd;
    }
}

void text_add_code_point(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_add_char(out, (char)c);
        return;
    }
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = 0xfffd;
    char bytes[4];
    size_t count = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = count - 1; i > 0; i--, c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3f));
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    bytes[0] = (char)(lead[count] | c);
    buf_add(out, bytes, count);
}

void text_add_escape(struct buf *out, uint32_t c)
{
    switch (c) {
    case '"':
    case '\\':
        buf_printf(out, "\\%c", (int)c);
        return;
    case '\n':
        buf_add_str(out, "\\n");
        return;
    case '\t':
        buf_add_str(out, "\\t");
        return;
    case '\r':
        buf_add_str(out, "\\r");
        return;
    default:
        buf_printf(out, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
        return;
    }
}

static bool is_direction_mark(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f ||
           c == 0x061c;
}

bool text_is_printable(uint32_t c)
{
    return c >= 0x20 && (c < 0x7f || c >= 0xa0) && c != 0x2028 && c != 0x2029 && !is_direction_mark(c);
}

void text_add_safe(struct buf *out, const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t start = at, bad = 0;
        uint32_t c = text_next_code_point(bytes, length, &at);
        if (c == 0xfffd && !text_is_utf8(bytes + start, at - start, &bad))
            buf_printf(out, "\\x%02x", (unsigned char)bytes[start]);
        else if (text_is_printable(c))
            buf_add(out, bytes + start, at - start);
        else if (c == '\n' || c == '\t' || c == '\r')
            buf_printf(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else
            buf_printf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)c);
    }
}

size_t text_width(const char *bytes, size_t length)
{
    size_t width = 0;
    for (size_t at = 0; at < length;) {
        if ((unsigned char)bytes[at] < 0x80) {
            width += bytes[at] >= 0x20 && bytes[at] != 0x7f;
            at++;
            continue;
        }
        int columns = utf8proc_charwidth((utf8proc_int32_t)text_next_code_point(bytes, length, &at));
        if (columns > 0)
            width += (size_t)columns;
    }
    return width;
}

enum { LONGEST_WORD = 128 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the table of distances: `row` from `before` and, for transpositions, `before2`. */
static size_t distance_row(const char *a, const char *b, size_t i, size_t b_length, const size_t *before2,
                           const size_t *before, size_t *row)
{
    row[0] = i;
    size_t smallest = i;
    for (size_t j = 1; j <= b_length; j++) {
        row[j] = least(before[j - 1] + (a[i - 1] != b[j - 1]), least(before[j], row[j - 1]) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = least(row[j], before2[j - 2] + 1);
        smallest = least(smallest, row[j]);
    }
    return smallest;
}

size_t text_distance(const char *a, const char *b, size_t limit)
{
    size_t a_length = strlen(a), b_length = strlen(b);
    size_t difference = a_length > b_length ? a_length - b_length : b_length - a_length;
    if (difference > limit || a_length > LONGEST_WORD || b_length > LONGEST_WORD)
        return limit + 1;
    size_t rows[3][LONGEST_WORD + 1];
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        const size_t *before2 = rows[(i + 1) % 3], *before = rows[(i + 2) % 3];
        if (distance_row(a, b, i, b_length, before2, before, rows[i % 3]) > limit)
            return limit + 1;
    }
    return least(rows[a_length % 3][b_length], limit + 1);
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && memcmp(text + length - tail, suffix, tail) == 0;
}

void text_hex(const uint8_t *bytes, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}
