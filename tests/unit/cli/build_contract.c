/* The contract of `mlc build`: it owns only what it wrote, a failure changes nothing, and after a kill at any
 * moment every file is whole and the next build completes the rest. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "backends/backend.h"
#include "cli/build_plan.h"
#include "cli/build_write.h"
#include "core/file.h"

struct place {
    char root[256];
};

/* A repository of its own: outputs go to the root of the nearest one. */
static int make_repository(const struct place *place)
{
    char git[512];
    snprintf(git, sizeof git, "%s/.git", place->root);
    return file_make_folders(git);
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    const char *folder = getenv("TMPDIR");
    snprintf(place->root, sizeof place->root, "%.200s/mlc-build-XXXXXX",
             folder && *folder ? folder : P_tmpdir);
    if (!mkdtemp(place->root) || make_repository(place))
        return -1;
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    file_remove_tree(place->root);
    free(place);
    return 0;
}

static const char *path_of(const struct place *place, const char *path)
{
    static char full[4][1024];
    static int turn;
    char *out = full[turn++ % 4];
    snprintf(out, sizeof full[0], "%s/%s", place->root, path);
    return out;
}

static void put(const struct place *place, const char *path, const char *text)
{
    assert_int_equal(file_write_atomic(path_of(place, path), text, strlen(text), 0644), 0);
}

static void holds(const struct place *place, const char *path, const char *text)
{
    struct buf out = {0};
    assert_int_equal(file_read(path_of(place, path), 1 << 20, &out), 0);
    assert_string_equal(buf_str(&out), text);
    buf_free(&out);
}

static bool is_there(const struct place *place, const char *path)
{
    return file_exists(path_of(place, path));
}

/* Path and text in turn, ended by NULL. */
struct wanted {
    const char *items[16];
};

static struct vec outputs_of(struct arena *arena, const struct wanted *wanted)
{
    struct vec outputs = vec_in(arena);
    for (size_t i = 0; wanted->items[i]; i += 2) {
        struct output *output = arena_alloc(arena, sizeof *output);
        output->path = wanted->items[i];
        output->text = wanted->items[i + 1];
        output->length = strlen(output->text);
        vec_push(&outputs, output);
    }
    return outputs;
}

struct result {
    bool planned, blocked, written;
    size_t diagnostics;
    enum diag_code first;
};

/* What the command does, with the project in `folder` below the root. */
static struct result build_in(const struct place *place, const char *folder, const struct wanted *wanted,
                              bool force, const struct build_hook *hook)
{
    struct result result = {0};
    struct compilation *compilation = compilation_new();
    compilation->project_folder = arena_strdup(compilation->arena, path_of(place, folder));
    struct vec outputs = outputs_of(compilation->arena, wanted);
    struct build_plan plan;
    int lock = build_lock(compilation, compilation->project_folder);
    assert_true(lock >= 0);
    result.planned = build_plan_make(&plan, compilation, &outputs, NULL);
    if (result.planned) {
        result.blocked = !force && build_plan_blocked(&plan);
        result.written = !result.blocked && build_write(&plan, hook);
    }
    build_unlock(lock);
    result.diagnostics = diag_count(compilation->diags);
    if (result.diagnostics)
        result.first = diag_at(compilation->diags, 0)->code;
    compilation_free(compilation);
    return result;
}

static struct result build(const struct place *place, const struct wanted *wanted, bool force)
{
    return build_in(place, ".", wanted, force, NULL);
}

static const struct wanted first = {
    {"a.yaml", "a1\n", "deploy/x/b.yaml", "b1\n", "deploy/c.yaml", "c1\n", NULL}};
static const struct wanted second = {
    {"a.yaml", "a2\n", "deploy/d.yaml", "d1\n", "deploy/c.yaml", "c1\n", NULL}};

static void writes_changes_and_removes_its_own(void **state)
{
    struct place *place = *state;
    assert_true(build(place, &first, false).written);
    holds(place, "a.yaml", "a1\n");
    holds(place, "deploy/x/b.yaml", "b1\n");
    assert_true(build(place, &second, false).written);
    holds(place, "a.yaml", "a2\n");
    holds(place, "deploy/d.yaml", "d1\n");
    assert_false(is_there(place, "deploy/x/b.yaml"));
    assert_false(is_there(place, "deploy/x"));
    assert_false(is_there(place, ".mlc/build"));
    assert_false(is_there(place, ".mlc/build.journal"));
}

static void an_edited_file_stops_everything(void **state)
{
    struct place *place = *state;
    assert_true(build(place, &first, false).written);
    put(place, "a.yaml", "mine\n");
    struct result result = build(place, &second, false);
    assert_true(result.blocked);
    assert_int_equal(result.first, DIAG_BUILD_EDITED);
    holds(place, "a.yaml", "mine\n");
    holds(place, "deploy/x/b.yaml", "b1\n");
    assert_false(is_there(place, "deploy/d.yaml"));
    assert_true(build(place, &second, true).written);
    holds(place, "a.yaml", "a2\n");
}

static void an_edited_file_that_is_no_longer_asked_for_stays(void **state)
{
    struct place *place = *state;
    assert_true(build(place, &first, false).written);
    put(place, "deploy/x/b.yaml", "mine\n");
    struct result result = build(place, &second, false);
    assert_true(result.blocked);
    holds(place, "deploy/x/b.yaml", "mine\n");
    holds(place, "a.yaml", "a1\n");
}

static void a_file_that_was_there_stays(void **state)
{
    struct place *place = *state;
    put(place, "deploy/c.yaml", "older than mlc\n");
    struct result result = build(place, &first, false);
    assert_true(result.blocked);
    assert_int_equal(result.first, DIAG_BUILD_FOREIGN);
    holds(place, "deploy/c.yaml", "older than mlc\n");
    assert_false(is_there(place, "a.yaml"));
    assert_false(is_there(place, MANIFEST_NAME));
}

static void an_equal_file_is_taken_over(void **state)
{
    struct place *place = *state;
    put(place, "deploy/c.yaml", "c1\n");
    assert_true(build(place, &first, false).written);
    assert_true(build(place, &second, false).written);
}

static void links_are_not_followed(void **state)
{
    struct place *place = *state;
    assert_int_equal(mkdir(path_of(place, "elsewhere"), 0755), 0);
    assert_int_equal(symlink("elsewhere", path_of(place, "deploy")), 0);
    struct result result = build(place, &first, true);
    assert_false(result.planned);
    assert_int_equal(result.first, DIAG_BUILD_LINK);
    assert_false(is_there(place, "elsewhere/c.yaml"));
    assert_false(is_there(place, "a.yaml"));
}

static void a_manifest_cannot_name_files_outside(void **state)
{
    struct place *place = *state;
    assert_int_equal(mkdir(path_of(place, "project"), 0755), 0);
    put(place, "victim", "x");
    char text[200] = {0}, hash[HASH_HEX_SIZE];
    hash_hex("x", 1, hash);
    snprintf(text, sizeof text, "project \n%s ../victim\n", hash);
    put(place, "project/" MANIFEST_NAME, text);
    struct result result = build_in(place, "project", &first, true, NULL);
    assert_false(result.planned);
    assert_int_equal(result.first, DIAG_BUILD_MANIFEST);
    holds(place, "victim", "x");
}

static void a_broken_manifest_is_an_error_and_a_merged_one_is_none(void **state)
{
    struct place *place = *state;
    assert_true(build(place, &first, false).written);
    put(place, MANIFEST_NAME, "nonsense\n");
    struct result result = build(place, &second, false);
    assert_false(result.planned);
    assert_int_equal(result.first, DIAG_BUILD_MANIFEST);
    char a[HASH_HEX_SIZE], b[HASH_HEX_SIZE], c[HASH_HEX_SIZE], text[1000];
    hash_hex("a1\n", 3, a);
    hash_hex("b1\n", 3, b);
    hash_hex("c1\n", 3, c);
    snprintf(text, sizeof text,
             "mlc 0.1.0\n<<<<<<< ours\n%s a.yaml\n=======\n%s a.yaml\n>>>>>>> theirs\n%s deploy/c.yaml\n%s "
             "deploy/x/b.yaml\n",
             a, b, c, b);
    put(place, MANIFEST_NAME, text);
    assert_true(build(place, &second, false).written);
    holds(place, "a.yaml", "a2\n");
    assert_false(is_there(place, "deploy/x/b.yaml"));
}

/* Outputs go to the root of the repository; each project has its manifest beside its spec. */
static void two_projects_share_a_repository(void **state)
{
    struct place *place = *state;
    static const struct wanted one = {{"deploy/one.yaml", "1\n", NULL}},
                               two = {{"deploy/two.yaml", "2\n", NULL}};
    static const struct wanted clash = {{"deploy/one.yaml", "other\n", NULL}}, none = {{NULL}};
    assert_int_equal(mkdir(path_of(place, "one"), 0755), 0);
    assert_int_equal(mkdir(path_of(place, "two"), 0755), 0);
    assert_true(build_in(place, "one", &one, false, NULL).written);
    assert_true(build_in(place, "two", &two, false, NULL).written);
    holds(place, "deploy/one.yaml", "1\n");
    holds(place, "deploy/two.yaml", "2\n");
    assert_true(is_there(place, "one/" MANIFEST_NAME));
    assert_true(build_in(place, "two", &clash, false, NULL).blocked);
    holds(place, "deploy/one.yaml", "1\n");
    assert_true(build_in(place, "one", &none, false, NULL).written);
    assert_false(is_there(place, "deploy/one.yaml"));
    holds(place, "deploy/two.yaml", "2\n");
}

struct countdown {
    int left;
    bool kill;
};

static bool count_down(void *context, const char *step)
{
    struct countdown *countdown = context;
    (void)step;
    if (countdown->left-- > 0)
        return true;
    if (countdown->kill)
        _exit(9);
    return false;
}

/* The texts that a file may hold at any moment: before or after, whole. */
static void is_whole(const struct place *place, const char *path, const char *before, const char *after)
{
    struct buf out = {0};
    int failed = file_read(path_of(place, path), 1 << 20, &out);
    if (failed)
        assert_true(!before || !after);
    else
        assert_true((before && !strcmp(buf_str(&out), before)) || (after && !strcmp(buf_str(&out), after)));
    buf_free(&out);
}

static void holds_first(const struct place *place)
{
    holds(place, "a.yaml", "a1\n");
    holds(place, "deploy/x/b.yaml", "b1\n");
    holds(place, "deploy/c.yaml", "c1\n");
    assert_false(is_there(place, "deploy/d.yaml"));
}

static void holds_second(const struct place *place)
{
    holds(place, "a.yaml", "a2\n");
    holds(place, "deploy/c.yaml", "c1\n");
    holds(place, "deploy/d.yaml", "d1\n");
    assert_false(is_there(place, "deploy/x/b.yaml"));
    assert_false(is_there(place, ".mlc/build"));
    assert_false(is_there(place, ".mlc/build.journal"));
}

static void a_failure_at_any_step_changes_nothing(void **state)
{
    struct place *place = *state;
    int failures = 0;
    for (int step = 0; step < 100; step++) {
        file_remove_tree(place->root);
        assert_int_equal(make_repository(place), 0);
        assert_true(build(place, &first, false).written);
        struct countdown countdown = {step, false};
        struct build_hook hook = {count_down, &countdown};
        struct result result = build_in(place, ".", &second, false, &hook);
        if (result.written) {
            assert_true(countdown.left >= -1);
            break;
        }
        failures++;
        assert_int_equal(result.first, DIAG_BUILD_DISK);
        holds_first(place);
        assert_true(build(place, &second, false).written);
        holds_second(place);
    }
    assert_true(failures >= 8);
}

static void a_kill_at_any_step_leaves_whole_files_and_the_next_build_completes(void **state)
{
    struct place *place = *state;
    int kills = 0;
    for (int step = 0; step < 100; step++) {
        file_remove_tree(place->root);
        assert_int_equal(make_repository(place), 0);
        assert_true(build(place, &first, false).written);
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct countdown countdown = {step, true};
            struct build_hook hook = {count_down, &countdown};
            build_in(place, ".", &second, false, &hook);
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        is_whole(place, "a.yaml", "a1\n", "a2\n");
        is_whole(place, "deploy/c.yaml", "c1\n", "c1\n");
        is_whole(place, "deploy/d.yaml", NULL, "d1\n");
        is_whole(place, "deploy/x/b.yaml", "b1\n", NULL);
        if (WEXITSTATUS(status) == 0)
            break;
        kills++;
        /* The spec may have changed meanwhile: what the killed build began is still its own. */
        if (step % 2)
            assert_true(build(place, &first, false).written);
        struct result result = build(place, &second, false);
        assert_true(result.written);
        holds_second(place);
    }
    assert_true(kills >= 8);
}

static void what_a_killed_build_began_is_removed_when_no_longer_asked_for(void **state)
{
    struct place *place = *state;
    assert_true(build(place, &first, false).written);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct countdown countdown = {7, true};
        struct build_hook hook = {count_down, &countdown};
        build_in(place, ".", &second, false, &hook);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 9);
    assert_true(build(place, &first, false).written);
    holds_first(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_changes_and_removes_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_edited_file_stops_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_edited_file_that_is_no_longer_asked_for_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_was_there_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_equal_file_is_taken_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_manifest_cannot_name_files_outside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_broken_manifest_is_an_error_and_a_merged_one_is_none, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_projects_share_a_repository, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_at_any_step_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_kill_at_any_step_leaves_whole_files_and_the_next_build_completes,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_killed_build_began_is_removed_when_no_longer_asked_for, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
