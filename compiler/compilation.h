#ifndef MLC_COMPILER_COMPILATION_H
#define MLC_COMPILER_COMPILATION_H

/* The handle of one compilation: it comes first in every call, and there is no other state. */

#include <stdbool.h>
#include "compiler/declarations.h"
#include "core/arena.h"
#include "core/diag.h"
#include "core/origin.h"
#include "core/span.h"
#include "core/vec.h"
#include "grammar/parse.h"

struct graph;

struct compile_limits {
    size_t nodes;  /* of the graph; 0: 100,000 */
    size_t steps;  /* expression evaluations; 0: 200,000,000 */
    size_t output; /* bytes of all documents; 0: 1 GiB */
};

struct compilation {
    struct arena *arena;
    struct source_set *sources;
    struct origin_table *origins;
    struct diag_sink *diags;
    struct compile_limits limits;
    struct vec files; /* struct ast_file *: library, backends, project */
    struct declarations declarations;
    const char *project_folder;  /* "" when there is none (tests) */
    struct graph *graph;         /* after evaluation */
    const struct value *lock;    /* facts of mlc.lock: {"model/iris.champion": …}; never NULL */
    const struct value *release; /* version and digests of the mlc that emitted steps use */
    void *types;                 /* the table of interned types (compiler/type_table.c) */
    void *evaluator;             /* state of the evaluator (compiler/evaluate.c) */
};

struct compilation *compilation_new(void);
void compilation_free(struct compilation *compilation);

/* Pass `load`: the embedded library and the *.mlc of a folder (sorted by name), or one text for tests.
 * False when nothing could be read. Imports (`import "path"`) are followed, local only, each file once. */
bool load_library(struct compilation *compilation, bool with_backends);
/* The embedded templates of one folder, as "backends/data/", which load_library leaves out: they write texts
 * from plain records (compiler/library.h), not from a graph. False when there are none. */
bool load_templates(struct compilation *compilation, const char *folder);
bool load_project(struct compilation *compilation, const char *folder);
/* Policies from outside the project: a file, or the *.mlc of a folder, with `policy`, `fn`, `let` and
 * `import`. What the project declares is not seen by them, and hides nothing of them. */
bool load_policy(struct compilation *compilation, const char *path);
bool load_text(struct compilation *compilation, const char *path, const char *text, size_t length);

/* A pass takes the compilation on; the next one runs only if no error was reported. */
struct pass {
    const char *name; /* "load", "declare", "check", … : also what `--dump NAME` takes */
    void (*run)(struct compilation *compilation);
    void (*dump)(struct compilation *compilation, struct buf *out); /* NULL: nothing to print */
    const char *summary;
};

/* All passes behind load and parse, in order: declare, check (types), build (nodes), evaluate, verify. */
extern const struct pass passes[];
extern const size_t pass_count;

/* Runs the passes up to and including `until` (NULL: all). True when no error was reported. */
bool compile(struct compilation *compilation, const char *until);

/* Checks the library and the templates themselves (types of every function): when mlc is built and in tests.
 */
bool check_library(struct compilation *compilation);

#endif
