/* The rules of kstatus, case by case (kubernetes-sigs/cli-utils, pkg/kstatus): what is common to all objects,
 * and each kind. Checked strictly, without what mlc mends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/documents/json.h"
#include "runtime/cluster/wait.h"

struct kstatus_case {
    const char *version, *kind, *rest; /* members behind metadata, or with their own */
    enum health wanted;
};

#define SEEN "\"observedGeneration\":1,"
#define CONDITION(type, status) "{\"type\":\"" type "\",\"status\":\"" status "\"}"
#define REASON(type, status, reason)                                                                         \
    "{\"type\":\"" type "\",\"status\":\"" status "\",\"reason\":\"" reason "\"}"
#define STATUS(members) "\"status\":{" members "}"
#define CONDITIONS(list) STATUS("\"conditions\":[" list "]")
#define REPLICAS(n) "\"spec\":{\"replicas\":" n "},"
#define COUNTS(all, updated, ready, available)                                                               \
    SEEN "\"replicas\":" all ",\"updatedReplicas\":" updated ",\"readyReplicas\":" ready                     \
         ",\"availableReplicas\":" available
#define GOOD ",\"conditions\":[" CONDITION("Available", "True") "]"
#define DAEMONS(desired, current, updated, available, ready)                                                 \
    STATUS(SEEN "\"desiredNumberScheduled\":" desired ",\"currentNumberScheduled\":" current                 \
                ",\"updatedNumberScheduled\":" updated ",\"numberAvailable\":" available                     \
                ",\"numberReady\":" ready)
#define STATEFUL(current, ready, all)                                                                        \
    STATUS(SEEN "\"currentReplicas\":" current ",\"readyReplicas\":" ready ",\"replicas\":" all)
#define SETS(all, ready, available, labelled)                                                                \
    STATUS(SEEN "\"replicas\":" all ",\"readyReplicas\":" ready ",\"availableReplicas\":" available          \
                ",\"fullyLabeledReplicas\":" labelled)
#define PARTITION(n) "\"spec\":{\"replicas\":4,\"updateStrategy\":{\"rollingUpdate\":{\"partition\":" n "}}},"

static const struct kstatus_case cases[] = {
    /* any object */
    {"x.example/v1", "Thing", "", HEALTH_CURRENT},
    {"x.example/v1", "Thing", STATUS("\"observedGeneration\":1"), HEALTH_CURRENT},
    {"x.example/v1", "Thing", STATUS("\"observedGeneration\":2"), HEALTH_IN_PROGRESS},
    {"x.example/v1", "Thing", CONDITIONS(CONDITION("Ready", "True")), HEALTH_CURRENT},
    {"x.example/v1", "Thing", CONDITIONS(CONDITION("Ready", "False")), HEALTH_IN_PROGRESS},
    {"x.example/v1", "Thing", CONDITIONS(CONDITION("Ready", "Unknown")), HEALTH_IN_PROGRESS},
    {"x.example/v1", "Thing", CONDITIONS(CONDITION("Other", "False")), HEALTH_CURRENT},
    {"x.example/v1", "Thing", CONDITIONS(CONDITION("Reconciling", "True")), HEALTH_IN_PROGRESS},
    {"x.example/v1", "Thing", CONDITIONS(CONDITION("Reconciling", "False")), HEALTH_CURRENT},
    {"x.example/v1", "Thing", CONDITIONS(CONDITION("Stalled", "True") "," CONDITION("Ready", "True")),
     HEALTH_FAILED},
    {"v1", "Namespace", STATUS("\"phase\":\"Active\""), HEALTH_CURRENT},
    /* pods */
    {"v1", "Pod", "", HEALTH_IN_PROGRESS},
    {"v1", "Pod", STATUS("\"phase\":\"Running\",\"conditions\":[" CONDITION("Ready", "True") "]"),
     HEALTH_CURRENT},
    {"v1", "Pod", STATUS("\"phase\":\"Running\",\"conditions\":[" CONDITION("Ready", "False") "]"),
     HEALTH_IN_PROGRESS},
    {"v1", "Pod",
     STATUS("\"phase\":\"Succeeded\",\"conditions\":[" REASON("Ready", "False", "PodCompleted") "]"),
     HEALTH_CURRENT},
    {"v1", "Pod",
     STATUS("\"phase\":\"Failed\",\"conditions\":[" REASON("Ready", "False", "PodCompleted") "]"),
     HEALTH_CURRENT},
    {"v1", "Pod", STATUS("\"phase\":\"Pending\""), HEALTH_IN_PROGRESS},
    {"v1", "Pod",
     STATUS("\"phase\":\"Pending\",\"conditions\":[" REASON("PodScheduled", "False", "Unschedulable") "]"),
     HEALTH_FAILED},
    {"v1", "Pod",
     "\"metadata\":{\"generation\":1,\"creationTimestamp\":\"2026-01-02T03:04:00Z\"}," STATUS(
         "\"phase\":\"Pending\",\"conditions\":[" REASON("PodScheduled", "False", "Unschedulable") "]"),
     HEALTH_IN_PROGRESS},
    {"v1", "Pod",
     "\"metadata\":{\"generation\":1,\"creationTimestamp\":\"2026-01-02T03:03:49Z\"}," STATUS(
         "\"phase\":\"Pending\",\"conditions\":[" REASON("PodScheduled", "False", "Unschedulable") "]"),
     HEALTH_FAILED},
    {"v1", "Pod",
     STATUS("\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"n\",\"state\":{\"waiting\":{\"reason\":"
            "\"CrashLoopBackOff\"}}}]"),
     HEALTH_FAILED},
    {"v1", "Pod",
     STATUS("\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"n\",\"state\":{\"waiting\":{\"reason\":"
            "\"ErrImagePull\"}}}]"),
     HEALTH_IN_PROGRESS},
    /* claims */
    {"v1", "PersistentVolumeClaim", "", HEALTH_IN_PROGRESS},
    {"v1", "PersistentVolumeClaim", STATUS("\"phase\":\"Bound\""), HEALTH_CURRENT},
    {"v1", "PersistentVolumeClaim", STATUS("\"phase\":\"Lost\""), HEALTH_IN_PROGRESS},
    /* stateful sets */
    {"apps/v1", "StatefulSet", "", HEALTH_IN_PROGRESS},
    {"apps/v1", "StatefulSet", STATUS(SEEN "\"currentReplicas\":1"), HEALTH_IN_PROGRESS},
    {"apps/v1", "StatefulSet", REPLICAS("4") STATEFUL("4", "4", "4"), HEALTH_CURRENT},
    {"apps/v1", "StatefulSet", REPLICAS("4") STATEFUL("4", "2", "4"), HEALTH_IN_PROGRESS},
    {"apps/v1", "StatefulSet", REPLICAS("4") STATEFUL("2", "4", "4"), HEALTH_IN_PROGRESS},
    {"apps/v1", "StatefulSet", REPLICAS("4") STATEFUL("4", "4", "8"), HEALTH_IN_PROGRESS},
    {"apps/v1", "StatefulSet", "\"spec\":{\"updateStrategy\":{\"type\":\"OnDelete\"}}", HEALTH_CURRENT},
    {"apps/v1", "StatefulSet",
     PARTITION("2") STATUS(SEEN "\"replicas\":4,\"readyReplicas\":4,\"updatedReplicas\":2"), HEALTH_CURRENT},
    {"apps/v1", "StatefulSet",
     PARTITION("2") STATUS(SEEN "\"replicas\":4,\"readyReplicas\":4,\"updatedReplicas\":1"),
     HEALTH_IN_PROGRESS},
    {"apps/v1", "StatefulSet",
     REPLICAS("0") STATUS(SEEN "\"currentRevision\":\"a\",\"updateRevision\":\"b\""), HEALTH_IN_PROGRESS},
    {"apps/v1", "StatefulSet",
     REPLICAS("0") STATUS(SEEN "\"currentRevision\":\"b\",\"updateRevision\":\"b\""), HEALTH_CURRENT},
    /* daemon sets */
    {"apps/v1", "DaemonSet", "", HEALTH_IN_PROGRESS},
    {"apps/v1", "DaemonSet", STATUS(SEEN "\"currentReplicas\":1"), HEALTH_IN_PROGRESS},
    {"apps/v1", "DaemonSet", DAEMONS("4", "4", "4", "4", "4"), HEALTH_CURRENT},
    {"apps/v1", "DaemonSet", DAEMONS("0", "0", "0", "0", "0"), HEALTH_CURRENT},
    {"apps/v1", "DaemonSet", DAEMONS("4", "2", "4", "4", "4"), HEALTH_IN_PROGRESS},
    {"apps/v1", "DaemonSet", DAEMONS("4", "4", "2", "4", "4"), HEALTH_IN_PROGRESS},
    {"apps/v1", "DaemonSet", DAEMONS("4", "4", "4", "2", "4"), HEALTH_IN_PROGRESS},
    {"apps/v1", "DaemonSet", DAEMONS("4", "4", "4", "4", "2"), HEALTH_IN_PROGRESS},
    {"apps/v1", "DaemonSet", "\"metadata\":{\"generation\":2}," DAEMONS("4", "4", "4", "4", "4"),
     HEALTH_IN_PROGRESS},
    {"apps/v1", "DaemonSet", "\"metadata\":{\"name\":\"x\"}," DAEMONS("4", "4", "4", "4", "4"),
     HEALTH_IN_PROGRESS},
    /* deployments */
    {"apps/v1", "Deployment", "", HEALTH_IN_PROGRESS},
    {"apps/v1", "Deployment", STATUS(COUNTS("1", "1", "1", "1") GOOD), HEALTH_CURRENT},
    {"apps/v1", "Deployment", STATUS(COUNTS("1", "1", "1", "1")), HEALTH_IN_PROGRESS},
    {"apps/v1", "Deployment",
     STATUS(COUNTS("1", "1", "1", "1") ",\"conditions\":[" CONDITION("Available", "False") "]"),
     HEALTH_IN_PROGRESS},
    {"apps/v1", "Deployment",
     "\"spec\":{\"progressDeadlineSeconds\":45}," STATUS(COUNTS("1", "1", "1", "1") GOOD),
     HEALTH_IN_PROGRESS},
    {"apps/v1", "Deployment",
     "\"spec\":{\"progressDeadlineSeconds\":2147483647}," STATUS(COUNTS("1", "1", "1", "1") GOOD),
     HEALTH_CURRENT},
    {"apps/v1", "Deployment",
     "\"spec\":{\"progressDeadlineSeconds\":45}," STATUS(
         COUNTS("1", "1", "1", "1") ",\"conditions\":[" REASON(
             "Progressing", "True", "NewReplicaSetAvailable") "," CONDITION("Available", "True") "]"),
     HEALTH_CURRENT},
    {"apps/v1", "Deployment",
     STATUS(COUNTS("1", "1", "1", "1") ",\"conditions\":[" REASON(
         "Progressing", "False", "ProgressDeadlineExceeded") "," CONDITION("Available", "True") "]"),
     HEALTH_FAILED},
    {"apps/v1", "Deployment", REPLICAS("2") STATUS(COUNTS("1", "1", "1", "1") GOOD), HEALTH_IN_PROGRESS},
    {"apps/v1", "Deployment", REPLICAS("2") STATUS(COUNTS("2", "1", "2", "2") GOOD), HEALTH_IN_PROGRESS},
    {"apps/v1", "Deployment", REPLICAS("2") STATUS(COUNTS("3", "2", "3", "3") GOOD), HEALTH_IN_PROGRESS},
    {"apps/v1", "Deployment", REPLICAS("2") STATUS(COUNTS("2", "2", "2", "1") GOOD), HEALTH_IN_PROGRESS},
    {"apps/v1", "Deployment", REPLICAS("2") STATUS(COUNTS("2", "2", "1", "2") GOOD), HEALTH_IN_PROGRESS},
    {"apps/v1", "Deployment", REPLICAS("0") STATUS(COUNTS("0", "0", "0", "0") GOOD), HEALTH_CURRENT},
    /* replica sets */
    {"apps/v1", "ReplicaSet", "", HEALTH_IN_PROGRESS},
    {"apps/v1", "ReplicaSet", REPLICAS("2") SETS("2", "2", "2", "2"), HEALTH_CURRENT},
    {"apps/v1", "ReplicaSet", REPLICAS("4") SETS("4", "2", "4", "4"), HEALTH_IN_PROGRESS},
    {"apps/v1", "ReplicaSet", REPLICAS("4") SETS("4", "4", "2", "4"), HEALTH_IN_PROGRESS},
    {"apps/v1", "ReplicaSet", REPLICAS("4") SETS("4", "4", "4", "2"), HEALTH_IN_PROGRESS},
    {"apps/v1", "ReplicaSet", REPLICAS("2") SETS("4", "4", "4", "4"), HEALTH_IN_PROGRESS},
    {"apps/v1", "ReplicaSet", REPLICAS("0") CONDITIONS(CONDITION("ReplicaFailure", "True")),
     HEALTH_IN_PROGRESS},
    {"apps/v1", "ReplicaSet", REPLICAS("0") CONDITIONS(CONDITION("ReplicaFailure", "False")), HEALTH_CURRENT},
    /* jobs */
    {"batch/v1", "Job", "", HEALTH_IN_PROGRESS},
    {"batch/v1", "Job", CONDITIONS(CONDITION("Complete", "True")), HEALTH_CURRENT},
    {"batch/v1", "Job", CONDITIONS(CONDITION("Failed", "True")), HEALTH_FAILED},
    {"batch/v1", "Job",
     STATUS("\"startTime\":\"2019-06-04T01:17:13Z\",\"active\":2,\"conditions\":[" CONDITION(
         "Failed", "False") "," CONDITION("Complete", "False") "]"),
     HEALTH_CURRENT},
    {"batch/v1", "Job", "\"spec\":{\"suspend\":true}," CONDITIONS(CONDITION("Suspended", "True")),
     HEALTH_CURRENT},
    {"batch/v1", "Job", CONDITIONS(CONDITION("Suspended", "True")), HEALTH_IN_PROGRESS},
    {"batch/v1", "CronJob", "", HEALTH_CURRENT},
    {"batch/v1", "CronJob", "\"status\":null", HEALTH_CURRENT},
    /* what needs no controller */
    {"v1", "Secret", "", HEALTH_CURRENT},
    {"v1", "ConfigMap", CONDITIONS(CONDITION("Ready", "False")), HEALTH_CURRENT},
    {"policy/v1", "PodDisruptionBudget", STATUS("\"observedGeneration\":2"), HEALTH_IN_PROGRESS},
    {"policy/v1", "PodDisruptionBudget", STATUS("\"observedGeneration\":1"), HEALTH_CURRENT},
    {"v1", "Service", "", HEALTH_CURRENT},
    {"v1", "Service", "\"spec\":{\"type\":\"NodePort\"}", HEALTH_CURRENT},
    {"v1", "Service", "\"spec\":{\"type\":\"LoadBalancer\"}", HEALTH_IN_PROGRESS},
    {"v1", "Service", "\"spec\":{\"type\":\"LoadBalancer\",\"clusterIP\":\"1.2.3.4\"}", HEALTH_CURRENT},
    /* definitions */
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "", HEALTH_IN_PROGRESS},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition",
     CONDITIONS(REASON("Established", "False", "Installing")), HEALTH_IN_PROGRESS},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition",
     CONDITIONS(REASON("Established", "False", "Broken")), HEALTH_FAILED},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", CONDITIONS(CONDITION("NamesAccepted", "False")),
     HEALTH_FAILED},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition",
     CONDITIONS(CONDITION("NamesAccepted", "True") "," CONDITION("Established", "True")), HEALTH_CURRENT},
};

static struct health_result judge(struct arena *arena, const struct kstatus_case *row)
{
    const int64_t now = (int64_t)1767323045 * 1000000000; /* 2026-01-02T03:04:05Z */
    struct buf text = {0};
    const char *why;
    bool own = strncmp(row->rest, "\"metadata\"", 10) == 0;
    buf_printf(&text, "{\"apiVersion\":\"%s\",\"kind\":\"%s\"%s%s%s}", row->version, row->kind,
               own ? "" : ",\"metadata\":{\"generation\":1}", *row->rest != 0 ? "," : "", row->rest);
    const struct value *object = json_read_text(arena, buf_str(&text), text.length, &why);
    if (object == NULL)
        fail_msg("%s: %s", buf_str(&text), why);
    buf_free(&text);
    return health_of(arena, object, (struct health_options){true, now, NULL});
}

static void every_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct health_result found = judge(arena, &cases[i]);
        if (found.health != cases[i].wanted)
            fail_msg("%s {%s}: found %s (%s), wanted %s", cases[i].kind, cases[i].rest,
                     health_name(found.health), found.why != NULL ? found.why : "",
                     health_name(cases[i].wanted));
        if (found.health == HEALTH_IN_PROGRESS || found.health == HEALTH_FAILED)
            assert_non_null(found.why); /* a person is told what it waits for */
        arena_free(arena);
    }
}

static void a_deleted_object_is_terminating(void **state)
{
    (void)state;
    static const struct kstatus_case row = {"v1", "ConfigMap",
                                            "\"metadata\":{\"deletionTimestamp\":\"2026-01-02T03:04:05Z\"}",
                                            HEALTH_TERMINATING};
    struct arena *arena = arena_new();
    assert_int_equal(judge(arena, &row).health, HEALTH_TERMINATING);
    assert_int_equal(health_of(arena, NULL, (struct health_options){true, 0, NULL}).health, HEALTH_NOT_FOUND);
    arena_free(arena);
}

/* An unschedulable pod says when it will have failed: no event comes for that. */
static void an_unschedulable_pod_fails_in_time(void **state)
{
    (void)state;
    static const struct kstatus_case row = {
        "v1", "Pod",
        "\"metadata\":{\"creationTimestamp\":\"2026-01-02T03:04:00Z\"}," STATUS(
            "\"phase\":\"Pending\",\"conditions\":[" REASON("PodScheduled", "False", "Unschedulable") "]"),
        HEALTH_IN_PROGRESS};
    struct arena *arena = arena_new();
    struct health_result found = judge(arena, &row);
    assert_int_equal(found.health, HEALTH_IN_PROGRESS);
    assert_int_equal(found.fails_in_ns, (int64_t)10 * 1000000000 + 1);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case),
        cmocka_unit_test(a_deleted_object_is_terminating),
        cmocka_unit_test(an_unschedulable_pod_fails_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
