#ifndef MLC_RUNTIME_CLUSTER_PLAN_VALUE_H
#define MLC_RUNTIME_CLUSTER_PLAN_VALUE_H

/* How a changed value is shown to a person: short ones whole, long ones around the place where they differ,
 * texts of several lines by their lines. Safe for a terminal. */

#include <stdbool.h>
#include "core/buf.h"
#include "core/documents/diff.h"

/* Appends what follows "PATH: ", with its line end; further lines begin with `indent` blanks. */
void plan_value_add(struct buf *out, const struct change *change, size_t indent, bool color);

#endif
