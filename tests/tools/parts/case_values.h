#ifndef MLC_TESTS_TOOLS_CASE_VALUES_H
#define MLC_TESTS_TOOLS_CASE_VALUES_H

/* Values that JSON has no word for, as cases write them. */

#include "core/value.h"

/* {"$float": "nan"} and the like; NaN is a null, as in pandas. Any other value as it is. */
const struct value *case_plain(struct arena *arena, const struct value *value);
/* Replaces these, and {"$PARAMETER": "now() - timedelta(weeks=52*100)"}, wherever they are. Now is the day on
 * which the cases were taken. */
const struct value *case_resolve(struct arena *arena, const struct value *value);

#endif
