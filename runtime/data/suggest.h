#ifndef MLC_RUNTIME_DATA_SUGGEST_H
#define MLC_RUNTIME_DATA_SUGGEST_H

/* From a profile to expectations to start from. */

#include "core/buf.h"
#include "runtime/data/check.h"
#include "runtime/data/profile.h"

/* A dataset block in the mlc language: columns with types and ranges or sets, a key, expectations with room
 * for what tomorrow's data may bring. */
void suggest_dataset(struct buf *out, const char *name, const char *path, const struct profile *profile);

#endif
