#ifndef MLC_COMPILER_IR_VALUE_H
#define MLC_COMPILER_IR_VALUE_H

/* Values of the graph as JSON. What JSON has is itself; anything else is an object with one key that begins
 * with `$`:
 *   {"$word": "canary"} · {"$quantity": 600000000, "unit": "duration", "text": "10m"} · {"$range": [low,
 * high]}
 *   {"$variant": "push", "fields": {…}} · {"$node": "bucket/requests"} · {"$text": ["a", {"$expression": …}]}
 *   {"$expression": {"kind": "binary", "dialect": "predicate", "name": "<=", "args": […], "names": […]}}
 *   {"$record": [["$odd key", value]]} for a record with a key that begins with `$`. */

#include <stdbool.h>
#include "compiler/graph.h"
#include "core/buf.h"

/* How a node inside a value is written. */
struct ir_nodes {
    void (*write)(struct buf *out, struct node *node, void *context); /* NULL: {"$node": id} */
    void *context;
};

void ir_write_value(struct buf *out, const struct value *value, const struct ir_nodes *nodes);

/* Reads a value back; nodes are found in `graph`. NULL with `*why` when it is malformed. */
const struct value *ir_read_value(struct graph *graph, const struct value *json, const char **why);

#endif
