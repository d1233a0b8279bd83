#ifndef MLC_GRAMMAR_NUMBER_H
#define MLC_GRAMMAR_NUMBER_H

/* Decodes number literals: 12, 1_000, 0.5, 1e-3, 5%, 10m, 1h30m, 512Mi, 50/s. */

#include "core/arena.h"
#include "core/diag.h"
#include "core/value.h"

/* The value of a literal (int, float or quantity), or NULL after reporting ("unknown unit `foo`", overflow).
 * Units: ns us ms s m h d w y (365d); B K M G T (decimal) Ki Mi Gi Ti; % ; N/s N/m N/h (rates). */
const struct value *number_decode(struct arena *arena, const char *literal, struct span span, origin where,
                                  struct diag_sink *diags);

#endif
