#ifndef MLC_CLI_DATA_TEMPLATES_H
#define MLC_CLI_DATA_TEMPLATES_H

/* What `mlc data` writes for others, by the templates of backends/data: SQL, suites, suggested specs. */

#include "cli/cli.h"
#include "core/arena.h"
#include "core/value.h"
#include "runtime/data/check.h"
#include "runtime/data/profile.h"

/* One query for a table ("shop.orders"), and why each check is not in it, NULL: it is. */
struct sql_query {
    const char *text;
    const char *const *left_out;
};

/* All live in the arena; false after the reason was printed. `dialect`: "postgres", "duckdb". */
bool templates_sql(struct cli *cli, struct arena *arena, const char *dialect, const char *table,
                   const struct check *checks, size_t count, struct sql_query *query);

#endif
