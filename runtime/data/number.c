#include "runtime/data/number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

bool number_int(const char *text, size_t length, int64_t *out)
{
    const char *at = text, *end = text + length;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    uint64_t value = 0;
    for (; at < end; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *out = (int64_t)(negative ? 0 - value : value);
    return true;
}

/* A number taken apart: digits without leading zeros (at most 19 kept), and the power of ten. */
struct parts {
    uint64_t digits;
    int exponent;
    bool negative;
    bool truncated; /* digits that are not zero were dropped */
};

static bool read_exponent(const char *at, const char *end, int *exponent)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    int value = 0;
    for (; at < end; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (digit > 9)
            return false;
        if (value < 100000)
            value = value * 10 + (int)digit;
    }
    *exponent += negative ? -value : value;
    return true;
}

static bool take_apart(const char *text, size_t length, struct parts *out)
{
    const char *at = text, *end = text + length;
    uint64_t digits = 0;
    int exponent = 0;
    bool any = false, point = false, truncated = false;
    out->negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (digit <= 9) {
            any = true;
            if (digits < UINT64_C(1000000000000000000)) {
                digits = digits * 10 + digit;
                exponent -= point;
            } else {
                truncated |= digit != 0;
                exponent += !point;
            }
        } else if (*at == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    out->digits = digits;
    out->truncated = truncated;
    if (!any)
        return false;
    if (at < end && ((*at | 32) != 'e' || !read_exponent(at + 1, end, &exponent)))
        return false;
    out->exponent = exponent;
    return true;
}

static bool read_word(const char *text, size_t length, double *out)
{
    bool negative = length > 0 && *text == '-';
    if (length > 0 && (*text == '-' || *text == '+')) {
        text++;
        length--;
    }
    if (length == 3 && strncasecmp(text, "nan", 3) == 0)
        *out = NAN;
    else if ((length == 3 && strncasecmp(text, "inf", 3) == 0) ||
             (length == 8 && strncasecmp(text, "infinity", 8) == 0))
        *out = negative ? -INFINITY : INFINITY;
    else
        return false;
    return true;
}

enum { NUMBER_LONGEST = 1200 };

/* The text is a number by take_apart: strtod rounds it correctly. A number that overflows is no number. */
static bool read_slowly(const char *text, size_t length, double *out)
{
    char copy[NUMBER_LONGEST + 1];
    if (length > NUMBER_LONGEST)
        return false;
    memcpy(copy, text, length);
    copy[length] = 0;
    *out = strtod(copy, NULL);
    return isfinite(*out);
}

bool number_double(const char *text, size_t length, double *out)
{
    struct parts parts;
    if (!take_apart(text, length, &parts))
        return read_word(text, length, out);
    if (parts.digits > (UINT64_C(1) << 53) || parts.truncated || parts.exponent < -22 || parts.exponent > 22)
        return read_slowly(text, length, out);
    double value = (double)parts.digits;
    value = parts.exponent < 0 ? value / powers[-parts.exponent] : value * powers[parts.exponent];
    *out = parts.negative ? -value : value;
    return true;
}

static decimal power_of_ten(unsigned exponent)
{
    decimal value = 1;
    while (exponent-- > 0)
        value *= 10;
    return value;
}

/* Digits with an optional point into an integer times 10^-places; at most 38 digits that count. */
static bool read_digits(const char **at, const char *end, decimal *value, int *places)
{
    unsigned significant = 0;
    bool any = false, point = false;
    *value = 0;
    *places = 0;
    for (; *at < end; (*at)++) {
        unsigned digit = (unsigned)(**at - '0');
        if (digit > 9 && (**at != '.' || point))
            break;
        if (digit > 9) {
            point = true;
            continue;
        }
        any = true;
        significant += significant > 0 || digit > 0;
        if (significant > 38)
            return false;
        *value = *value * 10 + digit;
        *places += point;
    }
    return any;
}

bool number_decimal(const char *text, size_t length, unsigned precision, unsigned scale, decimal *out)
{
    const char *at = text, *end = text + length;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    decimal value;
    int places, exponent = 0;
    if (!read_digits(&at, end, &value, &places))
        return false;
    if (at < end && ((*at | 32) != 'e' || !read_exponent(at + 1, end, &exponent)))
        return false;
    int shift = (int)scale - places + exponent;
    for (; shift < 0 && value != 0; shift++) {
        if (value % 10 != 0)
            return false;
        value /= 10;
    }
    decimal limit = power_of_ten(precision);
    for (; shift > 0 && value != 0; shift--)
        if (__builtin_mul_overflow(value, (decimal)10, &value))
            return false;
    if (value >= limit)
        return false;
    *out = negative ? -value : value;
    return true;
}

void number_print_decimal(struct buf *out, decimal value, unsigned scale)
{
    char digits[48];
    int count = 0;
    unsigned __int128 rest = value < 0 ? 0 - (unsigned __int128)value : (unsigned __int128)value;
    do {
        digits[count++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0 || count <= (int)scale);
    if (value < 0)
        buf_add_char(out, '-');
    while (count > 0) {
        if (count == (int)scale)
            buf_add_char(out, '.');
        buf_add_char(out, digits[--count]);
    }
}

double number_from_decimal(decimal value, unsigned scale)
{
    if (value < ((decimal)1 << 53) && value > -((decimal)1 << 53) && scale <= 22)
        return (double)value / powers[scale];
    struct buf text = {0};
    number_print_decimal(&text, value, scale);
    double result = strtod(buf_str(&text), NULL);
    buf_free(&text);
    return result;
}
