/* Hostile texts: depth, size, encoding, bytes that no text has. Each ends in a clear error. */

#include "tests/unit/grammar/support.h"

static void repeat(struct buf *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_str(out, text);
    }
}

/* Parses `before` × count, `middle`, `after` × count and expects one report of the code. */
static void expect_nested(const char *before, const char *middle, const char *after, size_t count,
                          enum diag_code code)
{
    struct buf text = {0};
    buf_add_str(&text, "x = ");
    repeat(&text, before, count);
    buf_add_str(&text, middle);
    repeat(&text, after, count);
    struct parsed parsed = parse_text(buf_str(&text), text.length);
    if (code == 0) {
        assert_true(parsed.file->complete);
    } else {
        assert_int_equal(diag_error_count(parsed.diags), 1);
        assert_int_equal(diag_at(parsed.diags, 0)->code, code);
    }
    parsed_free(&parsed);
    buf_free(&text);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    expect_nested("[", "1", "]", 200, 0);
    expect_nested("[", "1", "]", 201, DIAG_SYNTAX_NESTING);
    expect_nested("{ a: ", "1", " }", 100000, DIAG_SYNTAX_NESTING);
    expect_nested("(", "1", "", 100000, DIAG_SYNTAX_NESTING);
    expect_nested("\"\\(", "1", ")\"", 100000, DIAG_SYNTAX_NESTING);
    expect_nested("1 + ", "1", "", 900, 0);
    expect_nested("1 + ", "1", "", 100000, DIAG_SYNTAX_NESTING);
    expect_nested("not ", "a", "", 900, 0);
    expect_nested("not ", "a", "", 2000, DIAG_SYNTAX_NESTING);
    expect_nested("not ", "a", "", 100000, DIAG_SYNTAX_NESTING);
    expect_nested("if a then b else ", "c", "", 100000, DIAG_SYNTAX_NESTING);
    expect_nested("", "a", ".b", 100000, DIAG_SYNTAX_NESTING);
    expect_nested("", "a", "? ", 100000, DIAG_SYNTAX_NESTING);
}

static void size_is_bounded(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct source_set *sources = source_set_new(arena);
    struct diag_sink *diags = diag_sink_new(arena, 0);
    const struct source *source = source_add(sources, SOURCE_USER, "test.mlc", "a = 1\n", 6);
    const struct ast_file *file = parse_source(arena, source, (struct parse_limits){.bytes = 5}, diags);
    assert_false(file->complete);
    assert_non_null(file->body);
    assert_int_equal(diag_at(diags, 0)->code, DIAG_SYNTAX_SIZE);
    arena_free(arena);
}

static void expect_code(const char *text, size_t length, enum diag_code code)
{
    struct parsed parsed = parse_text(text, length);
    assert_false(parsed.file->complete);
    assert_int_equal(diag_at(parsed.diags, 0)->code, code);
    parsed_free(&parsed);
}

static void bytes_are_checked(void **state)
{
    (void)state;
    expect_code("a = \"\xe9\"\n", 8, DIAG_SYNTAX_ENCODING);
    expect_code("\xff\xfe"
                "a\0",
                4, DIAG_SYNTAX_ENCODING);
    expect_code("# a\0b\n", 6, DIAG_SYNTAX_CHARACTER);
    expect_code("a = 1\0\n", 7, DIAG_SYNTAX_CHARACTER);
    expect_code("a = \"x\0y\"\n", 10, DIAG_SYNTAX_CHARACTER);
    expect_code("\"a\\u0000\" = 1\n", 14, DIAG_SYNTAX_CHARACTER);
    struct parsed parsed = parse_text("\xef\xbb\xbf"
                                      "a = 1\r\nb = 2\r\n",
                                      17);
    assert_true(parsed.file->complete);
    assert_int_equal(parsed.file->body->item_count, 2);
    parsed_free(&parsed);
}

static void many_errors_are_counted_not_kept(void **state)
{
    (void)state;
    struct buf text = {0};
    repeat(&text, "a = = 1\n", 5000);
    struct parsed parsed = parse_text(buf_str(&text), text.length);
    assert_int_equal(diag_count(parsed.diags), 100);
    assert_int_equal(diag_count(parsed.diags) + diag_dropped(parsed.diags), 5000);
    parsed_free(&parsed);
    buf_free(&text);
}

/* Cost is linear where lists, blanks and broken lines are long. */
static void long_texts_are_read(void **state)
{
    (void)state;
    static const char *const parts[] = {"1, ", "\n", "# comment\n", "\"x\", "};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct buf text = {0};
        buf_add_str(&text, "x = [");
        repeat(&text, parts[i], 20000);
        buf_add_str(&text, "]\n");
        struct parsed parsed = parse_text(buf_str(&text), text.length);
        assert_true(parsed.file->complete);
        parsed_free(&parsed);
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_is_bounded),    cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(bytes_are_checked),   cmocka_unit_test(many_errors_are_counted_not_kept),
        cmocka_unit_test(long_texts_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
