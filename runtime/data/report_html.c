#include <math.h>
#include <string.h>

#include "core/text.h"
#include "runtime/data/report.h"

/* One self-contained page: no scripts, no fonts, nothing from elsewhere; a policy in its head forbids both.
 */

static const char STYLE[] =
    ":root{color-scheme:light dark;--ink:#1c2430;--dim:#5b6675;--paper:#fff;--card:#f6f7f9;--line:#dfe3e8;"
    "--good:#14804a;--bad:#c0262d;--warn:#a15c07;--ref:#8a94a6;--cur:#2f6fde}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ebf0;--dim:#9aa5b5;--paper:#14181f;--card:#1d232c;"
    "--line:#323b48;--good:#4cc38a;--bad:#ff7b72;--warn:#e3a44a;--ref:#6d788a;--cur:#6ea1ff}}"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:72rem;padding:1.25rem;background:var(--paper);"
    "color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    "h1{font-size:1.5rem;margin:.2em 0}h2{font-size:1.15rem;margin:2em 0 .6em}"
    "p{margin:.3em 0;overflow-wrap:anywhere}.dim{color:var(--dim)}"
    ".sum{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0}.sum "
    "div{background:var(--card);border-radius:.5rem;"
    "padding:.5rem .9rem}.sum b{display:block;font-size:1.4rem;font-variant-numeric:tabular-nums}"
    ".item{border:1px solid var(--line);border-left:.3rem solid "
    "var(--good);border-radius:.4rem;padding:.6rem .9rem;"
    "margin:.5rem 0;break-inside:avoid}.item.failed{border-left-color:var(--bad)}"
    ".item.error,.item.warn{border-left-color:var(--warn)}.item.skipped{border-left-color:var(--dim)}"
    ".head{display:flex;flex-wrap:wrap;gap:.2rem 1rem;justify-content:space-between}"
    "code,.name{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em;"
    "overflow-wrap:anywhere}.word{font-weight:600}.passed .word{color:var(--good)}.failed "
    ".word{color:var(--bad)}"
    ".error .word,.warn .word{color:var(--warn)}.skipped .word{color:var(--dim)}"
    "table{border-collapse:collapse;margin:.5rem 0;width:100%;font-size:.9em}"
    "th,td{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid "
    "var(--line);vertical-align:top;"
    "overflow-wrap:anywhere;font-variant-numeric:tabular-nums}th{color:var(--dim);font-weight:600}"
    ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:.8rem}"
    ".grid .item{margin:0}svg{display:block;width:100%;height:auto;margin-top:.4rem}"
    ".bar{height:.5rem;background:var(--line);border-radius:.25rem;overflow:hidden;margin-top:.3rem}"
    ".bar i{display:block;height:100%;background:var(--warn)}details summary{cursor:pointer;color:var(--dim)}"
    ".key{display:inline-block;width:.8em;height:.8em;border-radius:.15em;margin:0 .3em 0 .8em}"
    "@media print{body{max-width:none;padding:0;font-size:11pt}.item,.sum div{border-color:#999}"
    "details{display:block}details>*{display:block}}";

static void text(struct buf *out, const char *string)
{
    report_escape(out, string, strlen(string));
}

static void number(struct buf *out, double value)
{
    struct buf shown = {0};
    report_number(&shown, value);
    report_escape(out, buf_str(&shown), shown.length);
    buf_free(&shown);
}

static void tile(struct buf *out, double value, const char *label)
{
    buf_add_str(out, "<div><b>");
    number(out, value);
    buf_printf(out, "</b>%s</div>", label);
}

/* --- checks --- */

static void samples(struct buf *out, const struct check_result *result)
{
    if (result->sample_count == 0)
        return;
    buf_printf(out, "<details%s><summary>", result->status == CHECK_FAILED ? " open" : "");
    buf_printf(out, "%zu of ", result->sample_count);
    number(out, (double)result->unexpected_count);
    buf_add_str(out, " unexpected rows</summary><table><tr><th>row</th><th>value</th></tr>");
    for (size_t i = 0; i < result->sample_count; i++) {
        struct buf value = {0};
        value_print(&value, result->samples[i].value);
        buf_add_str(out, "<tr><td>");
        number(out, (double)result->samples[i].row + 1);
        buf_add_str(out, "</td><td><code>");
        report_escape(out, buf_str(&value), value.length > 500 ? 500 : value.length);
        buf_add_str(out, "</code></td></tr>");
        buf_free(&value);
    }
    buf_add_str(out, "</table></details>");
}

static void check_item(struct buf *out, struct arena *arena, const struct check_result *result)
{
    static const char *const CLASSES[] = {"passed", "failed", "error", "skipped"};
    static const char *const WORDS[] = {"passed", "failed", "not computed", "skipped"};
    struct buf finding = {0};
    bool mild = result->check->severity == CHECK_WARNING && result->status == CHECK_FAILED;
    report_finding(&finding, result);
    buf_printf(out, "<div class=\"item %s\"><div class=\"head\"><span class=\"name\">",
               mild ? "warn" : CLASSES[result->status]);
    text(out, check_describe(arena, result->check));
    if (result->slice) {
        buf_add_str(out, " [");
        text(out, result->slice);
        buf_add_char(out, ']');
    }
    buf_printf(out, "</span><span class=\"word\">%s</span></div><p class=\"dim\">",
               mild ? "warning" : WORDS[result->status]);
    report_escape(out, buf_str(&finding), finding.length);
    buf_add_str(out, "</p>");
    if (result->counted && result->unexpected_count)
        buf_printf(out, "<div class=\"bar\"><i style=\"width:%.2f%%\"></i></div>",
                   result->unexpected_percent > 100 ? 100.0 : fmax(result->unexpected_percent, 0.5));
    samples(out, result);
    buf_add_str(out, "</div>\n");
    buf_free(&finding);
}

static void checks_section(struct buf *out, const struct check_report *report)
{
    static const enum check_status ORDER[] = {CHECK_FAILED, CHECK_ERROR, CHECK_SKIPPED, CHECK_PASSED};
    struct arena *arena = arena_new();
    size_t counts[4] = {0};
    for (size_t i = 0; i < report->result_count; i++)
        counts[report->results[i].status]++;
    buf_add_str(out, "<h2>Expectations</h2><div class=\"sum\">");
    tile(out, (double)report->rows, "rows");
    tile(out, (double)counts[CHECK_PASSED], "passed");
    tile(out, (double)counts[CHECK_FAILED], "failed");
    tile(out, (double)counts[CHECK_ERROR], "not computed");
    buf_add_str(out, "</div>\n");
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < report->result_count; i++)
            if (report->results[i].status == ORDER[k])
                check_item(out, arena, &report->results[i]);
    arena_free(arena);
}

/* --- plots --- */

enum { PLOT_WIDTH = 360, PLOT_HEIGHT = 110, PLOT_BINS = 40 };

static void bar(struct buf *out, double x, double width, double share, double most, const char *color)
{
    double height = most > 0 ? share / most * PLOT_HEIGHT : 0;
    if (share > 0 && height < 1)
        height = 1;
    if (height > 0)
        buf_printf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"var(--%s)\"/>", x,
                   PLOT_HEIGHT - height, width, height, color);
}

/* Puts many bins together, so that bars stay wide enough to see. */
static size_t regroup(const double *counts, size_t bins, double *out)
{
    size_t groups = bins < PLOT_BINS ? bins : PLOT_BINS;
    memset(out, 0, PLOT_BINS * sizeof *out);
    for (size_t i = 0; i < bins; i++)
        out[i * groups / bins] += counts[i];
    return groups;
}

static double shares(double *counts, size_t bins)
{
    double total = 0, most = 0;
    for (size_t i = 0; i < bins; i++)
        total += counts[i];
    for (size_t i = 0; i < bins; i++) {
        counts[i] = total > 0 ? counts[i] / total : 0;
        most = fmax(most, counts[i]);
    }
    return most;
}

static void label(struct buf *out, const char *anchor, double x, const char *string)
{
    struct buf cut = {0};
    size_t at = 0, points = 0, length = strlen(string);
    while (at < length && points++ < 22)
        text_next_code_point(string, length, &at);
    buf_add(&cut, string, at);
    if (at < length)
        buf_add_str(&cut, "…");
    buf_printf(out, "<text x=\"%.0f\" y=\"%d\" text-anchor=\"%s\" font-size=\"11\" fill=\"var(--dim)\">", x,
               PLOT_HEIGHT + 14, anchor);
    report_escape(out, buf_str(&cut), cut.length);
    buf_add_str(out, "</text>");
    buf_free(&cut);
}

/* Two sides as bars beside each other; `current` may be NULL. */
static void plot(struct buf *out, const double *reference, const double *current, size_t bins,
                 const char *from, const char *to)
{
    double a[PLOT_BINS], b[PLOT_BINS] = {0};
    size_t groups = regroup(reference, bins, a);
    double most = shares(a, groups), slot = (double)PLOT_WIDTH / (double)(groups ? groups : 1);
    if (current) {
        regroup(current, bins, b);
        most = fmax(most, shares(b, groups));
    }
    buf_printf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"distribution\">", PLOT_WIDTH,
               PLOT_HEIGHT + 18);
    for (size_t i = 0; i < groups; i++) {
        double width = slot * 0.9;
        if (current) {
            bar(out, (double)i * slot, width / 2, a[i], most, "ref");
            bar(out, (double)i * slot + width / 2, width / 2, b[i], most, "cur");
        } else {
            bar(out, (double)i * slot, width, a[i], most, "cur");
        }
    }
    label(out, "start", 0, from);
    label(out, "end", PLOT_WIDTH, to);
    buf_add_str(out, "</svg>");
}

static void key_text(struct buf *out, const struct value *key)
{
    if (key->kind == VALUE_STRING)
        buf_add(out, key->text, key->length);
    else
        value_print(out, key);
}

static void bins_plot(struct buf *out, const struct drift_bins *bins)
{
    struct buf from = {0}, to = {0};
    if (bins->edges) {
        report_number(&from, bins->edges[0]);
        report_number(&to, bins->edges[bins->edge_count - 1]);
    } else if (bins->keys && bins->bin_count) {
        key_text(&from, bins->keys[0]);
        key_text(&to, bins->keys[bins->bin_count - 1]);
    }
    plot(out, bins->reference, bins->current, bins->bin_count, buf_str(&from), buf_str(&to));
    buf_free(&from);
    buf_free(&to);
}

/* --- drift --- */

static void null_line(struct buf *out, const struct drift_column *column)
{
    double a =
        column->reference_rows ? 100 * (double)column->reference_nulls / (double)column->reference_rows : 0;
    double b = column->current_rows ? 100 * (double)column->current_nulls / (double)column->current_rows : 0;
    buf_printf(out, "<p class=\"dim\">missing %.2f%% → %.2f%%</p>", a, b);
}

static void drift_item(struct buf *out, const struct drift_column *column)
{
    const char *apart = column->error ? column->error : column->skipped;
    buf_printf(out, "<div class=\"item %s\"><div class=\"head\"><span class=\"name\">",
               column->error     ? "error"
               : column->skipped ? "skipped"
               : column->drifted ? "failed"
                                 : "passed");
    text(out, column->name);
    buf_printf(out, "</span><span class=\"word\">%s</span></div>",
               apart             ? "not compared"
               : column->drifted ? "drifts"
                                 : "steady");
    if (apart) {
        buf_add_str(out, "<p class=\"dim\">");
        text(out, apart);
        buf_add_str(out, "</p></div>\n");
        return;
    }
    for (size_t i = 0; i < column->result_count; i++) {
        const struct drift_result *result = &column->results[i];
        buf_printf(out, "<p>%s ", drift_measure_name(result->measure));
        if (result->error)
            text(out, result->error);
        else
            number(out, result->value);
        if (!result->error && drift_measure_is_test(result->measure))
            buf_printf(out, ", p %.3g", isnan(result->adjusted_p) ? result->p : result->adjusted_p);
        buf_printf(out, " <span class=\"dim\">(threshold %.3g)</span></p>", result->threshold);
    }
    null_line(out, column);
    if (column->histogram.bin_count)
        bins_plot(out, &column->histogram);
    buf_add_str(out, "</div>\n");
}

static void drift_section(struct buf *out, const struct drift_report *report)
{
    buf_add_str(out, "<h2>Drift</h2><div class=\"sum\">");
    tile(out, (double)report->drifted_count, "columns drift");
    tile(out, (double)report->compared_count, "compared");
    buf_add_str(
        out, "</div><p class=\"dim\"><span class=\"key\" style=\"background:var(--ref)\"></span>reference"
             "<span class=\"key\" style=\"background:var(--cur)\"></span>current</p><div class=\"grid\">\n");
    for (int wanted = 1; wanted >= 0; wanted--)
        for (size_t i = 0; i < report->column_count; i++)
            if ((report->columns[i].drifted || report->columns[i].error) == wanted)
                drift_item(out, &report->columns[i]);
    buf_add_str(out, "</div>\n");
}

/* --- profile --- */

static void profile_plot(struct buf *out, const struct profile_column *column)
{
    double counts[256];
    struct buf from = {0}, to = {0};
    size_t bins = 0;
    if (column->has_numbers && column->bins) {
        bins = column->bins < 256 ? column->bins : 256;
        for (size_t i = 0; i < bins; i++)
            counts[i] = (double)column->bin_counts[i];
        cell_print(&from, &column->schema, column->min);
        cell_print(&to, &column->schema, column->max);
    } else if (column->top_count) {
        bins = column->top_count < 20 ? column->top_count : 20;
        for (size_t i = 0; i < bins; i++)
            counts[i] = (double)column->top[i].count;
        cell_print(&from, &column->schema, column->top[0].value);
        cell_print(&to, &column->schema, column->top[bins - 1].value);
    }
    if (bins)
        plot(out, counts, NULL, bins, buf_str(&from), buf_str(&to));
    buf_free(&from);
    buf_free(&to);
}

static void profile_section(struct buf *out, const struct profile *profile)
{
    buf_add_str(out, "<h2>Columns</h2><div class=\"grid\">\n");
    for (size_t i = 0; i < profile->column_count; i++) {
        const struct profile_column *column = &profile->columns[i];
        double nulls = profile->rows ? 100 * (double)column->nulls / (double)profile->rows : 0;
        char type[32];
        buf_add_str(out, "<div class=\"item\"><div class=\"head\"><span class=\"name\">");
        text(out, column->schema.name);
        buf_add_str(out, "</span><span class=\"dim\">");
        text(out, column_type_name(&column->schema, type));
        buf_add_str(out, "</span></div><p class=\"dim\">");
        number(out, (double)column->distinct);
        buf_printf(out, " distinct, %.2f%% missing", nulls);
        if (column->has_numbers) {
            buf_add_str(out, ", mean ");
            number(out, column->mean);
        }
        buf_add_str(out, "</p>");
        if (nulls > 0)
            buf_printf(out, "<div class=\"bar\"><i style=\"width:%.2f%%\"></i></div>", fmax(nulls, 0.5));
        profile_plot(out, column);
        buf_add_str(out, "</div>\n");
    }
    buf_add_str(out, "</div>\n");
}

void report_html(struct buf *out, const struct report_page *page)
{
    buf_add_str(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n<title>");
    text(out, page->title);
    buf_printf(out, "</title>\n<style>%s</style></head>\n<body><h1>", STYLE);
    text(out, page->title);
    buf_add_str(out, "</h1><p class=\"dim\">");
    if (page->reference) {
        text(out, page->reference);
        buf_add_str(out, " → ");
    }
    text(out, page->data);
    buf_add_str(out, "</p>\n");
    if (page->checks)
        checks_section(out, page->checks);
    if (page->drift)
        drift_section(out, page->drift);
    if (page->profile)
        profile_section(out, page->profile);
    buf_add_str(out, "</body></html>\n");
}
