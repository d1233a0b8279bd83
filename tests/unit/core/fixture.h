#ifndef MLC_TESTS_UNIT_CORE_FIXTURE_H
#define MLC_TESTS_UNIT_CORE_FIXTURE_H

/* What tests of documents share: one arena, one set of sources, one sink. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/diag_print.h"
#include "core/documents/json.h"
#include "core/documents/yaml.h"

struct fixture {
    struct arena *arena;
    struct source_set *sources;
    struct origin_table *origins;
    struct diag_sink *diags;
    struct buf out;
};

static inline struct fixture fixture_begin(void)
{
    struct arena *arena = arena_new();
    return (struct fixture){.arena = arena,
                            .sources = source_set_new(arena),
                            .origins = origin_table_new(arena),
                            .diags = diag_sink_new(arena, 0)};
}

static inline void fixture_end(struct fixture *fixture)
{
    buf_free(&fixture->out);
    arena_free(fixture->arena);
}

static inline const struct source *fixture_source(struct fixture *fixture, const char *path, const char *text)
{
    return source_add(fixture->sources, SOURCE_USER, path, text, strlen(text));
}

static inline const struct value *fixture_json(struct fixture *fixture, const char *text)
{
    return json_read(fixture->arena, fixture_source(fixture, "in.json", text), (struct json_limits){0},
                     fixture->origins, fixture->diags);
}

/* The one document of a YAML text; NULL when it is refused. */
static inline const struct value *fixture_yaml(struct fixture *fixture, const char *text, size_t length)
{
    struct vec documents = vec_in(fixture->arena);
    const struct source *source = source_add(fixture->sources, SOURCE_OTHER, "in.yaml", text, length);
    if (!yaml_read(fixture->arena, source, (struct yaml_limits){0}, fixture->origins, fixture->diags,
                   &documents))
        return NULL;
    return documents.count ? documents.items[0] : NULL;
}

/* All diagnostics so far as text, in 100 columns without colour. */
static inline const char *fixture_messages(struct fixture *fixture)
{
    buf_clear(&fixture->out);
    diag_print_text(&fixture->out, fixture->diags, fixture->sources, (struct diag_style){0});
    return buf_str(&fixture->out);
}

/* A path below the shared folder, or NULL when it is not there. */
static inline const char *fixture_shared(struct arena *arena, const char *path)
{
    const char *root = getenv("MLC_SHARED");
    char *full = arena_printf(arena, "%s/%s", root ? root : "../shared", path);
    FILE *file = fopen(full, "r");
    if (!file)
        return NULL;
    fclose(file);
    return full;
}

#endif
