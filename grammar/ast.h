#ifndef MLC_GRAMMAR_AST_H
#define MLC_GRAMMAR_AST_H

/* The syntax tree. The grammar knows no kind: every statement and declaration is `NAME expr (clause)*
 * block?`, and what a head means is the binder's business. Nodes live in the arena of the parse; lists are
 * linked through `next` in the order of the text. Spans cover a node from its first to its last byte. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/span.h"

/* Walkers may recurse: no path through a tree is longer. */
enum { AST_DEPTH_LIMIT = 1000 };

struct ast_expr;
struct ast_item;
struct ast_block;

/* A name or a string in the place of a key or head. `text` is decoded (no quotes, escapes resolved). */
struct ast_name {
    const char *text; /* NULL: none */
    struct span span;
    bool quoted; /* written as a string or in backquotes */
};

enum ast_expr_kind {
    AST_NAME,   /* name */
    AST_STRING, /* pieces: strings without holes have one text piece, "" has none */
    AST_NUMBER, /* number: the literal as written, decoded with number.h */
    AST_TRUE,
    AST_FALSE,
    AST_NULL,
    AST_LIST,     /* elements */
    AST_BLOCK,    /* block: an object, or a body where a value stands */
    AST_CALL,     /* left ( arguments ) */
    AST_INDEX,    /* left [ right ] */
    AST_FIELD,    /* left . name; `optional` for ?. */
    AST_OPTIONAL, /* left ?  (a type) */
    AST_UNARY,    /* op: AST_OP_NOT or AST_OP_MINUS; left */
    AST_BINARY,   /* op; left, right */
    AST_IF,       /* left = condition, right = then, third = else */
    AST_FORALL,   /* binders, where, left = body; `any` true for `any x in xs: c` */
    AST_PAREN,    /* left: kept for the formatter */
    AST_INVALID   /* reported already: fits everywhere, silently */
};

enum ast_op {
    AST_OP_OR,
    AST_OP_AND,
    AST_OP_NOT,
    AST_OP_HOLDS /* for */,
    AST_OP_OVER,
    AST_OP_EQ,
    AST_OP_NE,
    AST_OP_LT,
    AST_OP_LE,
    AST_OP_GT,
    AST_OP_GE,
    AST_OP_IN,
    AST_OP_NOT_IN,
    AST_OP_COALESCE,
    AST_OP_MERGE,
    AST_OP_RANGE,
    AST_OP_ADD,
    AST_OP_SUB,
    AST_OP_MUL,
    AST_OP_DIV,
    AST_OP_MINUS,
    AST_OP_PIPE /* | in types */
};

/* The operator as written: "and", "<=", "not in", "for". */
const char *ast_op_text(enum ast_op op);

/* A piece of a string: text (decoded), or a hole. */
struct ast_piece {
    struct ast_piece *next;
    const char *text; /* NULL for a hole */
    size_t length;
    struct ast_expr *hole;
    struct span span;
};

/* An argument of a call, a parameter of a declaration (`data: dataset = x`), a spread. */
struct ast_argument {
    struct ast_argument *next;
    struct ast_name name;           /* text NULL when positional */
    struct ast_expr *value;         /* the value; in a parameter list the type */
    struct ast_expr *default_value; /* `= expr` behind a parameter */
    bool optional;                  /* `name?: expr` */
    bool spread;                    /* `...expr` */
    struct span span;
    const char *doc; /* the `##` lines before it: of the words of a type; NULL when none */
};

struct ast_binder {
    struct ast_binder *next;
    struct ast_name name;
    struct ast_name second; /* `k, v in map`; text NULL when there is one name */
    struct ast_expr *source;
};

/* An element of a list. */
enum ast_element_kind { AST_ELEMENT_VALUE, AST_ELEMENT_SPREAD, AST_ELEMENT_FOR, AST_ELEMENT_IF };
struct ast_element {
    struct ast_element *next;
    enum ast_element_kind kind;
    struct ast_expr *value;     /* value, spread source, or the condition of an `if` */
    struct ast_binder *binders; /* for */
    struct ast_expr *where;     /* for */
    struct ast_element *body;   /* for and if: one element */
    struct span span;
};

struct ast_expr {
    enum ast_expr_kind kind;
    enum ast_op op;
    bool optional;
    bool any;
    bool triple;    /* a string written with """ */
    bool raw;       /* a string written with '…' */
    uint16_t depth; /* of the tree below, this node counted: at most AST_DEPTH_LIMIT */
    struct span span;
    struct span op_span; /* operator, dot, or opening bracket */
    struct ast_name name;
    const char *number;
    struct ast_piece *pieces;
    struct ast_element *elements;
    struct ast_argument *arguments;
    struct ast_binder *binders;
    struct ast_expr *where;
    struct ast_expr *left, *right, *third;
    struct ast_block *block;
};

enum ast_clause_kind { AST_CLAUSE_ELSE, AST_CLAUSE_WHEN };
struct ast_clause {
    struct ast_clause *next;
    enum ast_clause_kind kind;
    struct ast_expr *values; /* the first; further ones of `else a, b` through `more` */
    struct ast_argument *more;
    struct span span;
};

enum ast_item_kind {
    AST_ASSIGN,    /* key = value */
    AST_ENTRY,     /* key: value [= default] [block]; `optional` for ?: (an entry, or a typed attribute) */
    AST_SPREAD,    /* ...value */
    AST_STATEMENT, /* head value [: type] [= default] clauses [block]; value NULL for `head {…}` */
    AST_VALUE,     /* value clauses: a predicate, a document */
    AST_FOR,       /* binders where block */
    AST_IF_ITEM,   /* value = condition, block, other (an AST_IF_ITEM, or AST_ELSE) */
    AST_ELSE,      /* block */
    AST_ERROR_ITEM /* reported already */
};

struct ast_item {
    struct ast_item *next;
    enum ast_item_kind kind;
    bool optional;
    uint16_t depth;
    struct span span;
    struct span op_span;       /* `=` or `:` */
    struct ast_name key;       /* key or head; a computed string key stands in `key_expr` */
    struct ast_expr *key_expr; /* AST_STRING with holes, else NULL */
    struct ast_expr *value;
    struct ast_expr *type;
    struct ast_expr *default_value;
    struct ast_clause *clauses;
    struct ast_binder *binders;
    struct ast_expr *where;
    struct ast_block *block;
    struct ast_item *other;
    const char *doc; /* the `##` lines before it, joined by newlines; NULL when none */
};

struct ast_block {
    struct ast_item *items;
    size_t item_count;
    uint16_t depth;
    struct span span; /* with the braces; of a file: the whole text */
};

#endif
