/* The first apply of a set that holds its own namespace: where its lease can be, and what is never left
 * behind. */
#include "tests/unit/cluster/apply_bench.h"
#include "runtime/cluster/lease.h"

#define LEASES "/apis/coordination.k8s.io/v1/namespaces/n/leases"

static const char *const namespace_made =
    "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n\",\"uid\":\"u-n\","
    "\"resourceVersion\":\"1\"},\"status\":{\"phase\":\"Active\"}}";
static const char *const namespace_going =
    "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n\",\"uid\":\"u-old\","
    "\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"}}";
static const char *const lease_held =
    "{\"metadata\":{\"name\":\"app-lock\",\"resourceVersion\":\"7\"},\"spec\":{\"holderIdentity\":\"me\"}}";

static bool make_room(struct bench *bench, const struct object **made)
{
    assert_true(objects_resolve(bench->set, bench->discovery, "n", &bench->server.reporter));
    assert_true(objects_order(bench->set, &bench->server.reporter) > 0);
    return apply_make_room(bench->server.arena, bench->client, bench->set, &bench->options,
                           &bench->server.reporter, made);
}

static void the_namespace_comes_before_lease_and_inventory(void **state)
{
    (void)state;
    struct bench bench;
    const struct object *made;
    struct fake_row rows[] = {
        answers("GET", PARENT, 404, missing),
        {"GET", "/api/v1/namespaces/n", 404, "{}", HTTP_DONE, NULL, 2, 0},
        answers("GET", MAPS "/a", 404, "{}"),
        answers("PATCH", "/api/v1/namespaces/n?", 201, namespace_made),
        answers("GET", LEASES "/app-lock", 404, missing),
        answers("POST", LEASES, 201, lease_held),
        answers("GET", "/api/v1/namespaces/n", 200, namespace_made),
        answers("PATCH", PARENT, 201, "{}"),
        answers("PATCH", MAPS "/a", 201, created),
        answers("DELETE", LEASES "/app-lock", 200, "{}"),
    };
    open_bench(&bench, rows, sizeof rows / sizeof *rows);
    add(&bench, "ConfigMap", "a", "");
    add(&bench, "Namespace", "n", "");
    read_inventory(&bench);
    assert_true(make_room(&bench, &made));
    assert_non_null(made);
    struct lease *lease = lease_take(bench.client, "n", "app-lock", "me", 0, &bench.server.reporter);
    assert_non_null(lease);
    read_inventory(&bench); /* as it is under the lease */
    bench.options.lease = lease;
    bench.options.made = made;
    const struct apply_report *report = run(&bench);
    assert_true(report->ok);
    assert_int_equal(report->counts[APPLY_CREATED], 2);
    const struct fake_server *server = &bench.server;
    size_t namespace = place(server, "PATCH /api/v1/namespaces/n?", 0),
           taken = place(server, "POST " LEASES, 0);
    size_t parent_written = place(server, "PATCH " PARENT, 0), object = place(server, "PATCH " MAPS, 0);
    assert_true(namespace < taken && taken < parent_written && parent_written < object);
    assert_non_null(
        strstr(server->log[namespace], "applyset.kubernetes.io/part-of")); /* a crash now loses nothing */
    lease_remove(lease);
    assert_non_null(strstr(server->log[place(server, "DELETE " LEASES, 0)], "\"resourceVersion\":\"7\""));
    close_bench(&bench);
}

static void nothing_is_made_beside_what_gitops_owns(void **state)
{
    (void)state;
    struct bench bench;
    const struct object *made;
    struct fake_row rows[] = {
        answers("GET", PARENT, 404, missing),
        answers("GET", "/api/v1/namespaces/n", 404, "{}"),
        answers("GET", "/api/v1/namespaces/other", 200,
                "{\"kind\":\"Namespace\",\"metadata\":{\"name\":\"other\",\"uid\":\"u\",\"labels\":{"
                "\"kustomize.toolkit.fluxcd.io/name\":\"apps\"}}}"),
    };
    struct fake_row order[] = {rows[0], rows[2], rows[1]};
    open_bench(&bench, order, 3);
    add(&bench, "Namespace", "n", "");
    add(&bench, "Namespace", "other", "");
    read_inventory(&bench);
    assert_false(make_room(&bench, &made));
    assert_int_equal(fake_count(&bench.server, "PATCH"), 0);
    assert_int_equal(diag_at(bench.server.diags, 0)->code, DIAG_CLUSTER_GITOPS);
    close_bench(&bench);
}

static void a_namespace_that_goes_is_waited_for(void **state)
{
    (void)state;
    struct bench bench;
    const struct object *made;
    struct fake_row rows[] = {
        answers("GET", PARENT, 404, missing),
        {"GET", "/api/v1/namespaces/n", 200, namespace_going, HTTP_DONE, NULL, 3, 0},
        answers("GET", "/api/v1/namespaces/n", 404, "{}"),
        answers("PATCH", "/api/v1/namespaces/n?", 201, namespace_made),
    };
    open_bench(&bench, rows, 4);
    add(&bench, "Namespace", "n", "");
    read_inventory(&bench);
    assert_true(make_room(&bench, &made));
    assert_non_null(made);
    close_bench(&bench);
}

static void one_that_stays_going_is_told(void **state)
{
    (void)state;
    struct bench bench;
    const struct object *made;
    struct fake_row rows[] = {
        answers("GET", PARENT, 404, missing),
        answers("GET", "/api/v1/namespaces/n", 200, namespace_going),
    };
    open_bench(&bench, rows, 2);
    add(&bench, "Namespace", "n", "");
    read_inventory(&bench);
    assert_false(make_room(&bench, &made));
    assert_non_null(strstr(diag_at(bench.server.diags, 0)->message, "is being deleted and does not go away"));
    assert_int_equal(fake_count(&bench.server, "PATCH"), 0);
    close_bench(&bench);
}

static void no_room_is_made_where_there_is_some(void **state)
{
    (void)state;
    struct bench bench;
    const struct object *made;
    struct fake_row rows[] = {answers("GET", PARENT, 404, missing),
                              answers("GET", "/api/v1/namespaces/n", 200, namespace_made)};
    open_bench(&bench, rows, 2);
    add(&bench, "ConfigMap", "a", "");
    read_inventory(&bench);
    assert_true(make_room(&bench, &made)); /* the set does not hold the namespace */
    assert_null(made);
    add(&bench, "Namespace", "n", "");
    assert_true(make_room(&bench, &made)); /* it does, and it is there */
    assert_null(made);
    assert_int_equal(fake_count(&bench.server, "PATCH"), 0);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_namespace_comes_before_lease_and_inventory),
        cmocka_unit_test(nothing_is_made_beside_what_gitops_owns),
        cmocka_unit_test(a_namespace_that_goes_is_waited_for),
        cmocka_unit_test(one_that_stays_going_is_told),
        cmocka_unit_test(no_room_is_made_where_there_is_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
