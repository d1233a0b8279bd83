/* Rules for kinds of controllers outside Kubernetes, after Argo CD's health checks. */
#include <string.h>
#include "runtime/cluster/health_rules.h"

static const char *status_text(const struct value *object, const char *key)
{
    return value_string_or(value_path(object, "status", key, NULL), "");
}

static int64_t status_int(const struct value *object, const char *key)
{
    return health_int(value_path(object, "status", key, NULL), 0);
}

static bool is_true(const struct value *value)
{
    return value != NULL && value->kind == VALUE_BOOL && value->boolean;
}

static bool is_paused(const struct value *object)
{
    const struct value *pauses = value_path(object, "status", "pauseConditions", NULL);
    return is_true(value_path(object, "spec", "paused", NULL)) ||
           (pauses != NULL && pauses->kind == VALUE_LIST && pauses->count > 0);
}

/* A pause is over, and its controller has not taken the next step. */
static bool is_unpausing(const struct value *object)
{
    const struct value *pauses = value_path(object, "status", "pauseConditions", NULL);
    return is_true(value_path(object, "status", "controllerPause", NULL)) &&
           (pauses == NULL || pauses->kind != VALUE_LIST || pauses->count == 0);
}

/* What a rollout that is neither paused nor failed waits for, or NULL. */
static const char *rollout_lacks(struct arena *arena, const struct value *object)
{
    const char *phase = status_text(object, "phase"), *message = status_text(object, "message");
    int64_t want = health_int(value_path(object, "spec", "replicas", NULL), 1);
    int64_t updated = status_int(object, "updatedReplicas"),
            available = status_int(object, "availableReplicas");
    if (is_unpausing(object))
        return "it has not gone on after its pause yet";
    if (updated < want)
        return arena_printf(arena, "%lld of %lld replicas are updated", (long long)updated, (long long)want);
    if (available < want)
        return arena_printf(arena, "%lld of %lld replicas are available", (long long)available,
                            (long long)want);
    if (strcmp(status_text(object, "stableRS"), status_text(object, "currentPodHash")) != 0)
        return *message != 0 ? message : "the new version is not the stable one yet";
    if (*phase != 0 && strcmp(phase, "Healthy") != 0)
        return *message != 0 ? message : arena_printf(arena, "its phase is %s", phase);
    return NULL;
}

/* The phase is the controller's own word, since 1.0; the numbers of replicas say more of what is waited for,
   and are all that earlier ones say. After GetRolloutPhase and CalculateRolloutPhase of Argo Rollouts 1.9
   (utils/rollout). */
struct health_result health_rollout(struct arena *arena, const struct value *object,
                                    const struct health_options *options)
{
    (void)options;
    const char *phase = status_text(object, "phase"), *message = status_text(object, "message");
    if (value_path(object, "status", "observedGeneration", NULL) == NULL)
        return health_is(HEALTH_IN_PROGRESS, "its controller has not reported yet");
    if (is_true(value_path(object, "status", "abort", NULL)) || strcmp(phase, "Degraded") == 0)
        return health_is(HEALTH_FAILED, *message != 0 ? message : "the rollout is degraded or was aborted");
    if (health_condition_is(object, "InvalidSpec", "True"))
        return health_is(HEALTH_FAILED, health_condition_text(arena, object, "InvalidSpec"));
    if (is_paused(object))
        return health_is(HEALTH_SUSPENDED, *message != 0 ? message : "the rollout is paused");
    const char *lacks = rollout_lacks(arena, object);
    return lacks != NULL ? health_is(HEALTH_IN_PROGRESS, lacks) : health_is(HEALTH_CURRENT, NULL);
}

struct health_result health_phase(struct arena *arena, const struct value *object,
                                  const struct health_options *options)
{
    (void)options;
    static const char *const good[] = {"Successful", "Succeeded"};
    static const char *const bad[] = {"Failed", "Error", "Inconclusive"};
    const char *phase = status_text(object, "phase"), *message = status_text(object, "message");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (strcmp(phase, good[i]) == 0)
            return health_is(HEALTH_CURRENT, NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (strcmp(phase, bad[i]) == 0)
            return health_is(HEALTH_FAILED, *message != 0 ? message : phase);
    return health_is(HEALTH_IN_PROGRESS, *phase != 0 ? arena_printf(arena, "its phase is %s", phase)
                                                     : "its controller has not reported yet");
}

struct health_result health_application(struct arena *arena, const struct value *object,
                                        const struct health_options *options)
{
    (void)options;
    const char *health = value_string_or(value_path(object, "status", "health", "status", NULL), "");
    const char *sync = value_string_or(value_path(object, "status", "sync", "status", NULL), "");
    if (strcmp(health, "Degraded") == 0)
        return health_is(HEALTH_FAILED, "the application is degraded");
    if (strcmp(health, "Suspended") == 0)
        return health_is(HEALTH_SUSPENDED, "the application is suspended");
    if (strcmp(health, "Healthy") == 0 && strcmp(sync, "Synced") == 0)
        return health_is(HEALTH_CURRENT, NULL);
    return health_is(HEALTH_IN_PROGRESS,
                     arena_printf(arena, "health %s, sync %s", *health != 0 ? health : "not known",
                                  *sync != 0 ? sync : "not known"));
}

struct health_result health_route(struct arena *arena, const struct value *object,
                                  const struct health_options *options)
{
    (void)options;
    const struct value *parents = value_path(object, "status", "parents", NULL);
    int64_t generation = health_int(value_path(object, "metadata", "generation", NULL), 0);
    if (parents == NULL || parents->kind != VALUE_LIST || parents->count == 0)
        return health_is(HEALTH_IN_PROGRESS, "no gateway has accepted the route yet");
    for (size_t i = 0; i < parents->count; i++) {
        const struct value *list = value_get(parents->items[i], "conditions");
        for (size_t j = 0; list != NULL && list->kind == VALUE_LIST && j < list->count; j++) {
            const struct value *condition = list->items[j];
            const char *type = value_string_or(value_get(condition, "type"), "");
            const char *status = value_string_or(value_get(condition, "status"), "");
            if (health_int(value_get(condition, "observedGeneration"), generation) != generation)
                return health_is(HEALTH_IN_PROGRESS, "the gateway has not seen the change yet");
            if ((strcmp(type, "Accepted") == 0 || strcmp(type, "ResolvedRefs") == 0) &&
                strcmp(status, "True") != 0)
                return health_is(HEALTH_FAILED,
                                 arena_printf(arena, "%s is %s: %s", type, status,
                                              value_string_or(value_get(condition, "message"), "")));
        }
    }
    return health_is(HEALTH_CURRENT, NULL);
}

struct health_result health_programmed(struct arena *arena, const struct value *object,
                                       const struct health_options *options)
{
    (void)options;
    if (health_condition_is(object, "Accepted", "False"))
        return health_is(HEALTH_FAILED, health_condition_text(arena, object, "Accepted"));
    if (health_condition_is(object, "Programmed", "True"))
        return health_is(HEALTH_CURRENT, NULL);
    return health_is(HEALTH_IN_PROGRESS, health_condition(object, "Programmed") != NULL
                                             ? health_condition_text(arena, object, "Programmed")
                                             : "its controller has not reported yet");
}
