#ifndef MLC_RUNTIME_CLUSTER_ROLLBACK_H
#define MLC_RUNTIME_CLUSTER_ROLLBACK_H

/* The sets of former applies, in Secrets beside the inventory, so that an environment can return to its last
 * good one. A set is one JSON document a line, gzip, cut into parts that fit a Secret, under the key "set" of
 * Secrets named PARENT-set-REVISION-PART. Bounded in number and size. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/inventory.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/report.h"

#define ROLLBACK_LABEL "mlc.dev/history"
#define ROLLBACK_REVISION "mlc.dev/revision"
#define ROLLBACK_GOOD "mlc.dev/good"

struct rollback_set {
    int64_t revision;
    const char *time;    /* RFC 3339 */
    const char *version; /* what the caller called it: a commit, a digest; may be "" */
    const char *hash;    /* of the content */
    bool good;           /* its apply ended ready */
    int64_t objects, parts;
};

struct rollback_options {
    const char *version; /* NULL: "" */
    size_t limit;        /* revisions kept; 0: 10 */
    bool good;
};

/* Keeps a set as the next revision and removes the oldest beyond the limit (the last good one stays). A set
 * that equals the newest one makes no new revision, it only marks that as good. Returns the revision, 0 when
 * it failed (reported). */
int64_t rollback_keep(struct client *client, const struct inventory *inventory, const struct object_set *set,
                      const struct rollback_options *options, const struct reporter *reporter);

/* All complete revisions, newest first: struct rollback_set *. False, reported, when they cannot be listed.
 */
bool rollback_list(struct arena *arena, struct client *client, const struct inventory *inventory,
                   struct vec *sets, const struct reporter *reporter);

/* The one to return to: `revision`, or with 0 the newest good one (`before_newest`: that is not the newest);
 * NULL, reported, when there is none. */
const struct rollback_set *rollback_choose(const struct vec *sets, int64_t revision, bool before_newest,
                                           const struct reporter *reporter);

/* Adds the objects of a revision to a set. */
bool rollback_load(struct client *client, const struct inventory *inventory, const struct rollback_set *from,
                   struct object_set *set, const struct reporter *reporter);

/* Removes all revisions (after `destroy`). */
bool rollback_forget(struct client *client, const struct inventory *inventory,
                     const struct reporter *reporter);

/* The same as plain commands for people without mlc. */
void rollback_print_commands(struct buf *out, const struct inventory *inventory,
                             const struct rollback_set *set, const char *manager);

/* gzip of the documents, one a line, and back; for tests. False when it is none, or larger than `limit`. */
void rollback_pack(struct buf *out, const struct object_set *set);
bool rollback_unpack(struct buf *out, const void *bytes, size_t count, size_t limit);

#endif
