/* What is checked on finished documents: identities, references, names, sizes, paths; each by small
 * documents. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "backends/backend.h"
#include "backends/extras.h"
#include "backends/files.h"
#include "backends/github/github.h"
#include "backends/kubernetes/kubernetes.h"
#include "backends/terraform/terraform.h"
#include "core/documents/json.h"

static struct compilation *compilation;
static struct arena *arena;
static struct vec files;

static int set_up(void **state)
{
    (void)state;
    compilation = compilation_new();
    arena = compilation->arena;
    files = vec_in(arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    compilation_free(compilation);
    return 0;
}

static const struct value *json(const char *text)
{
    const char *why = NULL;
    const struct value *value = json_read_text(arena, text, strlen(text), &why);
    assert_non_null(value);
    return value;
}

static struct generated *file(const char *path)
{
    struct generated *made = arena_alloc(arena, sizeof *made);
    made->path = path;
    made->documents = vec_in(arena);
    vec_push(&files, made);
    return made;
}

static void add(struct generated *to, const char *text)
{
    vec_push(&to->documents, (void *)json(text));
}

static void reports(enum diag_code code, const char *part)
{
    assert_int_equal(diag_count(compilation->diags), 1);
    const struct diag *diag = diag_at(compilation->diags, 0);
    assert_int_equal(diag->code, code);
    assert_non_null(strstr(diag->message, part));
}

static void is_clean(void)
{
    assert_int_equal(diag_count(compilation->diags), 0);
}

/* ---- Kubernetes */

static const char *const account =
    "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\"}}";

static void objects_have_one_identity(void **state)
{
    (void)state;
    struct generated *one = file("a.yaml");
    add(one, account);
    add(one, "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"a\",\"namespace\":"
             "\"other\"}}");
    kubernetes_check(compilation, &files);
    is_clean();
    add(file("b.yaml"), account);
    kubernetes_check(compilation, &files);
    reports(DIAG_BUILD_TWO_OBJECTS, "ServiceAccount n/a");
}

static void what_an_object_names_is_made(void **state)
{
    (void)state;
    struct generated *one = file("a.yaml");
    add(one, "{\"apiVersion\":\"apps/"
             "v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\",\"namespace\":\"n\"},"
             "\"spec\":{\"template\":{\"spec\":{\"serviceAccountName\":\"a\",\"containers\":[{\"env\":[{"
             "\"valueFrom\":"
             "{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"k\",\"optional\":true}}}]}]}}}}");
    add(one, account);
    kubernetes_check(compilation, &files);
    is_clean();
    one->documents.count = 1;
    kubernetes_check(compilation, &files);
    reports(DIAG_BUILD_REFERENCE, "the ServiceAccount `a`");
}

static void secrets_may_come_from_operators(void **state)
{
    (void)state;
    struct generated *one = file("a.yaml");
    add(one,
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"namespace\":\"n\"},\"spec\":"
        "{\"volumes\":[{\"secret\":{\"secretName\":\"made\"}}]}}");
    add(one,
        "{\"apiVersion\":\"external-secrets.io/v1\",\"kind\":\"ExternalSecret\",\"metadata\":{\"name\":\"x\","
        "\"namespace\":\"n\"},\"spec\":{\"target\":{\"name\":\"made\"}}}");
    kubernetes_check(compilation, &files);
    is_clean();
    one->documents.count = 1;
    kubernetes_check(compilation, &files);
    reports(DIAG_BUILD_REFERENCE, "the Secret `made`");
}

static void typed_references_lead_to_their_kind(void **state)
{
    (void)state;
    struct generated *one = file("a.yaml");
    add(one, "{\"apiVersion\":\"autoscaling/"
             "v2\",\"kind\":\"HorizontalPodAutoscaler\",\"metadata\":{\"name\":\"h\","
             "\"namespace\":\"n\"},\"spec\":{\"scaleTargetRef\":{\"kind\":\"Rollout\",\"name\":\"r\"}}}");
    kubernetes_check(compilation, &files);
    reports(DIAG_BUILD_REFERENCE, "the Rollout `r`");
}

static void names_fit_their_kind(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *name;
        bool fits;
    } cases[] = {
        {"Service", "iris-api", true},
        {"Service", "1iris", false},
        {"Service", "iris.api", false},
        {"Deployment", "1iris", true},
        {"Deployment", "Iris", false},
        {"Deployment", "iris-", false},
        {"ConfigMap", "a.b-c", true},
        {"ConfigMap", "a..b", false},
        {"CronJob", "a123456789012345678901234567890123456789012345678901", true},
        {"CronJob", "a1234567890123456789012345678901234567890123456789012", false},
        {"Service", "a12345678901234567890123456789012345678901234567890123456789012", true},
        {"Service", "a123456789012345678901234567890123456789012345678901234567890123", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t before = diag_count(compilation->diags);
        kubernetes_check_names(
            compilation,
            json(arena_printf(arena, "{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"}}",
                              cases[i].kind, cases[i].name)));
        assert_int_equal(diag_count(compilation->diags) - before, cases[i].fits ? 0 : 1);
    }
}

static void labels_and_sizes_are_bounded(void **state)
{
    (void)state;
    kubernetes_check_names(
        compilation,
        json("{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"labels\":{\"a.b/c\":\"x_1\",\"v\":\"\"}}}"));
    is_clean();
    kubernetes_check_names(
        compilation,
        json("{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"labels\":{\"version\":\"1.2+build\"}}}"));
    reports(DIAG_BUILD_NAME, "1.2+build");
    char *big = arena_alloc(arena, 1100001);
    memset(big, 'x', 1100000);
    kubernetes_check_names(
        compilation,
        json(arena_printf(
            arena, "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"},\"data\":{\"a\":\"%s\"}}", big)));
    assert_int_equal(diag_at(compilation->diags, 1)->code, DIAG_BUILD_SIZE);
}

/* ---- GitHub */

static const struct value *context(const char *root, const char *a, const char *b, const char *c)
{
    const char *names[] = {a, b, c};
    const struct expr *expr = expr_name(arena, "github", root, 0);
    for (size_t i = 0; i < 3 && names[i]; i++)
        expr = expr_make(arena, EXPR_FIELD, "github", names[i], &expr, NULL, 1, 0);
    return value_expression(arena, expr, 0);
}

/* A workflow with two jobs: `b` needs `needed` and has a step whose `if` is the condition. */
static void workflow(const char *needed, const struct value *condition)
{
    struct generated *made = file(".github/workflows/w.yml");
    const struct value *a = json("{\"outputs\":{\"x\":\"1\"},\"steps\":[{\"id\":\"s\"}]}");
    struct field step[] = {{"id", 0, value_string(arena, "own", 0)}, {"if", 0, condition}};
    const struct value *step_record = value_record(arena, step, condition ? 2 : 1, 0);
    struct field b[] = {{"needs", 0, value_string(arena, needed, 0)},
                        {"steps", 0, value_list(arena, &step_record, 1, 0)}};
    struct field jobs[] = {{"a", 0, a}, {"b", 0, value_record(arena, b, 2, 0)}};
    struct field document[] = {{"jobs", 0, value_record(arena, jobs, 2, 0)}};
    vec_push(&made->documents, (void *)value_record(arena, document, 1, 0));
    github_check(compilation, &files);
}

static void needs_lead_to_jobs(void **state)
{
    (void)state;
    workflow("a", context("needs", "a", "outputs", "x"));
    is_clean();
}

static void an_unknown_job_is_reported(void **state)
{
    (void)state;
    workflow("aa", NULL);
    reports(DIAG_BUILD_REFERENCE, "needs the job `aa`");
}

static void an_unknown_output_is_reported(void **state)
{
    (void)state;
    workflow("a", context("needs", "a", "outputs", "y"));
    reports(DIAG_BUILD_REFERENCE, "no output `y`");
}

static void a_job_that_is_not_needed_cannot_be_read(void **state)
{
    (void)state;
    workflow("a", context("needs", "b", "outputs", "x"));
    reports(DIAG_BUILD_REFERENCE, "does not need that job");
}

static void a_step_of_another_job_cannot_be_read(void **state)
{
    (void)state;
    workflow("a", context("steps", "s", "outputs", "x"));
    reports(DIAG_BUILD_REFERENCE, "`steps.s`");
}

static void jobs_do_not_wait_for_themselves(void **state)
{
    (void)state;
    workflow("b", NULL);
    reports(DIAG_BUILD_REFERENCE, "waits for itself");
}

static void matrices_and_local_actions_are_checked(void **state)
{
    (void)state;
    struct buf list = {0};
    for (int i = 0; i < 129; i++)
        buf_printf(&list, "%s%d", i ? "," : "", i);
    add(file(".github/workflows/w.yml"),
        arena_printf(arena, "{\"jobs\":{\"a\":{\"strategy\":{\"matrix\":{\"x\":[%s],\"y\":[1,2]}}}}}",
                     buf_str(&list)));
    buf_free(&list);
    github_check(compilation, &files);
    reports(DIAG_BUILD_SIZE, "256");
    files.count = 0;
    add(file(".github/workflows/w.yml"),
        "{\"jobs\":{\"a\":{\"steps\":[{\"uses\":\"./.github/actions/x\"}]}}}");
    github_check(compilation, &files);
    assert_int_equal(diag_at(compilation->diags, 1)->code, DIAG_BUILD_REFERENCE);
}

/* ---- Terraform */

static void blocks_have_one_address(void **state)
{
    (void)state;
    static const char *const bucket =
        "{\"type\":\"resource\",\"labels\":[\"aws_s3_bucket\",\"a_b\"],\"body\":[]}";
    add(file("infra/one/a.tf"), bucket);
    add(file("infra/two/a.tf"), bucket);
    terraform_check(compilation, &files);
    is_clean();
    add(file("infra/one/b.tf"), bucket);
    terraform_check(compilation, &files);
    reports(DIAG_BUILD_TWO_OBJECTS, "resource.aws_s3_bucket.a_b");
}

static void references_lead_to_blocks_of_the_same_root(void **state)
{
    (void)state;
    const struct expr *type = expr_name(arena, "hcl", "aws_s3_bucket", 0);
    const struct expr *name = expr_make(arena, EXPR_FIELD, "hcl", "b", &type, NULL, 1, 0);
    const struct expr *arn = expr_make(arena, EXPR_FIELD, "hcl", "arn", &name, NULL, 1, 0);
    struct field argument[] = {{"key", 0, value_string(arena, "x", 0)},
                               {"value", 0, value_expression(arena, arn, 0)}};
    const struct value *item = value_record(arena, argument, 2, 0);
    struct field block[] = {{"type", 0, value_string(arena, "output", 0)},
                            {"labels", 0, json("[\"o\"]")},
                            {"body", 0, value_list(arena, &item, 1, 0)}};
    vec_push(&file("infra/one/a.tf")->documents, (void *)value_record(arena, block, 3, 0));
    struct generated *other = file("infra/one/b.tf");
    add(other, "{\"type\":\"resource\",\"labels\":[\"aws_s3_bucket\",\"b\"],\"body\":[]}");
    terraform_check(compilation, &files);
    is_clean();
    other->path = "infra/two/b.tf";
    terraform_check(compilation, &files);
    reports(DIAG_BUILD_REFERENCE, "resource.aws_s3_bucket.b");
}

/* ---- files */

static void paths_stay_below_the_root(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",    "/etc/passwd", "../x", "a/../b", "a//b",
                                        "./a", ".git/config", "a\nb", "a\\b"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        files.count = 0;
        file(wrong[i]);
        assert_false(files_check_paths(compilation, &files));
    }
    files.count = 0;
    file(".github/workflows/a.yml");
    assert_true(files_check_paths(compilation, &files));
    file(".github/workflows/a.yml");
    assert_false(files_check_paths(compilation, &files));
}

static void a_file_is_no_folder_of_another(void **state)
{
    (void)state;
    struct vec outputs = vec_in(arena);
    static const char *const paths[] = {"a", "a/b"};
    for (size_t i = 0; i < 2; i++) {
        struct output *output = arena_alloc(arena, sizeof *output);
        output->path = paths[i];
        output->file = file(paths[i]);
        vec_push(&outputs, output);
    }
    assert_false(files_check_outputs(compilation, &outputs));
    reports(DIAG_BUILD_TWO_FILES, "`a`");
}

/* ---- extras */

static void merges(const char *value, const char *extra, const char *expected)
{
    const struct value *merged = extras_merged(compilation, &backend_kubernetes, json(value), json(extra));
    assert_true(value_equal(merged, json(expected)));
}

static void extras_merge_by_what_identifies_elements(void **state)
{
    (void)state;
    merges("{\"a\":1,\"b\":{\"c\":2}}", "{\"b\":{\"d\":3}}", "{\"a\":1,\"b\":{\"c\":2,\"d\":3}}");
    merges("{\"a\":1,\"b\":2}", "{\"b\":null}", "{\"a\":1}");
    merges("{\"l\":[1,2]}", "{\"l\":[3]}", "{\"l\":[3]}");
    merges("{\"l\":[{\"name\":\"x\",\"v\":1},{\"name\":\"y\"}]}",
           "{\"l\":[{\"name\":\"x\",\"w\":2},{\"name\":\"z\"}]}",
           "{\"l\":[{\"name\":\"x\",\"v\":1,\"w\":2},{\"name\":\"y\"},{\"name\":\"z\"}]}");
    merges("{\"l\":[{\"mountPath\":\"/a\",\"ro\":true}]}", "{\"l\":[{\"mountPath\":\"/a\",\"ro\":false}]}",
           "{\"l\":[{\"mountPath\":\"/a\",\"ro\":false}]}");
    merges("{}", "{\"l\":[{\"name\":\"x\"}],\"r\":{\"s\":null,\"t\":1}}",
           "{\"l\":[{\"name\":\"x\"}],\"r\":{\"t\":1}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(objects_have_one_identity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_an_object_names_is_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(secrets_may_come_from_operators, set_up, tear_down),
        cmocka_unit_test_setup_teardown(typed_references_lead_to_their_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_fit_their_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(labels_and_sizes_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(needs_lead_to_jobs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_job_is_reported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_output_is_reported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_job_that_is_not_needed_cannot_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_of_another_job_cannot_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jobs_do_not_wait_for_themselves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(matrices_and_local_actions_are_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blocks_have_one_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(references_lead_to_blocks_of_the_same_root, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_stay_below_the_root, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_no_folder_of_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(extras_merge_by_what_identifies_elements, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
