#include "runtime/data/sql_isolate.h"

/* After so many refusals without an answer between them the number of rows is asked for again. */
enum { DOUBTFUL = 8 };

struct halving {
    struct arena *arena;
    const struct sql_database *database;
    struct check_result *results; /* of the whole suite */
    struct sql_search *search;
    size_t in_a_row;  /* refusals since the last answer */
    const char *gone; /* why even the number of rows is refused now, or NULL */
};

static void set_error(struct check_result *result, const char *error)
{
    *result = (struct check_result){.check = result->check, .status = CHECK_ERROR, .error = error};
}

/* Checks of which it was not found out whether they are at fault. */
static void give_up(struct halving *halving, const size_t *places, size_t count, const char *why)
{
    const char *error =
        halving->gone
            ? arena_printf(halving->arena, "the database does not answer any more: %s", halving->gone)
            : arena_printf(halving->arena,
                           "the database refuses a query with this check, and %d queries did not show which "
                           "checks are at fault: %s",
                           SQL_MOST_QUERIES, why);
    for (size_t i = 0; i < count; i++)
        set_error(&halving->results[places[i]], error);
}

static bool ask(struct halving *halving, const size_t *places, size_t count, struct check_report *report,
                const char **why)
{
    halving->search->queries++;
    bool answered = halving->database->ask(halving->database->context, places, count, report, why);
    halving->in_a_row = answered ? 0 : halving->in_a_row + 1;
    return answered;
}

/* Whether another query may be asked. A database that went away is not asked for every check. */
static bool may_ask(struct halving *halving)
{
    struct check_report rows;
    const char *why = NULL;
    if (!halving->gone && halving->in_a_row >= DOUBTFUL && halving->search->queries < SQL_MOST_QUERIES &&
        !ask(halving, NULL, 0, &rows, &why))
        halving->gone = why;
    return !halving->gone && halving->search->queries < SQL_MOST_QUERIES;
}

static bool resolve(struct halving *halving, const size_t *places, size_t count, const char *refusal);

/* A query for these was refused with these words. When the left half is answered, the other one is at fault,
 * and need not be asked as a whole. */
static void halve(struct halving *halving, const size_t *places, size_t count, const char *why)
{
    if (count == 1) {
        set_error(&halving->results[places[0]],
                  arena_printf(halving->arena, "the database refuses this check: %s", why));
        halving->search->refused++;
        return;
    }
    size_t left = count / 2, right = count - left;
    if (resolve(halving, places, left, why) && right > 1)
        halve(halving, places + left, right, why);
    else
        resolve(halving, places + left, right, why);
}

/* Asks for these, and halves them when they are refused; true when they were answered. `refusal`: what was
 * said of a query that they were part of. */
static bool resolve(struct halving *halving, const size_t *places, size_t count, const char *refusal)
{
    struct check_report report;
    const char *why = refusal;
    if (!may_ask(halving)) {
        give_up(halving, places, count, refusal);
        return false;
    }
    if (!ask(halving, places, count, &report, &why)) {
        halve(halving, places, count, why);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        halving->results[places[i]] = report.results[places[i]];
    return true;
}

bool sql_check_each(struct arena *arena, const struct sql_database *database, const size_t *places,
                    size_t count, struct check_report *report, struct sql_search *search)
{
    struct halving halving = {.arena = arena, .database = database, .search = search};
    const char *why = NULL;
    *search = (struct sql_search){0};
    if (ask(&halving, places, count, report, &why))
        return true;
    search->why = why;
    if (count == 0 || !ask(&halving, NULL, 0, report, &search->why))
        return false;
    halving.results = arena_array(arena, report->result_count + 1, sizeof *halving.results);
    for (size_t i = 0; i < report->result_count; i++)
        halving.results[i] = report->results[i];
    report->results = halving.results;
    halve(&halving, places, count, why);
    return true;
}
