#ifndef MLC_RUNTIME_RUN_REPORT_H
#define MLC_RUNTIME_RUN_REPORT_H

/* A model's last run as a report: what was done, what the gate required and found, the metrics against the
 * champion's. First a document (what --format json prints), then text, Markdown or HTML of it. All that a run
 * printed or measured is hostile: it is escaped for where it goes. */

#include "core/buf.h"
#include "runtime/registry.h"

/* {"version": 1, "model", "time", "succeeded", "number", "artifact", "verdict", "actions": […],
 * "verdicts": [{require, holds, vacuous, found, bound}], "metrics": [{name, value, champion}]}.
 * NULL with registry->error when the model was never run here or in the store. */
const struct value *run_report_collect(struct registry *registry, struct node *model);

void run_report_text(struct buf *out, const struct value *report);
void run_report_markdown(struct buf *out, const struct value *report);
/* One page without references to anything else. */
void run_report_html(struct buf *out, const struct value *report);

#endif
