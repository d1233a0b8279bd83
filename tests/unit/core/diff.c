#include "tests/unit/core/fixture.h"
#include "core/documents/diff.h"

static void check_diff(const char *before, const char *after, const char *wanted)
{
    struct fixture fixture = fixture_begin();
    struct vec changes = vec_in(fixture.arena);
    const struct value *a = fixture_yaml(&fixture, before, strlen(before));
    const struct value *b = fixture_yaml(&fixture, after, strlen(after));
    assert_non_null(a);
    assert_non_null(b);
    document_diff(fixture.arena, a, b, &changes);
    for (size_t i = 0; i < changes.count; i++) {
        const struct change *change = changes.items[i];
        buf_printf(&fixture.out, "%c %s", "+-~"[change->kind], change -> path);
        if (change->before) {
            buf_add_char(&fixture.out, ' ');
            value_print(&fixture.out, change->before);
        }
        if (change->after) {
            buf_add_str(&fixture.out, " > ");
            value_print(&fixture.out, change->after);
        }
        buf_add_char(&fixture.out, '\n');
    }
    assert_string_equal(buf_str(&fixture.out), wanted);
    fixture_end(&fixture);
}

static void test_records(void **state)
{
    (void)state;
    check_diff("{a: 1, b: {c: 2, d: 3}, e: 4}", "{e: 4, b: {d: 5, f: 6}, a: 1.0}",
               "~ b.d 3 > 5\n+ b.f > 6\n- b.c 2\n");
    check_diff("{m: {app.kubernetes.io/name: x}}", "{m: {app.kubernetes.io/name: y}}",
               "~ m[\"app.kubernetes.io/name\"] \"x\" > \"y\"\n");
    check_diff("1", "[1]", "~  1 > [1]\n");
    check_diff("{a: null}", "{}", "- a null\n");
}

static void test_lists(void **state)
{
    (void)state;
    check_diff("[{name: a, v: 1}, {name: b, v: 2}]", "[{name: b, v: 3}, {name: c}, {name: a, v: 1}]",
               "~ [name=b].v 2 > 3\n+ [name=c] > {\"name\": \"c\"}\n");
    check_diff("[{port: 80}, {port: 81}]", "[{port: 81}]", "- [port=80] {\"port\": 80}\n");
    check_diff("[1, 2, 3]", "[1, 4]", "~ [1] 2 > 4\n- [2] 3\n");
    check_diff("[{name: a}, {name: a, v: 1}]", "[{name: a, v: 1}]",
               "+ [0].v > 1\n- [1] {\"name\": \"a\", \"v\": 1}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records), cmocka_unit_test(test_lists)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
