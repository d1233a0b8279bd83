/* What the proxy says itself: errors, readiness and metrics. */

#include <stdio.h>
#include <string.h>
#include "core/documents/json.h"
#include "runtime/capture/connection.h"

const double latency_bounds[LATENCY_BUCKETS] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                0.25,  0.5,    1,     2.5,  5,     10,   30};

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {400, "Bad Request"},
                   {405, "Method Not Allowed"},
                   {408, "Request Timeout"},
                   {431, "Request Header Fields Too Large"},
                   {501, "Not Implemented"},
                   {502, "Bad Gateway"},
                   {503, "Service Unavailable"},
                   {504, "Gateway Timeout"},
                   {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

static void answer(struct connection *connection, int status, const char *type, const struct buf *body,
                   bool without_body, bool close)
{
    struct buf head = {0};
    buf_printf(&head,
               "HTTP/1.1 %d %s\r\nServer: mlc-capture\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
               "Cache-Control: no-store\r\n%s\r\n",
               status, reason_of(status), type, body->length, close ? "Connection: close\r\n" : "");
    stream_add(&connection->client.out, head.data, head.length);
    if (!without_body && body->length > 0)
        stream_add(&connection->client.out, body->data, body->length);
    buf_free(&head);
}

void answer_error(struct connection *connection, int status, const char *why)
{
    struct buf body = {0};
    buf_add_str(&body, "{\"error\":");
    json_write_string(&body, why, strlen(why));
    buf_add_str(&body, ",\"from\":\"mlc capture\"}\n");
    answer(connection, status, "application/json", &body, connection->to_head, true);
    buf_free(&body);
    connection->proxy->counts.requests[status / 100]++;
    connection->phase = PHASE_CLOSING;
}

/* --- metrics: https://prometheus.io/docs/instrumenting/exposition_formats/ --- */

static void describe(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP mlc_capture_%s %s\n# TYPE mlc_capture_%s %s\n", name, help, name, type);
}

static void single(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
    describe(out, name, type, help);
    buf_printf(out, "mlc_capture_%s %llu\n", name, (unsigned long long)value);
}

static void add_traffic(struct buf *out, const struct proxy *proxy)
{
    static const char *const errors[SERVICE_ERRORS] = {"refused", "broken", "timeout", "garbage"};
    const struct proxy_counts *counts = &proxy->counts;
    describe(out, "requests_total", "counter", "Requests by class of their status.");
    for (int i = 1; i < 6; i++)
        buf_printf(out, "mlc_capture_requests_total{status=\"%dxx\"} %llu\n", i,
                   (unsigned long long)counts->requests[i]);
    describe(out, "service_errors_total", "counter", "Requests that the service did not answer.");
    for (int i = 0; i < SERVICE_ERRORS; i++)
        buf_printf(out, "mlc_capture_service_errors_total{reason=\"%s\"} %llu\n", errors[i],
                   (unsigned long long)counts->errors[i]);
    single(out, "bad_requests_total", "counter", "Requests that are not HTTP/1.1.", counts->bad_requests);
    single(out, "connections", "gauge", "Open connections of clients.", proxy->count);
    single(out, "connections_total", "counter", "Connections that were taken.", counts->accepted);
    single(out, "connections_crowded_out_total", "counter", "Idle connections closed to make room.",
           counts->crowded_out);
    single(out, "timeouts_total", "counter", "Connections ended because nothing came.", counts->timed_out);
    describe(out, "request_duration_seconds", "histogram", "From a request's head to the end of its answer.");
    uint64_t sum = 0;
    for (int i = 0; i <= LATENCY_BUCKETS; i++) {
        sum += counts->latency[i];
        if (i < LATENCY_BUCKETS)
            buf_printf(out, "mlc_capture_request_duration_seconds_bucket{le=\"%g\"} %llu\n",
                       latency_bounds[i], (unsigned long long)sum);
    }
    buf_printf(
        out,
        "mlc_capture_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n"
        "mlc_capture_request_duration_seconds_sum %.9g\nmlc_capture_request_duration_seconds_count %llu\n",
        (unsigned long long)sum, counts->latency_sum, (unsigned long long)sum);
}

static void add_recorder(struct buf *out, struct recorder *recorder)
{
    struct recorder_counts *counts = recorder_counts(recorder);
    single(out, "samples_total", "counter", "Requests chosen to be kept.", counts->sampled);
    single(out, "samples_written_total", "counter", "Samples that were put away.", counts->written);
    describe(out, "samples_dropped_total", "counter", "Samples that were not kept, by reason.");
    for (int i = 0; i < DROP_REASONS; i++)
        buf_printf(out, "mlc_capture_samples_dropped_total{reason=\"%s\"} %llu\n", drop_reason_name(i),
                   (unsigned long long)counts->dropped[i]);
    single(out, "files_total", "counter", "Files that were put away.", counts->files);
    single(out, "file_bytes_total", "counter", "Their bytes, compressed.", counts->file_bytes);
    single(out, "put_failures_total", "counter", "Failed attempts to put a file away.", counts->put_failures);
    single(out, "buffer_bytes", "gauge", "Memory in use by samples and waiting files.",
           recorder_memory_used(recorder));
}

bool answer_local(struct connection *connection, const struct wire_head *head)
{
    struct proxy *proxy = connection->proxy;
    bool ready = wire_equals(head->target, "/-/ready"), metrics = wire_equals(head->target, "/-/metrics");
    if (!ready && !metrics)
        return false;
    struct buf body = {0};
    bool get = wire_equals(head->method, "GET") || connection->to_head;
    int status = !get ? 405 : ready && proxy->draining ? 503 : 200;
    if (metrics && get) {
        add_traffic(&body, proxy);
        add_recorder(&body, proxy->recorder);
    } else {
        buf_printf(&body, "%s\n", status == 405 ? "only GET" : status == 503 ? "draining" : "ready");
    }
    bool close = !connection->keep || head->framing != WIRE_NO_BODY || connection->old;
    answer(connection, status, metrics && get ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain",
           &body, connection->to_head, close);
    buf_free(&body);
    connection->phase = close ? PHASE_CLOSING : PHASE_HEAD;
    return true;
}
