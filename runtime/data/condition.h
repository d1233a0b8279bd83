#ifndef MLC_RUNTIME_DATA_CONDITION_H
#define MLC_RUNTIME_DATA_CONDITION_H

/* Row conditions: `where` and `satisfies`. A condition is an expression tree whose names are columns; texts
 * of pandas queries and of Great Expectations' conditions are parsed to the same trees. A comparison with a
 * null is false, but `!=`, which is true unless both sides are null; `x == null` asks for a null. A text
 * never equals a number. */

#include "core/arena.h"
#include "core/expr.h"
#include "runtime/data/table.h"

struct condition;
struct condition_scratch;

/* Resolves names and types. NULL with `*why` when a column is missing or types do not fit. */
const struct condition *condition_prepare(struct arena *arena, const struct table_schema *schema,
                                          const struct expr *expr, const char **why);

/* Or-s what must be decoded into `needs`, one entry a column. */
void condition_needs(const struct condition *condition, unsigned *needs);

/* The rows for which the condition is true. */
void condition_test(const struct condition *condition, struct condition_scratch *scratch,
                    const struct chunk *chunk, uint64_t *holds);

struct condition_scratch *condition_scratch_new(void);
void condition_scratch_free(struct condition_scratch *scratch);

/* A pandas query: `(a == 4) & (b == "d")`, `x in [1, 2]`, `name.isnull()`; or Great Expectations' own form,
 * `col("a") > 3`, `col("a").notNull()`. NULL with `*why`. */
const struct expr *condition_parse(struct arena *arena, const char *text, size_t length, const char **why);

/* The conditions of Great Expectations 1.8 and later, which are records. */
const struct expr *condition_from_value(struct arena *arena, const struct value *value, const char **why);

#endif
