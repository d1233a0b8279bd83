/* One error for one mistake: each single token of a spec and of a library file is deleted in turn. */

#include "tests/unit/grammar/support.h"

struct outcome {
    size_t tokens, none, one, more, most;
};

/* The spans of the tokens, from the token dump: "line:column KIND "text"". */
static uint32_t offset_of(const char *text, unsigned line, unsigned column)
{
    uint32_t at = 0;
    for (unsigned i = 1; i < line; at++) {
        i += text[at] == '\n';
    }
    for (unsigned i = 1; i < column; i++) {
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80) {
            at++;
        }
    }
    return at;
}

static size_t token_length(const char *quoted)
{
    size_t length = 0;
    for (const char *at = quoted; *at != '"'; at++) {
        at += *at == '\\';
        length++;
    }
    return length;
}

static void try_without(const struct buf *text, uint32_t start, size_t length, struct outcome *outcome)
{
    struct buf mutated = {0};
    buf_add(&mutated, text->data, start);
    buf_add(&mutated, text->data + start + length, text->length - start - length);
    struct parsed parsed = parse_text(buf_str(&mutated), mutated.length);
    size_t errors = diag_error_count(parsed.diags);
    assert_int_equal(parsed.file->complete, errors == 0);
    for (size_t i = 0; i < diag_count(parsed.diags); i++) {
        const struct diag *diag = diag_at(parsed.diags, i);
        assert_false(span_is_none(diag->primary.span));
        assert_true(diag->primary.span.end <= mutated.length);
    }
    outcome->tokens++;
    outcome->none += errors == 0;
    outcome->one += errors == 1;
    outcome->more += errors > 1;
    outcome->most = errors > outcome->most ? errors : outcome->most;
    parsed_free(&parsed);
    buf_free(&mutated);
}

static struct outcome delete_each(const char *path)
{
    struct buf text = read_whole(path);
    struct parsed parsed = parse_text(buf_str(&text), text.length);
    struct buf tokens = {0};
    struct outcome outcome = {0};
    assert_true(parsed.file->complete);
    parse_dump_tokens(&tokens, parsed.file->source);
    char *rest = NULL;
    for (char *line = strtok_r(tokens.data, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        unsigned row = (unsigned)strtoul(line, &line, 10);
        unsigned column = (unsigned)strtoul(line + 1, &line, 10);
        const char *quote = strchr(line, '"');
        if (quote != NULL) {
            try_without(&text, offset_of(text.data, row, column), token_length(quote + 1), &outcome);
        }
    }
    printf("%s: %zu deletions, %zu well-formed, %zu with one error, %zu with more, at most %zu\n", path,
           outcome.tokens, outcome.none, outcome.one, outcome.more, outcome.most);
    parsed_free(&parsed);
    buf_free(&tokens);
    buf_free(&text);
    return outcome;
}

static void a_deletion_in_a_spec_gives_one_error(void **state)
{
    (void)state;
    struct outcome outcome = delete_each("tests/golden/grammar/spec.mlc");
    assert_true(outcome.tokens > 500);
    assert_int_equal(outcome.more, 0);
}

static void a_deletion_in_a_library_gives_few_errors(void **state)
{
    (void)state;
    struct outcome outcome = delete_each("tests/golden/grammar/library.mlc");
    assert_true(outcome.tokens > 200);
    assert_true(outcome.most <= 4);
    assert_true(outcome.more * 10 <= outcome.tokens);
}

static void independent_mistakes_are_all_reported(void **state)
{
    (void)state;
    static const char text[] = "owner =\n"
                               "a = [1 2]\n"
                               "service api web {\n  x = = 3\n  y = 1 +\n  z = 2\n}\n"
                               "b = 5 6\n"
                               "  = 4\n"
                               "c = f(1, 2\n"
                               "d = \"open\n"
                               "e = (1]\n"
                               "f = 3\n";
    struct parsed parsed = parse_text(text, sizeof text - 1);
    diag_sort(parsed.diags);
    static const unsigned lines[] = {1, 2, 3, 4, 5, 8, 9, 10, 11, 12};
    size_t count = diag_count(parsed.diags);
    for (size_t i = 0; i < count && i < sizeof lines / sizeof *lines; i++) {
        const struct diag *diag = diag_at(parsed.diags, i);
        assert_int_equal(source_position(parsed.file->source, diag->primary.span.start).line, lines[i]);
    }
    assert_int_equal(count, sizeof lines / sizeof *lines);
    parsed_free(&parsed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deletion_in_a_spec_gives_one_error),
        cmocka_unit_test(a_deletion_in_a_library_gives_few_errors),
        cmocka_unit_test(independent_mistakes_are_all_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
