/* What is shown of the server's words: no values of Secrets, and the line that they are about. */
#include "tests/unit/cluster/apply_bench.h"
#include <unistd.h>
#include "core/diag_print.h"
#include "core/file.h"
#include "runtime/cluster/refusal_words.h"

static const char *words(struct arena *arena, const char *document, const char *text)
{
    const char *why;
    struct object object = {.group = "", .document = json_read_text(arena, document, strlen(document), &why)};
    assert_non_null(object.document);
    object.kind = value_string_or(value_get(object.document, "kind"), "");
    return refusal_words(arena, &object, text);
}

static void values_of_secrets_are_hidden(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    static const char *const secret =
        "{\"kind\":\"Secret\",\"data\":{\"b\":\"aHVudGVyMg==\"},\"stringData\":{\"p\":"
        "\"hunter3\",\"n\":12345,\"m\":\"one line\\ntwo line\",\"s\":\"x\"}}";
    assert_string_equal(
        words(arena, secret, "no aHVudGVyMg== hunter2 hunter3 aHVudGVyMw== 12345 \"one line\\ntwo line\""),
        "no *** *** *** *** *** \"***\\n***\"");
    assert_string_equal(words(arena, secret, "exceeded"), "exceeded"); /* one letter is too common to hide */
    assert_string_equal(words(arena, "{\"kind\":\"Secret\",\"data\":\"hunter2\"}", "bad hunter2"), "bad ***");
    assert_string_equal(words(arena, secret,
                              "failed to create typed patch object (n/s; /v1, Kind=Secret): .stringData.q: "
                              "expected string, got &value{Value:7}"),
                        "stringData.q: expected string, got ***");
    assert_string_equal(words(arena, "{\"kind\":\"ConfigMap\",\"data\":{\"p\":\"hunter3\"}}", "bad hunter3"),
                        "bad hunter3");
    arena_free(arena);
}

static struct object_set *read_file(struct bench *bench, char *path, const char *text)
{
    int descriptor = mkstemps(path, 5);
    assert_true(descriptor >= 0);
    close(descriptor);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600), 0);
    struct origin_table *origins = origin_table_new(bench->server.arena);
    struct object_input input = {.paths = (const char *const[]){path},
                                 .path_count = 1,
                                 .sources = (struct source_set *)(uintptr_t)bench->server.reporter.sources,
                                 .origins = origins};
    bench->server.reporter.origins = origins;
    assert_true(object_set_read(bench->set, &input, &bench->server.reporter));
    return bench->set;
}

static const char *line_of(struct bench *bench, const struct object *object, const char *path)
{
    struct span span = origin_span(bench->server.reporter.origins, refusal_place(object, path));
    const struct source *source = source_of(bench->server.reporter.sources, span.source);
    struct position at = source_position(source, span.start);
    return arena_printf(bench->server.arena, "%u:%u", at.line, at.column);
}

static void a_field_is_found(void **state)
{
    (void)state;
    char path[] = "/tmp/mlc-refusal-XXXXXX.yaml";
    struct bench bench;
    open_bench(&bench, NULL, 0);
    const struct object *object =
        read_file(
            &bench, path,
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {bad key: x}}\nspec:\n  containers:\n"
            "    - name: main\n      imag: x\n      ports: [{containerPort: 1}]\n    - {name: side, image: "
            "y}\n")
            ->objects.items[0];
    assert_string_equal(line_of(&bench, object, "spec.containers[0].imag: nothing"), "7:7");
    assert_string_equal(line_of(&bench, object, ".spec.containers[name=\"main\"].imag: field not declared"),
                        "7:7");
    assert_string_equal(line_of(&bench, object, "spec.containers[name=\"side\"].image"), "9:20");
    assert_string_equal(line_of(&bench, object, "spec.containers[0].ports[0].containerPort"), "8:16");
    assert_string_equal(line_of(&bench, object, "spec.containers[7].image"), "5:3"); /* as deep as it goes */
    assert_string_equal(line_of(&bench, object, "metadata.labels[bad key]"), "3:30");
    assert_string_equal(line_of(&bench, object, "exceeded quota: q"), "3:18"); /* the name */
    assert_string_equal(line_of(&bench, object, ""), "3:18");
    assert_string_equal(line_of(&bench, object, "[[[["), "3:18");
    assert_string_equal(line_of(&bench, object, "spec.containers[name=\"].x"), "5:3");
    unlink(path);
    close_bench(&bench);
}

static void messages_quote_no_secret(void **state)
{
    (void)state;
    char path[] = "/tmp/mlc-refusal-XXXXXX.json";
    struct bench bench;
    open_bench(&bench, NULL, 0);
    const struct object *object = read_file(&bench, path,
                                            "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{"
                                            "\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":"
                                            "{\"name\":\"s\",\"annotations\":{\"a\":\"hunter1\"}},"
                                            "\"stringData\":{\"p\":\"hunter2\"},\"x\":[12345]}]}")
                                      ->objects.items[0];
    struct buf out = {0};
    cluster_report(&bench.server.reporter, DIAG_CLUSTER_FAILED, refusal_place(object, "stringData.p"), "no");
    diag_print_text(&out, bench.server.diags, bench.server.reporter.sources, (struct diag_style){false, 400});
    assert_non_null(strstr(buf_str(&out), "\"stringData\":{\"p\":*********}"));
    assert_null(strstr(buf_str(&out), "hunter"));
    assert_null(strstr(buf_str(&out), "12345"));
    assert_string_equal(value_string_or(value_path(object->document, "stringData", "p", NULL), ""),
                        "hunter2");
    buf_free(&out);
    unlink(path);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_secrets_are_hidden),
        cmocka_unit_test(a_field_is_found),
        cmocka_unit_test(messages_quote_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
