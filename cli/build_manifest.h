#ifndef MLC_CLI_BUILD_MANIFEST_H
#define MLC_CLI_BUILD_MANIFEST_H

/* mlc.manifest: which files `mlc build` wrote, committed beside the spec. One file a line, sorted by path, so
 * that it merges; lines of both sides of a merge may stay, markers too.
 *
 *   # What `mlc build` wrote. …
 *   mlc 0.1.0 1a2b3c4d5e6f7081
 *   project iris
 *   9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 deploy/production/iris-api.yaml
 */

#include <stdbool.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/map.h"

#define MANIFEST_NAME "mlc.manifest"

struct manifest_entry {
    struct manifest_entry *next; /* another hash of the same path: a merge left both */
    const char *hash;            /* 64 hexadecimal digits */
};

struct manifest {
    struct map *files;   /* path -> struct manifest_entry */
    const char *mlc;     /* version that wrote it, "" when unknown */
    const char *library; /* hash of that mlc's templates, "" when unknown */
    const char *project; /* "" when unknown */
};

struct manifest *manifest_new(struct arena *arena);

/* Reads the text of a manifest into `manifest`, over what is there. 0, or the number of the line that is
 * none. */
size_t manifest_read(struct arena *arena, const char *text, size_t length, struct manifest *manifest);

/* Adds a hash for a path. */
void manifest_add(struct arena *arena, struct manifest *manifest, const char *path, const char *hash);

/* True if the path stands in it, with this hash (NULL: any). */
bool manifest_has(const struct manifest *manifest, const char *path, const char *hash);

void manifest_write(struct arena *arena, struct buf *out, const struct manifest *manifest);

#endif
