#include "tests/unit/core/fixture.h"
#include "core/documents/yaml_scalar.h"
#include "core/file.h"

static const char *written(struct fixture *fixture, const struct value *value)
{
    buf_clear(&fixture->out);
    const struct value *bad = NULL;
    assert_true(yaml_write(&fixture->out, value, &bad));
    return buf_str(&fixture->out);
}

static void check_scalar(struct fixture *fixture, const char *text, size_t length)
{
    const struct value *string = value_string_n(fixture->arena, text, length, 0);
    struct field fields[2] = {{"a", 0, string}, {"b", 0, value_list(fixture->arena, &string, 1, 0)}};
    const struct value *record = value_record(fixture->arena, fields, 2, 0);
    const char *yaml = arena_strdup(fixture->arena, written(fixture, record));
    const struct value *back = fixture_yaml(fixture, yaml, strlen(yaml));
    if (!back || !value_equal(back, record))
        fail_msg("not the same when read back:\n%s", yaml);
}

/* Every scalar of the table that readers disagree about is quoted, and survives. */
static void test_ambiguous_scalars(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const char *path = fixture_shared(fixture.arena, "reference/data/yaml_scalars.tsv");
    if (!path) {
        fixture_end(&fixture);
        skip();
    }
    struct buf table = {0};
    assert_int_equal(file_read(path, 1 << 20, &table), 0);
    size_t rows = 0;
    for (char *line = strchr(table.data, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
        size_t length = strcspn(line + 1, "\t\n");
        const char *rest = line + 1 + length;
        size_t rest_length = strcspn(rest, "\n");
        bool string_to_all = rest_length == strlen("\tstr\tstr\tstr\tstr\tstr") &&
                             memcmp(rest, "\tstr\tstr\tstr\tstr\tstr", rest_length) == 0;
        if (!string_to_all && yaml_is_plain(line + 1, length))
            fail_msg("`%.*s` is written plain", (int)length, line + 1);
        check_scalar(&fixture, line + 1, length);
        rows++;
    }
    assert_true(rows > 60);
    buf_free(&table);
    fixture_end(&fixture);
}

static const char *const plain[] = {"250m",
                                    "64Mi",
                                    "30s",
                                    "10m",
                                    "1d",
                                    "${{ github.ref }}",
                                    "--model",
                                    "-c",
                                    "/healthz",
                                    "./x",
                                    ".github/a/**",
                                    "src/**",
                                    "a:b",
                                    "a#b",
                                    "é",
                                    "x == 'y' || z",
                                    "arn:aws:iam::111122223333:role/ci",
                                    "always() && x",
                                    "(a or b)",
                                    "a, b",
                                    "0m"};

static const char *const quoted[] = {"",
                                     "on",
                                     "No",
                                     "y",
                                     "~",
                                     "null",
                                     "0755",
                                     "1e3",
                                     "08",
                                     "3.12",
                                     "22:22",
                                     "a: b",
                                     "a #b",
                                     "a:",
                                     " a",
                                     "a ",
                                     "*.mlc",
                                     ".",
                                     "&a",
                                     "!x",
                                     "@x",
                                     "`x",
                                     "%x",
                                     "{a",
                                     "[a",
                                     "{{ x }}",
                                     "- a",
                                     "-",
                                     "---",
                                     "...",
                                     "?",
                                     ":",
                                     "=",
                                     "<<",
                                     "'a'",
                                     "\"a\"",
                                     "a\tb",
                                     "a\rb",
                                     "111122223333.dkr.ecr",
                                     "00m",
                                     "1_000",
                                     "-.inf",
                                     "-inf",
                                     ".5",
                                     "+1",
                                     "-1",
                                     "2024-01-01",
                                     "\xc2\x85",
                                     "a\xe2\x80\xa8"
                                     "b",
                                     "\xef\xbb\xbf",
                                     "\xff"};

static void test_plain_and_quoted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (!yaml_is_plain(plain[i], strlen(plain[i])))
            fail_msg("`%s` is quoted", plain[i]);
    for (size_t i = 0; i < sizeof quoted / sizeof quoted[0]; i++)
        if (yaml_is_plain(quoted[i], strlen(quoted[i])))
            fail_msg("`%s` is plain", quoted[i]);
}

static void test_strings_survive(void **state)
{
    (void)state;
    static const char *const texts[] = {"a\nb",
                                        "a\nb\n",
                                        "a\nb\n\n\n",
                                        "\na\n",
                                        "\n",
                                        "\n\n",
                                        " a\nb\n",
                                        "  a\n b",
                                        "a\n\n\nb",
                                        "a \nb",
                                        "a\n\tb",
                                        "\ta\nb",
                                        "a\n  \nb",
                                        "a\r\nb",
                                        "a\nb ",
                                        "# a\n# b\n",
                                        "- a\n- b\n",
                                        "---\na\n...\n",
                                        "a: b\nc: d\n",
                                        "\x01\n",
                                        "😀\nb",
                                        "a\n\xe2\x80\xa8"
                                        "b",
                                        "\n\n a\n",
                                        "a\n\n",
                                        "|",
                                        ">",
                                        "\"\\\n\t\"",
                                        "\x7f",
                                        "\xc2\xa0",
                                        "%YAML 1.2\n",
                                        "key: |\n  x\n"};
    struct fixture fixture = fixture_begin();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_scalar(&fixture, texts[i], strlen(texts[i]));
    check_scalar(&fixture, "a\0b", 3);
    fixture_end(&fixture);
}

static void test_layout(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct value *value = fixture_json(
        &fixture, "{\"name\":\"x\",\"on\":{\"push\":{\"branches\":[\"main\"]}},\"e\":[],\"f\":{},"
                  "\"run\":\"a\\nb\\n\",\"steps\":[{\"uses\":\"a@b\",\"with\":{\"k\":\"1\"}},[1,[2.5,1e30]]],"
                  "\"z\":null,\"t\":true}");
    assert_non_null(value);
    assert_string_equal(written(&fixture, value), "name: x\n"
                                                  "\"on\":\n"
                                                  "  push:\n"
                                                  "    branches:\n"
                                                  "      - main\n"
                                                  "e: []\n"
                                                  "f: {}\n"
                                                  "run: |\n"
                                                  "  a\n"
                                                  "  b\n"
                                                  "steps:\n"
                                                  "  - uses: a@b\n"
                                                  "    with:\n"
                                                  "      k: \"1\"\n"
                                                  "  - - 1\n"
                                                  "    - - 2.5\n"
                                                  "      - 1.0e+30\n"
                                                  "z: null\n"
                                                  "t: true\n");
    fixture_end(&fixture);
}

static void test_marks(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    struct arena *arena = fixture.arena;
    static const char *const lines[] = {"first\nline", "second"};
    struct marks note = {.note = "why"}, above = {.above = lines, .above_count = 2},
                 spaced = {.spaced = true};
    const struct value *one = value_with_marks(arena, value_int(arena, 1, 0), &note);
    const struct value *text = value_with_marks(arena, value_string(arena, "a\nb\n\n", 0), &note);
    struct field inner[] = {{"k", 0, value_with_marks(arena, value_string(arena, "v", 0), &above)}};
    const struct value *item = value_record(arena, inner, 1, 0);
    struct field fields[] = {{"a", 0, one},
                             {"b", 0, text},
                             {"c", 0, value_with_marks(arena, value_list(arena, &item, 1, 0), &note)}};
    const struct value *record = value_with_marks(arena, value_record(arena, fields, 3, 0), &spaced);
    assert_string_equal(written(&fixture, record), "a: 1 # why\n"
                                                   "\n"
                                                   "b: |+ # why\n"
                                                   "  a\n"
                                                   "  b\n"
                                                   "\n"
                                                   "c: # why\n"
                                                   "  # first line\n"
                                                   "  # second\n"
                                                   "  - k: v\n");
    const char *yaml = arena_strdup(arena, buf_str(&fixture.out));
    assert_true(value_equal(fixture_yaml(&fixture, yaml, strlen(yaml)), record));
    fixture_end(&fixture);
}

static void test_reader_takes_the_core_schema(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[yes, No, on, y]", "[\"yes\",\"No\",\"on\",\"y\"]"},
        {"[true, False, NULL, ~]", "[true,false,null,null]"},
        {"[0755, 0o17, 0x1F, 08, +1, -3]", "[493,15,31,8,1,-3]"},
        {"[1e3, .5, 5., -1.5e-3, 1.10]", "[1000,0.5,5,-0.0015,1.1]"},
        {"[1_000, 0b1, 1:20, 2024-01-01, 1..2, 1e400, --5, '1', \"2\"]",
         "[\"1_000\",\"0b1\",\"1:20\",\"2024-01-01\",\"1..2\",\"1e400\",\"--5\",\"1\",\"2\"]"},
        {"{8080: a, true: b, on: c}", "{\"8080\":\"a\",\"true\":\"b\",\"on\":\"c\"}"},
        {"!!str 12", "\"12\""},
        {"a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\n", "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"k\":3,\"l\":2}}"},
        {"a: &x 1\nb: [*x, *x]\n", "{\"a\":1,\"b\":[1,1]}"},
        {"\xef\xbb\xbf"
         "a: é\n",
         "{\"a\":\"é\"}"},
        {"a:\n- b\n-\n", "{\"a\":[\"b\",null]}"},
        {"9223372036854775807", "9223372036854775807"}};
    struct fixture fixture = fixture_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct value *value = fixture_yaml(&fixture, cases[i][0], strlen(cases[i][0]));
        if (!value)
            fail_msg("refused: %s\n%s", cases[i][0], fixture_messages(&fixture));
        buf_clear(&fixture.out);
        assert_true(json_write(&fixture.out, value, (struct json_style){JSON_COMPACT, false}, NULL));
        assert_string_equal(buf_str(&fixture.out), cases[i][1]);
    }
    fixture_end(&fixture);
}

static void check_message(const char *yaml, const char *message)
{
    struct fixture fixture = fixture_begin();
    assert_null(fixture_yaml(&fixture, yaml, strlen(yaml)));
    assert_string_equal(fixture_messages(&fixture), message);
    fixture_end(&fixture);
}

static void test_reader_messages(void **state)
{
    (void)state;
    check_message("a: 1\nb: 2\na: 3\n", "error[MLC1011]: the key `a` stands twice in one mapping\n"
                                        " --> in.yaml:3:1\n"
                                        "3 | a: 3\n"
                                        "  | ^ second\n"
                                        "1 | a: 1\n"
                                        "  | - first\n");
    check_message("é: *x\n", "error[MLC1014]: `*x` leads nowhere\n"
                             " --> in.yaml:1:4\n"
                             "1 | é: *x\n"
                             "  |    ^^ no `&` before it gives this name\n");
    check_message("a: &a [*a]\n", "error[MLC1014]: `*a` leads nowhere\n"
                                  " --> in.yaml:1:8\n"
                                  "1 | a: &a [*a]\n"
                                  "  |        ^^ inside the value that it stands for\n");
    check_message("a: .inf\n", "error[MLC1016]: no document may hold `.inf`\n"
                               " --> in.yaml:1:4\n"
                               "1 | a: .inf\n"
                               "  |    ^^^^ quote it if a text is meant\n");
    check_message("? [a]\n: 1\n", "error[MLC1012]: a key is a list, a mapping or an alias\n"
                                  " --> in.yaml:1:3\n"
                                  "1 | ? [a]\n"
                                  "  |   ^ expected a string\n");
}

static void test_laughs_are_bounded(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    struct buf yaml = {0};
    buf_add_str(&yaml, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 12; i++) {
        buf_printf(&yaml, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            buf_printf(&yaml, "%s*a%d", j ? "," : "", i - 1);
        buf_add_str(&yaml, "]\n");
    }
    assert_null(fixture_yaml(&fixture, yaml.data, yaml.length));
    assert_non_null(strstr(fixture_messages(&fixture), "MLC1013"));
    struct buf chain = {0};
    buf_add_str(&chain, "a0: &a0 [x]\n");
    for (int i = 1; i < 300; i++)
        buf_printf(&chain, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    assert_null(fixture_yaml(&fixture, chain.data, chain.length));
    assert_non_null(strstr(fixture_messages(&fixture), "nested deeper than 100 levels"));
    buf_free(&chain);
    buf_free(&yaml);
    fixture_end(&fixture);
}

/* Without comments and blank lines, what is read and written again is what stood there. */
static void strip(struct buf *out, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n"), blanks = strspn(text, " ");
        const char *note = memmem(text, length, " # ", 3);
        if (blanks < length && text[blanks] != '#') {
            buf_add(out, text, note ? (size_t)(note - text) : length);
            buf_add_char(out, '\n');
        }
        text += length + (text[length] == '\n');
    }
}

static void check_expected_file(struct fixture *fixture, const char *path)
{
    struct buf text = {0}, expected = {0}, again = {0};
    assert_int_equal(file_read(path, 1 << 20, &text), 0);
    struct vec documents = vec_in(fixture->arena);
    const struct source *source = source_add(fixture->sources, SOURCE_OTHER, path, text.data, text.length);
    assert_true(yaml_read(fixture->arena, source, (struct yaml_limits){0}, NULL, fixture->diags, &documents));
    buf_clear(&fixture->out);
    for (size_t i = 0; i < documents.count; i++) {
        buf_add_str(&fixture->out, i ? "---\n" : "");
        assert_true(yaml_write(&fixture->out, documents.items[i], NULL));
    }
    strip(&expected, text.data);
    strip(&again, fixture->out.data);
    assert_string_equal(again.data, expected.data);
    buf_free(&text);
    buf_free(&expected);
    buf_free(&again);
}

static void test_expected_files_come_back(void **state)
{
    (void)state;
    static const char *const files[] = {
        "kubernetes/deploy/production/iris-api.yaml",      "kubernetes/deploy/production/namespace.yaml",
        "kubernetes/deploy/production/serving-drift.yaml", "kubernetes/deploy/staging/iris-api.yaml",
        "kubernetes/deploy/staging/namespace.yaml",        "kubernetes/deploy/staging/serving-drift.yaml",
        "github/.github/actions/mlc/action.yml",           "github/.github/workflows/iris.yml"};
    struct fixture fixture = fixture_begin();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *path =
            fixture_shared(fixture.arena, arena_printf(fixture.arena, "reference/iris-out/%s", files[i]));
        if (!path) {
            fixture_end(&fixture);
            skip();
        }
        check_expected_file(&fixture, path);
    }
    fixture_end(&fixture);
}

static void test_refuses_what_no_document_holds(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct value *bad = NULL, *word = value_word(fixture.arena, "main", 0);
    const struct value *list = value_list(fixture.arena, &word, 1, 0);
    assert_false(yaml_write(&fixture.out, list, &bad));
    assert_ptr_equal(bad, word);
    const struct value *infinite = value_float(fixture.arena, 1e308 * 10, 0);
    assert_false(yaml_write(&fixture.out, infinite, &bad));
    assert_ptr_equal(bad, infinite);
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ambiguous_scalars),
        cmocka_unit_test(test_plain_and_quoted),
        cmocka_unit_test(test_strings_survive),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_reader_takes_the_core_schema),
        cmocka_unit_test(test_reader_messages),
        cmocka_unit_test(test_laughs_are_bounded),
        cmocka_unit_test(test_expected_files_come_back),
        cmocka_unit_test(test_refuses_what_no_document_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
