/* JSONL, compressed inputs and the standard input: the same rows as plain files; damage is a clear error. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "runtime/data/stream.h"
#include "tests/unit/data/tables.h"

/* Schema, rows and the number of bad lines; or "error …" without the path. */
static char *read_file(const char *path, const struct table_options *options)
{
    struct data_error error = {""};
    struct buf rows = {0}, out = {0};
    const char *paths[] = {path};
    struct table *table = table_open(paths, 1, options, &error);
    if (table && dump_table(table, 2, &rows, &error)) {
        dump_schema(table, &out);
        buf_printf(&out, "\n%s", buf_str(&rows));
        if (table_findings(table)->counts[FINDING_BAD_LINE])
            buf_printf(&out, "bad lines %d, first %s\n", (int)table_findings(table)->counts[FINDING_BAD_LINE],
                       table_findings(table)->kept[FINDING_BAD_LINE][0].text);
    } else {
        const char *colon = strchr(error.message, ':');
        buf_printf(&out, "error%s", colon ? colon : "");
    }
    table_close(table);
    buf_free(&rows);
    return buf_take(&out);
}

static char *read_bytes(const char *bytes, size_t length, const char *suffix,
                        const struct table_options *options)
{
    char path[512];
    snprintf(path, sizeof path, "%s", table_file(bytes, length, suffix));
    char *found = read_file(path, options);
    unlink(path);
    return found;
}

static void assert_jsonl(const char *text, const char *expected)
{
    char *found = read_bytes(text, strlen(text), ".jsonl", NULL);
    assert_string_equal(found, expected);
    free(found);
}

static void test_jsonl(void **state)
{
    (void)state;
    assert_jsonl("{\"a\":1,\"b\":\"x\",\"c\":1.5}\n\n{\"c\":2,\"a\":-2,\"d\":true}\r\n{}\n",
                 "a:int b:string c:float d:bool\n1|x|1.5|NULL\n-2|NULL|2|true\nNULL|NULL|NULL|NULL\n");
    assert_jsonl("{\"t\":\"2024-01-31T00:00:00Z\",\"n\":{\"k\":[1,\"}\"]},\"e\":\"\",\"z\":null}",
                 "t:timestamp n:string e:string z:null\n2024-01-31T00:00:00Z|{\"k\":[1,\"}\"]}||NULL\n");
    assert_jsonl("{\"a\\u0062\":\"\\u00e9\\ud83d\\ude00\\n\\\"\\ud800x\"}\n",
                 "ab:string\n\xc3\xa9\xf0\x9f\x98\x80\n\"\xef\xbf\xbdx\n");
    assert_jsonl("{\"a\":\"12\"}\n{\"a\":3}\n", "a:string\n12\n3\n");
    assert_jsonl("{\"a\":1,\"a\":2}\n", "a:int\n2\n");
    assert_jsonl("", "\n");
}

static void test_bad_lines(void **state)
{
    static const char *const lines[] = {"[1]",
                                        "x",
                                        "{",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "{\"a\":}",
                                        "{\"a\":01}",
                                        "{\"a\":1,}",
                                        "{\"a\":1}x",
                                        "{a:1}",
                                        "{\"a\":\"\\q\"}",
                                        "{\"a\":\"x}",
                                        "{\"a\":[1}",
                                        "{\"a\":nul}",
                                        "{\"a\":1 \"b\":2}",
                                        "{\"a\":\"\\u12\"}",
                                        "{\"a\\u0000\":1}",
                                        "{\"a\":-}"};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"a\":7}\n%s\n{\"a\":8}\n", lines[i]);
        char *found = read_bytes(text, strlen(text), ".jsonl", NULL);
        assert_memory_equal(found, "a:int\n7\nNULL\n8\nbad lines 1, first ", 34);
        free(found);
    }
}

/* Keys that appear behind the sample become columns all the same. */
static void test_late_keys(void **state)
{
    struct buf text = {0};
    (void)state;
    for (int i = 0; i < 120000; i++)
        buf_printf(&text, "{\"id\":%d,\"x\":1}\n", i);
    buf_add_str(&text, "{\"id\":120000,\"late\":\"v\",\"x\":0.5}\n");
    char *found = read_bytes(text.data, text.length, ".jsonl", NULL);
    assert_memory_equal(found, "id:int x:float late:string\n0|1|NULL\n", 36);
    assert_string_equal(found + strlen(found) - 13, "120000|0.5|v\n");
    free(found);
    buf_free(&text);
}

static void make_csv(struct buf *out)
{
    buf_add_str(out, "id,text\n");
    for (int i = 0; i < 30000; i++)
        buf_printf(out, "%d,\"row %d\n\"\n", i, i % 97);
}

static size_t gzip_bytes(const struct buf *text, char *out, size_t size)
{
    z_stream stream = {.next_in = (unsigned char *)text->data,
                       .avail_in = (unsigned)text->length,
                       .next_out = (unsigned char *)out,
                       .avail_out = (unsigned)size};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return size - stream.avail_out;
}

static void test_compressed(void **state)
{
    struct buf text = {0};
    char *packed = malloc(1 << 20);
    (void)state;
    make_csv(&text);
    char *plain = read_bytes(text.data, text.length, ".csv", NULL);
    size_t length = gzip_bytes(&text, packed, 1 << 20);
    char *found = read_bytes(packed, length, ".csv.gz", NULL);
    assert_string_equal(found, plain);
    free(found);
    found = read_bytes(packed, length - 100, ".csv.gz", NULL);
    assert_non_null(strstr(found, "the file is truncated"));
    free(found);
    packed[length / 2] ^= 0x40;
    packed[length / 2 + 1] ^= 0x40;
    found = read_bytes(packed, length, ".csv.gz", NULL);
    assert_non_null(strstr(found, "is damaged"));
    free(found);
    length = ZSTD_compress(packed, 1 << 20, text.data, text.length / 2, 3);
    length += ZSTD_compress(packed + length, (1 << 20) - length, text.data + text.length / 2,
                            text.length - text.length / 2, 3);
    found = read_bytes(packed, length, ".data", NULL); /* two frames, told by their first bytes */
    assert_string_equal(found, plain);
    free(found);
    found = read_bytes(packed, length - 10, ".csv.zst", NULL);
    assert_non_null(strstr(found, "the file is truncated"));
    free(found);
    free(plain);
    free(packed);
    buf_free(&text);
}

static void test_members(void **state)
{
    struct buf first = {0}, second = {0};
    char packed[4096];
    (void)state;
    buf_add_str(&first, "a,b\n1,");
    buf_add_str(&second, "x\n2,y\n");
    size_t length = gzip_bytes(&first, packed, sizeof packed);
    length += gzip_bytes(&second, packed + length, sizeof packed - length);
    char *found = read_bytes(packed, length, ".csv.gz", NULL);
    assert_string_equal(found, "a:int b:string\n1|x\n2|y\n");
    free(found);
    memcpy(packed + length, "garbage", 7);
    found = read_bytes(packed, length + 7, ".csv.gz", NULL);
    assert_non_null(strstr(found, "bytes that are not gzip follow"));
    free(found);
    buf_free(&first);
    buf_free(&second);
}

static void test_limits(void **state)
{
    struct buf text = {0};
    struct table_options options = {.size_limit = 100000};
    (void)state;
    make_csv(&text);
    char *found = read_bytes(text.data, text.length, ".csv", &options);
    assert_non_null(strstr(found, "more than 100000 bytes"));
    free(found);
    buf_free(&text);
}

/* The standard input is read twice when a type must be widened. */
/* Half of a file that is being written anew is no table. */
static void test_shrinking_file(void **state)
{
    (void)state;
    struct data_error error = {""};
    char bytes[64];
    const char *path = table_file("a\n1\n2\n3\n", 8, ".csv");
    struct stream *stream = stream_open(path, (struct stream_limits){0}, &error);
    assert_non_null(stream);
    assert_int_equal(truncate(path, 4), 0);
    assert_int_equal(stream_read(stream, bytes, sizeof bytes, &error), -1);
    assert_non_null(
        strstr(error.message, "became shorter while it was read: 4 bytes, and 8 when it was opened"));
    stream_close(stream);
    stream = stream_open(path, (struct stream_limits){0}, &error);
    assert_int_equal(stream_read(stream, bytes, sizeof bytes, &error), 4);
    assert_int_equal(stream_read(stream, bytes, sizeof bytes, &error), 0);
    stream_close(stream);
    unlink(path);
}

static void test_standard_input(void **state)
{
    struct buf text = {0};
    int ends[2], saved = dup(STDIN_FILENO);
    (void)state;
    buf_add_str(&text, "a\n");
    for (int i = 0; i < 300000; i++)
        buf_printf(&text, "%d\n", i);
    buf_add_str(&text, "x\n");
    assert_int_equal(pipe(ends), 0);
    pid_t writer = fork();
    if (writer == 0) {
        const char *at = text.data, *end = at + text.length;
        close(ends[0]);
        while (at < end) {
            ssize_t wrote = write(ends[1], at, (size_t)(end - at));
            if (wrote <= 0)
                break;
            at += wrote;
        }
        _exit(0);
    }
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    char *found = read_file("-", NULL);
    dup2(saved, STDIN_FILENO);
    close(saved);
    assert_memory_equal(found, "a:string\n0\n1\n", 13);
    assert_string_equal(found + strlen(found) - 9, "299999\nx\n");
    free(found);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jsonl),          cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_late_keys),      cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_members),        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_shrinking_file), cmocka_unit_test(test_standard_input)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
