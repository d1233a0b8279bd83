#include "cli/cluster_lock.h"
#include <unistd.h>

/* Who holds the lease, for the person who meets it. */
static const char *holder(const struct cluster_session *session)
{
    char host[200] = "unknown";
    unsigned char chance[4];
    const struct world *world = session->cli->world;
    gethostname(host, sizeof host - 1);
    world->random(world->context, chance, sizeof chance);
    return arena_printf(session->arena, "%s:%ld:%02x%02x%02x%02x", host, (long)getpid(), chance[0], chance[1],
                        chance[2], chance[3]);
}

bool cluster_lock(struct cluster_session *session, struct lease **lease)
{
    static const int64_t patience_ns = (int64_t)90 * 1000000000;
    const struct inventory *inventory = session->inventory;
    *lease = NULL;
    if (inventory == NULL || inventory->namespace == NULL)
        return true;
    *lease = lease_take(session->client, inventory->namespace,
                        arena_printf(session->arena, "%s-lock", inventory->name), holder(session),
                        patience_ns, &session->reporter);
    return *lease != NULL && cluster_read_inventory(session);
}
