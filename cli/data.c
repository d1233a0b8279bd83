/* mlc data: the check engine on plain files, without a spec. */

#include "cli/commands.h"

#include <string.h>

#include "cli/data_input.h"
#include "core/text.h"

static const struct command DOORS[] = {
    {"profile", "What a data file holds, column by column; --suggest writes a dataset block",
     cli_data_profile},
    {"check", "Checks a data file against an expectation suite", cli_data_check},
    {"drift", "Compares a data file with a reference or its stored profile", cli_data_drift},
    {"export", "Writes a dataset's expectations as a Great Expectations suite or as SQL", cli_data_export},
};

static void print_help(FILE *out)
{
    fputs("Usage: mlc data COMMAND [OPTIONS] …\n\nCommands:\n", out);
    for (size_t i = 0; i < sizeof DOORS / sizeof *DOORS; i++)
        fprintf(out, "  %-8s %s\n", DOORS[i].name, DOORS[i].summary);
    fputs("\nFiles are CSV, JSONL (both also .gz, .zst) or Parquet; globs, and - for the standard input.\n",
          out);
}

int cli_data(struct cli *cli, int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    if (name && (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)) {
        print_help(cli->out);
        return EXIT_OK;
    }
    for (size_t i = 0; name && i < sizeof DOORS / sizeof *DOORS; i++)
        if (strcmp(name, DOORS[i].name) == 0)
            return DOORS[i].run(cli, argc - 1, argv + 1);
    if (name) {
        fprintf(cli->err, "mlc: there is no command `data %s`", name);
        for (size_t i = 0; i < sizeof DOORS / sizeof *DOORS; i++)
            if (text_distance(name, DOORS[i].name, 2) <= 2)
                fprintf(cli->err, "; did you mean `data %s`?", DOORS[i].name);
        fputc('\n', cli->err);
    }
    print_help(cli->err);
    return EXIT_USAGE;
}
