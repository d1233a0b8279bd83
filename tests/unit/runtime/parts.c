#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "runtime/parts.h"
#include "temporary.h"

/* SHA-256("iris" NUL "1") begins with a known place: a row must never change its part between versions. */
static void places_are_published(void **state)
{
    (void)state;
    static const struct {
        const char *model, *key;
    } cases[] = {{"iris", "1"}, {"iris", "2"}, {"topic", "1"}};
    double before = -1;
    for (size_t i = 0; i < 3; i++) {
        double place = parts_place(cases[i].model, cases[i].key, strlen(cases[i].key));
        assert_true(place >= 0 && place < 1);
        assert_true(place != before);
        before = place;
    }
    /* python3 -c 'import hashlib; print(int.from_bytes(hashlib.sha256(b"iris\0001").digest()[:8],"big") /
     * 2**64)' */
    assert_true(parts_place("iris", "1", 1) > 0.8026892507756714 - 1e-12 &&
                parts_place("iris", "1", 1) < 0.8026892507756714 + 1e-12);
}

static const char *write_rows(struct arena *arena, const char *folder, int rows)
{
    struct buf text = {0};
    buf_add_str(&text, "id,when,\"a \"\"name\"\"\"\n");
    for (int i = 0; i < rows; i++)
        buf_printf(&text, "%d,2026-01-%02dT00:00:00,\"x, %d\"\n", i, 1 + (rows - 1 - i) % 28, i);
    const char *path = file_join(arena, folder, "data.csv");
    assert_int_equal(file_write_atomic(path, buf_str(&text), text.length, 0644), 0);
    buf_free(&text);
    return path;
}

static struct parts_request request_of(struct arena *arena, const char *folder, const char **path,
                                       struct part *parts)
{
    parts[0] =
        (struct part){.name = "train", .share = 0.8, .path = file_join(arena, folder, "parts/train.csv")};
    parts[1] =
        (struct part){.name = "holdout", .share = 0.2, .path = file_join(arena, folder, "parts/holdout.csv")};
    return (struct parts_request){.model = "m",
                                  .paths = path,
                                  .path_count = 1,
                                  .by = PARTS_BY_HASH,
                                  .column = "id",
                                  .parts = parts,
                                  .count = 2};
}

static void every_row_is_in_one_part(void **state)
{
    struct arena *arena = arena_new();
    const char *path = write_rows(arena, *state, 1000);
    struct part parts[2];
    struct parts_request request = request_of(arena, *state, &path, parts);
    struct parts_error error;
    assert_true(parts_write(&request, &error));
    assert_int_equal(parts[0].rows + parts[1].rows, 1000);
    assert_true(parts[1].rows > 150 && parts[1].rows < 250);
    struct buf text = {0};
    assert_int_equal(file_read(parts[1].path, 1 << 20, &text), 0);
    static const char head[] = "id,when,\"a \"\"name\"\"\"\n";
    assert_memory_equal(buf_str(&text), head, sizeof head - 1);
    buf_free(&text);
    arena_free(arena);
}

static void a_split_by_time_holds_out_the_newest(void **state)
{
    struct arena *arena = arena_new();
    const char *path = write_rows(arena, *state, 20);
    struct part parts[2];
    struct parts_request request = request_of(arena, *state, &path, parts);
    request.by = PARTS_BY_TIME;
    request.column = "when";
    struct parts_error error = {0};
    if (!parts_write(&request, &error))
        fail_msg("%s", error.text);
    assert_int_equal(parts[0].rows, 16);
    struct buf text = {0};
    assert_int_equal(file_read(parts[1].path, 1 << 20, &text), 0);
    /* rows are written from the newest to the oldest: the first four ids are the newest */
    assert_non_null(strstr(buf_str(&text), "\n0,"));
    assert_non_null(strstr(buf_str(&text), "\n3,"));
    assert_null(strstr(buf_str(&text), "\n4,"));
    buf_free(&text);
    arena_free(arena);
}

static void spans_are_counted_back_from_the_newest_row(void **state)
{
    struct arena *arena = arena_new();
    const char *path = write_rows(arena, *state, 20); /* one a day, ids from the newest to the oldest */
    struct part parts[2];
    struct parts_request request = request_of(arena, *state, &path, parts);
    request.by = PARTS_BY_TIME;
    request.column = "when";
    parts[0].rest = true;
    parts[1].span_us = 5LL * 86400 * 1000000;
    struct parts_error error = {0};
    if (!parts_write(&request, &error))
        fail_msg("%s", error.text);
    assert_int_equal(parts[0].rows, 15);
    assert_int_equal(parts[1].rows, 5);
    parts[0].rest = false;
    assert_false(parts_write(&request, &error));
    arena_free(arena);
}

static void what_cannot_be_split_says_why(void **state)
{
    struct arena *arena = arena_new();
    const char *path = write_rows(arena, *state, 1);
    struct part parts[2];
    struct parts_request request = request_of(arena, *state, &path, parts);
    struct parts_error error = {0};
    assert_false(parts_write(&request, &error));
    assert_non_null(strstr(error.text, "would be empty"));
    assert_false(file_exists(parts[0].path));
    request.column = "nothing";
    assert_false(parts_write(&request, &error));
    assert_non_null(strstr(error.text, "no column `nothing`"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_published),
        cmocka_unit_test_setup_teardown(every_row_is_in_one_part, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(a_split_by_time_holds_out_the_newest, temporary_make,
                                        temporary_remove),
        cmocka_unit_test_setup_teardown(spans_are_counted_back_from_the_newest_row, temporary_make,
                                        temporary_remove),
        cmocka_unit_test_setup_teardown(what_cannot_be_split_says_why, temporary_make, temporary_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
