#include "runtime/data/report_html.h"

#include <math.h>
#include <string.h>
#include "core/text.h"

/* One self-contained page: no scripts, no fonts, nothing from elsewhere; a policy in its head forbids both.
 */

enum { NAME_LIMIT = 300 };

void html_cut(struct buf *out, const char *text, size_t length, size_t limit)
{
    size_t at = 0, points = 0;
    while (at < length && points++ < limit)
        text_next_code_point(text, length, &at);
    buf_add_str(out, "<bdi>");
    report_escape(out, text, at);
    buf_add_str(out, at < length ? "…</bdi>" : "</bdi>");
}

void html_text(struct buf *out, const char *text)
{
    html_cut(out, text, strlen(text), NAME_LIMIT);
}

void html_number(struct buf *out, double number)
{
    struct buf shown = {0};
    report_number(&shown, number);
    report_escape(out, buf_str(&shown), shown.length);
    buf_free(&shown);
}

/* Never "0%" for something, nor "100%" for not quite all. */
void html_percent(struct buf *out, double share)
{
    double percent = 100 * share;
    if (percent > 0 && percent < 0.01)
        buf_add_str(out, "&lt;0.01%");
    else if (percent < 100 && percent > 99.99)
        buf_add_str(out, "&gt;99.99%");
    else if (percent == floor(percent))
        buf_printf(out, "%.0f%%", percent);
    else
        buf_printf(out, percent < 10 ? "%.2f%%" : "%.1f%%", percent);
}

void html_tile(struct buf *out, double number, const char *label, const char *class)
{
    buf_printf(out, "<div class=\"%s\"><b>", number > 0 ? class : "");
    html_number(out, number);
    buf_printf(out, "</b>%s</div>", label);
}

void html_findings(struct buf *out, const struct table_findings *findings)
{
    for (unsigned kind = 0; kind < FINDING_KINDS; kind++) {
        struct buf line = {0};
        if (!report_input(&line, findings, (enum table_finding_kind)kind))
            continue;
        buf_add_str(out, "<p class=\"item warn\"><span class=\"word\">▲ input</span> ");
        html_cut(out, buf_str(&line), line.length, NAME_LIMIT);
        buf_add_str(out, "</p>\n");
        buf_free(&line);
    }
}

void report_html(struct buf *out, const struct report_page *page)
{
    buf_add_str(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n<title>");
    report_escape(out, page->title, strlen(page->title));
    buf_printf(out, "</title>\n<style>%s</style></head>\n<body>%s<h1>", html_style, html_defs);
    html_text(out, page->title);
    buf_add_str(out, "</h1><p class=\"dim\">");
    if (page->reference) {
        html_text(out, page->reference);
        buf_add_str(out, " → ");
    }
    html_text(out, page->data);
    buf_add_str(out, "</p>\n");
    if (page->checks)
        html_checks(out, page->checks);
    if (page->drift)
        html_drift(out, page->drift);
    if (page->profile)
        html_profile(out, page->profile);
    buf_add_str(out, "</body></html>\n");
}
