/* What is legal and almost surely not meant: warnings, and what must not be warned of. */

#include "tests/unit/compiler/graph_support.h"

#include "compiler/lint.h"
#include "compiler/schedule.h"

#define HEAD "project p { owner = \"a@example.com\" }\ndataset d { path = \"d.csv\" }\n"
#define STEP "step t { run = \"t \\(data.path)\", metrics = \"m\" }"

static void test_unused(void **state)
{
    (void)state;
    assert_refused(HEAD "let a = 3\n", DIAG_NAMES_UNUSED, 3, "value `a`");
    assert_refused(HEAD "fn f(x: int): int = x\n", DIAG_NAMES_UNUSED, 3, "function `f`");
    assert_refused(HEAD "component c { param q: int = 1\n bucket b { keep = 1d } }\nc one { q = 2 }\n",
                   DIAG_NAMES_UNUSED, 3, "parameter `q`");
    assert_refused(HEAD "for i in 1..2 {\n let k = i\n bucket \"b-\\(i)\" { keep = 1d } }\n",
                   DIAG_NAMES_UNUSED, 4, "value `k`");
    compilation_free(compile_sound(HEAD "let _a = 3\n"));
    compilation_free(compile_sound(HEAD "let a = 1d\nbucket b { keep = a }\n"));
    compilation_free(compile_sound(HEAD "let a = \"x\"\nbucket b { region = \"eu-\\(a)\" }\n"));
    compilation_free(
        compile_sound(HEAD "let a = 3\nlet b = a\nlet c = b\npolicy { c == 3 else \"three\" }\n"));
    compilation_free(
        compile_sound(HEAD "fn f(x: int): int = x\nservice s { image = \"x:1\", port = f(1) }\n"));
    compilation_free(compile_sound(HEAD "component c { param q: duration\n bucket b { keep = q } }\n"
                                        "c one { q = 2d }\n"));
}

static void test_schedules(void **state)
{
    (void)state;
    static const char *const never[] = {"0 0 30 2 *", "0 0 31 4,6,9,11 *", "5 4 30-31 2 *", "0 0 31 2/9 *"};
    static const char *const comes[] = {"0 0 29 2 *",  "0 0 31 * *",   "0 0 30 2 1",  "*/5 * * * *",
                                        "0 0 */2 2 *", "0 0 31 1/2 *", "0 0 1,31 2 *"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (!schedule_never_comes(never[i]))
            fail_msg("%s", never[i]);
    for (size_t i = 0; i < sizeof comes / sizeof *comes; i++)
        if (schedule_never_comes(comes[i]))
            fail_msg("%s", comes[i]);
    assert_refused(HEAD "model m { data = d, retrain { on schedule(\"0 3  30 2 *\") } }\n",
                   DIAG_SCHEDULE_NEVER, 3, "never comes");
    compilation_free(
        compile_sound(HEAD "model m { data = d, retrain { on schedule(\"monthly 03:00\") } }\n"));
}

static void test_bounds(void **state)
{
    (void)state;
    static const char *const idle[] = {"gate { require accuracy >= 0 }", "gate { require accuracy <= 1 }",
                                       "gate { require accuracy <= 2 }", "gate { require f1 > 100% }",
                                       "gate { require accuracy.by(x) >= 0 }"};
    static const char *const sound[] = {"gate { require accuracy > 0 }", "gate { require accuracy >= 100% }",
                                        "gate { require rmse >= 0 }", "gate { require accuracy <= 0.99 }"};
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
        char text[600];
        snprintf(text, sizeof text, "%smodel m { data = d, %s\n %s }\n", HEAD, STEP, idle[i]);
        assert_refused(text, DIAG_BOUND_IDLE, 4, " holds");
    }
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        char text[600];
        snprintf(text, sizeof text, "%smodel m { data = d, %s\n %s }\n", HEAD, STEP, sound[i]);
        compilation_free(compile_sound(text));
    }
    assert_refused(HEAD "service s { image = \"x:1\"\n slo { p99_latency <= 0ms } }\n", DIAG_BOUND_IDLE, 4,
                   "never holds");
    assert_refused(HEAD "dataset e { path = \"e.csv\"\n expect rows >= 0 }\n", DIAG_BOUND_IDLE, 4, "always");
    compilation_free(
        compile_sound(HEAD "service s { image = \"x:1\"\n slo { error_rate <= 0% over 1h } }\n"));
    compilation_free(compile_sound(HEAD "dataset e { path = \"e.csv\", column t: timestamp\n"
                                        " expect age(t) >= 0s }\n"));
}

static void test_canary(void **state)
{
    (void)state;
    assert_refused(HEAD "rollout r { strategy = canary, step 5% for 1m\n step 50% for 1m\n"
                        " abort when error_rate > 1% }\n",
                   DIAG_CANARY_UNFINISHED, 4, "50 %");
    compilation_free(compile_sound(HEAD "rollout r { strategy = canary, step 5% for 1m, step 100%\n"
                                        " abort when error_rate > 1% }\n"));
}

#define DEPLOYED "environment e { }\ntarget kubernetes { }\n"

static void test_images(void **state)
{
    (void)state;
    assert_refused(HEAD "service s { image = \"ghcr.io:443/x/y:latest\" }\n" DEPLOYED, DIAG_IMAGE_UNPINNED, 3,
                   "`ghcr.io:443/x/y@sha256:…`");
    assert_refused(HEAD "service s { image = \"ghcr.io:443/x/y\" }\n" DEPLOYED, DIAG_IMAGE_UNPINNED, 3,
                   "no tag");
    compilation_free(compile_sound(HEAD "service s { image = \"x/y:1.2\" }\n" DEPLOYED));
    compilation_free(compile_sound(HEAD "service s { image = \"x/y@sha256:00\" }\n" DEPLOYED));
    compilation_free(
        compile_sound(HEAD "service s { image = \"x/y:latest\", allow = \"a toy\" }\n" DEPLOYED));
    compilation_free(compile_sound(HEAD "service s { image = \"x/y:latest\" }\n"));
}

/* The parts of each are joined here, so that no file of the project holds what looks like a key. */
static const struct {
    const char *key, *text;
} secrets[] = {
    {"A", "AKIA"
          "IOSFODNN7EXAMPLE"},
    {"A", "use ghp_"
          "0123456789abcdefghijABCDEFGHIJ012345 now"},
    {"A", "glpat-"
          "abcdefghijklmnopqrst"},
    {"A", "xoxb-"
          "123456789012-abcdefgh"},
    {"A", "-----BEGIN RSA "
          "PRIVATE KEY-----"},
    {"A", "eyJhbGciOiJIUzI1NiJ9."
          "eyJzdWIiOiIxIn0.c2lnbmF0dXJlMTIz"},
    {"A", "postgres://user:"
          "hunter2@db:5432/x"},
    {"DB_PASSWORD", "b7Xk29qLm"
                    "Zp8Rt4Wv"},
    {"api-key", "9f86d081884c7d65"
                "9a2feaa0c55ad015"},
};
static const struct {
    const char *key, *text;
} harmless[] = {
    {"A", "9f86d081884c7d659a2feaa0c55ad015"},
    {"A", "https://example.com/a:b@c"},
    {"A", "https://user@example.com/"},
    {"A", "postgres://user:$PASSWORD@db"},
    {"A", "AKIA"},
    {"A", "xoxb-"},
    {"TOKEN_PATH", "/var/run/secrets/token-0001"},
    {"SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:1:x9"},
    {"TOKENIZER", "bert-base-uncased"},
    {"MAX_TOKENS", "4096"},
    {"PASSWORD_FILE", "passwords of 12 people"},
    {"SECRET_NAME", "iris/db-password"},
};

static void test_secret_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (!secret_form(secrets[i].key, secrets[i].text, strlen(secrets[i].text)))
            fail_msg("%s", secrets[i].text);
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (secret_form(harmless[i].key, harmless[i].text, strlen(harmless[i].text)))
            fail_msg("%s", harmless[i].text);
}

/* Neither the message nor the line shows it, not even by way of another report about the same line. */
static void test_secrets_are_not_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        char text[600];
        struct buf out = {0};
        snprintf(text, sizeof text,
                 "%sservice s { image = \"x:1\", slo { p99_latency <= 0ms }, env = { \"%s\": \"%s\" } }\n",
                 HEAD, secrets[i].key, secrets[i].text);
        struct compilation *compilation = compile_text(text);
        diag_print_text(&out, compilation->diags, compilation->sources, (struct diag_style){.width = 300});
        diag_print_json(&out, compilation->diags, compilation->sources);
        diag_print_sarif(&out, compilation->diags, compilation->sources, "1");
        assert_int_equal(diag_count(compilation->diags), 2);
        assert_non_null(strstr(buf_str(&out), "MLC0451"));
        assert_null(strstr(buf_str(&out), secrets[i].text));
        buf_free(&out);
        compilation_free(compilation);
    }
    compilation_free(compile_sound(HEAD
                                   "service s { image = \"x:1\", allow = \"an example\", env = { A: \"AKIA"
                                   "IOSFODNN7EXAMPLE\" } }\n"));
}

static void test_retrain(void **state)
{
    (void)state;
    const char *format =
        "project p { owner = \"a\", store = \"s3://a/b\" }\nsecret k { from = aws(\"k\") }\nbucket b { }\n"
        "service s { image = \"x:1\", capture { to = b } }\n"
        "monitor w { watch = s, expect error_rate < 1% else retrain }\ntarget kubernetes { }\ntarget github "
        "{ ";
    struct buf text = {0};
    buf_printf(&text, "%s}\n", format);
    assert_refused(buf_str(&text), DIAG_RETRAIN_UNASKED, 5, "retrain_token");
    buf_clear(&text);
    buf_printf(&text, "%sretrain_token = k, login = role(\"arn:aws:iam::1:role/x\") }\n", format);
    compilation_free(compile_sound(buf_str(&text)));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unused),  cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_bounds),  cmocka_unit_test(test_canary),
        cmocka_unit_test(test_images),  cmocka_unit_test(test_secret_forms),
        cmocka_unit_test(test_retrain), cmocka_unit_test(test_secrets_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
