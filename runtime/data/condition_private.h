#ifndef MLC_DATA_CONDITION_PRIVATE_H
#define MLC_DATA_CONDITION_PRIVATE_H

/* Compiled conditions: what condition.c makes and condition_test.c runs. */

#include "runtime/data/condition.h"
#include "runtime/data/exact.h"
#include "runtime/data/typed.h"

enum node_kind {
    NODE_CONSTANT,
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_RANGE,
    NODE_MEMBER,
    NODE_NULL,
    NODE_COMPARE,
    NODE_CELLS,
    NODE_BOOL
};

enum compare {
    COMPARE_EQUAL,
    COMPARE_NOT_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL
};

/* A compiled condition. Column against literal runs on the column's own type; arithmetic runs on doubles. */
struct condition {
    enum node_kind kind;
    bool constant, negate;
    enum compare compare;
    const struct condition *left, *right;
    int column, other;
    struct column_schema schema;
    struct range range;
    const struct typed_set *set, *bad_texts;
    const struct expr *number_left, *number_right; /* NODE_COMPARE */
    const struct exact *exact_left, *exact_right;  /* the same where it needs no rounding, or NULL */
    const struct table_schema *table;
};

/* A name in an expression. */
bool condition_is_column(const struct expr *expr);

#endif
