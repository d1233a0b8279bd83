#ifndef MLC_RUNTIME_CLUSTER_REPORT_H
#define MLC_RUNTIME_CLUSTER_REPORT_H

/* Where this room's errors go: into a sink, at the origin of the document that they are about, so that a
 * refusal of the API server points at a line of the manifest, or of the spec behind it. */

#include "core/diag.h"
#include "core/origin.h"
#include "core/span.h"

struct reporter {
    struct diag_sink *diags;
    const struct origin_table *origins; /* NULL: documents without places */
    const struct source_set *sources;
};

/* Reports at an origin; origin 0 gives a message without a place. Never NULL. */
struct diag *cluster_report(const struct reporter *reporter, enum diag_code code, origin where,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
