#include "runtime/data/double_sum.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Limbs take 2^30 parts of 32 bits before they overflow. */
enum { LIMB_BITS = 32, PENDING_MOST = 1 << 30 };

/* Every limb but the last between 0 and 2^32 - 1. */
static void carry_over(struct double_sum *sum)
{
    int64_t carry = 0;
    for (int i = 0; i + 1 < DOUBLE_SUM_LIMBS; i++) {
        int64_t limb = sum->limbs[i] + carry;
        sum->limbs[i] = limb & UINT32_MAX;
        carry = limb >> LIMB_BITS;
    }
    sum->limbs[DOUBLE_SUM_LIMBS - 1] += carry;
    sum->pending = 0;
}

void double_sum_add(struct double_sum *sum, double number)
{
    enum { FRACTION = 52, LARGEST = 2047 };
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    unsigned exponent = (unsigned)(bits >> FRACTION) & LARGEST;
    uint64_t mantissa = bits & ((UINT64_C(1) << FRACTION) - 1);
    if (exponent == LARGEST) {
        sum->not_finite += number;
        return;
    }
    if (exponent > 0) {
        mantissa |= UINT64_C(1) << FRACTION;
        exponent--;
    }
    unsigned limb = exponent / LIMB_BITS;
    unsigned __int128 shifted = (unsigned __int128)mantissa << exponent % LIMB_BITS;
    int64_t sign = bits >> 63 ? -1 : 1;
    for (int i = 0; i < 3; i++, shifted >>= LIMB_BITS)
        sum->limbs[limb + (unsigned)i] += sign * (int64_t)(uint32_t)shifted;
    if (++sum->pending == PENDING_MOST)
        carry_over(sum);
}

void double_sum_merge(struct double_sum *into, const struct double_sum *from)
{
    struct double_sum other = *from;
    carry_over(into);
    carry_over(&other);
    for (int i = 0; i < DOUBLE_SUM_LIMBS; i++)
        into->limbs[i] += other.limbs[i];
    into->pending = 1;
    into->not_finite += other.not_finite;
}

double double_sum_value(const struct double_sum *sum)
{
    struct double_sum copy = *sum;
    if (sum->not_finite != 0) /* NaN is no 0 either */
        return sum->not_finite;
    carry_over(&copy);
    bool negative = copy.limbs[DOUBLE_SUM_LIMBS - 1] < 0;
    for (int i = 0; negative && i < DOUBLE_SUM_LIMBS; i++)
        copy.limbs[i] = -copy.limbs[i];
    if (negative)
        carry_over(&copy);
    int top = DOUBLE_SUM_LIMBS - 1;
    while (top > 0 && copy.limbs[top] == 0)
        top--;
    if (top < 2) { /* 64 bits at most, of the smallest numbers: exact in both steps, or rounded once */
        double low = ldexp((double)((uint64_t)copy.limbs[1] << LIMB_BITS | (uint64_t)copy.limbs[0]), -1074);
        return negative ? -low : low;
    }
    /* The highest 96 bits; the last one says whether anything is below. */
    unsigned __int128 head = (unsigned __int128)(uint64_t)copy.limbs[top] << 2 * LIMB_BITS |
                             (uint64_t)copy.limbs[top - 1] << LIMB_BITS | (uint64_t)copy.limbs[top - 2];
    for (int i = 0; i < top - 2; i++)
        head |= copy.limbs[i] != 0;
    double value = ldexp((double)head, LIMB_BITS * (top - 2) - 1074);
    return negative ? -value : value;
}
