#ifndef MLC_RUNTIME_EXPECTATIONS_ASK_H
#define MLC_RUNTIME_EXPECTATIONS_ASK_H

/* What a dataset's declaration asks of the check engine. Inside expectations*.c only. */

#include "compiler/compilation.h"
#include "runtime/data/check.h"
#include "runtime/expectations.h"

struct asked {
    struct arena *arena;
    struct check *checks;
    size_t count, capacity;
};

/* A measure that a predicate uses: computed by the engine without bounds, judged by the predicate's own tree.
 */
struct measured {
    const struct expr *expr; /* the measure, or `m.by(column)` */
    struct node *feature;    /* the column that `features` stands for, else NULL */
    size_t check;
    const struct measure *measure;
};

/* A slice among those of its check. */
struct slice {
    const char *label; /* "city=paris" */
    size_t place;
};

struct expectations {
    struct arena *arena;
    struct node *dataset;
    struct compilation *compilation;
    struct diag_sink *diags;
    struct asked asked;
    struct vec measured;  /* struct measured * */
    struct node *feature; /* the column that `features` stands for just now */
    const struct check_report *report;
    const struct slice *slice; /* the one that is decided just now; NULL: the whole */
};

struct expectations expectations_of(struct arena *arena, struct node *dataset);

/* One more check; `column` may be NULL. */
struct check *asked_add(struct asked *asked, enum check_kind kind, const char *column, origin where);
/* The rules of columns and of the compound key. */
void ask_of_columns(struct expectations *all);
/* Every measure of a condition. */
void ask_measures(struct expectations *all, const struct expr *expr);
/* A measure, or a measure by slices; false: the engine does not compute it. */
bool ask_measure(struct expectations *all, const struct expr *expr);
/* `m.by(column)` */
bool is_sliced(const struct expr *expr);
/* Of a check for each row: the share of the rows that are not good (`better = lower`). */
bool measures_bad_rows(const struct measured *measured);
/* The argument for a parameter of a measure: by its name, or by its place among the unnamed ones. NULL: none.
 */
const struct expr *measure_argument(const struct measure *measure, const struct expr *call, const char *name);
/* Percent as a share of one; other numbers as they are. */
double share_of(const struct value *value);
/* A found value in few digits: "93.3333%", "1030.2d". */
void expectations_print(struct buf *out, const struct value *value);
/* What is done for a predicate: once, or once for each feature when it speaks of `features`. */
bool for_each_feature(struct expectations *all, struct node *predicate,
                      bool (*act)(struct expectations *all, struct node *predicate));

#endif
