/* Reports escape for where they go; the trust domain of what runs in CI; anchors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/documents/json.h"
#include "runtime/audit.h"
#include "runtime/run_report.h"

static const char hostile[] =
    "{\"model\": \"model/m\", \"time\": \"t\", \"succeeded\": false, \"number\": 1, \"artifact\": \"aa\","
    " \"verdict\": \"rejected\","
    " \"verdicts\": [{\"require\": \"x > 1\", \"holds\": false, \"vacuous\": false,"
    "   \"found\": \"a | b `c` @owner\", \"bound\": \"\"}],"
    " \"metrics\": [{\"name\": \"<img src=x onerror=alert(1)>\", \"value\": 0.5, \"champion\": 0.75}],"
    " \"actions\": [{\"id\": \"model/m.train\", \"status\": \"failed\","
    "   \"message\": \"line\\n[click](http://example.com) \\\"quoted\\\" \\u001b[31m\"}]}";

static const struct value *report(struct arena *arena)
{
    const char *why = "";
    const struct value *value = json_read_text(arena, hostile, strlen(hostile), &why);
    assert_non_null(value);
    return value;
}

static void html_holds_no_markup_of_a_run(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf out = {0};
    run_report_html(&out, report(arena));
    assert_null(strstr(buf_str(&out), "<img"));
    assert_non_null(strstr(buf_str(&out), "&lt;img src=x"));
    assert_non_null(strstr(buf_str(&out), "&quot;quoted&quot;"));
    assert_null(strchr(buf_str(&out), '\x1b'));
    assert_non_null(strstr(buf_str(&out), "-0.25"));
    buf_free(&out);
    arena_free(arena);
}

static void markdown_mentions_nobody_and_links_nowhere(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf out = {0};
    run_report_markdown(&out, report(arena));
    assert_null(strstr(buf_str(&out), "@owner"));
    assert_null(strstr(buf_str(&out), "](http"));
    assert_null(strstr(buf_str(&out), "<img"));
    assert_non_null(strstr(buf_str(&out), "a &#124; b"));
    buf_free(&out);
    arena_free(arena);
}

static void text_holds_no_control_characters(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf out = {0};
    run_report_text(&out, report(arena));
    assert_null(strchr(buf_str(&out), '\x1b'));
    assert_non_null(strstr(buf_str(&out), "model/m  failed"));
    buf_free(&out);
    arena_free(arena);
}

static const char *domain(struct arena *arena, const char *ci, const char *event, const char *ref)
{
    setenv("CI", ci, 1);
    setenv("GITHUB_EVENT_NAME", event, 1);
    setenv("GITHUB_REF", ref, 1);
    return registry_domain(arena);
}

static void a_pull_request_is_known_by_its_environment(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_string_equal(domain(arena, "true", "pull_request", "refs/pull/17/merge"), "pr/17");
    assert_string_equal(domain(arena, "true", "pull_request_target", "refs/heads/main"), "pr/unknown");
    assert_string_equal(domain(arena, "true", "push", "refs/heads/main"), "main");
    assert_string_equal(domain(arena, "false", "pull_request", "refs/pull/17/merge"), "main");
    unsetenv("CI");
    arena_free(arena);
}

static void anchors_are_read_strictly(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct store_head head = {.sequence = 12}, back;
    hash_hex("x", 1, head.hash);
    const char *text = audit_anchor(arena, &head);
    assert_true(audit_read_anchor(text, &back));
    assert_int_equal(back.sequence, 12);
    assert_string_equal(back.hash, head.hash);
    assert_false(audit_read_anchor("12 sha256:abc", &back));
    assert_false(audit_read_anchor(arena_printf(arena, "%s ", text), &back));
    assert_false(audit_read_anchor("", &back));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_holds_no_markup_of_a_run),
        cmocka_unit_test(markdown_mentions_nobody_and_links_nowhere),
        cmocka_unit_test(text_holds_no_control_characters),
        cmocka_unit_test(a_pull_request_is_known_by_its_environment),
        cmocka_unit_test(anchors_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
