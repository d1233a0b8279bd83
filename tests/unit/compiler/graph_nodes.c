/* From a spec to nodes: names, references, components, loops, copies, overlays, slots, predicates. */

#include "tests/unit/compiler/graph_support.h"

#define HEAD "project p { owner = \"a@example.com\" }\n"

static void test_references_and_defaults(void **state)
{
    (void)state;
    struct compilation *c =
        compile_sound(HEAD "python py { version = \"3.12\" }\n"
                           "dataset d { path = \"d.csv\", key = id, label = y\n"
                           "  column id: int\n  column x: float in 0..10\n  column y: int? }\n"
                           "model m { data = d }\n");
    assert_value(c, "model/m", "data", "dataset/d");
    assert_value(c, "model/m", "python", "python/py");
    assert_value(c, "model/m", "engine", "ci");
    assert_value(c, "model/m", "split", "null");
    assert_value(c, "model/m", "gate", "model/m.gate");
    assert_value(c, "dataset/d", "features", "dataset/d.x");
    assert_value(c, "dataset/d", "format", "csv");
    const struct value *type = node_get(node_at(c, "dataset/d.x"), "type");
    assert_string_equal(value_string_or(value_get(type, "name"), ""), "float");
    assert_int_equal(value_get(type, "range")->kind, VALUE_RANGE);
    assert_true(value_get(node_get(node_at(c, "dataset/d.y"), "type"), "nullable")->boolean);
    assert_null(node_get(node_at(c, "model/m"), "nonsense"));
    compilation_free(c);
}

static void test_unknown_reference(void **state)
{
    (void)state;
    assert_refused(HEAD "dataset flowers { path = \"d.csv\" }\nmodel m { data = flovers }\n",
                   DIAG_REFERENCE_UNKNOWN, 3, "`flowers`");
}

static void test_duplicates(void **state)
{
    (void)state;
    assert_refused(HEAD "bucket b { }\nbucket b { }\n", DIAG_NODE_DUPLICATE, 3, "bucket/b");
    assert_refused(HEAD "for c in [\"x\", \"y\"] { bucket c { } }\n", DIAG_NODE_DUPLICATE, 2,
                   "loop's variable");
    assert_refused(HEAD "dataset d { path = \"x\", expect rows >= 1, expect rows >= 2 }\n",
                   DIAG_CLAUSE_DUPLICATE, 2, "rows >=");
    /* Two sides of one measure are two clauses, and so are two windows. */
    compilation_free(compile_sound(HEAD "dataset d { path = \"x\", expect rows >= 1, expect rows <= 2 }\n"));
}

static void test_names(void **state)
{
    (void)state;
    assert_refused(HEAD "for c in [\"a/b\"] { bucket \"x-\\(c)\" { } }\n", DIAG_NODE_NAME, 2, "characters");
    assert_refused(HEAD "for c in [\"\"] { bucket \"\\(c)\" { } }\n", DIAG_NODE_NAME, 2, "characters");
}

static void test_loops_and_conditions(void **state)
{
    (void)state;
    struct compilation *c =
        compile_sound(HEAD "let regions = [\"eu\", \"us\"]\n"
                           "for r in regions where r != \"us\" { bucket \"b-\\(r)\" { region = r } }\n"
                           "for i in 1..3 { bucket \"n-\\(i)\" { } }\n"
                           "if regions == [] { bucket none { } } else { bucket some { } }\n");
    assert_value(c, "bucket/b-eu", "region", "\"eu\"");
    assert_null(graph_find(c->graph, "bucket/b-us"));
    assert_non_null(graph_find(c->graph, "bucket/n-3"));
    assert_non_null(graph_find(c->graph, "bucket/some"));
    assert_null(graph_find(c->graph, "bucket/none"));
    compilation_free(c);
    assert_refused(HEAD "bucket b { }\nfor b in buckets { bucket \"x-\\(b.name)\" { } }\n",
                   DIAG_EXPANSION_EARLY, 3, "buckets");
}

static const char component[] = HEAD
    "dataset d { path = \"d.csv\" }\nbucket log { }\n"
    "component tabular {\n"
    "  param data: dataset\n"
    "  param floor: number = 0.5\n"
    "  param deep: bool = false\n"
    "  let twice = 2 * floor\n"
    "  model { data = data, gate { require r2 >= twice }\n"
    "    step train { run = \"t \\(outputs.m)\", outputs = { m: \"m.bin\" }, metrics = \"x\" }\n"
    "    if deep { step more { run = \"u \\(train.m)\" } } }\n"
    "  service api { model = model, image = \"x\", run = \"s \\(model.artifact)\", capture { to = log } }\n"
    "  monitor drift { watch = api }\n"
    "}\n";

static void test_components(void **state)
{
    (void)state;
    char text[2048];
    snprintf(text, sizeof text,
             "%stabular one { data = d, deep = true, floor = 0.4, service api { replicas = 4 } }\n",
             component);
    struct compilation *c = compile_sound(text);
    assert_value(c, "model/one", "data", "dataset/d");
    assert_value(c, "service/one-api", "model", "model/one");
    assert_value(c, "service/one-api", "replicas", "4");
    assert_value(c, "monitor/one-drift", "watch", "service/one-api");
    assert_value(c, "model/one", "steps", "model/one.train model/one.more");
    assert_value(c, "model/one.more", "needs", "model/one.train");
    assert_value(c, "model/one.gate.r2 >=", "bound", "0.8");
    /* A part stands where the instance stands. */
    struct node *part = node_at(c, "service/one-api");
    assert_int_equal(origin_parent(c->origins, part->origin), node_at(c, "tabular/one")->origin);
    compilation_free(c);
    snprintf(text, sizeof text, "%stabular one { data = d, service apo { replicas = 4 } }\n", component);
    assert_refused(text, DIAG_OVERLAY_NOTHING, 15, "apo");
}

static void test_component_in_itself(void **state)
{
    (void)state;
    assert_refused(HEAD "component a { param n: int = 1\n  b inner { } }\n"
                        "component b { param n: int = 1\n  a inner { } }\n"
                        "a x { }\n",
                   DIAG_COMPONENT_RECURSION, 5, "contains itself");
}

static void test_like(void **state)
{
    (void)state;
    struct compilation *c = compile_sound(
        HEAD "dataset sales { abstract = true, key = row, column row: string, column n: int\n"
             "  expect rows >= 10 }\n"
             "dataset de { like = sales, abstract = false, path = \"de.csv\", column extra: int }\n"
             "dataset fr { like = sales, abstract = false, path = \"fr.csv\", expect rows >= 5 }\n");
    assert_value(c, "dataset/de", "key", "row");
    assert_value(c, "dataset/de", "columns", "dataset/de.row dataset/de.n dataset/de.extra");
    assert_value(c, "dataset/de", "checks", "dataset/de.rows >=");
    assert_value(c, "dataset/fr.rows >=", "bound", "5");
    compilation_free(c);
    assert_refused(HEAD "dataset a { path = \"a\" }\ndataset b { like = a }\ndataset c { like = b }\n",
                   DIAG_LIKE_CHAIN, 4, "itself a copy");
}

static const char stages[] =
    HEAD "service api { image = \"x\", run = \"s --port \\(port)\", replicas = 2, port = 8080\n"
         "  capture { sample = 10%, to = log }\n"
         "  slo { p99_latency <= 200ms, error_rate <= 1% }\n"
         "  smoke ready { get = \"/healthz\", expect status == 200 } }\n"
         "bucket log { }\n"
         "monitor drift { watch = api }\n"
         "rollout careful { strategy = canary, step 100%, step 5% for 10m, step 25% for 30m\n"
         "  abort when error_rate > 1% for 2m }\n"
         "environment staging { }\n";

static void test_overlays(void **state)
{
    (void)state;
    char text[2048];
    snprintf(text, sizeof text,
             "%senvironment production { after = staging, rollout = careful\n"
             "  service api { port = 9000, capture { sample = 5%% }, slo { p99_latency <= 100ms, "
             "availability >= 99%% } }\n"
             "  rollout careful { without step(25%%), step 5%% for 1h } }\n",
             stages);
    struct compilation *c = compile_sound(text);
    assert_value(c, "service/api", "port", "8080");
    assert_value(c, "service/api@staging", "port", "8080");
    assert_value(c, "service/api@production", "port", "9000");
    assert_value(c, "service/api@production", "replicas", "2");
    assert_value(c, "service/api.capture@production", "sample", "5%");
    assert_value(c, "service/api.capture@production", "to", "bucket/log");
    assert_value(c, "service/api.slo.p99_latency <=@production", "bound", "100ms");
    assert_value(c, "service/api.slo.p99_latency <=@staging", "bound", "200ms");
    assert_non_null(graph_find(c->graph, "service/api.slo.availability >=@production"));
    assert_null(graph_find(c->graph, "service/api.slo.availability >=@staging"));
    assert_value(c, "monitor/drift@production", "watch", "service/api@production");
    assert_value(c, "monitor/drift@production", "capture", "service/api.capture@production");
    assert_value(c, "environment/production", "services", "service/api@production");
    assert_value(c, "environment/production", "rollout", "rollout/careful@production");
    assert_value(c, "rollout/careful@production", "steps",
                 "rollout/careful.5%@production rollout/careful.100%@production");
    assert_value(c, "rollout/careful.5%@production", "hold", "1h");
    assert_value(c, "rollout/careful", "steps",
                 "rollout/careful.5% rollout/careful.25% rollout/careful.100%");
    assert_ptr_equal(node_at(c, "service/api@production")->base, node_at(c, "service/api"));
    compilation_free(c);
}

static void test_overlays_that_match_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint32_t line;
        const char *words;
    } cases[] = {
        {"environment e { service apo { port = 1 } }", 12, "`api`"},
        {"environment e { service api { smoke redy { get = \"/\" } } }", 12, "`ready`"},
        {"environment e { rollout careful { without step(20%) } }", 12, "removes nothing"},
        {"environment e { rollout careful { without step(20%) } }", 12, "`25%`"},
        {"environment e { service api { without slo } , service api { port = 1 } }", 12, "two overlays"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[2048];
        snprintf(text, sizeof text, "%s\n%s\n", stages, cases[i].body);
        enum diag_code code = strstr(cases[i].words, "two") ? DIAG_CLAUSE_DUPLICATE : DIAG_OVERLAY_NOTHING;
        assert_refused(text, code, cases[i].line, cases[i].words);
    }
}

static void test_without(void **state)
{
    (void)state;
    char text[2048];
    snprintf(text, sizeof text,
             "%senvironment e { without monitor(drift)\n"
             "  service api { without capture, slo { without error_rate } } }\n",
             stages);
    struct compilation *c = compile_sound(text);
    assert_null(graph_find(c->graph, "monitor/drift@e"));
    assert_non_null(graph_find(c->graph, "monitor/drift@staging"));
    assert_value(c, "service/api@e", "capture", "null");
    assert_value(c, "service/api.slo@e", "objectives", "service/api.slo.p99_latency <=@e");
    compilation_free(c);
}

static void test_slots(void **state)
{
    (void)state;
    struct compilation *c = compile_sound(
        HEAD
        "dataset d { path = \"d.csv\" }\nmodel m { data = d, split { train = 80%, holdout = 20%, by = row }\n"
        "  step train { run = \"t \\(data.train) \\(outputs.m) \\(params)\", outputs = { m: \"m.bin\" } }\n"
        "  step judge { run = \"j \\(train.m) \\(data.holdout) \\(metrics)\", metrics = \"x.json\" } }\n");
    struct node *judge = node_at(c, "model/m.judge");
    const struct value *run = node_get(judge, "run");
    assert_int_equal(run->kind, VALUE_TEXT);
    assert_int_equal(run->count, 6);
    struct slot slot;
    assert_true(slot_resolve(judge, run->items[1]->expr, &slot));
    assert_string_equal(slot.root, "step");
    assert_string_equal(slot.name, "m");
    assert_ptr_equal(slot.node, node_at(c, "model/m.train"));
    assert_true(slot_resolve(judge, run->items[3]->expr, &slot));
    assert_string_equal(slot.root, "data");
    assert_ptr_equal(slot.node, node_at(c, "dataset/d"));
    assert_value(c, "model/m", "artifact", "model/m.train.m");
    assert_value(c, "model/m.train.m", "file", "\"m.bin\"");
    compilation_free(c);
    assert_refused(
        HEAD
        "dataset d { path = \"d.csv\" }\nmodel m { data = d, split { train = 80%, holdout = 20%, by = row }\n"
        "  step train { run = \"t \\(data.test)\" } }\n",
        DIAG_SLOT_UNKNOWN, 4, "`data.train`, `data.holdout`");
    assert_refused(HEAD "dataset d { path = \"d.csv\" }\nmodel m { data = d\n"
                        "  step train { run = \"t \\(outputs.x)\", outputs = { m: \"m\" } } }\n",
                   DIAG_SLOT_UNKNOWN, 4, "`m`");
}

static void test_artifact(void **state)
{
    (void)state;
    assert_refused(HEAD "dataset d { path = \"d.csv\" }\n"
                        "model m { data = d, step t { run = \"t\", outputs = { a: \"a\", b: \"b\" } } }\n",
                   DIAG_ARTIFACT_AMBIGUOUS, 3, "output = NAME");
    struct compilation *c = compile_sound(
        HEAD "dataset d { path = \"d.csv\" }\n"
             "model m { data = d, output = b, step t { run = \"t\", outputs = { a: \"a\", b: \"b\" } } }\n");
    assert_value(c, "model/m", "artifact", "model/m.t.b");
    compilation_free(c);
}

static void test_predicates(void **state)
{
    (void)state;
    struct compilation *c =
        compile_sound(HEAD "let limit = 1%\ndataset d { path = \"d.csv\", column x: float, expect "
                           "null_fraction(x) <= 2 * limit\n"
                           "  expect mean(x) in 0.5..2.0 else warn, \"odd\" }\n"
                           "model m { data = d, step t { run = \"t\", metrics = \"x\" }, gate { require "
                           "no_worse(accuracy, than: champion, by: 1%)\n"
                           "  require accuracy.by(x) >= 0.8 } }\n");
    const char *id = "dataset/d.null_fraction(x) <=";
    assert_value(c, id, "source", "\"null_fraction(x) <= 2%\"");
    assert_value(c, id, "measure", "\"null_fraction\"");
    assert_value(c, id, "column", "dataset/d.x");
    assert_value(c, id, "operator", "\"<=\"");
    assert_value(c, id, "bound", "2%");
    assert_value(c, "dataset/d.mean(x) in", "actions", "[warn, \"odd\"]");
    assert_value(c, "model/m.gate.no_worse(accuracy)", "measure", "\"accuracy\"");
    assert_non_null(graph_find(c->graph, "model/m.gate.accuracy.by(x) >="));
    assert_ptr_equal(predicate_column(node_at(c, id), "x"), node_at(c, "dataset/d.x"));
    compilation_free(c);
}

/* Names of a condition are columns, all else is literal; what is not compared gets the measure's bound. */
static void test_row_conditions(void **state)
{
    (void)state;
    struct compilation *c = compile_sound(
        HEAD "let names = [\"x\", 'y']\nlet _x = 3\n"
             "dataset other { path = \"o.csv\", column k: string, column x: float }\n"
             "dataset d { path = \"d.csv\", column x: float, column rows: int, column k: one_of(a, b, _x)\n"
             "  for least in [0] { expect holds(x > least and k in [a, \"b\"]) }\n"
             "  expect holds(rows < 2 * _x and not (k in names or k == _x)) >= 50% or mean(x) > 1\n"
             "  expect holds(x - 1 == -2).by(k)\n"
             "  expect not (holds(x > 1) and outliers(x, sd: 3) <= 5%)\n"
             "  expect rows(where: k == b) > 1\n"
             "  expect found([k, x], in: other), expect found(k, in: other.k) >= 9% }\n");
    assert_value(c, "dataset/d.holds(x > 0 and k in [\"a\", \"b\"]) >=", "source",
                 "\"holds(x > 0 and k in [\\\"a\\\", \\\"b\\\"]) >= 100%\"");
    assert_value(c, "dataset/d.holds(x - 1 == -2).by(k) >=", "bound", "100%");
    assert_non_null(graph_find(
        c->graph,
        "dataset/d.holds(rows < 6 and not (k in [\"x\", \"y\"] or k == \"_x\")) >= 50% or mean(x) > 1"));
    assert_non_null(
        graph_find(c->graph, "dataset/d.not (holds(x > 1) >= 100% and outliers(x, sd: 3) <= 5%)"));
    struct node *rows = node_at(c, "dataset/d.rows(where: k == \"b\") >");
    const struct expr *measure = node_get(rows, "condition")->expr->args[0];
    assert_int_equal(measure->kind, EXPR_MEASURE);
    assert_string_equal(measure->arg_names[0], "where");
    assert_int_equal(measure->args[0]->args[0]->kind, EXPR_NAME);
    assert_int_equal(measure->args[0]->args[1]->value->kind, VALUE_STRING);
    assert_value(c, "dataset/d.found([k, x], in: other) >=", "reads", "dataset/other");
    assert_value(c, "dataset/d.rows(where: k == \"b\") >", "reads", "null");
    bool edge = false;
    for (size_t i = 0; i < c->graph->edges.count; i++) {
        const struct edge *at = c->graph->edges.items[i];
        edge = edge || (strcmp(at->from->id, "dataset/d.found(k, in: other.k) >=") == 0 &&
                        strcmp(at->to->id, "dataset/other") == 0);
    }
    assert_true(edge);
    compilation_free(c);
}

static void test_cycles(void **state)
{
    (void)state;
    assert_refused(HEAD "environment e { approvers = rollback_approvers }\n", DIAG_ATTRIBUTE_CYCLE, 2,
                   "environment/e.approvers -> environment/e.rollback_approvers -> environment/e.approvers");
    assert_refused(HEAD "environment a { after = b }\nenvironment b { after = a }\n", DIAG_ORDER_CYCLE, 3,
                   "environment/a -> environment/b -> environment/a");
}

static void test_one_project(void **state)
{
    (void)state;
    assert_refused("bucket b { }\n", DIAG_ONE_PROJECT, 1, "no `project`");
    assert_refused(HEAD "project q { owner = \"b\" }\n", DIAG_ONE_PROJECT, 2, "2 projects");
    struct compilation *c = compile_sound("let _x = 1\n");
    assert_int_equal(c->graph->nodes.count, 0);
    compilation_free(c);
}

static void test_checks_and_policies(void **state)
{
    (void)state;
    assert_refused(HEAD "service s { image = \"x\", port = 70000 }\n", DIAG_CHECK_FAILED, 2, "1..65535");
    assert_refused(HEAD
                   "dataset d { path = \"d\" }\nmodel m { data = d }\n"
                   "policy { forall m in models: m.gate.compares(champion) else \"must beat \\(m.name)\" }\n",
                   DIAG_POLICY_FAILED, 3, "must beat m");
    compilation_free(compile_sound(
        HEAD
        "dataset d { path = \"d\" }\nmodel m { data = d, step t { run = \"t\", metrics = \"x\" }, gate { "
        "require no_worse(accuracy, than: champion, "
        "by: 1%) } }\n"
        "service s { image = \"x\", slo { p99_latency <= 200ms } }\nenvironment e { approvers = [\"a\"] }\n"
        "policy { forall m in models: m.gate.compares(champion) else \"x\"\n"
        "  forall s in services: s.slo.p99_latency <= 500ms else \"slow\"\n"
        "  forall e in environments where e == e: e.approvers != [] }\n"));
}

static void test_extras(void **state)
{
    (void)state;
    struct compilation *c =
        compile_sound(HEAD "bucket b { extra terraform { aws_s3_bucket: { acl: \"private\" } } }\n");
    assert_value(c, "bucket/b", "extras",
                 "[{\"body\": {\"aws_s3_bucket\": {\"acl\": \"private\"}}, \"target\": \"terraform\"}]");
    compilation_free(c);
}

static void test_edges(void **state)
{
    (void)state;
    struct compilation *c =
        compile_sound(HEAD "dataset d { path = \"d\" }\nmodel m { data = d }\nenvironment a { }\n"
                           "environment b { after = a }\n");
    bool data = false, after = false;
    for (size_t i = 0; i < c->graph->edges.count; i++) {
        const struct edge *edge = c->graph->edges.items[i];
        data = data || (edge->role == EDGE_REFERENCE && strcmp(edge->via, "data") == 0 &&
                        strcmp(edge->to->id, "dataset/d") == 0);
        after = after || (edge->role == EDGE_ORDER && strcmp(edge->from->id, "environment/b") == 0);
    }
    assert_true(data);
    assert_true(after);
    compilation_free(c);
}

/* Ten times the spec costs about ten times the steps. */
static size_t steps_of(size_t count)
{
    struct buf text = {0};
    buf_add_str(&text, HEAD "environment a { }\nenvironment b { after = a }\nbucket log { }\n");
    for (size_t i = 0; i < count; i++)
        buf_printf(
            &text,
            "dataset d%zu { path = \"d\", column x: int, expect rows >= 1 }\nmodel m%zu { data = d%zu, split "
            "{ "
            "train = 80%%, holdout = 20%%, by = row }\n  step t { run = \"t \\(data.train) \\(outputs.m)\", "
            "outputs = { m: \"m\" } } }\nservice s%zu { model = m%zu, image = \"x\", run = \"s "
            "\\(model.artifact)\", capture { to = log } }\nmonitor w%zu { watch = s%zu, expect psi(features) "
            "< 0.2 "
            "}\n",
            i, i, i, i, i, i, i);
    struct compilation *c = compile_sound(buf_str(&text));
    size_t steps = evaluate_steps(c);
    buf_free(&text);
    compilation_free(c);
    return steps;
}

static void test_linear(void **state)
{
    (void)state;
    size_t small = steps_of(20), large = steps_of(200);
    assert_true(small > 20 * 20);
    assert_true(large < 11 * small);
}

static void test_limits(void **state)
{
    (void)state;
    struct compilation *c = compilation_new();
    c->limits.steps = 1000;
    assert_true(load_library(c, false));
    const char *text =
        "let n = [for a in 1..100, b in 1..100: a * b]\nfor x in n where x == 0 { bucket b { } }\n";
    assert_true(load_text(c, "spec.mlc", text, strlen(text)));
    declare(c);
    pass_build(c);
    assert_int_equal(diag_count(c->diags), 1);
    assert_int_equal(diag_at(c->diags, 0)->code, DIAG_EVAL_STEPS);
    compilation_free(c);
    c = compilation_new();
    c->limits.nodes = 50;
    assert_true(load_library(c, false));
    text = "for i in 1..100 { bucket \"b\\(i)\" { } }\n";
    assert_true(load_text(c, "spec.mlc", text, strlen(text)));
    declare(c);
    pass_build(c);
    assert_int_equal(diag_count(c->diags), 1);
    assert_int_equal(diag_at(c->diags, 0)->code, DIAG_GRAPH_LIMIT);
    compilation_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references_and_defaults),
        cmocka_unit_test(test_unknown_reference),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_loops_and_conditions),
        cmocka_unit_test(test_components),
        cmocka_unit_test(test_component_in_itself),
        cmocka_unit_test(test_like),
        cmocka_unit_test(test_overlays),
        cmocka_unit_test(test_overlays_that_match_nothing),
        cmocka_unit_test(test_without),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_artifact),
        cmocka_unit_test(test_predicates),
        cmocka_unit_test(test_row_conditions),
        cmocka_unit_test(test_cycles),
        cmocka_unit_test(test_one_project),
        cmocka_unit_test(test_checks_and_policies),
        cmocka_unit_test(test_extras),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
