#ifndef MLC_RUNTIME_INPUTS_H
#define MLC_RUNTIME_INPUTS_H

/* The files that a step or test reads: patterns of the spec to files of the project, and their hash. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/hash.h"
#include "core/vec.h"

/* True when `path` fits a pattern: `*` and `?` within a folder, `**` over folders, `[a-z]`; a pattern that
 * names a folder takes all that is in it. */
bool inputs_match(const char *pattern, const char *path);

/* All files under `folder` that fit one of `patterns` (no patterns: every file), as paths relative to it,
 * sorted by bytes. `.git`, `.mlc`, `__pycache__` and what lies in `skip` (paths, NULL-terminated, or NULL)
 * are left out. */
int inputs_list(struct arena *arena, const char *folder, const char *const *patterns, size_t pattern_count,
                const char *const *skip, struct vec *files);

/* One hash of names and contents of files. 0, or a negative errno with `*bad` the file. */
int inputs_hash(const char *folder, const struct vec *files, char out[HASH_HEX_SIZE], const char **bad);

#endif
