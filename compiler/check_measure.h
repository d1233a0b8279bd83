#ifndef MLC_COMPILER_CHECK_MEASURE_H
#define MLC_COMPILER_CHECK_MEASURE_H

/* What a predicate may speak of at its place. Inside the checker only. */

#include "compiler/check.h"

struct predicate {
    struct checker *c;
    struct check_scope *scope;
    int direction; /* 1: what is asked for should be good; -1: a reason to stop */
};

/* A `metric NAME` of the project. */
struct metric_facts {
    const struct type *type;
    int better; /* as in struct measure */
};

/* The metric that the place's model declares; true also when that cannot be known (its type is bad then). */
bool check_own_metric(struct predicate *p, const char *name, struct metric_facts *metric);
/* The type of a measure or metric; NULL (nothing reported): there is none. `called`: arguments follow. */
const struct type *check_measure_type(struct predicate *p, const char *name, struct span span, bool called);
/* Reports that there is no such measure. */
void check_unknown_measure(struct predicate *p, const char *name, struct span span);
/* True if a parameter takes a column; checks an argument for one (`features` stands for all of them). */
bool check_takes_column(struct checker *c, const struct type *type);
void check_column_argument(struct predicate *p, const struct ast_expr *value);
/* A condition over the columns of a row. check_condition.c */
void check_row_condition(struct predicate *p, const struct ast_expr *expr);
/* The arguments of a measure, `where:` among them. check_argument.c */
void check_measure_arguments(struct predicate *p, const struct ast_expr *call, const struct measure *measure);

#endif
