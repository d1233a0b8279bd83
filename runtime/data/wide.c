#include "runtime/data/wide.h"

#include <math.h>

typedef unsigned __int128 twofold;

struct wide wide_of(twofold value)
{
    return (struct wide){{(uint64_t)value, (uint64_t)(value >> 64)}};
}

static void add_from(struct wide *to, int limb, uint64_t value)
{
    for (; value && limb < WIDE_LIMBS; limb++)
        value = __builtin_add_overflow(to->limbs[limb], value, &to->limbs[limb]);
}

void wide_add(struct wide *to, twofold value)
{
    add_from(to, 0, (uint64_t)value);
    add_from(to, 1, (uint64_t)(value >> 64));
}

struct wide wide_sum(const struct wide *a, const struct wide *b)
{
    struct wide sum = *a;
    for (int i = 0; i < WIDE_LIMBS; i++)
        add_from(&sum, i, b->limbs[i]);
    return sum;
}

struct wide wide_difference(const struct wide *a, const struct wide *b)
{
    struct wide out;
    uint64_t borrow = 0;
    for (int i = 0; i < WIDE_LIMBS; i++) {
        twofold limb = (twofold)a->limbs[i] - b->limbs[i] - borrow;
        out.limbs[i] = (uint64_t)limb;
        borrow = (uint64_t)(limb >> 64) & 1;
    }
    return out;
}

static int limbs_of(const struct wide *a)
{
    int count = WIDE_LIMBS;
    while (count > 0 && a->limbs[count - 1] == 0)
        count--;
    return count;
}

struct wide wide_product(const struct wide *a, const struct wide *b)
{
    struct wide out = {{0}};
    int high_a = limbs_of(a), high_b = limbs_of(b);
    for (int i = 0; i < high_a; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < high_b && i + j < WIDE_LIMBS; j++) {
            twofold limb = (twofold)a->limbs[i] * b->limbs[j] + out.limbs[i + j] + carry;
            out.limbs[i + j] = (uint64_t)limb;
            carry = (uint64_t)(limb >> 64);
        }
        add_from(&out, i + high_b, carry);
    }
    return out;
}

struct wide wide_power_of_ten(unsigned exponent)
{
    const struct wide ten = wide_of(10);
    struct wide power = wide_of(1);
    while (exponent-- > 0)
        power = wide_product(&power, &ten);
    return power;
}

int wide_compare(const struct wide *a, const struct wide *b)
{
    for (int i = WIDE_LIMBS; i-- > 0;)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

bool wide_is_zero(const struct wide *a)
{
    return limbs_of(a) == 0;
}

static int bits_of(const struct wide *a)
{
    int count = limbs_of(a);
    return count ? 64 * count - __builtin_clzll(a->limbs[count - 1]) : 0;
}

static struct wide shifted(const struct wide *a, int bits)
{
    struct wide out = {{0}};
    int limbs = bits / 64, rest = bits % 64;
    for (int i = limbs; i < WIDE_LIMBS; i++) {
        out.limbs[i] = a->limbs[i - limbs] << rest;
        if (rest && i > limbs)
            out.limbs[i] |= a->limbs[i - limbs - 1] >> (64 - rest);
    }
    return out;
}

double wide_ratio(const struct wide *a, const struct wide *b)
{
    enum {
        DIGITS = 55
    }; /* of the quotient: 53, one to round by, one that is lost when b is relatively large */
    int shift = bits_of(b) - bits_of(a) + DIGITS;
    struct wide top = shift > 0 ? shifted(a, shift) : *a, bottom = shift < 0 ? shifted(b, -shift) : *b;
    uint64_t quotient = 0;
    if (wide_is_zero(a))
        return 0;
    for (int bit = DIGITS; bit >= 0; bit--) {
        struct wide part = shifted(&bottom, bit);
        if (wide_compare(&top, &part) < 0)
            continue;
        top = wide_difference(&top, &part);
        quotient |= UINT64_C(1) << bit;
    }
    /* Two more digits, the last one set when anything is left: the conversion then rounds as the quotient
     * would. */
    quotient = quotient << 2 | !wide_is_zero(&top);
    return ldexp((double)quotient, -shift - 2);
}
