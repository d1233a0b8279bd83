#ifndef MLC_COMPILER_NODE_STATE_H
#define MLC_COMPILER_NODE_STATE_H

/* What the compiler keeps of a node beyond what graph.h shows: the blocks it was written in, and for every
 * attribute what fills it and its value. */

#include "compiler/evaluator/evaluator.h"
#include "compiler/graph.h"

/* The attributes of a kind by name: the declared ones, then the universal ones. */
struct kind_table {
    const struct kind *kind;
    const struct attribute **attributes;
    size_t count;
    struct map *index; /* name -> place + 1 */
};

/* From weak to strong: a copy (`like`), the block itself, an environment's overlay. */
enum source_level { LEVEL_LIKE, LEVEL_OWN, LEVEL_OVERLAY };

/* A block that says something about a node. */
struct node_source {
    struct node_source *next;
    enum source_level level;
    struct match match;            /* how its item was read: head, key, type */
    const struct ast_block *block; /* NULL: none was written */
    struct scope *outer;           /* where the block stands */
};

/* One item that fills an attribute: `match.value` in `scope`, or a child. */
struct fill {
    struct fill *next;
    const struct node_source *source;
    struct match match;
    struct span span;
    struct scope *scope;
    struct node *child;
    const char *key; /* of a child */
};

enum slot_state { SLOT_OPEN, SLOT_RUNNING, SLOT_DONE, SLOT_FAILED };

struct attribute_slot {
    enum slot_state state;
    const struct value *value;
    struct fill *fills, *last;
};

/* An item `without step(25%)`. */
struct removal {
    struct removal *next;
    const struct ast_expr *value;
    struct scope *scope;
    struct span span;
    bool used;
};

/* An item of an environment over a node, or of a component's instance over one of its parts. */
struct overlay {
    struct overlay *next;
    const struct ast_item *item;
    struct match match;
    struct scope *scope;
    const char *name;
    bool used;
};

struct node_state {
    struct compilation *compilation;
    const struct kind_table *table;
    struct attribute_slot *slots; /* table->count of them */
    struct node_source *sources;  /* weak to strong */
    bool opened;
    struct vec children;  /* struct node *: blocks and clauses inside */
    struct vec instances; /* of a project-wide node: struct node *, one an environment */
    struct overlay *overlays, *last_overlay;
    struct removal *removals;
    struct map *parts;  /* of a component's instance: inner name -> struct node */
    const char *path;   /* the id without the environment */
    const char *key;    /* of a predicate: what overlays know it by */
    const char *leaf;   /* of a predicate: what it measures */
    struct node *owner; /* the component's instance that made it, or NULL */
};

struct attribute_use {
    struct attribute_use *outer;
    struct node *node;
    size_t place;
};

struct node_state *state_of(const struct node *node);
const struct kind_table *kind_table(struct evaluator *ev, const struct kind *kind);
/* The place of an attribute in its node's table, or SIZE_MAX. */
size_t attribute_place(const struct node_state *state, const char *name);

/* A new node, not in the graph yet. `path` is its id without the environment. */
struct node *node_make(struct evaluator *ev, const struct kind *kind, const char *name, const char *path,
                       struct node *parent, struct node *environment, origin where);
/* Puts it into the graph; false after reporting a second one of its id, or too many. */
bool node_register(struct evaluator *ev, struct node *node);
struct node_source *node_add_source(struct evaluator *ev, struct node *node, enum source_level level,
                                    const struct match *match, const struct ast_block *block,
                                    struct scope *outer);

/* open.c: reads the blocks of a node: fills its slots and makes its children. */
void node_open(struct evaluator *ev, struct node *node);
/* The name that stands behind a head; NULL after reporting, "" when there is none. */
const char *name_of_match(struct evaluator *ev, struct scope *scope, const struct match *match);
/* The argument of `without head(key)` as the text by which clauses are known; NULL when the head is another.
 */
const char *removal_key(struct evaluator *ev, const struct removal *removal, const char *head,
                        const struct kind *kind);

/* values.c: the value of the attribute at a place; NULL after reporting. */
const struct value *node_value(struct evaluator *ev, struct node *node, size_t place, origin where);
/* Puts a value in an attribute (derived nodes, graphs that were read). */
void node_set(struct node *node, const char *attribute, const struct value *value);

/* build.c: items of a file or of a component's body: makes nodes. */
bool build_items(struct evaluator *ev, struct scope *scope, struct node *owner, const struct ast_item *item);

/* overlay.c: the instance of a node in an environment (the node itself when it has none). */
struct node *node_in(struct node *node, struct node *environment);
/* Every reference in a value mapped into an environment. */
const struct value *value_in(struct evaluator *ev, const struct value *value, struct node *environment);
/* The environment for which a node's attributes are evaluated, or NULL. */
struct node *node_context(struct node *node);
void make_instances(struct evaluator *ev);

/* graph.c: sorts the nodes by id and indexes the collections anew. */
void graph_index(struct graph *graph);
/* edges.c */
void graph_connect(struct evaluator *ev);
/* "a.b -> c.d -> a.b" of what is being evaluated, from the use of (node, place) on. */
const char *use_path(struct evaluator *ev, const struct node *node, size_t place);

/* derive.c: the value of a derived attribute that is native; NULL after reporting. */
const struct value *derive_attribute(struct evaluator *ev, struct node *node,
                                     const struct attribute *attribute);
/* The nodes of kind `output` of a step, made on first use. */
struct node *step_output(struct evaluator *ev, struct node *step, const char *name);

#endif
