#ifndef MLC_DATA_MEMORY_BUDGET_H
#define MLC_DATA_MEMORY_BUDGET_H

/* Bytes that the sets of a run may hold together before they spill. */

#include <stdbool.h>
#include <stdint.h>
#include "runtime/data/distinct.h"

/* Takes or returns bytes; what is taken may exceed the budget. NULL: no budget. */
void budget_take(struct memory_budget *budget, uint64_t bytes);
void budget_return(struct memory_budget *budget, uint64_t bytes);
bool budget_is_over(const struct memory_budget *budget);

#endif
