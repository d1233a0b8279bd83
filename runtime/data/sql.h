#ifndef MLC_RUNTIME_DATA_SQL_H
#define MLC_RUNTIME_DATA_SQL_H

/* What a database answered to the query for checks that backends/data/sql.mlc writes. */

#include "runtime/data/check_run.h"

/* Judges the answer: one JSON list, blanks behind it allowed. First an object with the number of rows, `n`,
 * then for each check of the query an object: `check`, its place; `rows`, those of its row condition (all
 * when there is none); and what it found: `judged` and `unexpected` rows; or `measure`, a number, and
 * `other`, that of another table; or `measure`, the distinct values, with `inside` and `outside`, how many
 * are of the set; or `quantiles`, a list or the members of a record; or nothing more, of checks of the
 * columns: those are in an object of their own, `columns` (sql_schema.h). `left_out` says for each check why
 * it is not in the query, or NULL: such checks are errors of their own. False with `*why` when it is no such
 * answer. */
bool sql_results(struct arena *arena, const struct check *checks, size_t count, const char *const *left_out,
                 const char *answer, size_t length, struct check_report *report, const char **why);

#endif
