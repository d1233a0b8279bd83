#include "runtime/data/distributions.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

static const double PI = 3.14159265358979323846;

void sum_add(struct exact_sum *sum, double x)
{
    double t = sum->sum + x;
    if (fabs(sum->sum) >= fabs(x))
        sum->rest += (sum->sum - t) + x;
    else
        sum->rest += (x - t) + sum->sum;
    sum->sum = t;
}

double sum_value(const struct exact_sum *sum)
{
    /* an infinite sum has no meaningful rest */
    return isfinite(sum->sum) ? sum->sum + sum->rest : sum->sum;
}

uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* lgamma writes the global signgam; this form does not. */
static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

/* Series for the lower incomplete gamma function, good for x < a + 1. */
static double gamma_lower_series(double a, double x)
{
    double term = 1 / a, sum = term;
    for (double k = a + 1; term > sum * 1e-17; k++) {
        term *= x / k;
        sum += term;
    }
    return sum * exp(a * log(x) - x - log_gamma(a));
}

/* Continued fraction (modified Lentz) for the upper one, good for x >= a + 1. */
static double gamma_upper_fraction(double a, double x)
{
    const double tiny = 1e-300;
    double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
    for (int i = 1; i < 100000; i++) {
        double an = -i * (i - a);
        b += 2;
        d = an * d + b;
        c = b + an / c;
        if (fabs(d) < tiny)
            d = tiny;
        if (fabs(c) < tiny)
            c = tiny;
        d = 1 / d;
        h *= d * c;
        if (fabs(d * c - 1) < 1e-16)
            break;
    }
    return h * exp(a * log(x) - x - log_gamma(a));
}

double chi_square_upper(double x, double df)
{
    if (isnan(x) || !(df > 0))
        return NAN;
    if (x <= 0)
        return 1;
    if (isinf(x))
        return 0;
    double a = df / 2, half = x / 2;
    return half < a + 1 ? 1 - gamma_lower_series(a, half) : gamma_upper_fraction(a, half);
}

double normal_two_sided(double z)
{
    return erfc(fabs(z) / sqrt(2));
}

double kolmogorov_upper(double x)
{
    if (!(x > 0))
        return 1;
    if (x < 0.8) { /* the theta-transformed series converges at once for small x */
        double sum = 0;
        for (int k = 1; k < 40; k += 2)
            sum += exp(-k * k * PI * PI / (8 * x * x));
        return 1 - sqrt(2 * PI) / x * sum;
    }
    double sum = 0;
    for (int k = 1; k < 100; k++) {
        double term = exp(-2.0 * k * k * x * x);
        sum += (k & 1) ? term : -term;
        if (term < 1e-20 * fabs(sum))
            break;
    }
    return 2 * sum;
}

/* P(D+ >= d) for n values (Smirnov's sum; every term is positive). */
static double smirnov_upper(uint64_t n, double d)
{
    double size = (double)n;
    struct exact_sum sum = {0};
    uint64_t last = (uint64_t)floor(size * (1 - d));
    double top = log_gamma(size + 1);
    for (uint64_t j = 0; j <= last; j++) {
        double at = d + (double)j / size, rest = 1 - at;
        double log_term =
            top - log_gamma((double)j + 1) - log_gamma(size - (double)j + 1) + ((double)j - 1) * log(at);
        if (n > j && rest > 0)
            log_term += (double)(n - j) * log1p(-at);
        else if (n > j)
            continue;
        sum_add(&sum, exp(log_term));
    }
    return d * sum_value(&sum);
}

static void matrix_multiply(const double *a, const double *b, double *c, size_t m)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            double sum = 0;
            for (size_t k = 0; k < m; k++)
                sum += a[i * m + k] * b[k * m + j];
            c[i * m + j] = sum;
        }
}

/* Keeps the middle element within range: divides by 1e140 and counts the exponent. */
static void matrix_rescale(double *a, size_t m, int *exponent)
{
    if (a[(m / 2) * m + m / 2] <= 1e140)
        return;
    for (size_t i = 0; i < m * m; i++)
        a[i] *= 1e-140;
    *exponent += 140;
}

/* a := a^n with a common decimal exponent; `scratch` has 2 m² elements. */
static void matrix_power(double *a, size_t m, uint64_t n, int *exponent, double *scratch)
{
    double *result = scratch, *product = scratch + m * m;
    int a_exponent = 0, exponent_of_result = 0;
    memset(result, 0, m * m * sizeof *result);
    for (size_t i = 0; i < m; i++)
        result[i * m + i] = 1;
    for (; n; n >>= 1) {
        if (n & 1) {
            matrix_multiply(result, a, product, m);
            memcpy(result, product, m * m * sizeof *a);
            exponent_of_result += a_exponent;
            matrix_rescale(result, m, &exponent_of_result);
        }
        matrix_multiply(a, a, product, m);
        memcpy(a, product, m * m * sizeof *a);
        a_exponent *= 2;
        matrix_rescale(a, m, &a_exponent);
    }
    memcpy(a, result, m * m * sizeof *a);
    *exponent = exponent_of_result;
}

/* Durbin's matrix as Marsaglia, Tsang and Wang (2003) build it. */
static void durbin_matrix(double *h, size_t m, size_t k, double rest)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++)
            h[i * m + j] = i + 1 < j ? 0 : 1;
    for (size_t i = 0; i < m; i++) {
        h[i * m] -= pow(rest, (double)i + 1);
        h[(m - 1) * m + i] -= pow(rest, (double)(m - i));
    }
    h[(m - 1) * m] += 2 * rest - 1 > 0 ? pow(2 * rest - 1, (double)m) : 0;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j <= i; j++)
            for (size_t g = 1; g <= i + 1 - j; g++)
                h[i * m + j] /= (double)g;
    (void)k;
}

/* P(D_n < d), exact. */
static double durbin_lower(uint64_t n, double d)
{
    size_t k = (size_t)((double)n * d) + 1, m = 2 * k - 1;
    double rest = (double)k - (double)n * d;
    double *h = mem_alloc(3 * m * m * sizeof *h);
    durbin_matrix(h, m, k, rest);
    int exponent = 0;
    matrix_power(h, m, n, &exponent, h + m * m);
    double value = h[(k - 1) * m + k - 1];
    for (uint64_t i = 1; i <= n; i++) {
        value = value * (double)i / (double)n;
        if (value < 1e-140) {
            value *= 1e140;
            exponent -= 140;
        }
    }
    free(h);
    return value * pow(10, exponent);
}

/* P(D_n < d) by the expansion of Pelz and Good (1976), to n^(-3/2). */
static double pelz_good_lower(uint64_t n, double d)
{
    double root = sqrt((double)n), z = root * d, z2 = z * z, z4 = z2 * z2, z6 = z4 * z2;
    double k0 = 0, k1 = 0, k2 = 0, k2b = 0, k3 = 0, k3b = 0, pi2 = PI * PI;
    for (int k = 0; k < 60; k++) {
        double half = k + 0.5, s = pi2 * half * half, e = 2 * exp(-s / (2 * z2)); /* both signs of k + 1/2 */
        k0 += e / 2;
        k1 += (s - z2) * e;
        k2 += (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * s + (1 - 2 * z2) * s * s) * e;
        k3 += (s * s * s * (5 - 30 * z2) + s * s * (-60 * z2 + 212 * z4) + s * (135 * z4 - 96 * z6) -
               30 * z6 - 90 * z4 * z4) *
              e;
        double t = pi2 * k * k, f = 2 * exp(-t / (2 * z2));
        k2b += t * f;
        k3b += (-t * t + 3 * t * z2) * f;
    }
    double c = sqrt(PI / 2);
    double sum = sqrt(2 * PI) / z * k0;
    sum += c / (6 * z4) * k1 / root;
    sum += (c / (72 * z6 * z) * k2 - c / (36 * z2 * z) * k2b) / (double)n;
    sum += (c / (6480 * z6 * z4) * k3 + c / (216 * z6) * k3b) / ((double)n * root);
    return sum;
}

static double clip01(double p)
{
    return p < 0 ? 0 : p > 1 ? 1 : p;
}

double kolmogorov_n_upper(uint64_t n, double d)
{
    if (n == 0 || isnan(d))
        return NAN;
    double size = (double)n, t = size * d, nd2 = t * d;
    if (d >= 1)
        return 0;
    if (t <= 0.5)
        return 1;
    if (t <= 1) /* Ruben and Gambino */
        return clip01(1 - exp(log_gamma(size + 1) - size * log(size) + size * log(2 * t - 1)));
    if (t >= size - 1)
        return 2 * pow(1 - d, size);
    if (d >= 0.5 || (n <= 140 && nd2 > 4) || (n > 140 && nd2 >= 2.2))
        return nd2 >= 370 ? 0 : clip01(2 * smirnov_upper(n, d));
    if (n <= 140 || (n <= 100000 && size * pow(d, 1.5) <= 1.4))
        return clip01(1 - durbin_lower(n, d));
    return clip01(1 - pelz_good_lower(n, d));
}

/* n1 == n2 == n: P = 2 A0 (1 - A1 (1 - A2 …)), A_k = product over j < h of (n - kh - j) / (n + kh + j + 1).
 */
static double ks_exact_equal(uint64_t n, uint64_t h)
{
    double p = 0;
    for (uint64_t k = n / h + 1; k-- > 0;) {
        double a = 1;
        for (uint64_t j = 0; j < h && a > 0; j++)
            a *= ((double)n - (double)(k * h) - (double)j) / ((double)n + (double)(k * h) + (double)j + 1);
        p = a * (1 - p);
    }
    return clip01(2 * p);
}

/* Fraction of the paths from (0,0) to (n1,n2) that touch |i n2 - j n1| >= h g; u[j] is that fraction for the
 * paths that end at (i,j). Nodes outside the band are 1, so that nothing cancels. */
static double ks_exact_paths(uint64_t n1, uint64_t n2, uint64_t h)
{
    uint64_t g = greatest_common_divisor(n1, n2);
    int64_t step1 = (int64_t)(n2 / g), step2 = (int64_t)(n1 / g), bound = (int64_t)h;
    double *u = mem_alloc((n2 + 1) * sizeof *u);
    for (uint64_t j = 0; j <= n2; j++)
        u[j] = (int64_t)j * step2 >= bound;
    for (uint64_t j = 1; j <= n2; j++)
        if (u[j - 1] == 1)
            u[j] = 1;
    for (uint64_t i = 1; i <= n1; i++) {
        int64_t at = (int64_t)i * step1;
        u[0] = at >= bound || u[0] == 1;
        int64_t first = (at - bound) / step2 - 1, last = (at + bound) / step2 + 1;
        uint64_t from = first < 1 ? 1 : (uint64_t)first, to = last > (int64_t)n2 ? n2 : (uint64_t)last;
        if (from > 1)
            u[from - 1] = 1; /* below the band */
        for (uint64_t j = from; j <= to; j++) {
            int64_t gap = at - (int64_t)j * step2;
            if (gap >= bound || gap <= -bound)
                u[j] = 1;
            else
                u[j] = ((double)i * u[j] + (double)j * u[j - 1]) / (double)(i + j);
        }
    }
    double p = u[n2];
    free(u);
    return p;
}

double ks_exact_upper(uint64_t n1, uint64_t n2, uint64_t h)
{
    if (n1 == 0 || n2 == 0)
        return NAN;
    if (h == 0)
        return 1;
    return n1 == n2 ? ks_exact_equal(n1, h) : ks_exact_paths(n1, n2, h);
}
