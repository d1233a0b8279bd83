#ifndef MLC_BACKENDS_FILES_H
#define MLC_BACKENDS_FILES_H

/* What holds for the paths of generated files. Private to backends/. */

#include "backends/backend.h"

/* Every path is relative, plain, and below the root; within one backend no path is made twice. */
bool files_check_paths(struct compilation *compilation, const struct vec *files);

/* The outputs of all backends, sorted by path: no path twice, none a folder of another. */
bool files_check_outputs(struct compilation *compilation, const struct vec *outputs);

#endif
