/* Unified diffs: the exact text of small ones, and that applying any of them gives the new text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "cli/build_diff.h"
#include "cli/build_manifest.h"

static void diff(struct arena *arena, struct buf *out, const char *before, const char *after)
{
    diff_unified(arena, out, (struct diff_text){"a/x", before, strlen(before)},
                 (struct diff_text){"b/x", after, strlen(after)});
}

static void differs_as(const char *before, const char *after, const char *expected)
{
    struct arena *arena = arena_new();
    struct buf out = {0};
    diff(arena, &out, before, after);
    assert_string_equal(buf_str(&out), expected);
    buf_free(&out);
    arena_free(arena);
}

static void small_diffs_read_as_git_prints_them(void **state)
{
    (void)state;
    differs_as("a\n", "a\n", "");
    differs_as("", "a\n", "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+a\n");
    differs_as("a\n", "", "--- a/x\n+++ b/x\n@@ -1 +0,0 @@\n-a\n");
    differs_as("a\nb\nc\n", "a\nB\nc\n", "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
    differs_as("a", "a\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    differs_as("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
               "--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
}

/* Two changes far apart make two hunks, near ones make one. */
static void distant_changes_stand_apart(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf before = {0}, near = {0}, far = {0}, out = {0};
    for (int i = 0; i < 30; i++) {
        buf_printf(&before, "%d\n", i);
        buf_printf(&near, "%d%s\n", i, i == 5 || i == 10 ? "x" : "");
        buf_printf(&far, "%d%s\n", i, i == 5 || i == 20 ? "x" : "");
    }
    diff(arena, &out, buf_str(&before), buf_str(&near));
    assert_null(strstr(strstr(buf_str(&out), "@@ -") + 4, "@@ -"));
    buf_clear(&out);
    diff(arena, &out, buf_str(&before), buf_str(&far));
    assert_non_null(strstr(strstr(buf_str(&out), "@@ -") + 4, "@@ -"));
    buf_free(&before);
    buf_free(&near);
    buf_free(&far);
    buf_free(&out);
    arena_free(arena);
}

/* What `patch` would make of it: the old text with the hunks in their places. */
static void apply(struct buf *result, const char *before, const char *patch)
{
    size_t line = 1;
    const char *at = before;
    while (*patch && strncmp(patch, "@@", 2))
        patch = strchr(patch, '\n') + 1;
    while (*patch) {
        size_t start = strtoul(patch + 4, NULL, 10);
        const char *comma = strchr(patch, ' ') + 1;
        bool none = strncmp(strpbrk(comma, ", "), ",0 ", 3) == 0;
        for (size_t stop = none ? start + 1 : start; line < stop; line++) {
            const char *end = strchr(at, '\n') + 1;
            buf_add(result, at, (size_t)(end - at));
            at = end;
        }
        patch = strchr(patch, '\n') + 1;
        while (*patch && *patch != '@') {
            const char *end = strchr(patch, '\n') + 1;
            size_t length = (size_t)(end - patch - 1);
            if (*patch != '+') {
                assert_memory_equal(at, patch + 1, length);
                at += length;
                line++;
            }
            if (*patch != '-')
                buf_add(result, patch + 1, length);
            patch = end;
        }
    }
    buf_add_str(result, at);
}

static void applying_a_diff_gives_the_new_text(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (int round = 0; round < 400; round++) {
        struct arena *arena = arena_new();
        struct buf before = {0}, after = {0}, patch = {0}, result = {0};
        int lines = round % 60;
        for (int i = 0; i < lines; i++) {
            seed = seed * 1103515245 + 12345;
            unsigned word = seed >> 16;
            if (word % 5)
                buf_printf(&before, "line %u\n", word % 7);
            if (word % 7)
                buf_printf(&after, "line %u\n", word % 11 ? word % 7 : 9);
        }
        diff(arena, &patch, buf_str(&before), buf_str(&after));
        apply(&result, buf_str(&before), buf_str(&patch));
        assert_string_equal(buf_str(&result), buf_str(&after));
        buf_free(&before);
        buf_free(&after);
        buf_free(&patch);
        buf_free(&result);
        arena_free(arena);
    }
}

static void huge_differences_stay_affordable(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf before = {0}, after = {0}, patch = {0}, result = {0};
    for (int i = 0; i < 20000; i++) {
        buf_printf(&before, "a%d\n", i);
        buf_printf(&after, "b%d\n", i);
    }
    diff(arena, &patch, buf_str(&before), buf_str(&after));
    apply(&result, buf_str(&before), buf_str(&patch));
    assert_string_equal(buf_str(&result), buf_str(&after));
    buf_free(&before);
    buf_free(&after);
    buf_free(&patch);
    buf_free(&result);
    arena_free(arena);
}

static void manifests_are_sorted_and_read_back(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct manifest *made = manifest_new(arena), *read = manifest_new(arena);
    char hash[HASH_HEX_SIZE];
    hash_hex("x", 1, hash);
    made->mlc = "0.1.0";
    made->library = "abc";
    made->project = "iris";
    manifest_add(arena, made, "b c.yaml", hash);
    manifest_add(arena, made, "a.yaml", hash);
    struct buf text = {0};
    manifest_write(arena, &text, made);
    assert_true(strstr(buf_str(&text), " a.yaml\n") < strstr(buf_str(&text), " b c.yaml\n"));
    assert_int_equal(manifest_read(arena, buf_str(&text), text.length, read), 0);
    assert_string_equal(read->mlc, "0.1.0");
    assert_string_equal(read->library, "abc");
    assert_string_equal(read->project, "iris");
    assert_true(manifest_has(read, "b c.yaml", hash));
    assert_false(manifest_has(read, "c", NULL));
    assert_int_equal(manifest_read(arena, "# x\nabc\n", 8, read), 2);
    buf_free(&text);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_diffs_read_as_git_prints_them),
        cmocka_unit_test(distant_changes_stand_apart),
        cmocka_unit_test(applying_a_diff_gives_the_new_text),
        cmocka_unit_test(huge_differences_stay_affordable),
        cmocka_unit_test(manifests_are_sorted_and_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
