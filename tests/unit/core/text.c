#include "tests/unit/core/fixture.h"
#include <math.h>
#include "core/text.h"
#include "core/world.h"

static void test_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t bad; /* SIZE_MAX: well-formed */
    } cases[] = {{"plain ascii text", SIZE_MAX},
                 {"é€😀", SIZE_MAX},
                 {"\xc0\xaf", 0},
                 {"a\xed\xa0\x80", 1},
                 {"\xf4\x90\x80\x80", 0},
                 {"12345678\x80", 8},
                 {"\xe2\x82", 0},
                 {"\xf0\x9f\x98\x80", SIZE_MAX},
                 {"\xe0\x80\x80", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t bad = SIZE_MAX;
        bool good = text_is_utf8(cases[i].bytes, strlen(cases[i].bytes), &bad);
        assert_int_equal(good, cases[i].bad == SIZE_MAX);
        assert_int_equal(bad, cases[i].bad);
    }
}

static void test_code_points_survive(void **state)
{
    (void)state;
    struct buf buf = {0};
    for (uint32_t c = 1; c <= 0x10ffff; c += 97) {
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        buf_clear(&buf);
        text_add_code_point(&buf, c);
        size_t at = 0;
        assert_int_equal(text_next_code_point(buf.data, buf.length, &at), c);
        assert_int_equal(at, buf.length);
        assert_true(text_is_utf8(buf.data, buf.length, NULL));
    }
    size_t at = 0;
    assert_int_equal(text_next_code_point("\xff", 1, &at), 0xfffd);
    assert_int_equal(at, 1);
    buf_free(&buf);
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(text_width("abc", 3), 3);
    assert_int_equal(text_width("日本", 6), 4);
    assert_int_equal(text_width("e\xcc\x81", 3), 1);
    assert_int_equal(text_width("a\x1b"
                                "b",
                                3),
                     2);
}

static void test_distance(void **state)
{
    (void)state;
    assert_int_equal(text_distance("replica", "replicas", 3), 1);
    assert_int_equal(text_distance("ab", "ba", 3), 1);
    assert_int_equal(text_distance("kitten", "sitting", 5), 3);
    assert_int_equal(text_distance("kitten", "sitting", 2), 3);
    assert_int_equal(text_distance("", "", 0), 0);
    assert_int_equal(text_distance("", "abc", 5), 3);
    assert_int_equal(text_distance("abc", "xyz", 1), 2);
}

static void test_double_layout(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "-0"},
                 {100, "100"},
                 {0.1, "0.1"},
                 {1e21, "1e+21"},
                 {1e20, "100000000000000000000"},
                 {1e-6, "0.000001"},
                 {1e-7, "1e-7"},
                 {-1.5e-9, "-1.5e-9"},
                 {123456.789, "123456.789"},
                 {5e-324, "5e-324"},
                 {1.7976931348623157e308, "1.7976931348623157e+308"},
                 {9007199254740993.0, "9007199254740992"},
                 {0.30000000000000004, "0.30000000000000004"},
                 {1.0 / 3, "0.3333333333333333"},
                 {2.5, "2.5"},
                 {NAN, "nan"},
                 {-INFINITY, "-inf"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[32];
        assert_int_equal(text_from_double(cases[i].value, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

/* A generator of its own, so that a failure can be repeated. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    return *seed ^= *seed << 17;
}

static void check_round_trip(double value)
{
    char text[32], print[40];
    double back;
    size_t length = text_from_double(value, text);
    assert_true(length < 32);
    assert_true(text_to_double(text, length, &back));
    assert_memory_equal(&back, &value, sizeof value);
    int precision = 0;
    do
        snprintf(print, sizeof print, "%.*e", precision++, value);
    while (strtod(print, NULL) != value);
    size_t digits = 0;
    for (const char *at = text; *at && *at != 'e'; at++)
        digits += *at >= '0' && *at <= '9';
    if (fabs(value) >= 1 && fabs(value) < 1e15 && value != floor(value))
        assert_int_equal(digits, precision);
}

static void test_doubles_survive_and_are_short(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 30000; i++) {
        uint64_t bits = next_random(&seed);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            check_round_trip(value);
        check_round_trip((double)(int64_t)(bits % 2000000000) / 1000.0);
        check_round_trip((double)(bits >> 20) / 4096.0);
    }
}

static void test_strict_readers(void **state)
{
    (void)state;
    int64_t integer;
    double number;
    assert_true(text_to_int("-9223372036854775808", 20, &integer));
    assert_true(integer == INT64_MIN);
    assert_true(text_to_int("9223372036854775807", 19, &integer));
    static const char *const no_ints[] = {"", "-", "+1", " 1", "1 ", "1.0", "9223372036854775808", "0x1"};
    for (size_t i = 0; i < sizeof no_ints / sizeof no_ints[0]; i++)
        assert_false(text_to_int(no_ints[i], strlen(no_ints[i]), &integer));
    assert_true(text_to_double("1e-400", 6, &number));
    assert_true(number == 0);
    assert_true(text_to_double("123456789012345678901234567890.5", 32, &number));
    assert_true(number == 123456789012345678901234567890.5);
    static const char *const no_numbers[] = {"",      "-",   ".5",  "5.", "1e",   "1e+",
                                             "1e999", "nan", "inf", "1x", "0x1p3"};
    for (size_t i = 0; i < sizeof no_numbers / sizeof no_numbers[0]; i++)
        assert_false(text_to_double(no_numbers[i], strlen(no_numbers[i]), &number));
}

static void test_safe_text(void **state)
{
    (void)state;
    struct buf out = {0};
    static const char text[] = "a\x1b[31m\xc2\x9b\n\t\r\x7f\xe2\x80\xae\xff\xc3\xa9\xef\xbf\xbd!";
    text_add_safe(&out, text, sizeof text - 1);
    assert_string_equal(buf_str(&out), "a\\x1b[31m\\x9b\\n\\t\\r\\x7f\\u202e\\xff\xc3\xa9\xef\xbf\xbd!");
    buf_clear(&out);
    text_add_safe(&out, "nul\0!", 5);
    assert_string_equal(buf_str(&out), "nul\\x00!");
    buf_free(&out);
}

static void test_times(void **state)
{
    (void)state;
    char text[32];
    world_format_time(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    world_format_time(INT64_C(951826554999999999), text);
    assert_string_equal(text, "2000-02-29T12:15:54Z");
    world_format_time(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59Z");
    int64_t before = world_real.monotonic_ns(NULL);
    assert_true(world_real.monotonic_ns(NULL) >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),           cmocka_unit_test(test_code_points_survive),
        cmocka_unit_test(test_width),          cmocka_unit_test(test_distance),
        cmocka_unit_test(test_double_layout),  cmocka_unit_test(test_doubles_survive_and_are_short),
        cmocka_unit_test(test_strict_readers), cmocka_unit_test(test_times),
        cmocka_unit_test(test_safe_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
