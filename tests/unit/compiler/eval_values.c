/* Expressions to values: units, operators, comprehensions, text, lifting, and what is refused. */

#include "tests/unit/compiler/graph_support.h"

/* The canonical text of `let x = EXPR`, in an arena that lives until the next call of the fixture. */
static void assert_gives(const char *expression, const char *expected)
{
    struct buf text = {0}, out = {0};
    buf_printf(
        &text,
        "fn twice(n: int): int = 2 * n\nfn pick(a: string, b: string = \"z\"): string = \"\\(a)\\(b)\"\n"
        "let base = { a: 1, b: { c: 2 } }\nlet x = %s\n",
        expression);
    struct compilation *c = compile_text(buf_str(&text));
    const struct constant *constant = constant_find(c, "x", span_none);
    assert_non_null(constant);
    const struct value *value = evaluate(c, NULL, constant->value);
    if (!value || diag_error_count(c->diags)) {
        diag_print_text(&out, c->diags, c->sources, (struct diag_style){0});
        fail_msg("%s:\n%s", expression, buf_str(&out));
    } else {
        value_print(&out, value);
    }
    assert_string_equal(buf_str(&out), expected);
    buf_free(&text);
    buf_free(&out);
    compilation_free(c);
}

/* Evaluation reports after the warnings of what these specs declare for some of their expressions only. */
static const struct diag *only_error(const struct compilation *c)
{
    assert_int_equal(diag_error_count(c->diags), 1);
    return diag_at(c->diags, diag_count(c->diags) - 1);
}

static void assert_fails(const char *expression, enum diag_code code)
{
    struct buf text = {0};
    buf_printf(&text, "fn twice(n: int): int = 2 * n\nlet none = null\nlet x = %s\n", expression);
    struct compilation *c = compile_text(buf_str(&text));
    const struct constant *constant = constant_find(c, "x", span_none);
    assert_non_null(constant);
    assert_null(evaluate(c, NULL, constant->value));
    const struct diag *error = only_error(c);
    if (error->code != code)
        fail_msg("%s gives %d: %s", expression, (int)error->code, error->message);
    buf_free(&text);
    compilation_free(c);
}

static void test_numbers(void **state)
{
    (void)state;
    assert_gives("1 + 2 * 3", "7");
    assert_gives("7 / 2", "3.5");
    assert_gives("6 / 2", "3");
    assert_gives("1.5 + 1", "2.5");
    assert_gives("-3 - -4", "1");
    assert_fails("1 / 0", DIAG_EVAL_ARITHMETIC);
    assert_fails("9223372036854775807 + 1", DIAG_EVAL_ARITHMETIC);
    assert_fails("-9223372036854775807 - 2", DIAG_EVAL_ARITHMETIC);
}

static void test_units(void **state)
{
    (void)state;
    assert_gives("10m + 30s", "630s");
    assert_gives("2 * 45m", "90m");
    assert_gives("1h / 30m", "2");
    assert_gives("1 - 5%", "0.95");
    assert_gives("50% * 2h", "1h");
    assert_gives("5% <= 0.05", "true");
    assert_gives("512Mi < 1Gi", "true");
    assert_gives("90s == 90000ms", "true");
    assert_fails("10m + 2Gi", DIAG_EVAL_OPERANDS);
    assert_fails("10m < 5", DIAG_EVAL_OPERANDS);
    assert_fails("10m * 10m", DIAG_EVAL_OPERANDS);
    assert_fails("\"a\" + \"b\"", DIAG_EVAL_OPERANDS);
}

static void test_logic(void **state)
{
    (void)state;
    assert_gives("true and not false", "true");
    assert_gives("false and 1 / 0 == 1", "false");
    assert_gives("true or 1 / 0 == 1", "true");
    assert_gives("null ?? 3", "3");
    assert_gives("if 1 < 2 then \"a\" else \"b\"", "\"a\"");
    assert_gives("3 in 1..5", "true");
    assert_gives("\"b\" not in [\"a\"]", "true");
    assert_gives("\"a\" in base", "true");
    assert_gives("forall n in [1, 2]: n > 0", "true");
    assert_gives("any n in [1, 2] where n > 1: n == 1", "false");
    assert_fails("1 and true", DIAG_EVAL_OPERANDS);
    assert_fails("if 1 then 2 else 3", DIAG_EVAL_OPERANDS);
    assert_fails("5..1", DIAG_EVAL_OPERANDS);
}

static void test_lists_and_records(void **state)
{
    (void)state;
    assert_gives("[for n in [1, 2, 3] where n > 1: n * n]", "[4, 9]");
    assert_gives("[for n in [1, 2]: ...[n, n]]", "[1, 1, 2, 2]");
    assert_gives("[for i in 1..3: twice(i)]", "[2, 4, 6]");
    assert_gives("[for k, v in { a: 1, b: 2 }: \"\\(k)=\\(v)\"]", "[\"a=1\", \"b=2\"]");
    assert_gives("[if 1 < 2: 1, if 2 < 1: 2]", "[1]");
    assert_gives("base & { b: { d: 3 } }", "{\"a\": 1, \"b\": {\"c\": 2, \"d\": 3}}");
    assert_gives("{ ...base, a: 9 }", "{\"a\": 9, \"b\": {\"c\": 2}}");
    assert_gives("{ for k in [\"x\", \"y\"] { \"\\(k)1\": k } }", "{\"x1\": \"x\", \"y1\": \"y\"}");
    assert_gives("{ a?: null, b?: 1 }", "{\"b\": 1}");
    assert_gives("base.b.c", "2");
    assert_gives("base[\"nothing\"]", "null");
    assert_gives("base[\"nothing\"]?.deeper", "null");
    assert_gives("[5, 6][1]", "6");
    assert_gives("(1..5).max", "5");
    assert_fails("{ a: 1 }.b", DIAG_EVAL_FIELD);
    assert_fails("{ a: 1, a: 2 }", DIAG_EVAL_DUPLICATE_KEY);
    assert_fails("[1][1]", DIAG_EVAL_INDEX);
    assert_fails("none.a", DIAG_EVAL_ABSENT);
    assert_fails("[for x in 5: x]", DIAG_EVAL_VALUE);
}

static void test_text(void **state)
{
    (void)state;
    assert_gives("\"a\\(1)b\\(2.5)c\\(10m)d\\(\"e\")\"", "\"a1b2.5c10mde\"");
    assert_fails("\"\\(true)\"", DIAG_EVAL_HOLE);
    assert_fails("\"\\([1])\"", DIAG_EVAL_HOLE);
    assert_fails("\"\\(none)\"", DIAG_EVAL_HOLE);
}

static void test_calls(void **state)
{
    (void)state;
    assert_gives("twice(4)", "8");
    assert_gives("pick(\"a\")", "\"az\"");
    assert_gives("pick(b: \"c\", a: \"a\")", "\"ac\"");
    assert_gives("upper(\"a\")", "\"A\"");
    assert_fails("twice()", DIAG_EVAL_CALL);
    assert_fails("twice(1, 2)", DIAG_EVAL_CALL);
    assert_fails("twice(n: 1, n: 2)", DIAG_EVAL_CALL);
    assert_fails("twice(m: 1)", DIAG_EVAL_CALL);
    assert_fails("twise(1)", DIAG_EVAL_CALL);
    assert_fails("nowhere", DIAG_EVAL_NAME);
    assert_fails("n-1", DIAG_EVAL_NAME);
}

/* The language has no recursion, but a long chain of calls must not use up the stack either. */
static void test_depth(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_str(&text, "fn f0(n: int): int = n\n");
    for (int i = 1; i < 3000; i++)
        buf_printf(&text, "fn f%d(n: int): int = f%d(n)\n", i, i - 1);
    buf_add_str(&text, "let x = f2999(1)\nlet y = f100(1)\n");
    struct compilation *c = compile_text(buf_str(&text));
    assert_non_null(evaluate(c, NULL, constant_find(c, "y", span_none)->value));
    assert_null(evaluate(c, NULL, constant_find(c, "x", span_none)->value));
    assert_int_equal(only_error(c)->code, DIAG_EVAL_DEPTH);
    buf_free(&text);
    compilation_free(c);
}

/* Lines that double lists, texts or records must not use up the memory. */
static void test_doubling(void **state)
{
    (void)state;
    static const char *const forms[] = {"[...x%d, ...x%d]", "\"\\(x%d)\\(x%d)\""};
    static const char *const starts[] = {"[1]", "\"x\""};
    for (size_t form = 0; form < 2; form++) {
        struct buf text = {0};
        buf_printf(&text, "let x0 = %s\n", starts[form]);
        for (int i = 1; i < 60; i++) {
            buf_printf(&text, "let x%d = ", i);
            for (const char *c = forms[form]; *c; c++) {
                if (*c == '%')
                    buf_printf(&text, "%d", i - 1), c++;
                else
                    buf_add_char(&text, *c);
            }
            buf_add_char(&text, '\n');
        }
        struct compilation *c = compile_text(buf_str(&text));
        c->limits.steps = 100000;
        assert_null(evaluate(c, NULL, constant_find(c, "x59", span_none)->value));
        assert_int_equal(only_error(c)->code, DIAG_EVAL_STEPS);
        buf_free(&text);
        compilation_free(c);
    }
}

static void test_circle(void **state)
{
    (void)state;
    struct compilation *c = compile_text("let a = b\nlet b = a\n");
    const struct constant *constant = constant_find(c, "a", span_none);
    assert_null(evaluate(c, NULL, constant->value));
    assert_int_equal(diag_at(c->diags, 0)->code, DIAG_ATTRIBUTE_CYCLE);
    compilation_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),  cmocka_unit_test(test_units),
        cmocka_unit_test(test_logic),    cmocka_unit_test(test_lists_and_records),
        cmocka_unit_test(test_text),     cmocka_unit_test(test_calls),
        cmocka_unit_test(test_depth),    cmocka_unit_test(test_circle),
        cmocka_unit_test(test_doubling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
