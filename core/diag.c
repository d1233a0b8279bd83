#include "core/diag.h"

#include <string.h>
#include "core/map.h"
#include "core/vec.h"

enum { DEFAULT_LIMIT = 100, MOST_NOTES = 4, MOST_SECONDARY = 2 };

/* The row behind the last one gives the array a size when the catalogue is empty. */
#define DIAG_ROW(name, number, severity_, title_, page_)                                                     \
    {.code = DIAG_##name,                                                                                    \
     .id = (const char[]){'M', 'L', 'C', '0' + (number) / 1000 % 10, '0' + (number) / 100 % 10,              \
                          '0' + (number) / 10 % 10, '0' + (number) % 10, '\0'},                              \
     .severity = severity_,                                                                                  \
     .title = title_,                                                                                        \
     .page = page_},
static const struct diag_info CATALOGUE[] = {
#include "core/catalogue/catalogue.def"
    {.code = DIAG_CODE_LIMIT, .id = "", .title = "", .page = ""},
};
#undef DIAG_ROW
static const size_t CATALOGUE_COUNT = sizeof CATALOGUE / sizeof CATALOGUE[0] - 1;

const struct diag_info *diag_catalogue(size_t *count)
{
    *count = CATALOGUE_COUNT;
    return CATALOGUE;
}

const struct diag_info *diag_info(enum diag_code code)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++)
        if (CATALOGUE[i].code == code)
            return &CATALOGUE[i];
    return NULL;
}

const struct diag_info *diag_info_by_id(const char *id)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++)
        if (strcmp(CATALOGUE[i].id, id) == 0)
            return &CATALOGUE[i];
    return NULL;
}

struct diag_sink {
    struct arena *arena;
    size_t limit;
    size_t counts[3];   /* kept, by severity: warnings never crowd out an error */
    size_t error_count; /* kept and dropped */
    size_t dropped;
    struct vec kept; /* struct entry */
    struct map *seen;
    struct entry *spare; /* what reports that are not kept write into */
};

/* What a struct diag of a sink lies in; `sink` is NULL for one that is not kept. */
struct entry {
    struct diag diag;
    struct diag_sink *sink;
};

static struct diag_sink *sink_of(struct diag *diag)
{
    return ((struct entry *)diag)->sink;
}

struct diag_sink *diag_sink_new(struct arena *arena, size_t limit)
{
    struct diag_sink *sink = arena_alloc(arena, sizeof *sink);
    sink->arena = arena;
    sink->limit = limit ? limit : DEFAULT_LIMIT;
    sink->kept = vec_in(arena);
    sink->seen = map_new(arena);
    sink->spare = arena_alloc(arena, sizeof *sink->spare);
    return sink;
}

static struct diag *spare(struct diag_sink *sink, enum diag_code code, enum diag_severity severity)
{
    *sink->spare = (struct entry){.diag = {.code = code, .severity = severity, .message = ""}};
    return &sink->spare->diag;
}

static bool seen_before(struct diag_sink *sink, enum diag_code code, struct span span, const char *message)
{
    struct arena *arena = sink->arena;
    const char *key =
        arena_printf(arena, "%d:%u:%u:%u:%s", (int)code, span.source, span.start, span.end, message);
    if (map_has(sink->seen, key))
        return true;
    map_set(sink->seen, key, sink);
    return false;
}

static struct diag *report(struct diag_sink *sink, enum diag_code code, struct span span, const char *format,
                           va_list args)
{
    const struct diag_info *info = diag_info(code);
    enum diag_severity severity = info ? info->severity : DIAG_ERROR;
    if (sink->counts[severity] >= sink->limit) {
        sink->dropped++;
        sink->error_count += severity == DIAG_ERROR;
        return spare(sink, code, severity);
    }
    const char *message = arena_vprintf(sink->arena, format, args);
    if (seen_before(sink, code, span, message))
        return spare(sink, code, severity);
    struct entry *entry = arena_alloc(sink->arena, sizeof *entry);
    entry->sink = sink;
    entry->diag.code = code;
    entry->diag.severity = severity;
    entry->diag.message = message;
    entry->diag.primary = (struct diag_label){span, ""};
    sink->counts[severity]++;
    sink->error_count += severity == DIAG_ERROR;
    vec_push(&sink->kept, entry);
    return &entry->diag;
}

struct diag *diag_report(struct diag_sink *sink, enum diag_code code, struct span span, const char *format,
                         ...)
{
    va_list args;
    va_start(args, format);
    struct diag *diag = report(sink, code, span, format, args);
    va_end(args);
    return diag;
}

/* The places of an origin but the leading one, innermost first. */
static void expand(struct diag *diag, const struct origin_table *origins, origin where)
{
    struct diag_sink *sink = sink_of(diag);
    if (!sink)
        return;
    size_t count = 0;
    for (origin at = where; at; at = origin_parent(origins, at))
        count++;
    diag->expanded = arena_array(sink->arena, count, sizeof *diag->expanded);
    struct span lead = diag->primary.span;
    for (origin at = where; at; at = origin_parent(origins, at)) {
        struct span span = origin_span(origins, at);
        bool leads = span.source == lead.source && span.start == lead.start && span.end == lead.end;
        if (!leads && !span_is_none(span))
            diag->expanded[diag->expanded_count++] = span;
    }
}

struct diag *diag_report_at(struct diag_sink *sink, enum diag_code code, const struct origin_table *origins,
                            const struct source_set *sources, origin where, const char *format, ...)
{
    struct span lead = origin_user_span(origins, sources, where);
    if (span_is_none(lead))
        lead = origin_span(origins, where);
    va_list args;
    va_start(args, format);
    struct diag *diag = report(sink, code, lead, format, args);
    va_end(args);
    expand(diag, origins, where);
    return diag;
}

/* Formats into the arena of the sink that keeps `diag`. */
static const char *format_for(struct diag *diag, const char *format, va_list args)
{
    return arena_vprintf(sink_of(diag)->arena, format, args);
}

void diag_label(struct diag *diag, const char *format, ...)
{
    if (!sink_of(diag))
        return;
    va_list args;
    va_start(args, format);
    diag->primary.text = format_for(diag, format, args);
    va_end(args);
}

void diag_secondary(struct diag *diag, struct span span, const char *format, ...)
{
    if (!sink_of(diag) || diag->secondary_count == MOST_SECONDARY || span_is_none(span))
        return;
    va_list args;
    va_start(args, format);
    diag->secondary[diag->secondary_count++] = (struct diag_label){span, format_for(diag, format, args)};
    va_end(args);
}

void diag_note(struct diag *diag, const char *format, ...)
{
    if (!sink_of(diag) || diag->note_count == MOST_NOTES)
        return;
    va_list args;
    va_start(args, format);
    diag->notes[diag->note_count++] = format_for(diag, format, args);
    va_end(args);
}

void diag_help(struct diag *diag, const char *format, ...)
{
    if (!sink_of(diag))
        return;
    va_list args;
    va_start(args, format);
    diag->help = format_for(diag, format, args);
    va_end(args);
}

void diag_fix(struct diag *diag, struct span span, bool safe, const char *format, ...)
{
    struct diag_sink *sink = sink_of(diag);
    if (!sink)
        return;
    struct diag_edit *edits = arena_array(sink->arena, diag->edit_count + 1, sizeof *edits);
    if (diag->edit_count)
        memcpy(edits, diag->edits, diag->edit_count * sizeof *edits);
    va_list args;
    va_start(args, format);
    edits[diag->edit_count] = (struct diag_edit){span, format_for(diag, format, args)};
    va_end(args);
    diag->fix_is_safe = safe && (diag->edit_count == 0 || diag->fix_is_safe);
    diag->edits = edits;
    diag->edit_count++;
}

size_t diag_count(const struct diag_sink *sink)
{
    return sink->kept.count;
}

size_t diag_error_count(const struct diag_sink *sink)
{
    return sink->error_count;
}

size_t diag_dropped(const struct diag_sink *sink)
{
    return sink->dropped;
}

const struct diag *diag_at(const struct diag_sink *sink, size_t index)
{
    return &((const struct entry *)sink->kept.items[index])->diag;
}

static int compare_places(const void *left, const void *right, void *context)
{
    (void)context;
    const struct diag *a = left, *b = right;
    if (a->primary.span.source != b->primary.span.source)
        return a->primary.span.source < b->primary.span.source ? -1 : 1;
    if (a->primary.span.start != b->primary.span.start)
        return a->primary.span.start < b->primary.span.start ? -1 : 1;
    return (a->code > b->code) - (a->code < b->code);
}

void diag_sort(struct diag_sink *sink)
{
    vec_sort(&sink->kept, compare_places, NULL);
}
