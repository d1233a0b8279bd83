#include "runtime/data/memory_budget.h"

#include <stdatomic.h>
#include <stdlib.h>
#include "core/arena.h"

struct memory_budget {
    uint64_t limit;
    atomic_uint_fast64_t used, sets;
    struct spill_file *file;
};

struct memory_budget *memory_budget_new(uint64_t bytes)
{
    struct memory_budget *budget = mem_calloc(1, sizeof *budget);
    budget->limit = bytes;
    budget->file = spill_file_new();
    return budget;
}

void memory_budget_free(struct memory_budget *budget)
{
    if (!budget)
        return;
    spill_file_free(budget->file);
    free(budget);
}

void budget_join(struct memory_budget *budget)
{
    if (budget)
        atomic_fetch_add_explicit(&budget->sets, 1, memory_order_relaxed);
}

void budget_leave(struct memory_budget *budget)
{
    if (budget)
        atomic_fetch_sub_explicit(&budget->sets, 1, memory_order_relaxed);
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

uint64_t budget_share(const struct memory_budget *budget)
{
    if (!budget)
        return UINT64_MAX;
    uint64_t sets = atomic_load_explicit(&budget->sets, memory_order_relaxed);
    uint64_t share = budget->limit / 2 / (sets ? sets : 1);
    return share > SET_FLOOR ? share : SET_FLOOR;
}

uint64_t budget_gathered(const struct memory_budget *budget)
{
    enum { LEAST = 1 << 20 };
    if (!budget)
        return UINT64_MAX;
    return budget->limit / 4 > LEAST ? budget->limit / 4 : LEAST;
}

struct spill_file *budget_file(struct memory_budget *budget)
{
    return budget ? budget->file : NULL;
}
