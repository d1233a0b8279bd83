/* mlc data export: what a spec demands of a dataset, for other engines. */

#include <string.h>

#include "cli/data_input.h"
#include "cli/data_templates.h"
#include "cli/project.h"
#include "core/file.h"
#include "runtime/expectations.h"

struct export_flags {
    const char *folder, *to, *sql, *table, *output;
};

/* A dataset by name, or the only one; NULL after the reason was printed. */
static struct node *find_dataset(struct cli *cli, struct compilation *compilation, const char *name)
{
    struct vec all = vec_in(compilation->arena);
    size_t count = graph_collection(compilation->graph, "dataset", NULL, &all);
    for (size_t i = 0; name && i < count; i++)
        if (strcmp(((struct node *)all.items[i])->name, name) == 0)
            return all.items[i];
    if (!name && count == 1)
        return all.items[0];
    fputs("mlc: ", cli->err);
    if (name)
        fprintf(cli->err, "there is no dataset `%s`", name);
    else
        fprintf(cli->err, "%s", count ? "there are several datasets: name one" : "there is no dataset");
    for (size_t i = 0; i < count; i++)
        fprintf(cli->err, "%s%s", i ? ", " : "; here are: ", ((struct node *)all.items[i])->name);
    fputc('\n', cli->err);
    return NULL;
}

static void say_left_out(struct cli *cli, struct arena *arena, const struct check *check, const char *why)
{
    fprintf(cli->err, "mlc: left out: %s: %s\n", check->label ? check->label : check_describe(arena, check),
            why);
}

static bool write_suite(struct cli *cli, struct arena *arena, const char *name, const struct check *checks,
                        size_t count, struct buf *out)
{
    const char *const *left_out;
    if (!templates_suite(cli, arena, name, checks, count, out, &left_out))
        return false;
    for (size_t i = 0; i < count; i++)
        if (left_out[i])
            say_left_out(cli, arena, &checks[i], left_out[i]);
    return true;
}

static bool write_sql(struct cli *cli, struct arena *arena, const struct export_flags *flags,
                      const char *name, const struct check *checks, size_t count, struct buf *out)
{
    struct sql_query query;
    const char *table = templates_table(cli, arena, flags->table ? flags->table : name);
    if (!table ||
        !templates_sql(cli, arena, flags->sql ? flags->sql : "postgres", table, checks, count, &query))
        return false;
    for (size_t i = 0; i < count; i++)
        if (query.left_out[i])
            say_left_out(cli, arena, &checks[i], query.left_out[i]);
    sql_query_write(&query, NULL, 0, out);
    return true;
}

static bool write_out(struct cli *cli, const char *path, const struct buf *out)
{
    if (!path) {
        fwrite(buf_str(out), 1, out->length, cli->out);
        return true;
    }
    int failed = file_write_output(path, buf_str(out), out->length, 0644);
    if (failed)
        fprintf(cli->err, "mlc: %s: %s\n", path, strerror(-failed));
    return failed == 0;
}

static int export_dataset(struct cli *cli, const struct export_flags *flags, const char *name)
{
    struct compilation *compilation = project_open(cli, flags->folder, false);
    if (!compilation)
        return EXIT_FAILED;
    struct node *dataset = find_dataset(cli, compilation, name);
    struct buf out = {0};
    bool good = dataset != NULL;
    if (good) {
        size_t count = 0;
        const struct check *checks = expectations_checks(compilation->arena, dataset, &count);
        if (flags->to && strcmp(flags->to, "sql") == 0)
            good = write_sql(cli, compilation->arena, flags, dataset->name, checks, count, &out);
        else
            good = write_suite(cli, compilation->arena, dataset->name, checks, count, &out);
        good = good && write_out(cli, flags->output, &out);
    }
    buf_free(&out);
    compilation_free(compilation);
    return good ? EXIT_OK : EXIT_FAILED;
}

int cli_data_export(struct cli *cli, int argc, char **argv)
{
    struct export_flags flags = {.folder = "."};
    const struct option_spec specs[] = {
        {"project", 'C', OPTION_TEXT, &flags.folder, "DIR", "The folder of the spec (.)"},
        {"to", 0, OPTION_CHOICE, &flags.to, "great_expectations|sql",
         "A Great Expectations 1.x suite (default), or one query"},
        {"sql", 0, OPTION_CHOICE, &flags.sql, "postgres|duckdb", "The query's dialect (postgres)"},
        {"table", 0, OPTION_TEXT, &flags.table, "NAME",
         "The query's table (the dataset's name): shop.orders, 'shop.\"a.b\"'"},
        {"output", 'o', OPTION_TEXT, &flags.output, "FILE", "Where it is written (standard output)"},
        {0},
    };
    const struct options_page page = {
        "mlc data export [OPTIONS] [DATASET]",
        "Writes what the spec demands of a dataset: its columns' rules and its `expect` lines.\n"
        "What the other side cannot say is left out and named.",
        specs, 0, 1};
    int count = 0;
    enum options_result result = options_read(cli, &page, argc, argv, &count);
    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    return export_dataset(cli, &flags, count ? argv[1] : NULL);
}
