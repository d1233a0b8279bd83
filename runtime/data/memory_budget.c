#include "runtime/data/memory_budget.h"

#include <stdatomic.h>
#include <stdlib.h>
#include "core/arena.h"

struct memory_budget {
    uint64_t limit;
    atomic_uint_fast64_t used;
};

struct memory_budget *memory_budget_new(uint64_t bytes)
{
    struct memory_budget *budget = mem_calloc(1, sizeof *budget);
    budget->limit = bytes;
    return budget;
}

void memory_budget_free(struct memory_budget *budget)
{
    free(budget);
}

void budget_take(struct memory_budget *budget, uint64_t bytes)
{
    if (budget)
        atomic_fetch_add_explicit(&budget->used, bytes, memory_order_relaxed);
}

void budget_return(struct memory_budget *budget, uint64_t bytes)
{
    if (budget)
        atomic_fetch_sub_explicit(&budget->used, bytes, memory_order_relaxed);
}

bool budget_is_over(const struct memory_budget *budget)
{
    return budget && atomic_load_explicit(&budget->used, memory_order_relaxed) > budget->limit;
}
