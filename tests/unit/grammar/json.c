/* Object literals are a superset of JSON: random values with new lines anywhere between tokens. */

#include "tests/unit/grammar/support.h"

static uint64_t random_state;

static unsigned pick(unsigned limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % limit;
}

static void gap(struct buf *out, bool spaced)
{
    static const char *const gaps[] = {"", " ", "\n", " \n ", "\n\n\t", "\r\n"};
    buf_add_str(out, spaced ? gaps[pick(6)] : "");
}

static void add_string(struct buf *out)
{
    static const char *const strings[] = {"\"\"",     "\"a b\"",      "\"\\\"q\\\\\"", "\"\\u00e9\\n\"",
                                          "\"if\"",   "\"x: = {}\"",  "\"# no\"",      "\"\\ud83d\\ude00\"",
                                          "\"true\"", "\"\\/\\b\\f\""};
    buf_add_str(out, strings[pick(10)]);
}

static void add_value(struct buf *out, int depth, bool spaced)
{
    static const char *const scalars[] = {"0",    "-1",    "3.25", "-0.5e-3", "1E5",       "12e+2",
                                          "true", "false", "null", "-0",      "1234567890"};
    unsigned kind = pick(depth > 4 ? 2 : 4);
    unsigned count = kind < 2 ? 0 : pick(5);
    if (kind == 0) {
        buf_add_str(out, scalars[pick(11)]);
    } else if (kind == 1) {
        add_string(out);
    } else {
        buf_add_char(out, kind == 2 ? '[' : '{');
        for (unsigned i = 0; i < count; i++) {
            gap(out, spaced);
            if (kind == 3) {
                add_string(out);
                gap(out, spaced);
                buf_add_char(out, ':');
                gap(out, spaced);
            }
            add_value(out, depth + 1, spaced);
            gap(out, spaced);
            buf_add_str(out, i + 1 < count ? "," : "");
        }
        gap(out, spaced && count == 0);
        buf_add_char(out, kind == 2 ? ']' : '}');
    }
}

/* The same value from the same seed, with and without new lines. */
static char *tree_of(uint64_t seed, bool spaced, struct buf *text)
{
    random_state = seed;
    buf_add_str(text, "x =");
    /* The gaps use up random numbers, so the value is printed once and spread afterwards. */
    add_value(text, 0, spaced);
    size_t errors;
    char *tree = dump_of(buf_str(text), text->length, &errors);
    if (errors != 0) {
        fail_msg("seed %llu does not parse: %s", (unsigned long long)seed, buf_str(text));
    }
    return tree;
}

/* The text with its new lines outside of strings replaced by blanks. */
static void flatten(struct buf *out, const struct buf *text)
{
    for (size_t i = 0; i < text->length; i++) {
        char c = text->data[i];
        buf_add_char(out, c == '\n' || c == '\r' ? ' ' : c);
    }
}

static void random_json_parses_wherever_lines_end(void **state)
{
    (void)state;
    enum { VALUES = 1000 };
    for (uint64_t seed = 1; seed <= VALUES; seed++) {
        struct buf text = {0};
        struct buf flat = {0};
        char *tree = tree_of(seed * 977, true, &text);
        flatten(&flat, &text);
        size_t errors;
        char *other = dump_of(buf_str(&flat), flat.length, &errors);
        assert_int_equal(errors, 0);
        if (strcmp(tree, other) != 0) {
            fail_msg("a new line changes the meaning of: %s", buf_str(&text));
        }
        free(tree);
        free(other);
        buf_free(&text);
        buf_free(&flat);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_json_parses_wherever_lines_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
