/* The rules of kstatus and the traps beside them, one row an object. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/documents/json.h"
#include "runtime/cluster/exec_plugin.h"
#include "runtime/cluster/wait.h"

struct row {
    const char *what, *object;
    enum health health, strict;
};

#define READY_DEPLOYMENT                                                                                     \
    "{\"type\":\"Available\",\"status\":\"True\"},{\"type\":\"Progressing\",\"status\":\"True\",\"reason\":" \
    "\"NewReplicaSetAvailable\"}"

static const struct row rows[] = {
    {"being deleted",
     "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"deletionTimestamp\":\"2026-01-01T00:00:"
     "00Z\"}}",
     HEALTH_TERMINATING, HEALTH_TERMINATING},
    {"generation not seen",
     "{\"apiVersion\":\"x.io/"
     "v1\",\"kind\":\"X\",\"metadata\":{\"generation\":2},\"status\":{\"observedGeneration\":1}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"stalled",
     "{\"apiVersion\":\"x.io/"
     "v1\",\"kind\":\"X\",\"status\":{\"conditions\":[{\"type\":\"Stalled\",\"status\":\"True\"}]}}",
     HEALTH_FAILED, HEALTH_FAILED},
    {"reconciling",
     "{\"apiVersion\":\"x.io/"
     "v1\",\"kind\":\"X\",\"status\":{\"conditions\":[{\"type\":\"Reconciling\",\"status\":"
     "\"True\"}]}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"unknown kind without status", "{\"apiVersion\":\"x.io/v1\",\"kind\":\"X\"}", HEALTH_CURRENT,
     HEALTH_CURRENT},
    {"unknown kind not ready",
     "{\"apiVersion\":\"x.io/"
     "v1\",\"kind\":\"X\",\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\"}]}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"a kind that reports, not seen yet", "{\"apiVersion\":\"cert-manager.io/v1\",\"kind\":\"Certificate\"}",
     HEALTH_IN_PROGRESS, HEALTH_CURRENT},
    {"a count that no arithmetic can hold",
     "{\"apiVersion\":\"apps/v1\",\"kind\":\"StatefulSet\",\"spec\":{\"replicas\":1,\"updateStrategy\":{"
     "\"rollingUpdate\":{\"partition\":-9223372036854775808}}},\"status\":{\"replicas\":1,\"readyReplicas\":"
     "1,"
     "\"updatedReplicas\":1,\"currentReplicas\":1}}",
     HEALTH_CURRENT, HEALTH_CURRENT},
    {"old replicas that no arithmetic can hold",
     "{\"apiVersion\":\"apps/"
     "v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":-9223372036854775808},\"status\":{"
     "\"replicas\":9223372036854775807}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"deployment without status", "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"spec\":{}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"deployment ready",
     "{\"apiVersion\":\"apps/"
     "v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":1,\"progressDeadlineSeconds\":600},"
     "\"status\":{\"replicas\":1,\"updatedReplicas\":1,\"readyReplicas\":1,\"availableReplicas\":1,"
     "\"conditions\":[" READY_DEPLOYMENT "]}}",
     HEALTH_CURRENT, HEALTH_CURRENT},
    {"deployment with an old pod",
     "{\"apiVersion\":\"apps/"
     "v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":1},\"status\":{\"replicas\":2,"
     "\"updatedReplicas\":1,\"readyReplicas\":2,\"availableReplicas\":2,\"conditions\":[" READY_DEPLOYMENT
     "]}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"deployment over its deadline",
     "{\"apiVersion\":\"apps/"
     "v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":1},\"status\":{\"conditions\":[{\"type\":"
     "\"Progressing\",\"status\":\"False\",\"reason\":\"ProgressDeadlineExceeded\"}]}}",
     HEALTH_FAILED, HEALTH_FAILED},
    {"deployment of nothing",
     "{\"apiVersion\":\"apps/"
     "v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":0},\"status\":{\"conditions\":[" READY_DEPLOYMENT
     "]}}",
     HEALTH_CURRENT, HEALTH_CURRENT},
    {"stateful set on delete",
     "{\"apiVersion\":\"apps/"
     "v1\",\"kind\":\"StatefulSet\",\"spec\":{\"updateStrategy\":{\"type\":\"OnDelete\"}}}",
     HEALTH_CURRENT, HEALTH_CURRENT},
    {"stateful set with a partition",
     "{\"apiVersion\":\"apps/"
     "v1\",\"kind\":\"StatefulSet\",\"spec\":{\"replicas\":3,\"updateStrategy\":{\"rollingUpdate\":"
     "{\"partition\":2}}},\"status\":{\"replicas\":3,\"readyReplicas\":3,\"updatedReplicas\":1}}",
     HEALTH_CURRENT, HEALTH_CURRENT},
    {"stateful set in the middle of a roll-out",
     "{\"apiVersion\":\"apps/"
     "v1\",\"kind\":\"StatefulSet\",\"spec\":{\"replicas\":1},\"status\":{\"replicas\":1,"
     "\"readyReplicas\":1,\"currentReplicas\":1,\"currentRevision\":\"a\",\"updateRevision\":\"b\"}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"daemon set not seen",
     "{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"generation\":1}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"daemon set without nodes",
     "{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"generation\":1},\"status\":{"
     "\"observedGeneration\":1,\"desiredNumberScheduled\":0}}",
     HEALTH_CURRENT, HEALTH_CURRENT},
    {"claim pending",
     "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\"spec\":{\"storageClassName\":\"fast\"},"
     "\"status\":{"
     "\"phase\":\"Pending\"}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"claim of a late class",
     "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\"spec\":{\"storageClassName\":\"late\"},"
     "\"status\":{"
     "\"phase\":\"Pending\"}}",
     HEALTH_CURRENT, HEALTH_IN_PROGRESS},
    {"load balancer without an address",
     "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{\"type\":\"LoadBalancer\",\"clusterIP\":\"10.0.0."
     "1\"}}",
     HEALTH_IN_PROGRESS, HEALTH_CURRENT},
    {"service", "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{}}", HEALTH_CURRENT, HEALTH_CURRENT},
    {"a Service that is Knative's", "{\"apiVersion\":\"serving.knative.dev/v1\",\"kind\":\"Service\"}",
     HEALTH_IN_PROGRESS, HEALTH_CURRENT},
    {"job that runs",
     "{\"apiVersion\":\"batch/"
     "v1\",\"kind\":\"Job\",\"status\":{\"startTime\":\"2026-01-01T00:00:00Z\",\"active\":1}}",
     HEALTH_IN_PROGRESS, HEALTH_CURRENT},
    {"job that failed",
     "{\"apiVersion\":\"batch/"
     "v1\",\"kind\":\"Job\",\"status\":{\"startTime\":\"2026-01-01T00:00:00Z\",\"conditions\":[{"
     "\"type\":\"Failed\",\"status\":\"True\",\"reason\":\"BackoffLimitExceeded\"}]}}",
     HEALTH_FAILED, HEALTH_FAILED},
    {"pod that crashes",
     "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{"
     "\"name\":\"m\","
     "\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}}",
     HEALTH_FAILED, HEALTH_FAILED},
    {"pod that failed", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"status\":{\"phase\":\"Failed\"}}",
     HEALTH_FAILED, HEALTH_CURRENT},
    {"pod that cannot be scheduled",
     "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"creationTimestamp\":\"2026-01-01T00:00:00Z\"},"
     "\"status\":{"
     "\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\",\"status\":\"False\",\"reason\":"
     "\"Unschedulable\"}]}}",
     HEALTH_FAILED, HEALTH_FAILED},
    {"definition installing",
     "{\"apiVersion\":\"apiextensions.k8s.io/"
     "v1\",\"kind\":\"CustomResourceDefinition\",\"status\":{\"conditions\":[{"
     "\"type\":\"Established\",\"status\":\"False\",\"reason\":\"Installing\"}]}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"definition with a taken name",
     "{\"apiVersion\":\"apiextensions.k8s.io/"
     "v1\",\"kind\":\"CustomResourceDefinition\",\"status\":{\"conditions\":[{"
     "\"type\":\"NamesAccepted\",\"status\":\"False\"}]}}",
     HEALTH_FAILED, HEALTH_FAILED},
    {"rollout with its generation as text",
     "{\"apiVersion\":\"argoproj.io/"
     "v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":"
     "2},\"status\":{\"observedGeneration\":\"3\",\"updatedReplicas\":2,\"availableReplicas\":2,\"stableRS\":"
     "\"x\","
     "\"currentPodHash\":\"x\",\"phase\":\"Healthy\"}}",
     HEALTH_CURRENT, HEALTH_CURRENT},
    {"rollout whose old replicas go still",
     "{\"apiVersion\":\"argoproj.io/"
     "v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"generation\":3},\"spec\":{\"replicas\":"
     "2},\"status\":{\"observedGeneration\":\"3\",\"replicas\":3,\"updatedReplicas\":2,"
     "\"availableReplicas\":2,\"stableRS\":\"x\",\"currentPodHash\":\"x\",\"phase\":\"Progressing\","
     "\"message\":\"old replicas are pending termination\"}}",
     HEALTH_IN_PROGRESS, HEALTH_CURRENT},
    {"rollout going on after a pause",
     "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"spec\":{\"replicas\":2},"
     "\"status\":{\"observedGeneration\":\"1\",\"updatedReplicas\":2,\"availableReplicas\":2,\"stableRS\":"
     "\"x\","
     "\"currentPodHash\":\"x\",\"phase\":\"Paused\",\"controllerPause\":true}}",
     HEALTH_IN_PROGRESS, HEALTH_CURRENT},
    {"rollout to be restarted",
     "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"spec\":{\"replicas\":2,"
     "\"restartAt\":\"2026-01-01T00:00:00Z\"},"
     "\"status\":{\"observedGeneration\":\"1\",\"updatedReplicas\":2,\"availableReplicas\":2,\"stableRS\":"
     "\"x\","
     "\"currentPodHash\":\"x\",\"phase\":\"Progressing\",\"message\":\"rollout is restarting\"}}",
     HEALTH_IN_PROGRESS, HEALTH_CURRENT},
    {"rollout of a controller before 1.0, which says no phase",
     "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"spec\":{\"replicas\":2},"
     "\"status\":{\"observedGeneration\":\"1\",\"updatedReplicas\":2,\"availableReplicas\":2,\"stableRS\":"
     "\"x\","
     "\"currentPodHash\":\"x\"}}",
     HEALTH_CURRENT, HEALTH_CURRENT},
    {"rollout behind its generation",
     "{\"apiVersion\":\"argoproj.io/"
     "v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"generation\":4},\"status\":{"
     "\"observedGeneration\":\"3\"}}",
     HEALTH_IN_PROGRESS, HEALTH_IN_PROGRESS},
    {"rollout aborted",
     "{\"apiVersion\":\"argoproj.io/"
     "v1alpha1\",\"kind\":\"Rollout\",\"status\":{\"observedGeneration\":\"1\",\"abort\":"
     "true}}",
     HEALTH_FAILED, HEALTH_CURRENT},
    {"rollout paused",
     "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"status\":{\"observedGeneration\":\"1\","
     "\"pauseConditions\":[{\"reason\":\"CanaryPauseStep\"}]}}",
     HEALTH_SUSPENDED, HEALTH_CURRENT},
    {"not to be waited for",
     "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"annotations\":{\"mlc.dev/"
     "wait\":\"false\"}}}",
     HEALTH_CURRENT, HEALTH_IN_PROGRESS},
};

static void check(const struct row *row, bool strict)
{
    struct arena *arena = arena_new();
    const char *why = NULL;
    const struct value *object = json_read_text(arena, row->object, strlen(row->object), &why);
    if (object == NULL)
        fail_msg("%s: %s", row->what, why);
    struct map *late = map_new(arena);
    map_set(late, "late", late);
    struct health_options options = {
        .strict = strict, .wall_ns = (int64_t)1900000000 * 1000000000, .late_classes = late};
    struct health_result result = health_of(arena, object, options);
    enum health expected = strict ? row->strict : row->health;
    if (result.health != expected)
        fail_msg("%s (%s): expected %s, found %s", row->what, strict ? "strict" : "ours",
                 health_name(expected), health_name(result.health));
    arena_free(arena);
}

static void every_row_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(&rows[i], false);
        check(&rows[i], true);
    }
}

static void nothing_is_not_found(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_int_equal(health_of(arena, NULL, (struct health_options){0}).health, HEALTH_NOT_FOUND);
    arena_free(arena);
}

static void times_are_read(void **state)
{
    (void)state;
    int64_t a = 0, b = 0;
    assert_true(exec_time_read("2026-01-02T03:04:05Z", &a));
    assert_true(exec_time_read("2026-01-02T05:04:05.123+02:00", &b));
    assert_int_equal(a, b);
    assert_int_equal(a / 1000000000, 1767323045);
    assert_true(exec_time_read("4052-01-02T03:04:05Z", &a));
    assert_true(a > b);
    assert_false(exec_time_read("2026-01-02", &a));
    assert_false(exec_time_read("", &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_holds),
        cmocka_unit_test(nothing_is_not_found),
        cmocka_unit_test(times_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
