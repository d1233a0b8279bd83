#include "tests/unit/core/fixture.h"

static void check_pretty(const char *text, const char *pretty)
{
    struct fixture fixture = fixture_begin();
    const struct value *value = fixture_json(&fixture, text);
    if (!value)
        fail_msg("refused: %s\n%s", text, fixture_messages(&fixture));
    buf_clear(&fixture.out);
    assert_true(json_write(&fixture.out, value, (struct json_style){JSON_PRETTY, false}, NULL));
    assert_string_equal(buf_str(&fixture.out), pretty);
    fixture_end(&fixture);
}

static void test_layouts(void **state)
{
    (void)state;
    check_pretty("{\"b\":[1,2.5,\"x\",null],\"a\":{\"k\":[{}],\"l\":[]}}", "{\n"
                                                                           "  \"b\": [1, 2.5, \"x\", null],\n"
                                                                           "  \"a\": {\n"
                                                                           "    \"k\": [\n"
                                                                           "      {}\n"
                                                                           "    ],\n"
                                                                           "    \"l\": []\n"
                                                                           "  }\n"
                                                                           "}");
    struct fixture fixture = fixture_begin();
    const struct value *value =
        fixture_json(&fixture, " {\"b\" : [ 1 , true ] , \"a\" : \"\\u00e9\\ud83d\\ude00\\n\" } ");
    assert_non_null(value);
    assert_true(json_write(&fixture.out, value, (struct json_style){JSON_COMPACT, true}, NULL));
    assert_string_equal(buf_str(&fixture.out), "{\"a\":\"é😀\\n\",\"b\":[1,true]}");
    fixture_end(&fixture);
}

static void test_numbers(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct value *list = fixture_json(
        &fixture,
        "[9223372036854775807,-9223372036854775808,9223372036854775808,1.0,-0,1e2,0.1,123456789012345678]");
    assert_non_null(list);
    static const enum value_kind kinds[] = {VALUE_INT,   VALUE_INT,   VALUE_FLOAT, VALUE_FLOAT,
                                            VALUE_FLOAT, VALUE_FLOAT, VALUE_FLOAT, VALUE_INT};
    for (size_t i = 0; i < list->count; i++)
        assert_int_equal(list->items[i]->kind, kinds[i]);
    assert_true(json_write(&fixture.out, list, (struct json_style){JSON_COMPACT, false}, NULL));
    assert_string_equal(buf_str(&fixture.out),
                        "[9223372036854775807,-9223372036854775808,9223372036854776000.0,1,-0,"
                        "100,0.1,123456789012345678]");
    fixture_end(&fixture);
}

static void check_message(const char *text, const char *message)
{
    struct fixture fixture = fixture_begin();
    assert_null(fixture_json(&fixture, text));
    assert_string_equal(fixture_messages(&fixture), message);
    fixture_end(&fixture);
}

static void test_messages(void **state)
{
    (void)state;
    check_message("{\"a\": 1,}", "error[MLC1000]: a comma stands before `}`\n"
                                 " --> in.json:1:8\n"
                                 "1 | {\"a\": 1,}\n"
                                 "  |        ^ JSON has no trailing commas\n");
    check_message("{\"a\": 1,\n \"é\": 2, \"a\": 3}",
                  "error[MLC1001]: the key `a` stands twice in one object\n"
                  " --> in.json:2:10\n"
                  "2 |  \"é\": 2, \"a\": 3}\n"
                  "  |          ^^^ second\n"
                  "1 | {\"a\": 1,\n"
                  "  |  --- first\n");
    check_message("[1, [2", "error[MLC1000]: `[` is never closed\n"
                            " --> in.json:1:5\n"
                            "1 | [1, [2\n"
                            "  |     ^ opened here\n");
    check_message("{'a': 1}", "error[MLC1000]: expected a key in double quotes, found `'`\n"
                              " --> in.json:1:2\n"
                              "1 | {'a': 1}\n"
                              "  |  ^\n");
    check_message("[\"ab\n\"]", "error[MLC1000]: a string is not closed in its line\n"
                                " --> in.json:1:2\n"
                                "1 | [\"ab\n"
                                "  |  ^^^ `\"` is missing at its end\n");
    check_message("[1 2]", "error[MLC1000]: expected `,` or `]`, found `2`\n"
                           " --> in.json:1:4\n"
                           "1 | [1 2]\n"
                           "  |    ^\n");
}

static void test_refusals(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        " ",
                                        "{",
                                        "}",
                                        "nul",
                                        "truex",
                                        "01",
                                        "-",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "1e",
                                        "1e400",
                                        "NaN",
                                        "[1,]",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{a:1}",
                                        "\"\\x\"",
                                        "\"\\u12\"",
                                        "\"\\ud800\"",
                                        "\"\t\"",
                                        "1 2",
                                        "\"\xff\"",
                                        "[\"\\ud800\\u0041\"]",
                                        "{\"\\u0000\":1}",
                                        "// x\n1",
                                        "'a'"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct fixture fixture = fixture_begin();
        if (fixture_json(&fixture, texts[i]))
            fail_msg("accepted: %s", texts[i]);
        assert_int_equal(diag_count(fixture.diags), 1);
        const char *why = NULL;
        assert_null(json_read_text(fixture.arena, texts[i], strlen(texts[i]), &why));
        assert_null(json_read_text(fixture.arena, texts[i], strlen(texts[i]), NULL));
        assert_non_null(strstr(why, "line "));
        fixture_end(&fixture);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    struct buf text = {0};
    buf_add_repeat(&text, '[', 100000);
    const struct source *deep =
        source_add(fixture.sources, SOURCE_OTHER, "deep.json", text.data, text.length);
    assert_null(json_read(fixture.arena, deep, (struct json_limits){0}, NULL, fixture.diags));
    assert_non_null(strstr(fixture_messages(&fixture), "nested deeper than 200 levels"));
    const struct source *wide = fixture_source(&fixture, "wide.json", "[1,2,3,4]");
    assert_null(json_read(fixture.arena, wide, (struct json_limits){.nodes = 3}, NULL, fixture.diags));
    assert_non_null(json_read(fixture.arena, wide, (struct json_limits){.nodes = 5}, NULL, fixture.diags));
    buf_free(&text);
    fixture_end(&fixture);
}

static void test_duplicates_in_large_objects(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    struct buf text = {0};
    buf_add_char(&text, '{');
    for (int i = 0; i < 2000; i++)
        buf_printf(&text, "\"k%d\":%d,", i, i);
    buf_add_str(&text, "\"k77\":0}");
    assert_null(fixture_json(&fixture, text.data));
    assert_non_null(strstr(fixture_messages(&fixture), "the key `k77` stands twice"));
    buf_free(&text);
    fixture_end(&fixture);
}

static void test_origins(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct value *value = fixture_json(&fixture, "{\"a\": [10, \"x\"]}");
    const struct value *item = value_get(value, "a")->items[1];
    struct span span = origin_user_span(fixture.origins, fixture.sources, item->origin);
    assert_int_equal(span.start, 11);
    assert_int_equal(span.end, 14);
    span = origin_span(fixture.origins, value->fields[0].key_origin);
    assert_int_equal(span.start, 1);
    assert_int_equal(span.end, 4);
    span = origin_span(fixture.origins, value->origin);
    assert_int_equal(span.end, 16);
    fixture_end(&fixture);
}

static void test_strings_are_escaped(void **state)
{
    (void)state;
    struct buf out = {0};
    json_write_string(&out, "a\"\\/\b\f\n\r\t\x01\0\x7f\xe2\x80\xa8\xe2\x80\xa9\xff\xed\xa0\x80", 22);
    assert_string_equal(buf_str(&out), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u0000\x7f\\u2028\\u2029"
                                       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    buf_free(&out);
}

static void test_refuses_what_no_document_holds(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct value *bad = NULL, *quantity = value_quantity(fixture.arena, 5, UNIT_PERCENT, 0);
    const struct value *list = value_list(fixture.arena, &quantity, 1, 0);
    assert_false(json_write(&fixture.out, list, (struct json_style){JSON_PRETTY, false}, &bad));
    assert_ptr_equal(bad, quantity);
    fixture_end(&fixture);
}

/* Digits are kept where a double rounds them, and nowhere else. */
static void test_exact_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *digits;
    } cases[] = {{"0.1", NULL},
                 {"9007199254740993", NULL}, /* an int */
                 {"9007199254740993.5", "9007199254740993.5"},
                 {"123456789012345678901", "123456789012345678901"},
                 {"-0.12345678901234567890", "-0.12345678901234567890"},
                 {"1.2345678901234567890e3", NULL}, /* `digits` have no exponent */
                 {"1234567890123456.5", NULL}};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = NULL;
        const struct value *value = json_read_exact(arena, cases[i].text, strlen(cases[i].text), &why);
        const struct value *rounded = json_read_text(arena, cases[i].text, strlen(cases[i].text), &why);
        assert_int_equal(value->kind, rounded->kind);
        if (value->kind != VALUE_FLOAT)
            continue;
        assert_true(value->number == rounded->number);
        assert_null(rounded->digits);
        if (cases[i].digits)
            assert_string_equal(value->digits, cases[i].digits);
        else
            assert_null(value->digits);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_numbers),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_duplicates_in_large_objects),
        cmocka_unit_test(test_origins),
        cmocka_unit_test(test_strings_are_escaped),
        cmocka_unit_test(test_refuses_what_no_document_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
