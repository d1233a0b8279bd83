#ifndef MLC_CORE_ORIGIN_H
#define MLC_CORE_ORIGIN_H

/* Where values come from. An origin is a small id into a table of (span, parent): a value that a user
 * wrote has the user's span and no parent; a literal of a template has the template's span with the
 * origin of the node that it was made for as parent; a part of a component has the instance as parent.
 * Origin 0 is "unknown". */

#include <stdbool.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/span.h"

typedef uint32_t origin;

struct origin_table;

struct origin_table *origin_table_new(struct arena *arena);

/* The id of (span, parent); equal pairs may share an id. */
origin origin_add(struct origin_table *table, struct span span, origin parent);
struct span origin_span(const struct origin_table *table, origin id);
origin origin_parent(const struct origin_table *table, origin id);

/* The innermost span of the chain (id, parent, …) that lies in a user's source, or span_none. */
struct span origin_user_span(const struct origin_table *table, const struct source_set *sources, origin id);

#endif
