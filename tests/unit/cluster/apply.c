/* What an apply asks of the server, in which order, and what it leaves alone when something fails. */
#include "tests/unit/cluster/apply_bench.h"
#include "core/documents/json.h"
#include "core/text.h"
#include "runtime/cluster/apply.h"
#include "runtime/cluster/plan.h"

static void the_superset_comes_first_and_the_set_last(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        {"GET", PARENT, 200, NULL, 0, NULL, 0, 0},
        {"GET", MAPS "?", 200,
         "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"old\",\"namespace\":\"n\",\"uid\":\"u-old\"}}"
         "]}",
         0, NULL, 0, 0},
        {"GET", MAPS "/a", 404, "{}", 0, NULL, 0, 0},
        {"GET", "/api/v1/namespaces/n/persistentvolumeclaims?", 200,
         "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"disk\",\"namespace\":\"n\",\"uid\":\"u-"
         "disk\"}}]}",
         0, NULL, 0, 0},
        {"PATCH", PARENT, 200, "{}", 0, NULL, 0, 0},
        {"PATCH", MAPS "/a", 201, created, 0, NULL, 0, 0},
        {"DELETE", MAPS "/old", 200, "{}", 0, NULL, 0, 0},
    };
    open_bench(&bench, rows, sizeof rows / sizeof *rows);
    rows[0].body = parent(&bench, "ConfigMap,PersistentVolumeClaim");
    add(&bench, "ConfigMap", "a", ",\"data\":{\"x\":\"1\"}");
    read_inventory(&bench);
    const struct apply_report *report = run(&bench);
    const struct fake_server *server = &bench.server;
    assert_true(report->ok);
    assert_int_equal(report->counts[APPLY_CREATED], 1);
    assert_int_equal(report->counts[APPLY_PRUNED], 1);
    assert_int_equal(report->counts[APPLY_KEPT], 1);
    size_t superset = place(server, "PATCH " PARENT, 0), object = place(server, "PATCH " MAPS "/a", 0);
    size_t deletion = place(server, "DELETE", 0), exact = place(server, "PATCH " PARENT, superset + 1);
    assert_true(superset < object && object < deletion && deletion < exact);
    assert_non_null(strstr(server->log[deletion], "\"preconditions\":{\"uid\":\"u-old\"}"));
    assert_non_null(strstr(server->log[object], "\"applyset.kubernetes.io/part-of\":\"applyset-"));
    assert_non_null(
        strstr(server->log[exact], "ConfigMap,PersistentVolumeClaim")); /* what was kept stays listed */
    close_bench(&bench);
}

static void a_failure_prunes_nothing_and_keeps_the_superset(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        {"GET", PARENT, 200, NULL, 0, NULL, 0, 0},
        {"GET", MAPS "?", 200,
         "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"old\",\"namespace\":\"n\",\"uid\":\"u-old\"}}"
         "]}",
         0, NULL, 0, 0},
        {"GET", MAPS "/", 404, "{}", 0, NULL, 0, 0},
        {"PATCH", PARENT, 200, "{}", 0, NULL, 0, 0},
        {"PATCH", MAPS "/a", 201, created, 0, NULL, 0, 0},
        {"PATCH", MAPS "/b", 422,
         "{\"kind\":\"Status\",\"message\":\"long\",\"details\":{\"causes\":[{\"reason\":"
         "\"FieldValueInvalid\",\"field\":\"data\","
         "\"message\":\"Invalid value: too bad\"}]}}",
         0, NULL, 0, 0},
    };
    open_bench(&bench, rows, sizeof rows / sizeof *rows);
    rows[0].body = parent(&bench, "ConfigMap");
    add(&bench, "ConfigMap", "a", "");
    add(&bench, "ConfigMap", "b", ",\"data\":{}");
    add(&bench, "PersistentVolumeClaim", "later", ",\"metadata2\":1");
    read_inventory(&bench);
    ((struct object *)bench.set->objects.items[2])->wave = 1;
    struct fake_row more[8];
    memcpy(more, rows, sizeof rows);
    more[6] =
        (struct fake_row){"GET", "/api/v1/namespaces/n/persistentvolumeclaims", 404, "{}", 0, NULL, 0, 0};
    bench.server.rows = more;
    bench.server.row_count = 7;
    const struct apply_report *report = run(&bench);
    assert_false(report->ok);
    assert_int_equal(report->counts[APPLY_CREATED], 1);
    assert_int_equal(report->counts[APPLY_FAILED], 1);
    assert_int_equal(report->counts[APPLY_SKIPPED], 1);
    assert_int_equal(fake_count(&bench.server, "DELETE"), 0);
    assert_int_equal(fake_count(&bench.server, "PATCH " PARENT), 1);
    close_bench(&bench);
}

static void nothing_is_written_when_the_cluster_cannot_be_read(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        {"GET", PARENT, 200, NULL, 0, NULL, 0, 0},
        {"GET", MAPS "?", 403, "{\"kind\":\"Status\",\"message\":\"configmaps is forbidden\"}", 0, NULL, 0,
         0},
    };
    open_bench(&bench, rows, 2);
    rows[0].body = parent(&bench, "ConfigMap");
    add(&bench, "ConfigMap", "a", "");
    read_inventory(&bench);
    const struct apply_report *report = run(&bench);
    assert_false(report->ok);
    assert_int_equal(report->counts[APPLY_SKIPPED], 1);
    assert_int_equal(fake_count(&bench.server, "PATCH"), 0);
    assert_int_equal(fake_count(&bench.server, "DELETE"), 0);
    close_bench(&bench);
}

static void a_controllers_object_is_never_pruned(void **state)
{
    (void)state;
    struct bench bench;
    static const char *const consent[] = {"ConfigMap"};
    struct fake_row rows[] = {
        {"GET", PARENT, 200, NULL, 0, NULL, 0, 0},
        {"GET", MAPS "?", 200,
         "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"child\",\"namespace\":\"n\",\"uid\":\"u-c\","
         "\"ownerReferences\":[{"
         "\"uid\":\"x\"}]}},{\"metadata\":{\"name\":\"going\",\"namespace\":\"n\",\"uid\":\"u-g\","
         "\"deletionTimestamp\":"
         "\"2026-01-01T00:00:00Z\"}}]}",
         0, NULL, 0, 0},
        {"GET", MAPS "/a", 404, "{}", 0, NULL, 0, 0},
        {"PATCH", PARENT, 200, "{}", 0, NULL, 0, 0},
        {"PATCH", MAPS "/a", 201, created, 0, NULL, 0, 0},
    };
    open_bench(&bench, rows, sizeof rows / sizeof *rows);
    rows[0].body = parent(&bench, "ConfigMap");
    bench.options.consent = consent;
    bench.options.consent_count = 1;
    add(&bench, "ConfigMap", "a", "");
    read_inventory(&bench);
    const struct apply_report *report = run(&bench);
    assert_true(report->ok);
    assert_int_equal(report->counts[APPLY_KEPT], 1);
    assert_int_equal(fake_count(&bench.server, "DELETE"), 0);
    close_bench(&bench);
}

/* A list whose second page has expired is read again from its start: what its first page held is not deleted,
 * and not counted, twice. */
static void an_expired_page_deletes_nothing_twice(void **state)
{
    (void)state;
    struct bench bench;
    char id[APPLYSET_ID_SIZE], second_page[300];
    static const char *const page =
        "{\"metadata\":{\"continue\":\"t\"},\"items\":[{\"metadata\":{\"name\":\"old\",\"namespace\":\"n\","
        "\"uid\":\"u-old\",\"resourceVersion\":\"4\"}}]}";
    applyset_id("app", "n", "Secret", "", id);
    snprintf(second_page, sizeof second_page,
             MAPS "?limit=500&labelSelector=applyset.kubernetes.io%%2Fpart-of%%3D%s&continue=t", id);
    struct fake_row rows[] = {
        {"GET", PARENT, 200, NULL, 0, NULL, 0, 0},
        {"GET", second_page, 410, "{\"kind\":\"Status\",\"reason\":\"Expired\",\"code\":410}", 0, NULL, 1, 0},
        {"GET", second_page, 200, "{\"metadata\":{},\"items\":[]}", 0, NULL, 0, 0},
        {"GET", MAPS "?", 200, page, 0, NULL, 0, 0},
        {"GET", MAPS "/a", 404, "{}", 0, NULL, 0, 0},
        {"PATCH", PARENT, 200, "{}", 0, NULL, 0, 0},
        {"PATCH", MAPS "/a", 201, created, 0, NULL, 0, 0},
        {"DELETE", MAPS "/old", 200, "{}", 0, NULL, 0, 0},
    };
    open_bench(&bench, rows, sizeof rows / sizeof *rows);
    rows[0].body = parent(&bench, "ConfigMap");
    add(&bench, "ConfigMap", "a", "");
    read_inventory(&bench);
    const struct apply_report *report = run(&bench);
    assert_true(report->ok);
    assert_int_equal(fake_count(&bench.server, "DELETE"), 1);
    assert_int_equal(report->counts[APPLY_PRUNED], 1);
    close_bench(&bench);
}

/* An API group whose server is down: its kinds are neither listed nor forgotten, with apply and with destroy.
 */
static void a_group_that_does_not_answer_is_not_forgotten(void **state)
{
    (void)state;
    static const char *const stale = "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{\"name\":"
                                     "\"x.example\"},\"versions\":[{"
                                     "\"version\":\"v1\",\"freshness\":\"Stale\"}]}]}";
    for (int destroy = 0; destroy < 2; destroy++) {
        struct bench bench;
        const char *why;
        struct fake_row rows[] = {
            {"GET", PARENT, 200, NULL, 0, NULL, 0, 0},
            {"GET", MAPS "?", 200, "{\"metadata\":{},\"items\":[]}", 0, NULL, 0, 0},
            {"GET", MAPS "/a", 404, "{}", 0, NULL, 0, 0},
            {"PATCH", PARENT, 200, "{}", 0, NULL, 0, 0},
            {"PATCH", MAPS "/a", 201, created, 0, NULL, 0, 0},
        };
        open_bench(&bench, rows, sizeof rows / sizeof *rows);
        assert_true(discovery_read_aggregated(bench.discovery, stale, strlen(stale), &why));
        rows[0].body = parent(&bench, "ConfigMap,Gone.other.example,Thing.x.example");
        if (!destroy)
            add(&bench, "ConfigMap", "a", "");
        read_inventory(&bench);
        assert_non_null(strstr(diag_at(bench.server.diags, 0)->message, "Thing.x.example"));
        if (destroy)
            apply_destroy(bench.server.arena, bench.client, bench.discovery, bench.set, &bench.options,
                          &bench.server.reporter);
        else
            assert_true(run(&bench)->ok);
        const char *last = bench.server.log[bench.server.log_count - 1];
        assert_non_null(strstr(last, "PATCH " PARENT));
        assert_non_null(strstr(last, destroy ? "\"Thing.x.example\"" : "\"ConfigMap,Thing.x.example\""));
        close_bench(&bench);
    }
}

/* A well-formed answer of something that is no API server is neither an empty list nor an applied object. */
static void an_answer_of_another_is_no_list_and_no_object(void **state)
{
    (void)state;
    static const char *const lists[] = {"{}", "{\"error\":\"please log in\"}", "[]", "{\"items\":{}}",
                                        "{\"items\":null}"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct bench bench;
        struct fake_row rows[] = {
            {"GET", PARENT, 200, NULL, 0, NULL, 0, 0},
            {"GET", MAPS "?", 200, lists[i], 0, NULL, 0, 0},
        };
        open_bench(&bench, rows, sizeof rows / sizeof *rows);
        rows[0].body = parent(&bench, "ConfigMap");
        add(&bench, "ConfigMap", "a", "");
        read_inventory(&bench);
        assert_false(run(&bench)->ok);
        assert_int_equal(fake_count(&bench.server, "PATCH"), 0); /* nothing was written */
        close_bench(&bench);
    }
    struct bench bench;
    struct fake_row rows[] = {
        {"GET", MAPS "/a", 404, missing, 0, NULL, 0, 0},
        {"PATCH", MAPS "/a", 200, "{\"error\":\"please log in\"}", 0, NULL, 0, 0},
    };
    open_bench(&bench, rows, sizeof rows / sizeof *rows);
    add(&bench, "ConfigMap", "a", "");
    const struct apply_report *report = run(&bench);
    assert_false(report->ok);
    assert_int_equal(report->counts[APPLY_FAILED], 1);
    close_bench(&bench);
}

static void a_set_of_another_tool_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    char text[600];
    struct fake_row rows[] = {{"GET", PARENT, 200, text, 0, NULL, 0, 0}};
    open_bench(&bench, rows, 1);
    snprintf(text, sizeof text, "%s", parent(&bench, "ConfigMap"));
    memcpy(strstr(text, "mlc/v0"), "abc/v0", 6);
    struct inventory_options options = {
        .parent = "app", .namespace = "n", .tooling = "mlc/v1", .manager = "mlc-applyset"};
    assert_null(
        inventory_read(bench.server.arena, bench.client, bench.discovery, &options, &bench.server.reporter));
    assert_non_null(strstr(diag_at(bench.server.diags, 0)->message, "it is managed by \"abc/v0\""));
    options.take_over = true;
    assert_non_null(
        inventory_read(bench.server.arena, bench.client, bench.discovery, &options, &bench.server.reporter));
    close_bench(&bench);
}

static void conflicts_name_field_and_manager(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        {"GET", MAPS "/a", 404, missing, 0, NULL, 0, 0},
        {"PATCH", MAPS "/a", 409,
         "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"message\":\"Apply "
         "failed\",\"details\":{\"causes\":[{\"reason\":"
         "\"FieldManagerConflict\",\"message\":\"conflict with \\\"hpa\\\" using "
         "v1\",\"field\":\".data.x\"}]}}",
         0, NULL, 0, 0},
    };
    open_bench(&bench, rows, 2);
    add(&bench, "ConfigMap", "a", ",\"data\":{\"x\":\"1\"}");
    const struct apply_report *report = run(&bench);
    const struct apply_record *record = report->records.items[0];
    assert_int_equal(record->result, APPLY_FAILED);
    assert_int_equal(record->conflicts.count, 1);
    const struct plan_conflict *conflict = record->conflicts.items[0];
    assert_string_equal(conflict->field, "data.x");
    assert_string_equal(conflict->manager, "hpa");
    assert_int_equal(fake_count(&bench.server, "PATCH"), 1); /* never repeated blindly */
    close_bench(&bench);
}

static void client_side_apply_is_migrated(void **state)
{
    (void)state;
    struct bench bench;
    static const char *const live = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":"
                                    "\"a\",\"uid\":\"u\",\"resourceVersion\":\"5\","
                                    "\"managedFields\":[{\"manager\":\"kubectl-client-side-apply\","
                                    "\"operation\":\"Update\",\"apiVersion\":\"v1\","
                                    "\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:data\":{\"f:x\":{},\"f:"
                                    "y\":{}}}}]},\"data\":{\"x\":\"1\",\"y\":\"2\"}}";
    struct fake_row rows[] = {
        {"GET", MAPS "/a", 200, live, 0, NULL, 0, 0},
        {"PATCH", MAPS "/a?fieldManager=mlc&fieldValidation", 200, live, 0, NULL, 1, 0},
        {"PATCH", MAPS "/a?fieldManager=mlc&fieldValidation", 200, created, 0, NULL, 0, 0},
        {"PATCH", MAPS "/a?fieldManager=mlc", 200, "{}", 0, NULL, 0, 0},
    };
    open_bench(&bench, rows, 4);
    add(&bench, "ConfigMap", "a", ",\"data\":{\"x\":\"1\"}");
    const struct apply_report *report = run(&bench);
    assert_true(report->ok);
    assert_int_equal(report->counts[APPLY_CONFIGURED], 1);
    size_t patch = place(&bench.server, "/metadata/managedFields", 0);
    assert_non_null(strstr(bench.server.log[patch], "\"manager\":\"mlc\""));
    assert_non_null(
        strstr(bench.server.log[patch], "\"path\":\"/metadata/resourceVersion\",\"value\":\"5\""));
    assert_int_equal(fake_count(&bench.server, "PATCH"), 3);
    close_bench(&bench);
}

static void objects_of_gitops_are_refused_before_any_write(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        {"GET", MAPS "/a", 200,
         "{\"metadata\":{\"name\":\"a\",\"uid\":\"u\",\"resourceVersion\":\"5\",\"annotations\":{"
         "\"argocd.argoproj.io/tracking-id\":\"x\"}}}",
         0, NULL, 0, 0}};
    open_bench(&bench, rows, 1);
    add(&bench, "ConfigMap", "a", "");
    assert_false(run(&bench)->ok);
    assert_int_equal(fake_count(&bench.server, "PATCH"), 0);
    assert_int_equal(diag_at(bench.server.diags, 0)->code, DIAG_CLUSTER_GITOPS);
    close_bench(&bench);
}

static void an_immutable_field_is_replaced_only_when_asked(void **state)
{
    (void)state;
    static const char *const live =
        "{\"metadata\":{\"name\":\"a\",\"uid\":\"u-1\",\"resourceVersion\":\"5\"}}";
    static const char *const immutable =
        "{\"kind\":\"Status\",\"message\":\"data: field is "
        "immutable\",\"details\":{\"causes\":[{\"field\":\"data\",\"message\":"
        "\"field is immutable\"}]}}";
    for (int allowed = 0; allowed < 2; allowed++) {
        struct bench bench;
        struct fake_row rows[] = {
            {"GET", MAPS "/a", 200, live, 0, NULL, 2, 0},
            {"GET", MAPS "/a", 404, missing, 0, NULL, 0, 0},
            {"PATCH", MAPS "/a", 422, immutable, 0, NULL, 1, 0},
            {"PATCH", MAPS "/a", 201, created, 0, NULL, 0, 0},
            {"DELETE", MAPS "/a", 200, "{}", 0, NULL, 0, 0},
        };
        open_bench(&bench, rows, 5);
        add(&bench, "ConfigMap", "a", ",\"data\":{\"x\":\"1\"}");
        bench.options.replace = allowed == 1;
        const struct apply_report *report = run(&bench);
        assert_int_equal(report->counts[APPLY_REPLACED], allowed);
        assert_int_equal(report->counts[APPLY_FAILED], 1 - allowed);
        assert_int_equal(fake_count(&bench.server, "DELETE"), allowed);
        close_bench(&bench);
    }
}

static void a_plan_writes_nothing(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        {"GET", MAPS "/a", 200,
         "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"uid\":\"u\","
         "\"resourceVersion\":\"5\"},"
         "\"data\":{\"x\":\"0\"}}",
         0, NULL, 0, 0},
        {"PATCH", MAPS "/a", 200,
         "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"uid\":\"u\","
         "\"resourceVersion\":\"5\","
         "\"managedFields\":[]},\"data\":{\"x\":\"1\"}}",
         0, NULL, 0, 0},
    };
    open_bench(&bench, rows, 2);
    add(&bench, "ConfigMap", "a", ",\"data\":{\"x\":\"1\"}");
    assert_true(objects_resolve(bench.set, bench.discovery, "n", &bench.server.reporter));
    assert_true(objects_order(bench.set, &bench.server.reporter) > 0);
    struct plan_options options = {.field_manager = "mlc"};
    bool ok = false;
    const struct plan *plan = plan_make(bench.server.arena, bench.client, bench.discovery, bench.set,
                                        &options, &bench.server.reporter, &ok);
    struct buf text = {0};
    assert_true(ok);
    plan_print_text(&text, plan, (struct plan_style){false, false});
    assert_string_equal(buf_str(&text),
                        "will be changed:\n  ~ ConfigMap n/a\n      ~ data.x: \"0\" → \"1\"\n\n1 to change "
                        "(context fake, https://fake)\n");
    for (size_t i = 0; i < bench.server.log_count; i++)
        assert_true(text_starts_with(bench.server.log[i], "GET") ||
                    strstr(bench.server.log[i], "dryRun=All") != NULL);
    buf_free(&text);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_superset_comes_first_and_the_set_last),
        cmocka_unit_test(a_failure_prunes_nothing_and_keeps_the_superset),
        cmocka_unit_test(nothing_is_written_when_the_cluster_cannot_be_read),
        cmocka_unit_test(a_controllers_object_is_never_pruned),
        cmocka_unit_test(an_expired_page_deletes_nothing_twice),
        cmocka_unit_test(a_group_that_does_not_answer_is_not_forgotten),
        cmocka_unit_test(an_answer_of_another_is_no_list_and_no_object),
        cmocka_unit_test(a_set_of_another_tool_is_refused),
        cmocka_unit_test(conflicts_name_field_and_manager),
        cmocka_unit_test(client_side_apply_is_migrated),
        cmocka_unit_test(objects_of_gitops_are_refused_before_any_write),
        cmocka_unit_test(an_immutable_field_is_replaced_only_when_asked),
        cmocka_unit_test(a_plan_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
