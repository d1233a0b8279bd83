#ifndef MLC_CORE_DIAG_PRINT_H
#define MLC_CORE_DIAG_PRINT_H

/* Prints diagnostics: as text with carets for people, as JSON lines or SARIF 2.1.0 for programs. */

#include <stdbool.h>
#include "core/buf.h"
#include "core/diag.h"
#include "core/span.h"

struct diag_style {
    bool color;
    size_t width; /* columns of the terminal; 0: 100 */
};

void diag_print_text(struct buf *out, const struct diag_sink *sink, const struct source_set *sources,
                     struct diag_style style);

/* {"version": 1, "diagnostics": […]}: code, severity, message, spans with line and column, notes, help, fix.
 */
void diag_print_json(struct buf *out, const struct diag_sink *sink, const struct source_set *sources);
void diag_print_sarif(struct buf *out, const struct diag_sink *sink, const struct source_set *sources,
                      const char *tool_version);

#endif
