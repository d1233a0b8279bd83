#ifndef MLC_DATA_EXACT_H
#define MLC_DATA_EXACT_H

/* Arithmetic of conditions without rounding: sums, differences and products of ints, decimals, dates (days),
 * times (seconds) and constants, as 128-bit integers over a power of ten. So 0.1 + 0.2 is 0.3 in decimal
 * columns, and the difference of two timestamps is whole microseconds. */

#include "core/arena.h"
#include "core/expr.h"
#include "runtime/data/table.h"

struct exact;

/* NULL: something in it is a float column, a text or a quotient; such things are computed in doubles. */
const struct exact *exact_prepare(struct arena *arena, const struct table_schema *schema,
                                  const struct expr *expr);

enum exact_answer {
    EXACT_MISSING, /* a cell that it needs is */
    EXACT_TOO_LARGE,
    EXACT_LESS,
    EXACT_EQUAL,
    EXACT_GREATER
};

/* Order of two results in a row. `*left` and `*right` say which side has a value. */
enum exact_answer exact_compare(const struct exact *a, const struct exact *b, const struct chunk *chunk,
                                size_t row, bool *left, bool *right);

#endif
