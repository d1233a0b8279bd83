#include "backends/null/null.h"

static bool lower_nothing(struct compilation *compilation, struct vec *files)
{
    (void)compilation;
    (void)files;
    return true;
}

const struct backend backend_null = {
    .name = "null",
    .summary = "Makes nothing: for tests and benchmarks",
    .lower = lower_nothing,
};
