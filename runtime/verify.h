#ifndef MLC_RUNTIME_VERIFY_H
#define MLC_RUNTIME_VERIFY_H

/* Proves that what is in the store is what the lock says. "Consistent": the records follow one another and
 * every content has the hash that it is named by, so nothing was damaged; whoever can write the store could
 * still have made all of it anew. "Proved": an anchor in the lock, committed, names the very record, so that
 * everything before it is as it was at that commit. */

#include "core/vec.h"
#include "runtime/registry.h"

enum verify_state { VERIFY_PROVED, VERIFY_CONSISTENT, VERIFY_UNCHECKED, VERIFY_BROKEN };

struct verify_finding {
    enum verify_state state;
    const char *subject; /* "log audit", "model/iris version 2", "mlc.lock: model/iris.champion" */
    const char *text;    /* what was found */
};

/* Checks logs, artifacts and the lock's facts. Pushes `struct verify_finding *`. With `contents` every
 * artifact is read and hashed, else only looked for. */
void verify_store(struct registry *registry, bool contents, struct vec *findings);

#endif
