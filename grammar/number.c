#include "grammar/number.h"

#include <math.h>
#include <string.h>
#include "core/text.h"

/* A literal in parts: digits, and the suffix behind them. */
struct literal {
    struct arena *arena;
    struct diag_sink *diags;
    struct span span;
    origin where;
    const char *text;
};

static const struct unit {
    const char *name;
    double factor;
    enum quantity_unit kind;
} units[] = {
    {"ns", 1e-3, UNIT_DURATION},
    {"us", 1, UNIT_DURATION},
    {"ms", 1e3, UNIT_DURATION},
    {"s", 1e6, UNIT_DURATION},
    {"m", 60e6, UNIT_DURATION},
    {"h", 3600e6, UNIT_DURATION},
    {"d", 86400e6, UNIT_DURATION},
    {"w", 7 * 86400e6, UNIT_DURATION},
    {"y", 365 * 86400e6, UNIT_DURATION},
    {"B", 1, UNIT_SIZE},
    {"K", 1e3, UNIT_SIZE},
    {"M", 1e6, UNIT_SIZE},
    {"G", 1e9, UNIT_SIZE},
    {"T", 1e12, UNIT_SIZE},
    {"Ki", 1024.0, UNIT_SIZE},
    {"Mi", 1048576.0, UNIT_SIZE},
    {"Gi", 1073741824.0, UNIT_SIZE},
    {"Ti", 1099511627776.0, UNIT_SIZE},
    {"%", 1, UNIT_PERCENT},
    {"/s", 1, UNIT_RATE},
    {"/m", 1.0 / 60, UNIT_RATE},
    {"/h", 1.0 / 3600, UNIT_RATE},
};

/* What people write for a unit, and what it is here. */
static const struct {
    const char *written, *own;
} spellings[] = {
    {"sec", "s"},      {"secs", "s"},    {"second", "s"}, {"seconds", "s"}, {"min", "m"},      {"mins", "m"},
    {"minute", "m"},   {"minutes", "m"}, {"hour", "h"},   {"hours", "h"},   {"hr", "h"},       {"day", "d"},
    {"days", "d"},     {"week", "w"},    {"weeks", "w"},  {"year", "y"},    {"years", "y"},    {"KB", "K"},
    {"kB", "K"},       {"k", "K"},       {"MB", "M"},     {"GB", "G"},      {"TB", "T"},       {"KiB", "Ki"},
    {"MiB", "Mi"},     {"GiB", "Gi"},    {"TiB", "Ti"},   {"ki", "Ki"},     {"mi", "Mi"},      {"gi", "Gi"},
    {"ti", "Ti"},      {"g", "G"},       {"b", "B"},      {"t", "T"},       {"D", "d"},        {"H", "h"},
    {"S", "s"},        {"MS", "ms"},     {"msec", "ms"},  {"/sec", "/s"},   {"/second", "/s"}, {"/min", "/m"},
    {"/minute", "/m"}, {"/hour", "/h"},
};

static const struct unit *find_unit(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].name) == length && memcmp(units[i].name, name, length) == 0) {
            return &units[i];
        }
    }
    return NULL;
}

static const struct value *fail_number(const struct literal *literal, const char *why, const char *help)
{
    struct diag *diag =
        diag_report(literal->diags, DIAG_SYNTAX_NUMBER, literal->span, "`%s` %s", literal->text, why);
    diag_label(diag, "not a number of this language");
    diag_help(diag, "%s", help);
    return NULL;
}

static const struct value *fail_unit(const struct literal *literal, const char *unit, size_t length)
{
    uint32_t at = literal->span.start + (uint32_t)(unit - literal->text);
    struct span span = {literal->span.source, at, at + (uint32_t)length};
    if (span.end > literal->span.end) {
        span = literal->span;
    }
    struct diag *diag =
        diag_report(literal->diags, DIAG_SYNTAX_UNIT, span, "unknown unit `%.*s`", (int)length, unit);
    diag_label(diag, "behind `%.*s`", (int)(unit - literal->text), literal->text);
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (strlen(spellings[i].written) == length && memcmp(spellings[i].written, unit, length) == 0) {
            diag_help(diag, "write `%.*s%s`", (int)(unit - literal->text), literal->text, spellings[i].own);
            diag_fix(diag, span, true, "%s", spellings[i].own);
            return NULL;
        }
    }
    if (unit[0] == '/') {
        diag_help(diag, "a rate is `/s`, `/m` or `/h`; a division has spaces: `a / b`");
    } else {
        diag_help(
            diag,
            "durations: ns us ms s m h d w y; sizes: B K M G T Ki Mi Gi Ti; shares: %%; rates: /s /m /h");
    }
    return NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Copies the number at `at` without `_` into `out`; the bytes read, or 0 when it does not fit. `*whole`: it
 * has neither fraction nor exponent. */
static size_t read_digits(const char *at, bool first, char *out, size_t size, bool *whole)
{
    size_t read = 0;
    size_t length = 0;
    *whole = true;
    for (;;) {
        char c = at[read];
        if (c == '\0') {
            break;
        }
        bool point = c == '.' && is_digit(at[read + 1]);
        size_t sign = at[read + 1] == '+' || at[read + 1] == '-';
        bool exponent = first && (c == 'e' || c == 'E') && is_digit(at[read + 1 + sign]);
        if (!is_digit(c) && c != '_' && !point && !exponent) {
            break;
        }
        size_t take = exponent ? 1 + sign : 1;
        for (size_t i = 0; i < take; i++, read++) {
            if (at[read] != '_' && at[read] != '+') {
                out[length++] = at[read];
            }
            if (length + 2 > size) {
                return 0;
            }
        }
        *whole = *whole && !point && !exponent;
    }
    out[length] = '\0';
    return read;
}

static bool to_double(const char *digits, double *out)
{
    return text_to_double(digits, strlen(digits), out) && isfinite(*out);
}

/* The rest of a chain such as 1h30m, behind its first part. */
static const struct value *decode_chain(const struct literal *literal, const char *at, double amount,
                                        const struct unit *before)
{
    while (*at != '\0') {
        char digits[64];
        double part;
        bool whole;
        size_t read = read_digits(at, false, digits, sizeof digits, &whole);
        if (read == 0 || !to_double(digits, &part)) {
            return fail_number(literal, "is too long", "write fewer digits");
        }
        const char *name = at + read;
        size_t length = strcspn(name, "0123456789");
        const struct unit *unit = find_unit(name, length);
        if (unit == NULL) {
            return fail_unit(literal, length == 0 ? at : name, length == 0 ? read : length);
        }
        if (unit->kind != UNIT_DURATION || before->kind != UNIT_DURATION || unit->factor >= before->factor) {
            return fail_number(literal, "does not chain",
                               "only durations chain, from large to small: `1h30m`");
        }
        amount += part * unit->factor;
        before = unit;
        at = name + length;
    }
    return value_quantity(literal->arena, amount, UNIT_DURATION, literal->where);
}

const struct value *number_decode(struct arena *arena, const char *text, struct span span, origin where,
                                  struct diag_sink *diags)
{
    struct literal literal = {.arena = arena, .diags = diags, .span = span, .where = where, .text = text};
    char digits[400];
    double amount = 0;
    int64_t integer;
    bool whole;
    size_t read = read_digits(text, true, digits, sizeof digits, &whole);
    if (read == 0) {
        return fail_number(&literal, "is too long", "write fewer digits");
    }
    const char *suffix = text + read;
    if (*suffix == '\0' && whole) {
        if (!text_to_int(digits, strlen(digits), &integer)) {
            const char *help = "integers reach 9223372036854775807; write a decimal such as `1e20`";
            char *end = digits;
            while (*end == '0' && end[1] != '\0') {
                end++;
            }
            if (!text_to_int(end, strlen(end), &integer)) {
                return fail_number(&literal, "does not fit into 64 bits", help);
            }
        }
        return value_int(arena, integer, where);
    }
    if (!to_double(digits, &amount)) {
        return fail_number(&literal, "is too large", "numbers reach 1.8e308");
    }
    if (*suffix == '\0') {
        return value_float(arena, amount, where);
    }
    size_t length = strcspn(suffix, "0123456789");
    const struct unit *unit = find_unit(suffix, length);
    if (unit == NULL) {
        return fail_unit(&literal, suffix, length);
    }
    if (suffix[length] != '\0') {
        return decode_chain(&literal, suffix + length, amount * unit->factor, unit);
    }
    return value_quantity(arena, amount * unit->factor, unit->kind, where);
}
