#ifndef MLC_RUNTIME_DATA_PATTERN_DFA_H
#define MLC_RUNTIME_DATA_PATTERN_DFA_H

/* The automaton behind simple patterns. It decides ASCII texts only: a byte of 0x80 and up leads to
 * DFA_ESCAPE, and the caller asks PCRE2. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"

/* States are offsets into `next` (multiples of 256). The first three absorb. */
enum { DFA_DEAD = 0, DFA_FOUND = 256, DFA_ESCAPE = 512 };

struct dfa {
    uint16_t *next; /* next[state + byte] */
    uint16_t start;
    bool *accepts_at_end; /* by state / 256 */
    size_t state_count;
};

/* NULL when the pattern uses what an automaton of bounded size cannot do (or is wrong). `whole`: the pattern
 * must match from the first byte to the last; otherwise it is searched. `dot_all`: a dot matches newlines. */
struct dfa *dfa_new(struct arena *arena, const char *pattern, size_t length, bool whole, bool dot_all);

/* The state behind a text. */
uint16_t dfa_run(const struct dfa *dfa, const char *text, size_t length);

static inline bool dfa_accepts(const struct dfa *dfa, uint16_t state)
{
    return dfa->accepts_at_end[state >> 8];
}

#endif
