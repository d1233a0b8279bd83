/* What mistakes are told: each tests/golden/check/NAME.mlc with the exact text of its diagnostics in
 * NAME.txt. MLC_BLESS=1 writes the texts anew. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "compiler/compilation.h"
#include "compiler/passes.h"
#include "core/diag_print.h"
#include "core/file.h"
#include "core/text.h"

#define FOLDER "tests/golden/check"
enum { LIMIT = 1 << 20 };

/* The codes that some golden text shows. */
static bool shown[DIAG_CODE_LIMIT];

/* A file "backend-github.mlc" is one of backends/github/, checked with the library; any other is a project.
 */
static void compile_file(struct compilation *c, const char *name)
{
    struct buf text = {0};
    assert_int_equal(file_read(file_join(c->arena, FOLDER, name), LIMIT, &text), 0);
    bool backend = text_starts_with(name, "backend-");
    assert_true(load_library(c, backend));
    if (backend) {
        const char *folder = arena_printf(c->arena, "backends/%.*s", (int)strlen(name) - 12, name + 8);
        const char *copy = arena_copy(c->arena, buf_str(&text), text.length);
        const struct source *source = source_add(
            c->sources, SOURCE_BACKEND, file_join(c->arena, folder, "planted.mlc"), copy, text.length);
        vec_push(&c->files, parse_source(c->arena, source, (struct parse_limits){0}, c->diags));
        declare(c);
        check_library(c);
    } else {
        load_text(c, name, buf_str(&text), text.length);
        compile(c, NULL);
    }
    buf_free(&text);
    diag_sort(c->diags);
    for (size_t i = 0; i < diag_count(c->diags); i++)
        shown[diag_at(c->diags, i)->code] = true;
}

static void assert_golden(struct compilation *c, const char *name, const char *text)
{
    const char *path = arena_printf(c->arena, FOLDER "/%.*s.txt", (int)(strlen(name) - 4), name);
    if (getenv("MLC_BLESS") != NULL) {
        assert_int_equal(file_write_atomic(path, text, strlen(text), 0644), 0);
        return;
    }
    struct buf golden = {0};
    assert_int_equal(file_read(path, LIMIT, &golden), 0);
    if (strcmp(buf_str(&golden), text) != 0)
        fail_msg("%s differs from the messages of %s:\n%s", path, name, text);
    buf_free(&golden);
}

static void test_golden_messages(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct vec names = vec_in(arena);
    assert_int_equal(file_list(FOLDER, &names), 0);
    size_t count = 0;
    for (size_t i = 0; i < names.count; i++) {
        if (!text_ends_with(names.items[i], ".mlc"))
            continue;
        struct compilation *c = compilation_new();
        compile_file(c, names.items[i]);
        struct buf out = {0};
        diag_print_text(&out, c->diags, c->sources, (struct diag_style){0});
        assert_golden(c, names.items[i], buf_str(&out));
        buf_free(&out);
        compilation_free(c);
        count++;
    }
    assert_true(count >= 6);
    arena_free(arena);
}

/* Every code of the rooms "names" and "types" is shown by a golden text, but for those that need a disk. */
static void test_every_code_is_shown(void **state)
{
    (void)state;
    static const enum diag_code elsewhere[] = {DIAG_NAMES_IMPORT, DIAG_NAMES_NO_SOURCES,
                                               DIAG_NAMES_FILE_UNREADABLE};
    size_t count;
    const struct diag_info *rows = diag_catalogue(&count);
    for (size_t i = 0; i < count; i++) {
        bool here = rows[i].code >= 200 && rows[i].code < 400;
        for (size_t k = 0; k < sizeof elsewhere / sizeof elsewhere[0]; k++)
            here = here && rows[i].code != elsewhere[k];
        if (here && !shown[rows[i].code])
            print_message("no golden text shows %s (%s)\n", rows[i].id, rows[i].title);
        assert_true(!here || shown[rows[i].code]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_messages),
        cmocka_unit_test(test_every_code_is_shown),
    };
    return cmocka_run_group_tests_name("messages of the checker", tests, NULL, NULL);
}
