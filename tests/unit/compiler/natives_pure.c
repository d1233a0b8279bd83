/* Natives that need no graph: each called directly, its result and its refusals. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "compiler/compilation.h"
#include "compiler/natives.h"
#include "core/expr.h"

struct bench {
    struct compilation compilation;
    struct arena *arena;
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    bench->arena = arena_new();
    bench->compilation.arena = bench->arena;
    bench->compilation.sources = source_set_new(bench->arena);
    bench->compilation.origins = origin_table_new(bench->arena);
    bench->compilation.diags = diag_sink_new(bench->arena, 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    arena_free(bench->arena);
    free(bench);
    return 0;
}

static const struct value *call(struct bench *bench, const char *name, const struct value *a,
                                const struct value *b, const struct value *c)
{
    const struct value *arguments[] = {a, b, c, NULL};
    struct native_call native_call = {
        .compilation = &bench->compilation, .arena = bench->arena, .arguments = arguments, .count = 4};
    const struct native *native = native_find(name);
    assert_non_null(native);
    return native->run(&native_call);
}

static const struct value *str(struct bench *bench, const char *text)
{
    return value_string(bench->arena, text, 0);
}

static const struct value *num(struct bench *bench, double number)
{
    return value_float(bench->arena, number, 0);
}

static const struct value *whole(struct bench *bench, int64_t number)
{
    return value_int(bench->arena, number, 0);
}

static const struct value *lasting(struct bench *bench, double seconds)
{
    return value_quantity(bench->arena, seconds * 1e6, UNIT_DURATION, 0);
}

static const struct value *sized(struct bench *bench, double bytes)
{
    return value_quantity(bench->arena, bytes, UNIT_SIZE, 0);
}

static const struct value *texts(struct bench *bench, size_t count, ...)
{
    struct list_builder list = list_begin(bench->arena);
    va_list args;
    va_start(args, count);
    for (size_t i = 0; i < count; i++)
        list_add(&list, str(bench, va_arg(args, const char *)));
    va_end(args);
    return list_end(&list, 0);
}

static void gives(const struct value *value, const char *text)
{
    assert_non_null(value);
    assert_int_equal(value->kind, VALUE_STRING);
    assert_string_equal(value->text, text);
}

static void refused(struct bench *bench, const struct value *value, enum diag_code code)
{
    assert_null(value);
    assert_true(diag_count(bench->compilation.diags) > 0);
    assert_int_equal(diag_at(bench->compilation.diags, diag_count(bench->compilation.diags) - 1)->code, code);
}

static void table_is_sorted(void **state)
{
    (void)state;
    for (size_t i = 1; i < native_count; i++)
        assert_true(strcmp(natives[i - 1].name, natives[i].name) < 0);
    for (size_t i = 0; i < native_count; i++)
        assert_ptr_equal(native_find(natives[i].name), &natives[i]);
    assert_null(native_find("nothing"));
}

static void lists_are_ordered_and_grouped(void **state)
{
    struct bench *bench = *state;
    const struct value *sorted = call(bench, "sort", texts(bench, 3, "b", "c", "a"), NULL, NULL);
    gives(call(bench, "join", sorted, str(bench, ","), NULL), "a,b,c");
    const struct value *unique = call(bench, "unique", texts(bench, 4, "b", "a", "b", "a"), NULL, NULL);
    gives(call(bench, "join", unique, str(bench, ","), NULL), "b,a");
    gives(call(bench, "last", texts(bench, 2, "x", "y"), NULL, NULL), "y");
    refused(bench, call(bench, "last", texts(bench, 0), NULL, NULL), DIAG_NATIVE_EMPTY);
    gives(call(bench, "only", texts(bench, 1, "x"), NULL, NULL), "x");
    assert_int_equal(call(bench, "only", texts(bench, 2, "x", "y"), NULL, NULL)->kind, VALUE_NULL);
    assert_int_equal(call(bench, "nonempty", texts(bench, 0), NULL, NULL)->kind, VALUE_NULL);
    struct list_builder list = list_begin(bench->arena);
    for (int i = 0; i < 3; i++) {
        struct field fields[] = {{"scope", 0, str(bench, i == 1 ? "a" : "z")}, {"n", 0, whole(bench, i)}};
        list_add(&list, value_record(bench->arena, fields, 2, 0));
    }
    const struct value *groups = call(bench, "group", list_end(&list, 0), str(bench, "scope"), NULL);
    assert_int_equal(groups->field_count, 2);
    assert_string_equal(groups->fields[0].key, "a");
    assert_int_equal(groups->fields[1].value->count, 2);
}

static void sums_keep_their_unit(void **state)
{
    struct bench *bench = *state;
    const struct value *two[] = {lasting(bench, 60), lasting(bench, 30)};
    const struct value *sum = call(bench, "sum", value_list(bench->arena, two, 2, 0), NULL, NULL);
    assert_int_equal(sum->kind, VALUE_QUANTITY);
    assert_int_equal((int)(sum->number / 1e6), 90);
    const struct value *mixed[] = {lasting(bench, 60), whole(bench, 1)};
    refused(bench, call(bench, "sum", value_list(bench->arena, mixed, 2, 0), NULL, NULL), DIAG_NATIVE_UNITS);
    const struct value *absent[] = {lasting(bench, 60), value_null(bench->arena, 0)};
    refused(bench, call(bench, "sum", value_list(bench->arena, absent, 2, 0), NULL, NULL), DIAG_NATIVE_UNITS);
    assert_int_equal(call(bench, "sum", texts(bench, 0), NULL, NULL)->integer, 0);
}

static void texts_are_cut_and_joined(void **state)
{
    struct bench *bench = *state;
    gives(call(bench, "lines", texts(bench, 2, "a", "b"), NULL, NULL), "a\nb\n");
    gives(call(bench, "title", str(bench, "serving-drift"), NULL, NULL), "ServingDrift");
    gives(call(bench, "replace", str(bench, "a_b_c"), str(bench, "_"), str(bench, "--")), "a--b--c");
    gives(call(bench, "after", str(bench, "host/repo/x"), str(bench, "/"), NULL), "repo/x");
    gives(call(bench, "before", str(bench, "host/repo/x"), str(bench, "/"), NULL), "host");
    gives(call(bench, "after_bucket", str(bench, "s3://b/iris/x"), NULL, NULL), "iris/x");
    gives(call(bench, "after_bucket", str(bench, "s3://b"), NULL, NULL), "");
    gives(call(bench, "slug", str(bench, "predicts a KNOWN flower!"), NULL, NULL), "predicts-a-known-flower");
    refused(bench, call(bench, "slug", str(bench, "!!!"), NULL, NULL), DIAG_NATIVE_ARGUMENT);
    gives(call(bench, "strip_suffix", str(bench, "src/**"), str(bench, "/**"), NULL), "src");
    gives(call(bench, "variable", str(bench, "slack-token"), NULL, NULL), "SLACK_TOKEN");
    gives(call(bench, "indent", str(bench, "a\n\nb"), whole(bench, 2), NULL), "  a\n\n  b");
    assert_int_equal(call(bench, "split", str(bench, "s3://b/p"), str(bench, "/"), NULL)->count, 4);
}

static void other_languages_get_their_quotes(void **state)
{
    struct bench *bench = *state;
    gives(call(bench, "quote_sh", str(bench, "src/a.py"), NULL, NULL), "src/a.py");
    gives(call(bench, "quote_sh", str(bench, "it's $HOME"), NULL, NULL), "'it'\\''s $HOME'");
    gives(call(bench, "quote_sh", str(bench, ""), NULL, NULL), "''");
    gives(call(bench, "quote_sh", str(bench, "~"), NULL, NULL), "'~'");
    gives(call(bench, "quote_sql", str(bench, "a\"b"), NULL, NULL), "\"a\"\"b\"");
    gives(call(bench, "quote_py", str(bench, "a\"\\\n\xc3\xa9"), NULL, NULL), "\"a\\\"\\\\\\n\\u00e9\"");
    gives(call(bench, "json_text", texts(bench, 2, "a", "\"b"), NULL, NULL), "[\"a\",\"\\\"b\"]");
    gives(call(bench, "tf_name", str(bench, "1-iris.api"), NULL, NULL), "_1_iris_api");
    struct field labels[] = {{"a", 0, str(bench, "x\"y")},
                             {"code", 0, call(bench, "matches", str(bench, "5.."), NULL, NULL)}};
    gives(call(bench, "matchers", value_record(bench->arena, labels, 2, 0), NULL, NULL),
          "a=\"x\\\"y\",code=~\"5..\"");
    struct field bad[] = {{"a-b", 0, str(bench, "x")}};
    refused(bench, call(bench, "matchers", value_record(bench->arena, bad, 1, 0), NULL, NULL),
            DIAG_NATIVE_ARGUMENT);
}

static void amounts_are_exact_or_refused(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(call(bench, "minutes", lasting(bench, 3600), NULL, NULL)->integer, 60);
    refused(bench, call(bench, "minutes", lasting(bench, 90), NULL, NULL), DIAG_NATIVE_INEXACT);
    assert_int_equal(
        call(bench, "percent", value_quantity(bench->arena, 25, UNIT_PERCENT, 0), NULL, NULL)->integer, 25);
    refused(bench, call(bench, "percent", value_quantity(bench->arena, 2.5, UNIT_PERCENT, 0), NULL, NULL),
            DIAG_NATIVE_INEXACT);
    assert_true(call(bench, "number", lasting(bench, 0.2), NULL, NULL)->number == 0.2);
    assert_true(call(bench, "number", value_quantity(bench->arena, 1, UNIT_PERCENT, 0), NULL, NULL)->number ==
                0.01);
    gives(call(bench, "k8s_cpu", num(bench, 0.25), NULL, NULL), "250m");
    gives(call(bench, "k8s_cpu", whole(bench, 2), NULL, NULL), "2");
    refused(bench, call(bench, "k8s_cpu", num(bench, 0.00025), NULL, NULL), DIAG_NATIVE_INEXACT);
    gives(call(bench, "k8s_size", sized(bench, 512.0 * 1024 * 1024), NULL, NULL), "512Mi");
    gives(call(bench, "k8s_size", sized(bench, 1610612736), NULL, NULL), "1536Mi");
    gives(call(bench, "k8s_size", sized(bench, 5e8), NULL, NULL), "500M");
    gives(call(bench, "go_duration", lasting(bench, 5400), NULL, NULL), "1h30m");
    gives(call(bench, "go_duration", lasting(bench, 7 * 86400), NULL, NULL), "168h");
    gives(call(bench, "prom_duration", lasting(bench, 7 * 86400 + 60), NULL, NULL), "7d1m");
    gives(call(bench, "share", value_quantity(bench->arena, 10, UNIT_PERCENT, 0), NULL, NULL), "0.1");
}

static void schedules_are_read_strictly(void **state)
{
    struct bench *bench = *state;
    gives(call(bench, "cron5", str(bench, "monday 03:00"), str(bench, "UTC"), NULL), "0 3 * * 1");
    gives(call(bench, "cron5", str(bench, "thursday, monday 03:05"), NULL, NULL), "5 3 * * 1,4");
    gives(call(bench, "cron5", str(bench, "weekdays 06:30"), NULL, NULL), "30 6 * * 1-5");
    gives(call(bench, "cron5", str(bench, "03:00"), NULL, NULL), "0 3 * * *");
    gives(call(bench, "cron5", str(bench, "monthly 04:00"), NULL, NULL), "0 4 1 * *");
    gives(call(bench, "cron5", str(bench, "*/15  0-6,12 1 * 1"), NULL, NULL), "*/15 0-6,12 1 * 1");
    static const char *const wrong[] = {
        "",        "mondy 03:00", "monday 3:0",   "monday 25:00", "60 * * * *",
        "* * * *", "* * * * * *", "* * 0 * *",    "*/0 * * * *",  "5-2 * * * *",
        "monday",  "@daily",      "monday 03:00x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refused(bench, call(bench, "cron5", str(bench, wrong[i]), NULL, NULL), DIAG_NATIVE_SCHEDULE);
    refused(bench, call(bench, "cron5", str(bench, "03:00"), str(bench, "CET+1"), NULL), DIAG_NATIVE_ZONE);
    assert_int_equal(call(bench, "time_zone", str(bench, "UTC"), NULL, NULL)->kind, VALUE_NULL);
    refused(bench, call(bench, "cron_every", lasting(bench, 7 * 3600), str(bench, "x"), NULL),
            DIAG_NATIVE_INTERVAL);
    const struct value *daily =
        call(bench, "cron_every", lasting(bench, 86400), str(bench, "monitor/x"), NULL);
    gives(call(bench, "cron5", daily, NULL, NULL), daily->text);
    for (int hours = 1; hours < 24; hours++) {
        if (24 % hours)
            continue;
        const struct value *every =
            call(bench, "cron_every", lasting(bench, hours * 3600.0), str(bench, "m"), NULL);
        gives(call(bench, "cron5", every, NULL, NULL), every->text);
    }
}

static void long_names_keep_a_hash(void **state)
{
    struct bench *bench = *state;
    gives(call(bench, "short", str(bench, "iris-api"), whole(bench, 63), NULL), "iris-api");
    const struct value *a =
        call(bench, "short", str(bench, "a-very-long-name-of-a-service-abort"), whole(bench, 20), NULL);
    const struct value *b =
        call(bench, "short", str(bench, "a-very-long-name-of-a-service-smoke"), whole(bench, 20), NULL);
    assert_true(a->length <= 20);
    assert_string_not_equal(a->text, b->text);
    refused(bench, call(bench, "short", str(bench, "abcdefghijkl"), whole(bench, 9), NULL),
            DIAG_NATIVE_NAME_TOO_LONG);
    gives(call(bench, "k8s_label", str(bench, "+1.2+rc.1-"), NULL, NULL), "1.2-rc.1");
    gives(call(bench, "hash", str(bench, "abc"), whole(bench, 8), NULL), "ba7816bf");
}

static const struct value *slot(struct bench *bench, const char *root, const char *name)
{
    const struct expr *expr = expr_name(bench->arena, "slot", root, 0);
    if (name)
        expr = expr_make(bench->arena, EXPR_FIELD, "slot", name, &expr, NULL, 1, 0);
    return value_expression(bench->arena, expr, 0);
}

static void commands_become_arguments(void **state)
{
    struct bench *bench = *state;
    const struct value *pieces[] = {str(bench, "python3 'a b' --model "), slot(bench, "model", "artifact"),
                                    str(bench, " --port="), slot(bench, "port", NULL)};
    const struct value *command = value_text(bench->arena, pieces, 4, 0);
    struct field fields[] = {{"model.artifact", 0, str(bench, "/m/model x.json")},
                             {"port", 0, str(bench, "8080")}};
    const struct value *slots = value_record(bench->arena, fields, 2, 0);
    const struct value *words = call(bench, "argv", command, slots, NULL);
    gives(call(bench, "join", words, str(bench, "|"), NULL),
          "python3|a b|--model|/m/model x.json|--port=8080");
    gives(call(bench, "shell_line", command, slots, NULL),
          "python3 'a b' --model '/m/model x.json' --port=8080");
    refused(bench, call(bench, "argv", command, value_record(bench->arena, fields, 1, 0), NULL),
            DIAG_NATIVE_SLOT);
    refused(bench, call(bench, "argv", str(bench, "a | b"), slots, NULL), DIAG_NATIVE_COMMAND);
    refused(bench, call(bench, "argv", str(bench, "a 'b"), slots, NULL), DIAG_NATIVE_COMMAND);
    refused(bench, call(bench, "argv", str(bench, "a $B"), slots, NULL), DIAG_NATIVE_COMMAND);
    refused(bench, call(bench, "argv", str(bench, "  "), slots, NULL), DIAG_NATIVE_COMMAND);
    gives(call(bench, "join", call(bench, "argv", str(bench, "a '' \"x \\\" y\" b\\ c '$D'"), slots, NULL),
               str(bench, "|"), NULL),
          "a||x \" y|b c|$D");
    gives(call(bench, "join", call(bench, "k8s_args", texts(bench, 2, "$(X)", "$Y"), NULL, NULL),
               str(bench, " "), NULL),
          "$$(X) $Y");
}

static void slots_inside_quotes_stay_one_word(void **state)
{
    struct bench *bench = *state;
    const struct value *pieces[] = {str(bench, "echo \"a "),   slot(bench, "port", NULL),
                                    str(bench, "\" 'b "),      slot(bench, "port", NULL),
                                    str(bench, "' \"$(cat "),  slot(bench, "port", NULL),
                                    str(bench, ")\" # it's "), slot(bench, "port", NULL)};
    struct field fields[] = {{"port", 0, str(bench, "x $(rm y)")}};
    gives(call(bench, "shell_line", value_text(bench->arena, pieces, 8, 0),
               value_record(bench->arena, fields, 1, 0), NULL),
          "echo \"a \"'x $(rm y)'\"\" 'b ''x $(rm y)''' \"$(cat 'x $(rm y)')\" # it's 'x $(rm y)'");
}

static void scripts_read_variables(void **state)
{
    struct bench *bench = *state;
    const struct expr *github = expr_name(bench->arena, "github", "github", 0);
    const struct expr *sha = expr_make(bench->arena, EXPR_FIELD, "github", "sha", &github, NULL, 1, 0);
    const struct expr *path = expr_make(bench->arena, EXPR_FIELD, "github", "path", &github, NULL, 1, 0);
    const struct value *sha_value = value_expression(bench->arena, sha, 0);
    const struct value *named =
        call(bench, "as", value_expression(bench->arena, path, 0), str(bench, "HERE"), NULL);
    const struct value *pieces[] = {
        str(bench, "run "), sha_value, str(bench, " \"x"), sha_value,
        str(bench, "\" "),  named,     str(bench, " "),    value_expression(bench->arena, path, 0)};
    const struct value *script = call(bench, "script", value_text(bench->arena, pieces, 8, 0), NULL, NULL);
    gives(value_get(script, "run"), "run \"$SHA\" \"x${SHA}\" \"$HERE\" \"$VALUE_PATH\"");
    const struct value *env = value_get(script, "env");
    assert_int_equal(env->field_count, 3);
    assert_string_equal(env->fields[0].key, "SHA");
    assert_true(expr_equal(value_get(env, "HERE")->expr, path));
    const struct value *plain = call(bench, "script", texts(bench, 2, "a", "b"), NULL, NULL);
    assert_null(value_get(plain, "env"));
    gives(value_get(plain, "run"), "a\nb\n");
}

static void marks_do_not_change_values(void **state)
{
    struct bench *bench = *state;
    const struct value *x = str(bench, "x");
    const struct value *noted = call(bench, "note", x, str(bench, "line one\nrm -rf"), NULL);
    assert_true(value_equal(x, noted));
    assert_string_equal(noted->marks->note, "line one rm -rf");
    const struct value *above = call(bench, "above", noted, texts(bench, 1, "a"), NULL);
    assert_int_equal(above->marks->above_count, 1);
    assert_string_equal(above->marks->note, "line one rm -rf");
    assert_true(call(bench, "remark", x, NULL, NULL)->marks->remark);
}

static void results_take_the_origin_of_a_users_argument(void **state)
{
    struct bench *bench = *state;
    const struct source *source = source_add(bench->compilation.sources, SOURCE_USER, "a.mlc", "name", 4);
    origin where = origin_add(bench->compilation.origins, (struct span){source->id, 0, 4}, 0);
    const struct value *x = value_string(bench->arena, "name", where);
    assert_int_equal(call(bench, "upper", x, NULL, NULL)->origin, where);
    const struct value *list = value_list(bench->arena, &x, 1, 0);
    assert_int_equal(call(bench, "join", list, str(bench, ","), NULL)->origin, where);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sorted),
        cmocka_unit_test_setup_teardown(lists_are_ordered_and_grouped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sums_keep_their_unit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_are_cut_and_joined, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_languages_get_their_quotes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(amounts_are_exact_or_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(schedules_are_read_strictly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_names_keep_a_hash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(commands_become_arguments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(slots_inside_quotes_stay_one_word, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scripts_read_variables, set_up, tear_down),
        cmocka_unit_test_setup_teardown(marks_do_not_change_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(results_take_the_origin_of_a_users_argument, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
