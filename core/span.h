#ifndef MLC_CORE_SPAN_H
#define MLC_CORE_SPAN_H

/* Places in sources. A place is a span of bytes; line and column are computed when it is printed. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"

/* Bytes [start, end) of source `source`. Source 0 is "nowhere": `span_none`. */
struct span {
    uint32_t source;
    uint32_t start;
    uint32_t end;
};

static const struct span span_none = {0, 0, 0};

enum source_role {
    SOURCE_USER,    /* the project's own files: errors lead with them */
    SOURCE_LIBRARY, /* stdlib/ */
    SOURCE_BACKEND, /* backends/: shown as "expanded from" */
    SOURCE_OTHER,   /* data, manifests, suites */
    SOURCE_POLICY   /* policies from outside the project (`mlc check --policy`) */
};

struct source {
    uint32_t id;
    enum source_role role;
    const char *path; /* as printed: relative to where mlc was called, or "stdlib/kinds.mlc" */
    const char *text; /* NUL-terminated; may hold NULs before `length` */
    uint32_t length;
};

struct source_set;

struct source_set *source_set_new(struct arena *arena);

/* Adds a text. It is not copied: it must live as long as the set. Length is at most UINT32_MAX - 1;
 * callers enforce their own smaller limits first. */
const struct source *source_add(struct source_set *set, enum source_role role, const char *path,
                                const char *text, size_t length);

/* The source of an id, or NULL for 0 and unknown ids. */
const struct source *source_of(const struct source_set *set, uint32_t id);
size_t source_count(const struct source_set *set);

struct position {
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1, in code points */
};

struct position source_position(const struct source *source, uint32_t offset);

/* The bytes of line `line` (from 1) without its line end. */
const char *source_line(const struct source *source, uint32_t line, size_t *length);

/* From the start of `a` to the end of `b`; either one if the other is none. */
struct span span_join(struct span a, struct span b);
bool span_is_none(struct span span);

#endif
