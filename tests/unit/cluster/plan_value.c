/* How changed values are shown: the difference is always in sight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/arena.h"
#include "runtime/cluster/plan_value.h"

static void shows(const char *before, const char *after, const char *wanted)
{
    struct arena *arena = arena_new();
    struct buf out = {0};
    struct change change = {.kind = CHANGE_REPLACED,
                            .before = before != NULL ? value_string(arena, before, 0) : NULL,
                            .after = after != NULL ? value_string(arena, after, 0) : NULL};
    plan_value_add(&out, &change, 2, false);
    assert_string_equal(buf_str(&out), wanted);
    buf_free(&out);
    arena_free(arena);
}

static void short_values_are_whole(void **state)
{
    (void)state;
    shows("1", "2", "\"1\" → \"2\"\n");
    shows(NULL, "x", "\"x\"\n");
    shows("x", NULL, "\"x\"\n");
    shows("a\x1b[31m", "b", "\"a\\u001b[31m\" → \"b\"\n");
}

static void a_change_at_the_end_of_a_long_value_is_seen(void **state)
{
    (void)state;
    char before[1001], after[1001];
    memset(before, 'a', 1000);
    memset(after, 'a', 1000);
    before[1000] = after[1000] = 0;
    before[999] = 'x';
    after[999] = 'y';
    shows(before, after,
          "…aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaax\" → …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaay\"\n");
}

static void characters_are_not_cut(void **state)
{
    (void)state;
    char before[2001] = "", after[2001];
    for (int i = 0; i < 600; i++)
        strcat(before, "é");
    strcpy(after, before);
    strcat(before, "1");
    strcat(after, "2");
    struct arena *arena = arena_new();
    struct buf out = {0};
    struct change change = {CHANGE_REPLACED, "p", value_string(arena, before, 0),
                            value_string(arena, after, 0)};
    plan_value_add(&out, &change, 2, false);
    assert_null(strstr(buf_str(&out), "\\x"));
    assert_non_null(strstr(buf_str(&out), "é1\" → …é"));
    buf_free(&out);
    arena_free(arena);
}

static void texts_are_compared_by_lines(void **state)
{
    (void)state;
    shows("a\nb\nc\n", "a\nB\nc\n", "from line 2\n  - b\n  + B\n");
    shows("a\nb\n", "a\nb\nc\n", "from line 3\n  + c\n");
    shows("a\nb\nc", "a\nc", "from line 2\n  - b\n");
    shows("a", "a\nb", "from line 1\n  - a\n  + a\n  + b\n");
    shows("b\nb\nb\n", "b\nb\n", "from line 3\n  - b\n");
    shows("\n", "\n\n", "from line 2\n  + \n");
    shows("x\n\x1b[2J\n", "x\ny\n", "from line 2\n  - \\x1b[2J\n  + y\n");
}

static void many_lines_are_counted(void **state)
{
    (void)state;
    struct buf long_text = {0};
    for (int i = 0; i < 20; i++)
        buf_printf(&long_text, "line %d\n", i);
    struct arena *arena = arena_new();
    struct buf out = {0};
    struct change change = {CHANGE_REPLACED, "p", value_string(arena, "x\n", 0),
                            value_string(arena, buf_str(&long_text), 0)};
    plan_value_add(&out, &change, 2, true);
    assert_non_null(strstr(buf_str(&out), "line 11\n"));
    assert_null(strstr(buf_str(&out), "line 12\n"));
    assert_non_null(strstr(buf_str(&out), "and 8 more lines\n"));
    buf_free(&out);
    buf_free(&long_text);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_values_are_whole),
        cmocka_unit_test(a_change_at_the_end_of_a_long_value_is_seen),
        cmocka_unit_test(characters_are_not_cut),
        cmocka_unit_test(texts_are_compared_by_lines),
        cmocka_unit_test(many_lines_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
