/* The report as text, Markdown and HTML: the same tables, escaped for each. */

#include <string.h>
#include "runtime/run_report.h"

typedef void (*escape)(struct buf *out, const char *text);

/* For a terminal: no control characters. */
static void escape_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        buf_add_char(out, (unsigned char)*text < ' ' || *text == '\x7f' ? ' ' : *text);
}

static void escape_html(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            buf_add_str(out, "&lt;");
            break;
        case '>':
            buf_add_str(out, "&gt;");
            break;
        case '&':
            buf_add_str(out, "&amp;");
            break;
        case '"':
            buf_add_str(out, "&quot;");
            break;
        case '\'':
            buf_add_str(out, "&#39;");
            break;
        default:
            buf_add_char(out, (unsigned char)*text < ' ' && *text != '\n' ? ' ' : *text);
        }
    }
}

/* A comment on a pull request is read by people and by the forge: no markup, no mention, no reference of what
 * a run printed may work there. */
static void escape_markdown(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ')
            buf_add_char(out, ' ');
        else if (strchr("<>&@#|\\`*_{}[]()!~:", *text) != NULL)
            buf_printf(out, "&#%d;", *text);
        else
            buf_add_char(out, *text);
    }
}

static const char *text_of(const struct value *record, const char *key)
{
    return value_string_or(value_get(record, key), "");
}

static bool truth_of(const struct value *record, const char *key)
{
    const struct value *value = value_get(record, key);
    return value != NULL && value->kind == VALUE_BOOL && value->boolean;
}

static double number_of(const struct value *value)
{
    return value->kind == VALUE_INT ? (double)value->integer : value->number;
}

static void add_rounded(struct buf *out, const struct value *value)
{
    if (value != NULL)
        buf_printf(out, "%.6g", number_of(value));
}

static const char *holds_word(const struct value *verdict)
{
    if (!truth_of(verdict, "holds"))
        return "no";
    return truth_of(verdict, "vacuous") ? "nothing to compare with" : "yes";
}

static const struct value *list_of(const struct value *report, const char *key)
{
    const struct value *list = value_get(report, key);
    return list != NULL && list->kind == VALUE_LIST ? list : NULL;
}

static size_t count_of(const struct value *list)
{
    return list != NULL ? list->count : 0;
}

/* --- text
 * ------------------------------------------------------------------------------------------------------ */

static void text_verdicts(struct buf *out, const struct value *verdicts)
{
    if (count_of(verdicts) > 0)
        buf_add_str(out, "\nrequirements\n");
    for (size_t i = 0; i < count_of(verdicts); i++) {
        const struct value *verdict = verdicts->items[i];
        buf_printf(out, "  %s ", truth_of(verdict, "holds") ? "✓" : "✗");
        escape_text(out, text_of(verdict, "require"));
        buf_add_str(out, "  —  ");
        escape_text(out, text_of(verdict, "found"));
        if (*text_of(verdict, "bound") != '\0') {
            buf_add_str(out, ", needs ");
            escape_text(out, text_of(verdict, "bound"));
        }
        buf_add_char(out, '\n');
    }
}

static void text_metrics(struct buf *out, const struct value *metrics)
{
    if (count_of(metrics) > 0)
        buf_add_str(out, "\nmetrics\n");
    for (size_t i = 0; i < count_of(metrics); i++) {
        const struct value *metric = metrics->items[i], *champion = value_get(metric, "champion");
        buf_add_str(out, "  ");
        escape_text(out, text_of(metric, "name"));
        buf_add_str(out, "  ");
        add_rounded(out, value_get(metric, "value"));
        if (champion != NULL) {
            buf_add_str(out, "  (champion ");
            add_rounded(out, champion);
            buf_add_char(out, ')');
        }
        buf_add_char(out, '\n');
    }
}

void run_report_text(struct buf *out, const struct value *report)
{
    const struct value *actions = list_of(report, "actions");
    buf_printf(out, "%s  %s  %s\n", text_of(report, "model"),
               truth_of(report, "succeeded") ? "passed" : "failed", text_of(report, "time"));
    if (*text_of(report, "artifact") != '\0')
        buf_printf(out, "version %lld  sha256:%s  %s\n", (long long)value_get(report, "number")->integer,
                   text_of(report, "artifact"), text_of(report, "verdict"));
    text_verdicts(out, list_of(report, "verdicts"));
    text_metrics(out, list_of(report, "metrics"));
    buf_add_str(out, "\nactions\n");
    for (size_t i = 0; i < count_of(actions); i++) {
        buf_printf(out, "  %-8s ", text_of(actions->items[i], "status"));
        escape_text(out, text_of(actions->items[i], "id"));
        buf_add_str(out, "  ");
        escape_text(out, text_of(actions->items[i], "message"));
        buf_add_char(out, '\n');
    }
}

/* --- tables: of Markdown and of HTML
 * --------------------------------------------------------------------------- */

struct table {
    struct buf *out;
    escape text;
    bool html;
};

static void cell(const struct table *table, const char *text)
{
    buf_add_str(table->out, table->html ? "<td>" : " ");
    table->text(table->out, text);
    buf_add_str(table->out, table->html ? "</td>" : " |");
}

static void number_cell(const struct table *table, const struct value *value, double minus)
{
    struct buf text = {0};
    if (value != NULL && minus == 0)
        add_rounded(&text, value);
    else if (value != NULL)
        buf_printf(&text, "%+.6g", number_of(value) - minus);
    cell(table, buf_str(&text));
    buf_free(&text);
}

static void row_begin(const struct table *table, const char *class)
{
    if (table->html)
        buf_printf(table->out, "<tr class=\"%s\">", class);
    else
        buf_add_char(table->out, '|');
}

static void row_end(const struct table *table)
{
    buf_add_str(table->out, table->html ? "</tr>\n" : "\n");
}

/* `heads`: NULL at the end. */
static void table_begin(const struct table *table, const char *title, const char *const *heads)
{
    buf_printf(table->out, table->html ? "<h2>%s</h2>\n<table>\n<tr>" : "\n#### %s\n\n|", title);
    for (size_t i = 0; heads[i] != NULL; i++)
        buf_printf(table->out, table->html ? "<th>%s</th>" : " %s |", heads[i]);
    buf_add_str(table->out, table->html ? "</tr>\n" : "\n|");
    for (size_t i = 0; !table->html && heads[i] != NULL; i++)
        buf_add_str(table->out, " --- |");
    if (!table->html)
        buf_add_char(table->out, '\n');
}

static void table_end(const struct table *table)
{
    if (table->html)
        buf_add_str(table->out, "</table>\n");
}

static void table_verdicts(const struct table *table, const struct value *verdicts)
{
    static const char *const heads[] = {"requirement", "holds", "found", "needed", NULL};
    if (count_of(verdicts) == 0)
        return;
    table_begin(table, "Requirements", heads);
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct value *verdict = verdicts->items[i];
        row_begin(table, truth_of(verdict, "holds") ? "yes" : "no");
        cell(table, text_of(verdict, "require"));
        cell(table, holds_word(verdict));
        cell(table, text_of(verdict, "found"));
        cell(table, text_of(verdict, "bound"));
        row_end(table);
    }
    table_end(table);
}

static void table_metrics(const struct table *table, const struct value *metrics)
{
    static const char *const heads[] = {"metric", "candidate", "champion", "difference", NULL};
    if (count_of(metrics) == 0)
        return;
    table_begin(table, "Metrics", heads);
    for (size_t i = 0; i < metrics->count; i++) {
        const struct value *metric = metrics->items[i], *champion = value_get(metric, "champion");
        const struct value *value = value_get(metric, "value");
        row_begin(table, "");
        cell(table, text_of(metric, "name"));
        number_cell(table, value, 0);
        number_cell(table, champion, 0);
        if (champion != NULL && number_of(champion) == number_of(value))
            cell(table, "0");
        else
            number_cell(table, champion != NULL ? value : NULL, champion != NULL ? number_of(champion) : 0);
        row_end(table);
    }
    table_end(table);
}

static void table_actions(const struct table *table, const struct value *actions)
{
    static const char *const heads[] = {"action", "status", "outcome", "seconds", NULL};
    table_begin(table, "What was done", heads);
    for (size_t i = 0; i < count_of(actions); i++) {
        const struct value *action = actions->items[i], *seconds = value_get(action, "seconds");
        row_begin(table, strcmp(text_of(action, "status"), "failed") == 0 ? "no" : "");
        cell(table, text_of(action, "id"));
        cell(table, text_of(action, "status"));
        cell(table, text_of(action, "message"));
        struct buf text = {0};
        if (seconds != NULL)
            buf_printf(&text, "%.1f", number_of(seconds));
        cell(table, buf_str(&text));
        buf_free(&text);
        row_end(table);
    }
    table_end(table);
}

static void tables(const struct table *table, const struct value *report)
{
    table_verdicts(table, list_of(report, "verdicts"));
    table_metrics(table, list_of(report, "metrics"));
    table_actions(table, list_of(report, "actions"));
}

void run_report_markdown(struct buf *out, const struct value *report)
{
    struct table table = {out, escape_markdown, false};
    buf_printf(out, "### %s: %s\n\n", text_of(report, "model"),
               truth_of(report, "succeeded") ? "passed" : "failed");
    if (*text_of(report, "artifact") != '\0')
        buf_printf(out, "Version %lld, `sha256:%.12s`, %s.\n",
                   (long long)value_get(report, "number")->integer, text_of(report, "artifact"),
                   text_of(report, "verdict"));
    tables(&table, report);
}

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;color:#1c1c1e;"
    "background:#fff}h1{margin-bottom:.2rem}h2{margin-top:2rem}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd;vertical-align:top;"
    "white-space:pre-wrap;overflow-wrap:anywhere}tr.no td{background:#fde8e8}tr.yes td{background:#eef9ee}"
    "code{font:14px ui-monospace,monospace}.state{display:inline-block;padding:.1rem "
    ".6rem;border-radius:1rem;"
    "color:#fff}.passed{background:#1a7f37}.failed{background:#b42318}"
    "@media(prefers-color-scheme:dark){body{background:#161618;color:#e8e8ea}th,td{border-color:#333}"
    "tr.no td{background:#4a1d1d}tr.yes td{background:#17351f}}";

void run_report_html(struct buf *out, const struct value *report)
{
    struct table table = {out, escape_html, true};
    const char *state = truth_of(report, "succeeded") ? "passed" : "failed";
    buf_add_str(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    escape_html(out, text_of(report, "model"));
    buf_printf(out, ": %s</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", state, style);
    escape_html(out, text_of(report, "model"));
    buf_printf(out, " <span class=\"state %s\">%s</span></h1>\n<p>", state, state);
    escape_html(out, text_of(report, "time"));
    if (*text_of(report, "artifact") != '\0') {
        buf_printf(out, " · version %lld · ", (long long)value_get(report, "number")->integer);
        escape_html(out, text_of(report, "verdict"));
        buf_add_str(out, " · <code>sha256:");
        escape_html(out, text_of(report, "artifact"));
        buf_add_str(out, "</code>");
    }
    buf_add_str(out, "</p>\n");
    tables(&table, report);
    buf_add_str(out, "</body>\n</html>\n");
}
