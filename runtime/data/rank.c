#include "runtime/data/rank.h"

#include <math.h>
#include "core/text.h"
#include "runtime/data/number.h"

void rank_place(double h, enum rank_method method, uint64_t count, uint64_t *low, uint64_t *high,
                double *part)
{
    double floored = floor(h);
    *low = (uint64_t)floored;
    *high = h > floored ? *low + 1 : *low;
    *part = h - floored;
    if (*high >= count)
        *high = count - 1;
    if (method == RANK_LOWER)
        *high = *low;
    else if (method == RANK_HIGHER)
        *low = *high;
    else if (method == RANK_NEAREST)
        *low = *high = (uint64_t)nearbyint(h);
    else if (method == RANK_MIDPOINT)
        *part = *high > *low ? 0.5 : 0;
}

double rank_between(double low, double high, double part)
{
    if (low == high)
        return low;
    /* numpy's form: from the nearer end, so that both ends are exact */
    return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}

bool rank_place_exactly(double at, enum rank_method method, uint64_t count, uint64_t *low, uint64_t *high,
                        uint64_t *part, unsigned *digits)
{
    enum { MOST_DIGITS = 17, DECIMAL_DIGITS = 38 };
    char text[32];
    size_t length = text_from_double(at, text);
    decimal numerator = 0, power = 1;
    *digits = 0;
    while (!number_decimal(text, length, DECIMAL_DIGITS, *digits, &numerator)) {
        if (++*digits > MOST_DIGITS)
            return false;
        power *= 10;
    }
    decimal h = numerator * (decimal)(count - 1), rest = h % power; /* less than 10^17 x 2^64 */
    *low = (uint64_t)(h / power);
    *high = rest > 0 ? *low + 1 : *low;
    bool upper = rest * 2 > power || (rest * 2 == power && *low % 2 == 1); /* half to even */
    if (method == RANK_LOWER || (method == RANK_NEAREST && !upper))
        *high = *low;
    else if (method == RANK_HIGHER || method == RANK_NEAREST)
        *low = *high;
    *part = *low == *high ? 0 : (uint64_t)rest;
    if (method == RANK_MIDPOINT && *low != *high) {
        *part = 5;
        *digits = 1;
    }
    return true;
}
