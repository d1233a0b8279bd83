#ifndef MLC_RUNTIME_CLUSTER_FAILURE_H
#define MLC_RUNTIME_CLUSTER_FAILURE_H

/* What a failed request means, in words for people: from the Status that the API server answers, or from what
 * the network said. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/vec.h"
#include "runtime/cluster/client.h"
#include "runtime/cluster/report.h"

/* The end of a request. */
struct answer {
    enum http_outcome outcome;
    int status;
    const char *why;
    const char *body;
    size_t length;
};

struct answer answer_of_call(const struct call *call);
struct answer answer_of_reply(const struct reply *reply);

struct status_cause {
    const char *reason, *field, *message;
};

/* A Status body; strings are "" when it says nothing. */
struct status_body {
    const char *reason; /* "Conflict", "Invalid", "AlreadyExists", … */
    const char *message;
    struct vec causes; /* struct status_cause * */
};
struct status_body status_read(struct arena *arena, const struct answer *answer);

/* One line: the server's message, or what happened to the connection. In the arena. */
const char *failure_text(struct arena *arena, const struct client *client, const struct answer *answer);

/* The diagnostic code for an answer that is no success. */
enum diag_code failure_code(const struct answer *answer);

/* Reports "WHAT: text" at an origin (0: none), with the help that fits. */
struct diag *failure_report(const struct reporter *reporter, const struct client *client, origin where,
                            const char *what, const struct answer *answer);

#endif
