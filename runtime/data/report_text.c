#include <math.h>
#include <string.h>

#include "core/text.h"
#include "runtime/data/report.h"

static const char *const BLOCKS[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
enum { SPARK_WIDTH = 25, SAMPLES_SHOWN = 5, VALUE_SHOWN = 100, NAME_SHOWN = 140, INDENT = 9 };

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

static void indent(struct buf *out)
{
    buf_add_repeat(out, ' ', INDENT);
}

/* What fits in `width` columns, with an ellipsis where it was cut. */
static void add_fitting(struct buf *out, const char *text, size_t length, size_t width)
{
    struct buf safe = {0};
    add_safe(&safe, text, length);
    if (text_width(buf_str(&safe), safe.length) <= width) {
        buf_add(out, buf_str(&safe), safe.length);
    } else {
        size_t end = 0, at = 0;
        while (at < safe.length) {
            text_next_code_point(safe.data, safe.length, &at);
            if (text_width(safe.data, at) + 1 > width)
                break;
            end = at;
        }
        buf_add(out, safe.data, end);
        buf_add_str(out, "…");
    }
    buf_free(&safe);
}

/* A column's name, cut where it is longer than the names' column. */
static void add_name(struct buf *out, const char *name, size_t width)
{
    struct buf shown = {0};
    add_fitting(&shown, name, strlen(name), width);
    add_padded(out, buf_str(&shown), width);
    buf_free(&shown);
}

static void add_sample(struct buf *out, const struct check_sample *sample, struct report_style style)
{
    struct buf line = {0}, value = {0}, shown = {0};
    size_t width = style.width > INDENT + 20 ? style.width - INDENT : VALUE_SHOWN;
    value_print(&value, sample->value);
    buf_printf(&line, "row %llu: ", (unsigned long long)sample->row + 1);
    buf_add(&line, buf_str(&value), value.length);
    add_fitting(&shown, buf_str(&line), line.length, width < VALUE_SHOWN ? width : VALUE_SHOWN);
    indent(out);
    paint(out, style, "2", buf_str(&shown));
    buf_add_char(out, '\n');
    buf_free(&line);
    buf_free(&value);
    buf_free(&shown);
}

static void add_samples(struct buf *out, const struct check_result *result, struct report_style style)
{
    size_t limit = style.samples ? style.samples : SAMPLES_SHOWN;
    size_t shown = result->sample_count < limit ? result->sample_count : limit;
    if (result->status != CHECK_FAILED || shown == 0)
        return;
    for (size_t i = 0; i < shown; i++)
        add_sample(out, &result->samples[i], style);
    if (result->unexpected_count > shown) {
        struct buf more = {0};
        buf_add_str(&more, "and ");
        report_number(&more, (double)(result->unexpected_count - shown));
        buf_add_str(&more, " more");
        indent(out);
        paint(out, style, "2", buf_str(&more));
        buf_add_char(out, '\n');
        buf_free(&more);
    }
}

/* A line of its own for what was found where both do not fit beside each other. */
static void add_result(struct buf *out, struct arena *arena, const struct check_result *result, size_t width,
                       struct report_style style)
{
    static const struct {
        const char *word, *color;
    } WORDS[] = {{"ok   ", "32"}, {"FAIL ", "31;1"}, {"ERROR", "35;1"}, {"skip ", "33"}};
    struct buf finding = {0}, name = {0}, safe = {0}, shown = {0};
    bool mild = result->check->severity == CHECK_WARNING && result->status == CHECK_FAILED;
    report_finding(&finding, result);
    buf_add_str(&name, check_describe(arena, result->check));
    if (result->slice)
        buf_printf(&name, " [%s]", result->slice);
    add_safe(&safe, buf_str(&finding), finding.length);
    buf_add_str(out, "  ");
    paint(out, style, mild ? "33" : WORDS[result->status].color, mild ? "warn " : WORDS[result->status].word);
    buf_add_str(out, "  ");
    size_t before = out->length;
    add_fitting(&shown, buf_str(&name), name.length, style.width ? style.width - INDENT : NAME_SHOWN);
    add_padded(out, buf_str(&shown), width);
    size_t used = INDENT + text_width(out->data + before, out->length - before);
    bool fits = style.width == 0 || used + 2 + text_width(buf_str(&safe), safe.length) <= style.width;
    if (safe.length > 0 && !fits) {
        while (out->length > before && out->data[out->length - 1] == ' ')
            out->length--;
        buf_add_char(out, '\n');
        indent(out);
    }
    buf_add_str(out, fits && safe.length > 0 ? "  " : "");
    buf_add(out, buf_str(&safe), safe.length);
    buf_add_char(out, '\n');
    add_samples(out, result, style);
    buf_free(&finding);
    buf_free(&name);
    buf_free(&safe);
    buf_free(&shown);
}

static void add_findings(struct buf *out, const struct table_findings *findings, struct report_style style)
{
    for (unsigned kind = 0; kind < FINDING_KINDS; kind++) {
        struct buf line = {0};
        if (!report_input(&line, findings, (enum table_finding_kind)kind))
            continue;
        buf_add_str(out, "  ");
        paint(out, style, "33", "note ");
        buf_add_str(out, "  ");
        add_safe(out, buf_str(&line), line.length);
        buf_add_char(out, '\n');
        buf_free(&line);
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
    report_count(out, report->rows, "row");
    buf_add_str(out, ", ");
    report_count(out, report->result_count, "result");
    buf_printf(out, ": %zu passed", counts[CHECK_PASSED]);
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

/* What there is to say instead of a result. */
static void add_apart(struct buf *out, const char *color, const char *word, const char *name, size_t width,
                      const char *why, struct report_style style)
{
    buf_add_str(out, "  ");
    paint(out, style, color, word);
    buf_add_str(out, "  ");
    add_name(out, name, width);
    buf_add_str(out, "  ");
    add_safe(out, why, strlen(why));
    buf_add_char(out, '\n');
}

struct drift_layout {
    size_t name, measure;
};

static struct drift_layout drift_layout(const struct drift_report *report, size_t width)
{
    struct drift_layout layout = {8, 8};
    for (size_t i = 0; i < report->column_count; i++) {
        const struct drift_column *column = &report->columns[i];
        size_t wide = text_width(column->name, strlen(column->name));
        layout.name = wide > 40 ? 40 : wide > layout.name ? wide : layout.name;
        for (size_t j = 0; j < column->result_count; j++) {
            size_t measure = strlen(drift_measure_name(column->results[j].measure));
            layout.measure = measure > layout.measure ? measure : layout.measure;
        }
    }
    if (width && layout.name > width / 3)
        layout.name = width / 3 > 8 ? width / 3 : 8;
    return layout;
}

static void add_drift(struct buf *out, const struct drift_column *column, struct drift_layout layout,
                      struct report_style style)
{
    size_t width = layout.name;
    if (column->error)
        add_apart(out, "35;1", "ERROR", column->name, width, column->error, style);
    if (column->skipped)
        add_apart(out, "2", "skip ", column->name, width, column->skipped, style);
    for (size_t i = 0; i < column->result_count; i++) {
        const struct drift_result *result = &column->results[i];
        buf_add_str(out, "  ");
        if (result->error)
            paint(out, style, "35;1", "ERROR");
        else
            paint(out, style, result->drifted ? "31;1" : "32", result->drifted ? "DRIFT" : "ok   ");
        buf_add_str(out, "  ");
        add_name(out, i ? "" : column->name, width);
        buf_add_str(out, "  ");
        add_padded(out, drift_measure_name(result->measure), layout.measure);
        if (result->error) {
            buf_add_str(out, "  ");
            add_safe(out, result->error, strlen(result->error));
            buf_add_char(out, '\n');
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
        buf_add_str(out, result->approximate ? "  (an estimate)\n" : "\n");
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
    struct drift_layout layout = drift_layout(report, style.width);
    add_safe(out, reference, strlen(reference));
    buf_add_str(out, " → ");
    add_safe(out, current, strlen(current));
    buf_add_str(out, ": ");
    report_number(out, (double)report->drifted_count);
    buf_add_str(out, " of ");
    report_count(out, report->compared_count, "column");
    buf_printf(out, " %s%s\n\n", report->drifted_count == 1 ? "drifts" : "drift",
               report->drifted ? ", so the data drifts" : "");
    for (size_t i = 0; i < report->column_count; i++)
        add_drift(out, &report->columns[i], layout, style);
}

/* --- profiles --- */

/* The widths of a profile's parts; 0: left out on a narrow terminal. */
struct profile_layout {
    size_t name, range, picture;
};

enum {
    TYPE_WIDTH = 14,
    FACTS_WIDTH = 2 + TYPE_WIDTH + 1 + 7 + 2 + 13 + 1 + 2,
    RANGE_WIDTH = 46,
    RANGE_LEAST = 14
};

static struct profile_layout profile_layout(const struct profile *profile, size_t width)
{
    struct profile_layout layout = {8, RANGE_WIDTH, SPARK_WIDTH};
    for (size_t i = 0; i < profile->column_count; i++) {
        const char *name = profile->columns[i].schema.name;
        size_t wide = text_width(name, strlen(name));
        layout.name = wide > 40 ? 40 : wide > layout.name ? wide : layout.name;
    }
    if (width == 0)
        return layout;
    if (layout.name > width / 3)
        layout.name = width / 3 > 8 ? width / 3 : 8;
    size_t used = 2 + layout.name + FACTS_WIDTH, left = width > used ? width - used : 0;
    layout.picture = left >= SPARK_WIDTH ? SPARK_WIDTH : 0;
    left -= layout.picture;
    layout.range = left >= RANGE_WIDTH + 2 ? RANGE_WIDTH : left >= RANGE_LEAST + 2 ? left - 2 : 0;
    return layout;
}

/* A value in a line of others: the empty text would not be seen. */
static void add_value(struct buf *out, const struct column_schema *schema, struct cell value)
{
    size_t before = out->length;
    cell_print(out, schema, value);
    if (out->length == before)
        buf_add_str(out, "\"\"");
}

static void add_range(struct buf *out, const struct profile_column *column, size_t width)
{
    struct buf range = {0}, shown = {0};
    if (column->has_range) {
        add_value(&range, &column->schema, column->min);
        buf_add_str(&range, " … ");
        add_value(&range, &column->schema, column->max);
    }
    add_fitting(&shown, buf_str(&range), range.length, width - 2);
    add_padded(out, buf_str(&shown), width);
    buf_free(&range);
    buf_free(&shown);
}

/* Of texts and flags the most frequent ones, as far as there is room. */
static void add_frequent(struct buf *out, const struct profile_column *column, size_t width)
{
    struct buf all = {0};
    for (size_t i = 0; i < column->top_count && all.length < 4 * width; i++) {
        buf_add_str(&all, i ? ", " : "");
        add_value(&all, &column->schema, column->top[i].value);
        buf_printf(&all, " %.0f%%", 100 * (double)column->top[i].count / (double)column->values);
    }
    add_fitting(out, buf_str(&all), all.length, width);
    buf_free(&all);
}

static void add_distribution(struct buf *out, const struct profile_column *column, size_t width)
{
    double counts[256];
    size_t bins = column->bins < 256 ? column->bins : 256;
    for (size_t i = 0; column->has_numbers && i < bins; i++)
        counts[i] = (double)column->bin_counts[i];
    if (column->has_numbers && bins && column->schema.type != COLUMN_BOOL)
        spark(out, counts, bins);
    else if (column->values && column->distinct < column->values)
        add_frequent(out, column, width);
}

/* Some are never shown as none, nor nearly all as all. */
static void add_null_share(struct buf *out, uint64_t nulls, uint64_t rows)
{
    double share = rows ? 100 * (double)nulls / (double)rows : 0;
    if (nulls > 0 && share < 0.005)
        buf_printf(out, " %7s", "<0.01%");
    else if (nulls < rows && share >= 99.995)
        buf_printf(out, " %7s", ">99.99%");
    else
        buf_printf(out, " %6.2f%%", share);
}

static void add_profile_column(struct buf *out, const struct profile *profile,
                               const struct profile_column *column, const struct profile_layout *layout)
{
    char type[32];
    struct buf number = {0};
    buf_add_str(out, "  ");
    add_name(out, column->schema.name, layout->name);
    report_number(&number, (double)column->distinct);
    buf_printf(out, "  %-14s", column_type_name(&column->schema, type));
    add_null_share(out, column->nulls, profile->rows);
    buf_printf(out, "  %13s%s  ", buf_str(&number), column->approximate ? "~" : " ");
    buf_free(&number);
    if (layout->range)
        add_range(out, column, layout->range);
    if (layout->picture)
        add_distribution(out, column, layout->picture);
    while (out->data[out->length - 1] == ' ')
        out->length--;
    buf_add_char(out, '\n');
}

/* Least, greatest and distribution are of finite numbers: what is none would not be seen. */
static void add_not_finite(struct buf *out, const struct profile_column *column, struct report_style style)
{
    if (column->nans == 0 && column->infinities == 0)
        return;
    buf_add_str(out, "  ");
    paint(out, style, "33", "note ");
    buf_add_str(out, "  ");
    add_safe(out, column->schema.name, strlen(column->schema.name));
    buf_add_str(out, " has ");
    if (column->nans)
        report_count(out, column->nans, "NaN");
    buf_add_str(out, column->nans && column->infinities ? " and " : "");
    if (column->infinities) {
        report_number(out, (double)column->infinities);
        buf_add_str(out, column->infinities == 1 ? " infinity" : " infinities");
    }
    buf_add_str(out, ", left out of its range and distribution\n");
}

void report_profile_text(struct buf *out, const char *data, const struct profile *profile,
                         struct report_style style)
{
    struct profile_layout layout = profile_layout(profile, style.width);
    add_safe(out, data, strlen(data));
    buf_add_str(out, ": ");
    report_count(out, profile->rows, "row");
    buf_add_str(out, ", ");
    report_count(out, profile->column_count, "column");
    buf_add_str(out, "\n\n  ");
    add_padded(out, "column", layout.name);
    buf_printf(out, "  %-14s %7s  %13s", "type", "null", "distinct");
    if (layout.range) {
        buf_add_str(out, "   ");
        add_padded(out, layout.range >= 16 ? "least … greatest" : "range", layout.range);
    }
    buf_add_str(out, layout.picture ? (layout.range ? "distribution\n" : "   distribution\n") : "\n");
    for (size_t i = 0; i < profile->column_count; i++)
        add_profile_column(out, profile, &profile->columns[i], &layout);
    for (size_t i = 0; i < profile->column_count; i++)
        add_not_finite(out, &profile->columns[i], style);
    add_findings(out, profile->findings, style);
}
