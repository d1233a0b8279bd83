#ifndef MLC_RUNTIME_DATA_SQL_SCHEMA_H
#define MLC_RUNTIME_DATA_SQL_SCHEMA_H

/* The columns of a table as a database tells them, and the checks that are judged by them alone. Which type
 * of a database is which of the engine's: docs/data-checks.md, "SQL". */

#include "core/arena.h"
#include "runtime/data/check.h"

/* Judges a check of the columns' names and types (CHECK_GROUP_SCHEMA, but their number, which is a number
 * like others). `columns` is the database's answer: a list of records in the order of the
 * columns, `name` and `type` as it spells them, and `text`, whether values of the type are texts whatever its
 * name (words of an enumeration). False when it is no such list. */
bool sql_judge_columns(struct arena *arena, const struct check *check, const struct value *columns,
                       struct check_result *out);

#endif
