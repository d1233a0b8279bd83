#ifndef MLC_RUNTIME_CLUSTER_LEASE_H
#define MLC_RUNTIME_CLUSTER_LEASE_H

/* A coordination.k8s.io/v1 Lease, so that two applies of one set do not interleave. Whether a holder is dead
 * is judged by its lease not changing for its duration on our own clock: clocks of machines are never
 * compared. */

#include <stdbool.h>
#include "runtime/cluster/client.h"
#include "runtime/cluster/report.h"

struct lease;

/* Takes the lease, waiting for another holder up to `patience_ns`. NULL, reported (who holds it, since when),
 * when it cannot be had. Renews itself from the client's loop until lease_release. */
struct lease *lease_take(struct client *client, const char *namespace, const char *name, const char *holder,
                         int64_t patience_ns, const struct reporter *reporter);
/* True once a renewal found that somebody else holds it: nothing more may be written. */
bool lease_is_lost(const struct lease *lease);
/* For a deletion that may take the lease's namespace with it: a lease that is gone is not lost. */
void lease_may_vanish(struct lease *lease);
/* Lets the next one take it, and frees it; NULL is allowed. Bounded: one that cannot be released ends by
 * itself. */
void lease_release(struct lease *lease);
/* The same, and deletes the object: nothing is left that it could guard. */
void lease_remove(struct lease *lease);

#endif
