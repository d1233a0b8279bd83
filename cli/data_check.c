/* mlc data check: a file against a suite of expectations. */

#include <string.h>

#include "cli/data_input.h"
#include "cli/data_templates.h"
#include "cli/sql_command.h"
#include "core/documents/json.h"
#include "core/file.h"
#include "core/text.h"
#include "runtime/data/report.h"
#include "runtime/data/sql.h"
#include "runtime/data/sql_isolate.h"
#include "runtime/data/suite.h"

enum { SAMPLES_UNSET = -1 };

struct check_flags {
    struct data_input input;
    const char *suite, *format, *reference, *history, *table, *sql, *sql_command;
    struct option_values others; /* NAME=PATH */
    long samples;
    bool no_values, approximate;
};

struct others {
    struct check_other *items;
    size_t count;
};

static bool add_other(struct cli *cli, struct arena *arena, const struct check_flags *flags, const char *name,
                      const char *path, struct others *others)
{
    struct check_other *other = &others->items[others->count];
    *other = (struct check_other){.name = name, .profile = data_read_profile(arena, path)};
    if (!other->profile)
        other->table = data_open(cli, arena, &flags->input, &path, 1);
    others->count += other->profile || other->table;
    return other->profile || other->table;
}

static bool open_others(struct cli *cli, struct arena *arena, const struct check_flags *flags,
                        struct others *others)
{
    others->items = arena_array(arena, flags->others.count + 2, sizeof *others->items);
    if (flags->reference && !add_other(cli, arena, flags, "reference", flags->reference, others))
        return false;
    for (size_t i = 0; i < flags->others.count; i++) {
        const char *text = flags->others.items[i], *sign = strchr(text, '=');
        if (!sign) {
            fprintf(cli->err, "mlc: --other %s: expected NAME=PATH\n", text);
            return false;
        }
        if (!add_other(cli, arena, flags, arena_copy(arena, text, (size_t)(sign - text)), sign + 1, others))
            return false;
    }
    return true;
}

static bool render(struct cli *cli, struct arena *arena, const struct check_flags *flags, struct table *table,
                   const char *data, const struct suite *suite, const struct check_report *whole,
                   struct buf *out)
{
    struct check_report shown = *whole, *report = &shown;
    if (flags->no_values)
        check_report_hide(arena, report);
    const char *format = flags->format ? flags->format : "text";
    if (strcmp(format, "json") == 0) {
        json_write(out, report_check_value(arena, data, report), (struct json_style){JSON_PRETTY, false},
                   NULL);
        buf_add_char(out, '\n');
    } else if (strcmp(format, "junit") == 0) {
        report_check_junit(out, suite->name, report);
    } else if (strcmp(format, "html") == 0) {
        struct report_page page = {.title = suite->name, .data = data, .checks = report};
        struct profile_options options = {.threads = (unsigned)flags->input.threads};
        struct profile *profile = NULL;
        struct data_error error;
        if (table && !flags->no_values && strcmp(data, "-") != 0)
            page.profile = profile = profile_table(arena, table, &options, &error);
        if (profile)
            profile->findings = NULL; /* the report tells them */
        report_html(out, &page);
    } else {
        struct report_style style = data_style(cli, &flags->input);
        style.samples = flags->samples >= 0 ? (size_t)flags->samples : 0;
        report_check_text(out, data, report, style);
    }
    return data_write(cli, &flags->input, out);
}

/* What is no list of earlier runs is refused: it would be written over. NULL: said on standard error. */
static const struct value *read_history(struct cli *cli, struct arena *arena, const char *path)
{
    const struct value *history = data_read_json(cli, arena, path);
    bool good = history && history->kind == VALUE_LIST;
    for (size_t i = 0; good && i < history->count; i++)
        good = history->items[i]->kind == VALUE_RECORD;
    if (history && !good)
        fprintf(cli->err,
                "mlc: %s is no history of earlier runs, which is a list of records: name another file\n",
                path);
    return good ? history : NULL;
}

/* Appends this run's measures to the history file. */
static bool keep_history(struct cli *cli, struct arena *arena, const struct check_flags *flags,
                         const struct value *history, const struct check_report *report)
{
    struct list_builder all = list_begin(arena);
    struct buf text = {0};
    for (size_t i = 0; history && history->kind == VALUE_LIST && i < history->count; i++)
        list_add(&all, history->items[i]);
    list_add(&all, check_history_entry(arena, report));
    json_write(&text, list_end(&all, 0), (struct json_style){JSON_PRETTY, false}, NULL);
    buf_add_char(&text, '\n');
    int failed = file_write_output(flags->history, buf_str(&text), text.length, 0644);
    if (failed)
        fprintf(cli->err, "mlc: %s: %s\n", flags->history, strerror(-failed));
    buf_free(&text);
    return failed == 0;
}

static int run_native(struct cli *cli, struct arena *arena, const struct check_flags *flags,
                      const struct suite *suite, const char *const *paths, size_t count)
{
    struct others others = {0};
    struct check_options options = {.threads = (unsigned)flags->input.threads,
                                    .samples = flags->samples > 0 ? (size_t)flags->samples : 0,
                                    .approximate = flags->approximate,
                                    .no_samples = flags->no_values || flags->samples == 0,
                                    .now = cli->world->wall_ns(cli->world->context) / 1000};
    struct check_report report;
    struct data_error error;
    struct buf out = {0};
    struct table *table = NULL;
    int code = EXIT_FAILED;
    if (!data_memory(cli, &flags->input, &options.memory))
        return EXIT_USAGE;
    bool good = open_others(cli, arena, flags, &others);
    if (good && flags->history && file_exists(flags->history))
        good = (options.history = read_history(cli, arena, flags->history)) != NULL;
    options.others = others.items;
    options.other_count = others.count;
    good = good && (table = data_open(cli, arena, &flags->input, paths, count));
    if (good && check_run(arena, table, suite->checks, suite->count, &options, &report, &error)) {
        good = render(cli, arena, flags, table, data_label(arena, paths, count), suite, &report, &out) &&
               (!flags->history || keep_history(cli, arena, flags, options.history, &report));
        code = good && check_all_passed(report.results, report.result_count) ? EXIT_OK : EXIT_FAILED;
    } else if (good) {
        fprintf(cli->err, "mlc: %s\n", error.message);
    }
    buf_free(&out);
    if (table)
        table_close(table);
    for (size_t i = 0; i < others.count; i++)
        if (others.items[i].table)
            table_close(others.items[i].table);
    return code;
}

/* The database that checks of a table are asked of. */
struct asked {
    struct arena *arena;
    const struct check_flags *flags;
    const struct suite *suite;
    struct sql_query said;
    struct buf words; /* what the command wrote to standard error last */
};

/* What went wrong, and the database's words, which may quote values of the data. */
static const char *refusal(struct asked *asked, const char *ended)
{
    const char *words = asked->flags->no_values ? "" : sql_command_words(asked->arena, &asked->words);
    return *words ? words : ended;
}

static bool ask(void *context, const size_t *places, size_t count, struct check_report *report,
                const char **why)
{
    struct asked *asked = context;
    const struct suite *suite = asked->suite;
    struct buf query = {0}, answer = {0};
    asked->words.length = 0;
    sql_query_write(&asked->said, count ? places : (const size_t[]){0}, count, &query);
    const char *ended =
        sql_command_run(asked->arena, asked->flags->sql_command, &query, &answer, &asked->words);
    bool blank = strspn(buf_str(&answer), " \t\r\n") == answer.length; /* psql's 0, with the error told */
    bool good = false;
    if (ended || blank)
        *why = refusal(asked, ended ? ended : "it printed nothing");
    else if (sql_results(asked->arena, suite->checks, suite->count, asked->said.left_out, buf_str(&answer),
                         answer.length, report, why))
        good = true;
    else
        *why = arena_printf(asked->arena, "its answer cannot be read: %s", *why);
    buf_free(&query);
    buf_free(&answer);
    return good;
}

/* The checks that SQL can say: their number, and their places. */
static size_t *sayable(struct arena *arena, const struct sql_query *said, size_t *count)
{
    size_t *places = arena_array(arena, said->count + 1, sizeof *places);
    *count = 0;
    for (size_t i = 0; i < said->count; i++)
        if (!said->left_out[i])
            places[(*count)++] = i;
    return places;
}

/* With one query, or as many as it takes to find the checks that the database refuses. */
static bool check_table(struct cli *cli, struct asked *asked, struct check_report *report)
{
    struct sql_database database = {asked, ask};
    struct sql_search search;
    size_t count;
    const size_t *places = sayable(asked->arena, &asked->said, &count);
    bool answered = sql_check_each(asked->arena, &database, places, count, report, &search);
    if (!answered)
        fprintf(cli->err, "mlc: the SQL command gives no answer: %s\n", search.why);
    else if (search.queries == 1)
        fwrite(buf_str(&asked->words), 1, asked->words.length, cli->err); /* notices, as they are */
    else
        fprintf(cli->err, "mlc: the database refused the query of %zu checks; %zu queries show which\n",
                count, search.queries);
    return answered;
}

static int run_sql(struct cli *cli, struct arena *arena, const struct check_flags *flags,
                   const struct suite *suite)
{
    struct asked asked = {.arena = arena, .flags = flags, .suite = suite};
    struct buf out = {0};
    struct check_report report;
    int code = EXIT_FAILED;
    const char *table = templates_table(cli, arena, flags->table);
    if (!table)
        return EXIT_USAGE;
    if (!templates_sql(cli, arena, flags->sql ? flags->sql : "postgres", table, suite->checks, suite->count,
                       &asked.said))
        return EXIT_FAILED;
    if (!flags->sql_command) {
        sql_query_write(&asked.said, NULL, 0, &out);
        code = data_write(cli, &flags->input, &out) ? EXIT_OK : EXIT_FAILED;
    } else if (check_table(cli, &asked, &report) &&
               render(cli, arena, flags, NULL, flags->table, suite, &report, &out)) {
        code = check_all_passed(report.results, report.result_count) ? EXIT_OK : EXIT_FAILED;
    }
    buf_free(&asked.words);
    buf_free(&out);
    return code;
}

static int run(struct cli *cli, struct arena *arena, const struct check_flags *flags,
               const char *const *paths, size_t count)
{
    const char *why = NULL;
    if (!flags->suite || (count == 0) == (flags->table == NULL)) {
        fprintf(cli->err, "mlc: data check wants --suite FILE and either data files or --table NAME\n");
        return EXIT_USAGE;
    }
    const struct value *document = data_read_json(cli, arena, flags->suite);
    const struct suite *suite = document ? suite_read(arena, document, &why) : NULL;
    if (!suite) {
        if (document)
            fprintf(cli->err, "mlc: %s: %s\n", flags->suite, why);
        return EXIT_FAILED;
    }
    return flags->table ? run_sql(cli, arena, flags, suite)
                        : run_native(cli, arena, flags, suite, paths, count);
}

int cli_data_check(struct cli *cli, int argc, char **argv)
{
    struct check_flags flags = {.samples = SAMPLES_UNSET};
    struct option_spec specs[DATA_INPUT_OPTIONS + 12] = {
        {"suite", 's', OPTION_TEXT, &flags.suite, "FILE",
         "Expectations: a Great Expectations 1.x suite (JSON)"},
        {"format", 0, OPTION_CHOICE, &flags.format, "text|json|junit|html", "How it is printed (text)"},
        {"samples", 0, OPTION_COUNT, &flags.samples, "N",
         "Failing rows kept for each expectation (20; text shows 5); 0: none"},
        {"no-values", 0, OPTION_FLAG, &flags.no_values, NULL,
         "No value of the data in the result: counts, shares, means, but no rows, texts, extremes"},
        {"approximate", 0, OPTION_FLAG, &flags.approximate, NULL,
         "Estimates of distinct counts and quantiles, in fixed memory; labelled so"},
        {"reference", 0, OPTION_TEXT, &flags.reference, "FILE",
         "What drift is measured against: data, or a profile"},
        {"other", 0, OPTION_LIST, &flags.others, "NAME=FILE", "Another data set that expectations name"},
        {"history", 0, OPTION_TEXT, &flags.history, "FILE",
         "Measures of earlier runs; this one's are appended"},
        {"table", 0, OPTION_TEXT, &flags.table, "NAME",
         "Check a table by SQL instead of files: orders, shop.orders, 'shop.\"a.b\"'"},
        {"sql", 0, OPTION_CHOICE, &flags.sql, "postgres|duckdb", "The dialect (postgres)"},
        {"sql-command", 0, OPTION_TEXT, &flags.sql_command, "COMMAND",
         "Runs the query, as \"psql -XqtA\"; without it the query is printed"},
    };
    data_input_options(&flags.input, specs + 11);
    const struct options_page page = {
        "mlc data check [OPTIONS] --suite FILE DATA…",
        "Reads the data once and judges every expectation of the suite. Exits 1 when one does not hold.",
        specs, 0, -1};
    int count, code = EXIT_OK;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result == OPTIONS_OK) {
        struct arena *arena = arena_new();
        code = run(cli, arena, &flags, (const char *const *)argv + 1, (size_t)count);
        arena_free(arena);
    }
    data_input_free(&flags.input);
    options_free_values(&flags.others);
    return result == OPTIONS_WRONG ? EXIT_USAGE : code;
}
