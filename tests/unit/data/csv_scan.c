/* The structure of CSV: every path agrees with the definition, byte by byte, on random and hostile texts, and
 * a text in blocks has the structure of the text in one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/data/csv_scan.h"

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void assert_same(const struct csv_scan *a, const struct csv_scan *b, const uint64_t *left,
                        const uint64_t *right, size_t length)
{
    assert_int_equal(a->end, b->end);
    assert_int_equal(a->lines, b->lines);
    assert_int_equal(a->marks, b->marks);
    assert_int_equal(a->blanks, b->blanks);
    assert_int_equal(a->returns, b->returns);
    assert_int_equal(a->quotes, b->quotes);
    assert_int_equal(a->irregular, b->irregular);
    assert_int_equal(a->open, b->open);
    assert_int_equal(a->ascii, b->ascii);
    for (size_t word = 0; word < (length + 63) / 64; word++)
        assert_true(left[word] == right[word]);
}

/* Mostly well-formed rows, with stray bytes at the given rate. */
static size_t make_text(uint64_t *state, char *text, size_t limit, unsigned stray)
{
    static const char strays[] = "\"\",\n\r;x\xc3";
    size_t length = 0;
    while (length + 40 < limit) {
        unsigned fields = 1 + (unsigned)(next_random(state) % 4);
        for (unsigned field = 0; field < fields; field++) {
            bool quoted = next_random(state) % 3 == 0;
            if (field)
                text[length++] = ',';
            if (quoted)
                text[length++] = '"';
            for (unsigned i = (unsigned)(next_random(state) % 6); i > 0; i--) {
                unsigned kind = (unsigned)(next_random(state) % 12);
                if (stray && next_random(state) % stray == 0) {
                    text[length++] = strays[next_random(state) % (sizeof strays - 1)];
                } else if (quoted && kind == 0) {
                    text[length++] = '"';
                    text[length++] = '"';
                } else if (quoted && kind < 3) {
                    text[length++] = kind == 1 ? '\n' : ',';
                } else {
                    text[length++] = (char)('a' + kind);
                }
            }
            if (quoted)
                text[length++] = '"';
            if (length + 40 >= limit)
                break;
        }
        if (next_random(state) % 5 == 0)
            text[length++] = '\r';
        text[length++] = '\n';
    }
    return length;
}

enum { LIMIT = 700, WORDS = LIMIT / 64 + 2 };

/* Every path of this machine against the definition, on one text. */
static void assert_paths(const struct csv_dialect *dialect, const char *text, size_t length,
                         struct csv_scan *out)
{
    uint64_t exact[WORDS], structure[WORDS];
    size_t count;
    const struct csv_scan_path *paths = csv_scan_paths(&count);
    csv_scan_exact(dialect, text, length, exact, out);
    for (size_t i = 0; i < count; i++) {
        struct csv_scan scan;
        if (!paths[i].runs_here())
            continue;
        paths[i].scan(dialect, text, length, structure, &scan);
        assert_same(&scan, out, structure, exact, length);
    }
}

static void test_scans_agree(void **state)
{
    char text[LIMIT + SCAN_PADDING] = {0};
    uint64_t random = 7;
    struct csv_dialect dialect = {',', '"', '\n'};
    unsigned irregular = 0, open = 0;
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct csv_scan scan;
        size_t length =
            make_text(&random, text, 60 + next_random(&random) % (LIMIT - 60), round % 3 ? round % 50 : 0);
        length -= next_random(&random) % 3 ? 0 : next_random(&random) % 20;
        assert_paths(&dialect, text, length, &scan);
        irregular += scan.irregular;
        open += scan.open;
    }
    assert_true(irregular > 1000 && irregular < 19000); /* both sorts were tried */
    assert_true(open > 100);
}

/* Bytes drawn from those that mean something, and any byte now and then; behind the text lies more of it, as
 * in a block that is cut. */
static void test_hostile_bytes(void **state)
{
    static const struct csv_dialect dialects[] = {
        {',', '"', '\n'}, {';', '\'', '\n'}, {'\t', '"', '\r'}, {'|', '"', '\n'}, {'\xa7', '"', '\n'}};
    char text[LIMIT + SCAN_PADDING];
    uint64_t random = 11;
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        const struct csv_dialect *dialect = &dialects[round % 5];
        const char meaning[] = {dialect->delimiter, dialect->quote, dialect->newline, '\r',   '\n', '\0',
                                dialect->quote,     '\xef',         '\xbb',           '\xbf', 'a'};
        unsigned plain = 1 + (unsigned)(next_random(&random) % 40);
        struct csv_scan scan;
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = next_random(&random) % plain ? (char)('a' + i % 26)
                      : next_random(&random) % 16  ? meaning[next_random(&random) % sizeof meaning]
                                                   : (char)next_random(&random);
        assert_paths(dialect, text, next_random(&random) % (LIMIT + 1), &scan);
    }
}

/* The text in blocks, as the reader takes it: what lies behind the last row's end is carried to the next
 * block. The bits of all blocks are those of the text in one. */
static void assert_seams(const struct csv_scan_path *path, const char *text, size_t length, uint64_t *random)
{
    const struct csv_dialect dialect = {',', '"', '\n'};
    char block[LIMIT + SCAN_PADDING];
    uint64_t whole[WORDS], structure[WORDS];
    struct csv_scan all, scan;
    uint64_t lines = 0, blanks = 0;
    size_t start = 0, end = 0;
    csv_scan_exact(&dialect, text, length, whole, &all);
    while (end < length) {
        size_t step = 1 + next_random(random) % 150;
        end = end + step < length ? end + step : length;
        memset(block, '"', sizeof block);
        memcpy(block, text + start, end - start);
        path->scan(&dialect, block, end - start, structure, &scan);
        for (size_t i = 0; i < scan.end; i++)
            assert_int_equal(structure[i / 64] >> (i % 64) & 1,
                             whole[(start + i) / 64] >> ((start + i) % 64) & 1);
        lines += scan.lines;
        blanks += scan.blanks;
        start += scan.end;
    }
    assert_int_equal(start, all.end);
    assert_int_equal(lines, all.lines);
    assert_int_equal(blanks, all.blanks);
}

static void test_seams(void **state)
{
    char text[LIMIT + SCAN_PADDING];
    uint64_t random = 23;
    size_t count;
    const struct csv_scan_path *paths = csv_scan_paths(&count);
    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        size_t length = make_text(&random, text, LIMIT, round % 2 ? 0 : 20);
        length -= next_random(&random) % 2; /* with and without the last line end */
        for (size_t i = 0; i < count; i++)
            if (paths[i].runs_here())
                assert_seams(&paths[i], text, length, &random);
    }
}

static void test_positions(void **state)
{
    const char text[] = "ab,c\n,\"x,y\"\n                                                                  ,";
    char padded[sizeof text + SCAN_PADDING] = {0};
    uint64_t structure[4];
    uint32_t positions[128];
    struct csv_dialect dialect = {',', '"', '\n'};
    struct csv_scan scan;
    (void)state;
    memcpy(padded, text, sizeof text);
    csv_scan(&dialect, padded, strlen(text), structure, &scan);
    assert_int_equal(scan.end, 12);
    assert_int_equal(csv_positions(structure, strlen(text), positions), 5);
    const uint32_t expected[] = {3, 5, 6, 12, 79};
    assert_memory_equal(positions, expected, sizeof expected);
    assert_int_equal(csv_positions(structure, scan.end, positions), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scans_agree),
                                       cmocka_unit_test(test_hostile_bytes), cmocka_unit_test(test_seams),
                                       cmocka_unit_test(test_positions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
