/* What Argo CD and Flux own: refused by destroy, left by prune, taken only when told to. */
#include "tests/unit/cluster/apply_bench.h"
#include "runtime/cluster/gitops.h"

static const char *owner(struct arena *arena, const char *text)
{
    const char *why;
    const struct value *live = json_read_text(arena, text, strlen(text), &why);
    assert_non_null(live);
    return gitops_owner(live);
}

static void the_marks_are_known(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
#define LABEL(key) "{\"metadata\":{\"name\":\"a\",\"labels\":{\"" key "\":\"x\"}}}"
#define TRACKED(kind, id)                                                                                    \
    "{\"kind\":\"" kind                                                                                      \
    "\",\"metadata\":{\"name\":\"a\",\"annotations\":{\"argocd.argoproj.io/tracking-id\":\"" id "\"}}}"
    assert_string_equal(owner(arena, LABEL("argocd.argoproj.io/instance")), "Argo CD");
    assert_string_equal(owner(arena, LABEL("kustomize.toolkit.fluxcd.io/name")), "Flux");
    assert_string_equal(owner(arena, LABEL("helm.toolkit.fluxcd.io/name")), "Flux");
    assert_string_equal(owner(arena, LABEL("resourceset.fluxcd.controlplane.io/name")), "Flux");
    assert_null(owner(arena, LABEL("app.kubernetes.io/instance")));
    assert_string_equal(
        owner(arena, "{\"metadata\":{\"name\":\"a\",\"labels\":{\"app.kubernetes.io/instance\":\"x\"},"
                     "\"managedFields\":[{\"manager\":\"argocd-controller\"}]}}"),
        "Argo CD");
    assert_string_equal(owner(arena, TRACKED("Deployment", "app:apps/Deployment:n/a")), "Argo CD");
    assert_string_equal(owner(arena, TRACKED("Service", "app:/Service:n/a")), "Argo CD");
    assert_string_equal(owner(arena, TRACKED("PartialObjectMetadata", "app:apps/Deployment:n/a")), "Argo CD");
    assert_string_equal(owner(arena, TRACKED("Service", "old-style")), "Argo CD");
    assert_null(owner(arena, TRACKED("ReplicaSet", "app:apps/Deployment:n/a"))); /* copied by a controller */
    assert_null(owner(arena, TRACKED("Service", "app:/Service:n/b")));
    assert_null(owner(arena, "{\"metadata\":{\"name\":\"a\"}}"));
    assert_null(owner(arena, "{}"));
    arena_free(arena);
}

static const char *const owned_list = "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"old\","
                                      "\"namespace\":\"n\",\"uid\":\"u-old\",\"labels\":{"
                                      "\"kustomize.toolkit.fluxcd.io/name\":\"apps\"}}}]}";

static void prune_leaves_them(void **state)
{
    (void)state;
    for (int take_over = 0; take_over <= 1; take_over++) {
        struct bench bench;
        struct fake_row rows[] = {
            answers("GET", PARENT, 200, NULL),         answers("GET", MAPS "?", 200, owned_list),
            answers("GET", MAPS "/a", 404, "{}"),      answers("PATCH", PARENT, 200, "{}"),
            answers("PATCH", MAPS "/a", 201, created), answers("DELETE", MAPS "/old", 200, "{}"),
        };
        open_bench(&bench, rows, sizeof rows / sizeof *rows);
        rows[0].body = parent(&bench, "ConfigMap");
        add(&bench, "ConfigMap", "a", "");
        read_inventory(&bench);
        bench.options.take_over = take_over;
        const struct apply_report *report = run(&bench);
        assert_true(report->ok);
        assert_int_equal(report->counts[APPLY_KEPT], !take_over);
        assert_int_equal(fake_count(&bench.server, "DELETE"), (size_t)take_over);
        if (!take_over) {
            const struct diag *diag = diag_at(bench.server.diags, 0);
            assert_non_null(strstr(diag->message, "ConfigMap n/old was left: Flux manages it"));
            assert_string_equal(diag->help, "delete it with --take-over");
        }
        close_bench(&bench);
    }
}

static void a_plan_says_that_they_stay(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {answers("GET", PARENT, 200, NULL), answers("GET", MAPS "?", 200, owned_list)};
    open_bench(&bench, rows, 2);
    rows[0].body = parent(&bench, "ConfigMap");
    read_inventory(&bench);
    struct plan_options options = {.field_manager = "mlc", .prune = true, .inventory = bench.inventory};
    bool ok;
    for (int take_over = 0; take_over <= 1; take_over++) {
        options.take_over = take_over;
        const struct plan *plan = plan_make(bench.server.arena, bench.client, bench.discovery, bench.set,
                                            &options, &bench.server.reporter, &ok);
        assert_true(ok);
        assert_int_equal(plan->counts[PLAN_KEEP], !take_over);
        assert_int_equal(plan->counts[PLAN_PRUNE], take_over);
    }
    close_bench(&bench);
}

static void destroy_refuses_before_any_change(void **state)
{
    (void)state;
    for (int take_over = 0; take_over <= 1; take_over++) {
        struct bench bench;
        struct fake_row rows[] = {
            answers("GET", PARENT, 200, NULL),
            answers("GET", MAPS "?", 200, owned_list),
            answers("DELETE", MAPS "/old", 200, "{}"),
            answers("DELETE", PARENT, 200, "{}"),
        };
        open_bench(&bench, rows, 4);
        rows[0].body = parent(&bench, "ConfigMap");
        read_inventory(&bench);
        bench.options.take_over = take_over;
        const struct apply_report *report = apply_destroy(bench.server.arena, bench.client, bench.discovery,
                                                          bench.set, &bench.options, &bench.server.reporter);
        assert_int_equal(report->ok, take_over);
        assert_int_equal(fake_count(&bench.server, "DELETE"), 2 * (size_t)take_over);
        if (!take_over)
            assert_int_equal(diag_at(bench.server.diags, 0)->code, DIAG_CLUSTER_GITOPS);
        close_bench(&bench);
    }
}

/* The objects of -f, too: they are read one by one, not as members. */
static void destroy_of_documents_refuses(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        answers("GET", MAPS "/a", 200,
                "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\",\"uid\":\"u\","
                "\"labels\":{\"argocd.argoproj.io/instance\":\"x\"}}}")};
    open_bench(&bench, rows, 1);
    add(&bench, "ConfigMap", "a", "");
    assert_true(objects_resolve(bench.set, bench.discovery, "n", &bench.server.reporter));
    assert_true(objects_order(bench.set, &bench.server.reporter) > 0);
    const struct apply_report *report = apply_destroy(bench.server.arena, bench.client, bench.discovery,
                                                      bench.set, &bench.options, &bench.server.reporter);
    assert_false(report->ok);
    assert_int_equal(fake_count(&bench.server, "DELETE"), 0);
    close_bench(&bench);
}

static void a_dry_run_deletes_nothing(void **state)
{
    (void)state;
    struct bench bench;
    struct fake_row rows[] = {
        answers("GET", PARENT, 200, NULL),
        answers("GET", MAPS "?", 200,
                "{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\",\"uid\":\"u-"
                "x\"}},{\"metadata\":"
                "{\"name\":\"y\",\"namespace\":\"n\",\"uid\":\"u-y\",\"annotations\":{\"mlc.dev/"
                "keep\":\"true\"}}}]}"),
    };
    open_bench(&bench, rows, 2);
    rows[0].body = parent(&bench, "ConfigMap");
    read_inventory(&bench);
    bench.options.dry_run = true;
    const struct apply_report *report = apply_destroy(bench.server.arena, bench.client, bench.discovery,
                                                      bench.set, &bench.options, &bench.server.reporter);
    assert_true(report->ok);
    assert_int_equal(report->counts[APPLY_PRUNED], 1);
    assert_int_equal(report->counts[APPLY_KEPT], 1);
    assert_int_equal(fake_count(&bench.server, "DELETE"), 0);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_marks_are_known),          cmocka_unit_test(prune_leaves_them),
        cmocka_unit_test(a_plan_says_that_they_stay),   cmocka_unit_test(destroy_refuses_before_any_change),
        cmocka_unit_test(destroy_of_documents_refuses), cmocka_unit_test(a_dry_run_deletes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
