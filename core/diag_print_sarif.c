/* SARIF 2.1.0 (OASIS): https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Rules are the codes
 * that the results use; columns count code points, as everywhere in mlc. */
#include <string.h>
#include "core/diag_print.h"
#include "core/documents/json.h"
#include "core/map.h"
#include "core/text.h"
#include "core/value.h"

struct log {
    struct arena *arena;
    const struct source_set *sources;
    struct list_builder rules;
    struct map *rule_index; /* id -> index + 1 */
};

static const struct value *text_value(struct log *log, const char *text)
{
    return value_string(log->arena, text, 0);
}

static const struct value *int_value(struct log *log, int64_t integer)
{
    return value_int(log->arena, integer, 0);
}

static const struct value *one_field(struct log *log, const char *key, const struct value *value)
{
    struct record_builder record = record_begin(log->arena);
    record_set(&record, key, value);
    return record_end(&record, 0);
}

static const struct value *message(struct log *log, const char *text)
{
    return one_field(log, "text", text_value(log, text));
}

static const char *level_of(enum diag_severity severity)
{
    static const char *const levels[] = {
        [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"};
    return levels[severity];
}

/* A path as a URI reference (RFC 3986): what is not unreserved or "/" is percent-encoded. */
static const struct value *uri_value(struct log *log, const char *path)
{
    struct buf uri = {0};
    if (path[0] == '/')
        buf_add_str(&uri, "file://");
    for (const char *at = path; *at; at++) {
        unsigned char c = (unsigned char)*at;
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~/", c);
        buf_printf(&uri, plain ? "%c" : "%%%02X", c);
    }
    const struct value *value = text_value(log, buf_str(&uri));
    buf_free(&uri);
    return value;
}

static const struct value *region(struct log *log, const struct source *source, struct span span)
{
    struct position start = source_position(source, span.start), end = source_position(source, span.end);
    struct record_builder record = record_begin(log->arena);
    record_set(&record, "startLine", int_value(log, start.line));
    record_set(&record, "startColumn", int_value(log, start.column));
    record_set(&record, "endLine", int_value(log, end.line));
    record_set(&record, "endColumn", int_value(log, end.column));
    return record_end(&record, 0);
}

static const struct value *artifact(struct log *log, const struct source *source)
{
    return one_field(log, "uri", uri_value(log, source->path));
}

static const struct value *location(struct log *log, struct span span, const char *text, int64_t id)
{
    const struct source *source = source_of(log->sources, span.source);
    struct record_builder physical = record_begin(log->arena);
    record_set(&physical, "artifactLocation", artifact(log, source));
    record_set(&physical, "region", region(log, source, span));
    struct record_builder record = record_begin(log->arena);
    if (id)
        record_set(&record, "id", int_value(log, id));
    record_set(&record, "physicalLocation", record_end(&physical, 0));
    if (text && *text)
        record_set(&record, "message", message(log, text));
    return record_end(&record, 0);
}

static const struct value *related_locations(struct log *log, const struct diag *diag)
{
    struct list_builder list = list_begin(log->arena);
    for (size_t i = 0; i < diag->secondary_count; i++)
        if (source_of(log->sources, diag->secondary[i].span.source))
            list_add(&list, location(log, diag->secondary[i].span, diag->secondary[i].text,
                                     (int64_t)list.count + 1));
    for (size_t i = 0; i < diag->expanded_count; i++)
        if (source_of(log->sources, diag->expanded[i].source))
            list_add(&list, location(log, diag->expanded[i], "expanded from here", (int64_t)list.count + 1));
    return list.count ? list_end(&list, 0) : NULL;
}

static const struct value *replacement(struct log *log, const struct diag_edit *edit,
                                       const struct source *source)
{
    struct record_builder record = record_begin(log->arena);
    record_set(&record, "deletedRegion", region(log, source, edit->span));
    record_set(&record, "insertedContent", message(log, edit->replacement));
    return record_end(&record, 0);
}

/* All edits of one file make one artifactChange. */
static const struct value *change_of(struct log *log, const struct diag *diag, uint32_t id)
{
    const struct source *source = source_of(log->sources, id);
    struct list_builder replacements = list_begin(log->arena);
    for (size_t i = 0; i < diag->edit_count; i++)
        if (diag->edits[i].span.source == id)
            list_add(&replacements, replacement(log, &diag->edits[i], source));
    struct record_builder record = record_begin(log->arena);
    record_set(&record, "artifactLocation", artifact(log, source));
    record_set(&record, "replacements", list_end(&replacements, 0));
    return record_end(&record, 0);
}

static const struct value *fixes(struct log *log, const struct diag *diag)
{
    struct list_builder changes = list_begin(log->arena);
    for (size_t i = 0; i < diag->edit_count; i++) {
        bool first = source_of(log->sources, diag->edits[i].span.source) != NULL;
        for (size_t j = 0; j < i; j++)
            first = first && diag->edits[j].span.source != diag->edits[i].span.source;
        if (first)
            list_add(&changes, change_of(log, diag, diag->edits[i].span.source));
    }
    if (!changes.count)
        return NULL;
    struct record_builder fix = record_begin(log->arena);
    record_set(&fix, "description", message(log, diag->help ? diag->help : "Apply the edits."));
    record_set(&fix, "artifactChanges", list_end(&changes, 0));
    const struct value *one = record_end(&fix, 0);
    return value_list(log->arena, &one, 1, 0);
}

/* A sentence as SARIF asks for: a capital letter in front unless code stands there, and a full stop. */
static void add_sentence(struct buf *out, const char *text)
{
    size_t at = out->length, length = strlen(text);
    buf_add(out, text, length);
    if (out->data[at] >= 'a' && out->data[at] <= 'z')
        out->data[at] = (char)(out->data[at] - 'a' + 'A');
    if (length && !strchr(".!?", text[length - 1]))
        buf_add_char(out, '.');
}

static const struct value *message_of(struct log *log, const struct diag *diag)
{
    struct buf text = {0};
    add_sentence(&text, diag->message);
    if (diag->primary.text && *diag->primary.text) {
        buf_add_char(&text, ' ');
        add_sentence(&text, diag->primary.text);
    }
    for (size_t i = 0; i < diag->note_count; i++) {
        buf_add_char(&text, ' ');
        add_sentence(&text, diag->notes[i]);
    }
    if (diag->help) {
        buf_add_str(&text, " Help: ");
        add_sentence(&text, diag->help);
    }
    const struct value *value = message(log, buf_str(&text));
    buf_free(&text);
    return value;
}

static const struct value *rule_of(struct log *log, const struct diag_info *info)
{
    struct buf title = {0};
    add_sentence(&title, info->title);
    struct record_builder help = record_begin(log->arena);
    record_set(&help, "text", text_value(log, info->page));
    record_set(&help, "markdown", text_value(log, info->page));
    struct record_builder rule = record_begin(log->arena);
    record_set(&rule, "id", text_value(log, info->id));
    record_set(&rule, "shortDescription", message(log, buf_str(&title)));
    record_set(&rule, "fullDescription", message(log, buf_str(&title)));
    record_set(&rule, "help", record_end(&help, 0));
    record_set(&rule, "defaultConfiguration",
               one_field(log, "level", text_value(log, level_of(info->severity))));
    buf_free(&title);
    return record_end(&rule, 0);
}

/* The index of the rule of a code among the rules used; adds it on first use. */
static int64_t rule_index(struct log *log, const struct diag_info *info)
{
    size_t index = (size_t)(uintptr_t)map_get(log->rule_index, info->id);
    if (!index) {
        list_add(&log->rules, rule_of(log, info));
        index = log->rules.count;
        map_set(log->rule_index, info->id, (void *)(uintptr_t)index);
    }
    return (int64_t)index - 1;
}

static void set_if(struct record_builder *record, const char *key, const struct value *value)
{
    if (value)
        record_set(record, key, value);
}

static const struct value *result_of(struct log *log, const struct diag *diag)
{
    struct record_builder result = record_begin(log->arena);
    const struct diag_info *info = diag_info(diag->code);
    if (info) {
        record_set(&result, "ruleId", text_value(log, info->id));
        record_set(&result, "ruleIndex", int_value(log, rule_index(log, info)));
    }
    record_set(&result, "level", text_value(log, level_of(diag->severity)));
    record_set(&result, "message", message_of(log, diag));
    if (source_of(log->sources, diag->primary.span.source)) {
        const struct value *place = location(log, diag->primary.span, NULL, 0);
        record_set(&result, "locations", value_list(log->arena, &place, 1, 0));
    }
    set_if(&result, "relatedLocations", related_locations(log, diag));
    set_if(&result, "fixes", fixes(log, diag));
    return record_end(&result, 0);
}

static const struct value *tool_of(struct log *log, const char *version)
{
    struct record_builder driver = record_begin(log->arena);
    record_set(&driver, "name", text_value(log, "mlc"));
    record_set(&driver, "version", text_value(log, version));
    record_set(&driver, "semanticVersion", text_value(log, version));
    record_set(&driver, "informationUri", text_value(log, "https://mlc.dev"));
    record_set(&driver, "rules", list_end(&log->rules, 0));
    return one_field(log, "driver", record_end(&driver, 0));
}

void diag_print_sarif(struct buf *out, const struct diag_sink *sink, const struct source_set *sources,
                      const char *tool_version)
{
    struct arena *arena = arena_new();
    struct log log = {
        .arena = arena, .sources = sources, .rules = list_begin(arena), .rule_index = map_new(arena)};
    struct list_builder results = list_begin(arena);
    for (size_t i = 0; i < diag_count(sink); i++)
        list_add(&results, result_of(&log, diag_at(sink, i)));
    struct record_builder run = record_begin(arena);
    record_set(&run, "tool", tool_of(&log, tool_version));
    record_set(&run, "columnKind", text_value(&log, "unicodeCodePoints"));
    record_set(&run, "results", list_end(&results, 0));
    const struct value *one = record_end(&run, 0);
    struct record_builder file = record_begin(arena);
    record_set(&file, "$schema", text_value(&log, "https://json.schemastore.org/sarif-2.1.0.json"));
    record_set(&file, "version", text_value(&log, "2.1.0"));
    record_set(&file, "runs", value_list(arena, &one, 1, 0));
    json_write(out, record_end(&file, 0), (struct json_style){.layout = JSON_PRETTY}, NULL);
    buf_add_char(out, '\n');
    arena_free(arena);
}
