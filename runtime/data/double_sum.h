#ifndef MLC_DATA_DOUBLE_SUM_H
#define MLC_DATA_DOUBLE_SUM_H

/* The exact sum of doubles: a fixed-point number as wide as all of them. It does not depend on the order in
 * which they were added, so neither threads nor memory show in a result. */

#include <stdint.h>

enum { DOUBLE_SUM_LIMBS = 68 };

/* Zero-initialise. Limb i counts 2^(32 i - 1074); limbs are signed and hold more than 32 bits until the sum
 * is read. */
struct double_sum {
    int64_t limbs[DOUBLE_SUM_LIMBS];
    uint32_t pending;  /* numbers since limbs were last carried over */
    double not_finite; /* the sum of what was infinite or no number */
};

void double_sum_add(struct double_sum *sum, double number);
void double_sum_merge(struct double_sum *into, const struct double_sum *from);

/* The double nearest to the sum; infinite when it is too large. */
double double_sum_value(const struct double_sum *sum);

#endif
