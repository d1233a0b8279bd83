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

#endif
