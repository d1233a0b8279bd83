/* What the commands print as JSON is what the schemas in docs say: golden files, and results that are not in
 * them. */

#include "check_support.h"

#include <math.h>
#include "core/documents/json.h"
#include "core/documents/schema.h"
#include "core/file.h"
#include "runtime/data/report.h"

static const struct value *read_json(struct arena *arena, const char *path)
{
    struct buf text = {0};
    const char *why = NULL;
    if (file_read(path, 1 << 24, &text) != 0)
        fail_msg("%s cannot be read", path);
    const struct value *value = json_read_text(arena, buf_str(&text), text.length, &why);
    if (!value)
        fail_msg("%s: %s", path, why);
    buf_free(&text);
    return value;
}

static bool fits(struct arena *arena, const char *schema_path, const struct value *document, bool loud)
{
    const struct value *schema = read_json(arena, schema_path);
    struct vec findings = vec_in(arena);
    bool ok = schema_check(arena, schema, schema, document, (struct schema_options){0}, &findings);
    for (size_t i = 0; loud && i < findings.count; i++) {
        const struct schema_finding *finding = findings.items[i];
        print_message("%s: %s\n", finding->path, finding->message);
    }
    return ok;
}

static void golden_files_fit(void **state)
{
    static const struct {
        const char *schema, *document;
    } cases[] = {
        {"docs/data-check.schema.json", "check.json"},
        {"docs/data-check.schema.json", "check-hidden.json"},
        {"docs/data-check.schema.json", "check-hostile.json"},
        {"docs/data-drift.schema.json", "drift.json"},
        {"docs/data-profile.schema.json", "profile.json"},
        {"docs/data-profile.schema.json", "profile-hostile.json"},
    };
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = arena_printf(arena, "tests/golden/data/%s", cases[i].document);
        if (!fits(arena, cases[i].schema, read_json(arena, path), true))
            fail_msg("%s does not fit %s", path, cases[i].schema);
    }
    arena_free(arena);
}

/* Measures that are not finite are null with a reason; of a row they are texts. */
static void what_is_not_finite_has_a_reason(void **state)
{
    static const char *const column[] = {"x"};
    struct arena *arena = arena_new();
    struct check checks[] = {
        {.kind = CHECK_BETWEEN,
         .columns = column,
         .column_count = 1,
         .mostly = 1,
         .max = value_int(arena, 0, 0)},
        {.kind = CHECK_MAX, .columns = column, .column_count = 1, .max = value_int(arena, 0, 0)},
        {.kind = CHECK_MEAN, .columns = column, .column_count = 1, .max = value_int(arena, 0, 0)},
    };
    (void)state;
    struct check_report report = run_checks(arena, "x\n1.5\nNaN\ninf\n-inf\n", checks, 3, NULL);
    const struct value *document = report_check_value(arena, "x.csv", &report);
    assert_true(fits(arena, "docs/data-check.schema.json", document, true));
    struct buf out = {0};
    assert_true(json_write(&out, document, (struct json_style){JSON_PRETTY, false}, NULL));
    assert_non_null(strstr(buf_str(&out), "\"value\": \"nan\""));
    assert_non_null(strstr(buf_str(&out), "\"it is infinite\""));
    buf_free(&out);
    arena_free(arena);
}

/* The schemas refuse what is wrong: they are no open doors. */
static void schemas_refuse(void **state)
{
    static const struct {
        const char *schema, *text;
    } cases[] = {
        {"docs/data-check.schema.json", "{}"},
        {"docs/data-check.schema.json",
         "{\"version\":1,\"data\":\"x\",\"rows\":-1,\"success\":true,\"statistics\":{\"evaluated\":0,"
         "\"passed\":0,"
         "\"failed\":0,\"errors\":0,\"skipped\":0},\"results\":[],\"findings\":{}}"},
        {"docs/data-check.schema.json",
         "{\"version\":1,\"data\":\"x\",\"rows\":1,\"success\":true,\"statistics\":{\"evaluated\":0,"
         "\"passed\":0,"
         "\"failed\":0,\"errors\":0,\"skipped\":0},\"results\":[{\"check\":\"c\",\"kind\":\"max\","
         "\"columns\":[],"
         "\"status\":\"error\",\"success\":false,\"severity\":\"critical\"}],\"findings\":{}}"},
        {"docs/data-drift.schema.json", "{\"version\":1}"},
        {"docs/data-profile.schema.json",
         "{\"format\":\"mlc.profile/1\",\"rows\":1,\"columns\":[{\"name\":1}]}"},
    };
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why;
        const struct value *document = json_read_text(arena, cases[i].text, strlen(cases[i].text), &why);
        assert_non_null(document);
        assert_false(fits(arena, cases[i].schema, document, false));
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(golden_files_fit),
                                       cmocka_unit_test(what_is_not_finite_has_a_reason),
                                       cmocka_unit_test(schemas_refuse)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
