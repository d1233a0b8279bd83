#ifndef MLC_COMPILER_IR_H
#define MLC_COMPILER_IR_H

/* The graph as versioned JSON (`mlc ir`; schema in docs/ir.schema.json), and as pictures in text. */

#include <stdbool.h>
#include "compiler/graph.h"
#include "core/buf.h"

/* {"version": 1, "mlc": …, "project": …, "nodes": [{id, kind, name, attributes, hash, source}], "edges": […]}
 */
bool ir_write(const struct graph *graph, struct buf *out);

/* The part that pods of an environment run (ir_part.h), with `source: null` everywhere: for files that must
 * not change when lines of the spec move. ir_read reads it like a whole one. */
bool ir_write_part(const struct graph *graph, struct node *environment, struct buf *out);

/* Reads what ir_write wrote: a graph for `mlc run --ir` without sources. NULL with diagnostics when it is
 * none, of another version, or its hash does not fit. */
struct graph *ir_read(struct compilation *compilation, const struct source *source);

void graph_write_dot(const struct graph *graph, struct buf *out);
void graph_write_mermaid(const struct graph *graph, struct buf *out);

#endif
