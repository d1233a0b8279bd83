#ifndef MLC_CLI_CHECK_EXTRAS_H
#define MLC_CLI_CHECK_EXTRAS_H

/* `mlc check --extras`: everything that `extra TARGET { … }` sets, with its line. */

#include "compiler/compilation.h"
#include "core/buf.h"

/* One line a field: "FILE:LINE: NODE: extra TARGET: Kind.path = value", in the order of the text. */
void check_extras_text(struct compilation *compilation, struct buf *out);

/* {"extras": [{"line", "file", "node", "target", "path", "value"}]}; the value as the language writes it. */
void check_extras_json(struct compilation *compilation, struct buf *out);

#endif
