#ifndef MLC_CLI_REFERENCE_H
#define MLC_CLI_REFERENCE_H

/* What the library declares, as Markdown: a page for `mlc explain`, and the whole reference. */

#include <stdbool.h>
#include "compiler/compilation.h"
#include "core/buf.h"

/* The page of a kind, measure, type or function by name; false when there is none. */
bool reference_page(struct buf *out, struct compilation *compilation, const char *name);

/* All kinds, measures, types, functions and diagnostics: docs/reference.md. */
void reference_all(struct buf *out, struct compilation *compilation);

/* Names that pages exist for, in a map for near-miss words. */
const struct map *reference_names(struct compilation *compilation);

#endif
