#ifndef MLC_DATA_NUMBER_H
#define MLC_DATA_NUMBER_H

/* Numbers as text to numbers, exactly: ints in 64 bits, decimals in 128, doubles correctly rounded (the fast
 * path multiplies or divides an exact integer by an exact power of ten; everything else goes to strtod).
 * All read the whole text and nothing else: no blanks. `[+-]digits` for ints, also `.` and exponents for the
 * others; doubles also "nan", "inf", "infinity" with a sign, in any case. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"
#include "runtime/data/table.h"

bool number_int(const char *text, size_t length, int64_t *out);
bool number_double(const char *text, size_t length, double *out);

/* False when the value has digits behind `scale` (other than zeros) or more than `precision` in all. */
bool number_decimal(const char *text, size_t length, unsigned precision, unsigned scale, decimal *out);

/* Appends a decimal with exactly `scale` digits behind the point. */
void number_print_decimal(struct buf *out, decimal value, unsigned scale);

/* The double nearest to value / 10^scale. */
double number_from_decimal(decimal value, unsigned scale);

#endif
