#ifndef MLC_CORE_DIAG_SNIPPET_H
#define MLC_CORE_DIAG_SNIPPET_H

/* One line of a source with a mark under a part of it, for diag_print.c. What a hostile source could do to a
 * terminal (control characters, changes of direction) is shown as U+FFFD; tabs become spaces; a line that is
 * too wide is cut around the mark. */

#include "core/buf.h"
#include "core/span.h"

struct snippet {
    struct buf text;   /* the line as shown */
    size_t mark;       /* column of the mark, from 0 */
    size_t mark_width; /* at least 1 */
    bool runs_on;      /* the span goes on in later lines */
};

/* `width` columns are there. Free the text with buf_free. */
struct snippet snippet_make(const struct source *source, struct span span, size_t width);

/* Appends text that may come from a source: control characters are shown as U+FFFD, "\n" stays. */
void snippet_add_clean(struct buf *out, const char *text, size_t length);

#endif
