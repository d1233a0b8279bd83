#ifndef MLC_COMPILER_EMBEDDED_H
#define MLC_COMPILER_EMBEDDED_H

/* The library and the templates of the backends, as files inside the binary (written by scripts/embed.c). */

#include <stddef.h>

struct embedded_file {
    const char *path; /* "stdlib/kinds.mlc", "backends/kubernetes/service.mlc" */
    const char *text; /* NUL-terminated */
    size_t length;
};

extern const struct embedded_file embedded_files[];
extern const unsigned embedded_file_count;

#endif
