#ifndef MLC_CLI_SQL_COMMAND_H
#define MLC_CLI_SQL_COMMAND_H

/* The command that asks a database, as `psql -XqtA`: a query on its standard input, the answer on its output.
 */

#include "core/arena.h"
#include "core/buf.h"

/* Runs `command` with sh and appends what it printed to `answer`. What it wrote to standard error is appended
 * to `words`, the first 64 KiB of it. NULL, or why there is no answer, in the arena: how it ended. */
const char *sql_command_run(struct arena *arena, const char *command, const struct buf *query,
                            struct buf *answer, struct buf *words);

/* Of what a command wrote to standard error the line that names the error, at most 300 bytes of it, as UTF-8
 * in the arena; "" when there is none. */
const char *sql_command_words(struct arena *arena, const struct buf *words);

#endif
