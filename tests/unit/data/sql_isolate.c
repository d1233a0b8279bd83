/* A query that a database refuses costs only the checks at fault, and no more queries than it must. */

#include "check_support.h"

#include "runtime/data/sql_isolate.h"

enum { MOST = 1000 };

/* A database that refuses some checks, and is away from a query on. */
struct fake {
    struct arena *arena;
    struct check_result results[MOST];
    size_t total, queries, away_from, together; /* `together`: refuses queries of so many checks and more */
    bool refuses[MOST], asked[MOST];
};

static bool fake_ask(void *context, const size_t *places, size_t count, struct check_report *report,
                     const char **why)
{
    struct fake *fake = context;
    if (++fake->queries >= fake->away_from) {
        *why = "no connection";
        return false;
    }
    for (size_t i = 0; i < fake->total; i++)
        fake->results[i].status = CHECK_ERROR;
    for (size_t i = 0; i < count; i++) {
        if (fake->refuses[places[i]]) {
            *why = arena_printf(fake->arena, "check %zu is wrong", places[i]);
            return false;
        }
        fake->results[places[i]].status = places[i] % 3 ? CHECK_PASSED : CHECK_FAILED;
    }
    if (fake->together && count >= fake->together) {
        *why = "out of memory";
        return false;
    }
    struct check_result *results = arena_array(fake->arena, fake->total + 1, sizeof *results);
    memcpy(results, fake->results, fake->total * sizeof *results);
    *report = (struct check_report){.rows = 10, .results = results, .result_count = fake->total};
    return true;
}

static struct fake *fake_new(struct arena *arena, size_t total)
{
    struct fake *fake = arena_alloc(arena, sizeof *fake);
    *fake = (struct fake){.arena = arena, .total = total, .away_from = SIZE_MAX};
    return fake;
}

static bool run(struct fake *fake, struct check_report *report, struct sql_search *search)
{
    struct sql_database database = {fake, fake_ask};
    size_t *places = arena_array(fake->arena, fake->total + 1, sizeof *places);
    for (size_t i = 0; i < fake->total; i++)
        places[i] = i;
    bool answered = sql_check_each(fake->arena, &database, places, fake->total, report, search);
    assert_int_equal(search->queries, fake->queries);
    return answered;
}

/* Each check has its own verdict, or the words about itself. */
static void assert_isolated(const struct fake *fake, const struct check_report *report)
{
    for (size_t i = 0; i < fake->total; i++) {
        if (!fake->refuses[i]) {
            assert_int_equal(report->results[i].status, i % 3 ? CHECK_PASSED : CHECK_FAILED);
            continue;
        }
        assert_int_equal(report->results[i].status, CHECK_ERROR);
        assert_string_equal(
            report->results[i].error,
            arena_printf(fake->arena, "the database refuses this check: check %zu is wrong", i));
    }
}

static void an_answer_is_one_query(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct fake *fake = fake_new(arena, 40);
    struct check_report report;
    struct sql_search search;
    assert_true(run(fake, &report, &search));
    assert_int_equal(search.queries, 1);
    assert_int_equal(search.refused, 0);
    assert_isolated(fake, &report);
    arena_free(arena);
}

/* The whole, the number of rows, and two for each halving. */
static void one_at_fault_is_found_by_halving(void **state)
{
    (void)state;
    for (size_t total = 1; total <= 70; total++)
        for (size_t bad = 0; bad < total; bad++) {
            struct arena *arena = arena_new();
            struct fake *fake = fake_new(arena, total);
            struct check_report report;
            struct sql_search search;
            size_t halvings = 0;
            for (size_t left = total; left > 1; left = (left + 1) / 2)
                halvings++;
            fake->refuses[bad] = true;
            assert_true(run(fake, &report, &search));
            assert_isolated(fake, &report);
            assert_int_equal(search.refused, 1);
            assert_true(search.queries <= 2 + 2 * halvings);
            arena_free(arena);
        }
}

static void several_at_fault_are_found(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    unsigned seed = 7;
    for (size_t run_number = 0; run_number < 200; run_number++) {
        struct fake *fake = fake_new(arena, 1 + run_number % 60);
        struct check_report report;
        struct sql_search search;
        size_t bad = 0;
        for (size_t i = 0; i < fake->total; i++) {
            seed = seed * 1103515245u + 12345u;
            fake->refuses[i] = (seed >> 16) % (1 + run_number % 7) == 0;
            bad += fake->refuses[i];
        }
        assert_true(run(fake, &report, &search));
        assert_isolated(fake, &report);
        assert_int_equal(search.refused, bad);
    }
    arena_free(arena);
}

/* A database that cannot be reached is asked twice, and says so once. */
static void no_connection_is_no_checks_fault(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct fake *fake = fake_new(arena, 300);
    struct check_report report;
    struct sql_search search;
    fake->away_from = 1;
    assert_false(run(fake, &report, &search));
    assert_int_equal(search.queries, 2);
    assert_string_equal(search.why, "no connection");
    arena_free(arena);
}

static void a_database_that_goes_away_is_left_alone(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct fake *fake = fake_new(arena, 512);
    struct check_report report;
    struct sql_search search;
    fake->refuses[0] = true;
    fake->away_from = 5;
    assert_true(run(fake, &report, &search));
    assert_true(search.queries < 20);
    assert_int_equal(report.results[511].status, CHECK_ERROR);
    assert_string_equal(report.results[511].error, "the database does not answer any more: no connection");
    arena_free(arena);
}

static void many_at_fault_are_not_asked_for_without_end(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct fake *fake = fake_new(arena, MOST);
    struct check_report report;
    struct sql_search search;
    for (size_t i = 0; i < MOST; i++)
        fake->refuses[i] = i != 3;
    assert_true(run(fake, &report, &search));
    assert_int_equal(search.queries, SQL_MOST_QUERIES);
    assert_int_equal(report.results[3].status, CHECK_FAILED);
    assert_non_null(strstr(report.results[MOST - 1].error, "200 queries did not show"));
    arena_free(arena);
}

/* Each is good by itself: none is at fault. */
static void what_is_too_much_together_is_answered_in_parts(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct fake *fake = fake_new(arena, 40);
    struct check_report report;
    struct sql_search search;
    fake->together = 11;
    assert_true(run(fake, &report, &search));
    assert_isolated(fake, &report);
    assert_int_equal(search.refused, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_one_query),
        cmocka_unit_test(one_at_fault_is_found_by_halving),
        cmocka_unit_test(several_at_fault_are_found),
        cmocka_unit_test(no_connection_is_no_checks_fault),
        cmocka_unit_test(a_database_that_goes_away_is_left_alone),
        cmocka_unit_test(many_at_fault_are_not_asked_for_without_end),
        cmocka_unit_test(what_is_too_much_together_is_answered_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
