#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "runtime/inputs.h"
#include "temporary.h"

static void patterns_match_as_people_expect(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool fits;
    } cases[] = {
        {"src/train.py", "src/train.py", true},
        {"src/train.py", "src/train.pyc", false},
        {"src", "src/a/b.py", true},
        {"src/", "src/a.py", true},
        {"src/*", "src/a.py", true},
        {"src/*.py", "src/a/b.py", false},
        {"src/**", "src/a/b.py", true},
        {"src/**/*.py", "src/b.py", true},
        {"src/**/*.py", "src/a/c/b.py", true},
        {"src/**/*.py", "src/a/c/b.txt", false},
        {"**/*.py", "a.py", true},
        {"**", "anything/at/all", true},
        {"./src/a.py", "src/a.py", true},
        {"data-?.csv", "data-1.csv", true},
        {"data-[0-4].csv", "data-7.csv", false},
        {"*", ".hidden", false},
        {"srcs", "src/a.py", false},
        {"", "a", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (inputs_match(cases[i].pattern, cases[i].path) != cases[i].fits)
            fail_msg("%s against %s", cases[i].pattern, cases[i].path);
}

static void write_file(struct arena *arena, const char *folder, const char *name, const char *text)
{
    assert_int_equal(file_write_atomic(file_join(arena, folder, name), text, strlen(text), 0644), 0);
}

static void hash_of(struct arena *arena, const char *folder, char out[HASH_HEX_SIZE])
{
    static const char *const patterns[] = {"src/**", "main.py"};
    struct vec files = vec_in(arena);
    const char *bad = "";
    assert_int_equal(inputs_list(arena, folder, patterns, 2, NULL, &files), 0);
    assert_int_equal(inputs_hash(folder, &files, out, &bad), 0);
}

static void a_hash_changes_with_names_and_contents_only(void **state)
{
    struct arena *arena = arena_new();
    char first[HASH_HEX_SIZE], second[HASH_HEX_SIZE];
    write_file(arena, *state, "src/a.py", "1");
    write_file(arena, *state, "main.py", "2");
    hash_of(arena, *state, first);
    write_file(arena, *state, "other.txt", "not an input");
    write_file(arena, *state, "src/__pycache__/a.pyc", "not an input");
    hash_of(arena, *state, second);
    assert_string_equal(first, second);
    write_file(arena, *state, "src/a.py", "3");
    hash_of(arena, *state, second);
    assert_string_not_equal(first, second);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_people_expect),
        cmocka_unit_test_setup_teardown(a_hash_changes_with_names_and_contents_only, temporary_make,
                                        temporary_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
