#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "runtime/capture/wire.h"

static enum wire_result request(const char *text, struct wire_head *head)
{
    return wire_read_request(text, strlen(text), head);
}

static enum wire_result response(const char *text, bool to_head, struct wire_head *head)
{
    return wire_read_response(text, strlen(text), to_head, head);
}

static void a_head_is_read(void **state)
{
    (void)state;
    struct wire_head head;
    const char *text =
        "\r\nPOST /predict?x=1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json; charset=utf-8\r\n"
        "Content-Length:  12 \r\n\r\nbody";
    assert_int_equal(request(text, &head), WIRE_READ);
    assert_int_equal(head.size, strlen(text) - 4);
    assert_true(wire_equals(head.method, "POST"));
    assert_true(wire_equals(head.target, "/predict?x=1"));
    assert_int_equal(head.framing, WIRE_LENGTH);
    assert_int_equal(head.length, 12);
    assert_true(head.json);
    assert_true(head.keep_alive);
    assert_false(head.encoded);
}

static void a_head_comes_byte_by_byte(void **state)
{
    (void)state;
    struct wire_head head;
    const char *text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (size_t i = 0; i < strlen(text); i++)
        assert_int_equal(wire_read_request(text, i, &head), WIRE_MORE);
    assert_int_equal(request(text, &head), WIRE_READ);
    assert_int_equal(head.framing, WIRE_NO_BODY);
}

static void what_two_readers_may_read_differently_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int refusal;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\nHost: a\n\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 6\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         501},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_head head;
        if (request(cases[i].text, &head) != WIRE_BAD || head.refusal != cases[i].refusal)
            fail_msg("%s: %d, not %d", cases[i].text, head.refusal, cases[i].refusal);
        assert_non_null(head.why);
    }
}

static void equal_lengths_are_one(void **state)
{
    (void)state;
    struct wire_head head;
    assert_int_equal(
        request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\n", &head),
        WIRE_READ);
    assert_int_equal(head.length, 5);
}

static void answers_have_bodies_by_status(void **state)
{
    (void)state;
    struct wire_head head;
    assert_int_equal(response("HTTP/1.1 200 OK\r\n\r\n", false, &head), WIRE_READ);
    assert_int_equal(head.framing, WIRE_UNTIL_END);
    assert_int_equal(response("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", true, &head), WIRE_READ);
    assert_int_equal(head.framing, WIRE_NO_BODY);
    assert_int_equal(response("HTTP/1.1 204\r\n\r\n", false, &head), WIRE_READ);
    assert_int_equal(head.framing, WIRE_NO_BODY);
    assert_int_equal(response("HTTP/1.1 304 X\r\nContent-Length: 7\r\n\r\n", false, &head), WIRE_READ);
    assert_int_equal(head.framing, WIRE_NO_BODY);
    assert_int_equal(response("HTTP/1.1 20 OK\r\n\r\n", false, &head), WIRE_BAD);
    assert_int_equal(response("HTTP/1.1 2000 OK\r\n\r\n", false, &head), WIRE_BAD);
    assert_int_equal(response("SSH-2.0-x\r\n\r\n", false, &head), WIRE_BAD);
    assert_int_equal(head.refusal, 502);
}

static void a_head_loses_what_concerns_one_connection(void **state)
{
    (void)state;
    struct wire_head head;
    struct buf out = {0};
    assert_int_equal(
        request("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close, X-Hop, host\r\nX-Hop: 1\r\nTE: trailers\r\n"
                "Keep-Alive: 5\r\nX-End: 2\r\n\r\n",
                &head),
        WIRE_READ);
    assert_false(head.keep_alive);
    wire_write_head(&out, &head, "keep-alive");
    assert_string_equal(buf_str(&out),
                        "GET /a HTTP/1.1\r\nHost: a\r\nX-End: 2\r\nConnection: keep-alive\r\n\r\n");
    buf_clear(&out);
    assert_int_equal(
        request("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", &head),
        WIRE_READ);
    assert_true(head.upgrade);
    wire_write_head(&out, &head, "upgrade");
    assert_non_null(strstr(buf_str(&out), "Connection: upgrade\r\nUpgrade: websocket\r\n"));
    buf_free(&out);
}

static void collect(void *context, const char *bytes, size_t count)
{
    buf_add(context, bytes, count);
}

static void chunks_are_followed(void **state)
{
    (void)state;
    const char *text = "5\r\nhello\r\n1;x=\"y\"\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET /next";
    size_t whole = strlen(text) - strlen("GET /next");
    for (size_t step = 1; step < whole; step++) {
        struct wire_head head = {.framing = WIRE_CHUNKED};
        struct wire_body body;
        struct buf content = {0};
        struct wire_sink sink = {&content, collect};
        size_t at = 0;
        wire_body_begin(&body, &head);
        while (!wire_body_is_over(&body) && !body.bad) {
            size_t rest = strlen(text) - at;
            at += wire_body_follow(&body, text + at, rest < step ? rest : step, &sink);
        }
        assert_false(body.bad);
        assert_int_equal(at, whole);
        assert_string_equal(buf_str(&content), "hello 0123456789");
        buf_free(&content);
    }
}

static void malformed_chunks_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"\r\n",
                                        "x\r\n",
                                        "5 \nhello",
                                        "5\nhello",
                                        "5\r\nhelloX",
                                        "5\r\nhello\rX",
                                        "10000000000000000\r\n",
                                        "-1\r\n",
                                        "0x5\r\nhello",
                                        "0\r\n\rX",
                                        "1;\x01\r\n"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_head head = {.framing = WIRE_CHUNKED};
        struct wire_body body;
        wire_body_begin(&body, &head);
        size_t followed = wire_body_follow(&body, cases[i], strlen(cases[i]), NULL);
        if (!body.bad || followed >= strlen(cases[i]))
            fail_msg("%zu: %s", i, cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read),
        cmocka_unit_test(a_head_comes_byte_by_byte),
        cmocka_unit_test(what_two_readers_may_read_differently_is_refused),
        cmocka_unit_test(equal_lengths_are_one),
        cmocka_unit_test(answers_have_bodies_by_status),
        cmocka_unit_test(a_head_loses_what_concerns_one_connection),
        cmocka_unit_test(chunks_are_followed),
        cmocka_unit_test(malformed_chunks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
