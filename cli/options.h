#ifndef MLC_CLI_OPTIONS_H
#define MLC_CLI_OPTIONS_H

/* Options as users of kubectl and cargo expect them: --name VALUE, --name=VALUE, -n VALUE, --flag, `--` ends
 * them, options and arguments in any order. Unknown names offer the nearest one. --help prints the page. */

#include <stdbool.h>
#include <stddef.h>
#include "cli/cli.h"

enum option_form { OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_COUNT, OPTION_CHOICE };

struct option_spec {
    const char *name; /* "format" for --format */
    char letter;      /* 'f' for -f, 0: none */
    enum option_form form;
    void *into; /* FLAG: bool *; TEXT, CHOICE: const char **; LIST: struct option_values *; COUNT: long * */
    const char *placeholder; /* "FILE"; of a CHOICE the words: "text|json|sarif" */
    const char *help;
};

struct option_values {
    const char **items; /* freed by options_free_values */
    size_t count;
};

struct options_page {
    const char *usage;                 /* "mlc check [OPTIONS] [DIR]" */
    const char *about;                 /* a paragraph */
    const struct option_spec *options; /* ends with a NULL name */
    int least, most;                   /* arguments; most -1: any */
};

enum options_result { OPTIONS_OK, OPTIONS_HELP, OPTIONS_WRONG };

/* Reads argv[1…]; what is no option is moved to the front of `argv` from index 1 on and counted in `*count`.
 * OPTIONS_HELP: the page was printed (exit 0). OPTIONS_WRONG: the reason was printed (exit 64). */
enum options_result options_read(struct cli *cli, const struct options_page *page, int argc, char **argv,
                                 int *count);

void options_free_values(struct option_values *values);

#endif
