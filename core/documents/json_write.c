#include <math.h>
#include <string.h>
#include "core/documents/json.h"
#include "core/text.h"
#include "core/vec.h"

/* Deeper values cannot come from a reader; the bound keeps the recursion off the end of the stack. */
enum { MOST_DEPTH = 2000, LINE_WIDTH = 100, INDENT = 2 };

struct writer {
    struct buf *out;
    struct json_style style;
    const struct value *bad;
    size_t depth;
};

static bool write_value(struct writer *writer, const struct value *value);

static const uint64_t ONES = UINT64_C(0x0101010101010101);
static const uint64_t HIGHS = UINT64_C(0x8080808080808080);

static uint64_t has_byte_below(uint64_t word, uint64_t limit)
{
    return (word - ONES * limit) & ~word & HIGHS;
}

/* Length of the run of bytes that a string literal holds as they are. */
static size_t plain_run(const char *text, size_t length)
{
    size_t at = 0;
    for (uint64_t word; length - at >= 8; at += 8) {
        memcpy(&word, text + at, 8);
        uint64_t special = has_byte_below(word, 0x20) | has_byte_below(word ^ ONES * '"', 1) |
                           has_byte_below(word ^ ONES * '\\', 1) | (word & HIGHS);
        if (special)
            break;
    }
    for (; at < length; at++) {
        unsigned char c = (unsigned char)text[at];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            break;
    }
    return at;
}

static void write_control(struct buf *out, unsigned char c)
{
    static const char shorts[] = "........btn.fr";
    if (c < sizeof shorts - 1 && shorts[c] != '.')
        buf_printf(out, "\\%c", shorts[c]);
    else
        buf_printf(out, "\\u%04x", c);
}

/* One byte or sequence at which plain_run stopped. */
static size_t write_special(struct buf *out, const char *text, size_t length)
{
    unsigned char c = (unsigned char)text[0];
    if (c == '"' || c == '\\') {
        buf_add_char(out, '\\');
        buf_add_char(out, (char)c);
        return 1;
    }
    if (c < 0x20) {
        write_control(out, c);
        return 1;
    }
    size_t at = 0;
    uint32_t code_point = text_next_code_point(text, length, &at);
    if (code_point == 0x2028 || code_point == 0x2029)
        buf_printf(out, "\\u%04x", code_point);
    else
        text_add_code_point(out, code_point);
    return at;
}

void json_write_string(struct buf *out, const char *text, size_t length)
{
    buf_reserve(out, length + 2);
    buf_add_char(out, '"');
    for (size_t at = 0; at < length;) {
        size_t run = plain_run(text + at, length - at);
        if (run)
            buf_add(out, text + at, run);
        at += run;
        if (at < length)
            at += write_special(out, text + at, length - at);
    }
    buf_add_char(out, '"');
}

static bool write_float(struct writer *writer, const struct value *value)
{
    if (!isfinite(value->number)) {
        writer->bad = value;
        return false;
    }
    if (value->digits) {
        buf_add_str(writer->out, value->digits);
        return true;
    }
    char text[32];
    size_t length = text_from_double(value->number, text);
    buf_add(writer->out, text, length);
    /* Digits alone would come back as an exact integer, which is another number beyond 2^53. */
    if (fabs(value->number) >= 0x1p53 && !memchr(text, 'e', length))
        buf_add(writer->out, ".0", 2);
    return true;
}

static void new_line(struct writer *writer)
{
    if (writer->style.layout == JSON_COMPACT)
        return;
    buf_add_char(writer->out, '\n');
    buf_add_repeat(writer->out, ' ', INDENT * writer->depth);
}

static bool is_scalar(const struct value *value)
{
    return value->kind <= VALUE_STRING;
}

static bool all_scalars(const struct value *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!is_scalar(list->items[i]))
            return false;
    return true;
}

/* Tries a list of scalars in one line; leaves `out` as it was when it does not fit. */
static bool write_short_list(struct writer *writer, const struct value *list)
{
    struct buf *out = writer->out;
    size_t start = out->length,
           room = LINE_WIDTH - (writer->depth * INDENT < 40 ? writer->depth * INDENT : 40);
    if (list->count > room / 2 || !all_scalars(list))
        return false;
    buf_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            buf_add_str(out, ", ");
        if (!write_value(writer, list->items[i]) || out->length - start >= room) {
            out->length = start;
            return false;
        }
    }
    buf_add_char(out, ']');
    return true;
}

static bool write_list(struct writer *writer, const struct value *list)
{
    if (list->count == 0) {
        buf_add_str(writer->out, "[]");
        return true;
    }
    if (writer->style.layout == JSON_PRETTY && write_short_list(writer, list))
        return true;
    buf_add_char(writer->out, '[');
    writer->depth++;
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            buf_add_char(writer->out, ',');
        new_line(writer);
        if (!write_value(writer, list->items[i]))
            return false;
    }
    writer->depth--;
    new_line(writer);
    buf_add_char(writer->out, ']');
    return true;
}

static bool write_field(struct writer *writer, const struct field *field, bool first)
{
    if (!first)
        buf_add_char(writer->out, ',');
    new_line(writer);
    json_write_string(writer->out, field->key, strlen(field->key));
    buf_add_char(writer->out, ':');
    if (writer->style.layout == JSON_PRETTY)
        buf_add_char(writer->out, ' ');
    return write_value(writer, field->value);
}

static int compare_keys(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const struct field *)a)->key, ((const struct field *)b)->key);
}

static bool write_sorted_fields(struct writer *writer, const struct value *record)
{
    struct arena *arena = arena_new();
    struct vec fields = vec_in(arena);
    for (size_t i = 0; i < record->field_count; i++)
        vec_push(&fields, (void *)&record->fields[i]);
    vec_sort(&fields, compare_keys, NULL);
    bool good = true;
    for (size_t i = 0; good && i < fields.count; i++)
        good = write_field(writer, fields.items[i], i == 0);
    arena_free(arena);
    return good;
}

static bool write_fields(struct writer *writer, const struct value *record)
{
    for (size_t i = 0; i < record->field_count; i++)
        if (!write_field(writer, &record->fields[i], i == 0))
            return false;
    return true;
}

static bool write_record(struct writer *writer, const struct value *record)
{
    if (record->field_count == 0) {
        buf_add_str(writer->out, "{}");
        return true;
    }
    buf_add_char(writer->out, '{');
    writer->depth++;
    if (!(writer->style.sort_keys ? write_sorted_fields : write_fields)(writer, record))
        return false;
    writer->depth--;
    new_line(writer);
    buf_add_char(writer->out, '}');
    return true;
}

static bool write_value(struct writer *writer, const struct value *value)
{
    if (value->kind <= VALUE_RECORD && writer->depth < MOST_DEPTH)
        switch ((enum value_kind)value->kind) {
        case VALUE_NULL:
            buf_add(writer->out, "null", 4);
            return true;
        case VALUE_BOOL:
            buf_add_str(writer->out, value->boolean ? "true" : "false");
            return true;
        case VALUE_INT:
            buf_add_int(writer->out, value->integer);
            return true;
        case VALUE_FLOAT:
            return write_float(writer, value);
        case VALUE_STRING:
            json_write_string(writer->out, value->text, value->length);
            return true;
        case VALUE_LIST:
            return write_list(writer, value);
        case VALUE_RECORD:
            return write_record(writer, value);
        default:
            break;
        }
    writer->bad = value;
    return false;
}

bool json_write(struct buf *out, const struct value *value, struct json_style style, const struct value **bad)
{
    struct writer writer = {.out = out, .style = style};
    bool good = write_value(&writer, value);
    if (!good && bad)
        *bad = writer.bad;
    return good;
}
