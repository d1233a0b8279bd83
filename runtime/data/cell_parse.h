#ifndef MLC_DATA_CELL_PARSE_H
#define MLC_DATA_CELL_PARSE_H

/* One text as one value of a column's type: the complete reader, and the fast ones for the common forms,
 * which are inlined into the loops over columns. A fast reader that says false decides nothing. Texts have 64
 * readable bytes before and behind them. */

#include <string.h>
#include "runtime/data/number.h"
#include "runtime/data/table.h"
#include "runtime/data/times.h"

/* Writes the value as the column's arrays hold it. */
bool cell_parse_value(const struct column_schema *schema, const char *text, size_t length, void *value);

/* Eight bytes with the first one lowest, on any machine. */
static inline uint64_t load_bytes(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* True when each of the eight bytes is a digit. */
static inline bool all_digits(uint64_t word)
{
    return ((word & UINT64_C(0xf0f0f0f0f0f0f0f0)) |
            ((word + UINT64_C(0x0606060606060606)) & UINT64_C(0xf0f0f0f0f0f0f0f0)) >> 4) ==
           UINT64_C(0x3333333333333333);
}

/* The number of eight digits, the first one lowest in the word (the multiplication of D. Lemire's
 * "Quickly parsing eight digits"). */
static inline uint32_t eight_digits(uint64_t word)
{
    const uint64_t mask = UINT64_C(0x000000ff000000ff);
    word -= UINT64_C(0x3030303030303030);
    word = word * 10 + (word >> 8);
    return (uint32_t)(((word & mask) * UINT64_C(0x000f424000000064) +
                       ((word >> 16) & mask) * UINT64_C(0x0000271000000001)) >>
                      32);
}

/* The last `count` (1..8) bytes before `end`, filled up with '0' in front. */
static inline uint64_t last_digits(const char *end, size_t count)
{
    uint64_t word = load_bytes(end - 8);
    uint64_t keep = ~UINT64_C(0) << (64 - 8 * count);
    return (word & keep) | (UINT64_C(0x3030303030303030) & ~keep);
}

static inline bool cell_fast_int(const char *text, size_t length, void *value)
{
    bool negative = *text == '-';
    const char *end = text + length;
    length -= negative;
    if (length - 1 >= 16)
        return false;
    uint64_t number;
    if (length <= 8) {
        uint64_t word = last_digits(end, length);
        if (!all_digits(word))
            return false;
        number = eight_digits(word);
    } else {
        uint64_t low = load_bytes(end - 8), high = last_digits(end - 8, length - 8);
        if (!all_digits(low) || !all_digits(high))
            return false;
        number = (uint64_t)eight_digits(high) * 100000000 + eight_digits(low);
    }
    int64_t result = ((int64_t)number ^ -(int64_t)negative) + negative;
    memcpy(value, &result, sizeof result);
    return true;
}

extern const double cell_powers[17];

/* At most eight bytes, digits and perhaps a point among them: the point is taken out of the word, so that the
 * digits are one integer. */
static inline bool short_float(const char *text, size_t length, bool negative, void *value)
{
    uint64_t word = last_digits(text + length, length), x = word ^ UINT64_C(0x2e2e2e2e2e2e2e2e);
    uint64_t point = (x - UINT64_C(0x0101010101010101)) & ~x & UINT64_C(0x8080808080808080);
    size_t scale = 0;
    if (point) {
        unsigned bit = (unsigned)__builtin_ctzll(point) - 7; /* of the point's byte: the first one */
        uint64_t before = word & ((UINT64_C(1) << bit) - 1);
        uint64_t behind = bit == 56 ? 0 : word & (~UINT64_C(0) << (bit + 8));
        word = behind | before << 8 | 0x30;
        scale = 7 - bit / 8;
        if (scale == 0 || *text == '.')
            return false;
    }
    if (!all_digits(word))
        return false;
    double result = (double)(int32_t)eight_digits(word) / cell_powers[scale];
    uint64_t bits; /* signs are hard to predict: no branch */
    memcpy(&bits, &result, sizeof bits);
    bits |= (uint64_t)negative << 63;
    memcpy(value, &bits, sizeof bits);
    return true;
}

/* [-]digits[.digits], at most 15 digits in all: then the digits are an exact integer and the power of ten is
 * exact, so that one division rounds correctly. */
static inline bool cell_fast_float(const char *text, size_t length, void *value)
{
    const char *at = text, *end = text + length;
    bool negative = *at == '-';
    at += negative;
    size_t rest = (size_t)(end - at);
    if (rest - 1 < 8)
        return short_float(at, rest, negative, value);
    if (rest - 1 >= 16)
        return false;
    uint64_t number = 0;
    const char *begin = at;
    unsigned digit;
    while (at < end && (digit = (unsigned)(*at - '0')) <= 9) {
        number = number * 10 + digit;
        at++;
    }
    size_t scale = 0;
    if (at < end) {
        if (*at != '.' || at == begin)
            return false;
        at++;
        scale = (size_t)(end - at);
        while (at < end && (digit = (unsigned)(*at - '0')) <= 9) {
            number = number * 10 + digit;
            at++;
        }
        if (at < end || scale == 0)
            return false;
    } else if (end - begin > 15) {
        return false;
    }
    double result = (double)(int64_t)number / cell_powers[scale];
    result = negative ? -result : result;
    memcpy(value, &result, sizeof result);
    return true;
}

/* The date of the last timestamp, as text and in seconds. */
struct date_memory {
    uint64_t date;
    uint16_t rest;
    int64_t seconds;
};

/* 2024-01-31T13:45:59Z (20 bytes). */
static inline bool cell_fast_timestamp(struct date_memory *memory, const char *text, uint32_t ticks,
                                       int64_t *value)
{
    uint64_t date;
    uint16_t rest;
    memcpy(&date, text, sizeof date);
    memcpy(&rest, text + 8, sizeof rest);
    if (__builtin_expect((date != memory->date) | (rest != memory->rest), 0)) {
        int64_t days;
        if (!times_date(text, 10, &days))
            return false;
        *memory = (struct date_memory){date, rest, days * 86400};
    }
    /* "HH:MM:SS": after the exclusive or, digits are 0 to 9 and colons 0. */
    uint64_t time = load_bytes(text + 11) ^ UINT64_C(0x30303a30303a3030);
    uint64_t wrong = (time | (time + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080);
    if (wrong | (time & UINT64_C(0x0000ff0000ff0000)) || text[19] != 'Z' ||
        (text[10] != 'T' && text[10] != ' '))
        return false;
    unsigned hour = (unsigned)(time & 0xff) * 10 + (unsigned)(time >> 8 & 0xff);
    unsigned minute = (unsigned)(time >> 24 & 0xff) * 10 + (unsigned)(time >> 32 & 0xff);
    unsigned second = (unsigned)(time >> 48 & 0xff) * 10 + (unsigned)(time >> 56);
    if ((hour > 23) | (minute > 59) | (second > 59))
        return false;
    int64_t seconds = memory->seconds + hour * 3600 + minute * 60 + second;
    return !__builtin_mul_overflow(seconds, (int64_t)ticks, value);
}

#endif
