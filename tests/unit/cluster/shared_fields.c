/* What Argo Rollouts sets on live objects is taken into the documents, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/documents/json.h"
#include "runtime/cluster/objects.h"
#include "runtime/cluster/rollback.h"
#include "runtime/cluster/shared_fields.h"

static const char *const rollout_text =
    "{\"apiVersion\":\"argoproj.io/"
    "v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"r\",\"namespace\":"
    "\"x\"},\"spec\":{\"strategy\":{\"canary\":{\"trafficRouting\":{\"istio\":{\"virtualService\":{\"name\":"
    "\"v\",\"routes\":[\"primary\"]}}}}}}}";
static const char *const service_text =
    "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\",\"namespace\":\"x\"},\"spec\":{"
    "\"selector\":{\"app\":\"a\"},\"type\":\"ClusterIP\"}}";

#define ROUTE(name, first, second)                                                                           \
    "{\"name\":\"" name "\",\"route\":[{\"destination\":{\"host\":\"a\"},\"weight\":" first                  \
    "},{\"destination\":{\"host\":\"b\"},\"weight\":" second "}]}"
#define VIRTUAL_SERVICE(namespace, routes)                                                                   \
    "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"v\","   \
    "\"namespace\":\"" namespace "\"},\"spec\":{\"http\":[" routes "]}}"

static const struct value *parse(struct arena *arena, const char *text)
{
    const char *why = NULL;
    const struct value *value = json_read_text(arena, text, strlen(text), &why);
    if (value == NULL)
        fail_msg("%s", why);
    return value;
}

/* Adopts from each live text in turn; what was written must stay. True when the document is then `wanted`. */
static bool becomes(const char *document, const char *const *lives, const char *wanted)
{
    struct arena *arena = arena_new();
    struct object_set *set = object_set_new(arena);
    struct reporter quiet = {0};
    const struct value *written = parse(arena, document);
    assert_true(object_set_add(set, parse(arena, rollout_text), &quiet));
    assert_true(object_set_add(set, written, &quiet));
    struct object *object = set->objects.items[1];
    for (; *lives != NULL; lives++) {
        struct arena *scratch = arena_new();
        shared_fields_adopt(set, object, parse(scratch, *lives));
        arena_free(scratch);
    }
    bool same = value_equal(object->document, parse(arena, wanted));
    assert_ptr_equal(object_written(object), written);
    arena_free(arena);
    return same;
}

#define LIVE_SERVICE(annotations, hash)                                                                      \
    "{\"metadata\":{\"annotations\":{" annotations "}},\"spec\":{\"selector\":{\"app\":\"other\","           \
    "\"rollouts-pod-template-hash\":\"" hash "\"}}}"
#define MANAGED "\"argo-rollouts.argoproj.io/managed-by-rollouts\":\"r\""

static void a_selector_keeps_the_latest_hash_alone(void **state)
{
    (void)state;
    assert_true(becomes(
        service_text, (const char *const[]){LIVE_SERVICE(MANAGED, "one"), LIVE_SERVICE(MANAGED, "two"), NULL},
        "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\","
        "\"namespace\":\"x\"},\"spec\":{\"selector\":{\"app\":\"a\","
        "\"rollouts-pod-template-hash\":\"two\"},\"type\":\"ClusterIP\"}}"));
}

static void a_service_that_no_rollout_manages_is_as_written(void **state)
{
    (void)state;
    assert_true(becomes(service_text, (const char *const[]){LIVE_SERVICE("", "one"), NULL}, service_text));
    assert_true(becomes(service_text, (const char *const[]){"{\"spec\":{\"selector\":3}}", "{}", NULL},
                        service_text));
}

static void only_the_routes_of_a_rollout_keep_their_weights(void **state)
{
    (void)state;
    assert_true(
        becomes(VIRTUAL_SERVICE("x", ROUTE("primary", "100", "0") "," ROUTE("other", "50", "50")),
                (const char *const[]){
                    VIRTUAL_SERVICE("x", ROUTE("other", "10", "90") "," ROUTE("primary", "95", "5")), NULL},
                VIRTUAL_SERVICE("x", ROUTE("primary", "95", "5") "," ROUTE("other", "50", "50"))));
}

static void another_namespaces_rollout_moves_nothing(void **state)
{
    (void)state;
    const char *document = VIRTUAL_SERVICE("y", ROUTE("primary", "100", "0"));
    assert_true(becomes(
        document, (const char *const[]){VIRTUAL_SERVICE("y", ROUTE("primary", "95", "5")), NULL}, document));
}

static void hostile_routes_are_left_alone(void **state)
{
    (void)state;
    const char *document = VIRTUAL_SERVICE("x", ROUTE("primary", "100", "0"));
    assert_true(becomes(document,
                        (const char *const[]){"{\"spec\":{\"http\":[3,{\"name\":\"primary\",\"route\":7}]}}",
                                              "{\"spec\":{\"http\":{}}}",
                                              VIRTUAL_SERVICE("x", ROUTE("primary", "\"5\"", "null")), NULL},
                        document));
    const char *bare = VIRTUAL_SERVICE("x", "3,{\"name\":\"primary\",\"route\":[7]}");
    assert_true(
        becomes(bare, (const char *const[]){VIRTUAL_SERVICE("x", ROUTE("primary", "95", "5")), NULL}, bare));
}

static void a_kept_set_holds_what_was_written(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct object_set *set = object_set_new(arena);
    struct reporter quiet = {0};
    struct buf packed = {0}, text = {0};
    assert_true(object_set_add(set, parse(arena, service_text), &quiet));
    shared_fields_adopt(set, set->objects.items[0], parse(arena, LIVE_SERVICE(MANAGED, "one")));
    rollback_pack(&packed, set);
    assert_true(rollback_unpack(&text, packed.data, packed.length, 10000));
    assert_null(strstr(buf_str(&text), "rollouts-pod-template-hash"));
    buf_free(&packed);
    buf_free(&text);
    arena_free(arena);
}

static bool concerns(const char *document, const char *live)
{
    struct arena *arena = arena_new();
    struct object_set *set = object_set_new(arena);
    struct reporter quiet = {0};
    static const char *const canary =
        "{\"apiVersion\":\"argoproj.io/"
        "v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"q\",\"namespace\":"
        "\"x\"},\"spec\":{\"strategy\":{\"canary\":{\"stableService\":\"s\"}}}}";
    assert_true(object_set_add(set, parse(arena, document), &quiet));
    assert_true(object_set_add(set, parse(arena, rollout_text), &quiet));
    assert_true(object_set_add(set, parse(arena, canary), &quiet));
    for (size_t i = 0; i < 3; i++) {
        struct object *object = set->objects.items[i];
        object->namespace =
            value_string_or(value_path(object->document, "metadata", "namespace", NULL), NULL);
    }
    struct object *object = set->objects.items[0];
    if (live != NULL)
        shared_fields_adopt(set, object, parse(arena, live));
    bool concern = shared_fields_concern(set, object);
    arena_free(arena);
    return concern;
}

static void what_a_rollout_names_is_applied_with_care(void **state)
{
    (void)state;
    static const char *const other = "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":"
                                     "\"t\",\"namespace\":\"x\"},\"spec\":{"
                                     "\"selector\":{\"app\":\"a\"}}}";
    assert_true(concerns(service_text, NULL));
    assert_false(concerns(other, NULL));
    assert_true(concerns(other, LIVE_SERVICE(MANAGED, "one")));
    assert_true(concerns(VIRTUAL_SERVICE("x", ROUTE("primary", "100", "0")), NULL));
    assert_false(concerns(VIRTUAL_SERVICE("x", ROUTE("other", "100", "0")), NULL));
    assert_false(concerns(VIRTUAL_SERVICE("y", ROUTE("primary", "100", "0")), NULL));
}

static void a_hash_that_is_gone_is_forgotten(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct object_set *set = object_set_new(arena);
    struct reporter quiet = {0};
    const struct value *written = parse(arena, service_text);
    assert_true(object_set_add(set, written, &quiet));
    struct object *object = set->objects.items[0];
    shared_fields_adopt(set, object, parse(arena, LIVE_SERVICE(MANAGED, "one")));
    assert_ptr_not_equal(object->document, written);
    shared_fields_adopt(set, object, parse(arena, "{\"spec\":{\"selector\":{\"app\":\"a\"}}}"));
    assert_ptr_equal(object->document, written);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_selector_keeps_the_latest_hash_alone),
        cmocka_unit_test(a_service_that_no_rollout_manages_is_as_written),
        cmocka_unit_test(only_the_routes_of_a_rollout_keep_their_weights),
        cmocka_unit_test(another_namespaces_rollout_moves_nothing),
        cmocka_unit_test(hostile_routes_are_left_alone),
        cmocka_unit_test(a_kept_set_holds_what_was_written),
        cmocka_unit_test(what_a_rollout_names_is_applied_with_care),
        cmocka_unit_test(a_hash_that_is_gone_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
