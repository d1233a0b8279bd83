#ifndef MLC_BACKENDS_BACKEND_H
#define MLC_BACKENDS_BACKEND_H

/* A backend: a pure function from the graph to documents, and from documents to bytes. One record a backend,
 * in a folder of its own; the table of all stands in backends.c. */

#include <stdbool.h>
#include <stddef.h>
#include "compiler/compilation.h"
#include "compiler/evaluate.h"
#include "compiler/graph.h"
#include "core/buf.h"
#include "core/map.h"
#include "core/vec.h"

struct backend;

/* A finished file. */
struct output {
    const char *path; /* relative to the root of outputs, "/" between folders */
    const char *text; /* NUL-terminated; may hold any byte */
    size_t length;
    const struct backend *backend;
    const struct generated *file; /* what it was written from */
    size_t header;                /* lines before the content: the comment that says who made it */
};

/* A part of the finished documents that `extra TARGET { KIND { … } }` of a node may change: an object of
 * Kubernetes, a job of GitHub, a block of Terraform. */
struct part {
    const char *kind; /* "Deployment", "job", "aws_s3_bucket" */
    const char *name; /* to tell several of one kind apart; "" */
    const struct value *value;
    struct node *node; /* for whom it was made; NULL: the project or the target */
};

struct backend {
    const char *name;    /* of the target block: "kubernetes" */
    const char *summary; /* one line */

    /* The graph to documents: pushes `struct generated *`. False after reporting. NULL: the backend's
     * template in the language. */
    bool (*lower)(struct compilation *compilation, struct vec *files);

    /* The documents of one file to bytes, without the first line. False after reporting. NULL: by the
     * extension. */
    bool (*write)(struct compilation *compilation, const struct generated *file, struct buf *out);

    /* Finds what no type can show: references that lead nowhere, two objects of one identity, limits. Only
     * reports. `files`: struct generated *. NULL: nothing to check. */
    void (*check)(struct compilation *compilation, const struct vec *files);

    /* Pushes `struct part *` for a document of a file; NULL: the backend takes no `extra`. */
    void (*parts)(struct compilation *compilation, const struct generated *file, const struct value *document,
                  struct vec *parts);

    /* What no `extra` may set, as "KIND.path.of.fields" ("*" for every kind), ends with NULL: what a document
     * is, and what the spec's own words decide, so that no policy is gone round. NULL: nothing. */
    const char *const *sealed;

    /* The names of fields of what the target takes, as {"kinds": {KIND: N}, "types": [{FIELD: N}]}: 0 is not
     * looked into. A name in an `extra` that is not among them is warned of. NULL: none are known. */
    const struct value *(*field_names)(struct compilation *compilation);

    /* A string of an `extra`, which is written in the target's own language, as this backend's documents hold
     * it. NULL: as it is. */
    const struct value *(*accept)(struct compilation *compilation, const struct value *text);
};

/* All of them, sorted by name. */
extern const struct backend *const backends[];
extern const size_t backend_count;
const struct backend *backend_find(const char *name);

/* Runs one backend: lower, extras, checks, write. Pushes `struct output *`. False when an error was reported.
 */
bool backend_run(struct compilation *compilation, const struct backend *backend, struct vec *outputs);

/* Runs the backends of all targets of the spec; the outputs are sorted by path, no path twice. */
bool backends_run(struct compilation *compilation, struct vec *outputs);

/* The origin behind each line of an output (count lines, 0: unknown), in the compilation's arena: what
 * `mlc explain FILE:LINE` asks. */
const origin *output_lines(struct compilation *compilation, const struct output *output, size_t *count);

/* Writes documents as the file's extension says: YAML, JSON, HCL, or lines of text. */
bool write_by_extension(struct compilation *compilation, const struct generated *file, struct buf *out);

/* Nodes by the place of their declaration, and the node that an origin was made for: the nearest one in its
 * chain of parents, or NULL. Instances of environments share the place of their base; the base is found. */
struct map *origin_index(struct compilation *compilation);
struct node *origin_node(struct compilation *compilation, const struct map *index, origin where);

#endif
