#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/entries.h"
#include "core/documents/json.h"
#include "core/text.h"

enum { DEFAULT_DEPTH = 200, MOST_DEPTH = 2000, DEFAULT_NODES = 50000000, KEY_CACHE = 256 };

/* What went wrong, and where; `other` is a second place, if its source is not 0. */
struct problem {
    enum diag_code code;
    size_t start, end;
    const char *message; /* in the arena, or static */
    const char *label;
    size_t other_start, other_end;
    const char *other_label; /* NULL: no second place */
};

struct reader {
    struct arena *arena;
    const char *text;
    size_t length;
    size_t at;
    size_t depth, depth_limit;
    size_t nodes, node_limit;
    bool exact;                  /* numbers keep digits that a double has not */
    const struct source *source; /* NULL: no origins */
    struct origin_table *origins;
    struct entries entries;
    struct buf scratch;
    struct problem problem;
    struct {
        const char *key;
        size_t length;
    } keys[KEY_CACHE]; /* keys met lately: records of a list share theirs */
};

static const struct value *read_value(struct reader *reader);

static bool fail(struct reader *reader, enum diag_code code, size_t start, size_t end, const char *message,
                 const char *label)
{
    if (!reader->problem.message)
        reader->problem = (struct problem){.code = code,
                                           .start = start,
                                           .end = end > start ? end : start,
                                           .message = message,
                                           .label = label};
    return false;
}

/* What stands at a place, in words. */
static const char *found_at(struct reader *reader, size_t at)
{
    if (at >= reader->length)
        return "the end of the text";
    unsigned char c = (unsigned char)reader->text[at];
    if (c == '\n' || c == '\r')
        return "the end of the line";
    if (c < 0x20 || c == 0x7f)
        return arena_printf(reader->arena, "the control character 0x%02x", c);
    size_t end = at;
    text_next_code_point(reader->text, reader->length, &end);
    return arena_printf(reader->arena, "`%.*s`", (int)(end - at), reader->text + at);
}

static bool expected(struct reader *reader, const char *what)
{
    size_t end = reader->at;
    if (end < reader->length)
        text_next_code_point(reader->text, reader->length, &end);
    return fail(reader, DIAG_JSON_SYNTAX, reader->at, end,
                arena_printf(reader->arena, "expected %s, found %s", what, found_at(reader, reader->at)), "");
}

static void skip_blanks(struct reader *reader)
{
    const char *text = reader->text;
    size_t at = reader->at;
    while (at < reader->length &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r'))
        at++;
    reader->at = at;
}

static bool at_char(const struct reader *reader, char c)
{
    return reader->at < reader->length && reader->text[reader->at] == c;
}

static origin origin_of(struct reader *reader, size_t start, size_t end)
{
    if (!reader->origins)
        return 0;
    struct span span = {reader->source->id, (uint32_t)start, (uint32_t)end};
    return origin_add(reader->origins, span, 0);
}

static struct value *new_value(struct reader *reader, enum value_kind kind)
{
    if (++reader->nodes > reader->node_limit) {
        fail(reader, DIAG_JSON_LIMIT, reader->at, reader->at,
             arena_printf(reader->arena, "the document has more than %zu values", reader->node_limit), "");
        return NULL;
    }
    struct value *value = arena_alloc(reader->arena, sizeof *value);
    value->kind = (uint8_t)kind;
    return value;
}

/* Strings. */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits behind `\u` at `at`; false when they are not there. */
static bool read_hex(const struct reader *reader, size_t at, uint32_t *unit)
{
    *unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = at + i < reader->length ? hex_digit(reader->text[at + i]) : -1;
        if (digit < 0)
            return false;
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return true;
}

/* A `\u` escape at reader->at, two for a character beyond U+FFFF. */
static bool read_unicode(struct reader *reader)
{
    uint32_t high, low;
    size_t start = reader->at;
    if (!read_hex(reader, start + 2, &high))
        return fail(reader, DIAG_JSON_SYNTAX, start, start + 2, "`\\u` takes four hexadecimal digits", "");
    reader->at += 6;
    if (high < 0xd800 || high > 0xdfff) {
        text_add_code_point(&reader->scratch, high);
        return true;
    }
    bool pair = high < 0xdc00 && at_char(reader, '\\') && reader->at + 1 < reader->length &&
                reader->text[reader->at + 1] == 'u' && read_hex(reader, reader->at + 2, &low) &&
                low >= 0xdc00 && low <= 0xdfff;
    if (!pair)
        return fail(reader, DIAG_JSON_SYNTAX, start, start + 6, "half of a surrogate pair stands alone",
                    "no character by itself");
    reader->at += 6;
    text_add_code_point(&reader->scratch, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    return true;
}

static bool read_escape(struct reader *reader)
{
    char c = reader->at + 1 < reader->length ? reader->text[reader->at + 1] : '\0';
    if (c == 'u')
        return read_unicode(reader);
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    const char *letter = c ? strchr(letters, c) : NULL;
    if (!letter)
        return fail(
            reader, DIAG_JSON_SYNTAX, reader->at, reader->at + 2,
            arena_printf(reader->arena, "JSON has no escape `\\` with %s", found_at(reader, reader->at + 1)),
            "a backslash itself is written `\\\\`");
    buf_add_char(&reader->scratch, bytes[letter - letters]);
    reader->at += 2;
    return true;
}

/* From `at` to the next quote, backslash or control character. */
static size_t string_run(const struct reader *reader, size_t at)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
    const char *text = reader->text;
    for (uint64_t word; reader->length - at >= 8; at += 8) {
        memcpy(&word, text + at, 8);
        uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
        if ((((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & highs)
            break;
    }
    while (at < reader->length && (unsigned char)text[at] >= 0x20 && text[at] != '"' && text[at] != '\\')
        at++;
    return at;
}

static bool unclosed_string(struct reader *reader, size_t start)
{
    bool control =
        reader->at < reader->length && reader->text[reader->at] != '\n' && reader->text[reader->at] != '\r';
    if (!control)
        return fail(reader, DIAG_JSON_SYNTAX, start, reader->at, "a string is not closed in its line",
                    "`\"` is missing at its end");
    return fail(reader, DIAG_JSON_SYNTAX, reader->at, reader->at + 1,
                arena_printf(reader->arena, "%s stands in a string", found_at(reader, reader->at)),
                arena_printf(reader->arena, "written `\\u%04x`", (unsigned char)reader->text[reader->at]));
}

/* A string at its opening quote. `*text` points into the source, or into the scratch buffer when there are
 * escapes; it is good until the next string. */
static bool read_string(struct reader *reader, const char **text, size_t *length)
{
    size_t start = reader->at++, from = reader->at;
    reader->at = string_run(reader, from);
    if (at_char(reader, '"')) {
        *text = reader->text + from;
        *length = reader->at++ - from;
        return true;
    }
    buf_clear(&reader->scratch);
    for (;;) {
        buf_add(&reader->scratch, reader->text + from, reader->at - from);
        if (!at_char(reader, '\\'))
            break;
        if (!read_escape(reader))
            return false;
        from = reader->at;
        reader->at = string_run(reader, from);
    }
    if (!at_char(reader, '"'))
        return unclosed_string(reader, start);
    reader->at++;
    *text = buf_str(&reader->scratch);
    *length = reader->scratch.length;
    return true;
}

static const struct value *read_string_value(struct reader *reader)
{
    const char *text;
    size_t length, start = reader->at;
    if (!read_string(reader, &text, &length))
        return NULL;
    struct value *value = new_value(reader, VALUE_STRING);
    if (!value)
        return NULL;
    value->text = arena_copy(reader->arena, text, length);
    value->length = length;
    value->origin = origin_of(reader, start, reader->at);
    return value;
}

static const char *intern_key(struct reader *reader, const char *text, size_t length)
{
    size_t slot =
        (length * 31 + (length ? (unsigned char)text[0] * 7u + (unsigned char)text[length - 1] * 13u : 0)) %
        KEY_CACHE;
    if (!reader->keys[slot].key || reader->keys[slot].length != length ||
        memcmp(reader->keys[slot].key, text, length) != 0) {
        reader->keys[slot].key = arena_copy(reader->arena, text, length);
        reader->keys[slot].length = length;
    }
    return reader->keys[slot].key;
}

/* Numbers. */

static size_t skip_digits(const struct reader *reader, size_t at)
{
    while (at < reader->length && reader->text[at] >= '0' && reader->text[at] <= '9')
        at++;
    return at;
}

static bool starts_number(char c)
{
    return c == '-' || (c >= '0' && c <= '9');
}

static bool number_error(struct reader *reader, size_t at, const char *message)
{
    return fail(reader, DIAG_JSON_SYNTAX, reader->at, at < reader->length ? at + 1 : at, message, "");
}

/* The end of the number at reader->at; false when it breaks the grammar. */
static bool number_end(struct reader *reader, size_t *end, bool *whole)
{
    size_t at = reader->at + (reader->text[reader->at] == '-'), first = at;
    at = skip_digits(reader, at);
    *whole = true;
    if (at == first)
        return number_error(reader, at, "a number has a digit behind its `-`");
    if (at - first > 1 && reader->text[first] == '0')
        return number_error(reader, at - 1, "a number has no leading zeros");
    if (at < reader->length && reader->text[at] == '.') {
        *whole = false;
        first = ++at;
        at = skip_digits(reader, at);
        if (at == first)
            return number_error(reader, at, "a digit must follow the decimal point");
    }
    if (at < reader->length && (reader->text[at] == 'e' || reader->text[at] == 'E')) {
        *whole = false;
        at++;
        if (at < reader->length && (reader->text[at] == '+' || reader->text[at] == '-'))
            at++;
        first = at;
        at = skip_digits(reader, at);
        if (at == first)
            return number_error(reader, at, "a digit must follow the exponent's sign");
    }
    *end = at;
    return true;
}

/* Whether the double says less than the text. Up to 15 digits it never does (DBL_DIG). */
static bool is_rounded(double number, const char *text, size_t length)
{
    char shortest[32];
    if (length <= 15 || memchr(text, 'e', length) || memchr(text, 'E', length))
        return false;
    size_t wanted = text_from_double(number, shortest);
    return wanted != length || memcmp(shortest, text, length) != 0;
}

static const struct value *read_number(struct reader *reader)
{
    size_t start = reader->at, end;
    bool whole;
    if (!number_end(reader, &end, &whole))
        return NULL;
    const char *text = reader->text + start;
    struct value *value = new_value(reader, VALUE_INT);
    if (!value)
        return NULL;
    /* "-0" is a double: no integer keeps the sign. */
    bool negative_zero = end - start == 2 && text[0] == '-' && text[1] == '0';
    if (!whole || negative_zero || !text_to_int(text, end - start, &value->integer)) {
        value->kind = VALUE_FLOAT;
        if (!text_to_double(text, end - start, &value->number)) {
            fail(reader, DIAG_JSON_SYNTAX, start, end, "the number is too large for a double", "");
            return NULL;
        }
        if (reader->exact && is_rounded(value->number, text, end - start))
            value->digits = arena_copy(reader->arena, text, end - start);
    }
    value->origin = origin_of(reader, start, end);
    reader->at = end;
    return value;
}

/* Words. */

static bool at_word(const struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    return reader->length - reader->at >= length && memcmp(reader->text + reader->at, word, length) == 0;
}

static const struct value *read_word(struct reader *reader, const char *word, enum value_kind kind)
{
    struct value *value = new_value(reader, kind);
    if (!value)
        return NULL;
    value->boolean = word[0] == 't';
    value->origin = origin_of(reader, reader->at, reader->at + strlen(word));
    reader->at += strlen(word);
    return value;
}

/* A value that JSON does not have: says what to write instead. */
static const struct value *no_value(struct reader *reader)
{
    static const struct {
        const char *word, *message;
    } mistakes[] = {{"True", "`True` is written `true` in JSON"},
                    {"False", "`False` is written `false` in JSON"},
                    {"None", "`None` is written `null` in JSON"},
                    {"NaN", "JSON has no NaN: write `null`, or leave the key out"},
                    {"Infinity", "JSON has no infinity: write `null`, or leave the key out"},
                    {"//", "JSON has no comments"},
                    {"/*", "JSON has no comments"},
                    {"#", "JSON has no comments"},
                    {"'", "JSON's strings take double quotes"},
                    {"+", "a number has no `+` before it"},
                    {".", "a number has a digit before its decimal point"}};
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        if (at_word(reader, mistakes[i].word)) {
            fail(reader, DIAG_JSON_SYNTAX, reader->at, reader->at + strlen(mistakes[i].word),
                 mistakes[i].message, "");
            return NULL;
        }
    expected(reader, "a value");
    return NULL;
}

/* Containers. */

static bool enter(struct reader *reader)
{
    if (++reader->depth <= reader->depth_limit)
        return true;
    return fail(
        reader, DIAG_JSON_LIMIT, reader->at, reader->at + 1,
        arena_printf(reader->arena, "the document is nested deeper than %zu levels", reader->depth_limit),
        "");
}

/* Behind an entry: true when another one follows, false at the closing bracket or on a failure. */
static bool next_entry(struct reader *reader, size_t open, char close)
{
    skip_blanks(reader);
    if (at_char(reader, close))
        return false;
    if (!at_char(reader, ',')) {
        if (reader->at >= reader->length)
            return fail(reader, DIAG_JSON_SYNTAX, open, open + 1,
                        arena_printf(reader->arena, "`%c` is never closed", reader->text[open]),
                        "opened here");
        return expected(reader, close == ']' ? "`,` or `]`" : "`,` or `}`");
    }
    size_t comma = reader->at++;
    skip_blanks(reader);
    if (!at_char(reader, close))
        return true;
    return fail(reader, DIAG_JSON_SYNTAX, comma, comma + 1,
                arena_printf(reader->arena, "a comma stands before `%c`", close),
                "JSON has no trailing commas");
}

static const struct value *end_list(struct reader *reader, size_t first, size_t open)
{
    struct value *list = new_value(reader, VALUE_LIST);
    if (!list)
        return NULL;
    entries_to_list(&reader->entries, first, reader->arena, list);
    list->origin = origin_of(reader, open, ++reader->at);
    reader->depth--;
    return list;
}

static const struct value *read_list(struct reader *reader)
{
    size_t first = reader->entries.count, open = reader->at;
    if (!enter(reader))
        return NULL;
    reader->at++;
    skip_blanks(reader);
    bool more = !at_char(reader, ']');
    while (more) {
        struct entry entry = {.value = read_value(reader)};
        if (!entry.value)
            return NULL;
        entries_push(&reader->entries, entry);
        more = next_entry(reader, open, ']');
    }
    return reader->problem.message ? NULL : end_list(reader, first, open);
}

static bool keys_differ(struct reader *reader, size_t first)
{
    const struct entry *before, *again;
    if (!entries_find_duplicate(&reader->entries, first, &before, &again))
        return true;
    fail(reader, DIAG_JSON_DUPLICATE_KEY, again->key_start, again->key_end,
         arena_printf(reader->arena, "the key `%s` stands twice in one object", again->key), "second");
    reader->problem.other_start = before->key_start;
    reader->problem.other_end = before->key_end;
    reader->problem.other_label = "first";
    return false;
}

static const struct value *end_record(struct reader *reader, size_t first, size_t open)
{
    struct value *record = keys_differ(reader, first) ? new_value(reader, VALUE_RECORD) : NULL;
    if (!record)
        return NULL;
    entries_to_record(&reader->entries, first, reader->arena, record);
    record->origin = origin_of(reader, open, ++reader->at);
    reader->depth--;
    return record;
}

static bool read_entry(struct reader *reader)
{
    const char *text;
    size_t length, start = reader->at;
    if (!at_char(reader, '"')) {
        if (reader->at < reader->length && !strchr("}],:", reader->text[reader->at]))
            return fail(reader, DIAG_JSON_SYNTAX, reader->at, reader->at + 1,
                        arena_printf(reader->arena, "expected a key in double quotes, found %s",
                                     found_at(reader, start)),
                        "");
        return expected(reader, "a key");
    }
    if (!read_string(reader, &text, &length))
        return false;
    if (memchr(text, '\0', length))
        return fail(reader, DIAG_JSON_SYNTAX, start, reader->at, "a key holds the character NUL", "");
    struct entry entry = {.key = intern_key(reader, text, length),
                          .key_start = (uint32_t)start,
                          .key_end = (uint32_t)reader->at};
    skip_blanks(reader);
    if (!at_char(reader, ':'))
        return expected(reader, "`:` behind the key");
    reader->at++;
    entry.key_origin = origin_of(reader, entry.key_start, entry.key_end);
    entry.value = read_value(reader);
    if (!entry.value)
        return false;
    entries_push(&reader->entries, entry);
    return true;
}

static const struct value *read_record(struct reader *reader)
{
    size_t first = reader->entries.count, open = reader->at;
    if (!enter(reader))
        return NULL;
    reader->at++;
    skip_blanks(reader);
    bool more = !at_char(reader, '}');
    while (more) {
        if (!read_entry(reader))
            return NULL;
        more = next_entry(reader, open, '}');
    }
    return reader->problem.message ? NULL : end_record(reader, first, open);
}

static const struct value *read_value(struct reader *reader)
{
    skip_blanks(reader);
    if (reader->at >= reader->length)
        return no_value(reader);
    switch (reader->text[reader->at]) {
    case '{':
        return read_record(reader);
    case '[':
        return read_list(reader);
    case '"':
        return read_string_value(reader);
    case 't':
        return at_word(reader, "true") ? read_word(reader, "true", VALUE_BOOL) : no_value(reader);
    case 'f':
        return at_word(reader, "false") ? read_word(reader, "false", VALUE_BOOL) : no_value(reader);
    case 'n':
        return at_word(reader, "null") ? read_word(reader, "null", VALUE_NULL) : no_value(reader);
    default:
        return starts_number(reader->text[reader->at]) ? read_number(reader) : no_value(reader);
    }
}

static const struct value *read_document(struct reader *reader)
{
    size_t bad;
    if (!text_is_utf8(reader->text, reader->length, &bad)) {
        fail(reader, DIAG_TEXT_ENCODING, bad, bad + 1,
             arena_printf(reader->arena, "the text is not UTF-8: byte 0x%02x does not fit here",
                          (unsigned char)reader->text[bad]),
             "");
        return NULL;
    }
    if (at_word(reader, "\xef\xbb\xbf"))
        reader->at = 3;
    const struct value *value = read_value(reader);
    if (!value)
        return NULL;
    skip_blanks(reader);
    if (reader->at == reader->length)
        return value;
    expected(reader, "the end of the document");
    return NULL;
}

static void reader_end(struct reader *reader)
{
    entries_free(&reader->entries);
    buf_free(&reader->scratch);
    free(reader);
}

static struct reader *reader_begin(struct arena *arena, const char *text, size_t length,
                                   struct json_limits limits)
{
    struct reader *reader = mem_calloc(1, sizeof *reader);
    reader->arena = arena;
    reader->text = text;
    reader->length = length;
    reader->depth_limit = limits.depth ? limits.depth : DEFAULT_DEPTH;
    if (reader->depth_limit > MOST_DEPTH)
        reader->depth_limit = MOST_DEPTH;
    reader->node_limit = limits.nodes ? limits.nodes : DEFAULT_NODES;
    return reader;
}

static void report(const struct reader *reader, const struct source *source, struct diag_sink *diags)
{
    const struct problem *problem = &reader->problem;
    struct span span = {source->id, (uint32_t)problem->start, (uint32_t)problem->end};
    struct diag *diag = diag_report(diags, problem->code, span, "%s", problem->message);
    diag_label(diag, "%s", problem->label);
    if (problem->other_label) {
        struct span other = {source->id, (uint32_t)problem->other_start, (uint32_t)problem->other_end};
        diag_secondary(diag, other, "%s", problem->other_label);
    }
}

const struct value *json_read(struct arena *arena, const struct source *source, struct json_limits limits,
                              struct origin_table *origins, struct diag_sink *diags)
{
    struct reader *reader = reader_begin(arena, source->text, source->length, limits);
    reader->source = source;
    reader->origins = origins;
    const struct value *value = read_document(reader);
    if (!value && diags)
        report(reader, source, diags);
    reader_end(reader);
    return value;
}

static const struct value *read_text(struct arena *arena, const char *text, size_t length, bool exact,
                                     const char **why)
{
    if (length >= UINT32_MAX) {
        if (why)
            *why = "the text is longer than 4 GiB";
        return NULL;
    }
    struct reader *reader = reader_begin(arena, text, length, (struct json_limits){0});
    reader->exact = exact;
    const struct value *value = read_document(reader);
    if (!value && why) {
        struct source source = {.text = text, .length = (uint32_t)length};
        struct position place = source_position(&source, (uint32_t)reader->problem.start);
        *why =
            arena_printf(arena, "line %u, column %u: %s", place.line, place.column, reader->problem.message);
    }
    reader_end(reader);
    return value;
}

const struct value *json_read_text(struct arena *arena, const char *text, size_t length, const char **why)
{
    return read_text(arena, text, length, false, why);
}

const struct value *json_read_exact(struct arena *arena, const char *text, size_t length, const char **why)
{
    return read_text(arena, text, length, true, why);
}
