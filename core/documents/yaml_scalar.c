#include "core/documents/yaml_scalar.h"

#include <string.h>
#include <strings.h>
#include "core/buf.h"
#include "core/documents/yaml.h"
#include "core/text.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool yaml_is_printable(uint32_t c)
{
    if (c < 0x7f)
        return c >= 0x20 || c == '\t';
    if (c <= 0xa0 || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
        (c >= 0x205f && c <= 0x206f))
        return false;
    return c != 0x061c && c != 0x3000 && c != 0xfeff && (c & 0xfffe) != 0xfffe &&
           !(c >= 0xd800 && c <= 0xdfff) && !(c >= 0xfdd0 && c <= 0xfdef);
}

/* Words that some reader resolves to a boolean, null, a float or a merge. */
static bool is_reserved_word(const char *text, size_t length)
{
    static const char *const words[] = {"y",     "n",    "yes", "no",  "on",   "off", "true",
                                        "false", "null", "nan", "inf", ".nan", ".inf"};
    if (length && (text[0] == '-' || text[0] == '+')) {
        text++;
        length--;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == length && strncasecmp(words[i], text, length) == 0)
            return true;
    return false;
}

/* 250m, 64Mi, 30s: digits without a leading zero and one unit, which no reader takes for a number. */
static bool is_plain_quantity(const char *text, size_t length)
{
    static const char *const units[] = {"n",  "u",  "m",  "k",  "M",  "G",  "T", "P", "Ki", "Mi", "Gi",
                                        "Ti", "Pi", "Ei", "ns", "us", "ms", "s", "h", "d",  "w"};
    size_t digits = 0;
    while (digits < length && is_digit(text[digits]))
        digits++;
    if (digits == 0 || (text[0] == '0' && digits > 1))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strlen(units[i]) == length - digits && memcmp(units[i], text + digits, length - digits) == 0)
            return true;
    return false;
}

/* The beginnings after which a scalar is neither an indicator nor a number: letters, /, $, (, and - -- . ./ _
 * before a letter. */
static bool starts_plain(const char *text, size_t length)
{
    char c = text[0];
    if (is_letter(c) || c == '/' || c == '$' || c == '(' || (unsigned char)c >= 0x80)
        return true;
    if (c == '.' && length > 2 && text[1] == '/')
        return true;
    size_t lead = c == '-' ? 1 + (length > 1 && text[1] == '-') : c == '.' || c == '_' ? 1 : 0;
    return lead && length > lead && is_letter(text[lead]);
}

/* Every character may stand in a plain scalar of block style: no ": ", no " #", nothing unprintable. */
static bool is_plain_throughout(const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        unsigned char c = (unsigned char)text[at];
        if (c >= 0x80) {
            size_t start = at;
            uint32_t code_point = text_next_code_point(text, length, &at);
            if (!yaml_is_printable(code_point) || at - start == 1)
                return false;
            continue;
        }
        if (c < 0x20 || c == 0x7f)
            return false;
        if (c == ':' && (at + 1 == length || text[at + 1] == ' '))
            return false;
        if (c == '#' && at > 0 && text[at - 1] == ' ')
            return false;
        at++;
    }
    return true;
}

bool yaml_is_plain(const char *text, size_t length)
{
    if (length == 0 || text[length - 1] == ' ')
        return false;
    if (is_digit(text[0]))
        return is_plain_quantity(text, length);
    return starts_plain(text, length) && is_plain_throughout(text, length) &&
           !(length <= 9 && is_reserved_word(text, length));
}

bool yaml_fits_literal(const char *text, size_t length)
{
    if (!memchr(text, '\n', length) || text[0] == '\t')
        return false;
    bool content = false;
    for (size_t at = 0; at < length;) {
        char c = text[at];
        if (c == '\n') {
            bool blank_before = at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t');
            if (blank_before || (at + 1 < length && text[at + 1] == '\t'))
                return false;
            at++;
            continue;
        }
        size_t start = at;
        uint32_t code_point = text_next_code_point(text, length, &at);
        if (!yaml_is_printable(code_point) || (code_point >= 0x80 && at - start == 1))
            return false;
        content = true;
    }
    return content && text[length - 1] != ' ' && text[length - 1] != '\t';
}

static bool stands_in_quotes(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void write_quoted(struct buf *out, const char *text, size_t length)
{
    buf_reserve(out, length + 2);
    buf_add_char(out, '"');
    for (size_t at = 0; at < length;) {
        size_t run = at;
        while (run < length && stands_in_quotes((unsigned char)text[run]))
            run++;
        buf_add(out, text + at, run - at);
        at = run;
        if (at == length)
            break;
        uint32_t c = text_next_code_point(text, length, &at);
        if (c >= 0x80 && yaml_is_printable(c))
            text_add_code_point(out, c);
        else
            text_add_escape(out, c);
    }
    buf_add_char(out, '"');
}

void yaml_write_scalar(struct buf *out, const char *text, size_t length)
{
    if (yaml_is_plain(text, length))
        buf_add(out, text, length);
    else
        write_quoted(out, text, length);
}

/* Reading. */

static bool is_one_of(const char *text, size_t length, const char *a, const char *b, const char *c)
{
    const char *const words[] = {a, b, c};
    for (size_t i = 0; i < 3; i++)
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
            return true;
    return false;
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* Digits of a base, the whole text; a number beyond 64 bits becomes a double. */
static bool read_base(const char *text, size_t length, int base, bool negative, struct value *value)
{
    int64_t integer = 0;
    double number = 0;
    bool exact = true;
    for (size_t i = 0; i < length; i++) {
        int digit = digit_value(text[i]);
        if (digit >= base)
            return false;
        exact = exact && !__builtin_mul_overflow(integer, base, &integer) &&
                !__builtin_add_overflow(integer, digit, &integer);
        number = number * base + digit;
    }
    value->kind = exact ? VALUE_INT : VALUE_FLOAT;
    if (exact)
        value->integer = negative ? -integer : integer;
    else
        value->number = negative ? -number : number;
    return length > 0;
}

static bool all_digits(const char *text, size_t length, char last)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > last)
            return false;
    return length > 0;
}

/* [0-9]+ in decimal, or octal behind a leading zero. */
static bool read_whole(const char *text, size_t length, bool negative, struct value *value)
{
    if (length > 1 && text[0] == '0' && all_digits(text, length, '7'))
        return read_base(text + 1, length - 1, 8, negative, value);
    if (text_to_int(text, length, &value->integer)) {
        value->kind = VALUE_INT;
        value->integer = negative ? -value->integer : value->integer;
        return true;
    }
    value->kind = VALUE_FLOAT;
    bool good = text_to_double(text, length, &value->number);
    value->number = negative ? -value->number : value->number;
    return good;
}

/* (\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?: brought into the form that text_to_double reads. */
static bool read_float(const char *text, size_t length, bool negative, struct value *value)
{
    struct buf plain = {0};
    size_t whole = strspn(text, "0123456789"), at = whole;
    buf_add(&plain, whole ? text : "0", whole ? whole : 1);
    if (at < length && text[at] == '.') {
        size_t fraction = strspn(text + ++at, "0123456789");
        if (fraction)
            buf_printf(&plain, ".%.*s", (int)fraction, text + at);
        whole += fraction;
        at += fraction;
    }
    buf_add(&plain, text + at, length - at);
    bool number = whole > 0 && (at == length || text[at] == 'e' || text[at] == 'E');
    bool good = number && text_to_double(plain.data, plain.length, &value->number);
    buf_free(&plain);
    value->kind = VALUE_FLOAT;
    value->number = negative ? -value->number : value->number;
    return good;
}

static enum yaml_reading read_number(const char *text, size_t length, struct value *value)
{
    bool sign = text[0] == '-' || text[0] == '+', negative = text[0] == '-';
    const char *body = text + sign;
    size_t rest = length - sign;
    if (is_one_of(body, rest, ".inf", ".Inf", ".INF") ||
        (!sign && is_one_of(body, rest, ".nan", ".NaN", ".NAN")))
        return YAML_READ_REFUSED;
    if (rest > 2 && body[0] == '0' && (body[1] == 'x' || body[1] == 'o'))
        return read_base(body + 2, rest - 2, body[1] == 'x' ? 16 : 8, negative, value) ? YAML_READ_OK
                                                                                       : YAML_READ_STRING;
    if (rest == 0 || (!is_digit(body[0]) && body[0] != '.'))
        return YAML_READ_STRING;
    bool good = all_digits(body, rest, '9') ? read_whole(body, rest, negative, value)
                                            : read_float(body, rest, negative, value);
    return good ? YAML_READ_OK : YAML_READ_STRING;
}

enum yaml_reading yaml_read_plain(const char *text, size_t length, struct value *value)
{
    if (length == 0 || (length == 1 && text[0] == '~') || is_one_of(text, length, "null", "Null", "NULL")) {
        value->kind = VALUE_NULL;
        return YAML_READ_OK;
    }
    bool yes = is_one_of(text, length, "true", "True", "TRUE");
    if (yes || is_one_of(text, length, "false", "False", "FALSE")) {
        value->kind = VALUE_BOOL;
        value->boolean = yes;
        return YAML_READ_OK;
    }
    if (is_digit(text[0]) || strchr("+-.", text[0]))
        return read_number(text, length, value);
    return YAML_READ_STRING;
}
