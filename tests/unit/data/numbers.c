/* Numbers and times as text: exact, and refused where they are not what they should be. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/data/cell_parse.h"

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 11;
}

/* Text with readable bytes around it, as the fast readers want. */
static const char *padded(const char *text)
{
    static char room[64 + 512 + 64];
    memset(room, '7', sizeof room);
    memcpy(room + 64, text, strlen(text));
    return room + 64;
}

static void assert_double(const char *text)
{
    double value, fast;
    assert_true(number_double(text, strlen(text), &value));
    assert_true(value == strtod(text, NULL));
    if (cell_fast_float(padded(text), strlen(text), &fast))
        assert_memory_equal(&fast, &value, sizeof fast);
}

static void test_doubles(void **state)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1",
                                        "-1.5",
                                        "123456789012345",
                                        "1234567890123456",
                                        "0.1",
                                        "1e22",
                                        "1e23",
                                        "1.7976931348623157e308",
                                        "4.9e-324",
                                        "1e-400",
                                        "9007199254740993",
                                        "0.30000000000000004",
                                        "2.2250738585072011e-308",
                                        "5.",
                                        ".5",
                                        "123456789.123456789123456789",
                                        "1E5",
                                        "+3",
                                        "1e+5",
                                        "0.000001"};
    char text[64];
    uint64_t random = 1;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_double(texts[i]);
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = next_random(&random) << 11 ^ next_random(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof text, "%.*g", 1 + (int)(next_random(&random) % 17), value);
        if (isfinite(strtod(text, NULL)))
            assert_double(text);
        snprintf(text, sizeof text, "%.*f", (int)(next_random(&random) % 9), (double)(int64_t)bits / 1e13);
        assert_double(text);
    }
}

static void test_refused_doubles(void **state)
{
    static const char *const texts[] = {"",   "-",  ".",  "e5",   "1e",    "1e+", "1.2.3",
                                        "1a", " 1", "1 ", "0x10", "1e309", "na",  "--1"};
    double value;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(number_double(texts[i], strlen(texts[i]), &value));
        assert_false(cell_fast_float(padded(texts[i]), strlen(texts[i]), &value));
    }
    assert_true(number_double("-Infinity", 9, &value) && value == -INFINITY);
    assert_true(number_double("NaN", 3, &value) && isnan(value));
}

static void test_ints(void **state)
{
    static const char *const texts[] = {"0",
                                        "-1",
                                        "7",
                                        "12345678",
                                        "123456789",
                                        "1234567890123456",
                                        "-1234567890123456",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "00012",
                                        "+5"};
    static const char *const refused[] = {
        "",         "-",         "1.0", "9223372036854775808",  "-9223372036854775809",
        "1x",       "x1",        "12 ", "99999999999999999999", "1234567/",
        "1234567:", "-12345678a"};
    int64_t value, fast;
    char text[32];
    uint64_t random = 3;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(number_int(texts[i], strlen(texts[i]), &value));
        assert_true(value == strtoll(texts[i], NULL, 10));
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(number_int(refused[i], strlen(refused[i]), &value));
        assert_false(cell_fast_int(padded(refused[i]), strlen(refused[i]), &fast));
    }
    for (int i = 0; i < 100000; i++) {
        value = (int64_t)(next_random(&random) >> (next_random(&random) % 53));
        value = next_random(&random) % 2 ? -value : value;
        int length = snprintf(text, sizeof text, "%lld", (long long)value);
        assert_true(cell_fast_int(padded(text), (size_t)length, &fast));
        assert_true(fast == value);
    }
}

static void assert_decimal(const char *text, unsigned precision, unsigned scale, const char *expected)
{
    decimal value;
    bool ok = number_decimal(text, strlen(text), precision, scale, &value);
    assert_int_equal(ok, expected != NULL);
    if (!ok)
        return;
    struct buf out = {0};
    number_print_decimal(&out, value, scale);
    assert_string_equal(buf_str(&out), expected);
    assert_true(number_from_decimal(value, scale) == strtod(expected, NULL));
    buf_free(&out);
}

static void test_decimals(void **state)
{
    (void)state;
    assert_decimal("1.5", 10, 2, "1.50");
    assert_decimal("-0.05", 10, 2, "-0.05");
    assert_decimal("1.500", 10, 2, "1.50");
    assert_decimal("1.505", 10, 2, NULL);
    assert_decimal("99999999.99", 10, 2, "99999999.99");
    assert_decimal("100000000", 10, 2, NULL);
    assert_decimal("12e3", 10, 2, "12000.00");
    assert_decimal("12345e-3", 10, 3, "12.345");
    assert_decimal("99999999999999999999999999999999999999", 38, 0, "99999999999999999999999999999999999999");
    assert_decimal("999999999999999999999999999999999999999", 38, 0, NULL);
    assert_decimal("-9999999999999999999999999999999999.9999", 38, 4,
                   "-9999999999999999999999999999999999.9999");
    assert_decimal("0.00000000000000000000000000000000000001", 38, 38,
                   "0.00000000000000000000000000000000000001");
    assert_decimal("40000000000000000000000000000000000000", 38, 1, NULL); /* 2^128 is 3.4e38 */
    assert_decimal("-36670000000000000000000000000000000000", 38, 2, NULL);
    assert_decimal("9.9e37", 38, 1, NULL);
    assert_decimal("9.9e36", 38, 1, "9900000000000000000000000000000000000.0");
    assert_decimal("0e99999", 5, 2, "0.00");
    assert_decimal("1e99999", 38, 2, NULL);
    assert_decimal("abc", 5, 2, NULL);
    assert_decimal("", 5, 2, NULL);
}

static void assert_timestamp(const char *text, uint32_t ticks, const char *expected)
{
    int64_t value, fast;
    bool zoned;
    struct date_memory memory = {0};
    bool ok = times_timestamp(text, strlen(text), ticks, &value, &zoned);
    assert_int_equal(ok, expected != NULL);
    if (strlen(text) == 20 && cell_fast_timestamp(&memory, padded(text), ticks, &fast))
        assert_true(ok && fast == value);
    if (!ok)
        return;
    struct buf out = {0};
    times_print_timestamp(&out, value, ticks, zoned);
    assert_string_equal(buf_str(&out), expected);
    buf_free(&out);
}

static void test_timestamps(void **state)
{
    (void)state;
    assert_timestamp("2024-01-31T10:20:30Z", 1000000, "2024-01-31T10:20:30Z");
    assert_timestamp("2024-01-31 10:20", 1000000, "2024-01-31T10:20:00");
    assert_timestamp("2024-02-29T00:00:00+02:00", 1000000, "2024-02-28T22:00:00Z");
    assert_timestamp("2024-02-29T00:00:00-0530", 1000000, "2024-02-29T05:30:00Z");
    assert_timestamp("1969-12-31T23:59:59.999999Z", 1000000, "1969-12-31T23:59:59.999999Z");
    assert_timestamp("2024-01-31T10:20:30.5", 1000000, "2024-01-31T10:20:30.500");
    assert_timestamp("2024-01-31T10:20:30.123456789Z", 1000000000, "2024-01-31T10:20:30.123456789Z");
    assert_timestamp("2024-01-31T10:20:30.123456789Z", 1000000, NULL);
    assert_timestamp("0001-01-01T00:00:00Z", 1000000, "0001-01-01T00:00:00Z");
    assert_timestamp("9999-12-31T23:59:59Z", 1000000, "9999-12-31T23:59:59Z");
    assert_timestamp("9999-12-31T23:59:59Z", 1000000000, NULL);
    static const char *const refused[] = {"2023-02-29T00:00:00Z",
                                          "2024-13-01T00:00:00Z",
                                          "2024-01-31T24:00:00Z",
                                          "2024-01-31T10:60:00Z",
                                          "2024-01-31T10:20:60Z",
                                          "2024-01-31X10:20:30Z",
                                          "2024-01-31T10;20:30Z",
                                          "2024-01-31T1a:20:30Z",
                                          "2024-01-31T10:20:3:Z",
                                          "2024-01-31T10:20:30z0",
                                          "2024-01-31T10:20:30.Z",
                                          "20240131T102030Z",
                                          ""};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_timestamp(refused[i], 1000000, NULL);
}

static void test_calendar(void **state)
{
    int64_t year;
    unsigned month, day;
    (void)state;
    assert_int_equal(days_from_civil(1970, 1, 1), 0);
    assert_int_equal(days_from_civil(2000, 3, 1), 11017);
    for (int64_t days = -800000; days < 3000000; days += 13) {
        civil_from_days(days, &year, &month, &day);
        assert_int_equal(days_from_civil(year, month, day), days);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubles),    cmocka_unit_test(test_refused_doubles),
        cmocka_unit_test(test_ints),       cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_timestamps), cmocka_unit_test(test_calendar)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
