#ifndef MLC_CLI_LISTING_H
#define MLC_CLI_LISTING_H

/* The frame of commands that list what the store's logs say: `mlc history`, `mlc audit`. */

#include "cli/cli.h"
#include "core/value.h"
#include "runtime/registry.h"

struct listing {
    const char *usage, *about; /* of the help page */
    const char *store;         /* the line of `--store` */
    enum registry_whose whose;
    /* Prints the entries of one subject (NULL: of all), in JSON or as text. False after saying why not. */
    bool (*print)(struct cli *cli, struct registry *registry, const char *subject, bool json);
};

/* Reads the options, opens project and store, and prints. The exit code. */
int listing_run(struct cli *cli, int argc, char **argv, const struct listing *listing);

/* {"version": 1, "NAME": [ … ]} */
void listing_print_json(struct cli *cli, struct arena *arena, const char *name, const struct value *entries);

#endif
