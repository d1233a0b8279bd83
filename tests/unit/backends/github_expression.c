/* How expressions of GitHub are printed: precedence, quotes, ${{ }} and its absence in `if`. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "backends/github/github.h"

static struct compilation *compilation;
static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    compilation = compilation_new();
    arena = compilation->arena;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    compilation_free(compilation);
    return 0;
}

static const struct expr *name(const char *text)
{
    return expr_name(arena, "github", text, 0);
}

static const struct expr *field(const struct expr *of, const char *text)
{
    return expr_make(arena, EXPR_FIELD, "github", text, &of, NULL, 1, 0);
}

static const struct expr *text(const char *string)
{
    return expr_literal(arena, "github", value_string(arena, string, 0));
}

static const struct expr *number(int64_t integer)
{
    return expr_literal(arena, "github", value_int(arena, integer, 0));
}

static const struct expr *binary(const char *operator_name, const struct expr *a, const struct expr *b)
{
    const struct expr *args[] = {a, b};
    return expr_make(arena, EXPR_BINARY, "github", operator_name, args, NULL, 2, 0);
}

static const struct expr * not(const struct expr *of)
{
    return expr_make(arena, EXPR_UNARY, "github", "not", &of, NULL, 1, 0);
}

static const struct expr *at(const struct expr *of, const struct expr *key)
{
    const struct expr *args[] = {of, key};
    return expr_make(arena, EXPR_INDEX, "github", NULL, args, NULL, 2, 0);
}

static void prints(const struct expr *expr, const char *expected)
{
    struct buf out = {0};
    assert_true(github_print_expression(compilation, &out, expr));
    assert_string_equal(buf_str(&out), expected);
    buf_free(&out);
}

static void operators_keep_their_meaning(void **state)
{
    (void)state;
    const struct expr *a = name("a"), *b = name("b"), *c = name("c");
    prints(binary("or", a, binary("and", b, c)), "a || b && c");
    prints(binary("and", binary("or", a, b), c), "(a || b) && c");
    prints(not(binary("==", a, b)), "!(a == b)");
    prints(not(a), "!a");
    prints(binary("==", not(a), b), "!a == b");
    prints(binary("==", binary("==", a, b), c), "(a == b) == c");
    prints(binary("==", binary("<", a, b), c), "a < b == c");
    prints(binary("<", binary("==", a, b), c), "(a == b) < c");
    prints(binary("??", a, text("x")), "a || 'x'");
    prints(binary("in", a,
                  expr_literal(
                      arena, "github",
                      value_list(arena, (const struct value *[]){value_string(arena, "it's", 0)}, 1, 0))),
           "contains(fromJSON('[\"it''s\"]'), a)");
}

static void names_and_strings_are_quoted(void **state)
{
    (void)state;
    prints(binary("==", field(name("github"), "event_name"), text("pull_request")),
           "github.event_name == 'pull_request'");
    prints(text("it's"), "'it''s'");
    prints(text("}} ${{ x"), "'}} ${{ x'");
    prints(field(field(at(name("needs"), text("image-iris-api")), "outputs"), "digest"),
           "needs.image-iris-api.outputs.digest");
    prints(at(name("needs"), text("a b'c")), "needs['a b''c']");
    prints(at(name("steps"), name("x")), "steps[x]");
    prints(number(-5), "-5");
    const struct expr *as[] = {name("a"), text("NAME")};
    prints(expr_make(arena, EXPR_CALL, "github", "as", as, NULL, 2, 0), "a");
}

static void arithmetic_is_refused(void **state)
{
    (void)state;
    struct buf out = {0};
    assert_false(github_print_expression(compilation, &out, binary("*", name("a"), number(2))));
    assert_int_equal(diag_at(compilation->diags, 0)->code, DIAG_BUILD_EXPRESSION);
    buf_free(&out);
}

static const struct value *expression(const struct expr *expr)
{
    return value_expression(arena, expr, 0);
}

static void documents_hold_expressions_as_text(void **state)
{
    (void)state;
    const struct value *pieces[] = {value_string(arena, "a ", 0), expression(field(name("github"), "ref")),
                                    value_string(arena, " ${{ not one }}", 0)};
    struct field fields[] = {{"if", 0, expression(binary("==", name("a"), text("b")))},
                             {"with", 0, value_text(arena, pieces, 3, 0)},
                             {"plain", 0, expression(name("x"))},
                             {"literal", 0, value_string(arena, "${{ secrets.X }}", 0)}};
    const struct value *done = github_finish(compilation, value_record(arena, fields, 4, 0));
    assert_non_null(done);
    assert_string_equal(value_get(done, "if")->text, "a == 'b'");
    assert_string_equal(value_get(done, "with")->text, "a ${{ github.ref }} ${{ '${{' }} not one }}");
    assert_string_equal(value_get(done, "plain")->text, "${{ x }}");
    assert_string_equal(value_get(done, "literal")->text, "${{ '${{' }} secrets.X }}");
}

static void texts_of_extra_are_githubs_own(void **state)
{
    (void)state;
    const struct value *raw =
        backend_github.accept(compilation, value_string(arena, "x ${{ secrets.A }}y", 0));
    assert_string_equal(github_finish(compilation, raw)->text, "x ${{ secrets.A }}y");
    const struct value *open = backend_github.accept(compilation, value_string(arena, "x ${{ y", 0));
    assert_string_equal(github_finish(compilation, open)->text, "x ${{ '${{' }} y");
}

static void other_dialects_and_long_texts_are_refused(void **state)
{
    (void)state;
    const struct value *slot = value_expression(arena, expr_name(arena, "slot", "port", 0), 0);
    assert_null(github_finish(compilation, slot));
    assert_int_equal(diag_at(compilation->diags, 0)->code, DIAG_BUILD_DIALECT);
    char *long_text = arena_alloc(arena, 22001);
    memset(long_text, 'x', 22000);
    const struct value *pieces[] = {value_string(arena, long_text, 0), expression(name("a"))};
    assert_null(github_finish(compilation, value_text(arena, pieces, 2, 0)));
    assert_int_equal(diag_at(compilation->diags, 1)->code, DIAG_BUILD_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operators_keep_their_meaning, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_and_strings_are_quoted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(arithmetic_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(documents_hold_expressions_as_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_of_extra_are_githubs_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_dialects_and_long_texts_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
