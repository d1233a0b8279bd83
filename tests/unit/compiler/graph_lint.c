/* What is wrong with a project although every block is right. */

#include "tests/unit/compiler/graph_support.h"

#include "compiler/lint.h"

#define HEAD "project p { owner = \"a@example.com\" }\ndataset d { path = \"d.csv\" }\n"
#define SPLIT "split { train = 80%, holdout = 20%, by = row }\n"

static void test_holdout(void **state)
{
    (void)state;
    assert_refused(HEAD "model m { data = d, " SPLIT " step t { run = \"t \\(data.path)\" } }\n",
                   DIAG_HOLDOUT_READ, 4, "use `data.train`");
    assert_refused(HEAD "model m { data = d, " SPLIT
                        " step t { run = \"t \\(data.train)\", metrics = \"m\" } }\n",
                   DIAG_EVALUATES_TRAINING, 4, "use `data.holdout`");
    compilation_free(compile_sound(HEAD "model m { data = d, step t { run = \"t \\(data.path)\" } }\n"));
    compilation_free(
        compile_sound(HEAD "model m { data = d, " SPLIT
                           " step t { run = \"t \\(data.train) \\(data.holdout)\", metrics = \"m\" } }\n"));
}

#define EVALUATE " step e { run = \"e \\(t.m) \\(data.holdout) \\(metrics)\", metrics = \"m\" } }\n"
#define TRAIN(parts, rest) " step t { run = \"t " parts "\", outputs = { m: \"f\" }" rest " }\n"

static void test_training_on_holdout(void **state)
{
    (void)state;
    assert_refused(HEAD "model m { data = d, " SPLIT TRAIN("\\(data.train) \\(data.holdout)", "") EVALUATE,
                   DIAG_HOLDOUT_READ, 4, "use `data.train`");
    compilation_free(compile_sound(HEAD "model m { data = d, " SPLIT TRAIN("\\(data.train)", "") EVALUATE));
    compilation_free(compile_sound(HEAD "model m { data = d, " SPLIT TRAIN("\\(data.train) \\(data.holdout)",
                                                                           ", metrics = \"m\"") "}\n"));
}

#define TIMED(type)                                                                                          \
    "project p { owner = \"a@example.com\" }\ndataset d { path = \"d.csv\"\n column c: " type " }\n"         \
    "model m { data = d\nsplit { train = rest, holdout = 7d, by = time(c) }\n"                               \
    "step t { run = \"t \\(data.train)\" } }\n"

static void test_time_split(void **state)
{
    (void)state;
    assert_refused(TIMED("string"), DIAG_SPLIT_NO_TIME, 5, "`hash(c)`");
    assert_refused(TIMED("float"), DIAG_SPLIT_NO_TIME, 5, "`hash(c)`");
    compilation_free(compile_sound(TIMED("date")));
    compilation_free(compile_sound(TIMED("timestamp?")));
}

static void test_gate(void **state)
{
    (void)state;
    assert_refused(HEAD "model m { data = d, step t { run = \"t\" }\n gate { require accuracy >= 0.9 } }\n",
                   DIAG_METRIC_UNPRODUCED, 4, "`accuracy`");
}

static void test_commands(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "echo hi",      "true",           "pytest || true", "pytest; true",
        "echo a; echo", "echo a && true", "x ||true",       "echo \"a;b\"\n  # c"};
    static const char *const good[] = {"pytest", "echo a | grep b", "echo a && pytest", "echo $(pytest)",
                                       "truely", "echo \"$(x)\"",   "x || true && y"};
    const char *why = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!command_cannot_fail(bad[i], &why))
            fail_msg("%s", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (command_cannot_fail(good[i], &why))
            fail_msg("%s", good[i]);
    assert_refused(HEAD "model m { data = d, test t { run = \"pytest || true\" } }\n",
                   DIAG_COMMAND_CANNOT_FAIL, 3, "exit status");
    compilation_free(
        compile_sound(HEAD "model m { data = d, test t { run = \"echo\", allow = \"a placeholder\" } }\n"));
}

static void test_rollouts(void **state)
{
    (void)state;
    assert_refused(HEAD "rollout r { strategy = canary, step 5% for 1m, step 100% }\n",
                   DIAG_ROLLOUT_NO_WAY_BACK, 3, "abort when");
    assert_refused(HEAD
                   "service s { image = \"x\", smoke ready { get = \"/\", expect status == 200 } }\n"
                   "rollout r { strategy = canary, abort when error_rate > 1% for 2m\n"
                   "  step 5% for 1m { run smoke(\"redy\") }, step 100% }\nenvironment e { rollout = r }\n",
                   DIAG_PROBE_UNKNOWN, 5, "redy");
}

static void test_artifact(void **state)
{
    (void)state;
    assert_refused(HEAD
                   "model m { data = d, step t { run = \"t\" } }\nservice s { image = \"x\", model = m }\n",
                   DIAG_NO_ARTIFACT, 4, "outputs");
}

static void test_drift(void **state)
{
    (void)state;
    const char *rest =
        "model m { data = d, retrain { on drift(w) } }\nservice s { image = \"x\", capture { to = b } }\n"
        "bucket b { }\nmonitor w { watch = s }\n";
    struct buf text = {0};
    buf_printf(&text, "%s%s", HEAD, rest);
    assert_refused(buf_str(&text), DIAG_SAME_DATA_RETRAINS, 3, "glob");
    buf_clear(&text);
    buf_printf(&text, "project p { owner = \"a\" }\ndataset d { path = \"s3://x/*.csv\" }\n%s", rest);
    compilation_free(compile_sound(buf_str(&text)));
    buf_free(&text);
}

static void test_store(void **state)
{
    (void)state;
    assert_refused(HEAD "model m { data = d }\ntarget github { }\n", DIAG_STORE_LOCAL, 4, "s3://");
    compilation_free(compile_sound(HEAD "target github { }\n"));
}

static void test_secrets(void **state)
{
    (void)state;
    assert_refused(HEAD "secret t { from = github(\"T\") }\nservice s { image = \"x\", env = { TOKEN: t } }\n"
                        "target kubernetes { }\n",
                   DIAG_SECRET_UNREADABLE, 4, "in a cluster");
    assert_refused(HEAD
                   "secret t { from = env(\"T\") }\nchannel c { slack = \"#c\", token = t }\nbucket b { }\n"
                   "service s { image = \"x\", capture { to = b } }\n"
                   "monitor w { watch = s, expect error_rate < 1% else alert(c) }\ntarget kubernetes { }\n",
                   DIAG_SECRET_UNREADABLE, 7, "monitor `w`");
    assert_refused(
        "project p { owner = \"a\", store = \"s3://a/b\" }\ndataset d { path = \"d\" }\n"
        "secret t { from = aws(\"T\") }\nmodel m { data = d, step s { run = \"x\", env = { T: t } } }\n"
        "target github { }\n",
        DIAG_SECRET_UNREADABLE, 4, "login");
    compilation_free(
        compile_sound(HEAD "secret t { from = aws(\"T\") }\n"
                           "service s { image = \"x\", env = { TOKEN: t } }\ntarget kubernetes { }\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holdout),
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_rollouts),
        cmocka_unit_test(test_artifact),
        cmocka_unit_test(test_drift),
        cmocka_unit_test(test_store),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_training_on_holdout),
        cmocka_unit_test(test_time_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
