/* What each mistake is told: code, words, the place, and where there is a fix, that it mends the text. */

#include "tests/unit/grammar/support.h"

struct mistake {
    const char *text;
    enum diag_code code;
    const char *message;
    const char *at;     /* the text under the caret */
    const char *mended; /* after the fix; NULL: no fix */
};

static const struct mistake mistakes[] = {
    {"owner =\nb = 1", DIAG_SYNTAX_EXPECTED, "expected a value after `=`, found the end of the line", "",
     NULL},
    {"a = 1 +\n", DIAG_SYNTAX_EXPECTED, "expected a value after `+`, found the end of the line", "", NULL},
    {"a = for", DIAG_SYNTAX_EXPECTED, "expected a value after `=`, found `for`", "for", NULL},
    {"a = [1 2]", DIAG_SYNTAX_EXPECTED, "expected `,` or `]`, found `2`", "2", "a = [1, 2]"},
    {"a = f(1 b)", DIAG_SYNTAX_EXPECTED, "expected `,` or `)`, found `b`", "b", "a = f(1, b)"},
    {"a = argo b = argocd", DIAG_SYNTAX_EXPECTED, "expected the end of the item, found `b`", "b",
     "a = argo, b = argocd"},
    {"if x == 3\n  y", DIAG_SYNTAX_EXPECTED, "expected `then` or a block, found the end of the line", "",
     NULL},
    {"x = if a then b", DIAG_SYNTAX_EXPECTED, "expected `else`, found the end of the file", "", NULL},
    {"for x xs { }", DIAG_SYNTAX_EXPECTED, "expected `in`, found `xs`", "xs", NULL},
    {"a.b = 3", DIAG_SYNTAX_EXPECTED, "`=` does not fit here", "=", "a.b == 3"},
    {"f(a, b", DIAG_SYNTAX_UNCLOSED, "`(` is never closed", "(", "f(a, b)"},
    {"x = [1,\ny = 2", DIAG_SYNTAX_UNCLOSED, "`[` is never closed", "[", "x = [1,]\ny = 2"},
    {"a {\n  b = 1\n\nc { d = 2 }\n", DIAG_SYNTAX_UNCLOSED, "`{` is never closed", "{", NULL},
    {"a = \"x \\(foo \"", DIAG_SYNTAX_UNCLOSED, "hole `\\(` is never closed", "\\(", "a = \"x \\(foo )\""},
    {"a = 1\n}", DIAG_SYNTAX_STRAY, "`}` closes nothing", "}", NULL},
    {"a = 1)", DIAG_SYNTAX_STRAY, "`)` closes nothing", ")", NULL},
    {"a = \"abc\nb = 1", DIAG_SYNTAX_OPEN_STRING, "this string has no closing \"", "\"", NULL},
    {"a = 'abc\nb = 1", DIAG_SYNTAX_OPEN_STRING, "this string has no closing '", "'", NULL},
    {"a = \"\"\"abc\nb = 1", DIAG_SYNTAX_OPEN_STRING, "this string has no closing \"\"\"", "\"", NULL},
    {"a = \"\\d\"", DIAG_SYNTAX_ESCAPE, "unknown escape `\\d`", "\\d", NULL},
    {"a = \"\\u12\"", DIAG_SYNTAX_ESCAPE, "`\\u` needs four hexadecimal digits, or some in braces", "\\u12",
     NULL},
    {"a = \"\\ud800\"", DIAG_SYNTAX_ESCAPE, "this escape names no character", "\\ud800", NULL},
    {"a = “x”", DIAG_SYNTAX_CHARACTER, "`“` (U+201C) has no meaning outside of strings and comments", "“",
     NULL},
    {"größe = 1", DIAG_SYNTAX_CHARACTER, "`ö` (U+00F6) has no meaning outside of strings and comments", "ö",
     NULL},
    {"a = b && c", DIAG_SYNTAX_FOREIGN, "`&&` is not part of this language", "&&", "a = b and c"},
    {"a = !b", DIAG_SYNTAX_FOREIGN, "`!` is not part of this language", "!", "a = not b"},
    {"a = 1; b = 2", DIAG_SYNTAX_FOREIGN, "`;` is not part of this language", ";", "a = 1, b = 2"},
    {"a = 1 // why", DIAG_SYNTAX_FOREIGN, "`//` is not part of this language", "//", "a = 1 # why"},
    {"a = 5-3", DIAG_SYNTAX_SPACES, "`-` between two operands has a space on both sides", "-", "a = 5 - 3"},
    {"a = n -1", DIAG_SYNTAX_SPACES, "`-` between two operands has a space on both sides", "-", "a = n - 1"},
    {"a = b/c", DIAG_SYNTAX_SPACES, "`/` between two operands has a space on both sides", "/", "a = b / c"},
    {"a = 2026-11-23", DIAG_SYNTAX_DATE, "a date is written as a string", "2026-11-23", "a = \"2026-11-23\""},
    {"a = 30sec", DIAG_SYNTAX_UNIT, "unknown unit `sec`", "sec", "a = 30s"},
    {"a = 512MiB", DIAG_SYNTAX_UNIT, "unknown unit `MiB`", "MiB", "a = 512Mi"},
    {"a = 12foo", DIAG_SYNTAX_UNIT, "unknown unit `foo`", "foo", NULL},
    {"a = 99999999999999999999", DIAG_SYNTAX_NUMBER, "`99999999999999999999` does not fit into 64 bits",
     "99999999999999999999", NULL},
    {"f(a = 1)", DIAG_SYNTAX_MARK, "a named argument has `:`, not `=`", "=", "f(a: 1)"},
    {"e = { a = 1, b = 2 }", DIAG_SYNTAX_MARK, "a record has `key: value`, not `key = value`", "=",
     "e = { a: 1, b: 2 }"},
    {"split { train: 80%, holdout = 20% }", DIAG_SYNTAX_MARK, "this block has attributes, `name = value`",
     ":", "split { train = 80%, holdout = 20% }"},
    {"a = 1 <= x <= 2", DIAG_SYNTAX_CHAIN, "comparisons do not chain", "<=", "a = x in 1..2"},
    {"a = 1 < x < 2", DIAG_SYNTAX_CHAIN, "comparisons do not chain", "<", "a = 1 < x and x < 2"},
    {"expect a over 7d >= 1", DIAG_SYNTAX_WINDOW, "`over` stands behind the comparison", "over",
     "expect a >= 1 over 7d"},
    {"a = [m.n for m in ms]", DIAG_SYNTAX_COMPREHENSION, "a comprehension begins with its `for`", "for",
     "a = [for m in ms: m.n]"},
    {"service api\n{\n  x = 3\n}", DIAG_SYNTAX_BRACE_LINE, "`{` stands on the line of its head", "{",
     "service api {\n  x = 3\n}"},
    {"a = f(x: 1, 2)", DIAG_SYNTAX_ARGUMENT_ORDER, "an argument without a name stands behind a named one",
     "2", NULL},
    {"g {} {}", DIAG_SYNTAX_ITEM_SHAPE, "`g` has two blocks", "{", NULL},
    {"= 3", DIAG_SYNTAX_EXPECTED, "expected a name before `=`", "=", NULL},
    {"a = .5", DIAG_SYNTAX_EXPECTED, "expected a value after `=`, found `.`", ".", NULL},
    {"a = x.3", DIAG_SYNTAX_EXPECTED, "expected a name, found `3`", "3", NULL},
};

/* Applies the edits of a fix, which are in the order of the text. */
static void apply(struct buf *out, const char *text, const struct diag *diag)
{
    size_t at = 0;
    for (size_t i = 0; i < diag->edit_count; i++) {
        const struct diag_edit *edit = &diag->edits[i];
        buf_add(out, text + at, edit->span.start - at);
        buf_add_str(out, edit->replacement);
        at = edit->span.end;
    }
    buf_add_str(out, text + at);
}

static void check_fix(const struct mistake *mistake, const struct diag *diag)
{
    struct buf mended = {0};
    apply(&mended, mistake->text, diag);
    struct parsed again = parse_text(buf_str(&mended), mended.length);
    assert_true(again.file->complete);
    parsed_free(&again);
    /* Blanks around the seams are the formatter's. */
    struct parsed wanted = parse_text(mistake->mended, strlen(mistake->mended));
    struct parsed got = parse_text(buf_str(&mended), mended.length);
    struct buf a = {0};
    struct buf b = {0};
    format_file(&a, wanted.file);
    format_file(&b, got.file);
    assert_string_equal(buf_str(&b), buf_str(&a));
    buf_free(&a);
    buf_free(&b);
    parsed_free(&wanted);
    parsed_free(&got);
    buf_free(&mended);
}

static void each_mistake_is_named_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct mistake *mistake = &mistakes[i];
        struct parsed parsed = parse_text(mistake->text, strlen(mistake->text));
        if (diag_count(parsed.diags) != 1) {
            fail_msg("%zu reports for: %s", diag_count(parsed.diags), mistake->text);
        }
        const struct diag *diag = diag_at(parsed.diags, 0);
        struct span span = diag->primary.span;
        assert_string_equal(diag->message, mistake->message);
        assert_int_equal(diag->code, mistake->code);
        assert_int_equal(span.end - span.start, strlen(mistake->at));
        assert_memory_equal(mistake->text + span.start, mistake->at, strlen(mistake->at));
        if (diag->edit_count == 0 && mistake->mended != NULL) {
            fail_msg("no fix for: %s", mistake->text);
        }
        if (mistake->mended != NULL) {
            check_fix(mistake, diag);
        }
        parsed_free(&parsed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_mistake_is_named_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
