#ifndef MLC_CLI_DATA_TEMPLATES_H
#define MLC_CLI_DATA_TEMPLATES_H

/* What `mlc data` writes for others, by the templates of backends/data: SQL, suites, suggested specs. */

#include "cli/cli.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/value.h"
#include "compiler/compilation.h"
#include "runtime/data/check.h"
#include "runtime/data/profile.h"

/* The result of a function of backends/data ("data.query"), which lives as long as `*library`, to be freed in
 * any case; NULL after the reason was printed. */
const struct value *templates_call(struct cli *cli, struct compilation **library, const char *function,
                                   const struct value *const *arguments, size_t count);

/* What queries for the checks of a table are written of: `objects` has one text a check, and
 * `left_out` says why it has none, NULL: it has. `columns` goes with checks of the schema. */
struct sql_query {
    const struct check *checks;
    const char *head, *columns, *tail;
    const char *const *objects, *const *left_out;
    size_t count;
};

/* A table's name as people write it (core/sql_name.h) with every part in quotes, in the arena; NULL after the
 * reason was printed. */
const char *templates_table(struct cli *cli, struct arena *arena, const char *name);

/* All live in the arena; false after the reason was printed. `table` is quoted. `dialect`: "postgres",
 * "duckdb". */
bool templates_sql(struct cli *cli, struct arena *arena, const char *dialect, const char *table,
                   const struct check *checks, size_t count, struct sql_query *query);

/* Appends one query for the checks at `places`, in their order, or for all that can be said when it is NULL.
 */
void sql_query_write(const struct sql_query *query, const size_t *places, size_t count, struct buf *out);

/* Appends a suite of Great Expectations as JSON; `*left_out` says for each check why it is not in it, or
 * NULL. */
bool templates_suite(struct cli *cli, struct arena *arena, const char *name, const struct check *checks,
                     size_t count, struct buf *out, const char *const **left_out);

/* The spellings of a missing value in a dataset that names none, in the arena. */
const char **templates_nulls(struct arena *arena, size_t *count);

/* The `path` of a dataset that is read from these: the file, or one pattern that matches them all and no
 * other file; NULL after the reason was printed (the standard input, a name that is no UTF-8). */
const char *templates_path(struct cli *cli, struct arena *arena, const char *const *paths, size_t count);

/* A dataset block in the mlc language, formatted, from the profile of a table: false after the reason was
 * printed. `nulls` are the spellings that were read as missing, NULL for a dataset's own. Columns whose names
 * are no UTF-8 are left out, and named on standard error. */
bool templates_dataset(struct cli *cli, struct arena *arena, const char *path, const struct table *table,
                       const struct profile *profile, const struct value *nulls, struct buf *out);

#endif
