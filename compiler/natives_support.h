#ifndef MLC_COMPILER_NATIVES_SUPPORT_H
#define MLC_COMPILER_NATIVES_SUPPORT_H

/* What the natives share: reading arguments, refusing them, and origins. Private to compiler/natives*.c. */

#include <stdbool.h>
#include "compiler/compilation.h"
#include "compiler/graph.h"
#include "compiler/natives.h"
#include "core/buf.h"
#include "core/diag.h"
#include "core/expr.h"
#include "core/value.h"

/* The argument at `index`, or NULL when it was left out or is null. */
const struct value *native_argument(const struct native_call *call, size_t index);

/* The text of a string or word argument, else NULL. */
const char *native_text(const struct native_call *call, size_t index);

/* The items of a list argument: 0 and an empty list when it is absent. False when it is no list. */
bool native_items(const struct native_call *call, size_t index, const struct value *const **items,
                  size_t *count);

/* Reports at the origin of `at` (NULL or without one: at the first argument that has one, else at the call).
 * The report, for labels and help; never NULL. Natives return NULL behind it. */
struct diag *native_refuse(const struct native_call *call, enum diag_code code, const struct value *at,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Refuses an argument whose kind no signature allows (the checker has let it through as unknown). */
const struct value *native_misfit(const struct native_call *call, size_t index, const char *expected);

/* The origin that `value` brings with it (a list: of its first item that has one); 0 when it has none of a
 * user's. */
origin native_value_origin(const struct native_call *call, const struct value *value);

/* A field of a record or variant, or an attribute of a node; `name`, `id` and `kind` of any node. NULL: there
 * is none. */
const struct value *native_member(const struct native_call *call, const struct value *value,
                                  const char *name);

/* The string result of a native, with the origin rule; takes the buffer's content. */
const struct value *native_string(const struct native_call *call, struct buf *text);

/* Text that a value has as part of a name: strings, words, ints, the name of a node. False for others. */
bool native_name_of(const struct value *value, struct buf *out);

/* An amount of `value` in base units (microseconds, bytes, a second, percent); a plain number as it is. */
bool native_amount(const struct value *value, double *amount);

/* The nodes of a list argument, sorted by id and without repetitions, into `out`. */
void native_sort_nodes(struct vec *nodes);
const struct value *native_node_list(const struct native_call *call, struct vec *nodes);

/* A quantity as messages show it ("90s"); anything else as value_print. */
const char *native_show(const struct native_call *call, const struct value *value);

#endif
