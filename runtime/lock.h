#ifndef MLC_RUNTIME_LOCK_H
#define MLC_RUNTIME_LOCK_H

/* mlc.lock: what is promoted and deployed. A committed source: one fact a line, sorted by bytes, so that two
 * promotions merge. The lock wins over every index.
 *
 *   # comments are kept at the top
 *   model/iris.champion = "sha256:…"
 *   service/iris-api@production.image = "sha256:…"
 *   pin/actions/checkout = "3d3c42e5… v7.0.1"
 */

#include <stdbool.h>
#include "core/arena.h"
#include "core/diag.h"
#include "core/value.h"

/* Reads a lock; an absent file is an empty record. NULL with diagnostics when a line is no fact, or a fact
 * stands twice (a bad merge), or merge markers were left. */
const struct value *lock_read(struct arena *arena, const char *path, struct source_set *sources,
                              struct origin_table *origins, struct diag_sink *diags);

/* Sets facts (NULL value: removes) and writes the file atomically, under an advisory lock of the file,
 * keeping all other lines. 0 or a negative errno. */
struct lock_fact {
    const char *key;
    const char *value;
};
int lock_update(const char *path, const struct lock_fact *facts, size_t count);

#endif
