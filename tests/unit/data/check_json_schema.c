/* JSON Schema of texts: patterns as other checks read them, and nothing of a schema passed over in silence.
 */

#include "tests/unit/data/check_support.h"

static struct check_result judged(struct arena *arena, const char *schema, const char *csv)
{
    static const char *const columns[] = {"x"};
    struct check check = {.kind = CHECK_JSON_SCHEMA,
                          .columns = columns,
                          .column_count = 1,
                          .mostly = 1,
                          .python = true,
                          .set = parse_json(arena, schema)};
    return run_check(arena, csv, &check);
}

static void patterns_are_pcre(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *csv;
        uint64_t bad;
    } WANTED[] = {
        {"{\"pattern\": \"^(?!test)\"}", "x\n\"\"\"tests\"\"\"\n\"\"\"text\"\"\"\n", 1},
        {"{\"pattern\": \"^(.)\\\\1$\"}", "x\n\"\"\"aa\"\"\"\n\"\"\"ab\"\"\"\n", 1},
        {"{\"pattern\": \"^.$\"}", "x\n\"\"\"é\"\"\"\n\"\"\"\\u20ac\"\"\"\n\"\"\"ab\"\"\"\n", 1},
        {"{\"pattern\": \"^a\\\\Z\"}", "x\n\"\"\"a\"\"\"\n\"\"\"a\\n\"\"\"\n", 1},
        {"{\"patternProperties\": {\"^(?=n)\": {\"type\": \"integer\"}}, \"additionalProperties\": false}",
         "x\n\"{\"\"n1\"\": 1}\"\n\"{\"\"n2\"\": true}\"\n\"{\"\"m\"\": 1}\"\n", 2},
        {"{\"properties\": {\"enum\": {\"pattern\": \"^a\"}, \"pattern\": {\"type\": \"integer\"}}, "
         "\"default\": {\"pattern\": \"(\"}}",
         "x\n\"{\"\"enum\"\": \"\"b\"\"}\"\n\"{\"\"pattern\"\": 1}\"\n\"{\"\"pattern\"\": 1.5}\"\n", 2},
    };
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        struct arena *arena = arena_new();
        struct check_result result = judged(arena, WANTED[i].schema, WANTED[i].csv);
        if (result.error || result.unexpected_count != WANTED[i].bad)
            fail_msg("%s: %llu bad, %s", WANTED[i].schema, (unsigned long long)result.unexpected_count,
                     result.error ? result.error : "");
        arena_free(arena);
    }
}

static void what_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    static const char *const WANTED[][2] = {
        {"{\"items\": {\"pattern\": \"(\"}}",
         "`(` in the schema: the pattern is wrong at byte 1: missing closing parenthesis"},
        {"{\"allOf\": [{\"unevaluatedProperties\": false}]}",
         "`unevaluatedProperties` in the schema is a keyword that is not read here"},
        {"{\"pattern\": \"^(a+)+\\\\1$\"}",
         "the pattern takes too many steps on the text of row 2: simplify it"},
    };
    for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++) {
        struct arena *arena = arena_new();
        struct check_result result =
            judged(arena, WANTED[i][0],
                   "x\n1\n\"\"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"
                   "\"\"\"\n\"\"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"\"\"\n");
        assert_int_equal(result.status, CHECK_ERROR);
        assert_string_equal(result.error, WANTED[i][1]);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_are_pcre),
        cmocka_unit_test(what_cannot_be_read_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
