#ifndef MLC_BACKENDS_REPORT_H
#define MLC_BACKENDS_REPORT_H

/* Reports about finished documents, with the places of both sides. Private to backends/. */

#include "compiler/compilation.h"
#include "core/diag.h"
#include "core/value.h"

struct diag *report_at(struct compilation *compilation, enum diag_code code, origin where, const char *format,
                       ...) __attribute__((format(printf, 4, 5)));

/* A second place: the user's span behind an origin; nothing when there is none or it is the first one's. */
void report_other(struct compilation *compilation, struct diag *diag, origin where, const char *label);

#endif
