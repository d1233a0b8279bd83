/* What the client does about failures: what is sent again, how often, and when it ends. */
#include "tests/unit/cluster/fake_server.h"
#include <unistd.h>
#include "core/file.h"

static const int64_t second = 1000000000;

static struct reply ask(struct client *client, const char *method, enum call_retry retry)
{
    struct call *call = client_call(method, NULL, NULL, "/api/v1/x");
    call->retry = retry;
    return client_ask(client, call);
}

static void a_reset_is_repeated_when_harmless(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"PATCH", "/", 0, NULL, HTTP_BROKEN, NULL, 2, 0},
                              {"PATCH", "/", 200, "{}", 0, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 2);
    struct reply reply = ask(client, "PATCH", CALL_RETRY_ALWAYS);
    assert_int_equal(reply.status, 200);
    assert_true(reply.interrupted);
    assert_int_equal(server.log_count, 3);
    reply_free(&reply);
    fake_end(&server, client);
}

static void a_lost_post_is_not_repeated(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"POST", "/", 0, NULL, HTTP_BROKEN, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 1);
    struct reply reply = ask(client, "POST", CALL_RETRY_UNSENT);
    assert_int_equal(reply.outcome, HTTP_BROKEN);
    assert_true(reply.interrupted);
    assert_int_equal(server.log_count, 1);
    reply_free(&reply);
    fake_end(&server, client);
}

static void a_post_that_was_never_sent_is_repeated(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"POST", "/", 0, NULL, HTTP_NOT_SENT, NULL, 3, 0},
                              {"POST", "/", 201, "{}", 0, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 2);
    struct reply reply = ask(client, "POST", CALL_RETRY_UNSENT);
    assert_int_equal(reply.status, 201);
    assert_false(reply.interrupted);
    reply_free(&reply);
    fake_end(&server, client);
}

static void an_outage_ends_within_its_budget(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"GET", "/", 200, "{}", HTTP_DONE, NULL, 1, 0},
                              {"GET", "/", 0, NULL, HTTP_NOT_SENT, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 2);
    struct reply reply = ask(client, "GET", CALL_RETRY_ALWAYS);
    int64_t start = server.now;
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    reply = ask(client, "GET", CALL_RETRY_ALWAYS);
    assert_int_equal(reply.outcome, HTTP_NOT_SENT);
    assert_true(server.now - start <= 60 * second);
    assert_true(server.now - start >= 45 * second);
    assert_true(server.log_count < 40);
    reply_free(&reply);
    fake_end(&server, client);
}

/* The user says how long: from not at all to longer than any number of attempts that is fixed. */
static void an_outage_is_waited_for_as_long_as_the_user_says(void **state)
{
    (void)state;
    static const struct {
        int64_t budget, least, most;
    } cases[] = {
        {-1, 0, 0}, {5 * second, 3 * second, 5 * second}, {1200 * second, 1180 * second, 1200 * second}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake_row rows[] = {{"GET", "/", 200, "{}", HTTP_DONE, NULL, 1, 0},
                                  {"GET", "/", 0, NULL, HTTP_NOT_SENT, NULL, 0, 0}};
        struct fake_server server;
        struct client *client = fake_open_for(&server, rows, 2, cases[i].budget);
        struct reply reply = ask(client, "GET", CALL_RETRY_ALWAYS);
        int64_t start = server.now;
        reply_free(&reply);
        reply = ask(client, "GET", CALL_RETRY_ALWAYS);
        assert_int_equal(reply.outcome, HTTP_NOT_SENT);
        assert_in_range(server.now - start, cases[i].least, cases[i].most);
        reply_free(&reply);
        fake_end(&server, client);
    }
}

static void a_server_that_never_answered_is_given_up_soon(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"GET", "/", 0, NULL, HTTP_NOT_SENT, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 1);
    int64_t start = server.now;
    struct reply reply = ask(client, "GET", CALL_RETRY_ALWAYS);
    assert_int_equal(reply.outcome, HTTP_NOT_SENT);
    assert_true(server.now - start <= 10 * second);
    reply_free(&reply);
    fake_end(&server, client);
}

static void retry_after_is_obeyed(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"POST", "/", 429, "{}", 0, "Retry-After: 7", 1, 0},
                              {"POST", "/", 201, "{}", 0, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 2);
    int64_t start = server.now;
    struct reply reply = ask(client, "POST", CALL_RETRY_UNSENT);
    assert_int_equal(reply.status, 201);
    assert_true(server.now - start >= 7 * second);
    assert_true(server.now - start < 8 * second);
    reply_free(&reply);
    fake_end(&server, client);
}

static void an_internal_error_of_a_post_is_final(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"POST", "/", 500, "{}", 0, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 1);
    struct reply reply = ask(client, "POST", CALL_RETRY_UNSENT);
    assert_int_equal(reply.status, 500);
    assert_int_equal(server.log_count, 1);
    reply_free(&reply);
    fake_end(&server, client);
}

static void a_webhook_that_always_fails_is_no_outage(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"PATCH", "/", 500, "{}", 0, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 1);
    struct reply reply = ask(client, "PATCH", CALL_RETRY_ALWAYS);
    assert_int_equal(reply.status, 500);
    assert_int_equal(server.log_count, 4);
    reply_free(&reply);
    fake_end(&server, client);
}

static void forbidden_is_final_but_for_a_moment_after_an_outage(void **state)
{
    (void)state;
    struct fake_row final[] = {{"GET", "/", 403, "{}", 0, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, final, 1);
    struct reply reply = ask(client, "GET", CALL_RETRY_ALWAYS);
    assert_int_equal(reply.status, 403);
    assert_int_equal(server.log_count, 1);
    reply_free(&reply);
    fake_end(&server, client);
    struct fake_row restart[] = {{"GET", "/", 0, NULL, HTTP_NOT_SENT, NULL, 2, 0},
                                 {"GET", "/", 403, "{}", 0, NULL, 3, 0},
                                 {"GET", "/", 200, "{}", 0, NULL, 0, 0}};
    client = fake_open(&server, restart, 3);
    reply = ask(client, "GET", CALL_RETRY_ALWAYS);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    fake_end(&server, client);
}

static void a_body_that_was_cut_off_is_asked_again(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"GET", "/", 200, "{\"items\": [", 0, NULL, 1, 0},
                              {"GET", "/", 200, "{}", 0, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 2);
    struct reply reply = ask(client, "GET", CALL_RETRY_ALWAYS);
    assert_int_equal(reply.status, 200);
    assert_string_equal(buf_str(&reply.body), "{}");
    assert_int_equal(server.log_count, 2);
    reply_free(&reply);
    fake_end(&server, client);
}

static void an_untrusted_server_is_final(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"GET", "/", 0, NULL, HTTP_UNTRUSTED, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 1);
    struct reply reply = ask(client, "GET", CALL_RETRY_ALWAYS);
    assert_int_equal(reply.outcome, HTTP_UNTRUSTED);
    assert_int_equal(server.log_count, 1);
    reply_free(&reply);
    fake_end(&server, client);
}

struct lines {
    char text[200];
    size_t count, stop_after;
    bool ended;
};

static bool on_line(struct call *call, const char *line, size_t length, void *context)
{
    struct lines *lines = context;
    (void)call;
    strncat(lines->text, line, length);
    strcat(lines->text, "|");
    return ++lines->count != lines->stop_after;
}

static void on_stream_end(struct call *call, void *context)
{
    ((struct lines *)context)->ended = true;
    assert_int_equal(call->outcome, HTTP_DONE);
}

static void a_stream_is_given_line_by_line(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"GET", "/", 200, "{\"a\":1}\n{\"b\":2}\n{\"c\":", 0, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 1);
    struct lines lines = {0};
    struct call *call = client_call("GET", on_stream_end, &lines, "/watch");
    call->line = on_line;
    client_send(client, call);
    client_run(client, 0);
    assert_string_equal(lines.text, "{\"a\":1}|{\"b\":2}|");
    assert_true(lines.ended);
    fake_end(&server, client);
}

static void a_stream_can_be_stopped(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"GET", "/", 200, "1\n2\n3\n", 0, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 1);
    struct lines lines = {.stop_after = 2};
    struct call *call = client_call("GET", on_stream_end, &lines, "/watch");
    call->line = on_line;
    client_send(client, call);
    client_run(client, 0);
    assert_string_equal(lines.text, "1|2|");
    assert_true(lines.ended);
    assert_int_equal(server.log_count, 1);
    fake_end(&server, client);
}

static void on_given_up(struct call *call, void *context)
{
    *(bool *)context = call->gave_up;
}

static void the_deadline_gives_up_what_is_left(void **state)
{
    (void)state;
    struct fake_row rows[] = {{"GET", "/", 0, NULL, HTTP_NOT_SENT, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 1);
    bool gave_up = false;
    client_send(client, client_call("GET", on_given_up, &gave_up, "/x"));
    assert_false(client_run(client, server.now + 5 * second));
    assert_true(gave_up);
    fake_end(&server, client);
}

static void retry_after_may_be_a_date(void **state)
{
    (void)state; /* the fake clock begins at 1800000001 s: 2027-01-15T08:00:01Z */
    struct fake_row rows[] = {
        {"GET", "/", 429, "{}", HTTP_DONE, "Retry-After: Fri, 15 Jan 2027 08:00:31 GMT", 1, 0},
        {"GET", "/", 200, "{}", HTTP_DONE, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 2);
    int64_t before = server.now;
    struct reply reply = ask(client, "GET", CALL_RETRY_ALWAYS);
    assert_int_equal(reply.status, 200);
    assert_true(server.now - before >= 29 * second && server.now - before <= 31 * second);
    reply_free(&reply);
    fake_end(&server, client);
}

/* Many calls are refused with one expired token: the plugin, which may ask a person, runs once for all of
 * them. */
static void a_burst_of_refusals_renews_once(void **state)
{
    (void)state;
    char path[256];
    const char *base = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/mlc-runs-XXXXXX", base != NULL ? base : P_tmpdir);
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    struct fake_row rows[] = {{"GET", "/", 401, "{}", HTTP_DONE, NULL, 8, 0},
                              {"GET", "/", 200, "{}", HTTP_DONE, NULL, 0, 0}};
    struct fake_server server;
    struct client *client = fake_open(&server, rows, 2);
    const char *args[] = {
        "-c", "echo run >>$RUNS; echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication."
              "k8s.io/v1\",\"status\":{\"token\":\"t\"}}'"};
    const char *env[] = {arena_printf(server.arena, "RUNS=%s", path)};
    struct exec_plugin plugin = {.command = "sh",
                                 .args = args,
                                 .arg_count = 2,
                                 .env = env,
                                 .env_count = 1,
                                 .api_version = "client.authentication.k8s.io/v1",
                                 .interactive_mode = "Never"};
    server.config.exec = &plugin;
    for (int i = 0; i < 8; i++)
        client_send(client, client_call("GET", NULL, NULL, "/api/v1/x"));
    assert_true(client_run(client, 0));
    struct buf runs = {0};
    assert_int_equal(file_read(path, 4096, &runs), 0);
    assert_string_equal(buf_str(&runs), "run\nrun\n"); /* the first token and the second */
    assert_int_equal(server.log_count, 16);
    buf_free(&runs);
    unlink(path);
    fake_end(&server, client);
}

static void paths_are_encoded(void **state)
{
    (void)state;
    struct buf out = {0};
    client_encode(&out, "a b/c?d=\xc3\xa4~");
    assert_string_equal(buf_str(&out), "a%20b%2Fc%3Fd%3D%C3%A4~");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reset_is_repeated_when_harmless),
        cmocka_unit_test(a_lost_post_is_not_repeated),
        cmocka_unit_test(a_post_that_was_never_sent_is_repeated),
        cmocka_unit_test(an_outage_ends_within_its_budget),
        cmocka_unit_test(an_outage_is_waited_for_as_long_as_the_user_says),
        cmocka_unit_test(a_server_that_never_answered_is_given_up_soon),
        cmocka_unit_test(retry_after_is_obeyed),
        cmocka_unit_test(an_internal_error_of_a_post_is_final),
        cmocka_unit_test(a_webhook_that_always_fails_is_no_outage),
        cmocka_unit_test(forbidden_is_final_but_for_a_moment_after_an_outage),
        cmocka_unit_test(a_body_that_was_cut_off_is_asked_again),
        cmocka_unit_test(an_untrusted_server_is_final),
        cmocka_unit_test(a_stream_is_given_line_by_line),
        cmocka_unit_test(a_stream_can_be_stopped),
        cmocka_unit_test(the_deadline_gives_up_what_is_left),
        cmocka_unit_test(retry_after_may_be_a_date),
        cmocka_unit_test(a_burst_of_refusals_renews_once),
        cmocka_unit_test(paths_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
