/* Which images and models the pods of a project run. */
#include "tests/unit/cluster/fake_server.h"
#include "runtime/cluster/running.h"

#define QUERY "/api/v1/namespaces/ns/pods?limit=500&labelSelector=app.kubernetes.io%2Fpart-of%3Dshop"
#define LABELS "\"labels\":{\"app.kubernetes.io/name\":\"web\"}"
#define MODEL ",\"annotations\":{\"mlc.dev/model\":\"iris@sha256:1\"}"
#define SPEC(image)                                                                                          \
    "\"spec\":{\"containers\":[{\"name\":\"proxy\",\"image\":\"p\"},{\"name\":\"web\",\"image\":\"" image    \
    "\"}]}"
#define STATUS(ready)                                                                                        \
    "\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"" ready "\"}]}"

static const char *const first_page =
    "{\"metadata\":{\"continue\":\"t\"},\"items\":["
    "{\"metadata\":{" LABELS "}," SPEC("img:1") "," STATUS(
        "True") "},"
                "{\"metadata\":{" LABELS MODEL "}," SPEC("img:2") "," STATUS(
                    "False") "},"
                             "{\"metadata\":{" LABELS MODEL ",\"deletionTimestamp\":\"x\"}," SPEC(
                                 "img:2") "," STATUS("True") "},"
                                                             "{\"metadata\":{\"name\":\"stranger\"}},"
                                                             "{\"metadata\":{" LABELS
                                                             "},\"status\":{\"phase\":\"Succeeded\"}}]}";
static const char *const second_page =
    "{\"items\":[{\"metadata\":{" LABELS MODEL "}," SPEC("img:2") "," STATUS("True") "}]}";

static void pods_are_grouped_over_pages(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"GET", QUERY "&continue=t", 200, .body = second_page},
                              {"GET", QUERY, 200, .body = first_page}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 2);
    struct vec groups = vec_in(server.arena);
    assert_true(running_read(server.arena, client, "ns", "shop", &groups, &server.reporter));
    assert_int_equal(groups.count, 2);
    const struct running *old = groups.items[0], *new = groups.items[1];
    assert_string_equal(old->image, "img:1");
    assert_string_equal(old->model, "");
    assert_int_equal(old->pods, 1);
    assert_string_equal(new->image, "img:2");
    assert_string_equal(new->model, "iris@sha256:1");
    assert_int_equal(new->pods, 2);
    assert_int_equal(new->ready, 1);
    fake_end(&server, client);
}

static void a_refusal_is_reported(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"GET", "/api/v1/namespaces/ns/pods", 403,
                               .body = "{\"kind\":\"Status\",\"message\":\"pods is forbidden\"}"}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 1);
    struct vec groups = vec_in(server.arena);
    assert_false(running_read(server.arena, client, "ns", "shop", &groups, &server.reporter));
    assert_int_equal(diag_count(server.diags), 1);
    assert_non_null(strstr(diag_at(server.diags, 0)->message, "pods is forbidden"));
    fake_end(&server, client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pods_are_grouped_over_pages),
        cmocka_unit_test(a_refusal_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
