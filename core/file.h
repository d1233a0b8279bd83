#ifndef MLC_CORE_FILE_H
#define MLC_CORE_FILE_H

/* Files: reading whole with a limit, writing atomically, walking. Every function that can fail returns
 * 0 or a negative errno value. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/vec.h"

/* Appends the whole file to `out`; -EFBIG when it is larger than `limit` bytes, -EISDIR for a folder. */
int file_read(const char *path, size_t limit, struct buf *out);

/* Writes a temporary file beside `path`, syncs it and renames it over `path`, so that a reader and a
 * crash see either the old or the new content whole. Missing folders are made. `mode` e.g. 0644. */
int file_write_atomic(const char *path, const void *bytes, size_t count, unsigned mode);

/* Writes what a person named as the place of a result: a regular file as file_write_atomic does, anything
 * else (a device, a pipe, a link such as /dev/stdout) by writing into it, for a rename would put a file in
 * its place. */
int file_write_output(const char *path, const void *bytes, size_t count, unsigned mode);

/* mkdir -p. */
int file_make_folders(const char *path);

bool file_exists(const char *path);
bool file_is_folder(const char *path);

/* Names in a folder (without "." and ".."), sorted by bytes, in the vec's arena. */
int file_list(const char *folder, struct vec *names);

/* Removes a file, or a folder with all in it; 0 when there was nothing. Does not follow links. */
int file_remove_tree(const char *path);

/* `folder` + "/" + `name` in the arena; `name` alone when it is absolute or `folder` is "" or ".". */
char *file_join(struct arena *arena, const char *folder, const char *name);

/* The files that `path` names, relative to `folder` (or absolute, as it is), sorted by bytes, in the vec's
 * arena: the one of that very name, else those that match it as a pattern of glob(7), braces too. The folder
 * is no pattern, whatever its name. 0 when there are none. */
int file_matches(const char *folder, const char *path, struct vec *files);

/* The path as a pattern of glob(7) that matches nothing else: what means many is escaped with a backslash. */
char *file_as_pattern(struct arena *arena, const char *path);

/* The path with ".", ".." and doubled "/" resolved as text, without asking the disk. */
char *file_normalize(struct arena *arena, const char *path);

/* The folder of temporary files: TMPDIR, else /tmp. */
const char *file_temporary_folder(void);

/* A new, empty file there, called NAME-XXXXXX, for this user alone; its path is in the arena, to be unlinked.
 * NULL when none can be made (errno says why). */
char *file_temporary(struct arena *arena, const char *name);

#endif
