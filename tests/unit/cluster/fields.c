/* What managedFields prove: only a true "nothing would change" may be proved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/documents/json.h"
#include "runtime/cluster/fields.h"
#include "runtime/cluster/plan.h"

static const char *const document_text =
    "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"api\",\"namespace\":\"x\","
    "\"labels\":{\"app\":\"api\"}},\"spec\":{\"replicas\":2,\"selector\":{\"matchLabels\":{\"app\":\"api\"}},"
    "\"template\":{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"a:1\",\"ports\":[{"
    "\"containerPort\":80}],"
    "\"args\":[\"x\",\"y\"]}]}}}}";

#define LIVE(replicas, image, args, extra_field, time_entry)                                                 \
    "{\"apiVersion\":\"apps/"                                                                                \
    "v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"api\",\"namespace\":\"x\","                       \
    "\"uid\":\"u\",\"resourceVersion\":\"7\",\"labels\":{\"app\":\"api\"},\"managedFields\":[{\"manager\":"  \
    "\"mlc\","                                                                                               \
    "\"operation\":\"Apply\",\"apiVersion\":\"apps/v1\",\"time\":\"2026-01-02T03:04:05Z\",\"fieldsType\":"   \
    "\"FieldsV1\",\"fieldsV1\":{\"f:metadata\":{\"f:labels\":{\"f:app\":{}}},\"f:spec\":{\"f:replicas\":{}," \
    "\"f:selector\":{}," extra_field "\"f:template\":{\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":"      \
    "\\\"main\\\"}\":{\".\":{},\"f:name\":{},"                                                               \
    "\"f:image\":{},\"f:args\":{},\"f:ports\":{\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}"  \
    "\":"                                                                                                    \
    "{\".\":{},\"f:containerPort\":{}}}}}}}}}}" time_entry "]},\"spec\":{\"replicas\":" replicas             \
    ",\"selector\":{\"matchLabels\":{\"app\":\"api\"}},\"strategy\":{\"type\":\"RollingUpdate\"},"           \
    "\"template\":"                                                                                          \
    "{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"" image                                       \
    "\",\"imagePullPolicy\":\"Always\",\"ports\":[{\"containerPort\":80,\"protocol\":\"TCP\"}],"             \
    "\"args\":" args "}],\"restartPolicy\":\"Always\"}}},\"status\":{\"replicas\":2}}"

static const struct value *parse(struct arena *arena, const char *text)
{
    const char *why = NULL;
    const struct value *value = json_read_text(arena, text, strlen(text), &why);
    if (value == NULL)
        fail_msg("%s", why);
    return value;
}

static bool proves(const char *document, const char *live, const char *manager)
{
    struct arena *arena = arena_new();
    bool proven = fields_prove_unchanged(parse(arena, document), parse(arena, live), manager);
    arena_free(arena);
    return proven;
}

static void equal_fields_prove_it(void **state)
{
    (void)state;
    assert_true(proves(document_text, LIVE("2", "a:1", "[\"x\",\"y\"]", "", ""), "mlc"));
}

static void another_value_does_not(void **state)
{
    (void)state;
    assert_false(proves(document_text, LIVE("3", "a:1", "[\"x\",\"y\"]", "", ""), "mlc"));
    assert_false(proves(document_text, LIVE("2", "a:2", "[\"x\",\"y\"]", "", ""), "mlc"));
    assert_false(proves(document_text, LIVE("2", "a:1", "[\"y\",\"x\"]", "", ""), "mlc"));
}

static void a_field_that_left_the_document_does_not(void **state)
{
    (void)state;
    assert_false(proves(document_text, LIVE("2", "a:1", "[\"x\",\"y\"]", "\"f:paused\":{},", ""), "mlc"));
}

static void another_manager_or_version_does_not(void **state)
{
    (void)state;
    assert_false(proves(document_text, LIVE("2", "a:1", "[\"x\",\"y\"]", "", ""), "other"));
    char other[4000];
    snprintf(other, sizeof other, "%s", LIVE("2", "a:1", "[\"x\",\"y\"]", "", ""));
    memcpy(strstr(other, "\"Apply\",\"apiVersion\":\"apps/v1\"") + 8, "\"apiVersion\":\"apps/v9\"", 22);
    assert_false(proves(document_text, other, "mlc"));
}

static void a_null_is_never_proved(void **state)
{
    (void)state;
    assert_false(
        proves("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"},\"data\":null}",
               "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\",\"managedFields\":"
               "[{\"manager\":\"mlc\",\"operation\":\"Apply\",\"apiVersion\":\"v1\",\"fieldsV1\":{\"f:data\":"
               "{}}}]},\"data\":null}",
               "mlc"));
}

static void what_the_server_does_not_keep_is_no_change(void **state)
{
    (void)state;
    const char *document =
        "{\"apiVersion\":\"v1\",\"kind\":\"C\",\"metadata\":{\"name\":\"c\",\"annotations\":{}},"
        "\"data\":{\"a\":\"1\"}}";
    assert_true(proves(
        document,
        "{\"metadata\":{\"name\":\"c\",\"managedFields\":[{\"manager\":\"mlc\",\"operation\":\"Apply\","
        "\"apiVersion\":\"v1\",\"fieldsV1\":{\"f:metadata\":{\"f:annotations\":{}},\"f:data\":{\"f:a\":{}}}}]"
        "},"
        "\"data\":{\"a\":\"1\"}}",
        "mlc"));
    assert_false(proves(
        document,
        "{\"metadata\":{\"name\":\"c\",\"annotations\":{\"old\":\"1\"},\"managedFields\":[{\"manager\":"
        "\"mlc\",\"operation\":\"Apply\",\"apiVersion\":\"v1\",\"fieldsV1\":{\"f:metadata\":{"
        "\"f:annotations\":{\"f:old\":{}}},\"f:data\":{\"f:a\":{}}}}]},\"data\":{\"a\":\"1\"}}",
        "mlc"));
}

static void a_bare_object_is_proved_unless_it_drops_fields(void **state)
{
    (void)state;
    const char *bare = "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n\"}}";
    assert_true(
        proves(bare, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n\"}}", "mlc"));
    assert_false(proves(
        bare,
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n\",\"managedFields\":"
        "[{\"manager\":\"mlc\",\"operation\":\"Apply\",\"apiVersion\":\"v1\",\"fieldsV1\":{\"f:metadata\":"
        "{\"f:labels\":{\"f:a\":{}}}}}]}}",
        "mlc"));
}

static void the_order_of_merged_items_counts(void **state)
{
    (void)state;
    const char *live =
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"managedFields\":[{"
        "\"manager\":\"mlc\",\"operation\":\"Apply\",\"apiVersion\":\"v1\",\"fieldsV1\":{\"f:spec\":{"
        "\"f:c\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},\"f:name\":{}},\"k:{\\\"name\\\":\\\"b\\\"}\":"
        "{\".\":{},\"f:name\":{}}}}}}]},\"spec\":{\"c\":[{\"name\":\"a\"},{\"name\":\"b\"}]}}";
    assert_true(
        proves("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"c\":["
               "{\"name\":\"a\"},{\"name\":\"b\"}]}}",
               live, "mlc"));
    assert_false(
        proves("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"c\":["
               "{\"name\":\"b\"},{\"name\":\"a\"}]}}",
               live, "mlc"));
    assert_false(
        proves("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"c\":["
               "{\"name\":\"a\"}]}}",
               live, "mlc"));
}

static void hostile_fields_prove_nothing(void **state)
{
    (void)state;
    static const char *const fields[] = {"[]",         "7", "{\"f:data\":7}", "{\"f:data\":{\"k:{\":{}}}",
                                         "{\"x\":{}}", "{}"};
    const char *document =
        "{\"apiVersion\":\"v1\",\"kind\":\"C\",\"metadata\":{\"name\":\"c\"},\"data\":[{\"a\":1}]}";
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char live[500];
        snprintf(live, sizeof live,
                 "{\"metadata\":{\"managedFields\":[{\"manager\":\"mlc\",\"operation\":\"Apply\","
                 "\"apiVersion\":\"v1\","
                 "\"fieldsV1\":%s}]},\"data\":[{\"a\":2}]}",
                 fields[i]);
        assert_false(proves(document, live, "mlc"));
    }
}

static void drift_names_who_and_when(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct vec drift = vec_in(arena);
    const char *live =
        "{\"apiVersion\":\"v1\",\"kind\":\"C\",\"metadata\":{\"managedFields\":[{\"manager\":\"mlc\","
        "\"operation\":\"Apply\",\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:data\":"
        "{\"f:b\":{}}}},{\"manager\":\"kubectl-edit\",\"operation\":\"Update\",\"apiVersion\":\"v1\","
        "\"time\":\"2026-05-06T07:08:09Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:data\":{\"f:a\":{},"
        "\"f:z\":{}}}}]},\"data\":{\"a\":\"theirs\",\"b\":\"2\",\"z\":\"only theirs\"}}";
    fields_drift(arena, parse(arena, "{\"data\":{\"a\":\"ours\",\"b\":\"2\"}}"), parse(arena, live), "mlc",
                 &drift);
    assert_int_equal(drift.count, 1);
    const struct plan_drift *first = drift.items[0];
    assert_string_equal(first->field, "data.a");
    assert_string_equal(first->manager, "kubectl-edit");
    assert_string_equal(first->time, "2026-05-06T07:08:09Z");
    arena_free(arena);
}

static bool matches(const char *document, const char *live)
{
    struct arena *arena = arena_new();
    bool match = fields_match(parse(arena, document), parse(arena, live));
    arena_free(arena);
    return match;
}

static void defaults_do_not_hide_a_match(void **state)
{
    (void)state;
    const char *document =
        "{\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"x\",\"labels\":{\"a\":\"b\"}},\"spec\":{\"l\":["
        "{\"name\":\"p\"},{\"name\":\"q\"}]}}";
    assert_true(matches(
        document, "{\"metadata\":{\"labels\":{\"a\":\"b\",\"c\":\"d\"}},\"spec\":{\"l\":[{\"name\":\"p\","
                  "\"more\":1},{\"name\":\"other\"},{\"name\":\"q\"}],\"d\":1}}"));
    assert_false(matches(
        document, "{\"metadata\":{\"labels\":{\"a\":\"z\"}},\"spec\":{\"l\":[{\"name\":\"p\"},{\"name\":"
                  "\"q\"}]}}"));
    assert_false(matches(
        document, "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"l\":[{\"name\":\"q\"},{\"name\":"
                  "\"p\"}]}}"));
    assert_false(matches(document, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"));
    assert_true(
        matches("{\"metadata\":{\"annotations\":{}},\"spec\":{\"a\":[],\"b\":null}}", "{\"spec\":{}}"));
    assert_false(matches("{\"spec\":{\"a\":[1]}}", "{\"spec\":{}}"));
}

static void migration_is_seen(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_true(
        fields_need_migration(parse(arena, "{\"metadata\":{\"managedFields\":[{\"manager\":"
                                           "\"kubectl-client-side-apply\",\"operation\":\"Update\"}]}}")));
    assert_false(
        fields_need_migration(parse(arena, "{\"metadata\":{\"managedFields\":[{\"manager\":\"kubectl\","
                                           "\"operation\":\"Apply\"}]}}")));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_fields_prove_it),
        cmocka_unit_test(another_value_does_not),
        cmocka_unit_test(a_field_that_left_the_document_does_not),
        cmocka_unit_test(another_manager_or_version_does_not),
        cmocka_unit_test(a_null_is_never_proved),
        cmocka_unit_test(what_the_server_does_not_keep_is_no_change),
        cmocka_unit_test(a_bare_object_is_proved_unless_it_drops_fields),
        cmocka_unit_test(the_order_of_merged_items_counts),
        cmocka_unit_test(hostile_fields_prove_nothing),
        cmocka_unit_test(drift_names_who_and_when),
        cmocka_unit_test(defaults_do_not_hide_a_match),
        cmocka_unit_test(migration_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
