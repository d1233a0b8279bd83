/* Reports of hostile data: nothing of it becomes markup, a terminal's command, or ill-formed text. */

#include "check_support.h"

#include "core/text.h"
#include "runtime/data/report.h"

static const char *const HOSTILE = "\"<script>alert(1)</script>\",b\n"
                                   "\"</td><img src=x onerror=alert(1)>\",1\n"
                                   "\"\x1b[2J]]>&amp;'\",2\n"
                                   "\"\xff\xfe\x01\",3\n";

static struct check_report hostile_report(struct arena *arena)
{
    static const char *const COLUMN[] = {"<script>alert(1)</script>"};
    struct check *check = arena_alloc(arena, sizeof *check);
    const struct value *pattern = value_string(arena, "^<>\"'&$", 0);
    *check = (struct check){.kind = CHECK_MATCHES, .columns = COLUMN, .column_count = 1, .mostly = 1};
    check->set = value_list(arena, &pattern, 1, 0);
    struct check_report report = run_checks(arena, HOSTILE, check, 1, NULL);
    assert_int_equal(report.results[0].unexpected_count, 3);
    return report;
}

static void assert_clean(const struct buf *out)
{
    assert_true(text_is_utf8(buf_str(out), out->length, NULL));
    for (size_t i = 0; i < out->length; i++)
        assert_true((unsigned char)out->data[i] >= 0x20 || out->data[i] == '\n');
}

static void html_is_escaped(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf out = {0};
    struct check_report report = hostile_report(arena);
    report_html(&out, &(struct report_page){.title = "<b>", .data = "a&b", .checks = &report});
    assert_clean(&out);
    assert_null(strstr(buf_str(&out), "<script"));
    assert_null(strstr(buf_str(&out), "<img"));
    assert_null(strstr(buf_str(&out), "<b>&lt;"));
    assert_non_null(strstr(buf_str(&out), "&lt;script&gt;alert(1)"));
    assert_null(strstr(buf_str(&out), "http://"));
    assert_null(strstr(buf_str(&out), "https://"));
    buf_free(&out);
    arena_free(arena);
}

static void junit_is_escaped(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf out = {0};
    struct check_report report = hostile_report(arena);
    report_check_junit(&out, "suite \"x\" <y>", &report);
    assert_clean(&out);
    assert_null(strstr(buf_str(&out), "<script"));
    assert_non_null(strstr(buf_str(&out), "failures=\"1\""));
    assert_non_null(strstr(buf_str(&out), "suite &quot;x&quot; &lt;y&gt;"));
    buf_free(&out);
    arena_free(arena);
}

static void text_does_not_steer_the_terminal(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf out = {0};
    struct check_report report = hostile_report(arena);
    report_check_text(&out, "data\x1b[0m", &report, (struct report_style){.width = 80});
    assert_clean(&out);
    buf_free(&out);
    arena_free(arena);
}

static void json_is_strict(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf out = {0};
    const char *const column[] = {"x"}, *why = NULL;
    struct check check = {.kind = CHECK_STDEV, .columns = column, .column_count = 1};
    struct check_report report = run_checks(arena, "x\n1\n", &check, 1, NULL);
    const struct value *document = report_check_value(arena, "x.csv", &report);
    assert_true(json_write(&out, document, (struct json_style){JSON_PRETTY, false}, NULL));
    assert_non_null(json_read_text(arena, buf_str(&out), out.length, &why));
    const struct value *result = value_get(document, "results")->items[0];
    assert_int_equal(value_get(result, "observed")->kind, VALUE_NULL);
    assert_non_null(value_get(result, "reason"));
    buf_free(&out);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_is_escaped),
        cmocka_unit_test(junit_is_escaped),
        cmocka_unit_test(text_does_not_steer_the_terminal),
        cmocka_unit_test(json_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
