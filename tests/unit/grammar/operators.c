/* How each pair of operators groups: the table of precedences below says it again, independently of the
 * grammar's declarations. */

#include "tests/unit/grammar/support.h"

struct operator
{
    const char *text;
    int level;
};

enum { LEVEL_NOT = 2, LEVEL_RANGE = 8, LEVEL_SIGN = 11 };

static const struct operator operators[] = {
    {"or", 0}, {"and", 1}, {"for", 3}, {"over", 3},   {"==", 4}, {"!=", 4}, {"<", 4}, {"<=", 4},
    {">", 4},  {">=", 4},  {"in", 4},  {"not in", 4}, {"??", 5}, {"|", 6},  {"&", 7}, {"..", LEVEL_RANGE},
    {"+", 9},  {"-", 9},   {"*", 10},  {"/", 10},
};
enum { OPERATORS = sizeof operators / sizeof *operators };

/* The tree as text with a parenthesis for each operator. */
static void print_tree(struct buf *out, const struct ast_expr *expr)
{
    if (expr->kind == AST_NAME) {
        buf_add_str(out, expr->name.text);
        return;
    }
    buf_add_char(out, '(');
    if (expr->kind == AST_BINARY) {
        print_tree(out, expr->left);
    }
    buf_printf(out, "%s", ast_op_text(expr->op));
    print_tree(out, expr->kind == AST_BINARY ? expr->right : expr->left);
    buf_add_char(out, ')');
}

static void expect_tree(const char *text, const char *expected)
{
    char source[80];
    int length = snprintf(source, sizeof source, "x = %s", text);
    struct parsed parsed = parse_text(source, (size_t)length);
    const struct ast_item *item = parsed.file->body->items;
    struct buf out = {0};
    assert_int_equal(parsed.file->body->item_count, 1);
    if (item->kind == AST_ERROR_ITEM) {
        buf_add_str(&out, "error");
    } else {
        print_tree(&out, item->value);
    }
    if (strcmp(buf_str(&out), expected) != 0) {
        fail_msg("%s: %s, not %s", text, buf_str(&out), expected);
    }
    buf_free(&out);
    parsed_free(&parsed);
}

static void pairs_group_by_precedence(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPERATORS; i++) {
        for (size_t j = 0; j < OPERATORS; j++) {
            const struct operator* a = & operators[i];
            const struct operator* b = & operators[j];
            char text[64];
            char expected[64];
            snprintf(text, sizeof text, "a %s b %s c", a->text, b->text);
            if (a->level == LEVEL_RANGE && b->level == LEVEL_RANGE) {
                snprintf(expected, sizeof expected, "error");
            } else if (a->level >= b->level) {
                snprintf(expected, sizeof expected, "((a%sb)%sc)", a->text, b->text);
            } else {
                snprintf(expected, sizeof expected, "(a%s(b%sc))", a->text, b->text);
            }
            expect_tree(text, expected);
        }
    }
}

static void prefixes_group_by_precedence(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPERATORS; i++) {
        const struct operator* a = & operators[i];
        char text[64];
        char expected[64];
        snprintf(text, sizeof text, "not a %s b", a->text);
        snprintf(expected, sizeof expected, a->level > LEVEL_NOT ? "(not(a%sb))" : "((nota)%sb)", a->text);
        expect_tree(text, expected);
        snprintf(text, sizeof text, "-a %s b", a->text);
        snprintf(expected, sizeof expected, "((-a)%sb)", a->text);
        expect_tree(text, expected);
        snprintf(text, sizeof text, "a %s -b", a->text);
        snprintf(expected, sizeof expected, "(a%s(-b))", a->text);
        expect_tree(text, expected);
        snprintf(text, sizeof text, "a %s not b", a->text);
        snprintf(expected, sizeof expected, "(a%s(notb))", a->text);
        expect_tree(text, expected);
    }
    expect_tree("not not a", "(not(nota))");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_group_by_precedence),
        cmocka_unit_test(prefixes_group_by_precedence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
