#ifndef MLC_DATA_RATIONAL_H
#define MLC_DATA_RATIONAL_H

/* Results that are not rounded: quotients of decimals. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/value.h"
#include "runtime/data/table.h"

enum { RATIONAL_SCALE = 38 };

/* units / (10^scale x divisor); the scale is at most RATIONAL_SCALE. */
struct rational {
    decimal units;
    unsigned scale;
    uint64_t divisor; /* at least 1 */
};

int rational_compare(struct rational a, struct rational b);
/* The nearest double. */
double rational_number(struct rational a);
/* a - b; false when it needs more than 128 bits, or when a divisor is not 1. */
bool rational_difference(struct rational a, struct rational b, struct rational *out);

/* A document's int or float as the decimal that it is written as: 0.1 is one tenth. False for what is none,
 * and for more digits than 38. */
bool rational_of_value(const struct value *value, struct rational *out);

/* A document's number with all its digits, as many behind the point as the scale says (the divisor is 1). */
const struct value *rational_value(struct arena *arena, struct rational exact);

#endif
