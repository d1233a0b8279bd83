#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "runtime/data/report.h"

bool report_is_hidden(uint32_t point)
{
    bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    bool turns = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
                 point == 0x200E || point == 0x200F || point == 0x061C;
    return control || turns || point == 0xFEFF || point == 0x2028 || point == 0x2029;
}

void report_hidden(struct buf *out, uint32_t point)
{
    buf_printf(out, point < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)point);
}

void report_escape(struct buf *out, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t point = text_next_code_point(text, length, &at);
        if (report_is_hidden(point) && point != '\t' && point != '\n' && point != '\r')
            report_hidden(out, point);
        else if (point == '&')
            buf_add_str(out, "&amp;");
        else if (point == '<')
            buf_add_str(out, "&lt;");
        else if (point == '>')
            buf_add_str(out, "&gt;");
        else if (point == '"')
            buf_add_str(out, "&quot;");
        else if (point == '\'')
            buf_add_str(out, "&#39;");
        else
            text_add_code_point(out, point == 0xFFFE || point == 0xFFFF ? 0xFFFD : point);
    }
}

/* A number's digits, thousands separated before the point. */
static void add_digits(struct buf *out, const char *digits)
{
    if (*digits == '-')
        buf_add_char(out, *digits++);
    size_t whole = strspn(digits, "0123456789");
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0)
            buf_add_char(out, ',');
        buf_add_char(out, digits[i]);
    }
    buf_add_str(out, digits + whole);
}

static void add_whole(struct buf *out, double number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.0f", number == 0 ? 0 : number);
    add_digits(out, digits);
}

void report_number(struct buf *out, double number)
{
    if (isnan(number))
        buf_add_str(out, "n/a");
    else if (isinf(number))
        buf_add_str(out, number < 0 ? "-inf" : "inf");
    else if (number == floor(number) && fabs(number) < 1e15)
        add_whole(out, number);
    else
        buf_printf(out, "%.6g", number);
}

size_t report_regroup(const double *counts, size_t bins, double *out, size_t limit)
{
    size_t size = limit ? (bins + limit - 1) / limit : 1, groups = 0;
    for (size_t at = 0; at < bins; at += size) {
        size_t end = at + size < bins ? at + size : bins;
        double sum = 0;
        for (size_t i = at; i < end; i++)
            sum += counts[i];
        out[groups++] = sum * (double)size / (double)(end - at);
    }
    return groups;
}

static void add_observed(struct buf *out, const struct value *value)
{
    struct buf text = {0};
    if (value->kind == VALUE_FLOAT && !value->digits) {
        report_number(out, value->number);
        return;
    }
    value_print(&text, value);
    if (value->kind == VALUE_INT || value->kind == VALUE_FLOAT) {
        add_digits(out, buf_str(&text));
        buf_free(&text);
        return;
    }
    size_t cut = text.length;
    if (cut > 60) {
        for (cut = 59; cut > 0 && ((unsigned char)text.data[cut] & 0xC0) == 0x80;)
            cut--;
        buf_add(out, text.data, cut);
        buf_add_str(out, "…");
    } else {
        buf_add_str(out, buf_str(&text));
    }
    buf_free(&text);
}

void report_count(struct buf *out, uint64_t count, const char *word)
{
    report_number(out, (double)count);
    buf_printf(out, " %s%s", word, count == 1 ? "" : "s");
}

static void add_finding(struct buf *out, const struct check_result *result)
{
    bool rows = check_kind_info(result->check->kind)->group == CHECK_GROUP_EACH;
    if (result->status == CHECK_ERROR) {
        buf_add_str(out, result->error);
        return;
    }
    if (result->counted && rows) {
        uint64_t judged = result->element_count -
                          (result->check->kind == CHECK_NOT_NULL || result->check->kind == CHECK_IS_NULL
                               ? 0
                               : result->missing_count);
        if (result->unexpected_count == 0) {
            buf_add_str(out, judged == 1 ? "the " : "all ");
            report_count(out, judged, "row");
            return;
        }
        report_number(out, (double)result->unexpected_count);
        buf_add_str(out, " of ");
        report_count(out, judged, "row");
        buf_printf(out, " (%.3g%%)", result->unexpected_percent);
        return;
    }
    if (result->observed && result->observed->kind != VALUE_NULL)
        add_observed(out, result->observed);
    if (result->reason)
        buf_printf(out, "%s%s", out->length ? ": " : "", result->reason);
}

void report_finding(struct buf *out, const struct check_result *result)
{
    add_finding(out, result);
    if (result->approximate && result->status != CHECK_ERROR)
        buf_add_str(out, " (an estimate)");
}

bool report_input(struct buf *out, const struct table_findings *findings, enum table_finding_kind kind)
{
    static const char *const WORDS[][2] = {
        {"row with too few fields", "rows with too few fields"},
        {"row with too many fields", "rows with too many fields"},
        {"text that is not of its column's type", "texts that are not of their column's type"},
        {"string that is not UTF-8", "strings that are not UTF-8"},
        {"stray quote", "stray quotes"},
        {"line that is no JSON object", "lines that are no JSON objects"}};
    if (!findings || findings->counts[kind] == 0)
        return false;
    const struct table_finding *first = &findings->kept[kind][0];
    bool many = findings->counts[kind] > 1;
    report_number(out, (double)findings->counts[kind]);
    buf_printf(out, " %s%s in row %llu", WORDS[kind][many], many ? ", the first" : "",
               (unsigned long long)first->row);
    if (first->byte)
        buf_printf(out, " at byte %llu", (unsigned long long)first->byte);
    if (first->text[0]) {
        buf_add_str(out, ": ");
        buf_add(out, first->text, strnlen(first->text, sizeof first->text));
    }
    return true;
}
