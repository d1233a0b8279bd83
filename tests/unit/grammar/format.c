/* The canonical format: idempotent, keeps the tree and every comment, on all specs of the repository. */

#include "tests/unit/grammar/support.h"

static char *formatted(const char *text, size_t length)
{
    struct parsed parsed = parse_text(text, length);
    struct buf out = {0};
    assert_true(parsed.file->complete);
    format_file(&out, parsed.file);
    buf_add_str(&out, "");
    parsed_free(&parsed);
    return buf_take(&out);
}

static size_t comments_of(const char *text, size_t length)
{
    struct parsed parsed = parse_text(text, length);
    size_t count = parsed.file->comment_count;
    parsed_free(&parsed);
    return count;
}

static void check_text(const char *path, const char *text, size_t length)
{
    char *once = formatted(text, length);
    char *twice = formatted(once, strlen(once));
    if (strcmp(once, twice) != 0) {
        fail_msg("%s: formatting is not idempotent", path);
    }
    size_t errors;
    char *before = dump_of(text, length, &errors);
    char *after = dump_of(once, strlen(once), &errors);
    if (strcmp(before, after) != 0) {
        fail_msg("%s: formatting changes the tree", path);
    }
    if (comments_of(text, length) != comments_of(once, strlen(once))) {
        fail_msg("%s: formatting loses comments", path);
    }
    free(before);
    free(after);
    free(once);
    free(twice);
}

static void check_spec(const char *path)
{
    struct buf text = read_whole(path);
    struct parsed parsed = parse_text(buf_str(&text), text.length);
    bool complete = parsed.file->complete;
    parsed_free(&parsed);
    if (complete) { /* others are examples of errors */
        check_text(path, buf_str(&text), text.length);
    }
    buf_free(&text);
}

static void all_specs_keep_their_meaning(void **state)
{
    (void)state;
    static const char *const folders[] = {"stdlib", "backends", "examples", "tests/golden", "docs"};
    struct arena *arena = arena_new();
    size_t count = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        count += each_spec(arena, folders[i], check_spec);
    }
    arena_free(arena);
    assert_true(count >= 2);
}

/* A comment at every line end, and on a line of its own between all lines, survives. */
static void comments_survive_everywhere(void **state)
{
    (void)state;
    static const char *const paths[] = {"tests/golden/grammar/spec.mlc", "tests/golden/grammar/library.mlc"};
    for (size_t i = 0; i < 2; i++) {
        struct buf text = read_whole(paths[i]);
        struct buf commented = {0};
        for (size_t at = 0; at < text.length; at++) {
            if (text.data[at] == '\n') {
                buf_add_str(&commented, " # behind\n  # between");
            }
            buf_add_char(&commented, text.data[at]);
        }
        check_text(paths[i], buf_str(&commented), commented.length);
        buf_free(&text);
        buf_free(&commented);
    }
}

static void expect_format(const char *text, const char *expected)
{
    char *result = formatted(text, strlen(text));
    assert_string_equal(result, expected);
    free(result);
    check_text("inline", text, strlen(text));
}

static void layout(void **state)
{
    (void)state;
    expect_format("a=1\nlonger  =  [ 1,2 ]\n\n\n\nb = {x:1,y :2}\n",
                  "a      = 1\nlonger = [1, 2]\n\nb = { x: 1, y: 2 }\n");
    expect_format("model  m{\ndata=d # one\nsplit{train=80%}   # two\n}",
                  "model m {\n  data  = d              # one\n  split { train = 80% }  # two\n}\n");
    expect_format("f = g(\n1,h( 2 ),\n  ...xs)", "f = g(\n  1,\n  h(2),\n  ...xs,\n)\n");
    expect_format("x = a\n   and b\n.c", "x = a\n  and b\n  .c\n");
    expect_format("if a{b}else if c{d}\nelse{e}", "if a { b } else if c { d } else { e }\n");
    expect_format("dataset d {\n  column id: int\n  column name: string in a..b\n}",
                  "dataset d {\n  column id:   int\n  column name: string in a..b\n}\n");
    expect_format("slo {\n  p99 <= 1ms\n  availability >= 9% over 3d\n}",
                  "slo {\n  p99          <= 1ms\n  availability >= 9% over 3d\n}\n");
    expect_format("", "");
    expect_format("# only\n\n\n## doc\n", "# only\n\n## doc\n");
    expect_format("t = \"\"\"\n  a\n    b\n  \"\"\"\n", "t = \"\"\"\n  a\n    b\n  \"\"\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout),
        cmocka_unit_test(all_specs_keep_their_meaning),
        cmocka_unit_test(comments_survive_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
