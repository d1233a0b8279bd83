#include "runtime/cluster/refusal_words.h"
#include <string.h>
#include "core/buf.h"
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/cluster/base64.h"

enum { SHORTEST_SECRET = 3 };

/* --- values of Secrets */

static void hide(struct buf *text, const char *value, size_t length)
{
    if (length < SHORTEST_SECRET)
        return;
    struct buf out = {0};
    const char *at = buf_str(text), *end = at + text->length, *found;
    while ((found = memmem(at, (size_t)(end - at), value, length)) != NULL) {
        buf_add(&out, at, (size_t)(found - at));
        buf_add_str(&out, "***");
        at = found + length;
    }
    buf_add(&out, at, (size_t)(end - at));
    buf_free(text);
    *text = out;
}

/* Messages quote a text of several lines with "\n" in it: each line is hidden for itself. */
static void hide_lines(struct buf *text, const char *value, size_t length)
{
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(value + at, '\n', length - at);
        size_t line = newline != NULL ? (size_t)(newline - value) - at : length - at;
        hide(text, value + at, line);
        at += line + 1;
    }
}

static void hide_scalar(struct buf *text, const struct value *value)
{
    struct buf other = {0};
    if (value->kind != VALUE_STRING) {
        json_write(&other, value, (struct json_style){JSON_COMPACT, false}, NULL);
        hide(text, buf_str(&other), other.length);
        buf_free(&other);
        return;
    }
    hide(text, value->text, value->length);
    hide_lines(text, value->text, value->length);
    base64_encode(&other, value->text, value->length);
    hide(text, buf_str(&other), other.length);
    buf_clear(&other);
    if (base64_decode(&other, value->text, value->length)) {
        hide(text, buf_str(&other), other.length);
        hide_lines(text, buf_str(&other), other.length);
    }
    buf_free(&other);
}

static void hide_all(struct buf *text, const struct value *value)
{
    if (value == NULL)
        return;
    if (value->kind == VALUE_RECORD)
        for (size_t i = 0; i < value->field_count; i++)
            hide_all(text, value->fields[i].value);
    else if (value->kind == VALUE_LIST)
        for (size_t i = 0; i < value->count; i++)
            hide_all(text, value->items[i]);
    else
        hide_scalar(text, value);
}

/* `expected string, got &value.valueUnstructured{Value:12345}`: whatever was got. */
static void hide_got(struct buf *text)
{
    char *got = strstr(text->length > 0 ? text->data : "", ", got ");
    if (got == NULL)
        return;
    text->length = (size_t)(got - text->data);
    buf_add_str(text, ", got ***");
}

const char *refusal_words(struct arena *arena, const struct object *object, const char *text)
{
    static const char noise[] = "failed to create typed patch object (";
    const char *end = text_starts_with(text, noise) ? strstr(text, "): ") : NULL;
    if (end != NULL)
        text = end + strlen("): ") + (end[strlen("): ")] == '.');
    if (strcmp(object->kind, "Secret") != 0 || *object->group != 0)
        return text;
    struct buf out = {0};
    buf_add_str(&out, text);
    hide_got(&out);
    hide_all(&out, value_get(object->document, "data"));
    hide_all(&out, value_get(object->document, "stringData"));
    const char *kept = arena_strdup(arena, buf_str(&out));
    buf_free(&out);
    return kept;
}

/* --- places */

static const struct field *field_of(const struct value *record, const char *key, size_t length)
{
    for (size_t i = 0; record->kind == VALUE_RECORD && i < record->field_count; i++)
        if (strlen(record->fields[i].key) == length && memcmp(record->fields[i].key, key, length) == 0)
            return &record->fields[i];
    return NULL;
}

/* The item of a list that `[name="main"]` or `[0]` means. */
static const struct value *item_of(const struct value *list, const char *inside, size_t length)
{
    const char *equals = memchr(inside, '=', length);
    int64_t index;
    if (list->kind != VALUE_LIST)
        return NULL;
    if (text_to_int(inside, length, &index))
        return index >= 0 && (size_t)index < list->count ? list->items[index] : NULL;
    if (equals == NULL || inside + length - equals < 3)
        return NULL;
    const char *wanted = equals + 2;
    size_t size = (size_t)(inside + length - wanted) - 1; /* without the quotes */
    for (size_t i = 0; i < list->count; i++) {
        const struct field *key = list->items[i]->kind == VALUE_RECORD
                                      ? field_of(list->items[i], inside, (size_t)(equals - inside))
                                      : NULL;
        const char *found = key != NULL ? value_string_or(key->value, "") : "";
        if (strlen(found) == size && memcmp(found, wanted, size) == 0)
            return list->items[i];
    }
    return NULL;
}

/* One step of the path; NULL: the document goes no further. */
static const struct value *step(const struct value *at, const char **path, origin *place)
{
    bool bracket = **path == '[';
    const char *from = *path + (bracket || **path == '.');
    size_t length = strcspn(from, bracket ? "]" : ".[: ");
    if (length == 0)
        return NULL;
    *path = from + length + (bracket && from[length] == ']');
    const struct field *field = field_of(at, from, length);
    const struct value *next = field != NULL ? field->value : item_of(at, from, length);
    if (field != NULL && field->key_origin != 0)
        *place = field->key_origin;
    else if (next != NULL && next->origin != 0)
        *place = next->origin;
    return next;
}

origin refusal_place(const struct object *object, const char *path)
{
    const struct value *at = object->document;
    origin place = 0;
    while (at != NULL && *path != 0 && *path != ':' && *path != ' ')
        at = step(at, &path, &place);
    return place != 0 ? place : object->origin;
}
