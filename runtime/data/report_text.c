#include <math.h>
#include <string.h>

#include "core/text.h"
#include "runtime/data/report.h"

static const char *const BLOCKS[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
enum { SPARK_WIDTH = 25, SAMPLES_SHOWN = 5 };

static void paint(struct buf *out, struct report_style style, const char *code, const char *text)
{
    if (style.color)
        buf_printf(out, "\033[%sm%s\033[0m", code, text);
    else
        buf_add_str(out, text);
}

/* Control characters would steer the terminal. */
static void add_safe(struct buf *out, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t point = text_next_code_point(text, length, &at);
        if (report_is_hidden(point))
            report_hidden(out, point);
        else
            text_add_code_point(out, point);
    }
}

static void add_padded(struct buf *out, const char *text, size_t width)
{
    size_t before = out->length;
    add_safe(out, text, strlen(text));
    size_t shown = text_width(out->data + before, out->length - before);
    if (shown < width)
        buf_add_repeat(out, ' ', width - shown);
}

/* A histogram in one line, scaled to its largest bin. */
static void spark(struct buf *out, const double *counts, size_t bins)
{
    double groups[SPARK_WIDTH] = {0}, most = 0;
    size_t width = report_regroup(counts, bins, groups, SPARK_WIDTH);
    for (size_t i = 0; i < width; i++)
        most = fmax(most, groups[i]);
    for (size_t i = 0; i < width; i++) {
        size_t level = most > 0 ? (size_t)ceil(groups[i] / most * 8) : 0;
        buf_add_str(out, BLOCKS[level]);
    }
}

/* --- checks --- */

static void add_samples(struct buf *out, const struct check_result *result, struct report_style style)
{
    size_t shown = result->sample_count < SAMPLES_SHOWN ? result->sample_count : SAMPLES_SHOWN;
    for (size_t i = 0; i < shown && result->status == CHECK_FAILED; i++) {
        struct buf line = {0}, value = {0};
        value_print(&value, result->samples[i].value);
        buf_printf(&line, "row %llu: ", (unsigned long long)result->samples[i].row + 1);
        buf_add(&line, buf_str(&value), value.length > 100 ? 100 : value.length);
        buf_add_str(out, "          ");
        struct buf safe = {0};
        add_safe(&safe, buf_str(&line), line.length);
        paint(out, style, "2", buf_str(&safe));
        buf_add_char(out, '\n');
        buf_free(&safe);
        buf_free(&line);
        buf_free(&value);
    }
}

static void add_result(struct buf *out, struct arena *arena, const struct check_result *result, size_t width,
                       struct report_style style)
{
    static const struct {
        const char *word, *color;
    } WORDS[] = {{"ok   ", "32"}, {"FAIL ", "31;1"}, {"ERROR", "35;1"}, {"skip ", "33"}};
    struct buf finding = {0}, name = {0};
    bool mild = result->check->severity == CHECK_WARNING && result->status == CHECK_FAILED;
    report_finding(&finding, result);
    buf_add_str(&name, check_describe(arena, result->check));
    if (result->slice)
        buf_printf(&name, " [%s]", result->slice);
    buf_add_str(out, "  ");
    paint(out, style, mild ? "33" : WORDS[result->status].color, mild ? "warn " : WORDS[result->status].word);
    buf_add_str(out, "  ");
    add_padded(out, buf_str(&name), width);
    buf_add_str(out, "  ");
    add_safe(out, buf_str(&finding), finding.length);
    buf_add_char(out, '\n');
    add_samples(out, result, style);
    buf_free(&finding);
    buf_free(&name);
}

static void add_findings(struct buf *out, const struct table_findings *findings, struct report_style style)
{
    static const char *const WORDS[] = {"rows with too few fields",
                                        "rows with too many fields",
                                        "texts that are not of their column's type",
                                        "strings that are not UTF-8",
                                        "stray quotes",
                                        "lines that are no JSON objects"};
    for (unsigned kind = 0; findings && kind < FINDING_KINDS; kind++) {
        if (findings->counts[kind] == 0)
            continue;
        buf_add_str(out, "  ");
        paint(out, style, "33", "note ");
        buf_printf(out, "  %llu %s", (unsigned long long)findings->counts[kind], WORDS[kind]);
        const struct table_finding *first = &findings->kept[kind][0];
        buf_printf(out, ", the first in row %llu", (unsigned long long)first->row);
        if (first->byte)
            buf_printf(out, " at byte %llu", (unsigned long long)first->byte);
        if (first->text[0]) {
            buf_add_str(out, ": ");
            add_safe(out, first->text, strnlen(first->text, sizeof first->text));
        }
        buf_add_char(out, '\n');
    }
}

void report_check_text(struct buf *out, const char *data, const struct check_report *report,
                       struct report_style style)
{
    struct arena *arena = arena_new();
    size_t counts[4] = {0}, width = 0, limit = (style.width ? style.width : 100) * 3 / 5;
    for (size_t i = 0; i < report->result_count; i++) {
        const char *text = check_describe(arena, report->results[i].check);
        size_t wide = text_width(text, strlen(text));
        counts[report->results[i].status]++;
        width = wide > width && wide <= limit ? wide : width;
    }
    add_safe(out, data, strlen(data));
    buf_add_str(out, ": ");
    report_number(out, (double)report->rows);
    buf_printf(out, " rows, %zu results: %zu passed", report->result_count, counts[CHECK_PASSED]);
    if (counts[CHECK_FAILED])
        buf_printf(out, ", %zu failed", counts[CHECK_FAILED]);
    if (counts[CHECK_ERROR])
        buf_printf(out, ", %zu could not be computed", counts[CHECK_ERROR]);
    if (counts[CHECK_SKIPPED])
        buf_printf(out, ", %zu skipped", counts[CHECK_SKIPPED]);
    buf_add_str(out, "\n\n");
    for (size_t i = 0; i < report->result_count; i++)
        add_result(out, arena, &report->results[i], width, style);
    add_findings(out, report->findings, style);
    arena_free(arena);
}

/* --- drift --- */

static void add_drift(struct buf *out, const struct drift_column *column, size_t width,
                      struct report_style style)
{
    if (column->error) {
        buf_add_str(out, "  ");
        paint(out, style, "35;1", "ERROR");
        buf_add_str(out, "  ");
        add_padded(out, column->name, width);
        buf_printf(out, "  %s\n", column->error);
    }
    if (column->skipped) {
        buf_add_str(out, "  ");
        paint(out, style, "2", "skip ");
        buf_add_str(out, "  ");
        add_padded(out, column->name, width);
        buf_printf(out, "  %s\n", column->skipped);
    }
    for (size_t i = 0; i < column->result_count; i++) {
        const struct drift_result *result = &column->results[i];
        buf_add_str(out, "  ");
        if (result->error)
            paint(out, style, "35;1", "ERROR");
        else
            paint(out, style, result->drifted ? "31;1" : "32", result->drifted ? "DRIFT" : "ok   ");
        buf_add_str(out, "  ");
        add_padded(out, i ? "" : column->name, width);
        buf_add_str(out, "  ");
        add_padded(out, drift_measure_name(result->measure), 22);
        if (result->error) {
            buf_printf(out, "  %s\n", result->error);
            continue;
        }
        struct buf number = {0};
        report_number(&number, result->value);
        buf_printf(out, "  %-10s", buf_str(&number));
        buf_free(&number);
        bool corrected = !isnan(result->adjusted_p) && result->adjusted_p != result->p;
        if (drift_measure_is_test(result->measure))
            buf_printf(out, "  p %.3g%s %s %.3g", corrected ? result->adjusted_p : result->p,
                       corrected ? " (corrected)" : "", result->drifted ? "<" : ">=", result->threshold);
        else
            buf_printf(out, "  %s %.3g", result->drifted ? ">=" : "<", result->threshold);
        buf_add_char(out, '\n');
    }
    if (column->histogram.bin_count > 1) {
        buf_add_repeat(out, ' ', 9);
        buf_add_repeat(out, ' ', width);
        buf_add_str(out, "  ");
        spark(out, column->histogram.reference, column->histogram.bin_count);
        buf_add_str(out, "  →  ");
        spark(out, column->histogram.current, column->histogram.bin_count);
        buf_add_char(out, '\n');
    }
}

void report_drift_text(struct buf *out, const char *reference, const char *current,
                       const struct drift_report *report, struct report_style style)
{
    size_t width = 8;
    for (size_t i = 0; i < report->column_count; i++) {
        size_t wide = text_width(report->columns[i].name, strlen(report->columns[i].name));
        width = wide > width && wide <= 40 ? wide : width;
    }
    add_safe(out, reference, strlen(reference));
    buf_add_str(out, " → ");
    add_safe(out, current, strlen(current));
    buf_printf(out, ": %zu of %zu columns drift%s\n\n", report->drifted_count, report->compared_count,
               report->drifted ? ", so the data drifts" : "");
    for (size_t i = 0; i < report->column_count; i++)
        add_drift(out, &report->columns[i], width, style);
}

/* --- profiles --- */

static void add_profile_column(struct buf *out, const struct profile *profile,
                               const struct profile_column *column, size_t width)
{
    char type[32];
    double total = profile->rows ? (double)profile->rows : 1;
    buf_add_str(out, "  ");
    add_padded(out, column->schema.name, width);
    buf_printf(out, "  %-14s", column_type_name(&column->schema, type));
    buf_printf(out, " %6.2f%%  ", 100 * (double)column->nulls / total);
    struct buf number = {0};
    report_number(&number, (double)column->distinct);
    buf_printf(out, "%13s%s  ", buf_str(&number), column->approximate ? "~" : " ");
    buf_free(&number);
    if (column->has_range) {
        struct buf range = {0};
        cell_print(&range, &column->schema, column->min);
        buf_add_str(&range, " … ");
        cell_print(&range, &column->schema, column->max);
        size_t cut = range.length > 44 ? 44 : range.length;
        while (cut < range.length && cut > 0 && ((unsigned char)range.data[cut] & 0xC0) == 0x80)
            cut--;
        struct buf text = {0};
        buf_add(&text, buf_str(&range), cut);
        add_padded(out, buf_str(&text), 46);
        buf_free(&text);
        buf_free(&range);
    }
    if (column->has_numbers && column->bins) {
        double counts[256];
        size_t bins = column->bins < 256 ? column->bins : 256;
        for (size_t i = 0; i < bins; i++)
            counts[i] = (double)column->bin_counts[i];
        spark(out, counts, bins);
    }
    buf_add_char(out, '\n');
}

void report_profile_text(struct buf *out, const char *data, const struct profile *profile,
                         struct report_style style)
{
    size_t width = 8;
    for (size_t i = 0; i < profile->column_count; i++) {
        const char *name = profile->columns[i].schema.name;
        size_t wide = text_width(name, strlen(name));
        width = wide > width && wide <= 40 ? wide : width;
    }
    add_safe(out, data, strlen(data));
    buf_add_str(out, ": ");
    report_number(out, (double)profile->rows);
    buf_printf(out, " rows, %zu columns\n\n  ", profile->column_count);
    add_padded(out, "column", width);
    buf_printf(out, "  %-14s %7s  %13s   %-46s%s\n", "type", "null", "distinct", "least … greatest",
               "distribution");
    for (size_t i = 0; i < profile->column_count; i++)
        add_profile_column(out, profile, &profile->columns[i], width);
    add_findings(out, profile->findings, style);
}
