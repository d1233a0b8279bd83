/* Types: reading, printing, interning, what fits where, what two have in common. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "compiler/compilation.h"
#include "compiler/type_table.h"

/* `fn f(x: TYPE): int = 1` gives the type as the language reads it. */
static const struct type *read_type(struct compilation *c, const char *text)
{
    const char *source = arena_printf(c->arena, "type it = %s\n", text);
    const struct source *added = source_add(c->sources, SOURCE_USER, "t.mlc", source, strlen(source));
    const struct ast_file *file = parse_source(c->arena, added, (struct parse_limits){0}, c->diags);
    if (!file->complete || file->body->items == NULL || file->body->items->default_value == NULL)
        fail_msg("`%s` does not parse as a type", text);
    return type_of_expr(c, file->body->items->default_value);
}

static struct compilation *with_library(void)
{
    struct compilation *c = compilation_new();
    assert_true(load_library(c, false));
    declare(c);
    assert_int_equal(diag_count(c->diags), 0);
    return c;
}

static void test_printing_reads_back(void **state)
{
    (void)state;
    static const char *const types[] = {
        "string",
        "int?",
        "[string]",
        "{string: [int]}",
        "range(duration)",
        "int | range(int)",
        "(int | range(int))?",
        "one_of(canary, blue_green)",
        "one_of(push(branch: symbol), schedule(at: string, zone: string?), pull_request)",
        "{ scope: string, why?: string }",
        "expression(github)",
        "text(github)",
        "block(split)",
        "service",
        "node",
        "json",
        "T",
        "field(T)",
    };
    struct compilation *c = with_library();
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const struct type *type = read_type(c, types[i]);
        assert_string_equal(type_text(c, type), types[i]);
        assert_ptr_equal(read_type(c, types[i]), type);
    }
    assert_int_equal(diag_count(c->diags), 0);
    compilation_free(c);
}

struct relation {
    const char *from, *to;
    bool fits;
};

static const struct relation relations[] = {
    {"int", "number", true},
    {"number", "int", false},
    {"int", "ratio", true},
    {"percent", "ratio", true},
    {"number", "percent", false},
    {"percent", "number", false},
    {"int", "duration", false},
    {"duration", "size", false},
    {"string", "string?", true},
    {"string?", "string", false},
    {"null", "string?", true},
    {"null", "string", false},
    {"null", "int | null", true},
    {"int | string", "int", false},
    {"int", "int | string", true},
    {"int | string", "string | int | bool", true},
    {"service", "node", true},
    {"node", "service", false},
    {"service", "model", false},
    {"block(gate)", "gate", true},
    {"one_of(a, b)", "one_of(a, b, c)", true},
    {"one_of(a, b, c)", "one_of(a, b)", false},
    {"one_of(a)", "string", true},
    {"string", "one_of(a)", false},
    {"one_of(a(x: int))", "string", false},
    {"one_of(a(x: int))", "one_of(a, b)", false},
    {"string", "text(github)", true},
    {"int", "text(github)", true},
    {"expression(github)", "text(github)", true},
    {"expression(terraform)", "text(github)", false},
    {"text(github)", "string", false},
    {"bool", "text(github)", false},
    {"[int]", "[number]", true},
    {"[number]", "[int]", false},
    {"{string: int}", "{string: number}", true},
    {"{ a: int }", "{string: number}", true},
    {"{ a: int, b: string }", "{string: number}", false},
    {"{ a: int }", "{ a: number, b?: string }", true},
    {"{ a: int, c: int }", "{ a: number }", false},
    {"{ a?: int }", "{ a: int }", false},
    {"{ b: int }", "{ a: int }", false},
    {"{ a: int }", "record", true},
    {"record", "document", true},
    {"record", "{ a: int }", false},
    {"[string]", "json", true},
    {"duration", "json", false},
    {"range(int)", "range(number)", true},
    {"predicate", "bool", false},
};

static void test_what_fits(void **state)
{
    (void)state;
    struct compilation *c = with_library();
    for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++) {
        const struct relation *r = &relations[i];
        if (type_fits(read_type(c, r->from), read_type(c, r->to)) != r->fits)
            fail_msg("%s %s fit %s", r->from, r->fits ? "does not" : "does", r->to);
    }
    const struct type *bad = type_scalar(c, TYPE_BAD);
    assert_true(type_fits(bad, read_type(c, "int")) && type_fits(read_type(c, "int"), bad));
    compilation_free(c);
}

struct joining {
    const char *a, *b, *common;
};

static const struct joining joinings[] = {
    {"int", "number", "number"},
    {"int", "null", "int?"},
    {"int?", "number", "number?"},
    {"service", "model", "node"},
    {"one_of(a)", "one_of(b)", "string"},
    {"string", "one_of(b)", "string"},
    {"[int]", "[number]", "[number]"},
    {"[service]", "[model]", "[node]"},
    {"int", "string", "int | string"},
    {"{ a: int }", "{ a: number }", "{ a: number }"},
    {"{ a: int, b: one_of(x) }", "{ a: number, b: one_of(y) }", "{ a: number, b: string }"},
    {"{ a: int }", "{ b: int }", "{ a: int } | { b: int }"},
};

static void test_what_is_common(void **state)
{
    (void)state;
    struct compilation *c = with_library();
    for (size_t i = 0; i < sizeof joinings / sizeof joinings[0]; i++) {
        const struct joining *j = &joinings[i];
        assert_string_equal(type_text(c, type_common(c, read_type(c, j->a), read_type(c, j->b))), j->common);
    }
    compilation_free(c);
}

static void test_unions_and_optionals(void **state)
{
    (void)state;
    struct compilation *c = with_library();
    assert_ptr_equal(read_type(c, "(int?)?"), read_type(c, "int?"));
    assert_ptr_equal(read_type(c, "int | int"), read_type(c, "int"));
    assert_ptr_equal(read_type(c, "int | null"), read_type(c, "int?"));
    assert_ptr_equal(read_type(c, "(int | string) | bool"), read_type(c, "int | string | bool"));
    assert_true(type_is_optional(read_type(c, "int | null")));
    assert_ptr_equal(type_present(c, read_type(c, "int?")), read_type(c, "int"));
    compilation_free(c);
}

static void test_phrases(void **state)
{
    (void)state;
    struct compilation *c = with_library();
    assert_string_equal(type_phrase(c, read_type(c, "int")), "an int");
    assert_string_equal(type_phrase(c, read_type(c, "duration?")), "a duration or nothing");
    assert_string_equal(type_phrase(c, read_type(c, "one_of(a, b(x: int))")), "one of `a`, `b(…)`");
    assert_string_equal(type_phrase(c, read_type(c, "event")),
                        "one of `push(…)`, `pull_request`, `schedule(…)`, "
                        "`drift(…)`, `event(…)`, `data(…)`");
    assert_string_equal(type_phrase(c, read_type(c, "environment")), "an environment");
    compilation_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printing_reads_back),
        cmocka_unit_test(test_what_fits),
        cmocka_unit_test(test_what_is_common),
        cmocka_unit_test(test_unions_and_optionals),
        cmocka_unit_test(test_phrases),
    };
    return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
