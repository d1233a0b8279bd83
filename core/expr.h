#ifndef MLC_CORE_EXPR_H
#define MLC_CORE_EXPR_H

/* Expression trees: predicates (`p99_latency <= 1.2 * stable.p99_latency for 5m`), slots of commands
 * (`data.train`), contexts and references of targets (`github.event_name`, `aws_s3_bucket.requests.arn`).
 * They are trees all the way to the lowering, never strings. A tree belongs to one dialect: "predicate",
 * "slot", or a target's own. The pure evaluator below is what gates, monitors and tests share. */

#include <stdbool.h>
#include <stddef.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/origin.h"
#include "core/value.h"

enum expr_kind {
    EXPR_LITERAL, /* value */
    EXPR_NAME,    /* name: a root (`data`, `stable`, `github`, a resource type) */
    EXPR_FIELD,   /* args[0] . name */
    EXPR_INDEX,   /* args[0] [ args[1] ] */
    EXPR_CALL,    /* name ( args … ), arg_names[i] is NULL when positional */
    EXPR_METHOD,  /* args[0] . name ( args[1] … ): accuracy.by(species) */
    EXPR_MEASURE, /* name = a declared measure or metric, args as of a call (none for a bare one) */
    EXPR_UNARY,   /* name = "not" or "-" */
    EXPR_BINARY,  /* name = "==" "!=" "<" "<=" ">" ">=" "in" "not in" "and" "or" "+" "-" "*" "/" "??" ".." */
    EXPR_HOLDS,   /* args[0] for args[1]: how long it must hold */
    EXPR_OVER     /* args[0] over args[1]: the measure's window */
};

struct expr {
    enum expr_kind kind;
    const char *dialect;
    const char *name;
    const struct value *value;
    const struct expr *const *args;
    const char *const *arg_names; /* NULL, or one entry an argument */
    size_t arg_count;
    origin origin;
};

const struct expr *expr_literal(struct arena *arena, const char *dialect, const struct value *value);
const struct expr *expr_name(struct arena *arena, const char *dialect, const char *name, origin where);
/* Any other kind; the arrays are copied. */
const struct expr *expr_make(struct arena *arena, enum expr_kind kind, const char *dialect, const char *name,
                             const struct expr *const *args, const char *const *arg_names, size_t arg_count,
                             origin where);

bool expr_equal(const struct expr *a, const struct expr *b);

/* The canonical text, with the fewest parentheses: what reports, ids of overlays and hashes use. */
void expr_print(struct buf *out, const struct expr *expr);

/* What the evaluator asks for the leaves: the value of a measure, name, field, call or method in `expr`, or
 * NULL with a reason in `*why` (arena or static text) when it is not known. Operators, literals, `for` and
 * `over` are the evaluator's own (`over` and `for` are passed to the leaf through the context's caller). */
struct expr_leaves {
    void *context;
    const struct value *(*leaf)(void *context, const struct expr *expr, const char **why);
};

/* Evaluates a tree. NULL with `*why` when a leaf is unknown or the kinds do not fit; comparisons with a
 * non-finite number are false. `and`/`or` decide early when one side is known to decide. */
const struct value *expr_evaluate(struct arena *arena, const struct expr *expr,
                                  const struct expr_leaves *leaves, const char **why);

#endif
