/* The structure of CSV: the fast scans agree with the definition, byte by byte, on random texts. */

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

static void test_scans_agree(void **state)
{
    enum { LIMIT = 700 };
    char text[LIMIT + SCAN_PADDING] = {0};
    uint64_t fast[LIMIT / 64 + 2], portable[LIMIT / 64 + 2], exact[LIMIT / 64 + 2], random = 7;
    struct csv_dialect dialect = {',', '"', '\n'};
    unsigned irregular = 0, open = 0;
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct csv_scan a, b, c;
        size_t length =
            make_text(&random, text, 60 + next_random(&random) % (LIMIT - 60), round % 3 ? round % 50 : 0);
        length -= next_random(&random) % 3 ? 0 : next_random(&random) % 20;
        csv_scan(&dialect, text, length, fast, &a);
        csv_scan_portable(&dialect, text, length, portable, &b);
        csv_scan_exact(&dialect, text, length, exact, &c);
        assert_same(&a, &c, fast, exact, length);
        assert_same(&b, &c, portable, exact, length);
        irregular += c.irregular;
        open += c.open;
    }
    assert_true(irregular > 1000 && irregular < 19000); /* both sorts were tried */
    assert_true(open > 100);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scans_agree), cmocka_unit_test(test_positions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
