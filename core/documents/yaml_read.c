#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "core/documents/entries.h"
#include "core/documents/yaml.h"
#include "core/documents/yaml_places.h"
#include "core/documents/yaml_scalar.h"
#include "core/map.h"
#include "core/text.h"

enum { DEFAULT_DEPTH = 100, MOST_DEPTH = 500, DEFAULT_NODES = 5000000 };

/* What an alias stands for. Its size and height count against the limits wherever it is used, because whoever
 * walks the document meets the value that often. */
struct anchor {
    const struct value *value; /* NULL while the value is being read */
    size_t nodes;
    size_t height;
};

struct reader {
    struct arena *arena;
    const struct source *source;
    struct origin_table *origins;
    struct diag_sink *diags;
    struct yaml_places places;
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    struct entries entries;
    struct map *anchors; /* of the current document */
    size_t depth, depth_limit;
    size_t nodes, node_limit;
    size_t height; /* of the value read last: 1 for a scalar */
};

static const struct value *read_node(struct reader *reader);

static struct span span_of(const struct reader *reader, yaml_mark_t start, yaml_mark_t end)
{
    uint32_t from = yaml_places_offset(&reader->places, start.index);
    uint32_t to = yaml_places_offset(&reader->places, end.index);
    return (struct span){reader->source->id, from, to > from ? to : from};
}

static struct span event_span(const struct reader *reader)
{
    return span_of(reader, reader->event.start_mark, reader->event.end_mark);
}

/* Reports at a place and returns the diagnostic, or NULL when nobody listens. */
static struct diag *report(struct reader *reader, enum diag_code code, struct span span, const char *message)
{
    return reader->diags ? diag_report(reader->diags, code, span, "%s", message) : NULL;
}

static const struct value *fail(struct reader *reader, enum diag_code code, const char *message,
                                const char *label)
{
    struct diag *diag = report(reader, code, event_span(reader), message);
    if (diag)
        diag_label(diag, "%s", label);
    return NULL;
}

/* libyaml's words for what it met and what it was reading. */
static void report_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    yaml_mark_t mark = parser->problem_mark;
    struct span span = span_of(reader, mark, mark);
    if (parser->error == YAML_READER_ERROR) {
        uint32_t at = reader->places.base + (uint32_t)parser->problem_offset;
        span = (struct span){reader->source->id, at, at + 1};
    }
    const char *problem = parser->problem ? parser->problem : "the text is not YAML";
    struct diag *diag = report(reader, DIAG_YAML_SYNTAX, span, problem);
    if (!diag)
        return;
    const char *line = reader->source->text + span.start;
    bool tab = span.start < reader->source->length && *line == '\t';
    if (tab)
        diag_help(diag, "YAML indents with spaces: replace the tab");
    if (parser->context)
        diag_secondary(diag, span_of(reader, parser->context_mark, parser->context_mark), "%s",
                       parser->context);
}

/* Takes the next event into reader->event; false after reporting a syntax error. */
static bool advance(struct reader *reader)
{
    if (reader->has_event)
        yaml_event_delete(&reader->event);
    reader->has_event = yaml_parser_parse(&reader->parser, &reader->event) != 0;
    if (!reader->has_event)
        report_syntax(reader);
    return reader->has_event;
}

static bool count_nodes(struct reader *reader, size_t nodes)
{
    reader->nodes += nodes;
    if (reader->nodes <= reader->node_limit)
        return true;
    fail(reader, DIAG_YAML_LIMIT,
         arena_printf(reader->arena, "the document has more than %zu values", reader->node_limit),
         "aliases count as often as they are used");
    return false;
}

static bool check_depth(struct reader *reader, size_t depth)
{
    if (depth <= reader->depth_limit)
        return true;
    fail(reader, DIAG_YAML_LIMIT,
         arena_printf(reader->arena, "the document is nested deeper than %zu levels", reader->depth_limit),
         "");
    return false;
}

static origin origin_of(struct reader *reader, struct span span)
{
    return reader->origins ? origin_add(reader->origins, span, 0) : 0;
}

static struct value *new_value(struct reader *reader, enum value_kind kind, struct span span)
{
    if (!count_nodes(reader, 1))
        return NULL;
    struct value *value = arena_alloc(reader->arena, sizeof *value);
    value->kind = (uint8_t)kind;
    value->origin = origin_of(reader, span);
    return value;
}

static bool tag_is(const char *tag, const char *name)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    return strncmp(tag, prefix, sizeof prefix - 1) == 0 && strcmp(tag + sizeof prefix - 1, name) == 0;
}

static bool is_known_tag(const char *tag)
{
    static const char *const names[] = {"str", "int", "float", "bool", "null", "map", "seq"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (tag_is(tag, names[i]))
            return true;
    return false;
}

static bool tag_fits(const char *tag, const struct value *value)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_NULL:
        return tag_is(tag, "null");
    case VALUE_BOOL:
        return tag_is(tag, "bool");
    case VALUE_INT:
        return tag_is(tag, "int") || tag_is(tag, "float");
    case VALUE_FLOAT:
        return tag_is(tag, "float");
    case VALUE_LIST:
        return tag_is(tag, "seq");
    case VALUE_RECORD:
        return tag_is(tag, "map");
    default:
        return tag_is(tag, "str");
    }
}

static const struct value *refuse_tag(struct reader *reader, const char *tag)
{
    const char *problem =
        is_known_tag(tag) ? "the value does not fit its tag `%s`" : "the tag `%s` is not known here";
    return fail(reader, DIAG_YAML_TAG, arena_printf(reader->arena, problem, tag), "");
}

static bool set_scalar(struct reader *reader, struct value *value)
{
    const char *text = (const char *)reader->event.data.scalar.value;
    const char *tag = (const char *)reader->event.data.scalar.tag;
    size_t length = reader->event.data.scalar.length;
    bool plain = reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool string = tag ? tag_is(tag, "str") || strcmp(tag, "!") == 0 : !plain;
    enum yaml_reading reading = string ? YAML_READ_STRING : yaml_read_plain(text, length, value);
    if (reading == YAML_READ_REFUSED) {
        fail(reader, DIAG_YAML_NUMBER, arena_printf(reader->arena, "no document may hold `%s`", text),
             "quote it if a text is meant");
        return false;
    }
    if (reading == YAML_READ_STRING) {
        value->kind = VALUE_STRING;
        value->text = arena_copy(reader->arena, text, length);
        value->length = length;
    }
    if (tag && !string && !tag_fits(tag, value)) {
        refuse_tag(reader, tag);
        return false;
    }
    return true;
}

/* Remembers the value of an anchor; a name may be used again, and then means the later value. */
static struct anchor *begin_anchor(struct reader *reader, const yaml_char_t *name)
{
    if (!name)
        return NULL;
    struct anchor *anchor = arena_alloc(reader->arena, sizeof *anchor);
    anchor->nodes = reader->nodes;
    map_set(reader->anchors, (const char *)name, anchor);
    return anchor;
}

static const struct value *end_anchor(struct reader *reader, struct anchor *anchor, const struct value *value)
{
    if (anchor && value) {
        anchor->value = value;
        anchor->nodes = reader->nodes - anchor->nodes;
        anchor->height = reader->height;
    }
    return value;
}

static const struct value *read_scalar(struct reader *reader)
{
    struct anchor *anchor = begin_anchor(reader, reader->event.data.scalar.anchor);
    struct value *value = new_value(reader, VALUE_STRING, event_span(reader));
    if (!value || !set_scalar(reader, value))
        return NULL;
    reader->height = 1;
    return end_anchor(reader, anchor, value);
}

static const struct value *read_alias(struct reader *reader)
{
    const char *name = (const char *)reader->event.data.alias.anchor;
    const struct anchor *anchor = map_get(reader->anchors, name);
    if (!anchor || !anchor->value)
        return fail(reader, DIAG_YAML_ALIAS, arena_printf(reader->arena, "`*%s` leads nowhere", name),
                    anchor ? "inside the value that it stands for" : "no `&` before it gives this name");
    if (!count_nodes(reader, anchor->nodes) || !check_depth(reader, reader->depth + anchor->height))
        return NULL;
    reader->height = anchor->height;
    return anchor->value;
}

/* Ends a container whose entries were as high as `height`. */
static const struct value *leave(struct reader *reader, struct anchor *anchor, const struct value *value,
                                 size_t height)
{
    reader->depth--;
    reader->height = height + 1;
    return end_anchor(reader, anchor, value);
}

static const struct value *read_sequence(struct reader *reader)
{
    const char *tag = (const char *)reader->event.data.sequence_start.tag;
    if (tag && !tag_is(tag, "seq") && strcmp(tag, "!") != 0)
        return refuse_tag(reader, tag);
    struct anchor *anchor = begin_anchor(reader, reader->event.data.sequence_start.anchor);
    struct value *list = new_value(reader, VALUE_LIST, span_none);
    if (!list || !check_depth(reader, ++reader->depth))
        return NULL;
    yaml_mark_t start = reader->event.start_mark;
    size_t first = reader->entries.count, height = 0;
    for (;;) {
        if (!advance(reader))
            return NULL;
        if (reader->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        struct entry entry = {.value = read_node(reader)};
        if (!entry.value)
            return NULL;
        height = reader->height > height ? reader->height : height;
        entries_push(&reader->entries, entry);
    }
    list->origin = origin_of(reader, span_of(reader, start, reader->event.end_mark));
    entries_to_list(&reader->entries, first, reader->arena, list);
    return leave(reader, anchor, list, height);
}

static bool read_key(struct reader *reader, struct entry *entry)
{
    if (reader->event.type != YAML_SCALAR_EVENT) {
        fail(reader, DIAG_YAML_KEY, "a key is a list, a mapping or an alias", "expected a string");
        return false;
    }
    size_t length = reader->event.data.scalar.length;
    const char *text = (const char *)reader->event.data.scalar.value;
    bool plain = reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if ((length == 0 && plain) || memchr(text, '\0', length)) {
        fail(reader, DIAG_YAML_KEY, length ? "a key holds the character NUL" : "an entry has no key", "");
        return false;
    }
    struct span span = event_span(reader);
    entry->key = arena_copy(reader->arena, text, length);
    entry->key_start = span.start;
    entry->key_end = span.end;
    entry->key_origin = origin_of(reader, span);
    return true;
}

/* The entries of a merged mapping, except for keys that are there already. */
static bool merge_fields(struct reader *reader, struct map *seen, const struct value *from)
{
    if (from->kind != VALUE_RECORD) {
        fail(reader, DIAG_YAML_KEY, "`<<` takes a mapping or a list of mappings", "");
        return false;
    }
    for (size_t i = 0; i < from->field_count; i++) {
        const struct field *field = &from->fields[i];
        struct entry entry = {.key = field->key, .key_origin = field->key_origin, .value = field->value};
        if (!map_set(seen, field->key, reader))
            entries_push(&reader->entries, entry);
    }
    return true;
}

static bool merge(struct reader *reader, size_t first, const struct value *from)
{
    struct arena *arena = arena_new();
    struct map *seen = map_new(arena);
    for (size_t i = first; i < reader->entries.count; i++)
        map_set(seen, reader->entries.items[i].key, reader);
    bool good = from->kind == VALUE_LIST || merge_fields(reader, seen, from);
    for (size_t i = 0; good && from->kind == VALUE_LIST && i < from->count; i++)
        good = merge_fields(reader, seen, from->items[i]);
    arena_free(arena);
    return good;
}

static bool keys_differ(struct reader *reader, size_t first)
{
    const struct entry *before, *again;
    if (!entries_find_duplicate(&reader->entries, first, &before, &again))
        return true;
    uint32_t id = reader->source->id;
    const char *message = arena_printf(reader->arena, "the key `%s` stands twice in one mapping", again->key);
    struct diag *diag =
        report(reader, DIAG_YAML_DUPLICATE_KEY, (struct span){id, again->key_start, again->key_end}, message);
    if (diag) {
        diag_label(diag, "second");
        diag_secondary(diag, (struct span){id, before->key_start, before->key_end}, "first");
    }
    return false;
}

static bool is_merge_key(const struct reader *reader)
{
    return reader->event.type == YAML_SCALAR_EVENT &&
           reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           strcmp((const char *)reader->event.data.scalar.value, "<<") == 0;
}

/* Key and value at the current event. A merge's value is left in `*merged` instead of an entry. */
static bool read_entry(struct reader *reader, const struct value **merged)
{
    bool merges = is_merge_key(reader);
    struct entry entry = {0};
    if (!read_key(reader, &entry) || !advance(reader))
        return false;
    entry.value = read_node(reader);
    if (!entry.value)
        return false;
    if (merges && !*merged)
        *merged = entry.value;
    else
        entries_push(&reader->entries, entry);
    return true;
}

static const struct value *read_mapping(struct reader *reader)
{
    const char *tag = (const char *)reader->event.data.mapping_start.tag;
    if (tag && !tag_is(tag, "map") && strcmp(tag, "!") != 0)
        return refuse_tag(reader, tag);
    struct anchor *anchor = begin_anchor(reader, reader->event.data.mapping_start.anchor);
    struct value *record = new_value(reader, VALUE_RECORD, span_none);
    if (!record || !check_depth(reader, ++reader->depth))
        return NULL;
    yaml_mark_t start = reader->event.start_mark;
    const struct value *merged = NULL;
    size_t first = reader->entries.count, height = 0;
    for (;;) {
        if (!advance(reader))
            return NULL;
        if (reader->event.type == YAML_MAPPING_END_EVENT)
            break;
        if (!read_entry(reader, &merged))
            return NULL;
        height = reader->height > height ? reader->height : height;
    }
    record->origin = origin_of(reader, span_of(reader, start, reader->event.end_mark));
    if (!keys_differ(reader, first) || (merged && !merge(reader, first, merged)))
        return NULL;
    entries_to_record(&reader->entries, first, reader->arena, record);
    return leave(reader, anchor, record, height);
}

static const struct value *read_node(struct reader *reader)
{
    switch (reader->event.type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reader);
    case YAML_ALIAS_EVENT:
        return read_alias(reader);
    case YAML_SEQUENCE_START_EVENT:
        return read_sequence(reader);
    case YAML_MAPPING_START_EVENT:
        return read_mapping(reader);
    default:
        return fail(reader, DIAG_YAML_SYNTAX, "expected a value", "");
    }
}

/* True for the value of a document without content. */
static bool is_empty_document(const struct reader *reader)
{
    return reader->event.type == YAML_SCALAR_EVENT && reader->event.data.scalar.length == 0 &&
           reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !reader->event.data.scalar.tag;
}

static bool read_stream(struct reader *reader, struct vec *documents)
{
    for (;;) {
        if (!advance(reader))
            return false;
        if (reader->event.type == YAML_STREAM_END_EVENT)
            return true;
        if (reader->event.type != YAML_DOCUMENT_START_EVENT)
            continue;
        reader->anchors = map_new(reader->arena);
        if (!advance(reader))
            return false;
        if (is_empty_document(reader))
            continue;
        const struct value *value = read_node(reader);
        if (!value)
            return false;
        vec_push(documents, (void *)value);
    }
}

static bool check_encoding(const struct source *source, struct diag_sink *diags)
{
    size_t bad;
    if (text_is_utf8(source->text, source->length, &bad))
        return true;
    struct span span = {source->id, (uint32_t)bad, (uint32_t)bad + 1};
    if (diags)
        diag_report(diags, DIAG_TEXT_ENCODING, span, "the text is not UTF-8: byte 0x%02x does not fit here",
                    (unsigned char)source->text[bad]);
    return false;
}

bool yaml_read(struct arena *arena, const struct source *source, struct yaml_limits limits,
               struct origin_table *origins, struct diag_sink *diags, struct vec *documents)
{
    if (!check_encoding(source, diags))
        return false;
    struct reader reader = {.arena = arena, .source = source, .origins = origins, .diags = diags};
    reader.depth_limit = limits.depth ? limits.depth : DEFAULT_DEPTH;
    if (reader.depth_limit > MOST_DEPTH)
        reader.depth_limit = MOST_DEPTH;
    reader.node_limit = limits.nodes ? limits.nodes : DEFAULT_NODES;
    if (!yaml_parser_initialize(&reader.parser)) {
        report(&reader, DIAG_YAML_LIMIT, (struct span){source->id, 0, 0}, "out of memory");
        return false;
    }
    reader.places = yaml_places_of(source);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)source->text + reader.places.base,
                                 source->length - reader.places.base);
    bool good = read_stream(&reader, documents);
    if (reader.has_event)
        yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    entries_free(&reader.entries);
    yaml_places_free(&reader.places);
    return good;
}
