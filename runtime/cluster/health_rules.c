#include "runtime/cluster/health_rules.h"
#include <string.h>
#include "runtime/cluster/exec_plugin.h"

static int64_t status_int(const struct value *object, const char *key)
{
    return health_int(value_path(object, "status", key, NULL), 0);
}

static int64_t spec_replicas(const struct value *object)
{
    return health_int(value_path(object, "spec", "replicas", NULL), 1);
}

static struct health_result fewer(struct arena *arena, int64_t have, int64_t want, const char *what)
{
    return health_is(HEALTH_IN_PROGRESS, arena_printf(arena, "%lld of %lld replicas are %s", (long long)have,
                                                      (long long)want, what));
}

static struct health_result current(struct arena *arena, const struct value *object,
                                    const struct health_options *options)
{
    (void)arena;
    (void)object;
    (void)options;
    return health_is(HEALTH_CURRENT, NULL);
}

static struct health_result service(struct arena *arena, const struct value *object,
                                    const struct health_options *options)
{
    (void)arena;
    const char *type = value_string_or(value_path(object, "spec", "type", NULL), "");
    const char *ip = value_string_or(value_path(object, "spec", "clusterIP", NULL), "");
    const struct value *ingress = value_path(object, "status", "loadBalancer", "ingress", NULL);
    if (strcmp(type, "LoadBalancer") != 0)
        return health_is(HEALTH_CURRENT, NULL);
    if (*ip == 0)
        return health_is(HEALTH_IN_PROGRESS, "it has no cluster IP yet");
    if (!options->strict && (ingress == NULL || ingress->kind != VALUE_LIST || ingress->count == 0))
        return health_is(HEALTH_IN_PROGRESS, "the load balancer has no address yet");
    return health_is(HEALTH_CURRENT, NULL);
}

static struct health_result claim(struct arena *arena, const struct value *object,
                                  const struct health_options *options)
{
    const char *phase = value_string_or(value_path(object, "status", "phase", NULL), "");
    const char *class = value_string_or(value_path(object, "spec", "storageClassName", NULL), "");
    if (strcmp(phase, "Bound") == 0)
        return health_is(HEALTH_CURRENT, NULL);
    if (strcmp(phase, "Lost") == 0 && !options->strict)
        return health_is(HEALTH_FAILED, "its volume is lost");
    if (!options->strict && options->late_classes != NULL && map_has(options->late_classes, class))
        return health_is(HEALTH_CURRENT, "it is bound with the first pod that uses it");
    return health_is(HEALTH_IN_PROGRESS,
                     arena_printf(arena, "the claim is %s", *phase != 0 ? phase : "not seen yet"));
}

static struct health_result deployment(struct arena *arena, const struct value *object,
                                       const struct health_options *options)
{
    (void)options;
    const struct value *progress = health_condition(object, "Progressing");
    int64_t deadline = health_int(value_path(object, "spec", "progressDeadlineSeconds", NULL), INT32_MAX);
    int64_t want = spec_replicas(object), have = status_int(object, "replicas");
    int64_t updated = status_int(object, "updatedReplicas"), ready = status_int(object, "readyReplicas");
    int64_t available = status_int(object, "availableReplicas");
    const char *reason = value_string_or(value_get(progress, "reason"), "");
    bool progressed = deadline == INT32_MAX || (health_condition_is(object, "Progressing", "True") &&
                                                strcmp(reason, "NewReplicaSetAvailable") == 0);
    if (strcmp(reason, "ProgressDeadlineExceeded") == 0)
        return health_is(HEALTH_FAILED, health_condition_text(arena, object, "Progressing"));
    if (want > have)
        return fewer(arena, have, want, "there");
    if (want > updated)
        return fewer(arena, updated, want, "updated");
    if (have > want)
        return health_is(HEALTH_IN_PROGRESS,
                         arena_printf(arena, "%lld old replicas are left", (long long)(have - want)));
    if (updated > available)
        return fewer(arena, available, updated, "available");
    if (want > ready)
        return fewer(arena, ready, want, "ready");
    if (!progressed)
        return health_is(HEALTH_IN_PROGRESS, "the new ReplicaSet is not available yet");
    if (!health_condition_is(object, "Available", "True"))
        return health_is(HEALTH_IN_PROGRESS, "the condition Available is not True");
    return health_is(HEALTH_CURRENT, NULL);
}

static struct health_result replica_set(struct arena *arena, const struct value *object,
                                        const struct health_options *options)
{
    (void)options;
    int64_t want = spec_replicas(object), have = status_int(object, "replicas");
    int64_t labelled = status_int(object, "fullyLabeledReplicas"),
            ready = status_int(object, "readyReplicas");
    int64_t available = status_int(object, "availableReplicas");
    if (health_condition_is(object, "ReplicaFailure", "True"))
        return health_is(HEALTH_IN_PROGRESS, health_condition_text(arena, object, "ReplicaFailure"));
    if (want > labelled)
        return fewer(arena, labelled, want, "labelled");
    if (want > available)
        return fewer(arena, available, want, "available");
    if (want > ready)
        return fewer(arena, ready, want, "ready");
    if (have > want)
        return health_is(HEALTH_IN_PROGRESS, "replicas are left to be removed");
    return health_is(HEALTH_CURRENT, NULL);
}

static struct health_result stateful_set(struct arena *arena, const struct value *object,
                                         const struct health_options *options)
{
    (void)options;
    const struct value *strategy = value_path(object, "spec", "updateStrategy", NULL);
    const struct value *partition = value_path(strategy, "rollingUpdate", "partition", NULL);
    int64_t want = spec_replicas(object), have = status_int(object, "replicas");
    int64_t ready = status_int(object, "readyReplicas"), updated = status_int(object, "updatedReplicas");
    int64_t now = status_int(object, "currentReplicas");
    if (strcmp(value_string_or(value_get(strategy, "type"), ""), "OnDelete") == 0)
        return health_is(HEALTH_CURRENT, NULL);
    if (want > have)
        return fewer(arena, have, want, "there");
    if (want > ready)
        return fewer(arena, ready, want, "ready");
    if (have > want)
        return health_is(HEALTH_IN_PROGRESS, "replicas are left to be removed");
    if (partition != NULL && health_int(partition, -1) != -1) {
        int64_t moved = want - health_int(partition, 0);
        return updated < moved ? fewer(arena, updated, moved, "updated") : health_is(HEALTH_CURRENT, NULL);
    }
    if (want > now)
        return fewer(arena, now, want, "current");
    const char *from = value_string_or(value_path(object, "status", "currentRevision", NULL), "");
    const char *to = value_string_or(value_path(object, "status", "updateRevision", NULL), "");
    if (strcmp(from, to) != 0)
        return health_is(HEALTH_IN_PROGRESS, "the new revision is being rolled out");
    return health_is(HEALTH_CURRENT, NULL);
}

static struct health_result daemon_set(struct arena *arena, const struct value *object,
                                       const struct health_options *options)
{
    (void)options;
    const struct value *desired = value_path(object, "status", "desiredNumberScheduled", NULL);
    static const struct {
        const char *key, *what;
    } counts[] = {{"currentNumberScheduled", "scheduled"},
                  {"updatedNumberScheduled", "updated"},
                  {"numberAvailable", "available"},
                  {"numberReady", "ready"}};
    if (value_path(object, "metadata", "generation", NULL) == NULL ||
        value_path(object, "status", "observedGeneration", NULL) == NULL || desired == NULL)
        return health_is(HEALTH_IN_PROGRESS, "its controller has not reported yet");
    int64_t want = health_int(desired, 0);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (want > status_int(object, counts[i].key))
            return fewer(arena, status_int(object, counts[i].key), want, counts[i].what);
    return health_is(HEALTH_CURRENT, NULL);
}

static const char *crash_of(struct arena *arena, const struct value *object)
{
    const struct value *list = value_path(object, "status", "containerStatuses", NULL);
    for (size_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->count; i++) {
        const struct value *waiting = value_path(list->items[i], "state", "waiting", NULL);
        if (strcmp(value_string_or(value_get(waiting, "reason"), ""), "CrashLoopBackOff") == 0)
            return arena_printf(arena, "container %s crashes again and again (CrashLoopBackOff)",
                                value_string_or(value_get(list->items[i], "name"), ""));
    }
    return NULL;
}

/* A pod has some seconds to be placed before it counts as one that cannot be. */
static struct health_result pending_pod(struct arena *arena, const struct value *object,
                                        const struct health_options *options)
{
    const struct value *scheduled = health_condition(object, "PodScheduled");
    const char *created = value_string_or(value_path(object, "metadata", "creationTimestamp", NULL), "");
    const int64_t window = (int64_t)15 * 1000000000;
    int64_t since;
    if (strcmp(value_string_or(value_get(scheduled, "status"), ""), "False") != 0 ||
        strcmp(value_string_or(value_get(scheduled, "reason"), ""), "Unschedulable") != 0)
        return health_is(HEALTH_IN_PROGRESS, "the pod is Pending");
    struct health_result result =
        health_is(HEALTH_IN_PROGRESS, health_condition_text(arena, object, "PodScheduled"));
    if (options->wall_ns == 0)
        return result;
    bool late = !exec_time_read(created, &since) || since < options->wall_ns - window;
    if (late)
        result.health = HEALTH_FAILED;
    else /* a creation in the future is a clock's fault */
        result.fails_in_ns = since > options->wall_ns ? window : since + window - options->wall_ns + 1;
    return result;
}

static struct health_result pod(struct arena *arena, const struct value *object,
                                const struct health_options *options)
{
    const char *phase = value_string_or(value_path(object, "status", "phase", NULL), "");
    const char *crash;
    if (strcmp(phase, "Succeeded") == 0)
        return health_is(HEALTH_CURRENT, NULL);
    if (strcmp(phase, "Failed") == 0)
        return options->strict ? health_is(HEALTH_CURRENT, NULL) : health_is(HEALTH_FAILED, "the pod failed");
    if (strcmp(phase, "Running") == 0) {
        if (health_condition_is(object, "Ready", "True"))
            return health_is(HEALTH_CURRENT, NULL);
        crash = crash_of(arena, object);
        return crash != NULL ? health_is(HEALTH_FAILED, crash)
                             : health_is(HEALTH_IN_PROGRESS, "the pod runs and is not ready");
    }
    if (strcmp(phase, "Pending") == 0)
        return pending_pod(arena, object, options);
    return health_is(HEALTH_IN_PROGRESS, "the pod has no phase yet");
}

static struct health_result job(struct arena *arena, const struct value *object,
                                const struct health_options *options)
{
    const struct value *suspend = value_path(object, "spec", "suspend", NULL);
    if (health_condition_is(object, "Complete", "True"))
        return health_is(HEALTH_CURRENT, NULL);
    if (health_condition_is(object, "Failed", "True"))
        return health_is(HEALTH_FAILED, health_condition_text(arena, object, "Failed"));
    if (health_condition_is(object, "Suspended", "True") && suspend != NULL && suspend->kind == VALUE_BOOL &&
        suspend->boolean)
        return health_is(HEALTH_CURRENT, "the job is suspended");
    if (value_path(object, "status", "startTime", NULL) == NULL)
        return health_is(HEALTH_IN_PROGRESS, "the job has not started");
    if (options->strict)
        return health_is(HEALTH_CURRENT, NULL);
    return health_is(HEALTH_IN_PROGRESS, arena_printf(arena, "the job runs: %lld active, %lld failed",
                                                      (long long)status_int(object, "active"),
                                                      (long long)status_int(object, "failed")));
}

static struct health_result definition(struct arena *arena, const struct value *object,
                                       const struct health_options *options)
{
    (void)options;
    const char *reason = value_string_or(value_get(health_condition(object, "Established"), "reason"), "");
    if (health_condition_is(object, "NamesAccepted", "False"))
        return health_is(HEALTH_FAILED, health_condition_text(arena, object, "NamesAccepted"));
    if (health_condition_is(object, "Established", "True"))
        return health_is(HEALTH_CURRENT, NULL);
    if (health_condition_is(object, "Established", "False") && strcmp(reason, "Installing") != 0)
        return health_is(HEALTH_FAILED, health_condition_text(arena, object, "Established"));
    return health_is(HEALTH_IN_PROGRESS, "the definition is being established");
}

static const struct health_rule rules[] = {
    {"", "Secret", current, false},
    {"", "ConfigMap", current, false},
    {"batch", "CronJob", current, false},
    {"policy", "PodDisruptionBudget", current, false},
    {"", "Service", service, false},
    {"", "PersistentVolumeClaim", claim, false},
    {"apps", "Deployment", deployment, false},
    {"apps", "ReplicaSet", replica_set, false},
    {"apps", "StatefulSet", stateful_set, false},
    {"apps", "DaemonSet", daemon_set, false},
    {"", "Pod", pod, false},
    {"batch", "Job", job, false},
    {"apiextensions.k8s.io", "CustomResourceDefinition", definition, false},
    {"argoproj.io", "Rollout", health_rollout, true},
    {"argoproj.io", "AnalysisRun", health_phase, true},
    {"argoproj.io", "Workflow", health_phase, true},
    {"argoproj.io", "Application", health_application, true},
    {"gateway.networking.k8s.io", "HTTPRoute", health_route, true},
    {"gateway.networking.k8s.io", "GRPCRoute", health_route, true},
    {"gateway.networking.k8s.io", "Gateway", health_programmed, true},
    {"serving.kserve.io", "InferenceService", NULL, true},
    {"serving.knative.dev", "Service", NULL, true},
    {"kafka.strimzi.io", "Kafka", NULL, true},
    {"kafka.strimzi.io", "KafkaTopic", NULL, true},
    {"kafka.strimzi.io", "KafkaUser", NULL, true},
    {"keda.sh", "ScaledObject", NULL, true},
    {"external-secrets.io", "ExternalSecret", NULL, true},
    {"external-secrets.io", "SecretStore", NULL, true},
    {"cert-manager.io", "Certificate", NULL, true},
    {"cert-manager.io", "Issuer", NULL, true},
    {"cert-manager.io", "ClusterIssuer", NULL, true},
    {"source.toolkit.fluxcd.io", "GitRepository", NULL, true},
    {"source.toolkit.fluxcd.io", "OCIRepository", NULL, true},
    {"source.toolkit.fluxcd.io", "HelmRepository", NULL, true},
    {"kustomize.toolkit.fluxcd.io", "Kustomization", NULL, true},
    {"helm.toolkit.fluxcd.io", "HelmRelease", NULL, true},
};

const struct health_rule *health_rules(size_t *count)
{
    *count = sizeof rules / sizeof *rules;
    return rules;
}
