#ifndef MLC_COMPILER_UNUSED_H
#define MLC_COMPILER_UNUSED_H

/* Warns of what the project's own files declare and nobody names: `let`, `fn`, parameters of components, and
 * imports of files that only declare such. What an imported file offers and this project does not need is no
 * mistake. A name that begins with `_` says that it is meant so. */

struct compilation;

void warn_unused(struct compilation *compilation);

#endif
