#ifndef MLC_RUNTIME_PARTS_PRIVATE_H
#define MLC_RUNTIME_PARTS_PRIVATE_H

/* What the files that write data parts share: parts_assign.c says which row goes where, parts_text.c and
 * parts_parquet.c write. */

#include <stdio.h>
#include "core/buf.h"
#include "runtime/parts.h"

struct part_output {
    char *temporary; /* the file while it is written */
    FILE *file;      /* of text */
    struct buf text; /* not yet in the file */
};

struct splitting {
    const struct parts_request *request;
    struct parts_error *error;
    uint8_t *part_of_row; /* by the number of the row over all files; request->count: in none */
    uint64_t rows, row_capacity;
    uint64_t written; /* rows that the writing pass saw */
    struct part_output *outputs;
    bool failed;
};

/* Keeps the first error; always false. */
bool parts_fail(struct splitting *splitting, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One pass over all rows in their order, with one worker. A widened schema begins the pass again, so a pass
 * that cannot do that says `settled`: the types are known to fit. */
bool parts_scan(struct splitting *splitting, struct table *table, void *context,
                void (*chunk)(void *context, const struct chunk *chunk), bool settled);

/* Fails on what no part can hold unchanged: ragged rows, lines that are no objects. */
bool parts_refuse_ragged(struct splitting *splitting, const struct table *table);

/* Calls `line` for the lines of JSON Lines files that are rows, without their ends. */
bool parts_each_line(struct splitting *splitting, const struct table *table, void *context,
                     void (*line)(void *context, const char *text, size_t length));

/* Fills part_of_row from a table whose columns are texts (Parquet: as stored), and checks all rows. */
bool parts_assign(struct splitting *splitting, struct table *table);

/* The writing passes: every part into its output's temporary file. */
bool parts_write_csv(struct splitting *splitting, struct table *table);
bool parts_write_lines(struct splitting *splitting, struct table *table);
bool parts_write_parquet(struct splitting *splitting, struct table *table);

#endif
