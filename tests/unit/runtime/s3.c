#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/text.h"
#include "runtime/s3.h"
#include "runtime/s3_credentials.h"
#include "runtime/s3_sign.h"
#include "runtime/web.h"
#include "temporary.h"

/* RFC 4231, test cases 2 and 6 (a key longer than a block). */
static void hmac_is_that_of_the_standard(void **state)
{
    (void)state;
    uint8_t out[HASH_SIZE], key[131];
    char hex[HASH_HEX_SIZE];
    s3_hmac("Jefe", 4, "what do ya want for nothing?", 28, out);
    text_hex(out, HASH_SIZE, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    s3_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, out);
    text_hex(out, HASH_SIZE, hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* The signature of the same request by an independent implementation (tests/e2e/serving.sh asks a server). */
static void a_signature_covers_each_part(void **state)
{
    (void)state;
    struct s3_request request = {.method = "GET",
                                 .host = "examplebucket.s3.amazonaws.com",
                                 .path = "/test.txt",
                                 .query = "",
                                 .time = "20130524T000000Z",
                                 .region = "us-east-1",
                                 .service = "s3",
                                 .content_hash =
                                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                 .access_key = "AKIAIOSFODNN7EXAMPLE",
                                 .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
    struct buf first = {0}, other = {0};
    s3_authorization(&first, &request);
    assert_non_null(strstr(buf_str(&first),
                           "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                           "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="));
    assert_null(strstr(buf_str(&first), "wJalr"));
    request.token = "token";
    s3_authorization(&other, &request);
    assert_non_null(strstr(buf_str(&other), ";x-amz-security-token,"));
    assert_string_not_equal(strstr(buf_str(&first), "Signature="), strstr(buf_str(&other), "Signature="));
    buf_free(&first);
    buf_free(&other);
}

static void locations_are_split(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *bucket, *prefix;
    assert_true(s3_location(arena, "s3://data/a/b/", &bucket, &prefix));
    assert_string_equal(bucket, "data");
    assert_string_equal(prefix, "a/b");
    assert_true(s3_location(arena, "s3://data", &bucket, &prefix));
    assert_string_equal(prefix, "");
    assert_false(s3_location(arena, "s3:///x", &bucket, &prefix));
    assert_false(s3_location(arena, "data/a", &bucket, &prefix));
    arena_free(arena);
}

static void credentials_are_asked_for_at_safe_places_only(void **state)
{
    (void)state;
    assert_true(s3_credentials_url_is_safe("http://169.254.170.23/v1/credentials"));
    assert_true(s3_credentials_url_is_safe("http://127.0.0.1:8080/x"));
    assert_true(s3_credentials_url_is_safe("http://[fd00:ec2::23]/v1/credentials"));
    assert_true(s3_credentials_url_is_safe("https://example.com/x"));
    assert_false(s3_credentials_url_is_safe("http://example.com/x"));
    assert_false(s3_credentials_url_is_safe("http://127.0.0.1.example.com/x"));
    assert_false(s3_credentials_url_is_safe("http://localhost@example.com/x"));
    assert_false(s3_credentials_url_is_safe("ftp://127.0.0.1/"));
}

static void names_are_encoded(void **state)
{
    (void)state;
    struct buf out = {0};
    web_add_encoded(&out, "a b/c+\xc3\xa9~", true);
    assert_string_equal(buf_str(&out), "a%20b/c%2B%C3%A9~");
    buf_clear(&out);
    web_add_encoded(&out, "a/b", false);
    assert_string_equal(buf_str(&out), "a%2Fb");
    buf_free(&out);
}

/* A real server, when the environment names one: AWS_ENDPOINT_URL and S3_BUCKET. */
static void a_server_agrees(void **state)
{
    const char *bucket = getenv("S3_BUCKET");
    if (getenv("AWS_ENDPOINT_URL") == NULL || bucket == NULL)
        skip();
    struct arena *arena = arena_new();
    struct s3_error error = {0};
    struct s3 *s3 = s3_open(bucket, &world_real, &error);
    if (s3 == NULL)
        fail_msg("%s", error.text);
    uint64_t chance;
    world_real.random(world_real.context, &chance, sizeof chance);
    const char *key = arena_printf(arena, "unit/%016llx/a b+c", (unsigned long long)chance);
    struct buf out = {0};
    assert_int_equal(s3_exists(s3, key, &error), S3_MISSING);
    assert_int_equal(s3_get(s3, key, 100, &out, &error), S3_MISSING);
    enum s3_status put = s3_put(s3, key, "hello", 5, true, &error);
    if (put != S3_OK)
        fail_msg("%s", error.text);
    assert_int_equal(s3_put(s3, key, "other", 5, true, &error), S3_CONFLICT);
    assert_int_equal(s3_exists(s3, key, &error), S3_OK);
    assert_int_equal(s3_get(s3, key, 4, &out, &error), S3_ERROR);
    assert_int_equal(s3_get(s3, key, 5, &out, &error), S3_OK);
    assert_string_equal(buf_str(&out), "hello");
    const char *path = file_join(arena, *state, "deep/object");
    assert_int_equal(s3_get_file(s3, key, path, &error), S3_OK);
    assert_int_equal(s3_put_file(s3, arena_printf(arena, "%s2", key), path, false, &error), S3_OK);
    struct vec keys = vec_in(arena);
    const char *folder = arena_printf(arena, "unit/%016llx/", (unsigned long long)chance);
    assert_int_equal(s3_list(s3, folder, NULL, &keys, &error), S3_OK);
    assert_int_equal(keys.count, 2);
    assert_string_equal(keys.items[0], key);
    keys.count = 0;
    assert_int_equal(s3_list(s3, folder, key, &keys, &error), S3_OK);
    assert_int_equal(keys.count, 1);
    s3_close(s3);
    buf_free(&out);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hmac_is_that_of_the_standard),
        cmocka_unit_test(a_signature_covers_each_part),
        cmocka_unit_test(locations_are_split),
        cmocka_unit_test(credentials_are_asked_for_at_safe_places_only),
        cmocka_unit_test(names_are_encoded),
        cmocka_unit_test_setup_teardown(a_server_agrees, temporary_make, temporary_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
