#ifndef MLC_RUNTIME_DATA_CHECK_VALUES_H
#define MLC_RUNTIME_DATA_CHECK_VALUES_H

/* Checks as plain values: what the templates that say them in other languages read (backends/data/checks.mlc
 * declares the type). */

#include "core/arena.h"
#include "core/value.h"
#include "runtime/data/cell.h"
#include "runtime/data/check.h"

/* One check: every field is there, numbers are without units (a share for percent, seconds for a duration),
 * no value has an origin. `error` is why its arguments cannot be judged anywhere, or null. */
const struct value *check_to_value(struct arena *arena, const struct check *check, size_t index);

/* A list of them. */
const struct value *checks_to_value(struct arena *arena, const struct check *checks, size_t count);

/* Whether both bounds are given, and the least one is above the greatest; texts as the column (or NULL) reads
 * them. */
bool check_bounds_crossed(struct arena *arena, const struct check *check, const struct column_schema *schema);

#endif
