#ifndef MLC_RUNTIME_CLUSTER_HEALTH_RULES_H
#define MLC_RUNTIME_CLUSTER_HEALTH_RULES_H

/* The rules by kind behind health_of, and what they read objects with. */

#include "runtime/cluster/wait.h"

struct health_rule {
    const char *group, *kind;
    struct health_result (*check)(
        struct arena *arena, const struct value *object,
        const struct health_options *options); /* NULL: the condition Ready must be there */
    bool ours;                                 /* kstatus has no rule for the kind */
};

const struct health_rule *health_rules(size_t *count);

struct health_result health_is(enum health health, const char *why);
const struct value *health_condition(const struct value *object, const char *type);
bool health_condition_is(const struct value *object, const char *type, const char *status);
/* "Reason: message" of a condition, in the arena. */
const char *health_condition_text(struct arena *arena, const struct value *object, const char *type);
int64_t health_int(const struct value *value, int64_t fallback);

/* Rules of controllers outside Kubernetes (health_custom.c). */
struct health_result health_rollout(struct arena *arena, const struct value *object,
                                    const struct health_options *options);
struct health_result health_phase(struct arena *arena, const struct value *object,
                                  const struct health_options *options);
struct health_result health_application(struct arena *arena, const struct value *object,
                                        const struct health_options *options);
struct health_result health_route(struct arena *arena, const struct value *object,
                                  const struct health_options *options);
struct health_result health_programmed(struct arena *arena, const struct value *object,
                                       const struct health_options *options);

#endif
