/* Sets as bytes, and which revision a rollback chooses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/documents/json.h"
#include "runtime/cluster/rollback.h"

static struct object_set *set_with(struct arena *arena, const char *const *texts, size_t count)
{
    struct object_set *set = object_set_new(arena);
    struct reporter reporter = {diag_sink_new(arena, 0), NULL, source_set_new(arena)};
    for (size_t i = 0; i < count; i++) {
        const char *why = NULL;
        const struct value *document = json_read_text(arena, texts[i], strlen(texts[i]), &why);
        assert_non_null(document);
        assert_true(object_set_add(set, document, &reporter));
    }
    return set;
}

static void a_set_comes_back_as_it_was(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"},\"data\":{\"x\":"
        "\"line\\nline\"}}",
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"b\"}}"};
    struct arena *arena = arena_new();
    struct buf packed = {0}, again = {0}, text = {0};
    rollback_pack(&packed, set_with(arena, texts, 2));
    rollback_pack(&again, set_with(arena, texts, 2));
    assert_int_equal(packed.length, again.length);
    assert_memory_equal(packed.data, again.data, packed.length);
    assert_true(rollback_unpack(&text, packed.data, packed.length, 100000));
    assert_string_equal(buf_str(&text),
                        "{\"apiVersion\":\"v1\",\"data\":{\"x\":\"line\\nline\"},\"kind\":\"ConfigMap\","
                        "\"metadata\":{\"name\":\"a\"}}\n{\"apiVersion\":\"v1\",\"kind\":\"Secret\","
                        "\"metadata\":{\"name\":\"b\"}}\n");
    buf_free(&packed);
    buf_free(&again);
    buf_free(&text);
    arena_free(arena);
}

static void damaged_and_endless_data_is_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf packed = {0}, text = {0}, large = {0};
    buf_add_str(
        &large,
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"data\":{\"x\":\"");
    buf_add_repeat(&large, 'x', 1 << 20);
    buf_add_str(&large, "\"}}");
    const char *document = buf_str(&large);
    rollback_pack(&packed, set_with(arena, &document, 1));
    assert_true(packed.length < 10000);
    assert_false(rollback_unpack(&text, packed.data, packed.length, 100000));
    buf_clear(&text);
    assert_false(rollback_unpack(&text, packed.data, packed.length / 2, 10000000));
    buf_clear(&text);
    assert_false(rollback_unpack(&text, "no gzip", 7, 1000));
    assert_false(rollback_unpack(&text, "", 0, 1000));
    buf_free(&packed);
    buf_free(&text);
    buf_free(&large);
    arena_free(arena);
}

static void the_last_good_one_is_chosen(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct diag_sink *diags = diag_sink_new(arena, 0);
    struct reporter reporter = {diags, NULL, source_set_new(arena)};
    struct rollback_set sets[] = {
        {.revision = 5, .good = true}, {.revision = 4}, {.revision = 3, .good = true}};
    struct vec list = vec_in(arena);
    for (size_t i = 0; i < 3; i++)
        vec_push(&list, &sets[i]);
    assert_int_equal(rollback_choose(&list, 0, true, &reporter)->revision, 3);
    assert_int_equal(rollback_choose(&list, 0, false, &reporter)->revision, 5);
    assert_int_equal(rollback_choose(&list, 4, true, &reporter)->revision, 4);
    assert_int_equal(diag_count(diags), 0);
    assert_null(rollback_choose(&list, 9, true, &reporter));
    assert_string_equal(diag_at(diags, 0)->message, "there is no revision 9");
    sets[2].good = false;
    assert_null(rollback_choose(&list, 0, true, &reporter));
    arena_free(arena);
}

static void names_are_quoted_for_the_shell(void **state)
{
    (void)state;
    struct buf out = {0};
    struct inventory inventory = {.name = "app", .namespace = "n"};
    struct rollback_set set = {
        .revision = 2, .parts = 2, .time = "2026-01-02T03:04:05Z", .version = "v1\nrm x"};
    rollback_print_commands(&out, &inventory, &set, "it's");
    assert_string_equal(
        buf_str(&out),
        "# revision 2 of app, applied 2026-01-02T03:04:05Z, version v1\\nrm x\n(\n"
        "  kubectl get secret -n 'n' 'app-set-2-0' -o jsonpath='{.data.set}' | base64 -d\n"
        "  kubectl get secret -n 'n' 'app-set-2-1' -o jsonpath='{.data.set}' | base64 -d\n"
        ") | gunzip | kubectl apply --server-side --field-manager='it'\\''s' -f -\n"
        "# What others set since is refused and named. --force-conflicts takes it over: not in the middle of "
        "a canary,\n"
        "# whose Services and routes Argo Rollouts moves (mlc apply --rollback leaves those to it).\n");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_comes_back_as_it_was),
        cmocka_unit_test(damaged_and_endless_data_is_refused),
        cmocka_unit_test(the_last_good_one_is_chosen),
        cmocka_unit_test(names_are_quoted_for_the_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
