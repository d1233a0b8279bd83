/* Reading documents into sets, the order of applying, and the ids of ApplySets. */
#include "tests/unit/cluster/fake_server.h"
#include "core/documents/json.h"
#include "runtime/cluster/inventory.h"
#include "runtime/cluster/objects.h"

struct world_of_kinds {
    struct arena *arena;
    struct diag_sink *diags;
    struct reporter reporter;
    struct discovery *discovery;
    struct object_set *set;
};

static const char *const kinds = "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{},"
                                 "\"versions\":[{\"version\":\"v1\",\"resources\":["
                                 "{\"resource\":\"configmaps\",\"responseKind\":{\"kind\":\"ConfigMap\"},"
                                 "\"scope\":\"Namespaced\",\"verbs\":[\"patch\"]},"
                                 "{\"resource\":\"namespaces\",\"responseKind\":{\"kind\":\"Namespace\"},"
                                 "\"scope\":\"Cluster\",\"verbs\":[\"patch\"]},"
                                 "{\"resource\":\"events\",\"responseKind\":{\"kind\":\"Event\"},\"scope\":"
                                 "\"Namespaced\",\"verbs\":[\"get\"]}]}]},"
                                 "{\"metadata\":{\"name\":\"apps\"},\"versions\":[{\"version\":\"v1\","
                                 "\"resources\":[{\"resource\":\"deployments\","
                                 "\"responseKind\":{\"kind\":\"Deployment\"},\"scope\":\"Namespaced\","
                                 "\"shortNames\":[\"deploy\"],\"verbs\":[\"patch\"]}]}]},"
                                 "{\"metadata\":{\"name\":\"apiextensions.k8s.io\"},\"versions\":[{"
                                 "\"version\":\"v1\",\"resources\":[{\"resource\":"
                                 "\"customresourcedefinitions\",\"responseKind\":{\"kind\":"
                                 "\"CustomResourceDefinition\"},\"scope\":\"Cluster\",\"verbs\":["
                                 "\"patch\"]}]}]}]}";

static int set_up(void **state)
{
    struct world_of_kinds *world = calloc(1, sizeof *world);
    const char *why;
    world->arena = arena_new();
    world->diags = diag_sink_new(world->arena, 0);
    world->reporter = (struct reporter){world->diags, NULL, source_set_new(world->arena)};
    world->discovery = discovery_new(NULL, NULL);
    world->set = object_set_new(world->arena);
    assert_true(discovery_read_aggregated(world->discovery, kinds, strlen(kinds), &why));
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world_of_kinds *world = *state;
    discovery_free(world->discovery);
    arena_free(world->arena);
    free(world);
    return 0;
}

static bool add(struct world_of_kinds *world, const char *text)
{
    const char *why = NULL;
    const struct value *document = json_read_text(world->arena, text, strlen(text), &why);
    if (document == NULL)
        fail_msg("%s", why);
    return object_set_add(world->set, document, &world->reporter);
}

static void object(struct world_of_kinds *world, const char *version, const char *kind, const char *name,
                   const char *annotations)
{
    assert_true(
        add(world, arena_printf(world->arena,
                                "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\","
                                "\"annotations\":{%s}}}",
                                version, kind, name, annotations)));
}

/* "name:stage name:stage …" */
static const char *order(struct world_of_kinds *world)
{
    struct buf out = {0};
    assert_true(objects_resolve(world->set, world->discovery, "default", &world->reporter));
    if (objects_order(world->set, &world->reporter) == 0)
        return NULL;
    for (size_t i = 0; i < world->set->objects.count; i++) {
        const struct object *item = world->set->objects.items[i];
        buf_printf(&out, "%s%s:%u", i > 0 ? " " : "", item->name, item->stage);
    }
    const char *text = arena_strdup(world->arena, buf_str(&out));
    buf_free(&out);
    return text;
}

static const char *message(const struct world_of_kinds *world)
{
    assert_true(diag_count(world->diags) > 0);
    return diag_at(world->diags, 0)->message;
}

static const char *const widgets =
    "{\"apiVersion\":\"apiextensions.k8s.io/"
    "v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":\"crd\"},"
    "\"spec\":{\"group\":\"x.example.com\",\"scope\":\"Namespaced\",\"names\":{\"kind\":\"Widget\","
    "\"plural\":\"widgets\"},"
    "\"versions\":[{\"name\":\"v1\",\"served\":true},{\"name\":\"v0\",\"served\":false}]}}";

static void kinds_come_in_their_order(void **state)
{
    object(*state, "x.example.com/v1", "Widget", "w", "");
    object(*state, "apps/v1", "Deployment", "d", "");
    object(*state, "v1", "ConfigMap", "c", "");
    object(*state, "v1", "Namespace", "n", "");
    assert_true(add(*state, widgets));
    assert_string_equal(order(*state), "n:0 crd:0 c:1 d:2 w:3");
}

static void waves_come_before_kinds(void **state)
{
    object(*state, "v1", "ConfigMap", "late", "\"mlc.dev/wave\":\"1\"");
    object(*state, "apps/v1", "Deployment", "first", "\"argocd.argoproj.io/sync-wave\":\"-1\"");
    object(*state, "v1", "Namespace", "n", "");
    assert_string_equal(order(*state), "first:0 n:1 late:2");
}

static void dependencies_are_kept(void **state)
{
    object(*state, "apps/v1", "Deployment", "api", "\"mlc.dev/depends-on\":\"deployment/db, configmap/c\"");
    object(*state, "apps/v1", "Deployment", "db", "");
    object(*state, "v1", "ConfigMap", "c",
           "\"config.kubernetes.io/depends-on\":\"apps/namespaces/default/Deployment/db\"");
    assert_string_equal(order(*state), "db:0 c:1 api:2");
}

static void a_cycle_is_shown(void **state)
{
    object(*state, "v1", "ConfigMap", "a", "\"mlc.dev/depends-on\":\"configmap/b\"");
    object(*state, "v1", "ConfigMap", "b", "\"mlc.dev/depends-on\":\"configmap/c\"");
    object(*state, "v1", "ConfigMap", "c", "\"mlc.dev/depends-on\":\"configmap/a\"");
    object(*state, "v1", "ConfigMap", "behind", "\"mlc.dev/depends-on\":\"configmap/a\"");
    assert_null(order(*state));
    assert_string_equal(message(*state),
                        "these objects wait for each other: ConfigMap/a depends on ConfigMap/b depends on "
                        "ConfigMap/c depends on ConfigMap/a");
}

static void a_missing_dependency_is_named(void **state)
{
    object(*state, "v1", "ConfigMap", "a", "\"mlc.dev/depends-on\":\"configmap/zz\"");
    assert_null(order(*state));
    assert_string_equal(message(*state),
                        "ConfigMap a depends on \"configmap/zz\", which is not among the documents");
}

static void lists_are_opened(void **state)
{
    struct world_of_kinds *world = *state;
    assert_true(add(
        world,
        "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\","
        "\"metadata\":{\"name\":\"a\"}},{\"apiVersion\":\"v1\",\"kind\":\"ConfigMapList\",\"items\":[{"
        "\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"b\"}}]}]}"));
    assert_int_equal(world->set->objects.count, 2);
}

static void what_is_no_object_is_refused(void **state)
{
    struct world_of_kinds *world = *state;
    static const char *const wrong[] = {
        "[]",
        "{}",
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"}",
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"generateName\":\"x-\"}}",
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"\"}}",
        "{\"apiVersion\":7,\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\"}}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(add(world, wrong[i]));
    assert_int_equal(world->set->objects.count, 0);
}

static void duplicates_and_unknown_kinds_are_refused(void **state)
{
    struct world_of_kinds *world = *state;
    object(world, "v1", "ConfigMap", "a", "");
    assert_true(
        add(world, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"namespace\":"
                   "\"default\"}}"));
    object(world, "apps/v1", "Deploymnet", "d", "");
    object(world, "apps/v1beta1", "Deployment", "old", "");
    object(world, "v1", "Event", "e", "");
    assert_false(objects_resolve(world->set, world->discovery, "default", &world->reporter));
    assert_int_equal(diag_error_count(world->diags), 4);
    assert_string_equal(message(world), "ConfigMap a is described twice");
    assert_string_equal(diag_at(world->diags, 1)->help, "did you mean Deployment?");
    assert_string_equal(diag_at(world->diags, 2)->help, "Deployment is served by: apps/v1");
}

static void names_of_kinds_are_found(void **state)
{
    struct world_of_kinds *world = *state;
    static const char *const names[] = {"deploy", "Deployment", "deployments", "deployments.apps",
                                        "deployment.apps"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct resource *resource = discovery_find_name(world->discovery, names[i]);
        assert_non_null(resource);
        assert_string_equal(resource->plural, "deployments");
    }
    assert_null(discovery_find_name(world->discovery, "widgets"));
    struct buf path = {0};
    resource_path(&path, discovery_find_kind(world->discovery, "apps", "Deployment"), "x", "a");
    assert_string_equal(buf_str(&path), "/apis/apps/v1/namespaces/x/deployments/a");
    buf_free(&path);
}

/* Ids that kubectl itself wrote. */
static void ids_are_those_of_kubectl(void **state)
{
    (void)state;
    char id[APPLYSET_ID_SIZE];
    applyset_id("kapp", "set1", "Secret", "", id);
    assert_string_equal(id, "applyset-8YJ75v1rDIFwnautyVfhvtSiwTExd5lSV8u9r8CGcD4-v1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kinds_come_in_their_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waves_come_before_kinds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dependencies_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cycle_is_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_dependency_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_are_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_object_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(duplicates_and_unknown_kinds_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_kinds_are_found, set_up, tear_down),
        cmocka_unit_test(ids_are_those_of_kubectl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
