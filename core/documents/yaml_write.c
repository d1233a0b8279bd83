#include <math.h>
#include <string.h>
#include "core/documents/yaml.h"
#include "core/documents/yaml_scalar.h"
#include "core/text.h"

enum { MOST_DEPTH = 1000, INDENT = 2, LONGEST_SIMPLE_KEY = 1000 };

struct writer {
    struct buf *out;
    const struct value *bad;
    size_t depth;
    bool kept_lines; /* the scalar just written keeps its trailing line ends: a blank line would add one */
};

static bool write_block(struct writer *writer, const struct value *value, size_t indent);

static void write_comment_text(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t c = text_next_code_point(text, length, &at);
        text_add_code_point(out, yaml_is_printable(c) && c != '\t' ? c : ' ');
    }
    while (out->data[out->length - 1] == ' ')
        out->length--;
}

static void write_note(struct buf *out, const struct value *value)
{
    if (!value->marks || !value->marks->note)
        return;
    buf_add_str(out, " # ");
    write_comment_text(out, value->marks->note);
}

static void write_above(struct buf *out, const struct value *value, size_t indent)
{
    for (size_t i = 0; value->marks && i < value->marks->above_count; i++) {
        buf_add_repeat(out, ' ', indent);
        buf_add_str(out, "# ");
        write_comment_text(out, value->marks->above[i]);
        buf_add_char(out, '\n');
    }
}

static bool is_container(const struct value *value)
{
    return (value->kind == VALUE_LIST && value->count) || (value->kind == VALUE_RECORD && value->field_count);
}

static bool refuse(struct writer *writer, const struct value *value)
{
    writer->bad = value;
    return false;
}

/* PyYAML takes a number with an exponent for a string unless it has a decimal point; beyond 2^53, digits
 * alone would come back as an exact integer, which is another number. */
static bool write_float(struct writer *writer, const struct value *value)
{
    if (!isfinite(value->number))
        return refuse(writer, value);
    if (value->digits) {
        buf_add_str(writer->out, value->digits);
        return true;
    }
    char text[32];
    size_t length = text_from_double(value->number, text);
    const char *exponent = memchr(text, 'e', length);
    size_t mantissa = exponent ? (size_t)(exponent - text) : length;
    buf_add(writer->out, text, mantissa);
    bool large = fabs(value->number) >= 0x1p53;
    if (((exponent || large) && !memchr(text, '.', mantissa)) || strcmp(text, "-0") == 0)
        buf_add_str(writer->out, ".0");
    buf_add(writer->out, text + mantissa, length - mantissa);
    return true;
}

/* A literal block. `indent` is that of its lines; the entry that it belongs to stands INDENT before. */
static void write_literal(struct writer *writer, const struct value *value, size_t indent)
{
    struct buf *out = writer->out;
    const char *text = value->text, *end = text + value->length;
    size_t trailing = 0;
    while (end[-1 - (ptrdiff_t)trailing] == '\n')
        trailing++;
    buf_add_char(out, '|');
    if (text[strspn(text, "\n")] == ' ')
        buf_add_char(out, '0' + INDENT);
    if (trailing != 1)
        buf_add_char(out, trailing ? '+' : '-');
    write_note(out, value);
    buf_add_char(out, '\n');
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        if (!stop)
            stop = end;
        if (stop > text) {
            buf_add_repeat(out, ' ', indent);
            buf_add(out, text, (size_t)(stop - text));
        }
        buf_add_char(out, '\n');
        text = stop + 1;
    }
    writer->kept_lines = trailing > 1;
}

/* A scalar or an empty container, with its note and line end. `indent` is that of a literal's lines. */
static bool write_line(struct writer *writer, const struct value *value, size_t indent)
{
    struct buf *out = writer->out;
    switch ((enum value_kind)value->kind) {
    case VALUE_NULL:
        buf_add(out, "null", 4);
        break;
    case VALUE_BOOL:
        buf_add_str(out, value->boolean ? "true" : "false");
        break;
    case VALUE_INT:
        buf_add_int(out, value->integer);
        break;
    case VALUE_FLOAT:
        if (!write_float(writer, value))
            return false;
        break;
    case VALUE_STRING:
        if (indent && yaml_fits_literal(value->text, value->length)) {
            write_literal(writer, value, indent);
            return true;
        }
        yaml_write_scalar(out, value->text, value->length);
        break;
    case VALUE_LIST:
        buf_add(out, "[]", 2);
        break;
    case VALUE_RECORD:
        buf_add(out, "{}", 2);
        break;
    default:
        return refuse(writer, value);
    }
    write_note(out, value);
    buf_add_char(out, '\n');
    return true;
}

static void write_gap(struct writer *writer, const struct value *container, size_t index)
{
    if (index && container->marks && container->marks->spaced && !writer->kept_lines)
        buf_add_char(writer->out, '\n');
    writer->kept_lines = false;
}

/* Simple keys end after 1024 characters; a longer one is marked with `?` and its value with `:`. */
static void write_key(struct buf *out, const char *key, size_t indent)
{
    size_t length = strlen(key), start = out->length;
    yaml_write_scalar(out, key, length);
    if (out->length - start > LONGEST_SIMPLE_KEY) {
        out->length = start;
        buf_add_str(out, "? ");
        yaml_write_scalar(out, key, length);
        buf_add_char(out, '\n');
        buf_add_repeat(out, ' ', indent);
    }
    buf_add_char(out, ':');
}

/* The entry of a record; its indent is written already for the first one of a list's item. */
static bool write_field(struct writer *writer, const struct field *field, size_t indent)
{
    write_key(writer->out, field->key, indent);
    if (!is_container(field->value)) {
        buf_add_char(writer->out, ' ');
        return write_line(writer, field->value, indent + INDENT);
    }
    write_note(writer->out, field->value);
    buf_add_char(writer->out, '\n');
    return write_block(writer, field->value, indent + INDENT);
}

static bool write_record(struct writer *writer, const struct value *record, size_t indent, bool indented)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct field *field = &record->fields[i];
        write_gap(writer, record, i);
        if (i || !indented) {
            write_above(writer->out, field->value, indent);
            buf_add_repeat(writer->out, ' ', indent);
        }
        if (!write_field(writer, field, indent))
            return false;
    }
    return true;
}

static bool write_list(struct writer *writer, const struct value *list, size_t indent, bool indented);

/* Comments stand before the dash: those of the item, then those of what shares its first line. */
static void write_above_item(struct buf *out, const struct value *item, size_t indent)
{
    write_above(out, item, indent);
    while (is_container(item)) {
        if (item->marks && item->marks->note) {
            buf_add_repeat(out, ' ', indent);
            buf_add_str(out, "#");
            buf_add_str(out, " ");
            write_comment_text(out, item->marks->note);
            buf_add_char(out, '\n');
        }
        bool record = item->kind == VALUE_RECORD;
        item = record ? item->fields[0].value : item->items[0];
        write_above(out, item, indent);
        if (record)
            return;
    }
}

static bool write_list(struct writer *writer, const struct value *list, size_t indent, bool indented)
{
    if (++writer->depth > MOST_DEPTH)
        return refuse(writer, list);
    for (size_t i = 0; i < list->count; i++) {
        const struct value *item = list->items[i];
        write_gap(writer, list, i);
        if (i || !indented) {
            write_above_item(writer->out, item, indent);
            buf_add_repeat(writer->out, ' ', indent);
        }
        buf_add(writer->out, "- ", 2);
        bool good = !is_container(item)          ? write_line(writer, item, indent + INDENT)
                    : item->kind == VALUE_RECORD ? write_record(writer, item, indent + INDENT, true)
                                                 : write_list(writer, item, indent + INDENT, true);
        if (!good)
            return false;
    }
    writer->depth--;
    return true;
}

static bool write_block(struct writer *writer, const struct value *value, size_t indent)
{
    if (++writer->depth > MOST_DEPTH)
        return refuse(writer, value);
    bool good = value->kind == VALUE_RECORD ? write_record(writer, value, indent, false)
                                            : write_list(writer, value, indent, false);
    writer->depth--;
    return good;
}

bool yaml_write(struct buf *out, const struct value *value, const struct value **bad)
{
    struct writer writer = {.out = out};
    write_above(out, value, 0);
    bool good = is_container(value) ? write_block(&writer, value, 0) : write_line(&writer, value, 0);
    if (!good && bad)
        *bad = writer.bad;
    return good;
}
