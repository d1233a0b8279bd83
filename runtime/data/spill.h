#ifndef MLC_DATA_SPILL_H
#define MLC_DATA_SPILL_H

/* Temporary files without a name, in TMPDIR or /tmp: gone when they are closed or the process ends. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/data/table.h"

/* A descriptor, or -1 with an error. */
int spill_open(struct data_error *error);

/* All bytes or false with an error. */
bool spill_write(int descriptor, const void *bytes, size_t count, struct data_error *error);
bool spill_read(int descriptor, uint64_t offset, void *bytes, size_t count, struct data_error *error);

/* One file that the sets of a run share, so that thousands of columns need one descriptor. Thread-safe. It is
 * made with the first bytes. */
struct spill_file;
struct spill_file *spill_file_new(void);
void spill_file_free(struct spill_file *file);

/* Sets `count` bytes at *offset aside; they are then written in any order. */
bool spill_file_reserve(struct spill_file *file, uint64_t count, uint64_t *offset, struct data_error *error);
bool spill_file_write(struct spill_file *file, uint64_t offset, const void *bytes, size_t count,
                      struct data_error *error);
bool spill_file_read(const struct spill_file *file, uint64_t offset, void *bytes, size_t count,
                     struct data_error *error);

/* Nobody reads these bytes again: their blocks on the disk are given back where the file system can. */
void spill_file_drop(const struct spill_file *file, uint64_t offset, uint64_t count);

#endif
