/* Patterns: the automaton and PCRE2 agree on random patterns and texts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/buf.h"
#include "runtime/data/pattern.h"

static bool found(const char *pattern, const char *text, unsigned flags)
{
    struct arena *arena = arena_new();
    const char *why = NULL;
    struct pattern *compiled = pattern_new(arena, pattern, strlen(pattern), flags, &why);
    assert_non_null(compiled);
    struct pattern_scratch *scratch = pattern_scratch_new();
    bool yes = pattern_find(compiled, scratch, text, strlen(text), NULL);
    pattern_scratch_free(scratch);
    pattern_free(compiled);
    arena_free(arena);
    return yes;
}

static void searches_unanchored(void **state)
{
    (void)state;
    assert_true(found("b", "abc", PATTERN_SEARCH));
    assert_false(found("b", "abc", PATTERN_ANCHORED));
    assert_true(found("", "", PATTERN_SEARCH));
    assert_true(found("^a$", "a\n", PATTERN_SEARCH)); /* as in Python and PCRE2 */
    assert_false(found("^a\\z", "a\n", PATTERN_SEARCH));
    assert_true(found("\\d", "x٣", PATTERN_SEARCH)); /* an Arabic digit */
    assert_true(found("[^a-z]", "abcé", PATTERN_SEARCH));
    assert_true(found("^.é$", "éé", PATTERN_SEARCH));
}

static void email_is_an_automaton(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *why = NULL, *text = "^[a-z0-9._]+@[a-z0-9.-]+\\.(com|org|net|io)$";
    struct pattern *pattern = pattern_new(arena, text, strlen(text), 0, &why);
    assert_non_null(pattern);
    assert_true(pattern_uses_dfa(pattern));
    pattern_free(pattern);
    arena_free(arena);
    assert_true(found(text, "jane.doe@mail.example.com", 0));
    assert_false(found(text, "jane.doe@mail.example.comm", 0));
    assert_false(found(text, "jane.doemail.example.com", 0));
}

static void like_patterns(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct pattern_scratch *scratch = pattern_scratch_new();
    const char *why = NULL;
    struct pattern *pattern = pattern_like(arena, "a_%.c\\%", 7, &why);
    assert_true(pattern_find(pattern, scratch, "ab\n.c%", 6, NULL));
    assert_false(pattern_find(pattern, scratch, "ab.cc", 5, NULL));
    assert_false(pattern_find(pattern, scratch, "a.c%", 4, NULL));
    pattern_free(pattern);
    pattern_scratch_free(scratch);
    arena_free(arena);
}

/* The rows are tested up to the first without an answer, whichever way the pattern runs. */
static void stops_where_steps_run_out(void **state)
{
    (void)state;
    static const char texts[] = "b"
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"
                                "b";
    const uint32_t starts[] = {0, 0, 1, 42, 1}, lengths[] = {1, 1, 41, 1, 41};
    const struct column column = {.bytes = texts, .starts = starts, .lengths = lengths};
    struct pattern_scratch *scratch = pattern_scratch_new();
    struct arena *arena = arena_new();
    const char *why = NULL, *hard = "^(a+)+\\1$|b";
    struct pattern *pattern = pattern_new(arena, hard, strlen(hard), 0, &why);
    assert_non_null(pattern);
    uint64_t mask = 31, found = 0;
    assert_int_equal(pattern_test(pattern, scratch, &column, 5, &mask, &found), 2);
    assert_int_equal(found, 3);
    mask = 11;
    assert_true(pattern_test(pattern, scratch, &column, 5, &mask, &found) == PATTERN_DECIDED);
    assert_int_equal(found, 11);
    pattern_free(pattern);
    pattern_scratch_free(scratch);
    arena_free(arena);
}

static void wrong_pattern_says_where(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *why = NULL;
    assert_null(pattern_new(arena, "a(b", 3, 0, &why));
    assert_non_null(strstr(why, "byte 3"));
    arena_free(arena);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void random_pattern(struct buf *out, uint64_t *seed, unsigned depth)
{
    static const char *const ATOMS[] = {"a",   "b",    "c",      ".",      "\\d",    "\\w",
                                        "\\s", "[ab]", "[^a]",   "[a-c1]", "[^\\w]", "\\.",
                                        "1",   "\\n",  "[\\s.]", "x",      "\\S",    "\\D"};
    static const char *const REPEATS[] = {"", "", "", "*", "+", "?", "{2}", "{1,3}", "*?", "{0,2}"};
    unsigned pieces = 1 + next_random(seed) % 3;
    if (next_random(seed) % 8 == 0)
        buf_add_char(out, '^');
    for (unsigned i = 0; i < pieces; i++) {
        if (depth && next_random(seed) % 3 == 0) {
            buf_add_str(out, next_random(seed) % 2 ? "(" : "(?:");
            random_pattern(out, seed, depth - 1);
            buf_add_char(out, ')');
        } else {
            buf_add_str(out, ATOMS[next_random(seed) % (sizeof ATOMS / sizeof *ATOMS)]);
        }
        buf_add_str(out, REPEATS[next_random(seed) % (sizeof REPEATS / sizeof *REPEATS)]);
    }
    if (next_random(seed) % 8 == 0)
        buf_add_char(out, '$');
    if (depth && next_random(seed) % 4 == 0) {
        buf_add_char(out, '|');
        random_pattern(out, seed, depth - 1);
    }
}

static void random_text(struct buf *out, uint64_t *seed)
{
    static const char *const PIECES[] = {"a", "b", "c", "x", "1", ".", " ", "\n", "_", "é", "٣", "-"};
    bool ascii = next_random(seed) % 4 != 0;
    for (unsigned length = next_random(seed) % 9; length; length--) {
        const char *piece = PIECES[next_random(seed) % (sizeof PIECES / sizeof *PIECES)];
        if (!ascii || (unsigned char)piece[0] < 0x80)
            buf_add_str(out, piece);
    }
}

static void automaton_agrees_with_pcre(void **state)
{
    (void)state;
    uint64_t seed = 20240101;
    struct pattern_scratch *scratch = pattern_scratch_new();
    unsigned automata = 0;
    for (unsigned round = 0; round < 3000; round++) {
        struct arena *arena = arena_new();
        struct buf text = {0}, regex = {0};
        const char *why = NULL;
        random_pattern(&regex, &seed, 2);
        unsigned flags = next_random(&seed) % 3 == 0 ? PATTERN_ANCHORED : 0;
        struct pattern *fast = pattern_new(arena, buf_str(&regex), regex.length, flags, &why);
        struct pattern *slow =
            pattern_new(arena, buf_str(&regex), regex.length, flags | PATTERN_NO_DFA, &why);
        assert_true(!fast == !slow);
        automata += fast && pattern_uses_dfa(fast);
        for (unsigned i = 0; fast && i < 30; i++) {
            buf_clear(&text);
            random_text(&text, &seed);
            bool gave_up = false; /* PCRE2 met its limit of steps: no answer to compare with */
            bool a = pattern_find(fast, scratch, buf_str(&text), text.length, &gave_up);
            bool b = pattern_find(slow, scratch, buf_str(&text), text.length, &gave_up);
            if (a != b && !gave_up)
                fail_msg("/%s/ on \"%s\": automaton %d, PCRE2 %d", buf_str(&regex), buf_str(&text), a, b);
        }
        pattern_free(fast);
        pattern_free(slow);
        buf_free(&text);
        buf_free(&regex);
        arena_free(arena);
    }
    assert_true(automata > 1500); /* else the test says little */
    pattern_scratch_free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_unanchored),
        cmocka_unit_test(email_is_an_automaton),
        cmocka_unit_test(like_patterns),
        cmocka_unit_test(stops_where_steps_run_out),
        cmocka_unit_test(wrong_pattern_says_where),
        cmocka_unit_test(automaton_agrees_with_pcre),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
