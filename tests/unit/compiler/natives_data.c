/* What the templates for data call: literals and names of other languages, lowerings of measures and of row
 * conditions, and functions of the library called without a project. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "compiler/library.h"
#include "compiler/natives.h"
#include "core/expr.h"

static struct compilation *library;
static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    library = library_open("backends/data/");
    arena = library->arena;
    assert_int_equal(diag_error_count(library->diags), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    compilation_free(library);
    return 0;
}

static const struct value *call(const char *name, const struct value *const *arguments, size_t count)
{
    struct native_call native_call = {
        .compilation = library, .arena = arena, .arguments = arguments, .count = count};
    const struct native *native = native_find(name);
    assert_non_null(native);
    return native->run(&native_call);
}

static const struct value *str(const char *text)
{
    return value_string(arena, text, 0);
}

static const struct value *call_one(const char *name, const struct value *argument)
{
    return call(name, &argument, 1);
}

static void gives(const struct value *found, const char *expected)
{
    assert_non_null(found);
    assert_string_equal(value_string_or(found, "(no text)"), expected);
}

static void literals_of_sql(void **state)
{
    (void)state;
    gives(call_one("sql_literal", str("it's \\ \"x\"")), "'it''s \\ \"x\"'");
    gives(call_one("sql_literal", value_int(arena, INT64_MIN, 0)), "-9223372036854775808");
    gives(call_one("sql_literal", value_float(arena, 0.1, 0)), "0.1");
    gives(call_one("sql_literal", value_bool(arena, true, 0)), "TRUE");
    assert_int_equal(call_one("sql_literal", value_null(arena, 0))->kind, VALUE_NULL);
    assert_int_equal(call_one("sql_literal", value_string_n(arena, "a\0b", 3, 0))->kind, VALUE_NULL);
    assert_int_equal(call_one("sql_literal", value_float(arena, 1.0 / 0.0, 0))->kind, VALUE_NULL);
    assert_int_equal(call_one("sql_literal", value_list(arena, NULL, 0, 0))->kind, VALUE_NULL);
    gives(call_one("sql_literal", value_float(arena, 1.5e25, 0)), "15000000000000000000000000");
    static const char *const NUMBERS[][2] = {
        {"1.5e+3", "1500"},   {"-1.25e-3", "-0.00125"},
        {"1.25e+1", "12.5"},  {"3e-7", "0.0000003"},
        {"0.1", "0.1"},       {"-7", "-7"},
        {"1e+300", "1e+300"}, {"5.217169254759078e+24", "5217169254759078000000000"},
        {"1.2e-1", "0.12"},   {"12e+0", "12"},
        {"false", "false"}};
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
        gives(call_one("sql_number", str(NUMBERS[i][0])), NUMBERS[i][1]);
    gives(call_one("sql_table", str("shop.\"a.b\"")), "\"shop\".\"a.b\"");
    assert_int_equal(call_one("sql_table", str("shop.\"a"))->kind, VALUE_NULL);
}

static void literals_of_the_language(void **state)
{
    (void)state;
    gives(call_one("quote_mlc", str("a\"b\\(c)\n\x01")), "\"a\\\"b\\\\(c)\\n\\u0001\"");
    assert_int_equal(call_one("quote_mlc", str("\xff"))->kind, VALUE_NULL);
    assert_null(call_one("quote_mlc", value_int(arena, 1, 0)));
}

static void names_of_the_language(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"amount", "amount"},  {"a b", "a_b_2"},
        {"a_b", "a_b"},        {"and", "column_and"},
        {"", "column_5"},      {"1st", "column_1st"},
        {"a-b", "a-b"},        {"a-", "a"},
        {"zoë", "zo"},         {"features", "column_features"},
        {"日本", "column_11"}, {"a b", "a_b_3"},
    };
    const struct value *items[12];
    for (size_t i = 0; i < 12; i++)
        items[i] = str(texts[i][0]);
    const struct value *names = call_one("spec_names", value_list(arena, items, 12, 0));
    assert_non_null(names);
    for (size_t i = 0; i < 12; i++)
        gives(names->items[i], texts[i][1]);
}

static void loosened(double x, double by, const char *expected)
{
    const struct value *arguments[] = {value_float(arena, x, 0), value_float(arena, by, 0)};
    gives(call("loosen", arguments, 2), expected);
}

static void bounds_have_room(void **state)
{
    (void)state;
    loosened(101.3, 10.1, "120");
    loosened(-3.2, -1, "-4.2");
    loosened(0.5, -2, "0"); /* what is not negative stays so */
    loosened(-0.5, 2, "0");
    loosened(0.001234, 0, "0.0012");
    loosened(9.2e18, 1e17, "9300000000000000000.0");
    loosened(1.7e308, 1.7e308, "1.7e+308");
    const struct value *arguments[] = {str("x"), str("y")};
    assert_null(call("loosen", arguments, 2));
}

static const struct expr *binary(const char *operator_name, const struct expr *a, const struct expr *b)
{
    const struct expr *args[] = {a, b};
    return expr_make(arena, EXPR_BINARY, "row", operator_name, args, NULL, 2, 0);
}

static const struct expr *column(const char *name)
{
    return expr_name(arena, "row", name, 0);
}

static const struct expr *literal(const struct value *value)
{
    return expr_literal(arena, "row", value);
}

static const struct value *lowered_row(const struct expr *expr, const char *dialect)
{
    const struct value *arguments[] = {value_expression(arena, expr, 0), str(dialect)};
    return call("lower_row", arguments, 2);
}

static void row_conditions_become_sql(void **state)
{
    (void)state;
    const struct value *items[] = {value_int(arena, 1, 0), value_null(arena, 0), str("x")};
    const struct expr *list = literal(value_list(arena, items, 3, 0));
    const struct expr *negated =
        binary("or", column("flag"), binary("==", column("mean"), literal(str("it's"))));
    negated = expr_make(arena, EXPR_UNARY, "row", "not", &negated, NULL, 1, 0);
    gives(value_get(lowered_row(negated, "sql"), "text"),
          "(NOT (coalesce(\"flag\", FALSE) OR coalesce(\"mean\" = 'it''s', FALSE)))");
    gives(value_get(lowered_row(binary("not in", column("a"), list), "sql"), "text"),
          "(NOT coalesce(\"a\" IN (1, 'x'), FALSE))");
    gives(value_get(lowered_row(binary("!=", literal(value_null(arena, 0)), column("a")), "sql"), "text"),
          "(\"a\" IS NOT NULL)");
    gives(value_get(lowered_row(binary("!=", column("a"), column("b")), "pandas"), "text"), "a != b");
    gives(value_get(lowered_row(
                        binary("<", binary("+", column("a b"), column("c")), literal(value_int(arena, 2, 0))),
                        "pandas"),
                    "text"),
          "`a b` + c < 2");
}

/* The reason is the caller's: nothing is reported. */
static void what_a_dialect_cannot_say_has_a_reason(void **state)
{
    (void)state;
    const struct value *found = lowered_row(binary("/", column("a"), column("b")), "sql");
    assert_int_equal(value_get(found, "text")->kind, VALUE_NULL);
    assert_non_null(strstr(value_get(found, "why")->text, "`/`"));
    const struct expr *deep = column("a");
    for (int i = 0; i < 1000; i++)
        deep = binary("and", deep, column("b"));
    assert_int_equal(value_get(lowered_row(deep, "sql"), "text")->kind, VALUE_NULL);
    found = lowered_row(binary("==", column("a"), literal(value_float(arena, 0.0 / 0.0, 0))), "sql");
    assert_int_equal(value_get(found, "text")->kind, VALUE_NULL);
    assert_int_equal(diag_error_count(library->diags), 0);
}

static const struct value *lowered(const char *name, const char *check, const char *target)
{
    const struct value *names[] = {str("a\"b")};
    struct field slots[] = {
        {"x", 0, str("X")}, {"only", 0, str(" FILTER (WHERE TRUE)")}, {"high", 0, value_int(arena, 3, 0)}};
    const struct value *arguments[] = {str(check), str(target), value_list(arena, names, 1, 0),
                                       value_record(arena, slots, 3, 0)};
    return call(name, arguments, 4);
}

static void measures_say_themselves(void **state)
{
    (void)state;
    gives(lowered("lowered", "stdev", "sql"), "stddev_samp(X) FILTER (WHERE TRUE)");
    const struct value *mean = lowered("lowered_document", "mean", "great_expectations");
    gives(value_get(mean, "type"), "expect_column_mean_to_be_between");
    gives(value_path(mean, "kwargs", "column", NULL), "a\"b");
    assert_null(value_path(mean, "kwargs", "min_value", NULL));
    assert_int_equal(value_path(mean, "kwargs", "max_value", NULL)->integer, 3);
    assert_int_equal(lowered("lowered", "between", "sql")->kind, VALUE_NULL); /* no measure */
    assert_int_equal(lowered("lowered", "columns", "sql")->kind, VALUE_NULL); /* no lowering */
}

static void functions_are_called_without_a_project(void **state)
{
    (void)state;
    const char *why = NULL;
    const struct value *arguments[] = {str("a\\Z\\\\Z")};
    gives(library_call(library, "data.re2", arguments, 1, &why), "a\\z\\\\Z");
    assert_null(library_call(library, "data.no_such_function", arguments, 1, &why));
    assert_non_null(why);
    const struct value *wrong[] = {value_int(arena, 1, 0)};
    assert_null(library_call(library, "data.re2", wrong, 1, &why));
    assert_non_null(strstr(why, "expected a string"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(literals_of_sql, set_up, tear_down),
        cmocka_unit_test_setup_teardown(literals_of_the_language, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_the_language, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bounds_have_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(row_conditions_become_sql, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_dialect_cannot_say_has_a_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(measures_say_themselves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(functions_are_called_without_a_project, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
