#ifndef MLC_CLI_CLUSTER_SESSION_H
#define MLC_CLI_CLUSTER_SESSION_H

/* What plan, apply, status and destroy have in common: the flags that kubectl users know, the connection, the
 * documents, the inventory, and how all is printed. */

#include <stdbool.h>
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "runtime/cluster/apply.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/discovery.h"
#include "runtime/cluster/inventory.h"
#include "runtime/cluster/objects.h"

enum { CLUSTER_OPTIONS_MAX = 48 };

struct cluster_flags {
    struct option_values files; /* -f */
    bool recursive;
    const char *kubeconfig, *context, *cluster, *user, *server, *namespace;
    const char *context_of; /* the cluster of the spec that declares `context`; NULL: the user named it */
    const char *as, *as_uid;
    struct option_values as_groups;
    bool insecure;
    const char *field_manager;
    const char *applyset, *tooling;
    bool take_over;
    bool force_conflicts, replace, prune;
    struct option_values allow_delete;
    const char *timeout, *request_timeout, *retry_for;
    const char *format;
    bool no_wait, verbose;
};

struct cluster_session {
    struct cli *cli;
    struct cluster_flags *flags;
    struct arena *arena;
    struct source_set *sources;
    struct origin_table *origins;
    struct diag_sink *diags;
    struct reporter reporter;
    const struct kubeconfig *config;
    struct client *client;
    struct discovery *discovery;
    struct object_set *set;
    struct inventory *inventory; /* NULL: none */
    const char *const *consent;  /* guarded kinds that may be deleted; by default those of the flags */
    size_t consent_count;
    bool live_line;  /* a progress line is on the terminal */
    int64_t told_ns; /* of a wait: when a log was last told */
    struct interrupt interrupt;
};

/* Fills `rows` (CLUSTER_OPTIONS_MAX of them) with the flags that every cluster command has, then those of
 * `more` (ends with a NULL name). */
void cluster_options(struct option_spec *rows, struct cluster_flags *flags, const struct option_spec *more);
void cluster_flags_free(struct cluster_flags *flags);

/* Connects and asks for the kinds; with `documents` reads, resolves and orders the files of -f; with an
 * inventory reads its parent. False: reported, cluster_close prints it. */
bool cluster_open(struct cluster_session *session, struct cli *cli, struct cluster_flags *flags);
bool cluster_read_documents(struct cluster_session *session);
/* Resolves and orders a set that was filled some other way. */
bool cluster_resolve(struct cluster_session *session);
bool cluster_read_inventory(struct cluster_session *session);

/* Around what changes the cluster: Ctrl-C ends it in order. The second function is for what must still be
 * done after an interruption (the lease); then interrupt_exit_code of session->interrupt says how to exit. */
void cluster_interruptible(struct cluster_session *session);
void cluster_uninterruptible(struct cluster_session *session);

/* Prints the diagnostics, frees everything; returns `code`, or EXIT_FAILED when an error was reported. */
int cluster_close(struct cluster_session *session, int code);

/* "90s", "5m", "1h30m" (as Go writes durations), or a number of seconds; false: printed. */
bool cluster_duration(struct cli *cli, const char *flag, const char *text, int64_t *out_ns);

/* Apply's options from the flags, with progress on the terminal. */
bool cluster_apply_options(struct cluster_session *session, struct apply_options *options);

#endif
