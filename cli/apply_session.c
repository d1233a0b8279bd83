/* One apply of a session's set: the lease around it, its report, the kept sets beside it. */

#include <string.h>
#include "cli/apply.h"
#include "cli/cluster_lock.h"
#include "core/text.h"
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
    const char *end = report->interrupted ? "; interrupted: the same command again goes on"
                      : !report->waited   ? ""
                      : report->ready     ? "; all is ready"
                                          : "; not all is ready";
    fprintf(out, "%s%s\n", first ? "nothing to do" : "", end);
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

static void tell_revision(const struct cluster_session *session, const char *what,
                          const struct rollback_set *set)
{
    struct buf time = {0};
    text_add_safe(&time, set->time, strlen(set->time));
    fprintf(session->cli->err, "%s revision %lld of %s\n", what, (long long)set->revision, buf_str(&time));
    buf_free(&time);
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
    tell_revision(session, "rolling back to", good);
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
    } else if (flags->rollback_on_failure && report->interrupted) {
        fputs("interrupted, so nothing is rolled back: mlc apply --rollback does it\n", session->cli->err);
    } else if (flags->rollback_on_failure) {
        roll_back(session, options);
    }
    return report;
}

/* Under the lease the cluster is as it will be found by the apply. */
static int apply_locked(struct cluster_session *session, const struct apply_flags *flags,
                        const struct apply_options *options)
{
    bool known = session->inventory != NULL && session->inventory->exists;
    if (flags->saved != NULL && known && !apply_still_holds(session, flags->saved))
        return EXIT_FAILED;
    return apply_and_keep(session, options, flags)->ok ? EXIT_OK : EXIT_FAILED;
}

int apply_session(struct cluster_session *session, const struct apply_flags *flags)
{
    struct apply_options options;
    struct lease *lease = NULL;
    int code = EXIT_FAILED;
    if (!cluster_apply_options(session, &options))
        return EXIT_USAGE;
    cluster_interruptible(session);
    if (apply_make_room(session->arena, session->client, session->set, &options, &session->reporter,
                        &options.made) &&
        cluster_lock(session, &lease)) {
        options.inventory = session->inventory;
        options.lease = lease;
        code = apply_locked(session, flags, &options);
    } else if (client_is_interrupted(session->client)) {
        fputs("interrupted: nothing was applied\n", session->cli->err);
    }
    cluster_uninterruptible(session);
    lease_release(lease);
    return interrupt_exit_code(&session->interrupt, code);
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
    tell_revision(session, "applying again", chosen);
    if (!rollback_load(session->client, session->inventory, chosen, session->set, &session->reporter) ||
        !cluster_resolve(session))
        return EXIT_FAILED;
    flags->cluster.prune = true;
    flags->version = *chosen->version != 0 ? chosen->version : flags->version;
    return apply_session(session, flags);
}
