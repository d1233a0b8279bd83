/* Natives that read the graph, and predicates lowered to targets, over a small project. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "compiler/compilation.h"
#include "compiler/graph.h"
#include "compiler/natives.h"
#include "core/diag_print.h"

static const char spec[] =
    "project p { owner = \"a@example.com\", store = \"s3://x/p\" }\n"
    "python py { version = \"3.12\", lock = \"requirements.lock\" }\n"
    "dataset rows { path = \"data/rows.csv\", key = id\n column id: int\n column a: float\n"
    " expect null_fraction(a) <= 1%\n expect mean(a) < 3.5\n expect mean(a) in 0.5..2.0 }\n"
    "dataset far { path = \"s3://x/far.parquet\", key = id\n column id: int }\n"
    "model m {\n data = rows\n split { train = 80%, holdout = 20%, by = hash(id) }\n"
    " step last { run = \"t --model \\(train.model) --data \\(data.holdout) --out \\(metrics)\", inputs = "
    "[\"src/last.py\"], "
    "metrics = \"m.json\" }\n"
    " step train { run = \"t --data \\(data.train) --out \\(outputs.model)\", inputs = [\"src/**\"], outputs "
    "= { model: \"m.bin\" } }\n"
    " gate { require accuracy >= 0.9 }\n}\n"
    "registry images { url = \"host.example.com/p\" }\n"
    "service s { model = m\n build { preset = python, push = images }\n run = \"serve --port \\(port)\" }\n"
    "rollout careful { strategy = canary\n step 5% for 10m\n step 100%\n"
    " abort when error_rate > 1% for 2m\n"
    " abort when p99_latency > 1.2 * (stable.p99_latency + 10ms) for 5m\n"
    " abort when not (error_rate < 1%)\n"
    " abort when champion.error_rate > 1%\n"
    " abort when availability < 99%\n}\n"
    "environment z { namespace = \"z\", rollout = careful }\n"
    "environment b { after = z, namespace = \"b\" }\n"
    "environment a { after = b, namespace = \"a\" }\n"
    "bucket own { keep = 90d }\nbucket other { existing = \"there\" }\n"
    "secret token { from = github(\"TOKEN\") }\nsecret key { from = aws(\"p/key\") }\n"
    "target github { }\n";

static struct compilation *compilation;
static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    compilation = compilation_new();
    arena = compilation->arena;
    if (!load_library(compilation, true) || !load_text(compilation, "p.mlc", spec, sizeof spec - 1))
        return -1;
    struct field facts[] = {{"model/m.champion", 0, value_string(arena, "sha256:1", 0)},
                            {"service/s.image", 0, value_string(arena, "host/p@sha256:2", 0)},
                            {"service/s@a.image", 0, value_string(arena, "host/p@sha256:3", 0)},
                            {"pin/actions/checkout", 0,
                             value_string(arena, "1111111111111111111111111111111111111111 v9.9.9", 0)}};
    compilation->lock = value_record(arena, facts, 4, 0);
    if (compile(compilation, NULL))
        return 0;
    struct buf out = {0};
    diag_print_text(&out, compilation->diags, compilation->sources, (struct diag_style){0});
    print_error("%s", buf_str(&out));
    buf_free(&out);
    compilation_free(compilation);
    return -1;
}

static int tear_down(void **state)
{
    (void)state;
    compilation_free(compilation);
    return 0;
}

static const struct value *node(const char *id)
{
    struct node *found = graph_find(compilation->graph, id);
    assert_non_null(found);
    return value_node(arena, found, found->origin);
}

static const struct value *str(const char *text)
{
    return value_string(arena, text, 0);
}

static const struct value *call(const char *name, const struct value *a, const struct value *b,
                                const struct value *c)
{
    const struct value *arguments[] = {a, b, c, NULL};
    struct native_call run = {.compilation = compilation, .arena = arena, .arguments = arguments, .count = 4};
    assert_non_null(native_find(name));
    return native_find(name)->run(&run);
}

static const struct value *collection(const char *kind)
{
    struct vec nodes = vec_in(arena);
    graph_collection(compilation->graph, kind, NULL, &nodes);
    struct list_builder list = list_begin(arena);
    for (size_t i = 0; i < nodes.count; i++)
        list_add(&list, value_node(arena, nodes.items[i], 0));
    return list_end(&list, 0);
}

/* The ids or texts of a list, joined by blanks. */
static void lists(const struct value *list, const char *expected)
{
    struct buf out = {0};
    assert_non_null(list);
    assert_int_equal(list->kind, VALUE_LIST);
    for (size_t i = 0; i < list->count; i++)
        buf_printf(&out, "%s%s", i ? " " : "",
                   list->items[i]->kind == VALUE_NODE ? list->items[i]->node->id : list->items[i]->text);
    assert_string_equal(buf_str(&out), expected);
    buf_free(&out);
}

static enum diag_code last_code(void)
{
    size_t count = diag_count(compilation->diags);
    assert_true(count > 0);
    return diag_at(compilation->diags, count - 1)->code;
}

static void order_follows_references(void **state)
{
    (void)state;
    lists(call("topological", collection("environment"), str("after"), NULL),
          "environment/z environment/b environment/a");
    struct node *model = graph_find(compilation->graph, "model/m");
    lists(call("topological", node_get(model, "steps"), str("needs"), NULL), "model/m.train model/m.last");
    lists(call("sort", collection("environment"), NULL, NULL), "environment/a environment/b environment/z");
}

static void sources_are_files_of_the_repository(void **state)
{
    (void)state;
    lists(call("sources", collection("model"), NULL, NULL),
          "data/rows.csv requirements.lock src/** src/last.py");
    lists(call("sources", node("dataset/far"), NULL, NULL), "");
    lists(call("used_datasets", collection("model"), NULL, NULL), "dataset/rows");
}

static void edges_are_walked_both_ways(void **state)
{
    (void)state;
    struct buf ids = {0};
    const struct value *users = call("users", node("dataset/rows"), NULL, NULL);
    for (size_t i = 0; i < users->count; i++)
        buf_printf(&ids, " %s", users->items[i]->node->id);
    assert_non_null(strstr(buf_str(&ids), " model/m"));
    buf_free(&ids);
    lists(call("reachable", node("environment/a"), str("after"), NULL), "environment/b environment/z");
    lists(call("ancestors", node("environment/z"), str("after"), NULL), "environment/a environment/b");
    lists(call("environments_of", node("service/s"), NULL, NULL),
          "environment/a environment/b environment/z");
    lists(call("environments_of", node("service/s@b"), NULL, NULL), "environment/b");
    lists(call("environments_of", node("model/m"), NULL, NULL), "environment/a environment/b environment/z");
}

static void facts_come_from_the_lock(void **state)
{
    (void)state;
    assert_string_equal(call("lock.champion", node("model/m"), NULL, NULL)->text, "sha256:1");
    assert_string_equal(call("lock.image", node("service/s@a"), NULL, NULL)->text, "host/p@sha256:3");
    assert_string_equal(call("lock.image", node("service/s@b"), NULL, NULL)->text, "host/p@sha256:2");
    const struct value *pinned = call("pin", str("actions/checkout"), NULL, NULL);
    assert_string_equal(pinned->text, "actions/checkout@1111111111111111111111111111111111111111");
    assert_string_equal(pinned->marks->note, "v9.9.9");
    assert_non_null(call("pin", str("docker/login-action"), NULL, NULL));
    assert_null(call("pin", str("nobody/nothing"), NULL, NULL));
    assert_int_equal(last_code(), DIAG_NATIVE_PIN);
}

static void names_of_the_cloud(void **state)
{
    (void)state;
    assert_string_equal(call("bucket_name", node("bucket/own"), NULL, NULL)->text, "p-own");
    assert_string_equal(call("uri", node("bucket/other"), NULL, NULL)->text, "s3://there");
    assert_int_equal(call("store_of", node("secret/token"), NULL, NULL)->kind, VALUE_NULL);
    assert_string_equal(call("store_of", node("secret/key"), NULL, NULL)->text, "aws");
    assert_string_equal(call("secret_key", node("secret/key"), NULL, NULL)->text, "p/key");
    assert_true(call("is_secret", node("secret/key"), NULL, NULL)->boolean);
    assert_false(call("is_secret", str("x"), NULL, NULL)->boolean);
    assert_string_equal(call("format_of", str("a/b.csv.gz"), NULL, NULL)->text, "csv");
    assert_string_equal(call("format_of", str("a/b.bin"), NULL, NULL)->text, "opaque");
    assert_string_equal(call("id", node("model/m.train"), NULL, NULL)->text, "model/m.train");
}

static const struct value *predicate(const char *owner, const char *attribute, size_t index)
{
    const struct value *const *items;
    size_t count = node_list(graph_find(compilation->graph, owner), attribute, &items);
    assert_true(index < count);
    return items[index];
}

static const struct value *slots(void)
{
    struct field canary[] = {{"name", 0, str("c")}}, stable[] = {{"name", 0, str("s")}};
    struct field sides[] = {{"self", 0, value_record(arena, canary, 1, 0)},
                            {"stable", 0, value_record(arena, stable, 1, 0)}};
    return value_record(arena, sides, 2, 0);
}

static const struct value *promql(size_t index)
{
    return call("lower", predicate("rollout/careful", "aborts", index), str("promql"), slots());
}

static void predicates_become_promql(void **state)
{
    (void)state;
    const struct value *query = promql(0);
    assert_non_null(query);
    assert_non_null(strstr(query->text, "min_over_time(("));
    assert_non_null(strstr(query->text, "name=\"c\",response_code=~\"5..\""));
    assert_non_null(strstr(query->text, " > bool 0.01"));
    assert_non_null(strstr(query->text, ")[2m:30s])"));
    query = promql(1);
    assert_non_null(query);
    assert_non_null(strstr(query->text, "> bool 1.2 * ((histogram_quantile(0.99"));
    assert_non_null(strstr(query->text, "name=\"s\""));
    assert_non_null(strstr(query->text, " + 0.01)"));
}

static void what_a_target_cannot_say_is_an_error_at_the_users_line(void **state)
{
    (void)state;
    assert_null(promql(2));
    assert_int_equal(last_code(), DIAG_LOWER_OPERATOR);
    const struct diag *diag = diag_at(compilation->diags, diag_count(compilation->diags) - 1);
    assert_non_null(strstr(diag->message, "Prometheus cannot express `not` here"));
    assert_string_equal(source_of(compilation->sources, diag->primary.span.source)->path, "p.mlc");
    assert_null(promql(3));
    assert_int_equal(last_code(), DIAG_LOWER_SIDE);
    assert_null(promql(4));
    assert_int_equal(last_code(), DIAG_LOWER_MEASURE);
}

static void bounded_lowerings_take_the_bound(void **state)
{
    (void)state;
    const struct value *suite = str("great_expectations");
    const struct value *mostly = call("lower_document", predicate("dataset/rows", "checks", 0), suite, NULL);
    assert_non_null(mostly);
    assert_string_equal(value_get(mostly, "type")->text, "expect_column_values_to_not_be_null");
    assert_null(call("lower_document", predicate("dataset/rows", "checks", 1), suite, NULL));
    assert_int_equal(last_code(), DIAG_LOWER_FORM);
    const struct value *mean = call("lower_document", predicate("dataset/rows", "checks", 2), suite, NULL);
    assert_non_null(mean);
    assert_true(value_path(mean, "kwargs", "min_value", NULL)->number == 0.5);
    assert_non_null(value_path(mean, "kwargs", "max_value", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(order_follows_references, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sources_are_files_of_the_repository, set_up, tear_down),
        cmocka_unit_test_setup_teardown(edges_are_walked_both_ways, set_up, tear_down),
        cmocka_unit_test_setup_teardown(facts_come_from_the_lock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_the_cloud, set_up, tear_down),
        cmocka_unit_test_setup_teardown(predicates_become_promql, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_target_cannot_say_is_an_error_at_the_users_line, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(bounded_lowerings_take_the_bound, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
