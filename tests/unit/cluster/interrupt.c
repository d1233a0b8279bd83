/* Ctrl-C: what is under way ends, nothing more is sent, and all is told. */
#include "tests/unit/cluster/apply_bench.h"

/* Comes once so many requests with this prefix were made. */
struct trigger {
    const struct fake_server *server;
    const char *prefix;
    size_t count;
};

static bool has_come(void *context)
{
    const struct trigger *trigger = context;
    return fake_count(trigger->server, trigger->prefix) >= trigger->count;
}

static void arm(struct bench *bench, struct trigger *trigger, const char *prefix, size_t count)
{
    *trigger = (struct trigger){&bench->server, prefix, count};
    client_set_interrupt(bench->client, (int64_t)10 * 1000000000, has_come, trigger);
}

static void an_apply_stops_between_objects(void **state)
{
    (void)state;
    enum { OBJECTS = 300 };
    struct bench bench;
    struct trigger trigger;
    struct fake_row rows[] = {
        answers("GET", PARENT, 200, NULL),
        answers("GET", MAPS "?", 200, "{\"metadata\":{},\"items\":[]}"),
        answers("PATCH", PARENT, 200, "{}"),
        answers("PATCH", MAPS "/", 201, created),
    };
    open_bench(&bench, rows, sizeof rows / sizeof *rows);
    rows[0].body = parent(&bench, "ConfigMap");
    for (int i = 0; i < OBJECTS; i++)
        add(&bench, "ConfigMap", arena_printf(bench.server.arena, "c%d", i), "");
    read_inventory(&bench);
    arm(&bench, &trigger, "PATCH " MAPS, 5);
    const struct apply_report *report = run(&bench);
    size_t sent = fake_count(&bench.server, "PATCH " MAPS);
    assert_false(report->ok);
    assert_true(report->interrupted);
    assert_true(sent >= 5 && sent < 100);
    assert_int_equal(report->counts[APPLY_CREATED], sent); /* what was on the wire ended well */
    assert_int_equal(report->counts[APPLY_SKIPPED], OBJECTS - sent);
    assert_int_equal(report->counts[APPLY_FAILED], 0);
    assert_int_equal(diag_count(bench.server.diags), 0);
    for (size_t i = 0; i < report->records.count; i++) {
        const struct apply_record *record = report->records.items[i];
        if (record->result == APPLY_SKIPPED)
            assert_string_equal(record->why, "interrupted");
    }
    assert_int_equal(fake_count(&bench.server, "PATCH " PARENT), 1); /* the superset stays */
    client_set_interrupt(bench.client, 0, NULL, NULL);
    assert_false(client_is_interrupted(bench.client));
    close_bench(&bench);
}

static void an_answer_that_never_comes_is_given_up(void **state)
{
    (void)state;
    struct bench bench;
    struct trigger trigger;
    struct fake_row rows[] = {
        answers("GET", MAPS "/a", 404, "{}"),
        answers("PATCH", MAPS "/a", 0, NULL),
    };
    rows[1].outcome = HTTP_BROKEN;
    open_bench(&bench, rows, 2);
    add(&bench, "ConfigMap", "a", "");
    arm(&bench, &trigger, "PATCH", 1);
    const struct apply_report *report = run(&bench);
    const struct apply_record *record = report->records.items[0];
    assert_int_equal(record->result, APPLY_FAILED);
    assert_int_equal(fake_count(&bench.server, "PATCH"), 1); /* not repeated */
    close_bench(&bench);
}

static void a_wait_ends(void **state)
{
    (void)state;
    struct bench bench;
    struct trigger trigger;
    static const char *const path = "/api/v1/namespaces/n/persistentvolumeclaims";
    static const char *const pending = "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\","
                                       "\"metadata\":{\"name\":\"a\",\"uid\":\"u\","
                                       "\"resourceVersion\":\"2\"},\"status\":{\"phase\":\"Pending\"}}";
    struct fake_row rows[] = {
        answers("GET", "/api/v1/namespaces/n/persistentvolumeclaims/a", 404, "{}"),
        answers("PATCH", path, 201, pending),
        answers("GET", "/apis/storage.k8s.io", 200, "{\"items\":[]}"),
        answers("GET", path, 200, NULL),
    };
    open_bench(&bench, rows, 4);
    rows[3].body = arena_printf(bench.server.arena,
                                "{\"metadata\":{\"resourceVersion\":\"3\"},\"items\":[%s]}", pending);
    add(&bench, "PersistentVolumeClaim", "a", "");
    bench.options.wait = true;
    arm(&bench, &trigger, "GET /api/v1/namespaces/n/persistentvolumeclaims?watch", 2);
    const struct apply_report *report = run(&bench);
    assert_false(report->ok);
    assert_true(report->interrupted && report->waited && !report->ready);
    assert_int_equal(report->counts[APPLY_CREATED], 1);
    assert_int_equal(diag_count(bench.server.diags), 0); /* not ready is no fault of the object's */
    close_bench(&bench);
}

/* Between the deletion of the old object and the new one nothing stops. */
static void a_replacement_is_finished(void **state)
{
    (void)state;
    struct bench bench;
    struct trigger trigger;
    static const char *const path = "/api/v1/namespaces/a";
    struct fake_row rows[] = {
        {"GET", path, 200, created, HTTP_DONE, NULL, 2, 0},
        answers("GET", path, 404, "{}"),
        {"PATCH", path, 422, "{\"kind\":\"Status\",\"message\":\"field is immutable\"}", HTTP_DONE, NULL, 1,
         0},
        answers("PATCH", path, 201, created),
        answers("DELETE", path, 200, "{}"),
        answers("GET", MAPS "/later", 404, "{}"),
    };
    open_bench(&bench, rows, sizeof rows / sizeof *rows);
    add(&bench, "Namespace", "a", ",\"spec\":{\"x\":1}");
    add(&bench, "ConfigMap", "later", "");
    bench.options.replace = true;
    arm(&bench, &trigger, "DELETE", 1);
    const struct apply_report *report = run(&bench);
    assert_int_equal(report->counts[APPLY_REPLACED], 1);
    assert_int_equal(report->counts[APPLY_SKIPPED], 1);
    assert_true(report->interrupted);
    close_bench(&bench);
}

static void a_destroy_stops_and_keeps_the_inventory(void **state)
{
    (void)state;
    struct bench bench;
    struct trigger trigger;
    struct fake_row rows[] = {
        answers("GET", PARENT, 200, NULL),
        answers("GET", MAPS "?", 200,
                "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\",\"uid\":\"u-"
                "x\"}}]}"),
        answers("GET", "/api/v1/namespaces/n/secrets?", 200,
                "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"y\",\"namespace\":\"n\",\"uid\":\"u-"
                "y\"}}]}"),
        answers("GET", "/api/v1/namespaces?", 200,
                "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"n\",\"uid\":\"u-n\"}}]}"),
        answers("DELETE", "/", 200, "{}"),
    };
    static const char *const consent[] = {"Namespace"};
    open_bench(&bench, rows, sizeof rows / sizeof *rows);
    rows[0].body = parent(&bench, "ConfigMap,Namespace,Secret");
    read_inventory(&bench);
    bench.options.consent = consent;
    bench.options.consent_count = 1;
    arm(&bench, &trigger, "DELETE", 1);
    const struct apply_report *report = apply_destroy(bench.server.arena, bench.client, bench.discovery,
                                                      bench.set, &bench.options, &bench.server.reporter);
    assert_false(report->ok);
    assert_true(report->interrupted);
    assert_true(report->counts[APPLY_PRUNED] >= 1);
    assert_true(report->counts[APPLY_SKIPPED] >= 1);
    assert_int_equal(fake_count(&bench.server, "DELETE " PARENT), 0);
    assert_int_equal(fake_count(&bench.server, "DELETE /api/v1/namespaces/n "), 0);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_apply_stops_between_objects),
        cmocka_unit_test(an_answer_that_never_comes_is_given_up),
        cmocka_unit_test(a_wait_ends),
        cmocka_unit_test(a_replacement_is_finished),
        cmocka_unit_test(a_destroy_stops_and_keeps_the_inventory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
