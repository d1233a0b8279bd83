/* The store over the protocol of S3, against a server in this process that can lose its answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/map.h"
#include "http_server.h"
#include "runtime/store.h"
#include "temporary.h"

struct bucket {
    struct arena *arena;
    struct map *objects; /* path -> struct buf * */
    int lose;            /* so many PUTs are done and not answered */
    int busy;            /* so many requests are answered with 503 */
    size_t puts;
};

static int answer(void *context, const struct server_request *request, struct buf *body)
{
    struct bucket *bucket = context;
    struct buf *known = map_get(bucket->objects, request->path);
    if (bucket->busy > 0) {
        bucket->busy--;
        return 503;
    }
    if (strcmp(request->method, "PUT") != 0) {
        if (known != NULL)
            buf_add(body, buf_str(known), known->length);
        return known != NULL ? 200 : 404;
    }
    bucket->puts++;
    if (known != NULL && request->only_new)
        return 412;
    struct buf *object = arena_alloc(bucket->arena, sizeof *object);
    *object = (struct buf){arena_copy(bucket->arena, buf_str(&request->body), request->body.length),
                           request->body.length, 0};
    map_set(bucket->objects, request->path, object);
    return bucket->lose-- > 0 ? 0 : 200;
}

struct fixture {
    struct bucket bucket;
    struct server server;
    char *folder;
};

static int setup(void **state)
{
    struct fixture *fixture = mem_calloc(1, sizeof *fixture);
    char url[64];
    fixture->bucket.arena = arena_new();
    fixture->bucket.objects = map_new(fixture->bucket.arena);
    fixture->server.handle = answer;
    fixture->server.context = &fixture->bucket;
    server_start(&fixture->server);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", fixture->server.port);
    setenv("AWS_ENDPOINT_URL", url, 1);
    unsetenv("AWS_ENDPOINT_URL_S3");
    setenv("AWS_ACCESS_KEY_ID", "id", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    unsetenv("AWS_SESSION_TOKEN");
    temporary_make((void **)&fixture->folder);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    server_stop(&fixture->server);
    arena_free(fixture->bucket.arena);
    int code = temporary_remove((void **)&fixture->folder);
    free(fixture);
    return code;
}

static struct store *open_store(const char *domain)
{
    struct store_error error = {0};
    struct store *store = store_open("s3://data/iris", domain, &error);
    if (store == NULL)
        print_message("%s\n", error.text);
    assert_non_null(store);
    return store;
}

static const struct value *a_record(struct arena *arena)
{
    struct field field = {"event", 0, value_string(arena, "promote", 0)};
    return value_record(arena, &field, 1, 0);
}

static void contents_come_back(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = open_store("main");
    struct store_error error = {0};
    struct arena *arena = arena_new();
    char hash[HASH_HEX_SIZE];
    uint64_t size;
    const char *in = file_join(arena, fixture->folder, "in");
    assert_int_equal(file_write_atomic(file_join(arena, in, "a/b"), "flowers", 7, 0644), 0);
    assert_int_equal(store_put_path(store, in, hash, &size, &error), STORE_OK);
    size_t puts = fixture->bucket.puts;
    assert_int_equal(store_put_path(store, in, hash, &size, &error), STORE_OK);
    assert_int_equal(fixture->bucket.puts, puts);
    const char *out = file_join(arena, fixture->folder, "out");
    assert_int_equal(store_get_path(store, hash, out, &error), STORE_OK);
    assert_true(file_exists(file_join(arena, out, "a/b")));
    struct buf bytes = {0};
    hash[0] = hash[0] == 'a' ? 'b' : 'a';
    assert_int_equal(store_get_bytes(store, hash, 100, &bytes, &error), STORE_MISSING);
    buf_free(&bytes);
    arena_free(arena);
    store_close(store);
}

static void a_lost_answer_is_no_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = open_store("main");
    struct store_error error = {0};
    struct store_head head = {0};
    struct arena *arena = arena_new();
    fixture->bucket.lose = 1;
    assert_int_equal(store_log_append(store, "audit", a_record(arena), &head, &head, &error), STORE_OK);
    assert_int_equal(head.sequence, 1);
    struct vec records = vec_in(arena);
    assert_int_equal(store_log_read(store, arena, "audit", &records, &error), STORE_OK);
    assert_int_equal(records.count, 1);
    arena_free(arena);
    store_close(store);
}

static void the_second_of_two_writers_conflicts(void **state)
{
    (void)state;
    struct store *store = open_store("main");
    struct store_error error = {0};
    struct store_head head = {0}, same = {0};
    struct arena *arena = arena_new();
    assert_int_equal(store_log_append(store, "audit", a_record(arena), &head, &head, &error), STORE_OK);
    assert_int_equal(store_log_append(store, "audit", a_record(arena), &same, &same, &error), STORE_CONFLICT);
    assert_int_equal(store_log_append(store, "audit", a_record(arena), &head, &head, &error), STORE_OK);
    assert_int_equal(head.sequence, 2);
    arena_free(arena);
    store_close(store);
}

static void a_busy_server_is_asked_again(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = open_store("main");
    struct store_error error = {0};
    char hash[HASH_HEX_SIZE];
    fixture->bucket.busy = 2;
    assert_int_equal(store_put_bytes(store, "x", 1, hash, &error), STORE_OK);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(contents_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_answer_is_no_conflict, setup, teardown),
        cmocka_unit_test_setup_teardown(the_second_of_two_writers_conflicts, setup, teardown),
        cmocka_unit_test_setup_teardown(a_busy_server_is_asked_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
