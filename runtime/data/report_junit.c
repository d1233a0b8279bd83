#include <string.h>

#include "runtime/data/report.h"

static void attribute(struct buf *out, const char *name, const char *text, size_t length)
{
    buf_printf(out, " %s=\"", name);
    report_escape(out, text, length);
    buf_add_char(out, '"');
}

static void add_case(struct buf *out, struct arena *arena, const char *suite,
                     const struct check_result *result)
{
    struct buf name = {0}, finding = {0};
    bool mild = result->check->severity == CHECK_WARNING;
    buf_add_str(&name, check_describe(arena, result->check));
    if (result->slice)
        buf_printf(&name, " [%s]", result->slice);
    report_finding(&finding, result);
    buf_add_str(out, "    <testcase");
    attribute(out, "classname", suite, strlen(suite));
    attribute(out, "name", buf_str(&name), name.length);
    buf_add_str(out, " time=\"0\"");
    if (result->status == CHECK_PASSED && result->approximate) {
        buf_add_str(out, ">\n      <system-out>");
        report_escape(out, buf_str(&finding), finding.length);
        buf_add_str(out, "; ");
        report_escape(out, check_estimate_bound(result->check), strlen(check_estimate_bound(result->check)));
        buf_add_str(out, "</system-out>\n    </testcase>\n");
    } else if (result->status == CHECK_PASSED) {
        buf_add_str(out, "/>\n");
    } else if (result->status == CHECK_SKIPPED || (mild && result->status == CHECK_FAILED)) {
        buf_add_str(out, ">\n      <skipped");
        attribute(out, "message", buf_str(&finding), finding.length);
        buf_add_str(out, "/>\n    </testcase>\n");
    } else {
        const char *element = result->status == CHECK_ERROR ? "error" : "failure";
        buf_printf(out, ">\n      <%s", element);
        attribute(out, "message", buf_str(&finding), finding.length);
        buf_printf(out, " type=\"%s\">", check_kind_info(result->check->kind)->name);
        for (size_t i = 0; i < result->sample_count; i++) {
            struct buf value = {0};
            buf_printf(&value, "row %llu: ", (unsigned long long)result->samples[i].row + 1);
            value_print(&value, result->samples[i].value);
            buf_add_char(&value, '\n');
            report_escape(out, buf_str(&value), value.length);
            buf_free(&value);
        }
        buf_printf(out, "</%s>\n    </testcase>\n", element);
    }
    buf_free(&name);
    buf_free(&finding);
}

static void add_findings(struct buf *out, const struct table_findings *findings)
{
    struct buf lines = {0};
    for (unsigned kind = 0; kind < FINDING_KINDS; kind++)
        if (report_input(&lines, findings, (enum table_finding_kind)kind))
            buf_add_char(&lines, '\n');
    if (lines.length > 0) {
        buf_add_str(out, "    <system-out>");
        report_escape(out, buf_str(&lines), lines.length);
        buf_add_str(out, "</system-out>\n");
    }
    buf_free(&lines);
}

void report_check_junit(struct buf *out, const char *suite, const struct check_report *report)
{
    struct arena *arena = arena_new();
    size_t failures = 0, errors = 0, skipped = 0;
    for (size_t i = 0; i < report->result_count; i++) {
        const struct check_result *result = &report->results[i];
        bool mild = result->check->severity == CHECK_WARNING && result->status == CHECK_FAILED;
        failures += result->status == CHECK_FAILED && !mild;
        errors += result->status == CHECK_ERROR;
        skipped += result->status == CHECK_SKIPPED || mild;
    }
    buf_add_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
    attribute(out, "name", suite, strlen(suite));
    buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\">\n",
               report->result_count, failures, errors, skipped);
    for (size_t i = 0; i < report->result_count; i++)
        add_case(out, arena, suite, &report->results[i]);
    add_findings(out, report->findings);
    buf_add_str(out, "  </testsuite>\n</testsuites>\n");
    arena_free(arena);
}
