#include <string.h>
#include "core/diag_print.h"
#include "core/documents/json.h"
#include "core/value.h"

/* Values without origins: what follows makes a document from diagnostics, not from a spec. */
static const struct value *text_value(struct arena *arena, const char *text)
{
    return value_string(arena, text, 0);
}

static const struct value *position_value(struct arena *arena, const struct source *source, uint32_t offset)
{
    struct position place = source_position(source, offset);
    struct record_builder record = record_begin(arena);
    record_set(&record, "line", value_int(arena, place.line, 0));
    record_set(&record, "column", value_int(arena, place.column, 0));
    record_set(&record, "offset", value_int(arena, offset, 0));
    return record_end(&record, 0);
}

/* Adds path, start and end of a span; nothing for a span of no source. */
static void add_place(struct record_builder *record, const struct source_set *sources, struct span span)
{
    const struct source *source = source_of(sources, span.source);
    if (!source)
        return;
    record_set(record, "path", text_value(record->arena, source->path));
    record_set(record, "start", position_value(record->arena, source, span.start));
    record_set(record, "end", position_value(record->arena, source, span.end));
}

static void add_label(struct list_builder *spans, const struct source_set *sources,
                      const struct diag_label *label, bool primary)
{
    if (!source_of(sources, label->span.source))
        return;
    struct record_builder record = record_begin(spans->arena);
    record_set(&record, "primary", value_bool(spans->arena, primary, 0));
    add_place(&record, sources, label->span);
    record_set(&record, "label", text_value(spans->arena, label->text));
    list_add(spans, record_end(&record, 0));
}

static const struct value *spans_value(struct arena *arena, const struct diag *diag,
                                       const struct source_set *sources)
{
    struct list_builder spans = list_begin(arena);
    add_label(&spans, sources, &diag->primary, true);
    for (size_t i = 0; i < diag->secondary_count; i++)
        add_label(&spans, sources, &diag->secondary[i], false);
    return list_end(&spans, 0);
}

static const struct value *expanded_value(struct arena *arena, const struct diag *diag,
                                          const struct source_set *sources)
{
    struct list_builder places = list_begin(arena);
    for (size_t i = 0; i < diag->expanded_count; i++) {
        struct record_builder record = record_begin(arena);
        add_place(&record, sources, diag->expanded[i]);
        list_add(&places, record_end(&record, 0));
    }
    return list_end(&places, 0);
}

static const struct value *fix_value(struct arena *arena, const struct diag *diag,
                                     const struct source_set *sources)
{
    if (!diag->edit_count)
        return value_null(arena, 0);
    struct list_builder edits = list_begin(arena);
    for (size_t i = 0; i < diag->edit_count; i++) {
        struct record_builder record = record_begin(arena);
        add_place(&record, sources, diag->edits[i].span);
        record_set(&record, "replacement", text_value(arena, diag->edits[i].replacement));
        list_add(&edits, record_end(&record, 0));
    }
    struct record_builder fix = record_begin(arena);
    record_set(&fix, "safe", value_bool(arena, diag->fix_is_safe, 0));
    record_set(&fix, "edits", list_end(&edits, 0));
    return record_end(&fix, 0);
}

static const struct value *diag_value(struct arena *arena, const struct diag *diag,
                                      const struct source_set *sources)
{
    static const char *const severities[] = {
        [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"};
    const struct diag_info *info = diag_info(diag->code);
    struct list_builder notes = list_begin(arena);
    for (size_t i = 0; i < diag->note_count; i++)
        list_add(&notes, text_value(arena, diag->notes[i]));
    struct record_builder record = record_begin(arena);
    record_set(&record, "code", text_value(arena, info ? info->id : ""));
    record_set(&record, "severity", text_value(arena, severities[diag->severity]));
    record_set(&record, "message", text_value(arena, diag->message));
    record_set(&record, "spans", spans_value(arena, diag, sources));
    record_set(&record, "notes", list_end(&notes, 0));
    record_set(&record, "help", diag->help ? text_value(arena, diag->help) : value_null(arena, 0));
    record_set(&record, "fix", fix_value(arena, diag, sources));
    record_set(&record, "expanded_from", expanded_value(arena, diag, sources));
    return record_end(&record, 0);
}

void diag_print_json(struct buf *out, const struct diag_sink *sink, const struct source_set *sources)
{
    struct arena *arena = arena_new();
    struct list_builder diagnostics = list_begin(arena);
    for (size_t i = 0; i < diag_count(sink); i++)
        list_add(&diagnostics, diag_value(arena, diag_at(sink, i), sources));
    struct record_builder record = record_begin(arena);
    record_set(&record, "version", value_int(arena, 1, 0));
    record_set(&record, "diagnostics", list_end(&diagnostics, 0));
    record_set(&record, "dropped", value_int(arena, (int64_t)diag_dropped(sink), 0));
    json_write(out, record_end(&record, 0), (struct json_style){.layout = JSON_PRETTY}, NULL);
    buf_add_char(out, '\n');
    arena_free(arena);
}
