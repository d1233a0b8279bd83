/* The rules of kstatus (cli-utils): first what every object has in common, then the rule of its kind. */
#include <stdlib.h>
#include <string.h>
#include "runtime/cluster/exec_plugin.h"
#include "runtime/cluster/health_rules.h"
#include "runtime/cluster/objects.h"

static const char *const names[] = {
    [HEALTH_UNKNOWN] = "Unknown",     [HEALTH_IN_PROGRESS] = "InProgress",  [HEALTH_CURRENT] = "Current",
    [HEALTH_FAILED] = "Failed",       [HEALTH_TERMINATING] = "Terminating", [HEALTH_NOT_FOUND] = "NotFound",
    [HEALTH_SUSPENDED] = "Suspended",
};

const char *health_name(enum health health)
{
    return names[health];
}

struct health_result health_is(enum health health, const char *why)
{
    return (struct health_result){health, why, 0};
}

const struct value *health_condition(const struct value *object, const char *type)
{
    const struct value *list = value_path(object, "status", "conditions", NULL);
    for (size_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->count; i++)
        if (strcmp(value_string_or(value_get(list->items[i], "type"), ""), type) == 0)
            return list->items[i];
    return NULL;
}

bool health_condition_is(const struct value *object, const char *type, const char *status)
{
    return strcmp(value_string_or(value_get(health_condition(object, type), "status"), ""), status) == 0;
}

const char *health_condition_text(struct arena *arena, const struct value *object, const char *type)
{
    const struct value *condition = health_condition(object, type);
    const char *reason = value_string_or(value_get(condition, "reason"), "");
    const char *message = value_string_or(value_get(condition, "message"), "");
    if (*reason == 0 && *message == 0)
        return arena_printf(arena, "%s is %s", type,
                            value_string_or(value_get(condition, "status"), "not set"));
    return arena_printf(arena, "%s%s%s", reason, *reason != 0 && *message != 0 ? ": " : "", message);
}

int64_t health_int(const struct value *value, int64_t fallback)
{
    if (value == NULL)
        return fallback;
    /* No count is beyond what a double holds exactly; so callers may add and subtract. */
    static const int64_t LIMIT = (int64_t)1 << 53;
    if (value->kind == VALUE_INT && value->integer >= -LIMIT && value->integer <= LIMIT)
        return value->integer;
    if (value->kind == VALUE_FLOAT && value->number > -9e15 && value->number < 9e15)
        return (int64_t)value->number;
    return fallback;
}

/* Argo Rollouts writes the number as a string. */
static bool observed_generation(const struct value *object, int64_t *out)
{
    const struct value *observed = value_path(object, "status", "observedGeneration", NULL);
    if (observed == NULL)
        return false;
    if (observed->kind == VALUE_STRING) {
        char *end;
        *out = strtoll(observed->text, &end, 10);
        return end != observed->text && *end == 0;
    }
    *out = health_int(observed, -1);
    return observed->kind == VALUE_INT;
}

static struct health_result generic(struct arena *arena, const struct value *object)
{
    int64_t observed, generation = health_int(value_path(object, "metadata", "generation", NULL), -1);
    if (value_path(object, "metadata", "deletionTimestamp", NULL) != NULL)
        return health_is(HEALTH_TERMINATING, "it is being deleted");
    if (observed_generation(object, &observed) && generation >= 0 && observed != generation)
        return health_is(HEALTH_IN_PROGRESS, "its controller has not seen the change yet");
    if (health_condition_is(object, "Reconciling", "True"))
        return health_is(HEALTH_IN_PROGRESS, health_condition_text(arena, object, "Reconciling"));
    if (health_condition_is(object, "Stalled", "True"))
        return health_is(HEALTH_FAILED, health_condition_text(arena, object, "Stalled"));
    return health_is(HEALTH_UNKNOWN, NULL);
}

static struct health_result by_ready(struct arena *arena, const struct value *object, bool required)
{
    const struct value *ready = health_condition(object, "Ready");
    const char *status = value_string_or(value_get(ready, "status"), "");
    if (ready == NULL)
        return required ? health_is(HEALTH_IN_PROGRESS, "its controller has not reported yet")
                        : health_is(HEALTH_CURRENT, NULL);
    if (strcmp(status, "True") == 0)
        return health_is(HEALTH_CURRENT, NULL);
    return health_is(HEALTH_IN_PROGRESS, health_condition_text(arena, object, "Ready"));
}

static const struct health_rule *rule_of(const char *group, const char *kind)
{
    size_t count;
    const struct health_rule *rules = health_rules(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rules[i].kind, kind) == 0 && strcmp(rules[i].group, group) == 0)
            return &rules[i];
    return NULL;
}

struct health_result health_of(struct arena *arena, const struct value *object, struct health_options options)
{
    if (object == NULL)
        return health_is(HEALTH_NOT_FOUND, "it does not exist");
    const char *wait = document_annotation(object, "mlc.dev/wait");
    if (!options.strict && wait != NULL && strcmp(wait, "false") == 0)
        return health_is(HEALTH_CURRENT, NULL);
    options.strict = options.strict || (wait != NULL && strcmp(wait, "kstatus") == 0);
    struct health_result common = generic(arena, object);
    if (common.health != HEALTH_UNKNOWN)
        return common;
    const char *version = value_string_or(value_get(object, "apiVersion"), "");
    const char *kind = value_string_or(value_get(object, "kind"), ""), *slash = strchr(version, '/');
    const char *group = slash != NULL ? arena_copy(arena, version, (size_t)(slash - version)) : "";
    const struct health_rule *rule = rule_of(group, kind);
    if (rule == NULL || (options.strict && rule->ours))
        return by_ready(arena, object, false);
    return rule->check != NULL ? rule->check(arena, object, &options) : by_ready(arena, object, true);
}
