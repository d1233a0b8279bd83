#ifndef MLC_CORE_DIAG_H
#define MLC_CORE_DIAG_H

/* Diagnostics are data: a permanent code from one catalogue (core/catalogue/), a message, up to three
 * labelled places, notes, a help line and edits that mend it. Passes report into a sink and go on; the
 * printers in diag_print.h turn the list into text, JSON or SARIF. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/origin.h"
#include "core/span.h"

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

/* Codes are made from the rows of the catalogue: DIAG_ROW(NAME, number, severity, title, page). */
enum diag_code {
#define DIAG_ROW(name, number, severity, title, page) DIAG_##name = number,
#include "core/catalogue/catalogue.def"
#undef DIAG_ROW
    DIAG_CODE_LIMIT = 10000
};

struct diag_info {
    enum diag_code code;
    const char *id; /* "MLC0204" */
    enum diag_severity severity;
    const char *title; /* one line, for lists */
    const char *page;  /* what `mlc explain` prints: Markdown */
};

/* The row of a code, or of an id such as "MLC0204"; NULL when there is none. */
const struct diag_info *diag_info(enum diag_code code);
const struct diag_info *diag_info_by_id(const char *id);

/* All rows, in order of code. */
const struct diag_info *diag_catalogue(size_t *count);

struct diag_label {
    struct span span;
    const char *text; /* may be "" */
};

/* One replacement of text; several make one fix. */
struct diag_edit {
    struct span span;
    const char *replacement;
};

struct diag {
    enum diag_code code;
    enum diag_severity severity;
    const char *message;
    struct diag_label primary;
    struct diag_label secondary[2];
    size_t secondary_count;
    const char *notes[4];
    size_t note_count;
    const char *help; /* NULL when there is none */
    struct diag_edit *edits;
    size_t edit_count;
    bool concealed;        /* the line in question is not shown: it may hold a secret */
    bool fix_is_safe;      /* `mlc fix` may apply the edits without asking */
    struct span *expanded; /* template places behind the user's line, innermost first */
    size_t expanded_count;
};

struct diag_sink;

/* Keeps at most `limit` errors, as many warnings and as many notes (0: 100); the rest are counted. */
struct diag_sink *diag_sink_new(struct arena *arena, size_t limit);

/* Reports with the catalogue's severity. Never NULL: over the limit the result is kept out of the list.
 * An equal report (code, place, message) is given only once. */
struct diag *diag_report(struct diag_sink *sink, enum diag_code code, struct span span, const char *format,
                         ...) __attribute__((format(printf, 4, 5)));

/* Reports at an origin: the user's span leads, the template's places become "expanded from". */
struct diag *diag_report_at(struct diag_sink *sink, enum diag_code code, const struct origin_table *origins,
                            const struct source_set *sources, origin where, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* What stands under the caret: what was found, what was expected. */
void diag_label(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A second (and third) place; further ones are dropped. */
void diag_secondary(struct diag *diag, struct span span, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_note(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_help(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds an edit to the fix. */
void diag_fix(struct diag *diag, struct span span, bool safe, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

size_t diag_count(const struct diag_sink *sink);
size_t diag_error_count(const struct diag_sink *sink);
size_t diag_dropped(const struct diag_sink *sink);
/* In order of report; diag_sort puts them in order of source and offset. */
const struct diag *diag_at(const struct diag_sink *sink, size_t index);
void diag_sort(struct diag_sink *sink);

#endif
