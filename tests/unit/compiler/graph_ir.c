/* The graph as JSON and back, against its published schema; hashes; pictures. */

#include "tests/unit/compiler/graph_support.h"

#include "compiler/ir.h"
#include "core/documents/json.h"
#include "core/documents/schema.h"
#include "core/file.h"

static const char spec[] =
    "project p { owner = \"a@example.com\" }\n"
    "## Rows of numbers.\n"
    "dataset d { path = \"d.csv\", key = id, column id: int, column x: float in 0..10\n"
    "  expect mean(x) in 0.5..2.0 else warn, \"odd\" }\n"
    "model m { data = d, split { train = 80%, holdout = 20%, by = hash(id) }\n"
    "  step train { run = \"t \\(data.train) \\(outputs.m)\", outputs = { m: \"m.bin\" }, params = { "
    "\"$lr\": 0.1, n: 2 } }\n"
    "  gate { require no_worse(accuracy, than: champion, by: 1%) }\n"
    "  step judge { run = \"j \\(metrics)\", metrics = \"x\" }\n"
    "  retrain { on push(main), on schedule(\"monday 03:00\") } }\n"
    "service api { model = m, image = \"x\", run = \"s \\(model.artifact) \\(port)\", replicas = 1..3 }\n"
    "environment e { }\n";

static struct graph *read_back(struct compilation *compilation, const char *text, size_t length)
{
    assert_true(load_library(compilation, false));
    declare(compilation);
    const struct source *source = source_add(compilation->sources, SOURCE_OTHER, "graph.json", text, length);
    return ir_read(compilation, source);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct compilation *c = compile_sound(spec);
    struct buf first = {0}, second = {0};
    assert_true(ir_write(c->graph, &first));
    struct compilation *other = compilation_new();
    struct graph *graph = read_back(other, first.data, first.length);
    assert_non_null(graph);
    assert_int_equal(graph->nodes.count, c->graph->nodes.count);
    assert_int_equal(graph->edges.count, c->graph->edges.count);
    for (size_t i = 0; i < graph->nodes.count; i++) {
        struct node *before = c->graph->nodes.items[i], *after = graph->nodes.items[i];
        char a[HASH_HEX_SIZE], b[HASH_HEX_SIZE];
        node_hash(before, a);
        node_hash(after, b);
        assert_string_equal(before->id, after->id);
        assert_string_equal(a, b);
        assert_string_equal(before->parent ? before->parent->id : "", after->parent ? after->parent->id : "");
    }
    struct node *step = graph_find(graph, "model/m.train");
    const struct value *run = node_get(step, "run");
    struct slot slot;
    assert_true(slot_resolve(step, run->items[1]->expr, &slot));
    assert_string_equal(slot.name, "train");
    assert_string_equal(graph->project->name, "p");
    struct vec services = vec_in(other->arena);
    assert_int_equal(graph_collection(graph, "service", graph_find(graph, "environment/e"), &services), 1);
    buf_free(&first);
    buf_free(&second);
    compilation_free(other);
    compilation_free(c);
}

static void test_schema(void **state)
{
    (void)state;
    struct buf file = {0}, out = {0};
    if (file_read("docs/ir.schema.json", 1 << 20, &file) != 0)
        skip();
    struct compilation *c = compile_sound(spec);
    ir_write(c->graph, &out);
    const char *why = NULL;
    const struct value *schema = json_read_text(c->arena, file.data, file.length, &why);
    assert_non_null(schema);
    const struct value *document = json_read_text(c->arena, out.data, out.length, &why);
    assert_non_null(document);
    struct vec findings = vec_in(c->arena);
    bool holds =
        schema_check(c->arena, schema, schema, document, (struct schema_options){.closed = true}, &findings);
    if (!holds) {
        const struct schema_finding *finding = findings.items[0];
        fail_msg("%s: %s", finding->path, finding->message);
    }
    buf_free(&file);
    buf_free(&out);
    compilation_free(c);
}

static void test_hostile(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "null",
        "{\"version\": 2}",
        "{\"version\": 1}",
        "{\n  \"version\": 1,\n  \"hash\": \"00\",\n  \"nodes\": [\n  ],\n  \"edges\": [\n  ]\n}\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct compilation *c = compilation_new();
        assert_null(read_back(c, texts[i], strlen(texts[i])));
        assert_true(diag_error_count(c->diags) > 0);
        compilation_free(c);
    }
}

/* A graph whose body is `nodes` and `edges`, with the hash that fits. */
static void seal(struct buf *out, const char *nodes)
{
    struct buf body = {0};
    char hash[HASH_HEX_SIZE];
    buf_printf(&body, "  \"nodes\": [\n%s\n  ],\n  \"edges\": [\n  ]\n", nodes);
    hash_hex(body.data, body.length, hash);
    buf_printf(out,
               "{\n  \"version\": 1,\n  \"mlc\": \"0\",\n  \"project\": null,\n  \"hash\": \"%s\",\n%s}\n",
               hash, buf_str(&body));
    buf_free(&body);
}

static void test_malformed_but_sealed(void **state)
{
    (void)state;
    static const char *const nodes[] = {
        "{\"id\": \"a\"}",
        "{\"id\": \"a\", \"kind\": \"bucket\", \"name\": \"a\", \"attributes\": {\"region\": {\"$node\": "
        "\"b\"}}}",
        "{\"id\": \"a\", \"kind\": \"bucket\", \"name\": \"a\", \"attributes\": {\"region\": {\"$odd\": 1}}}",
        "{\"id\": \"a\", \"kind\": \"bucket\", \"name\": \"a\", \"parent\": \"a\", \"attributes\": {}}",
        "{\"id\": \"a\", \"kind\": \"k\", \"name\": \"a\", \"attributes\": {\"x\": {\"$expression\": "
        "{\"kind\": \"field\"}}}}",
        "{\"id\": \"a\", \"kind\": \"k\", \"name\": \"a\", \"attributes\": {\"x\": {\"$text\": [1]}}}",
        "{\"id\": \"a\", \"kind\": \"k\", \"name\": \"a\", \"attributes\": {\"x\": {\"$quantity\": \"1\"}}}",
        "{\"id\": \"a\", \"kind\": \"k\", \"name\": \"a\", \"attributes\": {}},\n{\"id\": \"a\", \"kind\": "
        "\"k\", \"name\": "
        "\"a\", \"attributes\": {}}",
    };
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        struct compilation *c = compilation_new();
        struct buf text = {0};
        seal(&text, nodes[i]);
        if (read_back(c, text.data, text.length))
            fail_msg("read: %s", nodes[i]);
        assert_true(diag_error_count(c->diags) > 0);
        compilation_free(c);
        buf_free(&text);
    }
    struct compilation *c = compilation_new();
    struct buf text = {0};
    seal(&text,
         "{\"id\": \"k/a\", \"kind\": \"k\", \"name\": \"a\", \"attributes\": {\"x\": {\"$word\": \"w\"}}}");
    struct graph *graph = read_back(c, text.data, text.length);
    assert_non_null(graph);
    assert_string_equal(node_text(graph_find(graph, "k/a"), "x"), "w");
    compilation_free(c);
    buf_free(&text);
}

static void hash_of(const char *text, const char *id, char out[HASH_HEX_SIZE])
{
    struct compilation *c = compile_sound(text);
    node_hash(node_at(c, id), out);
    compilation_free(c);
}

static void test_hashes(void **state)
{
    (void)state;
    char a[HASH_HEX_SIZE], b[HASH_HEX_SIZE], shifted[HASH_HEX_SIZE], deeper[HASH_HEX_SIZE];
#define MODEL(rows, keep)                                                                                    \
    "project p { owner = \"a@example.com\" }\nbucket b { keep = " keep                                       \
    " }\ndataset d { path = \"d\", expect rows >= " rows " }\n"
    hash_of(MODEL("1", "1d"), "dataset/d", a);
    hash_of(MODEL("1", "2d"), "dataset/d", b);
    hash_of("\n\n" MODEL("1", "1d"), "dataset/d", shifted);
    hash_of(MODEL("2", "1d"), "dataset/d", deeper);
#undef MODEL
    assert_string_equal(a, b);
    assert_string_equal(a, shifted);
    assert_string_not_equal(a, deeper);
}

static void test_order_of_the_text_changes_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "project p { owner = \"a\" }\nbucket a { }\nservice s { image = \"x\", capture { to = a } "
        "}\nenvironment e { }\n",
        "environment e { }\nservice s { image = \"x\", capture { to = a } }\nbucket a { }\nproject p { owner "
        "= \"a\" }\n",
    };
    struct buf out[2] = {{0}, {0}};
    for (size_t i = 0; i < 2; i++) {
        struct compilation *c = compile_sound(texts[i]);
        ir_write_part(c->graph, graph_find(c->graph, "environment/e"), &out[i]);
        assert_null(strstr(buf_str(&out[i]), "\"source\""));
        compilation_free(c);
    }
    assert_string_equal(buf_str(&out[0]), buf_str(&out[1]));
    buf_free(&out[0]);
    buf_free(&out[1]);
}

static void test_pictures(void **state)
{
    (void)state;
    struct compilation *c = compile_sound(spec);
    struct buf dot = {0}, mermaid = {0};
    graph_write_dot(c->graph, &dot);
    graph_write_mermaid(c->graph, &mermaid);
    assert_non_null(strstr(buf_str(&dot), "\"model/m\" -> \"dataset/d\" [label=\"data\"];"));
    assert_null(strstr(buf_str(&dot), "model/m.train"));
    assert_non_null(strstr(buf_str(&mermaid), "[\"model/m\"]"));
    buf_free(&dot);
    buf_free(&mermaid);
    compilation_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_schema),
        cmocka_unit_test(test_hostile),    cmocka_unit_test(test_malformed_but_sealed),
        cmocka_unit_test(test_hashes),     cmocka_unit_test(test_order_of_the_text_changes_nothing),
        cmocka_unit_test(test_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
