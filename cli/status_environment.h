#ifndef MLC_CLI_STATUS_ENVIRONMENT_H
#define MLC_CLI_STATUS_ENVIRONMENT_H

/* The head of `mlc status ENVIRONMENT`: where it is, what was applied last, which images and models of the
 * lock run there, and whether the spec has gone on since. */

#include "cli/cluster_project.h"
#include "core/buf.h"
#include "core/vec.h"

struct status_environment {
    const struct cluster_project *project;
    const struct cluster_session *session;
    const struct vec *history;      /* struct rollback_set *, newest first */
    struct vec services;            /* struct status_service * */
    const char *unread;             /* why the pods could not be read; NULL: they were */
    bool compared;                  /* the spec was compared with the newest kept set */
    size_t added, removed, changed; /* objects that the spec says otherwise than that set */
};

/* A service's image, or the model that it serves: what the lock says and what the pods have. */
struct status_service {
    const char *subject; /* "service/iris-api", "model/iris" */
    const char *locked;  /* "" when the lock says nothing */
    struct vec groups;   /* struct status_group * */
};

struct status_group {
    const char *what; /* the image, or the version of the model */
    bool as_locked;
    size_t pods, ready;
};

/* Reads the pods and compares the spec with the set that was applied (NULL: no set is kept). */
void status_environment_read(struct status_environment *out, const struct cluster_project *project,
                             struct cluster_session *session, const struct vec *history,
                             const struct object_set *applied);

/* True when what runs is what the lock says. */
bool status_environment_is_good(const struct status_environment *environment);

void status_environment_print(struct buf *out, const struct status_environment *environment);
const struct value *status_environment_value(struct arena *arena,
                                             const struct status_environment *environment);

#endif
