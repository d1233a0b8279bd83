#ifndef MLC_RUNTIME_DATA_REPORT_H
#define MLC_RUNTIME_DATA_REPORT_H

/* Results for people and programs. Text is safe for terminals (control characters are escaped), JSON is
 * strict (numbers that are not finite are null with a reason), XML and HTML are escaped whatever the data
 * holds. Rows are counted from 1 for people, and from 0 in `row_index` of JSON. */

#include "core/buf.h"
#include "runtime/data/check_run.h"
#include "runtime/data/drift_run.h"
#include "runtime/data/profile.h"

struct report_style {
    bool color;
    size_t width;   /* columns of the terminal; 0: no limit */
    size_t samples; /* failing rows shown of each check; 0: 5 */
};

void report_check_text(struct buf *out, const char *data, const struct check_report *report,
                       struct report_style style);
void report_drift_text(struct buf *out, const char *reference, const char *current,
                       const struct drift_report *report, struct report_style style);
void report_profile_text(struct buf *out, const char *data, const struct profile *profile,
                         struct report_style style);

const struct value *report_check_value(struct arena *arena, const char *data,
                                       const struct check_report *report);
const struct value *report_drift_value(struct arena *arena, const char *reference, const char *current,
                                       const struct drift_report *report);

void report_check_junit(struct buf *out, const char *suite, const struct check_report *report);

/* One page with what is there; NULL parts are left out. */
struct report_page {
    const char *title;
    const char *data; /* names, as shown */
    const char *reference;
    const struct check_report *checks;
    const struct drift_report *drift;
    const struct profile *profile;
};
void report_html(struct buf *out, const struct report_page *page);

/* Characters that steer a terminal, end a line or turn the direction of the text around them. They are shown
 * as \x1b or \u202e. */
bool report_is_hidden(uint32_t point);
void report_hidden(struct buf *out, uint32_t point);
/* Appends text for XML and HTML: escaped, hidden characters (but tabs and line ends) shown, ill-formed UTF-8
 * as U+FFFD. */
void report_escape(struct buf *out, const char *text, size_t length);
/* A number for people: up to six digits, thousands separated in whole numbers. */
void report_number(struct buf *out, double number);
/* "1 row", "2,000 rows"; the word's plural ends with s. */
void report_count(struct buf *out, uint64_t count, const char *word);
/* Puts bins together so that at most `limit` remain, each of equally many; fewer in the last one are scaled
 * up, so that heights compare. How many remain. */
size_t report_regroup(const double *counts, size_t bins, double *out, size_t limit);
/* What the reader noticed of one kind, in one line; false (and nothing) when there was none. */
bool report_input(struct buf *out, const struct table_findings *findings, enum table_finding_kind kind);
/* What a check found, in one line: "112,638 of 4,899,734 rows (2.30%)", the observed value, the error;
 * estimates are called so. */
void report_finding(struct buf *out, const struct check_result *result);

#endif
