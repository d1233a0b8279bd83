#include <math.h>
#include <string.h>

#include "runtime/data/report_html.h"

enum { FINDING_LIMIT = 600, VALUE_LIMIT = 300 };

/* What a result is to a reader: a failed expectation of severity `warning` is no failure of the run. */
enum verdict { VERDICT_FAILED, VERDICT_ERROR, VERDICT_WARNING, VERDICT_SKIPPED, VERDICT_PASSED, VERDICTS };

static const struct {
    const char *class, *word, *label;
} verdicts[] = {{"bad", "✗ failed", "failed"},
                {"bad", "! not computed", "not computed"},
                {"warn", "▲ warning", "warnings"},
                {"none", "– skipped", "skipped"},
                {"good", "✓ holds", "hold"}};

static enum verdict verdict_of(const struct check_result *result)
{
    switch (result->status) {
    case CHECK_FAILED:
        return result->check->severity == CHECK_WARNING ? VERDICT_WARNING : VERDICT_FAILED;
    case CHECK_ERROR:
        return VERDICT_ERROR;
    case CHECK_SKIPPED:
        return VERDICT_SKIPPED;
    default:
        return VERDICT_PASSED;
    }
}

/* Short values stand in several columns, also on a phone. */
static bool all_short(const struct check_result *result)
{
    bool brief = true;
    for (size_t i = 0; i < result->sample_count && brief; i++) {
        struct buf value = {0};
        value_print(&value, result->samples[i].value);
        brief = value.length <= 10;
        buf_free(&value);
    }
    return brief;
}

static void samples(struct buf *out, const struct check_result *result)
{
    if (result->sample_count == 0)
        return;
    buf_printf(out, "<details%s><summary>", result->status == CHECK_FAILED ? " open" : "");
    if (result->sample_count < result->unexpected_count)
        buf_add_str(out, "the first ");
    html_number(out, (double)result->sample_count);
    buf_add_str(out, " of ");
    html_number(out, (double)result->unexpected_count);
    buf_printf(out, " unexpected %s</summary><ul class=\"rows",
               result->unexpected_count == 1 ? "row" : "rows");
    buf_add_str(out, all_short(result) ? " tight\">" : "\">");
    for (size_t i = 0; i < result->sample_count; i++) {
        struct buf value = {0};
        value_print(&value, result->samples[i].value);
        buf_add_str(out, "<li><span>row ");
        html_number(out, (double)result->samples[i].row + 1);
        buf_add_str(out, "</span><code>");
        html_cut(out, buf_str(&value), value.length, VALUE_LIMIT);
        buf_add_str(out, "</code></li>");
        buf_free(&value);
    }
    buf_add_str(out, "</ul></details>");
}

static void describe(struct buf *out, struct arena *arena, const struct check_result *result)
{
    html_text(out, check_describe(arena, result->check));
    if (result->slice) {
        buf_add_str(out, " [");
        html_text(out, result->slice);
        buf_add_char(out, ']');
    }
}

static void finding(struct buf *out, const struct check_result *result)
{
    struct buf text = {0};
    report_finding(&text, result);
    html_cut(out, buf_str(&text), text.length, FINDING_LIMIT);
    buf_free(&text);
}

static double *numbers(struct arena *arena, const struct value *list, size_t *count)
{
    *count = list && list->kind == VALUE_LIST ? list->count : 0;
    double *out = arena_array(arena, *count + 1, sizeof *out);
    for (size_t i = 0; i < *count; i++)
        out[i] = list->items[i]->kind == VALUE_INT ? (double)list->items[i]->integer : list->items[i]->number;
    return out;
}

/* The distributions behind a check of drift, from its details. */
static void drift_picture(struct buf *out, struct arena *arena, const struct value *details)
{
    const struct value *bins = details ? value_get(details, "bins") : NULL;
    struct drift_bins picture = {.kind = ""};
    size_t current, keys;
    if (!bins)
        return;
    picture.reference = numbers(arena, value_get(bins, "reference"), &picture.bin_count);
    picture.current = numbers(arena, value_get(bins, "current"), &current);
    const struct value *names = value_get(bins, "keys");
    keys = names && names->kind == VALUE_LIST ? names->count : 0;
    if (value_get(bins, "edges"))
        picture.edges = numbers(arena, value_get(bins, "edges"), &picture.edge_count);
    if (keys)
        picture.keys = names->items;
    if (picture.bin_count == 0 || current != picture.bin_count || (keys && keys != picture.bin_count))
        return;
    buf_add_str(out, "<p class=\"key dim\"><i class=\"ref\"></i>reference<i class=\"cur\"></i>current</p>"
                     "<div class=\"picture\">");
    html_bins(out, &picture);
    buf_add_str(out, "</div>");
}

static void item(struct buf *out, struct arena *arena, const struct check_result *result,
                 enum verdict verdict)
{
    buf_printf(out, "<div class=\"item %s\"><div class=\"head\"><span class=\"name\">",
               verdicts[verdict].class);
    describe(out, arena, result);
    buf_printf(out, "</span><span class=\"word\">%s</span></div><p>", verdicts[verdict].word);
    finding(out, result);
    buf_add_str(out, "</p>");
    if (result->counted && result->unexpected_count)
        buf_printf(out, "<div class=\"bar\"><i style=\"width:%.2f%%\"></i></div>",
                   result->unexpected_percent > 100 ? 100.0 : fmax(result->unexpected_percent, 0.5));
    if (result->check->kind == CHECK_DRIFT)
        drift_picture(out, arena, result->details);
    samples(out, result);
    buf_add_str(out, "</div>\n");
}

static void passed_rows(struct buf *out, struct arena *arena, const struct check_report *report)
{
    buf_add_str(out, "<table><thead><tr><th>what holds</th><th>found</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->result_count; i++) {
        const struct check_result *result = &report->results[i];
        if (verdict_of(result) != VERDICT_PASSED)
            continue;
        buf_add_str(out, "<tr class=\"good\"><td><span class=\"word\">✓</span> <span class=\"name\">");
        describe(out, arena, result);
        buf_add_str(out, "</span></td><td class=\"dim\">");
        finding(out, result);
        buf_add_str(out, "</td></tr>\n");
    }
    buf_add_str(out, "</tbody></table>\n");
}

void html_checks(struct buf *out, const struct check_report *report)
{
    struct arena *arena = arena_new();
    size_t counts[VERDICTS] = {0};
    for (size_t i = 0; i < report->result_count; i++)
        counts[verdict_of(&report->results[i])]++;
    size_t wrong = counts[VERDICT_FAILED] + counts[VERDICT_ERROR];
    buf_add_str(out, "<h2>Expectations</h2><p>");
    if (wrong) {
        buf_printf(out, "%zu of ", wrong);
        report_count(out, report->result_count, "expectation");
        buf_printf(out, " %s not hold.", wrong == 1 ? "does" : "do");
    } else {
        buf_add_str(out, "All expectations hold.");
    }
    buf_add_str(out, "</p><div class=\"sum\">");
    html_tile(out, (double)report->rows, report->rows == 1 ? "row" : "rows", "");
    for (size_t k = 0; k < VERDICTS; k++)
        if (counts[k] || k == VERDICT_FAILED || k == VERDICT_PASSED)
            html_tile(out, (double)counts[k], verdicts[k].label, verdicts[k].class);
    buf_add_str(out, "</div>\n");
    for (enum verdict verdict = VERDICT_FAILED; verdict < VERDICT_PASSED; verdict++)
        for (size_t i = 0; i < report->result_count; i++)
            if (verdict_of(&report->results[i]) == verdict)
                item(out, arena, &report->results[i], verdict);
    if (counts[VERDICT_PASSED])
        passed_rows(out, arena, report);
    html_findings(out, report->findings);
    arena_free(arena);
}
