#ifndef MLC_CLI_COMMANDS_H
#define MLC_CLI_COMMANDS_H

/* The commands: one function a file, each as struct command's `run`. */

#include "cli/cli.h"

int cli_init(struct cli *cli, int argc, char **argv);
int cli_check(struct cli *cli, int argc, char **argv);
int cli_diff(struct cli *cli, int argc, char **argv);
int cli_fix(struct cli *cli, int argc, char **argv);
int cli_fmt(struct cli *cli, int argc, char **argv);
int cli_build(struct cli *cli, int argc, char **argv);
int cli_graph(struct cli *cli, int argc, char **argv);
int cli_ir(struct cli *cli, int argc, char **argv);
int cli_explain(struct cli *cli, int argc, char **argv);
int cli_run(struct cli *cli, int argc, char **argv);
/* `mlc run monitor/…`: what `run` hands over when an argument names a monitor. */
bool cli_is_monitor(int argc, char **argv);
int cli_monitor(struct cli *cli, int argc, char **argv);
int cli_audit(struct cli *cli, int argc, char **argv);
int cli_verify(struct cli *cli, int argc, char **argv);
int cli_history(struct cli *cli, int argc, char **argv);
int cli_promote(struct cli *cli, int argc, char **argv);
int cli_rollback(struct cli *cli, int argc, char **argv);
int cli_fetch(struct cli *cli, int argc, char **argv);
int cli_report(struct cli *cli, int argc, char **argv);
int cli_capture(struct cli *cli, int argc, char **argv);
int cli_plan(struct cli *cli, int argc, char **argv);
int cli_apply(struct cli *cli, int argc, char **argv);
int cli_status(struct cli *cli, int argc, char **argv);
int cli_destroy(struct cli *cli, int argc, char **argv);
int cli_data(struct cli *cli, int argc, char **argv);

#endif
