#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "runtime/audit.h"
#include "runtime/index.h"
#include "temporary.h"

static void promotion_is_compare_and_swap(void **state)
{
    struct arena *arena = arena_new();
    struct index_error error = {0};
    struct index *index = index_open(file_join(arena, *state, "deep/registry.db"), &error);
    assert_non_null(index);
    struct model_version champion;
    assert_false(index_champion(index, arena, "model/iris", &champion));
    assert_true(index_promote(index, "model/iris", "", "aaa", &error));
    assert_false(index_promote(index, "model/iris", "", "bbb", &error));
    assert_non_null(strstr(error.text, "has changed"));
    assert_true(index_promote(index, "model/iris", "aaa", "bbb", &error));
    assert_true(index_champion(index, arena, "model/iris", &champion));
    assert_string_equal(champion.artifact, "bbb");
    index_close(index);
    arena_free(arena);
}

static void a_file_that_is_no_index_is_refused(void **state)
{
    struct arena *arena = arena_new();
    struct index_error error = {0};
    const char *path = file_join(arena, *state, "registry.db");
    static const char text[] =
        "this is not a database, but it is long enough to be taken for a header of one";
    assert_int_equal(file_write_atomic(path, text, sizeof text, 0644), 0);
    assert_null(index_open(path, &error));
    assert_true(error.text[0] != '\0');
    arena_free(arena);
}

static void the_index_is_rebuilt_from_store_and_lock(void **state)
{
    struct arena *arena = arena_new();
    struct store_error store_error;
    struct index_error error = {0};
    struct store *store = store_open(file_join(arena, *state, "store"), "main", &store_error);
    struct store_head head = {0};
    const char *const artifacts[] = {"a1", "a2", "a3"};
    for (int i = 0; i < 3; i++) {
        struct record_builder record = record_begin(arena);
        record_set(&record, "artifact", value_string(arena, artifacts[i], 0));
        record_set(&record, "verdict", value_string(arena, "passed", 0));
        assert_int_equal(
            store_log_append(store, "model/m", record_end(&record, 0), &head, &head, &store_error), STORE_OK);
    }
    struct audit_event event = {"champion here", "model/m", "a1", "a3", NULL};
    assert_int_equal(audit_append(store, &event, NULL, &store_error), STORE_OK);
    struct index *index = index_open(file_join(arena, *state, "registry.db"), &error);
    const char *const models[] = {"model/m"};
    assert_true(index_rebuild(index, store, models, 1, value_record(arena, NULL, 0, 0), &error));
    struct model_version champion;
    assert_true(index_champion(index, arena, "model/m", &champion));
    assert_string_equal(champion.artifact, "a3");
    struct record_builder lock = record_begin(arena);
    record_set(&lock, "model/m.champion", value_string(arena, "sha256:a2", 0));
    assert_true(index_rebuild(index, store, models, 1, record_end(&lock, 0), &error));
    assert_true(index_champion(index, arena, "model/m", &champion));
    assert_string_equal(champion.artifact, "a2");
    assert_int_equal(champion.number, 2);
    struct vec versions = vec_in(arena);
    assert_true(index_versions(index, arena, NULL, &versions, &error));
    assert_int_equal(versions.count, 3);
    index_close(index);
    store_close(store);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(promotion_is_compare_and_swap, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_index_is_refused, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(the_index_is_rebuilt_from_store_and_lock, temporary_make,
                                        temporary_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
