/* A controller that writes between the read and the apply of an object that it shares with us. */
#include "tests/unit/cluster/apply_bench.h"

#define SERVICES "/api/v1/namespaces/n/services"
#define LIVE(version, hash)                                                                                  \
    "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\",\"namespace\":\"n\",\"uid\":"  \
    "\"u\","                                                                                                 \
    "\"resourceVersion\":\"" version                                                                         \
    "\",\"annotations\":{\"argo-rollouts.argoproj.io/managed-by-rollouts\":\"r\"}},"                         \
    "\"spec\":{\"selector\":{\"app\":\"a\",\"rollouts-pod-template-hash\":\"" hash "\"}}}"

static const char *const modified = "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"message\":\"Operation "
                                    "cannot be fulfilled on services \\\"s\\\": the object "
                                    "has been modified\",\"code\":409}";
static const char *const selector_conflict =
    "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"message\":\"Apply "
    "failed\",\"details\":{\"causes\":[{\"reason\":"
    "\"FieldManagerConflict\",\"message\":\"conflict with \\\"rollouts-controller\\\" using v1\",\"field\":"
    "\".spec.selector\"}]}}";

static const struct apply_report *apply_service(struct bench *bench, struct fake_row *rows, size_t count)
{
    open_bench(bench, rows, count);
    add(bench, "Service", "s", ",\"spec\":{\"selector\":{\"app\":\"a\"},\"type\":\"ClusterIP\"}");
    return run(bench);
}

static void the_new_hash_is_read_and_sent(void **state)
{
    (void)state;
    static const char *const refusals[] = {modified, selector_conflict};
    for (size_t i = 0; i < 2; i++) {
        struct bench bench;
        struct fake_row rows[] = {
            {"GET", SERVICES "/s", 200, LIVE("1", "old"), HTTP_DONE, NULL, 1, 0},
            {"PATCH", SERVICES "/s", 409, NULL, HTTP_DONE, NULL, 1, 0},
            answers("GET", SERVICES "/s", 200, LIVE("2", "new")),
            answers("PATCH", SERVICES "/s", 200, LIVE("3", "new")),
        };
        rows[1].body = refusals[i];
        const struct apply_report *report = apply_service(&bench, rows, 4);
        const struct fake_server *server = &bench.server;
        assert_true(report->ok);
        assert_int_equal(report->counts[APPLY_CONFIGURED], 1);
        size_t first = place(server, "PATCH", 0), second = place(server, "PATCH", first + 1);
        assert_non_null(strstr(server->log[first], "\"resourceVersion\":\"1\""));
        assert_non_null(strstr(server->log[first], "\"rollouts-pod-template-hash\":\"old\""));
        assert_non_null(strstr(server->log[second], "\"resourceVersion\":\"2\""));
        assert_non_null(strstr(server->log[second], "\"rollouts-pod-template-hash\":\"new\""));
        assert_int_equal(diag_count(server->diags), 0);
        close_bench(&bench);
    }
}

static void force_takes_no_newer_hash(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        {"GET", SERVICES "/s", 200, LIVE("1", "old"), HTTP_DONE, NULL, 1, 0},
        {"PATCH", SERVICES "/s", 409, modified, HTTP_DONE, NULL, 1, 0},
        answers("GET", SERVICES "/s", 200, LIVE("2", "new")),
        answers("PATCH", SERVICES "/s", 200, LIVE("3", "new")),
    };
    open_bench(&bench, rows, 4);
    bench.options.force_conflicts = true;
    add(&bench, "Service", "s", ",\"spec\":{\"selector\":{\"app\":\"a\"},\"type\":\"ClusterIP\"}");
    const struct apply_report *report = run(&bench);
    assert_true(report->ok);
    size_t first = place(&bench.server, "PATCH", 0), second = place(&bench.server, "PATCH", first + 1);
    assert_non_null(strstr(bench.server.log[second], "force=true"));
    assert_non_null(strstr(bench.server.log[second], "\"rollouts-pod-template-hash\":\"new\""));
    close_bench(&bench);
}

static void a_race_without_end_is_told(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        answers("GET", SERVICES "/s", 200, LIVE("1", "x")),
        answers("PATCH", SERVICES "/s", 409, modified),
    };
    const struct apply_report *report = apply_service(&bench, rows, 2);
    assert_int_equal(report->counts[APPLY_FAILED], 1);
    assert_true(fake_count(&bench.server, "PATCH") < 20);
    assert_int_equal(diag_error_count(bench.server.diags), 1);
    close_bench(&bench);
}

static void what_was_deleted_meanwhile_is_made(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        {"GET", SERVICES "/s", 200, LIVE("1", "x"), HTTP_DONE, NULL, 1, 0},
        {"PATCH", SERVICES "/s", 409, modified, HTTP_DONE, NULL, 1, 0},
        answers("GET", SERVICES "/s", 404, missing),
        answers("PATCH", SERVICES "/s", 201, LIVE("5", "x")),
    };
    const struct apply_report *report = apply_service(&bench, rows, 4);
    assert_int_equal(report->counts[APPLY_CREATED], 1);
    size_t last = place(&bench.server, "PATCH", place(&bench.server, "PATCH", 0) + 1);
    assert_null(strstr(bench.server.log[last], "resourceVersion"));
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_new_hash_is_read_and_sent),
        cmocka_unit_test(force_takes_no_newer_hash),
        cmocka_unit_test(a_race_without_end_is_told),
        cmocka_unit_test(what_was_deleted_meanwhile_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
