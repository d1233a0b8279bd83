#include "runtime/data/parquet_budget.h"

#include <stddef.h>

enum { RATIO_DEFAULT = 1000 };
static const uint64_t held_limit = (uint64_t)1 << 30;
static const uint64_t cells_free = (uint64_t)1 << 30;
static const uint64_t output_free = (uint64_t)4 << 30;

/* A ratio that the caller sets is for input that he does not trust: then nothing is free. */
static uint64_t allowed(uint64_t bytes, unsigned ratio, uint64_t free)
{
    uint64_t limit;
    if (ratio)
        free = (uint64_t)ratio << 10;
    return __builtin_mul_overflow(bytes, ratio ? ratio : RATIO_DEFAULT, &limit) ||
                   __builtin_add_overflow(limit, free, &limit)
               ? UINT64_MAX
               : limit;
}

uint64_t parquet_cells_limit(uint64_t bytes, unsigned ratio)
{
    return allowed(bytes, ratio, cells_free);
}

uint64_t parquet_output_limit(uint64_t bytes, unsigned ratio)
{
    return allowed(bytes, ratio, output_free);
}

const char *parquet_hold(struct parquet_budget *budget, uint64_t old, uint64_t now)
{
    if (now > old && now - old > held_limit - budget->held)
        return "the pages, dictionaries and strings to be held at once need more than 1 GiB";
    budget->held += now - old;
    return NULL;
}

const char *parquet_make(struct parquet_budget *budget, uint64_t bytes)
{
    struct parquet_output *output = budget->output;
    uint64_t before = atomic_fetch_add_explicit(&output->made, bytes, memory_order_relaxed);
    if (bytes > output->limit || before > output->limit - bytes)
        return "its pages expand to more than the file's size can account for: this looks like a "
               "decompression bomb";
    return NULL;
}
