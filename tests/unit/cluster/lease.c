/* The lease of a set: whose it is does not depend on anybody's wall clock, and its loss ends the apply. */
#include "tests/unit/cluster/fake_server.h"
#include "runtime/cluster/lease.h"

#define LEASES "/apis/coordination.k8s.io/v1/namespaces/n/leases"
#define HELD(version, since)                                                                                 \
    "{\"metadata\":{\"resourceVersion\":\"" version "\"},\"spec\":{\"holderIdentity\":\"other\","            \
    "\"leaseDurationSeconds\":60,\"renewTime\":\"" since "\"}}"
#define OURS "{\"metadata\":{\"resourceVersion\":\"7\"},\"spec\":{\"holderIdentity\":\"me\"}}"

static const int64_t second = 1000000000;

static struct lease *take(struct fake_server *server, struct client *client, int64_t patience)
{
    return lease_take(client, "n", "app-lock", "me", patience, &server->reporter);
}

/* The holder's clock is years behind or ahead of ours: its lease is alive all the same, for its whole
 * duration. */
static void a_skewed_clock_frees_nobodys_lease(void **state)
{
    (void)state;
    static const char *const bodies[] = {HELD("5", "1999-01-01T00:00:00.000000Z"),
                                         HELD("5", "2099-01-01T00:00:00.000000Z"), HELD("5", "no time")};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct fake_server server;
        struct fake_row rows[] = {{"GET", LEASES "/app-lock", 200, bodies[i], 0, NULL, 0, 0}};
        struct client *client = fake_open(&server, rows, 1);
        assert_null(take(&server, client, 50 * second));
        assert_int_equal(diag_at(server.diags, 0)->code, DIAG_CLUSTER_LOCKED);
        assert_int_equal(fake_count(&server, "PUT"), 0);
        fake_end(&server, client);
    }
}

static void a_dead_holder_loses_it(void **state)
{
    (void)state;
    struct fake_server server;
    struct fake_row rows[] = {
        {"GET", LEASES "/app-lock", 200, HELD("5", "2099-01-01T00:00:00.000000Z"), 0, NULL, 0, 0},
        {"PUT", LEASES "/app-lock", 200, OURS, 0, NULL, 0, 0}};
    struct client *client = fake_open(&server, rows, 2);
    int64_t start = server.now;
    struct lease *lease = take(&server, client, 300 * second);
    assert_non_null(lease);
    assert_true(server.now - start >= 60 * second && server.now - start < 65 * second);
    assert_non_null(strstr(server.log[server.log_count - 1], "\"resourceVersion\":\"5\""));
    lease_release(lease);
    fake_end(&server, client);
}

/* Two take it at once: the server lets one, and the other waits. */
static void a_lost_race_waits(void **state)
{
    (void)state;
    struct fake_server server;
    struct fake_row rows[] = {{"GET", LEASES "/app-lock", 404, "{}", 0, NULL, 1, 0},
                              {"POST", LEASES, 409, "{}", 0, NULL, 0, 0},
                              {"GET", LEASES "/app-lock", 200, HELD("5", "x"), 0, NULL, 0, 0}};
    struct client *client = fake_open(&server, rows, 3);
    assert_null(take(&server, client, 10 * second));
    assert_int_equal(fake_count(&server, "POST"), 1);
    assert_int_equal(fake_count(&server, "PUT"), 0);
    fake_end(&server, client);
}

/* The answer to our own taking is lost: reading it again shows that it is ours. */
static void a_lost_answer_is_no_lost_lease(void **state)
{
    (void)state;
    struct fake_server server;
    struct fake_row rows[] = {{"GET", LEASES "/app-lock", 404, "{}", 0, NULL, 1, 0},
                              {"POST", LEASES, 0, NULL, HTTP_BROKEN, NULL, 0, 0},
                              {"GET", LEASES "/app-lock", 200, OURS, 0, NULL, 0, 0},
                              {"PUT", LEASES "/app-lock", 200, OURS, 0, NULL, 0, 0}};
    struct client *client = fake_open(&server, rows, 4);
    struct lease *lease = take(&server, client, 10 * second);
    assert_non_null(lease);
    assert_int_equal(fake_count(&server, "POST"), 1);
    lease_release(lease);
    fake_end(&server, client);
}

/* It is renewed while calls run; when another has taken it, that is known. */
static void a_taken_lease_is_noticed(void **state)
{
    (void)state;
    struct fake_server server;
    struct fake_row rows[] = {{"GET", LEASES "/app-lock", 404, "{}", 0, NULL, 1, 0},
                              {"POST", LEASES, 201, OURS, 0, NULL, 0, 0},
                              {"PUT", LEASES "/app-lock", 200, OURS, 0, NULL, 1, 0},
                              {"PUT", LEASES "/app-lock", 409, "{}", 0, NULL, 0, 0},
                              {"GET", LEASES "/app-lock", 200, HELD("9", "x"), 0, NULL, 0, 0},
                              {"GET", "/slow", 200, "{}", 0, NULL, 0, 0}};
    struct client *client = fake_open(&server, rows, 6);
    struct lease *lease = take(&server, client, 10 * second);
    assert_non_null(lease);
    for (int i = 1; i <= 4; i++) {
        assert_false(i <= 1 && lease_is_lost(lease));
        client_send_after(client, client_call("GET", NULL, NULL, "/slow"), 16 * second);
        client_run(client, 0);
    }
    assert_true(lease_is_lost(lease));
    assert_int_equal(diag_at(server.diags, 0)->code, DIAG_CLUSTER_LOST);
    size_t writes = fake_count(&server, "PUT");
    lease_release(lease);
    assert_int_equal(fake_count(&server, "PUT"), writes); /* what is another's is not released */
    fake_end(&server, client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_skewed_clock_frees_nobodys_lease),
        cmocka_unit_test(a_dead_holder_loses_it),
        cmocka_unit_test(a_lost_race_waits),
        cmocka_unit_test(a_lost_answer_is_no_lost_lease),
        cmocka_unit_test(a_taken_lease_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
