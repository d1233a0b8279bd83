/* Which origin stands behind each line of an output. The text is read again, and its tree walked beside the
 * one it was written from: the writers stay free of book-keeping, and the answer costs only those who ask. */

#include <string.h>
#include "backends/backend.h"
#include "core/documents/json.h"
#include "core/documents/yaml.h"
#include "core/text.h"

struct line_map {
    struct compilation *compilation;
    const struct source *source; /* the text as a source of its own */
    const struct origin_table *origins;
    origin *lines;
    size_t count;
};

/* Weak: the first line only, and only where nothing is known yet. */
static void set_lines(struct line_map *map, struct span span, origin where, bool weak)
{
    if (!where || span_is_none(span))
        return;
    size_t first = source_position(map->source, span.start).line;
    size_t last = source_position(map->source, span.end > span.start ? span.end - 1 : span.end).line;
    if (weak)
        last = first;
    for (size_t line = first; line <= last && line <= map->count; line++)
        if (!weak || !map->lines[line - 1])
            map->lines[line - 1] = where;
}

/* `read` is what `written` became. A record's line is its own until an entry on the same line says more. */
static void align(struct line_map *map, const struct value *written, const struct value *read)
{
    struct span span = origin_span(map->origins, read->origin);
    if (written->kind == VALUE_RECORD && read->kind == VALUE_RECORD) {
        size_t k = 0;
        for (size_t i = 0; i < written->field_count && k < read->field_count; i++) {
            const struct field *field = &written->fields[i], *found = &read->fields[k];
            if (strcmp(field->key, found->key))
                continue;
            k++;
            origin where = field->value->origin ? field->value->origin : field->key_origin;
            set_lines(map, origin_span(map->origins, found->key_origin), where, false);
            align(map, field->value, found->value);
        }
        set_lines(map, span, written->origin, true);
    } else if (written->kind == VALUE_LIST && read->kind == VALUE_LIST) {
        for (size_t i = 0; i < written->count && i < read->count; i++)
            align(map, written->items[i], read->items[i]);
        set_lines(map, span, written->origin, true);
    } else {
        set_lines(map, span, written->origin, false);
    }
}

static void align_tree(struct line_map *map, const struct output *output, bool yaml)
{
    struct arena *arena = map->compilation->arena;
    struct source_set *sources = source_set_new(arena);
    struct origin_table *origins = origin_table_new(arena);
    map->source = source_add(sources, SOURCE_OTHER, output->path, output->text, output->length);
    map->origins = origins;
    struct vec documents = vec_in(arena);
    if (yaml && !yaml_read(arena, map->source, (struct yaml_limits){0}, origins, NULL, &documents))
        return;
    const struct value *json =
        yaml ? NULL : json_read(arena, map->source, (struct json_limits){0}, origins, NULL);
    if (json)
        vec_push(&documents, (void *)json);
    for (size_t i = 0; i < documents.count && i < output->file->documents.count; i++)
        align(map, output->file->documents.items[i], documents.items[i]);
}

/* The lines of a text, one after the other. */
struct line_reader {
    const char *at, *end;
    size_t number; /* from 0 */
};

static bool next_line(struct line_reader *reader, const char **text, size_t *length)
{
    if (reader->at >= reader->end)
        return false;
    const char *stop = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    const char *end = stop ? stop : reader->end;
    *text = reader->at;
    *length = (size_t)(end - reader->at);
    while (*length && **text == ' ') {
        (*text)++;
        (*length)--;
    }
    reader->at = stop ? stop + 1 : reader->end;
    reader->number++;
    return true;
}

static bool begins_with_word(const char *text, size_t length, const char *word)
{
    size_t size = strlen(word);
    return length > size && !memcmp(text, word, size) && text[size] == ' ';
}

/* Blocks stand in the text in the order of their values: each is looked for from where the last one was
 * found. */
static void align_block(struct line_map *map, struct line_reader *reader, const struct value *item)
{
    if (item->kind == VALUE_LIST) {
        for (size_t i = 0; i < item->count; i++)
            align_block(map, reader, item->items[i]);
        return;
    }
    const char *word =
        value_string_or(value_get(item, "key"), value_string_or(value_get(item, "type"), NULL));
    const struct value *value = value_get(item, "value"), *body = value_get(item, "body");
    struct line_reader start = *reader;
    const char *text;
    size_t length;
    while (word && next_line(reader, &text, &length)) {
        if (!begins_with_word(text, length, word))
            continue;
        if (reader->number - 1 < map->count)
            map->lines[reader->number - 1] = value && value->origin ? value->origin : item->origin;
        for (size_t i = 0; body && body->kind == VALUE_LIST && i < body->count; i++)
            align_block(map, reader, body->items[i]);
        return;
    }
    *reader = start;
}

static void align_lines(struct line_map *map, const struct output *output, const struct value *value,
                        size_t *line)
{
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->count; i++)
            align_lines(map, output, value->items[i], line);
        return;
    }
    size_t lines = 1;
    for (size_t i = 0; value->kind == VALUE_STRING && i + 1 < value->length; i++)
        lines += value->text[i] == '\n';
    for (; lines && *line < map->count; lines--)
        map->lines[(*line)++] = value->origin;
}

/* Comments belong to what stands below them, brackets and blank lines to what stands above. */
static void fill_gaps(struct line_map *map, const struct output *output, origin whole)
{
    struct line_reader reader = {output->text, output->text + output->length, 0};
    const char *text;
    size_t length;
    bool *comment = arena_array(map->compilation->arena, map->count + 1, sizeof *comment);
    while (next_line(&reader, &text, &length))
        if (reader.number <= map->count)
            comment[reader.number - 1] = length && *text == '#';
    for (size_t i = map->count; i-- > 0;)
        if (!map->lines[i] && comment[i] && i + 1 < map->count && i >= output->header)
            map->lines[i] = map->lines[i + 1];
    for (size_t i = 0; i < map->count; i++)
        if (!map->lines[i])
            map->lines[i] = i > output->header ? map->lines[i - 1] : whole;
}

const origin *output_lines(struct compilation *compilation, const struct output *output, size_t *count)
{
    struct line_map map = {.compilation = compilation};
    for (size_t i = 0; i < output->length; i++)
        map.count += output->text[i] == '\n';
    map.count += output->length && output->text[output->length - 1] != '\n';
    map.lines = arena_array(compilation->arena, map.count + 1, sizeof *map.lines);
    const struct generated *file = output->file;
    bool yaml = text_ends_with(output->path, ".yaml") || text_ends_with(output->path, ".yml");
    if (yaml || text_ends_with(output->path, ".json")) {
        align_tree(&map, output, yaml);
    } else if (text_ends_with(output->path, ".tf") || text_ends_with(output->path, ".hcl")) {
        struct line_reader reader = {output->text, output->text + output->length, 0};
        for (size_t i = 0; i < file->documents.count; i++)
            align_block(&map, &reader, file->documents.items[i]);
    } else {
        size_t line = output->header;
        for (size_t i = 0; i < file->documents.count; i++)
            align_lines(&map, output, file->documents.items[i], &line);
    }
    fill_gaps(&map, output, file->node && file->node->origin ? file->node->origin : file->origin);
    *count = map.count;
    return map.lines;
}
