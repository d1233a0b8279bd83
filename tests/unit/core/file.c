#include "tests/unit/core/fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/file.h"

struct place {
    struct arena *arena;
    char folder[64];
};

static int begin(void **state)
{
    struct place *place = mem_calloc(1, sizeof *place);
    place->arena = arena_new();
    const char *root = getenv("TMPDIR");
    snprintf(place->folder, sizeof place->folder, "%s/mlc-file-XXXXXX",
             root && strlen(root) < 30 ? root : P_tmpdir);
    *state = place;
    return mkdtemp(place->folder) ? 0 : -1;
}

static int end(void **state)
{
    struct place *place = *state;
    int result = file_remove_tree(place->folder);
    arena_free(place->arena);
    free(place);
    return result;
}

static void test_write_makes_folders_and_replaces(void **state)
{
    struct place *place = *state;
    const char *path = file_join(place->arena, place->folder, "a/b/c.txt");
    assert_int_equal(file_write_atomic(path, "one", 3, 0644), 0);
    assert_int_equal(file_write_atomic(path, "three", 5, 0644), 0);
    struct buf buf = {0};
    buf_add_str(&buf, ">");
    assert_int_equal(file_read(path, 100, &buf), 0);
    assert_string_equal(buf_str(&buf), ">three");
    assert_int_equal(file_read(path, 4, &buf), -EFBIG);
    assert_string_equal(buf_str(&buf), ">three");
    assert_int_equal(file_read(place->folder, 4, &buf), -EISDIR);
    assert_int_equal(file_read("no/such/file", 4, &buf), -ENOENT);
    buf_free(&buf);
    struct vec names = vec_in(place->arena);
    assert_int_equal(file_list(file_join(place->arena, place->folder, "a/b"), &names), 0);
    assert_int_equal(names.count, 1);
    assert_string_equal(names.items[0], "c.txt");
}

static void test_failed_write_leaves_nothing(void **state)
{
    struct place *place = *state;
    const char *folder = file_join(place->arena, place->folder, "taken");
    assert_int_equal(file_make_folders(file_join(place->arena, folder, "full")), 0);
    assert_true(file_write_atomic(folder, "x", 1, 0644) < 0);
    const char *blocked = file_join(place->arena, place->folder, "plain");
    assert_int_equal(file_write_atomic(blocked, "x", 1, 0600), 0);
    assert_true(file_write_atomic(file_join(place->arena, blocked, "below"), "x", 1, 0644) < 0);
    assert_true(file_make_folders(file_join(place->arena, blocked, "below")) < 0);
    struct vec names = vec_in(place->arena);
    assert_int_equal(file_list(place->folder, &names), 0);
    assert_int_equal(names.count, 2);
    struct stat info;
    assert_int_equal(stat(blocked, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

/* A rename would put a file in the place of a device, and of a link such as /dev/stdout. */
static void test_output_into_what_is_no_plain_file(void **state)
{
    struct place *place = *state;
    const char *device = file_join(place->arena, place->folder, "device");
    const char *link = file_join(place->arena, place->folder, "link");
    const char *target = file_join(place->arena, place->folder, "below/target");
    assert_int_equal(symlink("/dev/full", device), 0);
    assert_int_equal(symlink("below/target", link), 0);
    assert_int_equal(file_write_output(device, "x", 1, 0644), -ENOSPC);
    assert_int_equal(file_write_output(target, "longer", 6, 0600), 0);
    assert_int_equal(file_write_output(link, "one", 3, 0644), 0);
    struct stat info;
    assert_int_equal(lstat(device, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    struct buf buf = {0};
    assert_int_equal(file_read(target, 100, &buf), 0);
    assert_string_equal(buf_str(&buf), "one");
    buf_free(&buf);
    const char *pipe = file_join(place->arena, place->folder, "pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    int reader = open(pipe, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_int_equal(file_write_output(pipe, "two", 3, 0644), 0);
    char text[4] = "";
    assert_int_equal(read(reader, text, 3), 3);
    assert_string_equal(text, "two");
    close(reader);
}

static void test_remove_does_not_follow_links(void **state)
{
    struct place *place = *state;
    const char *kept = file_join(place->arena, place->folder, "kept/file");
    const char *gone = file_join(place->arena, place->folder, "gone");
    assert_int_equal(file_write_atomic(kept, "x", 1, 0644), 0);
    assert_int_equal(file_make_folders(gone), 0);
    assert_int_equal(symlink("../kept", file_join(place->arena, gone, "link")), 0);
    assert_int_equal(file_remove_tree(gone), 0);
    assert_false(file_exists(gone));
    assert_true(file_exists(kept));
    assert_int_equal(file_remove_tree(gone), 0);
    assert_true(file_is_folder(file_join(place->arena, place->folder, "kept")));
    assert_false(file_is_folder(kept));
}

static void test_paths(void **state)
{
    struct place *place = *state;
    static const char *const cases[][2] = {
        {"", "."},         {".", "."},          {"a/./b//c", "a/b/c"},   {"a/../b", "b"},
        {"a/..", "."},     {"../a", "../a"},    {"../../a/..", "../.."}, {"/../a", "/a"},
        {"/", "/"},        {"/a/b/../..", "/"}, {"a/b/", "a/b"},         {"a/../../b", "../b"},
        {"..a/b", "..a/b"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(file_normalize(place->arena, cases[i][0]), cases[i][1]);
    assert_string_equal(file_join(place->arena, "", "x"), "x");
    assert_string_equal(file_join(place->arena, ".", "x"), "x");
    assert_string_equal(file_join(place->arena, "a/", "x"), "a/x");
    assert_string_equal(file_join(place->arena, "a", "/x"), "/x");
}

static void assert_matches(struct place *place, const char *folder, const char *path, const char *wanted)
{
    struct vec files = vec_in(place->arena);
    struct buf all = {0};
    assert_int_equal(file_matches(folder, path, &files), 0);
    for (size_t i = 0; i < files.count; i++)
        buf_printf(&all, "%s%s", i ? " " : "", (const char *)files.items[i]);
    assert_string_equal(buf_str(&all), wanted);
    buf_free(&all);
}

/* The folder's name is no pattern; a file's own name comes before what it would match. */
static void test_matches(void **state)
{
    struct place *place = *state;
    static const char *const names[] = {"a.csv",     "b.csv", "[a].csv", "x\\y.csv",
                                        "{p,q}.csv", "p.csv", "d/e.csv"};
    const char *folder = file_join(place->arena, place->folder, "of [my] {a,b} *\\?");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = file_join(place->arena, folder, names[i]);
        assert_int_equal(file_write_atomic(path, "x", 1, 0644), 0);
        assert_matches(place, folder, names[i], names[i]);
        if (i != 2 && i != 4)
            assert_matches(place, folder, file_as_pattern(place->arena, names[i]), names[i]);
    }
    assert_matches(place, folder, "[ab].csv", "a.csv b.csv");
    assert_matches(place, folder, "{b,a,none}.csv", "a.csv b.csv");
    assert_matches(place, folder, "\\[a].csv", "[a].csv");
    assert_matches(place, folder, "*/*.csv", "d/e.csv");
    assert_matches(place, folder, "none*", "");
    assert_matches(place, folder, "", "");
    const char *path = file_join(place->arena, folder, "a.csv");
    assert_matches(place, folder, path, path);
    assert_matches(place, "", path, path);
    assert_string_equal(file_as_pattern(place->arena, "a*{b}"), "a\\*\\{b\\}");
}

static void test_temporary_files_follow_the_environment(void **state)
{
    struct place *place = *state;
    const char *before = getenv("TMPDIR");
    char *kept = before != NULL ? mem_strdup(before) : NULL;
    struct stat about;
    setenv("TMPDIR", place->folder, 1);
    const char *path = file_temporary(place->arena, "x");
    assert_non_null(path);
    assert_int_equal(strncmp(path, place->folder, strlen(place->folder)), 0);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    setenv("TMPDIR", "/nonexistent", 1);
    assert_null(file_temporary(place->arena, "x"));
    assert_int_equal(errno, ENOENT);
    setenv("TMPDIR", "", 1);
    assert_string_equal(file_temporary_folder(), "/tmp");
    if (kept != NULL)
        setenv("TMPDIR", kept, 1);
    else
        unsetenv("TMPDIR");
    free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write_makes_folders_and_replaces, begin, end),
        cmocka_unit_test_setup_teardown(test_failed_write_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_output_into_what_is_no_plain_file, begin, end),
        cmocka_unit_test_setup_teardown(test_remove_does_not_follow_links, begin, end),
        cmocka_unit_test_setup_teardown(test_paths, begin, end),
        cmocka_unit_test_setup_teardown(test_matches, begin, end),
        cmocka_unit_test_setup_teardown(test_temporary_files_follow_the_environment, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
