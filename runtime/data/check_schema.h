#ifndef MLC_RUNTIME_DATA_CHECK_SCHEMA_H
#define MLC_RUNTIME_DATA_CHECK_SCHEMA_H

/* Checks of the columns' names and types, for tables that the engine reads and for those of a database. */

#include "core/arena.h"
#include "runtime/data/check.h"
#include "runtime/data/table.h"

/* The type of a column. */
struct found_type {
    enum column_type type; /* COLUMN_NULL: no value has one (`own` is NULL), or the engine has no such type */
    const char *name;      /* "decimal(10,2)": what is observed */
    const char *own;       /* the database's name of it, which fits too in any case of letters; or NULL */
};

/* COLUMN_EXISTS, COLUMNS_MATCH_SET, COLUMNS_MATCH_LIST: status, observed, reason and details. */
void check_schema(struct arena *arena, const struct check *check, const struct table_schema *schema,
                  struct check_result *out);

/* TYPE: whether the column's type is one of the set; status, observed and reason. */
void check_schema_type(struct arena *arena, const struct check *check, const struct found_type *found,
                       struct check_result *out);

/* That the data has no column of this name, with the nearest one that it has; in the arena. */
const char *schema_missing(struct arena *arena, const struct table_schema *schema, const char *name);

#endif
