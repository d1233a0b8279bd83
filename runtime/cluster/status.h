#ifndef MLC_RUNTIME_CLUSTER_STATUS_H
#define MLC_RUNTIME_CLUSTER_STATUS_H

/* An environment at a glance: what it should have, whether that is there, healthy, and as it was applied.
 * Reads only; asks for no dry run. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/inventory.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/report.h"
#include "runtime/cluster/wait.h"

enum status_state {
    STATUS_SAME,    /* the fields of the document are as applied */
    STATUS_DIFFERS, /* a document says something else, or a field was removed */
    STATUS_DRIFTED, /* somebody else changed a field */
    STATUS_MISSING, /* the document's object is not there */
    STATUS_EXTRA    /* a member of the inventory that the documents do not name */
};

struct status_item {
    enum status_state state;
    const struct object *object; /* NULL: extra */
    const struct resource *resource;
    const char *namespace, *name;
    enum health health;
    const char *why;     /* of the health */
    const char *applied; /* when our manager last applied it, RFC 3339; NULL: never */
    struct vec drift;    /* struct plan_drift * */
};

struct status_report {
    struct arena *arena;
    struct vec items; /* struct status_item *: in the order of the set, then extras */
    size_t states[STATUS_EXTRA + 1];
    size_t healthy, unhealthy, progressing;
};

/* Never NULL; `*ok` is false, reported, when the cluster could not be read. */
struct status_report *status_read_all(struct arena *arena, struct client *client,
                                      const struct object_set *set, const struct inventory *inventory,
                                      const char *manager, const struct reporter *reporter, bool *ok);

/* True when everything is there, as applied and healthy. */
bool status_is_good(const struct status_report *report);

const char *status_state_name(enum status_state state);
void status_print_text(struct buf *out, const struct status_report *report, bool verbose);
/* `history`: struct rollback_set *, or empty. `environment`: what the caller knows of it, NULL: nothing. */
void status_print_json(struct buf *out, const struct status_report *report, const struct vec *history,
                       const struct value *environment);

#endif
