#include "runtime/data/times.h"

/* The algorithms for civil dates are Howard Hinnant's (chrono-compatible low-level date algorithms). */
int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned of_era = (unsigned)(year - era * 400);
    unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return era * 146097 + (int64_t)days - 719468;
}

void civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * of_year + 2) / 153;
    *day = of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = (int64_t)year_of_era + era * 400 + (*month <= 2);
}

static bool two_digits(const char *text, unsigned *out)
{
    unsigned tens = (unsigned)(text[0] - '0'), ones = (unsigned)(text[1] - '0');
    *out = tens * 10 + ones;
    return tens <= 9 && ones <= 9;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

bool times_date(const char *text, size_t length, int64_t *days)
{
    unsigned century, year, month, day;
    if (length != 10 || (text[4] != '-' && text[4] != '/') || text[7] != text[4])
        return false;
    if (!two_digits(text, &century) || !two_digits(text + 2, &year) || !two_digits(text + 5, &month) ||
        !two_digits(text + 8, &day))
        return false;
    year += century * 100;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_civil(year, month, day);
    return true;
}

/* Digits behind the second as ticks. */
static bool read_fraction(const char *text, size_t length, uint32_t ticks, int64_t *out)
{
    int64_t value = 0;
    if (length == 0 || length > 9)
        return false;
    for (size_t i = 0; i < 9; i++) {
        unsigned digit = i < length ? (unsigned)(text[i] - '0') : 0;
        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    int64_t divisor = 1000000000 / ticks;
    *out = value / divisor;
    return value % divisor == 0;
}

bool times_time(const char *text, size_t length, uint32_t ticks, int64_t *out)
{
    unsigned hour, minute, second = 0;
    int64_t fraction = 0;
    if ((length != 5 && length < 8) || text[2] != ':' || !two_digits(text, &hour) ||
        !two_digits(text + 3, &minute))
        return false;
    if (length >= 8 && (text[5] != ':' || !two_digits(text + 6, &second)))
        return false;
    if (length > 8 && (text[8] != '.' || !read_fraction(text + 9, length - 9, ticks, &fraction)))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *out = (int64_t)(hour * 3600 + minute * 60 + second) * ticks + fraction;
    return true;
}

/* Cuts a zone off the end of a time: seconds east of UTC. */
static bool read_zone(const char *text, size_t *length, int64_t *east, bool *zoned)
{
    *east = 0;
    *zoned = true;
    if (text[*length - 1] == 'Z' || text[*length - 1] == 'z') {
        (*length)--;
        return true;
    }
    size_t at = *length;
    while (at > 5 && text[at - 1] != '+' && text[at - 1] != '-')
        at--;
    if (at <= 5) {
        *zoned = false;
        return true;
    }
    size_t digits = *length - at;
    unsigned hours, minutes = 0;
    bool colon = digits == 5 && text[at + 2] == ':';
    if ((digits != 2 && digits != 4 && !colon) || !two_digits(text + at, &hours) ||
        (digits > 2 && !two_digits(text + at + 2 + colon, &minutes)) || hours > 18 || minutes > 59)
        return false;
    *east = (int64_t)(hours * 3600 + minutes * 60) * (text[at - 1] == '-' ? -1 : 1);
    *length = at - 1;
    return true;
}

bool times_timestamp(const char *text, size_t length, uint32_t ticks, int64_t *out, bool *zoned)
{
    int64_t days, time, east;
    if (length < 16 || length > 40 || (text[10] != 'T' && text[10] != ' ' && text[10] != 't'))
        return false;
    size_t rest = length - 11;
    if (!times_date(text, 10, &days) || !read_zone(text + 11, &rest, &east, zoned) ||
        !times_time(text + 11, rest, ticks, &time))
        return false;
    int64_t seconds = days * 86400 - east, base;
    return !__builtin_mul_overflow(seconds, (int64_t)ticks, &base) &&
           !__builtin_add_overflow(base, time, out);
}

void times_print_date(struct buf *out, int64_t days)
{
    int64_t year;
    unsigned month, day;
    civil_from_days(days, &year, &month, &day);
    buf_printf(out, "%04lld-%02u-%02u", (long long)year, month, day);
}

void times_print_time(struct buf *out, int64_t value, uint32_t ticks)
{
    int64_t seconds = value / ticks;
    unsigned nanos = (unsigned)(value % ticks * (1000000000 / ticks));
    buf_printf(out, "%02u:%02u:%02u", (unsigned)(seconds / 3600), (unsigned)(seconds / 60 % 60),
               (unsigned)(seconds % 60));
    if (nanos % 1000)
        buf_printf(out, ".%09u", nanos);
    else if (nanos % 1000000)
        buf_printf(out, ".%06u", nanos / 1000);
    else if (nanos)
        buf_printf(out, ".%03u", nanos / 1000000);
}

void times_print_timestamp(struct buf *out, int64_t value, uint32_t ticks, bool zoned)
{
    int64_t day = (int64_t)86400 * ticks;
    int64_t days = value / day, rest = value % day;
    if (rest < 0) {
        rest += day;
        days--;
    }
    times_print_date(out, days);
    buf_add_char(out, 'T');
    times_print_time(out, rest, ticks);
    if (zoned)
        buf_add_char(out, 'Z');
}
