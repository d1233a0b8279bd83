#ifndef MLC_COMPILER_IR_PART_H
#define MLC_COMPILER_IR_PART_H

/* The part of a graph that pods of an environment run. Private to compiler/ir*.c. */

#include "compiler/graph.h"

struct ir_part;

/* The monitors of the environment, the smoke tests of its services, and all that these read: closed, so that
 * no value that is written names a node outside. Lives in the arena. */
struct ir_part *ir_part_of(struct arena *arena, const struct graph *graph, struct node *environment);

bool ir_part_holds(const struct ir_part *part, const struct node *node);

/* False for an attribute that is left out: it leads out of the part, is absent (the reader's default), or is
 * a command with slots, which no pod of these runs. */
bool ir_part_writes(const struct ir_part *part, struct node *node, const char *attribute);

#endif
