#include "runtime/data/formats.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    return length > 0;
}

static bool is_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return length > 0;
}

static bool is_integer(const char *text, size_t length)
{
    size_t sign = length && (text[0] == '-' || text[0] == '+');
    return is_digits(text + sign, length - sign);
}

static bool is_number(const char *text, size_t length)
{
    size_t at = length && (text[0] == '-' || text[0] == '+'), digits = 0;
    for (; at < length && isdigit((unsigned char)text[at]); at++)
        digits++;
    if (at < length && text[at] == '.')
        for (at++; at < length && isdigit((unsigned char)text[at]); at++)
            digits++;
    if (digits && at < length && (text[at] == 'e' || text[at] == 'E')) {
        at += 1 + (at + 1 < length && (text[at + 1] == '-' || text[at + 1] == '+'));
        return is_digits(text + at, length - at);
    }
    return digits && at == length;
}

static bool is_host(const char *text, size_t length)
{
    size_t label = 0;
    if (length == 0 || length > 253)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '.') {
            if (label == 0 || text[i - 1] == '-')
                return false;
            label = 0;
        } else if ((isalnum(c) || (c == '-' && label > 0)) && label < 63) {
            label++;
        } else {
            return false;
        }
    }
    return label > 0 && text[length - 1] != '-';
}

/* The practical form: one @, a dot-atom before it, a host with a dot behind it. */
static bool is_email(const char *text, size_t length)
{
    const char *at = memchr(text, '@', length);
    if (!at || at == text || (size_t)(at - text) > 64 || length > 254)
        return false;
    size_t local = (size_t)(at - text), host = length - local - 1;
    for (size_t i = 0; i < local; i++) {
        unsigned char c = (unsigned char)text[i];
        bool dot = c == '.' && i > 0 && i + 1 < local && text[i - 1] != '.';
        if (!isalnum(c) && !dot && (c == 0 || !strchr("!#$%&'*+/=?^_`{|}~-", c)))
            return false;
    }
    return is_host(at + 1, host) && memchr(at + 1, '.', host);
}

static bool is_uuid(const char *text, size_t length)
{
    if (length != 36)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

static bool is_ipv4(const char *text, size_t length)
{
    size_t at = 0;
    for (unsigned part = 0; part < 4; part++) {
        unsigned value = 0;
        size_t start = at;
        for (; at < length && isdigit((unsigned char)text[at]) && at - start < 3; at++)
            value = value * 10 + (unsigned)(text[at] - '0');
        if (at == start || value > 255 || (at - start > 1 && text[start] == '0'))
            return false;
        if (part < 3 && (at >= length || text[at++] != '.'))
            return false;
    }
    return at == length;
}

static bool is_ipv6(const char *text, size_t length)
{
    unsigned groups = 0;
    bool gap = false;
    size_t at = 0;
    if (length >= 2 && text[0] == ':' && text[1] == ':') {
        gap = true;
        at = 2;
    }
    while (at < length) {
        size_t start = at;
        while (at < length && isxdigit((unsigned char)text[at]) && at - start < 4)
            at++;
        if (at < length && text[at] == '.' && is_ipv4(text + start, length - start)) {
            groups += 2;
            at = length;
            break;
        }
        if (at == start)
            return false;
        groups++;
        if (at == length)
            break;
        if (text[at++] != ':' || at == length)
            return at == length && false;
        if (text[at] == ':') {
            if (gap)
                return false;
            gap = true;
            at++;
        }
    }
    return gap ? groups < 8 : groups == 8;
}

static bool is_ip(const char *text, size_t length)
{
    return is_ipv4(text, length) || is_ipv6(text, length);
}

static bool is_url(const char *text, size_t length)
{
    size_t scheme = 0;
    while (scheme < length && (isalnum((unsigned char)text[scheme]) || strchr("+-.", text[scheme])))
        scheme++;
    if (scheme == 0 || !isalpha((unsigned char)text[0]) || length - scheme < 4 ||
        memcmp(text + scheme, "://", 3) != 0)
        return false;
    const char *host = text + scheme + 3, *end = text + length;
    for (const char *c = host; c < end; c++)
        if ((unsigned char)*c <= ' ' || strchr("<>\"{}|\\^`", *c))
            return false;
    const char *stop = host;
    while (stop < end && !strchr("/?#", *stop))
        stop++;
    const char *user = memchr(host, '@', (size_t)(stop - host));
    host = user ? user + 1 : host;
    if (host < stop && *host == '[') {
        const char *close = memchr(host, ']', (size_t)(stop - host));
        return close && is_ipv6(host + 1, (size_t)(close - host - 1));
    }
    const char *port = memchr(host, ':', (size_t)(stop - host));
    if (port && port + 1 < stop && !is_digits(port + 1, (size_t)(stop - port - 1)))
        return false;
    return is_host(host, (size_t)((port ? port : stop) - host));
}

static int two(const char *text)
{
    return isdigit((unsigned char)text[0]) && isdigit((unsigned char)text[1])
               ? (text[0] - '0') * 10 + text[1] - '0'
               : -1;
}

static bool valid_day(int year, int month, int day)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= DAYS[month - 1] + (leap && month == 2);
}

static bool is_date(const char *text, size_t length)
{
    if (length != 10 || text[4] != '-' || text[7] != '-' || two(text) < 0 || two(text + 2) < 0)
        return false;
    return valid_day(two(text) * 100 + two(text + 2), two(text + 5), two(text + 8));
}

static bool is_time(const char *text, size_t length)
{
    if (length < 5 || text[2] != ':' || two(text) < 0 || two(text) > 23 || two(text + 3) < 0 ||
        two(text + 3) > 59)
        return false;
    if (length == 5)
        return true;
    if (length < 8 || text[5] != ':' || two(text + 6) < 0 || two(text + 6) > 60)
        return false;
    return length == 8 || ((text[8] == '.' || text[8] == ',') && is_digits(text + 9, length - 9));
}

static bool is_datetime(const char *text, size_t length)
{
    if (length < 16 || !is_date(text, 10) || (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
        return false;
    size_t end = length;
    if (text[length - 1] == 'Z' || text[length - 1] == 'z') {
        end = length - 1;
    } else {
        size_t sign = length;
        for (size_t i = 11; i < length; i++)
            if (text[i] == '+' || text[i] == '-')
                sign = i;
        if (sign < length) {
            size_t zone = length - sign - 1;
            bool colon = zone == 5 && text[sign + 3] == ':';
            if (!colon && zone != 4 && zone != 2)
                return false;
            if (two(text + sign + 1) < 0 || two(text + sign + 1) > 23 ||
                (zone > 2 && (two(text + length - 2) < 0 || two(text + length - 2) > 59)))
                return false;
            end = sign;
        }
    }
    return is_time(text + 11, end - 11);
}

static bool is_credit_card(const char *text, size_t length)
{
    unsigned sum = 0, count = 0;
    for (size_t i = length; i-- > 0;) {
        if (text[i] == ' ' || text[i] == '-')
            continue;
        if (!isdigit((unsigned char)text[i]))
            return false;
        unsigned digit = (unsigned)(text[i] - '0');
        if (count++ & 1)
            digit = digit > 4 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return count >= 12 && count <= 19 && sum % 10 == 0;
}

static bool is_phone(const char *text, size_t length)
{
    unsigned digits = 0;
    for (size_t i = 0; i < length; i++) {
        if (isdigit((unsigned char)text[i]))
            digits++;
        else if (!(text[i] == '+' && i == 0) && !strchr(" -.()/", text[i]))
            return false;
    }
    return digits >= 7 && digits <= 15;
}

static bool is_base64(const char *text, size_t length)
{
    if (length == 0 || length % 4)
        return false;
    size_t pad =
        (text[length - 1] == '=') + (length > 1 && text[length - 1] == '=' && text[length - 2] == '=');
    for (size_t i = 0; i < length - pad; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '+' && text[i] != '/')
            return false;
    return true;
}

static bool is_boolean(const char *text, size_t length)
{
    static const char *const WORDS[] = {"true", "false", "yes", "no", "0", "1", "t", "f", "y", "n"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (strlen(WORDS[i]) == length && strncasecmp(WORDS[i], text, length) == 0)
            return true;
    return false;
}

/* --- JSON --- */

struct json {
    const char *text;
    size_t length, at;
    unsigned depth;
};

static bool json_value(struct json *j);

static void json_blanks(struct json *j)
{
    while (j->at < j->length && j->text[j->at] && strchr(" \t\r\n", j->text[j->at]))
        j->at++;
}

static bool json_word(struct json *j, const char *word)
{
    size_t length = strlen(word);
    if (j->length - j->at < length || memcmp(j->text + j->at, word, length) != 0)
        return false;
    j->at += length;
    return true;
}

static bool json_string(struct json *j)
{
    for (j->at++; j->at < j->length; j->at++) {
        unsigned char c = (unsigned char)j->text[j->at];
        if (c == '"') {
            j->at++;
            return true;
        }
        if (c < 0x20)
            return false;
        if (c != '\\')
            continue;
        if (++j->at >= j->length || !j->text[j->at] || !strchr("\"\\/bfnrtu", j->text[j->at]))
            return false;
        if (j->text[j->at] == 'u') {
            if (j->length - j->at < 5 || !is_hex(j->text + j->at + 1, 4))
                return false;
            j->at += 4;
        }
    }
    return false;
}

static bool json_number(struct json *j)
{
    size_t start = j->at;
    j->at += j->text[j->at] == '-';
    if (json_word(j, "Infinity"))
        return true;
    size_t whole = j->at;
    while (j->at < j->length && isdigit((unsigned char)j->text[j->at]))
        j->at++;
    if (j->at == whole || (j->text[whole] == '0' && j->at - whole > 1))
        return false;
    if (j->at < j->length && j->text[j->at] == '.') {
        size_t point = ++j->at;
        while (j->at < j->length && isdigit((unsigned char)j->text[j->at]))
            j->at++;
        if (j->at == point)
            return false;
    }
    if (j->at < j->length && (j->text[j->at] == 'e' || j->text[j->at] == 'E')) {
        j->at++;
        j->at += j->at < j->length && (j->text[j->at] == '-' || j->text[j->at] == '+');
        size_t exponent = j->at;
        while (j->at < j->length && isdigit((unsigned char)j->text[j->at]))
            j->at++;
        if (j->at == exponent)
            return false;
    }
    return j->at > start;
}

static bool json_items(struct json *j, char close, bool keys)
{
    j->at++;
    json_blanks(j);
    if (j->at < j->length && j->text[j->at] == close) {
        j->at++;
        return true;
    }
    for (;;) {
        json_blanks(j);
        if (keys) {
            if (j->at >= j->length || j->text[j->at] != '"' || !json_string(j))
                return false;
            json_blanks(j);
            if (j->at >= j->length || j->text[j->at++] != ':')
                return false;
        }
        if (!json_value(j))
            return false;
        json_blanks(j);
        if (j->at >= j->length)
            return false;
        char c = j->text[j->at++];
        if (c == close)
            return true;
        if (c != ',')
            return false;
    }
}

static bool json_value(struct json *j)
{
    bool good;
    json_blanks(j);
    if (j->at >= j->length || ++j->depth > 500)
        return false;
    switch (j->text[j->at]) {
    case '{':
        good = json_items(j, '}', true);
        break;
    case '[':
        good = json_items(j, ']', false);
        break;
    case '"':
        good = json_string(j);
        break;
    case 't':
        good = json_word(j, "true");
        break;
    case 'f':
        good = json_word(j, "false");
        break;
    case 'n':
        good = json_word(j, "null");
        break;
    case 'N':
        good = json_word(j, "NaN");
        break;
    case 'I':
        good = json_word(j, "Infinity");
        break;
    default:
        good = json_number(j);
        break;
    }
    j->depth--;
    return good;
}

bool format_json(const char *text, size_t length)
{
    struct json j = {.text = text, .length = length};
    if (!json_value(&j))
        return false;
    json_blanks(&j);
    return j.at == length;
}

static const struct {
    const char *name;
    format_fn *test;
} FORMATS[] = {
    {"email", is_email},
    {"uuid", is_uuid},
    {"url", is_url},
    {"hostname", is_host},
    {"ip", is_ip},
    {"ipv4", is_ipv4},
    {"ipv6", is_ipv6},
    {"date", is_date},
    {"time", is_time},
    {"datetime", is_datetime},
    {"dateutil", format_dateutil},
    {"json", format_json},
    {"integer", is_integer},
    {"number", is_number},
    {"boolean", is_boolean},
    {"credit_card", is_credit_card},
    {"phone", is_phone},
    {"hex", is_hex},
    {"base64", is_base64},
};

const char *const format_names[] = {"email",       "uuid",  "url",     "hostname", "ip",
                                    "ipv4",        "ipv6",  "date",    "time",     "datetime",
                                    "dateutil",    "json",  "integer", "number",   "boolean",
                                    "credit_card", "phone", "hex",     "base64",   NULL};

format_fn *format_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (strcmp(FORMATS[i].name, name) == 0)
            return FORMATS[i].test;
    return NULL;
}
