#ifndef MLC_COMPILER_TYPES_H
#define MLC_COMPILER_TYPES_H

/* Types of the language. They are interned: two equal types are one pointer within one compilation. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/value.h"

struct kind;
struct ast_expr;

enum type_kind {
    TYPE_BAD, /* after an error: fits everything, silently */
    TYPE_NULL,
    TYPE_STRING,
    TYPE_INT,
    TYPE_NUMBER,
    TYPE_BOOL,
    TYPE_PERCENT,
    TYPE_DURATION,
    TYPE_SIZE,
    TYPE_RATE,
    TYPE_RATIO,     /* int, number or percent: a share of one */
    TYPE_SYMBOL,    /* a bare word that no list names: push(main) */
    TYPE_ONE_OF,    /* words and variants: one_of(canary, blue_green), one_of(push(branch: symbol), …) */
    TYPE_REFERENCE, /* a kind: a bare name resolves to a node of it */
    TYPE_BLOCK,     /* block(kind): a nested block; its value is a node */
    TYPE_ANY_NODE,  /* node */
    TYPE_LIST,
    TYPE_MAP,      /* {string: T} */
    TYPE_CLOSED,   /* { field: T, … }, structural */
    TYPE_RECORD,   /* record: any fields, nothing may be read */
    TYPE_DOCUMENT, /* document: a record that a file holds */
    TYPE_BLOCKS,   /* HCL block notation */
    TYPE_RANGE,
    TYPE_OPTIONAL,
    TYPE_UNION,
    TYPE_TEXT,        /* text(dialect): a string that may hold expressions */
    TYPE_EXPRESSION,  /* expression(dialect) */
    TYPE_PREDICATE,   /* a condition over measures: a tree */
    TYPE_COMMAND,     /* text with slots, run by a shell or as arguments */
    TYPE_COLUMN_TYPE, /* what stands behind `column x:` */
    TYPE_JSON,        /* json: any data; what is read from it is json again */
    TYPE_FIELD,       /* field(T): a literal string that names an attribute of T; natives only */
    TYPE_VARIABLE     /* in the signatures of natives only: a single upper-case letter */
};

struct type_field {
    const char *name;
    const struct type *type;
    bool optional; /* may be left out */
    const struct ast_expr *default_value;
};

/* One word of a one_of: a bare word (no fields) or a constructor. */
struct type_case {
    const char *name;
    const struct type_field *fields;
    size_t field_count;
    bool constructor; /* written with parentheses; a word without is false */
};

struct type {
    enum type_kind kind;
    const char *name;           /* alias that named it, dialect, variable; may be NULL */
    const struct kind *of;      /* TYPE_REFERENCE, TYPE_BLOCK */
    const struct type *element; /* list, map, range, optional, field; expression: its known fields, or NULL */
    const struct type *const *members; /* union */
    size_t member_count;
    const struct type_field *fields; /* closed record */
    size_t field_count;
    const struct type_case *cases; /* one_of */
    size_t case_count;
};

/* As it is written in the language. */
void type_print(struct buf *out, const struct type *type);

#endif
