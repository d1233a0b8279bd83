#ifndef MLC_RUNTIME_DATA_SUITE_H
#define MLC_RUNTIME_DATA_SUITE_H

/* Great Expectations 1.x suites (JSON) to checks. backends/data/suite.mlc writes them. */

#include "core/arena.h"
#include "core/value.h"
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

#endif
