#ifndef MLC_COMPILER_DECLARATIONS_H
#define MLC_COMPILER_DECLARATIONS_H

/* What the library, the backends and the project declare: kinds, types, measures, functions, dialects,
 * components. The checker, the evaluator, `mlc explain` and the reference documentation read these tables. */

#include <stdbool.h>
#include <stddef.h>
#include "compiler/types.h"
#include "core/arena.h"
#include "core/diag.h"
#include "core/map.h"
#include "core/vec.h"
#include "grammar/ast.h"

enum scope_of_kind { SCOPE_PROJECT, SCOPE_ENVIRONMENT };

enum attribute_form {
    ATTRIBUTE_VALUE,     /* key = expr */
    ATTRIBUTE_BLOCK,     /* key { … }: block(kind), optional or always present */
    ATTRIBUTE_MANY,      /* HEAD name { … }, repeated: many(kind) */
    ATTRIBUTE_STATEMENT, /* WORD expr: each appends to a list (`on push(main)`) */
    ATTRIBUTE_DERIVED    /* can be read, never written */
};

struct attribute {
    const char *name; /* "steps" */
    enum attribute_form form;
    const char *head;           /* MANY: the kind's head (`step`); STATEMENT: the word, "" for bare values */
    const struct type *type;    /* type of what is read: MANY and STATEMENT are lists */
    const struct type *written; /* type of what is written: for STATEMENT the element */
    const struct ast_expr *default_value; /* NULL: none */
    bool required;
    bool planned; /* named in the kind's `planned = [...]`: nothing reads it yet */
    const char *doc;
    struct span span;
    const struct kind *owner;
    const struct ast_expr *derive; /* DERIVED with an expression in the library; NULL: native by name */
};

/* A `check COND else "text"` of a kind. */
struct kind_check {
    struct kind_check *next;
    const struct ast_expr *condition;
    const struct ast_expr *text;
    struct span span;
};

/* `method compares(version: symbol): bool`: a native function of a node, called as `gate.compares(champion)`.
 */
struct kind_method {
    const char *name;
    const struct parameter *parameters;
    size_t parameter_count;
    const struct type *result;
    const char *doc;
    struct span span;
};

struct kind {
    const char *name;                  /* "rollout_step" */
    const char *head;                  /* the word that a spec writes: "step" */
    const char *plural;                /* root collection: "models"; NULL for nested kinds */
    const struct kind *const *parents; /* `in service`; none: stands at the top level */
    size_t parent_count;
    bool named;                 /* takes a name behind its head */
    const char *key_attribute;  /* an attribute that the head's expression fills instead of a name: weight */
    const char *for_attribute;  /* the attribute that `… for D` fills */
    const char *type_attribute; /* the attribute that `: TYPE` fills */
    enum scope_of_kind scope;
    bool overlay;   /* an environment may overlay it: scope is environment, or `overlay = true` */
    bool component; /* declared by `component`; its attributes are its parameters */
    bool planned;   /* `planned = true`: no target lowers it yet */
    const struct attribute *attributes;
    size_t attribute_count;
    const struct kind_check *checks;
    const struct kind_method *methods;
    size_t method_count;
    const struct ast_block *body; /* of a component: what is expanded */
    const char *doc;
    struct span span;
};

struct parameter {
    const char *name;
    const struct type *type;
    const struct ast_expr *default_value;
    bool required;
    struct span span;
};

/* fn name(parameters): result { body }; `= e` instead of a body is a body of that one value. */
struct function {
    const char *name;
    const struct parameter *parameters;
    size_t parameter_count;
    const struct type *result;
    const struct ast_block *body;
    const char *doc;
    struct span span;
};

/* A `lower TARGET(…) = …` of a measure. */
struct lowering {
    struct lowering *next;
    const char *target; /* "sql", "promql", "great_expectations" */
    const struct parameter *parameters;
    size_t parameter_count;
    const struct ast_expr *body;
    struct span span;
};

struct measure {
    const char *name;
    const struct parameter *parameters; /* the arguments: columns, quantiles … */
    size_t parameter_count;
    const struct type *result;
    const struct kind *const *subjects; /* `in dataset`, `in service`: where it may stand */
    size_t subject_count;
    int better;         /* 1 higher, -1 lower, 0 neither: `better = higher` */
    const char *native; /* name of the native check; NULL: none */
    /* `bound = 100%`: what the measure alone is held against, in the direction that is better; NULL: it must
     * be compared. */
    const struct ast_expr *bound;
    struct lowering *lowerings;
    const char *doc;
    struct span span;
};

struct dialect_node {
    struct dialect_node *next;
    const char *name; /* "leaf", "compare", "both" … */
    const struct parameter *parameters;
    size_t parameter_count;
    const struct ast_expr *body;
    struct span span;
};

struct dialect {
    const char *name;
    struct dialect_node *nodes;
    struct span span;
};

struct constant {
    const char *name;
    const struct ast_expr *value;
    const struct type *type; /* declared, or NULL */
    struct span span;
};

/* Every kind whose nodes have a name also has, unless it declares them itself: `labels` ({string: string} =
 * {}), `team` (a reference, where the library has that kind), `allow` (string?), `like` (another node of the
 * kind) and `extras` (a list of {target, body}, filled by `extra TARGET { … }`): universal attributes, last
 * in the table. */

/* Everything by name. Kinds, types, functions, measures, dialects and constants have namespaces of their own.
 */
struct declarations {
    struct arena *arena;
    struct map *plurals;   /* root collection -> struct kind */
    struct map *kinds;     /* name -> struct kind; nested kinds as "parent.name" and, if unique, "name" */
    struct map *types;     /* aliases by name; type_find gives their types */
    struct map *functions; /* name -> struct function */
    struct map *measures;
    struct map *dialects;
    struct map *constants;
    struct map *templates; /* backend name -> const struct ast_block (template NAME { … }) */
    struct map *contexts;  /* backend contexts: name -> const struct type: TYPE_EXPRESSION of the backend's
                              dialect,  whose `element` is what the context holds (a record or a map) */
    struct vec
        items; /* const struct ast_item *: what the project's files hold besides declarations, in order */
    struct vec
        policies; /* const struct ast_item *: `policy { … }` blocks, of the library and of the project */
};

struct compilation;

/* Pass `declare`: reads the declarations of all loaded files into `compilation`'s tables. */
void declare(struct compilation *compilation);

/* A type expression to a type; reports and gives TYPE_BAD when it is none. */
const struct type *type_of_expr(struct compilation *compilation, const struct ast_expr *expr);

#include "compiler/lookup.h"

#endif
