#include "core/diag_print.h"

#include <string.h>
#include "core/diag_snippet.h"
#include "core/text.h"

enum { DEFAULT_WIDTH = 100, SHORTEST_WIDTH = 40, MOST_EXPANDED = 6 };

struct printer {
    struct buf *out;
    const struct source_set *sources;
    const struct diag_sink *all;
    bool color;
    size_t width;
    size_t gutter; /* columns of the largest line number that is shown */
};

static const char BOLD[] = "\x1b[1m", BLUE[] = "\x1b[1;34m", RESET[] = "\x1b[0m";

static const char *severity_color(enum diag_severity severity)
{
    static const char *const colors[] = {
        [DIAG_ERROR] = "\x1b[1;31m", [DIAG_WARNING] = "\x1b[1;33m", [DIAG_NOTE] = "\x1b[1;36m"};
    return colors[severity];
}

static const char *severity_name(enum diag_severity severity)
{
    static const char *const names[] = {
        [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"};
    return names[severity];
}

static void paint(struct printer *printer, const char *color)
{
    if (printer->color)
        buf_add_str(printer->out, color);
}

static void add_painted(struct printer *printer, const char *color, const char *text)
{
    paint(printer, color);
    buf_add_str(printer->out, text);
    paint(printer, RESET);
}

static void add_clean(struct printer *printer, const char *text)
{
    snippet_add_clean(printer->out, text, strlen(text));
}

/* Breaks a text at blanks so that each line ends before `printer->width`; the first one begins at `column`,
 * later ones at `indent`. A word that is too long stands alone. */
static void add_wrapped(struct printer *printer, const char *text, size_t column, size_t indent)
{
    while (*text) {
        size_t word = strcspn(text, " \n");
        size_t columns = text_width(text, word);
        if (column > indent && column + columns > printer->width) {
            while (printer->out->length && printer->out->data[printer->out->length - 1] == ' ')
                printer->out->length--;
            buf_add_char(printer->out, '\n');
            buf_add_repeat(printer->out, ' ', indent);
            column = indent;
        }
        snippet_add_clean(printer->out, text, word);
        column += columns;
        text += word;
        if (*text == '\n') {
            buf_add_char(printer->out, '\n');
            buf_add_repeat(printer->out, ' ', indent);
            column = indent;
            text++;
        } else if (*text == ' ') {
            buf_add_char(printer->out, ' ');
            column++;
            text++;
        }
    }
    buf_add_char(printer->out, '\n');
}

static size_t digits_of(uint32_t number)
{
    size_t digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static void widen_gutter(struct printer *printer, struct span span)
{
    const struct source *source = source_of(printer->sources, span.source);
    size_t digits = source ? digits_of(source_position(source, span.start).line) : 0;
    if (digits > printer->gutter)
        printer->gutter = digits;
}

static void print_place(struct printer *printer, const char *arrow, const struct source *source,
                        struct span span)
{
    struct position place = source_position(source, span.start);
    buf_add_repeat(printer->out, ' ', printer->gutter);
    add_painted(printer, BLUE, arrow);
    buf_add_char(printer->out, ' ');
    add_clean(printer, source->path);
    buf_printf(printer->out, ":%u:%u\n", place.line, place.column);
}

/* The margin before a mark or a continued label: as wide as a line number. */
static void print_margin(struct printer *printer)
{
    paint(printer, BLUE);
    buf_add_repeat(printer->out, ' ', printer->gutter + 1);
    buf_add_char(printer->out, '|');
    paint(printer, RESET);
    buf_add_char(printer->out, ' ');
}

/* Breaks a label into lines below its mark, each behind the margin. */
static void print_label_below(struct printer *printer, const char *text, size_t room)
{
    while (*text) {
        size_t take = strlen(text);
        if (text_width(text, take) > room) {
            size_t fits = 0;
            for (size_t at = 0; text[at] && text_width(text, at) <= room; at++)
                if (text[at] == ' ')
                    fits = at;
            take = fits ? fits : strcspn(text, " ");
        }
        print_margin(printer);
        snippet_add_clean(printer->out, text, take);
        buf_add_char(printer->out, '\n');
        text += take;
        text += strspn(text, " ");
    }
}

static void print_mark(struct printer *printer, const struct snippet *snippet, const char *text, char mark,
                       const char *color)
{
    print_margin(printer);
    buf_add_repeat(printer->out, ' ', snippet->mark);
    paint(printer, color);
    buf_add_repeat(printer->out, mark, snippet->mark_width);
    if (snippet->runs_on)
        buf_add_str(printer->out, "…");
    size_t margin = printer->gutter + 3, end = margin + snippet->mark + snippet->mark_width + 1;
    bool fits = end + text_width(text, strlen(text)) <= printer->width && !strchr(text, '\n');
    if (*text && fits) {
        buf_add_char(printer->out, ' ');
        add_clean(printer, text);
    }
    paint(printer, RESET);
    buf_add_char(printer->out, '\n');
    if (!fits)
        print_label_below(printer, text, printer->width > margin + 20 ? printer->width - margin : 20);
}

/* The lines of a span, first and last. */
struct lines {
    uint32_t first, last;
};

static struct lines lines_of(const struct source *source, struct span span)
{
    return (struct lines){source_position(source, span.start).line, source_position(source, span.end).line};
}

/* True if a report says that something on these lines must not be shown. */
static bool is_concealed(const struct printer *printer, const struct source *source, struct span span)
{
    for (size_t i = 0; i < diag_count(printer->all); i++) {
        const struct diag *diag = diag_at(printer->all, i);
        if (!diag->concealed || diag->primary.span.source != span.source)
            continue;
        struct lines hidden = lines_of(source, diag->primary.span), asked = lines_of(source, span);
        if (hidden.first <= asked.last && asked.first <= hidden.last)
            return true;
    }
    return false;
}

static void print_snippet(struct printer *printer, const struct source *source,
                          const struct diag_label *label, char mark, const char *color, bool with_line)
{
    size_t room = printer->width > printer->gutter + 3 ? printer->width - printer->gutter - 3 : 20;
    if (is_concealed(printer, source, label->span)) {
        print_label_below(printer, label->text, room);
        return;
    }
    struct snippet snippet = snippet_make(source, label->span, room);
    if (with_line) {
        paint(printer, BLUE);
        buf_printf(printer->out, "%*u |", (int)printer->gutter,
                   source_position(source, label->span.start).line);
        paint(printer, RESET);
        if (snippet.text.length)
            buf_printf(printer->out, " %s", buf_str(&snippet.text));
        buf_add_char(printer->out, '\n');
    }
    print_mark(printer, &snippet, label->text, mark, color);
    buf_free(&snippet.text);
}

static bool same_line(const struct source *a, struct span x, const struct source *b, struct span y)
{
    return a == b && source_position(a, x.start).line == source_position(b, y.start).line;
}

static void print_labels(struct printer *printer, const struct diag *diag)
{
    const struct source *source = source_of(printer->sources, diag->primary.span.source);
    struct span span = diag->primary.span;
    if (!source)
        return;
    print_place(printer, "-->", source, span);
    print_snippet(printer, source, &diag->primary, '^', severity_color(diag->severity), true);
    for (size_t i = 0; i < diag->secondary_count; i++) {
        const struct diag_label *label = &diag->secondary[i];
        const struct source *other = source_of(printer->sources, label->span.source);
        if (!other)
            continue;
        if (other != source)
            print_place(printer, ":::", other, label->span);
        print_snippet(printer, other, label, '-', BLUE, !same_line(source, span, other, label->span));
        source = other;
        span = label->span;
    }
}

static void print_attached(struct printer *printer, const char *kind, const char *text)
{
    buf_add_repeat(printer->out, ' ', printer->gutter + 1);
    add_painted(printer, BLUE, "=");
    buf_add_char(printer->out, ' ');
    add_painted(printer, BOLD, kind);
    buf_add_str(printer->out, ": ");
    size_t column = printer->gutter + 5 + strlen(kind);
    add_wrapped(printer, text, column, column);
}

static void print_expanded(struct printer *printer, const struct diag *diag)
{
    struct buf line = {0};
    for (size_t i = 0; i < diag->expanded_count && i < MOST_EXPANDED; i++) {
        const struct source *source = source_of(printer->sources, diag->expanded[i].source);
        if (!source)
            continue;
        struct position place = source_position(source, diag->expanded[i].start);
        buf_clear(&line);
        buf_printf(&line, "%s:%u:%u", source->path, place.line, place.column);
        print_attached(printer, "expanded from", buf_str(&line));
    }
    buf_free(&line);
}

/* What a fix does, when the help does not say it already. */
static void describe_edit(struct buf *out, const struct printer *printer, const struct diag_edit *edit)
{
    const struct source *source = source_of(printer->sources, edit->span.source);
    size_t length = source && edit->span.end <= source->length ? edit->span.end - edit->span.start : 0;
    if (length && *edit->replacement)
        buf_printf(out, "replace `%.*s` by `%s`", (int)length, source->text + edit->span.start,
                   edit->replacement);
    else if (length)
        buf_printf(out, "remove `%.*s`", (int)length, source->text + edit->span.start);
    else
        buf_printf(out, "insert `%s`", edit->replacement);
}

static void print_help(struct printer *printer, const struct diag *diag)
{
    struct buf help = {0};
    if (diag->help)
        buf_add_str(&help, diag->help);
    else if (diag->edit_count == 1)
        describe_edit(&help, printer, &diag->edits[0]);
    if (diag->fix_is_safe && diag->edit_count && !strstr(buf_str(&help), "mlc fix"))
        buf_add_str(&help, help.length ? "; `mlc fix` does it" : "`mlc fix` mends it");
    if (help.length)
        print_attached(printer, "help", help.data);
    buf_free(&help);
}

static void print_title(struct printer *printer, const struct diag *diag)
{
    const struct diag_info *info = diag_info(diag->code);
    const char *severity = severity_name(diag->severity);
    paint(printer, severity_color(diag->severity));
    buf_printf(printer->out, "%s[%s]", severity, info ? info->id : "?");
    paint(printer, RESET);
    paint(printer, BOLD);
    buf_add_str(printer->out, ": ");
    add_wrapped(printer, diag->message, strlen(severity) + 11, 2);
    if (printer->color) {
        printer->out->length--; /* the reset belongs before the line's end */
        buf_printf(printer->out, "%s\n", RESET);
    }
}

static void print_one(struct buf *out, const struct diag_sink *all, const struct diag *diag,
                      const struct source_set *sources, struct diag_style style)
{
    size_t width = style.width ? style.width : DEFAULT_WIDTH;
    struct printer printer = {.out = out,
                              .sources = sources,
                              .all = all,
                              .color = style.color,
                              .width = width < SHORTEST_WIDTH ? SHORTEST_WIDTH : width};
    widen_gutter(&printer, diag->primary.span);
    for (size_t i = 0; i < diag->secondary_count; i++)
        widen_gutter(&printer, diag->secondary[i].span);
    print_title(&printer, diag);
    print_labels(&printer, diag);
    for (size_t i = 0; i < diag->note_count; i++)
        print_attached(&printer, "note", diag->notes[i]);
    print_help(&printer, diag);
    print_expanded(&printer, diag);
}

void diag_print_text(struct buf *out, const struct diag_sink *sink, const struct source_set *sources,
                     struct diag_style style)
{
    for (size_t i = 0; i < diag_count(sink); i++) {
        if (i)
            buf_add_char(out, '\n');
        print_one(out, sink, diag_at(sink, i), sources, style);
    }
    size_t dropped = diag_dropped(sink);
    if (dropped)
        buf_printf(out, "\n%zu more diagnostic%s not shown: mend these first\n", dropped,
                   dropped == 1 ? " is" : "s are");
}
