#ifndef MLC_BACKENDS_RELEASE_H
#define MLC_BACKENDS_RELEASE_H

/* The mlc that emitted steps and pods use: `release` in templates. Private to backends/. */

#include "compiler/compilation.h"

/* Sets compilation->release from the project's `mlc` and the facts release/mlc.url, release/mlc.sha256 and
 * release/mlc.image of the lock. Without a checksum there, jobs refuse to install mlc, and a warning says so.
 */
void release_read(struct compilation *compilation);

#endif
