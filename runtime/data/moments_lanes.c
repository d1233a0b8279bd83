#include "runtime/data/moments_lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Knuth's exact sum of two numbers: what is lost goes to `rest`. */
static void two_sum(double *sum, double *rest, double term)
{
    double total = *sum + term, part = total - *sum;
    *rest += (*sum - (total - part)) + (term - part);
    *sum = total;
}

void moments_lanes_portable(struct moments_lanes *lanes, const double *numbers, uint64_t select)
{
    for (int i = 0; i < 64; i++) {
        int lane = i % MOMENTS_LANES;
        bool chosen = select >> i & 1;
        double x = chosen ? numbers[i] : 0;
        double away = chosen ? x - lanes->shift : 0;
        two_sum(&lanes->sum[lane], &lanes->sum_rest[lane], x);
        two_sum(&lanes->square[lane], &lanes->square_rest[lane], away * away);
        if (!chosen)
            continue;
        lanes->zeros += x == 0;
        lanes->negatives += x < 0;
        lanes->minimum = x < lanes->minimum ? x : lanes->minimum;
        lanes->maximum = x > lanes->maximum ? x : lanes->maximum;
    }
}

#if defined(__x86_64__)
struct half {
    __m256d sum, rest, square, square_rest, low, high;
};

__attribute__((target("avx2,popcnt"), always_inline)) static inline void
two_sum_avx2(__m256d *sum, __m256d *rest, __m256d term)
{
    __m256d total = _mm256_add_pd(*sum, term), part = _mm256_sub_pd(total, *sum);
    __m256d lost = _mm256_add_pd(_mm256_sub_pd(*sum, _mm256_sub_pd(total, part)), _mm256_sub_pd(term, part));
    *rest = _mm256_add_pd(*rest, lost);
    *sum = total;
}

__attribute__((target("avx2,popcnt"), always_inline)) static inline void
half_load(const struct moments_lanes *lanes, int lane, struct half *half)
{
    half->sum = _mm256_loadu_pd(lanes->sum + lane);
    half->rest = _mm256_loadu_pd(lanes->sum_rest + lane);
    half->square = _mm256_loadu_pd(lanes->square + lane);
    half->square_rest = _mm256_loadu_pd(lanes->square_rest + lane);
    half->low = _mm256_set1_pd(lanes->minimum);
    half->high = _mm256_set1_pd(lanes->maximum);
}

__attribute__((target("avx2,popcnt"), always_inline)) static inline void
half_store(struct moments_lanes *lanes, int lane, const struct half *half)
{
    double low[4], high[4];
    _mm256_storeu_pd(lanes->sum + lane, half->sum);
    _mm256_storeu_pd(lanes->sum_rest + lane, half->rest);
    _mm256_storeu_pd(lanes->square + lane, half->square);
    _mm256_storeu_pd(lanes->square_rest + lane, half->square_rest);
    _mm256_storeu_pd(low, half->low);
    _mm256_storeu_pd(high, half->high);
    for (int i = 0; i < 4; i++) {
        lanes->minimum = low[i] < lanes->minimum ? low[i] : lanes->minimum;
        lanes->maximum = high[i] > lanes->maximum ? high[i] : lanes->maximum;
    }
}

/* Four numbers; bits 0 to 3 of `chosen` say which count. Adds to `zeros` and `negatives`. */
__attribute__((target("avx2,popcnt"), always_inline)) static inline void
half_add(struct half *half, const double *numbers, unsigned chosen, __m256d shift, uint64_t *zeros,
         uint64_t *negatives)
{
    const __m256i bits = _mm256_set_epi64x(8, 4, 2, 1);
    __m256i wanted = _mm256_and_si256(_mm256_set1_epi64x((int64_t)chosen), bits);
    __m256d mask = _mm256_castsi256_pd(_mm256_cmpeq_epi64(wanted, bits));
    __m256d all = _mm256_loadu_pd(numbers), x = _mm256_and_pd(all, mask);
    __m256d away = _mm256_and_pd(_mm256_sub_pd(x, shift), mask);
    two_sum_avx2(&half->sum, &half->rest, x);
    two_sum_avx2(&half->square, &half->square_rest, _mm256_mul_pd(away, away));
    half->low = _mm256_blendv_pd(half->low, _mm256_min_pd(x, half->low), mask);
    half->high = _mm256_blendv_pd(half->high, _mm256_max_pd(x, half->high), mask);
    __m256d zero = _mm256_setzero_pd();
    int is_zero = _mm256_movemask_pd(_mm256_and_pd(_mm256_cmp_pd(x, zero, _CMP_EQ_OQ), mask));
    int is_negative = _mm256_movemask_pd(_mm256_cmp_pd(x, zero, _CMP_LT_OQ));
    *zeros += (uint64_t)__builtin_popcount((unsigned)is_zero);
    *negatives += (uint64_t)__builtin_popcount((unsigned)is_negative);
}

__attribute__((target("avx2,popcnt"))) void moments_lanes_avx2(struct moments_lanes *lanes,
                                                               const double *numbers, uint64_t select)
{
    struct half left, right;
    uint64_t zeros = 0, negatives = 0;
    __m256d shift = _mm256_set1_pd(lanes->shift);
    half_load(lanes, 0, &left);
    half_load(lanes, 4, &right);
    for (int i = 0; i < 64; i += 8) {
        half_add(&left, numbers + i, (unsigned)(select >> i) & 15, shift, &zeros, &negatives);
        half_add(&right, numbers + i + 4, (unsigned)(select >> (i + 4)) & 15, shift, &zeros, &negatives);
    }
    half_store(lanes, 0, &left);
    half_store(lanes, 4, &right);
    lanes->zeros += zeros;
    lanes->negatives += negatives;
}
#endif
