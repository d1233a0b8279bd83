/* Texts and values as literals and names of other languages, and of this one. */

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/map.h"
#include "core/sql_name.h"
#include "core/text.h"

enum { NAME_LENGTH = 80, MOST_ZEROS = 60 };

/* --- SQL --- */

static void add_digits(struct buf *out, const char *before, long zeros, const char *after)
{
    buf_add_str(out, before);
    for (; zeros > 0; zeros--)
        buf_add_char(out, '0');
    buf_add_str(out, after);
}

/* A number with an exponent is a double in SQL (ISO 9075, 5.3), one without is exact: 1.5e+3 becomes 1500.
 * What would be longer than MOST_ZEROS stays as it is. */
static void add_sql_number(struct buf *out, const char *text, size_t length)
{
    const char *e = memchr(text, 'e', length), *point = memchr(text, '.', length);
    size_t mantissa = e ? (size_t)(e - text) : length, negative = *text == '-';
    size_t whole = point ? (size_t)(point - text) : mantissa;
    long power = e ? strtol(e + 1, NULL, 10) : 0;
    bool number = text[negative] >= '0' && text[negative] <= '9'; /* and not `false` */
    if (!e || !number || power < -MOST_ZEROS || power > MOST_ZEROS) {
        buf_add(out, text, length);
        return;
    }
    struct buf digits = {0};
    buf_add(&digits, text + negative, whole - negative);
    if (point)
        buf_add(&digits, point + 1, mantissa - whole - 1);
    long behind = (long)(digits.length - (whole - negative)) - power; /* digits behind the point */
    buf_add_str(out, negative ? "-" : "");
    if (behind >= (long)digits.length)
        add_digits(out, "0.", behind - (long)digits.length, buf_str(&digits));
    else if (behind > 0)
        buf_printf(out, "%.*s.%s", (int)(digits.length - (size_t)behind), buf_str(&digits),
                   buf_str(&digits) + digits.length - (size_t)behind);
    else
        add_digits(out, buf_str(&digits), -behind, "");
    buf_free(&digits);
}

static void add_sql_double(struct buf *out, double number)
{
    char text[32];
    add_sql_number(out, text, text_from_double(number, text));
}

const struct value *native_sql_number(struct native_call *call)
{
    const struct value *text = native_argument(call, 0);
    if (!text || text->kind != VALUE_STRING || text->length == 0)
        return native_misfit(call, 0, "a number as text");
    struct buf out = {0};
    add_sql_number(&out, text->text, text->length);
    return native_string(call, &out);
}

/* ISO 9075: single quotes, doubled inside. False for texts with NUL, which no database takes. */
static bool add_sql_text(struct buf *out, const struct value *value)
{
    if (memchr(value->text, 0, value->length))
        return false;
    buf_add_char(out, '\'');
    for (size_t i = 0; i < value->length; i++) {
        if (value->text[i] == '\'')
            buf_add_char(out, '\'');
        buf_add_char(out, value->text[i]);
    }
    buf_add_char(out, '\'');
    return true;
}

static bool add_sql_literal(struct buf *out, const struct value *value)
{
    switch (value->kind) {
    case VALUE_BOOL:
        buf_add_str(out, value->boolean ? "TRUE" : "FALSE");
        return true;
    case VALUE_INT:
        buf_printf(out, "%lld", (long long)value->integer);
        return true;
    case VALUE_FLOAT:
        if (isfinite(value->number))
            add_sql_double(out, value->number);
        return isfinite(value->number);
    case VALUE_STRING:
    case VALUE_WORD:
        return add_sql_text(out, value);
    default:
        return false;
    }
}

const struct value *native_sql_literal(struct native_call *call)
{
    const struct value *value = native_argument(call, 0);
    struct buf out = {0};
    if (value && add_sql_literal(&out, value))
        return native_string(call, &out);
    buf_free(&out);
    return value_null(call->arena, call->where);
}

const struct value *native_sql_table(struct native_call *call)
{
    const struct value *name = native_argument(call, 0);
    const char *why;
    struct buf out = {0};
    if (name && name->kind == VALUE_STRING && sql_name_quote(&out, name->text, name->length, &why))
        return native_string(call, &out);
    buf_free(&out);
    return value_null(call->arena, call->where);
}

/* --- this language --- */

/* A backslash is doubled, and with it a hole is none. What an editor would hide or obey is spelt out. */
static void add_mlc_text(struct buf *out, const char *text, size_t length)
{
    buf_add_char(out, '"');
    for (size_t at = 0; at < length;) {
        size_t start = at;
        uint32_t c = text_next_code_point(text, length, &at);
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", (int)c);
        else if (c == '\n' || c == '\t' || c == '\r')
            buf_printf(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if (text_is_printable(c))
            buf_add(out, text + start, at - start);
        else
            buf_printf(out, c < 0x10000 ? "\\u%04x" : "\\u{%x}", (unsigned)c);
    }
    buf_add_char(out, '"');
}

const struct value *native_quote_mlc(struct native_call *call)
{
    const struct value *text = native_argument(call, 0);
    if (!text || (text->kind != VALUE_STRING && text->kind != VALUE_WORD))
        return native_misfit(call, 0, "a text");
    if (!text_is_utf8(text->text, text->length, NULL))
        return value_null(call->arena, call->where);
    struct buf out = {0};
    add_mlc_text(&out, text->text, text->length);
    return native_string(call, &out);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* Words of the grammar, and `features`, which means many columns at once. */
static bool is_taken_word(const char *text)
{
    static const char *const words[] = {"and",  "or",   "not",  "in",    "for",    "over", "if",
                                        "then", "else", "when", "where", "true",   "null", "false",
                                        "any",  "self", "let",  "fn",    "forall", "by",   "features"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], text))
            return true;
    return false;
}

/* Letters, digits and underlines, dashes between them, a letter first: what the lexer calls a name. */
static bool is_spec_name(const struct value *text)
{
    if (text->length == 0 || text->length > NAME_LENGTH || !is_letter(text->text[0]) ||
        is_taken_word(text->text))
        return false;
    for (size_t i = 0; i < text->length; i++)
        if (!is_name_char(text->text[i]) && !(text->text[i] == '-' && is_name_char(text->text[i + 1])))
            return false;
    return true;
}

/* What letters and digits are left of a text, the rest as single underlines. */
static const char *name_stem(const struct native_call *call, const struct value *text, size_t place)
{
    struct buf out = {0};
    for (size_t i = 0; i < text->length && out.length < NAME_LENGTH - 20; i++)
        if (is_name_char(text->text[i]))
            buf_add_char(&out, text->text[i]);
        else if (out.length && out.data[out.length - 1] != '_')
            buf_add_char(&out, '_');
    while (out.length && out.data[out.length - 1] == '_')
        out.data[--out.length] = '\0';
    const char *stem = out.length && is_letter(out.data[0]) && !is_taken_word(buf_str(&out))
                           ? arena_strdup(call->arena, buf_str(&out))
                       : out.length ? arena_printf(call->arena, "column_%s", buf_str(&out))
                                    : arena_printf(call->arena, "column_%zu", place);
    buf_free(&out);
    return stem;
}

const struct value *native_spec_names(struct native_call *call)
{
    const struct value *const *texts;
    size_t count;
    if (!native_items(call, 0, &texts, &count))
        return native_misfit(call, 0, "a list of texts");
    struct map *taken = map_new(call->arena);
    for (size_t i = 0; i < count; i++)
        if (is_spec_name(texts[i]))
            map_set(taken, texts[i]->text, (void *)texts[i]);
    struct list_builder names = list_begin(call->arena);
    for (size_t i = 0; i < count; i++) {
        if (is_spec_name(texts[i])) {
            list_add(&names, texts[i]);
            continue;
        }
        const char *stem = name_stem(call, texts[i], i + 1), *name = stem;
        for (size_t k = 2; map_has(taken, name); k++)
            name = arena_printf(call->arena, "%s_%zu", stem, k);
        map_set(taken, name, (void *)texts[i]);
        list_add(&names, value_string(call->arena, name, texts[i]->origin));
    }
    return list_end(&names, native_origin(call));
}

/* --- numbers that people write --- */

/* Whole numbers beyond the digits of a double take a point, so that they are read as the doubles they are. */
static const struct value *number_literal(const struct native_call *call, double number)
{
    char digits[32];
    struct buf out = {0};
    size_t length = text_from_double(number, digits);
    buf_add(&out, digits, length);
    if (fabs(number) >= 1e15 && !memchr(digits, '.', length) && !memchr(digits, 'e', length))
        buf_add_str(&out, ".0");
    return native_string(call, &out);
}

const struct value *native_loosen(struct native_call *call)
{
    double x, by;
    const struct value *bound = native_argument(call, 0), *amount = native_argument(call, 1);
    if (!bound || !native_amount(bound, &x) || !isfinite(x))
        return native_misfit(call, 0, "a number");
    if (!amount || !native_amount(amount, &by) || !isfinite(by))
        return native_misfit(call, 1, "a number");
    double moved = x + by;
    if (!isfinite(moved))
        return number_literal(call, x);
    if ((x >= 0 && moved < 0) || (x <= 0 && moved > 0) || moved == 0)
        return number_literal(call, 0);
    double unit = pow(10, floor(log10(fabs(moved))) - 1), steps = moved / unit;
    double rounded = by > 0 ? ceil(steps - 1e-9) : floor(steps + 1e-9);
    double result = unit < 1 ? rounded / rint(1 / unit) : rounded * unit;
    bool beyond = isfinite(result) && (by > 0 ? result >= x : result <= x);
    return number_literal(call, beyond ? result : moved);
}
