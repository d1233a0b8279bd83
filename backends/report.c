#include "backends/report.h"

#include <stdarg.h>

struct diag *report_at(struct compilation *compilation, enum diag_code code, origin where, const char *format,
                       ...)
{
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(compilation->arena, format, args);
    va_end(args);
    return diag_report_at(compilation->diags, code, compilation->origins, compilation->sources, where, "%s",
                          message);
}

void report_other(struct compilation *compilation, struct diag *diag, origin where, const char *label)
{
    struct span span = origin_user_span(compilation->origins, compilation->sources, where);
    if (span_is_none(span))
        span = origin_span(compilation->origins, where);
    bool same = span.source == diag->primary.span.source && span.start == diag->primary.span.start &&
                span.end == diag->primary.span.end;
    if (!span_is_none(span) && !same)
        diag_secondary(diag, span, "%s", label);
}
