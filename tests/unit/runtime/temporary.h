#ifndef MLC_TESTS_TEMPORARY_H
#define MLC_TESTS_TEMPORARY_H

/* A folder of its own for a test: made in setup, removed in teardown. */

#include <stdlib.h>
#include "core/arena.h"
#include "core/file.h"

static inline int temporary_make(void **state)
{
    char *folder = mem_strdup("/tmp/mlc-test-XXXXXX");
    *state = mkdtemp(folder);
    return *state == NULL;
}

static inline int temporary_remove(void **state)
{
    int code = file_remove_tree(*state);
    free(*state);
    return code;
}

#endif
