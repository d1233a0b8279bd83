#ifndef MLC_COMPILER_GRAPH_H
#define MLC_COMPILER_GRAPH_H

/* The typed graph: what a spec means, after expansion, overlays and evaluation. Runtime and backends read it;
 * nothing writes it after the compiler. All of it lives in the compilation's arena.
 *
 * A node is an instance of a kind. All that a kind declares is an attribute: plain values, nested blocks (a
 * VALUE_NODE or null), collections (`steps`: a list of VALUE_NODE), statements (`events`: a list of words and
 * variants), references (a VALUE_NODE of another part of the graph), derived values.
 *
 * A predicate (`requires`, `checks`, `objectives` …) is a node of the built-in kind `predicate`: source
 * (canonical text), condition (VALUE_EXPRESSION), measure (name of the first measure), column (the node of
 * its first column argument), operator, bound, over, holds, actions, reads (other datasets). In its tree a
 * measure is EXPR_MEASURE with its arguments, columns are EXPR_NAME; `stable.p99_latency` is EXPR_FIELD of a
 * name, `accuracy.by(x)` EXPR_METHOD. The type of a column (`float in 0..10`) is a record {name, words,
 * range, nullable}. */

#include <stdbool.h>
#include <stddef.h>
#include "compiler/declarations.h"
#include "core/buf.h"
#include "core/expr.h"
#include "core/hash.h"
#include "core/map.h"
#include "core/origin.h"
#include "core/value.h"
#include "core/vec.h"

struct node {
    const struct kind *kind;
    const char *name;         /* "" for a block without a name */
    const char *id;           /* "model/iris.train", "service/iris-api@production" */
    struct node *parent;      /* the enclosing node; NULL at the top level */
    struct node *environment; /* the environment that this instance belongs to; NULL: project-wide */
    struct node *base;        /* the node that an instance was overlaid from; NULL for others */
    origin origin;            /* the name at the declaration (its parent: the component instance, if any) */
    const char *doc;          /* NULL when there is none */
    size_t index;             /* place in graph.nodes */
    void *evaluation;         /* the evaluator's own: attributes not yet evaluated */
};

/* Why one node needs another. */
enum edge_role {
    EDGE_REFERENCE, /* an attribute names it */
    EDGE_SLOT,      /* a command uses what it makes: data part, output, artifact */
    EDGE_ORDER      /* comes after it: environment.after */
};

struct edge {
    struct node *from; /* the user */
    struct node *to;   /* what is used */
    enum edge_role role;
    const char *via; /* the attribute, or the slot's text: "data", "train.model" */
    origin origin;
};

struct graph {
    struct vec nodes;  /* struct node *: all, in order of id */
    struct vec edges;  /* struct edge *: in order of (from, to, via) */
    struct map *by_id; /* id -> struct node */
    struct map
        *collections; /* "model", "service@environment/production" -> struct vec of nodes, in order of id */
    struct node *project;
    struct compilation *compilation;
};

/* The value of an attribute, evaluated on first use; never NULL (VALUE_NULL when absent). An attribute that
 * the kind does not declare gives NULL: a bug of the caller's. */
const struct value *node_get(struct node *node, const char *attribute);

/* Short forms for the runtime: text, node, or list of an attribute; NULL (0 items) when it is absent. */
const char *node_text(struct node *node, const char *attribute);
struct node *node_ref(struct node *node, const char *attribute);
size_t node_list(struct node *node, const char *attribute, const struct value *const **items);

/* The graph that a node belongs to. */
struct graph *graph_of(const struct node *node);

struct node *graph_find(const struct graph *graph, const char *id);

/* All project-wide nodes of a kind ("model"), or instances of an environment, in order of id. */
size_t graph_collection(const struct graph *graph, const char *kind, struct node *environment,
                        struct vec *out);

/* The content hash of a node: kind, attributes, and the ids of what it refers to. */
void node_hash(struct node *node, char out[HASH_HEX_SIZE]);

/* A command's slot: what stands in the hole. Dialect "slot"; forms:
 *   data.PART, data.path · outputs.NAME · metrics · params · STEP.OUTPUT · model.artifact · port · url ·
 * out.x */
struct slot {
    const char *root;  /* "data", "outputs", "metrics", "params", "step", "model", "port", "url" */
    const char *name;  /* part, output or attribute; NULL when there is none */
    struct node *node; /* the dataset, step, model … that the root resolved to */
};
/* Resolves a slot expression of a command in the block of `node`; false when it is none. */
bool slot_resolve(struct node *node, const struct expr *expr, struct slot *out);

/* The column that a name in a predicate's arguments means, or NULL (`features`, a word). */
struct node *predicate_column(struct node *predicate, const char *name);

#endif
