#include "runtime/cluster/base64.h"
#include <stdint.h>
#include <string.h>

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(struct buf *out, const unsigned char *bytes, size_t count, const char *alphabet, bool pad)
{
    for (size_t i = 0; i < count; i += 3) {
        size_t have = count - i < 3 ? count - i : 3;
        uint32_t word = (uint32_t)bytes[i] << 16;
        word |= have > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        word |= have > 2 ? bytes[i + 2] : 0;
        for (size_t j = 0; j < 4; j++)
            if (j <= have)
                buf_add_char(out, alphabet[word >> (18 - 6 * j) & 63]);
            else if (pad)
                buf_add_char(out, '=');
    }
}

void base64_encode(struct buf *out, const void *bytes, size_t count)
{
    encode(out, bytes, count, standard, true);
}

void base64_encode_url(struct buf *out, const void *bytes, size_t count)
{
    encode(out, bytes, count, url_safe, false);
}

bool base64_decode(struct buf *out, const char *text, size_t length)
{
    uint32_t word = 0;
    unsigned digits = 0, pads = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '\n' || c == '\r' || c == ' ' || c == '\t')
            continue;
        const char *at = c != 0 ? strchr(standard, c) : NULL;
        if (c == '=') {
            pads++;
            continue;
        }
        if (at == NULL || pads > 0)
            return false;
        word = word << 6 | (uint32_t)(at - standard);
        if (++digits == 4) {
            unsigned char bytes[3] = {(unsigned char)(word >> 16), (unsigned char)(word >> 8),
                                      (unsigned char)word};
            buf_add(out, bytes, 3);
            word = digits = 0;
        }
    }
    if (digits == 0)
        return pads == 0;
    if (digits == 1 || digits + pads != 4)
        return false;
    word <<= 6 * (4 - digits);
    unsigned char bytes[2] = {(unsigned char)(word >> 16), (unsigned char)(word >> 8)};
    buf_add(out, bytes, digits - 1);
    return true;
}
