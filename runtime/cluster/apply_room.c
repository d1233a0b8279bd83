/* Before an apply: who owns what is there, and the namespace in which the inventory and its lease will live.
 */
#include <string.h>
#include "core/documents/json.h"
#include "runtime/cluster/apply_private.h"
#include "runtime/cluster/gitops.h"
#include "runtime/cluster/server_apply.h"

static const int64_t second = 1000000000;

bool apply_refuses_owned(struct arena *arena, const struct apply_options *options,
                         const struct reporter *reporter, const struct live_found *found)
{
    const char *owner = options->take_over ? NULL : gitops_owner(found->live);
    if (owner == NULL)
        return false;
    diag_help(cluster_report(reporter, DIAG_CLUSTER_GITOPS, found->object->origin, "%s is managed by %s",
                             object_title(arena, found->object), owner),
              "commit the change instead, or take the object over with --take-over");
    return true;
}

struct room {
    struct arena *arena;
    struct client *client;
    const struct apply_options *options;
    const struct reporter *reporter;
    const struct object *namespace;
    bool refused;
};

static void on_live(void *context, const struct live_found *found)
{
    struct room *room = context;
    if (found->object != NULL && apply_refuses_owned(room->arena, room->options, room->reporter, found))
        room->refused = true;
}

static bool fail(const struct room *room, const struct reply *reply)
{
    struct answer answer = answer_of_reply(reply);
    struct refusal_detail refusal = refusal_read(room->arena, room->client, room->namespace, &answer);
    if (!client_is_interrupted(room->client))
        refusal_report(room->reporter, room->client, room->namespace, &refusal, &answer);
    return false;
}

enum presence { ROOM_ABSENT, ROOM_THERE, ROOM_GOING, ROOM_UNKNOWN };

static enum presence look(const struct room *room)
{
    struct reply reply = client_ask(room->client, object_get_call(room->namespace, NULL, NULL));
    enum presence found = reply.status == 404 ? ROOM_ABSENT : ROOM_UNKNOWN;
    struct arena *scratch = arena_new();
    const char *why;
    const struct value *live =
        reply.status == 200 ? json_read_text(scratch, buf_str(&reply.body), reply.body.length, &why) : NULL;
    if (live != NULL)
        found = live_meta(live, "deletionTimestamp") != NULL ? ROOM_GOING : ROOM_THERE;
    if (found == ROOM_UNKNOWN)
        fail(room, &reply);
    reply_free(&reply);
    arena_free(scratch);
    return found;
}

/* Waits while the namespace is being deleted. */
static enum presence settle(const struct room *room)
{
    const struct world *world = client_world(room->client);
    int64_t patience = room->options->timeout_ns > 0 ? room->options->timeout_ns : 300 * second;
    int64_t deadline = world->monotonic_ns(world->context) + patience;
    enum presence found = look(room);
    if (found == ROOM_GOING && room->options->progress.note != NULL)
        room->options->progress.note(room->options->progress.context,
                                     "a namespace is being deleted: waiting until it is gone");
    while (found == ROOM_GOING && world->monotonic_ns(world->context) < deadline) {
        world->sleep_ns(world->context, second / 2);
        found = look(room);
    }
    if (found == ROOM_GOING)
        diag_help(cluster_report(room->reporter, DIAG_CLUSTER_FAILED, room->namespace->origin,
                                 "%s is being deleted and does not go away",
                                 object_title(room->arena, room->namespace)),
                  "see its status.conditions: they name what holds it; apply again when it is gone");
    return found;
}

static bool create(const struct room *room, bool *made)
{
    struct server_apply apply = {room->namespace, room->options->field_manager, false, false, NULL};
    struct reply reply = client_ask(room->client, server_apply_call(&apply, NULL, NULL));
    bool ok = reply.status == 200 || reply.status == 201;
    *made = reply.status == 201 || (ok && reply.interrupted); /* else another apply was faster */
    if (!ok)
        fail(room, &reply);
    reply_free(&reply);
    return ok;
}

bool apply_make_room(struct arena *arena, struct client *client, struct object_set *set,
                     const struct apply_options *options, const struct reporter *reporter,
                     const struct object **made)
{
    const struct inventory *inventory = options->inventory;
    struct room room = {arena, client, options, reporter, NULL, false};
    bool is_made = false;
    *made = NULL;
    if (inventory == NULL || inventory->exists || inventory->namespace == NULL)
        return true;
    room.namespace = map_get(set->by_id, object_id(arena, "", "Namespace", NULL, inventory->namespace));
    if (room.namespace == NULL)
        return true;
    enum presence found = settle(&room);
    if (found != ROOM_ABSENT)
        return found == ROOM_THERE;
    if (!inventory_claim(inventory, set, reporter) ||
        !live_read(client, set, NULL, on_live, &room, reporter) || room.refused || !create(&room, &is_made))
        return false;
    *made = is_made ? room.namespace : NULL;
    return true;
}
