#include "runtime/data/formats.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const MONTHS[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"};
static const char *const DAYS[] = {"monday", "tuesday",  "wednesday", "thursday",
                                   "friday", "saturday", "sunday"};

static bool valid_date(int year, int month, int day)
{
    static const int LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= LENGTHS[month - 1] + (leap && month == 2) &&
           year >= 1;
}

/* --- strptime --- */

struct reader {
    const char *text;
    size_t length, at;
    int year, month, day, hour;
    bool hour12;
};

static const char DIRECTIVES[] = "YmdHMSfybBaApIjzZUWwGVucxX%";

bool strftime_is_usable(const char *format, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (format[i] == '%' && (++i >= length || !format[i] || !strchr(DIRECTIVES, format[i])))
            return false;
    return length > 0;
}

static bool read_int(struct reader *r, unsigned most, int low, int high, int *out)
{
    int value = 0;
    size_t start = r->at;
    while (r->at < r->length && r->at - start < most && isdigit((unsigned char)r->text[r->at]))
        value = value * 10 + (r->text[r->at++] - '0');
    /* as Python's patterns do: give a digit back when the number is too large with it */
    if (r->at - start > 1 && value > high && value / 10 >= low) {
        value /= 10;
        r->at--;
    }
    *out = value;
    return r->at > start && value >= low && value <= high;
}

static bool read_word(struct reader *r, const char *const *words, size_t count, size_t cut, int *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = cut ? cut : strlen(words[i]);
        if (r->length - r->at >= length && strncasecmp(r->text + r->at, words[i], length) == 0) {
            r->at += length;
            *out = (int)i + 1;
            return true;
        }
    }
    return false;
}

static bool read_zone(struct reader *r)
{
    if (r->at < r->length && r->text[r->at] == 'Z') {
        r->at++;
        return true;
    }
    if (r->at >= r->length || !strchr("+-", r->text[r->at]))
        return false;
    r->at++;
    int ignored;
    size_t start = r->at;
    if (!read_int(r, 2, 0, 23, &ignored) || r->at - start != 2)
        return false;
    if (r->at < r->length && r->text[r->at] == ':')
        r->at++;
    start = r->at;
    return read_int(r, 2, 0, 59, &ignored) && r->at - start == 2;
}

static bool read_zone_name(struct reader *r)
{
    static const char *const ZONES[] = {"utc", "gmt"};
    int ignored;
    return read_word(r, ZONES, 2, 0, &ignored);
}

static bool read_format(struct reader *r, const char *format, size_t length);

static bool read_directive(struct reader *r, char directive)
{
    static const char *const HALVES[] = {"am", "pm"};
    int ignored;
    size_t start = r->at;
    switch (directive) {
    case 'Y':
    case 'G':
        return read_int(r, 4, 0, 9999, &r->year) && r->at - start == 4;
    case 'y':
        return read_int(r, 2, 0, 99, &r->year) && r->at - start == 2 &&
               (r->year += r->year < 69 ? 2000 : 1900);
    case 'm':
        return read_int(r, 2, 1, 12, &r->month);
    case 'd':
        return read_int(r, 2, 1, 31, &r->day);
    case 'H':
        return read_int(r, 2, 0, 23, &r->hour);
    case 'I':
        return read_int(r, 2, 1, 12, &r->hour);
    case 'M':
        return read_int(r, 2, 0, 59, &ignored);
    case 'S':
        return read_int(r, 2, 0, 61, &ignored);
    case 'f':
        return read_int(r, 6, 0, 999999, &ignored);
    case 'j':
        return read_int(r, 3, 1, 366, &ignored);
    case 'U':
    case 'W':
        return read_int(r, 2, 0, 53, &ignored);
    case 'V':
        return read_int(r, 2, 1, 53, &ignored);
    case 'w':
        return read_int(r, 1, 0, 6, &ignored);
    case 'u':
        return read_int(r, 1, 1, 7, &ignored);
    case 'B':
        return read_word(r, MONTHS, 12, 0, &r->month);
    case 'b':
        return read_word(r, MONTHS, 12, 3, &r->month);
    case 'A':
        return read_word(r, DAYS, 7, 0, &ignored);
    case 'a':
        return read_word(r, DAYS, 7, 3, &ignored);
    case 'p':
        return read_word(r, HALVES, 2, 0, &ignored);
    case 'z':
        return read_zone(r);
    case 'Z':
        return read_zone_name(r);
    case 'c':
        return read_format(r, "%a %b %d %H:%M:%S %Y", 20);
    case 'x':
        return read_format(r, "%m/%d/%y", 8);
    case 'X':
        return read_format(r, "%H:%M:%S", 8);
    default:
        return r->at < r->length && r->text[r->at++] == '%';
    }
}

static bool read_format(struct reader *r, const char *format, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (format[i] == '%' && i + 1 < length) {
            if (!read_directive(r, format[++i]))
                return false;
        } else if (isspace((unsigned char)format[i])) { /* as Python: any white space, at least one */
            size_t start = r->at;
            while (r->at < r->length && isspace((unsigned char)r->text[r->at]))
                r->at++;
            while (i + 1 < length && isspace((unsigned char)format[i + 1]))
                i++;
            if (r->at == start)
                return false;
        } else if (r->at >= r->length ||
                   tolower((unsigned char)r->text[r->at]) != tolower((unsigned char)format[i])) {
            return false;
        } else {
            r->at++;
        }
    }
    return true;
}

bool strftime_matches(const char *format, size_t format_length, const char *text, size_t length)
{
    struct reader r = {.text = text, .length = length, .year = 1900, .month = 1, .day = 1};
    return read_format(&r, format, format_length) && r.at == length && valid_date(r.year, r.month, r.day);
}

/* --- dateutil --- */

struct guess {
    int numbers[3];
    unsigned count;
    bool has_year[3]; /* the number can only be a year */
    int month;
    bool time, zone, half, weekday;
};

static bool take_time(struct reader *r, int hour)
{
    int minute, second, ignored;
    if (hour > 24)
        return false;
    r->at++; /* the colon */
    if (!read_int(r, 2, 0, 59, &minute))
        return false;
    if (r->at < r->length && r->text[r->at] == ':') {
        r->at++;
        if (!read_int(r, 2, 0, 59, &second))
            return false;
        if (r->at < r->length && (r->text[r->at] == '.' || r->text[r->at] == ',')) {
            r->at++;
            size_t start = r->at;
            while (r->at < r->length && isdigit((unsigned char)r->text[r->at]))
                r->at++;
            if (r->at == start)
                return false;
        }
    }
    (void)ignored;
    return true;
}

static int digits_value(const char *text, size_t length)
{
    int value = 0;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static bool add_number(struct guess *guess, int value, bool year)
{
    if (guess->count == 3)
        return false;
    guess->has_year[guess->count] = year;
    guess->numbers[guess->count++] = value;
    return true;
}

/* A run of digits without separators: YYMMDD, YYYYMMDD, with HHMM or HHMMSS behind. */
static bool take_compact(struct guess *guess, const char *text, size_t length)
{
    if (length == 6 && guess->count == 0 && !guess->month)
        return add_number(guess, digits_value(text, 2), true) &&
               add_number(guess, digits_value(text + 2, 2), false) &&
               add_number(guess, digits_value(text + 4, 2), false);
    if (length != 8 && length != 12 && length != 14)
        return false;
    if (length > 8) {
        if (digits_value(text + 8, 2) > 23 || digits_value(text + 10, 2) > 59)
            return false;
        guess->time = true;
    }
    return add_number(guess, digits_value(text, 4), true) &&
           add_number(guess, digits_value(text + 4, 2), false) &&
           add_number(guess, digits_value(text + 6, 2), false);
}

static bool take_number(struct reader *r, struct guess *guess)
{
    static const char *const SUFFIXES[] = {"st", "nd", "rd", "th"};
    static const char *const HALVES[] = {"am", "pm", "a", "p"};
    static const char *const UNITS[] = {"hours", "hour", "h",       "minutes", "minute",
                                        "min",   "m",    "seconds", "sec",     "s"};
    size_t start = r->at, length;
    int ignored;
    while (r->at < r->length && isdigit((unsigned char)r->text[r->at]))
        r->at++;
    length = r->at - start;
    if (r->at < r->length && r->text[r->at] == ':' && length <= 2 && !guess->time) {
        guess->time = true;
        return take_time(r, digits_value(r->text + start, length));
    }
    if (length > 4)
        return take_compact(guess, r->text + start, length);
    int value = digits_value(r->text + start, length);
    size_t mark = r->at;
    while (r->at < r->length && r->text[r->at] == ' ')
        r->at++;
    bool word_ends = false;
    if (read_word(r, HALVES, 2, 0, &ignored))
        word_ends = r->at >= r->length || !isalpha((unsigned char)r->text[r->at]);
    if (word_ends) {
        guess->time = guess->half = true;
        return value >= 0 && value <= 12;
    }
    r->at = mark;
    if (read_word(r, SUFFIXES, 4, 0, &ignored))
        return add_number(guess, value, false);
    if (r->at == mark && read_word(r, UNITS, 10, 0, &ignored)) {
        if (r->at >= r->length || !isalpha((unsigned char)r->text[r->at])) {
            guess->time = true;
            return value < 60;
        }
        r->at = mark;
    }
    return add_number(guess, value, length > 2 || value > 31);
}

static bool take_letters(struct reader *r, struct guess *guess)
{
    static const char *const JUMPS[] = {"at", "on", "and", "ad", "of", "t", "m"};
    static const char *const ZONES[] = {"utc", "gmt", "z"};
    static const char *const HALVES[] = {"am", "pm"};
    size_t start = r->at, end = r->at;
    int index;
    while (end < r->length && isalpha((unsigned char)r->text[end]))
        end++;
    struct reader word = {.text = r->text, .length = end, .at = start};
    r->at = end;
    if ((read_word(&word, MONTHS, 12, 0, &index) || read_word(&word, MONTHS, 12, 3, &index)) &&
        (word.at == end || (end - start == 4 && strncasecmp(r->text + start, "sept", 4) == 0))) {
        bool first = guess->month == 0;
        guess->month = index;
        return first;
    }
    word.at = start;
    if ((read_word(&word, DAYS, 7, 0, &index) || read_word(&word, DAYS, 7, 3, &index)) && word.at == end) {
        guess->weekday = true;
        return true;
    }
    word.at = start;
    if (read_word(&word, HALVES, 2, 0, &index) && word.at == end && guess->time)
        return guess->half = true;
    word.at = start;
    if (read_word(&word, ZONES, 3, 0, &index) && word.at == end && (guess->time || index == 1))
        return guess->zone = true;
    for (size_t i = 0; i < sizeof JUMPS / sizeof *JUMPS; i++)
        if (strlen(JUMPS[i]) == end - start && strncasecmp(JUMPS[i], r->text + start, end - start) == 0)
            return true;
    return false;
}

/* Whether the numbers make a date in some order of day, month and year. */
static bool resolves(const struct guess *g)
{
    if (g->count == 0)
        return g->month || g->time || g->weekday;
    static const unsigned char ORDERS[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                               {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    if (g->month) {
        if (g->count > 2)
            return false;
        if (g->count == 1)
            return g->has_year[0] || valid_date(2000, g->month, g->numbers[0]);
        for (unsigned y = 0; y < 2; y++) {
            int year = g->numbers[y] < 100 ? g->numbers[y] + 2000 : g->numbers[y];
            if (!g->has_year[1 - y] && valid_date(year, g->month, g->numbers[1 - y]))
                return true;
        }
        return false;
    }
    if (g->count == 1)
        return g->has_year[0] ? g->numbers[0] > 0 : g->numbers[0] >= 1 && g->numbers[0] <= 31;
    if (g->count == 2) {
        for (unsigned m = 0; m < 2; m++) {
            int month = g->numbers[m], other = g->numbers[1 - m];
            if (!g->has_year[m] && month >= 1 && month <= 12 &&
                (g->has_year[1 - m] || valid_date(2000, month, other) || other > 31))
                return true;
        }
        return false;
    }
    for (unsigned i = 0; i < 6; i++) {
        int year = g->numbers[ORDERS[i][0]], month = g->numbers[ORDERS[i][1]], day = g->numbers[ORDERS[i][2]];
        if (g->has_year[ORDERS[i][1]] || g->has_year[ORDERS[i][2]])
            continue;
        if (valid_date(year < 100 ? year + 2000 : year, month, day))
            return true;
    }
    return false;
}

bool format_dateutil(const char *text, size_t length)
{
    struct reader r = {.text = text, .length = length};
    struct guess guess = {.count = 0};
    if (length == 0 || length > 200)
        return false;
    while (r.at < r.length) {
        unsigned char c = (unsigned char)text[r.at];
        if (isdigit(c)) {
            if (!take_number(&r, &guess))
                return false;
        } else if (isalpha(c)) {
            if (!take_letters(&r, &guess))
                return false;
        } else if ((c == '+' || c == '-') && guess.time && !guess.zone && r.at + 1 < length &&
                   isdigit((unsigned char)text[r.at + 1])) {
            int ignored;
            r.at++;
            guess.zone = read_int(&r, 2, 0, 23, &ignored);
            if (r.at < length && text[r.at] == ':')
                r.at++;
            if (!guess.zone ||
                (r.at < length && isdigit((unsigned char)text[r.at]) && !read_int(&r, 2, 0, 59, &ignored)))
                return false;
        } else if (c == ' ' || c == ',' || c == '-' || c == '/' || c == '.' || c == ';' || c == '\'' ||
                   c == '\t') {
            r.at++;
        } else {
            return false;
        }
    }
    return resolves(&guess);
}
