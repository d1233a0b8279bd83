#ifndef MLC_CLI_LOCK_CHANGE_H
#define MLC_CLI_LOCK_CHANGE_H

/* A change of the lock that reaches the main branch: decided against the lock that stands there, made with
 * the files that follow from it in one commit, and published by pull request or by push. The push is what
 * makes it a compare-and-swap: when somebody else was faster it is decided again. */

#include <stdbool.h>
#include "cli/cli.h"
#include "compiler/compilation.h"
#include "runtime/lock.h"
#include "runtime/registry.h"

enum publish_mode { PUBLISH_PULL_REQUEST, PUBLISH_PUSH, PUBLISH_PRINT };

enum change_decision {
    CHANGE_GO,
    CHANGE_NOTHING, /* it is so already: the reason was printed; exit 0 */
    CHANGE_REFUSED  /* the reason was printed; exit 1 */
};

struct lock_change {
    const char *event;   /* for the audit log: "promote" */
    const char *subject; /* "model/iris", "environment/production" */
    const char *from;    /* what stood there, "" for nothing */
    const char *to;
    struct lock_fact *facts;
    size_t fact_count;
    const char *branch; /* of a pull request; the same change has the same branch */
    const char *title;  /* of the commit and the pull request */
    const char *body;   /* Markdown */
};

struct publication {
    struct cli *cli;
    struct compilation *compilation;
    enum publish_mode mode;
    struct store *audit; /* gets an event; NULL: none (PUBLISH_PRINT) */
    enum change_decision (*decide)(void *context, const struct value *lock, struct lock_change *change);
    void *context;
};

/* The exit code. */
int lock_change_publish(struct publication *publication);

#endif
