/* What leaves an object when it moves from client-side apply. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/documents/json.h"
#include "runtime/cluster/migrate.h"

static const struct value *parse(struct arena *arena, const char *text)
{
    const char *why = NULL;
    const struct value *value = json_read_text(arena, text, strlen(text), &why);
    if (value == NULL)
        fail_msg("%s: %s", text, why);
    return value;
}

/* `last` stands in the live object's annotation; the result of the dry run still has everything. */
static void becomes(const char *last, const char *document, const char *result, const char *wanted)
{
    struct arena *arena = arena_new();
    struct buf live = {0};
    buf_add_str(&live,
                "{\"metadata\":{\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":");
    json_write_string(&live, last, strlen(last));
    buf_add_str(&live, "}}}");
    const struct value *expected =
        migrate_expected(arena, parse(arena, buf_str(&live)), parse(arena, document), parse(arena, result));
    struct buf out = {0};
    json_write(&out, expected, (struct json_style){JSON_COMPACT, true}, NULL);
    assert_string_equal(buf_str(&out), wanted);
    buf_free(&out);
    buf_free(&live);
    arena_free(arena);
}

static void dropped_fields_leave(void **state)
{
    (void)state;
    becomes("{\"data\":{\"a\":\"1\",\"b\":\"2\"}}", "{\"data\":{\"a\":\"1\"}}",
            "{\"data\":{\"a\":\"1\",\"b\":\"2\",\"others\":\"3\"}}",
            "{\"data\":{\"a\":\"1\",\"others\":\"3\"}}");
    becomes("{\"data\":{\"a\":\"1\"},\"immutable\":true}", "{\"kind\":\"x\"}",
            "{\"data\":{\"a\":\"1\"},\"immutable\":true,\"kind\":\"x\"}", "{\"kind\":\"x\"}");
}

static void items_leave_by_their_names(void **state)
{
    (void)state;
    becomes("{\"spec\":{\"c\":[{\"name\":\"m\",\"env\":[{\"name\":\"A\"},{\"name\":\"B\"}]},{\"name\":"
            "\"side\"}],\"args\":[1,2]}}",
            "{\"spec\":{\"c\":[{\"name\":\"m\",\"env\":[{\"name\":\"A\"}]}],\"args\":[1]}}",
            "{\"spec\":{\"c\":[{\"name\":\"m\",\"env\":[{\"name\":\"A\"},{\"name\":\"B\"}]},{\"name\":"
            "\"side\"},{\"name\":\"injected\"}],"
            "\"args\":[1]}}",
            "{\"spec\":{\"args\":[1],\"c\":[{\"env\":[{\"name\":\"A\"}],\"name\":\"m\"},{\"name\":"
            "\"injected\"}]}}");
}

static void of_metadata_only_labels_and_annotations(void **state)
{
    (void)state;
    becomes("{\"metadata\":{\"name\":\"n\",\"namespace\":\"x\",\"labels\":{\"a\":\"1\",\"b\":\"2\"},"
            "\"annotations\":{\"c\":\"3\"}}}",
            "{\"metadata\":{\"name\":\"n\",\"labels\":{\"a\":\"1\"}}}",
            "{\"metadata\":{\"name\":\"n\",\"namespace\":\"x\",\"labels\":{\"a\":\"1\",\"b\":\"2\"},"
            "\"annotations\":{\"c\":\"3\",\"d\":"
            "\"4\"}}}",
            "{\"metadata\":{\"annotations\":{\"d\":\"4\"},\"labels\":{\"a\":\"1\"},\"name\":\"n\","
            "\"namespace\":\"x\"}}");
}

static void damaged_annotations_change_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[]", "3", "{\"data\":7}", "{\"metadata\":3}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        becomes(texts[i], "{\"data\":{},\"metadata\":{}}",
                "{\"data\":{\"a\":\"1\"},\"metadata\":{\"name\":\"n\"}}",
                "{\"data\":{\"a\":\"1\"},\"metadata\":{\"name\":\"n\"}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dropped_fields_leave),
        cmocka_unit_test(items_leave_by_their_names),
        cmocka_unit_test(of_metadata_only_labels_and_annotations),
        cmocka_unit_test(damaged_annotations_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
