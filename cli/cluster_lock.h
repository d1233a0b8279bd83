#ifndef MLC_CLI_CLUSTER_LOCK_H
#define MLC_CLI_CLUSTER_LOCK_H

/* The lease around whatever changes an inventory's set. */

#include "cli/cluster_session.h"
#include "runtime/cluster/lease.h"

/* Takes the lease beside the session's inventory and reads the inventory again, since another holder may have
 * changed it. True without a lease (NULL) where there is no inventory, or none of a namespace. False:
 * reported. End it with lease_release. */
bool cluster_lock(struct cluster_session *session, struct lease **lease);

#endif
