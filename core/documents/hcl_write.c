#include <stdlib.h>
#include <string.h>
#include "core/documents/hcl.h"
#include "core/documents/hcl_value.h"

enum { MOST_DEPTH = 100, INDENT = 2 };

static bool write_body(struct hcl_writer *writer, const struct value *body);
static bool write_fields(struct hcl_writer *writer, const struct value *record);

static bool is_remark(const struct value *item)
{
    return item->marks && item->marks->remark;
}

static bool is_block_record(const struct value *value)
{
    return value->kind == VALUE_RECORD && value->marks && value->marks->block;
}

/* A value that is written as one or several blocks under its key. */
static bool is_block_value(const struct value *value)
{
    return is_block_record(value) ||
           (value->kind == VALUE_LIST && value->count && is_block_record(value->items[0]));
}

static void write_remark(struct hcl_writer *writer, const struct value *item)
{
    hcl_above(writer, item->marks);
    if (item->kind == VALUE_STRING)
        hcl_comment(writer, item->text);
}

/* `type "label" {`, its content by `write`, and `}`; `{}` when there is none. */
static bool write_braces(struct hcl_writer *writer, const struct value *content, bool empty,
                         bool (*write)(struct hcl_writer *writer, const struct value *content))
{
    if (empty) {
        buf_add_str(writer->out, " {}\n");
        return true;
    }
    if (++writer->depth > MOST_DEPTH)
        return hcl_refuse(writer, content);
    buf_add_str(writer->out, " {\n");
    writer->indent += INDENT;
    if (!write(writer, content))
        return false;
    writer->indent -= INDENT;
    writer->depth--;
    hcl_indent(writer);
    buf_add_str(writer->out, "}\n");
    return true;
}

static void write_notes(struct hcl_writer *writer, const struct value *value)
{
    hcl_above(writer, value->marks);
    if (value->marks && value->marks->note)
        hcl_comment(writer, value->marks->note);
}

/* {"type", "labels", "body"} */
static bool write_block(struct hcl_writer *writer, const struct value *block)
{
    const char *type = value_string_or(value_get(block, "type"), NULL);
    const struct value *labels = value_get(block, "labels"), *body = value_get(block, "body");
    if (!type || !hcl_is_identifier(type) || (labels && labels->kind != VALUE_LIST) ||
        (body && body->kind != VALUE_LIST && body->kind != VALUE_RECORD))
        return hcl_refuse(writer, block);
    write_notes(writer, block);
    hcl_indent(writer);
    buf_add_str(writer->out, type);
    for (size_t i = 0; labels && i < labels->count; i++) {
        const struct value *label = labels->items[i];
        if (label->kind != VALUE_STRING && label->kind != VALUE_WORD)
            return hcl_refuse(writer, label);
        buf_add_char(writer->out, ' ');
        hcl_quote(writer->out, label->text, label->length);
    }
    if (body && body->kind == VALUE_RECORD)
        return write_braces(writer, body, body->field_count == 0, write_fields);
    return write_braces(writer, body, !body || body->count == 0, write_body);
}

/* `key { … }` for a record that is marked as a block, once for each record of a list. */
static bool write_block_value(struct hcl_writer *writer, const char *key, const struct value *value)
{
    if (!hcl_is_identifier(key))
        return hcl_refuse(writer, value);
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->count; i++)
            if (!is_block_record(value->items[i]) || !write_block_value(writer, key, value->items[i]))
                return hcl_refuse(writer, value->items[i]);
        return true;
    }
    write_notes(writer, value);
    hcl_indent(writer);
    buf_add_str(writer->out, key);
    return write_braces(writer, value, value->field_count == 0, write_fields);
}

/* The arguments collected so far, written as one run. */
struct pending {
    struct hcl_argument *arguments;
    size_t count;
    bool spaced;
};

static bool flush(struct hcl_writer *writer, struct pending *pending)
{
    bool good = hcl_arguments(writer, pending->arguments, pending->count, false, pending->spaced);
    pending->count = 0;
    return good;
}

static void gap(struct hcl_writer *writer, bool spaced, size_t index)
{
    if (spaced && index)
        buf_add_char(writer->out, '\n');
}

/* An argument waits for the rest of its run; anything else is written behind what waits. */
static bool write_entry(struct hcl_writer *writer, struct pending *pending, const char *key,
                        const struct value *value, const struct value *item, size_t index)
{
    if (key && value && !is_block_value(value)) {
        if (!hcl_is_identifier(key))
            return hcl_refuse(writer, item);
        if (pending->count == 0)
            gap(writer, pending->spaced, index);
        pending->arguments[pending->count++] =
            (struct hcl_argument){key, value, item == value ? NULL : item->marks};
        return true;
    }
    if (!flush(writer, pending))
        return false;
    gap(writer, pending->spaced, index);
    if (is_remark(item)) {
        write_remark(writer, item);
        return true;
    }
    return key && value ? write_block_value(writer, key, value) : write_block(writer, item);
}

static bool write_body(struct hcl_writer *writer, const struct value *body)
{
    struct pending pending = {.arguments = mem_calloc(body->count, sizeof *pending.arguments),
                              .spaced = body->marks && body->marks->spaced};
    bool good = true;
    for (size_t i = 0; i < body->count && good; i++) {
        const struct value *item = body->items[i];
        const char *key = value_string_or(value_get(item, "key"), NULL);
        good = write_entry(writer, &pending, key, value_get(item, "value"), item, i);
    }
    good = good && flush(writer, &pending);
    free(pending.arguments);
    return good;
}

static bool write_fields(struct hcl_writer *writer, const struct value *record)
{
    struct pending pending = {.arguments = mem_calloc(record->field_count, sizeof *pending.arguments),
                              .spaced = record->marks && record->marks->spaced};
    bool good = true;
    for (size_t i = 0; i < record->field_count && good; i++) {
        const struct value *value = record->fields[i].value;
        good = write_entry(writer, &pending, record->fields[i].key, value, value, i);
    }
    good = good && flush(writer, &pending);
    free(pending.arguments);
    return good;
}

/* Blank lines stand between top-level blocks, but not behind a remark or between arguments. */
static bool write_file(struct hcl_writer *writer, const struct value *blocks)
{
    for (size_t i = 0; i < blocks->count;) {
        size_t end = i + 1;
        bool argument = value_get(blocks->items[i], "key") != NULL;
        while (argument && end < blocks->count && value_get(blocks->items[end], "key"))
            end++;
        if (i && !is_remark(blocks->items[i - 1]))
            buf_add_char(writer->out, '\n');
        struct value run = {.kind = VALUE_LIST, .items = blocks->items + i, .count = end - i};
        if (!write_body(writer, &run))
            return false;
        i = end;
    }
    return true;
}

bool hcl_write(struct buf *out, const struct value *blocks, const struct value **bad)
{
    struct hcl_writer writer = {.out = out};
    bool good = blocks->kind == VALUE_LIST ? write_file(&writer, blocks) : hcl_refuse(&writer, blocks);
    if (!good && bad)
        *bad = writer.bad;
    return good;
}
