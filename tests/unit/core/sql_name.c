/* Names of tables as people write them in SQL, and what is none. */

#include "tests/unit/core/fixture.h"

#include "core/sql_name.h"

static const char *quoted(struct buf *out, const char *name)
{
    const char *why = NULL;
    out->length = 0;
    assert_true(sql_name_quote(out, name, strlen(name), &why));
    assert_null(why);
    return buf_str(out);
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *wanted;
    } cases[] = {
        {"orders", "\"orders\""},
        {"Orders 2", "\"Orders 2\""}, /* without quotes as it stands */
        {"shop.orders", "\"shop\".\"orders\""},
        {"\"shop\".orders", "\"shop\".\"orders\""},
        {"sales.\"a.b\"", "\"sales\".\"a.b\""},
        {"\"a.b\".\"c.d\".\"e.f\"", "\"a.b\".\"c.d\".\"e.f\""},
        {"\"say \"\"hi\"\"\"", "\"say \"\"hi\"\"\""},
        {"\"\"\"\"", "\"\"\"\""}, /* a name of one quote */
        {"\"; drop table t; --\"", "\"; drop table t; --\""},
        {"\"zo\xc3\xab\".\xe6\x97\xa5", "\"zo\xc3\xab\".\"\xe6\x97\xa5\""},
    };
    struct buf out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(quoted(&out, cases[i].name), cases[i].wanted);
    buf_free(&out);
}

static void test_what_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *name, *why;
    } cases[] = {
        {"", "empty"},
        {".orders", "empty"},
        {"shop.", "empty"},
        {"a..b", "empty"},
        {"\"\"", "empty"},
        {"a.\"\"", "empty"},
        {"\"a", "not closed"},
        {"a.\"b.c", "not closed"},
        {"\"", "not closed"},
        {"\"a\"\"", "not closed"},
        {"s.t\"", "inside a part"},
        {"a\"b\".c", "inside a part"},
        {"\"a\"b", "no dot"},
        {"\"a\" .b", "no dot"},
        {"a.b.c.d", "more than three"},
    };
    struct buf out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = NULL;
        assert_false(sql_name_quote(&out, cases[i].name, strlen(cases[i].name), &why));
        if (!strstr(why, cases[i].why))
            fail_msg("%s: %s", cases[i].name, why);
    }
    assert_int_equal(out.length, 0);
    const char *why = NULL;
    assert_false(sql_name_quote(&out, "a\0b", 3, &why));
    assert_string_equal(why, "it holds a NUL");
    buf_free(&out);
}

static void test_bounds(void **state)
{
    (void)state;
    char name[SQL_NAME_PART_BYTES * 2 + 4] = "\"";
    const char *why = NULL;
    struct buf out = {0};
    memset(name + 1, '"', SQL_NAME_PART_BYTES * 2); /* that many doubled quotes */
    strcpy(name + 1 + SQL_NAME_PART_BYTES * 2, "\"");
    assert_true(sql_name_quote(&out, name, strlen(name), &why));
    assert_string_equal(buf_str(&out), name);
    memset(name, 'a', SQL_NAME_PART_BYTES + 1);
    assert_false(sql_name_quote(&out, name, SQL_NAME_PART_BYTES + 1, &why));
    assert_string_equal(why, "a part of it is longer than 255 bytes");
    assert_true(sql_name_quote(&out, name, SQL_NAME_PART_BYTES, &why));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
