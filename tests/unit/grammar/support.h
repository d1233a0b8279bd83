#ifndef MLC_TESTS_GRAMMAR_SUPPORT_H
#define MLC_TESTS_GRAMMAR_SUPPORT_H

/* What the tests of the grammar share: a parse with its memory, and walks over the repository's specs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/file.h"
#include "grammar/parse.h"

struct parsed {
    struct arena *arena;
    struct source_set *sources;
    struct diag_sink *diags;
    const struct ast_file *file;
};

static inline struct parsed parse_text(const char *text, size_t length)
{
    struct parsed parsed = {.arena = arena_new()};
    parsed.sources = source_set_new(parsed.arena);
    parsed.diags = diag_sink_new(parsed.arena, 0);
    const struct source *source = source_add(parsed.sources, SOURCE_USER, "test.mlc", text, length);
    parsed.file = parse_source(parsed.arena, source, (struct parse_limits){0}, parsed.diags);
    return parsed;
}

static inline void parsed_free(struct parsed *parsed)
{
    arena_free(parsed->arena);
}

/* The dump of a text's tree, without its documentation lines; the caller frees it. */
static inline char *dump_of(const char *text, size_t length, size_t *errors)
{
    struct parsed parsed = parse_text(text, length);
    struct buf out = {0};
    ast_dump(&out, parsed.file);
    *errors = diag_error_count(parsed.diags);
    parsed_free(&parsed);
    buf_add_str(&out, "");
    return buf_take(&out);
}

static inline struct buf read_whole(const char *path)
{
    struct buf text = {0};
    assert_int_equal(file_read(path, 1 << 20, &text), 0);
    return text;
}

/* Calls `visit` for every *.mlc below `folder`; the number of files. */
static inline size_t each_spec(struct arena *arena, const char *folder, void (*visit)(const char *path))
{
    struct vec names = vec_in(arena);
    size_t count = 0;
    if (file_list(folder, &names) != 0) {
        return 0;
    }
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        const char *path = file_join(arena, folder, name);
        size_t length = strlen(name);
        if (file_is_folder(path)) {
            count += each_spec(arena, path, visit);
        } else if (length > 4 && strcmp(name + length - 4, ".mlc") == 0) {
            visit(path);
            count++;
        }
    }
    return count;
}

#endif
