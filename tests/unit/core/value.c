#include "tests/unit/core/fixture.h"
#include "core/value.h"

static const char *printed(struct fixture *fixture, const struct value *value)
{
    buf_clear(&fixture->out);
    value_print(&fixture->out, value);
    return buf_str(&fixture->out);
}

static void test_quantities(void **state)
{
    (void)state;
    static const struct {
        double amount;
        enum quantity_unit unit;
        const char *text;
    } cases[] = {{5, UNIT_PERCENT, "5%"},        {0.5, UNIT_PERCENT, "0.5%"},
                 {5400e6, UNIT_DURATION, "90m"}, {86400e6 * 7, UNIT_DURATION, "7d"},
                 {0, UNIT_DURATION, "0s"},       {200e3, UNIT_DURATION, "200ms"},
                 {0.5, UNIT_DURATION, "0.5us"},  {1536 * 1048576.0, UNIT_SIZE, "1536Mi"},
                 {1e6, UNIT_SIZE, "1M"},         {1023, UNIT_SIZE, "1023B"},
                 {0, UNIT_SIZE, "0B"},           {50, UNIT_RATE, "50/s"},
                 {0.5, UNIT_RATE, "30/m"},       {-60e6, UNIT_DURATION, "-1m"}};
    struct fixture fixture = fixture_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(
            printed(&fixture, value_quantity(fixture.arena, cases[i].amount, cases[i].unit, 0)),
            cases[i].text);
    fixture_end(&fixture);
}

static void test_builders(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    struct record_builder record = record_begin(fixture.arena);
    char key[16];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 100; i++) {
            snprintf(key, sizeof key, "k%d", i);
            record_set(&record, key, value_int(fixture.arena, i + round, 0));
        }
    const struct value *value = record_end(&record, 3);
    assert_int_equal(value->field_count, 100);
    assert_int_equal(value->origin, 3);
    assert_int_equal(value_get(value, "k99")->integer, 100);
    assert_string_equal(value->fields[7].key, "k7");
    assert_null(value_get(value, "k100"));
    assert_null(value_path(value, "k1", "x", NULL));
    assert_string_equal(value_string_or(value_get(value, "k1"), "none"), "none");
    fixture_end(&fixture);
}

static void check_equal(const char *a, const char *b, bool equal)
{
    struct fixture fixture = fixture_begin();
    const struct value *left = fixture_json(&fixture, a), *right = fixture_json(&fixture, b);
    assert_non_null(left);
    assert_non_null(right);
    assert_int_equal(value_equal(left, right), equal);
    assert_int_equal(value_equal(right, left), equal);
    int order = value_compare(left, right);
    assert_int_equal(order == 0, equal);
    assert_int_equal(order<0, value_compare(right, left)> 0);
    const char *one = arena_strdup(fixture.arena, printed(&fixture, left));
    assert_int_equal(strcmp(one, printed(&fixture, right)) == 0, equal);
    fixture_end(&fixture);
}

static void test_equality_and_order(void **state)
{
    (void)state;
    check_equal("1", "1.0", true);
    check_equal("9007199254740993", "9007199254740992.0", false);
    check_equal("{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}", true);
    check_equal("{\"a\":1}", "{\"b\":1}", false);
    check_equal("{\"a\":1}", "{\"a\":1,\"b\":null}", false);
    check_equal("[1,2]", "[2,1]", false);
    check_equal("\"a\"", "\"a\\u0000\"", false);
    check_equal("null", "false", false);
    check_equal("[]", "{}", false);
    check_equal("-1", "1", false);
}

static void test_large_records_in_another_order(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    struct record_builder up = record_begin(fixture.arena), down = record_begin(fixture.arena);
    for (int i = 0; i < 500; i++) {
        record_set(&up, arena_printf(fixture.arena, "k%d", i), value_int(fixture.arena, i, 0));
        record_set(&down, arena_printf(fixture.arena, "k%d", 499 - i), value_int(fixture.arena, 499 - i, 0));
    }
    const struct value *a = record_end(&up, 0), *b = record_end(&down, 0);
    assert_true(value_equal(a, b));
    assert_int_equal(value_compare(a, b), 0);
    fixture_end(&fixture);
}

static void test_merge(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct value *left = fixture_json(&fixture, "{\"a\":{\"x\":1,\"y\":2},\"b\":[1],\"c\":1}");
    const struct value *right = fixture_json(&fixture, "{\"b\":[2],\"a\":{\"y\":3,\"z\":4},\"d\":null}");
    const struct value *wanted =
        fixture_json(&fixture, "{\"a\":{\"x\":1,\"y\":3,\"z\":4},\"b\":[2],\"c\":1,\"d\":null}");
    const struct value *merged = value_merge(fixture.arena, left, right);
    assert_true(value_equal(merged, wanted));
    assert_string_equal(merged->fields[0].key, "a");
    assert_string_equal(merged->fields[3].key, "d");
    fixture_end(&fixture);
}

static void test_print_of_all_kinds(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    struct arena *arena = fixture.arena;
    const struct value *low = value_int(arena, 3, 0), *high = value_int(arena, 12, 0);
    assert_string_equal(printed(&fixture, value_range(arena, low, high, 0)), "3..12");
    assert_string_equal(printed(&fixture, value_range(arena, NULL, high, 0)), "..12");
    struct field field = {"branch", 0, value_word(arena, "main", 0)};
    assert_string_equal(printed(&fixture, value_variant(arena, "push", &field, 1, 0)),
                        "push(\"branch\": main)");
    assert_string_equal(printed(&fixture, fixture_json(&fixture, "{\"b\":\"x\\n\",\"a\":[1.5,null]}")),
                        "{\"a\": [1.5, null], \"b\": \"x\\n\"}");
    assert_string_equal(value_kind_name(value_quantity(arena, 1, UNIT_DURATION, 0)), "a duration");
    assert_string_equal(value_kind_name(low), "an integer");
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_builders),
        cmocka_unit_test(test_equality_and_order),
        cmocka_unit_test(test_large_records_in_another_order),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_print_of_all_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
