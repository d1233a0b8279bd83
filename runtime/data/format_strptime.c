#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "runtime/data/formats.h"

/* Python's strptime. It makes one regular expression of the format, so the first way in which the directives
 * fit the text counts: longer numbers before shorter ones, going back where what follows does not fit. */

static const char *const MONTHS[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"};
static const char *const DAYS[] = {"monday", "tuesday",  "wednesday", "thursday",
                                   "friday", "saturday", "sunday"};
static const char DIRECTIVES[] = "YmdHMSfybBaApIjzZUWwGVu%";

struct reader {
    const char *text, *end;
    const char *format, *format_end;
    const char *then, *then_end; /* the format behind a %c, %x or %X that is being read; NULL when none is */
    int year, month, day, second;
    const char *stop; /* where the match ended */
};

static bool read_rest(struct reader *r);

/* What %c, %x and %X stand for, in the C locale. */
static const char *composed(char directive)
{
    return directive == 'c'   ? "%a %b %d %H:%M:%S %Y"
           : directive == 'x' ? "%m/%d/%y"
           : directive == 'X' ? "%H:%M:%S"
                              : NULL;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool is_date(int year, int month, int day)
{
    static const int LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return year >= 1 && day <= LENGTHS[month - 1] + (month == 2 && is_leap(year));
}

/* --- directives --- */

/* Reads the rest with a number of so many digits taken; sets it in the reader first. */
static bool with_number(struct reader *r, char directive, int number, size_t digits)
{
    struct reader next = *r;
    next.text += digits;
    if (directive == 'Y')
        next.year = number;
    else if (directive == 'y')
        next.year = number + (number < 69 ? 2000 : 1900);
    else if (directive == 'm')
        next.month = number;
    else if (directive == 'd')
        next.day = number;
    else if (directive == 'S')
        next.second = number;
    if (!read_rest(&next))
        return false;
    *r = next;
    return true;
}

static bool read_number(struct reader *r, char directive, size_t least, size_t most, int low, int high)
{
    for (size_t digits = most; digits >= least; digits--) {
        int number = 0;
        size_t i = 0;
        while (i < digits && r->text + i < r->end && isdigit((unsigned char)r->text[i]))
            number = number * 10 + (r->text[i++] - '0');
        if (i == digits && number >= low && number <= high && with_number(r, directive, number, digits))
            return true;
    }
    return directive == 'd' && r->end - r->text >= 2 && r->text[0] == ' ' && r->text[1] >= '1' &&
           r->text[1] <= '9' && with_number(r, 'd', r->text[1] - '0', 2);
}

static bool with_word(struct reader *r, size_t length, int month)
{
    struct reader next = *r;
    next.text += length;
    next.month = month ? month : r->month;
    if (!read_rest(&next))
        return false;
    *r = next;
    return true;
}

/* One of some words, or of their first `cut` letters. */
static bool read_word(struct reader *r, const char *const *words, size_t count, size_t cut)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = cut ? cut : strlen(words[i]);
        if ((size_t)(r->end - r->text) >= length && strncasecmp(r->text, words[i], length) == 0 &&
            with_word(r, length, words == MONTHS ? (int)i + 1 : 0))
            return true;
    }
    return false;
}

static bool two_digits(const char *at, const char *end, int most)
{
    return end - at >= 2 && isdigit((unsigned char)at[0]) && isdigit((unsigned char)at[1]) &&
           (at[0] - '0') * 10 + at[1] - '0' <= most;
}

/* +HHMM, +HH:MM, with seconds and their fraction; colons everywhere or nowhere. */
static bool read_zone(struct reader *r)
{
    const char *at = r->text;
    if (at < r->end && *at == 'Z')
        return with_word(r, 1, 0);
    if (at == r->end || (*at != '+' && *at != '-') || !two_digits(at + 1, r->end, 23))
        return false;
    at += 3;
    bool colons = at < r->end && *at == ':';
    if (!two_digits(at + colons, r->end, 59))
        return false;
    at += colons + 2;
    if (at + colons <= r->end && (!colons || *at == ':') && two_digits(at + colons, r->end, 59)) {
        const char *longer = at + colons + 2;
        size_t digits = 0;
        if (longer < r->end && *longer == '.')
            while (digits < 6 && longer + 1 + digits < r->end && isdigit((unsigned char)longer[1 + digits]))
                digits++;
        for (; digits > 0; digits--)
            if (with_word(r, (size_t)(longer - r->text) + digits + 1, 0))
                return true;
        if (with_word(r, (size_t)(longer - r->text), 0))
            return true;
    }
    return with_word(r, (size_t)(at - r->text), 0);
}

static bool read_composed(struct reader *r, const char *format)
{
    struct reader next = *r;
    next.then = r->format;
    next.then_end = r->format_end;
    next.format = format;
    next.format_end = format + strlen(format);
    if (!read_rest(&next))
        return false;
    *r = next;
    return true;
}

static bool read_directive(struct reader *r, char directive)
{
    static const char *const HALVES[] = {"am", "pm"};
    static const char *const ZONES[] = {"utc", "gmt"};
    switch (directive) {
    case 'Y':
    case 'G':
        return read_number(r, directive, 4, 4, 0, 9999);
    case 'y':
        return read_number(r, 'y', 2, 2, 0, 99);
    case 'm':
        return read_number(r, 'm', 1, 2, 1, 12);
    case 'd':
        return read_number(r, 'd', 1, 2, 1, 31);
    case 'H':
        return read_number(r, 'H', 1, 2, 0, 23);
    case 'I':
        return read_number(r, 'I', 1, 2, 1, 12);
    case 'M':
        return read_number(r, 'M', 1, 2, 0, 59);
    case 'S':
        return read_number(r, 'S', 1, 2, 0, 61);
    case 'f':
        return read_number(r, 'f', 1, 6, 0, 999999);
    case 'j':
        return read_number(r, 'j', 1, 3, 1, 366);
    case 'U':
    case 'W':
        return read_number(r, 'U', 1, 2, 0, 53);
    case 'V':
        return read_number(r, 'V', 1, 2, 0, 53);
    case 'w':
        return read_number(r, 'w', 1, 1, 0, 6);
    case 'u':
        return read_number(r, 'u', 1, 1, 1, 7);
    case 'B':
    case 'b':
        return read_word(r, MONTHS, 12, directive == 'b' ? 3 : 0);
    case 'A':
    case 'a':
        return read_word(r, DAYS, 7, directive == 'a' ? 3 : 0);
    case 'p':
        return read_word(r, HALVES, 2, 0);
    case 'z':
        return read_zone(r);
    case 'Z':
        return read_word(r, ZONES, 2, 0);
    case '%':
        return r->text < r->end && *r->text == '%' && with_word(r, 1, 0);
    default:
        return composed(directive) && read_composed(r, composed(directive));
    }
}

/* White space of any length, the longest first. */
static bool read_blanks(struct reader *r)
{
    size_t most = 0;
    while (r->text + most < r->end && isspace((unsigned char)r->text[most]))
        most++;
    for (; most > 0; most--)
        if (with_word(r, most, 0))
            return true;
    return false;
}

static bool read_rest(struct reader *r)
{
    while (r->format < r->format_end) {
        unsigned char c = (unsigned char)*r->format++;
        if (c == '%' && r->format < r->format_end)
            return read_directive(r, *r->format++);
        if (isspace(c)) {
            while (r->format < r->format_end && isspace((unsigned char)*r->format))
                r->format++;
            return read_blanks(r);
        }
        if (r->text == r->end || tolower((unsigned char)*r->text) != tolower(c))
            return false;
        r->text++;
    }
    if (r->then) {
        r->format = r->then;
        r->format_end = r->then_end;
        r->then = NULL;
        return read_rest(r);
    }
    r->stop = r->text;
    return true;
}

bool strftime_matches(const char *format, size_t format_length, const char *text, size_t length)
{
    struct reader r = {.text = text,
                       .end = text + length,
                       .format = format,
                       .format_end = format + format_length,
                       .year = 1900,
                       .month = 1,
                       .day = 1};
    return read_rest(&r) && r.stop == r.end && r.second < 60 && is_date(r.year, r.month, r.day);
}

/* --- formats --- */

/* Counts directives; false at one that is none. */
static bool count_directives(const char *format, size_t length, unsigned *seen)
{
    for (size_t i = 0; i < length; i++) {
        if (format[i] != '%')
            continue;
        if (++i == length)
            return false;
        const char *inner = composed(format[i]);
        if (inner ? !count_directives(inner, strlen(inner), seen)
                  : !format[i] || !strchr(DIRECTIVES, format[i]))
            return false;
        seen[(unsigned char)format[i]]++;
    }
    return true;
}

bool strftime_is_usable(const char *format, size_t length)
{
    unsigned seen[256] = {0};
    if (length > 1000 || !count_directives(format, length, seen))
        return false;
    for (const char *c = DIRECTIVES; *c; c++)
        if (*c != '%' && seen[(unsigned char)*c] > 1)
            return false;
    bool weekday = seen['a'] + seen['A'] + seen['w'] + seen['u'] > 0;
    if (seen['G'] && (!seen['V'] || !weekday || seen['j']))
        return false;
    return !seen['V'] || (seen['G'] && weekday);
}
