#ifndef MLC_RUNTIME_DATA_CHECK_SPREAD_H
#define MLC_RUNTIME_DATA_CHECK_SPREAD_H

/* Z_SCORE and NOT_OUTLIER: values held against the column's own spread, which the first pass finds and the
 * second judges by. Inside the check engine. */

#include "runtime/data/check_engine.h"

bool is_spread_kind(enum check_kind kind);

/* What the second pass judges by, from the accumulators of the first, as `detail` of judge_spread. *detail is
 * NULL when the values have no spread to be held against: then all are good. False with an error when a
 * temporary file fails. */
bool spread_detail(struct plan *plan, const struct binding *binding, struct accumulator_set *set,
                   const void **detail, struct data_error *error);

/* The judge of the second pass. */
judge_fn judge_spread;

#endif
