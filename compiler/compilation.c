#include "compiler/compilation.h"

#include "core/value.h"

enum { DEFAULT_NODES = 100000, DEFAULT_STEPS = 200000000, DEFAULT_OUTPUT = 1 << 30, KEPT_DIAGNOSTICS = 100 };

struct compilation *compilation_new(void)
{
    struct arena *arena = arena_new();
    struct compilation *compilation = arena_alloc(arena, sizeof *compilation);
    compilation->arena = arena;
    compilation->sources = source_set_new(arena);
    compilation->origins = origin_table_new(arena);
    compilation->diags = diag_sink_new(arena, KEPT_DIAGNOSTICS);
    compilation->limits =
        (struct compile_limits){.nodes = DEFAULT_NODES, .steps = DEFAULT_STEPS, .output = DEFAULT_OUTPUT};
    compilation->files = vec_in(arena);
    compilation->project_folder = "";
    compilation->lock = value_record(arena, NULL, 0, 0);
    compilation->release = value_record(arena, NULL, 0, 0);
    return compilation;
}

void compilation_free(struct compilation *compilation)
{
    if (compilation != NULL)
        arena_free(compilation->arena);
}
