#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "runtime/data/report_html.h"

enum { PLOT_WIDTH = 360, PLOT_HEIGHT = 110, PLOT_TOP = 14, PLOT_BINS = 64, ROWS_SHOWN = 8, LABEL_LIMIT = 22 };

/* Counts as shares of their sum; the largest. */
static double to_shares(double *counts, size_t bins)
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

/* All bars of a side as one path: a page of a thousand columns stays small. */
static void add_bars(struct buf *out, const double *shares, size_t bins, double most, double slot,
                     double shift, double width, const char *fill)
{
    buf_printf(out, "<path fill=\"%s\" d=\"", fill);
    for (size_t i = 0; i < bins; i++) {
        double height = most > 0 ? shares[i] / most * PLOT_HEIGHT : 0;
        if (shares[i] > 0)
            buf_printf(out, "M%.1f %dv-%.1fh%.1fv%.1fz", (double)i * slot + shift, PLOT_TOP + PLOT_HEIGHT,
                       fmax(height, 1), width, fmax(height, 1));
    }
    buf_add_str(out, "\"/>");
}

static void add_label(struct buf *out, const char *anchor, double x, double y, const char *text)
{
    size_t length = strlen(text), at = 0, points = 0;
    while (at < length && points++ < LABEL_LIMIT)
        text_next_code_point(text, length, &at);
    buf_printf(out, "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"%s\" font-size=\"12\" fill=\"var(--dim)\">", x,
               y, anchor);
    report_escape(out, text, at);
    buf_add_str(out, at < length ? "…</text>" : "</text>");
}

static void add_scale(struct buf *out, double most)
{
    struct buf top = {0};
    html_percent(&top, most);
    buf_printf(out,
               "<path d=\"M0 %d.5h%d\" stroke=\"var(--line)\" stroke-dasharray=\"2 3\"/>"
               "<path d=\"M0 %d.5h%d\" stroke=\"var(--dim)\"/>"
               "<text x=\"0\" y=\"10\" font-size=\"12\" fill=\"var(--dim)\">%s</text>",
               PLOT_TOP, PLOT_WIDTH, PLOT_TOP + PLOT_HEIGHT, PLOT_WIDTH, buf_str(&top));
    buf_free(&top);
}

void html_bars(struct buf *out, const double *reference, const double *current, size_t bins, const char *from,
               const char *to)
{
    double a[PLOT_BINS], b[PLOT_BINS] = {0};
    size_t groups = report_regroup(reference, bins, a, PLOT_BINS);
    double most = to_shares(a, groups), slot = (double)PLOT_WIDTH / (double)(groups ? groups : 1);
    if (current) {
        report_regroup(current, bins, b, PLOT_BINS);
        most = fmax(most, to_shares(b, groups));
    }
    buf_printf(out, "<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"distribution\">",
               PLOT_WIDTH, PLOT_TOP + PLOT_HEIGHT + 18);
    add_scale(out, most);
    if (current) {
        add_bars(out, a, groups, most, slot, 0, slot * 0.45,
                 "url(#h)\" stroke=\"var(--ref)\" stroke-width=\".7");
        add_bars(out, b, groups, most, slot, slot * 0.45, slot * 0.45, "var(--cur)");
    } else {
        add_bars(out, a, groups, most, slot, 0, slot * 0.92, "var(--cur)");
    }
    add_label(out, "start", 0, PLOT_TOP + PLOT_HEIGHT + 14, from);
    add_label(out, "end", PLOT_WIDTH, PLOT_TOP + PLOT_HEIGHT + 14, to);
    buf_add_str(out, "</svg>");
}

struct category {
    const struct value *key;
    double reference, current;
};

static int by_share(const void *left, const void *right)
{
    const struct category *a = left, *b = right;
    double x = fmax(a->reference, a->current), y = fmax(b->reference, b->current);
    if (x != y)
        return x > y ? -1 : 1;
    return value_compare(a->key, b->key);
}

static void add_category_bar(struct buf *out, const char *class, double share)
{
    buf_printf(out, "<i class=\"%s\" style=\"width:%.1f%%\"></i>", class,
               share > 0 ? fmax(100 * share, 0.8) : 0);
}

/* Bars are drawn to the scale of the longest, `most`. */
static void add_category(struct buf *out, const struct category *category, bool both, double most)
{
    add_category_bar(out, both ? "ref" : "cur", most > 0 ? category->reference / most : 0);
    if (both)
        add_category_bar(out, "cur", most > 0 ? category->current / most : 0);
    buf_add_str(out, "</div><span>");
    html_percent(out, category->reference);
    if (both) {
        buf_add_str(out, " → ");
        html_percent(out, category->current);
    }
    buf_add_str(out, "</span>");
}

static void add_key(struct buf *out, const struct value *key)
{
    struct buf text = {0};
    if (key->kind == VALUE_STRING)
        buf_add(&text, key->text, key->length);
    else
        value_print(&text, key);
    if (text.length == 0) {
        buf_add_str(out, "<em class=\"dim\">empty</em><div>");
    } else {
        buf_add_str(out, "<code>");
        html_cut(out, buf_str(&text), text.length, 60);
        buf_add_str(out, "</code><div>");
    }
    buf_free(&text);
}

void html_categories(struct buf *out, const struct value *const *keys, const double *reference,
                     const double *current, size_t count, double more)
{
    struct category *all = mem_calloc(count + 1, sizeof *all), rest = {0};
    double a = more, b = 0;
    for (size_t i = 0; i < count; i++) {
        all[i] = (struct category){keys[i], reference[i], current ? current[i] : 0};
        a += all[i].reference;
        b += all[i].current;
    }
    for (size_t i = 0; i < count; i++) {
        all[i].reference /= a > 0 ? a : 1;
        all[i].current /= b > 0 ? b : 1;
    }
    qsort(all, count, sizeof *all, by_share);
    size_t shown = count <= ROWS_SHOWN + 1 ? count : ROWS_SHOWN;
    for (size_t i = shown; i < count; i++) {
        rest.reference += all[i].reference;
        rest.current += all[i].current;
    }
    rest.reference += a > 0 ? more / a : 0;
    double most = fmax(rest.reference, rest.current);
    for (size_t i = 0; i < shown; i++)
        most = fmax(most, fmax(all[i].reference, all[i].current));
    buf_add_str(out, "<div class=\"cat\">");
    for (size_t i = 0; i < shown; i++) {
        add_key(out, all[i].key);
        add_category(out, &all[i], current != NULL, most);
    }
    if (shown < count || more > 0) {
        buf_add_str(out, "<em class=\"dim\">others</em><div>");
        add_category(out, &rest, current != NULL, most);
    }
    buf_add_str(out, "</div>");
    free(all);
}

void html_bins(struct buf *out, const struct drift_bins *bins)
{
    struct buf from = {0}, to = {0};
    if (bins->keys) {
        html_categories(out, bins->keys, bins->reference, bins->current, bins->bin_count, 0);
        return;
    }
    if (bins->edges && bins->edge_count) {
        bool open = bins->edge_count <= bins->bin_count; /* tails on both sides */
        buf_add_str(&from, open ? "≤ " : "");
        report_number(&from, bins->edges[0]);
        buf_add_str(&to, open ? "> " : "");
        report_number(&to, bins->edges[bins->edge_count - 1]);
    }
    html_bars(out, bins->reference, bins->current, bins->bin_count, buf_str(&from), buf_str(&to));
    buf_free(&from);
    buf_free(&to);
}
