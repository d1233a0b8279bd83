#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/report_html.h"

enum { ERROR_LIMIT = 400 };

/* How far a result is behind its threshold: above 1 it drifts. */
static double excess(const struct drift_result *result)
{
    if (result->error)
        return 0;
    if (!drift_measure_is_test(result->measure))
        return result->threshold > 0 ? result->value / result->threshold : result->value;
    double p = isnan(result->adjusted_p) ? result->p : result->adjusted_p;
    return p > 0 ? result->threshold / p : INFINITY;
}

struct ranked {
    const struct drift_column *column;
    const struct drift_result *worst; /* NULL: not compared */
    double excess;
    int rank; /* drifts, error, steady, left out */
    size_t place;
};

static struct ranked rank(const struct drift_column *column, size_t place)
{
    struct ranked ranked = {.column = column, .place = place};
    for (size_t i = 0; i < column->result_count; i++) {
        double now = excess(&column->results[i]);
        if (!ranked.worst || now > ranked.excess) {
            ranked.worst = &column->results[i];
            ranked.excess = now;
        }
    }
    ranked.rank = column->error ? 1 : column->skipped ? 3 : column->drifted ? 0 : 2;
    return ranked;
}

static int by_weight(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank - b->rank;
    if (a->excess != b->excess)
        return a->excess > b->excess ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static const struct {
    const char *class, *word;
} ranks[] = {{"bad", "✗ drifts"}, {"warn", "! not compared"}, {"good", "✓ steady"}, {"none", "– left out"}};

static double share_of(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

static void missing(struct buf *out, const struct drift_column *column)
{
    html_percent(out, share_of(column->reference_nulls, column->reference_rows));
    buf_add_str(out, " → ");
    html_percent(out, share_of(column->current_nulls, column->current_rows));
}

static void measured(struct buf *out, const struct drift_result *result)
{
    buf_printf(out, "%s ", drift_measure_name(result->measure));
    if (result->error) {
        html_cut(out, result->error, strlen(result->error), ERROR_LIMIT);
        return;
    }
    html_number(out, result->value);
    if (drift_measure_is_test(result->measure))
        buf_printf(out, ", p %.3g", isnan(result->adjusted_p) ? result->p : result->adjusted_p);
    if (result->approximate)
        buf_add_str(out, " (an estimate)");
}

/* Every column in a line, what matters first. */
static void overview(struct buf *out, const struct ranked *ranked, size_t count)
{
    buf_add_str(out,
                "<table class=\"drift\"><thead><tr><th>column</th><th>verdict</th><th>measure</th><th "
                "class=\"num wide\">threshold</th><th class=\"num wide\">missing</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++) {
        const struct drift_column *column = ranked[i].column;
        buf_printf(out, "<tr class=\"%s\"><td class=\"name\">", ranks[ranked[i].rank].class);
        html_text(out, column->name);
        buf_printf(out, "</td><td class=\"word\">%s</td><td>", ranks[ranked[i].rank].word);
        if (column->error || column->skipped) {
            const char *why = column->error ? column->error : column->skipped;
            html_cut(out, why, strlen(why), ERROR_LIMIT);
        } else if (ranked[i].worst) {
            measured(out, ranked[i].worst);
        }
        buf_add_str(out, "</td><td class=\"num wide\">");
        if (ranked[i].worst && !column->error && !column->skipped)
            buf_printf(out, "%s %.3g", drift_measure_is_test(ranked[i].worst->measure) ? "p" : "",
                       ranked[i].worst->threshold);
        buf_add_str(out, "</td><td class=\"num wide\">");
        if (!column->error)
            missing(out, column);
        buf_add_str(out, "</td></tr>\n");
    }
    buf_add_str(out, "</tbody></table>\n");
}

static void item(struct buf *out, const struct ranked *ranked)
{
    const struct drift_column *column = ranked->column;
    buf_printf(out, "<div class=\"item %s\"><div class=\"head\"><span class=\"name\">",
               ranks[ranked->rank].class);
    html_text(out, column->name);
    buf_printf(out, "</span><span class=\"word\">%s</span></div>", ranks[ranked->rank].word);
    for (size_t i = 0; i < column->result_count; i++) {
        const struct drift_result *result = &column->results[i];
        buf_add_str(out, "<p>");
        measured(out, result);
        if (!result->error)
            buf_printf(out, " <span class=\"dim\">(drifts %s %.3g)</span>",
                       drift_measure_is_test(result->measure) ? "when p is at most" : "from",
                       result->threshold);
        buf_add_str(out, "</p>");
    }
    buf_add_str(out, "<p class=\"dim\">missing ");
    missing(out, column);
    buf_add_str(out, "</p>");
    if (column->histogram.bin_count)
        html_bins(out, &column->histogram);
    buf_add_str(out, "</div>\n");
}

void html_drift(struct buf *out, const struct drift_report *report)
{
    struct ranked *ranked = mem_calloc(report->column_count + 1, sizeof *ranked);
    size_t errors = 0;
    for (size_t i = 0; i < report->column_count; i++) {
        ranked[i] = rank(&report->columns[i], i);
        errors += report->columns[i].error != NULL;
    }
    qsort(ranked, report->column_count, sizeof *ranked, by_weight);
    buf_printf(out, "<h2>Drift</h2><p>%s</p><div class=\"sum\">",
               report->drifted         ? "The data drifts."
               : report->drifted_count ? "Columns drift, but fewer than would count as drift of the data."
                                       : "The data does not drift.");
    html_tile(out, (double)report->compared_count, "compared", "");
    html_tile(out, (double)report->drifted_count, report->drifted_count == 1 ? "drifts" : "drift", "bad");
    if (errors)
        html_tile(out, (double)errors, "not compared", "warn");
    buf_add_str(out, "</div>\n");
    overview(out, ranked, report->column_count);
    buf_add_str(out, "<h2>Distributions</h2><p class=\"key dim\"><i class=\"ref\"></i>reference<i "
                     "class=\"cur\"></i>current</p><div class=\"grid\">\n");
    for (size_t i = 0; i < report->column_count; i++)
        if (!ranked[i].column->error && !ranked[i].column->skipped)
            item(out, &ranked[i]);
    buf_add_str(out, "</div>\n");
    free(ranked);
}
