#ifndef MLC_CLI_BUILD_DIFF_H
#define MLC_CLI_BUILD_DIFF_H

/* Unified diffs of two texts, as git and patch read them. */

#include <stddef.h>
#include "core/arena.h"
#include "core/buf.h"

struct diff_text {
    const char *label; /* "a/deploy/x.yaml", "/dev/null" */
    const char *text;
    size_t length;
};

/* Appends the difference with three lines around each change; nothing when the texts are equal. Lines by
 * Myers' greedy algorithm (1986); beyond 4,000 changed lines all lines between the common ends are replaced.
 */
void diff_unified(struct arena *arena, struct buf *out, struct diff_text before, struct diff_text after);

#endif
