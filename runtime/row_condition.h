#ifndef MLC_RUNTIME_ROW_CONDITION_H
#define MLC_RUNTIME_ROW_CONDITION_H

/* Conditions over rows as the spec writes them, in the terms of the check engine: columns by their headers,
 * shares and sizes as numbers, durations as seconds. */

#include "compiler/graph.h"
#include "core/expr.h"

/* The condition for the engine. `feature` is the column that `features` stands for, or NULL. */
const struct expr *row_condition(struct arena *arena, struct node *dataset, struct node *feature,
                                 const struct expr *condition);

/* Does it calculate with dates or times? Other engines would compute something else, or nothing. */
bool row_condition_times(struct node *dataset, const struct expr *condition);

#endif
