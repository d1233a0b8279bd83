#ifndef MLC_RUNTIME_DATA_PYTHON_PATTERN_H
#define MLC_RUNTIME_DATA_PYTHON_PATTERN_H

/* Patterns of Python's `re`, as Great Expectations suites hold them, in the words of PCRE2. Most are the same
 * in both; what is spelt otherwise or means something else is rewritten: \Z (the very end), \uHHHH and
 * \UHHHHHHHH,
 * {,n}. */

#include <stddef.h>
#include "core/arena.h"

/* The pattern for PCRE2, NUL-terminated, in the arena. */
const char *python_pattern(struct arena *arena, const char *text, size_t length, size_t *out_length);

#endif
