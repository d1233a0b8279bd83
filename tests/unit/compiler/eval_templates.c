/* Templates: bodies by result type, blocks, files, owners and origins of documents, what is refused. */

#include "tests/unit/compiler/graph_support.h"

#define HEAD "project p { owner = \"a@example.com\" }\n"

struct made {
    struct compilation *compilation;
    struct vec files;
    bool ok;
};

static struct made make(const char *spec, const char *templates)
{
    struct buf text = {0};
    buf_printf(&text, "%s%s", spec, templates);
    struct made made = {.compilation = compile_text(buf_str(&text))};
    if (diag_count(made.compilation->diags)) {
        struct buf out = {0};
        diag_print_text(&out, made.compilation->diags, made.compilation->sources, (struct diag_style){0});
        fail_msg("%s", buf_str(&out));
    }
    made.files = vec_in(made.compilation->arena);
    made.ok = evaluate_template(made.compilation, "demo", &made.files);
    buf_free(&text);
    return made;
}

static const struct generated *file_at(const struct made *made, const char *path)
{
    for (size_t i = 0; i < made->files.count; i++) {
        const struct generated *file = made->files.items[i];
        if (strcmp(file->path, path) == 0)
            return file;
    }
    fail_msg("no file `%s`", path);
    return NULL;
}

static void assert_document(const struct made *made, const char *path, size_t place, const char *expected)
{
    const struct generated *file = file_at(made, path);
    assert_true(place < file->documents.count);
    struct buf out = {0};
    value_print(&out, file->documents.items[place]);
    assert_string_equal(buf_str(&out), expected);
    buf_free(&out);
}

static void test_bodies(void **state)
{
    (void)state;
    struct made made =
        make(HEAD "bucket b { }\nbucket a { keep = 1d }\n",
             "template demo {\n  for b in buckets { file \"out/\\(b.name).yaml\" { both(b), one(b) } }\n"
             "  if buckets == [] { file \"never\" { } } else { file \"all.yaml\" { names: [for b in buckets: "
             "b.name] } }\n}\n"
             "fn one(b: bucket): document {\n  let n = b.name\n  require n != \"x\" else \"no x\"\n  kind: "
             "\"One\"\n"
             "  name: n\n  if b.keep != null { keep: \"\\(b.keep)\" }\n  versioned?: if b.versioned then "
             "null else false\n"
             "  for l in [\"p\", \"q\"] { \"\\(l)-\\(n)\": l }\n  ...{ tail: true }\n}\n"
             "fn both(b: bucket): [document] {\n  one(b)\n  if b.keep != null { [one(b), one(b)] }\n}\n");
    assert_true(made.ok);
    assert_int_equal(made.files.count, 3);
    assert_int_equal(file_at(&made, "out/a.yaml")->documents.count, 4);
    assert_int_equal(file_at(&made, "out/b.yaml")->documents.count, 2);
    assert_document(&made, "out/b.yaml", 1,
                    "{\"kind\": \"One\", \"name\": \"b\", \"p-b\": \"p\", \"q-b\": \"q\", \"tail\": true}");
    assert_document(&made, "all.yaml", 0, "{\"names\": [\"a\", \"b\"]}");
    assert_int_equal(diag_count(made.compilation->diags), 0);
    compilation_free(made.compilation);
}

static void test_owners_and_origins(void **state)
{
    (void)state;
    struct made made =
        make(HEAD "bucket b { region = \"eu\" }\nenvironment e { }\n",
             "template demo { for e in environments, b in buckets { file \"\\(e.name).yaml\" { "
             "wrap(e) } } }\nfn wrap(e: environment): [document] { for b in buckets { inner(b, e) } }\n"
             "fn inner(b: bucket, e: environment): document { fixed: helper(), region: b.region }\n"
             "fn helper(): string = \"always\"\n");
    assert_true(made.ok);
    const struct generated *file = file_at(&made, "e.yaml");
    struct node *bucket = node_at(made.compilation, "bucket/b");
    assert_ptr_equal(file->owners.items[0], bucket);
    const struct value *document = file->documents.items[0];
    /* What the user wrote keeps its own place; a literal of a function without a node takes its caller's
     * node. */
    struct span region = origin_span(made.compilation->origins, value_get(document, "region")->origin);
    assert_int_equal(source_position(source_of(made.compilation->sources, region.source), region.start).line,
                     2);
    compilation_free(made.compilation);
}

static void test_words_become_strings(void **state)
{
    (void)state;
    struct made made = make(HEAD "rollout r { strategy = shadow, step 100% }\n",
                            "template demo { file \"r\" { for r in rollouts { doc(r) } } }\n"
                            "fn doc(r: rollout): document { a: r.strategy, b: [r.strategy], c: words(r) }\n"
                            "fn words(r: rollout): [string] = [for w in [r.strategy]: w]\n");
    assert_document(&made, "r", 0, "{\"a\": \"shadow\", \"b\": [\"shadow\"], \"c\": [\"shadow\"]}");
    compilation_free(made.compilation);
}

static void test_blocks(void **state)
{
    (void)state;
    struct made made =
        make(HEAD "bucket b { }\n",
             "template demo { file \"b.tf\" { for b in buckets { blocks_of(b) } } }\n"
             "fn blocks_of(b: bucket): blocks {\n  resource aws_s3_bucket[b.name] {\n    bucket = b.name\n"
             "    rule {\n      days = 3\n    }\n    ...more()\n  }\n}\n"
             "fn more(): blocks { tags = { a: \"b\" } }\n");
    assert_true(made.ok);
    assert_document(&made, "b.tf", 0,
                    "{\"body\": [{\"key\": \"bucket\", \"value\": \"b\"}, {\"body\": [{\"key\": \"days\", "
                    "\"value\": 3}], "
                    "\"labels\": [], \"type\": \"rule\"}, {\"key\": \"tags\", \"value\": {\"a\": \"b\"}}], "
                    "\"labels\": [\"aws_s3_bucket\", \"b\"], \"type\": \"resource\"}");
    compilation_free(made.compilation);
}

static void assert_template_fails(const char *templates, enum diag_code code, const char *words,
                                  uint32_t line)
{
    struct made made = make(HEAD "bucket b { region = \"eu\" }\nbucket c { }\n", templates);
    assert_false(made.ok);
    const struct diag *diag = diag_at(made.compilation->diags, 0);
    if (diag->code != code || !strstr(diag->message, words))
        fail_msg("found %d: %s", (int)diag->code, diag->message);
    const struct source *source = source_of(made.compilation->sources, diag->primary.span.source);
    if (line)
        assert_int_equal(source_position(source, diag->primary.span.start).line, line);
    compilation_free(made.compilation);
}

/* Whoever made the second file is led with, be it by the loop around it or by its documents. */
static void test_a_file_made_twice_names_both(void **state)
{
    (void)state;
    static const char *const TEMPLATES[] = {
        "template demo { for b in buckets { file \"same\" { d(b) } } }\nfn d(b: bucket): document { a: 1 }\n",
        "template demo { file \"same\" { d(buckets[0]) }\n file \"same\" { d(buckets[1]) } }\n"
        "fn d(b: bucket): document { a: 1 }\n"};
    for (size_t i = 0; i < 2; i++) {
        struct made made = make(HEAD "bucket b { region = \"eu\" }\nbucket c { }\n", TEMPLATES[i]);
        const struct diag *diag = diag_at(made.compilation->diags, 0);
        assert_int_equal(diag->code, DIAG_TEMPLATE_PATH);
        const struct source *source = source_of(made.compilation->sources, diag->secondary[0].span.source);
        assert_non_null(strstr(source->text + diag->secondary[0].span.start, "{ region = \"eu\" }"));
        assert_string_equal(diag->primary.text, "the second one is made for this");
        assert_string_equal(diag->secondary[0].text, "the first one is made for this");
        compilation_free(made.compilation);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    assert_template_fails("template demo { for b in buckets { file \"same\" { } } }\n", DIAG_TEMPLATE_PATH,
                          "same", 0);
    assert_template_fails("template demo { file \"../up\" { } }\n", DIAG_EVAL_BODY, "relative", 4);
    assert_template_fails("template demo { file \"/etc/x\" { } }\n", DIAG_EVAL_BODY, "relative", 4);
    assert_template_fails(
        "template demo { file \"f\" { for b in buckets { d(b) } } }\n"
        "fn d(b: bucket): document { require b.region != \"eu\" else \"not in \\(b.region)\"\n a: 1 }\n",
        DIAG_EVAL_REQUIRE, "not in eu", 0);
    assert_template_fails("template demo { file \"f\" { d() } }\nfn d(): document { a: nope }\n",
                          DIAG_EVAL_NAME, "nope", 5);
    assert_template_fails("template demo { file \"f\" { d() } }\nfn d(): document { a: 1, a: 2 }\n",
                          DIAG_EVAL_DUPLICATE_KEY, "`a`", 5);
}

static void test_one_failure_is_not_all(void **state)
{
    (void)state;
    struct made made =
        make(HEAD "bucket b { region = \"eu\" }\nbucket c { }\n",
             "template demo { for b in buckets { file \"\\(b.name)\" { d(b) } } }\n"
             "fn d(b: bucket): document { require b.region == null else \"has a region\"\n a: 1 }\n");
    assert_false(made.ok);
    assert_int_equal(made.files.count, 1);
    assert_int_equal(diag_count(made.compilation->diags), 1);
    compilation_free(made.compilation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_owners_and_origins),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_words_become_strings),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_a_file_made_twice_names_both),
        cmocka_unit_test(test_one_failure_is_not_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
