/* One apply of a session's set: the lease around it, its report, the kept sets beside it. */

#include <string.h>
#include <unistd.h>
#include "cli/apply.h"
#include "runtime/cluster/lease.h"
#include "runtime/cluster/rollback.h"

static void print_summary(const struct cluster_session *session, const struct apply_report *report)
{
    FILE *out = session->cli->err;
    bool first = true;
    for (int result = APPLY_CREATED; result <= APPLY_SKIPPED; result++)
        if (report->counts[result] > 0) {
            fprintf(out, "%s%zu %s", first ? "" : ", ", report->counts[result],
                    apply_result_name((enum apply_result)result));
            first = false;
        }
    fprintf(out, "%s%s\n", first ? "nothing to do" : "",
            !report->waited ? ""
            : report->ready ? "; all is ready"
                            : "; not all is ready");
}

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

/* Where the inventory's namespace is yet to be made by this apply there is no place for a lease. */
static bool has_place_for_lease(const struct cluster_session *session)
{
    const struct inventory *inventory = session->inventory;
    if (inventory == NULL || inventory->namespace == NULL)
        return false;
    return inventory->exists || !map_has(session->set->by_id, object_id(session->arena, "", "Namespace", NULL,
                                                                        inventory->namespace));
}

static void print_report(const struct cluster_session *session, const struct apply_report *report)
{
    if (strcmp(session->flags->format, "json") == 0) {
        struct buf out = {0};
        apply_print_json(&out, report);
        fwrite(buf_str(&out), 1, out.length, session->cli->out);
        buf_free(&out);
    } else {
        fflush(session->cli->out);
        print_summary(session, report);
    }
}

/* The last good set again, without asking for another rollback. */
static void roll_back(struct cluster_session *session, const struct apply_options *options)
{
    struct vec sets = vec_in(session->arena);
    if (!rollback_list(session->arena, session->client, session->inventory, &sets, &session->reporter))
        return;
    const struct rollback_set *good = rollback_choose(&sets, 0, false, &session->reporter);
    if (good == NULL)
        return;
    fprintf(session->cli->err, "rolling back to revision %lld of %s\n", (long long)good->revision,
            good->time);
    struct object_set *failed = session->set;
    session->set = object_set_new(session->arena);
    if (rollback_load(session->client, session->inventory, good, session->set, &session->reporter) &&
        cluster_resolve(session)) {
        struct apply_options again = *options;
        again.force_conflicts = true; /* what the failed set took is ours */
        const struct apply_report *report = apply_run(session->arena, session->client, session->discovery,
                                                      session->set, &again, &session->reporter);
        print_report(session, report);
    }
    session->set = failed;
}

static const struct apply_report *apply_and_keep(struct cluster_session *session,
                                                 const struct apply_options *options,
                                                 const struct apply_flags *flags)
{
    const struct apply_report *report = apply_run(session->arena, session->client, session->discovery,
                                                  session->set, options, &session->reporter);
    print_report(session, report);
    if (session->inventory == NULL || session->inventory->namespace == NULL)
        return report;
    if (report->ok) {
        struct rollback_options keep = {flags->version, flags->history > 0 ? (size_t)flags->history : 0,
                                        report->waited && report->ready};
        rollback_keep(session->client, session->inventory, session->set, &keep, &session->reporter);
    } else if (flags->rollback_on_failure) {
        roll_back(session, options);
    }
    return report;
}

int apply_session(struct cluster_session *session, const struct apply_flags *flags)
{
    struct apply_options options;
    struct lease *lease = NULL;
    if (!cluster_apply_options(session, &options))
        return EXIT_USAGE;
    if (has_place_for_lease(session)) {
        lease = lease_take(session->client, session->inventory->namespace,
                           arena_printf(session->arena, "%s-lock", session->inventory->name), holder(session),
                           (int64_t)90 * 1000000000, &session->reporter);
        if (lease == NULL)
            return EXIT_FAILED;
        options.lease = lease;
    }
    const struct apply_report *report = apply_and_keep(session, &options, flags);
    lease_release(lease);
    return report->ok ? EXIT_OK : EXIT_FAILED;
}

int apply_rollback(struct cluster_session *session, struct apply_flags *flags)
{
    struct vec sets = vec_in(session->arena);
    if (!rollback_list(session->arena, session->client, session->inventory, &sets, &session->reporter))
        return EXIT_FAILED;
    const struct rollback_set *chosen = rollback_choose(&sets, flags->revision, true, &session->reporter);
    if (chosen == NULL)
        return EXIT_FAILED;
    if (flags->print) {
        struct buf out = {0};
        rollback_print_commands(&out, session->inventory, chosen,
                                flags->cluster.field_manager != NULL ? flags->cluster.field_manager : "mlc");
        fputs(buf_str(&out), session->cli->out);
        buf_free(&out);
        return EXIT_OK;
    }
    fprintf(session->cli->err, "applying revision %lld of %s again\n", (long long)chosen->revision,
            chosen->time);
    if (!rollback_load(session->client, session->inventory, chosen, session->set, &session->reporter) ||
        !cluster_resolve(session))
        return EXIT_FAILED;
    flags->cluster.prune = true;
    flags->version = *chosen->version != 0 ? chosen->version : flags->version;
    return apply_session(session, flags);
}
