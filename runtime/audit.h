#ifndef MLC_RUNTIME_AUDIT_H
#define MLC_RUNTIME_AUDIT_H

/* Who did what and why: the log `audit` of a store. Its head is anchored in the lock, one line a subject
 * (`audit/model/iris = "12 sha256:…"`), so that promotions of different things merge; whoever changes the log
 * afterwards no longer fits what is committed. */

#include <stdbool.h>
#include "core/arena.h"
#include "core/value.h"
#include "runtime/store.h"

struct audit_event {
    const char *event;   /* "promote", "rollback", "deploy", "champion here" */
    const char *subject; /* "model/iris", "service/iris-api@production" */
    const char *from;    /* "" for none */
    const char *to;
    const char *why; /* NULL: not said */
};

/* Appends an event with who and on which machine; again if somebody else was faster. `*head` may be NULL. */
enum store_status audit_append(struct store *store, const struct audit_event *event, struct store_head *head,
                               struct store_error *error);

/* The text of an anchor, and its parts; false when it is none. */
const char *audit_anchor(struct arena *arena, const struct store_head *head);
bool audit_read_anchor(const char *text, struct store_head *head);

/* Who acts: the CI's actor, else the user. */
const char *audit_actor(void);
void audit_host(char *out, size_t size);

/* The artifact that the events made champion of a model on this machine, the newest; "" for none. */
const char *audit_local_champion(const struct vec *events, const char *model);

#endif
