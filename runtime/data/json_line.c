#include "runtime/data/json_line.h"

#include <string.h>

enum { DEPTH_LIMIT = 200 };

struct json_reader {
    char *at, *end;
    const char *why;
};

static bool fail(struct json_reader *reader, const char *why)
{
    if (!reader->why)
        reader->why = why;
    return false;
}

static void skip_blanks(struct json_reader *reader)
{
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r' || *reader->at == '\n'))
        reader->at++;
}

static bool take(struct json_reader *reader, char c)
{
    skip_blanks(reader);
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool read_hex(struct json_reader *reader, unsigned *out)
{
    unsigned value = 0;
    if (reader->end - reader->at < 4)
        return fail(reader, "a \\u escape is cut off");
    for (int i = 0; i < 4; i++) {
        char c = *reader->at++;
        unsigned digit = c >= '0' && c <= '9'                 ? (unsigned)(c - '0')
                         : (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a') + 10
                                                              : 16;
        if (digit > 15)
            return fail(reader, "a \\u escape has a character that is no hexadecimal digit");
        value = value * 16 + digit;
    }
    *out = value;
    return true;
}

static char *write_utf8(char *to, unsigned code)
{
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 63));
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 63));
        *to++ = (char)(0x80 | (code & 63));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 63));
        *to++ = (char)(0x80 | (code >> 6 & 63));
        *to++ = (char)(0x80 | (code & 63));
    }
    return to;
}

/* Behind "\u": a code point, of two escapes when it is a surrogate pair; a lone surrogate is U+FFFD. */
static bool read_unicode(struct json_reader *reader, char **to)
{
    unsigned code, low;
    if (!read_hex(reader, &code))
        return false;
    if (code >= 0xd800 && code < 0xdc00 && reader->end - reader->at >= 6 && reader->at[0] == '\\' &&
        reader->at[1] == 'u') {
        char *before = reader->at;
        reader->at += 2;
        if (!read_hex(reader, &low))
            return false;
        if (low >= 0xdc00 && low < 0xe000)
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        else
            reader->at = before;
    }
    if (code >= 0xd800 && code < 0xe000)
        code = 0xfffd;
    *to = write_utf8(*to, code);
    return true;
}

static bool read_escape(struct json_reader *reader, char **to)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (reader->at == reader->end)
        return fail(reader, "a string is not closed");
    char c = *reader->at++;
    if (c == 'u')
        return read_unicode(reader, to);
    const char *found = c ? strchr(names, c) : NULL;
    if (!found)
        return fail(reader, "a string has an escape that JSON does not know");
    *(*to)++ = values[found - names];
    return true;
}

/* Behind the opening quote. */
static bool read_string(struct json_reader *reader, char **text, size_t *length)
{
    char *to = reader->at;
    *text = reader->at;
    while (reader->at < reader->end) {
        char c = *reader->at++;
        if (c == '"') {
            *length = (size_t)(to - *text);
            return true;
        }
        if ((unsigned char)c < 0x20)
            return fail(reader, "a string has a control character, which must be escaped");
        if (c != '\\')
            *to++ = c;
        else if (!read_escape(reader, &to))
            return false;
    }
    return fail(reader, "a string is not closed");
}

static bool skip_string(struct json_reader *reader)
{
    while (reader->at < reader->end) {
        char c = *reader->at++;
        if (c == '"')
            return true;
        if (c == '\\' && reader->at < reader->end)
            reader->at++;
    }
    return fail(reader, "a string is not closed");
}

/* Over a nested object or list: brackets must match, what is between them is not looked at closely. */
static bool skip_tree(struct json_reader *reader)
{
    char open[DEPTH_LIMIT];
    int depth = 0;
    while (reader->at < reader->end) {
        char c = *reader->at++;
        if (c == '{' || c == '[') {
            if (depth == DEPTH_LIMIT)
                return fail(reader, "objects and lists are nested more than 200 deep");
            open[depth++] = c;
        } else if (c == '}' || c == ']') {
            if (depth == 0 || open[depth - 1] != (c == '}' ? '{' : '['))
                return fail(reader, "brackets do not match");
            if (--depth == 0)
                return true;
        } else if (c == '"' && !skip_string(reader)) {
            return false;
        }
    }
    return fail(reader, "an object or list is not closed");
}

static bool skip_digits(struct json_reader *reader)
{
    char *before = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return reader->at > before;
}

static bool skip_number(struct json_reader *reader)
{
    static const char why[] = "a value is no JSON";
    if (*reader->at == '-')
        reader->at++;
    char *digits = reader->at;
    if (!skip_digits(reader) || (*digits == '0' && reader->at - digits > 1))
        return fail(reader, why);
    if (reader->at < reader->end && *reader->at == '.') {
        reader->at++;
        if (!skip_digits(reader))
            return fail(reader, why);
    }
    if (reader->at < reader->end && (*reader->at | 32) == 'e') {
        reader->at++;
        if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-'))
            reader->at++;
        if (!skip_digits(reader))
            return fail(reader, why);
    }
    return true;
}

static bool skip_word(struct json_reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

static bool read_value(struct json_reader *reader, struct json_field *field)
{
    skip_blanks(reader);
    if (reader->at == reader->end)
        return fail(reader, "the line ends where a value should be");
    field->text = reader->at;
    field->null = false;
    bool ok;
    char c = *reader->at;
    if (c == '"') {
        reader->at++;
        field->kind = JSON_CELL_TEXT;
        return read_string(reader, &field->text, &field->length);
    }
    if (c == '{' || c == '[') {
        field->kind = JSON_CELL_TREE;
        ok = skip_tree(reader);
    } else if (c == 't' || c == 'f') {
        field->kind = JSON_CELL_BOOL;
        ok = skip_word(reader, c == 't' ? "true" : "false") || fail(reader, "a value is no JSON");
    } else if (c == 'n') {
        field->null = true;
        ok = skip_word(reader, "null") || fail(reader, "a value is no JSON");
    } else {
        field->kind = JSON_CELL_NUMBER;
        ok = skip_number(reader);
    }
    field->length = (size_t)(reader->at - field->text);
    return ok;
}

bool json_line_read(char *text, char *end, bool (*each)(void *context, const struct json_field *field),
                    void *context, const char **why)
{
    struct json_reader reader = {text, end, NULL};
    bool ok = take(&reader, '{') || fail(&reader, "the line is not a JSON object");
    bool empty = ok && take(&reader, '}');
    while (ok && !empty) {
        struct json_field field = {0};
        char *key;
        ok = (take(&reader, '"') || fail(&reader, "a key should stand here")) &&
             read_string(&reader, &key, &field.key_length) &&
             (take(&reader, ':') || fail(&reader, "a colon should follow the key")) &&
             read_value(&reader, &field);
        if (!ok)
            break;
        if (memchr(key, 0, field.key_length)) {
            ok = fail(&reader, "a key holds a NUL");
            break;
        }
        field.key = key;
        if (!each(context, &field))
            return true;
        if (take(&reader, '}'))
            break;
        ok = take(&reader, ',') || fail(&reader, "a comma or the end of the object should follow the value");
    }
    skip_blanks(&reader);
    if (ok && reader.at < reader.end)
        ok = fail(&reader, "something follows the object");
    *why = reader.why;
    return ok;
}
