/* Natives over strings: joining, cutting, case, quoting for other languages. */

#include <string.h>
#include "compiler/natives_support.h"
#include "compiler/natives_table.h"
#include "core/documents/json.h"
#include "core/shell.h"
#include "core/text.h"

/* Appends an element of a list that is joined; false when it is no text. */
static bool add_element(struct buf *out, const struct value *item)
{
    return item->kind != VALUE_NODE && native_name_of(item, out);
}

const struct value *native_join(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list of strings");
    const char *separator = native_text(call, 1);
    struct buf out = {0};
    for (size_t i = 0; i < count; i++) {
        if (i && separator)
            buf_add_str(&out, separator);
        if (!add_element(&out, items[i])) {
            buf_free(&out);
            native_refuse(call, DIAG_NATIVE_ARGUMENT, items[i], "expected a string to join, found %s",
                          value_kind_name(items[i]));
            return NULL;
        }
    }
    return native_string(call, &out);
}

const struct value *native_lines(struct native_call *call)
{
    const struct value *const *items;
    size_t count;
    if (!native_items(call, 0, &items, &count))
        return native_misfit(call, 0, "a list of strings");
    struct buf out = {0};
    for (size_t i = 0; i < count; i++) {
        if (!add_element(&out, items[i])) {
            buf_free(&out);
            native_refuse(call, DIAG_NATIVE_ARGUMENT, items[i], "expected a line of text, found %s",
                          value_kind_name(items[i]));
            return NULL;
        }
        buf_add_char(&out, '\n');
    }
    return native_string(call, &out);
}

/* The bytes of the first argument, or NULL after refusing it. */
static const struct value *text_argument(struct native_call *call, size_t index)
{
    const struct value *text = index < call->count ? call->arguments[index] : NULL;
    if (text && (text->kind == VALUE_STRING || text->kind == VALUE_WORD))
        return text;
    return native_misfit(call, index, "a string");
}

static char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const struct value *native_upper(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    if (!text)
        return NULL;
    struct buf out = {0};
    for (size_t i = 0; i < text->length; i++)
        buf_add_char(&out, ascii_upper(text->text[i]));
    return native_string(call, &out);
}

const struct value *native_lower_case(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    if (!text)
        return NULL;
    struct buf out = {0};
    for (size_t i = 0; i < text->length; i++)
        buf_add_char(&out, ascii_lower(text->text[i]));
    return native_string(call, &out);
}

const struct value *native_title(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    if (!text)
        return NULL;
    struct buf out = {0};
    bool start = true;
    for (size_t i = 0; i < text->length; i++) {
        char c = text->text[i];
        if (c == '-' || c == '_' || c == '.' || c == '/' || c == ' ') {
            start = true;
            continue;
        }
        buf_add_char(&out, start ? ascii_upper(c) : c);
        start = false;
    }
    return native_string(call, &out);
}

const struct value *native_trim(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    if (!text)
        return NULL;
    size_t start = 0, end = text->length;
    while (start < end && strchr(" \t\r\n", text->text[start]) && text->text[start])
        start++;
    while (end > start && strchr(" \t\r\n", text->text[end - 1]) && text->text[end - 1])
        end--;
    struct buf out = {0};
    buf_add(&out, text->text + start, end - start);
    return native_string(call, &out);
}

static const char *find(const struct value *text, size_t from, const struct value *part)
{
    return memmem(text->text + from, text->length - from, part->text, part->length);
}

const struct value *native_replace(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    const struct value *from = text ? text_argument(call, 1) : NULL;
    const struct value *to = from ? text_argument(call, 2) : NULL;
    if (!to)
        return NULL;
    struct buf out = {0};
    size_t at = 0;
    for (const char *hit; from->length && (hit = find(text, at, from));) {
        buf_add(&out, text->text + at, (size_t)(hit - text->text) - at);
        buf_add(&out, to->text, to->length);
        at = (size_t)(hit - text->text) + from->length;
    }
    buf_add(&out, text->text + at, text->length - at);
    return native_string(call, &out);
}

const struct value *native_split(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    const struct value *by = text ? text_argument(call, 1) : NULL;
    if (!by)
        return NULL;
    if (!by->length) {
        native_refuse(call, DIAG_NATIVE_ARGUMENT, by, "a text cannot be split at nothing");
        return NULL;
    }
    origin where = native_origin(call);
    struct list_builder list = list_begin(call->arena);
    size_t at = 0;
    for (const char *hit; (hit = find(text, at, by));) {
        list_add(&list, value_string_n(call->arena, text->text + at, (size_t)(hit - text->text) - at, where));
        at = (size_t)(hit - text->text) + by->length;
    }
    list_add(&list, value_string_n(call->arena, text->text + at, text->length - at, where));
    return list_end(&list, where);
}

const struct value *native_starts_with(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    const struct value *part = text ? text_argument(call, 1) : NULL;
    if (!part)
        return NULL;
    bool holds = text->length >= part->length && !memcmp(text->text, part->text, part->length);
    return value_bool(call->arena, holds, native_origin(call));
}

const struct value *native_ends_with(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    const struct value *part = text ? text_argument(call, 1) : NULL;
    if (!part)
        return NULL;
    bool holds = text->length >= part->length &&
                 !memcmp(text->text + text->length - part->length, part->text, part->length);
    return value_bool(call->arena, holds, native_origin(call));
}

const struct value *native_contains(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    const struct value *part = text ? text_argument(call, 1) : NULL;
    if (!part)
        return NULL;
    return value_bool(call->arena, find(text, 0, part) != NULL, native_origin(call));
}

/* The text before or behind the first place of a part; without it the whole text or nothing. */
static const struct value *cut(struct native_call *call, bool behind)
{
    const struct value *text = text_argument(call, 0);
    const struct value *part = text ? text_argument(call, 1) : NULL;
    if (!part)
        return NULL;
    const char *hit = find(text, 0, part);
    size_t at = hit ? (size_t)(hit - text->text) : text->length;
    struct buf out = {0};
    if (!behind)
        buf_add(&out, text->text, at);
    else if (hit)
        buf_add(&out, hit + part->length, text->length - at - part->length);
    return native_string(call, &out);
}

const struct value *native_after(struct native_call *call)
{
    return cut(call, true);
}

const struct value *native_before(struct native_call *call)
{
    return cut(call, false);
}

const struct value *native_after_bucket(struct native_call *call)
{
    const struct value *uri = text_argument(call, 0);
    if (!uri)
        return NULL;
    const char *scheme = memmem(uri->text, uri->length, "://", 3);
    const char *bucket = scheme ? scheme + 3 : uri->text;
    const char *end = uri->text + uri->length;
    const char *slash = memchr(bucket, '/', (size_t)(end - bucket));
    struct buf out = {0};
    if (slash)
        buf_add(&out, slash + 1, (size_t)(end - slash - 1));
    return native_string(call, &out);
}

const struct value *native_indent(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    const struct value *by = native_argument(call, 1);
    if (!text)
        return NULL;
    if (!by || by->kind != VALUE_INT || by->integer < 0 || by->integer > 100)
        return native_misfit(call, 1, "a number of blanks from 0 to 100");
    struct buf out = {0};
    bool start = true;
    for (size_t i = 0; i < text->length; i++) {
        if (start && text->text[i] != '\n')
            buf_add_repeat(&out, ' ', (size_t)by->integer);
        start = text->text[i] == '\n';
        buf_add_char(&out, text->text[i]);
    }
    return native_string(call, &out);
}

const struct value *native_quote_sh(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    if (!text)
        return NULL;
    struct buf out = {0};
    shell_quote(&out, text->text, text->length);
    return native_string(call, &out);
}

/* SQL identifiers take double quotes, doubled inside (ISO 9075). */
const struct value *native_quote_sql(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    if (!text)
        return NULL;
    struct buf out = {0};
    buf_add_char(&out, '"');
    for (size_t i = 0; i < text->length; i++) {
        if (text->text[i] == '"')
            buf_add_char(&out, '"');
        buf_add_char(&out, text->text[i]);
    }
    buf_add_char(&out, '"');
    return native_string(call, &out);
}

/* A string literal of Python, ASCII only: valid in every version and encoding of Python 3. */
const struct value *native_quote_py(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    if (!text)
        return NULL;
    struct buf out = {0};
    buf_add_char(&out, '"');
    for (size_t at = 0; at < text->length;) {
        uint32_t point = text_next_code_point(text->text, text->length, &at);
        if (point == '"' || point == '\\')
            buf_printf(&out, "\\%c", (char)point);
        else if (point == '\n')
            buf_add_str(&out, "\\n");
        else if (point >= 32 && point < 127)
            buf_add_char(&out, (char)point);
        else if (point < 0x10000)
            buf_printf(&out, "\\u%04x", point);
        else
            buf_printf(&out, "\\U%08x", point);
    }
    buf_add_char(&out, '"');
    return native_string(call, &out);
}

const struct value *native_json_text(struct native_call *call)
{
    const struct value *value = call->count ? call->arguments[0] : NULL;
    const struct value *bad = NULL;
    struct buf out = {0};
    const struct value *indented = native_argument(call, 1);
    struct json_style style = {indented && indented->boolean ? JSON_PRETTY : JSON_COMPACT, false};
    if (value && json_write(&out, value, style, &bad))
        return native_string(call, &out);
    buf_free(&out);
    native_refuse(call, DIAG_NATIVE_ARGUMENT, bad ? bad : value, "%s has no form in JSON",
                  bad ? value_kind_name(bad) : "nothing");
    return NULL;
}

const struct value *native_strip_suffix(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    const struct value *suffix = text ? text_argument(call, 1) : NULL;
    if (!suffix)
        return NULL;
    size_t length = text->length;
    if (length >= suffix->length &&
        !memcmp(text->text + length - suffix->length, suffix->text, suffix->length))
        length -= suffix->length;
    struct buf out = {0};
    buf_add(&out, text->text, length);
    return native_string(call, &out);
}

/* Lower-case letters, digits and single dashes: what a name of a DNS label may hold. */
const struct value *native_slug(struct native_call *call)
{
    const struct value *text = text_argument(call, 0);
    if (!text)
        return NULL;
    struct buf out = {0};
    for (size_t i = 0; i < text->length; i++) {
        char c = ascii_lower(text->text[i]);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            buf_add_char(&out, c);
        else if (out.length && out.data[out.length - 1] != '-')
            buf_add_char(&out, '-');
    }
    while (out.length && out.data[out.length - 1] == '-')
        out.data[--out.length] = '\0';
    if (out.length)
        return native_string(call, &out);
    buf_free(&out);
    native_refuse(call, DIAG_NATIVE_ARGUMENT, text, "nothing of this text can stand in a name");
    return NULL;
}
