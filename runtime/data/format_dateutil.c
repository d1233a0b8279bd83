#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/data/formats.h"

/* What the dateutil of Python reads as a date or a time: the text is cut into words, numbers and single
 * characters, each number is given its part by what stands beside it, and year, month and day are told apart
 * at the end (dateutil 2.9, parser/_parser.py, without the fuzzy mode). What the text leaves out is taken
 * from today there; here from a leap year and a month of 31 days, so that the answer does not change by the
 * day. */

enum { TEXT_LIMIT = 200, TOKENS_LIMIT = 2 * TEXT_LIMIT, NUMBER_LIMIT = 100000000 };

struct token {
    const char *text;
    size_t length;
};

struct ymd {
    int parts[3];
    unsigned count;
    bool century;
    int month, year; /* positions that are known; -1: not */
};

struct parse {
    char copy[TEXT_LIMIT + 1];
    struct token tokens[TOKENS_LIMIT];
    size_t count;
    struct ymd ymd;
    int hour, minute, second; /* -1: not given */
    bool weekday, zone, zone_name;
};

/* --- tokens --- */

static bool is_alpha(char c)
{
    return isalpha((unsigned char)c) ||
           (c & 0x80); /* letters of other scripts belong to no word that is known */
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void add_token(struct parse *p, const char *text, size_t length)
{
    if (length)
        p->tokens[p->count++] = (struct token){text, length};
}

/* The end of the run of letters, digits and dots that begins at `at`; `mixed` when it must be cut at dots. */
static char *run_end(char *at, char *end, bool *mixed, bool *number)
{
    char *start = at;
    bool letters = is_alpha(*at), dotted = false, seen = false;
    size_t dots = 0;
    for (at++; at < end; at++) {
        bool dot = *at == '.', after_dot = at[-1] == '.';
        seen = seen || letters;
        if (dot || (*at == ',' && !letters && !dotted && at - start >= 2)) {
            dots += dot;
            dotted = true;
        } else if (letters ? !is_alpha(*at) && !(dotted && after_dot && is_digit(*at))
                           : !is_digit(*at) && !(dotted && after_dot && is_alpha(*at))) {
            break;
        } else if (dotted && (letters ? is_digit(*at) : is_alpha(*at))) {
            letters = !letters;
        }
    }
    *mixed = dotted && (seen || dots > 1 || at[-1] == '.' || at[-1] == ',');
    *number = dotted && !letters;
    return at;
}

static bool split(struct parse *p, const char *text, size_t length)
{
    char *at = p->copy, *end;
    size_t kept = 0;
    for (size_t i = 0; i < length; i++)
        if (text[i])
            p->copy[kept++] = text[i];
    p->copy[kept] = '\0';
    for (end = at + kept; at < end;) {
        bool mixed, number;
        char *start = at;
        if (!is_alpha(*at) && !is_digit(*at)) {
            if (isspace((unsigned char)*at))
                *at = ' ';
            add_token(p, at++, 1);
            continue;
        }
        at = run_end(at, end, &mixed, &number);
        if (!mixed) {
            if (number && !memchr(start, '.', (size_t)(at - start)))
                *(char *)memchr(start, ',', (size_t)(at - start)) = '.';
            add_token(p, start, (size_t)(at - start));
            continue;
        }
        for (char *piece = start; piece <= at; piece++)
            if (piece == at || *piece == '.' || *piece == ',') {
                add_token(p, start, (size_t)(piece - start));
                if (piece < at)
                    add_token(p, piece, 1);
                start = piece + 1;
            }
    }
    return p->count > 0;
}

static bool is_text(const struct token *token, const char *text)
{
    return token->length == strlen(text) && strncasecmp(token->text, text, token->length) == 0;
}

/* The position of a word in a list of spellings, `forms` for each; -1 when it is none of them. */
static int find_word(const struct token *token, const char *const *words, size_t count, unsigned forms)
{
    for (size_t i = 0; i < count; i++)
        if (is_text(token, words[i]))
            return (int)(i / forms);
    return -1;
}

static const struct token *token_at(const struct parse *p, size_t i)
{
    static const struct token NONE = {"", 0};
    return i < p->count ? &p->tokens[i] : &NONE;
}

static bool is_char(const struct parse *p, size_t i, char c)
{
    const struct token *token = token_at(p, i);
    return token->length == 1 && token->text[0] == c;
}

static bool is_jump(const struct token *token)
{
    static const char *const WORDS[] = {" ",   ".",  ",", ";", "-",  "/",  "'",  "at", "on",
                                        "and", "ad", "m", "t", "of", "st", "nd", "rd", "th"};
    return find_word(token, WORDS, sizeof WORDS / sizeof *WORDS, 1) >= 0;
}

static int month_of(const struct token *token)
{
    static const char *const WORDS[] = {
        "jan", "january", "january", "feb", "february", "february", "mar", "march",    "march",
        "apr", "april",   "april",   "may", "may",      "may",      "jun", "june",     "june",
        "jul", "july",    "july",    "aug", "august",   "august",   "sep", "sept",     "september",
        "oct", "october", "october", "nov", "november", "november", "dec", "december", "december"};
    return find_word(token, WORDS, 36, 3) + 1;
}

static bool is_weekday(const struct token *token)
{
    static const char *const WORDS[] = {"mon",       "monday",   "tue",      "tuesday", "wed",
                                        "wednesday", "thu",      "thursday", "fri",     "friday",
                                        "sat",       "saturday", "sun",      "sunday"};
    return find_word(token, WORDS, 14, 2) >= 0;
}

/* 0 hours, 1 minutes, 2 seconds; -1. */
static int unit_of(const struct token *token)
{
    static const char *const WORDS[] = {"h",       "hour", "hours",  "m",      "minute",
                                        "minutes", "s",    "second", "seconds"};
    return find_word(token, WORDS, 9, 3);
}

/* 0 am, 1 pm; -1. */
static int half_of(const struct token *token)
{
    static const char *const WORDS[] = {"am", "a", "pm", "p"};
    return find_word(token, WORDS, 4, 2);
}

/* --- numbers --- */

/* Digits only, as Python's int(). */
static bool to_int(const char *text, size_t length, int *out)
{
    *out = 0;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return false;
        if (*out < NUMBER_LIMIT)
            *out = *out * 10 + (text[i] - '0');
    }
    return length > 0;
}

struct number {
    int whole;
    double part; /* behind the point */
};

static bool to_number(const struct token *token, struct number *out)
{
    const char *dot = memchr(token->text, '.', token->length);
    size_t length = dot ? (size_t)(dot - token->text) : token->length;
    double scale = 1;
    out->part = 0;
    for (size_t i = length + 1; i < token->length; i++) {
        if (!is_digit(token->text[i]))
            return false;
        out->part += (token->text[i] - '0') * (scale /= 10);
    }
    return to_int(token->text, length, &out->whole);
}

/* Seconds with a fraction. */
static bool to_seconds(const char *text, size_t length, int *out)
{
    const char *dot = memchr(text, '.', length);
    size_t whole = dot ? (size_t)(dot - text) : length;
    for (size_t i = whole + 1; i < length; i++)
        if (!is_digit(text[i]))
            return false;
    return to_int(text, whole, out);
}

static void set_minute(struct parse *p, struct number value)
{
    p->minute = value.whole;
    p->second = value.part > 0 ? (int)(60 * value.part) : -1;
}

/* --- year, month, day --- */

static bool add_part(struct ymd *ymd, int value, char label)
{
    if (ymd->count == 3)
        return false;
    ymd->parts[ymd->count] = value;
    int *known = label == 'Y' ? &ymd->year : label == 'M' ? &ymd->month : NULL;
    if (known && *known >= 0)
        return false;
    if (known)
        *known = (int)ymd->count;
    ymd->count++;
    return true;
}

static bool add_text(struct ymd *ymd, const char *text, size_t length, char label)
{
    int value;
    if (!to_int(text, length, &value))
        return false;
    if (length > 2) {
        ymd->century = true;
        label = 'Y';
    }
    return add_part(ymd, value, label);
}

static bool add_token_part(struct ymd *ymd, const struct token *token)
{
    return add_text(ymd, token->text, token->length, 0);
}

static bool add_value(struct ymd *ymd, struct number value)
{
    bool year = value.whole > 100 || (value.whole == 100 && value.part > 0);
    ymd->century = ymd->century || year;
    return add_part(ymd, value.whole, year ? 'Y' : 0);
}

static int month_length(int year, int month)
{
    static const int LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return LENGTHS[month - 1] + (month == 2 && leap);
}

static bool could_be_day(const struct ymd *ymd, struct number value)
{
    double number = value.whole + value.part;
    int most = ymd->month < 0
                   ? 31
                   : month_length(ymd->year < 0 ? 2000 : ymd->parts[ymd->year], ymd->parts[ymd->month]);
    return number >= 1 && number <= most;
}

struct date {
    int year, month, day; /* -1: not given */
};

static struct date ordered(const struct ymd *ymd, unsigned year, unsigned month, unsigned day)
{
    return (struct date){ymd->parts[year], ymd->parts[month], ymd->parts[day]};
}

static struct date resolve_two(const struct ymd *ymd)
{
    const int *n = ymd->parts;
    if (n[0] > 31)
        return (struct date){n[0], n[1], -1};
    if (n[1] > 31)
        return (struct date){n[1], n[0], -1};
    return (struct date){-1, n[0], n[1]};
}

static struct date resolve_three(const struct ymd *ymd)
{
    const int *n = ymd->parts;
    if (ymd->year >= 0 && ymd->month >= 0)
        return ordered(ymd, (unsigned)ymd->year, (unsigned)ymd->month,
                       (unsigned)(3 - ymd->year - ymd->month));
    if (ymd->month == 0)
        return n[1] > 31 ? ordered(ymd, 1, 0, 2) : ordered(ymd, 2, 0, 1);
    if (ymd->month == 1)
        return n[0] > 31 ? ordered(ymd, 0, 1, 2) : ordered(ymd, 2, 1, 0);
    if (ymd->month == 2)
        return n[1] > 31 ? ordered(ymd, 1, 2, 0) : ordered(ymd, 0, 2, 1);
    if (n[0] > 31 || ymd->year == 0)
        return ordered(ymd, 0, 1, 2);
    return n[0] > 12 ? ordered(ymd, 2, 1, 0) : ordered(ymd, 2, 0, 1);
}

static struct date resolve(const struct ymd *ymd)
{
    const int *n = ymd->parts;
    struct date date = {-1, -1, -1};
    if (ymd->count == 0)
        return date;
    if (ymd->count == 3)
        return resolve_three(ymd);
    if (ymd->count == 2 && ymd->year >= 0 && ymd->month >= 0)
        return (struct date){n[ymd->year], n[ymd->month], -1};
    if (ymd->count == 1 && ymd->year == 0)
        return (struct date){n[0], -1, -1};
    if (ymd->count == 2 && ymd->month < 0)
        return resolve_two(ymd);
    date.month = ymd->month >= 0 ? n[ymd->month] : -1;
    if (ymd->count == 2 || ymd->month < 0) {
        int other = ymd->month == 0 ? n[1] : n[0];
        *(other > 31 ? &date.year : &date.day) = other;
    }
    return date;
}

static bool is_valid(const struct parse *p)
{
    struct date date = resolve(&p->ymd);
    if (date.year < 0 && date.month < 0 && date.day < 0 && p->hour < 0 && p->minute < 0 && p->second < 0 &&
        !p->weekday && !p->zone)
        return false; /* nothing but separators */
    if (date.year >= 0 && date.year < 100 && !p->ymd.century)
        date.year += 2000;
    int month = date.month < 0 ? 12 : date.month, year = date.year < 0 ? 2000 : date.year;
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 &&
           (date.day < 0 || (date.day >= 1 && date.day <= month_length(year, month))) && p->hour < 24 &&
           p->minute < 60 && p->second < 60;
}

/* --- numeric tokens --- */

/* The token that says what a number counts ("12h", "12 h", "h12", "h 12" at the end), or -1. */
static int find_unit(const struct parse *p, size_t i)
{
    if (unit_of(token_at(p, i + 1)) >= 0)
        return (int)i + 1;
    if (is_char(p, i + 1, ' ') && unit_of(token_at(p, i + 2)) >= 0)
        return (int)i + 2;
    if (i > 0 && unit_of(token_at(p, i - 1)) >= 0)
        return (int)i - 1;
    if (i > 1 && i + 1 == p->count && is_char(p, i - 1, ' ') && unit_of(token_at(p, i - 2)) >= 0)
        return (int)i - 2;
    return -1;
}

static bool take_unit(struct parse *p, size_t *i, size_t at, struct number value)
{
    const struct token *token = token_at(p, *i);
    int unit = unit_of(token_at(p, at)) + (at < *i);
    if (at > *i)
        *i = at;
    if (unit == 0) {
        p->hour = value.whole;
        if (value.part > 0)
            p->minute = (int)(60 * value.part);
    } else if (unit == 1) {
        set_minute(p, value);
    } else if (unit == 2) {
        return to_seconds(token->text, token->length, &p->second);
    }
    return true;
}

static bool take_clock(struct parse *p, size_t *i, struct number value)
{
    struct number minute;
    p->hour = value.whole;
    if (!to_number(token_at(p, *i + 2), &minute))
        return false;
    set_minute(p, minute);
    if (*i + 4 < p->count && is_char(p, *i + 3, ':')) {
        const struct token *seconds = token_at(p, *i + 4);
        if (!to_seconds(seconds->text, seconds->length, &p->second))
            return false;
        *i += 2;
    }
    *i += 2;
    return true;
}

static bool add_part_or_month(struct ymd *ymd, const struct token *token)
{
    return month_of(token) ? add_part(ymd, month_of(token), 'M') : add_token_part(ymd, token);
}

/* 01-01-01, 01-Jan-01, 01/01 */
static bool take_separated(struct parse *p, size_t *i)
{
    char separator = token_at(p, *i + 1)->text[0];
    if (!add_token_part(&p->ymd, token_at(p, *i)))
        return false;
    if (*i + 2 < p->count && !is_jump(token_at(p, *i + 2))) {
        if (!add_part_or_month(&p->ymd, token_at(p, *i + 2)))
            return false;
        if (is_char(p, *i + 3, separator)) {
            if (*i + 4 >= p->count || !add_part_or_month(&p->ymd, token_at(p, *i + 4)))
                return false;
            *i += 2;
        }
        *i += 1;
    }
    *i += 1;
    return true;
}

static bool take_half(struct parse *p, int hour, int half)
{
    p->hour = hour < 12 && half == 1 ? hour + 12 : hour == 12 && half == 0 ? 0 : hour;
    return true;
}

/* Digits without separators: YYMMDD, HHMMSS, YYYYMMDD, with HHMM and SS behind. */
static bool take_compact(struct parse *p, const struct token *token)
{
    const char *text = token->text;
    struct ymd *ymd = &p->ymd;
    if (token->length == 6 || memchr(text, '.', token->length)) {
        if (ymd->count == 0 && !memchr(text, '.', token->length))
            return add_text(ymd, text, 2, 0) && add_text(ymd, text + 2, 2, 0) &&
                   add_text(ymd, text + 4, 2, 0);
        return to_int(text, 2, &p->hour) && to_int(text + 2, 2, &p->minute) &&
               to_seconds(text + 4, token->length - 4, &p->second);
    }
    if (!add_text(ymd, text, 4, 'Y') || !add_text(ymd, text + 4, 2, 0) || !add_text(ymd, text + 6, 2, 0))
        return false;
    if (token->length > 8 && (!to_int(text + 8, 2, &p->hour) || !to_int(text + 10, 2, &p->minute)))
        return false;
    return token->length <= 12 || to_int(text + 12, 2, &p->second);
}

static bool is_compact(const struct token *token)
{
    size_t n = token->length;
    return n == 6 || (n > 6 && memchr(token->text, '.', n) == token->text + 6) || n == 8 || n == 12 ||
           n == 14;
}

static bool take_number(struct parse *p, size_t *i)
{
    const struct token *token = token_at(p, *i), *next = token_at(p, *i + 1);
    struct number value;
    bool last = *i + 1 >= p->count;
    int unit = find_unit(p, *i);
    if (!to_number(token, &value))
        return false;
    if (p->ymd.count == 3 && (token->length == 2 || token->length == 4) && p->hour < 0 &&
        (last || (!is_char(p, *i + 1, ':') && unit_of(next) < 0))) /* 19990101T23[59] */
        return to_int(token->text, 2, &p->hour) &&
               (token->length == 2 || to_int(token->text + 2, 2, &p->minute));
    if (is_compact(token))
        return take_compact(p, token);
    if (unit >= 0)
        return take_unit(p, i, (size_t)unit, value);
    if (*i + 2 < p->count && is_char(p, *i + 1, ':'))
        return take_clock(p, i, value);
    if (!last && (is_char(p, *i + 1, '-') || is_char(p, *i + 1, '/') || is_char(p, *i + 1, '.')))
        return take_separated(p, i);
    if (last || is_jump(next)) {
        int half = half_of(token_at(p, *i + 2));
        *i += half >= 0 ? 2 : 1;
        return half >= 0 ? take_half(p, value.whole, half) : add_value(&p->ymd, value);
    }
    if (half_of(next) >= 0 && value.whole < 24) {
        *i += 1;
        return take_half(p, value.whole, half_of(next));
    }
    return could_be_day(&p->ymd, value) && add_value(&p->ymd, value);
}

/* --- words --- */

static bool take_month(struct parse *p, size_t *i)
{
    if (!add_part(&p->ymd, month_of(token_at(p, *i)), 'M'))
        return false;
    if (is_char(p, *i + 1, '-') || is_char(p, *i + 1, '/')) { /* Jan-01[-99] */
        char separator = token_at(p, *i + 1)->text[0];
        if (!add_token_part(&p->ymd, token_at(p, *i + 2)))
            return false;
        if (is_char(p, *i + 3, separator)) {
            if (!add_token_part(&p->ymd, token_at(p, *i + 4)))
                return false;
            *i += 2;
        }
        *i += 2;
    } else if (*i + 4 < p->count && is_char(p, *i + 1, ' ') && is_char(p, *i + 3, ' ') &&
               is_text(token_at(p, *i + 2), "of")) { /* Jan of 01: a year */
        int year;
        if (to_int(token_at(p, *i + 4)->text, token_at(p, *i + 4)->length, &year)) {
            p->ymd.century = true;
            if (!add_part(&p->ymd, year < 100 ? year + 2000 : year, 'Y'))
                return false;
        }
        *i += 4;
    }
    return true;
}

static bool could_be_zone(const struct parse *p, const struct token *token)
{
    bool capitals = true;
    for (size_t i = 0; i < token->length; i++)
        capitals = capitals && token->text[i] >= 'A' && token->text[i] <= 'Z';
    return p->hour >= 0 && !p->zone_name && !p->zone && token->length <= 5 &&
           (capitals || (token->length == 1 && token->text[0] == 'z'));
}

/* -0300, -03:00, -3, with a name in brackets behind */
static bool take_offset(struct parse *p, size_t *i)
{
    const struct token *hours = token_at(p, *i + 1);
    size_t start = *i;
    int ignored;
    if (!to_int(hours->text, hours->length, &ignored))
        return false;
    if (hours->length != 4 && is_char(p, *i + 2, ':')) {
        if (!to_int(token_at(p, *i + 3)->text, token_at(p, *i + 3)->length, &ignored))
            return false;
        *i += 2;
    } else if (hours->length != 4 && hours->length > 2) {
        return false;
    }
    bool named = *i + 5 < p->count && is_jump(token_at(p, *i + 2)) && is_char(p, *i + 3, '(') &&
                 is_char(p, *i + 5, ')') && token_at(p, *i + 4)->length >= 3;
    p->zone = false;
    if (named && could_be_zone(p, token_at(p, *i + 4))) {
        p->zone_name = true;
        *i += 4;
    }
    p->zone = true;
    *i += 1;
    return *i > start;
}

static bool take_word(struct parse *p, size_t *i)
{
    const struct token *token = token_at(p, *i);
    if (is_weekday(token)) {
        p->weekday = true;
        return true;
    }
    if (month_of(token))
        return take_month(p, i);
    if (half_of(token) >= 0)
        return p->hour >= 0 && p->hour <= 12 && take_half(p, p->hour, half_of(token));
    if (is_text(token, "nan") || is_text(token, "inf") || is_text(token, "infinity"))
        return false; /* numbers, to Python */
    if (could_be_zone(p, token)) {
        bool flipped = is_char(p, *i + 1, '+') || is_char(p, *i + 1, '-');
        bool utc = is_text(token, "utc") || is_text(token, "gmt") || is_text(token, "z");
        p->zone_name = !(flipped && utc); /* of GMT+3 the 3 is the zone */
        p->zone = !flipped && token->text[0] == 'z';
        return true;
    }
    if (p->hour >= 0 && (is_char(p, *i, '+') || is_char(p, *i, '-')))
        return take_offset(p, i);
    return is_jump(token);
}

static bool read(struct parse *p, const char *text, size_t length)
{
    *p = (struct parse){.hour = -1, .minute = -1, .second = -1, .ymd = {.month = -1, .year = -1}};
    if (length == 0 || length > TEXT_LIMIT || !split(p, text, length))
        return false;
    for (size_t i = 0; i < p->count; i++)
        if (!(is_digit(p->tokens[i].text[0]) ? take_number(p, &i) : take_word(p, &i)))
            return false;
    return is_valid(p);
}

bool format_dateutil(const char *text, size_t length)
{
    struct parse p;
    return read(&p, text, length);
}

bool dateutil_iso(const char *text, size_t length, char out[DATEUTIL_ISO])
{
    struct parse p;
    if (!read(&p, text, length) || p.zone || p.zone_name || memchr(text, '.', length))
        return false;
    struct date date = resolve(&p.ymd);
    if (date.year < 100 || date.month < 0 || date.day < 0) /* of two digits the century is not said */
        return false;
    snprintf(out, DATEUTIL_ISO, "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month, date.day,
             p.hour < 0 ? 0 : p.hour, p.minute < 0 ? 0 : p.minute, p.second < 0 ? 0 : p.second);
    return true;
}
