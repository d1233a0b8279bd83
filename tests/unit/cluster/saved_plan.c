/* A plan in a file: what it keeps of the request, and what it never holds. */
#include "tests/unit/cluster/fake_server.h"
#include <unistd.h>
#include "core/documents/json.h"
#include "core/file.h"
#include "runtime/cluster/saved_plan.h"

static struct object_set *set_of(struct fake_server *server, const char *const *texts, size_t count)
{
    struct object_set *set = object_set_new(server->arena);
    for (size_t i = 0; i < count; i++) {
        const char *why;
        const struct value *document = json_read_text(server->arena, texts[i], strlen(texts[i]), &why);
        assert_non_null(document);
        assert_true(object_set_add(set, document, &server->reporter));
    }
    return set;
}

static void make_file(char *path)
{
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
}

static void an_environment_is_kept_without_its_secrets(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\",\"namespace\":\"n\"}}",
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"namespace\":\"n\"},"
        "\"stringData\":{\"p\":\"hunter2\"}}",
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"namespace\":\"n\"},"
        "\"stringData\":{\"p\":\"hunter3\"}}"};
    char path[] = "saved-plan-XXXXXX";
    make_file(path);
    struct fake_server server;
    struct client *client = fake_open(&server, NULL, 0);
    struct saved_request request = {.environment = "prod",
                                    .gitops = "flux",
                                    .context = "ml-prod",
                                    .server = "https://fake",
                                    .namespace = "n",
                                    .manager = "mlc",
                                    .applyset = "shop",
                                    .prune = true};
    struct plan plan = {.arena = server.arena, .items = vec_in(server.arena)};
    struct object_set *set = set_of(&server, texts, 2);
    assert_true(saved_plan_write(path, &request, &plan, set, &server.world, &server.reporter));
    struct buf text = {0};
    assert_int_equal(file_read(path, 1 << 20, &text), 0);
    assert_null(strstr(buf_str(&text), "hunter2"));
    buf_free(&text);
    const struct saved_plan *saved = saved_plan_read(server.arena, path, &server.reporter);
    assert_non_null(saved);
    assert_string_equal(saved->request.environment, "prod");
    assert_string_equal(saved->request.gitops, "flux");
    assert_string_equal(saved->request.context, "ml-prod");
    assert_true(saved->request.prune);
    assert_int_equal(saved->request.path_count, 0);
    struct object_set *same = object_set_new(server.arena), *other = object_set_new(server.arena);
    assert_true(saved_plan_documents(saved, same, set, &server.reporter));
    assert_int_equal(same->objects.count, 2);
    assert_false(saved_plan_documents(saved, other, set_of(&server, texts + 2, 1), &server.reporter));
    assert_int_equal(diag_error_count(server.diags), 1);
    unlink(path);
    fake_end(&server, client);
}

static void what_is_no_plan_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[]", "{\"mlcPlan\":2}", "{\"mlcPlan\":1,\"documents\":{}}"};
    char path[] = "saved-plan-XXXXXX";
    make_file(path);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct fake_server server;
        struct client *client = fake_open(&server, NULL, 0);
        assert_int_equal(file_write_atomic(path, texts[i], strlen(texts[i]), 0600), 0);
        assert_null(saved_plan_read(server.arena, path, &server.reporter));
        assert_int_equal(diag_error_count(server.diags), 1);
        fake_end(&server, client);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_environment_is_kept_without_its_secrets),
        cmocka_unit_test(what_is_no_plan_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
