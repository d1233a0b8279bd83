#ifndef MLC_RUNTIME_DATA_PATTERN_H
#define MLC_RUNTIME_DATA_PATTERN_H

/* Regular expressions over cells: whether a pattern is found in a text. Simple patterns over ASCII texts run
 * as a deterministic automaton, everything else in PCRE2 (UTF, Unicode classes, JIT); both agree. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "runtime/data/table.h"

enum pattern_flags { PATTERN_SEARCH = 0, PATTERN_ANCHORED = 1 /* at both ends */, PATTERN_NO_DFA = 2 };

struct pattern;
struct pattern_scratch; /* of one thread */

/* NULL with `*why` (arena) when the pattern is wrong. Must be freed (compiled code is not in the arena). */
struct pattern *pattern_new(struct arena *arena, const char *text, size_t length, unsigned flags,
                            const char **why);
void pattern_free(struct pattern *pattern);

/* A pattern of SQL's LIKE: % any text, _ any character, \ escapes; the whole text must match. */
struct pattern *pattern_like(struct arena *arena, const char *text, size_t length, const char **why);

bool pattern_uses_dfa(const struct pattern *pattern);

struct pattern_scratch *pattern_scratch_new(void);
void pattern_scratch_free(struct pattern_scratch *scratch);

/* True when found. `*gave_up` (may be NULL) is set when PCRE2 met its limit of steps: no answer. */
bool pattern_find(const struct pattern *pattern, struct pattern_scratch *scratch, const char *text,
                  size_t length, bool *gave_up);

/* Bit by bit for the rows in `mask`, of a column that has its text. Returns the first row for which PCRE2 met
 * its limit of steps, and leaves all behind it: thousands of such rows would take hours. PATTERN_DECIDED:
 * there is none. */
#define PATTERN_DECIDED UINT64_MAX
uint64_t pattern_test(const struct pattern *pattern, struct pattern_scratch *scratch,
                      const struct column *column, size_t rows, const uint64_t *mask, uint64_t *found);

#endif
