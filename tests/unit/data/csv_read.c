/* CSV as it is found: what rows and types come out, and what is said about what is wrong. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/data/tables.h"

static struct table *open_bytes(const char *bytes, size_t length, const struct table_options *options,
                                struct data_error *error)
{
    const char *path = table_file(bytes, length, ".csv");
    struct table *table = table_open(&path, 1, options, error);
    unlink(path);
    return table;
}

/* Schema and rows of a text, with what findings there were: "a:int|\n1\n", or the error. */
static char *read_bytes(const char *bytes, size_t length, const struct table_options *options,
                        unsigned threads)
{
    static const char *const names[] = {"few", "many", "bad", "utf8", "quote", "line"};
    struct data_error error = {""};
    struct buf out = {0};
    char path[512];
    snprintf(path, sizeof path, "%s", table_file(bytes, length, ".csv"));
    const char *paths[] = {path};
    struct table *table = table_open(paths, 1, options, &error);
    bool ok = table != NULL;
    if (ok) {
        struct buf rows = {0};
        ok = dump_table(table, threads, &rows, &error);
        dump_schema(table, &out);
        buf_add_char(&out, '\n');
        buf_add_str(&out, buf_str(&rows));
        buf_free(&rows);
        for (int kind = 0; ok && kind < FINDING_KINDS; kind++) {
            const struct table_findings *findings = table_findings(table);
            if (findings->counts[kind])
                buf_printf(&out, "%s %d row %d byte %d: %s\n", names[kind], (int)findings->counts[kind],
                           (int)findings->kept[kind][0].row, (int)findings->kept[kind][0].byte,
                           findings->kept[kind][0].text);
        }
    }
    if (!ok) {
        const char *colon = strchr(error.message, ':'); /* the path in front differs from run to run */
        buf_clear(&out);
        buf_printf(&out, "error%s", colon ? colon : "");
    }
    table_close(table);
    unlink(path);
    return buf_take(&out);
}

static void assert_reads(const char *text, const struct table_options *options, const char *expected)
{
    char *found = read_bytes(text, strlen(text), options, 1);
    assert_string_equal(found, expected);
    free(found);
}

static void test_plain(void **state)
{
    (void)state;
    assert_reads("a,b\n1,x\n2,y\n", NULL, "a:int b:string\n1|x\n2|y\n");
    assert_reads("a,b\n1,x\n2,y", NULL, "a:int b:string\n1|x\n2|y\n");
    assert_reads("a,b\n", NULL, "a:null b:null\n");
    assert_reads("", NULL, "\n");
}

static void test_quotes(void **state)
{
    (void)state;
    assert_reads("a,b\n1,\"x,y\"\n2,\"q\"\"q\"\n3,\"l1\nl2\"\n4,\"\"\n5,\n", NULL,
                 "a:int b:string\n1|x,y\n2|q\"q\n3|l1\nl2\n4|\n5|NULL\n");
    assert_reads("\"a\",\"b\"\n\"1\",\"2.5\"\n\"\",\"3\"\n", NULL, "a:int b:float\n1|2.5\nNULL|3\n");
}

static void test_stray_quotes(void **state)
{
    (void)state;
    assert_reads("a,b\n1,5\" pipe\n2,\"x\"y\n3,z\n", NULL,
                 "a:int b:string\n1|5\" pipe\n2|xy\n3|z\nquote 2 row 1 byte 4: 5\" pipe\n");
    assert_reads("a,b\n1,\"open\n2,x\n", NULL,
                 "error: row 1 (at byte 4) has a quote (\") that is never closed, or the file is truncated");
}

static void test_line_ends_and_marks(void **state)
{
    (void)state;
    assert_reads("\xef\xbb\xbf"
                 "a,b\r\n1,\"x\r\ny\"\r\n\r\n2,z\r\n",
                 NULL, "a:int b:string\n1|x\r\ny\n2|z\n");
    assert_reads("a,b\r1,x\r2,y\r", NULL, "a:int b:string\n1|x\n2|y\n");
    char *found = read_bytes("\xff\xfe"
                             "a\0",
                             4, NULL, 1);
    assert_string_equal(found, "error");
    free(found);
}

static void test_ragged(void **state)
{
    (void)state;
    assert_reads("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n", NULL,
                 "a:int b:int c:int\n1|2|3\n4|5|NULL\n6|7|8\n1|2|3\n"
                 "few 1 row 2 byte 12: 2 fields instead of 3\nmany 1 row 3 byte 16: 4 fields instead of 3\n");
}

static void test_dialects(void **state)
{
    (void)state;
    assert_reads("a;b\n1,5;x\n2,5;y\n", NULL, "a:string b:string\n1,5|x\n2,5|y\n");
    assert_reads("a\tb\n1\t2\n", NULL, "a:int b:int\n1|2\n");
    assert_reads("a|b\n1|2\n", NULL, "a:int b:int\n1|2\n");
    assert_reads("x\n1\n\n2\n", NULL, "x:int\n1\nNULL\n2\n");
    assert_reads("1,2\n3,4\n", NULL, "column1:int column2:int\n1|2\n3|4\n");
    struct table_options named = {.header = HEADER_YES};
    assert_reads("1,2\n3,4\n", &named, "1:int 2:int\n3|4\n");
    struct table_options unnamed = {.header = HEADER_NO};
    assert_reads("a,a\nb,c\n", &unnamed, "column1:string column2:string\na|a\nb|c\n");
    assert_reads("a,a,\n1,2,3\n", NULL, "a:int a_2:int column3:int\n1|2|3\n");
    struct table_options quoted = {.quote = '\'', .delimiter = ':'};
    assert_reads("a:b\n1:'x:y'\n", &quoted, "a:int b:string\n1|x:y\n");
}

static void test_types(void **state)
{
    (void)state;
    assert_reads("i,f,b,d,t,s,z,big\n1,1,true,2024-01-31,2024-01-31T10:00:00Z,x,007,9223372036854775808\n"
                 "-2,2.5,FALSE,1969-12-31,2024-01-31 10:00:00.5,,08,-1\n",
                 NULL,
                 "i:int f:float b:bool d:date t:timestamp s:string z:string big:decimal(38,0)\n"
                 "1|1|true|2024-01-31|2024-01-31T10:00:00Z|x|007|9223372036854775808\n"
                 "-2|2.5|false|1969-12-31|2024-01-31T10:00:00.500Z|NULL|08|-1\n");
    assert_reads("t,n\n10:30,+4712345\n10:30:15.25,+4712346\n", NULL,
                 "t:time n:string\n10:30:00|+4712345\n10:30:15.250|+4712346\n");
    assert_reads("a, b\n 1, 2.5 \n", NULL, "a:int  b:float\n1|2.5\n");
}

static void test_declared(void **state)
{
    const char *const nulls[] = {"NA", "-", "-999"};
    struct column_option columns[] = {{.name = "a", .type = "int"},
                                      {.name = "d", .type = "decimal(10,2)"},
                                      {.name = "absent", .type = "int"}};
    struct table_options options = {.columns = columns, .column_count = 3, .nulls = nulls, .null_count = 3};
    (void)state;
    assert_reads("a,d,s\n1,1.50,NA\nx,2.505,-\n-999,3,q\n9223372036854775808,-,\n", &options,
                 "a:int d:decimal(10,2) s:string\n1|1.50|NULL\nBAD|BAD|NULL\nNULL|3.00|q\nBAD|NULL|NULL\n"
                 "bad 3 row 2 byte 16: x\n");
    columns[0].type = "number";
    assert_reads("a\n1\n", &options, "error");
}

/* A value far behind the sample does not fit the inferred type: the scan begins again with a wider one. */
static void test_widening(void **state)
{
    struct buf text = {0};
    (void)state;
    buf_add_str(&text, "a,b,c\n");
    for (int i = 0; i < 200000; i++)
        buf_printf(&text, "%d,%d,\n", i, i);
    buf_add_str(&text, "1.5,x,2024-01-01\n");
    for (unsigned threads = 1; threads <= 3; threads++) {
        char *found = read_bytes(text.data, text.length, NULL, threads);
        assert_memory_equal(found, "a:float b:string c:date\n0|0|NULL\n1|1|NULL\n", 42);
        const char *tail = found + strlen(found) - 35;
        assert_string_equal(tail, "199999|199999|NULL\n1.5|x|2024-01-01\n" + 1);
        free(found);
    }
    buf_free(&text);
}

static void test_bad_utf8(void **state)
{
    (void)state;
    assert_reads("a,b\n1,\xc3\xa9\n2,\xff\n", NULL,
                 "a:int b:string\n1|\xc3\xa9\n2|\xff\nutf8 1 row 2 byte 9: \xff\n");
}

/* Quoted line ends at the seams of blocks: every number of threads reads the same rows. */
static void test_seams(void **state)
{
    struct buf text = {0};
    uint64_t random = 3;
    (void)state;
    buf_add_str(&text, "id,text\n");
    for (int i = 0; i < 60000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        unsigned length = (unsigned)(random >> 40) % 40;
        buf_printf(&text, "%d,\"", i);
        for (unsigned j = 0; j < length; j++)
            buf_add_str(&text, (random >> j & 7) == 0   ? "\n"
                               : (random >> j & 7) == 1 ? "\"\""
                               : (random >> j & 7) == 2 ? ","
                                                        : "x");
        buf_add_str(&text, "\"\n");
    }
    char *one = read_bytes(text.data, text.length, NULL, 1),
         *four = read_bytes(text.data, text.length, NULL, 4);
    assert_string_equal(one, four);
    assert_memory_equal(one, "id:int text:string\n0|", 21);
    assert_null(strstr(one, "NULL"));
    free(one);
    free(four);
    buf_free(&text);
}

static void test_long_row(void **state)
{
    struct buf text = {0};
    struct table_options options = {.row_limit = 1 << 20};
    (void)state;
    buf_add_str(&text, "a,b\n1,\"");
    buf_add_repeat(&text, 'x', 3 << 20);
    buf_add_str(&text, "\"\n2,y\n");
    char *found = read_bytes(text.data, text.length, &options, 1);
    assert_non_null(strstr(found, "row 1 (at byte 4) is longer than 1048576 bytes"));
    free(found);
    options.row_limit = 0;
    found = read_bytes(text.data, text.length, &options, 1);
    assert_memory_equal(found, "a:int b:string\n1|xxxx", 21);
    assert_int_equal(strlen(found), (3 << 20) + 15 + 2 + 1 + 4);
    free(found);
    buf_free(&text);
}

static void test_many_columns(void **state)
{
    struct buf text = {0};
    struct data_error error = {""};
    (void)state;
    buf_add_repeat(&text, ',', 40000);
    buf_add_str(&text, "\n1\n");
    assert_null(open_bytes(text.data, text.length, NULL, &error));
    assert_non_null(strstr(error.message, "more than 32768 fields"));
    buf_clear(&text);
    buf_add_repeat(&text, ',', 20000); /* wide header, short rows: memory must not be rows times columns */
    for (int i = 0; i < 20000; i++)
        buf_add_str(&text, "\nx");
    char *found = read_bytes(text.data, text.length, NULL, 2);
    assert_non_null(strstr(found, "few 20000 row 1"));
    free(found);
    buf_free(&text);
}

/* Thousands of equal names get names of their own, in no square of steps. */
static void test_equal_names(void **state)
{
    struct buf text = {0};
    struct data_error error = {""};
    (void)state;
    for (int i = 0; i < 30000; i++)
        buf_add_str(&text, i ? ",x" : "x_3,x");
    buf_add_str(&text, "\n1\n");
    struct table *table = open_bytes(text.data, text.length, NULL, &error);
    assert_non_null(table);
    const struct table_schema *schema = table_schema(table);
    assert_int_equal(schema->count, 30001);
    assert_string_equal(schema->columns[1].name, "x");
    assert_string_equal(schema->columns[2].name, "x_2");
    assert_string_equal(schema->columns[3].name, "x_4");
    assert_string_equal(schema->columns[30000].name, "x_30001");
    table_close(table);
    buf_free(&text);
}

static void test_globs(void **state)
{
    struct data_error error = {""};
    char folder[] = "/tmp/mlc-glob-XXXXXX", path[128], pattern[128];
    const char *const texts[] = {"a,b\n1,x\n", "a,b\n2,y\n", "a,c\n3,z\n"};
    struct buf out = {0};
    (void)state;
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%c.csv", folder, 'p' + i);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(texts[i], file);
        fclose(file);
    }
    snprintf(pattern, sizeof pattern, "%s/[pq].csv", folder);
    const char *paths[] = {pattern};
    struct table *table = table_open(paths, 1, NULL, &error);
    assert_non_null(table);
    assert_true(dump_table(table, 2, &out, &error));
    assert_string_equal(buf_str(&out), "1|x\n2|y\n");
    table_close(table);
    buf_clear(&out);
    snprintf(pattern, sizeof pattern, "%s/*.csv", folder);
    table = table_open(paths, 1, NULL, &error);
    assert_non_null(table);
    assert_false(dump_table(table, 1, &out, &error));
    assert_non_null(strstr(error.message, "column 2 is \"c\", but \"b\""));
    table_close(table);
    snprintf(pattern, sizeof pattern, "%s/*.json", folder);
    assert_null(table_open(paths, 1, NULL, &error));
    assert_non_null(strstr(error.message, "no file matches"));
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%c.csv", folder, 'p' + i);
        unlink(path);
    }
    rmdir(folder);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_stray_quotes), cmocka_unit_test(test_line_ends_and_marks),
        cmocka_unit_test(test_ragged),       cmocka_unit_test(test_dialects),
        cmocka_unit_test(test_types),        cmocka_unit_test(test_declared),
        cmocka_unit_test(test_widening),     cmocka_unit_test(test_bad_utf8),
        cmocka_unit_test(test_seams),        cmocka_unit_test(test_long_row),
        cmocka_unit_test(test_many_columns), cmocka_unit_test(test_equal_names),
        cmocka_unit_test(test_globs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
