#ifndef MLC_CLI_CLI_H
#define MLC_CLI_CLI_H

/* The command line: what every command gets, and the table of commands. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "core/diag_print.h"
#include "core/world.h"

/* Exit codes, as the README lists them. */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,  /* what was asked for does not hold */
    EXIT_PENDING = 2, /* plan --detailed-exitcode: changes are pending */
    EXIT_USAGE = 64
};

struct cli {
    FILE *out; /* what a program reads */
    FILE *err; /* diagnostics and progress */
    bool out_is_terminal;
    bool err_is_terminal;
    bool color;   /* a terminal, and NO_COLOR is not set */
    size_t width; /* columns of the terminal, 100 when there is none */
    const struct world *world;
};

struct command {
    const char *name;
    const char *summary;                                /* one line for `mlc --help` */
    int (*run)(struct cli *cli, int argc, char **argv); /* argv[0] is the command's name */
};

/* All commands, in the order in which --help lists them. */
extern const struct command commands[];
extern const size_t command_count;

#endif
