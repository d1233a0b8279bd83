#ifndef MLC_COMPILER_MATCH_H
#define MLC_COMPILER_MATCH_H

/* Which attribute an item of a block fills, and what its parts are: the one reading of `NAME expr (clause)*
 * block?` that the checker and the evaluator share. Pure: reports nothing, allocates nothing. The checker
 * reports a MATCH_ERROR; everybody else skips it. */

#include <stdbool.h>
#include "compiler/declarations.h"
#include "grammar/ast.h"

enum match_status {
    MATCH_VALUE,       /* `key = expr` fills `attribute` (ATTRIBUTE_VALUE) */
    MATCH_BLOCK,       /* `key { … }` fills `attribute` (ATTRIBUTE_BLOCK); `kind` is the block's */
    MATCH_CHILD,       /* `step train { … }`: one more node of `kind` in `attribute` (ATTRIBUTE_MANY) */
    MATCH_STATEMENT,   /* `on push(main)`, a bare predicate: one more element of `attribute` */
    MATCH_NODE,        /* a node of the top-level kind `kind`: in a file, or in the body of a component */
    MATCH_OVERLAY,     /* in an environment: a partial block over the node `name` of `kind` */
    MATCH_EXTRA,       /* `extra TARGET { … }`: `name` is the target, `block` a free record */
    MATCH_WITHOUT,     /* `without step(25%)`: `value` is the call */
    MATCH_LET,         /* `let x = e`: `name` is the name's expression, `value` e, `type` or NULL */
    MATCH_PARAM,       /* `param x: T = d` in a component: `name`, `type`, `value` the default or NULL */
    MATCH_FOR,         /* binders, `where` and block stand in the item */
    MATCH_IF,          /* condition, block and `other` stand in the item */
    MATCH_POLICY,      /* `policy { … }` in a file */
    MATCH_DECLARATION, /* kind, type, fn, measure, template …: in files only */
    MATCH_IMPORT,      /* `import "path"` */
    MATCH_NOTHING,     /* reported already by the parser */
    MATCH_ERROR        /* see `problem` */
};

enum match_problem {
    MATCH_OK,
    MATCH_UNKNOWN,            /* no attribute and no head of that name */
    MATCH_DERIVED,            /* `attribute` can be read, never written */
    MATCH_ASSIGNED_BLOCK,     /* `split = { … }`: no `=` before a block */
    MATCH_BLOCK_FOR_VALUE,    /* `data { … }` where `data = x` is meant */
    MATCH_VALUE_FOR_BLOCK,    /* `split = x` where `split { … }` is meant */
    MATCH_NO_ARGUMENT,        /* `split x { … }`: takes no argument */
    MATCH_NO_EQUALS,          /* `port 8080`: `port = 8080` is meant */
    MATCH_COLON,              /* `port: 8080`: `port = 8080` is meant */
    MATCH_ASSIGNED_STATEMENT, /* `on = x` or `events = x`: written `on x` */
    MATCH_NO_NAME,            /* `step { … }`: needs a name */
    MATCH_NO_VALUE,           /* `on` alone */
    MATCH_NO_TYPE,            /* `: T` behind a head that takes none */
    MATCH_NO_DEFAULT,         /* `= d` behind a statement */
    MATCH_STATEMENT_BLOCK,    /* a block behind a statement */
    MATCH_NO_HOLD,            /* `for D` where none is taken */
    MATCH_NO_WHEN,            /* a `when` where none is taken */
    MATCH_NO_ELSE,            /* an `else` where none is taken */
    MATCH_MISPLACED,          /* the kind `kind` stands elsewhere: in its parents, or at the top level */
    MATCH_BARE_VALUE,         /* an expression without a head where none is taken */
    MATCH_SPREAD              /* `...x` in a block of attributes */
};

struct match {
    enum match_status status;
    enum match_problem problem;
    const struct attribute *attribute; /* NULL for nodes, overlays and control items */
    const struct kind *kind;           /* of the node or block that the item makes or overlays; else NULL */
    const char *head;                  /* the word as written; NULL for a bare value */
    struct span head_span;
    const struct ast_expr *name;      /* the node's name: AST_NAME or AST_STRING; NULL: none */
    const struct ast_expr *key;       /* the value of kind->key_attribute: `25%` of `step 25%` */
    const struct ast_expr *value;     /* the value of an attribute or statement */
    const struct ast_expr *hold;      /* the value of kind->for_attribute: `30m` of `step 25% for 30m` */
    const struct ast_expr *type;      /* the value of kind->type_attribute: `float in 0..10` */
    const struct ast_clause *clauses; /* the `else` clauses (a `when` has become `value`) */
    const struct ast_block *block;    /* NULL: none was written */
};

/* Reads an item of a block of `kind`; `kind` NULL: of a file. A component (kind->component) is read alike in
 * its body and in the block of an instance: `param`, `let`, nodes of top-level kinds (in an instance:
 * overlays of the parts) and `key = value` (in an instance: the value of a parameter). */
struct match match_item(const struct declarations *declarations, const struct kind *kind,
                        const struct ast_item *item);

/* The text of a literal name (AST_NAME, or a string without holes); NULL when it is computed or absent. */
const char *match_literal_name(const struct ast_expr *name);

#endif
