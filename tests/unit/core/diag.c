#include "tests/unit/core/fixture.h"

/* Codes of the catalogue's own room serve as examples. */

static const char SPEC[] = "service iris {\n  replica = 6\n\tlimit = \"日本\" + x\n}\n";

static struct span span_of(const struct source *source, const char *part)
{
    uint32_t start = (uint32_t)(strstr(source->text, part) - source->text);
    return (struct span){source->id, start, start + (uint32_t)strlen(part)};
}

static void test_catalogue(void **state)
{
    (void)state;
    size_t count;
    const struct diag_info *rows = diag_catalogue(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(diag_info(rows[i].code), &rows[i]);
        assert_ptr_equal(diag_info_by_id(rows[i].id), &rows[i]);
        assert_int_equal(strlen(rows[i].id), 7);
        assert_true(strlen(rows[i].title) > 0 && strlen(rows[i].page) > strlen(rows[i].title));
        assert_null(strchr(rows[i].title, '\n'));
        assert_true(i == 0 || rows[i - 1].code < rows[i].code);
    }
    assert_string_equal(diag_info(DIAG_JSON_SYNTAX)->id, "MLC1000");
    assert_null(diag_info_by_id("MLC9999"));
}

static void test_text_with_all_parts(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct source *source = fixture_source(&fixture, "spec.mlc", SPEC);
    const struct source *other =
        fixture_source(&fixture, "stdlib/kinds.mlc", "kind service {\n  replicas: int\n}\n");
    struct diag *diag = diag_report(fixture.diags, DIAG_JSON_SYNTAX, span_of(source, "replica"),
                                    "`service` has no attribute `%s`", "replica");
    diag_label(diag, "unknown attribute");
    diag_secondary(diag, span_of(source, "service"), "in this block");
    diag_secondary(diag, span_of(other, "replicas"), "declared here");
    diag_secondary(diag, span_of(other, "int"), "dropped: two are enough");
    diag_note(diag, "attributes are a closed set");
    diag_help(diag, "there is an attribute with a similar name: `replicas`");
    diag_fix(diag, span_of(source, "replica"), true, "replicas");
    assert_string_equal(
        fixture_messages(&fixture),
        "error[MLC1000]: `service` has no attribute `replica`\n"
        " --> spec.mlc:2:3\n"
        "2 |   replica = 6\n"
        "  |   ^^^^^^^ unknown attribute\n"
        "1 | service iris {\n"
        "  | ------- in this block\n"
        " ::: stdlib/kinds.mlc:2:3\n"
        "2 |   replicas: int\n"
        "  |   -------- declared here\n"
        "  = note: attributes are a closed set\n"
        "  = help: there is an attribute with a similar name: `replicas`; `mlc fix` does it\n");
    fixture_end(&fixture);
}

static void test_wide_characters_tabs_and_ends(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct source *source = fixture_source(&fixture, "spec.mlc", SPEC);
    struct diag *diag = diag_report(fixture.diags, DIAG_JSON_SYNTAX, span_of(source, "x"), "one");
    diag_label(diag, "here");
    diag_secondary(diag, span_of(source, "\"日本\""), "a string");
    diag_report(fixture.diags, DIAG_JSON_SYNTAX, (struct span){source->id, source->length, source->length},
                "two");
    struct span block = {source->id, 0, source->length - 1};
    diag_label(diag_report(fixture.diags, DIAG_JSON_SYNTAX, block, "three"), "all of it");
    assert_string_equal(fixture_messages(&fixture), "error[MLC1000]: one\n"
                                                    " --> spec.mlc:3:17\n"
                                                    "3 |     limit = \"日本\" + x\n"
                                                    "  |                      ^ here\n"
                                                    "  |             ------ a string\n"
                                                    "\n"
                                                    "error[MLC1000]: two\n"
                                                    " --> spec.mlc:5:1\n"
                                                    "5 |\n"
                                                    "  | ^\n"
                                                    "\n"
                                                    "error[MLC1000]: three\n"
                                                    " --> spec.mlc:1:1\n"
                                                    "1 | service iris {\n"
                                                    "  | ^^^^^^^^^^^^^^… all of it\n");
    fixture_end(&fixture);
}

static void test_narrow_terminal(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    struct buf line = {0};
    buf_add_repeat(&line, 'a', 100);
    buf_add_str(&line, " HERE ");
    buf_add_repeat(&line, 'b', 100);
    const struct source *source = fixture_source(&fixture, "long.mlc", line.data);
    struct diag *diag = diag_report(fixture.diags, DIAG_JSON_SYNTAX, span_of(source, "HERE"),
                                    "a message that is longer than forty columns and wraps");
    diag_label(diag, "a label that does not fit beside its mark and goes below it");
    diag_note(diag, "a note that is too long for one line of this terminal");
    diag_print_text(&fixture.out, fixture.diags, fixture.sources, (struct diag_style){.width = 40});
    assert_string_equal(buf_str(&fixture.out), "error[MLC1000]: a message that is longer\n"
                                               "  than forty columns and wraps\n"
                                               " --> long.mlc:1:102\n"
                                               "1 | …aaaaaaa HERE bbbbbbbbbbbbbbbbbbbbb…\n"
                                               "  |          ^^^^\n"
                                               "  | a label that does not fit beside its\n"
                                               "  | mark and goes below it\n"
                                               "  = note: a note that is too long for\n"
                                               "          one line of this terminal\n");
    buf_free(&line);
    fixture_end(&fixture);
}

static void test_hostile_text_cannot_reach_the_terminal(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct source *source = fixture_source(&fixture, "x\x1b[2J.mlc", "a \x1b[31m \xe2\x80\xae b\xff\n");
    diag_report(fixture.diags, DIAG_JSON_SYNTAX, (struct span){source->id, 0, 1}, "found `%s`",
                "\x1b]0;x\x07");
    const char *text = fixture_messages(&fixture);
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\x07'));
    assert_null(strstr(text, "\xe2\x80\xae"));
    fixture_end(&fixture);
}

static void test_limits_and_repeats(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct diag_sink *sink = diag_sink_new(arena, 3);
    for (int i = 0; i < 10; i++)
        diag_label(diag_report(sink, DIAG_JSON_SYNTAX, span_none, "error %d", i / 2), "label %d", i);
    assert_int_equal(diag_count(sink), 3);
    assert_int_equal(diag_error_count(sink), 8);
    assert_int_equal(diag_dropped(sink), 5);
    assert_string_equal(diag_at(sink, 1)->message, "error 1");
    assert_string_equal(diag_at(sink, 1)->primary.text, "label 2");
    arena_free(arena);
}

static void test_sort(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct diag_sink *sink = diag_sink_new(arena, 0);
    diag_report(sink, DIAG_JSON_SYNTAX, (struct span){2, 5, 6}, "d");
    diag_report(sink, DIAG_YAML_SYNTAX, (struct span){1, 9, 9}, "c");
    diag_report(sink, DIAG_JSON_SYNTAX, (struct span){1, 9, 9}, "b");
    diag_report(sink, DIAG_YAML_SYNTAX, (struct span){1, 2, 9}, "a");
    diag_sort(sink);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(diag_at(sink, i)->message[0], 'a' + (int)i);
    arena_free(arena);
}

static void test_origins_lead_with_the_user(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct source *user = fixture_source(&fixture, "spec.mlc", SPEC);
    const char *text = "line\nreplicas: x\n";
    const struct source *backend =
        source_add(fixture.sources, SOURCE_BACKEND, "backends/k.mlc", text, strlen(text));
    origin node = origin_add(fixture.origins, span_of(user, "replica"), 0);
    origin literal = origin_add(fixture.origins, span_of(backend, "replicas"), node);
    assert_int_equal(origin_add(fixture.origins, span_of(backend, "replicas"), node), literal);
    assert_int_equal(origin_parent(fixture.origins, literal), node);
    diag_report_at(fixture.diags, DIAG_JSON_SYNTAX, fixture.origins, fixture.sources, literal, "bad");
    assert_string_equal(fixture_messages(&fixture), "error[MLC1000]: bad\n"
                                                    " --> spec.mlc:2:3\n"
                                                    "2 |   replica = 6\n"
                                                    "  |   ^^^^^^^\n"
                                                    "  = expanded from: backends/k.mlc:2:1\n");
    fixture_end(&fixture);
}

static void test_json(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct source *source = fixture_source(&fixture, "spec.mlc", SPEC);
    struct diag *diag = diag_report(fixture.diags, DIAG_JSON_SYNTAX, span_of(source, "replica"), "no");
    diag_fix(diag, span_of(source, "replica"), true, "replicas");
    diag_report(fixture.diags, DIAG_YAML_SYNTAX, span_none, "nowhere");
    diag_print_json(&fixture.out, fixture.diags, fixture.sources);
    char *text = arena_strdup(fixture.arena, buf_str(&fixture.out));
    const struct value *value = fixture_json(&fixture, text);
    assert_non_null(value);
    const struct value *first = value_get(value, "diagnostics")->items[0];
    assert_string_equal(value_string_or(value_get(first, "code"), ""), "MLC1000");
    const struct value *span = value_get(first, "spans")->items[0];
    assert_int_equal(value_path(span, "start", "line", NULL)->integer, 2);
    assert_int_equal(value_path(span, "end", "column", NULL)->integer, 10);
    assert_true(value_path(first, "fix", "safe", NULL)->boolean);
    assert_int_equal(value_get(value_get(value, "diagnostics")->items[1], "spans")->count, 0);
    fixture_end(&fixture);
}

static void test_sarif(void **state)
{
    (void)state;
    struct fixture fixture = fixture_begin();
    const struct source *source = fixture_source(&fixture, "a dir/spec.mlc", SPEC);
    struct diag *diag = diag_report(fixture.diags, DIAG_JSON_SYNTAX, span_of(source, "replica"), "no `x`");
    diag_help(diag, "write `y`");
    diag_fix(diag, span_of(source, "replica"), true, "replicas");
    diag_print_sarif(&fixture.out, fixture.diags, fixture.sources, "0.1.0");
    char *text = arena_strdup(fixture.arena, buf_str(&fixture.out));
    const struct value *run = value_get(fixture_json(&fixture, text), "runs")->items[0];
    const struct value *result = value_get(run, "results")->items[0];
    assert_string_equal(value_string_or(value_path(result, "message", "text", NULL), ""),
                        "No `x`. Help: Write `y`.");
    const struct value *physical = value_get(value_get(result, "locations")->items[0], "physicalLocation");
    assert_string_equal(value_string_or(value_path(physical, "artifactLocation", "uri", NULL), ""),
                        "a%20dir/spec.mlc");
    assert_int_equal(value_path(physical, "region", "startColumn", NULL)->integer, 3);
    assert_int_equal(value_path(run, "tool", "driver", "rules", NULL)->count, 1);
    fixture_end(&fixture);
}

/* A page without an example helps nobody at 3 a.m. */
static void test_pages(void **state)
{
    (void)state;
    size_t count;
    const struct diag_info *rows = diag_catalogue(&count);
    for (size_t i = 0; i < count; i++)
        if (strlen(rows[i].page) < 60 || (!strstr(rows[i].page, "\n    ") && !strstr(rows[i].page, "```")))
            fail_msg("the page of %s (%s) has no example, or hardly a text", rows[i].id, rows[i].title);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_text_with_all_parts),
        cmocka_unit_test(test_wide_characters_tabs_and_ends),
        cmocka_unit_test(test_narrow_terminal),
        cmocka_unit_test(test_hostile_text_cannot_reach_the_terminal),
        cmocka_unit_test(test_limits_and_repeats),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_origins_lead_with_the_user),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_sarif),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
