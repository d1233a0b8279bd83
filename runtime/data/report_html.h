#ifndef MLC_DATA_REPORT_HTML_H
#define MLC_DATA_REPORT_HTML_H

/* The pieces of the HTML report. Whatever the data holds goes through html_text or html_cut: escaped,
 * isolated from the direction of the text around it, and of bounded length. */

#include "runtime/data/report.h"

/* The style sheet and the pattern of reference bars. */
extern const char html_style[], html_defs[];

void html_text(struct buf *out, const char *text);
/* At most `limit` code points, then an ellipsis. */
void html_cut(struct buf *out, const char *text, size_t length, size_t limit);
void html_number(struct buf *out, double number);
void html_percent(struct buf *out, double share);
void html_tile(struct buf *out, double number, const char *label, const char *class);

/* The sections of the page. */
void html_checks(struct buf *out, const struct check_report *report);
void html_drift(struct buf *out, const struct drift_report *report);
void html_profile(struct buf *out, const struct profile *profile);

/* What the reader noticed; nothing when that was nothing. */
void html_findings(struct buf *out, const struct table_findings *findings);

/* Both sides over the same bins: bars for numbers, rows for categories. */
void html_bins(struct buf *out, const struct drift_bins *bins);

/* Bars over bins of numbers; `current` may be NULL, then the one side is drawn as the current one. `from` and
 * `to` stand at the ends of the axis. */
void html_bars(struct buf *out, const double *reference, const double *current, size_t bins, const char *from,
               const char *to);

/* The largest categories as rows of bars, the rest as one row; `current` may be NULL. */
void html_categories(struct buf *out, const struct value *const *keys, const double *reference,
                     const double *current, size_t count, double more);

#endif
