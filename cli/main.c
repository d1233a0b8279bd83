/* The door: finds the command and hands over. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "cli/cli.h"
#include "core/text.h"

static void print_help(FILE *out)
{
    fputs("mlc compiles one spec of an ML platform (*.mlc) into CI, Kubernetes and infrastructure files,\n"
          "and runs and verifies the same graph.\n\nUsage: mlc COMMAND [OPTIONS]\n\nCommands:\n",
          out);
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\n`mlc COMMAND --help` tells more. Exit codes: 0 success; 1 what was asked for does not hold; 2 "
          "changes are\n"
          "pending (plan --detailed-exitcode); 64 wrong usage.\n",
          out);
}

static size_t terminal_width(int descriptor)
{
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        return size.ws_col;
    return 100;
}

static struct cli cli_on_terminal(void)
{
    struct cli cli = {.out = stdout, .err = stderr, .world = &world_real};
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* where both go to one file, no line stands in another */
    cli.out_is_terminal = isatty(STDOUT_FILENO);
    cli.err_is_terminal = isatty(STDERR_FILENO);
    const char *no_color = getenv("NO_COLOR");
    cli.color = cli.err_is_terminal && (no_color == NULL || *no_color == '\0');
    cli.width = terminal_width(STDERR_FILENO);
    return cli;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *best = NULL;
    size_t limit = 2;
    for (size_t i = 0; i < command_count; i++) {
        size_t distance = text_distance(name, commands[i].name, limit);
        if (distance <= limit) {
            best = commands[i].name;
            limit = distance == 0 ? 0 : distance - 1;
        }
    }
    fprintf(stderr, "mlc: there is no command `%s`", name);
    if (best != NULL)
        fprintf(stderr, "; did you mean `%s`?", best);
    fputs("\nTry `mlc --help`.\n", stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("mlc " MLC_VERSION);
        return EXIT_OK;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_OK;
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL)
        return unknown_command(argv[1]);
    struct cli cli = cli_on_terminal();
    int code = command->run(&cli, argc - 1, argv + 1);
    /* A full disk must not pass for success, be it met now or at an earlier write. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("mlc: the standard output could not be written whole: is the disk full?\n", stderr);
        code = code == EXIT_OK ? EXIT_FAILED : code;
    }
    return code;
}
