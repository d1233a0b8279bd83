#ifndef MLC_RUNTIME_CLUSTER_ROLLBACK_H
#define MLC_RUNTIME_CLUSTER_ROLLBACK_H

/* The sets of former applies, compressed in Secrets beside the inventory, so that an environment can return
 * to its last good one. Bounded in number and size. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/inventory.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/report.h"

struct rollback_set {
    unsigned revision;
    const char *time;    /* RFC 3339 */
    const char *version; /* what the caller called it: a commit, a digest; may be "" */
    bool good;           /* its apply ended ready */
    size_t objects;
    size_t parts; /* Secrets that hold it */
};

/* Keeps a set as the next revision, not yet good; removes the oldest beyond `limit` (the last good one
 * stays). Returns the revision, 0 when it failed (reported). */
unsigned rollback_keep(struct client *client, const struct inventory *inventory, const struct object_set *set,
                       const char *version, unsigned limit, const struct reporter *reporter);
/* Marks a revision as good. */
bool rollback_mark_good(struct client *client, const struct inventory *inventory, unsigned revision,
                        const struct reporter *reporter);
/* All revisions, newest first: struct rollback_set *. */
bool rollback_list(struct arena *arena, struct client *client, const struct inventory *inventory,
                   struct vec *sets, const struct reporter *reporter);
/* The objects of a revision (0: the last good one before the newest); NULL, reported, when there is none. */
struct object_set *rollback_load(struct arena *arena, struct client *client,
                                 const struct inventory *inventory, unsigned revision,
                                 const struct reporter *reporter);
/* The same as plain commands for people without mlc. */
void rollback_print_commands(struct buf *out, const struct inventory *inventory,
                             const struct rollback_set *set);

#endif
