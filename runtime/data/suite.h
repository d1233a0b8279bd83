#ifndef MLC_RUNTIME_DATA_SUITE_H
#define MLC_RUNTIME_DATA_SUITE_H

/* Great Expectations 1.x suites (JSON) to checks and back. */

#include "core/arena.h"
#include "core/value.h"
#include "core/vec.h"
#include "runtime/data/check.h"

/* One expectation: a type of Great Expectations, or the name of a kind of check ("drift", "accuracy"), whose
 * kwargs are column, column_list, min_value, max_value, value_set, quantile, measure, reference, other,
 * other_columns, slice_by, slice_least, slice_gap, positive, condition, last. Never fails: wrong arguments
 * become the check's `error`; `*known` is false when no check does what the type asks for. */
struct check suite_check(struct arena *arena, const char *type, const struct value *kwargs, bool *known);

struct suite {
    const char *name;
    const struct check *checks;
    size_t count;
};

/* A suite document: {"name", "expectations": [{"type", "kwargs", "meta"?, "severity"?}]}; also the older
 * spellings `expectation_suite_name` and `expectation_type`. NULL on failure with `*why`. */
const struct suite *suite_read(struct arena *arena, const struct value *document, const char **why);

/* A check as an expectation record; NULL with `*why` when Great Expectations has none that means the same. */
const struct value *suite_expectation(struct arena *arena, const struct check *check, const char **why);

/* A whole suite; checks without a counterpart are left out and pushed to `left_out` (const struct check *).
 */
const struct value *suite_write(struct arena *arena, const char *name, const struct check *checks,
                                size_t count, struct vec *left_out);

#endif
