#include "tests/unit/core/fixture.h"
#include "core/hash.h"
#include "core/map.h"
#include "core/vec.h"

static void test_arena_gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t size = 0; size < 200000; size = size * 3 + 1) {
        unsigned char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, size);
    }
    assert_true(arena_used(arena) > 200000 / 3);
    assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    char *longer = arena_printf(arena, "%0500d", 1);
    assert_int_equal(strlen(longer), 500);
    assert_string_equal(arena_copy(arena, "abc", 2), "ab");
    arena_free(arena);
    arena_free(NULL);
}

static void test_buf_grows_and_ends_with_nul(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_string_equal(buf_str(&buf), "");
    for (int i = 0; i < 1000; i++)
        buf_printf(&buf, "%d,", i);
    assert_int_equal(buf.length, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(buf.data[buf.length], 0);
    buf_clear(&buf);
    buf_add_repeat(&buf, 'x', 3);
    buf_add_char(&buf, 'y');
    buf_add(&buf, "zz", 1);
    assert_string_equal(buf_str(&buf), "xxxyz");
    char *taken = buf_take(&buf);
    assert_string_equal(taken, "xxxyz");
    assert_null(buf.data);
    free(taken);
    taken = buf_take(&buf);
    assert_string_equal(taken, "");
    free(taken);
}

struct pair {
    int key, place;
};

static int by_key(const void *a, const void *b, void *context)
{
    (void)context;
    return ((const struct pair *)a)->key - ((const struct pair *)b)->key;
}

static void test_vec_sort_is_stable(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (int count = 0; count < 70; count++) {
        struct vec vec = vec_in(arena);
        for (int i = 0; i < count; i++) {
            struct pair *pair = arena_alloc(arena, sizeof *pair);
            *pair = (struct pair){(i * 7919) % 5, i};
            vec_push(&vec, pair);
        }
        vec_sort(&vec, by_key, NULL);
        for (int i = 1; i < count; i++) {
            const struct pair *before = vec.items[i - 1], *after = vec.items[i];
            assert_true(before->key < after->key ||
                        (before->key == after->key && before->place < after->place));
        }
        assert_ptr_equal(vec_last(&vec), count ? vec.items[count - 1] : NULL);
    }
    arena_free(arena);
}

static void test_map_keeps_order_and_finds_all(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct map *map = map_new(arena);
    static int values[5000];
    char key[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        assert_null(map_set(map, key, &values[i]));
    }
    assert_int_equal(map_count(map), 5000);
    for (int i = 0; i < 5000; i++) {
        int length = snprintf(key, sizeof key, "key-%d", i);
        assert_ptr_equal(map_get(map, key), &values[i]);
        assert_string_equal(map_at(map, (size_t)i)->key, key);
        assert_int_equal(map_at(map, (size_t)i)->key_length, length);
    }
    assert_null(map_get(map, "key-5000"));
    assert_false(map_has(map, ""));
    assert_ptr_equal(map_set(map, "key-7", NULL), &values[7]);
    assert_true(map_has(map, "key-7"));
    assert_int_equal(map_count(map), 5000);
    arena_free(arena);
}

static void test_map_takes_any_bytes_as_key(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct map *map = map_new(arena);
    static int a, b, c;
    map_set_n(map, "x\0y", 3, &a);
    map_set_n(map, "x\0z", 3, &b);
    map_set_n(map, "", 0, &c);
    assert_ptr_equal(map_get_n(map, "x\0y", 3), &a);
    assert_ptr_equal(map_get_n(map, "x\0z", 3), &b);
    assert_ptr_equal(map_get(map, ""), &c);
    assert_null(map_get(map, "x"));
    arena_free(arena);
}

static void test_map_nearest(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct map *map = map_new(arena);
    static const char *const names[] = {"replicas", "port", "namespace", "max_surge", "health", "on"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        map_set(map, names[i], NULL);
    assert_string_equal(map_nearest(map, "replica"), "replicas");
    assert_string_equal(map_nearest(map, "replcias"), "replicas");
    assert_string_equal(map_nearest(map, "max-surge"), "max_surge");
    assert_string_equal(map_nearest(map, "PORT"), "port");
    assert_string_equal(map_nearest(map, "name_space"), "namespace");
    assert_null(map_nearest(map, "zzz"));
    assert_null(map_nearest(map, "completely-else"));
    arena_free(arena);
}

/* FIPS 180-4 examples. */
static void test_hash(void **state)
{
    (void)state;
    char hex[HASH_HEX_SIZE];
    hash_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_hex("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct hash_state *parts = hash_begin();
    hash_add(parts, "a", 1);
    hash_add(parts, "bc", 2);
    uint8_t piecewise[HASH_SIZE], whole[HASH_SIZE];
    hash_end(parts, piecewise);
    hash_bytes("abc", 3, whole);
    assert_memory_equal(piecewise, whole, HASH_SIZE);
    assert_int_equal(hash_file("no/such/file", hex), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(test_buf_grows_and_ends_with_nul),
        cmocka_unit_test(test_vec_sort_is_stable),
        cmocka_unit_test(test_map_keeps_order_and_finds_all),
        cmocka_unit_test(test_map_takes_any_bytes_as_key),
        cmocka_unit_test(test_map_nearest),
        cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
