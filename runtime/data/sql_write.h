#ifndef MLC_RUNTIME_DATA_SQL_WRITE_H
#define MLC_RUNTIME_DATA_SQL_WRITE_H

/* Pieces of SQL text: quoted names, literals, row conditions. */

#include <stdbool.h>
#include "core/buf.h"
#include "core/expr.h"
#include "core/value.h"

void sql_name(struct buf *out, const char *name);
/* False for what has no literal: lists, texts with NUL. */
bool sql_literal(struct buf *out, const struct value *value);
/* A row condition with the semantics of condition.h; false for what SQL cannot say. */
bool sql_condition(struct buf *out, const struct expr *expr);

#endif
