#ifndef MLC_CORE_DOCUMENTS_PATH_H
#define MLC_CORE_DOCUMENTS_PATH_H

/* Paths into documents as messages show them: spec.containers[name=main].args[2],
 * metadata.labels["app.kubernetes.io/name"]. Each function appends one step; path_cut takes steps off. */

#include <stddef.h>
#include "core/buf.h"

void path_add_key(struct buf *path, const char *key);
void path_add_index(struct buf *path, size_t index);
void path_add_identity(struct buf *path, const char *key, const char *identity);
void path_cut(struct buf *path, size_t length);

#endif
