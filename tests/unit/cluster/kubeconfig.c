/* Kubeconfigs as kubectl reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "core/file.h"
#include "core/text.h"
#include "runtime/cluster/base64.h"
#include "runtime/cluster/exec_plugin.h"
#include "runtime/cluster/kubeconfig.h"

struct fixture {
    char folder[200];
    struct arena *arena;
    struct diag_sink *diags;
    struct reporter reporter;
    const char *names[8], *values[8];
    size_t count;
};

static const char *lookup(void *context, const char *name)
{
    const struct fixture *fixture = context;
    for (size_t i = 0; i < fixture->count; i++)
        if (strcmp(fixture->names[i], name) == 0)
            return fixture->values[i];
    return NULL;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    const char *base = getenv("TMPDIR");
    snprintf(fixture->folder, sizeof fixture->folder, "%s/mlc-kubeconfig-XXXXXX",
             base != NULL ? base : P_tmpdir);
    assert_non_null(mkdtemp(fixture->folder));
    fixture->arena = arena_new();
    fixture->diags = diag_sink_new(fixture->arena, 0);
    fixture->reporter = (struct reporter){fixture->diags, NULL, source_set_new(fixture->arena)};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    file_remove_tree(fixture->folder);
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static const char *write_file(struct fixture *fixture, const char *name, const char *text)
{
    const char *path = file_join(fixture->arena, fixture->folder, name);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600), 0);
    return path;
}

static void variable(struct fixture *fixture, const char *name, const char *value)
{
    fixture->names[fixture->count] = name;
    fixture->values[fixture->count++] = value;
}

static const struct kubeconfig *load(struct fixture *fixture, struct kubeconfig_overrides overrides)
{
    struct kubeconfig_input input = {overrides, lookup, fixture, fixture->folder};
    return kubeconfig_load(fixture->arena, &input, &fixture->reporter);
}

static const char *message(const struct fixture *fixture)
{
    return diag_count(fixture->diags) > 0 ? diag_at(fixture->diags, 0)->message : "";
}

static const char *const first_file =
    "current-context: a\ncontexts:\n- {name: a, context: {cluster: c1, user: u1, namespace: shop}}\n"
    "clusters:\n- {name: c1, cluster: {server: 'https://one:6443/', certificate-authority: ca.pem, "
    "tls-server-name: inner, proxy-url: 'http://proxy:3128'}}\n"
    "users:\n- {name: u1, user: {tokenFile: secret/token, as: ann, as-groups: [g1, g2], as-user-extra: {k: "
    "[v]}}}\n";

static void the_first_file_wins_an_entry(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "ca.pem", "PEM ONE");
    const char *one = write_file(fixture, "one", first_file);
    const char *two =
        write_file(fixture, "two",
                   "current-context: b\nclusters:\n- {name: c1, cluster: {server: 'https://two'}}\n"
                   "- {name: c2, cluster: {server: 'https://two', certificate-authority-data: UEVN}}\n"
                   "contexts:\n- {name: b, context: {cluster: c2, user: u2}}\n"
                   "users:\n- {name: u2, user: {username: x, password: y}}\n");
    variable(fixture, "KUBECONFIG", arena_printf(fixture->arena, "%s:/does/not/exist:%s", one, two));
    const struct kubeconfig *config = load(fixture, (struct kubeconfig_overrides){0});
    assert_non_null(config);
    assert_string_equal(config->context, "a");
    assert_string_equal(config->server, "https://one:6443");
    assert_string_equal(config->certificate_authority, "PEM ONE");
    assert_string_equal(config->tls_server_name, "inner");
    assert_string_equal(config->proxy_url, "http://proxy:3128");
    assert_string_equal(config->namespace, "shop");
    assert_string_equal(config->token_file, file_join(fixture->arena, fixture->folder, "secret/token"));
    assert_string_equal(config->as, "ann");
    assert_int_equal(config->as_group_count, 2);
    assert_string_equal(config->as_extra[0].values[0], "v");
    config = load(fixture, (struct kubeconfig_overrides){.context = "b"});
    assert_non_null(config);
    assert_string_equal(config->server, "https://two");
    assert_string_equal(config->certificate_authority, "PEM");
    assert_string_equal(config->namespace, "default");
    assert_string_equal(config->username, "x");
}

static void a_wrong_context_names_the_right_ones(void **state)
{
    struct fixture *fixture = *state;
    const char *path = write_file(
        fixture, "one", "contexts: [{name: staging, context: {}}, {name: production, context: {}}]\n");
    assert_null(load(fixture, (struct kubeconfig_overrides){.file = path, .context = "productoin"}));
    assert_non_null(strstr(message(fixture), "no context \"productoin\""));
    assert_non_null(strstr(message(fixture), "staging, production"));
    assert_non_null(strstr(diag_at(fixture->diags, 0)->help, "production"));
}

static void nothing_says_where_it_looked(void **state)
{
    struct fixture *fixture = *state;
    variable(fixture, "HOME", fixture->folder);
    assert_null(load(fixture, (struct kubeconfig_overrides){0}));
    assert_non_null(strstr(message(fixture), "there is no kubeconfig"));
    assert_non_null(strstr(message(fixture), ".kube/config"));
}

static void a_pod_uses_its_service_account(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "token", "t");
    write_file(fixture, "ca.crt", "CA");
    write_file(fixture, "namespace", "pods\n");
    variable(fixture, "KUBERNETES_SERVICE_HOST", "fd00::1");
    variable(fixture, "KUBERNETES_SERVICE_PORT", "443");
    const struct kubeconfig *config = load(fixture, (struct kubeconfig_overrides){0});
    assert_non_null(config);
    assert_string_equal(config->server, "https://[fd00::1]:443");
    assert_string_equal(config->namespace, "pods");
    assert_string_equal(config->certificate_authority, "CA");
    assert_string_equal(config->context, "in-cluster");
}

static void exec_is_read_and_checked(void **state)
{
    struct fixture *fixture = *state;
    const char *good =
        write_file(fixture, "good",
                   "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
                   "clusters: [{name: c, cluster: {server: 'https://c'}}]\n"
                   "users:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, "
                   "command: ./bin/login, args: "
                   "[-x], env: [{name: A, value: b}], interactiveMode: Never, installHint: get it, "
                   "provideClusterInfo: true}\n");
    const struct kubeconfig *config = load(fixture, (struct kubeconfig_overrides){.file = good});
    assert_non_null(config);
    assert_non_null(config->exec);
    assert_true(text_ends_with(config->exec->command, "/bin/login"));
    assert_string_equal(config->exec->args[0], "-x");
    assert_string_equal(config->exec->env[0], "A=b");
    assert_true(config->exec->provide_cluster_info);
    const char *bad =
        write_file(fixture, "bad",
                   "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
                   "clusters: [{name: c, cluster: {server: 'https://c'}}]\n"
                   "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "
                   "x}}}]\n");
    assert_null(load(fixture, (struct kubeconfig_overrides){.file = bad}));
    assert_non_null(strstr(message(fixture), "interactiveMode"));
}

static void broken_files_are_named(void **state)
{
    struct fixture *fixture = *state;
    const char *path = write_file(fixture, "broken", "contexts: [\n");
    assert_null(load(fixture, (struct kubeconfig_overrides){.file = path}));
    assert_non_null(strstr(message(fixture), "broken:"));
}

static void data_that_is_no_base64_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const char *path = write_file(
        fixture, "one",
        "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://c', certificate-authority-data: '!'}}]\n");
    assert_null(load(fixture, (struct kubeconfig_overrides){.file = path}));
    assert_non_null(strstr(message(fixture), "not base64"));
}

static void base64_round_trips(void **state)
{
    (void)state;
    for (size_t length = 0; length < 40; length++) {
        unsigned char bytes[40];
        struct buf text = {0}, back = {0};
        for (size_t i = 0; i < length; i++)
            bytes[i] = (unsigned char)(i * 37 + length);
        base64_encode(&text, bytes, length);
        assert_true(base64_decode(&back, buf_str(&text), text.length));
        assert_int_equal(back.length, length);
        assert_memory_equal(buf_str(&back), bytes, length);
        buf_free(&text);
        buf_free(&back);
    }
    struct buf out = {0};
    assert_false(base64_decode(&out, "A", 1));
    assert_false(base64_decode(&out, "AA=A", 4));
    assert_false(base64_decode(&out, "AAA", 3));
    buf_free(&out);
}

static bool credential(const char *text, struct exec_credential *out, struct buf *why)
{
    buf_clear(why);
    return exec_credential_read(text, strlen(text), "client.authentication.k8s.io/v1", out, why);
}

static void plugins_answers_are_checked(void **state)
{
    (void)state;
    struct exec_credential out = {0};
    struct buf why = {0};
    assert_true(credential(
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{"
        "\"token\":\"t\",\"expirationTimestamp\":\"2026-01-02T03:04:05Z\"}}",
        &out, &why));
    assert_string_equal(out.token, "t");
    assert_int_equal(out.expires_ns / 1000000000, 1767323045);
    exec_credential_clear(&out);
    assert_false(
        credential("{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\","
                   "\"status\":{\"token\":\"t\"}}",
                   &out, &why));
    assert_non_null(strstr(buf_str(&why), "v1beta1"));
    assert_false(credential(
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{"
        "\"clientCertificateData\":\"x\"}}",
        &out, &why));
    exec_credential_clear(&out);
    assert_false(credential("no json", &out, &why));
    buf_free(&why);
}

static void a_plugin_is_run(void **state)
{
    struct fixture *fixture = *state;
    static const char *const args[] = {
        "-c", "printf '{\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\",\"status\":{\"token\":"
              "\"%s\"}}' client.authentication.k8s.io/v1 \"$WHO\""};
    static const char *const env[] = {"WHO=ann"};
    struct exec_plugin plugin = {.command = "sh",
                                 .args = args,
                                 .arg_count = 2,
                                 .env = env,
                                 .env_count = 1,
                                 .api_version = "client.authentication.k8s.io/v1",
                                 .interactive_mode = "Never"};
    struct kubeconfig config = {.server = "https://x", .exec = &plugin};
    struct exec_credential out = {0};
    struct buf why = {0};
    if (!exec_plugin_run(&config, &out, &why))
        fail_msg("%s", buf_str(&why));
    assert_string_equal(out.token, "ann");
    exec_credential_clear(&out);
    static const char *const failing[] = {"-c", "echo first >&2; echo token expired >&2; exit 3"};
    plugin.args = failing;
    assert_false(exec_plugin_run(&config, &out, &why));
    assert_string_equal(buf_str(&why), "sh ended with 3: token expired");
    buf_clear(&why);
    plugin.command = arena_printf(fixture->arena, "%s/missing", fixture->folder);
    plugin.install_hint = "Install it from the wiki.";
    assert_false(exec_plugin_run(&config, &out, &why));
    assert_non_null(strstr(buf_str(&why), "is not installed. Install it from the wiki."));
    buf_free(&why);
}

#define SIMPLE(cluster, user)                                                                                \
    "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, "       \
    "cluster: " cluster "}]\nusers: [{name: u, user: " user "}]\n"

/* What could be meant in two ways, or would be sent as something else, is refused by name. */
static void what_kubectl_refuses_is_refused(void **state)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        {SIMPLE("{server: 'https://x'}", "{token: t, username: n, password: p}"),
         "user \"u\": it has both a token"},
        {SIMPLE("{server: 'https://x'}", "{token: \"a\\nb\"}"), "`token` holds a line end"},
        {SIMPLE("{server: 'https://x'}", "{token: 7}"), "`token` is an integer, expected a text"},
        {SIMPLE("{server: 'https://x'}", "{token: t, as: \"a\\nb\"}"), "`as` holds a line end"},
        {SIMPLE("{server: 'https://x'}", "{token: t, as-groups: [g]}"), "no user"},
        {SIMPLE("{server: 'https://x'}", "{token: t, as: a, as-groups: [\"g\\nX: y\"]}"), "holds a line end"},
        {SIMPLE("{server: 'https://x'}", "{client-certificate-data: QUJD}"), "no client-key"},
        {SIMPLE("{server: 'https://x', insecure-skip-tls-verify: 'true'}", "{}"), "expected true or false"},
        {SIMPLE("{server: 'https://x', certificate-authority: a, certificate-authority-data: QUJD}", "{}"),
         "has both `certificate-authority`"},
        {SIMPLE("{server: 'https://x', proxy-url: 'gopher://x'}", "{}"), "proxy-url"},
        {SIMPLE("{server: 'x/y'}", "{}"), "no http or https URL"},
        {SIMPLE("{server: 'https://x'}",
                "{exec: {command: c, apiVersion: client.authentication.k8s.io/v1alpha1}}"),
         "exec.apiVersion"},
        {SIMPLE("{server: 'https://x'}",
                "{exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Now}}"),
         "Never, IfAvailable or Always"},
        {"clusters: [{name: c, cluster: {}}, {name: c, cluster: {}}]\n", "two clusters \"c\""},
        {"apiVersion: v1\nkind: Pod\n", "no kubeconfig"},
        {"clusters: {c: {}}\n", "expected a list"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture->diags = diag_sink_new(fixture->arena, 0);
        fixture->reporter.diags = fixture->diags;
        const char *path = write_file(fixture, "config", rows[i].text);
        assert_null(load(fixture, (struct kubeconfig_overrides){.file = path}));
        if (strstr(message(fixture), rows[i].said) == NULL)
            fail_msg("%s\nsaid: %s", rows[i].text, message(fixture));
    }
}

static void plain_http_carries_no_credential(void **state)
{
    struct fixture *fixture = *state;
    const char *path = write_file(fixture, "config", SIMPLE("{server: 'http://x'}", "{token: t, as: ann}"));
    const struct kubeconfig *config = load(fixture, (struct kubeconfig_overrides){.file = path});
    assert_non_null(config);
    assert_null(config->token);
    assert_string_equal(config->as, "ann");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_kubectl_refuses_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(plain_http_carries_no_credential, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_file_wins_an_entry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_context_names_the_right_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_says_where_it_looked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pod_uses_its_service_account, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exec_is_read_and_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_files_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(data_that_is_no_base64_is_refused, set_up, tear_down),
        cmocka_unit_test(base64_round_trips),
        cmocka_unit_test(plugins_answers_are_checked),
        cmocka_unit_test_setup_teardown(a_plugin_is_run, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
