#ifndef MLC_TESTS_TOOLS_PANDAS_COLUMN_H
#define MLC_TESTS_TOOLS_PANDAS_COLUMN_H

/* A list of a case as the column that pandas makes of it. */

#include "core/value.h"
#include "runtime/data/table.h"

/* Fills the schema and the column, in the arena. `dtype` is the type that the case names, empty for none. */
void pandas_column(struct arena *arena, const char *name, const struct value *list, const char *dtype,
                   struct column_schema *schema, struct column *column);

#endif
