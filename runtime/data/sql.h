#ifndef MLC_RUNTIME_DATA_SQL_H
#define MLC_RUNTIME_DATA_SQL_H

/* Checks as SQL: one query for a table, whatever the number of checks. The query returns one row with one
 * JSON object. Patterns are the database's own regular expressions; docs/data-checks.md says where that
 * differs. */

#include "core/buf.h"
#include "runtime/data/check_run.h"

enum sql_dialect { SQL_POSTGRES, SQL_DUCKDB };

struct sql_plan;

/* Checks that SQL cannot express become errors of their own in the results. `table` may be qualified: a.b. */
const struct sql_plan *sql_plan(struct arena *arena, enum sql_dialect dialect, const char *table,
                                const struct check *checks, size_t count);

/* Appends the query, with a semicolon and a newline. */
void sql_query(struct buf *out, const struct sql_plan *plan);

/* Why a check of the plan is not in the query, by its place among the checks; NULL: it is. */
const char *sql_plan_error(const struct sql_plan *plan, size_t index);

/* Judges the query's answer (one JSON object, blanks around it allowed). */
bool sql_results(struct arena *arena, const struct sql_plan *plan, const char *answer, size_t length,
                 struct check_report *report, const char **why);

#endif
