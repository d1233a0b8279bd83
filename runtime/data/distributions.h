#ifndef MLC_RUNTIME_DATA_DISTRIBUTIONS_H
#define MLC_RUNTIME_DATA_DISTRIBUTIONS_H

/* Tail probabilities of the distributions that tests use, to about 1e-10 relative, and exact sums. */

#include <stddef.h>
#include <stdint.h>

/* P(X >= x) for chi-square with `df` > 0 degrees of freedom; 0 at infinity. */
double chi_square_upper(double x, double df);

/* P(|Z| >= |z|) for the standard normal. */
double normal_two_sided(double z);

/* P(sup |B| >= x), the limit distribution of Kolmogorov. */
double kolmogorov_upper(double x);

/* P(D_n >= d) for the two-sided one-sample statistic of `n` values (Simard and L'Ecuyer 2011: Durbin's
 * matrix, Pelz and Good, or twice the one-sided probability, each where it is accurate). */
double kolmogorov_n_upper(uint64_t n, double d);

/* P of a two-sample statistic at least h / lcm(n1, n2) when both samples have one distribution: exact,
 * by the closed form for n1 == n2 and by lattice paths otherwise (O(n1 x band)). */
double ks_exact_upper(uint64_t n1, uint64_t n2, uint64_t h);

uint64_t greatest_common_divisor(uint64_t a, uint64_t b);

/* Neumaier's compensated sum. Zero-initialise. */
struct exact_sum {
    double sum, rest;
};
void sum_add(struct exact_sum *sum, double x);
double sum_value(const struct exact_sum *sum);

#endif
