#ifndef MLC_DATA_MEMORY_BUDGET_H
#define MLC_DATA_MEMORY_BUDGET_H

/* Bytes that the sets of a run may hold together before they spill, and the file that they spill to. A set
 * that grows while the budget is used up writes out what it holds, but for a little (SET_FLOOR), so that
 * thousands of small sets do not write a few bytes each. Everything is thread-safe; NULL is no budget:
 * nothing spills. */

#include <stdbool.h>
#include <stdint.h>
#include "runtime/data/distinct.h"
#include "runtime/data/spill.h"

/* What a set may hold in any case, in bytes. */
enum { SET_FLOOR = 32 << 10 };

/* A set of values comes or goes. */
void budget_join(struct memory_budget *budget);
void budget_leave(struct memory_budget *budget);

/* Takes or returns bytes; what is taken may exceed the budget. */
void budget_take(struct memory_budget *budget, uint64_t bytes);
void budget_return(struct memory_budget *budget, uint64_t bytes);
bool budget_is_over(const struct memory_budget *budget);

/* What one set may hold that can never be spilled: half the budget is divided among all sets, and at least
 * SET_FLOOR. */
uint64_t budget_share(const struct memory_budget *budget);

/* How much of a set that was spilled may be put together in memory at once. */
uint64_t budget_gathered(const struct memory_budget *budget);

struct spill_file *budget_file(struct memory_budget *budget);

#endif
