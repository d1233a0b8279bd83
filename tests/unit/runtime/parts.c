#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glob.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include "core/hash.h"
#include "runtime/parts.h"
#include "temporary.h"
#include "tests/unit/data/tables.h"

static char *glob_first(const char *folder, const char *pattern)
{
    static char path[1024];
    glob_t found;
    snprintf(path, sizeof path, "%s/%s", folder, pattern);
    if (glob(path, 0, NULL, &found) != 0)
        return NULL;
    globfree(&found);
    return path;
}

static const char *hash_text(const char *bytes, size_t length)
{
    static char hex[HASH_HEX_SIZE];
    hash_hex(bytes, length, hex);
    return hex;
}

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

/* --- formats */

/* The bytes as they are, as gzip, or as zstd. */
enum packing { PLAIN, GZIP, ZSTD };

static const char *write_packed(struct arena *arena, const char *folder, const char *name, const char *text,
                                enum packing packing)
{
    const char *path = file_join(arena, folder, name);
    size_t length = strlen(text);
    if (packing == GZIP) {
        gzFile file = gzopen(path, "wb");
        assert_int_equal(gzwrite(file, text, (unsigned)length), length);
        assert_int_equal(gzclose(file), Z_OK);
        return path;
    }
    struct buf packed = {0};
    if (packing == ZSTD) {
        buf_reserve(&packed, ZSTD_compressBound(length));
        packed.length = ZSTD_compress(packed.data, ZSTD_compressBound(length), text, length, 3);
    } else {
        buf_add(&packed, text, length);
    }
    assert_int_equal(file_write_atomic(path, buf_str(&packed), packed.length, 0644), 0);
    buf_free(&packed);
    return path;
}

static char *read_text(const char *path)
{
    struct buf text = {0};
    assert_int_equal(file_read(path, 1 << 24, &text), 0);
    return buf_take(&text);
}

/* One part with all rows, so that it can be compared with the data. */
static bool write_whole(struct arena *arena, const char *folder, const char *const *paths, size_t count,
                        struct table_options source, bool parquet, const char **out,
                        struct parts_error *error)
{
    *out = file_join(arena, folder, "parts/train");
    struct part part = {.name = "train", .share = 1, .path = *out};
    struct parts_request request = {.model = "m",
                                    .paths = paths,
                                    .path_count = count,
                                    .source = source,
                                    .parquet = parquet,
                                    .by = PARTS_BY_ROW,
                                    .parts = &part,
                                    .count = 1};
    *error = (struct parts_error){0};
    return parts_write(&request, error);
}

/* Rows and types of a file as text. */
static char *dump_file(const char *path, struct table_options source)
{
    struct data_error error;
    struct buf out = {0};
    struct table *table = table_open(&path, 1, &source, &error);
    if (table == NULL)
        fail_msg("%s", error.message);
    if (!dump_table(table, 1, &out, &error))
        fail_msg("%s", error.message);
    dump_schema(table, &out);
    table_close(table);
    return buf_take(&out);
}

static void csv_keeps_every_cell(void **state)
{
    static const char text[] =
        "id,,\"a, b\",id\n1,,\"\",007\n2,NA,\"x\"\"y\",\" z\"\n3,\"two\nlines\",-0.0,1e3\n";
    struct arena *arena = arena_new();
    for (enum packing packing = PLAIN; packing <= ZSTD; packing++) {
        const char *path = write_packed(arena, *state, "d.csv", text, packing), *out;
        struct parts_error error;
        if (!write_whole(arena, *state, &path, 1, (struct table_options){.header = HEADER_YES}, false, &out,
                         &error))
            fail_msg("%s", error.text);
        char *written = read_text(out);
        assert_string_equal(written, text);
        free(written);
    }
    arena_free(arena);
}

static void csv_without_header_stays_without(void **state)
{
    struct arena *arena = arena_new();
    const char *path = write_packed(arena, *state, "d.txt", "x;1\ny;2\n", PLAIN), *out;
    struct table_options source = {.format = FORMAT_CSV, .header = HEADER_NO, .delimiter = ';'};
    struct parts_error error;
    assert_true(write_whole(arena, *state, &path, 1, source, false, &out, &error));
    char *written = read_text(out);
    assert_string_equal(written, "x;1\ny;2\n");
    free(written);
    arena_free(arena);
}

static void several_files_are_one_table(void **state)
{
    struct arena *arena = arena_new();
    const char *out;
    write_packed(arena, *state, "a-1.csv", "x,y\n1,a\n", GZIP);
    write_packed(arena, *state, "a-2.csv", "x,y\r\n2,\"b\"\r\n", PLAIN);
    write_packed(arena, *state, "a-3.csv", "\xef\xbb\xbfx,y\n3,c", ZSTD);
    const char *glob = file_join(arena, *state, "a-*.csv");
    struct parts_error error;
    if (!write_whole(arena, *state, &glob, 1, (struct table_options){0}, false, &out, &error))
        fail_msg("%s", error.text);
    char *written = read_text(out);
    assert_string_equal(written, "x,y\n1,a\n2,b\n3,c\n");
    free(written);
    arena_free(arena);
}

static void json_lines_stay_byte_for_byte(void **state)
{
    static const char text[] = "{\"id\": 18446744073709551615, \"a\":1.10, \"n\":{\"x\":[1, 2]}}\n\n"
                               "  {\"id\":2,\"b\":null, \"a\":\"\\u00e9\"}\r\n{\"id\":3}";
    static const char want[] = "{\"id\": 18446744073709551615, \"a\":1.10, \"n\":{\"x\":[1, 2]}}\n"
                               "  {\"id\":2,\"b\":null, \"a\":\"\\u00e9\"}\n{\"id\":3}\n";
    struct arena *arena = arena_new();
    for (enum packing packing = PLAIN; packing <= ZSTD; packing++) {
        const char *path = write_packed(arena, *state, "d.jsonl", text, packing), *out;
        struct parts_error error;
        if (!write_whole(arena, *state, &path, 1, (struct table_options){0}, false, &out, &error))
            fail_msg("%s", error.text);
        char *written = read_text(out);
        assert_string_equal(written, want);
        free(written);
    }
    arena_free(arena);
}

/* The same keys in CSV, JSON Lines and Parquet are in the same parts. */
static void a_row_is_in_one_part_in_every_format(void **state)
{
    struct arena *arena = arena_new();
    struct buf csv = {0}, lines = {0};
    buf_add_str(&csv, "id,v\n");
    for (int i = 0; i < 400; i++) {
        buf_printf(&csv, "k%d,%d\n", i, i);
        buf_printf(&lines, "{\"id\":\"k%d\",\"v\":%d}\n", i, i);
    }
    const char *paths[] = {write_packed(arena, *state, "d.csv", buf_str(&csv), PLAIN),
                           write_packed(arena, *state, "d.jsonl", buf_str(&lines), ZSTD), NULL};
    const char *whole;
    struct parts_error error;
    assert_true(write_whole(arena, *state, paths, 1, (struct table_options){0}, true, &whole, &error));
    paths[2] = file_join(arena, *state, "d.parquet");
    assert_int_equal(rename(whole, paths[2]), 0);
    char *first = NULL;
    for (size_t i = 0; i < 3; i++)
        for (int parquet = 0; parquet < 2; parquet++) {
            struct part parts[2];
            struct parts_request request = request_of(arena, *state, &paths[i], parts);
            request.parquet = parquet;
            parts[1].path = file_join(arena, *state, "parts/holdout");
            if (!parts_write(&request, &error))
                fail_msg("%s", error.text);
            char *rows = dump_file(parts[1].path, (struct table_options){0});
            if (first == NULL)
                first = rows;
            assert_string_equal(rows, first);
            if (rows != first)
                free(rows);
            assert_int_equal(unlink(parts[1].path), 0);
        }
    free(first);
    buf_free(&csv);
    buf_free(&lines);
    arena_free(arena);
}

static const struct column_option TYPES[] = {
    {.name = "i", .type = "int"},          {.name = "u", .type = "decimal(20,0)"},
    {.name = "f", .type = "float"},        {.name = "d", .type = "decimal(38,18)"},
    {.name = "m", .type = "decimal(9,2)"}, {.name = "b", .type = "bool"},
    {.name = "day", .type = "date"},       {.name = "at", .type = "time"},
    {.name = "when", .type = "timestamp"}, {.name = "zone", .type = "timestamp"},
    {.name = "text", .type = "string"}};
static const char *const NULLS[] = {"NA"};
static const struct table_options TYPED = {
    .columns = TYPES, .column_count = sizeof TYPES / sizeof *TYPES, .nulls = NULLS, .null_count = 1};

static const char TYPED_CSV[] =
    "i,u,f,d,m,b,day,at,when,zone,text\n"
    "9223372036854775807,18446744073709551615,0.1,12345678901234567890.123456789012345678,1234567.89,true,"
    "0001-01-01,23:59:59.999999,1969-12-31T23:59:59.999999,2024-03-31T02:30:00.5+02:00,\"\"\n"
    "-9223372036854775808,-1,-0.0,-0.000000000000000001,-0.01,false,9999-12-31,00:00,2024-02-29 12:00:00,"
    "1970-01-01T00:00:00Z,\"a \"\"b\"\", \xf0\x9f\x98\x80\n\"\n"
    ",,,,,,,,,,\n"
    "NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA\n"
    "0,0,1e308,0,0,true,2000-01-01,12:34:56,2038-01-19T03:14:08,2024-01-01T00:00:00-05:30,x\n";

static void parquet_parts_hold_every_type_exactly(void **state)
{
    struct arena *arena = arena_new();
    const char *path = write_packed(arena, *state, "d.csv", TYPED_CSV, GZIP), *out;
    struct parts_error error;
    if (!write_whole(arena, *state, &path, 1, TYPED, true, &out, &error))
        fail_msg("%s", error.text);
    char *want = dump_file(path, TYPED), *found = dump_file(out, (struct table_options){0});
    /* a declared timestamp says nothing of zones; the column of Parquet does */
    char *plain = strstr(want, "2024-03-31T00:30:00.500");
    assert_non_null(plain);
    assert_non_null(strstr(found, "2024-03-31T00:30:00.500Z"));
    assert_null(strstr(found, "2038-01-19T03:14:08Z"));
    struct buf bare = {0};
    for (const char *at = found; *at; at++)
        if (!(*at == 'Z' && at > found && at[-1] >= '0' && at[-1] <= '9'))
            buf_add_char(&bare, *at);
    assert_string_equal(buf_str(&bare), want);
    buf_free(&bare);
    free(want);
    free(found);
    arena_free(arena);
}

/* Whoever wrote the input, in however many files and row groups: equal rows give equal bytes. */
static void equal_data_gives_equal_bytes(void **state)
{
    struct arena *arena = arena_new();
    const char *csv = write_packed(arena, *state, "d.csv", TYPED_CSV, PLAIN), *out;
    struct parts_error error;
    char *bytes[3];
    assert_true(write_whole(arena, *state, &csv, 1, TYPED, true, &out, &error));
    struct buf first = {0}, again = {0};
    assert_int_equal(file_read(out, 1 << 20, &first), 0);
    const char *copy = file_join(arena, *state, "copy.parquet");
    assert_int_equal(rename(out, copy), 0);
    assert_true(write_whole(arena, *state, &copy, 1, (struct table_options){0}, false, &out, &error));
    assert_int_equal(file_read(out, 1 << 20, &again), 0);
    assert_int_equal(first.length, again.length);
    assert_memory_equal(first.data, again.data, first.length);
    buf_free(&first);
    buf_free(&again);
    static const char *const writers[] = {"arrow-v1-plain", "arrow-v2-zstd", "arrow-delta-v2"};
    for (size_t i = 0; i < 3; i++) {
        const char *path = arena_printf(arena, "tests/fixtures/parquet/%s.parquet", writers[i]);
        if (!write_whole(arena, *state, &path, 1, (struct table_options){0}, false, &out, &error))
            fail_msg("%s", error.text);
        struct buf written = {0};
        assert_int_equal(file_read(out, 1 << 20, &written), 0);
        bytes[i] = arena_printf(arena, "%zu %s", written.length, hash_text(written.data, written.length));
        buf_free(&written);
        char *want = dump_file(path, (struct table_options){0}),
             *have = dump_file(out, (struct table_options){0});
        assert_string_equal(have, want);
        free(want);
        free(have);
    }
    assert_string_equal(bytes[0], bytes[1]);
    assert_string_equal(bytes[0], bytes[2]);
    arena_free(arena);
}

static void what_no_part_can_hold_is_refused(void **state)
{
    static const struct {
        const char *name, *text, *error;
        bool parquet;
    } cases[] = {
        {"r.csv", "a,b\n1,2\n3\n", "row 2 (at byte 8) has too few fields", false},
        {"r.csv", "a,b\n1,2\n3,4,5\n", "row 2 (at byte 8) has too many fields", false},
        {"r.jsonl", "{\"a\":1}\n{\"a\":\n", "row 2 (at byte 8) is no JSON object", false},
        {"r.jsonl", "{\"a\":1}\n[1]\n", "row 2 (at byte 8) is no JSON object", true},
        {"r.csv", "i\n1\nx\n", "row 2 (at byte 4): `i` is int, but has \"x\"", true},
        {"r.csv", "text,v\n\xff\xfe,1\n", "row 1 (at byte 7) is not UTF-8", true},
        {"r.csv", "\xff,v\na,1\n", "column 1 is not UTF-8", true},
        {"r.csv", "when,v\n2024-01-01T00:00:00Z,1\n2024-01-01T00:00:00,1\n",
         "with a zone (1) and without (1)", true},
        {"r.csv", "", "would be empty", false},
        {"r.csv", "a,b\n", "would be empty", true},
        {"r.jsonl", "{}\n", NULL, false},
        {"r.csv", "a,b\n1,2\n\"x\n", "quote", false},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = write_packed(arena, *state, cases[i].name, cases[i].text, PLAIN), *out;
        struct parts_error error;
        bool ok = write_whole(arena, *state, &path, 1, TYPED, cases[i].parquet, &out, &error);
        if (ok != (cases[i].error == NULL) || (!ok && strstr(error.text, cases[i].error) == NULL))
            fail_msg("%zu: %s", i, error.text);
        assert_int_equal(file_exists(out), ok);
        assert_null(glob_first(*state, "parts/*.tmp"));
        unlink(out);
    }
    arena_free(arena);
}

static void hostile_names_are_kept(void **state)
{
    static const char text[] =
        "\"a\"\"b\",\"<script>\",\"../x\nnew line\",\"\xe2\x80\xae rtl\",\"'; drop table t\"\n"
        "1,2,3,4,5\n";
    struct arena *arena = arena_new();
    const char *path = write_packed(arena, *state, "d.csv", text, PLAIN), *out;
    struct parts_error error;
    struct table_options source = {.header = HEADER_YES};
    assert_true(write_whole(arena, *state, &path, 1, source, false, &out, &error));
    char *written = read_text(out);
    assert_memory_equal(written, "\"a\"\"b\",<script>,\"../x\nnew line\"", 29);
    free(written);
    char *want = dump_file(path, source);
    assert_true(write_whole(arena, *state, &path, 1, source, true, &out, &error));
    char *found = dump_file(out, (struct table_options){0});
    assert_string_equal(found, want);
    free(want);
    free(found);
    arena_free(arena);
}

/* Every changed byte of a Parquet file is an error, or parts that can be read. */
static void damaged_parquet_is_refused_or_written(void **state)
{
    static const char *const names[] = {"arrow-v1-plain", "arrow-delta-v2", "duckdb-v2"};
    struct arena *arena = arena_new();
    const char *path = file_join(arena, *state, "damaged.parquet"), *out;
    unsigned refused = 0, written = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf bytes = {0};
        const char *from = arena_printf(arena, "tests/fixtures/parquet/%s.parquet", names[i]);
        assert_int_equal(file_read(from, 1 << 20, &bytes), 0);
        for (size_t at = 4; at < bytes.length; at += at + 3000 < bytes.length ? 211 : 29) {
            struct parts_error error;
            bytes.data[at] = (char)(bytes.data[at] ^ 0x2a);
            assert_int_equal(file_write_atomic(path, bytes.data, bytes.length, 0644), 0);
            bytes.data[at] = (char)(bytes.data[at] ^ 0x2a);
            bool ok = write_whole(arena, *state, &path, 1, (struct table_options){0}, false, &out, &error);
            assert_true(ok || error.text[0]);
            if (ok)
                free(dump_file(out, (struct table_options){0}));
            written += ok;
            refused += !ok;
        }
        buf_free(&bytes);
    }
    assert_true(refused > 10 && written > 10);
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
        cmocka_unit_test_setup_teardown(csv_keeps_every_cell, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(csv_without_header_stays_without, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(several_files_are_one_table, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(json_lines_stay_byte_for_byte, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(a_row_is_in_one_part_in_every_format, temporary_make,
                                        temporary_remove),
        cmocka_unit_test_setup_teardown(parquet_parts_hold_every_type_exactly, temporary_make,
                                        temporary_remove),
        cmocka_unit_test_setup_teardown(equal_data_gives_equal_bytes, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(what_no_part_can_hold_is_refused, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(damaged_parquet_is_refused_or_written, temporary_make,
                                        temporary_remove),
        cmocka_unit_test_setup_teardown(hostile_names_are_kept, temporary_make, temporary_remove),
        cmocka_unit_test_setup_teardown(what_cannot_be_split_says_why, temporary_make, temporary_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
