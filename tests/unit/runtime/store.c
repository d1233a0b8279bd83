#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "runtime/store.h"
#include "temporary.h"

static struct store *open_in(const char *folder, const char *domain)
{
    struct store_error error = {0};
    struct store *store = store_open(folder, domain, &error);
    assert_non_null(store);
    return store;
}

static void bytes_come_back(void **state)
{
    struct store *store = open_in(*state, "main");
    struct store_error error;
    char hash[HASH_HEX_SIZE];
    assert_int_equal(store_put_bytes(store, "flowers", 7, hash, &error), STORE_OK);
    assert_int_equal(store_put_bytes(store, "flowers", 7, hash, &error), STORE_OK);
    assert_true(store_has(store, hash));
    struct buf out = {0};
    assert_int_equal(store_get_bytes(store, hash, 100, &out, &error), STORE_OK);
    assert_string_equal(buf_str(&out), "flowers");
    buf_free(&out);
    store_close(store);
}

static void folders_come_back(void **state)
{
    struct arena *arena = arena_new();
    const char *folder = file_join(arena, *state, "in");
    assert_int_equal(file_write_atomic(file_join(arena, folder, "a/b.txt"), "b", 1, 0755), 0);
    assert_int_equal(file_write_atomic(file_join(arena, folder, "c.txt"), "", 0, 0644), 0);
    struct store *store = open_in(file_join(arena, *state, "store"), "main");
    struct store_error error;
    char hash[HASH_HEX_SIZE];
    uint64_t size;
    assert_int_equal(store_put_path(store, folder, hash, &size, &error), STORE_OK);
    assert_int_equal(size, 1);
    const char *copy = file_join(arena, *state, "out");
    assert_int_equal(store_get_path(store, hash, copy, &error), STORE_OK);
    struct stat status;
    assert_int_equal(stat(file_join(arena, copy, "a/b.txt"), &status), 0);
    assert_true((status.st_mode & 0100) != 0);
    assert_true(file_exists(file_join(arena, copy, "c.txt")));
    store_close(store);
    arena_free(arena);
}

static void a_file_that_looks_like_a_folder_stays_a_file(void **state)
{
    struct arena *arena = arena_new();
    const char *path = file_join(arena, *state, "file");
    char text[200];
    snprintf(text, sizeof text, "644 %064d ../../escape\n", 0);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0644), 0);
    struct store *store = open_in(file_join(arena, *state, "store"), "main");
    struct store_error error;
    char hash[HASH_HEX_SIZE];
    uint64_t size;
    assert_int_equal(store_put_path(store, path, hash, &size, &error), STORE_OK);
    const char *copy = file_join(arena, *state, "copy");
    assert_int_equal(store_get_path(store, hash, copy, &error), STORE_OK);
    assert_false(file_is_folder(copy));
    store_close(store);
    arena_free(arena);
}

static void changed_bytes_are_found(void **state)
{
    struct arena *arena = arena_new();
    struct store *store = open_in(*state, "main");
    struct store_error error;
    char hash[HASH_HEX_SIZE];
    assert_int_equal(store_put_bytes(store, "right", 5, hash, &error), STORE_OK);
    const char *path = arena_printf(arena, "%s/main/blobs/sha256/%.2s/%s", (char *)*state, hash, hash);
    assert_int_equal(file_write_atomic(path, "wrong", 5, 0644), 0);
    struct buf out = {0};
    assert_int_equal(store_get_bytes(store, hash, 100, &out, &error), STORE_CORRUPT);
    assert_int_equal(store_get_path(store, hash, file_join(arena, *state, "copy"), &error), STORE_CORRUPT);
    assert_false(file_exists(file_join(arena, *state, "copy")));
    buf_free(&out);
    store_close(store);
    arena_free(arena);
}

static const struct value *record_of(struct arena *arena, const char *name)
{
    struct record_builder record = record_begin(arena);
    record_set(&record, "name", value_string(arena, name, 0));
    return record_end(&record, 0);
}

static void the_second_of_two_writers_conflicts(void **state)
{
    struct arena *arena = arena_new();
    struct store *store = open_in(*state, "main");
    struct store_error error;
    struct store_head empty, head, other;
    assert_int_equal(store_log_head(store, "model/iris", &empty, &error), STORE_OK);
    assert_int_equal(empty.sequence, 0);
    assert_int_equal(store_log_append(store, "model/iris", record_of(arena, "a"), &empty, &head, &error),
                     STORE_OK);
    assert_int_equal(store_log_append(store, "model/iris", record_of(arena, "b"), &empty, &other, &error),
                     STORE_CONFLICT);
    assert_int_equal(store_log_append(store, "model/iris", record_of(arena, "b"), &head, &other, &error),
                     STORE_OK);
    struct vec records = vec_in(arena);
    assert_int_equal(store_log_read(store, arena, "model/iris", &records, &error), STORE_OK);
    assert_int_equal(records.count, 2);
    assert_string_equal(value_string_or(value_get(records.items[1], "name"), ""), "b");
    assert_string_equal(value_string_or(value_get(records.items[1], "previous"), ""), head.hash);
    store_close(store);
    arena_free(arena);
}

static void a_changed_record_breaks_the_chain(void **state)
{
    struct arena *arena = arena_new();
    struct store *store = open_in(*state, "main");
    struct store_error error;
    struct store_head head = {0};
    for (int i = 0; i < 3; i++)
        assert_int_equal(store_log_append(store, "m", record_of(arena, "v"), &head, &head, &error), STORE_OK);
    const char *path = file_join(arena, *state, "main/logs/m/00000002.json");
    struct buf text = {0};
    assert_int_equal(file_read(path, 1 << 20, &text), 0);
    char *mark = strstr(text.data, "\"v\"");
    assert_non_null(mark);
    mark[1] = 'w';
    assert_int_equal(file_write_atomic(path, text.data, text.length, 0644), 0);
    buf_free(&text);
    struct vec records = vec_in(arena);
    assert_int_equal(store_log_read(store, arena, "m", &records, &error), STORE_CORRUPT);
    store_close(store);
    arena_free(arena);
}

static void a_trust_domain_cannot_leave_its_place(void **state)
{
    struct store_error error = {0};
    const char *const bad[] = {"", "../main", "main/..", "/main", "pr//1", "pr/", "Main", "pr/1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(store_open(*state, bad[i], &error));
    struct store *main_store = open_in(*state, "main"), *other = open_in(*state, "pr/7");
    char hash[HASH_HEX_SIZE];
    assert_int_equal(store_put_bytes(other, "x", 1, hash, &error), STORE_OK);
    assert_false(store_has(main_store, hash));
    store_close(main_store);
    store_close(other);
}

static void a_pull_request_reads_main_and_writes_its_own(void **state)
{
    struct arena *arena = arena_new();
    struct store *trunk = open_in(*state, "main"), *branch = open_in(*state, "pr/7"),
                 *other = open_in(*state, "pr/8");
    struct store_error error;
    char known[HASH_HEX_SIZE], made[HASH_HEX_SIZE];
    assert_int_equal(store_put_bytes(trunk, "trunk", 5, known, &error), STORE_OK);
    assert_int_equal(store_put_bytes(branch, "branch", 6, made, &error), STORE_OK);
    assert_true(store_has(branch, known));
    assert_true(store_has(branch, made));
    assert_false(store_has(trunk, made));
    assert_false(store_has(other, made));
    struct buf out = {0};
    assert_int_equal(store_get_bytes(branch, known, 100, &out, &error), STORE_OK);
    assert_string_equal(buf_str(&out), "trunk");
    assert_int_equal(store_get_bytes(trunk, made, 100, &out, &error), STORE_MISSING);
    buf_free(&out);

    struct store_head head = {0}, own = {0};
    const struct value *record = value_record(arena, NULL, 0, 0);
    assert_int_equal(store_log_append(trunk, "model/m", record, &head, &head, &error), STORE_OK);
    assert_int_equal(store_log_head(branch, "model/m", &own, &error), STORE_OK);
    assert_int_equal(own.sequence, 0);
    assert_int_equal(store_log_append(branch, "model/m", record, &own, &own, &error), STORE_OK);
    struct vec seen = vec_in(arena), mains = vec_in(arena);
    assert_int_equal(store_log_read(branch, arena, "model/m", &seen, &error), STORE_OK);
    assert_int_equal(seen.count, 2);
    assert_int_equal(store_log_read(trunk, arena, "model/m", &mains, &error), STORE_OK);
    assert_int_equal(mains.count, 1);
    store_close(trunk);
    store_close(branch);
    store_close(other);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_come_back, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(folders_come_back, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(a_file_that_looks_like_a_folder_stays_a_file, temporary_make,
                                        temporary_remove),
        cmocka_unit_test_setup_teardown(changed_bytes_are_found, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(the_second_of_two_writers_conflicts, temporary_make,
                                        temporary_remove),
        cmocka_unit_test_setup_teardown(a_changed_record_breaks_the_chain, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(a_trust_domain_cannot_leave_its_place, temporary_make,
                                        temporary_remove),
        cmocka_unit_test_setup_teardown(a_pull_request_reads_main_and_writes_its_own, temporary_make,
                                        temporary_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
