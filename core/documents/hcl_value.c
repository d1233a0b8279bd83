#include "core/documents/hcl_value.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/documents/yaml_scalar.h"
#include "core/expr.h"
#include "core/text.h"

enum { MOST_DEPTH = 500, INDENT = 2, LINE_WIDTH = 90 };

bool hcl_refuse(struct hcl_writer *writer, const struct value *value)
{
    if (!writer->bad)
        writer->bad = value;
    return false;
}

void hcl_indent(struct hcl_writer *writer)
{
    buf_add_repeat(writer->out, ' ', writer->indent);
}

static void add_comment_text(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    buf_add_char(out, '#');
    if (length)
        buf_add_char(out, ' ');
    for (size_t at = 0; at < length;) {
        uint32_t c = text_next_code_point(text, length, &at);
        text_add_code_point(out, yaml_is_printable(c) && c != '\t' ? c : ' ');
    }
    while (out->data[out->length - 1] == ' ')
        out->length--;
}

void hcl_comment(struct hcl_writer *writer, const char *text)
{
    hcl_indent(writer);
    add_comment_text(writer->out, text);
    buf_add_char(writer->out, '\n');
}

void hcl_above(struct hcl_writer *writer, const struct marks *marks)
{
    for (size_t i = 0; marks && i < marks->above_count; i++)
        hcl_comment(writer, marks->above[i]);
}

static void add_escaped(struct buf *out, uint32_t c)
{
    if (yaml_is_printable(c) && c != '"' && c != '\\' && c >= ' ')
        text_add_code_point(out, c);
    else
        text_add_escape(out, c);
}

/* The inside of a quoted string: only `${` and `%{` begin a template, and are escaped by doubling. */
static void add_quoted_inside(struct buf *out, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        if ((text[at] == '$' || text[at] == '%') && at + 1 < length && text[at + 1] == '{')
            buf_add_char(out, text[at]);
        add_escaped(out, text_next_code_point(text, length, &at));
    }
}

void hcl_quote(struct buf *out, const char *text, size_t length)
{
    buf_add_char(out, '"');
    add_quoted_inside(out, text, length);
    buf_add_char(out, '"');
}

bool hcl_is_identifier(const char *text)
{
    size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    return letters &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-")] == '\0';
}

/* Expressions. */

static const char *binary_operator(const char *name)
{
    static const char *const table[][2] = {{"and", "&&"}, {"or", "||"}, {"==", "=="}, {"!=", "!="},
                                           {"<", "<"},    {"<=", "<="}, {">", ">"},   {">=", ">="},
                                           {"+", "+"},    {"-", "-"},   {"*", "*"},   {"/", "/"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i][0], name) == 0)
            return table[i][1];
    return NULL;
}

static size_t last_line_width(const struct buf *out)
{
    size_t at = out->length;
    while (at > 0 && out->data[at - 1] != '\n')
        at--;
    return text_width(out->data ? out->data + at : "", out->length - at);
}

static bool add_expression(struct hcl_writer *writer, const struct expr *expr, const struct value *whole);

/* An operand in parentheses unless nothing around it can bind tighter. */
static bool add_operand(struct hcl_writer *writer, const struct expr *expr, const struct value *whole)
{
    bool wrapped = expr->kind == EXPR_BINARY || expr->kind == EXPR_UNARY;
    if (wrapped)
        buf_add_char(writer->out, '(');
    bool good = add_expression(writer, expr, whole);
    if (wrapped)
        buf_add_char(writer->out, ')');
    return good;
}

static bool add_call(struct hcl_writer *writer, const struct expr *expr, const struct value *whole)
{
    buf_printf(writer->out, "%s(", expr->name);
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (i)
            buf_add_str(writer->out, ", ");
        if (!add_expression(writer, expr->args[i], whole))
            return false;
    }
    buf_add_char(writer->out, ')');
    return true;
}

static bool add_field(struct hcl_writer *writer, const struct expr *expr, const struct value *whole)
{
    if (!add_operand(writer, expr->args[0], whole))
        return false;
    if (hcl_is_identifier(expr->name)) {
        buf_printf(writer->out, ".%s", expr->name);
        return true;
    }
    buf_add_char(writer->out, '[');
    hcl_quote(writer->out, expr->name, strlen(expr->name));
    buf_add_char(writer->out, ']');
    return true;
}

static bool add_index(struct hcl_writer *writer, const struct expr *expr, const struct value *whole)
{
    if (!add_operand(writer, expr->args[0], whole))
        return false;
    buf_add_char(writer->out, '[');
    if (!add_expression(writer, expr->args[1], whole))
        return false;
    buf_add_char(writer->out, ']');
    return true;
}

static bool add_binary(struct hcl_writer *writer, const struct expr *expr, const struct value *whole)
{
    const char *name = binary_operator(expr->name);
    if (!name)
        return hcl_refuse(writer, whole);
    if (!add_operand(writer, expr->args[0], whole))
        return false;
    buf_printf(writer->out, " %s ", name);
    return add_operand(writer, expr->args[1], whole);
}

/* `whole` is the value that the expression stands in: what is named when a form has no HCL. */
static bool add_expression(struct hcl_writer *writer, const struct expr *expr, const struct value *whole)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        return hcl_value(writer, expr->value, writer->indent + last_line_width(writer->out));
    case EXPR_NAME:
        buf_add_str(writer->out, expr->name);
        return true;
    case EXPR_FIELD:
        return add_field(writer, expr, whole);
    case EXPR_INDEX:
        return add_index(writer, expr, whole);
    case EXPR_CALL:
        return add_call(writer, expr, whole);
    case EXPR_UNARY:
        buf_add_str(writer->out, strcmp(expr->name, "not") == 0 ? "!" : "-");
        return add_operand(writer, expr->args[0], whole);
    case EXPR_BINARY:
        return add_binary(writer, expr, whole);
    default:
        return hcl_refuse(writer, whole);
    }
}

static bool add_template(struct hcl_writer *writer, const struct value *text)
{
    buf_add_char(writer->out, '"');
    for (size_t i = 0; i < text->count; i++) {
        const struct value *piece = text->items[i];
        if (piece->kind == VALUE_STRING) {
            add_quoted_inside(writer->out, piece->text, piece->length);
            continue;
        }
        if (piece->kind != VALUE_EXPRESSION)
            return hcl_refuse(writer, piece);
        buf_add_str(writer->out, "${");
        if (!add_expression(writer, piece->expr, piece))
            return false;
        buf_add_char(writer->out, '}');
    }
    buf_add_char(writer->out, '"');
    return true;
}

/* Lists and maps. */

static bool is_compound(const struct value *value)
{
    return (value->kind == VALUE_RECORD && value->field_count) || (value->kind == VALUE_LIST && value->count);
}

/* Tries `[a, b]`; leaves `out` as it was when an item is compound or the line gets too long. */
static bool add_short_list(struct hcl_writer *writer, const struct value *list, size_t column)
{
    size_t start = writer->out->length;
    bool fits = true;
    buf_add_char(writer->out, '[');
    for (size_t i = 0; i < list->count && fits; i++) {
        if (i)
            buf_add_str(writer->out, ", ");
        fits = !is_compound(list->items[i]) && !(list->items[i]->marks && list->items[i]->marks->note) &&
               hcl_value(writer, list->items[i], column) &&
               !memchr(writer->out->data + start, '\n', writer->out->length - start) &&
               column + text_width(writer->out->data + start, writer->out->length - start) < LINE_WIDTH;
    }
    buf_add_char(writer->out, ']');
    if (!fits)
        writer->out->length = start;
    return fits;
}

static bool add_long_list(struct hcl_writer *writer, const struct value *list)
{
    bool compound = is_compound(list->items[list->count - 1]);
    buf_add_str(writer->out, "[\n");
    writer->indent += INDENT;
    for (size_t i = 0; i < list->count; i++) {
        const struct value *item = list->items[i];
        if (i && list->marks && list->marks->spaced)
            buf_add_char(writer->out, '\n');
        hcl_above(writer, item->marks);
        hcl_indent(writer);
        if (!hcl_value(writer, item, writer->indent))
            return false;
        if (i + 1 < list->count || !compound)
            buf_add_char(writer->out, ',');
        if (item->marks && item->marks->note) {
            buf_add_char(writer->out, ' ');
            add_comment_text(writer->out, item->marks->note);
        }
        buf_add_char(writer->out, '\n');
    }
    writer->indent -= INDENT;
    hcl_indent(writer);
    buf_add_char(writer->out, ']');
    return true;
}

static bool add_map(struct hcl_writer *writer, const struct value *record)
{
    if (!record->field_count) {
        buf_add_str(writer->out, "{}");
        return true;
    }
    struct hcl_argument *arguments = mem_calloc(record->field_count, sizeof *arguments);
    for (size_t i = 0; i < record->field_count; i++)
        arguments[i] = (struct hcl_argument){record->fields[i].key, record->fields[i].value, NULL};
    buf_add_str(writer->out, "{\n");
    writer->indent += INDENT;
    bool good =
        hcl_arguments(writer, arguments, record->field_count, true, record->marks && record->marks->spaced);
    writer->indent -= INDENT;
    hcl_indent(writer);
    buf_add_char(writer->out, '}');
    free(arguments);
    return good;
}

static bool add_number(struct hcl_writer *writer, const struct value *value)
{
    if (!isfinite(value->number))
        return hcl_refuse(writer, value);
    char text[32];
    if (value->kind == VALUE_FLOAT && value->digits) {
        buf_add_str(writer->out, value->digits);
        return true;
    }
    buf_add(writer->out, text, text_from_double(value->number, text));
    return true;
}

static bool add_value(struct hcl_writer *writer, const struct value *value, size_t column)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_NULL:
        buf_add_str(writer->out, "null");
        return true;
    case VALUE_BOOL:
        buf_add_str(writer->out, value->boolean ? "true" : "false");
        return true;
    case VALUE_INT:
        buf_printf(writer->out, "%" PRId64, value->integer);
        return true;
    case VALUE_FLOAT:
        return add_number(writer, value);
    case VALUE_STRING:
        hcl_quote(writer->out, value->text, value->length);
        return true;
    case VALUE_LIST:
        return add_short_list(writer, value, column) || (!writer->bad && add_long_list(writer, value));
    case VALUE_RECORD:
        return add_map(writer, value);
    case VALUE_EXPRESSION:
        return add_expression(writer, value->expr, value);
    case VALUE_TEXT:
        return add_template(writer, value);
    default:
        return hcl_refuse(writer, value);
    }
}

bool hcl_value(struct hcl_writer *writer, const struct value *value, size_t column)
{
    if (writer->depth >= MOST_DEPTH)
        return hcl_refuse(writer, value);
    writer->depth++;
    bool good = add_value(writer, value, column);
    writer->depth--;
    return good;
}

/* Runs of arguments. */

struct line {
    struct buf key, value;
    size_t key_width, value_width;
    bool one_line;
    bool begins; /* a comment or a blank line stands before it */
};

static const char *note_of(const struct hcl_argument *argument)
{
    if (argument->value->marks && argument->value->marks->note)
        return argument->value->marks->note;
    return argument->marks ? argument->marks->note : NULL;
}

static bool has_above(const struct hcl_argument *argument)
{
    return (argument->marks && argument->marks->above_count) ||
           (argument->value->marks && argument->value->marks->above_count);
}

static bool is_plain_key(const char *key)
{
    static const char *const words[] = {"for", "null", "true", "false"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(key, words[i]) == 0)
            return false;
    return hcl_is_identifier(key);
}

static bool render(struct hcl_writer *writer, const struct hcl_argument *argument, bool map,
                   struct line *line)
{
    if (map && !is_plain_key(argument->key))
        hcl_quote(&line->key, argument->key, strlen(argument->key));
    else
        buf_add_str(&line->key, argument->key);
    line->key_width = text_width(buf_str(&line->key), line->key.length);
    struct buf *out = writer->out;
    writer->out = &line->value;
    bool good = hcl_value(writer, argument->value, writer->indent + line->key_width + 3);
    writer->out = out;
    line->one_line = !memchr(buf_str(&line->value), '\n', line->value.length);
    line->value_width = text_width(buf_str(&line->value), line->value.length);
    return good;
}

/* The end of the run that begins at `first`: lines that align with each other. */
static size_t run_end(const struct line *lines, size_t first, size_t count)
{
    size_t end = first + 1;
    while (lines[first].one_line && end < count && lines[end].one_line && !lines[end].begins)
        end++;
    return end;
}

/* Comments align over neighbouring lines that all have one. */
static size_t note_column(const struct hcl_argument *arguments, const struct line *lines, size_t at,
                          size_t first, size_t end)
{
    size_t from = at, widest = 0;
    while (from > first && note_of(&arguments[from - 1]))
        from--;
    for (; from < end && note_of(&arguments[from]); from++)
        if (lines[from].value_width > widest)
            widest = lines[from].value_width;
    return widest;
}

static void add_run(struct hcl_writer *writer, const struct hcl_argument *arguments, const struct line *lines,
                    size_t first, size_t end)
{
    size_t widest = 0;
    for (size_t i = first; i < end; i++)
        if (lines[i].key_width > widest)
            widest = lines[i].key_width;
    for (size_t i = first; i < end; i++) {
        const char *note = note_of(&arguments[i]);
        hcl_above(writer, arguments[i].marks);
        hcl_above(writer, arguments[i].value->marks);
        if (note && !lines[i].one_line)
            hcl_comment(writer, note);
        hcl_indent(writer);
        buf_add(writer->out, lines[i].key.data, lines[i].key.length);
        buf_add_repeat(writer->out, ' ', widest - lines[i].key_width);
        buf_add_str(writer->out, " = ");
        buf_add(writer->out, lines[i].value.data, lines[i].value.length);
        if (note && lines[i].one_line) {
            size_t column = note_column(arguments, lines, i, first, end);
            buf_add_repeat(writer->out, ' ', column - lines[i].value_width + 1);
            add_comment_text(writer->out, note);
        }
        buf_add_char(writer->out, '\n');
    }
}

bool hcl_arguments(struct hcl_writer *writer, const struct hcl_argument *arguments, size_t count, bool map,
                   bool spaced)
{
    struct line *lines = mem_calloc(count, sizeof *lines);
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        good = render(writer, &arguments[i], map, &lines[i]);
        lines[i].begins = spaced || has_above(&arguments[i]);
    }
    for (size_t first = 0; good && first < count;) {
        size_t end = run_end(lines, first, count);
        if (spaced && first)
            buf_add_char(writer->out, '\n');
        add_run(writer, arguments, lines, first, end);
        first = end;
    }
    for (size_t i = 0; i < count; i++) {
        buf_free(&lines[i].key);
        buf_free(&lines[i].value);
    }
    free(lines);
    return good;
}
