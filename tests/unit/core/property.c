/* Random values through the writers, back through mlc's readers, and through python3's json and PyYAML where
 * they are there. The generator is seeded by a constant: a failure repeats. */
#include "tests/unit/core/fixture.h"
#include <math.h>
#include <unistd.h>
#include "core/file.h"

struct random {
    uint64_t state;
};

static uint64_t next(struct random *random)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    return random->state ^= random->state << 17;
}

static size_t below(struct random *random, size_t limit)
{
    return (size_t)(next(random) >> 33) % limit;
}

/* Texts out of pieces that mean something to some reader of YAML or JSON. */
static const struct value *random_string(struct random *random, struct arena *arena)
{
    static const char *const pieces[] = {"a",
                                         "B",
                                         "yes",
                                         "null",
                                         "0",
                                         "7",
                                         ".",
                                         "e3",
                                         "-",
                                         "- ",
                                         ":",
                                         ": ",
                                         " #",
                                         "#",
                                         " ",
                                         "  ",
                                         "\n",
                                         "\n\n",
                                         "\t",
                                         "\"",
                                         "'",
                                         "\\",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         "&",
                                         "*",
                                         "!",
                                         "|",
                                         ">",
                                         "%",
                                         "@",
                                         "`",
                                         "?",
                                         "=",
                                         "<<",
                                         "~",
                                         "é",
                                         "日",
                                         "😀",
                                         "\r",
                                         "\x01",
                                         "$",
                                         "/",
                                         "on",
                                         "\x7f",
                                         "---",
                                         "...",
                                         "inf",
                                         "0x",
                                         "_",
                                         "+",
                                         "true",
                                         "\xc2\x85",
                                         "\xe2\x80\xa8",
                                         "\xef\xbb\xbf",
                                         "\xc2\xa0",
                                         "${{ x }}"};
    struct buf text = {0};
    for (size_t count = below(random, 7); count > 0; count--)
        buf_add_str(&text, pieces[below(random, sizeof pieces / sizeof pieces[0])]);
    const struct value *value = value_string_n(arena, buf_str(&text), text.length, 0);
    buf_free(&text);
    return value;
}

static const struct value *random_float(struct random *random, struct arena *arena)
{
    uint64_t bits = next(random);
    double number;
    memcpy(&number, &bits, sizeof number);
    if (!isfinite(number) || below(random, 2))
        number = (double)(int64_t)bits / 1e15;
    return value_float(arena, number, 0);
}

static const struct value *random_value(struct random *random, struct arena *arena, size_t depth)
{
    switch (below(random, depth ? 8 : 6)) {
    case 0:
        return value_null(arena, 0);
    case 1:
        return value_bool(arena, below(random, 2), 0);
    case 2:
        return value_int(arena, (int64_t)next(random) >> below(random, 64), 0);
    case 3:
        return random_float(random, arena);
    case 6: {
        struct list_builder list = list_begin(arena);
        for (size_t count = below(random, 5); count > 0; count--)
            list_add(&list, random_value(random, arena, depth - 1));
        return list_end(&list, 0);
    }
    case 7: {
        struct record_builder record = record_begin(arena);
        for (size_t count = below(random, 5); count > 0; count--) {
            const char *key = random_string(random, arena)->text;
            record_set(&record, key, random_value(random, arena, depth - 1));
        }
        return record_end(&record, 0);
    }
    default:
        return random_string(random, arena);
    }
}

static void test_json_round_trip(void **state)
{
    (void)state;
    struct random random = {0x9e3779b97f4a7c15};
    for (int i = 0; i < 3000; i++) {
        struct fixture fixture = fixture_begin();
        const struct value *value = random_value(&random, fixture.arena, 4);
        for (int pretty = 0; pretty < 2; pretty++) {
            buf_clear(&fixture.out);
            struct json_style style = {pretty ? JSON_PRETTY : JSON_COMPACT, i % 2};
            assert_true(json_write(&fixture.out, value, style, NULL));
            char *text = arena_copy(fixture.arena, fixture.out.data, fixture.out.length);
            const struct value *back = fixture_json(&fixture, text);
            if (!back || !value_equal(value, back))
                fail_msg("case %d: %s\n%s", i, text, fixture_messages(&fixture));
        }
        fixture_end(&fixture);
    }
}

static void test_yaml_round_trip(void **state)
{
    (void)state;
    struct random random = {0xd1342543de82ef95};
    for (int i = 0; i < 3000; i++) {
        struct fixture fixture = fixture_begin();
        const struct value *value = random_value(&random, fixture.arena, 4);
        assert_true(yaml_write(&fixture.out, value, NULL));
        char *text = arena_copy(fixture.arena, fixture.out.data, fixture.out.length);
        const struct value *back = fixture_yaml(&fixture, text, strlen(text));
        if (!back || !value_equal(value, back))
            fail_msg("case %d:\n%s\n%s", i, text, fixture_messages(&fixture));
        char *first = arena_strdup(fixture.arena, text);
        buf_clear(&fixture.out);
        assert_true(yaml_write(&fixture.out, back, NULL));
        assert_string_equal(buf_str(&fixture.out), first);
        fixture_end(&fixture);
    }
}

/* Each case as one JSON line and as one YAML document in a list, both read by python3. */
static void test_python_reads_the_same(void **state)
{
    (void)state;
    if (system("python3 -c 'import yaml' >/dev/null 2>&1") != 0)
        skip();
    static const char script[] =
        "import json, sys, yaml\n"
        "def same(a, b):\n"
        "    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None: return a is b\n"
        "    if isinstance(a, (int, float)) and isinstance(b, (int, float)): return a == b\n"
        "    if type(a) is not type(b): return False\n"
        "    if isinstance(a, list): return len(a) == len(b) and all(map(same, a, b))\n"
        "    if isinstance(a, dict): return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)\n"
        "    return a == b\n"
        "lines = open(sys.argv[1] + '/cases.json', encoding='utf-8', "
        "newline='\\n').read().split('\\n')[:-1]\n"
        "for i, line in enumerate(lines):\n"
        "    text = open(f'{sys.argv[1]}/{i}.yaml', encoding='utf-8', newline='').read()\n"
        "    a, b = json.loads(line), yaml.safe_load(text)\n"
        "    if not same(a, b): sys.exit(f'{i}: {line}\\n{text}\\n{b!r}')\n";
    struct random random = {0x2545f4914f6cdd1d};
    struct arena *arena = arena_new();
    char folder[] = P_tmpdir "/mlc-property-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct buf lines = {0}, yaml = {0};
    for (int i = 0; i < 400; i++) {
        const struct value *value = random_value(&random, arena, 4);
        assert_true(json_write(&lines, value, (struct json_style){JSON_COMPACT, false}, NULL));
        buf_add_char(&lines, '\n');
        buf_clear(&yaml);
        assert_true(yaml_write(&yaml, value, NULL));
        const char *path = arena_printf(arena, "%s/%d.yaml", folder, i);
        assert_int_equal(file_write_atomic(path, yaml.data, yaml.length, 0644), 0);
    }
    const char *cases = arena_printf(arena, "%s/cases.json", folder);
    const char *program = arena_printf(arena, "%s/check.py", folder);
    assert_int_equal(file_write_atomic(cases, lines.data, lines.length, 0644), 0);
    assert_int_equal(file_write_atomic(program, script, strlen(script), 0644), 0);
    assert_int_equal(system(arena_printf(arena, "python3 %s %s", program, folder)), 0);
    file_remove_tree(folder);
    buf_free(&lines);
    buf_free(&yaml);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_round_trip),
        cmocka_unit_test(test_yaml_round_trip),
        cmocka_unit_test(test_python_reads_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
