#include <math.h>
#include <string.h>

#include "runtime/data/report_html.h"

enum { BINS_LIMIT = 256, VALUE_LIMIT = 60 };

static void cell(struct buf *out, const struct column_schema *schema, struct cell value)
{
    struct buf text = {0};
    cell_print(&text, schema, value);
    html_cut(out, buf_str(&text), text.length, VALUE_LIMIT);
    buf_free(&text);
}

static void fact(struct buf *out, const char *name, double number)
{
    buf_printf(out, "<dt>%s</dt><dd>", name);
    html_number(out, number);
    buf_add_str(out, "</dd>");
}

static void cell_fact(struct buf *out, const char *name, const struct column_schema *schema,
                      struct cell value)
{
    buf_printf(out, "<dt>%s</dt><dd>", name);
    cell(out, schema, value);
    buf_add_str(out, "</dd>");
}

static bool is_time(const struct profile_column *column)
{
    return column->schema.type == COLUMN_DATE || column->schema.type == COLUMN_TIME ||
           column->schema.type == COLUMN_TIMESTAMP;
}

/* Of a flag the shares say all: its ends and its deviation say nothing. */
static bool is_flag(const struct profile_column *column)
{
    return column->schema.type == COLUMN_BOOL;
}

static void facts(struct buf *out, const struct profile_column *column)
{
    buf_add_str(out, "<dl>");
    fact(out, column->approximate ? "distinct, about" : "distinct", (double)column->distinct);
    if (column->bad)
        fact(out, "not of the type", (double)column->bad);
    if (column->has_range && column->schema.type != COLUMN_STRING && !is_flag(column)) {
        cell_fact(out, "least", &column->schema, column->min);
        cell_fact(out, "greatest", &column->schema, column->max);
    }
    if (column->has_numbers && !is_time(column) && !is_flag(column)) {
        fact(out, "mean", column->mean);
        fact(out, "deviation", sqrt(column->variance));
        fact(out, "median", column->quantiles[50]);
        fact(out, "zeros", (double)column->zeros);
    }
    if (column->schema.type == COLUMN_STRING && column->values) {
        fact(out, "shortest", (double)column->length_min);
        fact(out, "longest", (double)column->length_max);
        if (column->empties)
            fact(out, "empty", (double)column->empties);
    }
    buf_add_str(out, "</dl>");
}

static void histogram(struct buf *out, const struct profile_column *column)
{
    double counts[BINS_LIMIT];
    struct buf from = {0}, to = {0};
    size_t bins = column->bins < BINS_LIMIT ? column->bins : BINS_LIMIT;
    for (size_t i = 0; i < bins; i++)
        counts[i] = (double)column->bin_counts[i];
    cell_print(&from, &column->schema, column->min);
    cell_print(&to, &column->schema, column->max);
    html_bars(out, counts, NULL, bins, buf_str(&from), buf_str(&to));
    buf_free(&from);
    buf_free(&to);
}

static void frequent(struct buf *out, const struct profile_column *column)
{
    enum { TOP = 9 };
    const struct value *keys[TOP];
    double counts[TOP], shown = 0;
    struct arena *arena = arena_new();
    size_t count = column->top_count < TOP ? column->top_count : TOP;
    for (size_t i = 0; i < count; i++) {
        struct buf text = {0};
        cell_print(&text, &column->schema, column->top[i].value);
        keys[i] = value_string_n(arena, buf_str(&text), text.length, 0);
        counts[i] = (double)column->top[i].count;
        shown += counts[i];
        buf_free(&text);
    }
    html_categories(out, keys, counts, NULL, count, fmax((double)column->values - shown, 0));
    arena_free(arena);
}

static void item(struct buf *out, const struct profile_column *column, uint64_t rows)
{
    char type[32];
    double missing = rows ? (double)column->nulls / (double)rows : 0;
    buf_printf(out, "<div class=\"item %s\"><div class=\"head\"><span class=\"name\">",
               column->bad || (rows && column->nulls == rows) ? "warn" : "");
    html_text(out, column->schema.name);
    buf_add_str(out, "</span><span class=\"dim\">");
    html_text(out, column_type_name(&column->schema, type));
    buf_add_str(out, "</span></div><p class=\"dim\">");
    html_percent(out, missing);
    buf_add_str(out, " missing</p>");
    if (missing > 0)
        buf_printf(out, "<div class=\"bar\"><i style=\"width:%.2f%%\"></i></div>", fmax(100 * missing, 0.5));
    facts(out, column);
    if (column->has_numbers && column->bins && column->distinct > 1 && !is_flag(column))
        histogram(out, column);
    else if (column->top_count && (column->distinct < column->values || column->top_complete))
        frequent(out, column);
    buf_add_str(out, "</div>\n");
}

void html_profile(struct buf *out, const struct profile *profile)
{
    size_t with_missing = 0;
    for (size_t i = 0; i < profile->column_count; i++)
        with_missing += profile->columns[i].nulls > 0;
    buf_add_str(out, "<div class=\"sum\">");
    html_tile(out, (double)profile->rows, profile->rows == 1 ? "row" : "rows", "");
    html_tile(out, (double)profile->column_count, profile->column_count == 1 ? "column" : "columns", "");
    html_tile(out, (double)with_missing, "with missing values", "warn");
    buf_add_str(out, "</div>");
    html_findings(out, profile->findings);
    buf_add_str(out, "<h2>Columns</h2><div class=\"grid\">\n");
    for (size_t i = 0; i < profile->column_count; i++)
        item(out, &profile->columns[i], profile->rows);
    buf_add_str(out, "</div>\n");
}
