/* Numbers to text and back, for core/text.h. The C library's conversions follow the locale of the process;
 * mlc never sets one, so that they speak "C". */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/text.h"

static const double EXACT_POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const int LARGEST_EXACT_POWER = 22;

/* A positive number as digits × 10^exponent with the fewest digits that read back. */
struct decimal {
    char digits[24];
    int count;
    int exponent;
};

static void decimal_from_uint(struct decimal *out, uint64_t number, int exponent)
{
    while (number && number % 10 == 0) {
        number /= 10;
        exponent++;
    }
    out->count = snprintf(out->digits, sizeof out->digits, "%llu", (unsigned long long)number);
    out->exponent = exponent;
}

/* A decimal n / 10^k with n < 10^15 and k <= 22 has exact operands, so that the division is the correctly
 * rounded value; the first k for which it gives `value` has the fewest digits. */
static bool decimal_short(struct decimal *out, double value)
{
    if (value >= 1e15 || value < 1e-7)
        return false;
    for (int k = 0; k <= LARGEST_EXACT_POWER; k++) {
        double scaled = value * EXACT_POWERS[k];
        if (scaled >= 1e15)
            return false;
        double whole = nearbyint(scaled);
        if (whole / EXACT_POWERS[k] == value) {
            decimal_from_uint(out, (uint64_t)whole, -k);
            return true;
        }
    }
    return false;
}

static void decimal_from_print(struct decimal *out, double value)
{
    char text[40];
    /* A decimal of up to 15 digits survives being a double, so that fewer need no trial of their own; only
     * subnormal numbers hold less. */
    for (int precision = value < 0x1p-1022 ? 0 : 14; precision <= 16; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    const char *at = text;
    out->count = 0;
    for (; *at != 'e'; at++)
        if (*at != '.')
            out->digits[out->count++] = *at;
    while (out->count > 1 && out->digits[out->count - 1] == '0')
        out->count--;
    out->exponent = (int)strtol(at + 1, NULL, 10) - out->count + 1;
}

static size_t put(char *out, size_t at, const char *bytes, int count)
{
    memcpy(out + at, bytes, (size_t)count);
    return at + (size_t)count;
}

static size_t put_zeros(char *out, size_t at, int count)
{
    for (int i = 0; i < count; i++)
        out[at++] = '0';
    return at;
}

/* The layout of ECMAScript's Number::toString: plain from 1e-6 to below 1e21, else with an exponent. */
static size_t decimal_print(const struct decimal *d, char *out, size_t at)
{
    int point = d->count + d->exponent; /* digits before the decimal point */
    if (d->exponent >= 0 && point <= 21) {
        at = put(out, at, d->digits, d->count);
        return put_zeros(out, at, d->exponent);
    }
    if (point > 0 && point <= 21) {
        at = put(out, at, d->digits, point);
        out[at++] = '.';
        return put(out, at, d->digits + point, d->count - point);
    }
    if (point <= 0 && point > -6) {
        at = put(out, at, "0.", 2);
        at = put_zeros(out, at, -point);
        return put(out, at, d->digits, d->count);
    }
    out[at++] = d->digits[0];
    if (d->count > 1) {
        out[at++] = '.';
        at = put(out, at, d->digits + 1, d->count - 1);
    }
    return at + (size_t)snprintf(out + at, 8, "e%+d", point - 1);
}

size_t text_from_double(double value, char *out)
{
    if (isnan(value))
        return (size_t)snprintf(out, 8, "nan");
    if (isinf(value))
        return (size_t)snprintf(out, 8, "%s", value < 0 ? "-inf" : "inf");
    size_t at = 0;
    if (signbit(value))
        out[at++] = '-';
    value = fabs(value);
    if (value == 0)
        out[at++] = '0';
    else {
        struct decimal decimal;
        if (!decimal_short(&decimal, value))
            decimal_from_print(&decimal, value);
        at = decimal_print(&decimal, out, at);
    }
    out[at] = '\0';
    return at;
}

bool text_to_int(const char *text, size_t length, int64_t *out)
{
    size_t at = length > 0 && text[0] == '-';
    bool negative = at == 1;
    if (at == length)
        return false;
    int64_t value = 0;
    for (; at < length; at++) {
        if (text[at] < '0' || text[at] > '9')
            return false;
        int digit = text[at] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return true;
}

/* What a scan of a decimal number found: its first 19 significant digits and the power of ten. */
struct scan {
    uint64_t digits;
    int64_t exponent;
    bool negative, truncated;
};

static size_t scan_digits(const char *text, size_t length, size_t at, struct scan *scan, int step)
{
    for (; at < length && text[at] >= '0' && text[at] <= '9'; at++) {
        if (scan->digits < UINT64_C(1000000000000000000)) {
            scan->digits = scan->digits * 10 + (uint64_t)(text[at] - '0');
            scan->exponent -= step;
        } else {
            scan->truncated = true;
            scan->exponent += 1 - step;
        }
    }
    return at;
}

static bool scan_exponent(const char *text, size_t length, size_t at, struct scan *scan)
{
    bool negative = at < length && text[at] == '-';
    if (at < length && (text[at] == '-' || text[at] == '+'))
        at++;
    if (at == length)
        return false;
    int64_t exponent = 0;
    for (; at < length; at++) {
        if (text[at] < '0' || text[at] > '9')
            return false;
        if (exponent < 1000000)
            exponent = exponent * 10 + (text[at] - '0');
    }
    scan->exponent += negative ? -exponent : exponent;
    return true;
}

/* -?digits(.digits)?([eE][+-]?digits)?, the whole text. */
static bool scan_number(const char *text, size_t length, struct scan *scan)
{
    size_t at = length > 0 && text[0] == '-';
    scan->negative = at == 1;
    size_t first = at;
    at = scan_digits(text, length, at, scan, 0);
    if (at == first)
        return false;
    if (at < length && text[at] == '.') {
        first = ++at;
        at = scan_digits(text, length, at, scan, 1);
        if (at == first)
            return false;
    }
    if (at == length)
        return true;
    return (text[at] == 'e' || text[at] == 'E') && scan_exponent(text, length, at + 1, scan);
}

static bool slow_to_double(const char *text, size_t length, double *out)
{
    char small[128];
    char *copy = length < sizeof small ? small : malloc(length + 1);
    if (!copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    *out = strtod(copy, NULL);
    if (copy != small)
        free(copy);
    return !isinf(*out);
}

bool text_to_double(const char *text, size_t length, double *out)
{
    struct scan scan = {0};
    if (!scan_number(text, length, &scan))
        return false;
    bool exact = !scan.truncated && scan.digits < (UINT64_C(1) << 53);
    if (!exact || scan.exponent < -LARGEST_EXACT_POWER || scan.exponent > LARGEST_EXACT_POWER)
        return slow_to_double(text, length, out);
    double value = (double)scan.digits;
    value = scan.exponent < 0 ? value / EXACT_POWERS[-scan.exponent] : value * EXACT_POWERS[scan.exponent];
    *out = scan.negative ? -value : value;
    return true;
}
