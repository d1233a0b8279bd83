#ifndef MLC_COMPILER_DUMP_H
#define MLC_COMPILER_DUMP_H

/* What `--dump PASS` prints, one fact a line, in a stable order. */

#include "compiler/compilation.h"
#include "core/buf.h"

/* Kinds with their attributes and types, measures, functions. */
void dump_declarations(struct compilation *compilation, struct buf *out);

/* Nodes with their attributes. */
void dump_graph(struct compilation *compilation, struct buf *out);

#endif
