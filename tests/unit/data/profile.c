/* Profiles: the figures of the benchmark's description, the same for every number of threads and any memory;
 * documents are read back to the same profile. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <cmocka.h>

#include "core/documents/json.h"
#include "runtime/data/profile.h"
#include "tests/unit/data/tables.h"

static char *profile_text(const char *path, const struct profile_options *options)
{
    struct data_error error = {""};
    struct arena *arena = arena_new();
    const char *paths[] = {path};
    struct table *table = table_open(paths, 1, NULL, &error);
    assert_non_null(table);
    struct profile *profile = profile_table(arena, table, options, &error);
    if (!profile)
        fail_msg("%s", error.message);
    struct buf out = {0}, again = {0};
    struct json_style style = {JSON_COMPACT, false};
    const struct value *document = profile_to_value(arena, profile), *bad = NULL;
    assert_true(json_write(&out, document, style, &bad));
    struct profile *copy = profile_from_value(arena, document, &error);
    if (!copy)
        fail_msg("%s", error.message);
    assert_true(json_write(&again, profile_to_value(arena, copy), style, &bad));
    assert_string_equal(buf_str(&out), buf_str(&again));
    buf_free(&again);
    table_close(table);
    arena_free(arena);
    return buf_take(&out);
}

static char path[512];

static int make_file(void **state)
{
    struct buf text = {0};
    uint64_t random = 11;
    (void)state;
    buf_add_str(&text, "id,number,word,time,flag,empty\n");
    for (int i = 0; i < 40000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        buf_printf(&text, "%d,", i * 3);
        if (random >> 60)
            buf_printf(&text, "%d.%02d", (int)(random >> 40) % 1000 - 500, (int)(random >> 30) % 100);
        buf_printf(&text, ",w\xc3\xa9%d,2024-01-%02dT00:00:00Z,%s,\n", (int)(random >> 50) % 700, 1 + i % 31,
                   random >> 63 ? "true" : "false");
    }
    snprintf(path, sizeof path, "%s", table_file(text.data, text.length, ".csv"));
    buf_free(&text);
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void test_same_anyhow(void **state)
{
    struct profile_options one = {.threads = 1}, many = {.threads = 5},
                           little = {.threads = 2, .memory = 1 << 18};
    (void)state;
    char *a = profile_text(path, &one), *b = profile_text(path, &many), *c = profile_text(path, &little);
    assert_string_equal(a, b);
    assert_string_equal(a, c);
    assert_non_null(strstr(
        a, "\"name\":\"id\",\"type\":\"int\",\"values\":40000,\"nulls\":0,\"bad\":0,\"distinct\":40000,"
           "\"unique\":40000,\"approximate\":false,\"min\":0,\"max\":119997,\"sum\":2399940000"));
    assert_non_null(strstr(a, "\"length_min\":3,\"length_max\":5"));
    assert_non_null(strstr(a, "\"name\":\"empty\",\"type\":\"null\",\"values\":0,\"nulls\":40000"));
    assert_non_null(strstr(a, "\"min\":\"2024-01-01T00:00:00Z\",\"max\":\"2024-01-31T00:00:00Z\""));
    free(a);
    free(b);
    free(c);
}

static void test_approximate(void **state)
{
    struct profile_options options = {.threads = 2, .approximate = true};
    (void)state;
    char *text = profile_text(path, &options);
    assert_null(strstr(text, "\"approximate\":false"));
    assert_non_null(strstr(text, "\"approximate\":true"));
    free(text);
}

static void test_columns(void **state)
{
    const char *const names[] = {"word", "id"}, *const wrong[] = {"word", "nothing"};
    struct data_error error = {""};
    struct arena *arena = arena_new();
    const char *paths[] = {path};
    struct table *table = table_open(paths, 1, NULL, &error);
    struct profile_options options = {.columns = names, .column_count = 2, .top = 3, .bins = 4};
    (void)state;
    struct profile *profile = profile_table(arena, table, &options, &error);
    assert_non_null(profile);
    assert_int_equal(profile->column_count, 2);
    assert_int_equal(profile->rows, 40000);
    const struct profile_column *id = profile_find(profile, "id"), *word = profile_find(profile, "word");
    assert_true(id && word && !profile_find(profile, "number"));
    assert_int_equal(id->bins, 4);
    assert_true(id->edges[0] == 0 && id->edges[4] == 119997 && id->bin_counts[0] == 10000 &&
                id->bin_counts[3] == 10000);
    assert_true(id->quantiles[50] == 59998.5 && id->quantiles[100] == 119997);
    assert_int_equal(word->top_count, 3);
    assert_true(word->top[0].count >= word->top[1].count && !word->top_complete);
    options.columns = wrong;
    assert_null(profile_table(arena, table, &options, &error));
    assert_non_null(strstr(error.message, "no column \"nothing\""));
    table_close(table);
    arena_free(arena);
}

static void test_refused_documents(void **state)
{
    static const char *const texts[] = {
        "1",
        "{}",
        "{\"format\":\"mlc.profile/1\"}",
        "{\"format\":\"mlc.profile/1\",\"rows\":-1,\"columns\":[]}",
        "{\"format\":\"mlc.profile/1\",\"rows\":1,\"columns\":[1]}",
        "{\"format\":\"mlc.profile/1\",\"rows\":1,\"columns\":[{\"name\":\"a\",\"type\":\"number\"}]}",
        "{\"format\":\"mlc.profile/"
        "1\",\"rows\":1,\"columns\":[{\"name\":\"a\",\"type\":\"int\",\"values\":1,\"nulls\":0,"
        "\"distinct\":1,\"top\":[[\"x\",1]]}]}"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena *arena = arena_new();
        struct data_error error = {""};
        const char *why;
        const struct value *document = json_read_text(arena, texts[i], strlen(texts[i]), &why);
        assert_non_null(document);
        assert_null(profile_from_value(arena, document, &error));
        assert_non_null(strstr(error.message, "not a profile"));
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_anyhow), cmocka_unit_test(test_approximate),
                                       cmocka_unit_test(test_columns),
                                       cmocka_unit_test(test_refused_documents)};
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
