/* What a monitor found: for people, for programs, for Prometheus. */

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/text.h"
#include "runtime/monitor.h"

void monitor_print_text(const struct monitor_run *run, struct buf *out)
{
    buf_printf(out, "%s: ", run->monitor->id);
    if (run->problem != NULL) {
        buf_printf(out, "%s\n", run->problem);
        return;
    }
    buf_printf(out, "%zu requests (%zu rows) of %s\n  against %s\n", run->requests, run->rows, run->captured,
               run->baseline);
    for (size_t i = 0; i < run->results.count; i++) {
        const struct monitor_result *result = run->results.items[i];
        buf_printf(out, "  %s %s  —  %s\n",
                   result->holds     ? "✓"
                   : result->decided ? "✗"
                                     : "?",
                   result->source, result->found);
    }
    if (run->unreadable > 0)
        buf_printf(out, "  %zu lines or rows were no captured request and are left out\n", run->unreadable);
    if (run->cut)
        buf_add_str(out, "  the window holds more than is read: the newest part of it counts\n");
}

static const struct value *result_value(struct arena *arena, const struct monitor_result *result)
{
    struct record_builder one = record_begin(arena);
    record_set(&one, "expect", value_string(arena, result->source, 0));
    record_set(&one, "measure",
               result->measure != NULL ? value_string(arena, result->measure, 0) : value_null(arena, 0));
    record_set(&one, "column",
               result->column != NULL ? value_string(arena, result->column, 0) : value_null(arena, 0));
    record_set(&one, "holds", value_bool(arena, result->holds, 0));
    record_set(&one, "decided", value_bool(arena, result->decided, 0));
    record_set(&one, "value",
               result->has_value && isfinite(result->value) ? value_float(arena, result->value, 0)
                                                            : value_null(arena, 0));
    record_set(&one, "found", value_string(arena, result->found, 0));
    return record_end(&one, 0);
}

const struct value *monitor_to_value(struct arena *arena, const struct monitor_run *run)
{
    struct list_builder results = list_begin(arena);
    for (size_t i = 0; i < run->results.count; i++)
        list_add(&results, result_value(arena, run->results.items[i]));
    struct record_builder record = record_begin(arena);
    record_set(&record, "version", value_int(arena, 1, 0));
    record_set(&record, "monitor", value_string(arena, run->monitor->id, 0));
    record_set(&record, "holds", value_bool(arena, run->hold, 0));
    if (run->problem != NULL)
        record_set(&record, "problem", value_string(arena, run->problem, 0));
    if (run->captured != NULL)
        record_set(&record, "captured", value_string(arena, run->captured, 0));
    if (run->baseline != NULL)
        record_set(&record, "baseline", value_string(arena, run->baseline, 0));
    record_set(&record, "requests", value_int(arena, (int64_t)run->requests, 0));
    record_set(&record, "rows", value_int(arena, (int64_t)run->rows, 0));
    record_set(&record, "unreadable", value_int(arena, (int64_t)run->unreadable, 0));
    record_set(&record, "cut", value_bool(arena, run->cut, 0));
    record_set(&record, "results", list_end(&results, 0));
    return record_end(&record, 0);
}

/* A label's value: https://prometheus.io/docs/instrumenting/exposition_formats/ */
static void add_label(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "%s=\"", name);
    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == '"')
            buf_add_char(out, '\\');
        if (*text == '\n')
            buf_add_str(out, "\\n");
        else
            buf_add_char(out, *text);
    }
    buf_add_char(out, '"');
}

static void add_labels(struct buf *out, const struct monitor_run *run, const struct monitor_result *result)
{
    buf_add_char(out, '{');
    add_label(out, "monitor", run->monitor->id);
    if (result != NULL) {
        buf_add_char(out, ',');
        add_label(out, "expect", result->source);
        buf_add_char(out, ',');
        add_label(out, "measure", result->measure != NULL ? result->measure : "");
        buf_add_char(out, ',');
        add_label(out, "column", result->column != NULL ? result->column : "");
    }
    buf_add_str(out, "} ");
}

static void describe(struct buf *out, const char *name, const char *help)
{
    buf_printf(out, "# HELP mlc_monitor_%s %s\n# TYPE mlc_monitor_%s gauge\n", name, help, name);
}

void monitor_print_metrics(const struct monitor_run *run, const struct world *world, struct buf *out)
{
    describe(out, "holds", "1 when the expectation holds.");
    for (size_t i = 0; i < run->results.count; i++) {
        const struct monitor_result *result = run->results.items[i];
        buf_add_str(out, "mlc_monitor_holds");
        add_labels(out, run, result);
        buf_printf(out, "%d\n", result->holds);
    }
    describe(out, "value", "The measure of the expectation; shares from 0 to 1, durations in seconds.");
    for (size_t i = 0; i < run->results.count; i++) {
        const struct monitor_result *result = run->results.items[i];
        char number[32];
        if (!result->has_value)
            continue;
        text_from_double(result->value, number);
        buf_add_str(out, "mlc_monitor_value");
        add_labels(out, run, result);
        buf_printf(out, "%s\n", isinf(result->value) ? (result->value > 0 ? "+Inf" : "-Inf") : number);
    }
    describe(out, "requests", "Captured requests in the window.");
    buf_add_str(out, "mlc_monitor_requests");
    add_labels(out, run, NULL);
    buf_printf(out, "%zu\n", run->requests);
    describe(out, "problem", "1 when the monitor could not be run.");
    buf_add_str(out, "mlc_monitor_problem");
    add_labels(out, run, NULL);
    buf_printf(out, "%d\n", run->problem != NULL);
    describe(out, "time_seconds", "When the monitor ran.");
    buf_add_str(out, "mlc_monitor_time_seconds");
    add_labels(out, run, NULL);
    buf_printf(out, "%lld\n", (long long)(world->wall_ns(world->context) / 1000000000));
}
