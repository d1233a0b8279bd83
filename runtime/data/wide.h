#ifndef MLC_DATA_WIDE_H
#define MLC_DATA_WIDE_H

/* Unsigned integers of 640 bits: enough for the exact variance of 2^64 decimals of 38 digits, and for
 * comparing quotients of decimals. Results must fit; nothing checks. */

#include <stdbool.h>
#include <stdint.h>

enum { WIDE_LIMBS = 10 };

/* Lowest limb first. */
struct wide {
    uint64_t limbs[WIDE_LIMBS];
};

struct wide wide_of(unsigned __int128 value);
struct wide wide_sum(const struct wide *a, const struct wide *b);
/* a - b, where a >= b. */
struct wide wide_difference(const struct wide *a, const struct wide *b);
struct wide wide_product(const struct wide *a, const struct wide *b);
struct wide wide_power_of_ten(unsigned exponent);
int wide_compare(const struct wide *a, const struct wide *b);
bool wide_is_zero(const struct wide *a);

/* Adds a number of 128 bits. */
void wide_add(struct wide *to, unsigned __int128 value);

/* The double nearest to a / b, ties to even; b is not zero. Infinity when it is too large. */
double wide_ratio(const struct wide *a, const struct wide *b);

#endif
