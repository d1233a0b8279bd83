#ifndef MLC_COMPILER_CHECK_OPERAND_H
#define MLC_COMPILER_CHECK_OPERAND_H

/* What stands on the sides of a comparison in a condition over rows: columns, values and what is calculated
 * from them. Inside the checker only. */

#include "compiler/check_measure.h"

/* What cells and values can be compared as. */
enum sort {
    SORT_ANY, /* not known: fits everything */
    SORT_NULL,
    SORT_NUMBER,
    SORT_TEXT,
    SORT_BOOL,
    SORT_DATE,
    SORT_TIME,
    SORT_TIMESTAMP,
    SORT_SPAN, /* a duration, or the difference of two times */
    SORT_OTHER /* nothing that a cell equals: a list, a node */
};

struct operand {
    enum sort sort;
    const char *column;           /* the operand is a column as it is; else NULL */
    bool computed;                /* a calculation */
    bool reads;                   /* some column stands in it */
    const struct ast_expr *shown; /* for messages */
};

/* Checks an operand; `words` is the one_of of the other side, or NULL: then a bare word is one of them. */
struct operand operand_of(struct predicate *p, const struct ast_expr *expr, const struct type *words);
/* The words of a column that is `one_of(…)`, as a type; NULL: the expression is no such column. */
const struct type *operand_words(struct predicate *p, const struct ast_expr *expr);
/* What cells of a declared type are: `float in 0..5` numbers. NULL: any. */
enum sort sort_of_type(const struct ast_expr *type);
/* What a value of the language is beside a cell. */
enum sort sort_of_value(const struct type *type);
/* A date, a time or a timestamp. */
bool sort_is_moment(enum sort sort);
const char *sort_phrase(enum sort sort);
/* "`fare` is a number" */
const char *operand_said(struct predicate *p, const struct operand *operand);
/* The text of a place, as it is written. */
const char *operand_source(struct predicate *p, struct span span);
struct diag *operand_report(struct predicate *p, enum diag_code code, struct span span, const char *label,
                            const char *message);

#endif
