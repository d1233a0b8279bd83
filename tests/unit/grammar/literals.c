/* Numbers with their units, strings with their escapes and indentation, documentation comments. */

#include "grammar/number.h"
#include "tests/unit/grammar/support.h"

static const struct {
    const char *literal, *printed;
    enum value_kind kind;
    double amount; /* of a quantity or float */
} numbers[] = {
    {"12", "12", VALUE_INT, 0},
    {"1_000", "1000", VALUE_INT, 0},
    {"007", "7", VALUE_INT, 0},
    {"9223372036854775807", "9223372036854775807", VALUE_INT, 0},
    {"0.5", NULL, VALUE_FLOAT, 0.5},
    {"1e-3", NULL, VALUE_FLOAT, 0.001},
    {"1E+2", NULL, VALUE_FLOAT, 100},
    {"1_0.2_5", NULL, VALUE_FLOAT, 10.25},
    {"5%", NULL, VALUE_QUANTITY, 5},
    {"99.9%", NULL, VALUE_QUANTITY, 99.9},
    {"10m", NULL, VALUE_QUANTITY, 600e6},
    {"1h30m", NULL, VALUE_QUANTITY, 5400e6},
    {"1.5h", NULL, VALUE_QUANTITY, 5400e6},
    {"200ms", NULL, VALUE_QUANTITY, 200e3},
    {"500ns", NULL, VALUE_QUANTITY, 0.5},
    {"1y", NULL, VALUE_QUANTITY, 365 * 86400e6},
    {"2w3d", NULL, VALUE_QUANTITY, 17 * 86400e6},
    {"512Mi", NULL, VALUE_QUANTITY, 536870912},
    {"3K", NULL, VALUE_QUANTITY, 3000},
    {"64B", NULL, VALUE_QUANTITY, 64},
    {"50/s", NULL, VALUE_QUANTITY, 50},
    {"120/m", NULL, VALUE_QUANTITY, 2},
    {"3600/h", NULL, VALUE_QUANTITY, 1},
};

static void numbers_decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct arena *arena = arena_new();
        struct diag_sink *diags = diag_sink_new(arena, 0);
        const struct value *value = number_decode(arena, numbers[i].literal, span_none, 0, diags);
        assert_non_null(value);
        assert_int_equal(value->kind, numbers[i].kind);
        if (numbers[i].printed != NULL) {
            struct buf out = {0};
            value_print(&out, value);
            assert_string_equal(buf_str(&out), numbers[i].printed);
            buf_free(&out);
        } else {
            assert_true(value->number > numbers[i].amount * (1 - 1e-12) &&
                        value->number < numbers[i].amount * (1 + 1e-12));
        }
        arena_free(arena);
    }
}

static void broken_numbers_are_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "9223372036854775808", "1e999", "5x", "1m1h", "1h1h", "1K5m", "5m5", "1h30", "3/foo", "5Kib"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct arena *arena = arena_new();
        struct diag_sink *diags = diag_sink_new(arena, 0);
        assert_null(number_decode(arena, broken[i], span_none, 0, diags));
        assert_int_equal(diag_error_count(diags), 1);
        arena_free(arena);
    }
}

static void expect_content(const char *source, const char *content)
{
    char text[400];
    int length = snprintf(text, sizeof text, "x = %s\n", source);
    struct parsed parsed = parse_text(text, (size_t)length);
    assert_true(parsed.file->complete);
    const struct ast_expr *expr = parsed.file->body->items->value;
    struct buf joined = {0};
    for (const struct ast_piece *piece = expr->pieces; piece != NULL; piece = piece->next) {
        if (piece->hole != NULL) {
            buf_printf(&joined, "<%s>", piece->hole->name.text);
        } else {
            buf_add(&joined, piece->text, piece->length);
        }
    }
    assert_string_equal(buf_str(&joined), content);
    buf_free(&joined);
    parsed_free(&parsed);
}

static void strings_decode_to_their_content(void **state)
{
    (void)state;
    expect_content("\"\"", "");
    expect_content("\"a\\n\\t\\\"\\\\\\/\"", "a\n\t\"\\/");
    expect_content("\"\\u00e9\\ud83d\\ude00\\u{1F600}\"", "é😀😀");
    expect_content("\"a \\(x) b \\(y)\"", "a <x> b <y>");
    expect_content("\"\\(x)\"", "<x>");
    expect_content("'\\d+ \\(x) \"q\"'", "\\d+ \\(x) \"q\"");
    expect_content("\"${{ github.sha }} ${VAR}\"", "${{ github.sha }} ${VAR}");
    expect_content("\"\"\"one\"\"\"", "one");
    expect_content("\"\"\"say \"hi\"\"\"\"", "say \"hi\"");
    expect_content("\"\"\"\n    a\n      b\n\n    c\n    \"\"\"", "a\n  b\n\nc\n");
    expect_content("\"\"\"\n    a\n    b\"\"\"", "a\nb");
    expect_content("\"\"\"\n    a \\(x)\n  \\(y) b\n    \"\"\"", "  a <x>\n<y> b\n");
    expect_content("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", "a\nb\n");
    expect_content("\"\"\"\n  a\\n  b\n  \"\"\"", "a\n  b\n");
}

static void documentation_belongs_to_the_item_below(void **state)
{
    (void)state;
    static const char text[] =
        "## The file's.\n\n## First line.\n## Second.\na = 1\n# plain\nb = 2\nc {\n  ## Inner.\n  d = 3\n}\n";
    struct parsed parsed = parse_text(text, sizeof text - 1);
    const struct ast_item *a = parsed.file->body->items;
    assert_string_equal(a->doc, "First line.\nSecond.");
    assert_null(a->next->doc);
    assert_string_equal(a->next->next->block->items->doc, "Inner.");
    assert_int_equal(parsed.file->comment_count, 5);
    parsed_free(&parsed);
}

static void trees_match_their_golden_files(void **state)
{
    (void)state;
    static const char *const names[] = {"spec", "library"};
    for (size_t i = 0; i < 2; i++) {
        char path[80];
        snprintf(path, sizeof path, "tests/golden/grammar/%s.mlc", names[i]);
        struct buf text = read_whole(path);
        snprintf(path, sizeof path, "tests/golden/grammar/%s.ast", names[i]);
        struct buf golden = read_whole(path);
        struct parsed parsed = parse_text(buf_str(&text), text.length);
        struct buf tree = {0};
        ast_dump(&tree, parsed.file);
        assert_string_equal(buf_str(&tree), buf_str(&golden));
        buf_free(&tree);
        buf_free(&golden);
        buf_free(&text);
        parsed_free(&parsed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_decode),
        cmocka_unit_test(broken_numbers_are_refused),
        cmocka_unit_test(strings_decode_to_their_content),
        cmocka_unit_test(documentation_belongs_to_the_item_below),
        cmocka_unit_test(trees_match_their_golden_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
