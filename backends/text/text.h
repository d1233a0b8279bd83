#ifndef MLC_BACKENDS_TEXT_TEXT_H
#define MLC_BACKENDS_TEXT_TEXT_H

/* Lists the nodes of the graph, one a line, in `graph.txt`: the smallest backend that makes something, in C.
 */

#include "backends/backend.h"

extern const struct backend backend_text;

#endif
