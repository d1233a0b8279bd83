/* Parquet: files of three writers say what expected.tsv says; what is written is read back; damaged files are
 * errors. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <cmocka.h>

#include "core/file.h"
#include "runtime/data/parquet_meta.h"
#include "runtime/data/parquet_write.h"
#include "tests/unit/data/tables.h"

static const char folder[] = "tests/fixtures/parquet/";

/* A field of a tab- or bar-separated line. */
static char *cut(char **line, const char *separator)
{
    char *field = strsep(line, separator);
    assert_non_null(field);
    return field;
}

static bool same_cell(const char *found, const char *expected, bool number)
{
    size_t length = strlen(found);
    if (number && strcmp(expected, "NULL") != 0 && strcmp(found, "NULL") != 0)
        return strtod(found, NULL) == strtod(expected, NULL);
    /* whether a timestamp has a zone differs from file to file; the instant must not */
    if (length > 0 && found[length - 1] == 'Z')
        length--;
    return strncmp(found, expected, length) == 0 && expected[length] == 0;
}

static void check_file(const char *name, const char *expected)
{
    char path[256];
    const char *paths[] = {path};
    struct data_error error = {""};
    struct buf out = {0};
    snprintf(path, sizeof path, "%s%s", folder, name);
    struct table *table = table_open(paths, 1, NULL, &error);
    if (!table)
        fail_msg("%s", error.message);
    if (!dump_table(table, 2, &out, &error))
        fail_msg("%s: %s", name, error.message);
    const struct table_schema *schema = table_schema(table);
    char *copy = strdup(expected), *lines = copy, *rows = out.data;
    char *header = cut(&lines, "\n");
    for (size_t column = 0; column < schema->count; column++)
        assert_string_equal(cut(&header, "\t"), schema->columns[column].name);
    assert_null(header);
    for (unsigned row = 0; *lines; row++) {
        char *line = cut(&lines, "\n"), *found = cut(&rows, "\n");
        for (size_t column = 0; column < schema->count; column++) {
            const char *want = cut(&line, "\t"), *have = cut(&found, "|");
            if (!same_cell(have, want, schema->columns[column].type == COLUMN_FLOAT))
                fail_msg("%s, row %u, %s: found %s, expected %s", name, row, schema->columns[column].name,
                         have, want);
        }
    }
    assert_string_equal(rows, "");
    free(copy);
    buf_free(&out);
    table_close(table);
}

static void test_fixtures(void **state)
{
    static const char *const names[] = {
        "arrow-v1-plain.parquet", "arrow-v1-snappy.parquet", "arrow-v2-gzip.parquet",
        "arrow-v2-zstd.parquet",  "arrow-format1.parquet",   "arrow-int96.parquet",
        "arrow-delta-v1.parquet", "arrow-delta-v2.parquet",  "duckdb-v1.parquet",
        "duckdb-v2.parquet",      "polars.parquet"};
    struct buf expected = {0};
    (void)state;
    assert_int_equal(file_read("tests/fixtures/parquet/expected.tsv", 1 << 20, &expected), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_file(names[i], buf_str(&expected));
    buf_free(&expected);
}

/* Spark writes 9999-12-31 for "never"; 64 bits of nanoseconds end in 2262. */
static void test_far_int96(void **state)
{
    (void)state;
    const char *const far[] = {"tests/fixtures/parquet/arrow-int96-far.parquet"};
    const char *const both[] = {"tests/fixtures/parquet/arrow-int96-far-not.parquet", far[0]};
    struct data_error error = {""};
    struct buf out = {0};
    struct table *table = table_open(far, 1, NULL, &error);
    assert_non_null(table);
    assert_true(dump_table(table, 2, &out, &error));
    assert_string_equal(buf_str(&out), "NULL|1970-01-01T00:00:00.000000001\n"
                                       "0001-01-01T00:00:00|NULL\n"
                                       "9999-12-31T23:59:59.999999|1677-09-21T00:12:43.145224193\n"
                                       "1970-01-01T00:00:00|2262-04-11T23:47:16.854775807\n");
    table_close(table);
    table = table_open(both, 2, NULL, &error);
    assert_non_null(table);
    assert_false(dump_table(table, 1, &out, &error));
    assert_non_null(strstr(error.message, "column \"never\""));
    assert_non_null(
        strstr(error.message, "timestamps before 1677 or after 2262 beside ones finer than micro"));
    table_close(table);
    buf_free(&out);
}

struct copying {
    struct parquet_writer *writer;
    bool ok;
};

static void *copy_start(void *context)
{
    return context;
}

static void copy_chunk(void *state, const struct chunk *chunk)
{
    struct copying *copying = state;
    struct data_error error;
    copying->ok &= parquet_writer_add(copying->writer, chunk, NULL, &error);
}

static void copy_discard(void *context, void *state)
{
    (void)context, (void)state;
}

/* The dump of a file, and of what the writer makes of it. */
static void check_copy(const char *name, enum parquet_write_codec codec)
{
    char from[256], to[512];
    const char *paths[] = {from}, *copies[] = {to};
    struct data_error error = {""};
    struct buf first = {0}, second = {0};
    struct parquet_write_options options = {.codec = codec, .group_rows = 37};
    void *states[SCAN_THREADS_LIMIT];
    size_t count;
    snprintf(from, sizeof from, "%s%s", folder, name);
    snprintf(to, sizeof to, "%s", table_file("", 0, ".parquet"));
    struct table *table = table_open(paths, 1, NULL, &error);
    assert_non_null(table);
    assert_true(dump_table(table, 1, &first, &error));
    struct copying copying = {parquet_writer_open(to, table_schema(table), &options, &error), true};
    struct scan_hooks hooks = {&copying, copy_start, copy_chunk, copy_discard};
    assert_non_null(copying.writer);
    assert_true(table_scan(table, 1, &hooks, states, &count, &error));
    assert_true(copying.ok && parquet_writer_close(copying.writer, &error));
    struct table *copy = table_open(copies, 1, NULL, &error);
    if (!copy)
        fail_msg("%s", error.message);
    struct buf types = {0}, copy_types = {0};
    dump_schema(table, &types);
    dump_schema(copy, &copy_types);
    assert_string_equal(buf_str(&types), buf_str(&copy_types));
    assert_true(dump_table(copy, 2, &second, &error));
    assert_string_equal(buf_str(&first), buf_str(&second));
    table_close(table);
    table_close(copy);
    unlink(to);
    buf_free(&first);
    buf_free(&second);
    buf_free(&types);
    buf_free(&copy_types);
}

static void test_writer(void **state)
{
    (void)state;
    for (int codec = PARQUET_SNAPPY; codec <= PARQUET_PLAIN; codec++) {
        check_copy("arrow-v1-plain.parquet", codec);
        check_copy("arrow-int96.parquet", codec);
        check_copy("arrow-int96-far.parquet", codec);
    }
}

/* Every cut and every changed byte is a clean error, or rows. */
static void test_damage(void **state)
{
    static const char *const names[] = {"duckdb-v2.parquet", "arrow-delta-v1.parquet",
                                        "arrow-v2-gzip.parquet"};
    (void)state;
    for (size_t name = 0; name < sizeof names / sizeof *names; name++) {
        char from[256];
        struct buf bytes = {0};
        unsigned refused = 0;
        snprintf(from, sizeof from, "%s%s", folder, names[name]);
        assert_int_equal(file_read(from, 1 << 20, &bytes), 0);
        for (size_t at = name; at < bytes.length; at += 61) {
            char path[512];
            const char *paths[] = {path};
            struct data_error error = {""};
            struct buf out = {0};
            bytes.data[at] = (char)(bytes.data[at] ^ 0x55);
            bool cut_off = at % 2;
            snprintf(path, sizeof path, "%s",
                     table_file(bytes.data, cut_off ? at : bytes.length, ".parquet"));
            bytes.data[at] = (char)(bytes.data[at] ^ 0x55);
            struct table *table = table_open(paths, 1, NULL, &error);
            bool ok = table && dump_table(table, 1, &out, &error);
            assert_true(ok || error.message[0]);
            assert_false(cut_off && ok);
            refused += !ok;
            table_close(table);
            unlink(path);
            buf_free(&out);
        }
        assert_true(refused > 10);
        buf_free(&bytes);
    }
}

/* A page header with an unknown field (number 9): a map that claims 2^62 pairs of bools, or three which are
 * there. */
static void test_claimed_map(void **state)
{
    static const uint8_t claimed[] = {0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0x11, 0};
    static const uint8_t there[] = {0x15, 6, 0x8b, 3, 0x12, 1, 2, 2, 1, 1, 2, 0};
    struct parquet_page_header header;
    size_t used;
    (void)state;
    assert_false(parquet_page_header_read(claimed, sizeof claimed, &header, &used));
    assert_true(parquet_page_header_read(there, sizeof there, &header, &used));
    assert_int_equal(used, sizeof there);
    assert_int_equal(header.type, 3);
}

/* Prefixes and suffixes of DELTA_BYTE_ARRAY that do not count the same values. */
static void test_lists_of_two_sizes(void **state)
{
    const char *paths[] = {"tests/fuzz/corpus/data_parquet/prefixes-and-lengths-differ.parquet"};
    struct data_error error = {""};
    struct buf out = {0};
    (void)state;
    struct table *table = table_open(paths, 1, NULL, &error);
    assert_non_null(table);
    assert_false(dump_table(table, 2, &out, &error));
    assert_non_null(strstr(error.message, "more prefixes than values"));
    table_close(table);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixtures),    cmocka_unit_test(test_writer),
        cmocka_unit_test(test_far_int96),   cmocka_unit_test(test_damage),
        cmocka_unit_test(test_claimed_map), cmocka_unit_test(test_lists_of_two_sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
