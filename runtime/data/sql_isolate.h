#ifndef MLC_RUNTIME_DATA_SQL_ISOLATE_H
#define MLC_RUNTIME_DATA_SQL_ISOLATE_H

/* Checks of a table are one query. When the database refuses it (a text column against a number, a division
 * by zero), the checks at fault are found by halving, so that each is an error of its own and no other's. */

#include "runtime/data/check_run.h"

/* Queries that are asked at most for one suite, the first included. */
enum { SQL_MOST_QUERIES = 200 };

struct sql_database {
    void *context;
    /* Asks for the checks at `places`, for the number of rows alone when there are none. True when there was
     * an answer: `report` then holds a result for every check of the suite, of which those asked for are used
     * (of no places: all, for what was left out). False with what the database said, which lives in the
     * arena. */
    bool (*ask)(void *context, const size_t *places, size_t count, struct check_report *report,
                const char **why);
};

/* What was asked and came of it, beside the report. */
struct sql_search {
    size_t queries; /* that were asked; 1: the first was answered */
    size_t refused; /* checks that the database refuses */
    const char *why;
};

/* Asks for the checks at `places` (those that can be said), of `total`, with one query, or as many as it
 * takes to find which are refused. False with search->why when not even the number of rows can be had: the
 * command, the connection or the table is at fault, and that was asked at most twice. */
bool sql_check_each(struct arena *arena, const struct sql_database *database, const size_t *places,
                    size_t count, struct check_report *report, struct sql_search *search);

#endif
