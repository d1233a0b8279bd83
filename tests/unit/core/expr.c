#include "tests/unit/core/fixture.h"
#include <math.h>
#include "core/expr.h"

struct tree {
    struct arena *arena;
    const char *unknown; /* the name that the leaf function does not know */
    size_t asked;
};

static const struct expr *number(struct tree *tree, double value)
{
    return expr_literal(tree->arena, "predicate", value_float(tree->arena, value, 0));
}

static const struct expr *quantity(struct tree *tree, double amount, enum quantity_unit unit)
{
    return expr_literal(tree->arena, "predicate", value_quantity(tree->arena, amount, unit, 0));
}

static const struct expr *name(struct tree *tree, const char *text)
{
    return expr_name(tree->arena, "predicate", text, 0);
}

static const struct expr *binary(struct tree *tree, const char *op, const struct expr *a,
                                 const struct expr *b)
{
    const struct expr *args[] = {a, b};
    return expr_make(tree->arena, EXPR_BINARY, "predicate", op, args, NULL, 2, 0);
}

static const struct expr *unary(struct tree *tree, const char *op, const struct expr *a)
{
    return expr_make(tree->arena, EXPR_UNARY, "predicate", op, &a, NULL, 1, 0);
}

static const struct expr *window(struct tree *tree, enum expr_kind kind, const struct expr *a,
                                 const struct expr *b)
{
    const struct expr *args[] = {a, b};
    return expr_make(tree->arena, kind, "predicate", NULL, args, NULL, 2, 0);
}

static const struct value *leaf(void *context, const struct expr *expr, const char **why)
{
    struct tree *tree = context;
    tree->asked++;
    if (expr->kind == EXPR_NAME && tree->unknown && strcmp(expr->name, tree->unknown) == 0) {
        *why = "not measured yet";
        return NULL;
    }
    if (expr->kind == EXPR_NAME && strcmp(expr->name, "yes") == 0)
        return value_bool(tree->arena, true, 0);
    if (expr->kind == EXPR_NAME && strcmp(expr->name, "no") == 0)
        return value_bool(tree->arena, false, 0);
    if (expr->kind == EXPR_NAME && strcmp(expr->name, "nan") == 0)
        return value_float(tree->arena, NAN, 0);
    if (expr->kind == EXPR_NAME && strcmp(expr->name, "half") == 0)
        return value_float(tree->arena, 0.5, 0);
    if (expr->kind == EXPR_NAME && strcmp(expr->name, "slices") == 0) {
        struct field fields[] = {{"a", 0, value_float(tree->arena, 0.9, 0)},
                                 {"b", 0, value_float(tree->arena, 0.7, 0)}};
        return value_record(tree->arena, fields, 2, 0);
    }
    return NULL;
}

/* The result printed, or "? why". */
static const char *result(struct tree *tree, const struct expr *expr)
{
    struct expr_leaves leaves = {tree, leaf};
    const char *why = NULL;
    const struct value *value = expr_evaluate(tree->arena, expr, &leaves, &why);
    struct buf text = {0};
    if (value)
        value_print(&text, value);
    else
        buf_printf(&text, "? %s", why);
    const char *copy = arena_strdup(tree->arena, buf_str(&text));
    buf_free(&text);
    return copy;
}

static const char *printed(struct tree *tree, const struct expr *expr)
{
    struct buf text = {0};
    expr_print(&text, expr);
    const char *copy = arena_strdup(tree->arena, buf_str(&text));
    buf_free(&text);
    return copy;
}

static void test_print_with_fewest_parentheses(void **state)
{
    (void)state;
    struct tree t = {.arena = arena_new()};
    const struct expr *a = name(&t, "a"), *b = name(&t, "b"), *c = name(&t, "c");
    assert_string_equal(printed(&t, binary(&t, "*", binary(&t, "+", a, b), c)), "(a + b) * c");
    assert_string_equal(printed(&t, binary(&t, "+", binary(&t, "*", a, b), c)), "a * b + c");
    assert_string_equal(printed(&t, binary(&t, "-", a, binary(&t, "-", b, c))), "a - (b - c)");
    assert_string_equal(printed(&t, binary(&t, "-", binary(&t, "-", a, b), c)), "a - b - c");
    assert_string_equal(printed(&t, binary(&t, "or", binary(&t, "and", a, b), c)), "a and b or c");
    assert_string_equal(printed(&t, binary(&t, "and", binary(&t, "or", a, b), c)), "(a or b) and c");
    assert_string_equal(printed(&t, unary(&t, "not", binary(&t, "==", a, b))), "not a == b");
    assert_string_equal(printed(&t, binary(&t, "==", unary(&t, "not", a), b)), "(not a) == b");
    assert_string_equal(printed(&t, binary(&t, "in", a, binary(&t, "..", number(&t, 0.5), number(&t, 2)))),
                        "a in 0.5..2");
    const struct expr *limit = binary(&t, ">", a, binary(&t, "*", number(&t, 1.2), b));
    assert_string_equal(printed(&t, window(&t, EXPR_HOLDS, limit, quantity(&t, 300e6, UNIT_DURATION))),
                        "a > 1.2 * b for 5m");
    assert_string_equal(
        printed(&t, binary(&t, "<", window(&t, EXPR_OVER, a, quantity(&t, 7 * 86400e6, UNIT_DURATION)),
                           number(&t, 1))),
        "(a over 7d) < 1");
    const struct expr *args[] = {a, b};
    const char *names[] = {NULL, "than"};
    const struct expr *call = expr_make(t.arena, EXPR_CALL, "predicate", "no_worse", args, names, 2, 0);
    assert_string_equal(printed(&t, call), "no_worse(a, than: b)");
    assert_string_equal(printed(&t, expr_make(t.arena, EXPR_METHOD, "predicate", "by", args, NULL, 2, 0)),
                        "a.by(b)");
    assert_string_equal(printed(&t, expr_make(t.arena, EXPR_MEASURE, "predicate", "rows", NULL, NULL, 0, 0)),
                        "rows");
    assert_string_equal(printed(&t, expr_make(t.arena, EXPR_INDEX, "predicate", NULL, args, NULL, 2, 0)),
                        "a[b]");
    assert_true(expr_equal(call, expr_make(t.arena, EXPR_CALL, "predicate", "no_worse", args, names, 2, 9)));
    assert_false(expr_equal(call, expr_make(t.arena, EXPR_CALL, "predicate", "no_worse", args, NULL, 2, 0)));
    assert_false(expr_equal(a, b));
    arena_free(t.arena);
}

static void test_arithmetic(void **state)
{
    (void)state;
    struct tree t = {.arena = arena_new()};
    const struct expr *five = quantity(&t, 5, UNIT_PERCENT), *minute = quantity(&t, 60e6, UNIT_DURATION);
    const struct expr *two = expr_literal(t.arena, "predicate", value_int(t.arena, 2, 0));
    const struct expr *most = expr_literal(t.arena, "predicate", value_int(t.arena, INT64_MAX, 0));
    assert_string_equal(result(&t, binary(&t, "-", name(&t, "half"), five)), "0.45");
    assert_string_equal(result(&t, binary(&t, "*", minute, five)), "3s");
    assert_string_equal(result(&t, binary(&t, "*", two, minute)), "2m");
    assert_string_equal(result(&t, binary(&t, "/", minute, two)), "30s");
    assert_string_equal(result(&t, binary(&t, "/", minute, minute)), "1");
    assert_string_equal(result(&t, binary(&t, "+", five, five)), "10%");
    assert_string_equal(result(&t, binary(&t, "/", two, two)), "1");
    assert_string_equal(result(&t, binary(&t, "+", minute, quantity(&t, 1, UNIT_SIZE))),
                        "? `+` does not apply to a duration and a size");
    assert_string_equal(result(&t, binary(&t, "+", most, two)), "? `+` leaves the range of integers");
    assert_string_equal(result(&t, binary(&t, "/", two, number(&t, 0))), "? division by zero");
    assert_string_equal(result(&t, unary(&t, "-", minute)), "-1m");
    arena_free(t.arena);
}

static void test_comparisons(void **state)
{
    (void)state;
    struct tree t = {.arena = arena_new()};
    const struct expr *half = name(&t, "half"), *nan = name(&t, "nan");
    assert_string_equal(result(&t, binary(&t, "<=", half, quantity(&t, 50, UNIT_PERCENT))), "true");
    assert_string_equal(result(&t, binary(&t, "<", half, quantity(&t, 50, UNIT_PERCENT))), "false");
    static const char *const operators[] = {"==", "!=", "<", "<=", ">", ">="};
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        assert_string_equal(result(&t, binary(&t, operators[i], nan, half)), "false");
        assert_string_equal(result(&t, binary(&t, operators[i], half, nan)), "false");
    }
    const struct expr *range = binary(&t, "..", number(&t, 0.5), number(&t, 2));
    assert_string_equal(result(&t, binary(&t, "in", half, range)), "true");
    assert_string_equal(result(&t, binary(&t, "in", nan, range)), "false");
    assert_string_equal(result(&t, binary(&t, "not in", nan, range)), "false");
    assert_string_equal(result(&t, binary(&t, "not in", number(&t, 3), range)), "true");
    assert_string_equal(result(&t, binary(&t, ">=", name(&t, "slices"), number(&t, 0.7))), "true");
    assert_string_equal(result(&t, binary(&t, ">=", name(&t, "slices"), number(&t, 0.8))), "false");
    assert_string_equal(result(&t, binary(&t, "<", half, name(&t, "yes"))),
                        "? `<` does not apply to a number and a boolean");
    const struct expr *day = quantity(&t, 86400e6, UNIT_DURATION);
    assert_string_equal(result(&t, window(&t, EXPR_HOLDS, binary(&t, ">", half, number(&t, 0)), day)),
                        "true");
    arena_free(t.arena);
}

static void test_logic_decides_early(void **state)
{
    (void)state;
    struct tree t = {.arena = arena_new(), .unknown = "later"};
    const struct expr *yes = name(&t, "yes"), *no = name(&t, "no"), *later = name(&t, "later");
    assert_string_equal(result(&t, binary(&t, "and", later, no)), "false");
    assert_string_equal(result(&t, binary(&t, "and", no, later)), "false");
    assert_string_equal(result(&t, binary(&t, "and", later, yes)), "? not measured yet");
    assert_string_equal(result(&t, binary(&t, "or", later, yes)), "true");
    assert_string_equal(result(&t, binary(&t, "or", no, later)), "? not measured yet");
    assert_string_equal(result(&t, binary(&t, "??", later, yes)), "true");
    assert_string_equal(result(&t, unary(&t, "not", yes)), "false");
    assert_string_equal(result(&t, binary(&t, "and", name(&t, "half"), yes)),
                        "? `and` takes conditions, not a number");
    assert_string_equal(result(&t, name(&t, "other")), "? `other` is not known");
    const struct expr *slices = name(&t, "slices");
    assert_string_equal(result(&t, expr_make(t.arena, EXPR_FIELD, "predicate", "b", &slices, NULL, 1, 0)),
                        "0.7");
    t.asked = 0;
    result(&t, binary(&t, "or", yes, later));
    assert_int_equal(t.asked, 1);
    arena_free(t.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_print_with_fewest_parentheses),
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_logic_decides_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
