#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/diag.h"
#include "runtime/lock.h"
#include "temporary.h"

struct reading {
    struct arena *arena;
    struct source_set *sources;
    struct origin_table *origins;
    struct diag_sink *diags;
};

static struct reading reading_new(void)
{
    struct arena *arena = arena_new();
    return (struct reading){arena, source_set_new(arena), origin_table_new(arena), diag_sink_new(arena, 0)};
}

static const struct value *read_lock(struct reading *reading, const char *path)
{
    return lock_read(reading->arena, path, reading->sources, reading->origins, reading->diags);
}

static void an_absent_lock_is_empty(void **state)
{
    struct reading reading = reading_new();
    const struct value *lock = read_lock(&reading, file_join(reading.arena, *state, "mlc.lock"));
    assert_non_null(lock);
    assert_int_equal(lock->field_count, 0);
    arena_free(reading.arena);
}

static void facts_are_sorted_and_comments_stay(void **state)
{
    struct reading reading = reading_new();
    const char *path = file_join(reading.arena, *state, "mlc.lock");
    static const char before[] = "# ours\nmodel/b.champion = \"sha256:2\"\n";
    assert_int_equal(file_write_atomic(path, before, sizeof before - 1, 0644), 0);
    struct lock_fact facts[] = {
        {"model/a.champion", "sha256:1"}, {"model/b.champion", "a \"quoted\" \\ text"}, {"z", NULL}};
    assert_int_equal(lock_update(path, facts, 3), 0);
    struct buf text = {0};
    assert_int_equal(file_read(path, 1 << 20, &text), 0);
    assert_string_equal(buf_str(&text), "# ours\nmodel/a.champion = \"sha256:1\"\n"
                                        "model/b.champion = \"a \\\"quoted\\\" \\\\ text\"\n");
    buf_free(&text);
    const struct value *lock = read_lock(&reading, path);
    assert_string_equal(value_string_or(value_get(lock, "model/b.champion"), ""), "a \"quoted\" \\ text");
    arena_free(reading.arena);
}

static void expect_code(const char *folder, const char *text, enum diag_code code)
{
    struct reading reading = reading_new();
    const char *path = file_join(reading.arena, folder, "mlc.lock");
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0644), 0);
    assert_null(read_lock(&reading, path));
    assert_int_equal(diag_at(reading.diags, 0)->code, code);
    arena_free(reading.arena);
}

static void what_is_no_lock_is_refused(void **state)
{
    expect_code(*state, "<<<<<<< ours\na = \"1\"\n", DIAG_LOCK_MERGE);
    expect_code(*state, "a = 1\n", DIAG_LOCK_LINE);
    expect_code(*state, "a\n", DIAG_LOCK_LINE);
    expect_code(*state, "a = \"1\" x\n", DIAG_LOCK_LINE);
    expect_code(*state, "a = \"\\u0000\"\n", DIAG_LOCK_LINE);
    expect_code(*state, "a = \"1\"\na = \"2\"\n", DIAG_LOCK_TWICE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_absent_lock_is_empty, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(facts_are_sorted_and_comments_stay, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(what_is_no_lock_is_refused, temporary_make, temporary_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
