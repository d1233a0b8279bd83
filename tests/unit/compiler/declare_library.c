/* The library as it is declared: kinds, heads, universal attributes; which attribute an item fills; loading.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "compiler/compilation.h"
#include "compiler/dump.h"
#include "compiler/match.h"
#include "core/file.h"

static struct compilation *with_library(bool backends)
{
    struct compilation *c = compilation_new();
    assert_true(load_library(c, backends));
    declare(c);
    assert_int_equal(diag_count(c->diags), 0);
    return c;
}

/* Every function, template, default and check of library and backends is well typed. */
static void test_library_is_sound(void **state)
{
    (void)state;
    struct compilation *c = with_library(true);
    assert_true(check_library(c));
    assert_int_equal(diag_count(c->diags), 0);
    struct buf out = {0};
    dump_declarations(c, &out);
    assert_non_null(strstr(buf_str(&out), "kind step in model\n  run: command?\n"));
    assert_non_null(strstr(buf_str(&out), "measure null_fraction(c: column): percent\n"));
    buf_free(&out);
    compilation_free(c);
}

static void test_heads(void **state)
{
    (void)state;
    struct compilation *c = with_library(false);
    const struct declarations *d = &c->declarations;
    const struct kind *rollout = kind_of_head(d, NULL, "rollout");
    assert_non_null(rollout);
    const struct kind *step = kind_of_head(d, rollout, "step");
    assert_string_equal(step->name, "rollout_step");
    assert_string_equal(step->key_attribute, "weight");
    assert_string_equal(step->for_attribute, "hold");
    assert_false(step->named);
    assert_null(kind_of_head(d, NULL, "rollout_step"));
    assert_null(kind_of_head(d, NULL, "step"));
    assert_string_equal(kind_of_head(d, kind_of_head(d, NULL, "model"), "step")->name, "step");
    assert_ptr_equal(kind_of_plural(d, "models"), kind_of_head(d, NULL, "model"));
    assert_non_null(kind_method(kind_of_head(d, kind_of_head(d, NULL, "model"), "gate"), "compares"));
    compilation_free(c);
}

static void test_universal_attributes(void **state)
{
    (void)state;
    struct compilation *c = with_library(false);
    const struct kind *service = kind_of_head(&c->declarations, NULL, "service");
    assert_true(service->overlay && service->scope == SCOPE_ENVIRONMENT);
    assert_non_null(kind_attribute(service, "labels")->default_value);
    assert_non_null(kind_attribute(service, "like"));
    assert_non_null(kind_attribute(service, "allow"));
    assert_string_equal(kind_statement(service, "extra")->name, "extras");
    const struct kind *capture = kind_of_head(&c->declarations, service, "capture");
    assert_null(kind_attribute(capture, "labels"));
    assert_non_null(kind_attribute(capture, "extras"));
    assert_true(kind_attribute(capture, "to")->required);
    assert_false(kind_attribute(capture, "sample")->required);
    compilation_free(c);
}

/* ---- match_item */

static const struct ast_item *item_of(struct compilation *c, const char *text)
{
    const struct source *source = source_add(c->sources, SOURCE_USER, "t.mlc", text, strlen(text));
    return parse_source(c->arena, source, (struct parse_limits){0}, c->diags)->body->items;
}

struct matching {
    const char *kind; /* NULL: a file */
    const char *text;
    enum match_status status;
    enum match_problem problem;
    const char *attribute; /* NULL: none */
};

static const struct matching matchings[] = {
    {"service", "port = 8080", MATCH_VALUE, MATCH_OK, "port"},
    {"service", "capture { to = x }", MATCH_BLOCK, MATCH_OK, "capture"},
    {"service", "smoke \"x\" { get = \"/\" }", MATCH_CHILD, MATCH_OK, "smokes"},
    {"service", "extra kubernetes { a: 1 }", MATCH_EXTRA, MATCH_OK, "extras"},
    {"service", "without capture", MATCH_WITHOUT, MATCH_OK, NULL},
    {"service", "let x = 3", MATCH_LET, MATCH_OK, NULL},
    {"service", "if true { port = 1 }", MATCH_IF, MATCH_OK, NULL},
    {"service", "for i in xs { port = 1 }", MATCH_FOR, MATCH_OK, NULL},
    {"retrain", "on push(main)", MATCH_STATEMENT, MATCH_OK, "events"},
    {"slo", "p99_latency <= 200ms over 5m", MATCH_STATEMENT, MATCH_OK, "objectives"},
    {"rollout", "abort when error_rate > 1% for 2m", MATCH_STATEMENT, MATCH_OK, "aborts"},
    {"rollout", "step 25% for 30m", MATCH_CHILD, MATCH_OK, "steps"},
    {"dataset", "column x: float in 0..10", MATCH_CHILD, MATCH_OK, "columns"},
    {"dataset", "expect rows >= 100 else warn, \"few\"", MATCH_STATEMENT, MATCH_OK, "checks"},
    {"environment", "service api { replicas = 3 }", MATCH_OVERLAY, MATCH_OK, NULL},
    {"environment", "rollout = careful", MATCH_VALUE, MATCH_OK, "rollout"},
    {NULL, "service api { port = 1 }", MATCH_NODE, MATCH_OK, NULL},
    {NULL, "target github { }", MATCH_NODE, MATCH_OK, NULL},
    {NULL, "policy { true else \"x\" }", MATCH_POLICY, MATCH_OK, NULL},
    {NULL, "import \"x.mlc\"", MATCH_IMPORT, MATCH_OK, NULL},
    {NULL, "kind x { }", MATCH_DECLARATION, MATCH_OK, NULL},
    {"service", "autoscaled = true", MATCH_ERROR, MATCH_DERIVED, "autoscaled"},
    {"service", "capture = { to: x }", MATCH_ERROR, MATCH_ASSIGNED_BLOCK, "capture"},
    {"service", "capture = x", MATCH_ERROR, MATCH_VALUE_FOR_BLOCK, "capture"},
    {"service", "model { data = x }", MATCH_ERROR, MATCH_BLOCK_FOR_VALUE, "model"},
    {"service", "capture x { to = y }", MATCH_ERROR, MATCH_NO_ARGUMENT, "capture"},
    {"service", "port 8080", MATCH_ERROR, MATCH_NO_EQUALS, "port"},
    {"service", "smoke { get = \"/\" }", MATCH_ERROR, MATCH_NO_NAME, "smokes"},
    {"service", "replica = 3", MATCH_ERROR, MATCH_UNKNOWN, NULL},
    {"service", "gate { }", MATCH_ERROR, MATCH_MISPLACED, NULL},
    {"service", "...x", MATCH_ERROR, MATCH_SPREAD, NULL},
    {"service", "a < b", MATCH_ERROR, MATCH_BARE_VALUE, NULL},
    {"retrain", "on push(main) else warn", MATCH_ERROR, MATCH_NO_ELSE, "events"},
    {"model", "step train for 3m { run = \"x\" }", MATCH_ERROR, MATCH_NO_HOLD, "steps"},
    {NULL, "servce api { }", MATCH_ERROR, MATCH_UNKNOWN, NULL},
    {NULL, "owner = \"x\"", MATCH_ERROR, MATCH_BARE_VALUE, NULL},
};

static void test_which_attribute_an_item_fills(void **state)
{
    (void)state;
    struct compilation *c = with_library(false);
    for (size_t i = 0; i < sizeof matchings / sizeof matchings[0]; i++) {
        const struct matching *m = &matchings[i];
        const struct kind *kind = m->kind == NULL ? NULL : map_get(c->declarations.kinds, m->kind);
        struct match match = match_item(&c->declarations, kind, item_of(c, m->text));
        const char *attribute = match.attribute == NULL ? NULL : match.attribute->name;
        bool same = (attribute == NULL) == (m->attribute == NULL) &&
                    (attribute == NULL || strcmp(attribute, m->attribute) == 0);
        if (match.status != m->status || match.problem != m->problem || !same)
            fail_msg("`%s`: status %d, problem %d, attribute %s", m->text, match.status, match.problem,
                     attribute == NULL ? "none" : attribute);
    }
    struct match step = match_item(&c->declarations, map_get(c->declarations.kinds, "rollout"),
                                   item_of(c, "step 25% for 30m { manual = true }"));
    assert_string_equal(step.key->number, "25%");
    assert_string_equal(step.hold->number, "30m");
    assert_non_null(step.block);
    struct match column = match_item(&c->declarations, map_get(c->declarations.kinds, "dataset"),
                                     item_of(c, "column x: float in 0..10"));
    assert_string_equal(match_literal_name(column.name), "x");
    assert_int_equal(column.type->kind, AST_BINARY);
    compilation_free(c);
}

/* ---- loading */

static char *make_folder(void)
{
    char *folder = strdup("/tmp/mlc-load-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static void write_file(struct compilation *c, const char *folder, const char *name, const char *text)
{
    assert_int_equal(file_write_atomic(file_join(c->arena, folder, name), text, strlen(text), 0644), 0);
}

static void test_a_folder_with_imports(void **state)
{
    (void)state;
    struct compilation *c = compilation_new();
    char *folder = make_folder();
    write_file(c, folder, "b.mlc", "import \"shared/one.mlc\"\nlet b = one\n");
    write_file(c, folder, "a.mlc", "import \"shared\"\nlet a = 1\n");
    write_file(c, folder, "shared/one.mlc", "let one = 1\nimport \"../a.mlc\"\n");
    write_file(c, folder, "shared/two.mlc", "let two = 2\n");
    write_file(c, folder, "ignored.txt", "not mlc");
    assert_true(load_project(c, folder));
    assert_int_equal(c->files.count, 4);
    declare(c);
    assert_int_equal(diag_count(c->diags), 0);
    assert_int_equal(map_count(c->declarations.constants), 4);
    file_remove_tree(folder);
    free(folder);
    compilation_free(c);
}

static void test_what_cannot_be_loaded(void **state)
{
    (void)state;
    struct compilation *c = compilation_new();
    char *folder = make_folder();
    assert_false(load_project(c, folder));
    assert_int_equal(diag_at(c->diags, 0)->code, DIAG_NAMES_NO_SOURCES);
    write_file(c, folder, "a.mlc", "import \"nowhere.mlc\"\nimport \"https://example.com/x.mlc\"\n");
    assert_true(load_project(c, folder));
    assert_int_equal(diag_error_count(c->diags), 3);
    assert_int_equal(diag_at(c->diags, 1)->code, DIAG_NAMES_IMPORT);
    assert_int_equal(diag_at(c->diags, 2)->code, DIAG_NAMES_IMPORT);
    file_remove_tree(folder);
    assert_false(load_project(c, folder));
    free(folder);
    compilation_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_is_sound),      cmocka_unit_test(test_heads),
        cmocka_unit_test(test_universal_attributes),  cmocka_unit_test(test_which_attribute_an_item_fills),
        cmocka_unit_test(test_a_folder_with_imports), cmocka_unit_test(test_what_cannot_be_loaded),
    };
    return cmocka_run_group_tests_name("declarations", tests, NULL, NULL);
}
