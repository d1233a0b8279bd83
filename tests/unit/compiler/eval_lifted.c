/* Expressions that only a target evaluates, and where values of templates say that they come from. */

#include "tests/unit/compiler/graph_support.h"

#include "core/expr.h"

#define SPEC "project p { owner = \"a@example.com\" }\nbucket b { region = \"eu\" }\ntarget github { }\n"

/* A project with templates in a backend's folder, run. */
static struct compilation *run(const char *spec, const char *templates, struct vec *files, bool *ok)
{
    struct compilation *c = compilation_new();
    assert_true(load_library(c, false));
    const struct source *source =
        source_add(c->sources, SOURCE_BACKEND, "backends/github/demo.mlc", templates, strlen(templates));
    vec_push(&c->files, parse_source(c->arena, source, (struct parse_limits){0}, c->diags));
    assert_true(load_text(c, "spec.mlc", spec, strlen(spec)));
    declare(c);
    pass_build(c);
    pass_evaluate(c);
    if (diag_count(c->diags)) {
        struct buf out = {0};
        diag_print_text(&out, c->diags, c->sources, (struct diag_style){0});
        fail_msg("%s", buf_str(&out));
    }
    *files = vec_in(c->arena);
    *ok = evaluate_template(c, "github", files);
    return c;
}

static const struct value *field_of(const struct vec *files, const char *name)
{
    const struct generated *file = files->items[0];
    const struct value *value = value_get(file->documents.items[0], name);
    if (!value)
        fail_msg("no field `%s`", name);
    return value;
}

static void assert_tree(const struct value *value, const char *dialect, const char *expected)
{
    assert_int_equal(value->kind, VALUE_EXPRESSION);
    assert_string_equal(value->expr->dialect, dialect);
    struct buf out = {0};
    expr_print(&out, value->expr);
    assert_string_equal(buf_str(&out), expected);
    buf_free(&out);
}

static void test_lifting(void **state)
{
    (void)state;
    struct vec files;
    bool ok;
    struct compilation *c = run(SPEC,
                                "context github: { event_name: string, ref: string }\n"
                                "context needs: {string: { outputs: {string: string} }}\n"
                                "let pushes = github.event_name == \"push\"\n"
                                "template github { file \"f\" { doc() } }\n"
                                "fn doc(): document {\n"
                                "  a: pushes and not (github.ref == \"x\")\n"
                                "  b: true and pushes\n"
                                "  c: false or needs[\"check\"].outputs.retrain ?? \"no\"\n"
                                "  d: \"ref \\(github.ref) of \\(1)\"\n"
                                "  e: pushes == null\n"
                                "}\n",
                                &files, &ok);
    assert_true(ok);
    assert_tree(field_of(&files, "a"), "github", "github.event_name == \"push\" and not github.ref == \"x\"");
    assert_tree(field_of(&files, "b"), "github", "github.event_name == \"push\"");
    assert_tree(field_of(&files, "c"), "github", "needs[\"check\"].outputs.retrain ?? \"no\"");
    const struct value *text = field_of(&files, "d");
    assert_int_equal(text->kind, VALUE_TEXT);
    assert_int_equal(text->count, 3);
    assert_string_equal(text->items[0]->text, "ref ");
    assert_string_equal(text->items[2]->text, " of 1");
    compilation_free(c);
}

static void assert_fails(const char *templates, enum diag_code code)
{
    struct vec files;
    bool ok;
    struct compilation *c = run(SPEC, templates, &files, &ok);
    assert_false(ok);
    if (diag_at(c->diags, 0)->code != code)
        fail_msg("found %d: %s", (int)diag_at(c->diags, 0)->code, diag_at(c->diags, 0)->message);
    compilation_free(c);
}

static void test_never_decided(void **state)
{
    (void)state;
#define CONTEXT "context github: { ref: string }\ntemplate github { file \"f\" { doc() } }\n"
    assert_fails(CONTEXT "fn doc(): document { a: if github.ref == \"x\" then 1 else 2 }\n",
                 DIAG_EVAL_TARGET_ONLY);
    assert_fails(CONTEXT "fn doc(): document { a: [for x in [1] where github.ref == \"x\": x] }\n",
                 DIAG_EVAL_TARGET_ONLY);
    assert_fails(CONTEXT "fn doc(): document { require github.ref == \"x\" else \"no\"\n a: 1 }\n",
                 DIAG_EVAL_OPERANDS);
#undef CONTEXT
}

/* The line of the user's source behind a value. */
static uint32_t user_line(struct compilation *c, const struct value *value)
{
    struct span span = origin_user_span(c->origins, c->sources, value->origin);
    const struct source *source = source_of(c->sources, span.source);
    assert_non_null(source);
    assert_int_equal(source->role, SOURCE_USER);
    return source_position(source, span.start).line;
}

static void test_origins(void **state)
{
    (void)state;
    struct vec files;
    bool ok;
    struct compilation *c = run(SPEC,
                                "template github { for b in buckets { file \"f\" { doc(b) } } }\n"
                                "fn doc(b: bucket): document {\n"
                                "  own: b.region\n"
                                "  joined: \"in \\(b.region)\"\n"
                                "  literal: 1\n"
                                "  helped: helper()\n"
                                "  nested: { deep: fixed() }\n"
                                "}\n"
                                "fn helper(): string = \"always\"\n"
                                "fn fixed(): record { x: true }\n",
                                &files, &ok);
    assert_true(ok);
    /* What the user wrote keeps its own line, a literal has that of the node it is made for, also in
     * functions that take no node. */
    assert_int_equal(user_line(c, field_of(&files, "own")), 2);
    assert_true(
        source_of(c->sources, origin_span(c->origins, field_of(&files, "own")->origin).source)->role ==
        SOURCE_USER);
    assert_true(
        source_of(c->sources, origin_span(c->origins, field_of(&files, "joined")->origin).source)->role ==
        SOURCE_USER);
    assert_int_equal(user_line(c, field_of(&files, "literal")), 2);
    assert_int_equal(user_line(c, field_of(&files, "helped")), 2);
    assert_int_equal(user_line(c, value_path(field_of(&files, "nested"), "deep", "x", NULL)), 2);
    compilation_free(c);
    c = run(SPEC, "template github { file \"f\" { doc() } }\nfn doc(): document { a: 1 }\n", &files, &ok);
    /* Without any node it is the target's block. */
    assert_int_equal(user_line(c, field_of(&files, "a")), 3);
    compilation_free(c);
}

static void test_refusal_leads_with_the_user(void **state)
{
    (void)state;
    struct vec files;
    bool ok;
    struct compilation *c =
        run(SPEC,
            "template github { for b in buckets { file \"f\" { doc(b) } } }\n"
            "fn doc(b: bucket): document {\n"
            "  require b.region == \"us\" else \"no buckets in \\(b.region)\"\n  a: 1\n}\n",
            &files, &ok);
    assert_false(ok);
    assert_int_equal(diag_count(c->diags), 1);
    const struct diag *diag = diag_at(c->diags, 0);
    const struct source *source = source_of(c->sources, diag->primary.span.source);
    assert_string_equal(source->path, "spec.mlc");
    assert_int_equal(source_position(source, diag->primary.span.start).line, 2);
    assert_string_equal(diag->message, "no buckets in eu");
    compilation_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lifting),
        cmocka_unit_test(test_never_decided),
        cmocka_unit_test(test_origins),
        cmocka_unit_test(test_refusal_leads_with_the_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
