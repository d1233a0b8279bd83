#include "runtime/cluster/report.h"
#include <stdarg.h>
#include "core/buf.h"

struct diag *cluster_report(const struct reporter *reporter, enum diag_code code, origin where,
                            const char *format, ...)
{
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    struct diag *diag;
    if (where != 0 && reporter->origins != NULL)
        diag = diag_report_at(reporter->diags, code, reporter->origins, reporter->sources, where, "%s",
                              buf_str(&text));
    else
        diag = diag_report(reporter->diags, code, span_none, "%s", buf_str(&text));
    buf_free(&text);
    return diag;
}
